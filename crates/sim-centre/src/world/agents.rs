//! Agents: their shifts, what they do between calls, and who takes the next one.

use super::floor::{Floor, Task, Wish};
use crate::event::{Activity, AgentSkill, CallId, Direction, Extension, Level, Login, Skill, What};
use crate::scenario::{AcdPlan, SkillPlan};
use std::collections::VecDeque;

/// Stations are so many numbers apart when somebody moves.
const OTHER_STATION: Extension = 500;

/// One agent at one moment.
pub(super) struct Agent {
    pub login: Login,
    pub group: usize,
    pub skills: Vec<AgentSkill>,
    /// `None`: not logged in.
    pub activity: Option<Activity>,
    /// Grows with every change of activity.
    changes: u64,
    available_utc_s: i64,
    /// The call that rings or is spoken, until its work is over.
    pub call: Option<CallId>,
    /// Calls that wait for this agent.
    pub direct: VecDeque<CallId>,
    wishes: VecDeque<Wish>,
    /// End of a rest in AUX.
    rests_until_utc_s: i64,
    /// AUX reason of that rest.
    rest_reason: u8,
    extension_call: Option<CallId>,
    /// What the agent will do after dialling.
    dialling: Option<(bool, i64)>,
    shift_ends_utc_s: i64,
}

impl Agent {
    /// The agents of an ACD, all at home.
    pub fn all(plan: &AcdPlan) -> Vec<Self> {
        let groups = plan.groups.iter().enumerate();
        groups
            .flat_map(|(group, groups)| {
                (0..groups.agents).map(move |number| Self {
                    login: groups.first_login + number,
                    group,
                    skills: Vec::new(),
                    activity: None,
                    changes: 0,
                    available_utc_s: 0,
                    call: None,
                    direct: VecDeque::new(),
                    wishes: VecDeque::new(),
                    rests_until_utc_s: 0,
                    rest_reason: 0,
                    extension_call: None,
                    dialling: None,
                    shift_ends_utc_s: 0,
                })
            })
            .collect()
    }

    pub fn level_of(&self, skill: Skill) -> Option<Level> {
        let held = self.skills.iter().find(|held| held.skill == skill);
        held.map(|held| held.level)
    }
}

impl Floor {
    pub fn skill_plan(&self, skill: Skill) -> SkillPlan {
        let plans = &self.plan.skills;
        let plan = plans.iter().find(|plan| plan.number == skill);
        plan.or(plans.first())
            .cloned()
            .unwrap_or_else(|| SkillPlan::usual(skill, ""))
    }

    pub fn somebody_logged_in(&mut self) -> Option<usize> {
        let present: Vec<usize> = (0..self.agents.len())
            .filter(|agent| self.agents[*agent].activity.is_some())
            .collect();
        let last = i64::try_from(present.len()).ok()?.checked_sub(1)?;
        if last < 0 {
            return None;
        }
        let drawn = usize::try_from(self.random.between(0, last)).ok()?;
        present.get(drawn).copied()
    }

    /// Changes what an agent does.
    pub fn act(&mut self, agent: usize, activity: Activity) {
        let since = self.agents[agent].available_utc_s;
        self.available.remove(&(since, agent));
        let now_utc_s = self.now_utc_s;
        let person = &mut self.agents[agent];
        person.activity = Some(activity);
        person.changes += 1;
        let login = person.login;
        if activity == Activity::Available {
            person.available_utc_s = now_utc_s;
            self.available.insert((now_utc_s, agent));
        }
        self.tell(What::State { login, activity });
    }

    /// Ends the present activity after so many seconds.
    fn ends_after(&mut self, agent: usize, seconds: i64) {
        let activity = self.agents[agent].changes;
        self.after(seconds, Task::ActivityEnds { agent, activity });
    }

    pub fn rest(&mut self, agent: usize, reason: u8, seconds: i64) {
        let until_utc_s = self.now_utc_s + seconds;
        let person = &mut self.agents[agent];
        person.rests_until_utc_s = until_utc_s;
        person.rest_reason = reason;
        self.act(
            agent,
            Activity::Auxiliary {
                reason,
                extension_call: None,
            },
        );
        self.ends_after(agent, seconds);
    }

