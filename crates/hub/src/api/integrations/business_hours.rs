//! Business hours and holidays as the API shows and takes them.

use super::mirrored;
use crate::api::dates;
use crate::error::{ApiResult, Problem};
use floorwire_model::hours::{
    BusinessHours as Hours, HolidaySettings, MINUTES_OF_DAY, Span, USUAL_QUIET_MINUTES, WEEKDAYS,
    WeeklyHours, weekday_index,
};
use jiff::civil::Weekday as Day;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

const MOST_SPANS: usize = 7 * 24;
const MOST_DAYS: usize = 1000;
const LONGEST_NAME: usize = 100;
/// A day: a site that is open longer at a time without any call has no use for an alarm.
const LONGEST_QUIET: u16 = MINUTES_OF_DAY;

/// When a site is open. What is closed and has no rows is zero; what is open and has none is an alarm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BusinessHours {
    /// Weekly hours by the number of the ACD, on its clock. For ACDs left out, see `useLearned`.
    #[serde(default)]
    #[schema(required)]
    pub acds: BTreeMap<String, Vec<WeekSpan>>,
    /// Days on which all ACDs are closed.
    #[serde(default)]
    #[schema(required)]
    pub holidays: Holidays,
    /// For ACDs without hours here, count what their rows of at least eight weeks show, where they are clear.
    #[serde(default = "yes")]
    #[schema(required)]
    pub use_learned: bool,
    /// So long an ACD may be without rows in open hours before it is a problem, minutes, 15 to 1440.
    #[serde(default = "usual_quiet_minutes")]
    #[schema(required)]
    pub quiet_minutes: u16,
}

fn yes() -> bool {
    true
}

fn usual_quiet_minutes() -> u16 {
    USUAL_QUIET_MINUTES
}

/// A time of the week. A night over midnight is two of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WeekSpan {
    /// The day.
    pub day: Weekday,
    /// Begin, `HH:MM` on the ACD's clock.
    pub from: String,
    /// End, `HH:MM`; `24:00` is the end of the day.
    pub to: String,
}

mirrored! {
    /// A day of the week.
    Weekday of Day {
        /// Monday.
        Monday,
        /// Tuesday.
        Tuesday,
        /// Wednesday.
        Wednesday,
        /// Thursday.
        Thursday,
        /// Friday.
        Friday,
        /// Saturday.
        Saturday,
        /// Sunday.
        Sunday,
    }
}

/// Days on which a site is closed though it is open on that weekday.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Holidays {
    /// Whose public holidays count, ISO 3166-1; null: nobody's.
    #[schema(required)]
    pub country: Option<String>,
    /// A region of the country; null: only what the whole country keeps.
    #[schema(required)]
    pub region: Option<String>,
    /// Further days, `YYYY-MM-DD`, with a name or an empty one.
    #[schema(required)]
    pub added: BTreeMap<String, String>,
    /// Public holidays on which the site is open, `YYYY-MM-DD`.
    #[schema(required)]
    pub removed: Vec<String>,
}

/// Hours as a list of spans.
pub fn week_spans(hours: &WeeklyHours) -> Vec<WeekSpan> {
    let spans = WEEKDAYS.iter().flat_map(|day| {
        let spans = hours.of(*day).iter();
        spans.map(|span| WeekSpan {
            day: (*day).into(),
            from: hhmm(span.from),
            to: hhmm(span.to),
        })
    });
    spans.collect()
}

