//! Source partitions, the parts they arrive in, and readings set aside.
//!
//! A partition's content is what the Link sent: source columns as MessagePack in zstd. Parts belong to one attempt of one
//! task and go when the task ends.

use super::tasks::{date_text, read_partition};
use super::{Store, StoreError, StoreResult, Transaction, counters};
use crate::{change, in_tx, on_pool};
use floorwire_model::agents::scope::AgentScope;
use floorwire_model::derivation::{DerivationSettings, Rejected};
use floorwire_model::ids::{AccountId, AcdNumber, IntegrationId, TaskId};
use floorwire_model::partition::SourcePartition;
use jiff::civil::Date;
use std::collections::HashMap;

/// What is stored of a partition, without its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartitionHead {
    /// Number of source rows.
    pub row_count: i64,
    /// Hash of the rows, independent of their order.
    pub content_hash: Vec<u8>,
    /// When the reading began, milliseconds.
    pub read_begin_utc_ms: i64,
    /// The settings its stream rows were derived under, JSON.
    pub derived_under: String,
    /// First and last start among its stream rows; `None` without stream rows.
    pub derived_range_utc_s: Option<(i64, i64)>,
    /// The scope it was read under; `None` for tables without agent data.
    pub scope: Option<AgentScope>,
    /// See [`floorwire_model::fingerprint`]; `None` where it has none, or was stored by an older hub.
    pub fingerprint: Option<String>,
}

/// A partition to be stored.
#[derive(Clone, Debug)]
pub struct NewPartition<'a> {
    /// Number of source rows.
    pub row_count: i64,
    /// See [`PartitionHead::content_hash`].
    pub content_hash: &'a [u8],
    /// When the reading began.
    pub read_begin_utc_ms: i64,
    /// When it ended.
    pub read_end_utc_ms: i64,
    /// The task that read it.
    pub task: TaskId,
    /// Under which attempt.
    pub attempt: i64,
    /// The settings its stream rows are derived under.
    pub derived_under: &'a DerivationSettings,
    /// First and last start among its stream rows.
    pub derived_range_utc_s: Option<(i64, i64)>,
    /// Rows that could not be used.
    pub rejected: &'a [Rejected],
    /// Rows a person should know of.
    pub doubtful: &'a [Rejected],
    /// The scope it was read under; `None` for tables without agent data.
    pub scope: Option<&'a AgentScope>,
    /// See [`PartitionHead::fingerprint`].
    pub fingerprint: Option<&'a str>,
    /// Source columns, encoded.
    pub content: &'a [u8],
}

#[derive(sqlx::FromRow)]
struct HeadRow {
    row_count: i64,
    content_hash: Vec<u8>,
    read_begin_utc_ms: i64,
    derived_under: String,
    derived_from_utc_s: Option<i64>,
    derived_to_utc_s: Option<i64>,
    scope: String,
    fingerprint: String,
}

impl TryFrom<HeadRow> for PartitionHead {
    type Error = StoreError;

    fn try_from(row: HeadRow) -> StoreResult<Self> {
        Ok(Self {
            scope: read_scope(&row.scope)?,
            fingerprint: Some(row.fingerprint).filter(|text| !text.is_empty()),
            row_count: row.row_count,
            content_hash: row.content_hash,
            read_begin_utc_ms: row.read_begin_utc_ms,
            derived_under: row.derived_under,
            derived_range_utc_s: row.derived_from_utc_s.zip(row.derived_to_utc_s),
        })
    }
}

fn scope_text(scope: Option<&AgentScope>) -> StoreResult<String> {
    scope.map_or_else(|| Ok(String::new()), json)
}

pub(super) fn read_scope(text: &str) -> StoreResult<Option<AgentScope>> {
    if text.is_empty() {
        return Ok(None);
    }
    let scope = serde_json::from_str(text);
    scope
        .map(Some)
        .map_err(|error| StoreError::unreadable("scope of a partition", error))
}

