//! Where agents' time goes: each second of a logged-in agent, to the rows of the agent and of the skills.
//!
//! # Rules
//! Time is booked where it passes (D S2). Staffed, available, AUX and OTHER time run in parallel in every skill of an
//! agent; ringing, talk and after-call work belong to the skill of the call, and are OTHER in the agent's other skills.
//! `ti_*` is booked once, on the skill held longest (D S6a-c). Direct calls are OTHER in all skills (D S18) and `i_da_*`
//! on the longest-held. So, exactly, per agent and interval:
//!
//! `sum(ti_stafftime) = sum(i_acdtime + i_acwtime + i_da_acdtime + i_da_acwtime + i_ringtime) + sum(ti_auxtime +
//! ti_availtime + ti_othertime)`, and in each row of a skill or an agent
//! `i_stafftime = i_availtime + i_acdtime + i_acwtime + i_auxtime + i_ringtime + i_othertime`.
//!
//! While the link is down nothing is booked; from then on agents are in OTHER until their next change (D S21 p.224).

use crate::calls::{AgentCall, ForAgents, Mistake, RingingAbandon};
use crate::hagent::Hagent;
use crate::hsplit::Hsplit;
use floorwire_sim_centre::event::{
    Activity, AgentSkill, Direction, Extension, Level, Login, Skill, What,
};
use std::collections::BTreeMap;

/// What tells rows of `hagent` apart within an interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RowKey {
    pub login: Login,
    pub skill: Skill,
    pub extension: Extension,
    pub location: i16,
    /// 0: none.
    pub reserve: u8,
}

struct Agent {
    extension: Extension,
    location: i16,
    skills: Vec<AgentSkill>,
    activity: Activity,
    /// Time before this instant is booked.
    booked_until: i64,
    extension_call: Option<ExtensionCall>,
}

#[derive(Clone, Copy)]
struct ExtensionCall {
    since: i64,
    direction: Direction,
    external: bool,
    adjunct: bool,
}

/// The agents of one ACD.
pub(crate) struct Floor {
    mistake: Mistake,
    agents: BTreeMap<Login, Agent>,
    overloads: BTreeMap<Skill, u8>,
    loads_until: i64,
    link_down: bool,
    skills: BTreeMap<Skill, Hsplit>,
    rows: BTreeMap<RowKey, Hagent>,
}

impl Floor {
    pub fn new(skills: impl Iterator<Item = Skill>, start: i64, mistake: Mistake) -> Self {
        Self {
            mistake,
            agents: BTreeMap::new(),
            overloads: BTreeMap::new(),
            loads_until: start,
            link_down: false,
            skills: skills.map(|skill| (skill, Hsplit::default())).collect(),
            rows: BTreeMap::new(),
        }
    }

    /// The skills' part of the interval that ends now.
    pub fn cut_calls(&mut self, now: i64) -> BTreeMap<Skill, Hsplit> {
        self.book_all(now);
        let cut = self
            .skills
            .iter_mut()
            .map(|(skill, row)| (*skill, std::mem::take(row)))
            .collect();
        self.count_staff();
        cut
    }

    /// The agents' rows of the interval that ends now.
    pub fn cut_agents(&mut self, now: i64) -> BTreeMap<RowKey, Hagent> {
        self.book_all(now);
        std::mem::take(&mut self.rows)
    }

    /// Reserve level of an agent in a skill; 0: none.
    pub fn reserve_level(&self, login: Login, skill: Skill) -> u8 {
        let agent = self.agents.get(&login);
        let held = agent.and_then(|agent| agent.skills.iter().find(|held| held.skill == skill));
        held.map_or(0, |held| reserve_of(held.level))
    }

