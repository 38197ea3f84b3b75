//! From stored rows and the ledger to the slots of an answer. Pure.
//!
//! Every slot of every local day of the answer is given, whether anything is known of it or not. What is known of a source
//! slot without a row of the queue follows from the ledger of the ACD (see [`floorwire_model::absence`]): nothing happened
//! in this queue (zero), the site was closed (zero), or nothing is known, never zero. A slot of the answer that is coarser than the source's adds the source
//! slots in it; when only some of them are known it is incomplete.
//!
//! A source slot must lie within one slot of the answer. Where the zone of the answer cuts source slots in two, figures
//! cannot be told apart, and the request is refused. A row that spans more than its slot gives its figures to the slot it
//! starts in; all the slots it spans are ambiguous. So is a slot whose name the clock had shown before, when the row of that
//! name does not say which it means (the repeated hour of a clock set back): the first of the two has the figures. A slot of
//! the answer that holds both of them, such as a day, counts the row once and is exact: it is not ambiguous, and its mark
//! says what else there is to say of it.

use super::dto::{Coverage, Figures, QueueSlot, SlotQuality, SlotReason, SlotSource};
use super::figures::Sum;
use crate::api::types::Instant;
use crate::store::intervals::StoredInterval;
use floorwire_model::absence::{Absent, UnknownBecause, ZeroBecause};
use floorwire_model::hours::Basis;
use floorwire_model::ledger::SlotState;
use floorwire_model::streams::Quality;

/// A slot of the answer, before anything is known of it. Seconds since 1970 UTC, `end` exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Start.
    pub start: i64,
    /// End.
    pub end: i64,
}

/// A slot of the source with what the ledger says of it at present.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourceSlot {
    /// Where it lies.
    pub bounds: Bounds,
    /// What is known of the ACD in it.
    pub state: SlotState,
    /// What it means that a queue has no row in it.
    pub absent: Absent,
    /// The earlier slot of its day that the source calls by the same name, where a clock was set back.
    pub repeats: Option<Bounds>,
}

impl SourceSlot {
    /// True when one of the rows may mean this slot as well as the one that it repeats.
    fn may_be_meant(&self, rows: &[StoredInterval]) -> bool {
        let Some(first) = self.repeats else {
            return false;
        };
        let from = rows.partition_point(|row| row.start_utc_s < first.start);
        rows[from..]
            .iter()
            .take_while(|row| row.start_utc_s < first.end)
            .any(|row| row.quality == Quality::Ambiguous)
    }
}

/// Where a row ends; one that means either of two slots of a name speaks for its own and that other one, and for none
/// between them.
fn end_of(row: &StoredInterval) -> i64 {
    match row.quality {
        Quality::Ambiguous => i64::MIN,
        _ => row.start_utc_s + row.length_s,
    }
}

/// True when every slot that an ambiguous row may mean lies in one slot of the answer.
fn is_within(row: &StoredInterval, slot: &Bounds, source: &[SourceSlot]) -> bool {
    let means = |first: Bounds| (first.start..first.end).contains(&row.start_utc_s);
    let mut others = source
        .iter()
        .filter(|part| part.repeats.is_some_and(means))
        .map(|part| part.bounds.end)
        .peekable();
    // Without a slot of the same name nobody knows what else it may mean.
    others.peek().is_some() && others.all(|end| end <= slot.end)
}

/// The answer's slots do not fit the source's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DoesNotFit {
    /// Start of the source slot that lies across a boundary.
    pub start: i64,
}

