//! Which dates of an ACD belong to the import, and when a date is worth reading. Pure.

use crate::ledger::next_reading;
use crate::store::ledger_days::LedgerDay;
use floorwire_model::time::{SlotError, UtcSecond, day_slots, local_minute};
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::collections::BTreeSet;

/// How far back a first load goes at most.
pub const MOST_YEARS: i32 = 3;

/// What decides about the dates of one table and ACD.
#[derive(Clone, Debug)]
pub struct Extent<'a> {
    /// The zone of the clock that stamps the rows.
    pub zone: &'a TimeZone,
    /// Interval length, minutes.
    pub slot_minutes: u16,
    /// See [`floorwire_model::derivation::TableRule`].
    pub intervals_until_readable: i64,
    /// Oldest date at the source.
    pub oldest: Date,
    /// Newest date at the source when it was examined.
    pub newest: Date,
    /// First date wanted.
    pub start_date: Option<Date>,
}

/// What is due now and when to look again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Due {
    /// Dates never read, newest first.
    pub first_loads: Vec<Date>,
    /// Dates to read again, newest first.
    pub again: Vec<Date>,
    /// When something becomes due next, seconds.
    pub next_utc_s: Option<i64>,
}

impl Extent<'_> {
    /// Today by the source's clock.
    pub fn today(&self, now: UtcSecond) -> Option<Date> {
        local_minute(now, self.zone).map(|local| local.date())
    }

    /// The first date of the import.
    pub fn first(&self, today: Date) -> Date {
        let limit = today.checked_sub(MOST_YEARS.years()).unwrap_or(self.oldest);
        let first = self.oldest.max(limit);
        self.start_date.map_or(first, |wanted| first.max(wanted))
    }

    /// What is due. `known` are the dates that are stored or set aside, `open` the days to be read again, `delay_s` how
    /// long after an interval has become readable it is read.
    pub fn due(
        &self,
        now: UtcSecond,
        known: &BTreeSet<Date>,
        open: &[LedgerDay],
        delay_s: i64,
    ) -> Result<Due, SlotError> {
        let mut due = Due::default();
        let Some(today) = self.today(now) else {
            return Ok(due);
        };
        // A wrong zone may put the newest date ahead of today; it is read all the same.
        let tomorrow = today.checked_add(1.day()).unwrap_or(today);
        let mut date = self.newest.min(tomorrow).max(today);
        let first = self.first(today);
        while date >= first {
            if !known.contains(&date) {
                if date == today {
                    self.consider(&mut due, date, None, now, delay_s, |due| {
                        &mut due.first_loads
                    })?;
                } else {
                    due.first_loads.push(date);
                }
            }
            match date.yesterday() {
                Ok(before) => date = before,
                Err(_) => break,
            }
        }
        for day in open.iter().filter(|day| day.date >= first) {
            let last_read = day.read_begin_utc_ms.div_euclid(1000);
            let interval = Some((day.slot_minutes, last_read));
            self.consider(&mut due, day.date, interval, now, delay_s, |due| {
                &mut due.again
            })?;
        }
        self.consider(&mut due, tomorrow, None, now, delay_s, |due| {
            &mut due.first_loads
        })?;
        due.first_loads.retain(|date| !known.contains(date));
        due.first_loads.sort_by(|one, other| other.cmp(one));
        due.first_loads.dedup();
        Ok(due)
    }

    fn consider(
        &self,
        due: &mut Due,
        date: Date,
        read: Option<(u16, i64)>,
        now: UtcSecond,
        delay_s: i64,
        list: impl Fn(&mut Due) -> &mut Vec<Date>,
    ) -> Result<(), SlotError> {
        let minutes = read.map_or(self.slot_minutes, |(minutes, _)| minutes);
        let slots = day_slots(date, self.zone, minutes)?;
        let at = next_reading(
            &slots,
            minutes,
            self.intervals_until_readable,
            read.map(|(_, last)| last),
        );
        let Some(at) = at.map(|at| at.0 + delay_s) else {
            return Ok(());
        };
        if at <= now.0 {
            list(due).push(date);
        } else {
            due.next_utc_s = Some(due.next_utc_s.map_or(at, |next| next.min(at)));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use floorwire_model::ids::AcdNumber;
    use floorwire_model::ledger::SlotState;
    use floorwire_model::time::zone;
    use jiff::civil::date;

    fn extent(zone: &TimeZone) -> Extent<'_> {
        Extent {
            zone,
            slot_minutes: 30,
            intervals_until_readable: 1,
            oldest: date(2026, 11, 18),
            newest: date(2026, 11, 22),
            start_date: None,
        }
    }

    fn at(text: &str) -> UtcSecond {
        UtcSecond(text.parse::<jiff::Timestamp>().unwrap().as_second())
    }

    #[test]
    fn a_first_load_is_newest_first_and_today_only_when_something_is_readable() {
        let paris = zone("Europe/Paris").unwrap();
        let now = at("2026-11-22T09:00:00Z");
        let due = extent(&paris).due(now, &BTreeSet::new(), &[], 30).unwrap();
        let days: Vec<i8> = due.first_loads.iter().map(|date| date.day()).collect();
        assert_eq!(days, [22, 21, 20, 19, 18]);
        let early = at("2026-11-21T23:50:00Z");
        let due = extent(&paris)
            .due(early, &BTreeSet::new(), &[], 30)
            .unwrap();
        assert_eq!(due.first_loads.first(), Some(&date(2026, 11, 21)));
        assert_eq!(due.next_utc_s, Some(at("2026-11-22T00:00:30Z").0));
    }

    #[test]
    fn limits_are_the_start_date_and_three_years() {
        let paris = zone("Europe/Paris").unwrap();
        let mut wide = extent(&paris);
        wide.oldest = date(2001, 1, 1);
        assert_eq!(wide.first(date(2026, 11, 22)), date(2023, 11, 22));
        wide.start_date = Some(date(2026, 1, 1));
        assert_eq!(wide.first(date(2026, 11, 22)), date(2026, 1, 1));
    }

    #[test]
    fn an_open_day_is_read_when_its_next_slot_is_readable() {
        let paris = zone("Europe/Paris").unwrap();
        let known: BTreeSet<Date> = (18..=22).map(|day| date(2026, 11, day)).collect();
        let day = |read: &str| LedgerDay {
            acd: AcdNumber(1),
            date: date(2026, 11, 22),
            slot_minutes: 30,
            zone: "Europe/Paris".into(),
            states: vec![SlotState::Unread; 48],
            set_aside: false,
            closed: false,
            read_begin_utc_ms: at(read).0 * 1000,
        };
        let read = day("2026-11-22T09:00:40Z");
        let due = extent(&paris)
            .due(
                at("2026-11-22T09:20:00Z"),
                &known,
                std::slice::from_ref(&read),
                30,
            )
            .unwrap();
        assert_eq!(
            (due.again.len(), due.next_utc_s),
            (0, Some(at("2026-11-22T09:30:30Z").0))
        );
        let due = extent(&paris)
            .due(at("2026-11-22T09:30:30Z"), &known, &[read], 30)
            .unwrap();
        assert_eq!(due.again, vec![date(2026, 11, 22)]);
    }
}
