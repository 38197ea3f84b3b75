//! Every local minute around every transition of 2005 to 2035, in eight zones, and a sample elsewhere.

use super::*;
use jiff::civil::date;
use proptest::prelude::*;
use std::collections::HashSet;

const ZONES: [&str; 8] = [
    "Europe/Paris",
    "Europe/Berlin",
    "America/New_York",
    "America/Sao_Paulo",
    "Asia/Jerusalem",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "UTC",
];

fn second_of(day: Date) -> i64 {
    day.to_zoned(TimeZone::UTC).unwrap().timestamp().as_second()
}

/// The instants of offset changes of 2005 to 2035.
fn transitions(zone: &TimeZone) -> Vec<i64> {
    let begin = Timestamp::from_second(second_of(date(2005, 1, 1))).unwrap();
    let end = Timestamp::from_second(second_of(date(2036, 1, 1))).unwrap();
    zone.following(begin)
        .take_while(|change| change.timestamp() < end)
        .map(|change| change.timestamp().as_second())
        .collect()
}

/// What `resolve` must answer for every minute that the clock shows between two instants, worked out
/// the other way round: by walking the instants and noting what the clock shows.
fn check_minutes(zone: &TimeZone, from: i64, to: i64) {
    let margin = 26 * 3600;
    let mut shown: std::collections::BTreeMap<LocalMinute, Vec<UtcSecond>> = Default::default();
    let mut instant = (from - margin).div_euclid(60) * 60;
    while instant < to + margin {
        let local = local_minute(UtcSecond(instant), zone).unwrap();
        shown.entry(local).or_default().push(UtcSecond(instant));
        instant += 60;
    }
    let first = local_minute(UtcSecond(from), zone).unwrap();
    let last = local_minute(UtcSecond(to), zone).unwrap();
    let mut day = first.date();
    while day <= last.date() {
        for minute in 0..MINUTES_PER_DAY {
            let local = LocalMinute::new(day, minute).unwrap();
            if local < first || local > last {
                continue;
            }
            let expected = shown.get(&local).map(Vec::as_slice).unwrap_or_default();
            match (resolve(local, zone), expected) {
                (Resolved::Once(found), [only]) => assert_eq!(found, *only, "{local:?}"),
                (Resolved::Twice { first, second }, [a, b]) => {
                    assert_eq!((first, second), (*a, *b), "{local:?}");
                    assert!(first < second);
                }
                (Resolved::Never { shifted }, []) => {
                    let shows = local_minute(shifted, zone).unwrap();
                    assert!(
                        shows > local,
                        "a missing minute moves forward: {local:?} to {shows:?}"
                    );
                }
                (found, expected) => panic!("{local:?}: {found:?}, the clock says {expected:?}"),
            }
        }
        day = day.tomorrow().unwrap();
    }
}

fn check_day(day: Date, zone: &TimeZone) -> i64 {
    let (start, end) = day_bounds(day, zone).unwrap();
    for interval in [15u16, 30, 60] {
        let slots = day_slots(day, zone, interval).unwrap();
        assert_eq!(slots.first().map(|slot| slot.start), Some(start));
        assert_eq!(slots.last().map(Slot::end), Some(end));
        assert!(
            slots.windows(2).all(|pair| pair[0].end() == pair[1].start),
            "{day} has a gap"
        );
        let keys: HashSet<_> = slots
            .iter()
            .map(|slot| (slot.local_start, slot.occurrence))
            .collect();
        assert_eq!(keys.len(), slots.len(), "{day}: a slot occurs twice");
        for slot in &slots {
            assert!(slot.length_s > 0 && slot.length_s <= i64::from(interval) * 60);
            assert_eq!(local_minute(slot.start, zone), Some(slot.local_start));
            assert!(resolve(slot.local_start, zone).includes(slot.start));
        }
    }
    end.0 - start.0
}

#[test]
fn every_minute_around_every_transition_resolves() {
    for name in ZONES {
        let zone = zone(name).unwrap();
        for transition in transitions(&zone) {
            check_minutes(&zone, transition - 2 * 86_400, transition + 2 * 86_400);
        }
    }
}

#[test]
fn every_day_around_every_transition_has_each_slot_once() {
    let mut lengths = HashSet::new();
    for name in ZONES {
        let zone = zone(name).unwrap();
        for transition in transitions(&zone) {
            let changed = local_minute(UtcSecond(transition), &zone).unwrap().date();
            for day in [
                changed.yesterday().unwrap(),
                changed,
                changed.tomorrow().unwrap(),
            ] {
                lengths.insert(check_day(day, &zone));
            }
        }
    }
    for half_hours in [46, 47, 48, 49, 50] {
        assert!(
            lengths.contains(&(half_hours * 1800)),
            "no day of {half_hours} half hours was seen"
        );
    }
}

#[test]
fn lord_howe_moves_by_half_an_hour() {
    let zone = zone("Australia/Lord_Howe").unwrap();
    let spring = day_slots(date(2026, 10, 4), &zone, 60).unwrap();
    assert_eq!(
        spring.iter().map(|slot| slot.length_s).sum::<i64>(),
        47 * 1800
    );
    let autumn = day_slots(date(2026, 4, 5), &zone, 60).unwrap();
    assert_eq!(
        autumn.iter().map(|slot| slot.length_s).sum::<i64>(),
        49 * 1800
    );
    assert_eq!(
        autumn.iter().filter(|slot| slot.length_s == 1800).count(),
        1
    );
}

#[test]
fn hhmm_is_read_as_the_source_writes_it() {
    let day = date(2026, 3, 1);
    let minutes = |hhmm| LocalMinute::from_hhmm(day, hhmm).map(LocalMinute::minute_of_day);
    assert_eq!(
        [0, 30, 130, 2345].map(minutes),
        [Some(0), Some(30), Some(90), Some(1425)]
    );
    assert_eq!([-1, 60, 160, 2400, 9999, i32::MIN].map(minutes), [None; 6]);
}

#[test]
fn intervals_must_divide_a_day() {
    let zone = zone("UTC").unwrap();
    for minutes in [0, 7, 1441] {
        let refused = day_slots(date(2026, 1, 1), &zone, minutes);
        assert_eq!(refused, Err(SlotError::IntervalDoesNotDivideDay(minutes)));
    }
}

proptest! {
    #[test]
    fn a_day_elsewhere_resolves_too(zone_index in 0usize..8, year in 1990i16..2100, day_of_year in 1i16..366) {
        let zone = zone(ZONES[zone_index]).unwrap();
        let day = date(year, 1, 1).checked_add((day_of_year - 1).days()).unwrap();
        check_day(day, &zone);
        let (start, end) = day_bounds(day, &zone).unwrap();
        check_minutes(&zone, start.0, end.0 - 60);
    }
}
