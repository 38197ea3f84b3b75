//! One agent as the feed shows them.

use super::texts::{TextId, Texts};
use crate::feed::codes::Meaning;
use crate::feed::record::Record;
use floorwire_model::agents::{CallDirection, Hold, WorkState};
use floorwire_model::live::{LiveStatus, Since};

/// A status without texts, so that comparing and keeping one costs nothing.
#[derive(Clone, Copy, Debug)]
pub struct Observed {
    pub state: WorkState,
    pub direction: Option<CallDirection>,
    pub reason: Option<i32>,
    pub hold: bool,
    pub skill: TextId,
    pub level: Option<i32>,
    pub raw: TextId,
    /// The moment of signing on, which is believed at once.
    pub signs_on: bool,
    pub duration_s: Option<u64>,
    pub received_utc_ms: i64,
}

impl Observed {
    pub fn of_record(
        record: &Record<'_>,
        generic_absence: bool,
        texts: &mut Texts,
        now: i64,
    ) -> Self {
        let Meaning {
            state,
            direction,
            hold,
            reason,
        } = record.meaning;
        let has_skill = state.has_skill();
        // A text in place of a state may be the name of a reason.
        let says_reason = record.raw_is_reason
            || record
                .raw
                .is_some_and(|raw| !raw.bytes().all(|byte| byte.is_ascii_digit()));
        Self {
            // Signing on and off are moments; what lasts after them is this.
            state: match state {
                WorkState::LogOn => WorkState::Other,
                WorkState::LogOff => WorkState::Unstaffed,
                state => state,
            },
            direction,
            reason: reason.filter(|_| !generic_absence),
            hold,
            skill: texts.id(record.skill.filter(|_| has_skill)),
            level: record.skill_level.filter(|_| has_skill),
            raw: texts.id(record.raw.filter(|_| !(generic_absence && says_reason))),
            signs_on: state == WorkState::LogOn,
            duration_s: record.duration_s,
            received_utc_ms: now,
        }
    }

    pub fn of_status(status: &LiveStatus, texts: &mut Texts) -> Self {
        Self {
            state: status.state,
            direction: status.direction,
            reason: status.aux_reason,
            hold: status.hold == Hold::Flagged,
            skill: texts.id(status.skill.as_deref()),
            level: status.skill_level,
            raw: texts.id(status.raw.as_deref()),
            signs_on: false,
            duration_s: None,
            received_utc_ms: 0,
        }
    }

    /// Nothing, before the first record.
    pub fn nothing() -> Self {
        Self {
            state: WorkState::Unstaffed,
            direction: None,
            reason: None,
            hold: false,
            skill: TextId(0),
            level: None,
            raw: TextId(0),
            signs_on: false,
            duration_s: None,
            received_utc_ms: 0,
        }
    }

    pub fn is_same(&self, other: &Self) -> bool {
        self.state == other.state
            && self.direction == other.direction
            && self.reason == other.reason
            && self.hold == other.hold
            && self.skill == other.skill
            && self.level == other.level
            && self.raw == other.raw
    }

    /// Whether this row of an agent counts more than another: by the profile's order; AUX with a call before *available*; a text that
    /// nothing is known of before *Other*, which rows show that are not concerned; of equal ones that with a direction, then the one
    /// that has lasted longer, since a skill may be new, but of *Other* the shorter, since a row is so while another skill's call lasts.
    pub fn is_stronger(&self, other: &Self, rank: impl Fn(&Self) -> u8) -> bool {
        let rank_as = |of: &Self, state| rank(&Self { state, ..*of });
        let key = |of: &Self| {
            let extension_call = of.state == WorkState::Aux && of.direction.is_some();
            let is_unheard_of = of.state == WorkState::Unknown && of.raw != TextId(0);
            let base = match (extension_call, is_unheard_of) {
                (true, _) => rank_as(of, WorkState::Available),
                (_, true) => rank_as(of, WorkState::Other),
                _ => rank(of),
            };
            let seconds = of
                .duration_s
                .map_or(-1, |seconds| i64::try_from(seconds).unwrap_or(i64::MAX));
            (
                base,
                !(extension_call || is_unheard_of),
                of.direction.is_none(),
                match of.state {
                    WorkState::Other => seconds,
                    _ => -seconds,
                },
            )
        };
        key(self) < key(other)
    }

    /// `after_call`: the status before was a call.
    pub fn status(&self, after_call: bool, texts: &Texts) -> LiveStatus {
        LiveStatus {
            state: self.state,
            direction: self.direction,
            aux_reason: self.reason,
            skill: texts.get(self.skill),
            skill_level: self.level,
            hold: match (self.hold, self.state) {
                (true, _) => Hold::Flagged,
                (false, WorkState::Other) if after_call => Hold::Probable,
                _ => Hold::No,
            },
            raw: texts.get(self.raw),
        }
    }

    /// On a call, for which *Other* afterwards is probably hold.
    pub fn is_call(&self) -> bool {
        matches!(self.state, WorkState::Acd | WorkState::DirectAcd)
    }
}

/// *Other* that has not lasted long enough.
#[derive(Clone, Copy, Debug)]
pub struct Pending {
    pub since_utc_ms: i64,
    pub since: Since,
    pub due_utc_ms: i64,
}

/// An agent.
#[derive(Debug)]
pub struct Agent {
    pub in_scope: bool,
    pub name: Option<Box<str>>,
    /// The record of the snapshot in progress, or the last one.
    pub now: Observed,
    /// The segment of the last record.
    pub segment: u32,
    /// What was reported last, and since when.
    pub shown: Option<Observed>,
    pub since_utc_ms: i64,
    /// When the reported status was last seen.
    pub seen_utc_ms: i64,
    /// The count of losses at the last report: another means that everything was lost since.
    pub generation: u32,
    pub pending: Option<Pending>,
    pub absent_since_utc_ms: Option<i64>,
    pub absent_clean: u32,
    pub absent: u32,
}

impl Agent {
    pub fn new(generation: u32, in_scope: bool) -> Self {
        Self {
            in_scope,
            name: None,
            now: Observed::nothing(),
            segment: 0,
            shown: None,
            since_utc_ms: i64::MIN,
            seen_utc_ms: i64::MIN,
            generation,
            pending: None,
            absent_since_utc_ms: None,
            absent_clean: 0,
            absent: 0,
        }
    }

    /// Remembers the name; allocates only when it differs.
    pub fn see_name(&mut self, record: &Record<'_>) {
        let name = record.name();
        if name.as_deref() != self.name.as_deref() && name.is_some() {
            self.name = name.map(|name| name.into());
        }
    }

    /// Whether the agent was last shown at work.
    pub fn is_staffed(&self) -> bool {
        self.shown
            .as_ref()
            .is_some_and(|shown| shown.state != WorkState::Unstaffed)
    }

    /// Whether the record only confirms what was reported; notes that it does.
    pub fn goes_on(&mut self, generation: u32) -> bool {
        let is_same = self.generation == generation
            && self
                .shown
                .as_ref()
                .is_some_and(|shown| shown.is_same(&self.now));
        if is_same {
            self.seen_utc_ms = self.now.received_utc_ms;
            self.pending = None;
            self.is_back();
        }
        is_same
    }

    pub fn is_back(&mut self) {
        self.absent_since_utc_ms = None;
        self.absent_clean = 0;
        self.absent = 0;
    }
}
