//! What only the public interface reads. Nothing here changes anything.

use crate::on_pool;
use crate::store::{Store, StoreResult};
use floorwire_model::ids::{AccountId, IntegrationId};
use jiff::civil::Date;
use sqlx::FromRow;

/// How the newest day of an ACD was cut.
#[derive(Clone, Debug, FromRow)]
pub struct LatestDay {
    /// Length of a slot, minutes.
    pub slot_minutes: i64,
    /// IANA zone.
    pub zone: String,
}

const LATEST_DAY: &str = "SELECT slot_minutes, zone FROM ledger_days
    WHERE account_id = $1 AND integration_id = $2 AND stream = $3 AND acd = $4
    ORDER BY local_date DESC LIMIT 1";
const AWAITED: &str = "SELECT acd, row_date FROM tasks
    WHERE account_id = $1 AND integration_id = $2 AND source_table = $3 AND state IN ('waiting', 'leased')
        AND row_date >= $4 AND row_date < $5
    ORDER BY row_date, acd";

/// The newest day of an ACD in the ledger.
pub async fn latest_day(
    store: &Store,
    account: AccountId,
    integration: IntegrationId,
    stream: &str,
    acd: i64,
) -> StoreResult<Option<LatestDay>> {
    on_pool!(store, pool => sqlx::query_as(LATEST_DAY)
        .bind(account.0)
        .bind(integration.0)
        .bind(stream)
        .bind(acd)
        .fetch_optional(pool))
}

/// ACD and date (`YYYY-MM-DD`) of the partitions of `table` that a task is open for, `to` exclusive.
pub async fn awaited(
    store: &Store,
    account: AccountId,
    integration: IntegrationId,
    table: &str,
    from: Date,
    to: Date,
) -> StoreResult<Vec<(i64, String)>> {
    on_pool!(store, pool => sqlx::query_as(AWAITED)
        .bind(account.0)
        .bind(integration.0)
        .bind(table)
        .bind(from.to_string())
        .bind(to.to_string())
        .fetch_all(pool))
}
