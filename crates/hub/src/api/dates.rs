//! Local dates and zones in queries.

use crate::error::{ApiResult, Problem};
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// A period of whole local days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days {
    /// First day.
    pub from: Date,
    /// Day after the last.
    pub to: Date,
}

impl Days {
    /// From `YYYY-MM-DD` texts; at least one day, at most `most`.
    pub fn parse(from: &str, to: &str, most: i32) -> ApiResult<Self> {
        let days = Self {
            from: date("from", from)?,
            to: date("to", to)?,
        };
        let length = days.length();
        if length < 1 {
            return Err(Problem::invalid(
                "invalid-period",
                "`to` is not after `from`; it is the day after the last one wanted",
            ));
        }
        if length > most {
            return Err(Problem::invalid(
                "invalid-period",
                format!("the period has {length} days; at most {most} are given at once"),
            )
            .remedy("ask for a shorter period or a coarser step"));
        }
        Ok(days)
    }

    /// Number of days.
    pub fn length(self) -> i32 {
        self.to.since(self.from).map_or(0, |span| span.get_days())
    }

    /// Each day.
    pub fn each(self) -> impl Iterator<Item = Date> {
        std::iter::successors(Some(self.from), |day| day.tomorrow().ok())
            .take_while(move |day| *day < self.to)
    }
}

/// A date as `YYYY-MM-DD`.
pub fn date(field: &'static str, text: &str) -> ApiResult<Date> {
    let plain = text.len() == 10;
    text.parse().ok().filter(|_| plain).ok_or_else(|| {
        Problem::invalid("invalid-date", format!("`{field}` is not a date"))
            .remedy("write it as YYYY-MM-DD")
    })
}

/// A zone by its IANA name.
pub fn zone(name: &str) -> ApiResult<TimeZone> {
    floorwire_model::time::zone(name).ok_or_else(|| {
        Problem::invalid("invalid-zone", "the time zone is not known")
            .remedy("write an IANA name such as Europe/Paris")
    })
}

/// The date that lies so many days after 1970-01-01, as `YYYY-MM-DD`.
pub fn from_day(days: i64) -> Option<String> {
    let span = jiff::Span::new().try_days(days).ok()?;
    Date::constant(1970, 1, 1)
        .checked_add(span)
        .ok()
        .map(|date| date.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_checked() {
        let days = Days::parse("2026-02-27", "2026-03-02", 400).unwrap();
        assert_eq!((days.length(), days.each().count()), (3, 3));
        assert_eq!(
            Days::parse("2026-01-02", "2026-01-02", 9)
                .unwrap_err()
                .code(),
            "invalid-period"
        );
        assert_eq!(
            Days::parse("2026-01-01", "2026-02-01", 9)
                .unwrap_err()
                .code(),
            "invalid-period"
        );
        assert_eq!(
            Days::parse("1.1.2026", "2026-02-01", 9).unwrap_err().code(),
            "invalid-date"
        );
        assert_eq!(
            Days::parse("2026-01-01T00:00", "2026-02-01", 9)
                .unwrap_err()
                .code(),
            "invalid-date"
        );
        assert_eq!(from_day(20_000).as_deref(), Some("2024-10-04"));
        assert!(zone("Mars/Olympus").is_err());
    }
}
