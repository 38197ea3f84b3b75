//! Outages by both readings of their moment.

use super::*;
use crate::test_rows::{partition, row, settings, source};
use jiff::civil::date;

fn outages(stamp: Option<Stamp>) -> Derived {
    let mut settings = settings("Europe/Paris");
    settings.agents.outage_stamp = stamp;
    let rows = source(&[
        row([
            ("row_time", 930.into()),
            ("reason", 97.into()),
            ("duration", 600.into()),
        ]),
        row([
            ("row_time", 100.into()),
            ("reason", 96.into()),
            ("duration", 0.into()),
        ]),
        row([
            ("row_time", 2500.into()),
            ("reason", 97.into()),
            ("duration", 0.into()),
        ]),
        row([
            ("row_time", 1000.into()),
            ("reason", 12.into()),
            ("duration", 0.into()),
        ]),
    ]);
    derive(
        &partition("linkex", Some(date(2026, 6, 1))),
        &rows,
        &settings,
    )
    .unwrap()
}

#[test]
fn without_a_setting_an_outage_spans_both_readings() {
    // 2026-06-01T00:00 in Paris.
    let midnight = 1_780_264_800;
    let bounds = |stamp| {
        let derived = outages(stamp);
        let down = derived
            .outages
            .iter()
            .find(|outage| outage.reason == OutageReason::SessionDown)
            .unwrap();
        (
            down.start_utc_s - midnight,
            down.end_utc_s - midnight,
            down.quality,
        )
    };
    let at = 9 * 3600 + 1800;
    assert_eq!(bounds(None), (at - 600, at + 660, Quality::Ambiguous));
    assert_eq!(bounds(Some(Stamp::Start)), (at, at + 660, Quality::Final));
    assert_eq!(
        bounds(Some(Stamp::End)),
        (at - 600, at + 60, Quality::Final)
    );
}

#[test]
fn a_clock_that_was_set_is_evidence_and_impossible_times_are_counted() {
    let derived = outages(None);
    assert!(derived.outages[0].is_clock_evidence());
    assert_eq!(derived.outages[2].reason, OutageReason::Other(12));
    assert_eq!(derived.rejected[0].code, "impossible-time");
}
