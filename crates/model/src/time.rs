//! Local time and instants.
//!
//! A CMS stamps rows with what its wall clock showed. [`resolve`] turns such a [`LocalMinute`] into an
//! instant under a zone, and says when the minute occurred twice (clock set back) or never (set forward).
//! [`day_slots`] cuts one local day into its slots: a day has 23, 23.5, 24, 24.5 or 25 hours, and each
//! interval of it exactly one slot.
//!
//! A slot begins wherever the local minute of the day is a multiple of the interval length, and wherever
//! the clock changes; so a clock change that does not fall on an interval boundary makes one slot shorter.

use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

/// Whole seconds since 1970-01-01T00:00:00 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UtcSecond(pub i64);

/// What a wall clock shows, to the minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LocalMinute {
    date: Date,
    minute_of_day: i16,
}

/// Minutes in a day of 24 hours.
const MINUTES_PER_DAY: i16 = 24 * 60;

impl LocalMinute {
    /// From a date and minutes since midnight on the clock's face (0..1440).
    pub fn new(date: Date, minute_of_day: i16) -> Option<Self> {
        (0..MINUTES_PER_DAY)
            .contains(&minute_of_day)
            .then_some(Self {
                date,
                minute_of_day,
            })
    }

    /// From a date and HHMM as an integer without leading zeros (0, 30, 130, 2345).
    /// Source: hsplit.starttime.
    pub fn from_hhmm(date: Date, hhmm: i32) -> Option<Self> {
        let (hour, minute) = (hhmm.div_euclid(100), hhmm.rem_euclid(100));
        if !(0..24).contains(&hour) || minute >= 60 {
            return None;
        }
        Self::new(date, i16::try_from(hour * 60 + minute).ok()?)
    }

    /// The date.
    pub fn date(self) -> Date {
        self.date
    }

    /// Minutes since midnight on the clock's face.
    pub fn minute_of_day(self) -> i16 {
        self.minute_of_day
    }

    fn civil(self) -> DateTime {
        let (hour, minute) = (self.minute_of_day / 60, self.minute_of_day % 60);
        // Both are in range by construction, so the fallback is never taken.
        self.date.at(
            i8::try_from(hour).unwrap_or(0),
            i8::try_from(minute).unwrap_or(0),
            0,
            0,
        )
    }
}

/// What a local minute means under a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolved {
    /// It occurred once.
    Once(UtcSecond),
    /// It occurred twice: the clock was set back over it.
    Twice {
        /// Before the clock was set back.
        first: UtcSecond,
        /// After it was set back.
        second: UtcSecond,
    },
    /// It never occurred: the clock was set forward over it. `shifted` is the instant that a clock
    /// which was not set forward would call by this name.
    Never {
        /// The instant under the offset in force before the change.
        shifted: UtcSecond,
    },
    /// The date lies outside the years a clock of this program can show (-9999 to 9999).
    OutOfRange,
}

impl Resolved {
    /// The rule used where nothing tells more: the first of two, and the shifted one of none.
    pub fn earliest(self) -> Option<UtcSecond> {
        match self {
            Self::Once(instant)
            | Self::Twice { first: instant, .. }
            | Self::Never { shifted: instant } => Some(instant),
            Self::OutOfRange => None,
        }
    }

    /// True when `instant` is one of the instants this minute stands for.
    pub fn includes(self, instant: UtcSecond) -> bool {
        match self {
            Self::Once(only) => only == instant,
            Self::Twice { first, second } => first == instant || second == instant,
            Self::Never { .. } | Self::OutOfRange => false,
        }
    }
}

/// The zone of that IANA name from the bundled database.
pub fn zone(name: &str) -> Option<TimeZone> {
    TimeZone::get(name).ok()
}

/// Turns what a wall clock showed into an instant.
pub fn resolve(local: LocalMinute, zone: &TimeZone) -> Resolved {
    let civil = local.civil();
    let instant = |offset: jiff::tz::Offset| {
        offset
            .to_timestamp(civil)
            .map(|at| UtcSecond(at.as_second()))
    };
    let resolved = match zone.to_ambiguous_timestamp(civil).offset() {
        AmbiguousOffset::Unambiguous { offset } => instant(offset).map(Resolved::Once),
        AmbiguousOffset::Fold { before, after } => instant(before)
            .and_then(|first| instant(after).map(|second| Resolved::Twice { first, second })),
        AmbiguousOffset::Gap { before, .. } => {
            instant(before).map(|shifted| Resolved::Never { shifted })
        }
    };
    resolved.unwrap_or(Resolved::OutOfRange)
}

