//! What is known of an integration beyond its settings: what the source has, what went wrong, how far the data reaches.

use super::{Store, StoreError, StoreResult, Transaction};
use crate::{change, in_tx, on_pool};
use floorwire_model::ids::{AccountId, IntegrationId};
use floorwire_protocol::capabilities::Capabilities;
use floorwire_protocol::messages::Problem;

/// One row per integration.
#[derive(Clone, Debug, Default)]
pub struct IntegrationStatus {
    /// From the last examination that succeeded.
    pub capabilities: Option<Capabilities>,
    /// When that was.
    pub capabilities_utc_ms: Option<i64>,
    /// The Link's clock minus the hub's, milliseconds.
    pub clock_difference_ms: Option<i64>,
    /// Number of the last request to examine the source; 0 before the first.
    pub examine_requested: i64,
    /// When it was made.
    pub examine_requested_utc_ms: i64,
    /// Number of the last request that was answered.
    pub examine_answered: i64,
    /// Examinations that failed since the last that succeeded.
    pub examine_failures: i64,
    /// Why the last examination failed.
    pub examine_problem: Option<OccurredProblem>,
    /// Why the last task failed; gone with the next that succeeds.
    pub task_problem: Option<OccurredProblem>,
    /// An ACD has no rows in open hours; gone when it has.
    pub rows_problem: Option<OccurredProblem>,
    /// When rows were last stored or confirmed.
    pub last_import_utc_ms: Option<i64>,
    /// End of the latest slot that has figures.
    pub latest_data_utc_s: Option<i64>,
    /// First loads and changes of settings so far.
    pub stored_count: i64,
    /// Up to which of them what is stored was brought up to date.
    pub settled_count: i64,
}

/// A problem and when it was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OccurredProblem {
    /// The problem.
    pub problem: Problem,
    /// When it was first seen in this row of failures, milliseconds.
    pub occurred_utc_ms: i64,
}

#[derive(sqlx::FromRow)]
struct Row {
    capabilities: Option<String>,
    capabilities_utc_ms: Option<i64>,
    clock_difference_ms: Option<i64>,
    examine_requested: i64,
    examine_requested_utc_ms: i64,
    examine_answered: i64,
    examine_failures: i64,
    examine_problem: Option<String>,
    examine_problem_utc_ms: Option<i64>,
    task_problem: Option<String>,
    task_problem_utc_ms: Option<i64>,
    rows_problem: Option<String>,
    rows_problem_utc_ms: Option<i64>,
    last_import_utc_ms: Option<i64>,
    latest_data_utc_s: Option<i64>,
    stored_count: i64,
    settled_count: i64,
}

const GET: &str = "SELECT capabilities, capabilities_utc_ms, clock_difference_ms, examine_requested,
        examine_requested_utc_ms, examine_answered, examine_failures, examine_problem, examine_problem_utc_ms,
        task_problem, task_problem_utc_ms, rows_problem, rows_problem_utc_ms,
        last_import_utc_ms, latest_data_utc_s, stored_count, settled_count
    FROM integration_status WHERE account_id = $1 AND integration_id = $2";
const CAPABILITIES: &str =
    "SELECT capabilities FROM integration_status WHERE account_id = $1 AND integration_id = $2";
const REQUEST_EXAMINE: &str =
    "UPDATE integration_status SET examine_requested = examine_requested + 1,
        examine_requested_utc_ms = $3
    WHERE account_id = $1 AND integration_id = $2 RETURNING examine_requested";
const EXAMINED: &str = "UPDATE integration_status SET capabilities = $4, capabilities_utc_ms = $5,
        examine_answered = $3, examine_failures = 0, examine_problem = $6, examine_problem_utc_ms = $7
    WHERE account_id = $1 AND integration_id = $2 AND examine_requested = $3";
const EXAMINE_FAILED: &str = "UPDATE integration_status SET examine_answered = $3,
        examine_failures = examine_failures + 1,
        examine_problem_utc_ms = CASE WHEN examine_problem = $4 THEN examine_problem_utc_ms ELSE $5 END,
        examine_problem = $4
    WHERE account_id = $1 AND integration_id = $2 AND examine_requested = $3";
