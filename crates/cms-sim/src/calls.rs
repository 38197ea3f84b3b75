//! A call as the simulated ACD saw it: only moments, no figures.
//!
//! Instants are Unix seconds UTC. A call that is answered ends when its after-call work ends; an abandoned one when
//! the caller hangs up. Every counter of a call is booked in the interval in which the call ends.

/// Number of a split and of the ACD that it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct SplitKey {
    pub acd: i16,
    pub split: i16,
}

/// One call of one split.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Call {
    /// Unique in a simulation: the same call keeps its name however often it is generated.
    pub name: String,
    pub key: SplitKey,
    pub queued_utc_s: i64,
    /// When a telephone began to ring; `None` if the caller gave up before.
    pub ringing_utc_s: Option<i64>,
    pub ending: Ending,
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ending {
    Answered {
        answered_utc_s: i64,
        /// When the caller was put on hold and taken back, both between answer and release.
        hold_utc_s: Option<(i64, i64)>,
        released_utc_s: i64,
        /// End of the after-call work; equal to `released_utc_s` if there was none.
        completed_utc_s: i64,
    },
    Abandoned {
        abandoned_utc_s: i64,
    },
}

impl Call {
    /// The moment in whose interval the call is booked.
    pub fn ended_utc_s(&self) -> i64 {
        match self.ending {
            Ending::Answered {
                completed_utc_s, ..
            } => completed_utc_s,
            Ending::Abandoned { abandoned_utc_s } => abandoned_utc_s,
        }
    }

    /// The moment at which the caller stopped waiting.
    pub fn queue_left_utc_s(&self) -> i64 {
        match self.ending {
            Ending::Answered { answered_utc_s, .. } => answered_utc_s,
            Ending::Abandoned { abandoned_utc_s } => abandoned_utc_s,
        }
    }
}
