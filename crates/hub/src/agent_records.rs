//! What one partition says of one agent, as stored: one document per agent, stream and date. Pure.
//!
//! Nobody asks for one interval of many agents by its start, so the rows of a day stay together: a partition is a few
//! hundred documents instead of tens of thousands of rows, and an agent's month is thirty of them.

use floorwire_model::agents::{
    AGENT_DAYS, AGENT_INTERVALS, AGENT_SESSIONS, AGENT_STATUSES, AgentDay, AgentInterval, AgentKey,
    AgentSkillInterval, AgentStatus, SessionPart,
};
use floorwire_model::derivation::{Derived, SeenSlot};
use floorwire_protocol::encoding::{EncodingError, decode, encode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::iter::Peekable;

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

/// Documents of one partition by login.
pub type Documents = BTreeMap<String, Vec<u8>>;

/// Makes the documents of one partition out of the rows of agents, which are taken out: a large site's are many times as
/// large as the documents. What is left of them are their slots, in [`Derived::other_slots`]. Empty for streams that are
/// not of agents.
pub fn take(stream: &str, derived: &mut Derived) -> Result<Documents, EncodingError> {
    match stream {
        AGENT_INTERVALS => {
            let (agents, skills) = (
                std::mem::take(&mut derived.agent_intervals),
                std::mem::take(&mut derived.agent_skill_intervals),
            );
            derived.other_slots.extend(slots(&agents));
            encode_intervals(agents, skills)
        }
        AGENT_DAYS => encoded(std::mem::take(&mut derived.agent_days), |day| &day.agent),
        AGENT_SESSIONS => encoded(std::mem::take(&mut derived.agent_sessions), |part| {
            &part.agent
        }),
        AGENT_STATUSES => encoded(std::mem::take(&mut derived.agent_statuses), |span| {
            &span.agent
        }),
        _ => Ok(Documents::new()),
    }
}

/// The slots of rows, each once for a length and a quality.
fn slots(rows: &[AgentInterval]) -> Vec<SeenSlot> {
    let mut seen: Vec<SeenSlot> = Vec::new();
    for row in rows {
        let slot = SeenSlot {
            start_utc_s: row.start_utc_s,
            length_s: row.length_s,
            quality: row.quality,
        };
        // A day has few slots, and the next row is of the next one.
        if !seen.contains(&slot) {
            seen.push(slot);
        }
    }
    seen
}

fn encode_intervals(
    mut agents: Vec<AgentInterval>,
    mut skills: Vec<AgentSkillInterval>,
) -> Result<Documents, EncodingError> {
    sort(&mut agents, |row| &row.agent);
    sort(&mut skills, |row| &row.agent);
    let mut skills = skills.into_iter().peekable();
    let mut agents = agents.into_iter().peekable();
    let mut documents = Documents::new();
    loop {
        let heads = [
            agents.peek().map(|row| &row.agent),
            skills.peek().map(|row| &row.agent),
        ];
        let Some(agent) = heads.into_iter().flatten().min().cloned() else {
            return Ok(documents);
        };
        let record = Intervals {
            agent: while_of(&mut agents, |row| row.agent == agent),
            skills: while_of(&mut skills, |row| row.agent == agent),
        };
        documents.insert(agent.login, encode(&record)?);
    }
}

fn encoded<T: Serialize>(
    mut rows: Vec<T>,
    agent: impl Fn(&T) -> &AgentKey,
) -> Result<Documents, EncodingError> {
    sort(&mut rows, &agent);
    let mut rows = rows.into_iter().peekable();
    let mut documents = Documents::new();
    while let Some(of) = rows.peek().map(&agent).cloned() {
        let record = while_of(&mut rows, |row| *agent(row) == of);
        documents.insert(of.login, encode(&record)?);
    }
    Ok(documents)
}

/// Sorts rows by agent, which they are already unless a vendor does not keep its word: sorting takes memory.
fn sort<T>(rows: &mut [T], agent: impl Fn(&T) -> &AgentKey) {
    if !rows.is_sorted_by(|one, other| agent(one) <= agent(other)) {
        rows.sort_by(|one, other| agent(one).cmp(agent(other)));
    }
}

/// Takes rows off the front as long as they fit.
fn while_of<T>(rows: &mut Peekable<std::vec::IntoIter<T>>, fits: impl Fn(&T) -> bool) -> Vec<T> {
    std::iter::from_fn(|| rows.next_if(&fits)).collect()
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
