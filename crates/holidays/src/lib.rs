#![doc = include_str!("../README.md")]

mod parse;

use jiff::civil::{Date, date};
use parse::Country as Parsed;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::LazyLock;

/// The years the calendars know.
pub const YEARS: RangeInclusive<i16> = 2020..=2040;

static CALENDARS: LazyLock<Vec<Parsed<'static>>> =
    LazyLock::new(|| parse::calendars(include_str!("../data/calendar.txt")));

/// A country with a calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Country {
    /// ISO 3166-1, two letters.
    pub code: &'static str,
    /// English name.
    pub name: &'static str,
    /// Its regions with holidays of their own, or the same as the country's.
    pub regions: Vec<Region>,
}

/// A part of a country.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    /// ISO 3166-2 without the country, or a name where there is none.
    pub code: &'static str,
    /// Name, local or English.
    pub name: &'static str,
}

/// All countries, by code.
pub fn countries() -> Vec<Country> {
    let country = |known: &Parsed<'static>| Country {
        code: known.code,
        name: known.name,
        regions: known
            .regions
            .iter()
            .map(|region| Region {
                code: region.code,
                name: region.name,
            })
            .collect(),
    };
    CALENDARS.iter().map(country).collect()
}

/// True when there is a calendar of the country, and of the region if one is named.
pub fn is_known(country: &str, region: Option<&str>) -> bool {
    let found = CALENDARS.iter().find(|known| known.code == country);
    found.is_some_and(|found| {
        region.is_none_or(|region| found.regions.iter().any(|own| own.code == region))
    })
}

/// The holidays of a year with their names, by date. None for countries, regions and years that are not known.
pub fn of_year(country: &str, region: Option<&str>, year: i16) -> BTreeMap<Date, String> {
    let mut days: BTreeMap<Date, String> = BTreeMap::new();
    if !YEARS.contains(&year) || !is_known(country, region) {
        return days;
    }
    let Some(known) = CALENDARS.iter().find(|known| known.code == country) else {
        return days;
    };
    let mut add = |name: &str, date: Date| {
        let names = days.entry(date).or_default();
        if !names.is_empty() {
            names.push_str("; ");
        }
        names.push_str(name);
    };
    let own = region.and_then(|code| known.regions.iter().find(|own| own.code == code));
    for holiday in known
        .holidays
        .iter()
        .chain(own.iter().flat_map(|own| &own.added))
    {
        for date in holiday.rules.iter().filter_map(|rule| rule.in_year(year)) {
            add(holiday.name, date);
        }
    }
    for holiday in own.iter().flat_map(|own| &own.gone) {
        for date in holiday.rules.iter().filter_map(|rule| rule.in_year(year)) {
            days.remove(&date);
        }
    }
    days
}

/// The name of the holiday on a date, if it is one.
pub fn on(country: &str, region: Option<&str>, date: Date) -> Option<String> {
    of_year(country, region, date.year()).remove(&date)
}

/// The first and last date with a calendar.
pub fn range() -> (Date, Date) {
    (date(*YEARS.start(), 1, 1), date(*YEARS.end(), 12, 31))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn whole_countries_and_regions_differ() {
        let names = |country, region, day| on(country, region, day);
        let bastille = date(2026, 7, 14);
        assert!(names("FR", None, bastille).is_some());
        assert!(names("DE", None, bastille).is_none());
        // Epiphany is kept in Bavaria and not in Berlin; St Stephen's in Alsace and not in the rest of France.
        let epiphany = date(2026, 1, 6);
        assert!(names("DE", Some("BY"), epiphany).is_some());
        assert!(names("DE", Some("BE"), epiphany).is_none());
        assert!(names("US", None, date(2026, 11, 26)).is_some());
        assert!(names("GB", Some("SCT"), date(2026, 11, 30)).is_some());
        assert!(names("GB", Some("ENG"), date(2026, 11, 30)).is_none());
        // Easter Monday moves.
        assert!(names("FR", None, date(2026, 4, 6)).is_some());
        assert!(names("FR", None, date(2027, 3, 29)).is_some());
    }

    #[test]
    fn what_is_not_known_has_none() {
        assert!(is_known("CH", Some("ZH")) && !is_known("CH", Some("XX")) && !is_known("ZZ", None));
        assert!(of_year("ZZ", None, 2026).is_empty());
        assert!(of_year("FR", Some("XX"), 2026).is_empty());
        assert!(of_year("FR", None, 2019).is_empty() && of_year("FR", None, 2041).is_empty());
    }

    #[test]
    fn every_line_of_the_data_was_understood() {
        let text = include_str!("../data/calendar.txt");
        let lines = text.lines().filter(|line| !line.starts_with('#')).count();
        let understood: usize = CALENDARS
            .iter()
            .map(|country| {
                let of_regions: usize = country
                    .regions
                    .iter()
                    .map(|region| 1 + region.added.len() + region.gone.len())
                    .sum();
                1 + country.holidays.len() + of_regions
            })
            .sum();
        assert_eq!(understood, lines);
        let empty = CALENDARS
            .iter()
            .flat_map(|country| &country.holidays)
            .find(|holiday| holiday.rules.is_empty());
        assert!(empty.is_none());
    }

    proptest! {
        #[test]
        fn holidays_lie_in_their_year_and_have_names(index in 0_usize..60, year in 2015_i16..2045) {
            let countries = countries();
            let country = &countries[index % countries.len()];
            let regions = country.regions.iter().map(|region| Some(region.code));
            for region in std::iter::once(None).chain(regions) {
                let days = of_year(country.code, region, year);
                // Ukraine keeps none while it is at war, so a known year may be empty.
                prop_assert!(YEARS.contains(&year) || days.is_empty(), "{} {:?}", country.code, region);
                for (day, name) in days {
                    prop_assert_eq!(day.year(), year);
                    prop_assert!(!name.is_empty());
                    prop_assert_eq!(on(country.code, region, day), Some(name));
                }
            }
        }
    }
}
