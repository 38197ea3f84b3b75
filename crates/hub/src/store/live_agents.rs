//! The latest status of each agent by each feed. Each row names the event that changed it last, so that a node reads what
//! is new since the last number it has seen, however many events there were between.

use super::{Store, StoreError, StoreResult, Transaction};
use crate::{change, in_tx, on_pool};
use floorwire_model::ids::{AccountId, AcdNumber, IntegrationId};
use floorwire_model::live::{LiveStatus, LossCause, Since};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Names a row: an agent by a feed. Ordered as lists show it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LiveKey {
    /// The integration.
    pub integration: IntegrationId,
    /// The ACD.
    pub acd: AcdNumber,
    /// The login ID.
    pub login: String,
    /// The port of the feed.
    pub port: u16,
}

/// The latest status of an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveRow {
    /// Which agent, by which feed.
    pub key: LiveKey,
    /// The agent's number within the account.
    pub agent_id: i64,
    /// The name that the feed shows; empty without one.
    pub name: String,
    /// The status.
    pub status: LiveStatus,
    /// Since when, by the Link's clock.
    pub since_utc_ms: i64,
    /// How that is known.
    pub since: Since,
    /// When the Link received it.
    pub received_utc_ms: i64,
    /// The numbering of the event.
    pub epoch: String,
    /// Since when nothing is known, and why.
    pub lost: Option<(i64, LossCause)>,
    /// The event that changed the row last.
    pub event_id: i64,
}

#[derive(sqlx::FromRow)]
struct Row {
    integration_id: i64,
    port: i64,
    acd: i64,
    login: String,
    agent_id: i64,
    name: String,
    status: String,
    since_utc_ms: i64,
    since_kind: String,
    received_utc_ms: i64,
    epoch: String,
    lost_utc_ms: Option<i64>,
    lost_cause: Option<String>,
    event_id: i64,
}

/// The stable name of a unit variant, as stored.
pub(super) fn name_of<T: Serialize>(value: &T) -> StoreResult<String> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => Ok(name),
        _ => Err(StoreError::unreadable("a name", "it is not text")),
    }
}

/// The inverse of [`name_of`].
pub(super) fn by_name<T: DeserializeOwned>(name: String) -> StoreResult<T> {
    serde_json::from_value(serde_json::Value::String(name))
        .map_err(|error| StoreError::unreadable("a name", error))
}

impl TryFrom<Row> for LiveRow {
    type Error = StoreError;

    fn try_from(row: Row) -> StoreResult<Self> {
        let unreadable = |what: &str| StoreError::unreadable("a live status", what);
        let cause = row.lost_cause.map(by_name).transpose()?;
        Ok(Self {
            key: LiveKey {
                integration: IntegrationId(row.integration_id),
                acd: AcdNumber(i32::try_from(row.acd).map_err(|_| unreadable("its acd"))?),
                login: row.login,
                port: u16::try_from(row.port).map_err(|_| unreadable("its port"))?,
            },
            agent_id: row.agent_id,
            name: row.name,
            status: serde_json::from_str(&row.status)
                .map_err(|error| StoreError::unreadable("a live status", error))?,
            since_utc_ms: row.since_utc_ms,
            since: by_name(row.since_kind)?,
            received_utc_ms: row.received_utc_ms,
            epoch: row.epoch,
            lost: row.lost_utc_ms.zip(cause),
            event_id: row.event_id,
        })
    }
}

macro_rules! columns {
    ($rest:literal) => {
        concat!(
            "SELECT integration_id, port, acd, login, agent_id, name, status, since_utc_ms, since_kind,
                received_utc_ms, epoch, lost_utc_ms, lost_cause, event_id FROM live_agents ",
            $rest
        )
    };
}

const AFTER: &str = columns!("WHERE account_id = $1 AND event_id > $2 ORDER BY event_id");
const GET: &str = columns!(
    "WHERE account_id = $1 AND integration_id = $2 AND port = $3 AND acd = $4 AND login = $5"
);
const KNOWN: &str =
    columns!("WHERE account_id = $1 AND integration_id = $2 AND lost_utc_ms IS NULL");
