//! What a simulation remembers in its own database, so that `run` needs nothing but the connection.
//!
//! # Format
//! Table `c_floorwire_sim` (names that begin with `c_` belong to the customer in a CMS), one row per name:
//!
//! | name | value |
//! |---|---|
//! | `state` | `filling` from the start of init, `ready` when it has finished |
//! | `settings` | JSON of `Settings` |
//! | `scenario 0`, `scenario 1`, ... | the scenario's text in pieces, with `%` before the hexadecimal of what is not plain ASCII |
//! | `reader` | the database user from whom `run` has taken rights; no such row: nobody |
//! | `clock` | simulated time up to which the tables are filled (Unix seconds), a blank, the mark of the writer |
//!
//! `clock` changes in the transaction that writes the rows of a step, and only if it still is what the writer has read:
//! two writers cannot both write a step.

use std::time::{SystemTime, UNIX_EPOCH};

use floorwire_sim_centre::scenario::Size;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::database::Database;
use crate::error::SimError;

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
    pub first_day: Date,
    /// What was generated; `None`: the scenario in the table, or no simulation.
    pub size: Option<Size>,
    /// Absolute path of the event log, if there is one.
    pub event_log: Option<String>,
}

/// How far a simulation has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Progress {
    /// Everything that could be read by this instant is in the tables.
    pub clock_utc_s: i64,
    /// The text of `clock` as it stands in the table.
    clock: String,
}

/// A name for a simulation or a writer that no other will have.
pub(crate) fn new_name() -> String {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    format!("{:x}-{:x}", now.as_nanos(), std::process::id())
}

/// Creates the table.
pub(crate) fn create(database: &mut Database) -> Result<(), SimError> {
    database.execute(&format!(
        "CREATE TABLE {TABLE} (name VARCHAR(40) NOT NULL PRIMARY KEY, value VARCHAR(4000) NOT NULL)"
    ))
}

/// Writes the parameters of a simulation that is about to be filled.
pub(crate) fn begin(
    database: &mut Database,
    settings: &Settings,
    scenario: Option<&str>,
) -> Result<(), SimError> {
    let json = serde_json::to_string(settings).map_err(|cause| SimError::File {
        path: TABLE.into(),
        cause: cause.into(),
    })?;
    let mut pairs = vec![
        ("state".to_owned(), "filling".to_owned()),
        ("settings".to_owned(), json),
        ("clock".to_owned(), "0 init".to_owned()),
    ];
    let text = plain(scenario.unwrap_or_default());
    let pieces = text.as_bytes().chunks(PIECE);
    for (number, piece) in pieces.enumerate() {
        let piece = String::from_utf8_lossy(piece).into_owned();
        pairs.push((format!("scenario {number}"), piece));
    }
    let rows: Vec<Vec<String>> = pairs
        .into_iter()
        .map(|(name, value)| vec![name, value])
        .collect();
    database.insert_texts(TABLE, &["name", "value"], &rows)
}

