//! One ACD: what is due on it, its calls, queues and agents.

use super::agents::Agent;
use super::calls::Call;
use super::zone_of;
use crate::event::{CallId, Event, Level, Skill, Vdn, What};
use crate::random::Random;
use crate::scenario::{AcdPlan, PlannedEvent, Scenario, ScenarioError};
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap};

/// Something that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Task {
    /// A local day begins: what comes on it is drawn.
    Day(Date),
    /// Event of the scenario, by index.
    Planned(usize),
    /// A call comes to the VDN with this index. `open`: the VDN takes calls.
    Arrive { vdn: usize, open: bool },
    /// The announcement is over.
    Enter(CallId),
    /// The call is queued to its other skills as well.
    Widen(CallId),
    /// The caller's patience ends.
    GiveUp(CallId),
    /// The vector has waited long enough.
    TurnAway { call: CallId, how: Away },
    /// The agent answers, or does not.
    RingEnds(CallId),
    /// The next step of a conversation.
    Talk(CallId),
    /// A call delivered to a station ends.
    StationEnds(CallId),
    /// A shift begins, until the given instant.
    ShiftBegins { agent: usize, until_utc_s: i64 },
    /// The shift is over.
    ShiftEnds(usize),
    /// Something an agent wants to do when there is no call.
    Wish { agent: usize, wish: Wish },
    /// The agent's present activity ends, if it is still the one with this number.
    ActivityEnds { agent: usize, activity: u64 },
    /// Logs in at another station.
    Returns { agent: usize, until_utc_s: i64 },
}

/// How a vector ends the waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Away {
    LeavesAcd,
    Busy,
    Disconnected,
}

/// Something an agent wants to do when there is no call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Wish {
    LogOut,
    Break {
        reason: u8,
        seconds: i64,
    },
    ExtensionCall {
        outgoing: bool,
        external: bool,
        seconds: i64,
    },
    Paperwork {
        seconds: i64,
    },
    MoveStation,
    Reskill,
}

/// What the scenario makes happen at a moment.
enum Happening {
    Tell(What),
    LinkUp,
}

/// One ACD at one moment.
pub(super) struct Floor {
    pub plan: AcdPlan,
    pub holidays: BTreeSet<Date>,
    pub first_day: Date,
    pub zone: TimeZone,
    pub random: Random,
    pub now_utc_s: i64,
    pub calls: HashMap<CallId, Call>,
    pub agents: Vec<Agent>,
    /// Agents ready for a call, longest idle first: since when, index.
    pub available: BTreeSet<(i64, usize)>,
    /// Calls waiting for each skill, oldest first.
    pub queues: BTreeMap<Skill, BTreeSet<(i64, CallId)>>,
    /// Reserve threshold that each skill is over.
    pub overloads: BTreeMap<Skill, u8>,
    due: BinaryHeap<Reverse<(i64, u64, Task)>>,
    numbered: u64,
    happenings: Vec<Happening>,
    calls_made: u64,
    call_ids: (u64, u64),
    out: Vec<What>,
}

impl Floor {
    pub fn new(
        scenario: &Scenario,
        plan: &AcdPlan,
        index: usize,
        first_day: Date,
    ) -> Result<Self, ScenarioError> {
        let zone = zone_of(plan)?;
        let count = scenario.acds.len() as u64;
        let mut floor = Self {
            holidays: scenario.holidays.iter().copied().collect(),
            first_day,
            random: Random::new(scenario.seed, [i64::from(plan.number), 0, 0]),
            now_utc_s: i64::MIN,
            calls: HashMap::new(),
            agents: Agent::all(plan),
            available: BTreeSet::new(),
            queues: BTreeMap::new(),
            overloads: BTreeMap::new(),
            due: BinaryHeap::new(),
            numbered: 0,
            happenings: Vec::new(),
            calls_made: 0,
            call_ids: (count, index as u64 + 1),
            out: Vec::new(),
            plan: plan.clone(),
            zone,
        };
        let begin_utc_s = floor.instant(first_day.to_datetime(jiff::civil::Time::midnight()))?;
        floor.trace(begin_utc_s);
        floor.at(begin_utc_s, Task::Day(first_day));
        floor.plan_events(&scenario.events, begin_utc_s)?;
        Ok(floor)
    }

    /// When the next thing is due.
    pub fn next_utc_s(&self) -> Option<i64> {
        self.due.peek().map(|Reverse((utc_s, ..))| *utc_s)
    }

    /// Does the next thing that is due, and tells what happens.
    pub fn step(&mut self, emit: &mut dyn FnMut(Event)) {
        let Some(Reverse((utc_s, _, task))) = self.due.pop() else {
            return;
        };
        self.now_utc_s = utc_s;
        match task {
            Task::Day(date) => self.plan_day(date),
            Task::Planned(index) => self.happen(index),
            Task::Arrive { vdn, open } => self.arrive(vdn, open),
            Task::Enter(call) => self.enter(call),
            Task::Widen(call) => self.widen(call),
            Task::GiveUp(call) => self.give_up(call),
            Task::TurnAway { call, how } => self.turn_away(call, how),
            Task::RingEnds(call) => self.ring_ends(call),
            Task::Talk(call) => self.talk(call),
            Task::StationEnds(call) => self.station_ends(call),
            Task::ShiftBegins { agent, until_utc_s } => self.shift_begins(agent, until_utc_s),
            Task::ShiftEnds(agent) => self.wish(agent, Wish::LogOut),
            Task::Wish { agent, wish } => self.wish(agent, wish),
            Task::ActivityEnds { agent, activity } => self.activity_ends(agent, activity),
            Task::Returns { agent, until_utc_s } => self.returns(agent, until_utc_s),
        }
        let acd = self.plan.number;
        for what in self.out.drain(..) {
            emit(Event { utc_s, acd, what });
        }
    }

