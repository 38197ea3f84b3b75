//! The life of a call, from its first VDN to the end of the work that it gave.

use super::floor::{Away, Floor, Task};
use crate::event::{Activity, CallId, Direction, Skill, What};
use crate::random::whole_seconds;
use std::collections::VecDeque;

/// Seconds that a call rings before it goes back to its queue.
const RINGS_AT_MOST_S: i64 = 15;
/// A call is sent on to another VDN so often at most.
const ROUTES_AT_MOST: usize = 3;

/// A call in progress.
pub(super) struct Call {
    vdn: usize,
    stage: Stage,
    /// Skills it is queued to, the main one first.
    skills: Vec<Skill>,
    queued_utc_s: i64,
}

enum Stage {
    /// In a vector, before any queue.
    Vector,
    Waiting,
    /// For one agent.
    WaitingFor(usize),
    Ringing {
        agent: usize,
        skill: Option<Skill>,
        answers: bool,
    },
    Talking {
        agent: usize,
        skill: Option<Skill>,
        steps: VecDeque<(i64, Step)>,
    },
    AtStation,
}

/// What happens in a conversation.
#[derive(Clone, Copy)]
enum Step {
    Hold,
    Consult,
    ConsultEnds,
    Retrieve,
    Conference,
    Release {
        by_agent: bool,
        transferred: bool,
    },
    WorkCall {
        direction: Direction,
        external: bool,
        adjunct: bool,
    },
    WorkCallEnds,
    WorkEnds,
}

impl Floor {
    pub fn arrive(&mut self, vdn: usize, open: bool) {
        let call = self.new_call();
        let plan = &self.plan.vdns[vdn];
        let (number, adjunct, patience) = (plan.number, plan.adjunct, plan.patience_mean);
        self.tell(What::Arrived {
            call,
            vdn: number,
            adjunct,
        });
        let patience_s = 1 + whole_seconds(self.random.exponential(patience)).min(1_800);
        let entry = Call {
            vdn,
            stage: Stage::Vector,
            skills: Vec::new(),
            queued_utc_s: self.now_utc_s,
        };
        self.calls.insert(call, entry);
        self.after(patience_s, Task::GiveUp(call));
        if !open {
            self.calls.remove(&call);
            self.tell(What::Disconnected { call });
            return;
        }
        for _ in 0..ROUTES_AT_MOST {
            let at = self.calls.get(&call).map_or(vdn, |call| call.vdn);
            let plan = &self.plan.vdns[at];
            let (share, target) = (plan.route_share, plan.route_to);
            let Some(target) = target.and_then(|number| self.vdn_index(number)) else {
                break;
            };
            if !self.random.chance(share) {
                break;
            }
            let number = self.plan.vdns[target].number;
            self.tell(What::Routed { call, vdn: number });
            if let Some(call) = self.calls.get_mut(&call) {
                call.vdn = target;
            }
        }
        let at = self.calls.get(&call).map_or(vdn, |call| call.vdn);
        let announcement = self.plan.vdns[at].announcement;
        if announcement > 0 {
            self.after(announcement, Task::Enter(call));
        } else {
            self.enter(call);
        }
    }

    /// The vector decides where the call goes.
    pub fn enter(&mut self, call: CallId) {
        let Some(vdn) = self.calls.get(&call).map(|call| call.vdn) else {
            return;
        };
        let plan = self.plan.vdns[vdn].clone();
        if self.random.chance(plan.connected_share) {
            let extension = 7_000 + u32::try_from(self.random.between(0, 99)).unwrap_or(0);
            self.tell(What::Connected { call, extension });
            let seconds = self.random.lognormal_seconds(120.0, 0.6, 5, 3_600);
            self.set_stage(call, Stage::AtStation);
            self.after(seconds, Task::StationEnds(call));
            return;
        }
        if self.random.chance(plan.direct_share)
            && let Some(agent) = self.somebody_logged_in()
        {
            self.set_stage(call, Stage::WaitingFor(agent));
            let login = self.agents[agent].login;
            self.tell(What::DirectQueued { call, login });
            self.agents[agent].direct.push_back(call);
            self.serve_direct(agent);
            return;
        }
        let Some(main) = plan.skills.first().copied() else {
            self.calls.remove(&call);
            self.tell(What::Disconnected { call });
            return;
        };
        let waiting = self.queues.get(&main).map_or(0, |queue| queue.len());
        if plan.busy_at > 0 && waiting >= plan.busy_at {
            self.calls.remove(&call);
            self.tell(What::Busied { call });
            return;
        }
        if let Some(entry) = self.calls.get_mut(&call) {
            entry.stage = Stage::Waiting;
            entry.queued_utc_s = self.now_utc_s;
        }
        self.queue(call, main, 1);
        if plan.widen_after == 0 {
            self.widen_now(call);
        } else if plan.skills.len() > 1 {
            self.after(plan.widen_after, Task::Widen(call));
        }
        let away = [
            (plan.leave_after, Away::LeavesAcd),
            (plan.busy_after, Away::Busy),
            (plan.disconnect_after, Away::Disconnected),
        ];
        for (seconds, how) in away {
            if seconds > 0 {
                self.after(seconds, Task::TurnAway { call, how });
            }
        }
        self.offer(call);
    }

