//! Is the zone setting of an ACD's clock right? The newest interval is held against the time at which it was seen.
//!
//! *With the start in UTC in the row*, clock time and UTC name the offset; another one than the zone's, over hours, is a
//! wrong zone (or a clock that runs wrong: the two look alike, so the wording stays open).
//! *Without it*, an interval that has not ended yet cannot be there, and an interval lands at the source one to two
//! intervals after its end. Newest rows from the future, or rows that are always too old although new ones keep coming,
//! are a wrong zone. A quiet night and a stopped archiver bring no new rows, so they say nothing.
//! Nothing is said after a few looks only.

use crate::time::UtcSecond;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};
use serde::{Deserialize, Serialize};

/// How far the clocks of source and hub may be apart, seconds.
const CLOCKS_APART_S: i64 = 5 * 60;
/// Longest run of the archiver after it may begin, seconds.
const ARCHIVER_S: i64 = 20 * 60;
/// A look is fresh when the one before was no longer ago, seconds: what is new then came meanwhile.
const FRESH_S: i64 = 2 * 3600;
/// Looks of one kind that settle the matter.
const ENOUGH_LOOKS: usize = 3;
/// Fresh looks that settle that rows are always old.
const ENOUGH_FRESH: usize = 8;
/// Time over which rows from the future must be seen, seconds.
const FUTURE_SPAN_S: i64 = 3600;
/// Time over which offsets must differ, seconds: a clock set by hand is set right again within hours.
const OFFSET_SPAN_S: i64 = 6 * 3600;
/// Time over which rows must always be old, seconds: most of a day has busy hours in it.
const BEHIND_SPAN_S: i64 = 20 * 3600;
/// Most zones that are named.
const MOST_NAMED: usize = 6;

/// Zones that are proposed: UTC, then one or a few for each clock that people live by.
const CANDIDATES: [&str; 44] = [
    "UTC",
    "Europe/London",
    "Europe/Lisbon",
    "Europe/Paris",
    "Europe/Berlin",
    "Europe/Madrid",
    "Europe/Athens",
    "Europe/Helsinki",
    "Europe/Istanbul",
    "Europe/Moscow",
    "Africa/Casablanca",
    "Africa/Lagos",
    "Africa/Cairo",
    "Africa/Johannesburg",
    "Asia/Jerusalem",
    "Asia/Dubai",
    "Asia/Tehran",
    "Asia/Karachi",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Asia/Dhaka",
    "Asia/Bangkok",
    "Asia/Singapore",
    "Asia/Shanghai",
    "Asia/Manila",
    "Asia/Tokyo",
    "Australia/Perth",
    "Australia/Darwin",
    "Australia/Adelaide",
    "Australia/Brisbane",
    "Australia/Sydney",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
    "Atlantic/Reykjavik",
    "America/Sao_Paulo",
    "America/Argentina/Buenos_Aires",
    "America/St_Johns",
    "America/Halifax",
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "Pacific/Honolulu",
];

/// The newest interval at one look at the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewestSeen {
    /// When it was looked, seconds since 1970 UTC.
    pub seen_utc_s: i64,
    /// Start of the newest interval on the ACD's clock.
    pub start_local: DateTime,
    /// The same instant as the row itself says, seconds since 1970 UTC; `None` where it does not.
    pub start_utc_s: Option<i64>,
    /// Length of the interval, seconds.
    pub length_s: i64,
}

/// Why a zone is doubted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// Rows name another offset themselves.
    Offset,
    /// Rows come before their interval has ended.
    Future,
    /// Rows are always older than the source takes to write them.
    Behind,
}

impl Cause {
    /// The stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Offset => "offset",
            Self::Future => "future",
            Self::Behind => "behind",
        }
    }
}

/// A zone setting that does not fit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doubt {
    /// Why.
    pub cause: Cause,
    /// Zones that fit, likely ones first; none when no usual zone does.
    pub likely: Vec<String>,
}

/// Holds a zone against looks at one ACD, in the order of time. `None`: it fits, or too little is known.
pub fn doubt(zone: &TimeZone, looks: &[NewestSeen]) -> Option<Doubt> {
    let cause = cause(zone, looks)?;
    let likely = match cause {
        Cause::Offset => named(|zone| looks.iter().all(|look| states(look, zone) != Some(false))),
        Cause::Future | Cause::Behind => likely(looks),
    };
    Some(Doubt { cause, likely })
}

