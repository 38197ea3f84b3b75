//! Sessions of browsers. Only the SHA-256 of a session's token is stored.
//!
//! A session ends after [`LIFETIME_MS`], or after [`IDLE_MS`] without a request. The last use is written at most every
//! `USE_WRITTEN_EVERY_MS`, so that reading does not become writing.

use super::users::{User, UserRow};
use super::{Store, StoreResult};
use crate::{change, on_pool};
use floorwire_model::ids::AccountId;
use sqlx::FromRow;

/// Longest life of a session: seven days.
pub const LIFETIME_MS: i64 = 7 * 24 * 3600 * 1000;
/// Longest pause between two requests: one day.
pub const IDLE_MS: i64 = 24 * 3600 * 1000;
const USE_WRITTEN_EVERY_MS: i64 = 10 * 60 * 1000;

const INSERT: &str = "INSERT INTO sessions
    (account_id, token_hash, user_id, created_utc_ms, last_used_utc_ms, expires_utc_ms)
    VALUES ($1, $2, $3, $4, $4, $5)";
const DELETE_OLD: &str = "DELETE FROM sessions WHERE account_id = $1 AND (expires_utc_ms <= $2 OR last_used_utc_ms <= $3)";
const DELETE: &str = "DELETE FROM sessions WHERE account_id = $1 AND token_hash = $2";
const USER_OF: &str = "SELECT u.account_id, a.name AS account_name, u.user_id, u.email, u.role, s.last_used_utc_ms
    FROM sessions s
    JOIN users u ON u.account_id = s.account_id AND u.user_id = s.user_id
    JOIN accounts a ON a.account_id = s.account_id
    WHERE s.account_id = $1 AND s.token_hash = $2 AND s.expires_utc_ms > $3 AND s.last_used_utc_ms > $4";
const USED: &str =
    "UPDATE sessions SET last_used_utc_ms = $3 WHERE account_id = $1 AND token_hash = $2";

#[derive(FromRow)]
struct SessionRow {
    #[sqlx(flatten)]
    user: UserRow,
    last_used_utc_ms: i64,
}

/// Begins a session and removes those of the account that have ended.
pub async fn begin(
    store: &Store,
    user: &User,
    token_hash: &str,
    now_utc_ms: i64,
) -> StoreResult<()> {
    let mut transaction = store.begin().await?;
    change!(
        &mut transaction,
        DELETE_OLD,
        user.account.0,
        now_utc_ms,
        now_utc_ms - IDLE_MS
    )?;
    change!(
        &mut transaction,
        INSERT,
        user.account.0,
        token_hash,
        user.user_id,
        now_utc_ms,
        now_utc_ms + LIFETIME_MS
    )?;
    transaction.commit().await
}

/// Who is behind a session that has not ended. A write that fails does not fail the request: it is only the last use.
pub async fn user_of(
    store: &Store,
    account: AccountId,
    token_hash: &str,
    now_utc_ms: i64,
) -> StoreResult<Option<User>> {
    let row: Option<SessionRow> = on_pool!(store, pool => sqlx::query_as(USER_OF)
        .bind(account.0)
        .bind(token_hash)
        .bind(now_utc_ms)
        .bind(now_utc_ms - IDLE_MS)
        .fetch_optional(pool))?;
    let Some(row) = row else { return Ok(None) };
    if now_utc_ms - row.last_used_utc_ms >= USE_WRITTEN_EVERY_MS
        && let Err(error) = used(store, account, token_hash, now_utc_ms).await
    {
        tracing::debug!(%error, "last use of a session is not written");
    }
    User::try_from(row.user).map(Some)
}

async fn used(
    store: &Store,
    account: AccountId,
    token_hash: &str,
    now_utc_ms: i64,
) -> StoreResult<()> {
    let mut transaction = store.begin().await?;
    change!(&mut transaction, USED, account.0, token_hash, now_utc_ms)?;
    transaction.commit().await
}

/// Ends a session; ending one that is gone changes nothing.
pub async fn end(store: &Store, account: AccountId, token_hash: &str) -> StoreResult<()> {
    let mut transaction = store.begin().await?;
    change!(&mut transaction, DELETE, account.0, token_hash)?;
    transaction.commit().await
}
