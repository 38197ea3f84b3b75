//! The last report of each real-time feed, and how long its events took to be stored.

use super::{Store, StoreError, StoreResult, Transaction};
use crate::live::latency::Latency;
use crate::{change, in_tx, on_pool};
use floorwire_model::ids::{AccountId, IntegrationId};
use floorwire_protocol::live::{BufferReport, FeedReport};

/// A feed as its Link reported it last.
#[derive(Clone, Debug, PartialEq)]
pub struct Feed {
    /// The integration.
    pub integration: IntegrationId,
    /// The port.
    pub port: u16,
    /// What the Link said.
    pub report: FeedReport,
    /// How full its buffer is.
    pub buffer: BufferReport,
    /// When it said so, by the hub's clock.
    pub reported_utc_ms: i64,
    /// The Link's clock minus the hub's.
    pub clock_ahead_ms: i64,
    /// Up to when the events that are stored tell everything, by the Link's clock.
    pub confirmed_utc_ms: Option<i64>,
    /// Receipt of the latest event, by the Link's clock.
    pub latest_utc_ms: Option<i64>,
    /// How long events took.
    pub latency: Latency,
}

#[derive(sqlx::FromRow)]
struct Row {
    integration_id: i64,
    port: i64,
    report: String,
    buffer: String,
    reported_utc_ms: i64,
    clock_ahead_ms: i64,
    confirmed_utc_ms: Option<i64>,
    latest_utc_ms: Option<i64>,
    latency: String,
}

impl TryFrom<Row> for Feed {
    type Error = StoreError;

    fn try_from(row: Row) -> StoreResult<Self> {
        let unreadable = |error: serde_json::Error| {
            StoreError::unreadable(format!("report of the feed at port {}", row.port), error)
        };
        Ok(Self {
            integration: IntegrationId(row.integration_id),
            port: u16::try_from(row.port)
                .map_err(|error| StoreError::unreadable("port of a feed", error))?,
            report: serde_json::from_str(&row.report).map_err(unreadable)?,
            buffer: serde_json::from_str(&row.buffer).map_err(unreadable)?,
            reported_utc_ms: row.reported_utc_ms,
            clock_ahead_ms: row.clock_ahead_ms,
            confirmed_utc_ms: row.confirmed_utc_ms,
            latest_utc_ms: row.latest_utc_ms,
            latency: serde_json::from_str(&row.latency).map_err(unreadable)?,
        })
    }
}

macro_rules! columns {
    ($rest:literal) => {
        concat!(
            "SELECT integration_id, port, report, buffer, reported_utc_ms, clock_ahead_ms, confirmed_utc_ms,
                latest_utc_ms, latency FROM feeds ",
            $rest
        )
    };
}

const OF_ACCOUNT: &str = columns!("WHERE account_id = $1 ORDER BY integration_id, port");
const OF_INTEGRATION: &str =
    columns!("WHERE account_id = $1 AND integration_id = $2 ORDER BY port");
const PUT: &str = "INSERT INTO feeds (account_id, integration_id, port, report, buffer,
        reported_utc_ms, clock_ahead_ms, confirmed_utc_ms, latest_utc_ms, latency)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    ON CONFLICT (account_id, integration_id, port) DO UPDATE SET report = excluded.report,
        buffer = excluded.buffer, reported_utc_ms = excluded.reported_utc_ms,
        clock_ahead_ms = excluded.clock_ahead_ms, confirmed_utc_ms = excluded.confirmed_utc_ms,
        latest_utc_ms = excluded.latest_utc_ms, latency = excluded.latency";
const FORGET: &str =
    "DELETE FROM feeds WHERE account_id = $1 AND integration_id = $2 AND reported_utc_ms < $3";

fn all(rows: Vec<Row>) -> StoreResult<Vec<Feed>> {
    rows.into_iter().map(Feed::try_from).collect()
}

/// All feeds of an account, by integration and port.
pub async fn of_account(store: &Store, account: AccountId) -> StoreResult<Vec<Feed>> {
    let rows: Vec<Row> =
        on_pool!(store, pool => sqlx::query_as(OF_ACCOUNT).bind(account.0).fetch_all(pool))?;
    all(rows)
}

/// The feeds of an integration, by port.
pub async fn of_integration(
    store: &Store,
    account: AccountId,
    integration: IntegrationId,
) -> StoreResult<Vec<Feed>> {
    let rows: Vec<Row> = on_pool!(store, pool => sqlx::query_as(OF_INTEGRATION)
        .bind(account.0)
        .bind(integration.0)
        .fetch_all(pool))?;
    all(rows)
}

/// As [`of_integration`], within a transaction.
pub async fn within(
    transaction: &mut Transaction,
    account: AccountId,
    integration: IntegrationId,
) -> StoreResult<Vec<Feed>> {
    let rows: Vec<Row> = in_tx!(transaction, connection => sqlx::query_as(OF_INTEGRATION)
        .bind(account.0)
        .bind(integration.0)
        .fetch_all(connection))?;
    all(rows)
}

/// Keeps a report in place of the one before.
pub async fn put(
    transaction: &mut Transaction,
    account: AccountId,
    feed: &Feed,
) -> StoreResult<()> {
    let unwritable = |error| StoreError::unreadable("report of a feed", error);
    let report = serde_json::to_string(&feed.report).map_err(unwritable)?;
    let buffer = serde_json::to_string(&feed.buffer).map_err(unwritable)?;
    let latency = serde_json::to_string(&feed.latency).map_err(unwritable)?;
    change!(
        transaction,
        PUT,
        account.0,
        feed.integration.0,
        i64::from(feed.port),
        &report,
        &buffer,
        feed.reported_utc_ms,
        feed.clock_ahead_ms,
        feed.confirmed_utc_ms,
        feed.latest_utc_ms,
        &latency
    )
    .map(|_| ())
}

/// Forgets feeds that were not reported since a time.
pub async fn forget(
    transaction: &mut Transaction,
    account: AccountId,
    integration: IntegrationId,
    before_utc_ms: i64,
) -> StoreResult<()> {
    change!(transaction, FORGET, account.0, integration.0, before_utc_ms).map(|_| ())
}
