//! Sessions of browsers. Only the SHA-256 of a session's token is stored.
//!
//! A session ends after [`LIFETIME_MS`], or after [`IDLE_MS`] without a request. The last use is written at most every
//! `USE_WRITTEN_EVERY_MS`, so that reading does not become writing.

use super::users::{User, UserRow};
use super::{Store, StoreResult, Transaction};
use crate::auth::token::is_id;
use crate::{change, on_pool};
use floorwire_model::ids::AccountId;
use sqlx::FromRow;

/// Longest life of a session: seven days.
pub const LIFETIME_MS: i64 = 7 * 24 * 3600 * 1000;
/// Longest pause between two requests: one day.
pub const IDLE_MS: i64 = 24 * 3600 * 1000;
const USE_WRITTEN_EVERY_MS: i64 = 10 * 60 * 1000;

const INSERT: &str = "INSERT INTO sessions
    (account_id, token_hash, user_id, created_utc_ms, last_used_utc_ms, expires_utc_ms, address, browser)
    VALUES ($1, $2, $3, $4, $4, $5, $6, $7)";
const SIGNED_IN: &str =
    "UPDATE users SET signed_in_utc_ms = $3 WHERE account_id = $1 AND user_id = $2";
const DELETE_OLD: &str = "DELETE FROM sessions WHERE account_id = $1 AND (expires_utc_ms <= $2 OR last_used_utc_ms <= $3)";
const DELETE: &str = "DELETE FROM sessions WHERE account_id = $1 AND token_hash = $2";
const USER_OF: &str = "SELECT u.account_id, a.name AS account_name, u.user_id, u.email, u.role, s.last_used_utc_ms
    FROM sessions s
    JOIN users u ON u.account_id = s.account_id AND u.user_id = s.user_id
    JOIN accounts a ON a.account_id = s.account_id
    WHERE s.account_id = $1 AND s.token_hash = $2 AND s.expires_utc_ms > $3 AND s.last_used_utc_ms > $4
        AND u.deactivated_utc_ms IS NULL";
const OF_USER: &str = "SELECT token_hash, created_utc_ms, last_used_utc_ms, expires_utc_ms, address, browser FROM sessions
    WHERE account_id = $1 AND user_id = $2 AND expires_utc_ms > $3 AND last_used_utc_ms > $4
    ORDER BY last_used_utc_ms DESC, token_hash LIMIT 200";
const END_ONE: &str = "DELETE FROM sessions
    WHERE account_id = $1 AND user_id = $2 AND SUBSTR(token_hash, 1, 32) = $3";
const END_OTHERS: &str =
    "DELETE FROM sessions WHERE account_id = $1 AND user_id = $2 AND token_hash <> $3";
const USED: &str =
    "UPDATE sessions SET last_used_utc_ms = $3 WHERE account_id = $1 AND token_hash = $2";

#[derive(FromRow)]
struct SessionRow {
    #[sqlx(flatten)]
    user: UserRow,
    last_used_utc_ms: i64,
}

/// Where a session is used from.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// The client's address.
    pub address: String,
    /// What the browser says of itself.
    pub browser: String,
}

/// A session of a user.
#[derive(Clone, Debug, FromRow)]
pub struct Listed {
    /// SHA-256 of its token.
    pub token_hash: String,
    /// When it began.
    pub created_utc_ms: i64,
    /// When it was used last, to within ten minutes.
    pub last_used_utc_ms: i64,
    /// When it ends.
    pub expires_utc_ms: i64,
    /// The address it began from.
    pub address: String,
    /// What the browser said of itself.
    pub browser: String,
}

/// Begins a session and removes those of the account that have ended.
pub async fn begin(
    transaction: &mut Transaction,
    user: &User,
    token_hash: &str,
    origin: &Origin,
    now_utc_ms: i64,
) -> StoreResult<()> {
    let account = user.account.0;
    let idle = now_utc_ms - IDLE_MS;
    change!(transaction, DELETE_OLD, account, now_utc_ms, idle)?;
    change!(
        transaction,
        INSERT,
        account,
        token_hash,
        user.user_id,
        now_utc_ms,
        now_utc_ms + LIFETIME_MS,
        &origin.address,
        &origin.browser
    )?;
    change!(transaction, SIGNED_IN, account, user.user_id, now_utc_ms).map(|_| ())
}

/// The sessions of a user that have not ended, the last used first.
pub async fn of_user(
    store: &Store,
    account: AccountId,
    user_id: i64,
    now_utc_ms: i64,
) -> StoreResult<Vec<Listed>> {
    on_pool!(store, pool => sqlx::query_as(OF_USER)
        .bind(account.0)
        .bind(user_id)
        .bind(now_utc_ms)
        .bind(now_utc_ms - IDLE_MS)
        .fetch_all(pool))
}

/// Ends the session of that id. False when the user has none.
pub async fn end_one(
    transaction: &mut Transaction,
    account: AccountId,
    user_id: i64,
    id: &str,
) -> StoreResult<bool> {
    if !is_id(id) {
        return Ok(false);
    }
    let ended = change!(transaction, END_ONE, account.0, user_id, id)?;
    Ok(ended > 0)
}

/// Ends the sessions of a user, except the one with that token. Returns how many.
pub async fn end_others(
    transaction: &mut Transaction,
    account: AccountId,
    user_id: i64,
    kept_token_hash: Option<&str>,
) -> StoreResult<u64> {
    let kept = kept_token_hash.unwrap_or_default();
    change!(transaction, END_OTHERS, account.0, user_id, kept)
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
pub async fn end(
    transaction: &mut Transaction,
    account: AccountId,
    token_hash: &str,
) -> StoreResult<()> {
    change!(transaction, DELETE, account.0, token_hash).map(|_| ())
}
