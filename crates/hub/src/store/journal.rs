//! Rows of the restatement journal: a settled figure that a later reading changed.

use super::{Store, StoreResult, Transaction, counters};
use crate::{change, on_pool};
use floorwire_model::ids::{AccountId, AcdNumber, IntegrationId};
use std::collections::BTreeMap;

/// One figure that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restatement {
    /// The queue.
    pub queue_id: i64,
    /// Start of the slot.
    pub start_utc_s: i64,
    /// Name of the measure.
    pub measure: &'static str,
    /// The settled figure; `None` where none was known.
    pub old_value: Option<i64>,
    /// The figure now.
    pub new_value: Option<i64>,
}

/// One entry as the pages show it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct JournalEntry {
    /// Its number, rising with time.
    pub journal_id: i64,
    /// When the change was stored, milliseconds.
    pub changed_utc_ms: i64,
    /// The stream.
    pub stream: String,
    /// The ACD.
    pub acd: i64,
    /// The queue.
    pub queue_id: i64,
    /// Its name, or number.
    pub queue_name: String,
    /// Start of the slot, seconds.
    pub start_utc_s: i64,
    /// Name of the measure.
    pub measure: String,
    /// The figure before.
    pub old_value: Option<i64>,
    /// The figure after.
    pub new_value: Option<i64>,
}

const INSERT: &str = "INSERT INTO journal (account_id, journal_id, integration_id, changed_utc_ms, stream, acd, queue_id,
        start_utc_s, measure, old_value, new_value)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
const LIST: &str = "SELECT j.journal_id, j.changed_utc_ms, j.stream, j.acd, j.queue_id,
        COALESCE(NULLIF(d.name, ''), q.number) AS queue_name, j.start_utc_s, j.measure, j.old_value, j.new_value
    FROM journal j
    JOIN queues q ON q.account_id = j.account_id AND q.queue_id = j.queue_id
    LEFT JOIN dictionary_entries d ON d.account_id = q.account_id AND d.integration_id = q.integration_id
        AND d.acd = q.acd AND d.item_type = q.kind AND d.value = q.number
    WHERE j.account_id = $1 AND j.integration_id = $2 AND j.journal_id < $3
    ORDER BY j.journal_id DESC LIMIT $4";

const CORRECTIONS: &str = "SELECT acd, start_utc_s, COUNT(DISTINCT changed_utc_ms) AS times FROM journal
    WHERE account_id = $1 AND integration_id = $2 AND stream = $3 AND start_utc_s >= $4 AND start_utc_s < $5
    GROUP BY acd, start_utc_s";

/// How many readings changed settled figures, by ACD and start of the slot, from `from` to before `to`.
pub async fn corrections(
    store: &Store,
    account: AccountId,
    integration: IntegrationId,
    stream: &str,
    (from, to): (i64, i64),
) -> StoreResult<BTreeMap<(i64, i64), i64>> {
    let rows: Vec<(i64, i64, i64)> = on_pool!(store, pool => sqlx::query_as(CORRECTIONS)
        .bind(account.0)
        .bind(integration.0)
        .bind(stream)
        .bind(from)
        .bind(to)
        .fetch_all(pool))?;
    let by_slot = rows.into_iter();
    Ok(by_slot
        .map(|(acd, start, times)| ((acd, start), times))
        .collect())
}

/// Writes what changed.
pub async fn write(
    transaction: &mut Transaction,
    account: AccountId,
    integration: IntegrationId,
    stream: &str,
    acd: AcdNumber,
    restatements: &[Restatement],
    now_utc_ms: i64,
) -> StoreResult<()> {
    if restatements.is_empty() {
        return Ok(());
    }
    let count = i64::try_from(restatements.len()).unwrap_or(i64::MAX);
    let first = counters::next_ids(transaction, account.0, "journal", count).await?;
    for (id, entry) in (first..).zip(restatements) {
        change!(
            &mut *transaction,
            INSERT,
            account.0,
            id,
            integration.0,
            now_utc_ms,
            stream,
            i64::from(acd.0),
            entry.queue_id,
            entry.start_utc_s,
            entry.measure,
            entry.old_value,
            entry.new_value,
        )?;
    }
    Ok(())
}

/// Entries with numbers below `before` (or all), newest first, at most `limit`.
pub async fn list(
    store: &Store,
    account: AccountId,
    integration: IntegrationId,
    before: Option<i64>,
    limit: i64,
) -> StoreResult<Vec<JournalEntry>> {
    on_pool!(store, pool => sqlx::query_as(LIST)
        .bind(account.0)
        .bind(integration.0)
        .bind(before.unwrap_or(i64::MAX))
        .bind(limit)
        .fetch_all(pool))
}
