//! What can go wrong while reading over ODBC.
//!
//! Three families, kept apart because their remedies differ: the driver or the database said no
//! ([`DriverError`], with the diagnostics whole and a stable [`Cause`]); the data did not fit what
//! was asked ([`DataError`], which names the cell); the worker process failed (the other variants
//! of [`OdbcError`]). The first two travel over the worker's pipe.
//!
//! No variant holds a connection string, and every driver message is redacted before it gets here.

use std::time::Duration;

use floorwire_connection_string::{ParseError, Refusal};
use serde::{Deserialize, Serialize};

use crate::cause::Cause;

/// Anything that ends a read, a probe or an insert.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OdbcError {
    /// The connection string cannot be understood.
    #[error("the connection string cannot be read: {0}")]
    ConnectionString(#[from] ParseError),
    /// The connection string asks for something that is never allowed.
    #[error("the connection string is refused: {0}")]
    Refused(#[from] Refusal),
    /// The driver manager, the driver or the database reported an error.
    #[error(transparent)]
    Driver(#[from] DriverError),
    /// What came back is not what the catalogue promises, or what is to be written does not fit.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The worker program could not be started.
    #[error(
        "the database worker could not be started: {0}; check that the program file is in place and executable"
    )]
    WorkerStart(#[source] std::io::Error),
    /// The worker process ended in the middle of its work: a crash of the driver, or a kill.
    #[error(
        "the database worker ended unexpectedly while {phase} ({how}); everything of this read was thrown away and it will be tried again"
    )]
    WorkerDied {
        /// What it was doing, as in `connecting`.
        phase: String,
        /// Exit code or signal, as far as known.
        how: String,
    },
    /// The worker made no progress for too long and was ended.
    #[error(
        "the database gave no answer for {} s while {phase}; the worker was ended and everything of this read was thrown away; check the database server and the network", silent.as_secs()
    )]
    Stalled {
        /// What it was doing, as in `fetching`.
        phase: String,
        /// How long nothing had come.
        silent: Duration,
    },
    /// The statement went past its time limit; where the driver ignores the limit, the worker was
    /// ended.
    #[error(
        "the statement took more than {seconds} s and was ended; ask for a shorter period, or have the table's index on row_date checked"
    )]
    StatementTimeout {
        /// The limit, in seconds.
        seconds: u32,
    },
    /// What came through the worker's pipe cannot be right.
    #[error("the database worker sent something unexpected: {0}; both must be of one version")]
    Protocol(String),
    /// A batch was asked for after the read had failed or ended.
    #[error("this read is over: it had failed before")]
    ReadOver,
}

impl OdbcError {
    /// The stable cause, when the error has one that a page can explain by its code.
    pub fn cause(&self) -> Option<Cause> {
        match self {
            Self::Driver(error) => Some(error.cause),
            Self::StatementTimeout { .. } => Some(Cause::StatementTimeout),
            _ => None,
        }
    }

    /// Whether trying again later, with nothing changed, may help.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::ConnectionString(_) | Self::Refused(_) | Self::Data(_) => false,
            Self::Driver(error) => error.cause.is_passing(),
            _ => true,
        }
    }
}

/// One diagnostic record of ODBC, kept as the driver gave it, but for secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// Five characters, as in `08001`.
    pub sqlstate: String,
    /// The driver's own code, as in Informix `-206`; 0 when it has none.
    pub native_code: i32,
    /// The driver's message, secrets replaced by `***`.
    pub message: String,
}

/// A failure that the driver manager, the driver or the database reported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{}{}; {}", cause.explanation(), self.first_words(), cause.remedy())]
pub struct DriverError {
    /// All records, most significant first; empty when the driver left none.
    pub diagnostics: Vec<Diagnostic>,
    /// What it means.
    pub cause: Cause,
    /// The ODBC function that failed.
    pub function: String,
}

impl DriverError {
    fn first_words(&self) -> String {
        match self.diagnostics.first() {
            Some(first) => format!(
                " ({} {} {})",
                first.sqlstate, first.native_code, first.message
            ),
            None => format!(" ({} failed without a diagnostic)", self.function),
        }
    }
}

/// Data that does not fit what the catalogue promises. Never repaired, never cut: a wrong number
/// is worse than no number. Rows count from 1 in the order of the result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum DataError {
    /// The result has another number of columns than the query names.
    #[error("the result has {found} columns where {expected} are expected")]
    ColumnCount {
        /// Columns of the query.
        expected: usize,
        /// Columns of the result.
        found: usize,
    },
    /// A statement that should return rows returned none at all.
    #[error("the statement gives no result set")]
    NoResultSet,
    /// A text is wider than the catalogue allows.
    #[error(
        "column {column} holds a text of more than {max_bytes} bytes in row {row}; raise the width in the catalogue"
    )]
    TextTooLong {
        /// Name of the column.
        column: String,
        /// Row, from 1.
        row: u64,
        /// Widest allowed.
        max_bytes: usize,
    },
    /// A text is not UTF-8.
    #[error(
        "column {column} holds text that is not UTF-8 in row {row}; have the driver convert it, for Informix with CLIENT_LOCALE=en_us.utf8 in the connection string"
    )]
    NotUtf8 {
        /// Name of the column.
        column: String,
        /// Row, from 1.
        row: u64,
    },
    /// A number does not fit into 32 bits.
    #[error("column {column} holds a number beyond 32 bits in row {row}")]
    NumberOutOfRange {
        /// Name of the column.
        column: String,
        /// Row, from 1.
        row: u64,
    },
    /// A date that the calendar does not have.
    #[error("column {column} holds a date that does not exist in row {row}")]
    NoSuchDay {
        /// Name of the column.
        column: String,
        /// Row, from 1.
        row: u64,
    },
    /// The driver gave a length that no value can have.
    #[error(
        "the driver gave the impossible length {length} for column {column} in row {row}; use a driver built for 64 bits"
    )]
    ImpossibleLength {
        /// Name of the column.
        column: String,
        /// Row, from 1.
        row: u64,
        /// What it gave.
        length: i64,
    },
    /// The driver reported more rows than asked for.
    #[error("the driver reported {reported} rows in one fetch of at most {capacity}")]
    TooManyRows {
        /// Rows it reported.
        reported: usize,
        /// Rows there was room for.
        capacity: usize,
    },
    /// The batch to insert does not fit its columns.
    #[error("the batch does not fit its table: {0}")]
    BatchShape(String),
    /// A text that ODBC cannot carry, such as one of more than 2 GB.
    #[error("the {0} is too long for odbc")]
    TooLong(String),
}
