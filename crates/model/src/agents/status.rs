//! What an agent did, second by second, where the source can tell.

use super::AgentKey;
use crate::streams::Quality;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

macro_rules! named {
    ($(#[$type_doc:meta])+ $type:ident { $($(#[$doc:meta])+ $variant:ident = $name:literal),+ $(,)? }) => {
        $(#[$type_doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $type {
            $($(#[$doc])+ $variant,)+
        }

        impl $type {
            /// All values, in their order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stable name used in the database and the API.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// The inverse of [`Self::as_str`].
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.as_str() == name)
            }
        }
    };
}

named! {
    /// A work mode, whatever number a site gives it.
    WorkState {
        /// Ready for a call.
        Available = "available",
        /// On a skill call.
        Acd = "acd",
        /// After-call work of a skill.
        AfterCall = "after_call",
        /// Not ready, for a reason.
        Aux = "aux",
        /// On a call to the agent directly.
        DirectAcd = "direct_acd",
        /// After-call work of a direct call.
        DirectAfterCall = "direct_after_call",
        /// A call ringing, nothing else going on.
        Ringing = "ringing",
        /// Just logged in, dialling, or a call on hold with no other action.
        Other = "other",
        /// The source did not recognise the state, or its number means nothing we know.
        Unknown = "unknown",
        /// Not logged in.
        Unstaffed = "unstaffed",
        /// The moment of logging in.
        LogOn = "log_on",
        /// The moment of logging out.
        LogOff = "log_off",
    }
}

impl WorkState {
    /// True for the states in which the source counts the agent as staffed.
    pub fn is_staffed(self) -> bool {
        !matches!(self, Self::Unstaffed | Self::LogOn | Self::LogOff)
    }

    /// True for the states that belong to one skill; ready and AUX belong to the agent.
    pub fn has_skill(self) -> bool {
        matches!(self, Self::Acd | Self::AfterCall | Self::Ringing)
    }
}

named! {
    /// Which way a call goes that the agent is on.
    CallDirection {
        /// To the agent.
        In = "in",
        /// From the agent.
        Out = "out",
    }
}

named! {
    /// Whether a call was on hold. Hold is no work mode of its own at the source.
    Hold {
        /// Nothing says so.
        No = "no",
        /// The source's flag says so. Source: ag_actv.caller_hold.
        Flagged = "flagged",
        /// *Other* directly after a call, which is where hold with no other action is booked.
        Probable = "probable",
    }
}

named! {
    /// Where a span comes from; the resolution follows from it.
    StatusSource {
        /// Agent trace: to the second.
        Trace = "trace",
        /// Login sessions: logged in or not, nothing between.
        Sessions = "sessions",
        /// The real-time feed.
        Feed = "feed",
    }
}

/// One span of one state; a moment (`log_on`, `log_off`) has equal start and end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentStatus {
    /// The agent.
    pub agent: AgentKey,
    /// The local date of the source row; with table and ACD it names the partition.
    pub row_date: Date,
    /// Start, seconds since 1970 UTC.
    pub start_utc_s: i64,
    /// End, exclusive, seconds since 1970 UTC.
    pub end_utc_s: i64,
    /// The state.
    pub state: WorkState,
    /// Direction of the call, where there is one.
    pub direction: Option<CallDirection>,
    /// AUX reason, in AUX only; `None` where the source is blank.
    pub aux_reason: Option<i32>,
    /// The skill, for states that have one.
    pub skill: Option<String>,
    /// Reason of logging out, at `log_off` only.
    pub logout_reason: Option<i32>,
    /// Whether a call was on hold.
    pub hold: Hold,
    /// The number the source gave the state. Source: ag_actv.workmode.
    pub source_mode: Option<i32>,
    /// The number the source gave the direction. Source: ag_actv.direction.
    pub source_direction: Option<i32>,
    /// Where the span comes from.
    pub source: StatusSource,
    /// How far start and end can be trusted.
    pub quality: Quality,
}

impl AgentStatus {
    /// Length in seconds.
    pub fn length_s(&self) -> i64 {
        self.end_utc_s - self.start_utc_s
    }

    /// Seconds of the span within a slot.
    pub fn seconds_within(&self, from_utc_s: i64, to_utc_s: i64) -> i64 {
        (self.end_utc_s.min(to_utc_s) - self.start_utc_s.max(from_utc_s)).max(0)
    }

    /// Whether `next` goes on with the very same state without a gap.
    pub fn is_continued_by(&self, next: &Self) -> bool {
        self.end_utc_s == next.start_utc_s
            && self.length_s() > 0
            && next.length_s() > 0
            && self.agent == next.agent
            && self.state == next.state
            && self.direction == next.direction
            && self.aux_reason == next.aux_reason
            && self.skill == next.skill
            && self.logout_reason == next.logout_reason
            && self.hold == next.hold
            && self.source_mode == next.source_mode
            && self.source_direction == next.source_direction
            && self.source == next.source
            && self.quality == next.quality
    }
}

/// Joins spans of neighbouring partitions that are one state cut at midnight. To be applied on read, on spans
/// sorted by agent and start; stored spans stay as their partition gave them.
pub fn continue_over_midnight(spans: Vec<AgentStatus>) -> Vec<AgentStatus> {
    let mut joined: Vec<AgentStatus> = Vec::with_capacity(spans.len());
    for span in spans {
        match joined.last_mut() {
            Some(last) if last.is_continued_by(&span) => last.end_utc_s = span.end_utc_s,
            _ => joined.push(span),
        }
    }
    joined
}