fn hhmm(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

fn invalid(detail: String) -> Problem {
    Problem::invalid("invalid-business-hours", detail)
}

fn minute(text: &str) -> ApiResult<u16> {
    let wrong = || invalid(format!("`{text}` is not a time from 00:00 to 24:00"));
    let plain = text.len() == 5
        && text
            .bytes()
            .all(|byte| byte == b':' || byte.is_ascii_digit());
    let (hour, minute) = text.split_once(':').filter(|_| plain).ok_or_else(wrong)?;
    let hour: u16 = hour.parse().map_err(|_| wrong())?;
    let minute: u16 = minute.parse().map_err(|_| wrong())?;
    let all = hour * 60 + minute;
    let fits = minute < 60 && all <= MINUTES_OF_DAY;
    fits.then_some(all).ok_or_else(wrong)
}

fn weekly(spans: &[WeekSpan]) -> ApiResult<WeeklyHours> {
    if spans.len() > MOST_SPANS {
        return Err(invalid(format!("an acd has more than {MOST_SPANS} spans")));
    }
    let mut days = [const { Vec::new() }; 7];
    for span in spans {
        let (from, to) = (minute(&span.from)?, minute(&span.to)?);
        let checked = Span::new(from, to).ok_or_else(|| {
            let detail = format!("{} to {} is not a time of one day", span.from, span.to);
            invalid(detail)
                .remedy("enter a night over midnight as two spans, one to 24:00 and one from 00:00")
        })?;
        days[weekday_index(span.day.into())].push(checked);
    }
    Ok(WeeklyHours::new(days))
}

impl BusinessHours {
    /// Checked, as the hub keeps it.
    pub fn checked(self) -> ApiResult<Hours> {
        let mut acds = BTreeMap::new();
        for (acd, spans) in &self.acds {
            let number = acd.parse::<i16>().ok().filter(|number| *number > 0);
            let number = number.ok_or_else(|| {
                invalid(format!("`{acd}` is not the number of an acd, 1 to 32767"))
            })?;
            acds.insert(i32::from(number), weekly(spans)?);
        }
        if !(15..=LONGEST_QUIET).contains(&self.quiet_minutes) {
            let detail = format!(
                "`quietMinutes` is {}; it can be 15 to {LONGEST_QUIET}",
                self.quiet_minutes
            );
            return Err(invalid(detail));
        }
        Ok(Hours {
            acds,
            holidays: self.holidays.checked()?,
            use_learned: self.use_learned,
            quiet_minutes: self.quiet_minutes,
        })
    }
}

impl Holidays {
    fn checked(self) -> ApiResult<HolidaySettings> {
        let known = match (&self.country, &self.region) {
            (Some(country), region) => floorwire_holidays::is_known(country, region.as_deref()),
            (None, region) => region.is_none(),
        };
        if !known {
            return Err(invalid(
                "`country` or `region` is not one with a calendar; see /holidays/countries"
                    .to_owned(),
            ));
        }
        if self.added.len() > MOST_DAYS || self.removed.len() > MOST_DAYS {
            return Err(invalid(format!("there are more than {MOST_DAYS} days")));
        }
        let mut added = BTreeMap::new();
        for (text, name) in self.added {
            let name = name.trim().to_owned();
            if name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
                let detail = format!(
                    "the name of {text} has more than {LONGEST_NAME} characters or several lines"
                );
                return Err(invalid(detail));
            }
            added.insert(dates::date("added", &text)?, name);
        }
        let removed = self.removed.iter();
        Ok(HolidaySettings {
            country: self.country,
            region: self.region,
            added,
            removed: removed
                .map(|text| dates::date("removed", text))
                .collect::<ApiResult<_>>()?,
        })
    }
}

impl From<Hours> for BusinessHours {
    fn from(hours: Hours) -> Self {
        let acds = hours.acds.iter();
        let holidays = hours.holidays;
        Self {
            acds: acds
                .map(|(acd, hours)| (acd.to_string(), week_spans(hours)))
                .collect(),
            holidays: Holidays {
                country: holidays.country,
                region: holidays.region,
                added: holidays
                    .added
                    .into_iter()
                    .map(|(date, name)| (date.to_string(), name))
                    .collect(),
                removed: holidays.removed.iter().map(ToString::to_string).collect(),
            },
            use_learned: hours.use_learned,
            quiet_minutes: hours.quiet_minutes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> ApiResult<Hours> {
        serde_json::from_str::<BusinessHours>(text)
            .unwrap()
            .checked()
    }

    #[test]
    fn hours_and_holidays_round_trip() {
        let text = r#"{"acds":{"2":[{"day":"friday","from":"20:00","to":"24:00"},{"day":"monday","from":"08:00","to":"12:00"}]},
            "holidays":{"country":"DE","region":"BY","added":{"2026-06-04":"outing"},"removed":["2026-01-06"]},"quietMinutes":90}"#;
        let stored = read(text).unwrap();
        assert!(stored.use_learned);
        let kept = serde_json::to_string(&stored).unwrap();
        assert_eq!(serde_json::from_str::<Hours>(&kept).unwrap(), stored);
        let shown = BusinessHours::from(stored.clone());
        assert_eq!(shown.acds["2"].len(), 2);
        assert_eq!(shown.acds["2"][1].to, "24:00");
        assert_eq!(shown.checked().unwrap(), stored);
        assert!(read("{}").unwrap().is_default());
    }

    #[test]
    fn what_cannot_be_is_refused() {
        for text in [
            r#"{"acds":{"0":[]}}"#,
            r#"{"acds":{"1":[{"day":"monday","from":"22:00","to":"06:00"}]}}"#,
            r#"{"acds":{"1":[{"day":"monday","from":"8:00","to":"18:00"}]}}"#,
            r#"{"acds":{"1":[{"day":"monday","from":"08:00","to":"24:30"}]}}"#,
            r#"{"holidays":{"country":"ZZ"}}"#,
            r#"{"holidays":{"region":"BY"}}"#,
            r#"{"quietMinutes":5}"#,
        ] {
            assert_eq!(
                read(text).unwrap_err().code(),
                "invalid-business-hours",
                "{text}"
            );
        }
        assert_eq!(
            read(r#"{"holidays":{"removed":["1.5.2026"]}}"#)
                .unwrap_err()
                .code(),
            "invalid-date"
        );
    }
}