    pub fn widen(&mut self, call: CallId) {
        if matches!(
            self.calls.get(&call),
            Some(Call {
                stage: Stage::Waiting,
                ..
            })
        ) {
            self.widen_now(call);
            self.offer(call);
        }
    }

    fn widen_now(&mut self, call: CallId) {
        let Some(vdn) = self.calls.get(&call).map(|call| call.vdn) else {
            return;
        };
        let skills = self.plan.vdns[vdn].skills.clone();
        for (rank, skill) in (2..=3u8).zip(skills.into_iter().skip(1)) {
            self.queue(call, skill, rank);
        }
    }

    fn queue(&mut self, call: CallId, skill: Skill, rank: u8) {
        let Some(entry) = self.calls.get_mut(&call) else {
            return;
        };
        entry.skills.push(skill);
        let since = entry.queued_utc_s;
        self.tell(What::Queued {
            call,
            skill,
            rank,
            again: false,
        });
        self.queues.entry(skill).or_default().insert((since, call));
        self.watch_load(skill);
    }

    fn unqueue(&mut self, call: CallId) {
        let Some(entry) = self.calls.get(&call) else {
            return;
        };
        let (skills, since) = (entry.skills.clone(), entry.queued_utc_s);
        for skill in skills {
            if let Some(queue) = self.queues.get_mut(&skill) {
                queue.remove(&(since, call));
            }
            self.watch_load(skill);
        }
    }

    /// Looks for an agent for a waiting call: skills in order of rank, lowest level, longest idle.
    fn offer(&mut self, call: CallId) {
        let Some(entry) = self.calls.get(&call) else {
            return;
        };
        let mut best: Option<(u8, usize, Skill)> = None;
        for skill in &entry.skills {
            for (_, agent) in &self.available {
                let Some(level) = self.agents[*agent].level_of(*skill) else {
                    continue;
                };
                let Some(order) = self.serves(*skill, level) else {
                    continue;
                };
                if best.is_none_or(|(found, ..)| order < found) {
                    best = Some((order, *agent, *skill));
                }
            }
            if best.is_some() {
                break;
            }
        }
        if let Some((_, agent, skill)) = best {
            self.ring(call, agent, Some(skill));
        }
    }

    /// The call that an agent should take next.
    pub fn next_call_for(&self, agent: usize) -> Option<(CallId, Skill)> {
        let mut best: Option<(u8, i64, CallId, Skill)> = None;
        for held in &self.agents[agent].skills {
            let Some(order) = self.serves(held.skill, held.level) else {
                continue;
            };
            let first = self
                .queues
                .get(&held.skill)
                .and_then(|queue| queue.first().copied());
            if let Some((since, call)) = first
                && best.is_none_or(|(level, oldest, ..)| (order, since) < (level, oldest))
            {
                best = Some((order, since, call, held.skill));
            }
        }
        best.map(|(_, _, call, skill)| (call, skill))
    }

    pub fn ring(&mut self, call: CallId, agent: usize, skill: Option<Skill>) {
        self.unqueue(call);
        let unanswered = skill.map_or(0.0, |skill| self.skill_plan(skill).unanswered_share);
        let answers = !self.random.chance(unanswered);
        let rings_s = if answers {
            self.random.between(2, 9)
        } else {
            RINGS_AT_MOST_S
        };
        self.set_stage(
            call,
            Stage::Ringing {
                agent,
                skill,
                answers,
            },
        );
        let login = self.agents[agent].login;
        self.tell(What::Ringing { call, login, skill });
        self.agents[agent].call = Some(call);
        self.act(agent, Activity::Ringing { skill });
        self.after(rings_s, Task::RingEnds(call));
    }

