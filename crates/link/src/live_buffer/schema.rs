//! The file: made, opened, checked, set aside.

use super::FILE_NAME;
use super::store::StoreError;
use rusqlite::{Connection, OpenFlags};
use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Raised when the tables change.
const FORMAT: i64 = 1;
/// The write-ahead log is cut back to this after a checkpoint, bytes.
const LOG_BYTES: i64 = 16 * 1024 * 1024;

const TABLES: &str = "
CREATE TABLE buffer (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    owner TEXT NOT NULL,
    epoch TEXT NOT NULL,
    base INTEGER NOT NULL,
    last INTEGER NOT NULL,
    acknowledged INTEGER NOT NULL,
    unmet INTEGER
);
CREATE TABLE event (
    position INTEGER PRIMARY KEY,
    port INTEGER NOT NULL,
    acd INTEGER NOT NULL,
    received_utc_ms INTEGER NOT NULL,
    change BLOB NOT NULL,
    crc INTEGER NOT NULL
);
CREATE TABLE latest (
    port INTEGER NOT NULL,
    acd INTEGER NOT NULL,
    login TEXT NOT NULL,
    since_utc_ms INTEGER NOT NULL,
    status BLOB NOT NULL,
    PRIMARY KEY (port, acd, login)
) WITHOUT ROWID;
CREATE TABLE lost (
    port INTEGER NOT NULL,
    acd INTEGER NOT NULL,
    PRIMARY KEY (port, acd)
) WITHOUT ROWID;
CREATE TABLE confirmed (
    port INTEGER PRIMARY KEY,
    utc_ms INTEGER NOT NULL
);
CREATE TABLE purged (
    first_position INTEGER NOT NULL,
    last_position INTEGER NOT NULL,
    port INTEGER NOT NULL,
    acd INTEGER NOT NULL,
    events INTEGER NOT NULL,
    from_utc_ms INTEGER NOT NULL,
    to_utc_ms INTEGER NOT NULL,
    purged_utc_ms INTEGER NOT NULL
);
CREATE TABLE dropped (
    port INTEGER NOT NULL,
    acd INTEGER NOT NULL,
    events INTEGER NOT NULL,
    from_utc_ms INTEGER NOT NULL,
    to_utc_ms INTEGER NOT NULL,
    PRIMARY KEY (port, acd)
) WITHOUT ROWID;
PRAGMA user_version = 1;
";

/// Opens the file, and makes it where there is none.
pub fn connect(path: &Path, owner: &str, epoch: &str) -> Result<Connection, StoreError> {
    // Made here, so that it is private from its first byte; SQLite gives its log the same rights.
    OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)
        .map_err(|source| StoreError::Unusable(source.to_string()))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(Duration::from_secs(2))?;
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "journal_size_limit", LOG_BYTES)?;
    let format: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    match format {
        FORMAT => {}
        0 => {
            // Kept in the file; said again to an old one they would write, which a full disk does not allow.
            connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
            connection.pragma_update(None, "journal_mode", "WAL")?;
            let making = connection.transaction()?;
            making.execute_batch(TABLES)?;
            making.execute(
                "INSERT INTO buffer (only_row, owner, epoch, base, last, acknowledged) VALUES (1, ?1, ?2, 0, 0, 0)",
                (owner, epoch),
            )?;
            making.commit()?;
        }
        other => {
            return Err(StoreError::Damaged(format!(
                "it has format {other}, this version knows {FORMAT}"
            )));
        }
    }
    Ok(connection)
}

/// Renames the file and its log. Returns the new name.
pub fn set_aside(folder: &Path, why: &str, now_utc_ms: i64) -> std::io::Result<PathBuf> {
    let target = folder.join(format!("{FILE_NAME}.{why}-{now_utc_ms}"));
    let beside = |path: &Path, suffix: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    let path = folder.join(FILE_NAME);
    std::fs::rename(&path, &target)?;
    let log = std::fs::rename(beside(&path, "-wal"), beside(&target, "-wal"));
    let index = std::fs::remove_file(beside(&path, "-shm"));
    for outcome in [log, index] {
        match outcome {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(target)
}
