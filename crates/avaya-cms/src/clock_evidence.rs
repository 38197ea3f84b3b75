//! Whether two rows of one key come from a clock that was set back.
//!
//! When somebody sets the switch's clock back over the begin of an interval, the interval has two rows: a stub and a whole
//! one (9:00 to 8:59: a stub of a minute, stamped 9:00, then the whole 9:00). Without `starttime_utc` nothing in the rows
//! tells them apart from rows that were doubled for another reason. What tells is the company: a clock doubles the interval
//! for everybody who did anything in both parts, and for a short while only; a fault of an extension, or a second time zone,
//! doubles single keys, or all day.

use std::collections::{BTreeMap, BTreeSet};

/// A clock is not set back by more than this; rows doubled for longer have another cause.
const LONGEST_STEP_MINUTES: usize = 180;
/// One doubled key proves nothing.
const FEWEST_DOUBLED: usize = 2;

/// Counts, per begin of an interval, the keys that have rows in it and those that have two different ones.
#[derive(Debug, Default)]
pub(crate) struct ClockEvidence {
    keys: BTreeMap<i64, (usize, usize)>,
}

impl ClockEvidence {
    /// Takes note of one key (a split, or an agent in a split).
    pub fn saw(&mut self, start_utc_s: i64, is_doubled: bool) {
        let (all, doubled) = self.keys.entry(start_utc_s).or_default();
        *all += 1;
        *doubled += usize::from(is_doubled);
    }

    /// The begins of intervals that a clock doubled.
    pub fn doubled_by_clock(&self, interval_minutes: u16) -> BTreeSet<i64> {
        let starts: BTreeSet<i64> = self
            .keys
            .iter()
            .filter(|(_, (all, doubled))| *doubled >= FEWEST_DOUBLED && doubled * 2 > *all)
            .map(|(start, _)| *start)
            .collect();
        match starts.len() * usize::from(interval_minutes) <= LONGEST_STEP_MINUTES {
            true => starts,
            false => BTreeSet::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_doubles_most_keys_for_a_short_while() {
        let mut evidence = ClockEvidence::default();
        for key in 0..5 {
            evidence.saw(0, false);
            evidence.saw(1800, key < 3);
            evidence.saw(3600, key < 1);
        }
        assert_eq!(evidence.doubled_by_clock(30), BTreeSet::from([1800]));
    }

    #[test]
    fn a_single_key_or_a_whole_day_is_something_else() {
        let mut evidence = ClockEvidence::default();
        evidence.saw(0, true);
        assert!(evidence.doubled_by_clock(30).is_empty());
        let mut evidence = ClockEvidence::default();
        for slot in 0..48 {
            evidence.saw(slot * 1800, true);
            evidence.saw(slot * 1800, true);
        }
        assert!(evidence.doubled_by_clock(30).is_empty());
    }
}