/// A reading that was not applied.
#[derive(Clone, Debug)]
pub struct SetAside {
    /// Its number.
    pub id: i64,
    /// What was read.
    pub partition: SourcePartition,
    /// Stable code: `hit-row-limit`, `shrunken`, `emptied`, `not-derivable`.
    pub reason: String,
    /// For a person.
    pub detail: String,
    /// Rows of the reading.
    pub row_count: i64,
    /// When it was set aside.
    pub at_utc_ms: i64,
}

/// A reading to be set aside.
#[derive(Clone, Debug)]
pub struct NewSetAside<'a> {
    /// What was read.
    pub partition: &'a SourcePartition,
    /// The task that read it.
    pub task: TaskId,
    /// Under which attempt.
    pub attempt: i64,
    /// See [`SetAside::reason`].
    pub reason: &'static str,
    /// For a person.
    pub detail: &'a str,
    /// Rows of the reading.
    pub row_count: i64,
    /// When it began.
    pub read_begin_utc_ms: i64,
    /// Source columns, encoded.
    pub content: Option<&'a [u8]>,
    /// The scope it was read under; `None` for tables without agent data.
    pub scope: Option<&'a AgentScope>,
}

const HEAD: &str = "SELECT row_count, content_hash, read_begin_utc_ms, derived_under, derived_from_utc_s, derived_to_utc_s, scope,
        fingerprint
    FROM source_partitions
    WHERE account_id = $1 AND integration_id = $2 AND source_table = $3 AND acd = $4 AND row_date = $5";
const HEAD_LOCKED_POSTGRES: &str = "SELECT row_count, content_hash, read_begin_utc_ms, derived_under,
        derived_from_utc_s, derived_to_utc_s, scope, fingerprint
    FROM source_partitions
    WHERE account_id = $1 AND integration_id = $2 AND source_table = $3 AND acd = $4 AND row_date = $5 FOR UPDATE";
const FINGERPRINT: &str = "SELECT fingerprint FROM source_partitions
    WHERE account_id = $1 AND integration_id = $2 AND source_table = $3 AND acd = $4 AND row_date = $5";
const CONTENT: &str = "SELECT content FROM source_partitions
    WHERE account_id = $1 AND integration_id = $2 AND source_table = $3 AND acd = $4 AND row_date = $5";