    pub fn ring_ends(&mut self, call: CallId) {
        let Some(Call {
            stage:
                Stage::Ringing {
                    agent,
                    skill,
                    answers,
                },
            ..
        }) = self.calls.get(&call)
        else {
            return;
        };
        let (agent, skill, answers) = (*agent, *skill, *answers);
        let login = self.agents[agent].login;
        if let (false, Some(skill)) = (answers, skill) {
            self.tell(What::Unanswered { call, login, skill });
            self.agents[agent].call = None;
            let pause_s = self.random.between(30, 240);
            self.rest(agent, 0, pause_s);
            self.set_stage(call, Stage::Waiting);
            self.tell(What::Queued {
                call,
                skill,
                rank: self.rank_of(call, skill),
                again: true,
            });
            let (skills, since) = match self.calls.get(&call) {
                Some(entry) => (entry.skills.clone(), entry.queued_utc_s),
                None => return,
            };
            for skill in skills {
                self.queues.entry(skill).or_default().insert((since, call));
                self.watch_load(skill);
            }
            self.offer(call);
            return;
        }
        self.tell(What::Answered { call, login, skill });
        self.act(agent, Activity::Talking { skill });
        let steps = self.conversation(skill);
        let first = steps.front().map(|(utc_s, _)| *utc_s);
        self.set_stage(
            call,
            Stage::Talking {
                agent,
                skill,
                steps,
            },
        );
        if let Some(utc_s) = first {
            self.at(utc_s, Task::Talk(call));
        }
    }

    fn rank_of(&self, call: CallId, skill: Skill) -> u8 {
        let skills = self.calls.get(&call).map(|call| &call.skills);
        let place = skills.and_then(|skills| skills.iter().position(|one| *one == skill));
        u8::try_from(place.unwrap_or(0) + 1).unwrap_or(1)
    }

    /// Draws what will happen from the answer on.
    fn conversation(&mut self, skill: Option<Skill>) -> VecDeque<(i64, Step)> {
        let plan = self.skill_plan(skill.unwrap_or_default());
        let mut steps = VecDeque::new();
        let mut at = self.now_utc_s;
        if self.random.chance(plan.dropped_share) {
            at += self.random.between(0, 3);
            steps.push_back((
                at,
                Step::Release {
                    by_agent: false,
                    transferred: false,
                },
            ));
            steps.push_back((at, Step::WorkEnds));
            return steps;
        }
        let talk_s = self
            .random
            .lognormal_seconds(plan.talk_median, plan.talk_spread, 4, 5_400);
        let mut spoken_s = 0;
        if self.random.chance(plan.hold_share) {
            spoken_s = self.random.between(1, talk_s);
            at += spoken_s;
            steps.push_back((at, Step::Hold));
            if self.random.chance(plan.consult_share) {
                at += self.random.between(1, 10);
                steps.push_back((at, Step::Consult));
                at += self.random.lognormal_seconds(35.0, 0.6, 3, 600);
                steps.push_back((at, Step::ConsultEnds));
                at += self.random.between(0, 5);
            } else {
                at += self.random.lognormal_seconds(40.0, 0.7, 3, 900);
            }
            if !self.random.chance(0.04) {
                steps.push_back((at, Step::Retrieve));
                at += talk_s - spoken_s;
            }
            spoken_s = talk_s;
        }
        at += talk_s - spoken_s;
        if self.random.chance(plan.conference_share) {
            steps.push_back((at, Step::Conference));
            at += self.random.between(20, 200);
        }
        let transferred = self.random.chance(plan.transfer_share);
        let by_agent = transferred || self.random.chance(0.3);
        steps.push_back((
            at,
            Step::Release {
                by_agent,
                transferred,
            },
        ));
        if plan.acw_median > 0.0 && self.random.chance(0.85) {
            let acw_s = self
                .random
                .lognormal_seconds(plan.acw_median, 0.8, 2, 1_800);
            if acw_s > 20 && self.random.chance(plan.work_call_share) {
                let from = self.random.between(1, 8);
                let to = self.random.between(from + 1, acw_s);
                // Figures are drawn only where the site asks for them.
                let incoming =
                    plan.work_call_in_share > 0.0 && self.random.chance(plan.work_call_in_share);
                let external = plan.work_call_external_share > 0.0
                    && self.random.chance(plan.work_call_external_share);
                let step = Step::WorkCall {
                    direction: if incoming {
                        Direction::In
                    } else {
                        Direction::Out
                    },
                    external,
                    adjunct: external && !incoming && self.random.chance(1.0 / 3.0),
                };
                steps.push_back((at + from, step));
                steps.push_back((at + to, Step::WorkCallEnds));
            }
            at += acw_s;
        }
        steps.push_back((at, Step::WorkEnds));
        steps
    }

