//! What agents did: true timelines, sums per interval, sessions.

use crate::site::Site;
use floorwire_sim_centre::event::{
    Activity, AgentSkill, Event, Extension, Level, Login, Skill, What,
};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Seconds of one agent in one interval. They add up to `staffed`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AgentFigures {
    /// Logged in.
    pub staffed_seconds: i64,
    /// Ready for a call.
    pub available_seconds: i64,
    /// In conversation with a caller of a skill.
    pub talk_seconds: i64,
    /// In conversation with a caller who wanted this agent.
    pub direct_talk_seconds: i64,
    /// A call rings.
    pub ring_seconds: i64,
    /// After-call work of skills, and without a call.
    pub acw_seconds: i64,
    /// After-call work of direct calls.
    pub direct_acw_seconds: i64,
    /// AUX by reason; a consultation with a caller on hold is reason 0.
    pub aux_seconds: BTreeMap<u8, i64>,
    /// A caller on hold, and what has no state.
    pub other_seconds: i64,
}

/// Seconds of all agents of a skill in one interval.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SkillTime {
    pub staffed_s: i64,
    pub available_s: i64,
}

/// A login, as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// The ACD.
    pub acd: i16,
    /// The login ID.
    pub login: Login,
    /// The station.
    pub extension: Extension,
    /// Unix seconds.
    pub login_utc: i64,
    /// Unix seconds; `None`: still logged in at the end of the log.
    pub logout_utc: Option<i64>,
    /// Why, 0 to 9.
    pub logout_reason: Option<u8>,
}

/// A span of a timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// The ACD.
    pub acd: i16,
    /// The login ID.
    pub login: Login,
    /// Unix seconds.
    pub start_utc: i64,
    /// Unix seconds.
    pub end_utc: i64,
    /// What the agent did.
    pub activity: Activity,
    /// The CMS saw it, and the agent was traced.
    pub traced: bool,
}

struct Present {
    skills: Vec<AgentSkill>,
    activity: Activity,
    since: i64,
    session: usize,
}

/// What is wanted besides sums.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wanted {
    pub intervals: bool,
    pub statuses: bool,
}

/// Follows agents.
#[derive(Default)]
pub(crate) struct Agents {
    wanted: Wanted,
    present: BTreeMap<(i16, Login), Present>,
    loads: BTreeMap<(i16, Skill), u8>,
    traced: BTreeSet<(i16, Login)>,
    pub skills: BTreeMap<(i16, Skill, usize), SkillTime>,
    pub agents: BTreeMap<(i16, Login, usize), AgentFigures>,
    pub sessions: Vec<Session>,
    pub statuses: Vec<Status>,
}

impl Agents {
    pub fn new(wanted: Wanted) -> Self {
        Self {
            wanted,
            ..Self::default()
        }
    }

    pub fn feed(&mut self, site: &Site, event: &Event) {
        let (acd, now) = (event.acd, event.utc_s);
        match &event.what {
            What::LoggedIn {
                login,
                extension,
                skills,
                ..
            } => {
                self.sessions.push(Session {
                    acd,
                    login: *login,
                    extension: *extension,
                    login_utc: now,
                    logout_utc: None,
                    logout_reason: None,
                });
                let present = Present {
                    skills: skills.clone(),
                    activity: Activity::Other,
                    since: now,
                    session: self.sessions.len() - 1,
                };
                self.present.insert((acd, *login), present);
            }
            What::State { login, activity } => {
                self.close(site, acd, *login, now);
                if let Some(present) = self.present.get_mut(&(acd, *login)) {
                    present.activity = *activity;
                }
            }
            What::SkillsChanged { login, skills } => {
                self.close(site, acd, *login, now);
                if let Some(present) = self.present.get_mut(&(acd, *login)) {
                    present.skills.clone_from(skills);
                }
            }
            What::LoggedOut { login, reason } => {
                self.close(site, acd, *login, now);
                if let Some(present) = self.present.remove(&(acd, *login))
                    && let Some(session) = self.sessions.get_mut(present.session)
                {
                    session.logout_utc = Some(now);
                    session.logout_reason = Some(*reason);
                }
            }
            What::Traced { login, on } => {
                if *on {
                    self.traced.insert((acd, *login));
                } else {
                    self.traced.remove(&(acd, *login));
                }
            }
            What::Overload { skill, level } => {
                self.close_all(site, acd, now);
                self.loads.insert((acd, *skill), *level);
            }
            What::LinkUp => {
                self.close_all(site, acd, now);
                // Until somebody does something, the CMS does not know what they do.
                for ((of, _), present) in &mut self.present {
                    if *of == acd {
                        present.activity = Activity::Other;
                    }
                }
            }
            _ => {}
        }
    }

