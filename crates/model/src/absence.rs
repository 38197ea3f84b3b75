//! What it means that a slot has no row. Pure.
//!
//! An absent row is **zero** when the ACD has other rows for the slot and nothing says that it was blind; **zero, closed**,
//! when the slot lies in closing hours, with rows before and after and without an outage; and otherwise **unknown, never
//! zero**. "Rows before and after": going back and forth over closed slots and over slots whose absence an outage explains,
//! the first other slot has rows on both sides, so the source did archive around the time. At the present edge there are
//! no rows after yet: such slots are shown as closed, for none is due there, but their figures stay unknown.

use crate::hours::{Basis, Opening};
use crate::ledger::SlotState;

/// What is known of one slot of an ACD. Slots are given in order, without gaps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotFacts {
    /// Its state at present.
    pub state: SlotState,
    /// An outage touches it.
    pub has_outage: bool,
    /// Whether the ACD is open in it.
    pub opening: Opening,
}

/// Why a queue without a row in a slot had nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ZeroBecause {
    /// The ACD has rows of others.
    OtherRows,
    /// It was closed, with rows before and after.
    Closed(Basis),
}

/// Why nothing is known of a queue without a row in a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnknownBecause {
    /// Not readable yet, or not read yet, or out of the range of the source: the state says which.
    NotRead,
    /// A reading waits for a decision.
    SetAside,
    /// The source collected nothing, or doubtful data.
    Outage,
    /// The source says of its rows that it did not see everything.
    Incomplete,
    /// The ACD has no row though it is open.
    NoRows,
    /// The ACD has no row, and it is not known whether it is open.
    HoursUnknown,
    /// It is closed, and there are no rows before and after that would show that the source was well.
    Unconfirmed,
}

/// What an absent row of a queue means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Absent {
    /// Nothing happened.
    Zero(ZeroBecause),
    /// Nothing is known.
    Unknown(UnknownBecause),
}

/// A slot as it is to be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judged {
    /// The state, with closing hours and outages taken into account.
    pub state: SlotState,
    /// What a queue without a row in it has.
    pub absent: Absent,
}

/// What ends a walk over closed slots.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Neighbour {
    Rows,
    /// Nothing can have been read there yet.
    Present,
    Nothing,
}

fn has_rows(state: SlotState) -> bool {
    matches!(
        state,
        SlotState::Received | SlotState::Incomplete | SlotState::Corrected
    )
}

/// A slot that a walk goes over.
fn is_passed(facts: &SlotFacts) -> bool {
    let explained = facts.has_outage || matches!(facts.opening, Opening::Closed(_));
    facts.state == SlotState::Missing && explained
}

fn neighbour(facts: &SlotFacts) -> Neighbour {
    match facts.state {
        state if has_rows(state) => Neighbour::Rows,
        SlotState::NotYetDue | SlotState::Expected | SlotState::Unread => Neighbour::Present,
        _ => Neighbour::Nothing,
    }
}

/// Judges the slots of one ACD. Slots whose surroundings reach beyond the list count as not confirmed.
pub fn judge(slots: &[SlotFacts]) -> Vec<Judged> {
    let mut after = vec![Neighbour::Nothing; slots.len()];
    let mut nearest = Neighbour::Nothing;
    for (at, facts) in after.iter_mut().zip(slots).rev() {
        *at = nearest;
        if !is_passed(facts) {
            nearest = neighbour(facts);
        }
    }
    let mut before = Neighbour::Nothing;
    let mut judged = Vec::with_capacity(slots.len());
    for (facts, after) in slots.iter().zip(after) {
        judged.push(one(facts, before, after));
        if !is_passed(facts) {
            before = neighbour(facts);
        }
    }
    judged
}

fn one(facts: &SlotFacts, before: Neighbour, after: Neighbour) -> Judged {
    use Absent::{Unknown, Zero};
    let state = facts.state;
    let as_it_is = |absent| Judged { state, absent };
    match state {
        SlotState::Unread | SlotState::NotYetDue | SlotState::Expected | SlotState::OutOfRange => {
            as_it_is(Unknown(UnknownBecause::NotRead))
        }
        SlotState::SetAside => as_it_is(Unknown(UnknownBecause::SetAside)),
        _ if facts.has_outage => Judged {
            state: if state == SlotState::Missing {
                SlotState::Outage
            } else {
                state
            },
            absent: Unknown(UnknownBecause::Outage),
        },
        SlotState::Outage => as_it_is(Unknown(UnknownBecause::Outage)),
        SlotState::Received | SlotState::Corrected => as_it_is(Zero(ZeroBecause::OtherRows)),
        SlotState::Incomplete => as_it_is(Unknown(UnknownBecause::Incomplete)),
        SlotState::Missing | SlotState::Closed => {
            let missing = |because| Judged {
                state: SlotState::Missing,
                absent: Unknown(because),
            };
            let Opening::Closed(basis) = facts.opening else {
                return missing(match facts.opening {
                    Opening::Open(_) => UnknownBecause::NoRows,
                    _ => UnknownBecause::HoursUnknown,
                });
            };
            let closed = |absent| Judged {
                state: SlotState::Closed,
                absent,
            };
            match (before, after) {
                (Neighbour::Rows, Neighbour::Rows) => closed(Zero(ZeroBecause::Closed(basis))),
                (Neighbour::Rows, Neighbour::Present) => {
                    closed(Unknown(UnknownBecause::Unconfirmed))
                }
                _ => missing(UnknownBecause::Unconfirmed),
            }
        }
    }
}

/// How many seconds of open hours lie behind the newest slot that was read without the ACD having had a row, and where they
/// begin and end: an alarm when they are many. Slots that are closed, of unknown hours or explained by an outage neither
/// count nor end the count; one with rows ends it. `bounds` are start and end of each slot, seconds since 1970 UTC.
pub fn silence(slots: &[(i64, i64)], judged: &[(SlotFacts, Judged)]) -> Option<(i64, i64, i64)> {
    let mut seconds = 0;
    let mut span: Option<(i64, i64)> = None;
    for ((start, end), (facts, judged)) in slots.iter().zip(judged).rev() {
        if has_rows(judged.state) || judged.state == SlotState::SetAside {
            break;
        }
        if judged.state == SlotState::Missing && matches!(facts.opening, Opening::Open(_)) {
            seconds += end - start;
            span = Some((*start, span.map_or(*end, |(_, last)| last)));
        }
    }
    span.map(|(from, to)| (seconds, from, to))
}

#[cfg(test)]
mod tests;
