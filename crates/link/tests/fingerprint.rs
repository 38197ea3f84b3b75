//! The fingerprint that a database computes is the one that its rows give here: on real databases, over ODBC, for values of
//! every size, NULL and no rows at all; and both change with every kind of change.
#![allow(clippy::unwrap_used, clippy::print_stderr)] // a helper that fails fails its test; figures are printed

use floorwire_avaya_cms::catalogue::{Column, HSPLIT};
use floorwire_avaya_cms::fingerprint::{Arithmetic, from_result, sums};
use floorwire_avaya_cms::statement::{Parameter, Statement, read_partition};
use floorwire_link::cms::column_specs;
use floorwire_model::columns::{ColumnValues, FORMAT_VERSION, SourceColumn, SourceColumns};
use floorwire_model::fingerprint::of_rows;
use floorwire_odbc::direct::Connection;
use floorwire_odbc::{ColumnData, ColumnKind, ColumnSpec, Parameter as Bound, Query, RowBatch};
use floorwire_test_servers::{MariaDb, Postgres, SqliteCms};
use jiff::civil::{Date, date};
use std::time::Instant;

const DAY: Date = date(2026, 11, 20);
const ACD: i32 = 3;

#[test]
fn sqlite_computes_the_same() {
    let cms = SqliteCms::new().unwrap();
    std::fs::write(cms.path(), b"").unwrap();
    computes_the_same("sqlite", &cms.odbc(), &[Arithmetic::Wide]);
}

#[test]
fn postgres_computes_the_same() {
    let server = Postgres::start().unwrap();
    server.create_database("cms").unwrap();
    let both = [Arithmetic::Bigint, Arithmetic::Decimal];
    computes_the_same("postgresql", &server.odbc("cms"), &both);
}

#[test]
fn mariadb_computes_the_same() {
    let server = MariaDb::start().unwrap();
    server.create_database("cms").unwrap();
    let both = [Arithmetic::Wide, Arithmetic::Decimal];
    computes_the_same("mariadb", &server.odbc("cms"), &both);
}

fn computes_the_same(name: &str, connection: &str, arithmetics: &[Arithmetic]) {
    let mut database = Connection::connect(connection).unwrap();
    let columns = HSPLIT.columns;
    let declared: Vec<String> = columns
        .iter()
        .map(|column| format!("{} INTEGER", column.name))
        .collect();
    let declared = declared.join(", ");
    database
        .execute(&format!(
            "CREATE TABLE hsplit (row_date DATE, acd SMALLINT, {declared})"
        ))
        .unwrap();
    let same = |database: &mut Connection, what: &str| -> String {
        let begun = Instant::now();
        let read = of_rows(&rows(database, columns)).unwrap();
        let reading = begun.elapsed();
        for arithmetic in arithmetics {
            let begun = Instant::now();
            let computed = computed(database, columns, *arithmetic);
            eprintln!(
                "{name}, {what}, {arithmetic:?}: read in {reading:?}, computed in {:?}",
                begun.elapsed()
            );
            assert_eq!(computed.as_deref(), Some(read.as_str()), "{name}: {what}");
        }
        read
    };
    let mut seen = vec![same(&mut database, "no rows")];
    insert(&mut database, &random_rows(4_800));
    // Rows of another ACD and another date are none of it.
    seen.push(same(&mut database, "a day of 100 skills"));
    let key = "split = 40 AND starttime = 930";
    let other = "split = 41 AND starttime = 930";
    let usual =
        "INSERT INTO hsplit (row_date, acd, split, starttime, acdcalls, abncalls, acdtime) VALUES";
    for (split, calls) in [(40, 7), (41, 9)] {
        let row = format!("{usual} ('2026-11-20', 3, {split}, 930, {calls}, 1, 300)");
        database.execute(&row).unwrap();
    }
    seen.push(same(&mut database, "two rows added"));
    for (what, statements) in [
        (
            "one cell changed",
            vec![format!("UPDATE hsplit SET acdtime = 301 WHERE {key}")],
        ),
        (
            "two cells swapped",
            vec![
                format!("UPDATE hsplit SET acdcalls = 9 WHERE {key}"),
                format!("UPDATE hsplit SET acdcalls = 7 WHERE {other}"),
            ],
        ),
        (
            "a cell is NULL",
            vec![format!("UPDATE hsplit SET abncalls = NULL WHERE {key}")],
        ),
        (
            "zero for NULL",
            vec![format!("UPDATE hsplit SET abncalls = 0 WHERE {key}")],
        ),
        (
            "a row deleted",
            vec![format!("DELETE FROM hsplit WHERE {other}")],
        ),
        (
            "the extremes",
            vec![
                format!("UPDATE hsplit SET acdtime = 2147483647 WHERE {key}"),
                format!("UPDATE hsplit SET acwtime = -2147483647 WHERE {key}"),
            ],
        ),
    ] {
        for statement in statements {
            database.execute(&statement).unwrap();
        }
        seen.push(same(&mut database, what));
    }
    let count = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), count, "{name}: two states have one fingerprint");
    // What cannot be computed is refused, so that rows are read.
    let unknown = Column {
        name: "no_such_column",
        ..columns[0]
    };
    let refused = sums(&HSPLIT, &[unknown], ACD, Some(DAY), arithmetics[0]).unwrap();
    assert!(database.query_all(&query(&refused, texts())).is_err());
}