    /// Closes the timelines at the end of the log.
    pub fn finish(&mut self, site: &Site, through: i64) {
        let present: Vec<_> = self.present.keys().copied().collect();
        for (acd, login) in present {
            self.close(site, acd, login, through);
        }
    }

    fn close_all(&mut self, site: &Site, acd: i16, now: i64) {
        let logins: Vec<Login> = self
            .present
            .keys()
            .filter(|(of, _)| *of == acd)
            .map(|(_, login)| *login)
            .collect();
        for login in logins {
            self.close(site, acd, login, now);
        }
    }

    fn close(&mut self, site: &Site, acd: i16, login: Login, now: i64) {
        let Some(present) = self.present.get_mut(&(acd, login)) else {
            return;
        };
        let (from, activity) = (present.since, present.activity);
        present.since = now;
        if from >= now {
            return;
        }
        let traced = self.traced.contains(&(acd, login));
        for (from, to) in site.seen(acd, from, now) {
            for held in &present.skills {
                if self.loads.get(&(acd, held.skill)).copied().unwrap_or(0) < reserve(held.level)
                    && !works_in(activity, held.skill)
                {
                    continue;
                }
                let Some(slots) = site.call_slots(acd) else {
                    continue;
                };
                for (index, seconds) in slots.parts(from, to) {
                    let time = self.skills.entry((acd, held.skill, index)).or_default();
                    time.staffed_s += seconds;
                    if activity == Activity::Available {
                        time.available_s += seconds;
                    }
                }
            }
            if self.wanted.intervals
                && let Some(slots) = site.agent_slots(acd)
            {
                for (index, seconds) in slots.parts(from, to) {
                    let figures = self.agents.entry((acd, login, index)).or_default();
                    figures.add(activity, seconds);
                }
            }
            if self.wanted.statuses {
                self.statuses.push(Status {
                    acd,
                    login,
                    start_utc: from,
                    end_utc: to,
                    activity,
                    traced,
                });
            }
        }
    }
}

fn reserve(level: Level) -> u8 {
    match level {
        Level::Normal(_) => 0,
        Level::Reserve(level) => level,
    }
}

/// A reserve agent who still works on a call of the skill counts as staffed in it.
fn works_in(activity: Activity, skill: Skill) -> bool {
    match activity {
        Activity::Ringing { skill: of }
        | Activity::Talking { skill: of }
        | Activity::AfterCall { skill: of, .. } => of == Some(skill),
        _ => false,
    }
}

impl AgentFigures {
    fn add(&mut self, activity: Activity, seconds: i64) {
        self.staffed_seconds += seconds;
        let figure = match activity {
            Activity::Available => &mut self.available_seconds,
            Activity::Ringing { .. } => &mut self.ring_seconds,
            Activity::Talking { skill: Some(_) } => &mut self.talk_seconds,
            Activity::Talking { skill: None } => &mut self.direct_talk_seconds,
            Activity::AfterCall { skill: None, .. } => &mut self.direct_acw_seconds,
            Activity::AfterCall { .. } | Activity::StandAloneAfterCall { .. } => {
                &mut self.acw_seconds
            }
            Activity::Auxiliary { reason, .. } => self.aux_seconds.entry(reason).or_default(),
            Activity::Consulting { .. } => self.aux_seconds.entry(0).or_default(),
            Activity::Holding { .. } | Activity::Other => &mut self.other_seconds,
        };
        *figure += seconds;
    }
}
