//! Previews of feed profiles: what was asked of a Link, and its answer until it is taken.

use super::{Store, StoreError, StoreResult, Transaction, counters};
use crate::{change, on_pool};
use floorwire_model::ids::{AccountId, IntegrationId};
use floorwire_protocol::live::{FeedPreview, FeedPreviewRequest};

/// A request that nobody answered is taken back after so long, milliseconds.
const VALID_MS: i64 = 60_000;

/// How a preview is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Preview {
    /// The Link has not answered.
    Waiting,
    /// It has.
    Answered(FeedPreview),
    /// Another was asked for.
    Replaced,
}

const ASK: &str =
    "INSERT INTO feed_previews (account_id, integration_id, request, port, profile_text, asked_utc_ms)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (account_id, integration_id) DO UPDATE SET request = excluded.request, port = excluded.port,
        profile_text = excluded.profile_text, asked_utc_ms = excluded.asked_utc_ms, answer = NULL";
const WANTED: &str = "SELECT request, port, profile_text FROM feed_previews
    WHERE account_id = $1 AND integration_id = $2 AND answer IS NULL AND asked_utc_ms > $3";
const ANSWER: &str = "UPDATE feed_previews SET answer = $4
    WHERE account_id = $1 AND integration_id = $2 AND request = $3 AND answer IS NULL";
const STATE: &str = "SELECT answer FROM feed_previews
    WHERE account_id = $1 AND integration_id = $2 AND request = $3";
const FORGET: &str = "DELETE FROM feed_previews
    WHERE account_id = $1 AND integration_id = $2 AND request = $3";

/// Asks for a preview in place of the one before; returns its number.
pub async fn ask(
    transaction: &mut Transaction,
    account: AccountId,
    integration: IntegrationId,
    (port, profile_text): (u16, &str),
    now_utc_ms: i64,
) -> StoreResult<i64> {
    let request = counters::next_id(transaction, account.0, "feed_preview").await?;
    change!(
        transaction,
        ASK,
        account.0,
        integration.0,
        request,
        i64::from(port),
        profile_text,
        now_utc_ms
    )?;
    Ok(request)
}

/// What a Link shall read, if anything.
pub async fn wanted(
    store: &Store,
    account: AccountId,
    integration: IntegrationId,
    now_utc_ms: i64,
) -> StoreResult<Option<FeedPreviewRequest>> {
    let row: Option<(i64, i64, String)> = on_pool!(store, pool => sqlx::query_as(WANTED)
        .bind(account.0)
        .bind(integration.0)
        .bind(now_utc_ms - VALID_MS)
        .fetch_optional(pool))?;
    let Some((request, port, profile_text)) = row else {
        return Ok(None);
    };
    let port = u16::try_from(port)
        .map_err(|error| StoreError::unreadable("port of a feed preview", error))?;
    Ok(Some(FeedPreviewRequest {
        request,
        port,
        profile_text,
    }))
}

/// Keeps an answer. False when nobody waits for it.
pub async fn answer(
    transaction: &mut Transaction,
    account: AccountId,
    integration: IntegrationId,
    answer: &FeedPreview,
) -> StoreResult<bool> {
    let text = serde_json::to_string(answer)
        .map_err(|error| StoreError::unreadable("a feed preview", error))?;
    // PostgreSQL has no text with NUL characters.
    let text = text.replace("\\u0000", "\\ufffd");
    let changed = change!(
        transaction,
        ANSWER,
        account.0,
        integration.0,
        answer.request,
        &text
    )?;
    Ok(changed > 0)
}

/// How a preview is doing; its answer is given out once.
pub async fn take(
    store: &Store,
    account: AccountId,
    integration: IntegrationId,
    request: i64,
) -> StoreResult<Preview> {
    let row: Option<(Option<String>,)> = on_pool!(store, pool => sqlx::query_as(STATE)
        .bind(account.0)
        .bind(integration.0)
        .bind(request)
        .fetch_optional(pool))?;
    let text = match row {
        None => return Ok(Preview::Replaced),
        Some((None,)) => return Ok(Preview::Waiting),
        Some((Some(text),)) => text,
    };
    let mut transaction = store.begin().await?;
    change!(&mut transaction, FORGET, account.0, integration.0, request)?;
    transaction.commit().await?;
    serde_json::from_str(&text)
        .map(Preview::Answered)
        .map_err(|error| StoreError::unreadable("a feed preview", error))
}
