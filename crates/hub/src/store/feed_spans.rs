//! Statuses by feed as spans of time; see [`crate::live::track`] for what they mean.

use super::live_agents::{by_name, name_of};
use super::{Store, StoreError, StoreResult, Transaction};
use crate::live::track::Span;
use crate::{change, in_tx, on_pool};
use floorwire_model::ids::AccountId;

#[derive(sqlx::FromRow)]
struct Row {
    port: i64,
    start_utc_ms: i64,
    end_utc_ms: Option<i64>,
    since_kind: String,
    lost: bool,
    status: String,
}

impl TryFrom<Row> for (u16, Span) {
    type Error = StoreError;

    fn try_from(row: Row) -> StoreResult<Self> {
        let port = u16::try_from(row.port)
            .map_err(|error| StoreError::unreadable("port of a span", error))?;
        let span = Span {
            start_utc_ms: row.start_utc_ms,
            end_utc_ms: row.end_utc_ms,
            since: by_name(row.since_kind)?,
            lost: row.lost,
            status: serde_json::from_str(&row.status)
                .map_err(|error| StoreError::unreadable("status of a span", error))?,
        };
        Ok((port, span))
    }
}

const LAST: &str = "SELECT port, start_utc_ms, end_utc_ms, since_kind, lost, status FROM feed_spans
    WHERE account_id = $1 AND agent_id = $2 AND port = $3 ORDER BY start_utc_ms DESC LIMIT 1";
const WITHIN: &str = "SELECT port, start_utc_ms, end_utc_ms, since_kind, lost, status FROM feed_spans
    WHERE account_id = $1 AND agent_id = $2 AND start_utc_ms < $4 AND (end_utc_ms IS NULL OR end_utc_ms > $3)
    ORDER BY port, start_utc_ms";
const PUT: &str = "INSERT INTO feed_spans (account_id, agent_id, port, start_utc_ms, end_utc_ms, since_kind, lost, status)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT (account_id, agent_id, port, start_utc_ms) DO UPDATE SET end_utc_ms = excluded.end_utc_ms,
        since_kind = excluded.since_kind, lost = excluded.lost, status = excluded.status";
const FORGET: &str = "DELETE FROM feed_spans WHERE account_id = $1 AND end_utc_ms < $2";

/// The latest span of an agent by a feed.
pub async fn last(
    transaction: &mut Transaction,
    account: AccountId,
    agent_id: i64,
    port: u16,
) -> StoreResult<Option<Span>> {
    let row: Option<Row> = in_tx!(transaction, connection => sqlx::query_as(LAST)
        .bind(account.0)
        .bind(agent_id)
        .bind(i64::from(port))
        .fetch_optional(connection))?;
    Ok(row
        .map(<(u16, Span)>::try_from)
        .transpose()?
        .map(|(_, span)| span))
}

/// The spans of an agent with their ports that touch the time from `from` to before `to`, by port and start.
pub async fn within(
    store: &Store,
    account: AccountId,
    agent_id: i64,
    (from_utc_ms, to_utc_ms): (i64, i64),
) -> StoreResult<Vec<(u16, Span)>> {
    let rows: Vec<Row> = on_pool!(store, pool => sqlx::query_as(WITHIN)
        .bind(account.0)
        .bind(agent_id)
        .bind(from_utc_ms)
        .bind(to_utc_ms)
        .fetch_all(pool))?;
    rows.into_iter().map(<(u16, Span)>::try_from).collect()
}

/// Writes a span in place of one with the same start.
pub async fn put(
    transaction: &mut Transaction,
    account: AccountId,
    (agent_id, port): (i64, u16),
    span: &Span,
) -> StoreResult<()> {
    let status = serde_json::to_string(&span.status)
        .map_err(|error| StoreError::unreadable("status of a span", error))?;
    let since = name_of(&span.since)?;
    change!(
        transaction,
        PUT,
        account.0,
        agent_id,
        i64::from(port),
        span.start_utc_ms,
        span.end_utc_ms,
        &since,
        span.lost,
        &status
    )
    .map(|_| ())
}

/// Forgets spans that ended before a time.
pub async fn forget(store: &Store, account: AccountId, before_utc_ms: i64) -> StoreResult<u64> {
    let mut transaction = store.begin().await?;
    let forgotten = change!(&mut transaction, FORGET, account.0, before_utc_ms)?;
    transaction.commit().await?;
    Ok(forgotten)
}
