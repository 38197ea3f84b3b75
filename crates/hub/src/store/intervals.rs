//! Rows of `queue_intervals`: read for the pages, compared and written by ingest.
//!
//! Writing. A partition's rows are compared with what is stored in the range of starts they occupy, and only differences
//! are written: [`apply`] takes rows to put and keys to delete. PostgreSQL gets new rows by binary COPY (changed rows are
//! deleted first, by key arrays); SQLite by prepared statements of 256, 16 and 1 rows, because a statement costs more
//! than a row.

use super::{Store, StoreError, StoreResult, Transaction};
use crate::{change, in_tx, on_pool};
use floorwire_model::ids::{AccountId, AcdNumber, IntegrationId, QueueId};
use floorwire_model::streams::{Measures, Quality, QueueKind};
use sqlx::sqlite::SqliteArguments;
use sqlx::{AssertSqlSafe, PgConnection, SqliteConnection};
use std::sync::LazyLock;

/// One stored row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredInterval {
    /// The queue.
    pub queue_id: i64,
    /// Start of the slot, seconds.
    pub start_utc_s: i64,
    /// Its length, seconds.
    pub length_s: i64,
    /// The partition's date, days since 1970-01-01.
    pub row_day: i64,
    /// How far the figures can be trusted.
    pub quality: Quality,
    /// The figures.
    pub measures: Measures,
}

#[derive(sqlx::FromRow)]
struct Row {
    queue_id: i64,
    start_utc_s: i64,
    length_s: i64,
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

impl TryFrom<Row> for StoredInterval {
    type Error = StoreError;

