//! Call counters of skills and VDNs, and what calls do to agents' rows.
//!
//! Everything is booked when a call is complete: when its after-call work ends, or at its other end (D S2). A call is
//! followed from `Arrived` on; when the link breaks, calls in progress are forgotten, as a CMS forgets them.

use crate::hsplit::Hsplit;
use crate::hvdn::Hvdn;
use floorwire_sim_centre::event::{Acd, CallId, Login, Skill, Vdn, What};
use std::collections::{BTreeMap, HashMap};

/// A call in progress.
struct Call {
    vdn: Vdn,
    at_vdn_utc_s: i64,
    inflow_vdn: bool,
    adjunct: bool,
    /// Skills in order of rank, with the moment of queuing.
    queues: Vec<(Skill, i64)>,
    requeues: Vec<Skill>,
    direct: bool,
    ringing: Option<(Option<Skill>, i64)>,
    talk: Option<Talk>,
    connected_utc_s: Option<i64>,
}

/// What happened since the answer.
struct Talk {
    skill: Option<Skill>,
    /// Reserve level of the agent in that skill; 0: none.
    reserve: u8,
    answered_utc_s: i64,
    acceptable: bool,
    acceptable_at_vdn: bool,
    ring_s: i64,
    held_since_utc_s: Option<i64>,
    holds: i64,
    hold_s: i64,
    transferred: bool,
    conference: bool,
    released_utc_s: Option<i64>,
    left_on_hold: bool,
    by_agent: bool,
}

/// What a completed call means for the agent who took it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AgentCall {
    pub login: Login,
    /// `None`: a direct call.
    pub skill: Option<Skill>,
    pub adjunct: bool,
    pub phantom: bool,
    pub wait_s: i64,
    pub ring_s: i64,
    pub talk_s: i64,
    pub hold_s: i64,
    pub holds: i64,
    pub acw_s: i64,
    pub left_on_hold: bool,
    pub transferred: bool,
    pub conference: bool,
    pub by_agent: bool,
}

/// A call that ended while it rang.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RingingAbandon {
    pub login: Login,
    pub skill: Option<Skill>,
    pub wait_s: i64,
    pub ring_s: i64,
}

/// What the agents' tables have to book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ForAgents {
    Completed(AgentCall),
    Abandoned(RingingAbandon),
}

/// One skill in the running interval.
struct SkillBook {
    row: Hsplit,
    service_level_s: i64,
    waiting: i64,
}

impl SkillBook {
    /// The same skill with nothing booked.
    fn apart(&self) -> Self {
        let row = Hsplit {
            period: self.row.period,
            servicelevel: self.row.servicelevel,
            targetseconds: self.row.targetseconds,
            targetpercent: self.row.targetpercent,
            ..Hsplit::default()
        };
        Self {
            row,
            service_level_s: self.service_level_s,
            waiting: 0,
        }
    }
}

/// Deliberate mistakes, to show that the invariants find them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mistake {
    /// None.
    #[default]
    None,
    /// Talk time with hold in it.
    HoldInTalk,
    /// `ti_*` on every skill of the agent.
    TotalsOnEverySkill,
    /// Answered calls where they arrived.
    ArrivalBooking,
}

/// The calls of one ACD.
pub(crate) struct Calls {
    settings: Acd,
    mistake: Mistake,
    calls: HashMap<CallId, Call>,
    ringing_at: HashMap<CallId, Login>,
    skills: BTreeMap<Skill, SkillBook>,
    vdns: BTreeMap<Vdn, Hvdn>,
    interval_start_utc_s: i64,
    /// What [`Mistake::ArrivalBooking`] books elsewhere: skill, arrival in Unix seconds, figures.
    misplaced: Vec<(Skill, i64, Hsplit)>,
}

impl Calls {
    pub fn new(settings: &Acd, start_utc_s: i64, mistake: Mistake) -> Self {
        let skills = settings.skills.iter().map(|skill| {
            let book = SkillBook {
                row: Hsplit::default(),
                service_level_s: skill.service_level_s,
                waiting: 0,
            };
            (skill.skill, book)
        });
        let mut calls = Self {
            mistake,
            calls: HashMap::new(),
            ringing_at: HashMap::new(),
            skills: skills.collect(),
            vdns: settings
                .vdns
                .iter()
                .map(|vdn| (vdn.vdn, Hvdn::default()))
                .collect(),
            settings: settings.clone(),
            interval_start_utc_s: start_utc_s,
            misplaced: Vec::new(),
        };
        calls.begin(start_utc_s);
        calls
    }