/// What the wall clock of `zone` shows at `instant` (seconds of the minute are dropped).
pub fn local_minute(instant: UtcSecond, zone: &TimeZone) -> Option<LocalMinute> {
    let timestamp = Timestamp::from_second(instant.0).ok()?;
    let civil = zone.to_datetime(timestamp);
    LocalMinute::new(
        civil.date(),
        i16::from(civil.hour()) * 60 + i16::from(civil.minute()),
    )
}

/// One slot of a local day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Start, seconds since 1970 UTC.
    pub start: UtcSecond,
    /// Length in seconds: the interval, or less where the clock changed inside it.
    pub length_s: i64,
    /// What the wall clock showed at the start.
    pub local_start: LocalMinute,
    /// 0 for the first slot with this local start on its day, 1 for the second.
    pub occurrence: u8,
}

impl Slot {
    /// The minute of the day by which a source names the slot: the last multiple of the interval that the clock's face
    /// passed. It is the slot's own start but where the clock changed within an interval.
    pub fn name(&self, interval_minutes: u16) -> i16 {
        let minute = self.local_start.minute_of_day();
        let interval = i16::try_from(interval_minutes).unwrap_or(MINUTES_PER_DAY);
        minute - minute.checked_rem(interval).unwrap_or(0)
    }

    /// End, exclusive.
    pub fn end(&self) -> UtcSecond {
        UtcSecond(self.start.0 + self.length_s)
    }
}

/// Why a day cannot be cut into slots.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SlotError {
    /// CMS stores 15, 30 or 60 minutes; any divisor of a day works.
    #[error(
        "an interval of {0} minutes does not divide a day; the source should state 15, 30 or 60"
    )]
    IntervalDoesNotDivideDay(u16),
    /// The date is outside the supported years.
    #[error("date {0} is outside the years that can be converted")]
    OutOfRange(Date),
}

/// The instants at which the local day `date` begins and ends under `zone`.
pub fn day_bounds(date: Date, zone: &TimeZone) -> Result<(UtcSecond, UtcSecond), SlotError> {
    let out_of_range = || SlotError::OutOfRange(date);
    let midnight = |day: Date| {
        day.to_zoned(zone.clone())
            .map(|zoned| UtcSecond(zoned.timestamp().as_second()))
    };
    let start = midnight(date).map_err(|_| out_of_range())?;
    let next = date.checked_add(1.day()).map_err(|_| out_of_range())?;
    let end = midnight(next).map_err(|_| out_of_range())?;
    Ok((start, end))
}

/// Cuts a local day into its slots, in order, without gap or overlap.
pub fn day_slots(
    date: Date,
    zone: &TimeZone,
    interval_minutes: u16,
) -> Result<Vec<Slot>, SlotError> {
    let wrong_interval = || SlotError::IntervalDoesNotDivideDay(interval_minutes);
    let interval = i64::from(interval_minutes);
    if interval == 0 || i64::from(MINUTES_PER_DAY) % interval != 0 {
        return Err(wrong_interval());
    }
    let out_of_range = || SlotError::OutOfRange(date);
    let (day_start, day_end) = day_bounds(date, zone)?;
    let mut slots: Vec<Slot> = Vec::new();
    let mut start = day_start;
    while start < day_end {
        let local_start = local_minute(start, zone).ok_or_else(out_of_range)?;
        let into_interval = i64::from(local_start.minute_of_day()) % interval;
        let by_clock = UtcSecond(start.0 + (interval - into_interval) * 60);
        let end = next_change(start, zone)
            .map_or(by_clock, |change| change.min(by_clock))
            .min(day_end);
        let occurrence = u8::from(
            slots
                .iter()
                .any(|earlier| earlier.local_start == local_start),
        );
        slots.push(Slot {
            start,
            length_s: end.0 - start.0,
            local_start,
            occurrence,
        });
        start = end;
    }
    Ok(slots)
}

/// The next instant after `from` at which the zone's offset changes.
fn next_change(from: UtcSecond, zone: &TimeZone) -> Option<UtcSecond> {
    let timestamp = Timestamp::from_second(from.0).ok()?;
    let offset = zone.to_offset(timestamp);
    zone.following(timestamp)
        .find(|change| change.offset() != offset)
        .map(|change| UtcSecond(change.timestamp().as_second()))
}

#[cfg(test)]
mod tests;
