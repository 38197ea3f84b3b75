//! What a vendor's crate gives the Hub: which tables exist, when their rows can be read, and how source
//! rows become stream rows. Pure functions, so that a changed setting re-derives history without the source.

use crate::agents::scope::AgentScope;
use crate::agents::settings::{AgentFindings, AgentSettings, TableFamily};
use crate::agents::{AgentDay, AgentInterval, AgentSkillInterval, AgentStatus, SessionPart};
use crate::columns::{ColumnsError, SourceColumns};
use crate::ids::AcdNumber;
use crate::live::{ProfileFault, ShippedProfile};
use crate::outages::Outage;
use crate::partition::SourcePartition;
use crate::queue_settings::{CountedDirection, VdnSettings};
use crate::streams::{DictionaryEntry, Quality, QueueDay, QueueInterval, QueueKind};
use crate::vdns::VdnUse;
use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

/// A vendor: the only face of an ACD that the Hub knows.
pub trait Vendor: Send + Sync {
    /// The stable name of the source, as in `Integration.source`: `avaya-cms`.
    fn source(&self) -> &'static str;

    /// The tables to import, in the order of their usefulness.
    fn tables(&self) -> &'static [TableRule];

    /// Tables with personal data, and tables that only serve them. They are read for integrations with a scope for
    /// agent data, never otherwise.
    fn scoped_tables(&self) -> &'static [TableRule] {
        &[]
    }

    /// The rule of a table, scoped or not.
    fn rule(&self, table: &str) -> Option<&'static TableRule> {
        let rules = self.tables().iter().chain(self.scoped_tables());
        rules.into_iter().find(|rule| rule.table == table)
    }

    /// The rows of a scoped table that a narrower scope of ACDs or logins leaves.
    fn keep(
        &self,
        rows: SourceColumns,
        scope: &AgentScope,
        acd: AcdNumber,
    ) -> Result<SourceColumns, DerivationError>;

    /// Derives the stream rows of one partition.
    ///
    /// The result depends on nothing but the arguments. Rows that cannot be used are returned as
    /// [`Derived::rejected`], counted by reason; they stay in the source partition.
    fn derive(
        &self,
        partition: &SourcePartition,
        rows: &SourceColumns,
        settings: &DerivationSettings,
    ) -> Result<Derived, DerivationError>;

    /// Finds out from partitions of one ACD how its agent tables are to be read. The more of one day is there
    /// (intervals, sessions, trace, dictionary), the more tests can be made. Words of an administrator in `settings`
    /// overrule what was found. `None` where the source leaves nothing open. Partitions are taken one after the other, and
    /// not held longer than need be: together they are large.
    fn examine_agents(
        &self,
        _sample: &mut dyn Iterator<Item = (SourcePartition, SourceColumns)>,
        _settings: &DerivationSettings,
    ) -> Result<Option<AgentFindings>, DerivationError> {
        Ok(None)
    }

    /// The profiles of real-time feeds that come with the vendor.
    fn feed_profiles(&self) -> &'static [ShippedProfile] {
        &[]
    }

    /// Checks the text of a profile; all faults at once.
    fn check_feed_profile(&self, _text: &str) -> Result<(), Vec<ProfileFault>> {
        Err(vec![ProfileFault {
            line: None,
            key: String::new(),
            message: format!("{} has no real-time feed", self.source()),
        }])
    }

    /// How much each VDN of a partition was used, sorted by number; empty for tables that are not of VDNs.
    fn vdn_use(
        &self,
        _partition: &SourcePartition,
        _rows: &SourceColumns,
    ) -> Result<Vec<VdnUse>, DerivationError> {
        Ok(Vec::new())
    }

    /// The newest interval that a partition's rows state, on their own clock: what the zone is held against. `None` for
    /// tables without intervals, and where rows do not say.
    fn newest_interval(
        &self,
        _partition: &SourcePartition,
        _rows: &SourceColumns,
    ) -> Option<StatedInterval> {
        None
    }
}

/// An interval as a row states it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatedInterval {
    /// Start on the ACD's clock.
    pub start_local: DateTime,
    /// The same instant as the row itself says, seconds since 1970 UTC; `None` where it does not.
    pub start_utc_s: Option<i64>,
    /// Length, seconds.
    pub length_s: i64,
}

/// One table of a source and what becomes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableRule {
    /// The table, lower case, without owner.
    pub table: &'static str,
    /// The stream its rows become.
    pub stream: &'static str,
    /// How it is cut into partitions, and when one is worth reading.
    pub cut: Cut,
    /// Which clock stamps it.
    pub family: TableFamily,
    /// What its rows are queues of. Such a table is read only while calls are grouped so; `None`: whatever the grouping.
    pub queues: Option<QueueKind>,
}

/// How a table is cut into partitions and when one is worth reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// One partition per ACD, read once a day.
    Whole,
    /// One per `row_date`, with rows of intervals: a slot without a row is missing.
    Intervals {
        /// How many intervals must have ended after interval N before N's rows can be read. CMS: 1.
        until_readable: i64,
    },
    /// One per `row_date`, with rows for what happened: a slot without a row is one in which nothing did.
    Events,
    /// One per `row_date`, with sums over the day. Read only for dates that the table with intervals does not hold any
    /// more, and never spread over slots.
    Days {
        /// The table with intervals.
        instead_of: &'static str,
    },
}

impl TableRule {
    /// True for tables with agent data.
    pub fn is_scoped(&self) -> bool {
        self.family != TableFamily::Calls
    }

    /// Whether a partition is of one date.
    pub fn by_date(&self) -> bool {
        self.cut != Cut::Whole
    }

