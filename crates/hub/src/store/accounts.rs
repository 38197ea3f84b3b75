//! Accounts: the customers of a hub.

use super::{Store, StoreResult, Transaction, counters};
use crate::{change, in_tx, on_pool};
use floorwire_model::ids::AccountId;

const BY_NAME: &str = "SELECT account_id FROM accounts WHERE name = $1";
const NAME: &str = "SELECT name FROM accounts WHERE account_id = $1";
const INSERT: &str = "INSERT INTO accounts (account_id, name, created_utc_ms) VALUES ($1, $2, $3)";

/// The account of that name.
pub async fn by_name(store: &Store, name: &str) -> StoreResult<Option<AccountId>> {
    let found: Option<i64> =
        on_pool!(store, pool => sqlx::query_scalar(BY_NAME).bind(name).fetch_optional(pool))?;
    Ok(found.map(AccountId))
}

/// The name of an account.
pub async fn name(store: &Store, account: AccountId) -> StoreResult<Option<String>> {
    on_pool!(store, pool => sqlx::query_scalar(NAME).bind(account.0).fetch_optional(pool))
}

/// The account of that name, created when there is none.
pub async fn find_or_create(
    transaction: &mut Transaction,
    name: &str,
    now_utc_ms: i64,
) -> StoreResult<AccountId> {
    let found: Option<i64> = in_tx!(transaction, connection => sqlx::query_scalar(BY_NAME).bind(name).fetch_optional(connection))?;
    if let Some(found) = found {
        return Ok(AccountId(found));
    }
    let account = counters::next_account(transaction).await?;
    change!(transaction, INSERT, account, name, now_utc_ms)?;
    Ok(AccountId(account))
}