    pub fn tell(&mut self, what: What) {
        self.out.push(what);
    }

    /// Puts something on the list of what is due. Things of one second are done in the order in which they were put there.
    pub fn at(&mut self, utc_s: i64, task: Task) {
        self.numbered += 1;
        self.due
            .push(Reverse((utc_s.max(self.now_utc_s), self.numbered, task)));
    }

    pub fn after(&mut self, seconds: i64, task: Task) {
        self.at(self.now_utc_s + seconds, task);
    }

    pub fn new_call(&mut self) -> CallId {
        self.calls_made += 1;
        (self.calls_made - 1) * self.call_ids.0 + self.call_ids.1
    }

    pub fn instant(&self, local: DateTime) -> Result<i64, ScenarioError> {
        let zoned = local
            .to_zoned(self.zone.clone())
            .map_err(ScenarioError::Date)?;
        Ok(zoned.timestamp().as_second())
    }

    pub fn vdn_index(&self, number: Vdn) -> Option<usize> {
        self.plan.vdns.iter().position(|vdn| vdn.number == number)
    }

    /// Tells when a skill crosses one of its reserve thresholds.
    pub fn watch_load(&mut self, skill: Skill) {
        let Some(plan) = self.plan.skills.iter().find(|plan| plan.number == skill) else {
            return;
        };
        let threshold = plan.overload_calls;
        if threshold == 0 {
            return;
        }
        let waiting = self.queues.get(&skill).map_or(0, BTreeSet::len);
        let level = u8::from(waiting > threshold) + u8::from(waiting > 2 * threshold);
        if self.overloads.insert(skill, level).unwrap_or(0) != level {
            self.tell(What::Overload { skill, level });
        }
    }

    /// Whether an agent with this level serves the skill now; the smaller the number the sooner.
    pub fn serves(&self, skill: Skill, level: Level) -> Option<u8> {
        match level {
            Level::Normal(level) => Some(level),
            Level::Reserve(level) => {
                let load = self.overloads.get(&skill).copied().unwrap_or(0);
                (load >= level).then_some(100 + level)
            }
        }
    }

    fn trace(&mut self, begin_utc_s: i64) {
        let share = self.plan.traced_share;
        let mut random = Random::new(17, [i64::from(self.plan.number), 1, 0]);
        let traced: Vec<_> = self
            .agents
            .iter()
            .filter(|_| random.chance(share))
            .map(|agent| agent.login)
            .collect();
        for login in traced {
            self.plan_happening(
                begin_utc_s,
                Happening::Tell(What::Traced { login, on: true }),
            );
        }
    }

    fn plan_happening(&mut self, utc_s: i64, happening: Happening) {
        self.happenings.push(happening);
        self.at(utc_s, Task::Planned(self.happenings.len() - 1));
    }

    fn happen(&mut self, index: usize) {
        let what = match self.happenings.get(index) {
            Some(Happening::Tell(what)) => what.clone(),
            Some(Happening::LinkUp) => What::LinkUp,
            None => return,
        };
        self.tell(what);
    }

    fn plan_events(
        &mut self,
        events: &[PlannedEvent],
        begin_utc_s: i64,
    ) -> Result<(), ScenarioError> {
        let own = self.plan.number;
        for event in events {
            let (acd, at) = event.place();
            if acd != own {
                continue;
            }
            let utc_s = self.instant(at)?;
            if utc_s < begin_utc_s {
                continue;
            }
            let (what, then) = match *event {
                PlannedEvent::LinkDown {
                    seconds, reason, ..
                } => (
                    What::LinkDown { reason },
                    Some((seconds, Happening::LinkUp)),
                ),
                PlannedEvent::ClockSet {
                    by_seconds, cause, ..
                } => (
                    What::ClockSet {
                        by_s: by_seconds,
                        cause,
                    },
                    None,
                ),
                PlannedEvent::ArchiverOff {
                    seconds, recovered, ..
                } => (
                    What::ArchiverOff { recovered },
                    Some((seconds, Happening::Tell(What::ArchiverOn))),
                ),
                PlannedEvent::ServiceLevel { skill, seconds, .. } => {
                    (What::ServiceLevelSet { skill, seconds }, None)
                }
            };
            self.plan_happening(utc_s, Happening::Tell(what));
            if let Some((seconds, happening)) = then {
                self.plan_happening(utc_s + seconds, happening);
            }
        }
        for rename in self.plan.renames.clone() {
            let utc_s = self.instant(rename.at)?;
            if utc_s >= begin_utc_s {
                let what = What::Renamed {
                    item: rename.item,
                    number: rename.number,
                    name: rename.name,
                };
                self.plan_happening(utc_s, Happening::Tell(what));
            }
        }
        Ok(())
    }
}

impl PlannedEvent {
    /// ACD and local time.
    pub fn place(&self) -> (i16, DateTime) {
        match *self {
            Self::LinkDown { acd, at, .. }
            | Self::ClockSet { acd, at, .. }
            | Self::ArchiverOff { acd, at, .. }
            | Self::ServiceLevel { acd, at, .. } => (acd, at),
        }
    }
}
