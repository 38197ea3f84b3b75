//! What `init` writes: figures as in the truth, the layout of the tables, refusals.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests fail by panicking

mod support;

use std::collections::BTreeSet;

use floorwire_odbc::{ColumnData, ColumnKind};
use support::{booked, expected, fail, integers, read, simulator, sqlite, succeed};

#[test]
fn tables_equal_the_truth_over_both_clock_changes() {
    for (zone, until, minutes) in [
        ("Europe/Paris", "2026-10-26T10:17:00Z", "15"),
        ("Europe/Paris", "2026-03-30T10:00:00Z", "30"),
        ("Australia/Lord_Howe", "2026-04-06T03:00:00Z", "60"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let connection = sqlite(folder.path());
        let events = folder.path().join("events.jsonl");
        let summary = succeed(
            simulator(&connection)
                .args([
                    "init", "--days", "3", "--skills", "3", "--acds", "2", "--zone", zone,
                ])
                .args(["--until", until, "--interval", minutes, "--event-log"])
                .arg(&events),
        );
        assert_eq!(summary["queues"], 6, "{zone}");
        let truth = succeed(
            simulator(&connection)
                .args(["truth", "--until-published-at", until, "--event-log"])
                .arg(&events),
        );
        let found = booked(&connection);
        assert!(found.len() > 200, "{zone}: {}", found.len());
        assert_eq!(found, expected(&truth), "{zone}");
    }
}

#[test]
fn repeated_hour_has_two_rows_and_old_releases_cannot_tell_them_apart() {
    let folder = tempfile::tempdir().unwrap();
    let connection = sqlite(folder.path());
    let init = |extra: &[&str]| {
        succeed(
            simulator(&connection)
                .args([
                    "init",
                    "--days",
                    "2",
                    "--skills",
                    "1",
                    "--until",
                    "2026-10-26T10:00:00Z",
                ])
                .args(extra),
        )
    };
    init(&[]);
    let condition = "WHERE row_date = '2026-10-25' AND starttime = 200";
    let rows = integers(
        &connection,
        "hsplit",
        &["starttime", "starttime_utc"],
        condition,
    );
    assert_eq!(rows.len(), 2);
    assert_eq!((rows[0][1] - rows[1][1]).abs(), 3_600);
    init(&["--replace", "--no-starttime-utc"]);
    assert_eq!(
        integers(&connection, "hsplit", &["starttime", "acd"], condition).len(),
        2
    );
    let error = floorwire_odbc::direct::Connection::connect(&connection)
        .unwrap()
        .execute("SELECT starttime_utc FROM hsplit")
        .unwrap_err();
    assert_eq!(error.cause(), Some(floorwire_odbc::Cause::ColumnMissing));
}

#[test]
fn rows_keep_the_identity_of_state_times_and_are_dense_around_the_clock() {
    let folder = tempfile::tempdir().unwrap();
    let connection = sqlite(folder.path());
    succeed(simulator(&connection).args([
        "init",
        "--days",
        "7",
        "--skills",
        "2",
        "--until",
        "2026-06-10T22:00:00Z",
    ]));
    let columns = [
        "i_stafftime",
        "i_availtime",
        "i_acdtime",
        "i_acwtime",
        "i_auxtime",
        "i_othertime",
        "i_ringtime",
        "maxstaffed",
        "acceptable",
        "acdcalls",
        "intrvl",
    ];
    for row in integers(&connection, "hsplit", &columns, "") {
        assert_eq!(row[0], row[1..7].iter().sum::<i64>(), "{row:?}");
        assert!(row.iter().all(|figure| *figure >= 0), "{row:?}");
        assert!(row[0] <= row[7] * 1_800 && row[8] <= row[9], "{row:?}");
        assert_eq!(row[10], 30);
    }
    let starts = integers(
        &connection,
        "hsplit",
        &["starttime_utc", "acd"],
        "WHERE split = 11 ORDER BY starttime_utc",
    );
    assert!(
        starts
            .windows(2)
            .all(|pair| pair[1][0] - pair[0][0] == 1_800)
    );
    let closed = integers(
        &connection,
        "hsplit",
        &["starttime", "acd"],
        "WHERE split = 12",
    );
    assert!(
        closed.iter().all(|row| row[0] >= 700),
        "a closed split has rows at night"
    );
}

#[test]
fn same_seed_same_rows_other_seed_other_rows() {
    let rows = |seed: &str| {
        let folder = tempfile::tempdir().unwrap();
        let connection = sqlite(folder.path());
        succeed(simulator(&connection).args([
            "init",
            "--days",
            "1",
            "--skills",
            "2",
            "--until",
            "2026-06-10T12:00:00Z",
            "--seed",
            seed,
        ]));
        booked(&connection)
    };
    assert_eq!(rows("5"), rows("5"));
    assert_ne!(rows("5"), rows("6"));
}

#[test]
fn dictionary_is_blank_padded() {
    let folder = tempfile::tempdir().unwrap();
    let connection = sqlite(folder.path());
    succeed(simulator(&connection).args(["init", "--days", "0", "--skills", "3", "--acds", "2"]));
    let kinds = [
        ColumnKind::Text { max_bytes: 80 },
        ColumnKind::Text { max_bytes: 160 },
    ];
    let batch = read(
        &connection,
        "synonyms",
        &["item_type", "value"],
        &kinds,
        "WHERE acd_no = 2",
    );
    let [
        ColumnData::Text { values: types, .. },
        ColumnData::Text { values, .. },
    ] = &batch.columns[..]
    else {
        panic!("{batch:?}")
    };
    assert!(
        types.iter().all(|text| text.len() == 20) && values.iter().all(|text| text.len() == 40)
    );
    let types: BTreeSet<_> = types.iter().map(|text| text.trim()).collect();
    assert_eq!(
        types,
        BTreeSet::from(["split", "vdn", "agname", "aux_rsn", "workmode", "ag_dir"])
    );
}

#[test]
fn bulk_rows_are_as_many_as_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let connection = sqlite(folder.path());
    let summary =
        succeed(simulator(&connection).args(["init", "--volume", "20000", "--days", "30"]));
    assert_eq!(summary["rows"], 20_000);
    let rows = integers(
        &connection,
        "hsplit",
        &["acdcalls", "abncalls", "callsoffered"],
        "",
    );
    assert_eq!(rows.len(), 20_000);
    assert!(rows.iter().all(|row| row[0] + row[1] == row[2]));
    assert!(fail(simulator(&connection).arg("run")).contains("bulk rows"));
}

