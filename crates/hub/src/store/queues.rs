//! Queues and the dictionary that names them.
//!
//! A queue gets its number when its first row is stored and keeps it: it is found again by integration, ACD, kind and
//! number. Its name is the dictionary's for that kind and number; without one, the number stands for it.

use super::{Store, StoreError, StoreResult, Transaction, counters, queue_names};
use crate::configuration::Configuration;
use crate::{change, in_tx, on_pool};
use floorwire_model::ids::{AccountId, AcdNumber, IntegrationId, QueueId};
use floorwire_model::streams::{DictionaryEntry, QueueKey, QueueKind};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A queue as the pages show it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Queue {
    /// Unique within the account.
    pub queue_id: i64,
    /// The dictionary's name, or the number.
    pub name: String,
    /// Its number at the source.
    pub number: String,
    /// The ACD.
    pub acd: i64,
    /// `split` or `vdn`.
    pub kind: String,
    /// Where it comes from.
    pub integration_id: i64,
    /// The integration's name, also of a deleted one.
    pub integration_name: String,
    /// Date of its first row, days since 1970-01-01.
    pub first_day: Option<i64>,
    /// Date of its last row.
    pub last_day: Option<i64>,
    /// First date with a daily row.
    pub first_daily: Option<i64>,
    /// Last date with a daily row.
    pub last_daily: Option<i64>,
    /// It is a queue under the grouping in force.
    pub in_force: bool,
    /// A person does not want to see it in lists.
    pub hidden: bool,
    /// First local date of this use of its number, days since 1970-01-01; 0 for the first use.
    pub from_day: i64,
    /// The name of a use that is over; empty for the present one.
    pub kept_name: String,
    /// The newest day of its integration's data, days since 1970-01-01; 0 while there is none.
    pub newest_day: i64,
}

/// A queue without rows for more days than this, while its integration has some, is inactive.
pub const INACTIVE_AFTER_DAYS: i64 = 30;

impl Queue {
    /// The date of its last figures, by interval or by day.
    pub fn last_figures_day(&self) -> Option<i64> {
        self.last_day.max(self.last_daily)
    }

    /// No rows for long, though its integration has newer ones: an import that stands still says nothing about a queue.
    pub fn is_inactive(&self) -> bool {
        self.last_figures_day().unwrap_or(0) < self.newest_day - INACTIVE_AFTER_DAYS
    }

    /// The number with all that makes it unique.
    pub fn numbered(&self) -> super::queue_names::Numbered {
        let (integration, acd) = (self.integration_id, self.acd);
        (integration, acd, self.kind.clone(), self.number.clone())
    }
}

macro_rules! queue_columns {
    ($rest:literal) => {
        concat!(
            "SELECT q.queue_id, COALESCE(NULLIF(q.kept_name, ''), NULLIF(d.name, ''), q.number) AS name, q.number, q.acd, q.kind,
                q.integration_id, i.name AS integration_name,
                (SELECT f.row_day FROM queue_intervals f WHERE f.account_id = q.account_id
                    AND f.queue_id = q.queue_id ORDER BY f.start_utc_s LIMIT 1) AS first_day,
                (SELECT l.row_day FROM queue_intervals l WHERE l.account_id = q.account_id
                    AND l.queue_id = q.queue_id ORDER BY l.start_utc_s DESC LIMIT 1) AS last_day,
                (SELECT MIN(y.row_day) FROM queue_days y WHERE y.account_id = q.account_id
                    AND y.queue_id = q.queue_id) AS first_daily,
                (SELECT MAX(y.row_day) FROM queue_days y WHERE y.account_id = q.account_id
                    AND y.queue_id = q.queue_id) AS last_daily,
                q.in_force, q.hidden, q.from_day, q.kept_name,
                COALESCE(s.latest_data_utc_s, 0) / 86400 AS newest_day
            FROM queues q
            JOIN integrations i ON i.account_id = q.account_id AND i.integration_id = q.integration_id
            LEFT JOIN integration_status s ON s.account_id = q.account_id AND s.integration_id = q.integration_id
            LEFT JOIN dictionary_entries d ON d.account_id = q.account_id AND d.integration_id = q.integration_id
                AND d.acd = q.acd AND d.item_type = q.kind AND d.value = q.number ",
            $rest
        )
    };
}