    /// The agent has nothing to do: a wish, a direct call, a waiting call, or to be available.
    pub fn free(&mut self, agent: usize) {
        while let Some(wish) = self.agents[agent].wishes.pop_front() {
            if self.fulfil(agent, wish) {
                return;
            }
        }
        self.act(agent, Activity::Available);
        if self.serve_direct(agent) {
            return;
        }
        if let Some((call, skill)) = self.next_call_for(agent) {
            self.ring(call, agent, Some(skill));
        }
    }

    /// Lets the oldest direct call ring. True if there is one.
    pub fn serve_direct(&mut self, agent: usize) -> bool {
        if self.agents[agent].activity != Some(Activity::Available) {
            return false;
        }
        while let Some(call) = self.agents[agent].direct.pop_front() {
            if self.calls.contains_key(&call) {
                self.ring(call, agent, None);
                return true;
            }
        }
        false
    }

    /// Somebody wants something: now, or after the present call.
    pub fn wish(&mut self, agent: usize, wish: Wish) {
        let person = &mut self.agents[agent];
        match person.activity {
            None => {}
            Some(Activity::Available) => {
                let busy = self.fulfil(agent, wish);
                if !busy {
                    self.free(agent);
                }
            }
            Some(Activity::Auxiliary {
                extension_call: None,
                reason,
            }) => match wish {
                Wish::LogOut => {
                    self.log_out(agent);
                }
                Wish::ExtensionCall {
                    outgoing,
                    external,
                    seconds,
                } => self.extension_call(agent, reason, outgoing, external, seconds),
                other => self.agents[agent].wishes.push_back(other),
            },
            Some(_) => match wish {
                Wish::LogOut => person.wishes.push_front(wish),
                other => person.wishes.push_back(other),
            },
        }
    }

    /// False if there is nothing to it.
    fn fulfil(&mut self, agent: usize, wish: Wish) -> bool {
        match wish {
            Wish::LogOut => self.log_out(agent),
            Wish::Break { reason, seconds } => self.rest(agent, reason, seconds),
            Wish::ExtensionCall {
                outgoing: true,
                external,
                seconds,
            } => {
                self.act(agent, Activity::Other);
                self.agents[agent].dialling = Some((external, seconds));
                let dials_s = self.random.between(3, 8);
                self.ends_after(agent, dials_s);
            }
            Wish::ExtensionCall {
                outgoing: false,
                external,
                seconds,
            } => self.extension_call(agent, 0, false, external, seconds),
            Wish::Paperwork { seconds } => {
                self.act(
                    agent,
                    Activity::StandAloneAfterCall {
                        extension_call: None,
                    },
                );
                self.ends_after(agent, seconds);
            }
            Wish::MoveStation => {
                let until_utc_s = self.agents[agent].shift_ends_utc_s;
                let away_s = self.random.between(40, 200);
                if until_utc_s < self.now_utc_s + 2 * away_s {
                    return false;
                }
                self.leave_station(agent, 0);
                self.after(away_s, Task::Returns { agent, until_utc_s });
            }
            Wish::Reskill => {
                self.reskill(agent);
                return false;
            }
        }
        true
    }

    fn reskill(&mut self, agent: usize) {
        let group = &self.plan.groups[self.agents[agent].group];
        let Some(extra) = group.extra_skill else {
            return;
        };
        let gives_up_first = self.random.chance(0.5);
        let person = &mut self.agents[agent];
        if person.skills.iter().any(|held| held.skill == extra) {
            return;
        }
        if gives_up_first && person.skills.len() > 1 {
            person.skills.remove(0);
        }
        person.skills.push(AgentSkill {
            skill: extra,
            level: Level::Normal(3),
        });
        let (login, skills) = (person.login, person.skills.clone());
        self.tell(What::SkillsChanged { login, skills });
    }

