//! How a reading changes the completeness ledger of one day. Pure.
//!
//! A slot that had been readable when it was read is *settled*: a later change of its figures is a restatement. A day is
//! *closed* once its last slot was read as often as intervals are read at least: a source may archive a little late. Days that
//! are not closed are read again with each interval; those that are, by the tiers of [`crate::rereading`].

use crate::store::ledger_days::LedgerDay;
use floorwire_model::ids::AcdNumber;
use floorwire_model::ledger::{SlotEvidence, SlotState, after_read, is_settled, readable_at};
use floorwire_model::streams::Quality;
use floorwire_model::time::{Slot, SlotError, UtcSecond, day_slots, zone};
use jiff::civil::Date;

/// The slots of one day with what was known of them before a reading.
#[derive(Clone, Debug)]
pub struct DayBefore {
    acd: AcdNumber,
    date: Date,
    zone: String,
    slot_minutes: u16,
    slots: Vec<Slot>,
    earlier: Vec<SlotState>,
    evidence: Vec<SlotEvidence>,
}

/// Why a day has no ledger.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The zone is not known.
    #[error("time zone `{0}` is not known; choose one from the list of zones")]
    UnknownZone(String),
    /// The day cannot be cut into slots.
    #[error(transparent)]
    Slots(#[from] SlotError),
}

impl DayBefore {
    /// The day as known before; `stored` counts only if it was cut into the same slots.
    pub fn new(
        acd: AcdNumber,
        date: Date,
        zone_name: &str,
        slot_minutes: u16,
        stored: Option<&LedgerDay>,
    ) -> Result<Self, LedgerError> {
        let time_zone =
            zone(zone_name).ok_or_else(|| LedgerError::UnknownZone(zone_name.to_owned()))?;
        let slots = day_slots(date, &time_zone, slot_minutes)?;
        let earlier = stored
            .filter(|day| {
                day.slot_minutes == slot_minutes
                    && day.zone == zone_name
                    && day.states.len() == slots.len()
            })
            .map_or_else(
                || vec![SlotState::Unread; slots.len()],
                |day| day.states.clone(),
            );
        let evidence = vec![SlotEvidence::default(); slots.len()];
        Ok(Self {
            acd,
            date,
            zone: zone_name.to_owned(),
            slot_minutes,
            slots,
            earlier,
            evidence,
        })
    }

    /// The slot in which an instant lies.
    fn slot_of(&self, instant_utc_s: i64) -> Option<usize> {
        let after = self
            .slots
            .partition_point(|slot| slot.start.0 <= instant_utc_s);
        let index = after.checked_sub(1)?;
        (instant_utc_s < self.slots[index].end().0).then_some(index)
    }

    /// Takes a row of the reading into account: it speaks for every slot that it overlaps; where a local time occurs
    /// twice and the row does not say which is meant, for both slots of that local time.
    pub fn saw(&mut self, start_utc_s: i64, length_s: i64, quality: Quality) {
        if quality == Quality::Ambiguous {
            let name = |slot: &Slot| slot.name(self.slot_minutes);
            let meant = self
                .slot_of(start_utc_s)
                .map(|index| name(&self.slots[index]));
            for (slot, evidence) in self.slots.iter().zip(&mut self.evidence) {
                evidence.rows += u32::from(Some(name(slot)) == meant);
            }
            return;
        }
        let end = start_utc_s + length_s.max(1);
        let first = self
            .slots
            .partition_point(|slot| slot.end().0 <= start_utc_s);
        for (slot, evidence) in self.slots.iter().zip(&mut self.evidence).skip(first) {
            if slot.start.0 >= end {
                break;
            }
            evidence.rows += 1;
            evidence.incomplete |= quality == Quality::Incomplete;
        }
    }

    /// Takes a reading of events into account: where there is none, nothing happened.
    pub fn saw_everything(&mut self) {
        for evidence in &mut self.evidence {
            evidence.rows += 1;
        }
    }

    /// True when the figures of that slot may no longer change silently.
    pub fn is_settled_at(&self, start_utc_s: i64) -> bool {
        self.slot_of(start_utc_s)
            .is_some_and(|index| is_settled(self.earlier[index]))
    }

    /// A settled figure of that slot was changed by the reading.
    pub fn corrected_at(&mut self, start_utc_s: i64) {
        if let Some(index) = self.slot_of(start_utc_s) {
            self.evidence[index].corrected = true;
        }
    }