const PUT: &str = "INSERT INTO source_partitions (account_id, integration_id, source_table, acd, row_date,
        format_version, row_count, content_hash, read_begin_utc_ms, read_end_utc_ms, task_id, attempt, derived_under,
        derived_from_utc_s, derived_to_utc_s, rejected, doubtful, content, scope, fingerprint)
    VALUES ($1, $2, $3, $4, $5, 1, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
    ON CONFLICT (account_id, integration_id, source_table, acd, row_date) DO UPDATE SET
        format_version = 1, row_count = excluded.row_count, content_hash = excluded.content_hash,
        read_begin_utc_ms = excluded.read_begin_utc_ms, read_end_utc_ms = excluded.read_end_utc_ms,
        task_id = excluded.task_id, attempt = excluded.attempt, derived_under = excluded.derived_under,
        derived_from_utc_s = excluded.derived_from_utc_s, derived_to_utc_s = excluded.derived_to_utc_s,
        rejected = excluded.rejected, doubtful = excluded.doubtful, content = excluded.content, scope = excluded.scope,
        fingerprint = excluded.fingerprint";
const CONFIRM: &str = "UPDATE source_partitions SET read_begin_utc_ms = $6, read_end_utc_ms = $7, task_id = $8,
        attempt = $9, scope = $10, fingerprint = $11
    WHERE account_id = $1 AND integration_id = $2 AND source_table = $3 AND acd = $4 AND row_date = $5";
const REDERIVED: &str = "UPDATE source_partitions SET derived_under = $6, derived_from_utc_s = $7,
        derived_to_utc_s = $8, rejected = $9, doubtful = $10
    WHERE account_id = $1 AND integration_id = $2 AND source_table = $3 AND acd = $4 AND row_date = $5";
const OUTDATED: &str = "SELECT row_date FROM source_partitions
    WHERE account_id = $1 AND integration_id = $2 AND source_table = $3 AND acd = $4 AND derived_under <> $5
    ORDER BY row_date DESC LIMIT 1";
const NEWEST: &str = "SELECT row_date, content_hash FROM source_partitions
    WHERE account_id = $1 AND integration_id = $2 AND source_table = $3 AND acd = $4 AND row_count > 0
    ORDER BY row_date DESC LIMIT $5";
const DOUBTED: &str = "SELECT row_date, content_hash FROM source_partitions
    WHERE account_id = $1 AND integration_id = $2 AND source_table = $3 AND acd = $4 AND doubtful LIKE $6
    ORDER BY row_date DESC LIMIT $5";
const OTHER_SCOPES: &str = "SELECT row_date, scope FROM source_partitions
    WHERE account_id = $1 AND integration_id = $2 AND source_table = $3 AND acd = $4 AND scope <> $5";
const NARROW: &str = "UPDATE source_partitions SET row_count = $6, content_hash = $7, content = $8, scope = $9,
        derived_under = '', fingerprint = ''
    WHERE account_id = $1 AND integration_id = $2 AND source_table = $3 AND acd = $4 AND row_date = $5";
const DELETE: &str = "DELETE FROM source_partitions
    WHERE account_id = $1 AND integration_id = $2 AND source_table = $3 AND acd = $4 AND row_date = $5";
const ACDS: &str = "SELECT DISTINCT acd FROM source_partitions
    WHERE account_id = $1 AND integration_id = $2 ORDER BY acd";
const DATES: &str = "SELECT row_date, scope FROM source_partitions
    WHERE account_id = $1 AND integration_id = $2 AND source_table = $3 AND acd = $4";
const WITH_ROWS: &str = "SELECT row_date FROM source_partitions
    WHERE account_id = $1 AND integration_id = $2 AND source_table = $3 AND acd = $4 AND row_count > 0
        AND row_date >= $5 AND row_date < $6 ORDER BY row_date";
const PUT_PART: &str =
    "INSERT INTO attempt_parts (account_id, task_id, attempt, part, sha256, body)
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
const PART_HASH: &str = "SELECT sha256 FROM attempt_parts
    WHERE account_id = $1 AND task_id = $2 AND attempt = $3 AND part = $4";
const PARTS: &str = "SELECT part, body FROM attempt_parts
    WHERE account_id = $1 AND task_id = $2 AND attempt = $3 ORDER BY part";
const PUT_ASIDE: &str = "INSERT INTO set_aside (account_id, set_aside_id, integration_id, source_table, acd, row_date,
        task_id, attempt, reason, detail, row_count, read_begin_utc_ms, content, at_utc_ms, scope)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
    ON CONFLICT (account_id, integration_id, source_table, acd, row_date) DO UPDATE SET
        set_aside_id = excluded.set_aside_id, task_id = excluded.task_id, attempt = excluded.attempt,
        reason = excluded.reason, detail = excluded.detail, row_count = excluded.row_count,
        read_begin_utc_ms = excluded.read_begin_utc_ms, content = excluded.content, at_utc_ms = excluded.at_utc_ms,
        scope = excluded.scope";
const DROP_ASIDE: &str = "DELETE FROM set_aside
    WHERE account_id = $1 AND integration_id = $2 AND source_table = $3 AND acd = $4 AND row_date = $5";
const LIST_ASIDE: &str =
    "SELECT set_aside_id, source_table, acd, row_date, reason, detail, row_count, at_utc_ms
    FROM set_aside WHERE account_id = $1 AND integration_id = $2 AND set_aside_id < $3
    ORDER BY set_aside_id DESC LIMIT $4";
const ASIDE_DATES: &str = "SELECT row_date, '' AS scope FROM set_aside
    WHERE account_id = $1 AND integration_id = $2 AND source_table = $3 AND acd = $4";

