//! When a date that was read is read again: by its age, in tiers. Pure.
//!
//! | Tier | Dates | Read again |
//! |---|---|---|
//! | cycle | the days that are not over | with each interval that becomes readable (see [`crate::ledger`]) |
//! | recent | today and yesterday | so many minutes after the last reading |
//! | nightly | the last days | at the first night hour after the last reading |
//! | weekly | all that the source holds | at the first night hour of the date's own weekday |
//!
//! A date's own weekday spreads the weekly tier evenly over the nights, one seventh of the dates each, with nothing to
//! remember. When a date is due depends on nothing but its last reading, so a night without hub or Link is made up for as
//! soon as both are there. Hours are those of the clock that stamps the rows; an hour that a clock change skips is the one
//! after it.

use floorwire_model::time::{UtcSecond, local_minute};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan};
use serde::{Deserialize, Serialize};

/// The tiers of one integration, and how long after an interval it is read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Rereading {
    /// How often an interval is read at least, the first reading included. A cycle reads the whole date, so this matters
    /// for the last intervals of a day, which are read again with the first of the next.
    pub recent_intervals: u16,
    /// Minutes after which today and yesterday are read again; 0: not by this tier.
    pub recent_days_minutes: u32,
    /// How many days back dates are read every night; 0: not by this tier.
    pub nightly_days: u16,
    /// The hour at which the night's reading begins, 0 to 23, on the clock that stamps the rows.
    pub night_hour: u8,
    /// Whether everything that the source holds is read once a week.
    pub weekly: bool,
    /// Seconds between the moment at which an interval can be read and its reading: the source archives at that moment too.
    pub grace_seconds: u32,
    /// Integrations are spread over so many seconds, so that not all sources are read at once.
    pub spread_seconds: u32,
    /// Whether the source is asked for a fingerprint of a date before its rows are read again. Computing it spares the line and
    /// the hub; a source that computes more dearly than it reads is better served without.
    pub fingerprints: bool,
}

impl Default for Rereading {
    fn default() -> Self {
        Self {
            recent_intervals: 2,
            recent_days_minutes: 60,
            nightly_days: 7,
            night_hour: 3,
            weekly: true,
            grace_seconds: 15,
            spread_seconds: 45,
            fingerprints: true,
        }
    }
}

impl Rereading {
    /// True for the settings that apply when nothing is set.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// How many intervals after its last one a day is read for the last time by the cycle.
    pub fn margin_intervals(&self) -> i64 {
        i64::from(self.recent_intervals.max(1)) - 1
    }

    /// When a date that was read last at `read` is to be read again by the tiers; `None`: never.
    pub fn due_at(&self, date: Date, read: UtcSecond, zone: &TimeZone) -> Option<UtcSecond> {
        let recent = self.recent_at(date, read, zone);
        let nights = self.nights_at(date, read, zone);
        [recent, nights].into_iter().flatten().min()
    }

    fn is_recent(&self, age_days: i32) -> bool {
        self.recent_days_minutes > 0 && age_days <= 1
    }

    fn recent_at(&self, date: Date, read: UtcSecond, zone: &TimeZone) -> Option<UtcSecond> {
        let at = UtcSecond(read.0 + i64::from(self.recent_days_minutes) * 60);
        self.is_recent(age_days(date, local_date(at, zone)?))
            .then_some(at)
    }

    /// The first night after `read` in which the nightly or the weekly tier reads the date.
    fn nights_at(&self, date: Date, read: UtcSecond, zone: &TimeZone) -> Option<UtcSecond> {
        let (first, at) = self.next_night(read, zone)?;
        let age = age_days(date, first);
        let nightly = age <= i32::from(self.nightly_days) && self.nightly_days > 0;
        if nightly && !self.is_recent(age) {
            return Some(at);
        }
        let mut weekday = first;
        if self.weekly {
            weekday = on_weekday_of(date, first)?;
        }
        // The tiers of before have a date of less than a week, except where they are off.
        let mut next = first;
        for _ in 0..8 {
            let age = age_days(date, next);
            let nightly = self.nightly_days > 0 && age <= i32::from(self.nightly_days);
            let weekly = self.weekly && next == weekday && age > 0;
            if age > 0 && !self.is_recent(age) && (nightly || weekly) {
                return self.night_of(next, zone);
            }
            next = next.tomorrow().ok()?;
            if weekday < next {
                weekday = weekday.checked_add(7.days()).ok()?;
            }
        }
        None
    }

    /// The date and the second of the first night hour after an instant.
    pub fn next_night(&self, after: UtcSecond, zone: &TimeZone) -> Option<(Date, UtcSecond)> {
        let mut date = local_date(after, zone)?;
        loop {
            let at = self.night_of(date, zone)?;
            if at.0 > after.0 {
                return Some((date, at));
            }
            date = date.tomorrow().ok()?;
        }
    }

    /// The last night hour up to an instant.
    pub fn last_night(&self, until: UtcSecond, zone: &TimeZone) -> Option<UtcSecond> {
        let mut date = local_date(until, zone)?;
        loop {
            let at = self.night_of(date, zone)?;
            if at.0 <= until.0 {
                return Some(at);
            }
            date = date.yesterday().ok()?;
        }
    }

    fn night_of(&self, date: Date, zone: &TimeZone) -> Option<UtcSecond> {
        let hour = i8::try_from(self.night_hour.min(23)).ok()?;
        let local = date.at(hour, 0, 0, 0);
        let instant = zone.to_zoned(local).ok()?.timestamp();
        Some(UtcSecond(instant.as_second()))
    }
}

