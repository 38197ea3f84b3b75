//! Readings that were set aside, one by one, and what was decided about them.

use super::partitions::{SetAside, read_scope};
use super::tasks::{date_text, read_partition};
use super::{Store, StoreResult, Transaction};
use crate::{change, in_tx, on_pool};
use floorwire_model::agents::scope::AgentScope;
use floorwire_model::ids::{AccountId, IntegrationId, TaskId};
use floorwire_model::partition::SourcePartition;

/// A reading that waits for a decision, with its rows.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// What a list shows of it.
    pub shown: SetAside,
    /// The task that read it.
    pub task: TaskId,
    /// Under which attempt.
    pub attempt: i64,
    /// When it began, milliseconds.
    pub read_begin_utc_ms: i64,
    /// The scope it was read under; `None`: without agent data, or set aside by an older hub.
    pub scope: Option<AgentScope>,
    /// Source columns, encoded; `None` where it could not be read.
    pub content: Option<Vec<u8>>,
}

/// A decision to be recorded.
#[derive(Clone, Copy, Debug)]
pub struct NewDecision<'a> {
    /// The reading.
    pub reading: &'a SetAside,
    /// Hash of its rows; empty where they are not known.
    pub content_hash: &'a [u8],
    /// Applied, rather than thrown away.
    pub accepted: bool,
    /// In the words of who decided; may be empty.
    pub why: &'a str,
    /// Address of who decided.
    pub by: &'a str,
}

/// A decision as it was recorded.
#[derive(Clone, Debug)]
pub struct Decision {
    /// Number of the reading.
    pub id: i64,
    /// What was read.
    pub partition: SourcePartition,
    /// Why it was set aside.
    pub reason: String,
    /// Rows read.
    pub row_count: i64,
    /// See [`NewDecision::accepted`].
    pub accepted: bool,
    /// See [`NewDecision::why`].
    pub why: String,
    /// See [`NewDecision::by`].
    pub by: String,
    /// When, milliseconds.
    pub at_utc_ms: i64,
}

const GET: &str =
    "SELECT source_table, acd, row_date, reason, detail, row_count, at_utc_ms, task_id, attempt,
        read_begin_utc_ms, scope, content
    FROM set_aside WHERE account_id = $1 AND integration_id = $2 AND set_aside_id = $3";
const TAKE: &str =
    "DELETE FROM set_aside WHERE account_id = $1 AND integration_id = $2 AND set_aside_id = $3";
const RECORD: &str = "INSERT INTO set_aside_decisions (account_id, set_aside_id, integration_id, source_table, acd, row_date,
        reason, row_count, content_hash, accepted, why, decided_by, decided_utc_ms)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
const LIST: &str = "SELECT set_aside_id, source_table, acd, row_date, reason, row_count, accepted, why, decided_by,
        decided_utc_ms
    FROM set_aside_decisions WHERE account_id = $1 AND integration_id = $2 AND set_aside_id < $3
    ORDER BY set_aside_id DESC LIMIT $4";
const LAST: &str = "SELECT accepted, content_hash FROM set_aside_decisions
    WHERE account_id = $1 AND integration_id = $2 AND source_table = $3 AND acd = $4 AND row_date = $5
    ORDER BY set_aside_id DESC LIMIT 1";

#[derive(sqlx::FromRow)]
struct WaitingRow {
    source_table: String,
    acd: i64,
    row_date: String,
    reason: String,
    detail: String,
    row_count: i64,
    at_utc_ms: i64,
    task_id: i64,
    attempt: i64,
    read_begin_utc_ms: i64,
    scope: String,
    content: Option<Vec<u8>>,
}

/// One reading that waits.
pub async fn get(
    store: &Store,
    account: AccountId,
    integration: IntegrationId,
    id: i64,
) -> StoreResult<Option<Waiting>> {
    let row: Option<WaitingRow> = on_pool!(store, pool => sqlx::query_as(GET)
        .bind(account.0)
        .bind(integration.0)
        .bind(id)
        .fetch_optional(pool))?;
    row.map(|row| {
        Ok(Waiting {
            shown: SetAside {
                id,
                partition: read_partition(integration.0, row.source_table, row.acd, &row.row_date)?,
                reason: row.reason,
                detail: row.detail,
                row_count: row.row_count,
                at_utc_ms: row.at_utc_ms,
            },
            task: TaskId(row.task_id),
            attempt: row.attempt,
            read_begin_utc_ms: row.read_begin_utc_ms,
            scope: read_scope(&row.scope)?,
            content: row.content,
        })
    })
    .transpose()
}

/// Removes a reading that waits; false when it waits no more.
pub async fn take(
    transaction: &mut Transaction,
    account: AccountId,
    integration: IntegrationId,
    id: i64,
) -> StoreResult<bool> {
    let taken = change!(transaction, TAKE, account.0, integration.0, id)?;
    Ok(taken > 0)
}

/// Records a decision.
pub async fn record(
    transaction: &mut Transaction,
    account: AccountId,
    new: &NewDecision<'_>,
    now_utc_ms: i64,
) -> StoreResult<()> {
    let partition = &new.reading.partition;
    change!(
        transaction,
        RECORD,
        account.0,
        new.reading.id,
        partition.integration.0,
        &partition.table,
        i64::from(partition.acd.0),
        date_text(partition.row_date),
        &new.reading.reason,
        new.reading.row_count,
        new.content_hash,
        new.accepted,
        new.why,
        new.by,
        now_utc_ms,
    )
    .map(|_| ())
}

/// True when the last decision about a partition was to throw just these rows away.
pub async fn was_discarded(
    transaction: &mut Transaction,
    account: AccountId,
    partition: &SourcePartition,
    content_hash: &[u8],
) -> StoreResult<bool> {
    let last: Option<(bool, Vec<u8>)> = in_tx!(transaction, connection => sqlx::query_as(LAST)
        .bind(account.0)
        .bind(partition.integration.0)
        .bind(&partition.table)
        .bind(i64::from(partition.acd.0))
        .bind(date_text(partition.row_date))
        .fetch_optional(connection))?;
    Ok(last.is_some_and(|(accepted, hash)| !accepted && hash == content_hash))
}

/// Decisions about readings with numbers below `before` (or all), newest first, at most `limit`.
pub async fn list(
    store: &Store,
    account: AccountId,
    integration: IntegrationId,
    before: Option<i64>,
    limit: i64,
) -> StoreResult<Vec<Decision>> {
    type Row = (
        i64,
        String,
        i64,
        String,
        String,
        i64,
        bool,
        String,
        String,
        i64,
    );
    let rows: Vec<Row> = on_pool!(store, pool => sqlx::query_as(LIST)
        .bind(account.0)
        .bind(integration.0)
        .bind(before.unwrap_or(i64::MAX))
        .bind(limit)
        .fetch_all(pool))?;
    rows.into_iter()
        .map(
            |(id, table, acd, date, reason, row_count, accepted, why, by, at_utc_ms)| {
                Ok(Decision {
                    id,
                    partition: read_partition(integration.0, table, acd, &date)?,
                    reason,
                    row_count,
                    accepted,
                    why,
                    by,
                    at_utc_ms,
                })
            },
        )
        .collect()
}