const OF_AGENT: &str = columns!("WHERE account_id = $1 AND agent_id = $2");
const PUT: &str = "INSERT INTO live_agents (account_id, integration_id, port, acd, login, agent_id, name, status,
        since_utc_ms, since_kind, received_utc_ms, epoch, lost_utc_ms, lost_cause, event_id)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
    ON CONFLICT (account_id, integration_id, port, acd, login) DO UPDATE SET agent_id = excluded.agent_id,
        name = excluded.name, status = excluded.status, since_utc_ms = excluded.since_utc_ms,
        since_kind = excluded.since_kind, received_utc_ms = excluded.received_utc_ms, epoch = excluded.epoch,
        lost_utc_ms = excluded.lost_utc_ms, lost_cause = excluded.lost_cause, event_id = excluded.event_id";
const FORGET: &str = "DELETE FROM live_agents WHERE account_id = $1 AND received_utc_ms < $2
    AND (lost_utc_ms IS NOT NULL AND lost_utc_ms < $2 OR status LIKE '%\"state\":\"unstaffed\"%')";
const LAST_EVENT: &str =
    "SELECT COALESCE(MAX(value), 0) FROM counters WHERE account_id = $1 AND name = 'live_event'";

fn all(rows: Vec<Row>) -> StoreResult<Vec<LiveRow>> {
    rows.into_iter().map(LiveRow::try_from).collect()
}

/// Number of the account's last event.
pub async fn last_event(store: &Store, account: AccountId) -> StoreResult<i64> {
    on_pool!(store, pool => sqlx::query_scalar(LAST_EVENT).bind(account.0).fetch_one(pool))
}

/// Rows that changed after an event, in the order of their changes.
pub async fn after(store: &Store, account: AccountId, event_id: i64) -> StoreResult<Vec<LiveRow>> {
    all(on_pool!(store, pool => sqlx::query_as(AFTER)
        .bind(account.0)
        .bind(event_id)
        .fetch_all(pool))?)
}

/// The rows of one agent, one per feed.
pub async fn of_agent(
    store: &Store,
    account: AccountId,
    agent_id: i64,
) -> StoreResult<Vec<LiveRow>> {
    all(on_pool!(store, pool => sqlx::query_as(OF_AGENT)
        .bind(account.0)
        .bind(agent_id)
        .fetch_all(pool))?)
}

/// One row.
pub async fn get(
    transaction: &mut Transaction,
    account: AccountId,
    key: &LiveKey,
) -> StoreResult<Option<LiveRow>> {
    let row: Option<Row> = in_tx!(transaction, connection => sqlx::query_as(GET)
        .bind(account.0)
        .bind(key.integration.0)
        .bind(i64::from(key.port))
        .bind(i64::from(key.acd.0))
        .bind(&key.login)
        .fetch_optional(connection))?;
    row.map(LiveRow::try_from).transpose()
}

/// The rows of an integration of which something is known.
pub async fn known(
    transaction: &mut Transaction,
    account: AccountId,
    integration: IntegrationId,
) -> StoreResult<Vec<LiveRow>> {
    all(in_tx!(transaction, connection => sqlx::query_as(KNOWN)
        .bind(account.0)
        .bind(integration.0)
        .fetch_all(connection))?)
}

/// Writes a row.
pub async fn put(
    transaction: &mut Transaction,
    account: AccountId,
    row: &LiveRow,
) -> StoreResult<()> {
    let status = serde_json::to_string(&row.status)
        .map_err(|error| StoreError::unreadable("a live status", error))?;
    let since = name_of(&row.since)?;
    let cause = row.lost.map(|(_, cause)| name_of(&cause)).transpose()?;
    change!(
        transaction,
        PUT,
        account.0,
        row.key.integration.0,
        i64::from(row.key.port),
        i64::from(row.key.acd.0),
        row.key.login.as_str(),
        row.agent_id,
        row.name.as_str(),
        &status,
        row.since_utc_ms,
        &since,
        row.received_utc_ms,
        row.epoch.as_str(),
        row.lost.map(|(utc_ms, _)| utc_ms),
        cause.as_deref(),
        row.event_id
    )
    .map(|_| ())
}

/// Forgets agents who have not been staffed, or of whom nothing is known, since a time.
pub async fn forget(store: &Store, account: AccountId, before_utc_ms: i64) -> StoreResult<u64> {
    let mut transaction = store.begin().await?;
    let forgotten = change!(&mut transaction, FORGET, account.0, before_utc_ms)?;
    transaction.commit().await?;
    Ok(forgotten)
}
