//! Numbers for new things: one row per account and kind of thing, advanced within the transaction that uses them.
//!
//! Numbers of a transaction that is rolled back are given again; a number that was committed never is.

use super::{StoreResult, Transaction};
use crate::in_tx;

/// The account under which accounts themselves are counted.
const NO_ACCOUNT: i64 = 0;

const ADVANCE: &str = "INSERT INTO counters (account_id, name, value) VALUES ($1, $2, $3)
    ON CONFLICT (account_id, name) DO UPDATE SET value = counters.value + excluded.value
    RETURNING value";

/// The next number of `name` in the account, from 1. Locks the counter until the transaction ends.
pub async fn next_id(
    transaction: &mut Transaction,
    account: i64,
    name: &'static str,
) -> StoreResult<i64> {
    next_ids(transaction, account, name, 1).await
}

/// Reserves `count` numbers and returns the first.
pub async fn next_ids(
    transaction: &mut Transaction,
    account: i64,
    name: &'static str,
    count: i64,
) -> StoreResult<i64> {
    let last: i64 = in_tx!(transaction, connection => sqlx::query_scalar(ADVANCE)
        .bind(account)
        .bind(name)
        .bind(count)
        .fetch_one(connection))?;
    Ok(last - count + 1)
}

/// The next account's number.
pub async fn next_account(transaction: &mut Transaction) -> StoreResult<i64> {
    next_id(transaction, NO_ACCOUNT, "account").await
}

/// Writes without changing a number, to find out whether the database can be written to.
pub(super) async fn touch(transaction: &mut Transaction) -> StoreResult<()> {
    next_ids(transaction, NO_ACCOUNT, "probe", 0)
        .await
        .map(|_| ())
}