/// What is stored of a partition; locked until the transaction ends.
pub async fn head(
    transaction: &mut Transaction,
    account: AccountId,
    partition: &SourcePartition,
) -> StoreResult<Option<PartitionHead>> {
    let sql = transaction.pick(HEAD, HEAD_LOCKED_POSTGRES);
    let row: Option<HeadRow> = in_tx!(transaction, connection => sqlx::query_as(sql)
        .bind(account.0)
        .bind(partition.integration.0)
        .bind(&partition.table)
        .bind(i64::from(partition.acd.0))
        .bind(date_text(partition.row_date))
        .fetch_optional(connection))?;
    row.map(PartitionHead::try_from).transpose()
}

/// As [`head`], outside a transaction.
pub async fn peek(
    store: &Store,
    account: AccountId,
    partition: &SourcePartition,
) -> StoreResult<Option<PartitionHead>> {
    let row: Option<HeadRow> = on_pool!(store, pool => sqlx::query_as(HEAD)
        .bind(account.0)
        .bind(partition.integration.0)
        .bind(&partition.table)
        .bind(i64::from(partition.acd.0))
        .bind(date_text(partition.row_date))
        .fetch_optional(pool))?;
    row.map(PartitionHead::try_from).transpose()
}

/// The fingerprint of a partition's rows, for asking the source whether they changed.
pub async fn fingerprint(
    transaction: &mut Transaction,
    account: AccountId,
    partition: &SourcePartition,
) -> StoreResult<Option<String>> {
    let stored: Option<String> = in_tx!(transaction, connection => sqlx::query_scalar(FINGERPRINT)
        .bind(account.0)
        .bind(partition.integration.0)
        .bind(&partition.table)
        .bind(i64::from(partition.acd.0))
        .bind(date_text(partition.row_date))
        .fetch_optional(connection))?;
    Ok(stored.filter(|text| !text.is_empty()))
}

/// The content of a partition, as encoded.
pub async fn content(
    store: &Store,
    account: AccountId,
    partition: &SourcePartition,
) -> StoreResult<Option<Vec<u8>>> {
    on_pool!(store, pool => sqlx::query_scalar(CONTENT)
        .bind(account.0)
        .bind(partition.integration.0)
        .bind(&partition.table)
        .bind(i64::from(partition.acd.0))
        .bind(date_text(partition.row_date))
        .fetch_optional(pool))
}

fn json(value: &impl serde::Serialize) -> StoreResult<String> {
    serde_json::to_string(value).map_err(|error| StoreError::unreadable("derivation", error))
}

/// How derivation settings are stored; two are the same when this text is.
pub fn settings_text(settings: &DerivationSettings) -> StoreResult<String> {
    json(settings)
}

/// Stores a partition in place of the one before.
pub async fn put(
    transaction: &mut Transaction,
    account: AccountId,
    partition: &SourcePartition,
    new: &NewPartition<'_>,
) -> StoreResult<()> {
    change!(
        &mut *transaction,
        PUT,
        account.0,
        partition.integration.0,
        &partition.table,
        i64::from(partition.acd.0),
        date_text(partition.row_date),
        new.row_count,
        new.content_hash,
        new.read_begin_utc_ms,
        new.read_end_utc_ms,
        new.task.0,
        new.attempt,
        json(new.derived_under)?,
        new.derived_range_utc_s.map(|range| range.0),
        new.derived_range_utc_s.map(|range| range.1),
        json(&new.rejected)?,
        json(&new.doubtful)?,
        new.content,
        scope_text(new.scope)?,
        new.fingerprint.unwrap_or_default(),
    )?;
    drop_aside(transaction, account, partition).await
}

/// A reading found the same rows: only its time, attempt, scope and fingerprint are stored.
pub async fn confirm(
    transaction: &mut Transaction,
    account: AccountId,
    partition: &SourcePartition,
    (read_begin_utc_ms, read_end_utc_ms): (i64, i64),
    (task, attempt): (TaskId, i64),
    (scope, fingerprint): (Option<&AgentScope>, Option<&str>),
) -> StoreResult<()> {
    change!(
        &mut *transaction,
        CONFIRM,
        account.0,
        partition.integration.0,
        &partition.table,
        i64::from(partition.acd.0),
        date_text(partition.row_date),
        read_begin_utc_ms,
        read_end_utc_ms,
        task.0,
        attempt,
        scope_text(scope)?,
        fingerprint.unwrap_or_default(),
    )?;
    drop_aside(transaction, account, partition).await
}