#[test]
fn what_is_there_is_not_overwritten_unasked() {
    let folder = tempfile::tempdir().unwrap();
    let connection = sqlite(folder.path());
    assert!(fail(simulator(&connection).arg("run")).contains("run `floorwire-cms-sim init` first"));
    let events = folder.path().join("events.jsonl");
    let mut init = simulator(&connection);
    init.args(["init", "--days", "1", "--skills", "1", "--event-log"])
        .arg(&events);
    succeed(&mut init);
    let before = booked(&connection);
    assert!(fail(&mut init).contains("--replace"));
    assert_eq!(booked(&connection), before);
    succeed(init.arg("--replace"));
    assert!(
        fail(simulator(&connection).args(["init", "--zone", "Europe/Nowhere"]))
            .contains("Europe/Nowhere")
    );
    assert!(
        fail(simulator(&connection).args(["init", "--interval", "20"])).contains("15, 30 or 60")
    );
}

#[test]
fn a_password_is_never_printed() {
    let text = fail(
        simulator("DRIVER={PostgreSQL Unicode};SERVER=127.0.0.1;PORT=1;DATABASE=cms;UID=me;PWD=marked-secret")
            .args(["init", "--days", "1"]),
    );
    assert!(!text.contains("marked-secret"), "{text}");
    assert!(!text.contains("PWD"), "{text}");
}

#[test]
fn the_page_of_columns_is_current() {
    let output = simulator("").arg("columns").output().unwrap();
    let page = String::from_utf8(output.stdout).unwrap();
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/cms-columns.md");
    let committed = std::fs::read_to_string(path).unwrap();
    assert!(
        page == committed,
        "run `floorwire-cms-sim columns > docs/cms-columns.md`, look at the difference, commit it"
    );
}

#[test]
fn every_scenario_keeps_the_rules_of_the_documentation_in_the_database() {
    for (name, _) in floorwire_sim_centre::scenario::SHIPPED {
        let folder = tempfile::tempdir().unwrap();
        let connection = sqlite(folder.path());
        let summary = succeed(simulator(&connection).args(["init", "--scenario", name]));
        assert_eq!(summary["scenario"], *name);
        let figures = [
            "i_stafftime",
            "i_availtime",
            "i_acdtime",
            "i_acwtime",
            "i_auxtime",
            "i_ringtime",
            "i_othertime",
        ];
        for table in ["hsplit", "hagent"] {
            let rows = integers(&connection, table, &figures, "");
            assert!(rows.len() > 100, "{name} {table}: {}", rows.len());
            assert!(
                rows.iter()
                    .all(|row| row[0] == row[1..].iter().sum::<i64>()),
                "{name} {table}"
            );
        }
        // Callers are there to be left alone.
        let marked = integers(
            &connection,
            "ag_actv",
            &["duration"],
            "WHERE calling_pty LIKE 'SIM-CALLER%'",
        );
        assert_eq!(marked.is_empty(), *name == "no-trace", "{name}");
    }
}
