//! Rows of `queue_days`: whole local days, for dates whose intervals the source holds no more.

use super::{Store, StoreError, StoreResult, Transaction};
use crate::{change, on_pool};
use floorwire_model::ids::{AccountId, AcdNumber, IntegrationId, QueueId};
use floorwire_model::streams::{Measures, Quality, QueueKind};

/// One stored day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredDay {
    /// The queue.
    pub queue_id: i64,
    /// The local date, days since 1970-01-01.
    pub row_day: i64,
    /// How far the figures can be trusted.
    pub quality: Quality,
    /// The figures.
    pub measures: Measures,
}

#[derive(sqlx::FromRow)]
struct Row {
    queue_id: i64,
    row_day: i64,
    quality: String,
    offered: Option<i64>,
    answered: Option<i64>,
    abandoned: Option<i64>,
    within_threshold: Option<i64>,
    talk_seconds: Option<i64>,
    hold_seconds: Option<i64>,
    acw_seconds: Option<i64>,
    wait_seconds: Option<i64>,
    staffed_seconds: Option<i64>,
    available_seconds: Option<i64>,
    threshold_seconds: Option<i64>,
}

impl TryFrom<Row> for StoredDay {
    type Error = StoreError;

    fn try_from(row: Row) -> StoreResult<Self> {
        let quality = Quality::from_name(&row.quality).ok_or_else(|| {
            StoreError::unreadable(format!("quality of queue {}", row.queue_id), &row.quality)
        })?;
        Ok(Self {
            queue_id: row.queue_id,
            row_day: row.row_day,
            quality,
            measures: Measures {
                offered: row.offered,
                answered: row.answered,
                abandoned: row.abandoned,
                within_threshold: row.within_threshold,
                talk_seconds: row.talk_seconds,
                hold_seconds: row.hold_seconds,
                acw_seconds: row.acw_seconds,
                wait_seconds: row.wait_seconds,
                staffed_seconds: row.staffed_seconds,
                available_seconds: row.available_seconds,
                threshold_seconds: row.threshold_seconds,
            },
        })
    }
}

const OF_QUEUE: &str = "SELECT queue_id, row_day, quality, offered, answered, abandoned, within_threshold, talk_seconds,
        hold_seconds, acw_seconds, wait_seconds, staffed_seconds, available_seconds, threshold_seconds
    FROM queue_days WHERE account_id = $1 AND queue_id = $2 AND row_day >= $3 AND row_day < $4 ORDER BY row_day";
const DELETE: &str = "DELETE FROM queue_days WHERE account_id = $1 AND row_day = $2 AND queue_id IN
        (SELECT queue_id FROM queues WHERE account_id = $1 AND integration_id = $3 AND acd = $4 AND kind = $5)";
const INSERT: &str = "INSERT INTO queue_days (account_id, queue_id, row_day, quality, offered, answered, abandoned,
        within_threshold, talk_seconds, hold_seconds, acw_seconds, wait_seconds, staffed_seconds, available_seconds,
        threshold_seconds)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";

/// The days of a queue from `from_day` to before `to_day`, in order.
pub async fn of_queue(
    store: &Store,
    account: AccountId,
    queue: QueueId,
    (from_day, to_day): (i64, i64),
) -> StoreResult<Vec<StoredDay>> {
    let rows: Vec<Row> = on_pool!(store, pool => sqlx::query_as(OF_QUEUE)
        .bind(account.0)
        .bind(queue.0)
        .bind(from_day)
        .bind(to_day)
        .fetch_all(pool))?;
    rows.into_iter().map(StoredDay::try_from).collect()
}

/// Makes `rows` the only ones of an ACD's queues of one kind on one day.
pub async fn replace(
    transaction: &mut Transaction,
    account: AccountId,
    (integration, acd, kind): (IntegrationId, AcdNumber, QueueKind),
    row_day: i64,
    rows: &[StoredDay],
) -> StoreResult<()> {
    change!(
        &mut *transaction,
        DELETE,
        account.0,
        row_day,
        integration.0,
        i64::from(acd.0),
        kind.as_str(),
    )?;
    for row in rows {
        let measures = &row.measures;
        change!(
            &mut *transaction,
            INSERT,
            account.0,
            row.queue_id,
            row.row_day,
            row.quality.as_str(),
            measures.offered,
            measures.answered,
            measures.abandoned,
            measures.within_threshold,
            measures.talk_seconds,
            measures.hold_seconds,
            measures.acw_seconds,
            measures.wait_seconds,
            measures.staffed_seconds,
            measures.available_seconds,
            measures.threshold_seconds,
        )?;
    }
    Ok(())
}
