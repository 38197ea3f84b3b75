//! The import plan: one row per reading of one partition, and who holds it.
//!
//! States: `waiting` (not before a given time), `leased` (one Link, one boot, one attempt, until a given time), `done`,
//! `dropped`. At most one task of a partition is open, by a partial unique index; so two readings of a partition never
//! race. `attempt` counts leases; a result under another attempt is refused.

use super::{Store, StoreError, StoreResult, Transaction, counters};
use crate::{change, in_tx, on_pool};
use floorwire_model::ids::{AccountId, AcdNumber, IntegrationId, LinkId, TaskId};
use floorwire_model::partition::SourcePartition;
use jiff::civil::Date;
use std::collections::HashMap;

/// Why a task exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// First load of a partition.
    Initial,
    /// A partition that grows or changes.
    Cycle,
    /// Asked for by a person.
    Reimport,
    /// A date that a tier reads again.
    Reread,
    /// Asked for by a person: what a re-import would change. Applies nothing.
    Preview,
}

impl Purpose {
    fn as_str(self) -> &'static str {
        match self {
            Self::Initial => "initial",
            Self::Cycle => "cycle",
            Self::Reimport => "reimport",
            Self::Reread => "reread",
            Self::Preview => "preview",
        }
    }

    fn from_name(name: &str) -> StoreResult<Self> {
        let all = [
            Self::Initial,
            Self::Cycle,
            Self::Reimport,
            Self::Reread,
            Self::Preview,
        ];
        let known = all.into_iter().find(|purpose| purpose.as_str() == name);
        known.ok_or_else(|| StoreError::unreadable("purpose of a task", name))
    }
}

/// A task to be planned.
#[derive(Clone, Debug)]
pub struct NewTask {
    /// What to read.
    pub partition: SourcePartition,
    /// Why.
    pub purpose: Purpose,
    /// Lower first; within one priority the newest date first.
    pub priority: i64,
    /// Not leased before.
    pub not_before_utc_ms: i64,
}

/// A task as it stands.
#[derive(Clone, Debug)]
pub struct Task {
    /// Its number.
    pub id: TaskId,
    /// What it reads.
    pub partition: SourcePartition,
    /// Why.
    pub purpose: Purpose,
    /// `waiting`, `leased`, `done` or `dropped`.
    pub state: String,
    /// Leases so far.
    pub attempt: i64,
    /// Failures since the last success.
    pub failures: i64,
    /// When the present lease was given.
    pub leased_utc_ms: Option<i64>,
    /// Who holds it.
    pub lease_link: Option<LinkId>,
    /// The settings' version at the lease.
    pub configuration_version: Option<i64>,
    /// What became of it, when done.
    pub outcome: Option<String>,
    /// Why.
    pub detail: String,
}

/// A lease that was given.
#[derive(Clone, Debug)]
pub struct Leased {
    /// The task.
    pub id: TaskId,
    /// The lease's attempt.
    pub attempt: i64,
    /// What to read.
    pub partition: SourcePartition,
    /// Why.
    pub purpose: Purpose,
}

/// Who asks for a lease.
#[derive(Clone, Debug)]
pub struct Holder<'a> {
    /// The Link.
    pub link: LinkId,
    /// What it serves.
    pub integration: IntegrationId,
    /// Its present start.
    pub boot_id: &'a str,
    /// The settings it works under.
    pub configuration_version: i64,
    /// Tasks of this priority and after it have to wait.
    pub below_priority: i64,
}

/// How the first load stands.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Progress {
    /// Partitions of the first load.
    pub partitions_total: i64,
    /// Those that are done.
    pub partitions_done: i64,
    /// Source rows read so far.
    pub rows_imported: i64,
    /// Over the last minute; `None` while too little is known.
    pub rows_per_second: Option<f64>,
    /// Forecast, milliseconds since 1970 UTC.
    pub estimated_end_utc_ms: Option<i64>,
    /// When the first of these tasks was planned.
    pub began_utc_ms: i64,
}

