//! Who is logged in on one ACD, and in which state since when, as its CMS sees them.
//!
//! # What the CMS does not see
//! While the link is down nothing that happens is shown, but logins and logouts hold. From its return on every agent is in
//! OTHER until the next change (S26 of the reference of the feed).

use crate::state::Shown;
use floorwire_sim_centre::event::{
    Acd, AgentSkill, Event, Extension, Level, Login, Named, Skill, What,
};
use std::collections::BTreeMap;

/// A skill of an agent, with what its row shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    pub skill: Skill,
    pub level: u8,
    pub shown: Shown,
    /// Unix seconds.
    pub since_utc_s: i64,
}

/// An agent who is logged in, or has just left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Agent {
    pub login: Login,
    pub extension: Extension,
    /// Unix seconds.
    pub logged_in_utc_s: i64,
    pub shown: Shown,
    /// Unix seconds.
    pub since_utc_s: i64,
    /// In the order in which they are held; never empty.
    pub held: Vec<Held>,
}

/// What a change is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChangeKind {
    SignOn,
    State,
    /// The state goes on: the agent has other skills, or works for another one.
    Skills,
    SignOff,
}

/// A change of an agent, with the agent after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    pub utc_s: i64,
    pub kind: ChangeKind,
    pub agent: Agent,
}

/// Names that a feed shows.
#[derive(Debug)]
pub(crate) struct Dictionary {
    names: BTreeMap<(Named, u32), String>,
}

/// The agents of one ACD.
pub(crate) struct Floor {
    acd: i16,
    pub agents: BTreeMap<Login, Agent>,
    pub dictionary: Dictionary,
    pub link_down: bool,
    /// Who left while the link was down.
    left: Vec<Agent>,
}

impl Floor {
    pub fn new(acd: &Acd) -> Self {
        let mut names = BTreeMap::new();
        for skill in &acd.skills {
            let number = u32::try_from(skill.skill).unwrap_or(0);
            names.insert((Named::Skill, number), skill.name.clone());
        }
        for (login, name) in &acd.agents {
            names.insert((Named::Agent, *login), name.clone());
        }
        for (reason, name) in &acd.aux_reasons {
            names.insert((Named::AuxReason, u32::from(*reason)), name.clone());
        }
        Self {
            acd: acd.acd,
            agents: BTreeMap::new(),
            dictionary: Dictionary { names },
            link_down: false,
            left: Vec::new(),
        }
    }

    /// Takes the next event of the site; hands over what the CMS sees change.
    pub fn feed(&mut self, event: &Event, seen: &mut dyn FnMut(Change)) {
        if event.acd != self.acd {
            return;
        }
        let utc_s = event.utc_s;
        match &event.what {
            What::LoggedIn {
                login,
                extension,
                skills,
                ..
            } => {
                let mut agent = Agent {
                    login: *login,
                    extension: *extension,
                    logged_in_utc_s: utc_s,
                    shown: Shown::OTHER,
                    since_utc_s: utc_s,
                    held: Vec::new(),
                };
                agent.hold(skills, utc_s);
                self.agents.insert(*login, agent.clone());
                if !self.link_down {
                    for kind in [ChangeKind::SignOn, ChangeKind::State] {
                        seen(Change {
                            utc_s,
                            kind,
                            agent: agent.clone(),
                        });
                    }
                }
            }
            What::State { login, activity } => {
                let link_down = self.link_down;
                if let Some(agent) = self.agents.get_mut(login)
                    && !link_down
                    && let Some(kind) = agent.show(Shown::of(*activity), utc_s)
                {
                    seen(Change {
                        utc_s,
                        kind,
                        agent: agent.clone(),
                    });
                }
            }
            What::SkillsChanged { login, skills } => {
                if let Some(agent) = self.agents.get_mut(login) {
                    agent.hold(skills, utc_s);
                    if !self.link_down {
                        seen(Change {
                            utc_s,
                            kind: ChangeKind::Skills,
                            agent: agent.clone(),
                        });
                    }
                }
            }
            What::LoggedOut { login, .. } => {
                if let Some(mut agent) = self.agents.remove(login) {
                    agent.show(Shown::UNSTAFFED, utc_s);
                    if self.link_down {
                        self.left.push(agent);
                    } else {
                        seen(Change {
                            utc_s,
                            kind: ChangeKind::SignOff,
                            agent,
                        });
                    }
                }
            }
            What::LinkDown { .. } => self.link_down = true,
            What::LinkUp => {
                self.link_down = false;
                for agent in self.left.drain(..) {
                    if !self.agents.contains_key(&agent.login) {
                        seen(Change {
                            utc_s,
                            kind: ChangeKind::SignOff,
                            agent,
                        });
                    }
                }
                for agent in self.agents.values_mut() {
                    agent.forget(utc_s);
                    seen(Change {
                        utc_s,
                        kind: ChangeKind::State,
                        agent: agent.clone(),
                    });
                }
            }
            What::Renamed { item, number, name } => {
                let names = &mut self.dictionary.names;
                names.insert((*item, *number), name.clone());
            }
            _ => {}
        }
    }
}

