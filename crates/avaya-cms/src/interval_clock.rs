//! From the clock time of an interval row to its slot.
//!
//! A row is named by the multiple of the interval that the clock's face last passed, so an interval that begins with a clock
//! change of half an hour carries the name of the hour: the slots of a day are looked up by name, and one name may have two.
//! `starttime_utc` decides where it is there and names an instant that the row's own clock time can stand
//! for under the zone, give or take less than an interval. Otherwise the clock time is used: a minute that
//! occurred twice gives one slot that spans both, marked *ambiguous*; one that never occurred is shifted
//! forward and marked.

use floorwire_model::streams::Quality;
use floorwire_model::time::{LocalMinute, Resolved, Slot, UtcSecond, day_slots, resolve};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// Where and how long a row's slot is.
#[derive(Clone, Copy)]
pub(crate) struct Stamp {
    /// Start of the slot.
    pub start: UtcSecond,
    /// Length, seconds.
    pub length_s: i64,
    /// What the clock leaves open.
    pub quality: Quality,
    /// `starttime_utc` was there and could not be used.
    pub utc_disagrees: bool,
}

/// Turns a row's clock time into its slot; remembers what it worked out, since all queues share the times.
pub(crate) struct IntervalClock {
    row_date: Date,
    zone: TimeZone,
    times: HashMap<(i32, u16), Option<Resolved>>,
    slots: HashMap<u16, Vec<Slot>>,
}

impl IntervalClock {
    /// For the rows of one ACD and date, under the zone of the clock that stamped them.
    pub fn new(row_date: Date, zone: TimeZone) -> Self {
        Self {
            row_date,
            zone,
            times: HashMap::new(),
            slots: HashMap::new(),
        }
    }

    /// The slot of a row; `None` when `hhmm` is no time of a day.
    pub fn stamp(
        &mut self,
        hhmm: Option<i32>,
        utc: Option<UtcSecond>,
        interval: u16,
    ) -> Option<Stamp> {
        let hhmm = hhmm?;
        let resolved = match self.times.get(&(hhmm, interval)) {
            Some(known) => *known,
            None => {
                let local = LocalMinute::from_hhmm(self.row_date, hhmm);
                let resolved = local.map(|local| self.resolve(local, interval));
                self.times.insert((hhmm, interval), resolved);
                resolved
            }
        }?;
        let interval_s = i64::from(interval) * 60;
        if let Some(utc) = utc.filter(|&utc| fits(resolved, utc, interval_s)) {
            let length_s = self.length_from(utc, interval)?;
            return Some(Stamp {
                start: utc,
                length_s,
                quality: Quality::Final,
                utc_disagrees: false,
            });
        }
        let start = resolved.earliest()?;
        let (length_s, quality) = match resolved {
            Resolved::Twice { first, second } => {
                let both =
                    self.length_from(first, interval)? + self.length_from(second, interval)?;
                (both, Quality::Ambiguous)
            }
            Resolved::Never { .. } => (interval_s, Quality::Shifted),
            Resolved::Once(_) | Resolved::OutOfRange => {
                (self.length_from(start, interval)?, Quality::Final)
            }
        };
        Some(Stamp {
            start,
            length_s,
            quality,
            utc_disagrees: utc.is_some(),
        })
    }

    /// What a name means: the slots of that name, else what the clock showed then.
    fn resolve(&mut self, local: LocalMinute, interval: u16) -> Resolved {
        let minute = local.minute_of_day();
        let slots = self.slots(interval).unwrap_or_default();
        let mut starts = slots
            .iter()
            .filter(|slot| slot.name(interval) == minute)
            .map(|slot| slot.start);
        match (starts.next(), starts.next()) {
            (Some(first), Some(second)) => Resolved::Twice { first, second },
            (Some(only), None) => Resolved::Once(only),
            (None, _) => resolve(local, &self.zone),
        }
    }

    fn slots(&mut self, interval: u16) -> Option<&[Slot]> {
        match self.slots.entry(interval) {
            Entry::Occupied(known) => Some(known.into_mut()),
            Entry::Vacant(vacant) => {
                Some(vacant.insert(day_slots(self.row_date, &self.zone, interval).ok()?))
            }
        }
    }

    /// From an instant to the end of the slot it lies in.
    fn length_from(&mut self, start: UtcSecond, interval: u16) -> Option<i64> {
        let slots = self.slots(interval)?;
        let index = slots.partition_point(|slot| slot.start <= start);
        let holder = index.checked_sub(1).and_then(|index| slots.get(index));
        let until_end = holder
            .map(|slot| slot.end().0 - start.0)
            .filter(|&seconds| seconds > 0);
        Some(until_end.unwrap_or(i64::from(interval) * 60))
    }
}

/// Whether `starttime_utc` can belong to this clock time.
fn fits(resolved: Resolved, utc: UtcSecond, interval_s: i64) -> bool {
    let near = |instant: UtcSecond| (instant.0 - utc.0).abs() < interval_s;
    match resolved {
        Resolved::Once(instant) | Resolved::Never { shifted: instant } => near(instant),
        Resolved::Twice { first, second } => near(first) || near(second),
        Resolved::OutOfRange => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use floorwire_model::time::zone;
    use jiff::civil::date;

    /// Start, length in seconds, quality.
    fn stamped(day: Date, hhmm: i32, interval: u16, utc: Option<&str>) -> (String, i64, Quality) {
        let mut clock = IntervalClock::new(day, zone("Australia/Lord_Howe").unwrap());
        let utc = utc.map(|at| UtcSecond(at.parse::<jiff::Timestamp>().unwrap().as_second()));
        let stamp = clock.stamp(Some(hhmm), utc, interval).unwrap();
        let start = jiff::Timestamp::from_second(stamp.start.0).unwrap();
        (start.to_string(), stamp.length_s, stamp.quality)
    }

    #[test]
    fn half_an_hour_back_gives_two_intervals_the_name_of_the_hour() {
        let day = date(2026, 4, 5);
        let (first, second) = ("2026-04-04T14:00:00Z", "2026-04-04T15:00:00Z");
        let known = |start: &str, length| (start.to_owned(), length, Quality::Final);
        assert_eq!(stamped(day, 100, 60, Some(first)), known(first, 3600));
        assert_eq!(stamped(day, 100, 60, Some(second)), known(second, 1800));
        let either = (first.to_owned(), 5400, Quality::Ambiguous);
        assert_eq!(stamped(day, 100, 60, None), either);
        assert_eq!(
            stamped(day, 200, 60, None),
            known("2026-04-04T15:30:00Z", 3600)
        );
        // In quarter hours it is 1:30 and 1:45 that occur twice.
        assert_eq!(stamped(day, 130, 15, None).2, Quality::Ambiguous);
        assert_eq!(stamped(day, 115, 15, None).2, Quality::Final);
    }

    #[test]
    fn half_an_hour_forward_makes_an_interval_short() {
        let (day, start) = (date(2026, 10, 4), "2026-10-03T15:30:00Z");
        let short = (start.to_owned(), 1800, Quality::Final);
        assert_eq!(stamped(day, 200, 60, None), short);
        assert_eq!(stamped(day, 200, 60, Some(start)), short);
        assert_eq!(stamped(day, 215, 15, None).2, Quality::Shifted);
    }
}
