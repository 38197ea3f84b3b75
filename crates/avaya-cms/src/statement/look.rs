//! The statements by which a site is examined beyond its dates: clock, owner, newest interval, trace, doubled keys.
//!
//! Each names one table and, where rows are dated, one date. What a database does not have is `None` here, and an answer
//! that fails is an answer missing, never a failed examination.

use super::{Parameter, Statement};
use crate::catalogue::Table;
use jiff::civil::Date;

/// Columns that make a row of an interval table one of its kind, as far as a release has them.
const KEY: [&str; 8] = [
    "starttime",
    "starttime_utc",
    "split",
    "logid",
    "extension",
    "loc_id",
    "rsv_level",
    "tenant",
];

fn bare(sql: String) -> Statement {
    Statement {
        sql,
        parameters: Vec::new(),
    }
}

fn of_day(sql: String, acd: i32, row_date: Date) -> Statement {
    Statement {
        sql,
        parameters: vec![Parameter::Date(row_date), Parameter::Int32(acd)],
    }
}

/// The database's clock, seconds since 1970 UTC: one integer. `kind` as in the capabilities.
pub fn clock(kind: &str) -> Option<Statement> {
    let sql = match kind {
        "informix" => "SELECT DBINFO('utc_current') FROM systables WHERE tabid = 1",
        "postgresql" => "SELECT CAST(EXTRACT(EPOCH FROM CURRENT_TIMESTAMP) AS INTEGER)",
        "mariadb" => "SELECT CAST(UNIX_TIMESTAMP() AS INTEGER)",
        "sqlite" => "SELECT CAST(strftime('%s', 'now') AS INTEGER)",
        _ => return None,
    };
    Some(bare(sql.to_owned()))
}

/// Who owns a table: one text. `kind` as in the capabilities; SQLite has no owners.
pub fn owner(kind: &str, table: &Table) -> Option<Statement> {
    let name = table.name;
    let sql = match kind {
        "informix" => format!("SELECT owner FROM systables WHERE tabname = '{name}'"),
        "postgresql" => format!(
            "SELECT CAST(tableowner AS VARCHAR(64)) FROM pg_catalog.pg_tables WHERE tablename = '{name}'"
        ),
        "mariadb" => format!(
            "SELECT table_schema FROM information_schema.tables WHERE table_name = '{name}' AND table_schema = DATABASE()"
        ),
        _ => return None,
    };
    Some(bare(sql))
}

/// The newest start of an ACD on a date, HHMM: one integer, one row. `None` for tables without intervals.
pub fn newest_start(table: &Table, acd: i32, row_date: Date) -> Option<Statement> {
    let date_column = table.date_column?;
    table
        .columns
        .iter()
        .find(|column| column.name == "starttime")?;
    let sql = format!(
        "SELECT MAX(starttime) FROM {} WHERE {date_column} = ? AND {} = ?",
        table.name, table.acd_column
    );
    Some(of_day(sql, acd, row_date))
}

/// Agents of an ACD with rows on a date: one integer, one row.
pub fn agents(table: &Table, acd: i32, row_date: Date) -> Option<Statement> {
    let date_column = table.date_column?;
    let sql = format!(
        "SELECT COUNT(DISTINCT logid) FROM {} WHERE {date_column} = ? AND {} = ?",
        table.name, table.acd_column
    );
    Some(of_day(sql, acd, row_date))
}

/// Keys of an ACD that occur more than once on a date: one integer for each. `has` tells which columns the site has.
/// `None` for tables without intervals.
pub fn doubled_keys(
    table: &Table,
    has: impl Fn(&str) -> bool,
    acd: i32,
    row_date: Date,
) -> Option<Statement> {
    let date_column = table.date_column?;
    let in_catalogue = |name: &&str| table.columns.iter().any(|column| column.name == *name);
    let key: Vec<&str> = KEY
        .into_iter()
        .filter(|name| in_catalogue(name) && has(name))
        .collect();
    if !key.contains(&"starttime") {
        return None;
    }
    let sql = format!(
        "SELECT COUNT(*) FROM {} WHERE {date_column} = ? AND {} = ? GROUP BY {} HAVING COUNT(*) > 1",
        table.name,
        table.acd_column,
        key.join(", ")
    );
    Some(of_day(sql, acd, row_date))
}

/// Kinds of names that a dictionary has: one text column.
pub fn dictionary_types(table: &Table) -> Option<Statement> {
    table
        .columns
        .iter()
        .find(|column| column.name == "item_type")?;
    Some(bare(format!(
        "SELECT DISTINCT item_type FROM {}",
        table.name
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{AG_ACTV, HAGENT, HSPLIT, SYNONYMS};
    use jiff::civil::date;

    #[test]
    fn every_statement_only_reads_one_table_and_date() {
        let day = date(2026, 3, 1);
        let kinds = ["informix", "postgresql", "mariadb", "sqlite", "other"];
        let mut statements: Vec<Statement> = kinds.into_iter().filter_map(clock).collect();
        assert_eq!(statements.len(), 4);
        statements.extend(kinds.into_iter().filter_map(|kind| owner(kind, &HSPLIT)));
        statements.extend(newest_start(&HSPLIT, 1, day));
        statements.extend(agents(&AG_ACTV, 1, day));
        statements.extend(doubled_keys(&HAGENT, |_| true, 1, day));
        statements.extend(dictionary_types(&SYNONYMS));
        for statement in statements {
            assert!(statement.sql.starts_with("SELECT "), "{}", statement.sql);
            assert_eq!(
                statement.sql.matches('?').count(),
                statement.parameters.len()
            );
            assert!(
                statement.sql.matches(" FROM ").count() <= 2,
                "{}",
                statement.sql
            );
            assert!(!statement.sql.contains("JOIN"), "{}", statement.sql);
        }
    }

    #[test]
    fn keys_are_those_that_the_site_has() {
        let day = date(2026, 3, 1);
        let statement = doubled_keys(&HSPLIT, |name| name != "tenant", 1, day).unwrap();
        assert!(
            statement
                .sql
                .ends_with("GROUP BY starttime, starttime_utc, split HAVING COUNT(*) > 1"),
            "{}",
            statement.sql
        );
        assert_eq!(doubled_keys(&AG_ACTV, |_| true, 1, day), None);
        assert_eq!(newest_start(&SYNONYMS, 1, day), None);
    }
}