#[derive(sqlx::FromRow)]
struct Row {
    task_id: i64,
    integration_id: i64,
    source_table: String,
    acd: i64,
    row_date: String,
    purpose: String,
    state: String,
    attempt: i64,
    failures: i64,
    leased_utc_ms: Option<i64>,
    lease_link_id: Option<i64>,
    configuration_version: Option<i64>,
    outcome: Option<String>,
    detail: String,
}

/// How a partition's date is stored: empty for tables without one.
pub fn date_text(date: Option<Date>) -> String {
    date.map(|date| date.to_string()).unwrap_or_default()
}

/// The inverse of [`date_text`].
pub fn read_date(text: &str) -> StoreResult<Option<Date>> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse()
        .map(Some)
        .map_err(|error| StoreError::unreadable(format!("date `{text}`"), error))
}

pub(super) fn read_partition(
    integration: i64,
    table: String,
    acd: i64,
    row_date: &str,
) -> StoreResult<SourcePartition> {
    let acd = i32::try_from(acd).map_err(|error| StoreError::unreadable("acd number", error))?;
    Ok(SourcePartition {
        integration: IntegrationId(integration),
        table,
        acd: AcdNumber(acd),
        row_date: read_date(row_date)?,
    })
}

impl TryFrom<Row> for Task {
    type Error = StoreError;

    fn try_from(row: Row) -> StoreResult<Self> {
        Ok(Self {
            id: TaskId(row.task_id),
            partition: read_partition(
                row.integration_id,
                row.source_table,
                row.acd,
                &row.row_date,
            )?,
            purpose: Purpose::from_name(&row.purpose)?,
            state: row.state,
            attempt: row.attempt,
            failures: row.failures,
            leased_utc_ms: row.leased_utc_ms,
            lease_link: row.lease_link_id.map(LinkId),
            configuration_version: row.configuration_version,
            outcome: row.outcome,
            detail: row.detail,
        })
    }
}

macro_rules! task_columns {
    ($rest:literal) => {
        concat!(
            "SELECT task_id, integration_id, source_table, acd, row_date, purpose, state, attempt, failures, leased_utc_ms,
                lease_link_id, configuration_version, outcome, detail FROM tasks ",
            $rest
        )
    };
}

const GET: &str = task_columns!("WHERE account_id = $1 AND task_id = $2");
const GET_LOCKED_POSTGRES: &str =
    task_columns!("WHERE account_id = $1 AND task_id = $2 FOR UPDATE");
const INSERT: &str =
    "INSERT INTO tasks (account_id, task_id, integration_id, source_table, acd, row_date, purpose,
        state, priority, not_before_utc_ms, attempt, failures, created_utc_ms, detail)
    VALUES ($1, $2, $3, $4, $5, $6, $7, 'waiting', $8, $9, 0, 0, $10, '')
    ON CONFLICT (account_id, integration_id, source_table, acd, row_date)
        WHERE state IN ('waiting', 'leased') AND purpose <> 'preview'
    DO UPDATE SET priority = excluded.priority,
        purpose = CASE WHEN tasks.purpose = 'initial' THEN tasks.purpose ELSE excluded.purpose END
    WHERE tasks.state = 'waiting' AND tasks.priority > excluded.priority";
const OPEN_DATES: &str =
    "SELECT row_date, CASE WHEN state = 'leased' THEN -1 ELSE priority END FROM tasks
    WHERE account_id = $1 AND integration_id = $2 AND source_table = $3 AND acd = $4
        AND state IN ('waiting', 'leased') AND purpose <> 'preview'";
const RELEASE_EXPIRED: &str = "UPDATE tasks SET state = 'waiting'
    WHERE account_id = $1 AND integration_id = $2 AND state = 'leased' AND lease_until_utc_ms <= $3";
const RELEASE_OTHER_BOOTS: &str = "UPDATE tasks SET state = 'waiting'
    WHERE account_id = $1 AND integration_id = $2 AND state = 'leased'
        AND (lease_link_id <> $3 OR lease_boot_id <> $4)";