    /// What is to be booked in the interval of its arrival.
    pub fn take_misplaced(&mut self) -> Vec<(Skill, i64, Hsplit)> {
        std::mem::take(&mut self.misplaced)
    }

    /// Adds figures to the running interval.
    pub fn add(&mut self, skill: Skill, figures: &Hsplit) {
        if let Some(book) = self.skills.get_mut(&skill) {
            book.row.add(figures);
        }
    }

    /// The rows of the interval that ends now, and an empty interval from here on.
    pub fn cut(&mut self, end_utc_s: i64) -> (BTreeMap<Skill, Hsplit>, BTreeMap<Vdn, Hvdn>) {
        for call in self.calls.values() {
            if call.talk.is_none() {
                for (skill, since) in &call.queues {
                    if let Some(book) = self.skills.get_mut(skill) {
                        book.row.maxocwtime = book.row.maxocwtime.max(end_utc_s - since);
                    }
                }
            }
        }
        let rows = self
            .skills
            .iter_mut()
            .map(|(skill, book)| (*skill, std::mem::take(&mut book.row)))
            .collect();
        let vdns = self
            .vdns
            .iter_mut()
            .map(|(vdn, row)| (*vdn, std::mem::take(row)))
            .collect();
        self.begin(end_utc_s);
        (rows, vdns)
    }

    fn begin(&mut self, start_utc_s: i64) {
        self.interval_start_utc_s = start_utc_s;
        for (skill, book) in &mut self.skills {
            let settings = self.settings.skills.iter().find(|one| one.skill == *skill);
            book.row.period = settings.map_or([0; 9], |one| one.periods_s);
            book.row.servicelevel = book.service_level_s;
            book.row.targetseconds = book.service_level_s;
            book.row.targetpercent = 80;
            book.row.maxinqueue = book.waiting;
        }
        for (vdn, row) in &mut self.vdns {
            if let Some(settings) = self.settings.vdns.iter().find(|one| one.vdn == *vdn) {
                row.period = settings.periods_s;
                row.servicelevel = settings.service_level_s;
            }
        }
    }

    /// The link broke: calls in progress are lost, and their arrival with them if it can still be taken back.
    pub fn forget_calls_in_progress(&mut self) {
        for (_, call) in self.calls.drain() {
            for (skill, since) in &call.queues {
                if *since >= self.interval_start_utc_s
                    && let Some(book) = self.skills.get_mut(skill)
                {
                    book.row.i_arrived -= 1;
                }
            }
            if call.at_vdn_utc_s >= self.interval_start_utc_s
                && let Some(row) = self.vdns.get_mut(&call.vdn)
            {
                row.i_arrived -= 1;
            }
        }
        self.ringing_at.clear();
        for book in self.skills.values_mut() {
            book.waiting = 0;
        }
    }

    pub fn set_service_level(&mut self, skill: Skill, seconds: i64) {
        if let Some(book) = self.skills.get_mut(&skill) {
            book.service_level_s = seconds;
            book.row.servicelevel = seconds;
            book.row.targetseconds = seconds;
            book.row.svclevelchg = 1;
        }
    }

