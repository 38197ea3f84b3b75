//! Interval boundaries on the clock of the simulated ACD.
//!
//! Instants are Unix seconds UTC (`i64`, named `_utc_s`). A slot is the stretch of time that one row of an interval
//! table covers. A slot ends where the local clock next shows a multiple of the interval, or where the clock is
//! stepped, whichever comes first. So on the day on which the clock goes back the repeated hour has two slots of the
//! same local time and different instants, on the day on which it goes forward the missing hour has none, and a zone
//! that steps by half an hour gets a stub when the interval is an hour.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::error::SimError;

/// One interval of an ACD.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Slot {
    pub start_utc_s: i64,
    pub end_utc_s: i64,
    /// Local date on which the slot starts.
    pub row_date: Date,
    /// Local start as hours times 100 plus minutes, as CMS stores it.
    pub hhmm: i16,
}

impl Slot {
    pub fn seconds(&self) -> i64 {
        self.end_utc_s - self.start_utc_s
    }
}

/// The clock and the storage interval of the simulated ACD.
#[derive(Debug, Clone)]
pub(crate) struct Calendar {
    zone_name: String,
    zone: TimeZone,
    interval_minutes: i32,
}

impl Calendar {
    /// `interval_minutes` is 15, 30 or 60.
    pub fn new(zone_name: &str, interval_minutes: i32) -> Result<Self, SimError> {
        if ![15, 30, 60].contains(&interval_minutes) {
            return Err(SimError::Interval {
                minutes: interval_minutes,
            });
        }
        let zone = TimeZone::get(zone_name).map_err(|cause| SimError::UnknownZone {
            zone: zone_name.to_owned(),
            cause,
        })?;
        Ok(Self {
            zone_name: zone_name.to_owned(),
            zone,
            interval_minutes,
        })
    }

    pub fn zone_name(&self) -> &str {
        &self.zone_name
    }

    pub fn interval_minutes(&self) -> i32 {
        self.interval_minutes
    }

    /// First instant of a local day.
    pub fn day_start(&self, date: Date) -> Result<i64, SimError> {
        Ok(date.to_zoned(self.zone.clone())?.timestamp().as_second())
    }

    pub fn local_date(&self, utc_s: i64) -> Result<Date, SimError> {
        Ok(self.zone.to_datetime(Timestamp::from_second(utc_s)?).date())
    }

    /// The instant at which the local clock shows a time of day. In the missing hour the time passes by the length of
    /// the step, in the repeated hour the first of the two instants is meant.
    pub fn instant_of(&self, date: Date, seconds_of_day: i64) -> Result<i64, SimError> {
        let midnight = date.to_datetime(jiff::civil::Time::midnight());
        let local = midnight.checked_add(jiff::SignedDuration::from_secs(seconds_of_day))?;
        Ok(local.to_zoned(self.zone.clone())?.timestamp().as_second())
    }

    /// Days from 1970-01-01 to a date, as the database layer wants them.
    pub fn day_number(date: Date) -> Result<i32, SimError> {
        let seconds = date.to_zoned(TimeZone::UTC)?.timestamp().as_second();
        i32::try_from(seconds.div_euclid(86_400)).map_err(|_| SimError::Range {
            what: format!("date {date}"),
            remedy: "give a date between 1900 and 2200",
        })
    }

    /// Offset of the local clock from UTC in seconds.
    fn offset_s(&self, utc_s: i64) -> Result<i64, SimError> {
        let offset = self.zone.to_offset(Timestamp::from_second(utc_s)?);
        Ok(i64::from(offset.seconds()))
    }

    /// The next moment in `(after, before)` at which the clock is stepped.
    fn next_step(&self, after: i64, before: i64) -> Result<Option<i64>, SimError> {
        let offset = self.offset_s(after)?;
        for transition in self.zone.following(Timestamp::from_second(after)?) {
            let at = transition.timestamp().as_second();
            if at >= before {
                break;
            }
            if i64::from(transition.offset().seconds()) != offset {
                return Ok(Some(at));
            }
        }
        Ok(None)
    }

    /// The slot that starts at `start_utc_s`, which must be the start of one.
    fn slot_from(&self, start_utc_s: i64) -> Result<Slot, SimError> {
        let step_s = i64::from(self.interval_minutes) * 60;
        let offset_s = self.offset_s(start_utc_s)?;
        let local_s = start_utc_s + offset_s;
        let floor_s = local_s - local_s.rem_euclid(step_s);
        let boundary = floor_s + step_s - offset_s;
        let end_utc_s = self.next_step(start_utc_s, boundary)?.unwrap_or(boundary);
        let label = TimeZone::UTC.to_datetime(Timestamp::from_second(floor_s)?);
        Ok(Slot {
            start_utc_s,
            end_utc_s,
            row_date: label.date(),
            hhmm: i16::from(label.hour()) * 100 + i16::from(label.minute()),
        })
    }