/// The stream rows of a partition were derived anew from the same source rows.
pub async fn rederived(
    transaction: &mut Transaction,
    account: AccountId,
    partition: &SourcePartition,
    settings: &DerivationSettings,
    range_utc_s: Option<(i64, i64)>,
    rejected: &[Rejected],
    doubtful: &[Rejected],
) -> StoreResult<()> {
    change!(
        transaction,
        REDERIVED,
        account.0,
        partition.integration.0,
        &partition.table,
        i64::from(partition.acd.0),
        date_text(partition.row_date),
        json(settings)?,
        range_utc_s.map(|range| range.0),
        range_utc_s.map(|range| range.1),
        json(&rejected)?,
        json(&doubtful)?,
    )
    .map(|_| ())
}

/// The ACDs of which something is stored.
pub async fn acds(
    store: &Store,
    account: AccountId,
    integration: IntegrationId,
) -> StoreResult<Vec<AcdNumber>> {
    let numbers: Vec<i64> = on_pool!(store, pool => sqlx::query_scalar(ACDS)
        .bind(account.0)
        .bind(integration.0)
        .fetch_all(pool))?;
    let acd = |number: i64| {
        let number = i32::try_from(number);
        number
            .map(AcdNumber)
            .map_err(|error| StoreError::unreadable("number of an acd", error))
    };
    numbers.into_iter().map(acd).collect()
}

/// The newest partition of a table and ACD whose stream rows were derived under other settings.
pub async fn outdated(
    store: &Store,
    account: AccountId,
    integration: IntegrationId,
    (table, acd): (&str, AcdNumber),
    settings: &DerivationSettings,
) -> StoreResult<Option<SourcePartition>> {
    let date: Option<String> = on_pool!(store, pool => sqlx::query_scalar(OUTDATED)
        .bind(account.0)
        .bind(integration.0)
        .bind(table)
        .bind(i64::from(acd.0))
        .bind(json(settings)?)
        .fetch_optional(pool))?;
    date.map(|date| read_partition(integration.0, table.to_owned(), i64::from(acd.0), &date))
        .transpose()
}

/// The newest partitions of a table and ACD that have rows, with the hash of their content; at most `limit`.
pub async fn newest(
    store: &Store,
    account: AccountId,
    integration: IntegrationId,
    (table, acd): (&str, AcdNumber),
    limit: i64,
) -> StoreResult<Vec<(SourcePartition, Vec<u8>)>> {
    let rows: Vec<(String, Vec<u8>)> = on_pool!(store, pool => sqlx::query_as(NEWEST)
        .bind(account.0)
        .bind(integration.0)
        .bind(table)
        .bind(i64::from(acd.0))
        .bind(limit)
        .fetch_all(pool))?;
    with_hashes(integration, table, acd, rows)
}

/// The newest partitions of a table and ACD with doubtful rows of a code, with the hash of their content; at most `limit`.
pub async fn doubted(
    store: &Store,
    account: AccountId,
    integration: IntegrationId,
    (table, acd): (&str, AcdNumber),
    code: &str,
    limit: i64,
) -> StoreResult<Vec<(SourcePartition, Vec<u8>)>> {
    let rows: Vec<(String, Vec<u8>)> = on_pool!(store, pool => sqlx::query_as(DOUBTED)
        .bind(account.0)
        .bind(integration.0)
        .bind(table)
        .bind(i64::from(acd.0))
        .bind(limit)
        .bind(format!("%\"{code}\"%"))
        .fetch_all(pool))?;
    with_hashes(integration, table, acd, rows)
}

fn with_hashes(
    integration: IntegrationId,
    table: &str,
    acd: AcdNumber,
    rows: Vec<(String, Vec<u8>)>,
) -> StoreResult<Vec<(SourcePartition, Vec<u8>)>> {
    rows.into_iter()
        .map(|(date, hash)| {
            let acd = i64::from(acd.0);
            let partition = read_partition(integration.0, table.to_owned(), acd, &date)?;
            Ok((partition, hash))
        })
        .collect()
}

