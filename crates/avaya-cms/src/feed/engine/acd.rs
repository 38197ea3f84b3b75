//! The agents of one ACD, and whether anything is known of them.

use super::KnownAgent;
use super::agent::{Agent, Observed};
use super::hashing::Hashing;
use crate::feed::record::Record;
use floorwire_model::agents::scope::AgentScope;
use floorwire_model::ids::AcdNumber;
use floorwire_model::live::LossCause;
use std::collections::{HashMap, HashSet};

/// Whose statuses of one ACD may be reported.
#[derive(Debug)]
enum Scope {
    Nobody,
    Everybody,
    Skills(HashSet<i32>),
    Logins(HashSet<String>),
}

/// One ACD.
#[derive(Debug)]
pub struct AcdState {
    pub number: AcdNumber,
    scope: Scope,
    pub agents: HashMap<Box<str>, Agent, Hashing>,
    /// A whole snapshot (or a change) came since the last loss.
    pub known: bool,
    /// Why nothing is known, if something was or should be.
    pub lost: Option<LossCause>,
    /// The last loss was told.
    pub told_lost: bool,
    pub generation: u32,
    /// Staffed and unstaffed agents of the last snapshot that was believed.
    pub reference: (u32, u32),
    /// Since when, and for how many snapshots, too many have been missing.
    pub dropped: Option<(i64, u32)>,
}

impl AcdState {
    pub fn new(number: AcdNumber, scope: &AgentScope) -> Self {
        let scope = match scope.of_acd(number) {
            AgentScope::Off => Scope::Nobody,
            AgentScope::All | AgentScope::Acds { .. } => Scope::Everybody,
            AgentScope::Skills { skills } => {
                Scope::Skills(skills.into_iter().map(|(_, skill)| skill).collect())
            }
            AgentScope::Logins { logins } => {
                Scope::Logins(logins.into_iter().map(|agent| agent.login).collect())
            }
        };
        Self {
            number,
            scope,
            agents: HashMap::default(),
            known: false,
            lost: None,
            told_lost: false,
            generation: 1,
            reference: (0, 0),
            dropped: None,
        }
    }

    /// Whether an agent is in scope. `has_skill`: whether one of the agent's skills fits.
    pub fn allows(&self, login: &str, has_skill: impl FnOnce(&HashSet<i32>) -> bool) -> bool {
        match &self.scope {
            Scope::Nobody => false,
            Scope::Everybody => true,
            Scope::Skills(skills) => has_skill(skills),
            Scope::Logins(logins) => logins.contains(login),
        }
    }

    /// The segment in which an agent was last seen.
    pub fn segment_of(&self, login: &str) -> Option<u32> {
        self.agents.get(login).map(|agent| agent.segment)
    }

    /// The agent of a record, new ones included (`is_there`: it is certainly followed already); `None` when there are too many. Who was
    /// in scope stays so while followed, since a record may show the skill of the call only.
    pub fn agent(
        &mut self,
        record: &Record<'_>,
        is_there: bool,
        most: usize,
    ) -> Option<&mut Agent> {
        let by_skills = |skills: &HashSet<i32>| record.any_skill(|skill| skills.contains(&skill));
        if !is_there && !self.agents.contains_key(record.login) {
            if self.agents.len() >= most {
                return None;
            }
            let in_scope = self.allows(record.login, by_skills);
            // Who is new while everything is known began just now; else it is not known when.
            let generation = match self.known {
                true => self.generation,
                false => self.generation - 1,
            };
            self.agents
                .insert(record.login.into(), Agent::new(generation, in_scope));
        }
        let scope = &self.scope;
        let agent = self.agents.get_mut(record.login)?;
        if let (false, Scope::Skills(skills)) = (agent.in_scope, scope) {
            agent.in_scope = by_skills(skills);
        }
        Some(agent)
    }

    pub fn restore(&mut self, known: KnownAgent, observed: Observed) {
        let mut agent = Agent::new(self.generation - 1, true);
        agent.shown = Some(observed);
        agent.since_utc_ms = known.since_utc_ms;
        self.agents.insert(known.login.into(), agent);
        let staffed = self
            .agents
            .values()
            .filter(|agent| agent.is_staffed())
            .count();
        self.reference = (u32::try_from(staffed).unwrap_or(u32::MAX), 0);
    }

    /// Everything becomes unknown; what was seen after the last confirmation proves nothing.
    pub fn forget(&mut self, cause: LossCause, confirmed_utc_ms: Option<i64>) {
        if self.known || !self.told_lost {
            self.generation += 1;
        }
        self.known = false;
        self.told_lost = true;
        self.lost = Some(cause);
        for agent in self.agents.values_mut() {
            agent.pending = None;
            if let Some(confirmed) = confirmed_utc_ms {
                agent.seen_utc_ms = agent.seen_utc_ms.min(confirmed);
            }
        }
    }

    pub fn staffed_in_scope(&self) -> u64 {
        match self.known {
            true => self
                .agents
                .values()
                .filter(|agent| agent.in_scope && agent.is_staffed())
                .count() as u64,
            false => 0,
        }
    }
}