    pub fn feed(&mut self, now: i64, what: &What) {
        match what {
            What::LoggedIn {
                login,
                extension,
                location,
                skills,
            } => {
                let agent = Agent {
                    extension: *extension,
                    location: *location,
                    skills: skills.clone(),
                    activity: Activity::Other,
                    booked_until: now,
                    extension_call: None,
                };
                self.agents.insert(*login, agent);
                self.count_staff();
            }
            What::State { login, activity } => {
                self.book(*login, now);
                if let Some(agent) = self.agents.get_mut(login) {
                    agent.activity = *activity;
                }
            }
            What::SkillsChanged { login, skills } => {
                self.book(*login, now);
                if let Some(agent) = self.agents.get_mut(login) {
                    agent.skills.clone_from(skills);
                }
                self.count_staff();
            }
            What::LoggedOut { login, .. } => {
                self.book(*login, now);
                self.agents.remove(login);
                self.count_staff();
            }
            What::Overload { skill, level } => {
                self.book_all(now);
                self.overloads.insert(*skill, *level);
                self.count_staff();
            }
            What::LinkDown { .. } => {
                self.book_all(now);
                self.link_down = true;
            }
            What::LinkUp => {
                self.book_all(now);
                self.link_down = false;
                for agent in self.agents.values_mut() {
                    agent.activity = Activity::Other;
                    agent.extension_call = None;
                }
                self.count_staff();
            }
            What::Unanswered { login, skill, .. } => {
                if let Some(row) = self.row(*login, Some(*skill)) {
                    row.noansredir += 1;
                }
            }
            What::ExtensionCall {
                login,
                direction,
                external,
                adjunct,
                ..
            } => {
                if let Some(agent) = self.agents.get_mut(login) {
                    agent.extension_call = Some(ExtensionCall {
                        since: now,
                        direction: *direction,
                        external: *external,
                        adjunct: *adjunct,
                    });
                }
            }
            What::ExtensionCallEnded { login, .. } => self.extension_call_ended(now, *login),
            _ => {}
        }
    }

    /// What a call of this agent adds to the agent's row.
    pub fn book_call(&mut self, call: ForAgents) {
        if self.link_down {
            return;
        }
        match call {
            ForAgents::Completed(call) => self.book_completed(&call),
            ForAgents::Abandoned(call) => self.book_abandoned(&call),
        }
    }

    fn book_completed(&mut self, call: &AgentCall) {
        let hold_in_talk = self.mistake == Mistake::HoldInTalk;
        let reserve = call
            .skill
            .map_or(0, |skill| self.reserve_level(call.login, skill));
        let Some(row) = self.row(call.login, call.skill) else {
            return;
        };
        let talk_s = call.talk_s + if hold_in_talk { call.hold_s } else { 0 };
        if call.skill.is_some() {
            row.ringcalls += 1;
            row.ringtime += call.ring_s;
        }
        if call.phantom {
            let seconds = call.wait_s + call.talk_s + call.hold_s;
            if call.skill.is_some() {
                row.abncalls += 1;
                row.phantomabns += 1;
                row.abntime += seconds;
            } else {
                row.da_abncalls += 1;
                row.da_abntime += seconds;
            }
            return;
        }
        row.holdcalls += i64::from(call.holds > 0);
        row.holdtime += call.hold_s;
        row.holdacdtime += call.hold_s;
        row.holdabncalls += i64::from(call.left_on_hold);
        row.transferred += i64::from(call.transferred);
        row.conference += i64::from(call.conference);
        if call.skill.is_some() {
            row.acdcalls += 1;
            row.acdtime += talk_s;
            row.acwtime += call.acw_s;
            row.ansringtime += call.ring_s;
            row.acd_release += i64::from(call.by_agent);
            row.acdcalls_r1 += i64::from(reserve == 1);
            row.acdcalls_r2 += i64::from(reserve == 2);
            if call.adjunct {
                row.o_acdcalls += 1;
                row.o_acdtime += call.talk_s;
                row.o_acwtime += call.acw_s;
            }
        } else {
            row.da_acdcalls += 1;
            row.da_acdtime += talk_s;
            row.da_acwtime += call.acw_s;
            row.da_anstime += call.ring_s;
            row.da_release += i64::from(call.by_agent);
        }
    }

