//! The table of test servers, and a supervisor for them.

use std::time::Duration;

use floorwire_connection_string::ConnectionString;
use floorwire_odbc::{
    Backoff, ColumnKind, ColumnSpec, OdbcError, Query, RowBatch, Supervisor, WorkerSettings, direct,
};
use floorwire_test_servers::{MariaDb, Postgres, SqliteCms};

/// A database of one of the three kinds.
pub enum Site {
    Sqlite(SqliteCms),
    Postgres(Postgres),
    MariaDb(MariaDb),
}

impl Site {
    pub fn sqlite() -> Self {
        let cms = SqliteCms::new().unwrap();
        std::fs::write(cms.path(), b"").unwrap();
        Self::Sqlite(cms)
    }

    pub fn postgres() -> Self {
        let server = Postgres::start().unwrap();
        server.create_database("cms").unwrap();
        Self::Postgres(server)
    }

    pub fn mariadb() -> Self {
        let server = MariaDb::start().unwrap();
        server.create_database("cms").unwrap();
        Self::MariaDb(server)
    }

    /// The connection string of its administrator.
    pub fn odbc(&self) -> String {
        match self {
            Self::Sqlite(cms) => cms.odbc(),
            Self::Postgres(server) => server.odbc("cms"),
            Self::MariaDb(server) => server.odbc("cms"),
        }
    }

    pub fn connection(&self) -> ConnectionString {
        parse(&self.odbc())
    }

    /// Runs statements, one after the other.
    pub fn execute(&self, statements: &[&str]) {
        let mut connection = direct::Connection::connect(&self.odbc()).unwrap();
        for statement in statements {
            connection.execute(statement).unwrap();
        }
    }

    /// A table `numbers` of `rows` rows: `n` from 0 up, `row_date` from 2026-01-01 up.
    pub fn fill_numbers(&self, rows: i32) {
        self.execute(&["CREATE TABLE numbers (n INTEGER, row_date DATE, name CHAR(20))"]);
        let columns = number_columns();
        let mut connection = direct::Connection::connect(&self.odbc()).unwrap();
        connection.begin().unwrap();
        connection
            .insert("numbers", &columns, &numbers(0..rows))
            .unwrap();
        connection.commit().unwrap();
    }
}

/// Days from 1970-01-01 to 2026-01-01.
pub const NEW_YEAR_2026: i32 = 20_454;

pub fn number_columns() -> Vec<ColumnSpec> {
    vec![
        ColumnSpec::new("n", ColumnKind::Int32),
        ColumnSpec::new("row_date", ColumnKind::Date),
        ColumnSpec::new("name", ColumnKind::Text { max_bytes: 80 }),
    ]
}

pub fn numbers(range: std::ops::Range<i32>) -> RowBatch {
    use floorwire_odbc::ColumnData;
    let values: Vec<i32> = range.collect();
    RowBatch {
        rows: values.len(),
        columns: vec![
            ColumnData::Int32 {
                values: values.clone(),
                nulls: vec![],
            },
            ColumnData::Date {
                days_since_1970: values.iter().map(|n| NEW_YEAR_2026 + n % 365).collect(),
                nulls: vec![],
            },
            ColumnData::Text {
                values: values.iter().map(|n| format!("{n:<20}")).collect(),
                nulls: vec![],
            },
        ],
    }
}

/// A query without parameters.
pub fn query(sql: &str, columns: Vec<ColumnSpec>) -> Query {
    Query {
        sql: sql.to_owned(),
        parameters: vec![],
        columns,
        row_limit: 1_000_000,
        timeout_s: 20,
    }
}

pub fn all_numbers() -> Query {
    query("SELECT n, row_date, name FROM numbers", number_columns())
}

pub fn parse(text: &str) -> ConnectionString {
    ConnectionString::parse(text).unwrap()
}

/// The same string with one value replaced.
pub fn with(text: &str, keyword: &str, value: &str) -> ConnectionString {
    parse(text).with(keyword, value)
}

pub fn supervisor() -> Supervisor {
    Supervisor::new(settings())
}

pub fn settings() -> WorkerSettings {
    let tests = std::env::current_exe().unwrap();
    let target = tests.parent().unwrap().parent().unwrap();
    WorkerSettings {
        program: target.join("examples").join("worker"),
        arguments: vec![],
        login_timeout: Duration::from_secs(5),
        stall_timeout: Duration::from_secs(4),
        restart_backoff: Backoff {
            first: Duration::from_millis(50),
            longest: Duration::from_secs(1),
        },
    }
}

/// Reads to the end; gives all rows in one batch.
pub async fn read_all(
    supervisor: &mut Supervisor,
    connection: &ConnectionString,
    query: Query,
) -> Result<(RowBatch, floorwire_odbc::ReadEnd), OdbcError> {
    let mut all = RowBatch::empty(&query.columns);
    let mut reader = supervisor.read(connection, query).await?;
    while let Some(batch) = reader.next().await? {
        all.append(batch);
    }
    Ok((all, *reader.end().unwrap()))
}

/// The error of a read that must fail.
pub async fn read_error(
    supervisor: &mut Supervisor,
    connection: &ConnectionString,
    query: Query,
) -> OdbcError {
    match read_all(supervisor, connection, query).await {
        Ok((batch, _)) => panic!("{} rows came where an error was due", batch.rows),
        Err(error) => error,
    }
}

/// Everything an error could print must not hold a secret.
pub fn assert_no_secret(error: &OdbcError, secret: &str) {
    let printed = format!("{error} {error:?} {error:#?}");
    assert!(!printed.contains(secret), "{printed}");
}