    /// The day after a reading that began at `read_begin_utc_ms`. It is closed from `margin_intervals` intervals after its last
    /// slot became readable.
    pub fn after(
        self,
        read_begin_utc_ms: i64,
        intervals_until_readable: i64,
        margin_intervals: i64,
    ) -> LedgerDay {
        let begin = UtcSecond(read_begin_utc_ms.div_euclid(1000));
        let readable = |slot: &Slot| readable_at(slot, self.slot_minutes, intervals_until_readable);
        let states = self
            .slots
            .iter()
            .zip(self.earlier.iter().zip(&self.evidence))
            .map(|(slot, (earlier, evidence))| {
                after_read(*earlier, *evidence, begin, readable(slot))
            })
            .collect();
        let closes_at = self
            .slots
            .last()
            .map(|slot| readable(slot).0 + margin_intervals * i64::from(self.slot_minutes) * 60);
        LedgerDay {
            acd: self.acd,
            date: self.date,
            slot_minutes: self.slot_minutes,
            zone: self.zone,
            states,
            set_aside: false,
            closed: closes_at.is_some_and(|at| begin.0 >= at),
            read_begin_utc_ms,
        }
    }
}

/// When a day that is not closed is worth reading next, in seconds: the first time at which a slot has become readable
/// that the last reading could not see, else the next of `margin_intervals` times at which its last slots are read again.
/// `None` once it was read at all of them. `last_read_utc_s` is `None` for a day never read.
pub fn next_reading(
    slots: &[Slot],
    slot_minutes: u16,
    intervals_until_readable: i64,
    margin_intervals: i64,
    last_read_utc_s: Option<i64>,
) -> Option<UtcSecond> {
    let readable = |slot: &Slot| readable_at(slot, slot_minutes, intervals_until_readable);
    let last = readable(slots.last()?);
    let Some(last_read) = last_read_utc_s else {
        return slots.first().map(readable);
    };
    let after_last = (1..=margin_intervals)
        .map(|count| UtcSecond(last.0 + count * i64::from(slot_minutes) * 60));
    let times = slots.iter().map(readable).chain(after_last);
    times.into_iter().find(|at| at.0 > last_read)
}

#[cfg(test)]
mod tests {
    use super::*;
    use floorwire_model::ledger::to_letters;
    use jiff::civil::date;

    #[test]
    fn a_reading_settles_what_had_become_readable() {
        let day = date(2026, 11, 2);
        let mut before = DayBefore::new(AcdNumber(1), day, "UTC", 360, None).unwrap();
        let midnight = before.slots[0].start.0;
        before.saw(midnight, 21_600, Quality::Final);
        before.saw(midnight + 2 * 21_600, 21_600, Quality::Final);
        // 18:00: of four slots the first two are readable.
        let after = before.after((midnight + 3 * 21_600) * 1000, 1, 1);
        assert_eq!(to_letters(after.states.iter().copied()), "rm--");
        assert!(!after.closed);
        let next = DayBefore::new(AcdNumber(1), day, "UTC", 360, Some(&after)).unwrap();
        assert!(
            next.is_settled_at(midnight + 21_600) && !next.is_settled_at(midnight + 2 * 21_600)
        );
        let next = next.after((midnight + 6 * 21_600) * 1000, 1, 1);
        assert_eq!(to_letters(next.states.iter().copied()), "mmmm");
        assert!(next.closed);
    }

    #[test]
    fn an_entry_over_two_slots_speaks_for_both() {
        let mut before = DayBefore::new(AcdNumber(1), date(2026, 11, 2), "UTC", 30, None).unwrap();
        let start = before.slots[3].start.0;
        before.saw(start, 3600, Quality::Final);
        let rows: Vec<u32> = before
            .evidence
            .iter()
            .map(|evidence| evidence.rows)
            .collect();
        assert_eq!(rows[2..6], [0, 1, 1, 0]);
    }

    #[test]
    fn the_next_reading_is_when_a_slot_becomes_readable() {
        let time_zone = zone("Europe/Paris").unwrap();
        let slots = day_slots(date(2026, 11, 2), &time_zone, 30).unwrap();
        let first = slots[1].end();
        assert_eq!(next_reading(&slots, 30, 1, 1, None), Some(first));
        assert_eq!(
            next_reading(&slots, 30, 1, 1, Some(first.0)),
            Some(UtcSecond(first.0 + 1800))
        );
        let last = slots.last().unwrap().end().0 + 1800;
        assert_eq!(
            next_reading(&slots, 30, 1, 1, Some(last)),
            Some(UtcSecond(last + 1800))
        );
        assert_eq!(
            next_reading(&slots, 30, 1, 3, Some(last + 1800)),
            Some(UtcSecond(last + 3600))
        );
        // Read at all times, and still not closed: what was read then is set aside.
        assert_eq!(next_reading(&slots, 30, 1, 1, Some(last + 1800)), None);
        assert_eq!(next_reading(&slots, 30, 1, 0, Some(last)), None);
    }
}
