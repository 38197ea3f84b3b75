//! Integrations as the API shows and takes them.

use super::agent_settings::{AgentScope, AgentTables, EventTime};
use super::business_hours::BusinessHours;
use super::realtime::Realtime;
use super::rereading::Rereading;
use crate::api::live::{LiveBuffer, LiveFeed};
use crate::api::types::Instant;
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A connection to one ACD.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Integration {
    /// Unique within the account.
    pub id: i64,
    /// Unique within the account; names the origin of queues.
    pub name: String,
    /// What kind of ACD: `avaya-cms`.
    pub source: String,
    /// What `floorwire-link run --integration` takes.
    pub code: String,
    /// How it is doing.
    pub status: IntegrationStatus,
    /// The initial import; null when it is done or has not begun.
    #[schema(required)]
    pub progress: Option<Progress>,
    /// When rows were last stored.
    #[schema(required)]
    pub last_import_at: Option<Instant>,
    /// End of the latest slot that has figures.
    #[schema(required)]
    pub latest_data_point: Option<Instant>,
    /// What is imported: `callHistory`, `agentStatus`, `realTimeStatus`.
    pub data_types: Vec<String>,
    /// How real-time status is doing; null while it is off.
    #[schema(required)]
    pub realtime: Option<RealtimeStatus>,
    /// The Link paired with it.
    #[schema(required)]
    pub link: Option<Link>,
    /// Its settings.
    pub configuration: Configuration,
    /// When it was created.
    pub created_at: Instant,
}

/// The state of an integration and what is wrong with it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct IntegrationStatus {
    /// The state.
    pub state: IntegrationState,
    /// Since when.
    pub since: Instant,
    /// What is wrong; null unless the state is `problem`, or `paused` with an open problem.
    #[schema(required)]
    pub problem: Option<IntegrationProblem>,
}

/// How real-time status of an integration is doing.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RealtimeStatus {
    /// The state.
    pub state: RealtimeState,
    /// What is wrong; null when nothing is.
    #[schema(required)]
    pub problem: Option<IntegrationProblem>,
    /// When the last change was received.
    #[schema(required)]
    pub latest_data_point: Option<Instant>,
    /// The feeds, by port.
    pub feeds: Vec<LiveFeed>,
    /// The Link's buffer; null until it reported.
    #[schema(required)]
    pub buffer: Option<LiveBuffer>,
}

/// How real-time status is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum RealtimeState {
    /// No feed has sent anything yet, or the Link does not answer.
    Connecting,
    /// Every feed is received.
    Operational,
    /// The integration is paused.
    Paused,
    /// A feed is lost, cannot be received, or events are being dropped.
    Problem,
}

/// How an integration is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum IntegrationState {
    /// No Link yet, or it is not configured, or it does not answer.
    Connecting,
    /// The initial import runs.
    Importing,
    /// Everything readable is imported.
    Operational,
    /// Stopped by somebody.
    Paused,
    /// Something is wrong; see `problem`.
    Problem,
}

/// What is wrong with an integration.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct IntegrationProblem {
    /// Stable code; pages translate by it.
    pub code: String,
    /// In a few words.
    pub title: String,
    /// What happened.
    pub detail: String,
    /// What to do about it.
    pub remedy: String,
    /// When it was seen.
    pub occurred_at: Instant,
    /// What the driver said.
    pub diagnostics: Vec<Diagnostic>,
}

/// One record of a driver's diagnostics, without secrets.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Diagnostic {
    /// Five characters.
    pub sqlstate: String,
    /// The database's own code.
    pub native_code: i32,
    /// The database's text.
    pub message: String,
}

/// How far the initial import is.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// Partitions of the initial import.
    pub partitions_total: i64,
    /// Those that are done.
    pub partitions_done: i64,
    /// Source rows stored so far.
    pub rows_imported: i64,
    /// Recent speed; null while unknown.
    #[schema(required)]
    pub rows_per_second: Option<f64>,
    /// Forecast; null while unknown.
    #[schema(required)]
    pub estimated_end: Option<Instant>,
}

