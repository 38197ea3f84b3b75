//! When dates are read again, as the API shows and takes it.

use crate::error::{ApiResult, Problem};
use crate::rereading::Rereading as Stored;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Three years, as far back as anything is imported.
const MOST_NIGHTLY_DAYS: u16 = 1_096;
const MOST_RECENT_INTERVALS: u16 = 96;
const MOST_RECENT_DAYS_MINUTES: u32 = 24 * 60;
const LEAST_RECENT_DAYS_MINUTES: u32 = 5;
const MOST_GRACE_SECONDS: u32 = 900;
const MOST_SPREAD_SECONDS: u32 = 900;

/// When dates that were read are read again, so that corrections arrive. What is left out is the default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Rereading {
    /// How often an interval is read at least, the first reading included, 1 to 96; default 2.
    pub recent_intervals: u16,
    /// Minutes after which today and yesterday are read again, 5 to 1440; 0: never; default 60.
    pub recent_days_minutes: u32,
    /// How many days back dates are read every night, up to 1096; 0: none; default 7.
    pub nightly_days: u16,
    /// The hour at which the night's reading begins, 0 to 23, on the clock that stamps the rows; default 3.
    pub night_hour: u8,
    /// Whether everything that the source holds is read once a week, a seventh each night; default true.
    pub weekly: bool,
    /// Seconds between the moment at which an interval can be read and its reading, up to 900; default 15.
    pub grace_seconds: u32,
    /// Integrations are spread over so many seconds, 1 to 900; default 45.
    pub spread_seconds: u32,
    /// Whether the source is first asked if a date has changed, and its rows are read only then; default true.
    pub fingerprints: bool,
}

impl Default for Rereading {
    fn default() -> Self {
        Stored::default().into()
    }
}

impl From<Stored> for Rereading {
    fn from(stored: Stored) -> Self {
        Self {
            recent_intervals: stored.recent_intervals,
            recent_days_minutes: stored.recent_days_minutes,
            nightly_days: stored.nightly_days,
            night_hour: stored.night_hour,
            weekly: stored.weekly,
            grace_seconds: stored.grace_seconds,
            spread_seconds: stored.spread_seconds,
            fingerprints: stored.fingerprints,
        }
    }
}

impl Rereading {
    /// Checked, as the hub keeps it.
    pub fn checked(self) -> ApiResult<Stored> {
        let minutes = self.recent_days_minutes;
        let limits = [
            (
                (1..=MOST_RECENT_INTERVALS).contains(&self.recent_intervals),
                format!("`recentIntervals` is 1 to {MOST_RECENT_INTERVALS}"),
            ),
            (
                minutes == 0
                    || (LEAST_RECENT_DAYS_MINUTES..=MOST_RECENT_DAYS_MINUTES).contains(&minutes),
                format!(
                    "`recentDaysMinutes` is {LEAST_RECENT_DAYS_MINUTES} to {MOST_RECENT_DAYS_MINUTES}, or 0 for never"
                ),
            ),
            (
                self.nightly_days <= MOST_NIGHTLY_DAYS,
                format!("`nightlyDays` is 0 to {MOST_NIGHTLY_DAYS}"),
            ),
            (self.night_hour <= 23, "`nightHour` is 0 to 23".to_owned()),
            (
                self.grace_seconds <= MOST_GRACE_SECONDS,
                format!("`graceSeconds` is 0 to {MOST_GRACE_SECONDS}"),
            ),
            (
                (1..=MOST_SPREAD_SECONDS).contains(&self.spread_seconds),
                format!("`spreadSeconds` is 1 to {MOST_SPREAD_SECONDS}"),
            ),
        ];
        if let Some((_, limit)) = limits.into_iter().find(|(within, _)| !within) {
            return Err(Problem::invalid(
                "invalid-rereading",
                format!("`rereading`: {limit}"),
            ));
        }
        Ok(Stored {
            recent_intervals: self.recent_intervals,
            recent_days_minutes: self.recent_days_minutes,
            nightly_days: self.nightly_days,
            night_hour: self.night_hour,
            weekly: self.weekly,
            grace_seconds: self.grace_seconds,
            spread_seconds: self.spread_seconds,
            fingerprints: self.fingerprints,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiers_round_trip_and_impossible_ones_are_refused() {
        let given: Rereading =
            serde_json::from_str(r#"{"nightHour":23,"recentDaysMinutes":0,"fingerprints":false}"#)
                .unwrap();
        let stored = given.clone().checked().unwrap();
        assert_eq!((stored.night_hour, stored.recent_intervals), (23, 2));
        assert!(!stored.fingerprints && Rereading::default().fingerprints);
        assert_eq!(Rereading::from(stored), given);
        for wrong in [
            r#"{"nightHour":24}"#,
            r#"{"recentDaysMinutes":4}"#,
            r#"{"recentIntervals":0}"#,
            r#"{"spreadSeconds":0}"#,
            r#"{"nightlyDays":2000}"#,
        ] {
            let wrong: Rereading = serde_json::from_str(wrong).unwrap();
            assert_eq!(wrong.checked().unwrap_err().code(), "invalid-rereading");
        }
    }
}
