//! The clock that stamps rows, and the intervals that it cuts.
//!
//! The face shows the zone's local time plus what was set by hand. An interval ends where the face next shows a multiple
//! of its length, or where the zone steps, and the next one begins there with the face's time as its stamp. Setting the
//! clock back begins none: the running interval keeps its stamp and ends at the next multiple ahead of the new face (so
//! 9:00 set back to 8:59 gives a stub of a minute stamped 9:00, then the whole 9:00; D S13). Setting it forward over a
//! multiple ends the running interval there.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

/// Why a clock cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum ClockError {
    /// The zone has no definition.
    #[error("time zone `{zone}` is not known ({cause})")]
    Zone {
        /// What was given.
        zone: String,
        /// Why.
        cause: jiff::Error,
    },
    /// An instant beyond all calendars.
    #[error("instant {0} is beyond every calendar")]
    Range(i64),
}

/// A stretch of time that one row covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// Begin, Unix seconds UTC.
    pub start_utc_s: i64,
    /// End, if the clock is not set before.
    pub end_utc_s: i64,
    /// Date on the face at the begin.
    pub row_date: Date,
    /// Minutes of the day on the face at the begin, a multiple of the interval.
    pub minute: i64,
    /// Usual length in minutes.
    pub step_minutes: i64,
}

impl Interval {
    /// The begin as CMS writes it: hours times 100 plus minutes.
    pub fn hhmm(&self) -> i64 {
        self.minute / 60 * 100 + self.minute % 60
    }
}

/// A clock with its running interval.
#[derive(Clone, Debug)]
pub struct Clock {
    zone: TimeZone,
    step_s: i64,
    set_by_s: i64,
    running: Interval,
}

impl Clock {
    /// A clock that shows `zone`'s time at `utc_s`, where an interval begins.
    ///
    /// # Errors
    /// The zone is not known, or the instant beyond every calendar.
    pub fn new(zone: &str, interval_minutes: i32, utc_s: i64) -> Result<Self, ClockError> {
        let zone = TimeZone::get(zone).map_err(|cause| ClockError::Zone {
            zone: zone.to_owned(),
            cause,
        })?;
        let mut clock = Self {
            zone,
            step_s: i64::from(interval_minutes) * 60,
            set_by_s: 0,
            running: Interval {
                start_utc_s: utc_s,
                end_utc_s: utc_s,
                row_date: Date::MIN,
                minute: 0,
                step_minutes: i64::from(interval_minutes),
            },
        };
        clock.begin(utc_s)?;
        Ok(clock)
    }

    /// The interval that is running.
    pub fn running(&self) -> Interval {
        self.running
    }

    /// Goes on to the interval that follows; returns the one that ended.
    ///
    /// # Errors
    /// The instant is beyond every calendar.
    pub fn turn(&mut self) -> Result<Interval, ClockError> {
        let ended = self.running;
        self.begin(ended.end_utc_s)?;
        Ok(ended)
    }

    /// Sets the clock at `utc_s`. Returns true if the running interval ends there.
    ///
    /// # Errors
    /// The instant is beyond every calendar.
    pub fn set(&mut self, utc_s: i64, by_s: i64) -> Result<bool, ClockError> {
        let before = self.face_s(utc_s)?.div_euclid(self.step_s);
        self.set_by_s += by_s;
        let after = self.face_s(utc_s)?.div_euclid(self.step_s);
        if by_s > 0 && after > before {
            self.running.end_utc_s = utc_s;
            return Ok(true);
        }
        self.running.end_utc_s = self.next_end(utc_s)?;
        Ok(false)
    }

    /// What the face shows.
    ///
    /// # Errors
    /// The instant is beyond every calendar.
    pub fn face(&self, utc_s: i64) -> Result<DateTime, ClockError> {
        let shown = utc_s + self.set_by_s;
        let offset = self.offset_s(utc_s)?;
        let instant =
            Timestamp::from_second(shown + offset).map_err(|_| ClockError::Range(utc_s))?;
        Ok(TimeZone::UTC.to_datetime(instant))
    }

    /// Seconds from 1970-01-01 00:00 on the face.
    ///
    /// # Errors
    /// The instant is beyond every calendar.
    pub fn face_s(&self, utc_s: i64) -> Result<i64, ClockError> {
        Ok(utc_s + self.set_by_s + self.offset_s(utc_s)?)
    }

    fn begin(&mut self, utc_s: i64) -> Result<(), ClockError> {
        let face = self.face(utc_s)?;
        let minute = i64::from(face.hour()) * 60 + i64::from(face.minute());
        let step_minutes = self.step_s / 60;
        self.running = Interval {
            start_utc_s: utc_s,
            end_utc_s: self.next_end(utc_s)?,
            row_date: face.date(),
            minute: minute - minute % step_minutes,
            step_minutes,
        };
        Ok(())
    }