/// The partitions of a table and ACD that were read under another scope than this, with theirs.
pub async fn other_scopes(
    store: &Store,
    account: AccountId,
    integration: IntegrationId,
    (table, acd): (&str, AcdNumber),
    scope: &AgentScope,
) -> StoreResult<Vec<(SourcePartition, AgentScope)>> {
    let rows: Vec<(String, String)> = on_pool!(store, pool => sqlx::query_as(OTHER_SCOPES)
        .bind(account.0)
        .bind(integration.0)
        .bind(table)
        .bind(i64::from(acd.0))
        .bind(json(scope)?)
        .fetch_all(pool))?;
    rows.into_iter()
        .map(|(date, held)| {
            let acd = i64::from(acd.0);
            let partition = read_partition(integration.0, table.to_owned(), acd, &date)?;
            Ok((partition, read_scope(&held)?.unwrap_or_default()))
        })
        .collect()
}

/// What a narrower scope leaves of a partition.
#[derive(Clone, Debug)]
pub struct NarrowedRows {
    /// Number of source rows.
    pub row_count: i64,
    /// See [`PartitionHead::content_hash`].
    pub content_hash: Vec<u8>,
    /// Source columns, encoded.
    pub content: Vec<u8>,
}

/// Replaces the rows of a partition by those in scope. It counts as derived under no settings, so that it is derived anew.
pub async fn narrow(
    transaction: &mut Transaction,
    account: AccountId,
    partition: &SourcePartition,
    rows: &NarrowedRows,
    scope: &AgentScope,
) -> StoreResult<()> {
    change!(
        &mut *transaction,
        NARROW,
        account.0,
        partition.integration.0,
        &partition.table,
        i64::from(partition.acd.0),
        date_text(partition.row_date),
        rows.row_count,
        rows.content_hash.as_slice(),
        rows.content.as_slice(),
        scope_text(Some(scope))?,
    )?;
    drop_aside(transaction, account, partition).await
}

/// Deletes a partition and what is set aside of it.
pub async fn delete(
    transaction: &mut Transaction,
    account: AccountId,
    partition: &SourcePartition,
) -> StoreResult<()> {
    change!(
        &mut *transaction,
        DELETE,
        account.0,
        partition.integration.0,
        &partition.table,
        i64::from(partition.acd.0),
        date_text(partition.row_date),
    )?;
    drop_aside(transaction, account, partition).await
}

/// The dates of a table and ACD that are stored, and those of which a reading is set aside. Under a `scope`, only what was
/// read under one that covers it is known.
pub async fn known_dates(
    transaction: &mut Transaction,
    account: AccountId,
    integration: IntegrationId,
    (table, acd): (&str, AcdNumber),
    scope: Option<&AgentScope>,
) -> StoreResult<Vec<Option<Date>>> {
    let mut known = Vec::new();
    for sql in [DATES, ASIDE_DATES] {
        let rows: Vec<(String, String)> = in_tx!(&mut *transaction, connection => sqlx::query_as(sql)
            .bind(account.0)
            .bind(integration.0)
            .bind(table)
            .bind(i64::from(acd.0))
            .fetch_all(connection))?;
        let mut covering: HashMap<String, bool> = HashMap::new();
        for (date, held) in rows {
            let covers = match (covering.get(&held), scope) {
                (Some(covers), _) => *covers,
                (None, None) => true,
                (None, Some(scope)) => {
                    let covers = read_scope(&held)?.is_none_or(|under| under.covers(scope));
                    covering.insert(held, covers);
                    covers
                }
            };
            if covers {
                known.push(super::tasks::read_date(&date)?);
            }
        }
    }
    Ok(known)
}

