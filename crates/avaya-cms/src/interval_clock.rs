//! From the clock time of an interval row to its slot.
//!
//! `starttime_utc` decides where it is there and names an instant that the row's own clock time can stand
//! for under the zone, give or take less than an interval. Otherwise the clock time is used: a minute that
//! occurred twice gives one slot that spans both, marked *ambiguous*; one that never occurred is shifted
//! forward and marked.

use floorwire_model::streams::Quality;
use floorwire_model::time::{LocalMinute, Resolved, Slot, UtcSecond, day_slots, resolve};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::collections::HashMap;

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
    times: HashMap<i32, Option<Resolved>>,
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
        let resolved = (*self.times.entry(hhmm).or_insert_with(|| {
            LocalMinute::from_hhmm(self.row_date, hhmm).map(|local| resolve(local, &self.zone))
        }))?;
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

    /// From an instant to the end of the slot it lies in.
    fn length_from(&mut self, start: UtcSecond, interval: u16) -> Option<i64> {
        let slots = match self.slots.entry(interval) {
            std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::hash_map::Entry::Vacant(vacant) => {
                vacant.insert(day_slots(self.row_date, &self.zone, interval).ok()?)
            }
        };
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