const LIST: &str = concat!(
    "SELECT * FROM (",
    queue_columns!("WHERE q.account_id = $1 AND q.queue_id > $2 AND q.in_force = $6 AND (q.hidden = $7 OR $8 = 1) AND ($3 = 0 OR q.integration_id = $3)
        AND ($4 = '' OR LOWER(COALESCE(NULLIF(q.kept_name, ''), NULLIF(d.name, ''), q.number)) LIKE $4 ESCAPE '\\' OR q.number LIKE $4 ESCAPE '\\')"),
    ") AS listed WHERE $9 = 0 OR $9 = CASE
        WHEN COALESCE(CASE WHEN last_day IS NULL OR last_daily > last_day THEN last_daily ELSE last_day END, 0)
            < newest_day - $10 THEN 1 ELSE 2 END
    ORDER BY queue_id LIMIT $5"
);
const GET: &str = queue_columns!("WHERE q.account_id = $1 AND q.queue_id = $2");
const OF_ACD: &str = "SELECT queue_id, kind, number, from_day FROM queues
    WHERE account_id = $1 AND integration_id = $2 AND acd = $3 AND from_day <= $4 ORDER BY from_day";
const IN_FORCE: &str = "SELECT queue_id, acd, kind, number, in_force FROM queues
    WHERE account_id = $1 AND integration_id = $2";
const SET_IN_FORCE: &str =
    "UPDATE queues SET in_force = $3 WHERE account_id = $1 AND queue_id = $2";
const SET_HIDDEN: &str = "UPDATE queues SET hidden = $3 WHERE account_id = $1 AND queue_id = $2";
const INSERT: &str = "INSERT INTO queues (account_id, queue_id, integration_id, acd, kind, number)
    VALUES ($1, $2, $3, $4, $5, $6)";
const DICTIONARY: &str =
    "SELECT item_type, value, name, description, standard FROM dictionary_entries
    WHERE account_id = $1 AND integration_id = $2 AND acd = $3";
const NAMES: &str = "SELECT item_type, value, name FROM dictionary_entries
    WHERE account_id = $1 AND integration_id = $2 AND acd = $3";
const PUT_ENTRY: &str =
    "INSERT INTO dictionary_entries (account_id, integration_id, acd, item_type, value, name,
        description, standard)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT (account_id, integration_id, acd, item_type, value) DO UPDATE SET
        name = excluded.name, description = excluded.description, standard = excluded.standard";
const DELETE_ENTRY: &str = "DELETE FROM dictionary_entries
    WHERE account_id = $1 AND integration_id = $2 AND acd = $3 AND item_type = $4 AND value = $5";

/// Which queues to list; only those of the grouping in force are.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted<'a> {
    /// Of one integration.
    pub integration: Option<IntegrationId>,
    /// With a text in name or number.
    pub search: Option<&'a str>,
    /// Hidden ones too.
    pub with_hidden: bool,
    /// Inactive ones only, or others only; see [`Queue::is_inactive`].
    pub inactive: Option<bool>,
}

/// Queues with numbers above `after`, in order, at most `limit`.
pub async fn list(
    store: &Store,
    account: AccountId,
    wanted: Wanted<'_>,
    after: i64,
    limit: i64,
) -> StoreResult<Vec<Queue>> {
    let pattern = wanted.search.map(like_pattern).unwrap_or_default();
    on_pool!(store, pool => sqlx::query_as(LIST)
        .bind(account.0)
        .bind(after)
        .bind(wanted.integration.map_or(0, |integration| integration.0))
        .bind(&pattern)
        .bind(limit)
        .bind(true)
        .bind(false)
        .bind(i64::from(wanted.with_hidden))
        .bind(wanted.inactive.map_or(0, |inactive| if inactive { 1 } else { 2 }))
        .bind(INACTIVE_AFTER_DAYS)
        .fetch_all(pool))
}

