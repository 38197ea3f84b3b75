//! Agents and what they did, as the API shows it.

use super::cross_check::CrossCheck;
use crate::api::extract::Paging;
use crate::api::integrations::mirrored;
use crate::api::live::UnknownCause;
use crate::api::types::Instant;
use floorwire_model::agents::{
    CallDirection, Hold, LoginTime as ModelLoginTime, LogoutTime as ModelLogoutTime,
    StatusSource as ModelSource, WorkState,
};
use floorwire_model::streams::Quality;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A login ID of one ACD.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Agent {
    /// Unique within the account.
    pub id: i64,
    /// The name in the source's dictionary, or the login ID.
    pub name: String,
    /// The login ID, unique within its ACD only.
    pub login: String,
    /// The ACD.
    pub acd: i64,
    /// The integration it came from.
    pub integration_id: i64,
    /// That integration's name.
    pub integration_name: String,
    /// Date of the first rows, `YYYY-MM-DD`.
    #[schema(required)]
    pub first_date: Option<String>,
    /// Date of the last rows, `YYYY-MM-DD`.
    #[schema(required)]
    pub last_date: Option<String>,
}

/// Which agents to list.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct AgentQuery {
    /// Of this integration only.
    pub integration: Option<i64>,
    /// Of ACDs with this number only; different integrations may have the same.
    pub acd: Option<i64>,
    /// Name or login ID contains this text.
    pub search: Option<String>,
    /// Most things wanted, 1 to 1000; 100 when left out.
    #[param(minimum = 1, maximum = 1000)]
    pub limit: Option<u32>,
    /// `nextCursor` of the page before.
    pub cursor: Option<String>,
}

impl AgentQuery {
    /// The paging part.
    pub fn paging(&self) -> Paging {
        Paging {
            limit: self.limit,
            cursor: self.cursor.clone(),
        }
    }
}

/// Which days to give.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct PeriodQuery {
    /// First local day, `YYYY-MM-DD`.
    pub from: String,
    /// Day after the last, `YYYY-MM-DD`.
    pub to: String,
    /// IANA zone that cuts the days; the ACD's when left out.
    pub zone: Option<String>,
}

mirrored! {
    /// What an agent does.
    AgentState of WorkState {
        /// Ready for a call.
        Available,
        /// On a call of a skill.
        Acd,
        /// After-call work of a skill.
        AfterCall,
        /// Not ready, for a reason.
        Aux,
        /// On a call to the agent directly.
        DirectAcd,
        /// After-call work of a direct call.
        DirectAfterCall,
        /// A call rings, nothing else goes on.
        Ringing,
        /// Just logged in, dialling, or a call on hold with no other action.
        Other,
        /// The source did not recognise the state, or its number means nothing that is known.
        Unknown,
        /// Not logged in.
        Unstaffed,
        /// The moment of logging in.
        LogOn,
        /// The moment of logging out.
        LogOff,
    }
}

mirrored! {
    /// Which way a call goes.
    Direction of CallDirection {
        /// To the agent.
        In,
        /// From the agent.
        Out,
    }
}

mirrored! {
    /// Whether a call was on hold.
    OnHold of Hold {
        /// Nothing says so.
        No,
        /// The source says so.
        Flagged,
        /// Other work directly after a call, which is where hold is booked.
        Probable,
    }
}

mirrored! {
    /// Where a status comes from.
    StatusSource of ModelSource {
        /// Agent trace: to the second.
        Trace,
        /// Login sessions: logged in or not, nothing between.
        Sessions,
        /// The real-time feed.
        Feed,
    }
}

mirrored! {
    /// How far something can be trusted.
    AgentQuality of Quality {
        /// Complete as the source reported it.
        Final,
        /// The source did not see everything.
        Incomplete,
        /// The source's clock does not say which of two times is meant.
        Ambiguous,
        /// The source stamped it with a time that does not exist; it was shifted forward.
        Shifted,
    }
}

mirrored! {
    /// How a login time is known.
    LoginTime of ModelLoginTime {
        /// The moment of logging in.
        Exact,
        /// Logged in when the link came up: the moment of the link.
        LinkUp,
    }
}

mirrored! {
    /// How a logout time is known.
    LogoutTime of ModelLogoutTime {
        /// The moment of logging out.
        Exact,
        /// Logged out while the link was down: the moment of the link.
        LinkDown,
        /// Not logged out when the source was read.
        Open,
        /// Never reported; the agent logged in again later.
        Unseen,
    }
}

/// The agent of an answer.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AgentOfAnswer {
    /// Unique within the account.
    pub id: i64,
    /// The name in the source's dictionary, or the login ID.
    pub name: String,
    /// The login ID.
    pub login: String,
    /// The ACD.
    pub acd: i64,
    /// The integration it came from.
    pub integration_id: i64,
}

