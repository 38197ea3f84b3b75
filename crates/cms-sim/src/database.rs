//! The connection to the simulated CMS database, and what differs between databases.
//!
//! Statements are kept to what SQLite, PostgreSQL and MariaDB share. Differences that matter here:
//!
//! - SQLite compares blank-padded text byte by byte, so its text columns get the collation RTRIM; and it is put into
//!   WAL mode, so that a reader does not keep the live simulator from writing.
//! - MariaDB cuts the padding of CHAR when it is read, so its text columns are VARCHAR, filled with the blanks.

use floorwire_odbc::direct::Connection;
use floorwire_odbc::{Cause, ColumnData, ColumnKind, ColumnSpec, Query, RowBatch};

use crate::error::SimError;

/// Room for the longest value of a parameter.
const TEXT_BYTES: usize = 4_000;

/// Which of the databases this is, as far as statements differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    MariaDb,
    Other,
}

/// One connection to the simulated CMS database.
pub(crate) struct Database {
    connection: Connection,
    dialect: Dialect,
}

impl Database {
    /// Connects. Nothing is changed in the database.
    pub fn connect(connection_string: &str) -> Result<Self, SimError> {
        // MariaDB's driver 3.1.15 reads on past the end of the string; without a closing semicolon the password, if it
        // comes last, grows by whatever stands there (measured: 80 of 200 logins refused).
        let closed = format!("{};", connection_string.trim_end_matches(';'));
        let mut database = Self {
            connection: Connection::connect(&closed)?,
            dialect: Dialect::Other,
        };
        database.dialect = database.ask_dialect()?;
        Ok(database)
    }

    /// Every one of the three answers its own question about its version.
    fn ask_dialect(&mut self) -> Result<Dialect, SimError> {
        if self.answer("SELECT sqlite_version()")?.is_some() {
            return Ok(Dialect::Sqlite);
        }
        let version = self
            .answer("SELECT version()")?
            .unwrap_or_default()
            .to_ascii_lowercase();
        Ok(if version.contains("mariadb") {
            Dialect::MariaDb
        } else {
            Dialect::Other
        })
    }

    /// The text that a statement gives, `None` if the database does not know the statement.
    fn answer(&mut self, sql: &str) -> Result<Option<String>, SimError> {
        match self.text(sql) {
            Err(SimError::Database(error)) if error.cause() != Some(Cause::ConnectionLost) => {
                Ok(None)
            }
            answer => answer,
        }
    }

    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Type of a text column of this width.
    pub fn text_type(&self, width: usize) -> String {
        match self.dialect {
            Dialect::Sqlite => format!("CHAR({width}) COLLATE RTRIM"),
            Dialect::MariaDb => format!("VARCHAR({width})"),
            Dialect::Other => format!("CHAR({width})"),
        }
    }

    /// Text as a literal.
    pub fn literal(&self, text: &str) -> String {
        let text = text.replace('\'', "''");
        match self.dialect {
            Dialect::MariaDb => format!("'{}'", text.replace('\\', "\\\\")),
            Dialect::Sqlite | Dialect::Other => format!("'{text}'"),
        }
    }

    pub fn execute(&mut self, sql: &str) -> Result<(), SimError> {
        self.connection.execute(sql)?;
        Ok(())
    }

    pub fn begin(&mut self) -> Result<(), SimError> {
        Ok(self.connection.begin()?)
    }

    pub fn commit(&mut self) -> Result<(), SimError> {
        Ok(self.connection.commit()?)
    }

    pub fn has_table(&mut self, table: &str) -> Result<bool, SimError> {
        match self
            .connection
            .execute(&format!("SELECT 1 FROM {table} WHERE 1 = 0"))
        {
            Ok(_) => Ok(true),
            Err(error) if error.cause() == Some(Cause::TableMissing) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// The first value of a statement with one text column.
    pub fn text(&mut self, sql: &str) -> Result<Option<String>, SimError> {
        let query = Query {
            sql: sql.to_owned(),
            parameters: Vec::new(),
            columns: vec![ColumnSpec::new(
                "value",
                ColumnKind::Text {
                    max_bytes: TEXT_BYTES,
                },
            )],
            row_limit: 1,
            timeout_s: 60,
        };
        let batch = self.connection.query_all(&query)?;
        Ok(match batch.columns.into_iter().next() {
            Some(ColumnData::Text { values, .. }) => values.into_iter().next(),
            _ => None,
        })
    }

    /// Inserts rows of texts, each with as many values as there are columns.
    pub fn insert_texts(
        &mut self,
        table: &str,
        columns: &[&str],
        rows: &[Vec<String>],
    ) -> Result<(), SimError> {
        let specs: Vec<ColumnSpec> = columns
            .iter()
            .map(|name| {
                ColumnSpec::new(
                    *name,
                    ColumnKind::Text {
                        max_bytes: TEXT_BYTES,
                    },
                )
            })
            .collect();
        let batch = RowBatch {
            rows: rows.len(),
            columns: (0..columns.len())
                .map(|column| ColumnData::Text {
                    values: rows
                        .iter()
                        .filter_map(|row| row.get(column).cloned())
                        .collect(),
                    nulls: Vec::new(),
                })
                .collect(),
        };
        self.connection.insert(table, &specs, &batch)?;
        Ok(())
    }
}