fn local_date(at: UtcSecond, zone: &TimeZone) -> Option<Date> {
    local_minute(at, zone).map(|local| local.date())
}

/// How many days a date lies before another.
fn age_days(date: Date, seen_from: Date) -> i32 {
    (seen_from - date).get_days()
}

/// The first date from `from` on with the weekday of `date`.
fn on_weekday_of(date: Date, from: Date) -> Option<Date> {
    let days = i64::from(age_days(from, date)).rem_euclid(7);
    from.checked_add(Span::new().days(days)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use floorwire_model::time::zone;
    use jiff::civil::date;

    fn at(text: &str) -> UtcSecond {
        UtcSecond(text.parse::<jiff::Timestamp>().unwrap().as_second())
    }

    /// When a date read then is due, as text in UTC.
    fn due(settings: &Rereading, day: Date, read: &str) -> Option<String> {
        let paris = zone("Europe/Paris").unwrap();
        let due = settings.due_at(day, at(read), &paris)?;
        Some(jiff::Timestamp::from_second(due.0).unwrap().to_string())
    }

    fn is(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn each_age_has_its_tier() {
        let tiers = Rereading::default();
        // A Monday, 12:00 in Paris.
        let read = "2026-11-23T11:00:00Z";
        let hour_later = is("2026-11-23T12:00:00Z");
        assert_eq!(due(&tiers, date(2026, 11, 23), read), hour_later);
        assert_eq!(due(&tiers, date(2026, 11, 22), read), hour_later);
        let next_night = is("2026-11-24T02:00:00Z");
        for day in 17..=21 {
            assert_eq!(due(&tiers, date(2026, 11, day), read), next_night, "{day}");
        }
        // Eight days old in the next night, which is not of its weekday (Monday).
        let monday = date(2026, 11, 16);
        assert_eq!(due(&tiers, monday, read), is("2026-11-30T02:00:00Z"));
        // A Tuesday, whose night is the next one.
        assert_eq!(due(&tiers, date(2026, 9, 15), read), next_night);
        assert_eq!(
            due(&tiers, date(2026, 9, 16), read),
            is("2026-11-25T02:00:00Z")
        );
    }

    #[test]
    fn a_date_that_leaves_a_tier_goes_on_in_the_next() {
        let tiers = Rereading::default();
        // Yesterday read shortly before midnight is two days old an hour later.
        assert_eq!(
            due(&tiers, date(2026, 11, 22), "2026-11-23T22:30:00Z"),
            is("2026-11-24T02:00:00Z")
        );
        // Read in the very night hour: the next night.
        assert_eq!(
            due(&tiers, date(2026, 11, 20), "2026-11-24T02:00:00Z"),
            is("2026-11-25T02:00:00Z")
        );
    }

    #[test]
    fn every_tier_can_be_switched_off() {
        let off = Rereading {
            recent_days_minutes: 0,
            nightly_days: 0,
            weekly: false,
            ..Rereading::default()
        };
        assert_eq!(due(&off, date(2026, 11, 23), "2026-11-23T11:00:00Z"), None);
        let weekly = Rereading {
            weekly: true,
            ..off.clone()
        };
        // Read on the day itself, before its own night hour: a week later, not the same night.
        assert_eq!(
            due(&weekly, date(2026, 11, 23), "2026-11-22T23:30:00Z"),
            is("2026-11-30T02:00:00Z")
        );
        let nightly = Rereading {
            nightly_days: 3,
            ..off
        };
        assert_eq!(
            due(&nightly, date(2026, 11, 23), "2026-11-23T11:00:00Z"),
            is("2026-11-24T02:00:00Z")
        );
        assert_eq!(
            due(&nightly, date(2026, 11, 23), "2026-11-26T11:00:00Z"),
            None
        );
    }

    #[test]
    fn a_week_of_nights_reads_every_date_once() {
        let tiers = Rereading {
            nightly_days: 0,
            recent_days_minutes: 0,
            ..Rereading::default()
        };
        let paris = zone("Europe/Paris").unwrap();
        let read = at("2026-03-25T12:00:00Z");
        let mut nights: Vec<i64> = (0..70)
            .map(|back| {
                date(2026, 3, 20)
                    .checked_sub(Span::new().days(back))
                    .unwrap()
            })
            .map(|day| tiers.due_at(day, read, &paris).unwrap().0)
            .collect();
        nights.sort_unstable();
        let counts: Vec<usize> = nights
            .chunk_by(|one, other| one == other)
            .map(<[i64]>::len)
            .collect();
        assert_eq!(counts, [10; 7]);
        // The clock goes forward in the night to 2026-03-29: 3:00 is there, an hour earlier in UTC.
        assert!(nights.contains(&at("2026-03-29T01:00:00Z").0));
        let at_two = Rereading {
            night_hour: 2,
            ..tiers
        };
        let (_, skipped) = at_two
            .next_night(at("2026-03-28T12:00:00Z"), &paris)
            .unwrap();
        assert_eq!(skipped, at("2026-03-29T01:00:00Z"));
    }

    #[test]
    fn stored_settings_may_lack_fields() {
        let stored: Rereading = serde_json::from_str(r#"{"nightHour":5}"#).unwrap();
        assert_eq!(stored.night_hour, 5);
        assert_eq!(stored.recent_intervals, 2);
        assert!(stored.fingerprints);
        assert!(Rereading::default().is_default() && !stored.is_default());
    }
}