const HELD_BY: &str = "SELECT task_id, attempt FROM tasks
    WHERE account_id = $1 AND integration_id = $2 AND state = 'leased' AND lease_link_id = $3";
const RELEASE: &str = "UPDATE tasks SET state = 'waiting'
    WHERE account_id = $1 AND task_id = $2 AND attempt = $3 AND lease_link_id = $4 AND state = 'leased'";
const LEASE_SQLITE: &str = "UPDATE tasks SET state = 'leased', attempt = attempt + 1, lease_until_utc_ms = $3,
        leased_utc_ms = $4, lease_link_id = $5, lease_boot_id = $6, configuration_version = $7
    WHERE account_id = $1 AND task_id IN (
        SELECT task_id FROM tasks
        WHERE account_id = $1 AND integration_id = $2 AND state = 'waiting' AND not_before_utc_ms <= $4
            AND priority < $9
        ORDER BY priority, row_date DESC, task_id LIMIT $8)
    RETURNING task_id, attempt, priority, source_table, acd, row_date, purpose";
// ARRAY() makes PostgreSQL pick once; within IN it may run the selection again and lease more than the limit.
const LEASE_POSTGRES: &str = "UPDATE tasks SET state = 'leased', attempt = attempt + 1, lease_until_utc_ms = $3,
        leased_utc_ms = $4, lease_link_id = $5, lease_boot_id = $6, configuration_version = $7
    WHERE account_id = $1 AND task_id = ANY (ARRAY(
        SELECT task_id FROM tasks
        WHERE account_id = $1 AND integration_id = $2 AND state = 'waiting' AND not_before_utc_ms <= $4
            AND priority < $9
        ORDER BY priority, row_date DESC, task_id LIMIT $8 FOR UPDATE SKIP LOCKED))
    RETURNING task_id, attempt, priority, source_table, acd, row_date, purpose";
const DELETE_OLD_PARTS: &str = "DELETE FROM attempt_parts WHERE account_id = $1 AND task_id = $2";
const EXTEND: &str = "UPDATE tasks SET lease_until_utc_ms = $5
    WHERE account_id = $1 AND task_id = $2 AND attempt = $3 AND lease_link_id = $4 AND state = 'leased'";
const NEXT_CHANGE: &str =
    "SELECT MIN(CASE WHEN state = 'leased' THEN lease_until_utc_ms ELSE not_before_utc_ms END)
    FROM tasks WHERE account_id = $1 AND integration_id = $2 AND state IN ('waiting', 'leased')";
const FINISH: &str = "UPDATE tasks SET state = 'done', finished_utc_ms = $3, outcome = $4, detail = $5, row_count = $6,
        failures = 0
    WHERE account_id = $1 AND task_id = $2";
const BACK: &str = "UPDATE tasks SET state = 'waiting', not_before_utc_ms = $3, failures = failures + 1, detail = $4
    WHERE account_id = $1 AND task_id = $2";
const RETRY_NOW: &str = "UPDATE tasks SET not_before_utc_ms = $3, failures = 0
    WHERE account_id = $1 AND integration_id = $2 AND state = 'waiting' AND failures > 0";
const OPEN: &str = "SELECT COUNT(*) FROM tasks
    WHERE account_id = $1 AND integration_id = $2 AND state IN ('waiting', 'leased') AND purpose = 'initial'";
const PROGRESS: &str = "SELECT COUNT(*), CAST(COALESCE(SUM(CASE WHEN state = 'done' THEN 1 ELSE 0 END), 0) AS BIGINT),
        CAST(COALESCE(SUM(row_count), 0) AS BIGINT), COALESCE(MIN(created_utc_ms), 0)
    FROM tasks WHERE account_id = $1 AND integration_id = $2 AND purpose = 'initial' AND state <> 'dropped'";
const RECENT: &str = "SELECT COUNT(*), CAST(COALESCE(SUM(row_count), 0) AS BIGINT), MIN(leased_utc_ms)
    FROM tasks WHERE account_id = $1 AND integration_id = $2 AND purpose = 'initial' AND state = 'done'
        AND finished_utc_ms > $3";
