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