/// What an agent did, slot by slot.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AgentIntervals {
    /// The agent.
    pub agent: AgentOfAnswer,
    /// IANA zone that cuts the days.
    pub zone: String,
    /// Length of an interval at the source, minutes; null while nothing was imported.
    #[schema(required)]
    pub interval_minutes: Option<u16>,
    /// First local day.
    pub from: String,
    /// Day after the last.
    pub to: String,
    /// Every slot of the source in the period, in order.
    pub slots: Vec<AgentSlot>,
    /// Days of the period of which the source has no intervals any more, by its sums over the day. They are not in the
    /// totals.
    pub days: Vec<super::days::AgentDay>,
    /// Sums over the slots with figures.
    pub totals: AgentTimes,
}

/// How far the figures of a slot can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum AgentSlotQuality {
    /// Complete as the source reported it.
    Final,
    /// The source did not see everything.
    Incomplete,
    /// The source's clock does not say which of two slots the figures belong to; the first of them has the figures.
    Ambiguous,
    /// Read, and the ACD has no row at all in it.
    Missing,
    /// Not readable at the source yet.
    NotYetDue,
    /// Readable, not read yet.
    Expected,
    /// The ACD has rows in it, this agent has none: not logged in.
    Zero,
}

/// One slot of an agent.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AgentSlot {
    /// Start.
    pub start: Instant,
    /// Length in seconds.
    pub length_seconds: i64,
    /// How far the figures can be trusted.
    pub quality: AgentSlotQuality,
    /// The figures; null where nothing is known.
    #[serde(flatten)]
    pub times: AgentTimes,
    /// AUX by reason, without reasons of zero seconds.
    pub aux_by_reason: Vec<AuxReason>,
    /// Staffed seconds less the seconds of all states: anything but zero is a deviation at the source; null where unknown.
    #[schema(required)]
    pub identity_gap_seconds: Option<i64>,
    /// What each skill had of the agent.
    pub skills: Vec<SkillPart>,
}

/// Times and calls of an agent; null where nothing is known, never zero for unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AgentTimes {
    /// Logged in, seconds.
    #[schema(required)]
    pub staffed_seconds: Option<i64>,
    /// Ready for a call, seconds.
    #[schema(required)]
    pub available_seconds: Option<i64>,
    /// Calls of skills within the slot, seconds.
    #[schema(required)]
    pub acd_seconds: Option<i64>,
    /// After-call work of skills within the slot, seconds.
    #[schema(required)]
    pub acw_seconds: Option<i64>,
    /// Direct calls within the slot, seconds.
    #[schema(required)]
    pub direct_acd_seconds: Option<i64>,
    /// After-call work of direct calls within the slot, seconds.
    #[schema(required)]
    pub direct_acw_seconds: Option<i64>,
    /// A call ringing, seconds.
    #[schema(required)]
    pub ringing_seconds: Option<i64>,
    /// In AUX, seconds.
    #[schema(required)]
    pub aux_seconds: Option<i64>,
    /// In no other state, seconds.
    #[schema(required)]
    pub other_seconds: Option<i64>,
    /// Calls of skills that ended in the slot.
    #[schema(required)]
    pub answered: Option<i64>,
    /// Direct calls that ended in the slot.
    #[schema(required)]
    pub direct_answered: Option<i64>,
    /// Talk of the calls of skills that ended in the slot, without hold, seconds.
    #[schema(required)]
    pub call_talk_seconds: Option<i64>,
    /// Hold of the calls that ended in the slot, seconds.
    #[schema(required)]
    pub call_hold_seconds: Option<i64>,
    /// After-call work of the calls of skills that ended in the slot, seconds.
    #[schema(required)]
    pub call_acw_seconds: Option<i64>,
    /// Calls transferred.
    #[schema(required)]
    pub transferred: Option<i64>,
    /// Calls that rang and were not answered.
    #[schema(required)]
    pub not_answered: Option<i64>,
}

/// AUX for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AuxReason {
    /// Reason code; 0 is what the system sets by itself.
    pub reason: i64,
    /// Its name in the source's dictionary; null without one.
    #[schema(required)]
    pub name: Option<String>,
    /// Seconds.
    pub seconds: i64,
}

/// What one skill had of an agent in a slot. Staffed, available, AUX and other run in all skills at once: never add them.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SkillPart {
    /// The skill's number.
    pub skill: String,
    /// Its name in the source's dictionary; null without one.
    #[schema(required)]
    pub name: Option<String>,
    /// Logged in to it, seconds; parallel.
    #[schema(required)]
    pub staffed_seconds: Option<i64>,
    /// Ready in it, seconds; parallel.
    #[schema(required)]
    pub available_seconds: Option<i64>,
    /// On its calls, seconds.
    #[schema(required)]
    pub acd_seconds: Option<i64>,
    /// After-call work of it, seconds.
    #[schema(required)]
    pub acw_seconds: Option<i64>,
    /// Its calls ringing, seconds.
    #[schema(required)]
    pub ringing_seconds: Option<i64>,
    /// Its calls that ended in the slot.
    #[schema(required)]
    pub answered: Option<i64>,
}

