//! The completeness ledger's arithmetic: what is known of each slot of one day of one ACD and stream.
//!
//! A day is stored as one letter per slot. A slot that has not been read since it became readable is
//! stored as [`SlotState::Unread`]; whether that means *not yet due* or *expected* depends on the present
//! and is decided on reading ([`SlotState::at`]), so time alone never changes a stored row.

use crate::time::{Slot, UtcSecond};

/// What is known of one slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SlotState {
    /// Stored only: not read since it became readable.
    Unread,
    /// Not readable at the source yet.
    NotYetDue,
    /// Readable, not read yet.
    Expected,
    /// Read after it became readable; the ACD has rows in it.
    Received,
    /// As received, but the source says that it did not see everything.
    Incomplete,
    /// As received, and a later read changed a settled figure.
    Corrected,
    /// Read after it became readable; the ACD has no row in it.
    Missing,
    /// A read of it was set aside and waits for a decision.
    SetAside,
    /// Never stored: as missing, and an outage of the source explains it.
    Outage,
    /// Never stored: as missing, and the site was closed.
    Closed,
    /// Never stored: not read, and it never will be, since the source does not hold it or it lies before the start date.
    OutOfRange,
}

impl SlotState {
    const ALL: [Self; 11] = [
        Self::Unread,
        Self::NotYetDue,
        Self::Expected,
        Self::Received,
        Self::Incomplete,
        Self::Corrected,
        Self::Missing,
        Self::SetAside,
        Self::Outage,
        Self::Closed,
        Self::OutOfRange,
    ];

    /// The letter in storage and in the API.
    pub fn letter(self) -> char {
        match self {
            Self::Unread => '-',
            Self::NotYetDue => 'n',
            Self::Expected => 'e',
            Self::Received => 'r',
            Self::Incomplete => 'i',
            Self::Corrected => 'c',
            Self::Missing => 'm',
            Self::SetAside => 's',
            Self::Outage => 'o',
            Self::Closed => 'z',
            Self::OutOfRange => 'x',
        }
    }

    /// The inverse of [`Self::letter`].
    pub fn from_letter(letter: char) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.letter() == letter)
    }

    /// What a stored state means `now`, for a slot readable from `readable_at` on.
    pub fn at(self, now: UtcSecond, readable_at: UtcSecond) -> Self {
        match self {
            Self::Unread | Self::NotYetDue | Self::Expected if now < readable_at => Self::NotYetDue,
            Self::Unread | Self::NotYetDue | Self::Expected => Self::Expected,
            settled => settled,
        }
    }
}

/// What one read found in one slot, over all queues of the ACD.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SlotEvidence {
    /// Rows that touch the slot.
    pub rows: u32,
    /// A row says that the source did not see everything.
    pub incomplete: bool,
    /// A settled figure was changed by this read.
    pub corrected: bool,
}

/// From which instant on a slot's rows can be read: when as many further intervals have ended as the
/// source keeps back (a CMS archives interval N when N+1 ends).
pub fn readable_at(slot: &Slot, interval_minutes: u16, intervals_until_readable: i64) -> UtcSecond {
    UtcSecond(slot.end().0 + intervals_until_readable * i64::from(interval_minutes) * 60)
}

/// The new state of a slot after a read that began at `read_begin`.
pub fn after_read(
    earlier: SlotState,
    evidence: SlotEvidence,
    read_begin: UtcSecond,
    readable_at: UtcSecond,
) -> SlotState {
    if read_begin < readable_at {
        return SlotState::Unread;
    }
    // Where rows were and are no more, the journal says what they said: without rows nothing may be called zero.
    if evidence.rows == 0 {
        return SlotState::Missing;
    }
    if evidence.incomplete {
        return SlotState::Incomplete;
    }
    if evidence.corrected || earlier == SlotState::Corrected {
        return SlotState::Corrected;
    }
    SlotState::Received
}

/// True when figures read before may no longer change silently: the slot had been readable when read.
pub fn is_settled(state: SlotState) -> bool {
    matches!(
        state,
        SlotState::Received | SlotState::Incomplete | SlotState::Corrected | SlotState::Missing
    )
}

