//! Small rows of splits and VDNs, by interval and by day.

use crate::AvayaCms;
use crate::test_rows::{Cell, partition, row, settings, source};
use floorwire_model::derivation::{DerivationSettings, Derived, OfferedDefinition, Vendor};
use floorwire_model::queue_settings::{CountedDirection, VdnOffered};
use floorwire_model::streams::{Measures, Quality};
use jiff::civil::date;

type Row = Vec<(String, Cell)>;

fn derived(table: &str, rows: &[Row], settings: &DerivationSettings) -> Derived {
    let place = partition(table, Some(date(2026, 7, 1)));
    AvayaCms.derive(&place, &source(rows), settings).unwrap()
}

fn at(mut cells: Row, hhmm: i64) -> Row {
    cells.extend(row([("starttime", hhmm.into()), ("intrvl", 30.into())]));
    cells
}

/// Ten answered calls of which so many were outbound, three abandoned of which one was.
fn split(outbound: i64) -> Row {
    row([
        ("split", 12.into()),
        ("acdcalls", 10.into()),
        ("abncalls", 3.into()),
        ("callsoffered", 15.into()),
        ("dequecalls", 1.into()),
        ("inflowcalls", 1.into()),
        ("i_arrived", 14.into()),
        ("acceptable", 8.into()),
        ("servicelevel", 20.into()),
        ("acdtime", 1000.into()),
        ("holdtime", 50.into()),
        ("acwtime", 300.into()),
        ("anstime", 90.into()),
        ("o_acdcalls", outbound.into()),
        ("o_acdtime", (outbound * 60).into()),
        ("o_acwtime", (outbound * 10).into()),
        ("o_abncalls", i64::from(outbound > 0).into()),
        ("o_othercalls", 0.into()),
        ("i_stafftime", 5000.into()),
        ("incomplete", 0.into()),
    ])
}

fn vdn(number: &str, vector: i64, connected: i64) -> Row {
    row([
        ("vdn", number.into()),
        ("vector", vector.into()),
        ("incalls", 20.into()),
        ("acdcalls", 12.into()),
        ("connectcalls", connected.into()),
        ("abncalls", 5.into()),
        ("abnquecalls", 3.into()),
        ("acceptable", 9.into()),
        ("servicelevel", 30.into()),
        ("acdtime", 1200.into()),
        ("holdtime", 70.into()),
        ("acwtime", 240.into()),
        ("anstime", 130.into()),
        ("incomplete", 0.into()),
    ])
}

fn chosen(numbers: &[&str]) -> DerivationSettings {
    let mut settings = settings("Europe/Paris");
    settings.vdn.chosen = numbers.iter().map(|number| (*number).to_owned()).collect();
    settings
}

#[test]
fn inbound_is_what_the_outbound_columns_leave_and_unknown_where_there_are_none() {
    let mut settings = settings("Europe/Paris");
    settings.direction = CountedDirection::Inbound;
    let rows = [at(split(4), 900), at(split(0), 930)];
    let derived_rows = derived("hsplit", &rows, &settings).queue_intervals;
    let expected = Measures {
        offered: Some(8),
        answered: Some(6),
        abandoned: Some(2),
        within_threshold: None,
        talk_seconds: Some(760),
        hold_seconds: None,
        acw_seconds: Some(260),
        wait_seconds: None,
        staffed_seconds: Some(5000),
        available_seconds: None,
        threshold_seconds: Some(20),
    };
    assert_eq!(derived_rows[0].measures, expected);
    let expected = Measures {
        offered: Some(13),
        answered: Some(10),
        abandoned: Some(3),
        within_threshold: Some(8),
        talk_seconds: Some(1000),
        hold_seconds: Some(50),
        acw_seconds: Some(300),
        wait_seconds: Some(90),
        ..expected
    };
    assert_eq!(derived_rows[1].measures, expected);
    for (definition, offered) in [
        (OfferedDefinition::EntryDemand, [None, Some(13)]),
        (OfferedDefinition::Arrived, [None, None]),
    ] {
        settings.offered = definition;
        let rows = derived("hsplit", &rows, &settings).queue_intervals;
        let found: Vec<_> = rows.iter().map(|row| row.measures.offered).collect();
        assert_eq!(found, offered);
    }
}