    /// How many intervals must have ended after interval N before what happened in N can be read.
    pub fn intervals_until_readable(&self) -> i64 {
        match self.cut {
            Cut::Intervals { until_readable } => until_readable,
            Cut::Whole | Cut::Events | Cut::Days { .. } => 0,
        }
    }

    /// Whether the completeness ledger has slots for its rows.
    pub fn has_slots(&self) -> bool {
        matches!(self.cut, Cut::Intervals { .. } | Cut::Events)
    }
}

/// Settings of an integration that change how rows are derived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DerivationSettings {
    /// IANA zone of the clock that stamps the rows.
    pub zone: String,
    /// How calls become offered calls.
    #[serde(default)]
    pub offered: OfferedDefinition,
    /// Which calls of a split or skill count. Not written while all do.
    #[serde(default, skip_serializing_if = "CountedDirection::is_all")]
    pub direction: CountedDirection,
    /// How calls of VDNs are read; only for tables of VDNs. Not written while nothing is set.
    #[serde(default, skip_serializing_if = "VdnSettings::is_default")]
    pub vdn: VdnSettings,
    /// How agent tables are read. Not written while nothing is set.
    #[serde(default, skip_serializing_if = "AgentSettings::is_default")]
    pub agents: AgentSettings,
}

impl DerivationSettings {
    /// IANA zone of the clock that stamps the tables of a family.
    pub fn zone_of(&self, family: TableFamily) -> &str {
        self.agents.zone(family).unwrap_or(&self.zone)
    }
}

/// What counts as an offered call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum OfferedDefinition {
    /// Calls the skill finished: answered and abandoned. Default.
    #[default]
    #[serde(rename = "acdcalls+abncalls")]
    AnsweredAndAbandoned,
    /// Calls for which this skill was the first: what callers asked for, wherever they were answered.
    #[serde(rename = "callsoffered-dequecalls-inflowcalls")]
    EntryDemand,
    /// Calls that came in the slot, whenever they end: the shape of arrivals, not to be set against answered or abandoned
    /// calls of the same slot.
    #[serde(rename = "i_arrived")]
    Arrived,
}

impl OfferedDefinition {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::AnsweredAndAbandoned, Self::EntryDemand, Self::Arrived];

    /// The name printed with every number.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AnsweredAndAbandoned => "acdcalls+abncalls",
            Self::EntryDemand => "callsoffered-dequecalls-inflowcalls",
            Self::Arrived => "i_arrived",
        }
    }

    /// The inverse of [`Self::as_str`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == name)
    }
}

/// The stream rows of one partition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Derived {
    /// Interval length the rows state, minutes; the most frequent where they differ, `None` without rows.
    pub interval_minutes: Option<u16>,
    /// Rows of `queue_intervals`, sorted by queue and start.
    pub queue_intervals: Vec<QueueInterval>,
    /// Slots in which the source has rows that became no queue's, one for each start: the source was there.
    pub other_slots: Vec<SeenSlot>,
    /// Rows of `queue_days`, sorted by queue.
    pub queue_days: Vec<QueueDay>,
    /// Rows of `dictionary`, sorted by type and value.
    pub dictionary: Vec<DictionaryEntry>,
    /// Rows of `agent_intervals`, sorted by agent and start.
    pub agent_intervals: Vec<AgentInterval>,
    /// The skills' parts of `agent_intervals`, sorted by agent, start and skill.
    pub agent_skill_intervals: Vec<AgentSkillInterval>,
    /// Rows of `agent_days`, sorted by agent.
    pub agent_days: Vec<AgentDay>,
    /// Rows of `agent_sessions`, sorted by agent and login.
    pub agent_sessions: Vec<SessionPart>,
    /// Rows of `agent_statuses`, sorted by agent and start.
    pub agent_statuses: Vec<AgentStatus>,
    /// Rows of `outages`, sorted by start.
    pub outages: Vec<Outage>,
    /// Rows that could not be used, by reason.
    pub rejected: Vec<Rejected>,
    /// Rows that were used, or withheld, in a way a person should know of, by reason.
    pub doubtful: Vec<Rejected>,
}

/// A slot in which the source has a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeenSlot {
    /// Start, seconds since 1970 UTC.
    pub start_utc_s: i64,
    /// Length in seconds.
    pub length_s: i64,
    /// *Incomplete* when one of the rows is.
    pub quality: Quality,
}

/// Code of rows with a number whose meaning is not known (see [`Vendor::examine_agents`]); they are looked at when meanings
/// are found out.
pub const UNKNOWN_CODE: &str = "unknown-code";

/// Rows that share one reason not to be used, or to be doubted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejected {
    /// Stable code, e.g. `key-is-null`, `impossible-time`, `duplicate-key`.
    pub code: String,
    /// What an administrator reads.
    pub detail: String,
    /// How many rows.
    pub rows: u64,
}

/// Why a partition cannot be derived at all.
#[derive(Debug, thiserror::Error)]
pub enum DerivationError {
    /// The columns do not fit.
    #[error(transparent)]
    Columns(#[from] ColumnsError),
    /// The zone in the settings is not an IANA zone.
    #[error("time zone `{0}` is not known; choose one from the list of zones")]
    UnknownZone(String),
    /// The partition is of a table this vendor does not have.
    #[error("table `{0}` is not one of this source")]
    UnknownTable(String),
    /// Interval rows without a date in the partition.
    #[error("partition of `{table}` for acd {acd} has no date")]
    NoDate {
        /// The table.
        table: String,
        /// The ACD.
        acd: AcdNumber,
    },
}
