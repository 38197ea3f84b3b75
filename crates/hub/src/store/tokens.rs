//! Personal access tokens. Only the SHA-256 of a token is stored.

use super::users::{User, UserRow};
use super::{Store, StoreError, StoreResult};
use crate::auth::role::Scope;
use crate::{change, on_pool};
use floorwire_model::ids::AccountId;
use sqlx::FromRow;

const INSERT: &str = "INSERT INTO tokens
    (account_id, token_hash, user_id, name, scope, created_utc_ms, expires_utc_ms)
    VALUES ($1, $2, $3, $4, $5, $6, $7)";
const USER_OF: &str = "SELECT u.account_id, a.name AS account_name, u.user_id, u.email, u.role, t.scope
    FROM tokens t
    JOIN users u ON u.account_id = t.account_id AND u.user_id = t.user_id
    JOIN accounts a ON a.account_id = t.account_id
    WHERE t.account_id = $1 AND t.token_hash = $2 AND (t.expires_utc_ms IS NULL OR t.expires_utc_ms > $3)";

#[derive(FromRow)]
struct TokenRow {
    #[sqlx(flatten)]
    user: UserRow,
    scope: String,
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

/// Stores a token of a user.
pub async fn insert(
    store: &Store,
    user: &User,
    token: NewToken<'_>,
    now_utc_ms: i64,
) -> StoreResult<()> {
    let mut transaction = store.begin().await?;
    change!(
        &mut transaction,
        INSERT,
        user.account.0,
        token.token_hash,
        user.user_id,
        token.name,
        token.scope.as_str(),
        now_utc_ms,
        token.expires_utc_ms
    )?;
    transaction.commit().await
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
    let scope = row.scope.parse().map_err(|unknown| {
        StoreError::unreadable(format!("scope of a token of account {account}"), unknown)
    })?;
    Ok(Some((row.user.try_into()?, scope)))
}