const DROP_OPEN_INITIAL_BEFORE: &str = "UPDATE tasks SET state = 'dropped', finished_utc_ms = $4
    WHERE account_id = $1 AND integration_id = $2 AND state = 'waiting' AND purpose = 'initial'
        AND row_date <> '' AND row_date < $3";
const DROP_TABLE: &str = "UPDATE tasks SET state = 'dropped', finished_utc_ms = $4
    WHERE account_id = $1 AND integration_id = $2 AND state = 'waiting' AND source_table = $3
        AND ($5 = -1 OR acd = $5)";
const FORGET: &str = "DELETE FROM tasks
    WHERE account_id = $1 AND integration_id = $2 AND state IN ('done', 'dropped') AND purpose <> 'initial'
        AND finished_utc_ms < $3";

/// The dates of a table and ACD for which a task is open, with the priority of one that waits; one that is leased comes
/// before all others.
pub async fn open_dates(
    transaction: &mut Transaction,
    account: AccountId,
    integration: IntegrationId,
    table: &str,
    acd: AcdNumber,
) -> StoreResult<HashMap<Date, i64>> {
    let rows: Vec<(String, i64)> = in_tx!(transaction, connection => sqlx::query_as(OPEN_DATES)
        .bind(account.0)
        .bind(integration.0)
        .bind(table)
        .bind(i64::from(acd.0))
        .fetch_all(connection))?;
    let mut dates = HashMap::new();
    for (text, priority) in rows {
        if let Some(date) = read_date(&text)? {
            dates.insert(date, priority);
        }
    }
    Ok(dates)
}

/// Plans a task. One of the partition that waits already is moved forward if it is less urgent; false when nothing
/// changed.
pub async fn plan(
    transaction: &mut Transaction,
    account: AccountId,
    task: &NewTask,
    now_utc_ms: i64,
) -> StoreResult<bool> {
    let id = counters::next_id(transaction, account.0, "task").await?;
    let partition = &task.partition;
    let changed = change!(
        transaction,
        INSERT,
        account.0,
        id,
        partition.integration.0,
        &partition.table,
        i64::from(partition.acd.0),
        date_text(partition.row_date),
        task.purpose.as_str(),
        task.priority,
        task.not_before_utc_ms,
        now_utc_ms,
    )?;
    Ok(changed > 0)
}

/// A task whatever its state.
pub async fn get(store: &Store, account: AccountId, id: TaskId) -> StoreResult<Option<Task>> {
    let row: Option<Row> = on_pool!(store, pool => sqlx::query_as(GET)
        .bind(account.0)
        .bind(id.0)
        .fetch_optional(pool))?;
    row.map(Task::try_from).transpose()
}

/// As [`get`]; locked until the transaction ends.
pub async fn get_locked(
    transaction: &mut Transaction,
    account: AccountId,
    id: TaskId,
) -> StoreResult<Option<Task>> {
    let sql = transaction.pick(GET, GET_LOCKED_POSTGRES);
    let row: Option<Row> = in_tx!(transaction, connection => sqlx::query_as(sql)
        .bind(account.0)
        .bind(id.0)
        .fetch_optional(connection))?;
    row.map(Task::try_from).transpose()
}

/// Puts leases that are over back into the plan; the number of them.
pub async fn release_expired(
    transaction: &mut Transaction,
    account: AccountId,
    integration: IntegrationId,
    now_utc_ms: i64,
) -> StoreResult<u64> {
    change!(
        transaction,
        RELEASE_EXPIRED,
        account.0,
        integration.0,
        now_utc_ms
    )
}

/// Puts leases of other Links and of other starts of this one back into the plan; the number of them.
pub async fn release_other_boots(
    transaction: &mut Transaction,
    account: AccountId,
    integration: IntegrationId,
    link: LinkId,
    boot_id: &str,
) -> StoreResult<u64> {
    change!(
        transaction,
        RELEASE_OTHER_BOOTS,
        account.0,
        integration.0,
        link.0,
        boot_id
    )
}

