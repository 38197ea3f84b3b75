//! The statement that has a source compute the fingerprint of a partition ([`floorwire_model::fingerprint`]).
//!
//! One table, one `row_date`, one result row: the source looks at the rows and sends four numbers. They come as text, since
//! they are wider than the integers that are fetched otherwise. Only tables without texts have one, so none with personal
//! data: of people out of scope not even a sum leaves the site.

use crate::catalogue::{Column, Kind, Table};
use crate::statement::{Parameter, Statement};
use floorwire_model::fingerprint::{MODULUS, Sums, factor, null_term, text};
use jiff::civil::Date;

/// How a database is made to compute in 64 bits or more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arithmetic {
    /// Integers are 64 bits wide anyway, the remainder is `%`: SQLite, MariaDB.
    Wide,
    /// `BIGINT` by a cast, the remainder is `%`: PostgreSQL.
    Bigint,
    /// `DECIMAL(32,0)` by a cast, the remainder is `MOD`: Informix, and whatever hides behind a data source name.
    Decimal,
}

impl Arithmetic {
    fn wide(self, term: &str) -> String {
        match self {
            Self::Wide => term.to_owned(),
            Self::Bigint => format!("CAST({term} AS BIGINT)"),
            Self::Decimal => format!("CAST({term} AS DECIMAL(32,0))"),
        }
    }

    fn remainder(self, term: &str) -> String {
        match self {
            Self::Wide | Self::Bigint => format!("(({term}) % {MODULUS})"),
            Self::Decimal => format!("MOD({term}, {MODULUS})"),
        }
    }
}

/// The statement for the partition of an ACD and date: number of rows and three sums, as texts. `None` where the table has
/// no dates, or a column that is read is not a number.
pub fn sums(
    table: &Table,
    columns: &[Column],
    acd: i32,
    row_date: Option<Date>,
    arithmetic: Arithmetic,
) -> Option<Statement> {
    let (date_column, date) = (table.date_column?, row_date?);
    let numbers = columns.iter().all(|column| column.kind == Kind::Int32);
    if !numbers || columns.is_empty() {
        return None;
    }
    let mut row = arithmetic.wide("0");
    for column in columns {
        let name = column.name;
        let product = format!("{} * {}", arithmetic.wide(name), factor(name));
        let term = arithmetic.remainder(&product);
        row.push_str(&format!(
            " + CASE WHEN {name} IS NULL THEN {} ELSE {term} END",
            null_term(name)
        ));
    }
    let hash = arithmetic.wide("h");
    let square = arithmetic.remainder(&format!("{hash} * {hash}"));
    let cube = arithmetic.remainder(&format!("{} * {hash}", arithmetic.wide(&square)));
    let sql = format!(
        "SELECT COUNT(*), SUM({hash}), SUM({}), SUM({}) FROM \
         (SELECT {} AS h FROM {} WHERE {date_column} = ? AND {} = ?) row_hashes",
        arithmetic.wide(&square),
        arithmetic.wide(&cube),
        arithmetic.remainder(&row),
        table.name,
        table.acd_column,
    );
    Some(Statement {
        sql,
        parameters: vec![Parameter::Date(date), Parameter::Int32(acd)],
    })
}

/// The fingerprint from the statement's result; sums over no rows are NULL. `None` when a text is not a whole number.
pub fn from_result(columns: &[Column], result: [Option<&str>; 4]) -> Option<String> {
    let number = |text: Option<&str>| match text {
        None => Some(0),
        Some(text) => whole(text.trim()),
    };
    let [rows, first, second, third] = result;
    let sums = Sums {
        rows: number(rows)?,
        first: number(first)?,
        second: number(second)?,
        third: number(third)?,
    };
    Some(text(columns.iter().map(|column| column.name), &sums))
}

/// A whole number, with or without a fraction of zeros, as drivers write decimals.
fn whole(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.bytes().any(|digit| digit != b'0') {
        return None;
    }
    whole.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{HAGENT, HSPLIT, SCOPED_TABLES, SYNONYMS};
    use jiff::civil::date;

    #[test]
    fn the_statement_only_reads_one_partition() {
        let day = Some(date(2026, 3, 1));
        for arithmetic in [Arithmetic::Wide, Arithmetic::Bigint, Arithmetic::Decimal] {
            let statement = sums(&HSPLIT, HSPLIT.columns, 3, day, arithmetic).unwrap();
            assert!(statement.sql.starts_with("SELECT COUNT(*), SUM("));
            assert!(
                statement
                    .sql
                    .ends_with("FROM hsplit WHERE row_date = ? AND acd = ?) row_hashes")
            );
            assert_eq!(statement.sql.matches('?').count(), 2);
            assert_eq!(statement.parameters[1], Parameter::Int32(3));
        }
        let two = sums(&HSPLIT, &HSPLIT.columns[..1], 1, day, Arithmetic::Wide).unwrap();
        assert!(two.sql.contains("((split * "), "{}", two.sql);
    }

    #[test]
    fn tables_with_texts_have_none() {
        let day = Some(date(2026, 3, 1));
        let of = |table: &Table| sums(table, table.columns, 1, day, Arithmetic::Wide);
        assert_eq!(of(&SYNONYMS), None);
        assert_eq!(of(&HAGENT), None);
        for table in SCOPED_TABLES {
            let has_login = table.columns.iter().any(|column| column.name == "logid");
            assert!(!has_login || of(table).is_none(), "{}", table.name);
        }
    }

    #[test]
    fn results_are_whole_numbers() {
        let columns = &HSPLIT.columns[..1];
        let of = |rows, first| from_result(columns, [Some(rows), first, Some("2"), Some("3 ")]);
        assert_eq!(of("4", Some("1.000")), of("4.", Some("1")));
        assert!(of("0", None).is_some());
        assert_eq!(of("4", Some("1.5")), None);
        assert_eq!(of("4", Some("1e9")), None);
    }
}
