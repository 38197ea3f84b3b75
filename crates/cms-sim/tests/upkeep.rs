//! What goes by itself: intervals that are too old, the oldest of a trace that is too long, rows that a trouble deletes.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests fail by panicking

mod support;

use floorwire_odbc::{ColumnData, ColumnKind};
use floorwire_sim_centre::scenario::SHIPPED;
use support::{integers, read, simulator, sqlite, succeed};

const CAPACITY: i64 = 600;

/// First and last day of a table, as days since 1970.
fn days(connection: &str, table: &str) -> (i32, i32) {
    let batch = read(connection, table, &["row_date"], &[ColumnKind::Date], "");
    let [
        ColumnData::Date {
            days_since_1970, ..
        },
    ] = &batch.columns[..]
    else {
        panic!("{batch:?}")
    };
    let days = days_since_1970.iter();
    (*days.clone().min().unwrap(), *days.max().unwrap())
}

fn trace_rows(connection: &str) -> i64 {
    integers(connection, "ag_actv", &["duration"], "").len() as i64
}

#[test]
fn retention_and_trace_do_not_depend_on_how_a_run_is_cut() {
    let folder = tempfile::tempdir().unwrap();
    // In Auckland the local day begins half a day before that of UTC.
    let text = SHIPPED[0].1.replace("Europe/Paris", "Pacific/Auckland").replacen(
        "\n[[acd]]",
        &format!("\n[variants]\ninterval-retention-days = 1\ntrace-capacity-rows = {CAPACITY}\n\n[[acd]]"),
        1,
    );
    let file = folder.path().join("short.toml");
    std::fs::write(&file, text).unwrap();
    let begin = |name: &str| {
        let place = folder.path().join(name);
        std::fs::create_dir(&place).unwrap();
        let connection = sqlite(&place);
        let mut init = simulator(&connection);
        init.args(["init", "--until", "2026-06-02T00:00:00Z", "--scenario"])
            .arg(&file);
        succeed(&mut init);
        assert!(trace_rows(&connection) <= CAPACITY + CAPACITY / 10);
        connection
    };
    let run = |connection: &str, until: &str| {
        succeed(simulator(connection).args(["run", "--speed", "100000", "--until", until]));
        let rows = trace_rows(connection);
        assert!(
            rows <= CAPACITY + CAPACITY / 10,
            "{until}: {rows} rows of trace"
        );
    };
    let (whole, pieces) = (begin("whole"), begin("pieces"));
    run(&whole, "2026-06-04T00:00:00Z");
    for (until, today) in [
        ("2026-06-02T11:00:00Z", 20_606), // 2 June 2026, still in the evening of it
        ("2026-06-02T13:00:00Z", 20_607), // an hour after midnight
        ("2026-06-03T00:00:00Z", 20_607),
        ("2026-06-03T12:30:00Z", 20_608),
        ("2026-06-04T00:00:00Z", 20_608),
    ] {
        run(&pieces, until);
        for table in ["hsplit", "hvdn", "hagent"] {
            let (first, _) = days(&pieces, table);
            assert_eq!(first, today - 1, "{table} at {until}");
        }
    }
    for (table, columns) in [
        ("hsplit", &["starttime_utc", "split", "acdcalls"][..]),
        ("hagent", &["starttime_utc", "split", "ti_stafftime"]),
        (
            "ag_actv",
            &["event_time", "wmode_seq", "duration", "workmode"],
        ),
    ] {
        let order = "ORDER BY row_date, 1, 2, 3";
        let mut rows =
            [&whole, &pieces].map(|connection| integers(connection, table, columns, order));
        rows.iter_mut().for_each(|rows| rows.sort());
        assert!(!rows[0].is_empty(), "{table}");
        assert!(
            rows[0] == rows[1],
            "{table}: {} and {} rows",
            rows[0].len(),
            rows[1].len()
        );
    }
}

#[test]
fn a_right_row_is_deleted_and_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let connection = sqlite(folder.path());
    succeed(simulator(&connection).args([
        "init",
        "--scenario",
        "corrections",
        "--until",
        "2026-07-08T15:00:00Z",
    ]));
    let rows = |until: &str| {
        succeed(simulator(&connection).args(["run", "--speed", "100000", "--until", until]));
        let of_the_hour =
            "WHERE row_date = '2026-07-08' AND starttime IN (1600, 1630) ORDER BY 1, 2";
        integers(
            &connection,
            "hsplit",
            &["starttime", "split", "acdcalls"],
            of_the_hour,
        )
    };
    let before = rows("2026-07-08T16:00:00Z");
    assert_eq!(before.len(), 4, "{before:?}");
    assert!(rows("2026-07-08T19:00:00Z").is_empty());
    assert_eq!(rows("2026-07-08T22:00:00Z"), before);
}
