//! The statements a Link may run: all of them, so that a reader can audit them here.
//!
//! One table and one `row_date` per statement, only catalogue columns, dates as bound parameters (literals
//! depend on the server's locale). No `ORDER BY`: sorting would be the CMS's work, and the Hub does not need it.

pub mod look;

use crate::catalogue::{Column, Table};
use jiff::civil::Date;

/// A statement with its parameters, for the Link to execute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// SQL with `?` placeholders.
    pub sql: String,
    /// One per placeholder.
    pub parameters: Vec<Parameter>,
}

/// A bound value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parameter {
    /// A date.
    Date(Date),
    /// An integer.
    Int32(i32),
}

/// A part of a day, by the clock's face: HHMM, `from` inclusive, `to` exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DaySlice {
    /// First HHMM.
    pub from_hhmm: i32,
    /// HHMM after the last; 2400 for the end of the day.
    pub to_hhmm: i32,
}

impl DaySlice {
    /// A day in four slices, for drivers that load whole results.
    pub const QUARTERS: [Self; 4] = [
        Self {
            from_hhmm: 0,
            to_hhmm: 600,
        },
        Self {
            from_hhmm: 600,
            to_hhmm: 1200,
        },
        Self {
            from_hhmm: 1200,
            to_hhmm: 1800,
        },
        Self {
            from_hhmm: 1800,
            to_hhmm: 2400,
        },
    ];
}

/// Reads one partition, or a slice of it.
pub fn read_partition(
    table: &Table,
    columns: &[Column],
    acd: i32,
    row_date: Option<Date>,
    slice: Option<DaySlice>,
) -> Statement {
    let names = columns
        .iter()
        .map(|column| column.name)
        .collect::<Vec<_>>()
        .join(", ");
    let mut sql = format!("SELECT {names} FROM {}", table.name);
    let mut parameters = Vec::new();
    let mut condition = |sql: &mut String, text: String, parameter| {
        sql.push_str(if parameters.is_empty() {
            " WHERE "
        } else {
            " AND "
        });
        sql.push_str(&text);
        parameters.push(parameter);
    };
    if let (Some(column), Some(date)) = (table.date_column, row_date) {
        condition(&mut sql, format!("{column} = ?"), Parameter::Date(date));
    }
    condition(
        &mut sql,
        format!("{} = ?", table.acd_column),
        Parameter::Int32(acd),
    );
    if let (Some(column), Some(slice)) = (table.slice_column, slice) {
        condition(
            &mut sql,
            format!("{column} >= ?"),
            Parameter::Int32(slice.from_hhmm),
        );
        condition(
            &mut sql,
            format!("{column} < ?"),
            Parameter::Int32(slice.to_hhmm),
        );
    }
    Statement { sql, parameters }
}

/// The ACDs that have rows: one integer column. The ACD column is indexed.
pub fn acds(table: &Table) -> Statement {
    let sql = format!("SELECT DISTINCT {} FROM {}", table.acd_column, table.name);
    Statement {
        sql,
        parameters: Vec::new(),
    }
}

/// The oldest (`newest` false) or newest date of a table: one date column, one row. `row_date` is indexed.
pub fn date_extent(table: &Table, newest: bool) -> Option<Statement> {
    let column = table.date_column?;
    let function = if newest { "MAX" } else { "MIN" };
    let sql = format!("SELECT {function}({column}) FROM {}", table.name);
    Some(Statement {
        sql,
        parameters: Vec::new(),
    })
}

/// The interval lengths of one ACD on one date: one integer column. `None` for tables without intervals.
pub fn interval_lengths(table: &Table, acd: i32, row_date: Date) -> Option<Statement> {
    let date_column = table.date_column?;
    table
        .columns
        .iter()
        .find(|column| column.name == "intrvl")?;
    let sql = format!(
        "SELECT DISTINCT intrvl FROM {} WHERE {date_column} = ? AND {} = ?",
        table.name, table.acd_column
    );
    Some(Statement {
        sql,
        parameters: vec![Parameter::Date(row_date), Parameter::Int32(acd)],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{HSPLIT, OPTIONAL_TABLES, SCOPED_TABLES, SYNONYMS, TABLES};
    use jiff::civil::date;

    #[test]
    fn statements_name_only_the_partition() {
        let columns = &HSPLIT.columns[..2];
        let day = date(2026, 3, 1);
        let whole = read_partition(&HSPLIT, columns, 1, Some(day), None);
        assert_eq!(
            whole.sql,
            "SELECT split, starttime FROM hsplit WHERE row_date = ? AND acd = ?"
        );
        assert_eq!(
            whole.parameters,
            [Parameter::Date(day), Parameter::Int32(1)]
        );
        let slice = read_partition(&HSPLIT, columns, 1, Some(day), Some(DaySlice::QUARTERS[3]));
        assert!(slice.sql.ends_with("AND starttime >= ? AND starttime < ?"));
        assert_eq!(
            slice.parameters[2..],
            [Parameter::Int32(1800), Parameter::Int32(2400)]
        );
        let names = read_partition(&SYNONYMS, &SYNONYMS.columns[..1], 2, None, None);
        assert_eq!(names.sql, "SELECT item_type FROM synonyms WHERE acd_no = ?");
    }

    #[test]
    fn every_statement_only_reads() {
        let all = TABLES.into_iter().chain(OPTIONAL_TABLES);
        for table in all.chain(SCOPED_TABLES) {
            let day = date(2026, 3, 1);
            let statements = [
                Some(read_partition(table, table.columns, 1, Some(day), None)),
                Some(acds(table)),
                date_extent(table, true),
                date_extent(table, false),
                interval_lengths(table, 1, day),
            ];
            for statement in statements.into_iter().flatten() {
                assert!(statement.sql.starts_with("SELECT "), "{}", statement.sql);
                let placeholders = statement.sql.matches('?').count();
                assert_eq!(
                    placeholders,
                    statement.parameters.len(),
                    "{}",
                    statement.sql
                );
            }
        }
    }

    #[test]
    fn slices_cover_the_day_once() {
        let slices = DaySlice::QUARTERS;
        assert_eq!((slices[0].from_hhmm, slices[3].to_hhmm), (0, 2400));
        assert!(
            slices
                .windows(2)
                .all(|pair| pair[0].to_hhmm == pair[1].from_hhmm)
        );
    }
}
