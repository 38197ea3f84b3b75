//! Where the hub keeps everything: SQLite for one process, PostgreSQL for several.
//!
//! Constraints. Every table and every unique key starts with `account_id`. Column types are those both engines
//! share: BIGINT, TEXT, BOOLEAN, DOUBLE PRECISION, BYTEA; JSON is TEXT; time is BIGINT, named `_utc_s` or
//! `_utc_ms`. One SQL text serves both engines where it can; where it cannot, two constants stand side by side.
//!
//! Use. A read is one statement: `on_pool!` runs the same expression on either pool. A change is a
//! [`Transaction`]: [`Store::begin`], statements through `in_tx!`, [`Transaction::commit`]; a transaction that is
//! dropped is rolled back. The engines' types are inferred, so the expression is written once:
//!
//! ```ignore
//! let name: Option<String> = on_pool!(store, pool => sqlx::query_scalar(SQL).bind(id).fetch_optional(pool))?;
//! let changed: u64 = change!(transaction, SQL, id, name)?;
//! ```
//!
//! SQLite has one writer connection, `BEGIN IMMEDIATE`, WAL with `synchronous=FULL`, and a separate pool of
//! read-only connections. A writer whose transaction the engine has already undone by itself (full disk) is closed
//! and replaced, because the driver still believes it to be in a transaction.
//!
//! Failure. See [`StoreError`]. The schema is brought up to date when the store is opened.

pub mod accounts;
pub mod agents;
pub mod audit;
pub mod counters;
pub mod decisions;
mod error;
pub mod feed_outages;
pub mod feed_previews;
pub mod feed_profiles;
pub mod feed_spans;
pub mod feeds;
pub mod findings;
pub mod integrations;
pub mod intervals;
pub mod journal;
pub mod ledger_days;
pub mod links;
pub mod live_agents;
pub mod live_events;
pub mod load;
pub mod notices;
pub mod one_time;
pub mod outages;
pub mod pairings;
pub mod partitions;
pub mod previews;
pub mod queue_days;
pub mod queue_names;
pub mod queues;
pub mod read_times;
pub mod reading;
pub mod sessions;
pub mod status;
pub mod tasks;
pub mod tokens;
pub mod users;

pub use error::StoreError;

use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{
    SqliteAutoVacuum, SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool,
    SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions, Connection, PgConnection, Postgres, Sqlite};
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

/// What store functions return.
pub type StoreResult<T> = Result<T, StoreError>;

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// Runs one statement on the pool for reading; the value is a `StoreResult`.
#[macro_export]
macro_rules! on_pool {
    ($store:expr, $pool:ident => $statement:expr) => {
        match $store {
            $crate::store::Store::Sqlite(engine) => {
                let $pool = engine.readers();
                $statement.await.map_err($crate::store::StoreError::from)
            }
            $crate::store::Store::Postgres($pool) => {
                $statement.await.map_err($crate::store::StoreError::from)
            }
        }
    };
}

/// Runs one statement within a [`Transaction`]; the value is a `StoreResult`.
#[macro_export]
macro_rules! in_tx {
    ($transaction:expr, $connection:ident => $statement:expr) => {
        match $transaction {
            $crate::store::Transaction::Sqlite(inner) => {
                let $connection = &mut **inner;
                $statement.await.map_err($crate::store::StoreError::from)
            }
            $crate::store::Transaction::Postgres(inner) => {
                let $connection = &mut **inner;
                $statement.await.map_err($crate::store::StoreError::from)
            }
        }
    };
}

/// Executes one statement within a [`Transaction`] with the values bound in order; the value is a `StoreResult` of the
/// number of rows it changed.
#[macro_export]
macro_rules! change {
    ($transaction:expr, $sql:expr $(, $value:expr)* $(,)?) => {
        match $transaction {
            $crate::store::Transaction::Sqlite(inner) => {
                let done = sqlx::query($sql)$(.bind($value))*.execute(&mut **inner).await;
                done.map(|done| done.rows_affected()).map_err($crate::store::StoreError::from)
            }
            $crate::store::Transaction::Postgres(inner) => {
                let done = sqlx::query($sql)$(.bind($value))*.execute(&mut **inner).await;
                done.map(|done| done.rows_affected()).map_err($crate::store::StoreError::from)
            }
        }
    };
}

/// The database. Cheap to clone: both variants are handles.
#[derive(Clone, Debug)]
pub enum Store {
    /// A file of this process alone.
    Sqlite(SqliteStore),
    /// A server that several hubs may share.
    Postgres(PgPool),
}

