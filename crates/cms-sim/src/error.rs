//! What can go wrong in the simulator, each with its cause and the way out.

use std::path::PathBuf;

/// An error of the simulator. The texts name the thing concerned and never hold a connection string.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SimError {
    #[error("unknown time zone {zone}: give an IANA name such as Europe/Paris")]
    UnknownZone {
        zone: String,
        #[source]
        cause: jiff::Error,
    },
    #[error("an instant or date lies outside what the calendar can hold")]
    Calendar(#[from] jiff::Error),
    #[error("interval of {minutes} minutes is not one that CMS stores: give 15, 30 or 60")]
    Interval { minutes: i32 },
    #[error("{what} is out of range: {remedy}")]
    Range { what: String, remedy: &'static str },
    #[error(
        "column {column} of split {split} cannot hold {value}: lower the volume or the interval"
    )]
    Overflow {
        column: &'static str,
        split: i16,
        value: i64,
    },
    #[error("the database: {0}")]
    Database(#[from] floorwire_odbc::OdbcError),
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
    #[error("file {path}: {cause}")]
    File {
        path: PathBuf,
        #[source]
        cause: std::io::Error,
    },
    #[error("event log {path} is in use by another process: end it, or give another file")]
    LogLocked { path: PathBuf },
    #[error("event log {path} exists already: give --replace to overwrite it, or another name")]
    LogExists { path: PathBuf },
    #[error(
        "event log {path}, noted by init, is not there: give its new place with --event-log, or the name of a log to begin"
    )]
    LogMissing { path: PathBuf },
    #[error("event log {path}, line {line}: {reason}")]
    LogLine {
        path: PathBuf,
        line: u64,
        reason: String,
    },
    #[error(
        "event log {path} belongs to another simulation than the database: give the log that its init wrote"
    )]
    LogOfAnotherSimulation { path: PathBuf },
    #[error("call log {path}, line {line}: {reason}")]
    CallLog {
        path: PathBuf,
        line: u64,
        reason: String,
    },
    #[error("the database is not connected")]
    NotConnected,
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