/// The leases that a Link holds: task and attempt.
pub async fn held_by(
    store: &Store,
    account: AccountId,
    integration: IntegrationId,
    link: LinkId,
) -> StoreResult<Vec<(i64, i64)>> {
    on_pool!(store, pool => sqlx::query_as(HELD_BY)
        .bind(account.0)
        .bind(integration.0)
        .bind(link.0)
        .fetch_all(pool))
}

/// Puts one lease back into the plan.
pub async fn release(
    transaction: &mut Transaction,
    account: AccountId,
    task: i64,
    attempt: i64,
    link: LinkId,
) -> StoreResult<u64> {
    change!(transaction, RELEASE, account.0, task, attempt, link.0)
}

#[derive(sqlx::FromRow)]
struct LeasedRow {
    task_id: i64,
    attempt: i64,
    priority: i64,
    source_table: String,
    acd: i64,
    row_date: String,
    purpose: String,
}

/// Leases up to `max` tasks that are due, in the order in which to run them. Parts of their earlier attempts go.
pub async fn lease(
    transaction: &mut Transaction,
    account: AccountId,
    holder: &Holder<'_>,
    max: u32,
    lease_ms: i64,
    now_utc_ms: i64,
) -> StoreResult<Vec<Leased>> {
    release_expired(transaction, account, holder.integration, now_utc_ms).await?;
    let sql = transaction.pick(LEASE_SQLITE, LEASE_POSTGRES);
    let mut rows: Vec<LeasedRow> = in_tx!(transaction, connection => sqlx::query_as(sql)
        .bind(account.0)
        .bind(holder.integration.0)
        .bind(now_utc_ms + lease_ms)
        .bind(now_utc_ms)
        .bind(holder.link.0)
        .bind(holder.boot_id)
        .bind(holder.configuration_version)
        .bind(i64::from(max))
        .bind(holder.below_priority)
        .fetch_all(connection))?;
    // An UPDATE returns rows in no particular order.
    rows.sort_by(|one, other| {
        (one.priority, &other.row_date, one.task_id).cmp(&(
            other.priority,
            &one.row_date,
            other.task_id,
        ))
    });
    let mut leases = Vec::with_capacity(rows.len());
    for row in rows {
        if row.attempt > 1 {
            change!(&mut *transaction, DELETE_OLD_PARTS, account.0, row.task_id)?;
        }
        leases.push(Leased {
            id: TaskId(row.task_id),
            attempt: row.attempt,
            purpose: Purpose::from_name(&row.purpose)?,
            partition: read_partition(
                holder.integration.0,
                row.source_table,
                row.acd,
                &row.row_date,
            )?,
        });
    }
    Ok(leases)
}

/// Extends a lease. False when it is not this Link's, not this attempt's, or over and given back.
pub async fn extend(
    transaction: &mut Transaction,
    account: AccountId,
    task: TaskId,
    attempt: i64,
    link: LinkId,
    until_utc_ms: i64,
) -> StoreResult<bool> {
    Ok(change!(
        transaction,
        EXTEND,
        account.0,
        task.0,
        attempt,
        link.0,
        until_utc_ms
    )? > 0)
}

/// When a waiting task becomes due or a lease ends next; `None` without open tasks.
pub async fn next_change(
    store: &Store,
    account: AccountId,
    integration: IntegrationId,
) -> StoreResult<Option<i64>> {
    on_pool!(store, pool => sqlx::query_scalar(NEXT_CHANGE)
        .bind(account.0)
        .bind(integration.0)
        .fetch_one(pool))
}

/// Ends a task with an outcome.
pub async fn finish(
    transaction: &mut Transaction,
    account: AccountId,
    task: TaskId,
    outcome: &'static str,
    detail: &str,
    rows: i64,
    now_utc_ms: i64,
) -> StoreResult<()> {
    change!(
        &mut *transaction,
        FINISH,
        account.0,
        task.0,
        now_utc_ms,
        outcome,
        detail,
        rows
    )?;
    change!(transaction, DELETE_OLD_PARTS, account.0, task.0).map(|_| ())
}