/// Fills the slots of an answer. All three lists are in ascending order; `rows` may begin before the first slot.
pub fn fill(
    bounds: &[Bounds],
    source: &[SourceSlot],
    rows: &[StoredInterval],
) -> Result<Vec<QueueSlot>, DoesNotFit> {
    let mut slots = Vec::with_capacity(bounds.len());
    let mut next_source = 0;
    let mut next_row = 0;
    // where the longest row so far ends
    let mut spanned_until = i64::MIN;
    for slot in bounds {
        while rows
            .get(next_row)
            .is_some_and(|row| row.start_utc_s < slot.start)
        {
            spanned_until = spanned_until.max(end_of(&rows[next_row]));
            next_row += 1;
        }
        while source
            .get(next_source)
            .is_some_and(|source| source.bounds.end <= slot.start)
        {
            next_source += 1;
        }
        let mut known = Known {
            ambiguous: spanned_until > slot.start,
            ..Known::default()
        };
        let first_row = next_row;
        while rows
            .get(next_row)
            .is_some_and(|row| row.start_utc_s < slot.end)
        {
            known.add_row(&rows[next_row], slot, source);
            next_row += 1;
        }
        let own_rows = &rows[first_row..next_row];
        while let Some(part) = source
            .get(next_source)
            .filter(|part| part.bounds.start < slot.end)
        {
            if part.bounds.start < slot.start || part.bounds.end > slot.end {
                return Err(DoesNotFit {
                    start: part.bounds.start,
                });
            }
            let starts_in = |row: &StoredInterval| {
                (part.bounds.start..part.bounds.end).contains(&row.start_utc_s)
            };
            let covered = |row: &StoredInterval| {
                row.start_utc_s <= part.bounds.start && part.bounds.start < end_of(row)
            };
            let has_row = own_rows.iter().any(|row| starts_in(row) || covered(row));
            if part.may_be_meant(rows) {
                // A row that began in this slot is in its sum, whichever of the two it means.
                known.ambiguous |= part.repeats.is_some_and(|first| first.start < slot.start);
            } else if !has_row && spanned_until <= part.bounds.start {
                known.add_absence(part);
            }
            next_source += 1;
        }
        slots.extend(known.into_slot(slot));
        for row in own_rows {
            spanned_until = spanned_until.max(end_of(row));
        }
    }
    Ok(slots)
}

/// What is known of one slot of the answer.
#[derive(Debug, Default)]
struct Known {
    sum: Sum,
    rows: u32,
    zeros: u32,
    closed: u32,
    /// Why the first slot that is zero is, and why the first that is unknown is.
    zero_reason: Option<SlotReason>,
    unknown_reason: Option<SlotReason>,
    incomplete: bool,
    ambiguous: bool,
    missing: u32,
    expected: u32,
    not_yet_due: u32,
    outage: u32,
    out_of_range: u32,
}

impl Known {
    fn add_row(&mut self, row: &StoredInterval, slot: &Bounds, source: &[SourceSlot]) {
        self.sum.add_row(&row.measures);
        self.rows += 1;
        match row.quality {
            Quality::Final => {}
            Quality::Ambiguous => self.ambiguous |= !is_within(row, slot, source),
            Quality::Shifted => self.ambiguous = true,
            Quality::Incomplete => self.incomplete = true,
        }
        if row.start_utc_s + row.length_s > slot.end {
            self.ambiguous = true;
        }
    }

    fn add_absence(&mut self, part: &SourceSlot) {
        match part.absent {
            Absent::Zero(because) => {
                let (count, reason) = match because {
                    ZeroBecause::OtherRows => (&mut self.zeros, SlotReason::OtherRows),
                    ZeroBecause::Closed(basis) => (&mut self.closed, of_basis(basis)),
                };
                *count += 1;
                self.zero_reason.get_or_insert(reason);
            }
            Absent::Unknown(because) => {
                self.add_unknown(part.state, because);
                if self.unknown_reason.is_none() {
                    self.unknown_reason = of_unknown(because);
                }
            }
        }
    }

    fn add_unknown(&mut self, state: SlotState, because: UnknownBecause) {
        match state {
            _ if because == UnknownBecause::Outage => self.outage += 1,
            SlotState::Incomplete => {
                self.incomplete = true;
                self.missing += 1;
            }
            SlotState::NotYetDue => self.not_yet_due += 1,
            SlotState::OutOfRange => self.out_of_range += 1,
            SlotState::Unread | SlotState::Expected | SlotState::SetAside => self.expected += 1,
            SlotState::Missing
            | SlotState::Closed
            | SlotState::Outage
            | SlotState::Received
            | SlotState::Corrected => self.missing += 1,
        }
    }