    fn book_abandoned(&mut self, call: &RingingAbandon) {
        let Some(row) = self.row(call.login, call.skill) else {
            return;
        };
        if call.skill.is_some() {
            row.abncalls += 1;
            row.abntime += call.wait_s;
            row.ringcalls += 1;
            row.ringtime += call.ring_s;
        } else {
            row.da_abncalls += 1;
            row.da_abntime += call.ring_s;
        }
    }

    /// The row of an agent in a skill, or in the one held longest.
    fn row(&mut self, login: Login, skill: Option<Skill>) -> Option<&mut Hagent> {
        if self.link_down {
            return None;
        }
        let agent = self.agents.get(&login)?;
        let held = match skill {
            Some(skill) => agent.skills.iter().find(|held| held.skill == skill),
            None => agent.skills.first(),
        };
        let held = held.or(agent.skills.first())?;
        let key = agent.key(login, *held);
        Some(self.rows.entry(key).or_default())
    }

    fn extension_call_ended(&mut self, now: i64, login: Login) {
        let Some(agent) = self.agents.get_mut(&login) else {
            return;
        };
        let Some(call) = agent.extension_call.take() else {
            return;
        };
        let activity = agent.activity;
        let skill = match activity {
            Activity::AfterCall { skill, .. } | Activity::Consulting { skill } => skill,
            _ => None,
        };
        let Some(booked_on) = skill.or(agent.skills.first().map(|held| held.skill)) else {
            return;
        };
        let seconds = now - call.since;
        // The work after a direct call has columns of its own (D S18).
        if matches!(activity, Activity::AfterCall { skill: None, .. }) {
            self.book_in_direct_work(login, booked_on, call, seconds);
            return;
        }
        let in_acw = matches!(
            activity,
            Activity::AfterCall { .. } | Activity::StandAloneAfterCall { .. }
        );
        let consults = matches!(activity, Activity::Consulting { skill: Some(_) });
        let row = self.row(login, Some(booked_on));
        macro_rules! book {
            ($row:expr) => {
                if let Some(row) = $row {
                    match (in_acw, call.direction) {
                        (true, Direction::In) => {
                            row.acwincalls += 1;
                            row.acwintime += seconds;
                        }
                        (true, Direction::Out) => {
                            row.acwoutcalls += 1;
                            row.acwouttime += seconds;
                            row.acwoutadjcalls += i64::from(call.adjunct);
                            row.acwoutoffcalls += i64::from(call.external);
                            row.acwoutofftime += if call.external { seconds } else { 0 };
                        }
                        (false, Direction::In) => {
                            row.auxincalls += 1;
                            row.auxintime += seconds;
                        }
                        (false, Direction::Out) => {
                            row.auxoutcalls += 1;
                            row.auxouttime += seconds;
                            row.auxoutadjcalls += i64::from(call.adjunct);
                            row.auxoutoffcalls += i64::from(call.external);
                            row.auxoutofftime += if call.external { seconds } else { 0 };
                        }
                    }
                    row.acdauxoutcalls += i64::from(consults);
                }
            };
        }
        book!(row);
        if !self.link_down {
            book!(self.skills.get_mut(&booked_on));
        }
    }

    /// An extension call in the work after a direct call: apart from those in the work of the skill.
    fn book_in_direct_work(
        &mut self,
        login: Login,
        booked_on: Skill,
        call: ExtensionCall,
        seconds: i64,
    ) {
        if let Some(row) = self.row(login, Some(booked_on)) {
            match call.direction {
                Direction::In => {
                    row.da_acwincalls += 1;
                    row.da_acwintime += seconds;
                }
                Direction::Out => {
                    row.da_acwocalls += 1;
                    row.da_acwotime += seconds;
                    row.da_acwoadjcalls += i64::from(call.adjunct);
                    row.da_acwooffcalls += i64::from(call.external);
                    row.da_acwoofftime += if call.external { seconds } else { 0 };
                }
            }
        }
        if self.link_down {
            return;
        }
        if let Some(row) = self.skills.get_mut(&booked_on) {
            match call.direction {
                Direction::In => {
                    row.da_acwincalls += 1;
                    row.da_acwintime += seconds;
                }
                Direction::Out => {
                    row.da_acwocalls += 1;
                    row.da_acwotime += seconds;
                }
            }
        }
    }