    /// Takes what concerns calls. `reserve`: the reserve level that the agent has in the skill now.
    pub fn feed(
        &mut self,
        now: i64,
        what: &What,
        reserve: impl Fn(Login, Skill) -> u8,
    ) -> Option<ForAgents> {
        match *what {
            What::Arrived { call, vdn, adjunct } => self.arrived(now, call, vdn, adjunct),
            What::Routed { call, vdn } => self.routed(now, call, vdn),
            What::Queued {
                call,
                skill,
                rank,
                again,
            } => self.queued(now, call, skill, rank, again),
            What::DirectQueued { call, .. } => {
                if let Some(call) = self.calls.get_mut(&call) {
                    call.direct = true;
                }
            }
            What::Ringing { call, skill, login } => {
                if let Some(entry) = self.calls.get_mut(&call) {
                    entry.ringing = Some((skill, now));
                    self.ringing_at.insert(call, login);
                }
            }
            What::Unanswered { call, skill, .. } => {
                if let Some(entry) = self.calls.get_mut(&call) {
                    entry.requeues.push(skill);
                    entry.ringing = None;
                }
            }
            What::Answered { call, login, skill } => {
                let level = skill.map_or(0, |skill| reserve(login, skill));
                self.answered(now, call, skill, level);
            }
            What::Held { call, .. } => {
                if let Some(talk) = self.talk(call) {
                    talk.holds += 1;
                    talk.held_since_utc_s = Some(now);
                }
            }
            What::Retrieved { call, .. } => {
                if let Some(talk) = self.talk(call) {
                    talk.hold_s += talk.held_since_utc_s.take().map_or(0, |since| now - since);
                }
            }
            What::Transferred { call, .. } => {
                if let Some(talk) = self.talk(call) {
                    talk.transferred = true;
                }
            }
            What::Conferenced { call, .. } => {
                if let Some(talk) = self.talk(call) {
                    talk.conference = true;
                }
            }
            What::Released { call, by_agent, .. } => {
                if let Some(talk) = self.talk(call) {
                    talk.left_on_hold = talk.held_since_utc_s.is_some() && !by_agent;
                    talk.hold_s += talk.held_since_utc_s.take().map_or(0, |since| now - since);
                    talk.released_utc_s = Some(now);
                    talk.by_agent = by_agent;
                }
            }
            What::Worked { call, login } => return self.worked(now, call, login),
            What::Abandoned { call } => return self.abandoned(now, call),
            What::Busied { call } => self.turned_away(now, call, Turned::Busy),
            What::Disconnected { call } => self.turned_away(now, call, Turned::Disconnected),
            What::LeftAcd { call } => self.turned_away(now, call, Turned::Left),
            What::Connected { call, .. } => {
                if let Some(call) = self.calls.get_mut(&call) {
                    call.connected_utc_s = Some(now);
                }
            }
            What::Ended { call } => self.station_ended(now, call),
            _ => {}
        }
        None
    }

    fn talk(&mut self, call: CallId) -> Option<&mut Talk> {
        self.calls.get_mut(&call)?.talk.as_mut()
    }

    fn arrived(&mut self, now: i64, call: CallId, vdn: Vdn, adjunct: bool) {
        if let Some(row) = self.vdns.get_mut(&vdn) {
            row.i_arrived += 1;
        }
        let entry = Call {
            vdn,
            at_vdn_utc_s: now,
            inflow_vdn: false,
            adjunct,
            queues: Vec::new(),
            requeues: Vec::new(),
            direct: false,
            ringing: None,
            talk: None,
            connected_utc_s: None,
        };
        self.calls.insert(call, entry);
    }

    /// An outflow of the VDN it leaves, booked now; the one it comes to books the rest.
    fn routed(&mut self, now: i64, call: CallId, vdn: Vdn) {
        let Some(entry) = self.calls.get_mut(&call) else {
            return;
        };
        let (left, seconds, inflow) = (entry.vdn, now - entry.at_vdn_utc_s, entry.inflow_vdn);
        entry.vdn = vdn;
        entry.at_vdn_utc_s = now;
        entry.inflow_vdn = true;
        if let Some(row) = self.vdns.get_mut(&left) {
            row.inflowcalls += i64::from(inflow);
            outflow(row, seconds);
        }
        if let Some(row) = self.vdns.get_mut(&vdn) {
            row.i_arrived += 1;
        }
    }

    fn queued(&mut self, now: i64, call: CallId, skill: Skill, rank: u8, again: bool) {
        let Some(entry) = self.calls.get_mut(&call) else {
            return;
        };
        if again {
            return;
        }
        entry.queues.push((skill, now));
        let vdn = entry.vdn;
        if let Some(book) = self.skills.get_mut(&skill) {
            book.row.i_arrived += 1;
            book.waiting += 1;
            book.row.maxinqueue = book.row.maxinqueue.max(book.waiting);
        }
        if let Some(row) = self.vdns.get_mut(&vdn)
            && let Some(place) = row.skill.get_mut(usize::from(rank.saturating_sub(1)))
        {
            *place = i64::from(skill);
        }
    }

