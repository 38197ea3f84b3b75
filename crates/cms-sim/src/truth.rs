//! What a reader of the database must come to, computed from the event log alone.
//!
//! Nothing is shared with the booking: waiting, talk, hold and after-call times are differences of the moments in the
//! log, and the interval of a call is found with its own calendar arithmetic. So a mistake in the booking shows as a
//! difference. Only intervals in which a call was booked are listed.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::error::SimError;
use crate::event_log::{LoggedCall, LoggedQueue};
use crate::log_reader::{bad_line, read_calls, read_header};

/// The answer of `truth`, in the shape that is printed.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Truth {
    zone: String,
    interval_minutes: i32,
    threshold_seconds: i64,
    /// The log is complete up to this instant, Unix seconds.
    through_utc: i64,
    queues: Vec<LoggedQueue>,
    /// In order of ACD, split, start.
    intervals: Vec<Interval>,
}

/// Figures of one queue in one interval.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Interval {
    acd: i16,
    split: i16,
    /// Unix seconds.
    start_utc: i64,
    row_date: String,
    start_local: String,
    offered: i64,
    answered: i64,
    abandoned: i64,
    /// Answered within the threshold.
    within_threshold: i64,
    /// Talk of answered calls, without hold.
    talk_seconds: i64,
    hold_seconds: i64,
    acw_seconds: i64,
    /// Waiting, ringing included, of answered calls.
    wait_seconds: i64,
    /// Waiting of abandoned calls.
    abandoned_wait_seconds: i64,
}

/// Start and labels of an interval.
struct Label {
    start_utc_s: i64,
    row_date: String,
    start_local: String,
}

/// Computes the figures. With `published_at_utc_s`, only intervals that were readable at that instant: those after
/// which another whole interval had ended.
pub(crate) fn compute(path: &Path, published_at_utc_s: Option<i64>) -> Result<Truth, SimError> {
    let header = read_header(path)?;
    let zone = TimeZone::get(&header.zone).map_err(|cause| SimError::UnknownZone {
        zone: header.zone.clone(),
        cause,
    })?;
    let minutes = header.interval_minutes;
    if !(1..=1440).contains(&minutes) {
        return Err(bad_line(
            path,
            1,
            "an interval length that is not within a day",
        ));
    }
    let published_before = published_at_utc_s
        .map(|instant| {
            let running = label(&zone, minutes, instant)?.start_utc_s;
            Ok::<_, SimError>(label(&zone, minutes, running - 1)?.start_utc_s)
        })
        .transpose()?;

    let known: HashSet<(i16, i16)> = header
        .queues
        .iter()
        .map(|queue| (queue.acd, queue.split))
        .collect();
    let mut names = HashSet::new();
    let mut intervals: BTreeMap<(i16, i16, i64), Interval> = BTreeMap::new();
    let (_, through_utc) = read_calls(path, |line, call| {
        if !known.contains(&(call.acd, call.split)) {
            return Err(bad_line(
                path,
                line,
                "a call of a queue that the header does not name",
            ));
        }
        let figures = figures_of(&call, header.service_level_seconds).ok_or_else(|| {
            bad_line(path, line, "a call whose moments do not follow one another")
        })?;
        if !names.insert(call.call) {
            return Err(bad_line(path, line, "a call that is in the log already"));
        }
        let at = label(&zone, minutes, figures.ended_utc_s)?;
        if published_before.is_some_and(|limit| at.start_utc_s >= limit) {
            return Ok(());
        }
        let interval = intervals
            .entry((call.acd, call.split, at.start_utc_s))
            .or_insert_with(|| Interval {
                acd: call.acd,
                split: call.split,
                start_utc: at.start_utc_s,
                row_date: at.row_date,
                start_local: at.start_local,
                ..Interval::default()
            });
        interval.add(&figures);
        Ok(())
    })?;
    Ok(Truth {
        zone: header.zone,
        interval_minutes: minutes,
        threshold_seconds: header.service_level_seconds,
        through_utc,
        queues: header.queues,
        intervals: intervals.into_values().collect(),
    })
}

/// What one call adds to its interval.
struct CallFigures {
    ended_utc_s: i64,
    answered: bool,
    within_threshold: bool,
    wait_s: i64,
    talk_s: i64,
    hold_s: i64,
    acw_s: i64,
}

