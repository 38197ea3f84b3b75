//! Hours that the rows of an ACD show. Pure.
//!
//! Looked at are the quarters of an hour of each day: rows, no row, or not known (not read, or an outage). A quarter of a
//! weekday is *closed* when it was seen on at least [`LEAST_DAYS`] days of that weekday and never had a row, *open* when it
//! had rows on nine of ten of them; anything else is unclear and nothing follows from it. Around a date the
//! [`WINDOW_DAYS`] before and after count, the date itself does not: so history is judged by the hours of its own time,
//! and a hole never speaks for itself. Days of a silence of more than a week do not count: the source may have stopped, or
//! not begun. Holidays are left out by the caller.

use super::{Basis, MINUTES_OF_DAY, Opening, Span, WEEKDAYS, WeeklyHours, weekday_index};
use crate::ledger::SlotState;
use crate::time::Slot;
use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use std::collections::{BTreeMap, BTreeSet};

/// Days of one weekday that must have been seen: eight weeks.
pub const LEAST_DAYS: u16 = 8;
/// How far around a date its hours are learned from, days: thirteen weeks.
pub const WINDOW_DAYS: i64 = 7 * 13;

/// Longest silence between days with rows that can be a closure, days.
const LONGEST_CLOSURE_DAYS: i64 = 7;

/// Minutes of the finest interval of a source; coarser ones are several of them.
const BIN_MINUTES: u16 = 15;
const BINS: usize = 96;
/// Of so many days ...
const OF_DAYS: u16 = 10;
/// ... so many must have rows for a quarter to be open.
const WITH_ROWS: u16 = 9;

/// What a day showed of a quarter of an hour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Seen {
    #[default]
    Unknown,
    Nothing,
    Rows,
}

/// What one day showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObservedDay {
    date: Date,
    seen: [Seen; BINS],
}

fn bins(time: Span) -> std::ops::Range<usize> {
    let first = usize::from(time.from / BIN_MINUTES);
    let last = usize::from(time.to.div_ceil(BIN_MINUTES)).min(BINS);
    first..last
}

/// The time of a slot on the clock's face, to the end of its nominal length.
pub fn face(slot: &Slot, minutes: u16) -> Span {
    let from = u16::try_from(slot.local_start.minute_of_day()).unwrap_or_default();
    let to = (from - from % minutes.max(1) + minutes.max(1)).min(MINUTES_OF_DAY);
    Span { from, to }
}

impl ObservedDay {
    /// A day of which nothing is known yet.
    pub fn new(date: Date) -> Self {
        Self {
            date,
            seen: [Seen::Unknown; BINS],
        }
    }

    /// The date.
    pub fn date(&self) -> Date {
        self.date
    }

    fn has_rows(&self) -> bool {
        self.seen.contains(&Seen::Rows)
    }

    /// Takes a slot into account; one with an outage says nothing, unless it has rows.
    pub fn saw(&mut self, time: Span, state: SlotState, has_outage: bool) {
        let seen = match state {
            SlotState::Received | SlotState::Incomplete | SlotState::Corrected => Seen::Rows,
            SlotState::Missing if !has_outage => Seen::Nothing,
            _ => return,
        };
        for bin in &mut self.seen[bins(time)] {
            // Of a repeated hour rows count.
            if *bin != Seen::Rows {
                *bin = seen;
            }
        }
    }
}

/// Days seen and days with rows of each quarter of a week.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counts {
    seen: Box<[[u16; BINS]; 7]>,
    with_rows: Box<[[u16; BINS]; 7]>,
}

impl Default for Counts {
    fn default() -> Self {
        Self {
            seen: Box::new([[0; BINS]; 7]),
            with_rows: Box::new([[0; BINS]; 7]),
        }
    }
}

impl Counts {
    fn change(&mut self, day: &ObservedDay, by: impl Fn(u16) -> u16) {
        let weekday = weekday_index(day.date.weekday());
        let counts = self.seen[weekday]
            .iter_mut()
            .zip(&mut self.with_rows[weekday]);
        for ((seen, with_rows), bin) in counts.zip(&day.seen) {
            if *bin != Seen::Unknown {
                *seen = by(*seen);
            }
            if *bin == Seen::Rows {
                *with_rows = by(*with_rows);
            }
        }
    }

    /// Adds a day.
    pub fn add(&mut self, day: &ObservedDay) {
        self.change(day, |count| count.saturating_add(1));
    }

    /// Takes a day away that was added.
    pub fn remove(&mut self, day: &ObservedDay) {
        self.change(day, |count| count.saturating_sub(1));
    }

    /// What the days say of a time of a weekday.
    pub fn opening(&self, day: Weekday, time: Span) -> Opening {
        let weekday = weekday_index(day);
        let mut closed = true;
        for bin in bins(time) {
            let (seen, with_rows) = (self.seen[weekday][bin], self.with_rows[weekday][bin]);
            if is_open(seen, with_rows) {
                return Opening::Open(Basis::Learned);
            }
            closed &= is_closed(seen, with_rows);
        }
        if closed {
            Opening::Closed(Basis::Learned)
        } else {
            Opening::Unknown
        }
    }