/// Puts a task back into the plan after a failure.
pub async fn put_back(
    transaction: &mut Transaction,
    account: AccountId,
    task: TaskId,
    not_before_utc_ms: i64,
    detail: &str,
) -> StoreResult<()> {
    change!(
        &mut *transaction,
        BACK,
        account.0,
        task.0,
        not_before_utc_ms,
        detail
    )?;
    change!(transaction, DELETE_OLD_PARTS, account.0, task.0).map(|_| ())
}

/// Tasks that wait after a failure become due at once: their cause may be gone.
pub async fn retry_now(
    transaction: &mut Transaction,
    account: AccountId,
    integration: IntegrationId,
    now_utc_ms: i64,
) -> StoreResult<u64> {
    change!(transaction, RETRY_NOW, account.0, integration.0, now_utc_ms)
}

/// Drops what the first load has not read yet before `first` (`YYYY-MM-DD`).
pub async fn drop_before(
    transaction: &mut Transaction,
    account: AccountId,
    integration: IntegrationId,
    first: Date,
    now_utc_ms: i64,
) -> StoreResult<u64> {
    change!(
        transaction,
        DROP_OPEN_INITIAL_BEFORE,
        account.0,
        integration.0,
        first.to_string(),
        now_utc_ms
    )
}

/// Drops what waits of a table, of one ACD or of all: it may not be read any more.
pub async fn drop_table(
    transaction: &mut Transaction,
    account: AccountId,
    integration: IntegrationId,
    table: &str,
    acd: Option<AcdNumber>,
    now_utc_ms: i64,
) -> StoreResult<u64> {
    change!(
        transaction,
        DROP_TABLE,
        account.0,
        integration.0,
        table,
        now_utc_ms,
        acd.map_or(-1, |acd| i64::from(acd.0)),
    )
}

/// Forgets finished tasks of the cycle that ended before.
pub async fn forget_finished(
    transaction: &mut Transaction,
    account: AccountId,
    integration: IntegrationId,
    before_utc_ms: i64,
) -> StoreResult<u64> {
    change!(transaction, FORGET, account.0, integration.0, before_utc_ms)
}

/// Over how long the speed is measured.
const SPEED_WINDOW_MS: i64 = 60_000;

/// How the first load stands; `None` when none is open.
pub async fn progress(
    store: &Store,
    account: AccountId,
    integration: IntegrationId,
    now_utc_ms: i64,
) -> StoreResult<Option<Progress>> {
    let open: i64 = on_pool!(store, pool => sqlx::query_scalar(OPEN)
        .bind(account.0)
        .bind(integration.0)
        .fetch_one(pool))?;
    if open == 0 {
        return Ok(None);
    }
    let (total, done, rows, began): (i64, i64, i64, i64) = on_pool!(store, pool => sqlx::query_as(PROGRESS)
        .bind(account.0)
        .bind(integration.0)
        .fetch_one(pool))?;
    let (recent, recent_rows, since): (i64, i64, Option<i64>) = on_pool!(store, pool => sqlx::query_as(RECENT)
        .bind(account.0)
        .bind(integration.0)
        .bind(now_utc_ms - SPEED_WINDOW_MS)
        .fetch_one(pool))?;
    let mut progress = Progress {
        partitions_total: total,
        partitions_done: done,
        rows_imported: rows,
        began_utc_ms: began,
        ..Progress::default()
    };
    if let Some(elapsed_ms) = since
        .map(|since| now_utc_ms - since)
        .filter(|elapsed| recent > 0 && *elapsed > 0)
    {
        progress.rows_per_second = Some(ratio(recent_rows, elapsed_ms) * 1000.0);
        let left_ms = (total - done).saturating_mul(elapsed_ms) / recent;
        progress.estimated_end_utc_ms = Some(now_utc_ms + left_ms);
    }
    Ok(Some(progress))
}

/// Counts here stay far below 2^53, where a double is exact.
#[allow(clippy::cast_precision_loss)]
fn ratio(count: i64, over: i64) -> f64 {
    count as f64 / over as f64
}