    fn try_from(row: Row) -> StoreResult<Self> {
        let quality = Quality::from_name(&row.quality).ok_or_else(|| {
            StoreError::unreadable(format!("quality of queue {}", row.queue_id), &row.quality)
        })?;
        Ok(Self {
            queue_id: row.queue_id,
            start_utc_s: row.start_utc_s,
            length_s: row.length_s,
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

macro_rules! interval_columns {
    ($rest:literal) => {
        concat!(
            "SELECT i.queue_id, i.start_utc_s, i.length_s, i.row_day, i.quality, i.offered, i.answered, i.abandoned,
                i.within_threshold, i.talk_seconds, i.hold_seconds, i.acw_seconds, i.wait_seconds, i.staffed_seconds,
                i.available_seconds, i.threshold_seconds ",
            $rest
        )
    };
}

const OF_QUEUE: &str = interval_columns!(
    "FROM queue_intervals i
    WHERE i.account_id = $1 AND i.queue_id = $2 AND i.start_utc_s >= $3 AND i.start_utc_s < $4
    ORDER BY i.start_utc_s"
);
// CROSS JOIN keeps SQLite from starting with the large table.
const OF_ACD: &str = interval_columns!(
    "FROM queues q CROSS JOIN queue_intervals i
    WHERE q.account_id = $1 AND q.integration_id = $2 AND q.acd = $3 AND q.kind = $6
        AND i.account_id = q.account_id AND i.queue_id = q.queue_id AND i.start_utc_s >= $4 AND i.start_utc_s <= $5"
);
const DELETE_ONE: &str =
    "DELETE FROM queue_intervals WHERE account_id = $1 AND queue_id = $2 AND start_utc_s = $3";
const DELETE_MANY_POSTGRES: &str = "DELETE FROM queue_intervals i USING UNNEST($2::bigint[], $3::bigint[]) AS k (queue_id, start_utc_s)
    WHERE i.account_id = $1 AND i.queue_id = k.queue_id AND i.start_utc_s = k.start_utc_s";
const COPY_POSTGRES: &str = "COPY queue_intervals (account_id, queue_id, start_utc_s, length_s, row_day, quality, offered,
        answered, abandoned, within_threshold, talk_seconds, hold_seconds, acw_seconds, wait_seconds, staffed_seconds,
        available_seconds, threshold_seconds) FROM STDIN (FORMAT binary)";
const PUT_SQLITE: &str = "INSERT OR REPLACE INTO queue_intervals (account_id, queue_id, start_utc_s, length_s, row_day,
        quality, offered, answered, abandoned, within_threshold, talk_seconds, hold_seconds, acw_seconds, wait_seconds,
        staffed_seconds, available_seconds, threshold_seconds) VALUES ";

/// Columns of one row, and with it the placeholders.
const COLUMNS: usize = 6 + Measures::COUNT;
/// Rows per statement, largest first: 256 x 17 values stay below SQLite's limit of 32,766.
const BATCHES: [usize; 3] = [256, 16, 1];

static PUT_SQLITE_BATCHES: LazyLock<[String; 3]> = LazyLock::new(|| {
    let row = format!("({})", vec!["?"; COLUMNS].join(","));
    BATCHES.map(|rows| format!("{PUT_SQLITE}{}", vec![row.as_str(); rows].join(",")))
});

/// The rows of a queue that start from `from_utc_s` to before `to_utc_s`, in order.
pub async fn of_queue(
    store: &Store,
    account: AccountId,
    queue: QueueId,
    from_utc_s: i64,
    to_utc_s: i64,
) -> StoreResult<Vec<StoredInterval>> {
    let rows: Vec<Row> = on_pool!(store, pool => sqlx::query_as(OF_QUEUE)
        .bind(account.0)
        .bind(queue.0)
        .bind(from_utc_s)
        .bind(to_utc_s)
        .fetch_all(pool))?;
    rows.into_iter().map(StoredInterval::try_from).collect()
}

/// The rows of all queues of one kind of an ACD that start within the range, both ends included.
pub async fn of_acd(
    transaction: &mut Transaction,
    account: AccountId,
    integration: IntegrationId,
    (acd, kind): (AcdNumber, QueueKind),
    range_utc_s: (i64, i64),
) -> StoreResult<Vec<StoredInterval>> {
    let rows: Vec<Row> = in_tx!(transaction, connection => sqlx::query_as(OF_ACD)
        .bind(account.0)
        .bind(integration.0)
        .bind(i64::from(acd.0))
        .bind(range_utc_s.0)
        .bind(range_utc_s.1)
        .bind(kind.as_str())
        .fetch_all(connection))?;
    rows.into_iter().map(StoredInterval::try_from).collect()
}

/// What to write: rows that are new, rows that replace one of the same queue and start, and rows to delete.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Rows whose queue and start are not stored yet.
    pub new: Vec<StoredInterval>,
    /// Rows whose queue and start are stored with other values.
    pub changed: Vec<StoredInterval>,
    /// Queue and start of rows to delete.
    pub gone: Vec<(i64, i64)>,
}

/// Writes the changes.
pub async fn apply(
    transaction: &mut Transaction,
    account: AccountId,
    changes: &Changes,
) -> StoreResult<()> {
    match transaction {
        Transaction::Sqlite(_) => {
            for (queue_id, start_utc_s) in &changes.gone {
                change!(
                    &mut *transaction,
                    DELETE_ONE,
                    account.0,
                    *queue_id,
                    *start_utc_s
                )?;
            }
            if let Some(connection) = transaction.sqlite() {
                put_sqlite(connection, account, &changes.new).await?;
                put_sqlite(connection, account, &changes.changed).await?;
            }
        }
        Transaction::Postgres(_) => {
            if let Some(connection) = transaction.postgres() {
                delete_postgres(connection, account, changes).await?;
                copy_postgres(connection, account, &changes.new, &changes.changed).await?;
            }
        }
    }
    Ok(())
}

async fn put_sqlite(
    connection: &mut SqliteConnection,
    account: AccountId,
    rows: &[StoredInterval],
) -> StoreResult<()> {
    let mut rest = rows;
    for (size, sql) in BATCHES.into_iter().zip(PUT_SQLITE_BATCHES.iter()) {
        while rest.len() >= size {
            let (batch, after) = rest.split_at(size);
            let mut query = sqlx::query::<sqlx::Sqlite>(AssertSqlSafe(sql.as_str()));
            for row in batch {
                query = bind_row(query, account, row);
            }
            query.execute(&mut *connection).await?;
            rest = after;
        }
    }
    Ok(())
}

type SqliteQuery<'q> = sqlx::query::Query<'q, sqlx::Sqlite, SqliteArguments>;

fn bind_row<'q>(
    query: SqliteQuery<'q>,
    account: AccountId,
    row: &StoredInterval,
) -> SqliteQuery<'q> {
    let mut query = query
        .bind(account.0)
        .bind(row.queue_id)
        .bind(row.start_utc_s)
        .bind(row.length_s)
        .bind(row.row_day)
        .bind(row.quality.as_str());
    for value in row.measures.values() {
        query = query.bind(value);
    }
    query
}

