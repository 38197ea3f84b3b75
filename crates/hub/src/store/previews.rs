//! Previews of re-imports: what was asked for, and what reading each partition found.
//!
//! Their tasks hold how far they are. Finished tasks are forgotten after a while, and previews with them.

use super::tasks::date_text;
use super::{Store, StoreError, StoreResult, Transaction, counters};
use crate::{change, on_pool};
use floorwire_model::ids::{AccountId, IntegrationId, TaskId};
use floorwire_model::partition::SourcePartition;
use serde::{Deserialize, Serialize};

/// A preview that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Preview {
    /// Its number, unique within the account.
    pub preview_id: i64,
    /// The stream.
    pub stream: String,
    /// First date.
    pub from_date: String,
    /// The date after the last.
    pub to_date: String,
    /// When it was asked for, milliseconds.
    pub created_utc_ms: i64,
}

/// One partition of a preview.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreviewPartition {
    /// The ACD.
    pub acd: i64,
    /// The date, `YYYY-MM-DD`.
    pub row_date: String,
    /// `waiting`, `leased`, `done` or `dropped`.
    pub task_state: String,
    /// Why the last try failed; empty without a failure.
    pub task_detail: String,
    /// `unchanged`, `changed` or `setAside`; `None` until it was read.
    pub outcome: Option<String>,
    /// What was found.
    pub finding: Finding,
}

/// What applying a reading would change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Finding {
    /// The reading would be set aside, for the reason in `detail`.
    pub is_set_aside: bool,
    /// For a person.
    pub detail: String,
    /// How many figures would change; for agent data, documents of an agent's day.
    pub figures_changed: i64,
    /// The first of them.
    pub figures: Vec<PreviewFigure>,
}

impl Finding {
    /// A reading that would not be applied.
    pub fn set_aside(detail: String) -> Self {
        Self {
            is_set_aside: true,
            detail,
            ..Self::default()
        }
    }
}

/// One figure of a queue that would change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviewFigure {
    /// Kind of queue: `split`.
    pub kind: String,
    /// Its number at the source.
    pub number: String,
    /// Start of the slot, seconds.
    pub start_utc_s: i64,
    /// Name of the measure.
    pub measure: String,
    /// What is stored; `None`: nothing.
    pub old_value: Option<i64>,
    /// What would be; `None`: nothing.
    pub new_value: Option<i64>,
}

const CREATE: &str = "INSERT INTO previews (account_id, preview_id, integration_id, stream, from_date, to_date, created_utc_ms)
    VALUES ($1, $2, $3, $4, $5, $6, $7)";
const ADD: &str =
    "INSERT INTO preview_partitions (account_id, preview_id, task_id, acd, row_date, detail,
        figures_changed, figures)
    VALUES ($1, $2, $3, $4, $5, '', 0, '[]')";
const INSERT_TASK: &str =
    "INSERT INTO tasks (account_id, task_id, integration_id, source_table, acd, row_date, purpose,
        state, priority, not_before_utc_ms, attempt, failures, created_utc_ms, detail)
    VALUES ($1, $2, $3, $4, $5, $6, 'preview', 'waiting', $7, $8, 0, 0, $8, '')";
const FOUND: &str =
    "UPDATE preview_partitions SET outcome = $3, detail = $4, figures_changed = $5, figures = $6
    WHERE account_id = $1 AND task_id = $2";
const GET: &str = "SELECT preview_id, stream, from_date, to_date, created_utc_ms FROM previews
    WHERE account_id = $1 AND integration_id = $2 AND preview_id = $3";
const PARTITIONS: &str =
    "SELECT p.acd, p.row_date, t.state, t.detail, p.outcome, p.detail, p.figures_changed, p.figures
    FROM preview_partitions p JOIN tasks t ON t.account_id = p.account_id AND t.task_id = p.task_id
    WHERE p.account_id = $1 AND p.preview_id = $2 ORDER BY p.acd, p.row_date";
const FORGET_PARTITIONS: &str = "DELETE FROM preview_partitions WHERE account_id = $1 AND preview_id IN (
        SELECT preview_id FROM previews WHERE account_id = $1 AND integration_id = $2 AND created_utc_ms < $3)";
const FORGET: &str =
    "DELETE FROM previews WHERE account_id = $1 AND integration_id = $2 AND created_utc_ms < $3";
