//! When a site is open: weekly hours of an ACD, days on which it is closed, and what follows for one slot. Pure.
//!
//! Hours are local to the clock of the ACD and speak for all its queues together. What was set counts before what was
//! learned (see [`learned`]); a holiday counts before both. Without any of them nothing is known, and a slot without rows
//! stays unknown.

pub mod learned;

use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Minutes of a day on the clock's face.
pub const MINUTES_OF_DAY: u16 = 24 * 60;

/// The week, Monday first.
pub const WEEKDAYS: [Weekday; 7] = [
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
    Weekday::Thursday,
    Weekday::Friday,
    Weekday::Saturday,
    Weekday::Sunday,
];

/// Index of a weekday in a week that begins on Monday.
pub fn weekday_index(day: Weekday) -> usize {
    usize::try_from(day.to_monday_zero_offset()).unwrap_or_default()
}

/// A time in which a site is open, minutes since midnight on the clock's face, `to` exclusive and at most 1440.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// First minute.
    pub from: u16,
    /// Minute after the last.
    pub to: u16,
}

impl Span {
    /// Checked: not empty, within a day.
    pub fn new(from: u16, to: u16) -> Option<Self> {
        (from < to && to <= MINUTES_OF_DAY).then_some(Self { from, to })
    }

    fn overlaps(self, other: Self) -> bool {
        self.from < other.to && other.from < self.to
    }
}

/// Opening hours by weekday, Monday first, spans in order and apart. A day without a span is closed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WeeklyHours([Vec<Span>; 7]);

impl WeeklyHours {
    /// From spans in any order; those that touch or overlap become one.
    pub fn new(days: [Vec<Span>; 7]) -> Self {
        Self(days.map(|mut spans| {
            spans.sort_unstable();
            let mut apart: Vec<Span> = Vec::with_capacity(spans.len());
            for span in spans {
                match apart.last_mut() {
                    Some(last) if span.from <= last.to => last.to = last.to.max(span.to),
                    _ => apart.push(span),
                }
            }
            apart
        }))
    }

    /// The spans of a weekday.
    pub fn of(&self, day: Weekday) -> &[Span] {
        &self.0[weekday_index(day)]
    }

    /// True when the site is open in a part of the time.
    pub fn is_open(&self, day: Weekday, time: Span) -> bool {
        self.of(day).iter().any(|span| span.overlaps(time))
    }

    /// True when it is never open.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(Vec::is_empty)
    }
}

/// The days on which a site is closed though it is open on that weekday.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HolidaySettings {
    /// Whose public holidays count, ISO 3166-1; `None`: nobody's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// A region of the country.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Further days, with a name or an empty one.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub added: BTreeMap<Date, String>,
    /// Public holidays on which the site is open.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub removed: BTreeSet<Date>,
}

/// Longest time without rows that is no alarm yet, minutes: two intervals of half an hour.
pub const USUAL_QUIET_MINUTES: u16 = 60;

/// When a site is open, as an administrator said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct BusinessHours {
    /// Weekly hours by the number of the ACD.
    pub acds: BTreeMap<i32, WeeklyHours>,
    /// Days on which all ACDs are closed.
    pub holidays: HolidaySettings,
    /// For ACDs without hours that are set, count what their rows show.
    pub use_learned: bool,
    /// So long an ACD may be without rows in open hours before it is a problem, minutes.
    pub quiet_minutes: u16,
}

impl Default for BusinessHours {
    fn default() -> Self {
        Self {
            acds: BTreeMap::new(),
            holidays: HolidaySettings::default(),
            use_learned: true,
            quiet_minutes: USUAL_QUIET_MINUTES,
        }
    }
}

impl BusinessHours {
    /// True when nobody said anything.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// What says that a site is open or closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Basis {
    /// Weekly hours that were set.
    Hours,
    /// A holiday.
    Holiday,
    /// The rows of at least eight weeks.
    Learned,
}

/// Whether a site is open in a slot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Opening {
    /// Nothing is set and the rows do not say.
    #[default]
    Unknown,
    /// In a part of it at least.
    Open(Basis),
    /// Not at all.
    Closed(Basis),
}

/// Whether an ACD is open in a slot of a date. `learned` is what its rows say, where they may be asked.
pub fn opening(
    hours: Option<&WeeklyHours>,
    is_holiday: bool,
    learned: impl FnOnce() -> Opening,
    day: Weekday,
    time: Span,
) -> Opening {
    if is_holiday {
        return Opening::Closed(Basis::Holiday);
    }
    match hours {
        Some(hours) if hours.is_open(day, time) => Opening::Open(Basis::Hours),
        Some(_) => Opening::Closed(Basis::Hours),
        None => learned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn span(from: u16, to: u16) -> Span {
        Span::new(from, to).unwrap()
    }

    #[test]
    fn a_slot_is_open_when_a_part_of_it_is() {
        let mut days = [const { Vec::new() }; 7];
        days[0] = vec![span(13 * 60, 18 * 60 + 15), span(8 * 60, 12 * 60)];
        let hours = WeeklyHours::new(days);
        let open = |from| hours.is_open(Weekday::Monday, span(from, from + 30));
        assert!(!open(7 * 60 + 30) && open(8 * 60) && open(11 * 60 + 30) && !open(12 * 60));
        assert!(open(18 * 60) && !open(18 * 60 + 30));
        assert!(!hours.is_open(Weekday::Tuesday, span(0, MINUTES_OF_DAY)));
        let at = |is_holiday, from| {
            opening(
                Some(&hours),
                is_holiday,
                || Opening::Unknown,
                Weekday::Monday,
                span(from, from + 30),
            )
        };
        assert_eq!(at(false, 480), Opening::Open(Basis::Hours));
        assert_eq!(at(false, 0), Opening::Closed(Basis::Hours));
        assert_eq!(at(true, 480), Opening::Closed(Basis::Holiday));
    }

    proptest! {
        #[test]
        fn joining_spans_changes_no_minute(spans in prop::collection::vec((0_u16..1440, 1_u16..400), 0..8)) {
            let spans: Vec<Span> = spans.into_iter().map(|(from, length)| span(from, (from + length).min(1440))).collect();
            let mut days = [const { Vec::new() }; 7];
            days[2].clone_from(&spans);
            let hours = WeeklyHours::new(days);
            for minute in 0..1440 {
                let time = span(minute, minute + 1);
                let said = spans.iter().any(|span| span.overlaps(time));
                prop_assert_eq!(hours.is_open(Weekday::Wednesday, time), said);
            }
            let apart = hours.of(Weekday::Wednesday).windows(2).all(|pair| pair[0].to < pair[1].from);
            prop_assert!(apart);
        }
    }
}