/// Small and large values, and NULLs, the same in every run.
fn random_rows(rows: usize) -> RowBatch {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let mut columns = vec![
        ColumnData::Date {
            days_since_1970: (0..rows)
                .map(|row| 20_777 - i32::from(row % 7 == 6))
                .collect(),
            nulls: vec![],
        },
        ColumnData::Int32 {
            values: (0..rows)
                .map(|row| ACD + i32::from(row % 11 == 10))
                .collect(),
            nulls: vec![],
        },
    ];
    for _ in HSPLIT.columns {
        let mut nulls = Vec::new();
        let values = (0_u32..).take(rows).map(|row| {
            let random = next();
            if random & 15 == 0 {
                nulls.push(row);
                return 0;
            }
            let [one, two, three, four, ..] = random.to_le_bytes();
            let any = i32::from_le_bytes([one, two, three, four]);
            match random >> 60 {
                0 => any.max(-i32::MAX),
                1..8 => any & 0xffff,
                _ => any & 0xf,
            }
        });
        let values = values.collect();
        columns.push(ColumnData::Int32 { values, nulls });
    }
    RowBatch { rows, columns }
}

fn insert(database: &mut Connection, batch: &RowBatch) {
    let mut specs = vec![
        ColumnSpec::new("row_date", ColumnKind::Date),
        ColumnSpec::new("acd", ColumnKind::Int32),
    ];
    specs.extend(column_specs(HSPLIT.columns));
    database.begin().unwrap();
    database.insert("hsplit", &specs, batch).unwrap();
    database.commit().unwrap();
}

fn query(statement: &Statement, columns: Vec<ColumnSpec>) -> Query {
    let bound = |parameter: &Parameter| match *parameter {
        Parameter::Date(day) => Bound::Date((day - date(1970, 1, 1)).get_days()),
        Parameter::Int32(number) => Bound::Int32(number),
    };
    Query {
        sql: statement.sql.clone(),
        parameters: statement.parameters.iter().map(bound).collect(),
        columns,
        row_limit: 100_000,
        timeout_s: 60,
    }
}

fn rows(database: &mut Connection, columns: &[Column]) -> SourceColumns {
    let statement = read_partition(&HSPLIT, columns, ACD, Some(DAY), None);
    let batch = database
        .query_all(&query(&statement, column_specs(columns)))
        .unwrap();
    let values = batch.columns.into_iter().map(|data| match data {
        ColumnData::Int32 { values, nulls } => ColumnValues::Int32 { values, nulls },
        other => unreachable!("{other:?}"),
    });
    SourceColumns {
        format_version: FORMAT_VERSION,
        rows: batch.rows as u64,
        columns: columns
            .iter()
            .zip(values)
            .map(|(column, values)| SourceColumn {
                name: column.name.to_owned(),
                values,
            })
            .collect(),
    }
}

fn texts() -> Vec<ColumnSpec> {
    let kind = ColumnKind::Text { max_bytes: 64 };
    ["row_count", "first", "second", "third"]
        .map(|name| ColumnSpec::new(name, kind))
        .to_vec()
}

fn computed(
    database: &mut Connection,
    columns: &[Column],
    arithmetic: Arithmetic,
) -> Option<String> {
    let statement = sums(&HSPLIT, columns, ACD, Some(DAY), arithmetic)?;
    let batch = database.query_all(&query(&statement, texts())).unwrap();
    let first = |index: usize| match &batch.columns[index] {
        ColumnData::Text { values, nulls } if nulls.is_empty() => {
            values.first().map(String::as_str)
        }
        _ => None,
    };
    from_result(columns, [first(0), first(1), first(2), first(3)])
}