/// "Contains", in lower case, with the wildcards of LIKE taken literally.
pub(super) fn like_pattern(search: &str) -> String {
    let search = search.trim().to_lowercase();
    if search.is_empty() {
        return search;
    }
    let mut pattern = String::from("%");
    // Names have no control characters, and PostgreSQL refuses a text with a zero byte.
    for letter in search.chars().filter(|letter| !letter.is_control()) {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

/// One queue.
pub async fn get(store: &Store, account: AccountId, id: QueueId) -> StoreResult<Option<Queue>> {
    on_pool!(store, pool => sqlx::query_as(GET).bind(account.0).bind(id.0).fetch_optional(pool))
}

/// Says of every queue of an integration whether it is one under these settings.
pub async fn set_in_force(
    transaction: &mut Transaction,
    account: AccountId,
    integration: IntegrationId,
    configuration: &Configuration,
) -> StoreResult<()> {
    let rows: Vec<(i64, i64, String, String, bool)> = in_tx!(&mut *transaction, connection => sqlx::query_as(IN_FORCE)
        .bind(account.0)
        .bind(integration.0)
        .fetch_all(connection))?;
    for (id, acd, kind, number, was) in rows {
        let is = configuration.is_queue(acd, &kind, &number);
        if is != was {
            change!(&mut *transaction, SET_IN_FORCE, account.0, id, is)?;
        }
    }
    Ok(())
}

/// Hides a queue in lists, or shows it again. False when there is no such queue.
pub async fn set_hidden(
    transaction: &mut Transaction,
    account: AccountId,
    id: QueueId,
    hidden: bool,
) -> StoreResult<bool> {
    let changed = change!(transaction, SET_HIDDEN, account.0, id.0, hidden)?;
    Ok(changed > 0)
}

/// The ids of the queues of one ACD, of each number the use it had on a day; those of `needed` that are new get one.
pub async fn ids_of_acd(
    transaction: &mut Transaction,
    account: AccountId,
    integration: IntegrationId,
    (acd, row_day): (AcdNumber, i64),
    needed: &BTreeSet<&QueueKey>,
) -> StoreResult<HashMap<QueueKey, i64>> {
    let place = (acd, row_day);
    let mut ids = read_ids(transaction, account, integration, place).await?;
    if needed.iter().all(|key| ids.contains_key(*key)) {
        return Ok(ids);
    }
    // Taking a number locks the counter, so whoever adds queues at the same time is waited for; then look again.
    let mut next = counters::next_ids(transaction, account.0, "queue", 0).await? + 1;
    ids = read_ids(transaction, account, integration, place).await?;
    let new: Vec<_> = needed
        .iter()
        .filter(|key| !ids.contains_key(**key))
        .collect();
    let count = i64::try_from(new.len()).unwrap_or(i64::MAX);
    next = if count > 0 {
        counters::next_ids(transaction, account.0, "queue", count).await?
    } else {
        next
    };
    for key in new {
        let (kind, number) = (key.kind.as_str(), &key.number);
        change!(
            &mut *transaction,
            INSERT,
            account.0,
            next,
            integration.0,
            i64::from(acd.0),
            kind,
            number
        )?;
        ids.insert((**key).clone(), next);
        next += 1;
    }
    Ok(ids)
}

async fn read_ids(
    transaction: &mut Transaction,
    account: AccountId,
    integration: IntegrationId,
    (acd, row_day): (AcdNumber, i64),
) -> StoreResult<HashMap<QueueKey, i64>> {
    // By begin, so that of several uses the last one up to the day stays.
    let rows: Vec<(i64, String, String, i64)> = in_tx!(transaction, connection => sqlx::query_as(OF_ACD)
        .bind(account.0)
        .bind(integration.0)
        .bind(i64::from(acd.0))
        .bind(row_day)
        .fetch_all(connection))?;
    rows.into_iter()
        .map(|(id, kind, number, _)| {
            let kind = QueueKind::from_name(&kind)
                .ok_or_else(|| StoreError::unreadable("kind of a queue", id))?;
            Ok((QueueKey { acd, kind, number }, id))
        })
        .collect()
}

/// The dictionary of one ACD: names by kind and number.
pub async fn names_of_acd(
    store: &Store,
    account: AccountId,
    integration: IntegrationId,
    acd: AcdNumber,
) -> StoreResult<HashMap<(String, String), String>> {
    let rows: Vec<(String, String, String)> = on_pool!(store, pool => sqlx::query_as(NAMES)
        .bind(account.0)
        .bind(integration.0)
        .bind(i64::from(acd.0))
        .fetch_all(pool))?;
    let named = rows.into_iter();
    Ok(named
        .map(|(kind, number, name)| ((kind, number), name))
        .collect())
}

/// Makes the dictionary of one ACD say exactly `entries`, as read at a time. Of two entries for one value the first counts.
/// Names that numbers of queues had before are kept.
pub async fn replace_dictionary(
    transaction: &mut Transaction,
    account: AccountId,
    integration: IntegrationId,
    acd: AcdNumber,
    (entries, read_utc_ms): (&[DictionaryEntry], i64),
) -> StoreResult<u64> {
    type Named = (String, String, bool);
    let rows: Vec<(String, String, String, String, bool)> = in_tx!(&mut *transaction, connection => sqlx::query_as(DICTIONARY)
        .bind(account.0)
        .bind(integration.0)
        .bind(i64::from(acd.0))
        .fetch_all(connection))?;
    let mut stored: HashMap<(String, String), Named> = rows
        .into_iter()
        .map(|(item_type, value, name, description, standard)| {
            ((item_type, value), (name, description, standard))
        })
        .collect();
    let mut wanted: BTreeMap<(&str, &str), &DictionaryEntry> = BTreeMap::new();
    for entry in entries {
        wanted
            .entry((&entry.item_type, &entry.value))
            .or_insert(entry);
    }
    let mut changed = 0;
    for ((item_type, value), entry) in wanted {
        let before = stored.remove(&(item_type.to_owned(), value.to_owned()));
        let same = before
            .as_ref()
            .is_some_and(|(name, description, standard)| {
                *name == entry.name
                    && *description == entry.description
                    && *standard == entry.standard
            });
        if same {
            continue;
        }
        let former = before.map(|(name, ..)| name).unwrap_or_default();
        let is_other = !former.is_empty() && !entry.name.is_empty() && former != entry.name;
        if is_other && QueueKind::from_name(item_type).is_some() {
            let place = (integration, acd);
            let number = (item_type, value);
            queue_names::keep(transaction, account, place, number, &former, read_utc_ms).await?;
        }
        changed += change!(
            &mut *transaction,
            PUT_ENTRY,
            account.0,
            integration.0,
            i64::from(acd.0),
            item_type,
            value,
            &entry.name,
            &entry.description,
            entry.standard,
        )?;
    }
    for (item_type, value) in stored.keys() {
        let acd = i64::from(acd.0);
        changed += change!(
            &mut *transaction,
            DELETE_ENTRY,
            account.0,
            integration.0,
            acd,
            item_type,
            value
        )?;
    }
    Ok(changed)
}
