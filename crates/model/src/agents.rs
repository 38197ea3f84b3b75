//! What people did, as the source reported it. Raw: mapping to persons and activities, and how much detail
//! is shown, are applied on read.
//!
//! Personal data. Nothing here is read from a source unless a scope was set for it.

use crate::ids::AcdNumber;
use serde::{Deserialize, Serialize};

pub mod cross_check;
mod interval;
pub mod scope;
mod session;
pub mod settings;
mod status;

pub use interval::{
    AgentDay, AgentFigures, AgentInterval, AgentSkillInterval, AuxReasonSeconds, SkillFigures,
};
pub use session::{
    AgentSession, LoginTime, LogoutTime, OpenSessions, RESKILLING_GAP_S, SessionPart, SkillAtLogin,
    merge_sessions, open_sessions,
};
pub use status::{
    AgentStatus, CallDirection, Hold, StatusSource, WorkState, continue_over_midnight,
};

/// Name of the stream of [`AgentInterval`]s.
pub const AGENT_INTERVALS: &str = "agent_intervals";
/// Name of the stream of [`AgentDay`]s.
pub const AGENT_DAYS: &str = "agent_days";
/// Name of the stream of [`SessionPart`]s.
pub const AGENT_SESSIONS: &str = "agent_sessions";
/// Name of the stream of [`AgentStatus`]es.
pub const AGENT_STATUSES: &str = "agent_statuses";

/// An agent as the source names it: a login ID, unique within its ACD only.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AgentKey {
    /// The ACD.
    pub acd: AcdNumber,
    /// The login ID without padding. Source: `logid`.
    pub login: String,
}
