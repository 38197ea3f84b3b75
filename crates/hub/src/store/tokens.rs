//! Personal access tokens. Only the SHA-256 of a token is stored.

use super::users::{User, UserRow};
use super::{Store, StoreError, StoreResult, Transaction};
use crate::auth::role::Scope;
use crate::auth::token::is_id;
use crate::{change, in_tx, on_pool};
use floorwire_model::ids::AccountId;
use sqlx::FromRow;

const INSERT: &str = "INSERT INTO tokens
    (account_id, token_hash, user_id, name, scope, created_utc_ms, expires_utc_ms)
    VALUES ($1, $2, $3, $4, $5, $6, $7)";
const USER_OF: &str = "SELECT u.account_id, a.name AS account_name, u.user_id, u.email, u.role, t.scope, t.last_used_utc_ms
    FROM tokens t
    JOIN users u ON u.account_id = t.account_id AND u.user_id = t.user_id
    JOIN accounts a ON a.account_id = t.account_id
    WHERE t.account_id = $1 AND t.token_hash = $2 AND (t.expires_utc_ms IS NULL OR t.expires_utc_ms > $3)
        AND u.deactivated_utc_ms IS NULL";
const OF_USER: &str =
    "SELECT token_hash, name, scope, created_utc_ms, expires_utc_ms, last_used_utc_ms FROM tokens
    WHERE account_id = $1 AND user_id = $2 ORDER BY created_utc_ms, token_hash LIMIT 1000";
const REVOKE: &str = "DELETE FROM tokens
    WHERE account_id = $1 AND user_id = $2 AND SUBSTR(token_hash, 1, 32) = $3 RETURNING name";
const USED: &str =
    "UPDATE tokens SET last_used_utc_ms = $3 WHERE account_id = $1 AND token_hash = $2";
/// The last use is written at most this often, so that reading does not become writing.
const USE_WRITTEN_EVERY_MS: i64 = 10 * 60 * 1000;

#[derive(FromRow)]
struct TokenRow {
    #[sqlx(flatten)]
    user: UserRow,
    scope: String,
    last_used_utc_ms: Option<i64>,
}

/// A token to be stored.
#[derive(Clone, Copy, Debug)]
pub struct NewToken<'a> {
    /// SHA-256, hexadecimal.
    pub token_hash: &'a str,
    /// What it is for, for people.
    pub name: &'a str,
    /// What it may do.
    pub scope: Scope,
    /// When it ends, milliseconds since 1970 UTC; `None`: never.
    pub expires_utc_ms: Option<i64>,
}

/// A token of a user, also one that has ended.
#[derive(Clone, Debug, FromRow)]
pub struct Listed {
    /// SHA-256 of the token.
    pub token_hash: String,
    /// What it is for.
    pub name: String,
    scope: String,
    /// When it was made.
    pub created_utc_ms: i64,
    /// When it ends; `None`: never.
    pub expires_utc_ms: Option<i64>,
    /// When it was used last, to within ten minutes.
    pub last_used_utc_ms: Option<i64>,
}

impl Listed {
    /// What it may do.
    pub fn scope(&self) -> StoreResult<Scope> {
        let scope = self.scope.parse();
        scope.map_err(|unknown| StoreError::unreadable("scope of a token", unknown))
    }
}

/// Stores a token of a user.
pub async fn insert(
    transaction: &mut Transaction,
    account: AccountId,
    user_id: i64,
    token: NewToken<'_>,
    now_utc_ms: i64,
) -> StoreResult<()> {
    change!(
        transaction,
        INSERT,
        account.0,
        token.token_hash,
        user_id,
        token.name,
        token.scope.as_str(),
        now_utc_ms,
        token.expires_utc_ms
    )
    .map(|_| ())
}

/// The tokens of a user, oldest first.
pub async fn of_user(store: &Store, account: AccountId, user_id: i64) -> StoreResult<Vec<Listed>> {
    on_pool!(store, pool => sqlx::query_as(OF_USER)
        .bind(account.0)
        .bind(user_id)
        .fetch_all(pool))
}

/// Ends a token and returns its name; `None` when the user has none of that id.
pub async fn revoke(
    transaction: &mut Transaction,
    account: AccountId,
    user_id: i64,
    id: &str,
) -> StoreResult<Option<String>> {
    if !is_id(id) {
        return Ok(None);
    }
    in_tx!(transaction, connection => sqlx::query_scalar(REVOKE)
        .bind(account.0)
        .bind(user_id)
        .bind(id)
        .fetch_optional(connection))
}

/// Who is behind a token that has not ended, and what the token may do.
pub async fn user_of(
    store: &Store,
    account: AccountId,
    token_hash: &str,
    now_utc_ms: i64,
) -> StoreResult<Option<(User, Scope)>> {
    let row: Option<TokenRow> = on_pool!(store, pool => sqlx::query_as(USER_OF)
        .bind(account.0)
        .bind(token_hash)
        .bind(now_utc_ms)
        .fetch_optional(pool))?;
    let Some(row) = row else { return Ok(None) };
    let unused = row
        .last_used_utc_ms
        .is_none_or(|last| now_utc_ms - last >= USE_WRITTEN_EVERY_MS);
    if unused && let Err(error) = used(store, account, token_hash, now_utc_ms).await {
        tracing::debug!(%error, "last use of a token is not written");
    }
    let scope = row.scope.parse().map_err(|unknown| {
        StoreError::unreadable(format!("scope of a token of account {account}"), unknown)
    })?;
    Ok(Some((row.user.try_into()?, scope)))
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
