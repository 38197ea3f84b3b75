//! The tables of the site in the database: created, filled, kept within their limits.

use floorwire_sim_booking::{Column, Kind, Row, Table, TableId, Value, tables};
use floorwire_sim_centre::variants::Variants;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::database::{Database, Dialect};
use crate::error::SimError;
use crate::parameters;

/// Rows in one statement: beyond this it gets no faster, and it stays far below the statement limits of the databases.
pub(crate) const ROWS_PER_STATEMENT: usize = 200;

/// The tables of one site.
pub(crate) struct Schema {
    tables: BTreeMap<TableId, Table>,
    owner: Option<String>,
}

impl Schema {
    pub fn new(variants: &Variants) -> Self {
        Self {
            tables: tables(variants)
                .into_iter()
                .map(|table| (table.id, table))
                .collect(),
            owner: variants.owner.clone(),
        }
    }

    fn table(&self, id: TableId) -> Result<&Table, SimError> {
        self.tables
            .get(&id)
            .ok_or(SimError::NoSuchTable { table: id.name() })
    }

    /// Name of a table with its owner.
    pub fn name(&self, id: TableId) -> String {
        match &self.owner {
            Some(owner) => format!("{owner}.{}", id.name()),
            None => id.name().to_owned(),
        }
    }

    /// Creates the tables, without indexes. Existing ones are refused, or dropped if `replace`.
    pub fn create(&self, database: &mut Database, replace: bool) -> Result<(), SimError> {
        self.prepare_owner(database)?;
        let names = TableId::ALL.map(|id| (id.name(), self.name(id)));
        let own = (parameters::TABLE, parameters::TABLE.to_owned());
        for (table, name) in names.into_iter().chain([own]) {
            if database.has_table(&name)? {
                if !replace {
                    return Err(SimError::TablesExist { table });
                }
                database.execute(&format!("DROP TABLE {name}"))?;
            }
        }
        if database.dialect() == Dialect::Sqlite {
            database.text("PRAGMA journal_mode=WAL")?;
        }
        for id in TableId::ALL {
            let table = self.table(id)?;
            let columns: Vec<String> = table
                .columns()
                .enumerate()
                .map(|(at, column)| definition(database, column, at >= table.keys.len()))
                .collect();
            database.execute(&format!(
                "CREATE TABLE {} ({})",
                self.name(id),
                columns.join(", ")
            ))?;
        }
        parameters::create(database)
    }

    /// Informix resolves unqualified names whoever owns the table; PostgreSQL does so along the search path.
    fn prepare_owner(&self, database: &mut Database) -> Result<(), SimError> {
        let Some(owner) = &self.owner else {
            return Ok(());
        };
        let plain = owner.chars().all(|letter| letter.is_ascii_lowercase());
        if database.dialect() != Dialect::Other || !plain {
            return Err(SimError::Owner {
                owner: owner.clone(),
            });
        }
        database.execute(&format!("CREATE SCHEMA IF NOT EXISTS {owner}"))?;
        database.execute(&format!(
            "ALTER ROLE CURRENT_USER SET search_path = {owner}, public"
        ))?;
        database.execute(&format!("SET search_path = {owner}, public"))
    }

    /// Creates the indexes that the vendor lists; after a bulk load, where it is quickest.
    pub fn create_indexes(&self, database: &mut Database) -> Result<(), SimError> {
        for id in TableId::ALL {
            let (table, name) = (self.table(id)?, self.name(id));
            let columns = table.indexed.join(", ");
            database.execute(&format!(
                "CREATE INDEX {}_day ON {name} ({columns})",
                id.name()
            ))?;
        }
        let sessions = self.name(TableId::Haglog);
        database.execute(&format!(
            "CREATE INDEX haglog_login ON {sessions} (logid, login)"
        ))
    }

    /// Adds rows of one table.
    pub fn insert(
        &self,
        database: &mut Database,
        id: TableId,
        rows: &[&Row],
    ) -> Result<(), SimError> {
        let (table, name) = (self.table(id)?, self.name(id));
        for part in rows.chunks(ROWS_PER_STATEMENT) {
            let statement = insert_statement(database, table, &name, part)?;
            database.execute(&statement)?;
        }
        Ok(())
    }

    /// Puts a row in the place of the one that agrees with it in these key columns.
    pub fn replace(
        &self,
        database: &mut Database,
        id: TableId,
        row: &Row,
        keys: &[usize],
    ) -> Result<(), SimError> {
        self.delete(database, id, row, keys)?;
        self.insert(database, id, &[row])
    }

