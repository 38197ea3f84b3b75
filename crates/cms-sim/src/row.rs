//! One row of `hsplit` while it is being booked.
//!
//! Only the columns that this simulator fills are here; every other column of the table has the default 0.

use crate::calendar::Slot;
use crate::calls::SplitKey;

/// Seconds within which an answer is acceptable (`servicelevel`).
pub(crate) const SERVICE_LEVEL_S: i64 = 20;
/// Share of calls to be answered within `targetseconds`, in percent.
pub(crate) const TARGET_PERCENT: i64 = 80;
/// Upper bounds in seconds of the first nine waiting time classes (`period1` to `period9`); the tenth is open.
pub(crate) const PERIODS_S: [i64; 9] = [5, 10, 15, 20, 30, 45, 60, 90, 120];

macro_rules! counters {
    ($($name:ident),* $(,)?; $($array:ident: [$($column:ident = $index:literal),* $(,)?]),* $(,)?) => {
        /// Figures of one interval: counts, or seconds where the name ends in `time`.
        #[derive(Debug, Clone, PartialEq, Eq, Default)]
        pub(crate) struct Counters {
            $(pub $name: i64,)*
            $(pub $array: [i64; 10],)*
        }

        /// Column name and the figure that goes into it.
        pub(crate) const COUNTER_COLUMNS: &[(&str, fn(&Counters) -> i64)] = &[
            $((stringify!($name), |counters| counters.$name),)*
            $($((stringify!($column), |counters| counters.$array[$index]),)*)*
        ];
    };
}

counters! {
    i_stafftime, i_availtime, i_acdtime, i_acwtime, i_auxtime, i_othertime, i_ringtime, i_acdothertime, i_normtime,
    i_arrived, maxstaffed, maxinqueue, maxocwtime,
    callsoffered, acdcalls, anstime, acdtime, acwtime, acceptable, holdcalls, holdtime, ringcalls, ringtime,
    abncalls, abntime, abnringcalls, slvlabns, servicelevel, targetpercent, targetseconds, targetacdcalls, targetabns;
    answered_by_wait: [acdcalls1 = 0, acdcalls2 = 1, acdcalls3 = 2, acdcalls4 = 3, acdcalls5 = 4,
        acdcalls6 = 5, acdcalls7 = 6, acdcalls8 = 7, acdcalls9 = 8, acdcalls10 = 9],
    abandoned_by_wait: [abncalls1 = 0, abncalls2 = 1, abncalls3 = 2, abncalls4 = 3, abncalls5 = 4,
        abncalls6 = 5, abncalls7 = 6, abncalls8 = 7, abncalls9 = 8, abncalls10 = 9],
    aux_by_reason: [i_auxtime0 = 0, i_auxtime1 = 1, i_auxtime2 = 2, i_auxtime3 = 3, i_auxtime4 = 4,
        i_auxtime5 = 5, i_auxtime6 = 6, i_auxtime7 = 7, i_auxtime8 = 8, i_auxtime9 = 9],
    periods: [period1 = 0, period2 = 1, period3 = 2, period4 = 3, period5 = 4, period6 = 5, period7 = 6,
        period8 = 7, period9 = 8],
}

/// A row of `hsplit`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub key: SplitKey,
    pub slot: Slot,
    pub counters: Counters,
}

impl Row {
    /// A row in which nothing is booked but the settings of the split.
    pub fn empty(key: SplitKey, slot: Slot) -> Self {
        let mut counters = Counters {
            servicelevel: SERVICE_LEVEL_S,
            targetpercent: TARGET_PERCENT,
            targetseconds: SERVICE_LEVEL_S,
            i_normtime: slot.seconds(),
            ..Counters::default()
        };
        counters.periods[..9].copy_from_slice(&PERIODS_S);
        Self {
            key,
            slot,
            counters,
        }
    }

    /// CMS writes no row for an interval in which nobody was staffed and no call came or ended.
    pub fn something_happened(&self) -> bool {
        let counters = &self.counters;
        counters.i_stafftime > 0
            || counters.i_arrived > 0
            || counters.callsoffered > 0
            || counters.maxinqueue > 0
    }
}

/// Index of the waiting time class that a wait in seconds falls into.
pub(crate) fn wait_class(wait_s: i64) -> usize {
    PERIODS_S.iter().filter(|bound| wait_s > **bound).count()
}
