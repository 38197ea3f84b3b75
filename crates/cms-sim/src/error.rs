//! What can go wrong in the simulator, each with its cause and the way out.

use std::path::PathBuf;

use floorwire_odbc::{Cause, OdbcError};

/// An error of the simulator. The texts name the thing concerned and never hold a connection string.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SimError {
    #[error("an instant or date lies outside what the calendar can hold")]
    Calendar(#[from] jiff::Error),
    #[error(transparent)]
    Scenario(#[from] floorwire_sim_centre::scenario::ScenarioError),
    #[error(transparent)]
    Log(#[from] floorwire_sim_centre::log::LogError),
    #[error(transparent)]
    Clock(#[from] floorwire_sim_booking::ClockError),
    #[error("{what} is out of range: {remedy}")]
    Range { what: String, remedy: &'static str },
    #[error(
        "column {table}.{column} cannot hold {value}: {}",
        remedy_of_overflow(column)
    )]
    Overflow {
        table: &'static str,
        column: String,
        value: i64,
    },
    #[error("the simulator has no table {table}")]
    NoSuchTable { table: &'static str },
    #[error(
        "table owner {owner}: only PostgreSQL finds tables of an owner as Informix does; take a database there, and an owner of small letters"
    )]
    Owner { owner: String },
    // The text of the cause is in this one, so it is not given as a source as well: it would be printed twice.
    #[error("the database: {}", text_of(.0))]
    Database(OdbcError),
    #[error("reader {reader} of table {table}: {problem}")]
    Reader {
        reader: String,
        table: String,
        problem: String,
    },
    #[error(
        "the database holds the table {table} already: give --replace to drop and create it anew"
    )]
    TablesExist { table: &'static str },
    #[error("the database holds no simulation: run `floorwire-cms-sim init` first")]
    NotInitialised,
    #[error("the last init did not finish: run `floorwire-cms-sim init --replace` again")]
    Unfinished,
    #[error(
        "this database was filled from {mode}, which has nothing to go on with: run init without it for live calls"
    )]
    NotLive { mode: String },
    #[error("parameter {name} in table {table} is missing or unreadable: run init --replace")]
    Parameter {
        name: &'static str,
        table: &'static str,
    },
    #[error("another run has published intervals of this database meanwhile: end one of the two")]
    SecondWriter,
    #[error("file {}: {cause}", path.display())]
    File {
        path: PathBuf,
        cause: std::io::Error,
    },
    #[error(
        "event log {path}, noted by init, is not there: give its new place with --event-log, or the name of a log to begin"
    )]
    LogMissing { path: PathBuf },
    #[error("call log {path}, line {line}: {reason}")]
    CallLog {
        path: PathBuf,
        line: u64,
        reason: String,
    },
    #[error("the database is not connected")]
    NotConnected,
    #[error(transparent)]
    Feed(#[from] floorwire_sim_feed::FeedError),
    #[error(transparent)]
    FeedLog(#[from] floorwire_sim_feed::JournalError),
    #[error(transparent)]
    Played(#[from] floorwire_sim_feed::PlayError),
    #[error("feed of ACD {acd} has no target: add to=HOST:PORT")]
    FeedWithoutTarget { acd: i16 },
    #[error("two feeds go to {to}: give each its own port")]
    FeedsToOnePort { to: String },
    #[error("feeds tell the time of day: run without --speed, or without --feed")]
    FeedTooFast,
    #[error(
        "the simulation is {seconds} s ahead of the time of day, so its feed would tell the future: run init --until now --replace"
    )]
    FeedOfTheFuture { seconds: i64 },
    #[error("feeds could not be sent: {0}")]
    FeedThread(String),
    #[error("signals cannot be listened to")]
    Signals(#[source] std::io::Error),
}

impl SimError {
    /// For `map_err` on file operations.
    pub(crate) fn file(path: &std::path::Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_path_buf();
        move |cause| Self::File { path, cause }
    }
}

impl From<OdbcError> for SimError {
    fn from(cause: OdbcError) -> Self {
        Self::Database(cause)
    }
}

/// What to do when a figure does not fit its column.
fn remedy_of_overflow(column: &str) -> &'static str {
    let counts_seconds_since_1970 =
        column.ends_with("_utc") || ["login", "logout"].contains(&column);
    if counts_seconds_since_1970 {
        "a CMS counts seconds since 1970 in four bytes; play days before 2038"
    } else {
        "fewer calls or agents, or shorter intervals, give smaller figures"
    }
}

/// The error of the database, with remedies for the host of the simulator, which writes.
fn text_of(error: &OdbcError) -> String {
    let text = error.to_string();
    let remedy = match error.cause() {
        Some(Cause::DriverNotRegistered) => {
            "install the driver on this host and use its name as odbcinst -q -d lists it"
        }
        Some(Cause::DataSourceUnknown) => {
            "define the dsn in this host's odbc.ini, or use the full form with DRIVER="
        }
        Some(Cause::MissingRights) => {
            "the simulator creates and fills tables; give its user the rights to do so"
        }
        Some(Cause::DatabaseLocked) => "end the program that holds the lock, then try again",
        Some(Cause::Other) if is_read_only(&text) => {
            "the database or its file is read-only; make it writable for this user, or take another one"
        }
        _ => return text,
    };
    match error.cause() {
        Some(cause) if text.contains(cause.remedy()) => text.replace(cause.remedy(), remedy),
        _ => format!("{text}; {remedy}"),
    }
}

fn is_read_only(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    ["readonly", "read-only", "read only"]
        .iter()
        .any(|words| text.contains(words))
}
