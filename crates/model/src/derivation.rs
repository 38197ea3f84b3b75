//! What a vendor's crate gives the Hub: which tables exist, when their rows can be read, and how source
//! rows become stream rows. Pure functions, so that a changed setting re-derives history without the source.

use crate::agents::settings::{AgentFindings, AgentSettings};
use crate::agents::{AgentDay, AgentInterval, AgentSkillInterval, AgentStatus, SessionPart};
use crate::columns::{ColumnsError, SourceColumns};
use crate::ids::AcdNumber;
use crate::outages::Outage;
use crate::partition::SourcePartition;
use crate::streams::{DictionaryEntry, QueueInterval};
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
    /// overrule what was found. `None` where the source leaves nothing open.
    fn examine_agents(
        &self,
        _sample: &[(&SourcePartition, &SourceColumns)],
        _settings: &DerivationSettings,
    ) -> Result<Option<AgentFindings>, DerivationError> {
        Ok(None)
    }
}

/// How a table is cut into partitions and when it is worth reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableRule {
    /// The table, lower case, without owner.
    pub table: &'static str,
    /// The stream its rows become.
    pub stream: &'static str,
    /// True: one partition per `row_date`, with interval rows. False: one partition per ACD.
    pub by_date: bool,
    /// How many intervals must have ended after interval N before N's rows can be read. CMS: 1.
    pub intervals_until_readable: i64,
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
    /// How agent tables are read. Not written while nothing is set.
    #[serde(default, skip_serializing_if = "AgentSettings::is_default")]
    pub agents: AgentSettings,
}

/// What counts as an offered call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum OfferedDefinition {
    /// Calls the skill finished: answered and abandoned. Default.
    #[default]
    #[serde(rename = "acdcalls+abncalls")]
    AnsweredAndAbandoned,
}

impl OfferedDefinition {
    /// The name printed with every number.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AnsweredAndAbandoned => "acdcalls+abncalls",
        }
    }
}

/// The stream rows of one partition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Derived {
    /// Interval length the rows state, minutes; the most frequent where they differ, `None` without rows.
    pub interval_minutes: Option<u16>,
    /// Rows of `queue_intervals`, sorted by queue and start.
    pub queue_intervals: Vec<QueueInterval>,
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
