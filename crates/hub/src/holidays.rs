//! The days on which an integration is closed: public holidays of its country and region, with days added and taken away.

use floorwire_model::hours::HolidaySettings;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// Where a holiday comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The calendar of country and region.
    Calendar,
    /// An administrator.
    Added,
}

/// The holidays of some years.
#[derive(Clone, Debug, Default)]
pub struct Holidays(BTreeMap<Date, (String, Origin)>);

impl Holidays {
    /// The holidays of the years of a period, `to` included.
    pub fn of(settings: &HolidaySettings, from: Date, to: Date) -> Self {
        let mut days = BTreeMap::new();
        if let Some(country) = &settings.country {
            for year in from.year()..=to.year() {
                let known = floorwire_holidays::of_year(country, settings.region.as_deref(), year);
                let known = known.into_iter();
                days.extend(known.map(|(date, name)| (date, (name, Origin::Calendar))));
            }
        }
        days.retain(|date, _| !settings.removed.contains(date));
        for (date, name) in &settings.added {
            days.insert(*date, (name.clone(), Origin::Added));
        }
        Self(days)
    }

    /// True when the site is closed on that date.
    pub fn has(&self, date: Date) -> bool {
        self.0.contains_key(&date)
    }

    /// All of them, by date.
    pub fn iter(&self) -> impl Iterator<Item = (Date, &str, Origin)> {
        let days = self.0.iter();
        days.map(|(date, (name, origin))| (*date, name.as_str(), *origin))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use std::collections::BTreeSet;

    #[test]
    fn days_are_added_and_taken_away() {
        let settings = HolidaySettings {
            country: Some("FR".into()),
            region: None,
            added: BTreeMap::from([(date(2026, 6, 4), "works outing".into())]),
            removed: BTreeSet::from([date(2026, 5, 8)]),
        };
        let holidays = Holidays::of(&settings, date(2026, 1, 1), date(2026, 12, 31));
        assert!(holidays.has(date(2026, 7, 14)) && holidays.has(date(2026, 6, 4)));
        assert!(!holidays.has(date(2026, 5, 8)) && !holidays.has(date(2027, 7, 14)));
        assert_eq!(
            Holidays::of(
                &HolidaySettings::default(),
                date(2026, 1, 1),
                date(2026, 1, 1)
            )
            .iter()
            .count(),
            0
        );
    }
}
