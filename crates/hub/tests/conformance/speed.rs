//! How fast the hub takes rows in. Not part of the ordinary run: `cargo nextest run -p floorwire-hub --test conformance
//! --run-ignored only --no-capture`.

use crate::stage::*;
use floorwire_hub::store::Store;
use floorwire_protocol::messages::Outcome;
use floorwire_test_servers::Postgres;
use std::time::Instant;

const DAYS: usize = 100;
const SPLITS: i32 = 208;

/// The highest resident size of this process so far, MiB (with the simulated Link in it).
fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap_or("0")
        .trim()
        .to_owned();
    line.split_whitespace()
        .next()
        .and_then(|kib| kib.parse::<u64>().ok())
        .unwrap_or(0)
        / 1024
}

async fn load(store: Store) {
    let engine = store.engine_name();
    let stage = Stage::new(store, "2026-11-22T11:02:00Z").await;
    let first = jiff::civil::date(2026, 11, 22)
        .checked_sub(jiff::Span::new().days(i64::try_from(DAYS).unwrap()));
    let oldest = first.unwrap().to_string();
    let link = SimulatedLink::connected(&stage, site(&oldest, "2026-11-21")).await;
    let rows: Vec<_> = (1..=SPLITS)
        .flat_map(|split| {
            (0..48).map(move |half| (split, half / 2 * 100 + half % 2 * 30, split % 7 + half % 5))
        })
        .collect();
    let day = hsplit(&rows);
    let begin = Instant::now();
    let mut total = 0;
    loop {
        let tasks: Vec<_> = link
            .lease(8)
            .await
            .into_iter()
            .filter(|task| task.row_date.is_some())
            .collect();
        if tasks.is_empty() || total >= 1_000_000 / day.rows * day.rows {
            break;
        }
        for task in &tasks {
            assert_eq!(link.deliver(task, &day).await.outcome, Outcome::Applied);
            total += day.rows;
        }
    }
    let seconds = begin.elapsed().as_secs_f64();
    println!(
        "{engine}: {total} rows in {seconds:.1} s: {:.0} rows/s, peak {} MiB",
        total as f64 / seconds,
        peak_mib()
    );
    assert_eq!(
        stage
            .count("SELECT COUNT(*) FROM queue_intervals WHERE account_id = $1")
            .await,
        total as i64
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes"]
async fn a_million_rows_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let address = format!("sqlite://{}", folder.path().join("hub.sqlite3").display());
    load(Store::open(&address).await.unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes"]
async fn a_million_rows_on_postgres() {
    let server = Postgres::start().unwrap();
    server.create_database("hub").unwrap();
    load(Store::open(&server.url("hub")).await.unwrap()).await;
}