    /// The next multiple on the face after `utc_s`, or the next step of the zone, whichever comes first.
    fn next_end(&self, utc_s: i64) -> Result<i64, ClockError> {
        let face_s = self.face_s(utc_s)?;
        let multiple = utc_s + self.step_s - face_s.rem_euclid(self.step_s);
        let offset = self.offset_s(utc_s)?;
        let instant = Timestamp::from_second(utc_s).map_err(|_| ClockError::Range(utc_s))?;
        for change in self.zone.following(instant) {
            let at = change.timestamp().as_second();
            if at >= multiple {
                break;
            }
            if i64::from(change.offset().seconds()) != offset {
                return Ok(at);
            }
        }
        Ok(multiple)
    }

    fn offset_s(&self, utc_s: i64) -> Result<i64, ClockError> {
        let instant = Timestamp::from_second(utc_s).map_err(|_| ClockError::Range(utc_s))?;
        Ok(i64::from(self.zone.to_offset(instant).seconds()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn midnight(zone: &str, day: Date) -> i64 {
        day.to_zoned(TimeZone::get(zone).unwrap())
            .unwrap()
            .timestamp()
            .as_second()
    }

    /// Stamp and length in seconds of each interval of a day.
    fn day(zone: &str, minutes: i32, day: Date) -> Vec<(i64, i64)> {
        let mut clock = Clock::new(zone, minutes, midnight(zone, day)).unwrap();
        let end = midnight(zone, day.tomorrow().unwrap());
        let mut found = Vec::new();
        while clock.running().start_utc_s < end {
            let ended = clock.turn().unwrap();
            assert_eq!(ended.row_date, day);
            found.push((ended.hhmm(), ended.end_utc_s - ended.start_utc_s));
        }
        found
    }

    #[test]
    fn the_repeated_hour_is_there_twice_and_the_missing_one_not() {
        let autumn = day("Europe/Paris", 30, date(2026, 10, 25));
        assert_eq!(autumn.len(), 50);
        assert_eq!(autumn.iter().filter(|(hhmm, _)| *hhmm == 230).count(), 2);
        let spring = day("Europe/Paris", 15, date(2026, 3, 29));
        assert_eq!(spring.len(), 92);
        assert!(!spring.iter().any(|(hhmm, _)| (200..300).contains(hhmm)));
        let half = day("Australia/Lord_Howe", 60, date(2026, 4, 5));
        assert_eq!(half.iter().filter(|(hhmm, _)| *hhmm == 100).count(), 2);
        assert_eq!(half[2], (100, 1_800));
    }

    #[test]
    fn set_back_over_a_boundary_gives_a_stub_and_a_whole_of_one_name() {
        let start = midnight("UTC", date(2026, 1, 5)) + 8 * 3_600;
        let mut clock = Clock::new("UTC", 30, start).unwrap();
        clock.turn().unwrap();
        let nine = clock.turn().unwrap().end_utc_s;
        assert_eq!(nine, start + 3_600);
        assert!(!clock.set(nine, -60).unwrap());
        let stub = clock.turn().unwrap();
        assert_eq!((stub.hhmm(), stub.end_utc_s - stub.start_utc_s), (900, 60));
        let whole = clock.turn().unwrap();
        assert_eq!(
            (whole.hhmm(), whole.end_utc_s - whole.start_utc_s),
            (900, 1_800)
        );
    }

    #[test]
    fn set_forward_over_a_boundary_ends_the_interval_there() {
        let start = midnight("UTC", date(2026, 1, 5)) + 9 * 3_600;
        let mut clock = Clock::new("UTC", 30, start).unwrap();
        assert!(clock.set(start + 600, 1_800).unwrap());
        let short = clock.turn().unwrap();
        assert_eq!(
            (short.hhmm(), short.end_utc_s - short.start_utc_s),
            (900, 600)
        );
        let next = clock.running();
        assert_eq!(
            (next.hhmm(), next.end_utc_s - next.start_utc_s),
            (930, 1_200)
        );
    }

    proptest! {
        #[test]
        fn intervals_cover_time_without_gap(
            zone in prop::sample::select(vec!["Europe/Paris", "Australia/Lord_Howe", "Asia/Jerusalem", "America/Sao_Paulo"]),
            minutes in prop::sample::select(vec![15, 30, 60]),
            day in 0i32..900,
            sets in prop::collection::vec((0i64..200_000, -4_000i64..4_000), 0..4),
        ) {
            let first = date(2017, 1, 1).checked_add(jiff::Span::new().days(day)).unwrap();
            let begin = midnight(zone, first);
            let mut clock = Clock::new(zone, minutes, begin).unwrap();
            let mut sets: Vec<_> = sets.into_iter().map(|(at, by)| (begin + at, by)).collect();
            sets.sort_unstable();
            let mut cursor = begin;
            while cursor < begin + 3 * 86_400 {
                let end = clock.running().end_utc_s;
                if let Some(at) = sets.iter().position(|(at, _)| *at < end) {
                    let (at, by) = sets.remove(at);
                    clock.set(at.max(cursor), by).unwrap();
                    continue;
                }
                let ended = clock.turn().unwrap();
                prop_assert_eq!(ended.start_utc_s, cursor);
                prop_assert!(ended.end_utc_s >= ended.start_utc_s);
                prop_assert_eq!(ended.minute % i64::from(minutes), 0);
                cursor = ended.end_utc_s;
            }
        }
    }
}
