//! What the rows of a trace say about their own times.
//!
//! *Form.* A number above 86399 is no second of a day; one whose minutes or seconds reach 60 is no HHMMSS. *Start or end.* States
//! follow one another without a gap while an agent is logged in: under a start, `event_time + duration` is the next row's
//! `event_time`; under an end, `event_time - duration` is the previous row's. Pairs that fit both say nothing.

use super::rows::{Trace, second_of_day};
use floorwire_model::agents::settings::{Stamp, TimeForm, TraceFindings};
use floorwire_model::evidence::Verdict;

/// Seconds by which a chain may miss, since durations are rounded.
const ROUNDING_S: i64 = 1;

/// The findings that need nothing but trace rows.
pub fn of_rows(traces: &[&Trace<'_>]) -> TraceFindings {
    let time_form = time_form(traces);
    let form = time_form.answer.unwrap_or(TimeForm::Hhmmss);
    TraceFindings {
        stamp: stamp(traces, form),
        time_form,
        ..TraceFindings::default()
    }
}

fn time_form(traces: &[&Trace<'_>]) -> Verdict<TimeForm> {
    let (mut hhmmss, mut beyond_a_day, mut seconds) = (0_u64, 0_u64, 0_u64);
    for row in traces
        .iter()
        .flat_map(|trace| trace.agents.values())
        .flatten()
    {
        let is_hhmmss = second_of_day(row.event_time, TimeForm::Hhmmss).is_some();
        let is_second = second_of_day(row.event_time, TimeForm::SecondsOfDay).is_some();
        match (is_hhmmss, is_second) {
            (true, true) => hhmmss += 1,
            (true, false) => beyond_a_day += 1,
            (false, true) => seconds += 1,
            (false, false) => {}
        }
    }
    // Numbers that are both are evidence only together: seconds of a day look like HHMMSS once in three times.
    let both = if seconds == 0 { hhmmss / 3 } else { 0 };
    Verdict::of_two(
        "digits",
        (TimeForm::Hhmmss, "hhmmss", beyond_a_day + both),
        (TimeForm::SecondsOfDay, "seconds_of_day", seconds),
    )
}

fn stamp(traces: &[&Trace<'_>], form: TimeForm) -> Verdict<Stamp> {
    let (mut start, mut end) = (0, 0);
    for rows in traces.iter().flat_map(|trace| trace.agents.values()) {
        for pair in rows.windows(2) {
            let (one, other) = (&pair[0], &pair[1]);
            let times = (
                second_of_day(one.event_time, form),
                second_of_day(other.event_time, form),
            );
            let (Some(at), Some(next)) = times else {
                continue;
            };
            let elapsed = i64::from(next) - i64::from(at);
            let fits = |duration: Option<i64>| {
                duration.is_some_and(|seconds| (seconds - elapsed).abs() <= ROUNDING_S)
            };
            match (fits(one.duration_s), fits(other.duration_s)) {
                (true, false) if elapsed > ROUNDING_S => start += 1,
                (false, true) if elapsed > ROUNDING_S => end += 1,
                _ => {}
            }
        }
    }
    Verdict::of_two(
        "chain",
        (Stamp::Start, "start", start),
        (Stamp::End, "end", end),
    )
}
