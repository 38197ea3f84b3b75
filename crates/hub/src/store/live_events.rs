//! Live events as they came, and how far the numbering of each Link's buffer is stored.
//!
//! A batch is one row: events of an account are numbered without gaps in the order in which they were stored, and whoever
//! takes numbers holds the account's counter until the transaction ends, so that a higher number is never seen before a
//! lower one.

use super::{Store, StoreError, StoreResult, Transaction, counters};
use crate::{change, in_tx, on_pool};
use floorwire_model::ids::{AccountId, IntegrationId, LinkId};
use floorwire_model::live::LiveEvent;
use floorwire_protocol::encoding::{decode, encode};

/// Largest batch, decompressed.
const LARGEST: usize = 64 * 1024 * 1024;
/// Numberings of one Link that are remembered; the others are older.
const KEPT_EPOCHS: i64 = 20;

/// How far a numbering is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The last event that is stored; 0: none.
    pub mark: i64,
    /// True when the numbering was not known before.
    pub is_new: bool,
}

const BEGIN: &str = "INSERT INTO live_marks (account_id, link_id, epoch, integration_id, mark, dropped, first_utc_ms, last_utc_ms)
    VALUES ($1, $2, $3, $4, 0, 0, $5, $5) ON CONFLICT (account_id, link_id, epoch) DO NOTHING";
const LOCK: &str = "UPDATE live_marks SET last_utc_ms = $4
    WHERE account_id = $1 AND link_id = $2 AND epoch = $3 RETURNING mark";
const ADVANCE: &str = "UPDATE live_marks SET mark = $4, dropped = dropped + $5
    WHERE account_id = $1 AND link_id = $2 AND epoch = $3";
const FORGET_EPOCHS: &str = "DELETE FROM live_marks WHERE account_id = $1 AND link_id = $2 AND epoch NOT IN (
        SELECT epoch FROM live_marks WHERE account_id = $1 AND link_id = $2 ORDER BY last_utc_ms DESC, epoch LIMIT $3)";
const INSERT: &str =
    "INSERT INTO live_events (account_id, first_event_id, last_event_id, integration_id, link_id, stored_utc_ms, content)
    VALUES ($1, $2, $3, $4, $5, $6, $7)";
const AFTER: &str = "SELECT first_event_id, content FROM live_events
    WHERE account_id = $1 AND last_event_id > $2 ORDER BY first_event_id LIMIT $3";
const FORGET: &str = "DELETE FROM live_events WHERE account_id = $1 AND stored_utc_ms < $2";
const DROPPED: &str = "SELECT CAST(COALESCE(SUM(dropped), 0) AS BIGINT) FROM live_marks
    WHERE account_id = $1 AND integration_id = $2";

/// The mark of a numbering, locked until the transaction ends.
pub async fn lock_mark(
    transaction: &mut Transaction,
    account: AccountId,
    (link, integration): (LinkId, IntegrationId),
    epoch: &str,
    now_utc_ms: i64,
) -> StoreResult<Mark> {
    let begun = change!(
        &mut *transaction,
        BEGIN,
        account.0,
        link.0,
        epoch,
        integration.0,
        now_utc_ms
    )?;
    let mark: i64 = in_tx!(&mut *transaction, connection => sqlx::query_scalar(LOCK)
        .bind(account.0)
        .bind(link.0)
        .bind(epoch)
        .bind(now_utc_ms)
        .fetch_one(connection))?;
    if begun > 0 {
        change!(transaction, FORGET_EPOCHS, account.0, link.0, KEPT_EPOCHS)?;
    }
    Ok(Mark {
        mark,
        is_new: begun > 0,
    })
}

/// Advances the mark, and counts events of it that were not stored.
pub async fn advance(
    transaction: &mut Transaction,
    account: AccountId,
    link: LinkId,
    epoch: &str,
    (mark, dropped): (i64, i64),
) -> StoreResult<()> {
    change!(
        transaction,
        ADVANCE,
        account.0,
        link.0,
        epoch,
        mark,
        dropped
    )
    .map(|_| ())
}

/// Stores events and returns the number of the first.
pub async fn insert(
    transaction: &mut Transaction,
    account: AccountId,
    (integration, link): (IntegrationId, LinkId),
    events: &[LiveEvent],
    now_utc_ms: i64,
) -> StoreResult<i64> {
    let count = i64::try_from(events.len()).unwrap_or(i64::MAX);
    let first = counters::next_ids(transaction, account.0, "live_event", count).await?;
    let content = encode(&events).map_err(|error| StoreError::unreadable("live events", error))?;
    change!(
        transaction,
        INSERT,
        account.0,
        first,
        first + count - 1,
        integration.0,
        link.0,
        now_utc_ms,
        content.as_slice()
    )?;
    Ok(first)
}

/// Events with numbers above `after`, in order; of at most `batches` rows.
pub async fn after(
    store: &Store,
    account: AccountId,
    after: i64,
    batches: i64,
) -> StoreResult<Vec<(i64, LiveEvent)>> {
    let rows: Vec<(i64, Vec<u8>)> = on_pool!(store, pool => sqlx::query_as(AFTER)
        .bind(account.0)
        .bind(after)
        .bind(batches)
        .fetch_all(pool))?;
    let mut all = Vec::new();
    for (first, content) in rows {
        let events: Vec<LiveEvent> = decode(&content, LARGEST)
            .map_err(|error| StoreError::unreadable(format!("live events from {first}"), error))?;
        let numbered = (first..).zip(events);
        all.extend(numbered.filter(|(id, _)| *id > after));
    }
    Ok(all)
}

/// Forgets events that were stored before a time. Returns how many rows.
pub async fn forget(store: &Store, account: AccountId, before_utc_ms: i64) -> StoreResult<u64> {
    let mut transaction = store.begin().await?;
    let forgotten = change!(&mut transaction, FORGET, account.0, before_utc_ms)?;
    transaction.commit().await?;
    Ok(forgotten)
}

/// How many events of an integration were accepted and not stored.
pub async fn dropped(
    store: &Store,
    account: AccountId,
    integration: IntegrationId,
) -> StoreResult<i64> {
    on_pool!(store, pool => sqlx::query_scalar(DROPPED)
        .bind(account.0)
        .bind(integration.0)
        .fetch_one(pool))
}
