//! Rows of ordinary days, of both clock changes, and rows that should not be there.

use super::*;
use floorwire_model::columns::{ColumnValues, FORMAT_VERSION, SourceColumn};
use floorwire_model::ids::{AcdNumber, IntegrationId};
use jiff::civil::{Date, date};

/// split, starttime, starttime_utc, answered; `None` in `utc` means the release has no such column.
fn rows(rows: &[(Option<i32>, i32, Option<i32>, i32)], with_utc: bool) -> SourceColumns {
    let int = |name: &str, values: Vec<Option<i32>>| SourceColumn {
        name: name.into(),
        values: ColumnValues::Int32 {
            values: values.iter().map(|value| value.unwrap_or(0)).collect(),
            nulls: (0u32..)
                .zip(&values)
                .filter(|(_, value)| value.is_none())
                .map(|(row, _)| row)
                .collect(),
        },
    };
    let constant = |name: &str, value: i32| int(name, vec![Some(value); rows.len()]);
    let mut columns = vec![
        int("split", rows.iter().map(|row| row.0).collect()),
        int("starttime", rows.iter().map(|row| Some(row.1)).collect()),
        int("acdcalls", rows.iter().map(|row| Some(row.3)).collect()),
        constant("intrvl", 30),
        constant("abncalls", 1),
        constant("acceptable", 1),
        constant("servicelevel", 20),
        constant("acdtime", 100),
        constant("holdtime", 10),
        constant("acwtime", 5),
        constant("anstime", 7),
        constant("incomplete", 0),
    ];
    if with_utc {
        columns.push(int("starttime_utc", rows.iter().map(|row| row.2).collect()));
    }
    SourceColumns {
        format_version: FORMAT_VERSION,
        rows: rows.len() as u64,
        columns,
    }
}

fn derive_day(day: Date, source: &SourceColumns) -> Derived {
    let partition = SourcePartition {
        integration: IntegrationId(1),
        table: "hsplit".into(),
        acd: AcdNumber(1),
        row_date: Some(day),
    };
    let settings = crate::test_rows::settings("Europe/Paris");
    derive(("hsplit", QueueKind::Split), &partition, source, &settings).unwrap()
}

fn utc(text: &str) -> i32 {
    i32::try_from(text.parse::<jiff::Timestamp>().unwrap().as_second()).unwrap()
}

#[test]
fn an_ordinary_row_becomes_an_interval() {
    let derived = derive_day(date(2026, 7, 1), &rows(&[(Some(12), 930, None, 4)], false));
    assert_eq!(derived.interval_minutes, Some(30));
    let [interval] = derived.queue_intervals.as_slice() else {
        panic!("{derived:?}")
    };
    assert_eq!(interval.queue.number, "12");
    assert_eq!(interval.start_utc_s, i64::from(utc("2026-07-01T07:30:00Z")));
    assert_eq!(
        (interval.length_s, interval.quality),
        (1800, Quality::Final)
    );
    assert_eq!(
        (interval.measures.offered, interval.measures.answered),
        (Some(5), Some(4))
    );
    assert_eq!(
        interval.measures.staffed_seconds, None,
        "unknown is not zero"
    );
}

#[test]
fn the_repeated_hour_is_two_slots_with_starttime_utc() {
    let (first, second) = (utc("2026-10-25T00:30:00Z"), utc("2026-10-25T01:30:00Z"));
    let day = date(2026, 10, 25);
    let derived = derive_day(
        day,
        &rows(
            &[
                (Some(1), 230, Some(second), 2),
                (Some(1), 230, Some(first), 3),
            ],
            true,
        ),
    );
    let found: Vec<_> = derived
        .queue_intervals
        .iter()
        .map(|interval| {
            (
                interval.start_utc_s,
                interval.measures.answered,
                interval.quality,
            )
        })
        .collect();
    let expected = [
        (i64::from(first), Some(3), Quality::Final),
        (i64::from(second), Some(2), Quality::Final),
    ];
    assert_eq!(found, expected);
}

