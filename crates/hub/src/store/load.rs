//! What Links asked of the source, hour by hour.
//!
//! A Link reports the totals of an hour since its start, as often as they change; so a report that is repeated counts
//! once, and the hour of a restart has one row per start. Hours older than 35 days go.

use super::{Store, StoreResult, Transaction};
use crate::{change, on_pool};
use floorwire_model::ids::{AccountId, IntegrationId};
use floorwire_protocol::messages::HourLoad;

/// How long hours are kept.
const KEEP_MS: i64 = 35 * 86_400_000;

const PUT: &str = "INSERT INTO link_load (account_id, integration_id, hour_utc_s, boot_id, statements, failures, row_count,
        byte_count, busy_ms, longest_ms, budget_used)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
    ON CONFLICT (account_id, integration_id, hour_utc_s, boot_id) DO UPDATE SET statements = excluded.statements,
        failures = excluded.failures, row_count = excluded.row_count, byte_count = excluded.byte_count,
        busy_ms = excluded.busy_ms, longest_ms = excluded.longest_ms, budget_used = excluded.budget_used";
const FORGET: &str =
    "DELETE FROM link_load WHERE account_id = $1 AND integration_id = $2 AND hour_utc_s < $3";
const HOURS: &str = "SELECT hour_utc_s, CAST(SUM(statements) AS BIGINT) AS statements,
        CAST(SUM(failures) AS BIGINT) AS failures, CAST(SUM(row_count) AS BIGINT) AS row_count,
        CAST(SUM(byte_count) AS BIGINT) AS byte_count, CAST(SUM(busy_ms) AS BIGINT) AS busy_ms,
        MAX(longest_ms) AS longest_ms, MAX(CASE WHEN budget_used THEN 1 ELSE 0 END) = 1 AS budget_used
    FROM link_load WHERE account_id = $1 AND integration_id = $2 AND hour_utc_s >= $3
    GROUP BY hour_utc_s ORDER BY hour_utc_s DESC";

/// One hour over all starts of the Link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct LoadHour {
    /// Start, seconds since 1970 UTC.
    pub hour_utc_s: i64,
    /// Statements sent.
    pub statements: i64,
    /// Statements that did not reach their end.
    pub failures: i64,
    /// Rows that arrived.
    pub row_count: i64,
    /// Bytes of their values.
    pub byte_count: i64,
    /// How long the source was busy, milliseconds.
    pub busy_ms: i64,
    /// The longest statement, milliseconds.
    pub longest_ms: i64,
    /// The budget of the hour was used up.
    pub budget_used: bool,
}

/// Stores the totals that one start of a Link reports.
pub async fn put(
    transaction: &mut Transaction,
    account: AccountId,
    integration: IntegrationId,
    boot_id: &str,
    totals: &[HourLoad],
    now_utc_ms: i64,
) -> StoreResult<()> {
    let whole = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    for total in totals {
        change!(
            &mut *transaction,
            PUT,
            account.0,
            integration.0,
            total.hour_utc_s,
            boot_id,
            whole(total.statements),
            whole(total.failures),
            whole(total.rows),
            whole(total.bytes),
            whole(total.busy_ms),
            whole(total.longest_ms),
            total.budget_used,
        )?;
    }
    if !totals.is_empty() {
        let oldest_s = (now_utc_ms - KEEP_MS).div_euclid(1000);
        change!(transaction, FORGET, account.0, integration.0, oldest_s)?;
    }
    Ok(())
}

/// The hours from `from_utc_s` on in which something was asked, newest first.
pub async fn hours(
    store: &Store,
    account: AccountId,
    integration: IntegrationId,
    from_utc_s: i64,
) -> StoreResult<Vec<LoadHour>> {
    on_pool!(store, pool => sqlx::query_as(HOURS)
        .bind(account.0)
        .bind(integration.0)
        .bind(from_utc_s)
        .fetch_all(pool))
}