async fn delete_postgres(
    connection: &mut PgConnection,
    account: AccountId,
    changes: &Changes,
) -> StoreResult<()> {
    let replaced = changes
        .changed
        .iter()
        .map(|row| (row.queue_id, row.start_utc_s));
    let (queues, starts): (Vec<i64>, Vec<i64>) =
        changes.gone.iter().copied().chain(replaced).unzip();
    if queues.is_empty() {
        return Ok(());
    }
    sqlx::query(DELETE_MANY_POSTGRES)
        .bind(account.0)
        .bind(queues)
        .bind(starts)
        .execute(connection)
        .await?;
    Ok(())
}

/// Rows are sent in pieces of about this size.
const COPY_PIECE_BYTES: usize = 256 * 1024;

async fn copy_postgres(
    connection: &mut PgConnection,
    account: AccountId,
    new: &[StoredInterval],
    changed: &[StoredInterval],
) -> StoreResult<()> {
    if new.is_empty() && changed.is_empty() {
        return Ok(());
    }
    let mut copy = connection.copy_in_raw(COPY_POSTGRES).await?;
    let mut piece = Vec::with_capacity(COPY_PIECE_BYTES + 1024);
    // Signature, no flags, no header extension.
    piece.extend_from_slice(b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0");
    for row in new.iter().chain(changed) {
        encode_row(&mut piece, account, row);
        if piece.len() >= COPY_PIECE_BYTES {
            copy.send(piece.as_slice()).await?;
            piece.clear();
        }
    }
    // End of data.
    piece.extend_from_slice(&(-1_i16).to_be_bytes());
    copy.send(piece.as_slice()).await?;
    copy.finish().await?;
    Ok(())
}

/// One row of PostgreSQL's binary COPY: the number of fields, then length and big-endian value of each.
fn encode_row(piece: &mut Vec<u8>, account: AccountId, row: &StoredInterval) {
    const FIELDS: u8 = 17;
    const _: () = assert!(FIELDS as usize == COLUMNS);
    piece.extend_from_slice(&i16::from(FIELDS).to_be_bytes());
    for value in [
        account.0,
        row.queue_id,
        row.start_utc_s,
        row.length_s,
        row.row_day,
    ] {
        put_bigint(piece, Some(value));
    }
    let quality = row.quality.as_str().as_bytes();
    piece.extend_from_slice(&i32::try_from(quality.len()).unwrap_or(0).to_be_bytes());
    piece.extend_from_slice(quality);
    for value in row.measures.values() {
        put_bigint(piece, value);
    }
}

fn put_bigint(piece: &mut Vec<u8>, value: Option<i64>) {
    match value {
        Some(value) => {
            piece.extend_from_slice(&8_i32.to_be_bytes());
            piece.extend_from_slice(&value.to_be_bytes());
        }
        None => piece.extend_from_slice(&(-1_i32).to_be_bytes()),
    }
}
