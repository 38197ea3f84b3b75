//! Agents now, and the health of the feeds that say so, as the API shows them.

use crate::api::agents::{AgentState, Direction, OnHold};
use crate::api::extract::Paging;
use crate::api::integrations::mirrored;
use crate::api::types::Instant;
use floorwire_model::live::{LossCause, Since};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

mirrored! {
    /// How the start of a status is known.
    LiveSince of Since {
        /// From the source's own duration or time.
        Source,
        /// From the moment of receipt: up to one period of the feed late.
        Receipt,
        /// It lasted already when the feed began to speak of the agent; the true start is earlier.
        Earlier,
    }
}

/// Why a status is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum UnknownCause {
    /// The Link does not answer the hub.
    LinkGone,
    /// The feed confirmed nothing for longer than it may, or events wait at the Link.
    Stale,
    /// The connection of the feed ended and no other came in time.
    Disconnected,
    /// The connection stands and nothing comes.
    Silent,
    /// The same content comes again and again while durations do not grow.
    Frozen,
    /// Snapshots without agents, or with less than half of them.
    Emptied,
    /// The switch has no contact with the CMS.
    SwitchLink,
    /// The Link was not running, or the port is closed.
    NotListening,
    /// The configuration of the feed changed.
    Reconfigured,
}

impl From<LossCause> for UnknownCause {
    fn from(cause: LossCause) -> Self {
        match cause {
            LossCause::Disconnected => Self::Disconnected,
            LossCause::Silent => Self::Silent,
            LossCause::Frozen => Self::Frozen,
            LossCause::Emptied => Self::Emptied,
            LossCause::SwitchLink => Self::SwitchLink,
            LossCause::NotListening => Self::NotListening,
            LossCause::Reconfigured => Self::Reconfigured,
        }
    }
}

/// What an agent does now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LiveAgent {
    /// Names this row in deltas; unique within the account.
    pub key: String,
    /// The number of the agent under `/agents`.
    pub agent_id: i64,
    /// The integration.
    pub integration_id: i64,
    /// The port at which the feed arrives that says so.
    pub port: u16,
    /// The ACD.
    pub acd: i64,
    /// The login ID.
    pub login: String,
    /// The dictionary's name, else the feed's, else the login ID.
    pub name: String,
    /// The state; `unknown` with an `unknownCause` when nothing is known now, without one when the feed said something that
    /// the profile has no meaning for (see `raw`).
    pub state: AgentState,
    /// Since when. Of a status that is not known: the last confirmation of the status before.
    pub since: Instant,
    /// How the start is known.
    pub since_kind: LiveSince,
    /// Why nothing is known; null while the status is known. Unknown is not absent.
    #[schema(required)]
    pub unknown_cause: Option<UnknownCause>,
    /// The state that was confirmed last, where nothing is known now.
    #[schema(required)]
    pub last_state: Option<AgentState>,
    /// Direction of the call, where there is one.
    #[schema(required)]
    pub direction: Option<Direction>,
    /// AUX reason, in AUX only; null where the feed is blank, which is not reason 0.
    #[schema(required)]
    pub reason: Option<i32>,
    /// Its name in the source's dictionary.
    #[schema(required)]
    pub reason_name: Option<String>,
    /// The skill, for states that have one; null unless the integration shows detailed agent statuses.
    #[schema(required)]
    pub skill: Option<String>,
    /// Its name in the source's dictionary.
    #[schema(required)]
    pub skill_name: Option<String>,
    /// The level at which the agent has it.
    #[schema(required)]
    pub skill_level: Option<i32>,
    /// Whether a call is on hold.
    pub hold: OnHold,
    /// What the feed said, where the profile knows no meaning for it.
    #[schema(required)]
    pub raw: Option<String>,
}

/// What a feed does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum LiveFeedState {
    /// The Link has not reported about the port yet.
    Waiting,
    /// The port is open, nobody is connected.
    Listening,
    /// Somebody is connected, no whole snapshot or record yet.
    Connected,
    /// Statuses are known.
    Receiving,
    /// Nothing is known any more; see `unknownCause`.
    Lost,
    /// Another program has the port.
    PortInUse,
    /// The system does not let the Link open the port.
    PortForbidden,
    /// The address to listen on, the profile or another setting cannot be used.
    Misconfigured,
    /// Closed while the integration is paused.
    Closed,
    /// The Link does not answer the hub.
    LinkGone,
}