#[test]
fn the_repeated_hour_is_one_marked_entry_without_it() {
    let day = date(2026, 10, 25);
    let derived = derive_day(
        day,
        &rows(&[(Some(1), 230, None, 2), (Some(1), 230, None, 2)], false),
    );
    let [interval] = derived.queue_intervals.as_slice() else {
        panic!("{derived:?}")
    };
    assert_eq!(interval.start_utc_s, i64::from(utc("2026-10-25T00:30:00Z")));
    assert_eq!(
        (interval.length_s, interval.quality),
        (3600, Quality::Ambiguous)
    );
    assert_eq!(
        interval.measures.answered,
        Some(4),
        "each row is counted once, alike or not"
    );
    assert_eq!(interval.measures.threshold_seconds, Some(20));
}

#[test]
fn a_time_that_never_was_is_shifted_and_marked() {
    let derived = derive_day(date(2026, 3, 29), &rows(&[(Some(1), 230, None, 2)], false));
    let [interval] = derived.queue_intervals.as_slice() else {
        panic!("{derived:?}")
    };
    assert_eq!(interval.start_utc_s, i64::from(utc("2026-03-29T01:30:00Z")));
    assert_eq!(interval.quality, Quality::Shifted);
}

#[test]
fn a_utc_time_that_contradicts_the_zone_is_doubted() {
    let wrong = utc("2026-07-01T14:00:00Z");
    let derived = derive_day(
        date(2026, 7, 1),
        &rows(&[(Some(1), 900, Some(wrong), 2)], true),
    );
    assert_eq!(
        derived.queue_intervals[0].start_utc_s,
        i64::from(utc("2026-07-01T07:00:00Z"))
    );
    assert_eq!(derived.doubtful[0].code, "utc-disagrees-with-zone");
}

#[test]
fn rows_sent_twice_count_once_and_conflicting_rows_not_at_all() {
    let day = date(2026, 7, 1);
    let alike = derive_day(
        day,
        &rows(&[(Some(1), 900, None, 2), (Some(1), 900, None, 2)], false),
    );
    assert_eq!(alike.queue_intervals[0].measures.answered, Some(2));
    assert_eq!(alike.doubtful[0].code, "duplicate-row");
    let conflict = derive_day(
        day,
        &rows(&[(Some(1), 900, None, 2), (Some(1), 900, None, 3)], false),
    );
    assert_eq!(conflict.queue_intervals[0].measures, Measures::default());
    assert_eq!(conflict.doubtful[0].code, "duplicate-key");
}

#[test]
fn a_clock_set_back_by_hand_makes_one_marked_entry_of_stub_and_whole() {
    let source = rows(
        &[
            (Some(1), 900, None, 1),
            (Some(1), 900, None, 5),
            (Some(2), 900, None, 7),
            (Some(2), 900, None, 3),
            (Some(3), 900, None, 4),
            (Some(1), 930, None, 2),
        ],
        false,
    );
    let derived = derive_day(date(2026, 7, 1), &source);
    let found: Vec<_> = derived
        .queue_intervals
        .iter()
        .map(|row| {
            (
                row.queue.number.as_str(),
                row.measures.answered,
                row.quality,
            )
        })
        .collect();
    let expected = [
        ("1", Some(6), Quality::Ambiguous),
        ("1", Some(2), Quality::Final),
        ("2", Some(10), Quality::Ambiguous),
        ("3", Some(4), Quality::Ambiguous),
    ];
    assert_eq!(found, expected);
    assert!(derived.doubtful.is_empty(), "{:?}", derived.doubtful);
}

#[test]
fn rows_of_different_tenants_add_up() {
    let mut source = rows(&[(Some(1), 900, None, 2), (Some(1), 900, None, 3)], false);
    source.columns.push(SourceColumn {
        name: "tenant".into(),
        values: ColumnValues::Int32 {
            values: vec![1, 2],
            nulls: vec![],
        },
    });
    let derived = derive_day(date(2026, 7, 1), &source);
    assert_eq!(derived.queue_intervals[0].measures.answered, Some(5));
    assert!(derived.doubtful.is_empty());
}

#[test]
fn unusable_rows_are_counted_by_reason() {
    let day = date(2026, 7, 1);
    let derived = derive_day(
        day,
        &rows(
            &[
                (None, 900, None, 2),
                (Some(1), 2460, None, 2),
                (Some(1), 900, None, 2),
            ],
            false,
        ),
    );
    assert_eq!(derived.queue_intervals.len(), 1);
    let codes: Vec<_> = derived
        .rejected
        .iter()
        .map(|reason| (reason.code.as_str(), reason.rows))
        .collect();
    assert_eq!(codes, [("key-is-null", 1), ("impossible-time", 1)]);
}
