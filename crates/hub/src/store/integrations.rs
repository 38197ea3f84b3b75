//! Integrations: one connection to one source each.
//!
//! `configuration_version` is raised with every change of the settings, `desired_version` with every change a Link has
//! to hear of. A deleted integration keeps its row, because its queues and figures stay.

use super::{Store, StoreError, StoreResult, Transaction, counters};
use crate::configuration::Configuration;
use crate::{change, in_tx, on_pool};
use floorwire_model::ids::{AccountId, IntegrationId};

/// One integration that is not deleted.
#[derive(Clone, Debug)]
pub struct Integration {
    /// Unique within the account.
    pub id: IntegrationId,
    /// Unique among the integrations of the account that are not deleted.
    pub name: String,
    /// The vendor's name of the source: `avaya-cms`.
    pub source: String,
    /// What the Link's `--integration` takes: the account's number, a dash, ten characters.
    pub code: String,
    /// Nothing is read from the source while true.
    pub paused: bool,
    /// Since when.
    pub paused_utc_ms: Option<i64>,
    /// Raised with every change of the settings.
    pub configuration_version: i64,
    /// The settings.
    pub configuration: Configuration,
    /// When they were last changed.
    pub configured_utc_ms: i64,
    /// Raised with every change a Link has to hear of.
    pub desired_version: i64,
    /// When it was created.
    pub created_utc_ms: i64,
}

#[derive(sqlx::FromRow)]
struct Row {
    integration_id: i64,
    name: String,
    source: String,
    code: String,
    paused: bool,
    paused_utc_ms: Option<i64>,
    configuration_version: i64,
    configuration: String,
    configured_utc_ms: i64,
    desired_version: i64,
    created_utc_ms: i64,
}

impl TryFrom<Row> for Integration {
    type Error = StoreError;

    fn try_from(row: Row) -> StoreResult<Self> {
        let configuration = serde_json::from_str(&row.configuration).map_err(|error| {
            StoreError::unreadable(
                format!("configuration of integration {}", row.integration_id),
                error,
            )
        })?;
        Ok(Self {
            id: IntegrationId(row.integration_id),
            name: row.name,
            source: row.source,
            code: row.code,
            paused: row.paused,
            paused_utc_ms: row.paused_utc_ms,
            configuration_version: row.configuration_version,
            configuration,
            configured_utc_ms: row.configured_utc_ms,
            desired_version: row.desired_version,
            created_utc_ms: row.created_utc_ms,
        })
    }
}

macro_rules! columns {
    ($rest:literal) => {
        concat!(
            "SELECT integration_id, name, source, code, paused, paused_utc_ms, configuration_version, configuration,
                configured_utc_ms, desired_version, created_utc_ms FROM integrations ",
            $rest
        )
    };
}

const LIST: &str = columns!(
    "WHERE account_id = $1 AND integration_id > $2 AND deleted_utc_ms IS NULL ORDER BY integration_id LIMIT $3"
);
const GET: &str =
    columns!("WHERE account_id = $1 AND integration_id = $2 AND deleted_utc_ms IS NULL");
const GET_ANY: &str = columns!("WHERE account_id = $1 AND integration_id = $2");
const GET_LOCKED_POSTGRES: &str =
    columns!("WHERE account_id = $1 AND integration_id = $2 AND deleted_utc_ms IS NULL FOR UPDATE");
const GET_SHARED_POSTGRES: &str =
    columns!("WHERE account_id = $1 AND integration_id = $2 AND deleted_utc_ms IS NULL FOR SHARE");
const BY_CODE: &str = columns!("WHERE account_id = $1 AND code = $2 AND deleted_utc_ms IS NULL");
const ALL: &str = "SELECT account_id, integration_id FROM integrations WHERE deleted_utc_ms IS NULL
    ORDER BY account_id, integration_id";
const INSERT: &str =
    "INSERT INTO integrations (account_id, integration_id, name, source, code, paused,
        configuration_version, configuration, configured_utc_ms, desired_version, created_utc_ms)
    VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $8, 1, $8)";
const INSERT_STATUS: &str =
    "INSERT INTO integration_status (account_id, integration_id, examine_requested,
        examine_requested_utc_ms, examine_answered, examine_failures)
    VALUES ($1, $2, 0, $3, 0, 0)";
const RENAME: &str = "UPDATE integrations SET name = $3
    WHERE account_id = $1 AND integration_id = $2 AND deleted_utc_ms IS NULL";
const CONFIGURE: &str = "UPDATE integrations SET configuration = $3, configured_utc_ms = $4,
        configuration_version = configuration_version + 1, desired_version = desired_version + 1
    WHERE account_id = $1 AND integration_id = $2 AND deleted_utc_ms IS NULL
    RETURNING configuration_version";
