//! From calls and staffed time to rows of `hsplit`, the way CMS books them.
//!
//! Call counters (`acdcalls`, `acdtime`, `abncalls`, ...) go to the interval in which the call and its after-call work
//! ended. `i_*` columns get the part of each activity that lies in the interval. Talk time excludes hold; an agent
//! whose caller is on hold counts as OTHER. A call that ends on a boundary belongs to the interval that begins there.
//!
//! `i_stafftime` is the sum of the six state times in each row, because available time is what staffed time leaves.

use crate::calendar::Slot;
use crate::calls::{Call, Ending, SplitKey};
use crate::concurrency::maxima;
use crate::row::{Counters, Row, SERVICE_LEVEL_S, wait_class};
use crate::staffing::StaffSpan;

/// Rows of one split for `slots`, which follow one another without gap. Calls and spans may reach beyond them: what
/// lies outside is left out. Slots in which nothing happened give no row.
pub(crate) fn book(
    key: SplitKey,
    slots: &[Slot],
    calls: &[&Call],
    staff: &[StaffSpan],
) -> Vec<Row> {
    let mut sheet = Sheet {
        slots,
        rows: slots.iter().map(|slot| Row::empty(key, *slot)).collect(),
    };
    for call in calls {
        sheet.arrive(call);
        match call.ending {
            Ending::Answered { .. } => sheet.answered(call),
            Ending::Abandoned { abandoned_utc_s } => sheet.abandoned(call, abandoned_utc_s),
        }
    }
    for span in staff {
        sheet.spread(span.from_utc_s, span.to_utc_s, |counters, seconds| {
            counters.i_stafftime += seconds;
            if let Some(reason) = span.aux_reason {
                counters.i_auxtime += seconds;
                counters.aux_by_reason[reason.min(9)] += seconds;
            }
        });
    }
    let in_queue = maxima(
        slots,
        calls
            .iter()
            .map(|call| (call.queued_utc_s, call.queue_left_utc_s())),
    );
    let staffed = maxima(
        slots,
        staff.iter().map(|span| (span.from_utc_s, span.to_utc_s)),
    );
    for ((row, in_queue), staffed) in sheet.rows.iter_mut().zip(in_queue).zip(staffed) {
        let counters = &mut row.counters;
        counters.maxinqueue = in_queue;
        counters.maxstaffed = staffed;
        counters.callsoffered = counters.acdcalls + counters.abncalls;
        counters.i_availtime = counters.i_stafftime
            - counters.i_acdtime
            - counters.i_acwtime
            - counters.i_auxtime
            - counters.i_othertime
            - counters.i_ringtime;
    }
    sheet.rows.retain(Row::something_happened);
    sheet.rows
}

/// The rows being booked, one per slot.
struct Sheet<'a> {
    slots: &'a [Slot],
    rows: Vec<Row>,
}

impl Sheet<'_> {
    /// The counters of the slot in which an instant lies.
    fn at(&mut self, utc_s: i64) -> Option<&mut Counters> {
        let after = self.slots.partition_point(|slot| slot.start_utc_s <= utc_s);
        let index = after.checked_sub(1)?;
        if utc_s >= self.slots[index].end_utc_s {
            return None;
        }
        self.rows.get_mut(index).map(|row| &mut row.counters)
    }

    /// Gives each slot the seconds that it shares with `[from, to)`.
    fn spread(&mut self, from: i64, to: i64, mut add: impl FnMut(&mut Counters, i64)) {
        let first = self.slots.partition_point(|slot| slot.end_utc_s <= from);
        for (slot, row) in self.slots.iter().zip(&mut self.rows).skip(first) {
            if slot.start_utc_s >= to {
                break;
            }
            add(
                &mut row.counters,
                to.min(slot.end_utc_s) - from.max(slot.start_utc_s),
            );
        }
    }

    /// What is booked while the call waits.
    fn arrive(&mut self, call: &Call) {
        if let Some(counters) = self.at(call.queued_utc_s) {
            counters.i_arrived += 1;
        }
        let (from, to) = (call.queued_utc_s, call.queue_left_utc_s());
        let first = self.slots.partition_point(|slot| slot.end_utc_s <= from);
        for (slot, row) in self.slots.iter().zip(&mut self.rows).skip(first) {
            if slot.start_utc_s >= to {
                break;
            }
            let oldest = to.min(slot.end_utc_s) - from;
            row.counters.maxocwtime = row.counters.maxocwtime.max(oldest);
        }
        if let Some(ringing) = call.ringing_utc_s {
            self.spread(ringing, to, |counters, seconds| {
                counters.i_ringtime += seconds
            });
        }
    }

    fn answered(&mut self, call: &Call) {
        let Ending::Answered {
            answered_utc_s,
            hold_utc_s,
            released_utc_s,
            completed_utc_s,
        } = call.ending
        else {
            return;
        };
        let wait_s = answered_utc_s - call.queued_utc_s;
        let hold_s = hold_utc_s.map_or(0, |(from, to)| to - from);
        self.spread(answered_utc_s, released_utc_s, |counters, seconds| {
            counters.i_acdtime += seconds
        });
        if let Some((from, to)) = hold_utc_s {
            self.spread(from, to, |counters, seconds| {
                counters.i_acdtime -= seconds;
                counters.i_othertime += seconds;
                counters.i_acdothertime += seconds;
            });
        }
        self.spread(released_utc_s, completed_utc_s, |counters, seconds| {
            counters.i_acwtime += seconds
        });

        let Some(counters) = self.at(completed_utc_s) else {
            return;
        };
        counters.acdcalls += 1;
        counters.answered_by_wait[wait_class(wait_s)] += 1;
        counters.anstime += wait_s;
        counters.acdtime += released_utc_s - answered_utc_s - hold_s;
        counters.acwtime += completed_utc_s - released_utc_s;
        counters.holdtime += hold_s;
        counters.holdcalls += i64::from(hold_utc_s.is_some());
        if wait_s <= SERVICE_LEVEL_S {
            counters.acceptable += 1;
            counters.targetacdcalls += 1;
        }
        if let Some(ringing) = call.ringing_utc_s {
            counters.ringcalls += 1;
            counters.ringtime += answered_utc_s - ringing;
        }
    }

    fn abandoned(&mut self, call: &Call, abandoned_utc_s: i64) {
        let wait_s = abandoned_utc_s - call.queued_utc_s;
        let Some(counters) = self.at(abandoned_utc_s) else {
            return;
        };
        counters.abncalls += 1;
        counters.abandoned_by_wait[wait_class(wait_s)] += 1;
        counters.abntime += wait_s;
        if wait_s <= SERVICE_LEVEL_S {
            counters.slvlabns += 1;
            counters.targetabns += 1;
        }
        if let Some(ringing) = call.ringing_utc_s {
            counters.abnringcalls += 1;
            counters.ringcalls += 1;
            counters.ringtime += abandoned_utc_s - ringing;
        }
    }
}

#[cfg(test)]
#[path = "booking_tests.rs"]
mod tests;
