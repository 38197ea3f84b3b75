//! What the real-time feed says of agents, change by change, from the site to the pages.
//!
//! A feed arrives at one port of a Link; the port names it. Times are milliseconds since 1970 UTC by the Link's clock. A
//! feed reports differences only: a status holds until the agent's next event, or until [`LiveChange::Lost`] ends all
//! statuses of its ACD at their last confirmation. After a loss every agent is reported anew, changed or not, so that what
//! is not reported stays unknown.
//!
//! Personal data: only agents within the scope that was set for the integration are ever put into these types.

use crate::agents::{CallDirection, Hold, WorkState};
use crate::ids::AcdNumber;
use serde::{Deserialize, Serialize};

/// Name of the stream of [`LiveEvent`]s.
pub const LIVE_STATUSES: &str = "live_statuses";

/// One change, in the order in which a Link found it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LiveEvent {
    /// The port at which the feed arrives.
    pub port: u16,
    /// The ACD.
    pub acd: AcdNumber,
    /// When the Link received the bytes that say so, or noticed that none came.
    pub received_utc_ms: i64,
    /// What happened.
    pub change: LiveChange,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    tag = "kind"
)]
pub enum LiveChange {
    /// An agent is in another status, or in the same one as the first word after a loss.
    Status {
        /// The login ID without padding.
        login: String,
        /// The name that the feed shows, where it shows one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        /// Since when; never before the agent's previous event.
        since_utc_ms: i64,
        /// How `since_utc_ms` is known.
        since: Since,
        /// The status; [`WorkState::Unstaffed`] when the agent has logged out.
        status: LiveStatus,
    },
    /// Nothing is known of this feed's agents on the ACD any more.
    Lost {
        /// Until when their statuses were confirmed; `None` when they never were since the Link knows of them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        confirmed_utc_ms: Option<i64>,
        /// Why.
        cause: LossCause,
    },
    /// Changes were dropped because the buffer was full: statuses between two events of an agent may be missing.
    Dropped {
        /// How many.
        events: u64,
        /// The earliest.
        from_utc_ms: i64,
        /// The latest.
        to_utc_ms: i64,
    },
}

/// How the start of a status is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Since {
    /// From the record's own duration or time.
    Source,
    /// From the moment of receipt: up to one period late.
    Receipt,
    /// It lasted already when the feed began to speak of the agent; the true start is earlier.
    Earlier,
}

/// What an agent does, as the feed says it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LiveStatus {
    /// The state.
    pub state: WorkState,
    /// Direction of the call, where there is one.
    #[serde(default)]
    pub direction: Option<CallDirection>,
    /// AUX reason, in AUX only; `None` where the feed is blank, which is not reason 0.
    #[serde(default)]
    pub aux_reason: Option<i32>,
    /// The skill, for states that have one.
    #[serde(default)]
    pub skill: Option<String>,
    /// The level at which the agent has it.
    #[serde(default)]
    pub skill_level: Option<i32>,
    /// Whether a call is on hold.
    pub hold: Hold,
    /// What the feed said, where the profile knows no meaning for it: state code, or reason name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
}

/// Why nothing is known any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LossCause {
    /// The connection ended and no other came in time.
    Disconnected,
    /// The connection stands and nothing comes.
    Silent,
    /// The same content comes again and again while durations do not grow.
    Frozen,
    /// Snapshots without agents, or with less than half of them.
    Emptied,
    /// The switch has no contact with the CMS: all agents at once are in *Other*.
    SwitchLink,
    /// The Link was not running or was told to close the port.
    NotListening,
    /// The configuration of the feed changed.
    Reconfigured,
}

/// A profile that comes with a vendor's crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShippedProfile {
    /// Its name.
    pub name: &'static str,
    /// Its text.
    pub text: &'static str,
}

/// What is wrong with a profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProfileFault {
    /// Line of the text, from 1, where it is known.
    pub line: Option<usize>,
    /// The key, such as `columns.state`; empty when the text is not TOML.
    pub key: String,
    /// What is wrong and what would be right.
    pub message: String,
}
