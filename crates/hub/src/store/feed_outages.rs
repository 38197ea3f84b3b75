//! Times in which a real-time feed told nothing (a loss), or not everything (events that were dropped).

use super::live_agents::{by_name, name_of};
use super::{Store, StoreError, StoreResult, Transaction};
use crate::{change, in_tx, on_pool};
use floorwire_model::ids::{AccountId, AcdNumber, IntegrationId};
use floorwire_model::live::LossCause;

/// Stored in place of a cause where events were dropped.
const DROPPED: &str = "dropped";

/// One time without word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedOutage {
    /// The port.
    pub port: u16,
    /// The ACD.
    pub acd: AcdNumber,
    /// Start: the last confirmation, or the first dropped event, milliseconds since 1970 UTC by the Link's clock.
    pub from_utc_ms: i64,
    /// End; `None` while it lasts.
    pub to_utc_ms: Option<i64>,
    /// Why; `None`: events were dropped.
    pub cause: Option<LossCause>,
    /// How many.
    pub dropped_events: i64,
}

#[derive(sqlx::FromRow)]
struct Row {
    port: i64,
    acd: i64,
    from_utc_ms: i64,
    to_utc_ms: Option<i64>,
    cause: String,
    dropped_events: i64,
}

impl TryFrom<Row> for FeedOutage {
    type Error = StoreError;

    fn try_from(row: Row) -> StoreResult<Self> {
        let unreadable = |what: &str| StoreError::unreadable("an outage of a feed", what);
        Ok(Self {
            port: u16::try_from(row.port).map_err(|_| unreadable("its port"))?,
            acd: AcdNumber(i32::try_from(row.acd).map_err(|_| unreadable("its acd"))?),
            from_utc_ms: row.from_utc_ms,
            to_utc_ms: row.to_utc_ms,
            cause: match row.cause.as_str() {
                DROPPED => None,
                _ => Some(by_name(row.cause)?),
            },
            dropped_events: row.dropped_events,
        })
    }
}

const OPEN: &str =
    "SELECT port, acd, from_utc_ms, to_utc_ms, cause, dropped_events FROM feed_outages
    WHERE account_id = $1 AND integration_id = $2 AND to_utc_ms IS NULL";
const WITHIN: &str = "SELECT port, acd, from_utc_ms, to_utc_ms, cause, dropped_events FROM feed_outages
    WHERE account_id = $1 AND integration_id = $2 AND from_utc_ms < $4 AND (to_utc_ms IS NULL OR to_utc_ms > $3)
    ORDER BY from_utc_ms, port, acd";
const PUT: &str = "INSERT INTO feed_outages (account_id, integration_id, port, acd, from_utc_ms, to_utc_ms, cause, dropped_events)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT (account_id, integration_id, port, acd, from_utc_ms, cause) DO UPDATE SET
        to_utc_ms = excluded.to_utc_ms, dropped_events = feed_outages.dropped_events + excluded.dropped_events";
const FORGET: &str = "DELETE FROM feed_outages WHERE account_id = $1 AND to_utc_ms < $2";

fn all(rows: Vec<Row>) -> StoreResult<Vec<FeedOutage>> {
    rows.into_iter().map(FeedOutage::try_from).collect()
}

/// Those of an integration that last.
pub async fn open(
    transaction: &mut Transaction,
    account: AccountId,
    integration: IntegrationId,
) -> StoreResult<Vec<FeedOutage>> {
    all(in_tx!(transaction, connection => sqlx::query_as(OPEN)
        .bind(account.0)
        .bind(integration.0)
        .fetch_all(connection))?)
}

/// Those of an integration that touch the time from `from` to before `to`, by start.
pub async fn within(
    store: &Store,
    account: AccountId,
    integration: IntegrationId,
    (from_utc_ms, to_utc_ms): (i64, i64),
) -> StoreResult<Vec<FeedOutage>> {
    all(on_pool!(store, pool => sqlx::query_as(WITHIN)
        .bind(account.0)
        .bind(integration.0)
        .bind(from_utc_ms)
        .bind(to_utc_ms)
        .fetch_all(pool))?)
}

/// Writes one in place of one with the same beginning; dropped events add up.
pub async fn put(
    transaction: &mut Transaction,
    account: AccountId,
    integration: IntegrationId,
    outage: &FeedOutage,
) -> StoreResult<()> {
    let cause = match outage.cause {
        Some(cause) => name_of(&cause)?,
        None => DROPPED.to_owned(),
    };
    change!(
        transaction,
        PUT,
        account.0,
        integration.0,
        i64::from(outage.port),
        i64::from(outage.acd.0),
        outage.from_utc_ms,
        outage.to_utc_ms,
        &cause,
        outage.dropped_events
    )
    .map(|_| ())
}

/// Forgets those that ended before a time.
pub async fn forget(store: &Store, account: AccountId, before_utc_ms: i64) -> StoreResult<u64> {
    let mut transaction = store.begin().await?;
    let forgotten = change!(&mut transaction, FORGET, account.0, before_utc_ms)?;
    transaction.commit().await?;
    Ok(forgotten)
}
