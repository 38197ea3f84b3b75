//! What the tests of the program share: starting it, and reading its tables by other code than its own.

#![allow(dead_code)] // each test file uses its part

pub mod crash;

use std::collections::BTreeMap;
use std::process::{Command, Output};

use floorwire_odbc::direct::Connection;
use floorwire_odbc::{ColumnData, ColumnKind, ColumnSpec, Query, RowBatch};
use serde_json::Value;

/// Program under test, its connection string in the environment.
pub fn simulator(connection: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_floorwire-cms-sim"));
    command.env("FLOORWIRE_CMS_CONNECTION", connection);
    command
}

/// Runs the program to its end and returns the JSON that it printed.
pub fn succeed(command: &mut Command) -> Value {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Runs the program, which must fail, and returns what it said.
pub fn fail(command: &mut Command) -> String {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    let text = String::from_utf8_lossy(&stderr).into_owned();
    assert!(
        !status.success(),
        "{command:?} succeeded: {}",
        String::from_utf8_lossy(&stdout)
    );
    text
}

/// A connection string for a new SQLite file in a folder.
pub fn sqlite(folder: &std::path::Path) -> String {
    format!(
        "DRIVER=SQLite3;Database={}",
        folder.join("cms.sqlite").display()
    )
}

/// Reads whole number columns of a table, row by row.
pub fn integers(connection: &str, table: &str, columns: &[&str], condition: &str) -> Vec<Vec<i64>> {
    let batch = read(
        connection,
        table,
        columns,
        &vec![ColumnKind::Int32; columns.len()],
        condition,
    );
    (0..batch.rows)
        .map(|row| {
            batch
                .columns
                .iter()
                .map(|column| match column {
                    ColumnData::Int32 { values, nulls } => {
                        assert!(nulls.is_empty());
                        i64::from(values[row])
                    }
                    other => panic!("{other:?}"),
                })
                .collect()
        })
        .collect()
}

pub fn read(
    connection: &str,
    table: &str,
    columns: &[&str],
    kinds: &[ColumnKind],
    condition: &str,
) -> RowBatch {
    let query = Query {
        sql: format!("SELECT {} FROM {table} {condition}", columns.join(", ")),
        parameters: Vec::new(),
        columns: columns
            .iter()
            .zip(kinds)
            .map(|(name, kind)| ColumnSpec::new(*name, *kind))
            .collect(),
        row_limit: 10_000_000,
        timeout_s: 60,
    };
    // The semicolon: see the simulator's own connect.
    Connection::connect(&format!("{connection};"))
        .unwrap()
        .query_all(&query)
        .unwrap()
}

/// ACD, split, start of an interval.
pub type Key = (i64, i64, i64);
/// Offered, answered, abandoned, within the threshold, talk, hold, after-call work, waiting, waiting of abandoned calls.
pub type Figures = [i64; 9];

/// Figures of all intervals in the table with a call answered or abandoned, by key. Fails on two rows with one key.
pub fn booked(connection: &str) -> BTreeMap<Key, Figures> {
    let columns = [
        "acd",
        "split",
        "starttime_utc",
        "callsoffered - othercalls",
        "acdcalls",
        "abncalls",
        "acceptable",
        "acdtime",
        "holdtime",
        "acwtime",
        "anstime",
        "abntime",
    ];
    let mut found = BTreeMap::new();
    for row in integers(connection, "hsplit", &columns, "") {
        let figures: Figures = row[3..12].try_into().unwrap();
        let doubled = found.insert((row[0], row[1], row[2]), figures);
        assert_eq!(doubled, None, "two rows for {:?}", &row[..3]);
    }
    found.retain(|_, figures| figures[0] > 0);
    found
}

/// The same from the answer of `truth`.
pub fn expected(truth: &Value) -> BTreeMap<Key, Figures> {
    let number = |interval: &Value, name: &str| interval[name].as_i64().unwrap();
    truth["intervals"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|interval| number(interval, "offered") > 0)
        .map(|interval| {
            let key = ["acd", "split", "startUtc"].map(|name| number(interval, name));
            let figures = [
                "offered",
                "answered",
                "abandoned",
                "withinThreshold",
                "talkSeconds",
                "holdSeconds",
                "acwSeconds",
                "waitSeconds",
                "abandonedWaitSeconds",
            ];
            (
                (key[0], key[1], key[2]),
                figures.map(|name| number(interval, name)),
            )
        })
        .collect()
}