    fn answered(&mut self, now: i64, call: CallId, skill: Option<Skill>, reserve: u8) {
        let Some(entry) = self.calls.get_mut(&call) else {
            return;
        };
        let wait_s = entry.queues.first().map_or(0, |(_, since)| now - since);
        let level_s = skill
            .and_then(|skill| self.skills.get(&skill))
            .map_or(0, |book| book.service_level_s);
        let vdn_level_s = self
            .settings
            .vdns
            .iter()
            .find(|vdn| vdn.vdn == entry.vdn)
            .map_or(0, |vdn| vdn.service_level_s);
        entry.talk = Some(Talk {
            skill,
            reserve,
            answered_utc_s: now,
            acceptable: wait_s <= level_s,
            acceptable_at_vdn: now - entry.at_vdn_utc_s <= vdn_level_s,
            ring_s: entry.ringing.map_or(0, |(_, since)| now - since),
            held_since_utc_s: None,
            holds: 0,
            hold_s: 0,
            transferred: false,
            conference: false,
            released_utc_s: None,
            left_on_hold: false,
            by_agent: false,
        });
        let queues = entry.queues.clone();
        self.leave_queues(now, &queues);
    }

    /// The call waits no longer.
    fn leave_queues(&mut self, now: i64, queues: &[(Skill, i64)]) {
        for (skill, since) in queues {
            if let Some(book) = self.skills.get_mut(skill) {
                book.waiting -= 1;
                book.row.maxocwtime = book.row.maxocwtime.max(now - since);
            }
        }
    }

    fn worked(&mut self, now: i64, call: CallId, login: Login) -> Option<ForAgents> {
        let call = self.calls.remove(&call)?;
        let talk = call.talk.as_ref()?;
        let released = talk.released_utc_s.unwrap_or(now);
        let spoken_s = released - talk.answered_utc_s;
        let phantom = spoken_s < self.settings.phantom_s;
        let queued = call
            .queues
            .first()
            .map_or(talk.answered_utc_s, |(_, at)| *at);
        let wait_s = talk.answered_utc_s - queued;
        let done = AgentCall {
            login,
            skill: talk.skill,
            adjunct: call.adjunct,
            phantom,
            wait_s,
            ring_s: talk.ring_s,
            talk_s: spoken_s - talk.hold_s,
            hold_s: talk.hold_s,
            holds: talk.holds,
            acw_s: now - released,
            left_on_hold: talk.left_on_hold,
            transferred: talk.transferred,
            conference: talk.conference,
            by_agent: talk.by_agent,
        };
        if let Some(skill) = talk.skill {
            self.book_other_queues(now, &call, Some(skill));
            if let Some(book) = self.skills.get_mut(&skill) {
                if self.mistake == Mistake::ArrivalBooking {
                    let mut apart = book.apart();
                    book_answer(&mut apart, &done, talk, self.mistake);
                    self.misplaced.push((skill, queued, apart.row));
                } else {
                    book_answer(book, &done, talk, self.mistake);
                }
            }
        }
        if let Some(row) = self.vdns.get_mut(&call.vdn) {
            book_vdn_answer(row, &call, talk, &done);
        }
        Some(ForAgents::Completed(done))
    }

    /// What the queues book in which the call did not end: the first one an outflow, the others that they lost it.
    /// `ended_in`: the skill in which it ended; `None`: in the first.
    fn book_other_queues(&mut self, now: i64, call: &Call, ended_in: Option<Skill>) {
        let Some((first, first_since)) = call.queues.first().copied() else {
            return;
        };
        let ended_in = ended_in.unwrap_or(first);
        let left_at = call.talk.as_ref().map_or(now, |talk| talk.answered_utc_s);
        for requeued in &call.requeues {
            if let Some(book) = self.skills.get_mut(requeued) {
                book.row.noansredir += 1;
                book.row.inflowcalls += 1;
                out(book, left_at - first_since, call.adjunct);
            }
        }
        for (skill, since) in &call.queues {
            let Some(book) = self.skills.get_mut(skill) else {
                continue;
            };
            if *skill == ended_in {
                book.row.inflowcalls += i64::from(*skill != first);
            } else if *skill == first {
                out(book, left_at - since, call.adjunct);
            } else {
                book.row.dequecalls += 1;
                book.row.dequetime += left_at - since;
                other(book, left_at - since, call.adjunct);
            }
        }
    }

