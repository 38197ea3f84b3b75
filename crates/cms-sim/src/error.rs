//! What can go wrong in the simulator, each with its cause and the way out.

use std::path::PathBuf;

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
    #[error("column {table}.{column} cannot hold {value}: lower the volume or the interval")]
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
