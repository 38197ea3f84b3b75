//! Which dates of an ACD belong to the import, and when a date is worth reading. Pure.

use crate::ledger::next_reading;
use crate::rereading::Rereading;
use crate::store::ledger_days::LedgerDay;
use floorwire_model::time::{SlotError, UtcSecond, day_slots, local_minute};
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

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
    /// When dates that were read are read again.
    pub rereading: &'a Rereading,
    /// How long after an interval has become readable it is read, and after a tier's time a date of it, seconds.
    pub delay_s: i64,
}

/// What is due now and when to look again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Due {
    /// Dates never read, newest first.
    pub first_loads: Vec<Date>,
    /// Dates with intervals that have become readable, newest first.
    pub again: Vec<Date>,
    /// Dates that a tier reads again, newest first.
    pub rereads: Vec<Date>,
    /// When something becomes due next, seconds.
    pub next_utc_s: Option<i64>,
}

impl Due {
    fn look_again(&mut self, at: Option<i64>) {
        self.next_utc_s = match (self.next_utc_s, at) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
    }
}

/// The first date of an import from a source that holds rows from `oldest` on.
pub fn first_date(oldest: Date, start_date: Option<Date>, today: Date) -> Date {
    let limit = today.checked_sub(MOST_YEARS.years()).unwrap_or(oldest);
    let first = oldest.max(limit);
    start_date.map_or(first, |wanted| first.max(wanted))
}