const PAUSE: &str =
    "UPDATE integrations SET paused = $3, paused_utc_ms = $4, desired_version = desired_version + 1
    WHERE account_id = $1 AND integration_id = $2 AND deleted_utc_ms IS NULL AND paused <> $3";
const DESIRE: &str = "UPDATE integrations SET desired_version = desired_version + 1
    WHERE account_id = $1 AND integration_id = $2 AND deleted_utc_ms IS NULL";
const DELETE: &str =
    "UPDATE integrations SET deleted_utc_ms = $3, desired_version = desired_version + 1
    WHERE account_id = $1 AND integration_id = $2 AND deleted_utc_ms IS NULL";
const DELETE_PARTS: &str = "DELETE FROM attempt_parts WHERE account_id = $1 AND task_id IN
    (SELECT task_id FROM tasks WHERE account_id = $1 AND integration_id = $2)";
const DROP_TASKS: &str = "UPDATE tasks SET state = 'dropped', finished_utc_ms = $3
    WHERE account_id = $1 AND integration_id = $2 AND state IN ('waiting', 'leased')";
const REVOKE_LINKS: &str = "UPDATE links SET revoked_utc_ms = $3
    WHERE account_id = $1 AND integration_id = $2 AND revoked_utc_ms IS NULL";
const VOID_PAIRINGS: &str = "UPDATE pairings SET state = 'void'
    WHERE account_id = $1 AND integration_id = $2 AND state = 'waiting'";

/// The integrations of an account with numbers above `after`, in order, at most `limit`.
pub async fn list(
    store: &Store,
    account: AccountId,
    after: i64,
    limit: i64,
) -> StoreResult<Vec<Integration>> {
    let rows: Vec<Row> = on_pool!(store, pool => sqlx::query_as(LIST)
        .bind(account.0)
        .bind(after)
        .bind(limit)
        .fetch_all(pool))?;
    rows.into_iter().map(Integration::try_from).collect()
}

/// All integrations of all accounts, for the planner.
pub async fn all(store: &Store) -> StoreResult<Vec<(AccountId, IntegrationId)>> {
    let rows: Vec<(i64, i64)> = on_pool!(store, pool => sqlx::query_as(ALL).fetch_all(pool))?;
    Ok(rows
        .into_iter()
        .map(|(account, integration)| (AccountId(account), IntegrationId(integration)))
        .collect())
}

/// One integration; `None` when there is none of that number or it is deleted.
pub async fn get(
    store: &Store,
    account: AccountId,
    id: IntegrationId,
) -> StoreResult<Option<Integration>> {
    let row: Option<Row> = on_pool!(store, pool => sqlx::query_as(GET)
        .bind(account.0)
        .bind(id.0)
        .fetch_optional(pool))?;
    row.map(Integration::try_from).transpose()
}

/// As [`get`], also a deleted one: its queues and agents stay.
pub async fn get_any(
    store: &Store,
    account: AccountId,
    id: IntegrationId,
) -> StoreResult<Option<Integration>> {
    let row: Option<Row> = on_pool!(store, pool => sqlx::query_as(GET_ANY)
        .bind(account.0)
        .bind(id.0)
        .fetch_optional(pool))?;
    row.map(Integration::try_from).transpose()
}

/// As [`get`], within a transaction; the row is locked until its end.
pub async fn get_locked(
    transaction: &mut Transaction,
    account: AccountId,
    id: IntegrationId,
) -> StoreResult<Option<Integration>> {
    let sql = transaction.pick(GET, GET_LOCKED_POSTGRES);
    let row: Option<Row> = in_tx!(transaction, connection => sqlx::query_as(sql)
        .bind(account.0)
        .bind(id.0)
        .fetch_optional(connection))?;
    row.map(Integration::try_from).transpose()
}

/// As [`get`], within a transaction; nobody changes the row until its end, others may read it so too.
pub async fn get_shared(
    transaction: &mut Transaction,
    account: AccountId,
    id: IntegrationId,
) -> StoreResult<Option<Integration>> {
    let sql = transaction.pick(GET, GET_SHARED_POSTGRES);
    let row: Option<Row> = in_tx!(transaction, connection => sqlx::query_as(sql)
        .bind(account.0)
        .bind(id.0)
        .fetch_optional(connection))?;
    row.map(Integration::try_from).transpose()
}

