//! From stored rows and the ledger to the slots of an answer. Pure.
//!
//! Every slot of every local day of the answer is given, whether anything is known of it or not. What is known of a source
//! slot without a row of the queue follows from the ledger of the ACD: received means that nothing happened in this queue
//! (zero), missing means that nothing is known. A slot of the answer that is coarser than the source's adds the source
//! slots in it; when only some of them are known it is incomplete.
//!
//! A source slot must lie within one slot of the answer. Where the zone of the answer cuts source slots in two, figures
//! cannot be told apart, and the request is refused. A row that spans more than its slot gives its figures to the slot it
//! starts in; all the slots it spans are ambiguous. So is a slot whose name the clock had shown before, when the row of that
//! name does not say which it means (the repeated hour of a clock set back): the first of the two has the figures.

use super::dto::{Coverage, Figures, QueueSlot, SlotQuality, SlotSource};
use super::figures::Sum;
use crate::api::types::Instant;
use crate::store::intervals::StoredInterval;
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
            known.add_row(&rows[next_row], slot);
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
                known.ambiguous = true;
            } else if !has_row && spanned_until <= part.bounds.start {
                known.add_state(part.state);
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
    incomplete: bool,
    ambiguous: bool,
    missing: u32,
    expected: u32,
    not_yet_due: u32,
}

impl Known {
    fn add_row(&mut self, row: &StoredInterval, slot: &Bounds) {
        self.sum.add_row(&row.measures);
        self.rows += 1;
        match row.quality {
            Quality::Final => {}
            Quality::Ambiguous | Quality::Shifted => self.ambiguous = true,
            Quality::Incomplete => self.incomplete = true,
        }
        if row.start_utc_s + row.length_s > slot.end {
            self.ambiguous = true;
        }
    }

    fn add_state(&mut self, state: SlotState) {
        match state {
            SlotState::Received | SlotState::Corrected => self.zeros += 1,
            SlotState::Incomplete => {
                self.incomplete = true;
                self.missing += 1;
            }
            SlotState::Missing => self.missing += 1,
            SlotState::NotYetDue => self.not_yet_due += 1,
            SlotState::Unread | SlotState::Expected | SlotState::SetAside => self.expected += 1,
        }
    }

    fn quality(&self) -> SlotQuality {
        let known = self.rows + self.zeros > 0;
        let unknown = self.missing + self.expected + self.not_yet_due > 0;
        if self.ambiguous {
            SlotQuality::Ambiguous
        } else if self.incomplete || (known && unknown) {
            SlotQuality::Incomplete
        } else if self.rows > 0 {
            SlotQuality::Final
        } else if known {
            SlotQuality::Zero
        } else if self.missing > 0 {
            SlotQuality::Missing
        } else if self.expected > 0 {
            SlotQuality::Expected
        } else if self.not_yet_due > 0 {
            SlotQuality::NotYetDue
        } else {
            SlotQuality::Expected
        }
    }

    fn into_slot(self, bounds: &Bounds) -> Option<QueueSlot> {
        let known = self.rows + self.zeros > 0;
        Some(QueueSlot {
            start: Instant::from_s(bounds.start)?,
            length_seconds: bounds.end - bounds.start,
            quality: self.quality(),
            source: SlotSource::Intervals,
            figures: if known {
                self.sum.figures()
            } else {
                Figures::default()
            },
        })
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