    fn extension_call(
        &mut self,
        agent: usize,
        reason: u8,
        outgoing: bool,
        external: bool,
        seconds: i64,
    ) {
        let call = self.new_call();
        let direction = if outgoing {
            Direction::Out
        } else {
            Direction::In
        };
        self.agents[agent].extension_call = Some(call);
        let adjunct = outgoing && external && self.random.chance(0.2);
        self.tell(What::ExtensionCall {
            call,
            login: self.agents[agent].login,
            direction,
            external,
            adjunct,
        });
        self.act(
            agent,
            Activity::Auxiliary {
                reason,
                extension_call: Some(direction),
            },
        );
        self.ends_after(agent, seconds);
    }

    pub fn activity_ends(&mut self, agent: usize, activity: u64) {
        if self.agents[agent].changes != activity {
            return;
        }
        let login = self.agents[agent].login;
        match self.agents[agent].activity {
            Some(Activity::Other) => match self.agents[agent].dialling.take() {
                Some((external, seconds)) => self.extension_call(agent, 0, true, external, seconds),
                // Just logged in.
                None => {
                    let seconds = self.random.between(5, 60);
                    self.rest(agent, 0, seconds);
                }
            },
            Some(Activity::Auxiliary {
                extension_call: Some(_),
                reason,
            }) => {
                if let Some(call) = self.agents[agent].extension_call.take() {
                    self.tell(What::ExtensionCallEnded { call, login });
                }
                let left_s = self.agents[agent].rests_until_utc_s - self.now_utc_s;
                let rests = left_s > 0 && self.agents[agent].rest_reason == reason;
                if rests && !self.agents[agent].wishes.contains(&Wish::LogOut) {
                    self.rest(agent, reason, left_s);
                } else {
                    self.free(agent);
                }
            }
            Some(Activity::Auxiliary { .. } | Activity::StandAloneAfterCall { .. }) => {
                self.free(agent);
            }
            _ => {}
        }
    }

    pub fn shift_begins(&mut self, agent: usize, until_utc_s: i64) {
        if self.agents[agent].activity.is_some() || until_utc_s <= self.now_utc_s {
            return;
        }
        self.log_in(agent, 0, 0, until_utc_s);
        self.at(until_utc_s, Task::ShiftEnds(agent));
    }

    /// Back at another station of the same shift, whose end is due already.
    pub fn returns(&mut self, agent: usize, until_utc_s: i64) {
        if self.agents[agent].activity.is_none() && until_utc_s > self.now_utc_s {
            self.log_in(agent, OTHER_STATION, 1, until_utc_s);
        }
    }

    fn log_in(&mut self, agent: usize, stations: Extension, locations: i16, until_utc_s: i64) {
        let plan = &self.plan.groups[self.agents[agent].group];
        let login = self.agents[agent].login;
        let extension = plan.first_extension + (login - plan.first_login) + stations;
        let location = plan.location + locations;
        let normal = plan.skills.iter().map(|(skill, level)| AgentSkill {
            skill: *skill,
            level: Level::Normal(*level),
        });
        let reserve = plan.reserve.iter().map(|(skill, level)| AgentSkill {
            skill: *skill,
            level: Level::Reserve(*level),
        });
        let skills: Vec<AgentSkill> = normal.chain(reserve).collect();
        let person = &mut self.agents[agent];
        person.skills.clone_from(&skills);
        person.shift_ends_utc_s = until_utc_s;
        person.wishes.clear();
        self.tell(What::LoggedIn {
            login,
            extension,
            location,
            skills,
        });
        self.act(agent, Activity::Other);
        let settles_s = self.random.between(1, 4);
        self.ends_after(agent, settles_s);
    }

    fn log_out(&mut self, agent: usize) {
        let reason = if self.random.chance(0.3) {
            u8::try_from(self.random.between(1, 9)).unwrap_or(0)
        } else {
            0
        };
        self.leave_station(agent, reason);
    }

    fn leave_station(&mut self, agent: usize, reason: u8) {
        let since = self.agents[agent].available_utc_s;
        self.available.remove(&(since, agent));
        let person = &mut self.agents[agent];
        person.activity = None;
        person.changes += 1;
        person.wishes.clear();
        person.dialling = None;
        let login = person.login;
        let abandoned: Vec<CallId> = person.direct.drain(..).collect();
        for call in abandoned {
            if self.calls.remove(&call).is_some() {
                self.tell(What::Abandoned { call });
            }
        }
        self.tell(What::LoggedOut { login, reason });
    }
}
