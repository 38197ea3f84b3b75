//! The intervals of a clock, as a list made beforehand.
//!
//! The shift of the clock against UTC is a list of stretches: one more wherever the zone changes or somebody sets it.
//! Within a stretch an interval begins at every multiple on the face. A change of the zone begins one too. A clock that
//! is set begins one only if it jumps forward into another multiple.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// One interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    pub start_utc_s: i64,
    pub end_utc_s: i64,
    pub row_date: Date,
    /// Minute of the day on the face.
    pub minute: i64,
}

/// All intervals of one clock over the time of a log.
pub(crate) struct Slots(Vec<Slot>);

#[derive(Clone, Copy, PartialEq)]
enum Cause {
    Zone,
    Set,
}

impl Slots {
    /// `sets`: when the clock was set, and by how much, in order of time.
    pub fn new(zone: &TimeZone, minutes: i64, from: i64, to: i64, sets: &[(i64, i64)]) -> Self {
        let step = minutes * 60;
        let mut changes: Vec<(i64, i64, Cause)> = Vec::new();
        let zone_shift = |at: i64| {
            Timestamp::from_second(at).map_or(0, |at| i64::from(zone.to_offset(at).seconds()))
        };
        if let Ok(begin) = Timestamp::from_second(from) {
            let mut shift = zone_shift(from);
            for change in zone.following(begin) {
                let at = change.timestamp().as_second();
                if at > to {
                    break;
                }
                let next = i64::from(change.offset().seconds());
                if next != shift {
                    changes.push((at, next - shift, Cause::Zone));
                }
                shift = next;
            }
        }
        changes.extend(sets.iter().map(|(at, by)| (*at, *by, Cause::Set)));
        changes.sort_by_key(|(at, ..)| *at);

        let mut starts: Vec<(i64, i64)> = vec![(from, from + zone_shift(from))];
        let mut shift = zone_shift(from);
        let mut cursor = from;
        for (at, by, cause) in changes.into_iter().chain([(to, 0, Cause::Set)]) {
            let mut next = cursor + step - (cursor + shift).rem_euclid(step);
            // A change of the zone begins the interval of that moment itself.
            while next < at || (next == at && cause == Cause::Set) {
                starts.push((next, next + shift));
                next += step;
            }
            let jumps =
                by > 0 && (at + shift + by).div_euclid(step) > (at + shift).div_euclid(step);
            shift += by;
            if cause == Cause::Zone || jumps {
                starts.retain(|(start, _)| *start != at);
                starts.push((at, at + shift));
            }
            cursor = at;
        }
        let ends = starts.iter().skip(1).map(|(at, _)| *at);
        let slots = starts.iter().zip(ends).map(|((start, face), end)| {
            let floor = face - face.rem_euclid(step);
            let label = Timestamp::from_second(floor).map(|at| TimeZone::UTC.to_datetime(at));
            let label = label.unwrap_or(jiff::civil::DateTime::MIN);
            Slot {
                start_utc_s: *start,
                end_utc_s: end,
                row_date: label.date(),
                minute: i64::from(label.hour()) * 60 + i64::from(label.minute()),
            }
        });
        Self(slots.collect())
    }

    /// Number of the interval in which an instant lies.
    pub fn index_of(&self, utc_s: i64) -> Option<usize> {
        let after = self.0.partition_point(|slot| slot.start_utc_s <= utc_s);
        let index = after.checked_sub(1)?;
        (utc_s < self.0[index].end_utc_s).then_some(index)
    }

    pub fn get(&self, index: usize) -> Option<&Slot> {
        self.0.get(index)
    }

    /// The parts of `[from, to)`, by interval.
    pub fn parts(&self, from: i64, to: i64) -> impl Iterator<Item = (usize, i64)> {
        let first = self.0.partition_point(|slot| slot.end_utc_s <= from);
        let slots = self.0.iter().enumerate().skip(first);
        slots
            .take_while(move |(_, slot)| slot.start_utc_s < to)
            .map(move |(index, slot)| (index, to.min(slot.end_utc_s) - from.max(slot.start_utc_s)))
            .filter(|(_, seconds)| *seconds > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn day(zone: &str, minutes: i64, day: Date, sets: &[(i64, i64)]) -> Vec<(i64, i64)> {
        let zone = TimeZone::get(zone).unwrap();
        let begin = day.to_zoned(zone.clone()).unwrap().timestamp().as_second();
        let sets: Vec<_> = sets.iter().map(|(at, by)| (begin + at, *by)).collect();
        let slots = Slots::new(&zone, minutes, begin, begin + 2 * 86_400, &sets);
        let today = slots.0.iter().filter(|slot| slot.row_date == day);
        today
            .map(|slot| (slot.minute, slot.end_utc_s - slot.start_utc_s))
            .collect()
    }

    #[test]
    fn days_have_the_intervals_that_their_zone_gives_them() {
        assert_eq!(day("Europe/Paris", 15, date(2026, 10, 25), &[]).len(), 100);
        assert_eq!(day("Europe/Paris", 15, date(2026, 3, 29), &[]).len(), 92);
        assert_eq!(
            day("Australia/Lord_Howe", 15, date(2026, 4, 5), &[]).len(),
            98
        );
        assert_eq!(
            day("Australia/Lord_Howe", 15, date(2026, 10, 4), &[]).len(),
            94
        );
        let lord_howe = day("Australia/Lord_Howe", 60, date(2026, 4, 5), &[]);
        assert_eq!(
            lord_howe[..4],
            [(0, 3_600), (60, 3_600), (60, 1_800), (120, 3_600)]
        );
    }

    #[test]
    fn a_clock_set_back_at_nine_gives_a_stub_and_a_whole() {
        let set = day("UTC", 30, date(2026, 1, 5), &[(9 * 3_600, -60)]);
        assert_eq!(
            set[17..21],
            [(510, 1_800), (540, 60), (540, 1_800), (570, 1_800)]
        );
        let forward = day("UTC", 30, date(2026, 1, 5), &[(9 * 3_600 + 600, 1_800)]);
        assert_eq!(
            forward[17..21],
            [(510, 1_800), (540, 600), (570, 1_200), (600, 1_800)]
        );
    }
}