/// The integration of a code; the code names its account. `None` for anything that is not a code.
pub async fn by_code(store: &Store, code: &str) -> StoreResult<Option<(AccountId, Integration)>> {
    let Some(account) = account_of_code(code) else {
        return Ok(None);
    };
    let row: Option<Row> = on_pool!(store, pool => sqlx::query_as(BY_CODE)
        .bind(account.0)
        .bind(code)
        .fetch_optional(pool))?;
    row.map(|row| Ok((account, Integration::try_from(row)?)))
        .transpose()
}

/// Creates an integration. [`StoreError::Conflict`] when the name is taken. `random` gives the code its last part.
pub async fn create(
    transaction: &mut Transaction,
    account: AccountId,
    name: &str,
    source: &str,
    configuration: &Configuration,
    now_utc_ms: i64,
) -> StoreResult<IntegrationId> {
    let id = counters::next_id(transaction, account.0, "integration").await?;
    let code = new_code(account)?;
    let settings = to_json(configuration)?;
    change!(
        transaction,
        INSERT,
        account.0,
        id,
        name,
        source,
        &code,
        false,
        &settings,
        now_utc_ms
    )?;
    change!(transaction, INSERT_STATUS, account.0, id, now_utc_ms)?;
    Ok(IntegrationId(id))
}

/// Gives another name. False when there is no such integration; [`StoreError::Conflict`] when the name is taken.
pub async fn rename(
    transaction: &mut Transaction,
    account: AccountId,
    id: IntegrationId,
    name: &str,
) -> StoreResult<bool> {
    let changed = change!(transaction, RENAME, account.0, id.0, name)?;
    Ok(changed > 0)
}

/// Replaces the settings and returns their new version; `None` when there is no such integration. Readings under an
/// older version are refused from now on.
pub async fn set_configuration(
    transaction: &mut Transaction,
    account: AccountId,
    id: IntegrationId,
    configuration: &Configuration,
    now_utc_ms: i64,
) -> StoreResult<Option<i64>> {
    let settings = to_json(configuration)?;
    let version = in_tx!(&mut *transaction, connection => sqlx::query_scalar(CONFIGURE)
        .bind(account.0)
        .bind(id.0)
        .bind(&settings)
        .bind(now_utc_ms)
        .fetch_optional(connection))?;
    super::status::unsettle(transaction, account, id).await?;
    super::queues::set_in_force(transaction, account, id, configuration).await?;
    Ok(version)
}

/// Pauses or resumes. False when nothing had to change.
pub async fn set_paused(
    transaction: &mut Transaction,
    account: AccountId,
    id: IntegrationId,
    paused: bool,
    now_utc_ms: i64,
) -> StoreResult<bool> {
    let changed = change!(
        transaction,
        PAUSE,
        account.0,
        id.0,
        paused,
        paused.then_some(now_utc_ms)
    )?;
    Ok(changed > 0)
}

/// Raises the desired version, so that the Link hears of a change.
pub async fn touch_desired(
    transaction: &mut Transaction,
    account: AccountId,
    id: IntegrationId,
) -> StoreResult<()> {
    change!(transaction, DESIRE, account.0, id.0).map(|_| ())
}

/// Deletes an integration: its Link is revoked, its plan dropped; queues, figures and partitions stay. False when there
/// is no such integration.
pub async fn delete(
    transaction: &mut Transaction,
    account: AccountId,
    id: IntegrationId,
    now_utc_ms: i64,
) -> StoreResult<bool> {
    let changed = change!(transaction, DELETE, account.0, id.0, now_utc_ms)?;
    if changed == 0 {
        return Ok(false);
    }
    for sql in [DELETE_PARTS, VOID_PAIRINGS] {
        change!(transaction, sql, account.0, id.0)?;
    }
    for sql in [DROP_TASKS, REVOKE_LINKS] {
        change!(transaction, sql, account.0, id.0, now_utc_ms)?;
    }
    Ok(true)
}

fn to_json(configuration: &Configuration) -> StoreResult<String> {
    serde_json::to_string(configuration)
        .map_err(|error| StoreError::unreadable("configuration", error))
}

/// Letters and digits that nobody confuses when reading them aloud.
const CODE_ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CODE_LENGTH: usize = 10;

fn new_code(account: AccountId) -> StoreResult<String> {
    let mut random = [0_u8; CODE_LENGTH];
    getrandom::fill(&mut random)
        .map_err(|error| StoreError::unreadable("the system's random numbers", error))?;
    let letters = random
        .iter()
        .map(|byte| char::from(CODE_ALPHABET[usize::from(byte % 32)]));
    Ok(format!("{account}-{}", letters.collect::<String>()))
}

fn account_of_code(code: &str) -> Option<AccountId> {
    let (account, rest) = code.split_once('-')?;
    (rest.len() == CODE_LENGTH).then_some(AccountId(account.parse().ok()?))
}
