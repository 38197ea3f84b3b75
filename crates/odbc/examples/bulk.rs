//! Measures bulk insert and fetch of `hsplit`-like rows, a date and 29 whole numbers each, on each of
//! the three databases that the tests start: in this process, and through a supervised worker, with
//! the worker's peak memory. `cargo run --release --example bulk -- [ROWS]`, after the example
//! `worker` has been built with the same profile.

#![allow(clippy::print_stdout)] // a measuring program

use std::time::{Duration, Instant};

use anyhow::Result;
use floorwire_connection_string::ConnectionString;
use floorwire_odbc::{
    Backoff, ColumnData, ColumnKind, ColumnSpec, Query, RowBatch, Supervisor, WorkerSettings,
    direct::Connection,
};
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

fn measure(name: &str, connection_string: &str, rows: usize) -> Result<()> {
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
    let mut connection = Connection::connect(connection_string)?;
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
    drop(result);
    let (supervised, peak) = supervised(connection_string, query, fetched)?;
    #[allow(clippy::cast_precision_loss)] // rates for people
    let rate = |seconds: f64| fetched as f64 / seconds;
    println!(
        "{name}: {fetched} rows, {:.0} rows/s inserted, {:.0} rows/s fetched, \
         {:.0} rows/s through the worker ({:.2}), its peak {peak}",
        rate(inserted),
        rate(seconds),
        rate(supervised),
        seconds / supervised
    );
    Ok(())
}

/// Seconds of the same read through a worker, and the worker's peak memory.
fn supervised(connection: &str, query: Query, expected: usize) -> Result<(f64, String)> {
    let examples = std::env::current_exe()?;
    let mut supervisor = Supervisor::new(WorkerSettings {
        program: examples.with_file_name("worker"),
        arguments: vec![],
        login_timeout: Duration::from_secs(10),
        stall_timeout: Duration::from_secs(60),
        restart_backoff: Backoff::default(),
    });
    let connection = ConnectionString::parse(connection)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        supervisor.registered().await?;
        let worker = supervisor.worker_pid().unwrap_or_default();
        let started = Instant::now();
        let mut fetched = 0;
        let mut reader = supervisor.read(&connection, query).await?;
        while let Some(batch) = reader.next().await? {
            fetched += batch.rows;
        }
        drop(reader);
        let seconds = started.elapsed().as_secs_f64();
        anyhow::ensure!(fetched == expected, "{fetched} rows came");
        let status = std::fs::read_to_string(format!("/proc/{worker}/status"))?;
        let peak = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))
            .unwrap_or_default()
            .trim()
            .to_owned();
        supervisor.stop().await;
        Ok((seconds, peak))
    })
}
