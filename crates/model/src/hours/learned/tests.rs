//! Learning held against hours that are known, and the sliding window against one made anew.

use super::*;
use crate::time::{day_slots, zone};
use jiff::civil::date;
use proptest::prelude::*;

const MONDAY: Date = date(2026, 1, 5);

fn on(day: i64) -> Date {
    MONDAY.checked_add(day.days()).unwrap()
}

fn quarter(bin: usize) -> Span {
    let from = u16::try_from(bin).unwrap() * BIN_MINUTES;
    Span::new(from, from + BIN_MINUTES).unwrap()
}

fn observed(date: Date, state: impl Fn(Span) -> SlotState) -> ObservedDay {
    let mut day = ObservedDay::new(date);
    for bin in 0..BINS {
        day.saw(quarter(bin), state(quarter(bin)), false);
    }
    day
}

fn of_hours(hours: &WeeklyHours, date: Date) -> ObservedDay {
    observed(date, |time| {
        if hours.is_open(date.weekday(), time) {
            SlotState::Received
        } else {
            SlotState::Missing
        }
    })
}

fn hours() -> impl Strategy<Value = WeeklyHours> {
    let span = (0_u16..95, 1_u16..60).prop_map(|(from, length)| Span {
        from: from * BIN_MINUTES,
        to: ((from + length) * BIN_MINUTES).min(MINUTES_OF_DAY),
    });
    let day = prop::collection::vec(span, 0..3);
    prop::array::uniform7(day).prop_map(WeeklyHours::new)
}

#[test]
fn seven_weeks_say_nothing_and_eight_do() {
    let mut days = [const { Vec::new() }; 7];
    days[0] = vec![Span::new(480, 1080).unwrap()];
    let hours = WeeklyHours::new(days);
    let mut counts = Counts::default();
    for day in 0..7 * 7 {
        counts.add(&of_hours(&hours, on(day)));
    }
    let night = Span::new(0, 30).unwrap();
    assert_eq!(counts.opening(Weekday::Monday, night), Opening::Unknown);
    assert!(!counts.proposal().is_unambiguous());
    for day in 7 * 7..7 * 8 {
        counts.add(&of_hours(&hours, on(day)));
    }
    let of = |from| counts.opening(Weekday::Monday, Span::new(from, from + 30).unwrap());
    assert_eq!(of(0), Opening::Closed(Basis::Learned));
    assert_eq!(of(480), Opening::Open(Basis::Learned));
    let proposal = counts.proposal();
    assert!(proposal.is_unambiguous());
    assert_eq!((proposal.weeks, proposal.open_minutes()), (8, 600));
}

#[test]
fn a_source_that_stopped_says_nothing_about_hours() {
    let mut days = [const { Vec::new() }; 7];
    days[0] = vec![Span::new(480, 1080).unwrap()];
    let hours = WeeklyHours::new(days);
    let mut learner = Learner::default();
    let never = WeeklyHours::default();
    for day in 0..7 * 30 {
        // Two weeks of rows, then the archiver stands still.
        let open = if day < 14 { &hours } else { &never };
        learner.observe(of_hours(open, on(day)));
    }
    learner.forget_silence();
    let night = Span::new(0, 30).unwrap();
    assert_eq!(learner.opening(on(7), night), Opening::Unknown);
    assert_eq!(learner.opening(on(7 * 20), night), Opening::Unknown);
}

#[test]
fn a_time_with_rows_on_some_days_is_unclear() {
    let mut counts = Counts::default();
    for week in 0..12 {
        let rows = week % 3 == 0;
        counts.add(&observed(on(week * 7), |_| match rows {
            true => SlotState::Received,
            false => SlotState::Missing,
        }));
    }
    let time = Span::new(600, 630).unwrap();
    assert_eq!(counts.opening(Weekday::Monday, time), Opening::Unknown);
}

#[test]
fn what_is_not_known_is_not_counted() {
    let mut day = ObservedDay::new(MONDAY);
    let time = Span::new(0, 60).unwrap();
    for state in [
        SlotState::Expected,
        SlotState::NotYetDue,
        SlotState::SetAside,
    ] {
        day.saw(time, state, false);
    }
    day.saw(time, SlotState::Missing, true);
    assert_eq!(day, ObservedDay::new(MONDAY));
}

#[test]
fn the_face_of_a_slot_is_its_nominal_time() {
    let slots = day_slots(date(2026, 10, 25), &zone("Europe/Paris").unwrap(), 30).unwrap();
    assert_eq!(slots.len(), 50);
    let faces: Vec<_> = slots.iter().map(|slot| face(slot, 30).from).collect();
    assert_eq!(faces[4..8], [120, 150, 120, 150]);
    assert_eq!(
        face(slots.last().unwrap(), 30),
        Span {
            from: 1410,
            to: 1440
        }
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn steady_hours_are_learned_exactly(hours in hours(), weeks in 8_i64..20) {
        let mut learner = Learner::default();
        for day in 0..weeks * 7 {
            learner.observe(of_hours(&hours, on(day)));
        }
        let (proposal, first, last) = learner.proposal().unwrap();
        prop_assert!(proposal.is_unambiguous());
        prop_assert_eq!(proposal.open, hours);
        prop_assert_eq!((first, last), (on(0), on(weeks * 7 - 1)));
    }

    #[test]
    fn closed_is_never_said_where_a_day_had_rows(
        days in prop::collection::vec(prop::collection::vec(0_u8..4, BINS), 1..180),
        asked in 0_i64..180,
    ) {
        let of = |seen: u8| match seen {
            0 => SlotState::Received,
            1 => SlotState::Unread,
            _ => SlotState::Missing,
        };
        let mut learner = Learner::default();
        for (day, seen) in (0_i64..).zip(&days) {
            learner.observe(observed(on(day), |time| of(seen[usize::from(time.from / BIN_MINUTES)])));
        }
        let date = on(asked);
        for bin in 0..BINS {
            let others = (0_i64..).zip(&days).filter(|(day, _)| {
                *day != asked && (*day - asked).abs() <= WINDOW_DAYS && (*day - asked) % 7 == 0
            });
            let states: Vec<SlotState> = others.map(|(_, seen)| of(seen[bin])).collect();
            let rows = states.iter().filter(|state| **state == SlotState::Received).count();
            let nothing = states.iter().filter(|state| **state == SlotState::Missing).count();
            match learner.opening(date, quarter(bin)) {
                Opening::Closed(_) => prop_assert!(rows == 0 && nothing >= usize::from(LEAST_DAYS)),
                Opening::Open(_) => prop_assert!(rows * 10 >= (rows + nothing) * 9),
                Opening::Unknown => {}
            }
        }
    }

    #[test]
    fn a_window_that_slides_is_the_window_made_anew(
        hours in hours(),
        gaps in prop::collection::btree_set(0_i64..260, 0..60),
        steps in prop::collection::vec(1_i64..30, 1..20),
    ) {
        let mut learner = Learner::default();
        for day in (0..260).filter(|day| !gaps.contains(day)) {
            learner.observe(of_hours(&hours, on(day)));
        }
        let mut at = -20;
        for step in steps {
            at += step;
            learner.slide(on(at));
            let mut anew = Counts::default();
            for (day, seen) in &learner.days {
                let apart = i64::from((*day - on(at)).get_days());
                if apart != 0 && apart.abs() <= WINDOW_DAYS {
                    anew.add(seen);
                }
            }
            prop_assert_eq!(&learner.window, &anew);
        }
    }
}
