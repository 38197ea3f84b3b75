//! What a simulation remembers in its own database, so that `run` needs nothing but the connection.
//!
//! # Format
//! Table `c_floorwire_sim` (names that begin with `c_` belong to the customer in a CMS), one row per name:
//!
//! | name | value |
//! |---|---|
//! | `state` | `filling` from the start of init, `ready` when it has finished |
//! | `settings` | JSON of `Settings` |
//! | `published` | start of the first interval not yet in the tables (Unix seconds), a blank, the mark of the writer |
//! | `clock` | simulated time at the last change of the tables, Unix seconds |
//!
//! `published` changes in the transaction that writes the rows of an interval, and only if it still is what the
//! writer has read: two writers cannot both publish an interval.

use std::time::{SystemTime, UNIX_EPOCH};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::calendar::Calendar;
use crate::error::SimError;
use crate::tables::Database;

pub(crate) const TABLE: &str = "c_floorwire_sim";

/// Where the rows come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Mode {
    Generated,
    Replay,
    Volume,
}

/// The settings given to `init`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Settings {
    /// Name of the simulation, also in the header of its event log.
    pub simulation: String,
    pub mode: Mode,
    pub zone: String,
    pub interval_minutes: i32,
    pub seed: u64,
    pub acds: i16,
    pub skills: usize,
    pub first_day: Date,
    pub with_starttime_utc: bool,
    /// Absolute path of the event log, if there is one.
    pub event_log: Option<String>,
}

impl Settings {
    pub fn calendar(&self) -> Result<Calendar, SimError> {
        Calendar::new(&self.zone, self.interval_minutes)
    }
}

/// How far a simulation has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Progress {
    pub published_through_utc_s: i64,
    pub clock_utc_s: i64,
    /// The text of `published` as it stands in the table.
    published: String,
}

/// A name for a simulation or a writer that no other will have.
pub(crate) fn new_name() -> String {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    format!("{:x}-{:x}", now.as_nanos(), std::process::id())
}

/// Writes the parameters of a simulation that is about to be filled.
pub(crate) fn begin(database: &mut Database, settings: &Settings) -> Result<(), SimError> {
    let json = serde_json::to_string(settings).map_err(|cause| SimError::File {
        path: TABLE.into(),
        cause: cause.into(),
    })?;
    let pairs = [
        ("state", "filling"),
        ("settings", &json),
        ("published", "0 init"),
        ("clock", "0"),
    ];
    database.insert_texts(
        TABLE,
        &["name", "value"],
        &pairs.map(|(name, value)| vec![name.to_owned(), value.to_owned()]),
    )
}

/// Marks a simulation as ready to be read and continued.
pub(crate) fn finish(
    database: &mut Database,
    published_through_utc_s: i64,
    clock_utc_s: i64,
) -> Result<(), SimError> {
    set(
        database,
        "published",
        &format!("{published_through_utc_s} init"),
    )?;
    set(database, "clock", &clock_utc_s.to_string())?;
    set(database, "state", "ready")
}

/// Reads the settings of a finished simulation.
pub(crate) fn load(database: &mut Database) -> Result<Settings, SimError> {
    if !database.has_table(TABLE)? {
        return Err(SimError::NotInitialised);
    }
    match get(database, "state")?.as_deref() {
        Some("ready") => {}
        Some(_) => return Err(SimError::Unfinished),
        None => return Err(SimError::NotInitialised),
    }
    get(database, "settings")?
        .and_then(|json| serde_json::from_str(&json).ok())
        .ok_or(SimError::Parameter {
            name: "settings",
            table: TABLE,
        })
}

/// Reads how far the simulation has come.
pub(crate) fn progress(database: &mut Database) -> Result<Progress, SimError> {
    let bad = |name| SimError::Parameter { name, table: TABLE };
    let published = get(database, "published")?.ok_or(bad("published"))?;
    let first_word = published.split(' ').next().unwrap_or_default();
    Ok(Progress {
        published_through_utc_s: first_word.parse().map_err(|_| bad("published"))?,
        clock_utc_s: get(database, "clock")?
            .and_then(|clock| clock.parse().ok())
            .ok_or(bad("clock"))?,
        published,
    })
}

/// Inside a transaction: moves `published` and `clock` on. Fails if somebody else has done so since `from` was read.
pub(crate) fn advance(
    database: &mut Database,
    from: &Progress,
    published_through_utc_s: i64,
    clock_utc_s: i64,
    writer: &str,
) -> Result<Progress, SimError> {
    let published = format!("{published_through_utc_s} {writer}");
    database.execute(&format!(
        "UPDATE {TABLE} SET value = {} WHERE name = 'published' AND value = {}",
        quoted(&published),
        quoted(&from.published),
    ))?;
    set(database, "clock", &clock_utc_s.to_string())?;
    if get(database, "published")?.as_deref() != Some(published.as_str()) {
        return Err(SimError::SecondWriter);
    }
    Ok(Progress {
        published_through_utc_s,
        clock_utc_s,
        published,
    })
}

fn set(database: &mut Database, name: &str, value: &str) -> Result<(), SimError> {
    database.execute(&format!(
        "UPDATE {TABLE} SET value = {} WHERE name = {}",
        quoted(value),
        quoted(name)
    ))
}

fn get(database: &mut Database, name: &str) -> Result<Option<String>, SimError> {
    database.text(&format!(
        "SELECT value FROM {TABLE} WHERE name = {}",
        quoted(name)
    ))
}

/// One of our own texts (numbers and words, no backslash) as an SQL literal.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> Settings {
        Settings {
            simulation: "test".into(),
            mode: Mode::Generated,
            zone: "Europe/Paris".into(),
            interval_minutes: 30,
            seed: 1,
            acds: 1,
            skills: 2,
            first_day: jiff::civil::date(2026, 1, 1),
            with_starttime_utc: true,
            event_log: Some("/a path/with 'quotes'.jsonl".into()),
        }
    }

    #[test]
    fn only_one_of_two_writers_advances_from_the_same_position() {
        let folder = tempfile::tempdir().unwrap();
        let string = format!(
            "DRIVER=SQLite3;Database={}",
            folder.path().join("cms.sqlite").display()
        );
        let mut database = Database::connect(&string).unwrap();
        assert!(matches!(load(&mut database), Err(SimError::NotInitialised)));
        database.create(true, false).unwrap();
        begin(&mut database, &settings()).unwrap();
        assert!(matches!(load(&mut database), Err(SimError::Unfinished)));
        finish(&mut database, 1_000, 4_000).unwrap();
        assert_eq!(load(&mut database).unwrap(), settings());

        let read = progress(&mut database).unwrap();
        assert_eq!(
            (read.published_through_utc_s, read.clock_utc_s),
            (1_000, 4_000)
        );
        let mut other = Database::connect(&string).unwrap();
        let read_by_other = progress(&mut other).unwrap();
        database.begin().unwrap();
        let reached = advance(&mut database, &read, 2_800, 6_400, "one").unwrap();
        database.commit().unwrap();
        other.begin().unwrap();
        let refused = advance(&mut other, &read_by_other, 2_800, 6_400, "two");
        assert!(matches!(refused, Err(SimError::SecondWriter)));
        drop(other);
        assert_eq!(progress(&mut database).unwrap(), reached);
    }
}