impl Extent<'_> {
    /// Today by the source's clock.
    pub fn today(&self, now: UtcSecond) -> Option<Date> {
        local_minute(now, self.zone).map(|local| local.date())
    }

    /// The first date of the import.
    pub fn first(&self, today: Date) -> Date {
        first_date(self.oldest, self.start_date, today)
    }

    /// What is due. `known` are the dates that are stored or set aside, with the second at which the newest reading began;
    /// `open` the days that are not closed.
    pub fn due(
        &self,
        now: UtcSecond,
        known: &BTreeMap<Date, i64>,
        open: &[LedgerDay],
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
            if !known.contains_key(&date) {
                if date == today {
                    self.consider(&mut due, date, None, now, |due| &mut due.first_loads)?;
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
            // A reading that was set aside is none for the ledger, and is not to be repeated at once.
            let read = day.read_begin_utc_ms.div_euclid(1000);
            let last_read = known
                .get(&day.date)
                .map_or(read, |newest| read.max(*newest));
            let interval = Some((day.slot_minutes, last_read));
            self.consider(&mut due, day.date, interval, now, |due| &mut due.again)?;
        }
        self.consider(&mut due, tomorrow, None, now, |due| &mut due.first_loads)?;
        self.tiers(&mut due, now, known, first..=tomorrow);
        due.first_loads.retain(|date| !known.contains_key(date));
        due.first_loads.sort_by(|one, other| other.cmp(one));
        due.first_loads.dedup();
        Ok(due)
    }

    /// The dates that a tier reads again, newest first, and when to look again; `known` as in [`Self::due`].
    pub fn rereads(
        &self,
        now: UtcSecond,
        known: &BTreeMap<Date, i64>,
        today: Date,
    ) -> (Vec<Date>, Option<i64>) {
        let mut due = Due::default();
        self.tiers(&mut due, now, known, self.first(today)..=today);
        (due.rereads, due.next_utc_s)
    }

    /// The dates within `dates` that a tier reads again.
    fn tiers(
        &self,
        due: &mut Due,
        now: UtcSecond,
        known: &BTreeMap<Date, i64>,
        dates: RangeInclusive<Date>,
    ) {
        let begun = UtcSecond(now.0 - self.delay_s);
        let night = self.rereading.last_night(begun, self.zone);
        let tomorrow_night = self.rereading.next_night(begun, self.zone);
        let yesterday = dates.end().checked_sub(2.days()).unwrap_or(*dates.end());
        // Where the source has begun to delete, its oldest date may go, in part or whole, before it is read.
        let deletes = known
            .first_key_value()
            .is_some_and(|(first, _)| *first < self.oldest);
        let again: BTreeSet<Date> = due.again.iter().copied().collect();
        let within = known.iter().rev().filter(|(date, _)| dates.contains(*date));
        for (&date, &read) in within {
            if again.contains(&date) || (deletes && date == self.oldest) {
                continue;
            }
            // Most dates were read since the last night began, and no tier has them before the next.
            if date < yesterday && night.is_some_and(|night| read >= night.0) {
                due.look_again(tomorrow_night.map(|(_, at)| at.0 + self.delay_s));
                continue;
            }
            let at = self.rereading.due_at(date, UtcSecond(read), self.zone);
            match at.map(|at| at.0 + self.delay_s) {
                Some(at) if at <= now.0 => due.rereads.push(date),
                at => due.look_again(at),
            }
        }
    }

    fn consider(
        &self,
        due: &mut Due,
        date: Date,
        read: Option<(u16, i64)>,
        now: UtcSecond,
        list: impl Fn(&mut Due) -> &mut Vec<Date>,
    ) -> Result<(), SlotError> {
        let minutes = read.map_or(self.slot_minutes, |(minutes, _)| minutes);
        let slots = day_slots(date, self.zone, minutes)?;
        let at = next_reading(
            &slots,
            minutes,
            self.intervals_until_readable,
            self.rereading.margin_intervals(),
            read.map(|(_, last)| last),
        );
        let Some(at) = at.map(|at| at.0 + self.delay_s) else {
            return Ok(());
        };
        if at <= now.0 {
            list(due).push(date);
        } else {
            due.look_again(Some(at));
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

    /// No tier.
    const OFF: Rereading = Rereading {
        recent_intervals: 2,
        recent_days_minutes: 0,
        nightly_days: 0,
        night_hour: 3,
        weekly: false,
        grace_seconds: 15,
        spread_seconds: 45,
        fingerprints: true,
    };

    fn extent(zone: &TimeZone) -> Extent<'_> {
        Extent {
            rereading: &OFF,
            delay_s: 30,
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
        let due = extent(&paris).due(now, &BTreeMap::new(), &[]).unwrap();
        let days: Vec<i8> = due.first_loads.iter().map(|date| date.day()).collect();
        assert_eq!(days, [22, 21, 20, 19, 18]);
        let early = at("2026-11-21T23:50:00Z");
        let due = extent(&paris).due(early, &BTreeMap::new(), &[]).unwrap();
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
        let read = at("2026-11-22T09:00:40Z").0;
        let known: BTreeMap<Date, i64> = (18..=22).map(|day| (date(2026, 11, day), read)).collect();
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
            )
            .unwrap();
        assert_eq!(
            (due.again.len(), due.next_utc_s),
            (0, Some(at("2026-11-22T09:30:30Z").0))
        );
        let due = extent(&paris)
            .due(at("2026-11-22T09:30:30Z"), &known, &[read])
            .unwrap();
        assert_eq!(due.again, vec![date(2026, 11, 22)]);
    }

    #[test]
    fn tiers_bring_dates_back_in_their_time() {
        let paris = zone("Europe/Paris").unwrap();
        let tiers = Rereading::default();
        let mut extent = extent(&paris);
        extent.oldest = date(2026, 9, 1);
        extent.newest = date(2026, 11, 24);
        extent.rereading = &tiers;
        // All was read on Monday at noon.
        let read = at("2026-11-23T11:00:00Z").0;
        let mut known: BTreeMap<Date, i64> = BTreeMap::new();
        let mut day = extent.oldest;
        while day <= date(2026, 11, 23) {
            known.insert(day, read);
            day = day.tomorrow().unwrap();
        }
        let rereads = |known: &BTreeMap<Date, i64>, now: &str| {
            let due = extent.due(at(now), known, &[]).unwrap();
            (due.rereads, due.next_utc_s)
        };
        let (due, next) = rereads(&known, "2026-11-23T11:59:00Z");
        assert_eq!((due, next), (vec![], Some(read + 3630)));
        let (due, _) = rereads(&known, "2026-11-23T12:00:30Z");
        assert_eq!(due, [date(2026, 11, 23), date(2026, 11, 22)]);
        for recent in due {
            known.insert(recent, at("2026-11-24T01:30:00Z").0);
        }
        let (due, next) = rereads(&known, "2026-11-24T02:00:29Z");
        assert_eq!((due, next), (vec![], Some(at("2026-11-24T02:00:30Z").0)));
        // The night of a Tuesday: the last seven days, and before them the Tuesdays.
        let (due, _) = rereads(&known, "2026-11-24T02:00:30Z");
        let days: Vec<String> = due
            .iter()
            .map(|date| date.to_string()[5..].to_owned())
            .collect();
        let week = ["11-22", "11-21", "11-20", "11-19", "11-18", "11-17"];
        let tuesdays = [
            "11-10", "11-03", "10-27", "10-20", "10-13", "10-06", "09-29", "09-22", "09-15",
            "09-08", "09-01",
        ];
        assert_eq!(days, [&week[..], &tuesdays[..]].concat());
        // A source that deletes may delete its oldest date while it is read.
        known.insert(date(2026, 8, 31), read);
        let (due, _) = rereads(&known, "2026-11-24T02:00:30Z");
        assert_eq!(due.last(), Some(&date(2026, 9, 8)));
        // What was read since the night began waits for the next.
        for read_now in known.values_mut() {
            *read_now = at("2026-11-24T02:01:00Z").0;
        }
        known.insert(date(2026, 11, 24), at("2026-11-24T02:01:00Z").0);
        known.insert(date(2026, 11, 23), at("2026-11-24T02:01:00Z").0);
        let (due, next) = rereads(&known, "2026-11-24T02:30:00Z");
        assert_eq!((due, next), (vec![], Some(at("2026-11-24T03:01:30Z").0)));
    }

    #[test]
    fn a_reading_set_aside_is_not_repeated_at_once() {
        let paris = zone("Europe/Paris").unwrap();
        let known: BTreeMap<Date, i64> = (18..=22)
            .map(|day| (date(2026, 11, day), at("2026-11-22T09:31:00Z").0))
            .collect();
        let day = LedgerDay {
            acd: AcdNumber(1),
            date: date(2026, 11, 22),
            slot_minutes: 30,
            zone: "Europe/Paris".into(),
            states: vec![SlotState::Unread; 48],
            set_aside: true,
            closed: false,
            read_begin_utc_ms: at("2026-11-22T09:00:40Z").0 * 1000,
        };
        let due = extent(&paris)
            .due(at("2026-11-22T09:32:00Z"), &known, &[day])
            .unwrap();
        assert!(due.again.is_empty());
        assert_eq!(due.next_utc_s, Some(at("2026-11-22T10:00:30Z").0));
    }
}