    /// All slots of a local day, in order of time.
    pub fn slots_of_day(&self, date: Date) -> Result<Vec<Slot>, SimError> {
        let end = self.day_start(date.tomorrow()?)?;
        let mut slots = Vec::new();
        let mut cursor = self.day_start(date)?;
        while cursor < end {
            let mut slot = self.slot_from(cursor)?;
            slot.end_utc_s = slot.end_utc_s.min(end);
            cursor = slot.end_utc_s;
            slots.push(slot);
        }
        Ok(slots)
    }

    /// The slot in which an instant lies.
    pub fn slot_at(&self, utc_s: i64) -> Result<Slot, SimError> {
        let slots = self.slots_of_day(self.local_date(utc_s)?)?;
        slots
            .into_iter()
            .find(|slot| slot.start_utc_s <= utc_s && utc_s < slot.end_utc_s)
            .ok_or_else(|| SimError::Range {
                what: format!("instant {utc_s}"),
                remedy: "give a date between 1900 and 2200",
            })
    }

    /// The slot that follows another.
    pub fn slot_after(&self, slot: &Slot) -> Result<Slot, SimError> {
        self.slot_at(slot.end_utc_s)
    }

    /// The slot that precedes another.
    pub fn slot_before(&self, slot: &Slot) -> Result<Slot, SimError> {
        self.slot_at(slot.start_utc_s - 1)
    }

    /// Start of the first slot that is *not* readable at `now_utc_s`: a slot is published when the one after it has
    /// ended, so the running slot and the one before it are not.
    pub fn published_through(&self, now_utc_s: i64) -> Result<i64, SimError> {
        let current = self.slot_at(now_utc_s)?;
        Ok(self.slot_before(&current)?.start_utc_s)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn day(zone: &str, minutes: i32, day: Date) -> Vec<Slot> {
        Calendar::new(zone, minutes)
            .unwrap()
            .slots_of_day(day)
            .unwrap()
    }

    #[test]
    fn repeated_hour_has_two_slots_with_one_label() {
        let slots = day("Europe/Paris", 30, date(2026, 10, 25));
        assert_eq!(slots.len(), 50);
        let at_two: Vec<_> = slots.iter().filter(|slot| slot.hhmm == 200).collect();
        assert_eq!(at_two.len(), 2);
        assert_eq!(at_two[1].start_utc_s - at_two[0].start_utc_s, 3600);
        assert!(slots.iter().all(|slot| slot.seconds() == 1800));
    }

    #[test]
    fn missing_hour_has_no_slot() {
        let slots = day("Europe/Paris", 15, date(2026, 3, 29));
        assert_eq!(slots.len(), 92);
        assert!(slots.iter().all(|slot| !(200..300).contains(&slot.hhmm)));
    }

    #[test]
    fn half_hour_step_leaves_a_stub() {
        // On 5 April 2026 at 02:00 the clock of Lord Howe goes back to 01:30.
        let slots = day("Australia/Lord_Howe", 60, date(2026, 4, 5));
        let at_one: Vec<_> = slots.iter().filter(|slot| slot.hhmm == 100).collect();
        assert_eq!(at_one.len(), 2);
        assert_eq!(at_one[0].seconds(), 3600);
        assert_eq!(at_one[1].seconds(), 1800);
        assert_eq!(
            slots.iter().map(Slot::seconds).sum::<i64>(),
            24 * 3600 + 1800
        );
    }

    #[test]
    fn slots_cover_each_day_without_gap_or_overlap() {
        for zone in [
            "America/Sao_Paulo",
            "Africa/Casablanca",
            "Asia/Jerusalem",
            "UTC",
        ] {
            let calendar = Calendar::new(zone, 30).unwrap();
            let mut cursor = calendar.day_start(date(2017, 1, 1)).unwrap();
            let mut today = date(2017, 1, 1);
            while today < date(2019, 1, 1) {
                for slot in calendar.slots_of_day(today).unwrap() {
                    assert_eq!(slot.start_utc_s, cursor, "{zone} {today}");
                    assert_eq!(slot.row_date, today, "{zone} {today}");
                    assert!(slot.seconds() > 0);
                    cursor = slot.end_utc_s;
                }
                today = today.tomorrow().unwrap();
            }
        }
    }

    #[test]
    fn interval_is_published_when_the_next_has_ended() {
        let calendar = Calendar::new("UTC", 30).unwrap();
        let ten = calendar.day_start(date(2026, 1, 5)).unwrap() + 10 * 3600;
        // At 10:00 the slot 09:00 is out (09:30 has ended), 09:30 is not.
        assert_eq!(calendar.published_through(ten).unwrap(), ten - 1800);
        assert_eq!(calendar.published_through(ten - 1).unwrap(), ten - 3600);
    }
}
