//! The restatement journal and readings that were set aside.

use crate::on_pool;
use crate::store::{Store, StoreResult};
use floorwire_model::ids::{AccountId, IntegrationId};
use sqlx::FromRow;

/// One settled figure that changed.
#[derive(Clone, Debug, FromRow)]
pub struct JournalRow {
    /// Counts up within the account.
    pub journal_id: i64,
    /// When the hub stored the change.
    pub changed_utc_ms: i64,
    /// The stream.
    pub stream: String,
    /// The ACD.
    pub acd: i64,
    /// The queue.
    pub queue_id: i64,
    /// Its number at the ACD.
    pub queue_number: Option<String>,
    /// Its name in the dictionary.
    pub queue_name: Option<String>,
    /// Start of the slot, seconds since 1970 UTC.
    pub start_utc_s: i64,
    /// Which figure.
    pub measure: String,
    /// Before.
    pub old_value: Option<i64>,
    /// After.
    pub new_value: Option<i64>,
}

/// One reading that was not applied.
#[derive(Clone, Debug, FromRow)]
pub struct SetAsideRow {
    /// Unique within the account.
    pub set_aside_id: i64,
    /// When.
    pub at_utc_ms: i64,
    /// The source table.
    pub source_table: String,
    /// The ACD.
    pub acd: i64,
    /// `YYYY-MM-DD`; empty for tables without dates.
    pub row_date: String,
    /// Stable code.
    pub reason: String,
    /// For people.
    pub detail: String,
    /// Rows read.
    pub row_count: i64,
}

const JOURNAL: &str = "SELECT j.journal_id, j.changed_utc_ms, j.stream, j.acd, j.queue_id, q.number AS queue_number,
        d.name AS queue_name, j.start_utc_s, j.measure, j.old_value, j.new_value
    FROM journal j
    LEFT JOIN queues q ON q.account_id = j.account_id AND q.queue_id = j.queue_id
    LEFT JOIN dictionary_entries d ON d.account_id = q.account_id AND d.integration_id = q.integration_id
        AND d.acd = q.acd AND d.item_type = q.kind AND d.value = q.number
    WHERE j.account_id = $1 AND j.integration_id = $2 AND j.journal_id < $3
    ORDER BY j.journal_id DESC LIMIT $4";
const SET_ASIDE: &str = "SELECT set_aside_id, at_utc_ms, source_table, acd, row_date, reason, detail, row_count
    FROM set_aside
    WHERE account_id = $1 AND integration_id = $2 AND set_aside_id < $3
    ORDER BY set_aside_id DESC LIMIT $4";

/// Changes of settled figures, newest first, older than `before`.
pub async fn changes(
    store: &Store,
    account: AccountId,
    integration: IntegrationId,
    before: i64,
    limit: i64,
) -> StoreResult<Vec<JournalRow>> {
    on_pool!(store, pool => sqlx::query_as(JOURNAL)
        .bind(account.0)
        .bind(integration.0)
        .bind(before)
        .bind(limit)
        .fetch_all(pool))
}

/// Readings that were set aside, newest first, older than `before`.
pub async fn set_aside(
    store: &Store,
    account: AccountId,
    integration: IntegrationId,
    before: i64,
    limit: i64,
) -> StoreResult<Vec<SetAsideRow>> {
    on_pool!(store, pool => sqlx::query_as(SET_ASIDE)
        .bind(account.0)
        .bind(integration.0)
        .bind(before)
        .bind(limit)
        .fetch_all(pool))
}