/// The Link paired with an integration.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Link {
    /// How it calls itself.
    pub name: String,
    /// Its program version.
    pub version: String,
    /// The host it runs on.
    pub host: String,
    /// When it was last heard of.
    #[schema(required)]
    pub last_contact_at: Option<Instant>,
    /// True while it keeps in touch.
    pub connected: bool,
    /// Four words made from its key; the Link shows the same.
    pub key_words: Vec<String>,
    /// The X25519 key to which the browser seals secrets, base64 of 32 bytes.
    pub public_key: String,
    /// ODBC drivers registered on its host.
    pub drivers_registered: Vec<String>,
}

/// The settings of an integration.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Configuration {
    /// Counts up with each change.
    pub version: i64,
    /// Null when none is set, or when the right `viewSettings` is missing.
    #[schema(required)]
    pub connection_string: Option<OpenConnectionString>,
    /// IANA zone of the clock that stamps the rows; null while not set.
    #[schema(required)]
    pub zone: Option<String>,
    /// Zones of ACDs whose clock shows another time: IANA zones by the number of the ACD.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(required = false)]
    pub acd_zones: BTreeMap<String, String>,
    /// What a queue is: `split` or `vdn`.
    pub grouping: String,
    /// Numbers of the VDNs that are queues where calls are grouped by VDN, by the number of the ACD.
    pub vdns: BTreeMap<String, Vec<String>>,
    /// How calls become offered calls: `acdcalls+abncalls`, `callsoffered-dequecalls-inflowcalls` (the first skill asked
    /// for) or `i_arrived` (when calls came, not when they ended).
    pub offered_definition: String,
    /// The same for calls grouped by VDN: `incalls`, or `incalls-vector abandons` (without callers who hung up before any
    /// queue, who are no abandoned calls then either).
    pub vdn_offered_definition: String,
    /// Which calls of splits count: `all`, or `inbound` (without calls that an outbound system placed). Figures that the
    /// source does not split are null then where outbound calls were answered.
    pub call_direction: String,
    /// First local day to import, `YYYY-MM-DD`; null: as far back as the source stores, at most three years.
    #[schema(required)]
    pub start_date: Option<String>,
    /// When only what is urgent is read: the newest intervals and what a person asked for.
    pub quiet_hours: Vec<QuietHours>,
    /// Whose intervals, sessions and statuses are imported; null when the right `viewSettings` is missing.
    #[schema(required)]
    pub agent_scope: Option<AgentScope>,
    /// How the agent tables are read, as far as somebody said so.
    pub agent_tables: AgentTables,
    /// When the site is open.
    pub business_hours: BusinessHours,
    /// Whether the source's time of an outage is its start or its end; null: not known, and an outage spans both.
    #[schema(required)]
    pub outage_time: Option<EventTime>,
    /// When dates that were read are read again.
    pub rereading: Rereading,
    /// Real-time status; null when the right `viewSettings` is missing.
    #[schema(required)]
    pub realtime: Option<Realtime>,
    /// AUX reasons are dropped at the Link: all are one generic absence.
    pub generic_absence: bool,
    /// Skills are shown with the statuses that have one. They are stored anyway.
    pub agent_detail: bool,
}

/// A span of every day, by the source's clock; over midnight where `to` is before `from`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuietHours {
    /// Begin, `HH:MM`.
    pub from: String,
    /// End, `HH:MM`.
    pub to: String,
}

/// The part of a connection string that is not sealed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OpenConnectionString {
    /// Secret values are the placeholder `{sealed}`.
    pub open: String,
}

/// A new integration.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewIntegration {
    /// Unique within the account, 1 to 100 characters.
    pub name: String,
    /// What kind of ACD: `avaya-cms`.
    pub source: String,
    /// Settings known already.
    #[serde(default)]
    pub configuration: Option<ConfigurationPatch>,
}

/// Changes to an integration; fields left out stay as they are.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IntegrationPatch {
    /// Another name.
    #[serde(default)]
    pub name: Option<String>,
    /// Changed settings.
    #[serde(default)]
    pub configuration: Option<ConfigurationPatch>,
}

