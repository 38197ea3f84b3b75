//! Names that numbers had before, and uses of a number.
//!
//! The source has no history of names: a new name counts backwards there. So the name that a reading of the dictionary no
//! longer finds is kept with the time of that reading. Whether the same queue was renamed or the number was given to
//! something else, only a person knows; until somebody says so the queue goes on as one, and the question stands.

use super::{Store, StoreResult, Transaction, counters};
use crate::{change, in_tx, on_pool};
use floorwire_model::ids::{AccountId, AcdNumber, IntegrationId, QueueId};
use std::collections::HashMap;

/// A name that a number had.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct FormerName {
    /// The integration.
    pub integration_id: i64,
    /// The ACD.
    pub acd: i64,
    /// `split` or `vdn`.
    pub kind: String,
    /// The number at the source.
    pub number: String,
    /// The name.
    pub name: String,
    /// When the dictionary was read that had another name, milliseconds.
    pub until_utc_ms: i64,
    /// Empty until somebody answers; `renamed`, `reused`.
    pub answer: String,
}

/// Integration, ACD, kind, number.
pub type Numbered = (i64, i64, String, String);

const KEEP: &str =
    "INSERT INTO queue_names (account_id, integration_id, acd, kind, number, until_utc_ms, name, answer)
    VALUES ($1, $2, $3, $4, $5, $6, $7, '') ON CONFLICT DO NOTHING";
const ALL: &str =
    "SELECT integration_id, acd, kind, number, name, until_utc_ms, answer FROM queue_names
    WHERE account_id = $1 ORDER BY until_utc_ms";
const ANSWER: &str = "UPDATE queue_names SET answer = $6
    WHERE account_id = $1 AND integration_id = $2 AND acd = $3 AND kind = $4 AND number = $5 AND answer = ''";
const USES: &str = "SELECT from_day FROM queues
    WHERE account_id = $1 AND integration_id = $2 AND acd = $3 AND kind = $4 AND number = $5";
const INSERT_USE: &str =
    "INSERT INTO queues (account_id, queue_id, integration_id, acd, kind, number, in_force, hidden,
        from_day, kept_name)
    SELECT account_id, $3, integration_id, acd, kind, number, in_force, hidden, $4, kept_name
    FROM queues WHERE account_id = $1 AND queue_id = $2";
const KEEP_NAME: &str = "UPDATE queues SET kept_name = $3 WHERE account_id = $1 AND queue_id = $2";
const MOVE_INTERVALS: &str = "UPDATE queue_intervals SET queue_id = $3 WHERE account_id = $1 AND queue_id = $2 AND row_day >= $4";
const MOVE_DAYS: &str =
    "UPDATE queue_days SET queue_id = $3 WHERE account_id = $1 AND queue_id = $2 AND row_day >= $4";
const MOVE_JOURNAL: &str = "UPDATE journal SET queue_id = $3 WHERE account_id = $1 AND queue_id = $2 AND start_utc_s >= $4";

/// Keeps a name that a reading of the dictionary found no more.
pub async fn keep(
    transaction: &mut Transaction,
    account: AccountId,
    (integration, acd): (IntegrationId, AcdNumber),
    (kind, number): (&str, &str),
    name: &str,
    until_utc_ms: i64,
) -> StoreResult<()> {
    let acd = i64::from(acd.0);
    change!(
        transaction,
        KEEP,
        account.0,
        integration.0,
        acd,
        kind,
        number,
        until_utc_ms,
        name
    )
    .map(|_| ())
}

/// All names that numbers of an account had before, oldest first.
pub async fn all(
    store: &Store,
    account: AccountId,
) -> StoreResult<HashMap<Numbered, Vec<FormerName>>> {
    let rows: Vec<FormerName> = on_pool!(store, pool => sqlx::query_as(ALL)
        .bind(account.0)
        .fetch_all(pool))?;
    let mut names: HashMap<Numbered, Vec<FormerName>> = HashMap::new();
    for row in rows {
        let number = (
            row.integration_id,
            row.acd,
            row.kind.clone(),
            row.number.clone(),
        );
        names.entry(number).or_default().push(row);
    }
    Ok(names)
}

/// Answers what is open of a number.
pub async fn answer(
    transaction: &mut Transaction,
    account: AccountId,
    (integration, acd, kind, number): &Numbered,
    answer: &str,
) -> StoreResult<()> {
    change!(
        transaction,
        ANSWER,
        account.0,
        *integration,
        *acd,
        kind,
        number,
        answer
    )
    .map(|_| ())
}

/// The first day of a new use of a number.
#[derive(Clone, Copy, Debug)]
pub struct NewUse<'a> {
    /// First local date of it, days since 1970-01-01.
    pub from_day: i64,
    /// Its midnight, seconds since 1970 UTC.
    pub from_utc_s: i64,
    /// The name of the use before.
    pub former_name: &'a str,
}

/// Gives a number's use from a day on a queue of its own and moves what is stored of it. `None` when a use of the number
/// begins on that day already. The caller holds the integration's lock, so that nothing is stored meanwhile.
pub async fn split(
    transaction: &mut Transaction,
    account: AccountId,
    queue: QueueId,
    number: &Numbered,
    new: NewUse<'_>,
) -> StoreResult<Option<QueueId>> {
    let (integration, acd, kind, text) = number;
    let days: Vec<i64> = in_tx!(&mut *transaction, connection => sqlx::query_scalar(USES)
        .bind(account.0)
        .bind(*integration)
        .bind(*acd)
        .bind(kind)
        .bind(text)
        .fetch_all(connection))?;
    if days.contains(&new.from_day) {
        return Ok(None);
    }
    let id = counters::next_id(transaction, account.0, "queue").await?;
    change!(
        &mut *transaction,
        INSERT_USE,
        account.0,
        queue.0,
        id,
        new.from_day
    )?;
    change!(
        &mut *transaction,
        KEEP_NAME,
        account.0,
        queue.0,
        new.former_name
    )?;
    for sql in [MOVE_INTERVALS, MOVE_DAYS] {
        change!(&mut *transaction, sql, account.0, queue.0, id, new.from_day)?;
    }
    change!(
        &mut *transaction,
        MOVE_JOURNAL,
        account.0,
        queue.0,
        id,
        new.from_utc_s
    )?;
    answer(transaction, account, number, "reused").await?;
    Ok(Some(QueueId(id)))
}