const DROP_TASKS: &str = "UPDATE tasks SET state = 'dropped', finished_utc_ms = $4
    WHERE account_id = $1 AND integration_id = $2 AND state = 'waiting' AND purpose = 'preview'
        AND task_id IN (SELECT p.task_id FROM preview_partitions p
            JOIN previews v ON v.account_id = p.account_id AND v.preview_id = p.preview_id
            WHERE p.account_id = $1 AND v.integration_id = $2 AND v.created_utc_ms < $3)";

/// A new preview of these partitions; each gets a task of its own. Returns its number.
pub async fn create(
    transaction: &mut Transaction,
    account: AccountId,
    integration: IntegrationId,
    (stream, from, to): (&str, jiff::civil::Date, jiff::civil::Date),
    partitions: &[SourcePartition],
    (priority, now_utc_ms): (i64, i64),
) -> StoreResult<i64> {
    let id = counters::next_id(transaction, account.0, "preview").await?;
    change!(
        &mut *transaction,
        CREATE,
        account.0,
        id,
        integration.0,
        stream,
        from.to_string(),
        to.to_string(),
        now_utc_ms
    )?;
    let count = i64::try_from(partitions.len()).unwrap_or(i64::MAX);
    if count == 0 {
        return Ok(id);
    }
    let first = counters::next_ids(transaction, account.0, "task", count).await?;
    for (task, partition) in (first..).zip(partitions) {
        let (acd, date) = (i64::from(partition.acd.0), date_text(partition.row_date));
        change!(
            &mut *transaction,
            INSERT_TASK,
            account.0,
            task,
            integration.0,
            &partition.table,
            acd,
            &date,
            priority,
            now_utc_ms
        )?;
        change!(&mut *transaction, ADD, account.0, id, task, acd, &date)?;
    }
    Ok(id)
}

/// Stores what reading one partition found.
pub async fn found(
    transaction: &mut Transaction,
    account: AccountId,
    task: TaskId,
    finding: &Finding,
) -> StoreResult<()> {
    let outcome = match (finding.is_set_aside, finding.figures_changed) {
        (true, _) => "setAside",
        (false, 0) => "unchanged",
        (false, _) => "changed",
    };
    let figures = serde_json::to_string(&finding.figures)
        .map_err(|error| StoreError::unreadable("figures of a preview", error))?;
    change!(
        transaction,
        FOUND,
        account.0,
        task.0,
        outcome,
        &finding.detail,
        finding.figures_changed,
        figures
    )
    .map(|_| ())
}

/// One preview.
pub async fn get(
    store: &Store,
    account: AccountId,
    integration: IntegrationId,
    id: i64,
) -> StoreResult<Option<Preview>> {
    on_pool!(store, pool => sqlx::query_as(GET)
        .bind(account.0)
        .bind(integration.0)
        .bind(id)
        .fetch_optional(pool))
}

/// The partitions of a preview, by ACD and date.
pub async fn partitions(
    store: &Store,
    account: AccountId,
    id: i64,
) -> StoreResult<Vec<PreviewPartition>> {
    type Row = (
        i64,
        String,
        String,
        String,
        Option<String>,
        String,
        i64,
        String,
    );
    let rows: Vec<Row> = on_pool!(store, pool => sqlx::query_as(PARTITIONS)
        .bind(account.0)
        .bind(id)
        .fetch_all(pool))?;
    let partition = |row: Row| {
        let (acd, row_date, task_state, task_detail, outcome, detail, figures_changed, figures) =
            row;
        let figures = serde_json::from_str(&figures)
            .map_err(|error| StoreError::unreadable("figures of a preview", error))?;
        Ok(PreviewPartition {
            acd,
            row_date,
            task_state,
            task_detail,
            finding: Finding {
                is_set_aside: outcome.as_deref() == Some("setAside"),
                detail,
                figures_changed,
                figures,
            },
            outcome,
        })
    };
    rows.into_iter().map(partition).collect()
}

/// Forgets previews that were asked for before; what waits of them is not read any more.
pub async fn forget(
    transaction: &mut Transaction,
    account: AccountId,
    integration: IntegrationId,
    before_utc_ms: i64,
    now_utc_ms: i64,
) -> StoreResult<()> {
    change!(
        &mut *transaction,
        DROP_TASKS,
        account.0,
        integration.0,
        before_utc_ms,
        now_utc_ms
    )?;
    for sql in [FORGET_PARTITIONS, FORGET] {
        change!(
            &mut *transaction,
            sql,
            account.0,
            integration.0,
            before_utc_ms
        )?;
    }
    Ok(())
}