/// The dates from `from` to before `to` of which a table and ACD has rows stored.
pub async fn dates_with_rows(
    store: &Store,
    account: AccountId,
    integration: IntegrationId,
    (table, acd): (&str, i64),
    (from, to): (Date, Date),
) -> StoreResult<Vec<Date>> {
    let dates: Vec<String> = on_pool!(store, pool => sqlx::query_scalar(WITH_ROWS)
        .bind(account.0)
        .bind(integration.0)
        .bind(table)
        .bind(acd)
        .bind(from.to_string())
        .bind(to.to_string())
        .fetch_all(pool))?;
    let dates = dates.iter().map(|date| super::tasks::read_date(date));
    dates.filter_map(Result::transpose).collect()
}

/// What became of a part that was stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartStored {
    /// It is there now, or was there with the same hash.
    Stored,
    /// Another body was stored under this number before.
    Differs,
}

/// Stores one part of an attempt; the same again changes nothing.
pub async fn put_part(
    transaction: &mut Transaction,
    account: AccountId,
    task: TaskId,
    attempt: i64,
    part: i64,
    sha256: &str,
    body: &[u8],
) -> StoreResult<PartStored> {
    let stored = change!(
        &mut *transaction,
        PUT_PART,
        account.0,
        task.0,
        attempt,
        part,
        sha256,
        body
    )?;
    if stored > 0 {
        return Ok(PartStored::Stored);
    }
    let there: String = in_tx!(transaction, connection => sqlx::query_scalar(PART_HASH)
        .bind(account.0)
        .bind(task.0)
        .bind(attempt)
        .bind(part)
        .fetch_one(connection))?;
    Ok(if there == sha256 {
        PartStored::Stored
    } else {
        PartStored::Differs
    })
}

/// The parts of an attempt in order: number and body.
pub async fn parts(
    store: &Store,
    account: AccountId,
    task: TaskId,
    attempt: i64,
) -> StoreResult<Vec<(i64, Vec<u8>)>> {
    on_pool!(store, pool => sqlx::query_as(PARTS)
        .bind(account.0)
        .bind(task.0)
        .bind(attempt)
        .fetch_all(pool))
}

/// Sets a reading aside in place of one of the same partition that was set aside before.
pub async fn set_aside(
    transaction: &mut Transaction,
    account: AccountId,
    new: &NewSetAside<'_>,
    now_utc_ms: i64,
) -> StoreResult<()> {
    let id = counters::next_id(transaction, account.0, "set_aside").await?;
    change!(
        transaction,
        PUT_ASIDE,
        account.0,
        id,
        new.partition.integration.0,
        &new.partition.table,
        i64::from(new.partition.acd.0),
        date_text(new.partition.row_date),
        new.task.0,
        new.attempt,
        new.reason,
        new.detail,
        new.row_count,
        new.read_begin_utc_ms,
        new.content,
        now_utc_ms,
        scope_text(new.scope)?,
    )
    .map(|_| ())
}

async fn drop_aside(
    transaction: &mut Transaction,
    account: AccountId,
    partition: &SourcePartition,
) -> StoreResult<()> {
    change!(
        transaction,
        DROP_ASIDE,
        account.0,
        partition.integration.0,
        &partition.table,
        i64::from(partition.acd.0),
        date_text(partition.row_date),
    )
    .map(|_| ())
}

/// Readings set aside with numbers below `before` (or all), newest first, at most `limit`.
pub async fn list_aside(
    store: &Store,
    account: AccountId,
    integration: IntegrationId,
    before: Option<i64>,
    limit: i64,
) -> StoreResult<Vec<SetAside>> {
    type Row = (i64, String, i64, String, String, String, i64, i64);
    let rows: Vec<Row> = on_pool!(store, pool => sqlx::query_as(LIST_ASIDE)
        .bind(account.0)
        .bind(integration.0)
        .bind(before.unwrap_or(i64::MAX))
        .bind(limit)
        .fetch_all(pool))?;
    rows.into_iter()
        .map(
            |(id, table, acd, date, reason, detail, row_count, at_utc_ms)| {
                let partition = read_partition(integration.0, table, acd, &date)?;
                Ok(SetAside {
                    id,
                    partition,
                    reason,
                    detail,
                    row_count,
                    at_utc_ms,
                })
            },
        )
        .collect()
}