    /// The hours that the days show, as a proposal.
    pub fn proposal(&self) -> Proposal {
        let mut open = [const { Vec::new() }; 7];
        let mut unclear = [const { Vec::new() }; 7];
        let mut least = u16::MAX;
        for weekday in 0..7 {
            for bin in 0..BINS {
                let (seen, with_rows) = (self.seen[weekday][bin], self.with_rows[weekday][bin]);
                least = least.min(seen);
                let from = u16::try_from(bin).unwrap_or_default() * BIN_MINUTES;
                let span = Span {
                    from,
                    to: from + BIN_MINUTES,
                };
                if is_open(seen, with_rows) {
                    open[weekday].push(span);
                } else if !is_closed(seen, with_rows) {
                    unclear[weekday].push(span);
                }
            }
        }
        Proposal {
            weeks: least,
            open: WeeklyHours::new(open),
            unclear: WeeklyHours::new(unclear),
        }
    }
}

fn is_open(seen: u16, with_rows: u16) -> bool {
    seen >= LEAST_DAYS && with_rows * OF_DAYS >= seen * WITH_ROWS
}

fn is_closed(seen: u16, with_rows: u16) -> bool {
    seen >= LEAST_DAYS && with_rows == 0
}

/// Hours that rows show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// So many days of each weekday were seen at least.
    pub weeks: u16,
    /// When the ACD is open.
    pub open: WeeklyHours,
    /// When rows do not say: some days have them, others not, or too few days were seen.
    pub unclear: WeeklyHours,
}

impl Proposal {
    /// True when every quarter of the week is clearly open or closed.
    pub fn is_unambiguous(&self) -> bool {
        self.unclear.is_empty()
    }

    /// Minutes of the week that are open.
    pub fn open_minutes(&self) -> u32 {
        let spans = WEEKDAYS.iter().flat_map(|day| self.open.of(*day));
        spans.map(|span| u32::from(span.to - span.from)).sum()
    }
}

/// The days an ACD's hours are learned from, and the hours around each date.
#[derive(Clone, Debug, Default)]
pub struct Learner {
    days: BTreeMap<Date, ObservedDay>,
    window: Counts,
    /// The date that the window lies around.
    around: Option<Date>,
}

impl Learner {
    /// Adds a day; of two of one date the later counts.
    pub fn observe(&mut self, day: ObservedDay) {
        self.days.insert(day.date, day);
        self.around = None;
    }

    /// Forgets the days of long silences; to be called once all days were observed.
    pub fn forget_silence(&mut self) {
        let busy: BTreeSet<Date> = self
            .days
            .values()
            .filter(|day| day.has_rows())
            .map(|day| day.date)
            .collect();
        self.days.retain(|date, _| {
            let before = busy.range(..=*date).next_back();
            let after = busy.range(*date..).next();
            before.zip(after).is_some_and(|(before, after)| {
                before
                    .checked_add((LONGEST_CLOSURE_DAYS + 1).days())
                    .is_ok_and(|latest| *after <= latest)
            })
        });
        self.around = None;
    }

    fn bounds(date: Date) -> (Date, Date) {
        let before = date.checked_sub(WINDOW_DAYS.days()).unwrap_or(Date::MIN);
        (
            before,
            date.checked_add(WINDOW_DAYS.days()).unwrap_or(Date::MAX),
        )
    }

    /// Counts of the days around a date, without itself. Dates asked for in order cost little.
    fn slide(&mut self, date: Date) {
        if self.around == Some(date) {
            return;
        }
        let (from, to) = Self::bounds(date);
        match self.around {
            Some(earlier) if earlier < date && date <= Self::bounds(earlier).1 => {
                let (old_from, old_to) = Self::bounds(earlier);
                for day in self.days.range(old_from..from).map(|(_, day)| day) {
                    self.window.remove(day);
                }
                for (at, day) in self.days.range(old_to..=to) {
                    if *at > old_to {
                        self.window.add(day);
                    }
                }
                if let Some(day) = self.days.get(&earlier).filter(|day| day.date >= from) {
                    self.window.add(day);
                }
                // It was in the window of the date before, and is left out of its own.
                if let Some(day) = self.days.get(&date) {
                    self.window.remove(day);
                }
            }
            _ => {
                self.window = Counts::default();
                let others = self.days.range(from..=to).filter(|(at, _)| **at != date);
                for (_, day) in others {
                    self.window.add(day);
                }
            }
        }
        self.around = Some(date);
    }

    /// What the days around a date say of a time of it.
    pub fn opening(&mut self, date: Date, time: Span) -> Opening {
        self.slide(date);
        self.window.opening(date.weekday(), time)
    }

    /// The hours that the newest days show, and the first and last of them.
    pub fn proposal(&self) -> Option<(Proposal, Date, Date)> {
        let last = *self.days.keys().next_back()?;
        let first = last
            .checked_sub((2 * WINDOW_DAYS).days())
            .unwrap_or(Date::MIN);
        let mut counts = Counts::default();
        let mut oldest = last;
        for (date, day) in self.days.range(first..).rev() {
            counts.add(day);
            oldest = *date;
        }
        Some((counts.proposal(), oldest, last))
    }
}

#[cfg(test)]
mod tests;
