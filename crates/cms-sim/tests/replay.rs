//! The replay of a real day equals a count over the file made here, by other code than the simulator's.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests fail by panicking

mod support;

use std::collections::BTreeMap;
use std::path::PathBuf;

use floorwire_odbc::{ColumnData, ColumnKind};
use support::{integers, read, simulator, sqlite, succeed};

/// Answered, abandoned, talk seconds, waiting seconds of answered calls.
type Count = [i64; 4];

fn seconds(text: &str) -> i64 {
    text.split(':')
        .fold(0, |sum, part| sum * 60 + part.parse::<i64>().unwrap())
}

/// Per service and half hour of the day (counted from 0).
fn count(text: &str) -> BTreeMap<(String, i64), Count> {
    let mut lines = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let head = lines.next().unwrap();
    let column = |name: &str| head.iter().position(|title| *title == name).unwrap();
    let [service, outcome, server] = ["type", "outcome", "server"].map(column);
    let [queue_exit, queue_time, service_exit, service_time] =
        ["q_exit", "q_time", "ser_exit", "ser_time"].map(column);
    let mut counts: BTreeMap<(String, i64), Count> = BTreeMap::new();
    for line in lines {
        let waited: i64 = line[queue_time].parse().unwrap();
        let talked: i64 = line[service_time].parse().unwrap();
        let left_queue = seconds(line[queue_exit]);
        let left_service = seconds(line[service_exit]);
        let (end, adds) = match (line[outcome], line[server]) {
            ("AGENT", "NO_SERVER") | ("PHANTOM", _) => continue,
            // One served call of the day has no service times: it ends when it leaves the queue.
            ("AGENT", _) => (left_service.max(left_queue), [1, 0, talked, waited]),
            ("HANG", _) if waited == 0 => continue,
            ("HANG", _) => (left_queue, [0, 1, 0, 0]),
            other => panic!("{other:?}"),
        };
        let sums = counts
            .entry((line[service].to_owned(), end / 1_800))
            .or_default();
        for (sum, add) in sums.iter_mut().zip(adds) {
            *sum += add;
        }
    }
    counts
}

#[test]
fn every_interval_of_the_real_day_is_as_counted() {
    let log = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data/bank-calls-one-day.csv");
    if !log.try_exists().unwrap() {
        println!("skipped: {} is not there", log.display());
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let connection = sqlite(folder.path());
    let events = folder.path().join("events.jsonl");
    let summary = succeed(
        simulator(&connection)
            .arg("init")
            .args(["--date", "2026-06-07", "--calls"])
            .arg(&log)
            .arg("--event-log")
            .arg(&events),
    );
    assert_eq!(summary["queues"], 6);
    assert_eq!(summary["calls"], 1505 + 726);
    let odd = &summary["callLog"];
    for (name, rows) in [
        ("rows", 2375),
        ("answered", 1505),
        ("abandoned", 726),
        ("servedWithoutQueueing", 268),
        ("servedWithoutQueueingByNobody", 6),
        ("servedByNobody", 0),
        ("hungUpWithoutQueueTime", 120),
        ("phantom", 18),
        ("servedWithoutServiceTimes", 1),
        ("zeroSecondServices", 2),
        ("abandonedWithServiceTimes", 5),
    ] {
        assert_eq!(odd[name], rows, "{name}");
    }

    // Names of the splits, read from the dictionary: blank padded.
    let kinds = [
        ColumnKind::Text { max_bytes: 400 },
        ColumnKind::Text { max_bytes: 160 },
    ];
    let names = read(
        &connection,
        "synonyms",
        &["item_name", "value"],
        &kinds,
        "WHERE item_type = 'split'",
    );
    let [
        ColumnData::Text { values: names, .. },
        ColumnData::Text {
            values: numbers, ..
        },
    ] = &names.columns[..]
    else {
        panic!("{names:?}")
    };
    assert_eq!(names.len(), 6);
    assert!(
        names.iter().all(|name| name.len() == 100)
            && numbers.iter().all(|number| number.len() == 40)
    );
    let service_of: BTreeMap<i64, String> = numbers
        .iter()
        .zip(names)
        .map(|(number, name)| (number.trim().parse().unwrap(), name.trim().to_owned()))
        .collect();

    let columns = [
        "split",
        "starttime",
        "acdcalls",
        "abncalls",
        "acdtime",
        "anstime",
        "callsoffered",
    ];
    let mut booked: BTreeMap<(String, i64), Count> = BTreeMap::new();
    for row in integers(&connection, "hsplit", &columns, "") {
        assert_eq!(row[6], row[2] + row[3]);
        if row[6] > 0 {
            let half_hour = row[1] / 100 * 2 + row[1] % 100 / 30;
            booked.insert(
                (service_of[&row[0]].clone(), half_hour),
                row[2..6].try_into().unwrap(),
            );
        }
    }
    let counted = count(&std::fs::read_to_string(&log).unwrap());
    assert_eq!(booked, counted);

    let truth = succeed(
        simulator(&connection)
            .arg("truth")
            .arg("--event-log")
            .arg(&events),
    );
    assert_eq!(support::expected(&truth), support::booked(&connection));
    assert_eq!(truth["zone"], "Asia/Jerusalem");

    let refused = support::fail(simulator(&connection).arg("run"));
    assert!(refused.contains("a call log"), "{refused}");
}