    pub fn talk(&mut self, call: CallId) {
        loop {
            let now_utc_s = self.now_utc_s;
            let Some(Call {
                stage:
                    Stage::Talking {
                        agent,
                        skill,
                        steps,
                    },
                ..
            }) = self.calls.get_mut(&call)
            else {
                return;
            };
            let (agent, skill) = (*agent, *skill);
            match steps.front().copied() {
                Some((utc_s, step)) if utc_s <= now_utc_s => {
                    steps.pop_front();
                    let at_once = matches!(
                        (step, steps.front()),
                        (Step::Release { .. }, Some((next, Step::WorkEnds))) if *next == utc_s
                    );
                    self.converse(call, agent, skill, step, at_once);
                }
                Some((utc_s, _)) => {
                    self.at(utc_s, Task::Talk(call));
                    return;
                }
                None => return,
            }
        }
    }

    /// `at_once`: there is no after-call work.
    fn converse(
        &mut self,
        call: CallId,
        agent: usize,
        skill: Option<Skill>,
        step: Step,
        at_once: bool,
    ) {
        let login = self.agents[agent].login;
        let consult = What::ExtensionCall {
            call,
            login,
            direction: Direction::Out,
            external: false,
            adjunct: false,
        };
        match step {
            Step::Hold => {
                self.tell(What::Held { call, login });
                self.act(agent, Activity::Holding { skill });
            }
            Step::Consult => {
                self.tell(consult);
                self.act(agent, Activity::Consulting { skill });
            }
            Step::ConsultEnds => {
                self.tell(What::ExtensionCallEnded { call, login });
                self.act(agent, Activity::Holding { skill });
            }
            Step::Retrieve => {
                self.tell(What::Retrieved { call, login });
                self.act(agent, Activity::Talking { skill });
            }
            Step::Conference => self.tell(What::Conferenced { call, login }),
            Step::Release {
                by_agent,
                transferred,
            } => {
                if transferred {
                    self.tell(What::Transferred { call, login });
                }
                self.tell(What::Released {
                    call,
                    login,
                    by_agent,
                });
                if !at_once {
                    self.after_call(agent, skill, None);
                }
            }
            Step::WorkCall {
                direction,
                external,
                adjunct,
            } => {
                self.tell(What::ExtensionCall {
                    call,
                    login,
                    direction,
                    external,
                    adjunct,
                });
                self.after_call(agent, skill, Some(direction));
            }
            Step::WorkCallEnds => {
                self.tell(What::ExtensionCallEnded { call, login });
                self.after_call(agent, skill, None);
            }
            Step::WorkEnds => {
                self.calls.remove(&call);
                self.tell(What::Worked { call, login });
                self.agents[agent].call = None;
                self.free(agent);
            }
        }
    }

    fn after_call(
        &mut self,
        agent: usize,
        skill: Option<Skill>,
        extension_call: Option<Direction>,
    ) {
        self.act(
            agent,
            Activity::AfterCall {
                skill,
                extension_call,
            },
        );
    }

    pub fn give_up(&mut self, call: CallId) {
        let Some(entry) = self.calls.get(&call) else {
            return;
        };
        let ringing = match entry.stage {
            Stage::Talking { .. } | Stage::AtStation => return,
            Stage::Ringing { agent, .. } => Some(agent),
            Stage::WaitingFor(agent) => {
                self.agents[agent].direct.retain(|waiting| *waiting != call);
                None
            }
            Stage::Vector | Stage::Waiting => None,
        };
        self.unqueue(call);
        self.calls.remove(&call);
        self.tell(What::Abandoned { call });
        if let Some(agent) = ringing {
            self.agents[agent].call = None;
            self.free(agent);
        }
    }

    pub fn turn_away(&mut self, call: CallId, how: Away) {
        if matches!(
            self.calls.get(&call),
            Some(Call {
                stage: Stage::Waiting,
                ..
            })
        ) {
            self.unqueue(call);
            self.calls.remove(&call);
            self.tell(match how {
                Away::LeavesAcd => What::LeftAcd { call },
                Away::Busy => What::Busied { call },
                Away::Disconnected => What::Disconnected { call },
            });
        }
    }

    pub fn station_ends(&mut self, call: CallId) {
        if self.calls.remove(&call).is_some() {
            self.tell(What::Ended { call });
        }
    }

    fn set_stage(&mut self, call: CallId, stage: Stage) {
        if let Some(entry) = self.calls.get_mut(&call) {
            entry.stage = stage;
        }
    }
}
