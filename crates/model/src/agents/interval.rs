//! Durations and calls of an agent in a slot, over all skills and per skill.
//!
//! Two kinds of time must not be mixed. *Exclusive* seconds (talking, after-call work, ringing) belong to
//! one skill each and add up over skills. *Parallel* seconds (staffed, available, AUX, other) run in every
//! skill at once: per skill they say how long the agent was there for that skill, and their sum over skills
//! means nothing. The agent's own staffed, available, AUX and other seconds therefore come from columns
//! that the source books once.

use super::AgentKey;
use crate::streams::Quality;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

macro_rules! figures {
    ($(#[$type_doc:meta])+ $type:ident { $($(#[$doc:meta])+ $name:ident),+ $(,)? }) => {
        $(#[$type_doc])+
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        pub struct $type {
            $($(#[$doc])+ pub $name: Option<i64>,)+
        }

        impl $type {
            /// The stable names, in storage order.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($name)),+];
            /// How many figures there are.
            pub const COUNT: usize = Self::NAMES.len();

            /// The figures in the order of [`Self::NAMES`].
            pub fn values(&self) -> [Option<i64>; Self::COUNT] {
                [$(self.$name),+]
            }

            /// The inverse of [`Self::values`].
            pub fn from_values(values: [Option<i64>; Self::COUNT]) -> Self {
                let [$($name),+] = values;
                Self { $($name),+ }
            }

            /// Adds the figures of other rows; what is unknown in one is unknown in the sum.
            #[must_use]
            pub fn plus(&self, other: &Self) -> Self {
                let (one, two) = (self.values(), other.values());
                Self::from_values(std::array::from_fn(|at| Some(one[at]? + two[at]?)))
            }
        }
    };
}

figures! {
    /// An agent in a slot, over all skills. `None` is "the source did not say", never zero.
    AgentFigures {
        /// Logged in, seconds. Source: sum of hagent.ti_stafftime over all skills of the agent.
        staffed_seconds,
        /// Ready for a call, seconds. Source: sum of hagent.ti_availtime.
        available_seconds,
        /// In AUX for any reason, seconds. Source: sum of hagent.ti_auxtime.
        aux_seconds,
        /// In no other state (dialling, hold with no other action), seconds. Source: sum of hagent.ti_othertime.
        other_seconds,
        /// An ACD call ringing, seconds. Source: sum of hagent.i_ringtime.
        ringing_seconds,
        /// On skill calls within the slot, seconds. Source: sum of hagent.i_acdtime.
        acd_seconds,
        /// After-call work of skills within the slot, seconds. Source: sum of hagent.i_acwtime.
        acw_seconds,
        /// On direct-agent calls within the slot, seconds. Source: sum of hagent.i_da_acdtime.
        direct_acd_seconds,
        /// After-call work of direct-agent calls within the slot, seconds. Source: sum of hagent.i_da_acwtime.
        direct_acw_seconds,
        /// Skill calls that ended in the slot. Source: sum of hagent.acdcalls.
        answered,
        /// Direct-agent calls that ended in the slot. Source: sum of hagent.da_acdcalls.
        direct_answered,
        /// Talk time of the skill calls that ended in the slot, without hold, seconds. Source: sum of hagent.acdtime.
        call_talk_seconds,
        /// Talk time of the direct-agent calls that ended in the slot, seconds. Source: sum of hagent.da_acdtime.
        direct_call_talk_seconds,
        /// Hold time of skill and direct-agent calls that ended in the slot, seconds. Source: sum of hagent.holdacdtime.
        call_hold_seconds,
        /// After-call work of the skill calls that ended in the slot, seconds. Source: sum of hagent.acwtime.
        call_acw_seconds,
        /// After-call work of the direct-agent calls that ended in the slot, seconds. Source: sum of hagent.da_acwtime.
        direct_call_acw_seconds,
        /// Calls transferred. Source: sum of hagent.transferred.
        transferred,
        /// Calls that rang and were not answered. Source: sum of hagent.noansredir.
        not_answered,
    }
}

figures! {
    /// An agent in a slot for one skill. The parallel seconds are never summed over skills.
    SkillFigures {
        /// Logged in to this skill, seconds; parallel. Source: hagent.i_stafftime.
        staffed_seconds,
        /// Available in this skill, seconds; parallel. Source: hagent.i_availtime.
        available_seconds,
        /// In AUX, seconds; parallel. Source: hagent.i_auxtime.
        aux_seconds,
        /// Busy elsewhere or in no other state, seconds; parallel. Source: hagent.i_othertime.
        other_seconds,
        /// AUX with an incoming extension call, seconds; parallel. Source: hagent.i_auxintime.
        aux_in_seconds,
        /// AUX with an outgoing extension call, seconds; parallel. Source: hagent.i_auxouttime.
        aux_out_seconds,
        /// A call of this skill ringing, seconds; exclusive. Source: hagent.i_ringtime.
        ringing_seconds,
        /// On calls of this skill, seconds; exclusive. Source: hagent.i_acdtime.
        acd_seconds,
        /// After-call work of this skill, seconds; exclusive. Source: hagent.i_acwtime.
        acw_seconds,
        /// Calls of this skill that ended in the slot. Source: hagent.acdcalls.
        answered,
        /// Talk time of those calls without hold, seconds. Source: hagent.acdtime.
        call_talk_seconds,
        /// Hold time of those calls, seconds. Source: hagent.holdtime.
        call_hold_seconds,
        /// After-call work of those calls, seconds. Source: hagent.acwtime.
        call_acw_seconds,
    }
}

impl AgentFigures {
    /// Staffed seconds less the seconds of all states, which the source's rules make equal:
    /// `sum(ti_stafftime) = sum(i_acdtime + i_acwtime + i_da_acdtime + i_da_acwtime + i_ringtime + ti_auxtime
    /// + ti_availtime + ti_othertime)`. `None` when one of them is unknown.
    pub fn identity_gap_s(&self) -> Option<i64> {
        let states = [
            self.available_seconds,
            self.aux_seconds,
            self.other_seconds,
            self.ringing_seconds,
            self.acd_seconds,
            self.acw_seconds,
            self.direct_acd_seconds,
            self.direct_acw_seconds,
        ];
        let sum = states
            .into_iter()
            .try_fold(0_i64, |sum, seconds| Some(sum + seconds?))?;
        Some(self.staffed_seconds? - sum)
    }
}

/// Seconds of AUX for one reason. Source: sum of hagent.ti_auxtimeN over all skills of the agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AuxReasonSeconds {
    /// Reason code, 0 to 99; 0 is what the system sets by itself.
    pub reason: u8,
    /// Seconds in the slot, not zero.
    pub seconds: i64,
}

/// An agent in a slot, over all skills. Source: all `hagent` rows of the agent that start then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentInterval {
    /// The agent.
    pub agent: AgentKey,
    /// The local date of the source rows; with table and ACD it names the partition.
    pub row_date: Date,
    /// Start of the slot, seconds since 1970 UTC.
    pub start_utc_s: i64,
    /// Length of the slot in seconds.
    pub length_s: i64,
    /// How far the figures can be trusted.
    pub quality: Quality,
    /// The figures.
    pub figures: AgentFigures,
    /// AUX by reason, ascending, without reasons of zero seconds.
    pub aux_by_reason: Vec<AuxReasonSeconds>,
    /// See [`AgentFigures::identity_gap_s`]; anything but zero is listed as a deviation.
    pub identity_gap_s: Option<i64>,
    /// AUX seconds less the sum over reasons; `None` where the source has no reasons.
    pub aux_gap_s: Option<i64>,
}

/// What one skill had of an agent in a slot. Source: the `hagent` rows of agent and skill that start then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentSkillInterval {
    /// The agent.
    pub agent: AgentKey,
    /// The split or skill, as text. Source: hagent.split.
    pub skill: String,
    /// The local date of the source rows.
    pub row_date: Date,
    /// Start of the slot, seconds since 1970 UTC.
    pub start_utc_s: i64,
    /// Length of the slot in seconds.
    pub length_s: i64,
    /// How far the figures can be trusted.
    pub quality: Quality,
    /// The figures.
    pub figures: SkillFigures,
}

/// A whole local day of an agent, where interval rows have aged out. Shown as a day, never spread over slots.
/// Source: all `dagent` rows of agent and date.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentDay {
    /// The agent.
    pub agent: AgentKey,
    /// The local date.
    pub row_date: Date,
    /// How far the figures can be trusted.
    pub quality: Quality,
    /// The figures.
    pub figures: AgentFigures,
    /// AUX by reason, ascending, without reasons of zero seconds.
    pub aux_by_reason: Vec<AuxReasonSeconds>,
    /// See [`AgentFigures::identity_gap_s`].
    pub identity_gap_s: Option<i64>,
    /// How many intervals the source calls incomplete. Source: dagent.incomplete.
    pub incomplete_intervals: i64,
}
