//! What is missing, as a list: runs of slots with one cause. Pure.

use super::days::JudgedSlot;
use floorwire_model::absence::{Absent, UnknownBecause};
use floorwire_model::ids::AcdNumber;
use floorwire_model::ledger::SlotState;
use floorwire_model::time::UtcSecond;
use jiff::civil::Date;

/// A slot that became readable less than so long ago is no gap yet, seconds: the plan reads it within minutes.
const PATIENCE_S: i64 = 2 * 3600;

/// Why slots have no, or doubtful, data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// The source was blind.
    Outage,
    /// The source says of its rows that it did not see everything.
    Incomplete,
    /// The ACD has no row though it is open.
    NoRows,
    /// The ACD has no row, and it is not known whether it is open.
    HoursUnknown,
    /// It is closed, without rows before and after that would show that the source was well.
    Unconfirmed,
    /// Readable for long, and not read.
    NotRead,
    /// A reading waits for a decision.
    SetAside,
}

/// A run of slots with one cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The ACD.
    pub acd: AcdNumber,
    /// Start, seconds since 1970 UTC.
    pub start: i64,
    /// End, exclusive.
    pub end: i64,
    /// Local day of the first slot.
    pub first_date: Date,
    /// Local day of the last slot.
    pub last_date: Date,
    /// How many.
    pub slots: u32,
    /// Why.
    pub cause: Cause,
}

fn cause(slot: &JudgedSlot, now: UtcSecond) -> Option<Cause> {
    match slot.judged.state {
        SlotState::Outage => Some(Cause::Outage),
        SlotState::Incomplete => Some(Cause::Incomplete),
        SlotState::SetAside => Some(Cause::SetAside),
        SlotState::Expected => (slot.end + PATIENCE_S < now.0).then_some(Cause::NotRead),
        SlotState::Missing => Some(match slot.judged.absent {
            Absent::Unknown(UnknownBecause::HoursUnknown) => Cause::HoursUnknown,
            Absent::Unknown(UnknownBecause::Unconfirmed) => Cause::Unconfirmed,
            _ => Cause::NoRows,
        }),
        _ => None,
    }
}

/// The gaps of an ACD, oldest first.
pub fn gaps(acd: AcdNumber, slots: &[JudgedSlot], now: UtcSecond) -> Vec<Gap> {
    let mut found: Vec<Gap> = Vec::new();
    for slot in slots {
        let Some(cause) = cause(slot, now) else {
            continue;
        };
        match found.last_mut() {
            Some(last) if last.cause == cause && last.end == slot.start => {
                last.end = slot.end;
                last.last_date = slot.date;
                last.slots += 1;
            }
            _ => found.push(Gap {
                acd,
                start: slot.start,
                end: slot.end,
                first_date: slot.date,
                last_date: slot.date,
                slots: 1,
                cause,
            }),
        }
    }
    found
}