const CLOCK: &str = "UPDATE integration_status SET clock_difference_ms = $3 WHERE account_id = $1 AND integration_id = $2";
const TASK_FAILED: &str = "UPDATE integration_status SET
        task_problem_utc_ms = CASE WHEN task_problem = $3 THEN task_problem_utc_ms ELSE $4 END, task_problem = $3
    WHERE account_id = $1 AND integration_id = $2";
const ROWS_PROBLEM: &str =
    "UPDATE integration_status SET rows_problem = $3, rows_problem_utc_ms = $4
    WHERE account_id = $1 AND integration_id = $2";
const IMPORTED: &str =
    "UPDATE integration_status SET task_problem = NULL, task_problem_utc_ms = NULL,
        last_import_utc_ms = $3,
        latest_data_utc_s = CASE WHEN latest_data_utc_s IS NULL OR latest_data_utc_s < $4 THEN $4
            ELSE latest_data_utc_s END,
        stored_count = stored_count + $5
    WHERE account_id = $1 AND integration_id = $2";
const CLEAR_PROBLEMS: &str =
    "UPDATE integration_status SET task_problem = NULL, task_problem_utc_ms = NULL,
        examine_problem = NULL, examine_problem_utc_ms = NULL
    WHERE account_id = $1 AND integration_id = $2";
const UNSETTLE: &str = "UPDATE integration_status SET stored_count = stored_count + 1
    WHERE account_id = $1 AND integration_id = $2";
const SETTLED: &str = "UPDATE integration_status SET settled_count = $3 WHERE account_id = $1 AND integration_id = $2";

/// The status of an integration; `None` when there is no such integration.
pub async fn get(
    store: &Store,
    account: AccountId,
    id: IntegrationId,
) -> StoreResult<Option<IntegrationStatus>> {
    let row: Option<Row> = on_pool!(store, pool => sqlx::query_as(GET)
        .bind(account.0)
        .bind(id.0)
        .fetch_optional(pool))?;
    row.map(read).transpose()
}

fn read(row: Row) -> StoreResult<IntegrationStatus> {
    let capabilities = row
        .capabilities
        .as_deref()
        .map(serde_json::from_str)
        .transpose();
    Ok(IntegrationStatus {
        capabilities: capabilities
            .map_err(|error| StoreError::unreadable("capabilities", error))?,
        capabilities_utc_ms: row.capabilities_utc_ms,
        clock_difference_ms: row.clock_difference_ms,
        examine_requested: row.examine_requested,
        examine_requested_utc_ms: row.examine_requested_utc_ms,
        examine_answered: row.examine_answered,
        examine_failures: row.examine_failures,
        examine_problem: occurred(row.examine_problem, row.examine_problem_utc_ms)?,
        task_problem: occurred(row.task_problem, row.task_problem_utc_ms)?,
        rows_problem: occurred(row.rows_problem, row.rows_problem_utc_ms)?,
        last_import_utc_ms: row.last_import_utc_ms,
        latest_data_utc_s: row.latest_data_utc_s,
        stored_count: row.stored_count,
        settled_count: row.settled_count,
    })
}

fn occurred(problem: Option<String>, at: Option<i64>) -> StoreResult<Option<OccurredProblem>> {
    let Some(text) = problem else {
        return Ok(None);
    };
    let problem =
        serde_json::from_str(&text).map_err(|error| StoreError::unreadable("problem", error))?;
    Ok(Some(OccurredProblem {
        problem,
        occurred_utc_ms: at.unwrap_or_default(),
    }))
}

fn to_json(value: &impl serde::Serialize) -> StoreResult<String> {
    serde_json::to_string(value).map_err(|error| StoreError::unreadable("status", error))
}

/// Asks for an examination of the source and returns its number. The Link hears of it through the desired version.
pub async fn request_examine(
    transaction: &mut Transaction,
    account: AccountId,
    id: IntegrationId,
    now_utc_ms: i64,
) -> StoreResult<i64> {
    let request: i64 = in_tx!(transaction, connection => sqlx::query_scalar(REQUEST_EXAMINE)
        .bind(account.0)
        .bind(id.0)
        .bind(now_utc_ms)
        .fetch_one(connection))?;
    super::integrations::touch_desired(transaction, account, id).await?;
    Ok(request)
}