/// Changes to settings; fields left out stay as they are.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConfigurationPatch {
    /// Another connection string.
    #[serde(default)]
    pub connection_string: Option<SealedConnectionString>,
    /// IANA zone of the clock that stamps the rows.
    #[serde(default)]
    pub zone: Option<String>,
    /// Zones of ACDs whose clock shows another time: IANA zones by the number of the ACD. All of them are replaced.
    #[serde(default)]
    pub acd_zones: Option<BTreeMap<String, String>>,
    /// What a queue is: `split` or `vdn`.
    #[serde(default)]
    pub grouping: Option<String>,
    /// How calls become offered calls: `acdcalls+abncalls`, `callsoffered-dequecalls-inflowcalls` (the first skill asked
    /// for) or `i_arrived` (when calls came, not when they ended).
    #[serde(default)]
    pub offered_definition: Option<String>,
    /// The same for calls grouped by VDN: `incalls` or `incalls-vector abandons`.
    #[serde(default)]
    pub vdn_offered_definition: Option<String>,
    /// Which calls of splits count: `all` or `inbound`.
    #[serde(default)]
    pub call_direction: Option<String>,
    /// Numbers of the VDNs that are queues where calls are grouped by VDN, by the number of the ACD. All of them are
    /// replaced. Choose VDNs at which calls enter: a call sent on from VDN to VDN is one of both.
    #[serde(default)]
    pub vdns: Option<BTreeMap<String, Vec<String>>>,
    /// First local day to import, `YYYY-MM-DD`; null: as far back as possible.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    pub start_date: Option<Option<String>>,
    /// When only what is urgent is read; all spans are replaced.
    #[serde(default)]
    pub quiet_hours: Option<Vec<QuietHours>>,
    /// Whose intervals, sessions and statuses are imported. Nobody's, until it is set.
    #[serde(default)]
    pub agent_scope: Option<AgentScope>,
    /// How the agent tables are read. All of it is replaced; what is left out is found out from the rows.
    #[serde(default)]
    pub agent_tables: Option<AgentTables>,
    /// When the site is open. All of it is replaced.
    #[serde(default)]
    pub business_hours: Option<BusinessHours>,
    /// Whether the source's time of an outage is its start or its end; null: not known, and an outage spans both.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<EventTime>)]
    pub outage_time: Option<Option<EventTime>>,
    /// When dates that were read are read again. All of it is replaced; what is left out is the default.
    #[serde(default)]
    pub rereading: Option<Rereading>,
    /// Real-time status. All of it is replaced.
    #[serde(default)]
    pub realtime: Option<Realtime>,
    /// AUX reasons are dropped at the Link: all are one generic absence.
    #[serde(default)]
    pub generic_absence: Option<bool>,
    /// Skills are shown with the statuses that have one.
    #[serde(default)]
    pub agent_detail: Option<bool>,
}

/// A connection string in two parts: what the hub may read, and what only the Link can.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SealedConnectionString {
    /// Every secret value is the placeholder `{sealed}`; a secret here is refused (422).
    pub open: String,
    /// Sealed to the Link's key, base64. May be left out when the open part has no placeholder.
    #[serde(default)]
    pub sealed: Option<String>,
}

impl std::fmt::Debug for SealedConnectionString {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("SealedConnectionString(not shown)")
    }
}

/// Tells a field that is null from one that is left out.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// The PIN that the Link shows.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PairRequest {
    /// Six digits.
    pub pin: String,
}

/// A pairing that worked.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Paired {
    /// The Link; its key words must be the ones the Link shows.
    pub link: Link,
}

/// A verification that was asked for.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct VerifyAccepted {
    /// Counts up with each request; the result shows in the integration's problem and capabilities.
    pub verify_id: i64,
}

/// A period to import again.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReimportRequest {
    /// The stream: `queue_intervals`.
    pub stream: String,
    /// First local day, `YYYY-MM-DD`.
    pub from: String,
    /// Day after the last, `YYYY-MM-DD`.
    pub to: String,
    /// Only finds out what would change; see the preview's own address.
    #[serde(default)]
    pub preview: bool,
}

/// Tasks made for a re-import.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReimportAccepted {
    /// How many partitions.
    pub tasks: i64,
    /// The number of the preview; null for a re-import.
    #[schema(required)]
    pub preview: Option<i64>,
}
