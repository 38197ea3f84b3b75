//! The messages of `/link/v1`, in the order in which a Link uses them.
//!
//! | Call | Body | Answer |
//! |---|---|---|
//! | `POST /link/v1/pairings` | [`PairingRequest`] | [`PairingCreated`] |
//! | `GET /link/v1/pairings/{id}` (long poll, pairing secret as bearer) | - | [`PairingStatus`] |
//! | `POST /link/v1/sync` (long poll, Link token as bearer, as all below) | [`SyncRequest`] | [`SyncResponse`] |
//! | `POST /link/v1/tasks/lease` (long poll) | [`LeaseRequest`] | [`LeaseResponse`] |
//! | `PUT /link/v1/tasks/{id}/attempts/{a}/parts/{n}` | encoded source columns, [`PART_HASH_HEADER`] | 204 |
//! | `POST /link/v1/tasks/{id}/attempts/{a}/complete` | [`CompleteRequest`] | [`CompleteResponse`] |
//! | `POST /link/v1/tasks/{id}/attempts/{a}/fail` | [`FailRequest`] | 204 |
//! | `POST /link/v1/live` | [`crate::live::LiveBatch`] | [`crate::live::LiveAnswer`] |
//!
//! Every request carries [`VERSION_HEADER`]. Errors are `application/problem+json`; their `code` is stable.

use crate::capabilities::Capabilities;
use crate::live::{FeedPreview, FeedPreviewRequest, RealtimeConfiguration};
use floorwire_model::agents::scope::AgentScope;
use serde::{Deserialize, Serialize};

/// Header with the protocol version of the sender, e.g. `1`.
pub const VERSION_HEADER: &str = "x-floorwire-protocol";
/// The protocol version of this program.
pub const VERSION: u16 = 1;
/// Header of a part: SHA-256 of its body, lower-case hexadecimal.
pub const PART_HASH_HEADER: &str = "x-floorwire-sha256";
/// Largest accepted body of one part, bytes as sent (compressed).
pub const MAX_PART_BYTES: usize = 16 * 1024 * 1024;
/// Largest accepted part after decompression, bytes.
pub const MAX_PART_DECOMPRESSED_BYTES: usize = 64 * 1024 * 1024;
/// How long the Hub holds a long poll before it answers "nothing new", seconds.
pub const LONG_POLL_SECONDS: u64 = 25;

/// What a Link says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LinkDescription {
    /// Name for people; the host name unless set otherwise.
    pub name: String,
    /// Version of the program.
    pub version: String,
    /// Host name.
    pub host: String,
    /// Operating system and architecture, e.g. `linux x86_64`.
    pub operating_system: String,
    /// ODBC driver names registered on the host.
    #[serde(default)]
    pub drivers: Vec<String>,
    /// ODBC data source names registered on the host.
    #[serde(default)]
    pub data_sources: Vec<String>,
    /// How much the Link asks of the CMS at most; absent from Links that do not say.
    #[serde(default)]
    pub guard: Option<GuardLimits>,
}

/// Asks for a PIN. The Link invents its token and its pairing secret and sends only their hashes, so that
/// nothing secret travels back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PairingRequest {
    /// The integration's code, as given to `floorwire-link run --integration`.
    pub integration_code: String,
    /// The Link.
    pub link: LinkDescription,
    /// X25519 public key to which secrets are sealed, base64 of 32 bytes.
    pub public_key: String,
    /// SHA-256 of the token the Link will use once paired, lower-case hexadecimal.
    pub token_sha256: String,
    /// SHA-256 of the secret with which the Link asks for this pairing's state, lower-case hexadecimal.
    pub pairing_secret_sha256: String,
}

/// A pairing waits for its PIN.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PairingCreated {
    /// Names the pairing in `GET /pairings/{id}`; starts with the account's id.
    pub pairing_id: String,
    /// Six digits for a person to enter at the Hub.
    pub pin: String,
    /// When the PIN stops working, milliseconds since 1970 UTC.
    pub expires_utc_ms: i64,
    /// The integration's name, so that the console can show it.
    pub integration_name: String,
}