    /// Deletes the rows that agree with this one in these key columns.
    pub fn delete(
        &self,
        database: &mut Database,
        id: TableId,
        row: &Row,
        keys: &[usize],
    ) -> Result<(), SimError> {
        let (table, name) = (self.table(id)?, self.name(id));
        let mut conditions = Vec::new();
        for at in keys {
            if let (Some(column), Some(value)) = (table.keys.get(*at), row.keys.get(*at)) {
                let literal = literal(database, id, column, value)?;
                conditions.push(format!("{} = {literal}", column.name));
            }
        }
        database.execute(&format!(
            "DELETE FROM {name} WHERE {}",
            conditions.join(" AND ")
        ))
    }

    /// Position of a column among the figures of a table.
    pub fn figure(&self, id: TableId, name: &str) -> Option<usize> {
        let table = self.tables.get(&id)?;
        table.figures.iter().position(|column| column.name == name)
    }

    /// Position of a column among the keys of a table.
    pub fn key(&self, id: TableId, name: &str) -> Option<usize> {
        let table = self.tables.get(&id)?;
        table.keys.iter().position(|column| column.name == name)
    }

    /// A row whose figures are all 0.
    pub fn empty_row(&self, id: TableId, keys: Vec<Value>) -> Result<Row, SimError> {
        let figures = self.table(id)?.figures.len();
        Ok(Row {
            keys,
            figures: vec![0; figures],
        })
    }
}

fn definition(database: &Database, column: &Column, figure: bool) -> String {
    let kind = match column.kind {
        Kind::SmallInt => "SMALLINT".to_owned(),
        Kind::Integer => "INTEGER".to_owned(),
        Kind::Date => "DATE".to_owned(),
        Kind::Char(width) => database.text_type(width),
    };
    let default = if figure { " DEFAULT 0 NOT NULL" } else { "" };
    format!("{} {kind}{default}", column.name)
}

/// One INSERT with the values of many rows as literals. Bound parameters were measured slower by far in tables of 274
/// columns: libsqliteodbc compiles the statement again for every row. Figures that are 0 in all rows are left out.
fn insert_statement(
    database: &Database,
    table: &Table,
    name: &str,
    rows: &[&Row],
) -> Result<String, SimError> {
    let named: Vec<(usize, &Column)> = table
        .figures
        .iter()
        .enumerate()
        .filter(|(at, _)| {
            rows.iter()
                .any(|row| row.figures.get(*at).is_some_and(|figure| *figure != 0))
        })
        .collect();
    let mut sql = String::with_capacity(rows.len() * 300 + 1_000);
    sql.push_str("INSERT INTO ");
    sql.push_str(name);
    let keys = table.keys.iter().map(|column| column.name.as_str());
    let figures = named.iter().map(|(_, column)| column.name.as_str());
    for (number, column) in keys.chain(figures).enumerate() {
        sql.push_str(if number == 0 { " (" } else { ", " });
        sql.push_str(column);
    }
    sql.push_str(") VALUES ");
    for (number, row) in rows.iter().enumerate() {
        sql.push_str(if number == 0 { "(" } else { ",(" });
        for (at, (column, value)) in table.keys.iter().zip(&row.keys).enumerate() {
            if at > 0 {
                sql.push(',');
            }
            sql.push_str(&literal(database, table.id, column, value)?);
        }
        for (at, column) in &named {
            let figure = row.figures.get(*at).copied().unwrap_or(0);
            fits(table, column, figure)?;
            // Writing to a text cannot fail.
            let _ = write!(sql, ",{figure}");
        }
        sql.push(')');
    }
    Ok(sql)
}

fn fits(table: &Table, column: &Column, figure: i64) -> Result<(), SimError> {
    if column.kind.holds(figure) {
        return Ok(());
    }
    Err(SimError::Overflow {
        table: table.id.name(),
        column: column.name.clone(),
        value: figure,
    })
}

fn literal(
    database: &Database,
    table: TableId,
    column: &Column,
    value: &Value,
) -> Result<String, SimError> {
    Ok(match (value, column.kind) {
        (Value::Null, _) => "NULL".to_owned(),
        (Value::Date(date), _) => format!("'{date}'"),
        (Value::Int(number), kind) => {
            if !kind.holds(*number) {
                return Err(SimError::Overflow {
                    table: table.name(),
                    column: column.name.clone(),
                    value: *number,
                });
            }
            number.to_string()
        }
        (Value::Text(text), Kind::Char(width)) => database.literal(&padded(text, width)),
        (Value::Text(text), _) => database.literal(text),
    })
}

/// Text filled with blanks to the width of its column, cut if it is longer.
fn padded(text: &str, width: usize) -> String {
    let cut: String = text.chars().take(width).collect();
    format!("{cut:width$}")
}