/// How one feed is.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LiveFeed {
    /// The integration.
    pub integration_id: i64,
    /// Its name.
    pub integration_name: String,
    /// The port at which the Link listens.
    pub port: u16,
    /// The ACD of records that do not name one.
    pub acd: i64,
    /// The profile in force.
    pub profile: String,
    /// Its version; 0: shipped.
    pub profile_version: u32,
    /// What the feed does.
    pub state: LiveFeedState,
    /// More about it, for people.
    #[schema(required)]
    pub detail: Option<String>,
    /// Why statuses are not known; null while they are.
    #[schema(required)]
    pub unknown_cause: Option<UnknownCause>,
    /// Since when they are not known: the last confirmation; null while they are known, or never were.
    #[schema(required)]
    pub unknown_since: Option<Instant>,
    /// Who is connected: address and port.
    #[schema(required)]
    pub peer: Option<String>,
    /// Up to when all statuses are confirmed.
    #[schema(required)]
    pub confirmed_at: Option<Instant>,
    /// When the last record came.
    #[schema(required)]
    pub last_record_at: Option<Instant>,
    /// Measured time between snapshots, milliseconds; null: not measured yet.
    #[schema(required)]
    pub period_ms: Option<u64>,
    /// Without a confirmation for so long, statuses are unknown, milliseconds.
    #[schema(required)]
    pub stale_after_ms: Option<u64>,
    /// Agents who are staffed.
    pub agents: u64,
    /// What was counted since the Link started.
    pub counters: LiveCounters,
    /// Half of the events of the last minutes were stored within so many milliseconds of receipt; null without events. Rounded
    /// up by at most a tenth.
    #[schema(required)]
    pub latency_p50_ms: Option<u64>,
    /// The same of 99 of 100 events.
    #[schema(required)]
    pub latency_p99_ms: Option<u64>,
    /// When the Link reported last, by the hub's clock.
    #[schema(required)]
    pub reported_at: Option<Instant>,
    /// The Link's clock minus the hub's, milliseconds; instants of feeds and agents are by the Link's clock.
    #[schema(required)]
    pub clock_ahead_ms: Option<i64>,
    /// How full the Link's buffer is; it is one for all feeds of an integration.
    #[schema(required)]
    pub buffer: Option<LiveBuffer>,
}

/// What a Link counted of one feed since it started.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LiveCounters {
    /// Connections accepted.
    pub connections: u64,
    /// Connections turned away: address not allowed, or too many.
    pub refused_connections: u64,
    /// Bytes received.
    pub bytes: u64,
    /// Lines found in them.
    pub lines: u64,
    /// Lines that are no records by the profile: titles, headings, blank ones.
    pub skipped: u64,
    /// Records understood.
    pub records: u64,
    /// Lines that could not be understood.
    pub rejected: u64,
    /// The same by reason.
    pub rejected_by_reason: BTreeMap<String, u64>,
    /// Records with a state or reason that the profile does not know.
    pub unknown_codes: u64,
    /// Whole snapshots.
    pub snapshots: u64,
    /// Snapshots that did not end as they should.
    pub truncated_snapshots: u64,
    /// Records of agents outside the scope, of which nothing was kept.
    pub out_of_scope: u64,
    /// Events produced.
    pub events: u64,
}

/// How full a Link's buffer of live events is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LiveBuffer {
    /// Events that the hub has not stored.
    pub waiting_events: u64,
    /// When the oldest of them was received.
    #[schema(required)]
    pub oldest_at: Option<Instant>,
    /// Bytes on disk.
    pub bytes: u64,
    /// Bytes it may have.
    pub quota_bytes: u64,
    /// At the present rate the quota is reached in so many seconds; null: it is not growing.
    #[schema(required)]
    pub full_in_seconds: Option<u64>,
    /// Only the latest status of each agent is kept.
    pub degraded: bool,
}

/// Which agents to show.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct LiveQuery {
    /// Of this integration only.
    pub integration: Option<i64>,
    /// Of ACDs with this number only.
    pub acd: Option<i64>,
    /// In this state only, as the answer names it: `available`, `aux`, `unknown`, ...
    #[param(value_type = Option<AgentState>)]
    pub state: Option<AgentState>,
    /// With a call of this skill only; finds nobody where skills are not shown.
    pub skill: Option<String>,
    /// Name or login ID contains this text.
    pub search: Option<String>,
    /// Most things wanted, 1 to 1000; 100 when left out.
    #[param(minimum = 1, maximum = 1000)]
    pub limit: Option<u32>,
    /// `nextCursor` of the page before.
    pub cursor: Option<String>,
}

impl LiveQuery {
    /// The paging part.
    pub fn paging(&self) -> Paging {
        Paging {
            limit: self.limit,
            cursor: self.cursor.clone(),
        }
    }
}

/// A page of agents now, with the feeds that say so.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LiveAgents {
    /// The agents of this page, by integration, ACD, login and port.
    pub items: Vec<LiveAgent>,
    /// What to send as `cursor` for the next page; null on the last.
    #[schema(required)]
    pub next_cursor: Option<String>,
    /// Agents that match, over all pages.
    pub total: u64,
    /// The same by state.
    pub by_state: BTreeMap<String, u64>,
    /// Number of the last event that is in it.
    pub event_id: i64,
    /// The hub's clock.
    pub now: Instant,
    /// Every feed that is configured, whatever was asked for.
    pub feeds: Vec<LiveFeed>,
}

/// What an event of `/live/agents/stream` carries. `snapshot`: everything; it replaces what was there. `delta`: rows that
/// are new or changed, whole, rows that are gone, and feeds when one of them changed.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LiveUpdate {
    /// Number of the last event that is in it; also the id of the server-sent event.
    pub event_id: i64,
    /// The hub's clock.
    pub now: Instant,
    /// New or changed rows; all rows in a snapshot.
    pub agents: Vec<LiveAgent>,
    /// Keys of rows that are no more.
    pub gone: Vec<String>,
    /// All feeds; null in a delta in which no feed changed.
    #[schema(required)]
    pub feeds: Option<Vec<LiveFeed>>,
}