/// How many slots are in which state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DayCounts {
    /// Slots not readable yet.
    pub not_yet_due: u32,
    /// Slots readable and not read.
    pub expected: u32,
    /// Slots with rows.
    pub received: u32,
    /// Slots with rows the source calls incomplete.
    pub incomplete: u32,
    /// Slots whose settled figures changed.
    pub corrected: u32,
    /// Slots read without a row.
    pub missing: u32,
    /// Slots whose read was set aside.
    pub set_aside: u32,
    /// Slots without a row since the source was blind.
    pub outage: u32,
    /// Slots without a row since the site was closed.
    pub closed: u32,
    /// Slots that the source does not hold, or that are not wanted.
    pub out_of_range: u32,
}

impl DayCounts {
    /// Counts states as of a reading (a stored [`SlotState::Unread`] counts as expected).
    pub fn of(states: impl IntoIterator<Item = SlotState>) -> Self {
        let mut counts = Self::default();
        for state in states {
            let count = match state {
                SlotState::NotYetDue => &mut counts.not_yet_due,
                SlotState::Expected | SlotState::Unread => &mut counts.expected,
                SlotState::Received => &mut counts.received,
                SlotState::Incomplete => &mut counts.incomplete,
                SlotState::Corrected => &mut counts.corrected,
                SlotState::Missing => &mut counts.missing,
                SlotState::SetAside => &mut counts.set_aside,
                SlotState::Outage => &mut counts.outage,
                SlotState::Closed => &mut counts.closed,
                SlotState::OutOfRange => &mut counts.out_of_range,
            };
            *count += 1;
        }
        counts
    }
}

/// One letter per slot.
pub fn to_letters(states: impl IntoIterator<Item = SlotState>) -> String {
    states.into_iter().map(SlotState::letter).collect()
}

/// The inverse of [`to_letters`]; `None` when a letter is unknown.
pub fn from_letters(letters: &str) -> Option<Vec<SlotState>> {
    letters.chars().map(SlotState::from_letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{day_slots, zone};
    use jiff::civil::date;

    const FULL: SlotEvidence = SlotEvidence {
        rows: 3,
        incomplete: false,
        corrected: false,
    };

    #[test]
    fn letters_round_trip() {
        let states = SlotState::ALL;
        assert_eq!(from_letters(&to_letters(states)), Some(states.to_vec()));
        assert_eq!(from_letters("r?"), None);
    }

    #[test]
    fn an_interval_is_readable_when_the_next_has_ended() {
        let slots = day_slots(date(2026, 11, 2), &zone("UTC").unwrap(), 30).unwrap();
        let readable = readable_at(&slots[0], 30, 1);
        assert_eq!(readable, slots[1].end());
        let too_early = UtcSecond(readable.0 - 1);
        assert_eq!(
            after_read(SlotState::Unread, FULL, too_early, readable),
            SlotState::Unread
        );
        assert_eq!(
            after_read(SlotState::Unread, FULL, readable, readable),
            SlotState::Received
        );
        assert_eq!(
            SlotState::Unread.at(too_early, readable),
            SlotState::NotYetDue
        );
        assert_eq!(
            SlotState::Unread.at(readable, readable),
            SlotState::Expected
        );
        assert_eq!(
            SlotState::Received.at(too_early, readable),
            SlotState::Received
        );
    }

    #[test]
    fn a_correction_stays_visible_and_incomplete_wins() {
        let (begin, readable) = (UtcSecond(10), UtcSecond(5));
        let corrected = SlotEvidence {
            corrected: true,
            ..FULL
        };
        assert_eq!(
            after_read(SlotState::Received, corrected, begin, readable),
            SlotState::Corrected
        );
        assert_eq!(
            after_read(SlotState::Corrected, FULL, begin, readable),
            SlotState::Corrected
        );
        // Its rows are gone, and the same is read again.
        let nothing = SlotEvidence::default();
        assert_eq!(
            after_read(SlotState::Corrected, nothing, begin, readable),
            SlotState::Missing
        );
        let incomplete = SlotEvidence {
            incomplete: true,
            ..FULL
        };
        assert_eq!(
            after_read(SlotState::Received, incomplete, begin, readable),
            SlotState::Incomplete
        );
        assert_eq!(
            after_read(SlotState::Unread, nothing, begin, readable),
            SlotState::Missing
        );
    }

    #[test]
    fn counts_add_up() {
        let counts = DayCounts::of(from_letters("rrrimnnse-c").unwrap());
        assert_eq!(
            (counts.received, counts.expected, counts.not_yet_due),
            (3, 2, 2)
        );
        assert_eq!(
            (
                counts.incomplete,
                counts.missing,
                counts.set_aside,
                counts.corrected
            ),
            (1, 1, 1, 1)
        );
    }
}
