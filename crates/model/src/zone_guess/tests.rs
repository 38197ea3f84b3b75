use super::*;
use jiff::ToSpan;
use jiff::civil::date;

const HALF_HOUR_S: i64 = 1800;

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

/// What a site in `truth` shows from `from` on, looked at every `every_s` seconds: the archiver writes an interval
/// `archiver_s` after the following one has ended, and nobody calls outside `open` hours of the local day.
fn site(
    truth: &str,
    from: &str,
    hours: i64,
    (every_s, archiver_s, length_s): (i64, i64, i64),
    open: std::ops::Range<i8>,
) -> Vec<NewestSeen> {
    let zone = zone(truth);
    let begin = from.parse::<Timestamp>().unwrap().as_second();
    (0..hours * 3600 / every_s)
        .filter_map(|look| {
            let seen_utc_s = begin + look * every_s;
            let mut start =
                (seen_utc_s - archiver_s).div_euclid(length_s) * length_s - 2 * length_s;
            let local = |start: i64| zone.to_datetime(Timestamp::from_second(start).unwrap());
            while !open.contains(&local(start).hour()) {
                start -= length_s;
                if seen_utc_s - start > 4 * 86_400 {
                    return None;
                }
            }
            Some(NewestSeen {
                seen_utc_s,
                start_local: local(start),
                start_utc_s: None,
                length_s,
            })
        })
        .collect()
}

const USUAL: (i64, i64, i64) = (HALF_HOUR_S, 120, HALF_HOUR_S);

#[test]
fn the_right_zone_is_not_doubted_at_any_hour_phase_or_lag() {
    for length_s in [900, 1800, 3600] {
        for archiver_s in [0, 60, 900] {
            for phase_s in [0, 1, 400, 1799] {
                let every = (1800 + phase_s, archiver_s, length_s);
                for open in [0..24, 9..17] {
                    let looks = site("Europe/Paris", "2026-06-01T03:07:00Z", 60, every, open);
                    assert_eq!(doubt(&zone("Europe/Paris"), &looks), None, "{every:?}");
                }
            }
        }
    }
}

#[test]
fn changes_of_the_clock_are_no_reason_to_doubt() {
    for from in ["2026-10-24T00:00:00Z", "2026-03-28T00:00:00Z"] {
        let looks = site("Europe/Paris", from, 60, USUAL, 0..24);
        assert_eq!(doubt(&zone("Europe/Paris"), &looks), None, "{from}");
    }
}

#[test]
fn quiet_nights_and_a_stopped_archiver_say_nothing() {
    let mut looks = site("Europe/Paris", "2026-06-01T18:00:00Z", 12, USUAL, 9..17);
    assert_eq!(doubt(&zone("Europe/Paris"), &looks), None);
    let stopped = *looks.last().unwrap();
    looks.extend((1..100).map(|look| NewestSeen {
        seen_utc_s: stopped.seen_utc_s + look * HALF_HOUR_S,
        ..stopped
    }));
    assert_eq!(doubt(&zone("Europe/Paris"), &looks), None);
}

#[test]
fn rows_from_the_future_name_the_zones_east_of_here() {
    let looks = site("Asia/Tokyo", "2026-06-01T00:00:00Z", 4, USUAL, 0..24);
    let doubt = doubt(&zone("Europe/Paris"), &looks).unwrap();
    assert_eq!(doubt.cause, Cause::Future);
    assert_eq!(doubt.likely, ["Asia/Tokyo"]);
}

#[test]
fn rows_that_are_always_old_name_the_zones_west_of_here_after_a_day() {
    let hours = |hours| {
        let looks = site(
            "America/New_York",
            "2026-06-01T00:00:00Z",
            hours,
            USUAL,
            8..22,
        );
        doubt(&zone("Europe/Paris"), &looks)
    };
    assert_eq!(hours(12), None);
    let doubt = hours(30).unwrap();
    assert_eq!(doubt.cause, Cause::Behind);
    assert_eq!(doubt.likely, ["America/New_York"]);
}

#[test]
fn rows_with_utc_name_their_offset_even_where_a_clock_is_an_hour_off_only() {
    let mut looks = site("UTC", "2026-12-01T00:00:00Z", 8, (3600, 0, 3600), 0..24);
    for look in &mut looks {
        let start = Offset::UTC.to_timestamp(look.start_local).unwrap();
        look.start_utc_s = Some(start.as_second());
    }
    let found = doubt(&zone("Europe/Paris"), &looks).unwrap();
    assert_eq!(found.cause, Cause::Offset);
    assert!(
        found
            .likely
            .starts_with(&["UTC".to_owned(), "Europe/London".to_owned()])
    );
    assert_eq!(doubt(&zone("UTC"), &looks), None);
    assert_eq!(
        doubt(&zone("Europe/Paris"), &looks[..4]),
        None,
        "a few hours may be a clock set by hand"
    );
}

#[test]
fn too_few_looks_say_nothing() {
    assert_eq!(doubt(&zone("Europe/Paris"), &[]), None);
    let looks = site("Asia/Tokyo", "2026-06-01T00:00:00Z", 1, USUAL, 0..24);
    assert_eq!(doubt(&zone("Europe/Paris"), &looks), None);
    let far = NewestSeen {
        seen_utc_s: 0,
        start_local: date(9999, 12, 31)
            .at(0, 0, 0, 0)
            .checked_sub(1.day())
            .unwrap(),
        start_utc_s: Some(i64::MAX),
        length_s: HALF_HOUR_S,
    };
    assert_eq!(doubt(&zone("Europe/Paris"), &[far; 9]), None);
}
