//! How a feed is, and what of it could not be understood.

use floorwire_model::live::LossCause;
use std::collections::{BTreeMap, VecDeque};

/// What a feed does, as far as its bytes tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HealthState {
    /// Nobody is connected.
    Listening,
    /// Somebody is connected, no whole snapshot or record yet.
    Connected,
    /// Statuses are known.
    Receiving,
    /// Statuses are unknown.
    Lost {
        /// Why.
        cause: LossCause,
    },
}

/// How a feed is. Times are milliseconds since 1970 UTC by the caller's clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// What it does.
    pub state: HealthState,
    /// Up to when all statuses are confirmed.
    pub confirmed_utc_ms: Option<i64>,
    /// When the last record came.
    pub last_record_utc_ms: Option<i64>,
    /// Measured time between snapshots.
    pub period_ms: Option<u64>,
    /// Agents in scope who are staffed.
    pub agents: u64,
    /// What was counted since the feed was made.
    pub counters: Counters,
}

/// What was counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Bytes received.
    pub bytes: u64,
    /// Lines found in them.
    pub lines: u64,
    /// Lines that are no records by the profile.
    pub skipped: u64,
    /// Records understood.
    pub records: u64,
    /// Lines that could not be understood, by reason.
    pub rejected: BTreeMap<&'static str, u64>,
    /// Codes that the profile does not know.
    pub unknown_codes: u64,
    /// Whole snapshots.
    pub snapshots: u64,
    /// Snapshots that did not end as they should.
    pub truncated_snapshots: u64,
    /// Records of agents outside the scope.
    pub out_of_scope: u64,
    /// Events produced.
    pub events: u64,
}

/// A line that could not be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RejectedSample {
    /// When it came, milliseconds since 1970 UTC.
    pub received_utc_ms: i64,
    /// Why it is no record.
    pub reason: &'static str,
    /// The line, at most 200 characters, with identities replaced.
    pub text: String,
}

/// The latest lines that could not be understood.
#[derive(Clone, Debug, Default)]
pub struct Samples(VecDeque<RejectedSample>);

/// Most samples kept, of all reasons.
const MAX_SAMPLES: usize = 32;
/// Most samples kept of one reason, so that a frequent one leaves room.
const MAX_PER_REASON: usize = 8;
/// Within so many milliseconds one sample of a reason is enough.
const SAMPLE_EVERY_MS: i64 = 1_000;

impl Samples {
    /// Whether a line of this reason is worth a sample now.
    pub fn wants(&self, reason: &'static str, now_utc_ms: i64) -> bool {
        let latest = self.0.iter().rev().find(|sample| sample.reason == reason);
        latest.is_none_or(|sample| now_utc_ms - sample.received_utc_ms >= SAMPLE_EVERY_MS)
    }

    /// Keeps one; the oldest of its reason goes when there are many.
    pub fn keep(&mut self, sample: RejectedSample) {
        let same = |kept: &RejectedSample| kept.reason == sample.reason;
        if self.0.iter().filter(|kept| same(kept)).count() >= MAX_PER_REASON
            && let Some(at) = self.0.iter().position(same)
        {
            self.0.remove(at);
        }
        if self.0.len() >= MAX_SAMPLES {
            self.0.pop_front();
        }
        self.0.push_back(sample);
    }

    /// Oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &RejectedSample> {
        self.0.iter()
    }
}