    fn abandoned(&mut self, now: i64, number: CallId) -> Option<ForAgents> {
        let call = self.calls.remove(&number)?;
        let rang = call.ringing;
        let ring_s = rang.map_or(0, |(_, since)| now - since);
        let wait_s = call.queues.first().map_or(0, |(_, since)| now - since);
        self.leave_queues(now, &call.queues);
        let ended_in = rang.and_then(|(skill, _)| skill);
        self.book_other_queues(now, &call, ended_in);
        let skill = ended_in.or(call.queues.first().map(|(skill, _)| *skill));
        if let Some(book) = skill.and_then(|skill| self.skills.get_mut(&skill)) {
            book_abandon(book, wait_s, call.adjunct);
            book.row.abnringcalls += i64::from(rang.is_some());
            book.row.ringcalls += i64::from(rang.is_some());
            book.row.ringtime += ring_s;
        }
        if let Some(row) = self.vdns.get_mut(&call.vdn) {
            let seconds = now - call.at_vdn_utc_s;
            book_vdn_abandon(row, &call, seconds);
            row.abnringcalls += i64::from(rang.is_some());
            row.ringcalls += i64::from(rang.is_some());
            row.ringtime += ring_s;
        }
        let login = self.ringing_at.remove(&number)?;
        let (skill, _) = rang?;
        Some(ForAgents::Abandoned(RingingAbandon {
            login,
            skill,
            wait_s,
            ring_s,
        }))
    }

    fn turned_away(&mut self, now: i64, call: CallId, how: Turned) {
        let Some(call) = self.calls.remove(&call) else {
            return;
        };
        self.leave_queues(now, &call.queues);
        self.book_other_queues(now, &call, None);
        if let Some((skill, since)) = call.queues.first()
            && let Some(book) = self.skills.get_mut(skill)
        {
            let seconds = now - since;
            match how {
                Turned::Busy => {
                    book.row.busycalls += 1;
                    book.row.busytime += seconds;
                    other(book, seconds, call.adjunct);
                }
                Turned::Disconnected => {
                    book.row.disccalls += 1;
                    book.row.disctime += seconds;
                    other(book, seconds, call.adjunct);
                }
                Turned::Left => {
                    book.row.interflowcalls += 1;
                    out(book, seconds, call.adjunct);
                }
            }
        }
        if let Some(row) = self.vdns.get_mut(&call.vdn) {
            let seconds = now - call.at_vdn_utc_s;
            row.inflowcalls += i64::from(call.inflow_vdn);
            row.maxocwtime = row.maxocwtime.max(seconds);
            match how {
                Turned::Busy => {
                    row.busycalls += 1;
                    row.busytime += seconds;
                    other_vdn(row, seconds);
                }
                Turned::Disconnected => {
                    row.disccalls += 1;
                    row.disctime += seconds;
                    row.vdisccalls += i64::from(call.queues.is_empty());
                    other_vdn(row, seconds);
                }
                Turned::Left => {
                    row.interflowcalls += 1;
                    outflow(row, seconds);
                }
            }
        }
    }

    fn station_ended(&mut self, now: i64, call: CallId) {
        let Some(call) = self.calls.remove(&call) else {
            return;
        };
        let connected = call.connected_utc_s.unwrap_or(now);
        if let Some(row) = self.vdns.get_mut(&call.vdn) {
            let wait_s = connected - call.at_vdn_utc_s;
            row.inflowcalls += i64::from(call.inflow_vdn);
            row.connectcalls += 1;
            row.connecttime += wait_s;
            row.conntalktime += now - connected;
            row.maxocwtime = row.maxocwtime.max(wait_s);
            row.ansconncalls_by_wait[class(&row.period, wait_s)] += 1;
            row.acceptable += i64::from(wait_s <= row.servicelevel);
            other_vdn(row, now - call.at_vdn_utc_s);
        }
    }
}

#[derive(Clone, Copy)]
enum Turned {
    Busy,
    Disconnected,
    Left,
}

fn book_answer(book: &mut SkillBook, call: &AgentCall, talk: &Talk, mistake: Mistake) {
    let row = &mut book.row;
    row.ringcalls += 1;
    row.ringtime += call.ring_s;
    if call.phantom {
        row.phantomabns += 1;
        book_abandon(book, call.wait_s + call.talk_s + call.hold_s, call.adjunct);
        return;
    }
    row.acdcalls += 1;
    row.callsoffered += 1;
    row.anstime += call.wait_s;
    row.acdtime += call.talk_s;
    if mistake == Mistake::HoldInTalk {
        row.acdtime += call.hold_s;
    }
    row.acwtime += call.acw_s;
    row.holdcalls += i64::from(call.holds > 0);
    row.holdtime += call.hold_s;
    row.holdabncalls += i64::from(call.left_on_hold);
    row.transferred += i64::from(call.transferred);
    row.conference += i64::from(call.conference);
    row.acdcalls_by_wait[class(&row.period, call.wait_s)] += 1;
    row.acceptable += i64::from(talk.acceptable);
    row.targetacdcalls += i64::from(talk.acceptable);
    match talk.reserve {
        1 => row.acdcalls_r1 += 1,
        2 => row.acdcalls_r2 += 1,
        _ => {}
    }
    if call.adjunct {
        row.o_acdcalls += 1;
        row.o_acdtime += call.talk_s;
        row.o_acwtime += call.acw_s;
    }
}

