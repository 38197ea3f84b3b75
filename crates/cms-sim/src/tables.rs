//! The tables in the database: creating, filling, looking up.
//!
//! Statements are kept to what SQLite, PostgreSQL and MariaDB share. Differences between them that matter here:
//!
//! - SQLite compares blank-padded text byte by byte, so its text columns get the collation RTRIM; and it is put into
//!   WAL mode, so that a reader does not keep the live simulator from writing.
//! - MariaDB cuts the padding of CHAR when it is read, so its text columns are VARCHAR, filled with the blanks.
//!
//! Columns of `hsplit` that are not booked get the default 0, and only those that are booked are sent.

use floorwire_odbc::direct::Connection;
use floorwire_odbc::{Cause, ColumnData, ColumnKind, ColumnSpec, Query, RowBatch};

use crate::columns::{SqlType, hsplit_columns};
use crate::error::SimError;
use crate::hsplit_insert::{ROWS_PER_STATEMENT, insert_statement};
use crate::parameters;
use crate::row::Row;
use crate::synonyms::{
    DESCRIPTION_WIDTH, ITEM_NAME_WIDTH, ITEM_TYPE_WIDTH, Synonym, VALUE_WIDTH, padded,
};

/// Rows committed together, in a bulk load.
pub(crate) const ROWS_PER_INSERT: usize = 5_000;

/// Room for the longest value of a parameter.
const TEXT_BYTES: usize = 4_000;

/// The tables that a simulation consists of.
const TABLES: [&str; 3] = ["hsplit", "synonyms", parameters::TABLE];

/// Which of the databases this is, as far as statements differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dialect {
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

    /// Creates the tables, without indexes. Existing ones are refused, or dropped if `replace`.
    pub fn create(&mut self, with_starttime_utc: bool, replace: bool) -> Result<(), SimError> {
        for table in TABLES {
            if self.has_table(table)? {
                if !replace {
                    return Err(SimError::TablesExist { table });
                }
                self.execute(&format!("DROP TABLE {table}"))?;
            }
        }
        if self.dialect == Dialect::Sqlite {
            self.text("PRAGMA journal_mode=WAL")?;
        }
        self.execute(&hsplit_ddl(with_starttime_utc))?;
        let text = |width| self.text_type(width);
        let synonyms = format!(
            "CREATE TABLE synonyms (acd_no SMALLINT NOT NULL, item_type {} NOT NULL, item_name {} NOT NULL, \
             value {} NOT NULL, descr {} NOT NULL, standard SMALLINT NOT NULL)",
            text(ITEM_TYPE_WIDTH),
            text(ITEM_NAME_WIDTH),
            text(VALUE_WIDTH),
            text(DESCRIPTION_WIDTH)
        );
        self.execute(&synonyms)?;
        self.execute(&format!(
            "CREATE TABLE {} (name VARCHAR(40) NOT NULL PRIMARY KEY, value VARCHAR(4000) NOT NULL)",
            parameters::TABLE
        ))
    }

    /// Creates the indexes that the vendor lists; after a bulk load, where it is quickest.
    pub fn create_indexes(&mut self) -> Result<(), SimError> {
        self.execute("CREATE INDEX hsplit_day ON hsplit (row_date, acd, split)")?;
        self.execute("CREATE INDEX hsplit_split ON hsplit (split)")?;
        self.execute("CREATE INDEX synonyms_item ON synonyms (acd_no, item_type, value)")
    }

    fn text_type(&self, width: usize) -> String {
        match self.dialect {
            Dialect::Sqlite => format!("CHAR({width}) COLLATE RTRIM"),
            Dialect::MariaDb => format!("VARCHAR({width})"),
            Dialect::Other => format!("CHAR({width})"),
        }
    }

    /// Inserts rows of `hsplit`.
    pub fn insert_rows(
        &mut self,
        rows: &[Row],
        interval_minutes: i32,
        with_starttime_utc: bool,
    ) -> Result<(), SimError> {
        for part in rows.chunks(ROWS_PER_STATEMENT) {
            self.execute(&insert_statement(
                part,
                interval_minutes,
                with_starttime_utc,
            )?)?;
        }
        Ok(())
    }

    /// Inserts the dictionary.
    pub fn insert_synonyms(&mut self, synonyms: &[Synonym]) -> Result<(), SimError> {
        let text = |width| ColumnKind::Text {
            max_bytes: width * 4,
        };
        let columns = [
            ColumnSpec::new("acd_no", ColumnKind::Int32),
            ColumnSpec::new("item_type", text(ITEM_TYPE_WIDTH)),
            ColumnSpec::new("item_name", text(ITEM_NAME_WIDTH)),
            ColumnSpec::new("value", text(VALUE_WIDTH)),
            ColumnSpec::new("descr", text(DESCRIPTION_WIDTH)),
            ColumnSpec::new("standard", ColumnKind::Int32),
        ];
        for part in synonyms.chunks(ROWS_PER_INSERT) {
            let texts = |width, text: fn(&Synonym) -> &str| ColumnData::Text {
                values: part
                    .iter()
                    .map(|entry| padded(text(entry), width))
                    .collect(),
                nulls: Vec::new(),
            };
            let batch = RowBatch {
                rows: part.len(),
                columns: vec![
                    integers(part.iter().map(|entry| i32::from(entry.acd))),
                    texts(ITEM_TYPE_WIDTH, |entry| entry.item_type),
                    texts(ITEM_NAME_WIDTH, |entry| &entry.item_name),
                    texts(VALUE_WIDTH, |entry| &entry.value),
                    texts(DESCRIPTION_WIDTH, |entry| &entry.description),
                    integers(part.iter().map(|entry| i32::from(entry.standard))),
                ],
            };
            self.connection.insert("synonyms", &columns, &batch)?;
        }
        Ok(())
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

fn integers(values: impl Iterator<Item = i32>) -> ColumnData {
    ColumnData::Int32 {
        values: values.collect(),
        nulls: Vec::new(),
    }
}

fn hsplit_ddl(with_starttime_utc: bool) -> String {
    let columns: Vec<String> = hsplit_columns(with_starttime_utc)
        .iter()
        .map(|column| {
            let default = if column.sql_type == SqlType::Date {
                ""
            } else {
                " DEFAULT 0"
            };
            format!(
                "{} {}{default} NOT NULL",
                column.name,
                column.sql_type.sql()
            )
        })
        .collect();
    format!("CREATE TABLE hsplit ({})", columns.join(", "))
}