#[test]
fn a_release_without_outbound_columns_does_not_know_what_is_inbound() {
    let mut settings = settings("Europe/Paris");
    settings.direction = CountedDirection::Inbound;
    let mut plain = at(split(0), 900);
    plain.retain(|(name, _)| !name.starts_with("o_"));
    let found = derived("hsplit", &[plain], &settings).queue_intervals;
    let measures = found[0].measures;
    assert_eq!(
        (measures.offered, measures.answered, measures.talk_seconds),
        (None, None, None)
    );
}

#[test]
fn only_chosen_vdns_are_queues_and_the_others_show_that_the_source_was_there() {
    let rows = [
        at(vdn("6001", 1, 0), 900),
        at(vdn("6002", 2, 0), 900),
        at(vdn("6002", 2, 0), 930),
    ];
    let none = derived("hvdn", &rows, &chosen(&[]));
    assert!(none.queue_intervals.is_empty());
    assert_eq!(
        (none.other_slots.len(), none.interval_minutes),
        (2, Some(30))
    );
    let one = derived("hvdn", &rows, &chosen(&["6001"]));
    assert_eq!(one.queue_intervals.len(), 1);
    assert_eq!(one.queue_intervals[0].queue.number, "6001");
    let expected = Measures {
        offered: Some(20),
        answered: Some(12),
        abandoned: Some(5),
        within_threshold: Some(9),
        talk_seconds: Some(1200),
        hold_seconds: Some(70),
        acw_seconds: Some(240),
        wait_seconds: Some(130),
        staffed_seconds: None,
        available_seconds: None,
        threshold_seconds: Some(30),
    };
    assert_eq!(one.queue_intervals[0].measures, expected);
}

#[test]
fn vector_abandons_leave_both_offered_and_abandoned_calls() {
    let mut settings = chosen(&["6001"]);
    settings.vdn.offered = VdnOffered::WithoutVectorAbandons;
    let found = derived("hvdn", &[at(vdn("6001", 1, 0), 900)], &settings);
    let measures = found.queue_intervals[0].measures;
    assert_eq!((measures.offered, measures.abandoned), (Some(18), Some(3)));
    assert_eq!(measures.answered, Some(12));
}

#[test]
fn calls_connected_to_stations_hide_who_was_answered_in_time() {
    let found = derived("hvdn", &[at(vdn("6001", 1, 2), 900)], &chosen(&["6001"]));
    assert_eq!(found.queue_intervals[0].measures.within_threshold, None);
}

#[test]
fn a_vdn_that_got_another_vector_has_two_rows_that_add_up() {
    let rows = [at(vdn("6001", 1, 0), 900), at(vdn("6001", 2, 0), 900)];
    let found = derived("hvdn", &rows, &chosen(&["6001"]));
    assert_eq!(found.queue_intervals.len(), 1);
    assert_eq!(found.queue_intervals[0].measures.offered, Some(40));
    assert_eq!(
        found.queue_intervals[0].measures.threshold_seconds,
        Some(30)
    );
    let mut other = at(vdn("6001", 1, 0), 900);
    other.retain(|(name, _)| name != "incalls");
    other.insert(2, ("incalls".into(), 21.into()));
    let found = derived("hvdn", &[rows[0].clone(), other], &chosen(&["6001"]));
    assert_eq!(found.queue_intervals[0].quality, Quality::Ambiguous);
    assert_eq!(found.queue_intervals[0].measures, Measures::default());
    assert_eq!(found.doubtful[0].code, "duplicate-key");
}

#[test]
fn days_are_counted_as_intervals_are() {
    let mut settings = settings("Europe/Paris");
    settings.direction = CountedDirection::Inbound;
    let found = derived("dsplit", &[split(4)], &settings);
    assert!(found.queue_intervals.is_empty());
    let [day] = found.queue_days.as_slice() else {
        panic!("{found:?}")
    };
    assert_eq!(
        (day.row_date, day.quality),
        (date(2026, 7, 1), Quality::Final)
    );
    assert_eq!(day.measures.answered, Some(6));
    let mut incomplete = vdn("6001", 1, 0);
    incomplete.retain(|(name, _)| name != "incomplete");
    incomplete.push(("incomplete".into(), 3.into()));
    let found = derived("dvdn", &[incomplete], &chosen(&["6001"]));
    assert_eq!(found.queue_days[0].quality, Quality::Incomplete);
    assert_eq!(found.queue_days[0].measures.offered, Some(20));
    assert!(
        derived("dvdn", &[vdn("6001", 1, 0)], &chosen(&[]))
            .queue_days
            .is_empty()
    );
}
