//! Filling `hsplit` with very many rows for benchmarks: plausible figures without calls behind them.
//!
//! There is no event log and no truth for such a table; the rows keep the rules between columns all the same
//! (offered = answered + abandoned, the six state times add up to the staffed time, classes add up to their sums).

use crate::calendar::{Calendar, Slot};
use crate::calls::SplitKey;
use crate::error::SimError;
use crate::random::Random;
use crate::row::Row;

/// Splits needed to reach about `rows` rows over `slots` intervals.
pub(crate) fn skills_for(rows: u64, slots: u64, acds: u64) -> u64 {
    rows.div_ceil(slots.max(1) * acds.max(1)).max(1)
}

/// Rows of all splits for one day, drawn at random.
pub(crate) fn day(seed: u64, keys: &[SplitKey], slots: &[Slot]) -> Result<Vec<Row>, SimError> {
    let Some(first) = slots.first() else {
        return Ok(Vec::new());
    };
    let mut random = Random::new(
        seed,
        [0, 0, i64::from(Calendar::day_number(first.row_date)?)],
    );
    let mut rows = Vec::with_capacity(keys.len() * slots.len());
    for slot in slots {
        for key in keys {
            rows.push(one_row(*key, *slot, &mut random));
        }
    }
    Ok(rows)
}

fn one_row(key: SplitKey, slot: Slot, random: &mut Random) -> Row {
    let mut row = Row::empty(key, slot);
    let counters = &mut row.counters;
    let quick = random.between(0, 40);
    let slow = random.between(0, 12);
    let lost = random.between(0, 6);
    counters.acdcalls = quick + slow;
    counters.abncalls = lost;
    counters.callsoffered = quick + slow + lost;
    counters.i_arrived = counters.callsoffered;
    counters.answered_by_wait[1] = quick;
    counters.answered_by_wait[5] = slow;
    counters.abandoned_by_wait[4] = lost;
    counters.acceptable = quick;
    counters.targetacdcalls = quick;
    counters.anstime = quick * 8 + slow * 41;
    counters.abntime = lost * 27;
    counters.acdtime = counters.acdcalls * random.between(120, 320);
    counters.acwtime = counters.acdcalls * random.between(10, 70);
    counters.holdcalls = slow / 2;
    counters.holdtime = counters.holdcalls * 35;
    counters.ringcalls = counters.acdcalls;
    counters.ringtime = counters.acdcalls * 4;
    counters.i_acdtime = counters.acdtime;
    counters.i_acwtime = counters.acwtime;
    counters.i_othertime = counters.holdtime;
    counters.i_acdothertime = counters.holdtime;
    counters.i_ringtime = counters.ringtime;
    counters.i_auxtime = random.between(0, slot.seconds());
    counters.aux_by_reason[1] = counters.i_auxtime;
    counters.i_availtime = random.between(0, 2 * slot.seconds());
    counters.i_stafftime = counters.i_availtime
        + counters.i_acdtime
        + counters.i_acwtime
        + counters.i_auxtime
        + counters.i_othertime
        + counters.i_ringtime;
    counters.maxstaffed = counters.i_stafftime / slot.seconds().max(1) + 1;
    counters.maxinqueue = random.between(0, 9).min(counters.callsoffered);
    counters.maxocwtime = if slow > 0 { 45 } else { 27 };
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drawn_rows_keep_the_rules() {
        let calendar = Calendar::new("UTC", 30).unwrap();
        let slots = calendar
            .slots_of_day(jiff::civil::date(2026, 1, 1))
            .unwrap();
        let keys = [
            SplitKey { acd: 1, split: 11 },
            SplitKey { acd: 1, split: 12 },
        ];
        let rows = day(1, &keys, &slots).unwrap();
        assert_eq!(rows.len(), 96);
        for row in rows {
            let counters = row.counters;
            assert_eq!(counters.acdcalls + counters.abncalls, counters.callsoffered);
            assert_eq!(
                counters.answered_by_wait.iter().sum::<i64>(),
                counters.acdcalls
            );
            assert!(counters.i_stafftime <= counters.maxstaffed * row.slot.seconds());
        }
    }
}
