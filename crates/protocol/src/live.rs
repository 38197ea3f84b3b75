//! `POST /link/v1/live`: live events and the health of the feeds, from the Link's buffer to the Hub.
//!
//! One request is in flight at a time; the next carries what came meanwhile, and one without events goes every few seconds,
//! so that the Hub knows how fresh the statuses are. Events are numbered from 1 within an epoch, which is random and new with
//! each new buffer. The Hub keeps a mark per Link and epoch; a batch that begins at or before the mark is taken from the
//! mark on, one that begins after `mark + 1` is answered with the mark and stores nothing. So a repeated batch has no effect
//! and none is skipped. Body and answer are encoded like parts: MessagePack with field names, in zstd.

use floorwire_model::ids::AcdNumber;
use floorwire_model::live::{LiveEvent, LossCause};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Largest accepted body, bytes as sent (compressed).
pub const MAX_LIVE_BYTES: usize = 4 * 1024 * 1024;
/// Largest accepted body after decompression, bytes.
pub const MAX_LIVE_DECOMPRESSED_BYTES: usize = 32 * 1024 * 1024;
/// Most events of one batch.
pub const MAX_LIVE_EVENTS: usize = 20_000;
/// A batch goes at least so often while real-time data is on, seconds: the Hub takes a Link that is silent for three times
/// as long for gone.
pub const LIVE_HEARTBEAT_SECONDS: u64 = 5;

/// What a Link sends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LiveBatch {
    /// As in `SyncRequest::boot_id`.
    pub boot_id: String,
    /// The numbering of the buffer.
    pub epoch: String,
    /// Number of the first event; with no events, of the one that will come next.
    pub first_sequence: u64,
    /// Events in their order.
    pub events: Vec<LiveEvent>,
    /// The Link's clock when it sent this, milliseconds since 1970 UTC.
    pub sent_utc_ms: i64,
    /// How the feeds are.
    pub feeds: Vec<FeedReport>,
    /// How full the buffer is.
    pub buffer: BufferReport,
}

/// What the Hub answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LiveAnswer {
    /// The last event of the epoch that is stored; 0: none.
    pub mark: u64,
    /// The Hub's clock, milliseconds since 1970 UTC.
    pub hub_utc_ms: i64,
}

/// How full a buffer is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BufferReport {
    /// Events that the Hub has not acknowledged.
    pub waiting_events: u64,
    /// When the oldest of them was received, milliseconds since 1970 UTC.
    #[serde(default)]
    pub oldest_utc_ms: Option<i64>,
    /// Bytes on disk.
    pub bytes: u64,
    /// Bytes it may have.
    pub quota_bytes: u64,
    /// At the present rate the quota is reached in so many seconds; `None`: it is not growing.
    #[serde(default)]
    pub full_in_seconds: Option<u64>,
    /// Only the latest status of each agent is kept, since the buffer is full or cannot be written.
    #[serde(default)]
    pub degraded: bool,
}

/// How a feed is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FeedReport {
    /// The port.
    pub port: u16,
    /// The ACD of records that do not name one.
    pub acd: AcdNumber,
    /// Name of the profile in force.
    pub profile: String,
    /// Its version.
    pub profile_version: u32,
    /// What the feed does.
    pub state: FeedState,
    /// More about it, for people; without personal data.
    #[serde(default)]
    pub detail: Option<String>,
    /// Who is connected: address and port.
    #[serde(default)]
    pub peer: Option<String>,
    /// Up to when all statuses are confirmed (end of the last whole snapshot; with changes only, the last byte).
    #[serde(default)]
    pub confirmed_utc_ms: Option<i64>,
    /// When the last record came.
    #[serde(default)]
    pub last_record_utc_ms: Option<i64>,
    /// Measured time between snapshots, milliseconds.
    #[serde(default)]
    pub period_ms: Option<u64>,
    /// Without a confirmation for so long, statuses are unknown, milliseconds.
    pub stale_after_ms: u64,
    /// Agents who are staffed.
    pub agents: u64,
    /// What was counted since the Link started.
    #[serde(default)]
    pub counters: FeedCounters,
}

/// What a feed does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    tag = "kind"
)]
pub enum FeedState {
    /// The port is open, nobody is connected.
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
    /// Another program has the port.
    PortInUse,
    /// The system does not let the Link open the port.
    PortForbidden,
    /// The address to listen on, the profile or another setting cannot be used.
    Misconfigured,
    /// Closed while the integration is paused.
    Closed,
}

/// What was counted since the Link started.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct FeedCounters {
    /// Connections accepted.
    pub connections: u64,
    /// Connections turned away: address not allowed, or too many.
    pub refused_connections: u64,
    /// Bytes received.
    pub bytes: u64,
    /// Lines (or fixed-length records) found in them.
    pub lines: u64,
    /// Lines that are no records by the profile: titles, headings, blank ones.
    pub skipped: u64,
    /// Records understood.
    pub records: u64,
    /// Lines that could not be understood, by reason.
    pub rejected: BTreeMap<String, u64>,
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

/// What the Hub wants of a Link's feeds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RealtimeConfiguration {
    /// The ports to listen at.
    pub feeds: Vec<FeedConfiguration>,
    /// AUX reasons are dropped before anything is stored or sent: all are one generic absence.
    pub generic_absence: bool,
    /// The ports are closed while the integration is paused; else they stay open and events wait in the buffer.
    pub close_while_paused: bool,
}

/// One port.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FeedConfiguration {
    /// The port.
    pub port: u16,
    /// The address to listen on; `None`: all addresses of the host.
    #[serde(default)]
    pub bind: Option<String>,
    /// Addresses or networks (`10.1.0.0/16`) that may connect; empty: all.
    #[serde(default)]
    pub allow_from: Vec<String>,
    /// The ACD of records that do not name one.
    pub acd: AcdNumber,
    /// Name of the profile.
    pub profile: String,
    /// Its version.
    pub profile_version: u32,
    /// Its text, TOML. Sent whole, so that a Link needs no knowledge of its own.
    pub profile_text: String,
}

/// Asks a Link how its last raw lines of a port read by a profile that is being edited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FeedPreviewRequest {
    /// Raised with every request.
    pub request: i64,
    /// The port.
    pub port: u16,
    /// The profile to try, TOML.
    pub profile_text: String,
}

/// The answer. Identities are pseudonyms, the same for the same agent within one answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FeedPreview {
    /// [`FeedPreviewRequest::request`].
    pub request: i64,
    /// The last lines, oldest first.
    pub lines: Vec<PreviewLine>,
    /// Why there are none, for people.
    #[serde(default)]
    pub detail: Option<String>,
}

/// One raw line and what the profile makes of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PreviewLine {
    /// The line, with identities replaced.
    pub text: String,
    /// What it is: `record`, `skipped`, `header`, `footer`, or the reason of its rejection.
    pub reading: String,
    /// The fields of a record by name.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
}