/// When an agent was logged in.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AgentSessions {
    /// The agent.
    pub agent: AgentOfAnswer,
    /// IANA zone that cuts the days.
    pub zone: String,
    /// First local day.
    pub from: String,
    /// Day after the last.
    pub to: String,
    /// True: a session is at the source from its login on, so who has none is not there. False: only after its end, so
    /// somebody without a session today may well be there. Null: not known.
    #[schema(required)]
    pub written_at_login: Option<bool>,
    /// Sessions that reach into the period, by login.
    pub sessions: Vec<Session>,
}

/// From logging in to logging out; changes of skills do not end it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AgentSession)]
pub struct Session {
    /// Login.
    pub login: Instant,
    /// How it is known.
    pub login_time: LoginTime,
    /// Logout; null while open, or never seen.
    #[schema(required)]
    pub logout: Option<Instant>,
    /// How it is known.
    pub logout_time: LogoutTime,
    /// Reason code of the logout.
    #[schema(required)]
    pub logout_reason: Option<i32>,
    /// The latest moment at which it can have ended; null while open.
    #[schema(required)]
    pub ended_before: Option<Instant>,
    /// The staffed station.
    pub extension: String,
    /// How far the times can be trusted.
    pub quality: AgentQuality,
    /// Skills from a moment on; the first is the login.
    pub skills: Vec<SkillsFrom>,
}

/// The skills of an agent from a moment on.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SkillsFrom {
    /// From when.
    pub from: Instant,
    /// The skills.
    pub skills: Vec<SkillLevel>,
}

/// A skill that an agent holds.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SkillLevel {
    /// Its number.
    pub skill: i32,
    /// Its name in the source's dictionary; null without one.
    #[schema(required)]
    pub name: Option<String>,
    /// The agent's level; null where the source does not say.
    #[schema(required)]
    pub level: Option<i32>,
}

/// What an agent did, second by second where the source can tell.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AgentStatuses {
    /// The agent.
    pub agent: AgentOfAnswer,
    /// IANA zone that cuts the days.
    pub zone: String,
    /// First local day.
    pub from: String,
    /// Day after the last.
    pub to: String,
    /// How fine the statuses are.
    pub resolution: Resolution,
    /// False: what the source's numbers mean is not certain yet, so states may be wrong.
    pub certain: bool,
    /// Statuses that reach into the period, by start; cut to it.
    pub statuses: Vec<Status>,
    /// Seconds that the timeline (trace, or of agents without one the real-time feed) and interval rows book differently,
    /// over the slots of the period that have both; null without such a slot.
    #[schema(required)]
    pub drift_seconds: Option<i64>,
    /// What the other sources say of the timeline; null without trace and feed.
    #[schema(required)]
    pub cross_check: Option<CrossCheck>,
}

/// How fine statuses are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Resolution {
    /// To the second, from the trace.
    Second,
    /// From the real-time feed: each change within a period of it, shorter statuses may be missing.
    Feed,
    /// Logged in or not; states are known as durations per interval only.
    Interval,
    /// Nothing is known of the period.
    Unknown,
}

/// One state over some time; a moment (`logOn`, `logOff`) has no length.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// Start.
    pub start: Instant,
    /// End, exclusive.
    pub end: Instant,
    /// The state; `other` from sessions: logged in, what the agent did is not known.
    pub state: AgentState,
    /// Direction of the call, where there is one.
    #[schema(required)]
    pub direction: Option<Direction>,
    /// AUX reason, in AUX only.
    #[schema(required)]
    pub reason: Option<i32>,
    /// Its name in the source's dictionary.
    #[schema(required)]
    pub reason_name: Option<String>,
    /// The skill, for states that have one.
    #[schema(required)]
    pub skill: Option<String>,
    /// Its name in the source's dictionary.
    #[schema(required)]
    pub skill_name: Option<String>,
    /// Reason of logging out, at `logOff` only.
    #[schema(required)]
    pub logout_reason: Option<i32>,
    /// Whether a call was on hold.
    pub hold: OnHold,
    /// The number the source gave the state.
    #[schema(required)]
    pub source_mode: Option<i32>,
    /// Why nothing is known, of state `unknown` where the real-time feed was lost; null otherwise. Unknown is not absent.
    #[schema(required)]
    pub unknown_cause: Option<UnknownCause>,
    /// Where it comes from.
    pub source: StatusSource,
    /// How far start and end can be trusted.
    pub quality: AgentQuality,
}