/// Marks a simulation as ready to be read and continued.
pub(crate) fn finish(database: &mut Database, clock_utc_s: i64) -> Result<(), SimError> {
    set(database, "clock", &format!("{clock_utc_s} init"))?;
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

/// Reads the text of the scenario.
pub(crate) fn scenario(database: &mut Database) -> Result<String, SimError> {
    let mut text = String::new();
    for number in 0.. {
        match get(database, &format!("scenario {number}"))? {
            Some(piece) => text.push_str(&piece),
            None => break,
        }
    }
    from_plain(&text).ok_or(SimError::Parameter {
        name: "scenario",
        table: TABLE,
    })
}

/// Reads how far the simulation has come.
pub(crate) fn progress(database: &mut Database) -> Result<Progress, SimError> {
    let bad = || SimError::Parameter {
        name: "clock",
        table: TABLE,
    };
    let clock = get(database, "clock")?.ok_or_else(bad)?;
    let first_word = clock.split(' ').next().unwrap_or_default();
    Ok(Progress {
        clock_utc_s: first_word.parse().map_err(|_| bad())?,
        clock,
    })
}

/// Inside a transaction: moves `clock` on. Fails if somebody else has done so since `from` was read.
pub(crate) fn advance(
    database: &mut Database,
    from: &Progress,
    clock_utc_s: i64,
    writer: &str,
) -> Result<Progress, SimError> {
    let clock = format!("{clock_utc_s} {writer}");
    database.execute(&format!(
        "UPDATE {TABLE} SET value = {} WHERE name = 'clock' AND value = {}",
        quoted(&clock),
        quoted(&from.clock),
    ))?;
    if get(database, "clock")?.as_deref() != Some(clock.as_str()) {
        return Err(SimError::SecondWriter);
    }
    Ok(Progress { clock_utc_s, clock })
}

/// The user from whom rights were taken, now or some time ago.
pub(crate) fn reader(database: &mut Database) -> Result<Option<String>, SimError> {
    let text = get(database, READER)?;
    Ok(text.and_then(|text| from_plain(&text)))
}

/// Notes from whom rights are about to be taken. Before they are: whatever happens then, they can be given back.
pub(crate) fn remember_reader(database: &mut Database, reader: &str) -> Result<(), SimError> {
    database.begin()?;
    database.execute(&format!("DELETE FROM {TABLE} WHERE name = '{READER}'"))?;
    database.execute(&format!(
        "INSERT INTO {TABLE} (name, value) VALUES ('{READER}', {})",
        quoted(&plain(reader))
    ))?;
    database.commit()
}

const READER: &str = "reader";

/// Bytes of a piece of the scenario.
const PIECE: usize = 3_000;

/// Text in plain ASCII, whatever script it is in: drivers differ in what they make of other letters.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for byte in text.bytes() {
        if (b' '..=b'~').contains(&byte) && !matches!(byte, b'%' | b'\\') {
            plain.push(char::from(byte));
        } else {
            plain.push_str(&format!("%{byte:02x}"));
        }
    }
    plain
}

/// The inverse of [`plain`].
fn from_plain(plain: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(plain.len());
    let mut rest = plain.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if *first == b'%' {
            let code = std::str::from_utf8(after.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(code, 16).ok()?);
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok()
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
    use proptest::prelude::*;

    fn settings() -> Settings {
        Settings {
            simulation: "test".into(),
            mode: Mode::Generated,
            first_day: jiff::civil::date(2026, 1, 1),
            size: None,
            event_log: Some("/a path/with 'quotes'.jsonl".into()),
        }
    }

    #[test]
    fn only_one_of_two_writers_advances_from_the_same_position() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("cms.sqlite");
        let string = format!("DRIVER=SQLite3;Database={}", file.display());
        let mut database = Database::connect(&string).unwrap();
        assert!(matches!(load(&mut database), Err(SimError::NotInitialised)));
        create(&mut database).unwrap();
        let text = "name = \"é%\\休憩\"\n".repeat(300);
        begin(&mut database, &settings(), Some(&text)).unwrap();
        assert!(matches!(load(&mut database), Err(SimError::Unfinished)));
        finish(&mut database, 4_000).unwrap();
        assert_eq!(load(&mut database).unwrap(), settings());
        assert_eq!(scenario(&mut database).unwrap(), text);

        let read = progress(&mut database).unwrap();
        assert_eq!(read.clock_utc_s, 4_000);
        let mut other = Database::connect(&string).unwrap();
        let read_by_other = progress(&mut other).unwrap();
        database.begin().unwrap();
        let reached = advance(&mut database, &read, 6_400, "one").unwrap();
        database.commit().unwrap();
        other.begin().unwrap();
        let refused = advance(&mut other, &read_by_other, 6_400, "two");
        assert!(matches!(refused, Err(SimError::SecondWriter)));
        drop(other);
        assert_eq!(progress(&mut database).unwrap(), reached);
    }

    proptest! {
        #[test]
        fn any_text_survives(text in ".*") {
            prop_assert_eq!(from_plain(&plain(&text)), Some(text));
        }
    }
}