    fn is_known(&self) -> bool {
        self.rows + self.zeros + self.closed > 0
    }

    fn has_unknown(&self) -> bool {
        let unread = self.expected + self.not_yet_due + self.out_of_range;
        self.missing + self.outage + unread > 0
    }

    fn quality(&self) -> SlotQuality {
        if self.ambiguous {
            SlotQuality::Ambiguous
        } else if self.incomplete || (self.is_known() && self.has_unknown()) {
            SlotQuality::Incomplete
        } else if self.rows > 0 {
            SlotQuality::Final
        } else if self.zeros > 0 {
            SlotQuality::Zero
        } else if self.closed > 0 {
            SlotQuality::Closed
        } else if self.outage > 0 {
            SlotQuality::Outage
        } else if self.missing > 0 {
            SlotQuality::Missing
        } else if self.expected > 0 {
            SlotQuality::Expected
        } else if self.not_yet_due > 0 {
            SlotQuality::NotYetDue
        } else if self.out_of_range > 0 {
            SlotQuality::OutOfRange
        } else {
            SlotQuality::Expected
        }
    }

    /// Why it is zero, or why a part of it is unknown.
    fn reason(&self, quality: SlotQuality) -> Option<SlotReason> {
        match quality {
            SlotQuality::Zero | SlotQuality::Closed => self.zero_reason,
            SlotQuality::Final | SlotQuality::Ambiguous => None,
            _ => self.unknown_reason,
        }
    }

    fn into_slot(self, bounds: &Bounds) -> Option<QueueSlot> {
        let quality = self.quality();
        Some(QueueSlot {
            start: Instant::from_s(bounds.start)?,
            length_seconds: bounds.end - bounds.start,
            quality,
            reason: self.reason(quality),
            source: SlotSource::Intervals,
            figures: if self.is_known() {
                self.sum.figures()
            } else {
                Figures::default()
            },
        })
    }
}

fn of_basis(basis: Basis) -> SlotReason {
    match basis {
        Basis::Hours => SlotReason::ClosingHours,
        Basis::Holiday => SlotReason::Holiday,
        Basis::Learned => SlotReason::LearnedHours,
    }
}

fn of_unknown(because: UnknownBecause) -> Option<SlotReason> {
    match because {
        UnknownBecause::NotRead => None,
        UnknownBecause::SetAside => Some(SlotReason::SetAside),
        UnknownBecause::Outage => Some(SlotReason::Outage),
        UnknownBecause::Incomplete => Some(SlotReason::SourceIncomplete),
        UnknownBecause::NoRows => Some(SlotReason::NoRows),
        UnknownBecause::HoursUnknown => Some(SlotReason::HoursUnknown),
        UnknownBecause::Unconfirmed => Some(SlotReason::Unconfirmed),
    }
}

/// Sums over all slots with figures, and what they cover.
pub fn totals(slots: &[QueueSlot]) -> (Figures, Coverage) {
    let mut sum = Sum::default();
    let mut coverage = Coverage::default();
    for slot in slots {
        coverage.slots += 1;
        if has_figures(&slot.figures) {
            sum.add_figures(&slot.figures);
            coverage.with_data += 1;
            coverage.doubtful += u32::from(matches!(
                slot.quality,
                SlotQuality::Incomplete | SlotQuality::Ambiguous
            ));
        } else if slot.quality == SlotQuality::NotYetDue {
            coverage.not_yet_due += 1;
        } else if slot.quality == SlotQuality::OutOfRange {
            coverage.out_of_range += 1;
        } else {
            coverage.missing += 1;
        }
    }
    let figures = if coverage.with_data > 0 {
        sum.figures()
    } else {
        Figures::default()
    };
    (figures, coverage)
}

fn has_figures(figures: &Figures) -> bool {
    *figures != Figures::default()
}

#[cfg(test)]
mod tests;
