//! Measures bulk insert and fetch of `hsplit`-like rows: 30 whole numbers a row, on each of the
//! three databases that the tests start. `cargo run --release --example bulk -- [ROWS]`.

#![allow(clippy::print_stdout)] // a measuring program

use std::time::Instant;

use anyhow::Result;
use floorwire_odbc::{ColumnData, ColumnKind, ColumnSpec, Query, RowBatch, direct::Connection};
use floorwire_test_servers::{MariaDb, Postgres, SqliteCms};

fn main() -> Result<()> {
    let rows: usize = std::env::args()
        .nth(1)
        .map_or(Ok(100_000), |text| text.parse())?;
    let sqlite = SqliteCms::new()?;
    measure("sqlite", &sqlite.odbc(), rows)?;
    let postgres = Postgres::start()?;
    measure("postgresql", &postgres.odbc("postgres"), rows)?;
    let mariadb = MariaDb::start()?;
    mariadb.create_database("cms")?;
    measure("mariadb", &mariadb.odbc("cms"), rows)
}

fn measure(name: &str, connection: &str, rows: usize) -> Result<()> {
    let columns: Vec<ColumnSpec> = (0..30)
        .map(|number| match number {
            0 => ColumnSpec::new("row_date", ColumnKind::Date),
            _ => ColumnSpec::new(format!("c{number}"), ColumnKind::Int32),
        })
        .collect();
    let definitions: Vec<String> = columns
        .iter()
        .map(|column| match column.kind {
            ColumnKind::Date => format!("{} DATE", column.name),
            _ => format!("{} INTEGER", column.name),
        })
        .collect();
    let mut connection = Connection::connect(connection)?;
    connection.execute(&format!("CREATE TABLE t ({})", definitions.join(",")))?;
    let batch_rows = 2_000.min(rows);
    let batch = RowBatch {
        rows: batch_rows,
        columns: columns
            .iter()
            .map(|column| match column.kind {
                ColumnKind::Date => ColumnData::Date {
                    days_since_1970: vec![20_779; batch_rows],
                    nulls: vec![],
                },
                _ => ColumnData::Int32 {
                    values: (0..).take(batch_rows).map(|value| value * 7).collect(),
                    nulls: vec![],
                },
            })
            .collect(),
    };
    let started = Instant::now();
    connection.begin()?;
    for _ in 0..rows / batch_rows {
        connection.insert("t", &columns, &batch)?;
    }
    connection.commit()?;
    let inserted = started.elapsed().as_secs_f64();
    let query = Query {
        sql: "SELECT * FROM t".to_owned(),
        parameters: vec![],
        columns,
        row_limit: u64::MAX,
        timeout_s: 0,
    };
    let started = Instant::now();
    let mut fetched = 0;
    let mut result = connection.query(&query)?;
    while let Some(batch) = result.next_batch()? {
        fetched += batch.rows;
    }
    let seconds = started.elapsed().as_secs_f64();
    #[allow(clippy::cast_precision_loss)] // rates for people
    let rate = |seconds: f64| fetched as f64 / seconds;
    println!(
        "{name}: {fetched} rows, {:.0} rows/s inserted, {:.0} rows/s fetched",
        rate(inserted),
        rate(seconds)
    );
    Ok(())
}