    fn book_all(&mut self, now: i64) {
        let logins: Vec<Login> = self.agents.keys().copied().collect();
        for login in logins {
            self.book(login, now);
        }
        let seconds = now - self.loads_until;
        if seconds > 0 {
            for (skill, row) in &mut self.skills {
                match self.overloads.get(skill).copied().unwrap_or(0) {
                    0 => row.i_normtime += seconds,
                    1 => row.i_ol1time += seconds,
                    _ => row.i_ol2time += seconds,
                }
            }
            self.loads_until = now;
        }
    }

    /// Books the time of an agent up to `now`.
    fn book(&mut self, login: Login, now: i64) {
        let Some(agent) = self.agents.get_mut(&login) else {
            return;
        };
        let seconds = now - agent.booked_until;
        if seconds <= 0 {
            return;
        }
        agent.booked_until = now;
        if self.link_down {
            return;
        }
        let activity = agent.activity;
        for (place, held) in agent.skills.iter().enumerate() {
            let row = self.rows.entry(agent.key(login, *held)).or_default();
            let skill_row = self.skills.entry(held.skill).or_default();
            let reserve = reserve_of(held.level);
            let load = self.overloads.get(&held.skill).copied().unwrap_or(0);
            let stands_by = reserve > load;
            let longest = place == 0;
            book_in_skill(row, skill_row, activity, *held, longest, stands_by, seconds);
            if longest || self.mistake == Mistake::TotalsOnEverySkill {
                book_once(row, activity, seconds);
            }
        }
    }

    /// Notes how many agents are staffed in each skill now.
    fn count_staff(&mut self) {
        if self.link_down {
            return;
        }
        let mut staffed: BTreeMap<Skill, i64> = BTreeMap::new();
        for agent in self.agents.values() {
            for held in &agent.skills {
                let load = self.overloads.get(&held.skill).copied().unwrap_or(0);
                if reserve_of(held.level) <= load {
                    *staffed.entry(held.skill).or_default() += 1;
                }
            }
        }
        for (skill, row) in &mut self.skills {
            let now = staffed.get(skill).copied().unwrap_or(0);
            row.maxstaffed = row.maxstaffed.max(now);
        }
    }
}

impl Agent {
    fn key(&self, login: Login, held: AgentSkill) -> RowKey {
        RowKey {
            login,
            skill: held.skill,
            extension: self.extension,
            location: self.location,
            reserve: reserve_of(held.level),
        }
    }
}

pub(crate) fn reserve_of(level: Level) -> u8 {
    match level {
        Level::Normal(_) => 0,
        Level::Reserve(level) => level,
    }
}