/// Where a pairing stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "state")]
pub enum PairingStatus {
    /// Nobody has entered the PIN yet.
    Waiting,
    /// The PIN was entered.
    #[serde(rename_all = "camelCase")]
    Paired {
        /// What the Link puts before its token: `fwl_<account>_<link>_<token>` is the bearer.
        token_prefix: String,
        /// The integration's name.
        integration_name: String,
    },
    /// The PIN is too old, was entered wrongly too often, or the integration is gone. Ask for a new one.
    Void,
}

/// What went wrong, for people and for programs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// Stable code, e.g. `wrong-password`; pages translate by it.
    pub code: String,
    /// One line in English.
    pub title: String,
    /// What happened, without secrets.
    pub detail: String,
    /// What to do about it.
    pub remedy: String,
    /// What the driver said, whole, without secrets.
    #[serde(default)]
    pub diagnostics: Vec<Diagnostic>,
}

/// One diagnostic record of an ODBC driver.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Diagnostic {
    /// Five characters.
    pub sqlstate: String,
    /// The database's own number.
    pub native_code: i32,
    /// Text without secrets.
    pub message: String,
}

/// The Link reports its state and asks for what the Hub wants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SyncRequest {
    /// Random per start of the program; leases of another boot are released.
    pub boot_id: String,
    /// The Link.
    pub link: LinkDescription,
    /// [`Desired::version`] the Link acts on; the Hub answers at once when it has another.
    #[serde(default)]
    pub seen_version: Option<i64>,
    /// What is new since the last report that was answered.
    #[serde(default)]
    pub report: LinkReport,
}

/// News from the Link. Absent fields say nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LinkReport {
    /// Answer to [`Desired::examine`].
    #[serde(default)]
    pub examined: Option<Examined>,
    /// Leases still being worked on; the Hub extends them.
    #[serde(default)]
    pub running: Vec<RunningTask>,
    /// What the CMS was asked, in hours whose totals are new; a total replaces the one of the same hour and boot.
    #[serde(default)]
    pub load: Vec<HourLoad>,
    /// Answer to [`Desired::feed_preview`].
    #[serde(default)]
    pub feed_preview: Option<FeedPreview>,
}

/// What the CMS was asked within an hour, since the start of the program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HourLoad {
    /// Start of the hour, seconds since 1970 UTC.
    pub hour_utc_s: i64,
    /// Statements sent.
    pub statements: u64,
    /// Statements that did not reach their end: refused, given up or interrupted.
    pub failures: u64,
    /// Rows that arrived.
    pub rows: u64,
    /// Bytes of their values.
    pub bytes: u64,
    /// How long the CMS was busy with the statements, milliseconds.
    pub busy_ms: u64,
    /// The longest statement, milliseconds.
    pub longest_ms: u64,
    /// The budget of the hour is used up: no further task is taken until it is over.
    #[serde(default)]
    pub budget_used: bool,
}

/// How much a Link asks of the CMS at most; `None`: as much as there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct GuardLimits {
    /// Rows of one statement; a read that reaches it is set aside.
    pub statement_rows: Option<u64>,
    /// Seconds of one statement; a read over it is given up.
    pub statement_seconds: Option<u64>,
    /// Bytes of one statement; a read over it is given up.
    pub statement_bytes: Option<u64>,
    /// Rows of an hour.
    pub hour_rows: Option<u64>,
    /// Seconds of an hour in which the CMS is busy.
    pub hour_seconds: Option<u64>,
    /// Bytes of an hour.
    pub hour_bytes: Option<u64>,
}

/// Result of looking at the CMS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Examined {
    /// [`Examine::request`] this answers.
    pub request: i64,
    /// The configuration it was done under.
    pub configuration_version: i64,
    /// What was found; absent when looking failed.
    #[serde(default)]
    pub capabilities: Option<Capabilities>,
    /// Why looking failed, or what keeps the import from working.
    #[serde(default)]
    pub problem: Option<Problem>,
}

/// A lease the Link still works on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RunningTask {
    /// The task.
    pub task: i64,
    /// The lease's attempt.
    pub attempt: i64,
}

