use super::*;
use crate::calendar::Calendar;
use proptest::prelude::*;

const KEY: SplitKey = SplitKey { acd: 1, split: 11 };

fn day() -> Vec<Slot> {
    let calendar = Calendar::new("Europe/Paris", 30).unwrap();
    calendar
        .slots_of_day(jiff::civil::date(2026, 10, 25))
        .unwrap()
}

/// Calls that arrive within the day, some of which end after it.
fn any_call() -> impl Strategy<Value = Call> {
    let day = day();
    let (from, to) = (day[0].start_utc_s, day[day.len() - 1].end_utc_s);
    (
        from - 4_000..to,
        0i64..400,
        0i64..10,
        0i64..3_000,
        proptest::option::of((0i64..100, 0i64..200)),
        0i64..900,
        any::<bool>(),
    )
        .prop_map(|(queued, in_queue, ring, talk, hold, acw, abandons)| {
            let ringing = queued + in_queue;
            let answered = ringing + ring;
            let ending = if abandons {
                Ending::Abandoned {
                    abandoned_utc_s: answered,
                }
            } else {
                let hold_s = hold.map_or(0, |(_, length)| length);
                let released = answered + talk + hold_s;
                Ending::Answered {
                    answered_utc_s: answered,
                    hold_utc_s: hold.map(|(after, length)| {
                        let from = answered + after.min(talk);
                        (from, from + length)
                    }),
                    released_utc_s: released,
                    completed_utc_s: released + acw,
                }
            };
            Call {
                name: String::new(),
                key: KEY,
                queued_utc_s: queued,
                ringing_utc_s: Some(ringing),
                ending,
            }
        })
}

/// Each caller gets an agent of their own, from the first ring on.
fn staff_for(calls: &[Call]) -> Vec<StaffSpan> {
    calls
        .iter()
        .map(|call| StaffSpan {
            from_utc_s: call.ringing_utc_s.unwrap(),
            to_utc_s: call.ended_utc_s() + 60,
            aux_reason: None,
        })
        .collect()
}

proptest! {
    #[test]
    fn rows_keep_the_rules_of_the_table(calls in proptest::collection::vec(any_call(), 0..60)) {
        let slots = day();
        let borrowed: Vec<&Call> = calls.iter().collect();
        let rows = book(KEY, &slots, &borrowed, &staff_for(&calls));
        let (from, to) = (slots[0].start_utc_s, slots[slots.len() - 1].end_utc_s);
        for row in &rows {
            let counters = &row.counters;
            prop_assert_eq!(counters.callsoffered, counters.acdcalls + counters.abncalls);
            prop_assert_eq!(counters.answered_by_wait.iter().sum::<i64>(), counters.acdcalls);
            prop_assert_eq!(counters.abandoned_by_wait.iter().sum::<i64>(), counters.abncalls);
            prop_assert!(counters.acceptable <= counters.acdcalls);
            prop_assert!(counters.slvlabns <= counters.abncalls);
            prop_assert!(counters.i_availtime >= 0, "{:?}", counters);
            prop_assert!(counters.i_stafftime <= counters.maxstaffed * row.slot.seconds());
            let states = counters.i_availtime + counters.i_acdtime + counters.i_acwtime + counters.i_auxtime
                + counters.i_ringtime + counters.i_othertime;
            prop_assert_eq!(states, counters.i_stafftime);
            for (_, figure) in crate::row::COUNTER_COLUMNS {
                prop_assert!(figure(counters) >= 0);
            }
        }
        let ended = calls.iter().filter(|call| (from..to).contains(&call.ended_utc_s())).count();
        let arrived = calls.iter().filter(|call| (from..to).contains(&call.queued_utc_s)).count();
        let sum = |figure: fn(&Counters) -> i64| rows.iter().map(|row| figure(&row.counters)).sum::<i64>();
        prop_assert_eq!(sum(|counters| counters.callsoffered), i64::try_from(ended).unwrap());
        prop_assert_eq!(sum(|counters| counters.i_arrived), i64::try_from(arrived).unwrap());
    }
}

fn answered(queued: i64, wait: i64, talk: i64, hold: i64, acw: i64) -> Call {
    let at = queued + wait;
    Call {
        name: String::new(),
        key: KEY,
        queued_utc_s: queued,
        ringing_utc_s: None,
        ending: Ending::Answered {
            answered_utc_s: at,
            hold_utc_s: (hold > 0).then_some((at + 1, at + 1 + hold)),
            released_utc_s: at + talk + hold,
            completed_utc_s: at + talk + hold + acw,
        },
    }
}

#[test]
fn a_call_is_booked_where_its_work_ends_and_time_where_it_passes() {
    let slots = day();
    let start = slots[20].start_utc_s;
    // Queued 100 s before the slot, answered after 20 s, 60 s talk and 30 s hold, 40 s work: ends 50 s into the slot.
    let call = answered(start - 100, 20, 60, 30, 40);
    let rows = book(KEY, &slots, &[&call], &[]);
    assert_eq!(rows.len(), 2);
    let (before, after) = (&rows[0].counters, &rows[1].counters);
    assert_eq!((before.i_arrived, before.acdcalls), (1, 0));
    assert_eq!(
        (after.i_arrived, after.acdcalls, after.acceptable),
        (0, 1, 1)
    );
    assert_eq!(
        (after.anstime, after.acdtime, after.holdtime, after.acwtime),
        (20, 60, 30, 40)
    );
    assert_eq!(
        (
            before.i_acdtime + after.i_acdtime,
            before.i_othertime,
            after.i_acwtime
        ),
        (60, 30, 40)
    );
    assert_eq!(rows[1].slot.start_utc_s, start);
}

#[test]
fn a_call_that_ends_on_a_boundary_belongs_to_what_begins() {
    let slots = day();
    let start = slots[20].start_utc_s;
    let rows = book(KEY, &slots, &[&answered(start - 10, 0, 10, 0, 0)], &[]);
    let booked: Vec<_> = rows
        .iter()
        .filter(|row| row.counters.acdcalls == 1)
        .collect();
    assert_eq!(booked.len(), 1);
    assert_eq!(booked[0].slot.start_utc_s, start);
}

#[test]
fn the_repeated_hour_keeps_its_two_rows_apart() {
    let slots = day();
    let twice: Vec<&Slot> = slots.iter().filter(|slot| slot.hhmm == 230).collect();
    let calls: Vec<Call> = twice
        .iter()
        .map(|slot| answered(slot.start_utc_s + 5, 0, 10, 0, 0))
        .collect();
    let rows = book(KEY, &slots, &calls.iter().collect::<Vec<_>>(), &[]);
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0].slot.hhmm, rows[1].slot.hhmm);
    assert_eq!(rows[0].slot.row_date, rows[1].slot.row_date);
    assert_eq!(rows[1].slot.start_utc_s - rows[0].slot.start_utc_s, 3_600);
}
