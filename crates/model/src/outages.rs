//! Why data is missing.

use crate::ids::AcdNumber;
use crate::streams::Quality;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Name of the stream of [`Outage`]s.
pub const OUTAGES: &str = "outages";

/// What disturbed the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutageReason {
    /// Data collection started.
    Started,
    /// The switch sent new translations.
    NewTranslations,
    /// Data collection was turned off.
    TurnedOff,
    /// The link was busied out.
    BusiedOut,
    /// The link timed out.
    TimedOut,
    /// The clock was set.
    ClockReset,
    /// The session went down.
    SessionDown,
    /// A reason we do not know, by its number.
    Other(i32),
}

impl OutageReason {
    const NAMED: [(Self, &'static str); 7] = [
        (Self::Started, "started"),
        (Self::NewTranslations, "newTranslations"),
        (Self::TurnedOff, "turnedOff"),
        (Self::BusiedOut, "busiedOut"),
        (Self::TimedOut, "timedOut"),
        (Self::ClockReset, "clockReset"),
        (Self::SessionDown, "sessionDown"),
    ];

    /// The stable name used in the database and the API; the number of a reason that has none.
    pub fn name(self) -> String {
        match self {
            Self::Other(number) => number.to_string(),
            named => {
                let known = Self::NAMED.into_iter().find(|(reason, _)| *reason == named);
                known.map_or("", |(_, name)| name).to_owned()
            }
        }
    }

    /// The inverse of [`Self::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        let known = Self::NAMED.into_iter().find(|(_, known)| *known == name);
        known
            .map(|(reason, _)| reason)
            .or_else(|| name.parse().ok().map(Self::Other))
    }
}

/// A time in which the source collected nothing, or doubtful data. Source: linkex.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outage {
    /// The ACD whose data is concerned.
    pub acd: AcdNumber,
    /// The local date of the source row.
    pub row_date: Date,
    /// First second that may be concerned, since 1970 UTC.
    pub start_utc_s: i64,
    /// End, exclusive.
    pub end_utc_s: i64,
    /// Seconds for which collection was off, as the source says.
    pub duration_s: i64,
    /// Why.
    pub reason: OutageReason,
    /// *Ambiguous* where start and end hold more than the duration, since the source's moment may be either.
    pub quality: Quality,
}

impl Outage {
    /// True for a setting of the clock: no time without data, but a witness of doubled or skipped local times.
    pub fn is_clock_evidence(&self) -> bool {
        self.reason == OutageReason::ClockReset
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_stored_by_name() {
        let named = OutageReason::NAMED.map(|(reason, _)| reason);
        for reason in named.into_iter().chain([OutageReason::Other(12)]) {
            assert_eq!(OutageReason::from_name(&reason.name()), Some(reason));
        }
        assert_eq!(OutageReason::from_name("other"), None);
    }
}