/// What the Hub wants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SyncResponse {
    /// The desired state.
    pub desired: Desired,
    /// The Hub's clock when it answered, milliseconds since 1970 UTC.
    pub hub_utc_ms: i64,
}

/// The desired state; a new version whenever anything in it changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Desired {
    /// Changes with everything below.
    pub version: i64,
    /// While true, nothing is read from the CMS.
    pub paused: bool,
    /// Absent until the integration is configured.
    #[serde(default)]
    pub configuration: Option<LinkConfiguration>,
    /// Asks to look at the CMS and report.
    #[serde(default)]
    pub examine: Option<Examine>,
    /// Asks to read the last raw lines of a feed by another profile.
    #[serde(default)]
    pub feed_preview: Option<FeedPreviewRequest>,
}

/// The part of the configuration a Link needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LinkConfiguration {
    /// Raised with every change.
    pub version: i64,
    /// The connection string with secret values replaced by `{sealed}`.
    pub connection_open: String,
    /// Sealed box over the secret and redirecting keywords, base64.
    pub connection_sealed: String,
    /// Whose data may be read; the Link lets nothing else out of the site.
    #[serde(default)]
    pub agent_scope: AgentScope,
    /// The real-time feeds; absent while real-time data is off.
    #[serde(default)]
    pub realtime: Option<RealtimeConfiguration>,
}

/// A request to look at the CMS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Examine {
    /// Raised with every request.
    pub request: i64,
}

/// Asks for tasks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LeaseRequest {
    /// As in [`SyncRequest::boot_id`].
    pub boot_id: String,
    /// The configuration the Link would work under; others get no task.
    pub configuration_version: i64,
    /// How many tasks the Link takes at most.
    pub max: u32,
    /// Leases the Link still works on. All others it holds are released at once: an answer that was lost
    /// on the way, or a read that was interrupted, leaves no task leased.
    #[serde(default)]
    pub running: Vec<RunningTask>,
}

/// Tasks for the Link, in the order in which to run them; none when the long poll ended without one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LeaseResponse {
    /// The leases.
    pub tasks: Vec<LeasedTask>,
}

/// One partition to read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LeasedTask {
    /// The task.
    pub task: i64,
    /// This lease; results under another attempt are refused.
    pub attempt: i64,
    /// Source table.
    pub table: String,
    /// ACD number.
    pub acd: i32,
    /// Local date, `YYYY-MM-DD`; absent for tables without `row_date`.
    #[serde(default)]
    pub row_date: Option<String>,
    /// How long the lease lasts without a part or a sync, seconds.
    pub lease_seconds: u32,
    /// The fingerprint of the rows that the Hub holds (`model::fingerprint`). Where the source computes the same, nothing has
    /// to be read: see [`CompleteRequest::unchanged`]. A Link may read all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
}

/// All parts of an attempt have been sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CompleteRequest {
    /// Number of parts, numbered from 0.
    pub parts: u32,
    /// Rows over all parts, as the source counted them.
    pub rows: u64,
    /// When the read began, milliseconds since 1970 UTC by the Link's clock.
    pub read_begin_utc_ms: i64,
    /// When it ended, same clock.
    pub read_end_utc_ms: i64,
    /// The read stopped at the row limit: it is not whole.
    pub hit_row_limit: bool,
    /// Nothing was read: the source computed this fingerprint, the one of [`LeasedTask::fingerprint`]. No parts and no rows
    /// then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unchanged: Option<String>,
}

/// What became of an attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CompleteResponse {
    /// The outcome; sending the same `complete` again gives the same.
    pub outcome: Outcome,
    /// Why, where it was not applied.
    #[serde(default)]
    pub detail: String,
}

/// What became of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// The partition was replaced.
    Applied,
    /// The partition has the same rows already.
    Unchanged,
    /// The attempt is not the current one, or something newer was applied.
    Refused,
    /// Kept apart for a person to decide.
    SetAside,
}

/// An attempt could not be carried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FailRequest {
    /// The cause.
    pub problem: Problem,
}