/// The two pools of a SQLite file.
#[derive(Clone, Debug)]
pub struct SqliteStore {
    writer: SqlitePool,
    readers: SqlitePool,
}

impl SqliteStore {
    /// Connections that cannot write.
    pub fn readers(&self) -> &SqlitePool {
        &self.readers
    }
}

/// A change in the making; dropped without [`Self::commit`] it never happened.
#[derive(Debug)]
pub enum Transaction {
    /// Holds the only writer.
    Sqlite(sqlx::Transaction<'static, Sqlite>),
    /// READ COMMITTED; rows that decide something are locked by the statement that reads them.
    Postgres(sqlx::Transaction<'static, Postgres>),
}

/// How long to wait for a connection before the database counts as unavailable.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(8);
/// Writers queue for the one connection of SQLite; a long import step in front must not look like a failure.
const WRITER_TIMEOUT: Duration = Duration::from_secs(60);
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
const READERS: u32 = 4;
const POSTGRES_CONNECTIONS: u32 = 12;

impl Store {
    /// Opens `sqlite://PATH` (created with its folder when missing) or `postgres://...` and brings the schema up to
    /// date.
    pub async fn open(address: &str) -> StoreResult<Self> {
        if let Some(path) = address.strip_prefix("sqlite://") {
            return open_sqlite(Path::new(path)).await;
        }
        if address.starts_with("postgres://") || address.starts_with("postgresql://") {
            return open_postgres(address).await;
        }
        Err(StoreError::Address(
            "it begins neither with `sqlite://` nor with `postgres://`",
        ))
    }

    /// Begins a change. On SQLite this waits for the one writer.
    pub async fn begin(&self) -> StoreResult<Transaction> {
        match self {
            Self::Sqlite(engine) => Ok(Transaction::Sqlite(
                engine.writer.begin_with("BEGIN IMMEDIATE").await?,
            )),
            Self::Postgres(pool) => Ok(Transaction::Postgres(pool.begin().await?)),
        }
    }

    /// True when the database answers and can be written to; for the readiness probe.
    pub async fn probe(&self) -> StoreResult<()> {
        let mut transaction = self.begin().await?;
        counters::touch(&mut transaction).await?;
        transaction.commit().await
    }

    /// `sqlite` or `postgres`.
    pub fn engine_name(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "sqlite",
            Self::Postgres(_) => "postgres",
        }
    }

    /// Closes all connections; SQLite moves its write-ahead log into the file.
    pub async fn close(&self) {
        match self {
            Self::Sqlite(engine) => {
                engine.readers.close().await;
                engine.writer.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

impl Transaction {
    /// Makes the change last. After an error it is unknown whether it did, so callers repeat idempotently.
    pub async fn commit(self) -> StoreResult<()> {
        match self {
            Self::Sqlite(inner) => inner.commit().await?,
            Self::Postgres(inner) => inner.commit().await?,
        }
        Ok(())
    }

    /// Undoes the change now; dropping does the same a little later.
    pub async fn rollback(self) -> StoreResult<()> {
        match self {
            Self::Sqlite(inner) => inner.rollback().await?,
            Self::Postgres(inner) => inner.rollback().await?,
        }
        Ok(())
    }

    /// The statement for this engine, where the two differ.
    pub fn pick(&self, sqlite: &'static str, postgres: &'static str) -> &'static str {
        match self {
            Self::Sqlite(_) => sqlite,
            Self::Postgres(_) => postgres,
        }
    }

    /// The SQLite connection, where statements differ per engine.
    pub fn sqlite(&mut self) -> Option<&mut SqliteConnection> {
        match self {
            Self::Sqlite(inner) => Some(&mut **inner),
            Self::Postgres(_) => None,
        }
    }

    /// The PostgreSQL connection, where statements differ per engine.
    pub fn postgres(&mut self) -> Option<&mut PgConnection> {
        match self {
            Self::Sqlite(_) => None,
            Self::Postgres(inner) => Some(&mut **inner),
        }
    }
}

async fn open_sqlite(path: &Path) -> StoreResult<Store> {
    if path.as_os_str().is_empty() {
        return Err(StoreError::Address("it names no file"));
    }
    if let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        tokio::fs::create_dir_all(folder)
            .await
            .map_err(|cause| StoreError::Folder {
                folder: folder.display().to_string(),
                cause,
            })?;
    }
    let options = SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY_TIMEOUT)
        .foreign_keys(true)
        .auto_vacuum(SqliteAutoVacuum::Incremental)
        // pages of 4 KiB: the log is moved into the file every 16 MiB and cut back to 64 MiB
        .pragma("wal_autocheckpoint", "4096")
        .pragma("journal_size_limit", "67108864")
        .disable_statement_logging();
    let writer = SqlitePoolOptions::new()
        .max_connections(1)
        .min_connections(1)
        .acquire_timeout(WRITER_TIMEOUT)
        .idle_timeout(None)
        .max_lifetime(None)
        .before_acquire(|connection, _| {
            Box::pin(async move { Ok(!connection.is_in_transaction()) })
        })
        // negative: KiB
        .connect_with(
            options
                .clone()
                .create_if_missing(true)
                .pragma("cache_size", "-32768"),
        )
        .await?;
    MIGRATIONS.run(&writer).await?;
    let readers = SqlitePoolOptions::new()
        .max_connections(READERS)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_with(
            options
                .pragma("query_only", "1")
                .pragma("cache_size", "-4096"),
        )
        .await?;
    Ok(Store::Sqlite(SqliteStore { writer, readers }))
}

async fn open_postgres(address: &str) -> StoreResult<Store> {
    // The parser's message may repeat parts of the address, and the address holds a password.
    let options = PgConnectOptions::from_str(address)
        .map_err(|_| StoreError::Address("it is not a valid PostgreSQL address"))?
        .application_name("floorwire-hub")
        .disable_statement_logging();
    let pool = PgPoolOptions::new()
        .max_connections(POSTGRES_CONNECTIONS)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_with(options)
        .await?;
    MIGRATIONS.run(&pool).await?;
    Ok(Store::Postgres(pool))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_is_created_and_counts() {
        let folder = tempfile::tempdir().unwrap();
        let address = format!(
            "sqlite://{}",
            folder.path().join("new/hub.sqlite3").display()
        );
        let store = Store::open(&address).await.unwrap();
        store.probe().await.unwrap();
        let mut transaction = store.begin().await.unwrap();
        assert_eq!(
            counters::next_id(&mut transaction, 7, "queue")
                .await
                .unwrap(),
            1
        );
        assert_eq!(
            counters::next_ids(&mut transaction, 7, "queue", 3)
                .await
                .unwrap(),
            2
        );
        transaction.commit().await.unwrap();
        let mut transaction = store.begin().await.unwrap();
        assert_eq!(
            counters::next_id(&mut transaction, 7, "queue")
                .await
                .unwrap(),
            5
        );
        drop(transaction);
        let mut transaction = store.begin().await.unwrap();
        assert_eq!(
            counters::next_id(&mut transaction, 7, "queue")
                .await
                .unwrap(),
            5
        );
        assert_eq!(
            counters::next_id(&mut transaction, 8, "queue")
                .await
                .unwrap(),
            1
        );
        transaction.commit().await.unwrap();
        store.close().await;
    }

    #[tokio::test]
    async fn an_address_of_another_kind_is_refused_without_repeating_it() {
        let refused = Store::open("mysql://user:secret@host/db")
            .await
            .unwrap_err();
        assert!(!format!("{refused:?} {refused}").contains("secret"));
    }

    #[tokio::test]
    async fn a_full_disk_is_survived() {
        let folder = tempfile::tempdir().unwrap();
        let address = format!("sqlite://{}", folder.path().join("hub.sqlite3").display());
        let store = Store::open(&address).await.unwrap();
        let mut transaction = store.begin().await.unwrap();
        // As full as a disk can be made without one: the file may not grow.
        let connection = transaction.sqlite().unwrap();
        let pages: i64 = sqlx::query_scalar("PRAGMA page_count")
            .fetch_one(&mut *connection)
            .await
            .unwrap();
        assert!(pages > 1);
        sqlx::query("PRAGMA max_page_count = 1")
            .execute(&mut *connection)
            .await
            .unwrap();
        transaction.rollback().await.unwrap();
        let mut transaction = store.begin().await.unwrap();
        let mut failure = None;
        for account in 1..100_000 {
            if let Err(error) = counters::next_id(&mut transaction, account, "queue").await {
                failure = Some(error);
                break;
            }
        }
        assert!(
            matches!(failure, Some(StoreError::DiskFull(_))),
            "{failure:?}"
        );
        drop(transaction);
        // The writer is replaced, and with it the limit is gone: the disk has space again.
        store.probe().await.unwrap();
        let mut transaction = store.begin().await.unwrap();
        assert_eq!(
            counters::next_id(&mut transaction, 1, "queue")
                .await
                .unwrap(),
            1
        );
        transaction.commit().await.unwrap();
    }
}
