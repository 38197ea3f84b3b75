//! Queues and their stored intervals.

use crate::on_pool;
use crate::store::{Store, StoreResult};
use floorwire_model::ids::{AccountId, IntegrationId, QueueId};
use sqlx::FromRow;

/// A queue with its names.
#[derive(Clone, Debug, FromRow)]
pub struct QueueRow {
    /// Unique within the account.
    pub queue_id: i64,
    /// The integration it came from.
    pub integration_id: i64,
    /// That integration's name.
    pub integration_name: String,
    /// That integration's source, `avaya-cms`.
    pub source: String,
    /// The ACD.
    pub acd: i64,
    /// `split` or `vdn`.
    pub kind: String,
    /// Its number at the ACD.
    pub number: String,
    /// Its name in the dictionary; `None` while unknown.
    pub dictionary_name: Option<String>,
    /// Local date of the first interval, days since 1970-01-01.
    pub first_day: Option<i64>,
    /// Local date of the last interval, days since 1970-01-01.
    pub last_day: Option<i64>,
}

impl QueueRow {
    /// The dictionary's name, or the number.
    pub fn name(&self) -> &str {
        self.dictionary_name.as_deref().filter(|name| !name.is_empty()).unwrap_or(&self.number)
    }
}

/// A stored interval.
#[derive(Clone, Debug, FromRow)]
pub struct IntervalRow {
    /// Start, seconds since 1970 UTC.
    pub start_utc_s: i64,
    /// Length, seconds.
    pub length_s: i64,
    /// [`floorwire_model::streams::Quality`] by name.
    pub quality: String,
    /// Calls offered.
    pub offered: Option<i64>,
    /// Calls answered.
    pub answered: Option<i64>,
    /// Calls abandoned.
    pub abandoned: Option<i64>,
    /// Calls answered within the threshold.
    pub within_threshold: Option<i64>,
    /// Talk time, seconds.
    pub talk_seconds: Option<i64>,
    /// Hold time, seconds.
    pub hold_seconds: Option<i64>,
    /// After-call work, seconds.
    pub acw_seconds: Option<i64>,
    /// Waiting time of answered calls, seconds.
    pub wait_seconds: Option<i64>,
    /// Service level threshold, seconds.
    pub threshold_seconds: Option<i64>,
}

/// Which queues to list.
#[derive(Clone, Debug)]
pub struct QueueFilter<'a> {
    /// Of this integration only.
    pub integration: Option<IntegrationId>,
    /// Name or number contains this text.
    pub search: &'a str,
    /// Only queues with a greater id.
    pub after_id: i64,
    /// Most rows.
    pub limit: i64,
}

macro_rules! queue_columns {
    ($rest:literal) => {
        concat!(
            "SELECT q.queue_id, q.integration_id, i.name AS integration_name, i.source, q.acd, q.kind, q.number,
                d.name AS dictionary_name,
                (SELECT v.row_day FROM queue_intervals v WHERE v.account_id = q.account_id AND v.queue_id = q.queue_id
                    ORDER BY v.start_utc_s LIMIT 1) AS first_day,
                (SELECT v.row_day FROM queue_intervals v WHERE v.account_id = q.account_id AND v.queue_id = q.queue_id
                    ORDER BY v.start_utc_s DESC LIMIT 1) AS last_day
            FROM queues q
            JOIN integrations i ON i.account_id = q.account_id AND i.integration_id = q.integration_id
            LEFT JOIN dictionary_entries d ON d.account_id = q.account_id AND d.integration_id = q.integration_id
                AND d.acd = q.acd AND d.item_type = q.kind AND d.value = q.number
            WHERE q.account_id = $1 ",
            $rest
        )
    };
}

const LIST: &str = queue_columns!(
    "AND q.queue_id > $2 AND ($3 = 0 OR q.integration_id = $3)
        AND ($4 = '' OR q.number = $4 OR LOWER(COALESCE(d.name, '')) LIKE $5 ESCAPE '!')
    ORDER BY q.queue_id LIMIT $6"
);
const ONE: &str = queue_columns!("AND q.queue_id = $2");
const INTERVALS: &str = "SELECT start_utc_s, length_s, quality, offered, answered, abandoned, within_threshold,
        talk_seconds, hold_seconds, acw_seconds, wait_seconds, threshold_seconds
    FROM queue_intervals
    WHERE account_id = $1 AND queue_id = $2 AND start_utc_s >= $3 AND start_utc_s < $4
    ORDER BY start_utc_s";

/// Queues in the order of their ids.
pub async fn list(store: &Store, account: AccountId, filter: QueueFilter<'_>) -> StoreResult<Vec<QueueRow>> {
    let search = filter.search.trim().to_lowercase();
    let pattern = format!("%{}%", search.replace('!', "!!").replace('%', "!%").replace('_', "!_"));
    on_pool!(store, pool => sqlx::query_as(LIST)
        .bind(account.0)
        .bind(filter.after_id)
        .bind(filter.integration.map_or(0, |integration| integration.0))
        .bind(search.as_str())
        .bind(pattern.as_str())
        .bind(filter.limit)
        .fetch_all(pool))
}

/// One queue.
pub async fn one(store: &Store, account: AccountId, queue: QueueId) -> StoreResult<Option<QueueRow>> {
    on_pool!(store, pool => sqlx::query_as(ONE).bind(account.0).bind(queue.0).fetch_optional(pool))
}

/// The stored intervals that start in a period, seconds since 1970 UTC, `to` exclusive.
pub async fn intervals(
    store: &Store,
    account: AccountId,
    queue: QueueId,
    from_utc_s: i64,
    to_utc_s: i64,
) -> StoreResult<Vec<IntervalRow>> {
    on_pool!(store, pool => sqlx::query_as(INTERVALS)
        .bind(account.0)
        .bind(queue.0)
        .bind(from_utc_s)
        .bind(to_utc_s)
        .fetch_all(pool))
}