fn book_abandon(book: &mut SkillBook, seconds: i64, adjunct: bool) {
    let in_time = i64::from(seconds <= book.service_level_s);
    let row = &mut book.row;
    row.abncalls += 1;
    row.callsoffered += 1;
    row.abntime += seconds;
    row.abncalls_by_wait[class(&row.period, seconds)] += 1;
    row.slvlabns += in_time;
    row.targetabns += in_time;
    row.o_abncalls += i64::from(adjunct);
}

fn out(book: &mut SkillBook, seconds: i64, adjunct: bool) {
    let in_time = i64::from(seconds <= book.service_level_s);
    book.row.outflowcalls += 1;
    book.row.outflowtime += seconds;
    book.row.slvloutflows += in_time;
    book.row.targetoutflows += in_time;
    other(book, seconds, adjunct);
}

fn other(book: &mut SkillBook, seconds: i64, adjunct: bool) {
    book.row.callsoffered += 1;
    book.row.othercalls += 1;
    book.row.othertime += seconds;
    book.row.o_othercalls += i64::from(adjunct);
}

fn book_vdn_answer(row: &mut Hvdn, call: &Call, talk: &Talk, done: &AgentCall) {
    let wait_s = talk.answered_utc_s - call.at_vdn_utc_s;
    row.ringcalls += 1;
    row.ringtime += done.ring_s;
    row.noansredir += call.requeues.len() as i64;
    if done.phantom {
        row.phantomabns += 1;
        book_vdn_abandon(row, call, wait_s + done.talk_s + done.hold_s);
        return;
    }
    row.inflowcalls += i64::from(call.inflow_vdn);
    row.maxocwtime = row.maxocwtime.max(wait_s);
    row.incalls += 1;
    row.acdcalls += 1;
    row.acdtime += done.talk_s;
    row.acwtime += done.acw_s;
    row.anstime += wait_s;
    row.holdtime += done.hold_s;
    row.intime += done.talk_s + wait_s + done.hold_s;
    row.holdcalls += i64::from(done.holds > 0);
    row.holdacdcalls += i64::from(done.holds > 0);
    row.holdacdtime += done.hold_s;
    row.holdabncalls += i64::from(done.left_on_hold);
    row.transferred += i64::from(done.transferred);
    row.ansconncalls_by_wait[class(&row.period, wait_s)] += 1;
    row.acceptable += i64::from(talk.acceptable_at_vdn);
    let rank = talk
        .skill
        .and_then(|skill| call.queues.iter().position(|(queued, _)| *queued == skill));
    if let Some(rank) = rank.filter(|rank| *rank < 3) {
        row.skillcalls[rank] += 1;
        row.skilltime[rank] += done.talk_s;
        row.skillacwtime[rank] += done.acw_s;
    }
    if let Some(place) = usize::from(talk.reserve).checked_sub(1) {
        row.acdcalls_r[place.min(1)] += 1;
    }
}

fn book_vdn_abandon(row: &mut Hvdn, call: &Call, seconds: i64) {
    row.inflowcalls += i64::from(call.inflow_vdn);
    row.maxocwtime = row.maxocwtime.max(seconds);
    row.incalls += 1;
    row.abncalls += 1;
    row.abntime += seconds;
    row.intime += seconds;
    row.abnquecalls += i64::from(!call.queues.is_empty() || call.direct);
    row.abncalls_by_wait[class(&row.period, seconds)] += 1;
    row.slvlabns += i64::from(seconds <= row.servicelevel);
}

fn outflow(row: &mut Hvdn, seconds: i64) {
    row.outflowcalls += 1;
    row.outflowtime += seconds;
    row.slvloutflows += i64::from(seconds <= row.servicelevel);
    other_vdn(row, seconds);
}

fn other_vdn(row: &mut Hvdn, seconds: i64) {
    row.incalls += 1;
    row.othercalls += 1;
    row.othertime += seconds;
    row.intime += seconds;
}

/// The waiting time class, from 0.
fn class(periods: &[i64; 9], seconds: i64) -> usize {
    periods.iter().filter(|bound| seconds > **bound).count()
}
