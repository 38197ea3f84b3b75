//! The completeness ledger of a period.

use crate::on_pool;
use crate::store::{Store, StoreResult};
use floorwire_model::ids::{AccountId, IntegrationId};
use sqlx::FromRow;

/// What is known of one day of one ACD.
#[derive(Clone, Debug, FromRow)]
pub struct LedgerDayRow {
    /// The ACD.
    pub acd: i64,
    /// `YYYY-MM-DD` by the source's clock.
    pub local_date: String,
    /// Length of a slot, minutes.
    pub slot_minutes: i64,
    /// IANA zone the slots were cut under.
    pub zone: String,
    /// One letter per slot.
    pub letters: String,
    /// A newer reading waits for a decision.
    pub set_aside: bool,
}

/// Which days.
#[derive(Clone, Copy, Debug)]
pub struct Period<'a> {
    /// The integration.
    pub integration: IntegrationId,
    /// The stream.
    pub stream: &'a str,
    /// First day, `YYYY-MM-DD`.
    pub from: &'a str,
    /// Day after the last, `YYYY-MM-DD`.
    pub to: &'a str,
}

const DAYS: &str = "SELECT acd, local_date, slot_minutes, zone, letters, set_aside FROM ledger_days
    WHERE account_id = $1 AND integration_id = $2 AND stream = $3 AND local_date >= $4 AND local_date < $5
    ORDER BY local_date, acd";
const LATEST: &str = "SELECT acd, local_date, slot_minutes, zone, letters, set_aside FROM ledger_days
    WHERE account_id = $1 AND integration_id = $2 AND stream = $3 AND acd = $4
    ORDER BY local_date DESC LIMIT 1";
const AWAITED: &str = "SELECT DISTINCT acd, row_date FROM tasks
    WHERE account_id = $1 AND integration_id = $2 AND source_table = $3 AND state IN ('waiting', 'leased')
        AND row_date >= $4 AND row_date < $5
    ORDER BY row_date, acd";

/// The days of a period that have been read, by date and ACD.
pub async fn days(store: &Store, account: AccountId, period: Period<'_>) -> StoreResult<Vec<LedgerDayRow>> {
    on_pool!(store, pool => sqlx::query_as(DAYS)
        .bind(account.0)
        .bind(period.integration.0)
        .bind(period.stream)
        .bind(period.from)
        .bind(period.to)
        .fetch_all(pool))
}

/// The newest day of an ACD.
pub async fn latest(
    store: &Store,
    account: AccountId,
    integration: IntegrationId,
    stream: &str,
    acd: i64,
) -> StoreResult<Option<LedgerDayRow>> {
    on_pool!(store, pool => sqlx::query_as(LATEST)
        .bind(account.0)
        .bind(integration.0)
        .bind(stream)
        .bind(acd)
        .fetch_optional(pool))
}

/// ACD and date of the partitions of `table` that a task is open for.
pub async fn awaited(
    store: &Store,
    account: AccountId,
    period: Period<'_>,
    table: &str,
) -> StoreResult<Vec<(i64, String)>> {
    on_pool!(store, pool => sqlx::query_as(AWAITED)
        .bind(account.0)
        .bind(period.integration.0)
        .bind(table)
        .bind(period.from)
        .bind(period.to)
        .fetch_all(pool))
}