/// `None` if the moments are incomplete or out of order.
fn figures_of(call: &LoggedCall, threshold_s: i64) -> Option<CallFigures> {
    let ordered = |moments: &[i64]| moments.windows(2).all(|pair| pair[0] <= pair[1]);
    match (call.abandoned, call.answered) {
        (Some(abandoned), None) if ordered(&[call.queued, abandoned]) => Some(CallFigures {
            ended_utc_s: abandoned,
            answered: false,
            within_threshold: false,
            wait_s: abandoned - call.queued,
            talk_s: 0,
            hold_s: 0,
            acw_s: 0,
        }),
        (None, Some(answered)) => {
            let (released, completed) = (call.released?, call.completed?);
            let mut moments = vec![call.queued, answered];
            moments.extend(call.holds.iter().flat_map(|(from, to)| [*from, *to]));
            moments.extend([released, completed]);
            if !ordered(&moments) {
                return None;
            }
            let hold_s = call.holds.iter().map(|(from, to)| to - from).sum();
            Some(CallFigures {
                ended_utc_s: completed,
                answered: true,
                within_threshold: answered - call.queued <= threshold_s,
                wait_s: answered - call.queued,
                talk_s: released - answered - hold_s,
                hold_s,
                acw_s: completed - released,
            })
        }
        _ => None,
    }
}

impl Interval {
    fn add(&mut self, call: &CallFigures) {
        self.offered += 1;
        if call.answered {
            self.answered += 1;
            self.within_threshold += i64::from(call.within_threshold);
            self.talk_seconds += call.talk_s;
            self.hold_seconds += call.hold_s;
            self.acw_seconds += call.acw_s;
            self.wait_seconds += call.wait_s;
        } else {
            self.abandoned += 1;
            self.abandoned_wait_seconds += call.wait_s;
        }
    }
}

/// The interval in which an instant lies: back from the instant to the last full multiple on the local clock, but not
/// past the last step of that clock.
fn label(zone: &TimeZone, minutes: i32, utc_s: i64) -> Result<Label, SimError> {
    let instant = Timestamp::from_second(utc_s)?;
    let local = zone.to_datetime(instant);
    let minute_of_day = i32::from(local.hour()) * 60 + i32::from(local.minute());
    let since_start_s = i64::from(minute_of_day % minutes) * 60 + i64::from(local.second());
    let mut start_utc_s = utc_s - since_start_s;
    if zone.to_offset(Timestamp::from_second(start_utc_s)?) != zone.to_offset(instant) {
        let step = zone.preceding(Timestamp::from_second(utc_s + 1)?).next();
        start_utc_s = step.map_or(start_utc_s, |step| step.timestamp().as_second());
    }
    let start_minute = minute_of_day - minute_of_day % minutes;
    Ok(Label {
        start_utc_s,
        row_date: local.date().to_string(),
        start_local: format!("{:02}:{:02}", start_minute / 60, start_minute % 60),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_agree_with_the_calendar_of_the_booking() {
        let zones = [
            "Europe/Paris",
            "Australia/Lord_Howe",
            "America/Sao_Paulo",
            "Africa/Casablanca",
            "Asia/Jerusalem",
        ];
        for (zone_name, minutes) in zones.iter().flat_map(|zone| [(*zone, 15), (*zone, 60)]) {
            let calendar = crate::calendar::Calendar::new(zone_name, minutes).unwrap();
            let zone = TimeZone::get(zone_name).unwrap();
            let mut day = jiff::civil::date(2017, 1, 1);
            while day.year() < 2019 {
                for slot in calendar.slots_of_day(day).unwrap() {
                    for utc_s in [slot.start_utc_s, slot.end_utc_s - 1] {
                        let own = label(&zone, minutes, utc_s).unwrap();
                        assert_eq!(
                            own.start_utc_s, slot.start_utc_s,
                            "{zone_name} {minutes} {slot:?}"
                        );
                        assert_eq!(own.row_date, slot.row_date.to_string());
                        assert_eq!(
                            own.start_local.replace(':', ""),
                            format!("{:04}", slot.hhmm)
                        );
                    }
                }
                day = day.tomorrow().unwrap();
            }
        }
    }

    #[test]
    fn moments_out_of_order_are_refused() {
        let mut call = LoggedCall {
            call: "x".into(),
            acd: 1,
            split: 1,
            queued: 100,
            ringing: None,
            abandoned: None,
            answered: Some(110),
            holds: vec![(120, 130)],
            released: Some(200),
            completed: Some(230),
        };
        let figures = figures_of(&call, 10).unwrap();
        assert_eq!(
            (
                figures.wait_s,
                figures.talk_s,
                figures.hold_s,
                figures.acw_s
            ),
            (10, 80, 10, 30)
        );
        assert!(figures.within_threshold);
        call.released = Some(125);
        assert!(figures_of(&call, 10).is_none());
        call.abandoned = Some(105);
        assert!(figures_of(&call, 10).is_none());
    }
}