/// What the last examination that succeeded found.
pub async fn capabilities(
    transaction: &mut Transaction,
    account: AccountId,
    id: IntegrationId,
) -> StoreResult<Option<Capabilities>> {
    let stored: Option<Option<String>> = in_tx!(transaction, connection => sqlx::query_scalar(CAPABILITIES)
        .bind(account.0)
        .bind(id.0)
        .fetch_optional(connection))?;
    let parsed = stored.flatten().as_deref().map(serde_json::from_str);
    parsed
        .transpose()
        .map_err(|error| StoreError::unreadable("capabilities", error))
}

/// Stores the answer to an examination; `problem` may accompany what was found (the login lacks a right). False when
/// the request is not the last one. A Link that tries again by itself answers the same request again.
pub async fn examined(
    transaction: &mut Transaction,
    account: AccountId,
    id: IntegrationId,
    request: i64,
    found: Option<&Capabilities>,
    problem: Option<&Problem>,
    now_utc_ms: i64,
) -> StoreResult<bool> {
    let problem = problem.map(to_json).transpose()?;
    let changed = match found {
        Some(capabilities) => {
            let capabilities = to_json(capabilities)?;
            let at = problem.is_some().then_some(now_utc_ms);
            change!(
                transaction,
                EXAMINED,
                account.0,
                id.0,
                request,
                &capabilities,
                now_utc_ms,
                &problem,
                at
            )?
        }
        None => change!(
            transaction,
            EXAMINE_FAILED,
            account.0,
            id.0,
            request,
            &problem,
            now_utc_ms
        )?,
    };
    Ok(changed > 0)
}

/// Stores by how much the Link's clock differs.
pub async fn set_clock_difference(
    transaction: &mut Transaction,
    account: AccountId,
    id: IntegrationId,
    difference_ms: i64,
) -> StoreResult<()> {
    change!(transaction, CLOCK, account.0, id.0, difference_ms).map(|_| ())
}

/// A task failed; the time of the first of equal failures is kept.
pub async fn task_failed(
    transaction: &mut Transaction,
    account: AccountId,
    id: IntegrationId,
    problem: &Problem,
    now_utc_ms: i64,
) -> StoreResult<()> {
    let problem = to_json(problem)?;
    change!(
        transaction,
        TASK_FAILED,
        account.0,
        id.0,
        &problem,
        now_utc_ms
    )
    .map(|_| ())
}

/// An ACD has no rows in open hours, since `occurred`; or none has that problem any more.
pub async fn set_rows_problem(
    store: &Store,
    account: AccountId,
    id: IntegrationId,
    occurred: Option<&OccurredProblem>,
) -> StoreResult<()> {
    let problem = occurred
        .map(|occurred| to_json(&occurred.problem))
        .transpose()?;
    let at = occurred.map(|occurred| occurred.occurred_utc_ms);
    let mut transaction = store.begin().await?;
    change!(
        &mut transaction,
        ROWS_PROBLEM,
        account.0,
        id.0,
        &problem,
        at
    )?;
    transaction.commit().await
}

/// A partition was stored or confirmed; its figures reach to `data_end_utc_s`.
pub async fn imported(
    transaction: &mut Transaction,
    account: AccountId,
    id: IntegrationId,
    data_end_utc_s: Option<i64>,
    is_first_load: bool,
    now_utc_ms: i64,
) -> StoreResult<()> {
    change!(
        transaction,
        IMPORTED,
        account.0,
        id.0,
        now_utc_ms,
        data_end_utc_s,
        i64::from(is_first_load),
    )
    .map(|_| ())
}

/// What is stored was brought up to date with all first loads and settings up to this count.
pub async fn settled(
    store: &Store,
    account: AccountId,
    id: IntegrationId,
    count: i64,
) -> StoreResult<()> {
    let mut transaction = store.begin().await?;
    change!(&mut transaction, SETTLED, account.0, id.0, count)?;
    transaction.commit().await
}

/// What is stored is to be looked at: the configuration changed.
pub async fn unsettle(
    transaction: &mut Transaction,
    account: AccountId,
    id: IntegrationId,
) -> StoreResult<()> {
    change!(transaction, UNSETTLE, account.0, id.0).map(|_| ())
}

/// Forgets problems that another configuration may have cured.
pub async fn clear_problems(
    transaction: &mut Transaction,
    account: AccountId,
    id: IntegrationId,
) -> StoreResult<()> {
    change!(transaction, CLEAR_PROBLEMS, account.0, id.0).map(|_| ())
}