/// Zones in which the newest interval of some look has been written just now, and none comes before its time. Wrong where no
/// look found new rows.
pub fn likely(looks: &[NewestSeen]) -> Vec<String> {
    let documented = named(|zone| lags_fit(zone, looks, 2));
    match documented.is_empty() {
        // A source that writes an interval at its own end.
        true => named(|zone| lags_fit(zone, looks, 1)),
        false => documented,
    }
}

fn cause(zone: &TimeZone, looks: &[NewestSeen]) -> Option<Cause> {
    let (first, last) = (looks.first()?, looks.last()?);
    let span_s = last.seen_utc_s - first.seen_utc_s;
    let stated: Vec<bool> = looks.iter().filter_map(|look| states(look, zone)).collect();
    if stated.len() >= ENOUGH_LOOKS {
        // The rows' own word outweighs how old they are.
        let none_fits = stated.iter().all(|fits| !fits);
        return (none_fits && span_s >= OFFSET_SPAN_S).then_some(Cause::Offset);
    }
    let early: Vec<_> = looks
        .iter()
        .filter(|look| lag_s(look, zone).is_some_and(|lag| lag < look.length_s - CLOCKS_APART_S))
        .collect();
    if let (Some(first), Some(last)) = (early.first(), early.last())
        && early.len() >= ENOUGH_LOOKS
        && last.seen_utc_s - first.seen_utc_s >= FUTURE_SPAN_S
    {
        return Some(Cause::Future);
    }
    let fresh = fresh(looks);
    let old = |look: &NewestSeen| {
        lag_s(look, zone).is_some_and(|lag| lag > 3 * look.length_s + ARCHIVER_S)
    };
    let always_old = fresh.len() >= ENOUGH_FRESH && fresh.iter().all(old);
    (always_old && span_s >= BEHIND_SPAN_S).then_some(Cause::Behind)
}

/// Whether clock time and UTC of the row go together under the zone; `None` without UTC.
fn states(look: &NewestSeen, zone: &TimeZone) -> Option<bool> {
    let utc = Timestamp::from_second(look.start_utc_s?).ok()?;
    let expected = zone.to_datetime(utc);
    let stated = Offset::UTC.to_timestamp(look.start_local).ok()?;
    let shown = Offset::UTC.to_timestamp(expected).ok()?;
    // A clock that is set by hand moves starts by less than an interval.
    Some((stated.as_second() - shown.as_second()).abs() < look.length_s.min(15 * 60))
}

/// Seconds from the start of the newest interval to the look; `None` for clock times that occur twice or never.
fn lag_s(look: &NewestSeen, zone: &TimeZone) -> Option<i64> {
    let start = zone.to_ambiguous_timestamp(look.start_local);
    if start.is_ambiguous() {
        return None;
    }
    let start = UtcSecond(start.compatible().ok()?.as_second());
    Some(look.seen_utc_s - start.0)
}

/// Looks at rows that came since the look before.
fn fresh(looks: &[NewestSeen]) -> Vec<NewestSeen> {
    let pairs = looks.iter().zip(looks.iter().skip(1));
    pairs
        .filter(|(before, look)| {
            look.start_local != before.start_local && look.seen_utc_s - before.seen_utc_s <= FRESH_S
        })
        .map(|(_, look)| *look)
        .collect()
}

/// The proposed zones that fit, likely ones first.
fn named(fits: impl Fn(&TimeZone) -> bool) -> Vec<String> {
    let fitting = CANDIDATES
        .iter()
        .filter(|name| TimeZone::get(name).is_ok_and(|zone| fits(&zone)));
    fitting
        .take(MOST_NAMED)
        .map(|&name| name.to_owned())
        .collect()
}

/// Whether the least time from the start of an interval to a look is `intervals` of them, and no more than the archiver
/// takes.
fn lags_fit(zone: &TimeZone, looks: &[NewestSeen], intervals: i64) -> bool {
    let lags = looks
        .iter()
        .filter_map(|look| Some((lag_s(look, zone)?, look.length_s)));
    lags.min().is_some_and(|(least, length_s)| {
        let range = intervals * length_s - CLOCKS_APART_S..=3 * length_s + ARCHIVER_S;
        range.contains(&least)
    })
}

#[cfg(test)]
mod tests;
