//! The statement that writes rows of `hsplit`.
//!
//! One INSERT with the values of many rows as literals. All values are whole numbers and dates made here, so nothing
//! needs escaping. Bound parameters were measured slower by far in a table of 274 columns: libsqliteodbc compiles the
//! statement again for every row (200,000 rows: 34 s), and one compilation for many rows is what this saves.
//! Columns that are 0 in all rows of a statement are left to their default.

use std::fmt::Write;

use crate::columns::{SqlType, sql_type};
use crate::error::SimError;
use crate::row::{COUNTER_COLUMNS, Row};

/// Rows in one statement: beyond this it gets no faster, and it stays far below the statement limits of the databases.
pub(crate) const ROWS_PER_STATEMENT: usize = 200;

/// Name of a column and where its value is taken from.
type KeyColumn = (&'static str, fn(&Row) -> i64);

/// Columns that tell which row it is.
const KEY_COLUMNS: [KeyColumn; 4] = [
    ("starttime", |row| i64::from(row.slot.hhmm)),
    ("starttime_utc", |row| row.slot.start_utc_s),
    ("acd", |row| i64::from(row.key.acd)),
    ("split", |row| i64::from(row.key.split)),
];

/// The statement for at least one row. A figure that its column cannot hold is an error.
pub(crate) fn insert_statement(
    rows: &[Row],
    interval_minutes: i32,
    with_starttime_utc: bool,
) -> Result<String, SimError> {
    let counters: Vec<_> = COUNTER_COLUMNS
        .iter()
        .filter(|(_, figure)| rows.iter().any(|row| figure(&row.counters) != 0))
        .map(|(name, figure)| (*name, sql_type(name), figure))
        .collect();
    let keys: Vec<_> = KEY_COLUMNS
        .iter()
        .filter(|(name, _)| with_starttime_utc || *name != "starttime_utc")
        .map(|(name, value)| (*name, sql_type(name), value))
        .collect();
    let mut sql = String::with_capacity(rows.len() * 300 + 1_000);
    sql.push_str("INSERT INTO hsplit (row_date, intrvl");
    for name in keys
        .iter()
        .map(|(name, ..)| name)
        .chain(counters.iter().map(|(name, ..)| name))
    {
        sql.push_str(", ");
        sql.push_str(name);
    }
    sql.push_str(") VALUES ");
    for (number, row) in rows.iter().enumerate() {
        let comma = if number > 0 { "," } else { "" };
        let date = row.slot.row_date;
        // Writing to a text cannot fail.
        let _ = write!(sql, "{comma}('{date}',{interval_minutes}");
        for (name, sql_type, value) in &keys {
            push(&mut sql, name, *sql_type, row, value(row))?;
        }
        for (name, sql_type, figure) in &counters {
            push(&mut sql, name, *sql_type, row, figure(&row.counters))?;
        }
        sql.push(')');
    }
    Ok(sql)
}

fn push(
    sql: &mut String,
    column: &'static str,
    sql_type: SqlType,
    row: &Row,
    value: i64,
) -> Result<(), SimError> {
    if !sql_type.holds(value) {
        return Err(SimError::Overflow {
            column,
            split: row.key.split,
            value,
        });
    }
    let _ = write!(sql, ",{value}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Calendar;
    use crate::calls::SplitKey;

    fn row() -> Row {
        let calendar = Calendar::new("UTC", 30).unwrap();
        let slot = calendar
            .slots_of_day(jiff::civil::date(2026, 1, 1))
            .unwrap()[3];
        Row::empty(SplitKey { acd: 1, split: 12 }, slot)
    }

    #[test]
    fn a_figure_that_does_not_fit_is_an_error_not_another_number() {
        let mut row = row();
        row.counters.acdcalls = 32_768;
        assert!(matches!(
            insert_statement(std::slice::from_ref(&row), 30, true),
            Err(SimError::Overflow {
                column: "acdcalls",
                split: 12,
                value: 32_768
            })
        ));
        row.counters.acdcalls = 32_767;
        assert!(insert_statement(&[row], 30, true).is_ok());
    }

    #[test]
    fn only_columns_with_a_figure_are_named() {
        let mut second = row();
        second.counters.acdcalls = 7;
        let sql = insert_statement(&[row(), second], 30, false).unwrap();
        let expected = "INSERT INTO hsplit (row_date, intrvl, starttime, acd, split, i_normtime, acdcalls, \
            servicelevel, targetpercent, targetseconds, period1, period2, period3, period4, period5, period6, \
            period7, period8, period9) VALUES ('2026-01-01',30,130,1,12,1800,0,20,80,20,5,10,15,20,30,45,60,90,120),\
            ('2026-01-01',30,130,1,12,1800,7,20,80,20,5,10,15,20,30,45,60,90,120)";
        assert_eq!(sql, expected);
    }
}