/// Time in one skill of the agent, in the row of the agent and in the row of the skill.
fn book_in_skill(
    row: &mut Hagent,
    skill_row: &mut Hsplit,
    activity: Activity,
    held: AgentSkill,
    longest: bool,
    stands_by: bool,
    seconds: i64,
) {
    let here = |skill: Option<Skill>| skill == Some(held.skill) || (skill.is_none() && longest);
    let reserve = usize::from(reserve_of(held.level));
    macro_rules! both {
        ($($figure:ident),+) => { $( row.$figure += seconds; skill_row.$figure += seconds; )+ };
    }
    macro_rules! of_reserve {
        ($figure:ident) => {
            if let Some(place) = reserve.checked_sub(1) {
                skill_row.$figure[place.min(1)] += seconds;
            }
        };
    }
    let busy_here = match activity {
        Activity::Ringing { skill } => here(skill),
        Activity::Talking { skill } | Activity::AfterCall { skill, .. } => {
            skill == Some(held.skill)
        }
        Activity::StandAloneAfterCall { .. } => longest,
        _ => false,
    };
    if stands_by && !busy_here {
        match activity {
            Activity::Auxiliary { .. } | Activity::Consulting { .. } => {
                row.i_auxstbytime += seconds;
                of_reserve!(i_auxstbytime_r);
            }
            _ => {
                row.i_otherstbytime += seconds;
                of_reserve!(i_otherstbytime_r);
            }
        }
        return;
    }
    both!(i_stafftime);
    match activity {
        Activity::Available => {
            both!(i_availtime);
        }
        Activity::Ringing { skill } if here(skill) => {
            both!(i_ringtime);
            of_reserve!(i_ringtime_r);
        }
        Activity::Talking { skill: Some(skill) } if skill == held.skill => {
            both!(i_acdtime);
            of_reserve!(i_acdtime_r);
        }
        Activity::AfterCall {
            skill: Some(skill),
            extension_call,
        } if skill == held.skill => {
            both!(i_acwtime);
            of_reserve!(i_acwtime_r);
            match extension_call {
                Some(Direction::In) => {
                    both!(i_acwintime);
                }
                Some(Direction::Out) => {
                    both!(i_acwouttime);
                }
                None => {}
            }
        }
        Activity::StandAloneAfterCall { extension_call } if longest => {
            both!(i_acwtime);
            match extension_call {
                Some(Direction::In) => {
                    both!(i_acwintime);
                }
                Some(Direction::Out) => {
                    both!(i_acwouttime);
                }
                None => {}
            }
        }
        Activity::Auxiliary {
            reason,
            extension_call,
        } => {
            both!(i_auxtime);
            of_reserve!(i_auxtime_r);
            by_reason(skill_row, reason, seconds);
            match extension_call {
                Some(Direction::In) => {
                    both!(i_auxintime);
                }
                Some(Direction::Out) => {
                    both!(i_auxouttime);
                }
                None => {}
            }
        }
        Activity::Consulting { skill } => {
            both!(i_auxtime, i_auxouttime);
            of_reserve!(i_auxtime_r);
            by_reason(skill_row, 0, seconds);
            if skill == Some(held.skill) {
                both!(i_acdaux_outtime);
            }
        }
        _ => {
            both!(i_othertime);
            of_reserve!(i_othertime_r);
            match activity {
                Activity::Holding { skill } if skill == Some(held.skill) => {
                    both!(i_acdothertime);
                }
                Activity::Talking { skill: None } if longest => {
                    both!(i_da_acdtime);
                }
                Activity::AfterCall {
                    skill: None,
                    extension_call,
                } if longest => {
                    both!(i_da_acwtime);
                    match extension_call {
                        Some(Direction::In) => {
                            both!(i_acwintime);
                        }
                        Some(Direction::Out) => {
                            both!(i_acwouttime);
                        }
                        None => {}
                    }
                }
                _ => {}
            }
        }
    }
}

fn by_reason(row: &mut Hsplit, reason: u8, seconds: i64) {
    let reason = usize::from(reason);
    match reason.checked_sub(10) {
        None => row.i_auxtime_by_reason[reason] += seconds,
        Some(high) => {
            if let Some(place) = row.i_auxtime_by_high_reason.get_mut(high) {
                *place += seconds;
            }
        }
    }
}

/// Time that is booked once per login, on the skill held longest.
fn book_once(row: &mut Hagent, activity: Activity, seconds: i64) {
    row.ti_stafftime += seconds;
    let reason = match activity {
        Activity::Available => {
            row.ti_availtime += seconds;
            return;
        }
        Activity::Holding { .. } | Activity::Other => {
            row.ti_othertime += seconds;
            return;
        }
        Activity::Auxiliary { reason, .. } => usize::from(reason),
        Activity::Consulting { .. } => 0,
        _ => return,
    };
    row.ti_auxtime += seconds;
    match reason.checked_sub(10) {
        None => row.ti_auxtime_by_reason[reason] += seconds,
        Some(high) => {
            if let Some(place) = row.ti_auxtime_by_high_reason.get_mut(high) {
                *place += seconds;
            }
        }
    }
}