impl Agent {
    /// The skill to whose row work belongs: that of the call, else the one held longest.
    pub fn home(&self) -> Skill {
        let of_call = self.shown.skill;
        of_call
            .filter(|skill| self.held.iter().any(|held| held.skill == *skill))
            .or(self.held.first().map(|held| held.skill))
            .unwrap_or(0)
    }

    /// Goes over to a state. `None` if it is the present one.
    pub fn show(&mut self, shown: Shown, utc_s: i64) -> Option<ChangeKind> {
        if shown == self.shown {
            return None;
        }
        let goes_on = shown.goes_on(self.shown);
        if !goes_on {
            self.since_utc_s = utc_s;
        }
        self.shown = shown;
        self.show_rows(utc_s);
        Some(if goes_on {
            ChangeKind::Skills
        } else {
            ChangeKind::State
        })
    }

    /// Nothing is known of what the agent does, since so long.
    pub fn forget(&mut self, utc_s: i64) {
        self.since_utc_s = utc_s;
        self.shown = Shown::OTHER;
        for held in &mut self.held {
            (held.shown, held.since_utc_s) = (Shown::OTHER, utc_s);
        }
    }

    /// No state is known to have begun before this instant.
    pub fn learned(&mut self, utc_s: i64) {
        self.since_utc_s = self.since_utc_s.max(utc_s);
        for held in &mut self.held {
            held.since_utc_s = held.since_utc_s.max(utc_s);
        }
    }

    /// The same agent with other skills.
    pub fn with_skills(&self, skills: &[(Skill, u8)]) -> Self {
        let mut agent = self.clone();
        agent.held = skills
            .iter()
            .map(|(skill, level)| Held {
                skill: *skill,
                level: *level,
                shown: self.shown,
                since_utc_s: self.since_utc_s,
            })
            .collect();
        let home = agent.home();
        for held in &mut agent.held {
            held.shown = self.shown.in_row(held.skill, home);
            let before = self.held.iter().find(|before| before.skill == held.skill);
            if let Some(before) = before.filter(|before| held.shown.goes_on(before.shown)) {
                held.since_utc_s = before.since_utc_s;
            }
        }
        agent
    }

    fn show_rows(&mut self, utc_s: i64) {
        let (home, shown) = (self.home(), self.shown);
        for held in &mut self.held {
            let row = shown.in_row(held.skill, home);
            if !row.goes_on(held.shown) {
                held.since_utc_s = utc_s;
            }
            held.shown = row;
        }
    }

    fn hold(&mut self, skills: &[AgentSkill], utc_s: i64) {
        let before = std::mem::take(&mut self.held);
        self.held = skills
            .iter()
            .map(|skill| {
                let kept = before.iter().find(|held| held.skill == skill.skill);
                Held {
                    skill: skill.skill,
                    level: match skill.level {
                        Level::Normal(level) | Level::Reserve(level) => level,
                    },
                    shown: kept.map_or(Shown::OTHER, |held| held.shown),
                    since_utc_s: kept.map_or(utc_s, |held| held.since_utc_s),
                }
            })
            .collect();
        self.show_rows(utc_s);
    }
}

impl Dictionary {
    /// The name of a number; `None`: it has none.
    pub fn name(&self, item: Named, number: u32) -> Option<&str> {
        let name = self.names.get(&(item, number))?;
        (!name.is_empty()).then_some(name.as_str())
    }
}
