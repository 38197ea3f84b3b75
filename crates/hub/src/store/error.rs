//! What can go wrong between the hub and its database.
//!
//! Errors of the engines are sorted by what an operator does about them: [`StoreError::DiskFull`] and
//! [`StoreError::Unavailable`] pass when the cause is gone, [`StoreError::Busy`] passes by trying again,
//! [`StoreError::Conflict`] is an answer about the data, the rest are defects. No variant prints SQL or values:
//! both engines' messages name tables, columns and constraints only.

use sqlx::error::ErrorKind;
use sqlx::migrate::MigrateError;

/// Why a store function failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The address cannot be understood.
    #[error(
        "database address is not usable: {0}; write `sqlite://DIR/hub.sqlite3` or `postgres://USER:PASSWORD@HOST/DATABASE`"
    )]
    Address(&'static str),
    /// The folder for the database cannot be made.
    #[error(
        "folder `{folder}` for the database cannot be created; check its parent and the rights of this user"
    )]
    Folder {
        /// The folder.
        folder: String,
        /// What the system said.
        #[source]
        cause: std::io::Error,
    },
    /// No space left.
    #[error("the disk that holds the database is full; free or add space")]
    DiskFull(#[source] sqlx::Error),
    /// Cannot be reached, opened, read or written at present.
    #[error("the database cannot be reached or opened; start it or check its address and rights")]
    Unavailable(#[source] sqlx::Error),
    /// Another transaction was in the way; trying again helps.
    #[error("another transaction was in the way; try again")]
    Busy(#[source] sqlx::Error),
    /// A unique or foreign key refused the change.
    #[error("the change contradicts what is stored")]
    Conflict(#[source] sqlx::Error),
    /// The schema cannot be brought up to date.
    #[error(
        "the database schema cannot be brought up to date; is it from a newer version of the hub?"
    )]
    Migration(#[source] MigrateError),
    /// A stored value cannot be read.
    #[error(
        "stored {what} cannot be read: {detail}; restore the database from a backup or report a defect"
    )]
    Unreadable {
        /// What it is: `configuration of integration 3`.
        what: String,
        /// Why.
        detail: String,
    },
    /// Anything else the engine refuses; a defect.
    #[error("the database refused a statement")]
    Database(#[source] sqlx::Error),
}

impl StoreError {
    /// A stored value that cannot be read.
    pub fn unreadable(what: impl Into<String>, detail: impl ToString) -> Self {
        Self::Unreadable {
            what: what.into(),
            detail: detail.to_string(),
        }
    }

    /// True when the same call may succeed later without anybody changing the request.
    pub fn passes(&self) -> bool {
        matches!(
            self,
            Self::DiskFull(_) | Self::Unavailable(_) | Self::Busy(_)
        )
    }
}

/// SQLite could not grow its shared memory file: in practice, no space.
const SQLITE_IOERR_SHMSIZE: i64 = 4874;

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::BeginFailed => Self::Unavailable(error),
            sqlx::Error::Database(refusal) => {
                if matches!(
                    refusal.kind(),
                    ErrorKind::UniqueViolation | ErrorKind::ForeignKeyViolation
                ) {
                    return Self::Conflict(error);
                }
                let code = refusal.code().unwrap_or_default().into_owned();
                match sort(&code) {
                    Sorted::DiskFull => Self::DiskFull(error),
                    Sorted::Unavailable => Self::Unavailable(error),
                    Sorted::Busy => Self::Busy(error),
                    Sorted::Other => Self::Database(error),
                }
            }
            _ => Self::Database(error),
        }
    }
}

impl From<MigrateError> for StoreError {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::Execute(cause) => Self::from(cause),
            other => Self::Migration(other),
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Sorted {
    DiskFull,
    Unavailable,
    Busy,
    Other,
}

/// PostgreSQL gives five characters (SQLSTATE), SQLite an extended result code as a decimal number of at most four.
fn sort(code: &str) -> Sorted {
    if code.len() == 5 {
        return match code {
            "53100" => Sorted::DiskFull,
            "40001" | "40P01" | "55P03" => Sorted::Busy,
            _ if code.starts_with("08") || code.starts_with("53") || code.starts_with("57P") => {
                Sorted::Unavailable
            }
            _ if code.starts_with("58") || code.starts_with("28") || code == "3D000" => {
                Sorted::Unavailable
            }
            _ => Sorted::Other,
        };
    }
    let Ok(extended) = code.parse::<i64>() else {
        return Sorted::Other;
    };
    match extended & 0xff {
        _ if extended == SQLITE_IOERR_SHMSIZE => Sorted::DiskFull,
        13 => Sorted::DiskFull,
        5 | 6 => Sorted::Busy,
        // read-only, input or output error, cannot open
        8 | 10 | 14 => Sorted::Unavailable,
        _ => Sorted::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_apart_on_both_engines() {
        assert_eq!(sort("53100"), Sorted::DiskFull);
        assert_eq!(sort("13"), Sorted::DiskFull);
        assert_eq!(sort("4874"), Sorted::DiskFull);
        assert_eq!(sort("57P01"), Sorted::Unavailable);
        assert_eq!(sort("53300"), Sorted::Unavailable);
        assert_eq!(sort("14"), Sorted::Unavailable);
        assert_eq!(sort("5"), Sorted::Busy);
        assert_eq!(sort("40P01"), Sorted::Busy);
        assert_eq!(sort("42601"), Sorted::Other);
        assert_eq!(sort("1"), Sorted::Other);
    }
}
