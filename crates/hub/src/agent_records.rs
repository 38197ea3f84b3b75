//! What one partition says of one agent, as stored: one document per agent, stream and date. Pure.
//!
//! Nobody asks for one interval of many agents by its start, so the rows of a day stay together: a partition is a few
//! hundred documents instead of tens of thousands of rows, and an agent's month is thirty of them.

use floorwire_model::agents::{
    AGENT_DAYS, AGENT_INTERVALS, AGENT_SESSIONS, AGENT_STATUSES, AgentDay, AgentInterval, AgentKey,
    AgentSkillInterval, AgentStatus, SessionPart,
};
use floorwire_model::derivation::Derived;
use floorwire_protocol::encoding::{EncodingError, decode, encode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Most bytes of a document, decompressed: a day of trace at a change of state a second is far below it.
const LARGEST: usize = 64 * 1024 * 1024;

/// The document of [`AGENT_INTERVALS`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intervals {
    /// Over all skills, by start.
    pub agent: Vec<AgentInterval>,
    /// The skills' parts, by start and skill.
    pub skills: Vec<AgentSkillInterval>,
}

/// The documents of one partition by login; empty for streams that are not of agents.
pub fn of_partition(
    stream: &str,
    derived: &Derived,
) -> Result<BTreeMap<String, Vec<u8>>, EncodingError> {
    match stream {
        AGENT_INTERVALS => {
            let mut records: BTreeMap<&AgentKey, Intervals> = BTreeMap::new();
            for row in &derived.agent_intervals {
                records
                    .entry(&row.agent)
                    .or_default()
                    .agent
                    .push(row.clone());
            }
            for row in &derived.agent_skill_intervals {
                records
                    .entry(&row.agent)
                    .or_default()
                    .skills
                    .push(row.clone());
            }
            encoded(records)
        }
        AGENT_DAYS => encoded(grouped(&derived.agent_days, |day| &day.agent)),
        AGENT_SESSIONS => encoded(grouped(&derived.agent_sessions, |part| &part.agent)),
        AGENT_STATUSES => encoded(grouped(&derived.agent_statuses, |span| &span.agent)),
        _ => Ok(BTreeMap::new()),
    }
}

fn grouped<T: Clone>(rows: &[T], agent: impl Fn(&T) -> &AgentKey) -> BTreeMap<&AgentKey, Vec<T>> {
    let mut records: BTreeMap<&AgentKey, Vec<T>> = BTreeMap::new();
    for row in rows {
        records.entry(agent(row)).or_default().push(row.clone());
    }
    records
}

fn encoded<T: Serialize>(
    records: BTreeMap<&AgentKey, T>,
) -> Result<BTreeMap<String, Vec<u8>>, EncodingError> {
    let records = records.into_iter();
    records
        .map(|(agent, record)| Ok((agent.login.clone(), encode(&record)?)))
        .collect()
}

/// The document of [`AGENT_INTERVALS`].
pub fn intervals(content: &[u8]) -> Result<Intervals, EncodingError> {
    read(content)
}

/// The document of [`AGENT_DAYS`].
pub fn days(content: &[u8]) -> Result<Vec<AgentDay>, EncodingError> {
    read(content)
}

/// The document of [`AGENT_SESSIONS`].
pub fn sessions(content: &[u8]) -> Result<Vec<SessionPart>, EncodingError> {
    read(content)
}

/// The document of [`AGENT_STATUSES`].
pub fn statuses(content: &[u8]) -> Result<Vec<AgentStatus>, EncodingError> {
    read(content)
}

fn read<T: DeserializeOwned>(content: &[u8]) -> Result<T, EncodingError> {
    decode(content, LARGEST)
}
