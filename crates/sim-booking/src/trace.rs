//! `ag_actv`: every change of state of traced agents.
//!
//! One row per state, written when it ends, and rows of length 0 for login and logout. The skill of a state without one is
//! that held longest (I). Direction and AUX reason are NULL where they have no meaning (D S7a; C P3). A state over
//! midnight is one row on the day of its `event_time` (I). While the link is down there are no rows; the running state ends
//! when it breaks, and from its return on the agent is in OTHER.

use crate::table::{Column, Kind, Row, Value};
use floorwire_sim_centre::event::{Activity, Direction, Login, Skill, What};
use floorwire_sim_centre::variants::{DirectionCodes, EventTime, WorkModeCodes};
use std::collections::{BTreeMap, BTreeSet};

/// Text in the columns that name callers: whoever finds it outside of this table has read what must not be read.
pub const CALLER_MARK: &str = "SIM-CALLER";

/// Work modes as the dictionary names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum WorkMode {
    Avail,
    Acd,
    Acw,
    Aux,
    Dacd,
    Dacw,
    Ring,
    Unknown,
    Other,
    Unstaff,
    Logon,
    Logoff,
}

impl WorkMode {
    pub const ALL: [(Self, &'static str); 12] = [
        (Self::Avail, "AVAIL"),
        (Self::Acd, "ACD"),
        (Self::Acw, "ACW"),
        (Self::Aux, "AUX"),
        (Self::Dacd, "DACD"),
        (Self::Dacw, "DACW"),
        (Self::Ring, "RING"),
        (Self::Unknown, "UNKNOWN"),
        (Self::Other, "OTHER"),
        (Self::Unstaff, "UNSTAFF"),
        (Self::Logon, "LOGON"),
        (Self::Logoff, "LOGOFF"),
    ];

    pub fn code(self, codes: WorkModeCodes) -> i64 {
        match codes {
            WorkModeCodes::Tens => match self {
                Self::Unknown => 0,
                Self::Unstaff => 10,
                Self::Avail => 20,
                Self::Acd => 30,
                Self::Acw => 40,
                Self::Aux => 50,
                Self::Dacd => 60,
                Self::Dacw => 70,
                Self::Ring => 80,
                Self::Logon => 100,
                Self::Logoff => 110,
                Self::Other => 220,
            },
            WorkModeCodes::Illustrated => match self {
                Self::Avail => 1,
                Self::Acd => 2,
                Self::Acw => 3,
                Self::Aux => 4,
                Self::Dacd => 5,
                Self::Dacw => 6,
                Self::Ring => 7,
                Self::Unknown => 8,
                Self::Other => 9,
                Self::Unstaff => 10,
                Self::Logon => 11,
                Self::Logoff => 12,
            },
            WorkModeCodes::Alphabetic => match self {
                Self::Acd => 0,
                Self::Acw => 1,
                Self::Aux => 2,
                Self::Avail => 3,
                Self::Dacd => 4,
                Self::Dacw => 5,
                Self::Logoff => 6,
                Self::Logon => 7,
                Self::Other => 8,
                Self::Ring => 9,
                Self::Unknown => 10,
                Self::Unstaff => 11,
            },
        }
    }
}

/// Codes of IN and OUT.
pub(crate) fn direction_code(direction: Direction, codes: DirectionCodes) -> i64 {
    match (direction, codes) {
        (Direction::In, DirectionCodes::InOneOutTwo)
        | (Direction::Out, DirectionCodes::OutOneInTwo) => 1,
        _ => 2,
    }
}

/// A state as the trace sees it.
#[derive(Clone, Debug)]
pub(crate) struct TraceRow {
    pub login: Login,
    /// Moment of the row, Unix seconds.
    pub event_utc_s: i64,
    pub sequence: i64,
    pub duration_s: i64,
    pub mode: WorkMode,
    pub direction: Option<Direction>,
    pub aux_reason: Option<u8>,
    pub logout_reason: Option<u8>,
    skill: Skill,
    location: i16,
    holds: bool,
    reconnects: bool,
    released: bool,
    transferred: bool,
    conference: bool,
    external: bool,
    on_call: bool,
}

struct Running {
    since: i64,
    sequence: i64,
    activity: Activity,
    reconnects: bool,
    released: bool,
    transferred: bool,
    conference: bool,
    external: bool,
}

struct Agent {
    location: i16,
    longest: Skill,
    running: Option<Running>,
    retrieved: bool,
    counted: (i64, i64),
}

/// The trace of one ACD.
pub(crate) struct Trace {
    event_time: EventTime,
    traced: BTreeSet<Login>,
    agents: BTreeMap<Login, Agent>,
    link_down: bool,
}

impl Trace {
    pub fn new(event_time: EventTime) -> Self {
        Self {
            event_time,
            traced: BTreeSet::new(),
            agents: BTreeMap::new(),
            link_down: false,
        }
    }

    pub fn feed(&mut self, now: i64, what: &What) -> Vec<TraceRow> {
        match what {
            What::Traced { login, on } => {
                if *on {
                    self.traced.insert(*login);
                } else {
                    self.traced.remove(login);
                }
                Vec::new()
            }
            What::LoggedIn {
                login,
                location,
                skills,
                ..
            } => {
                let agent = Agent {
                    location: *location,
                    longest: skills.first().map_or(0, |held| held.skill),
                    running: None,
                    retrieved: false,
                    counted: (now, 0),
                };
                self.agents.insert(*login, agent);
                self.mark(now, *login, WorkMode::Logon, None)
            }
            What::SkillsChanged { login, skills } => {
                if let (Some(agent), Some(first)) = (self.agents.get_mut(login), skills.first()) {
                    agent.longest = first.skill;
                }
                Vec::new()
            }
            What::State { login, activity } => self.change(now, *login, Some(*activity)),
            What::LoggedOut { login, reason } => {
                let mut rows = self.change(now, *login, None);
                rows.extend(self.mark(now, *login, WorkMode::Logoff, Some(*reason)));
                self.agents.remove(login);
                rows
            }
            What::Retrieved { login, .. } => {
                if let Some(agent) = self.agents.get_mut(login) {
                    agent.retrieved = true;
                }
                Vec::new()
            }
            What::Released {
                login, by_agent, ..
            } => self.flag(*login, |running| running.released = *by_agent),
            What::Transferred { login, .. } => {
                self.flag(*login, |running| running.transferred = true)
            }
            What::Conferenced { login, .. } => {
                self.flag(*login, |running| running.conference = true)
            }
            What::ExtensionCall {
                login, external, ..
            } => self.flag(*login, |running| running.external = *external),
            What::LinkDown { .. } => {
                let logins: Vec<Login> = self.agents.keys().copied().collect();
                let rows = logins
                    .into_iter()
                    .flat_map(|login| self.change(now, login, None))
                    .collect();
                self.link_down = true;
                rows
            }
            What::LinkUp => {
                self.link_down = false;
                let logins: Vec<Login> = self.agents.keys().copied().collect();
                logins
                    .into_iter()
                    .flat_map(|login| self.change(now, login, Some(Activity::Other)))
                    .collect()
            }
            _ => Vec::new(),
        }
    }

    fn flag(&mut self, login: Login, set: impl Fn(&mut Running)) -> Vec<TraceRow> {
        if let Some(running) = self
            .agents
            .get_mut(&login)
            .and_then(|agent| agent.running.as_mut())
        {
            set(running);
        }
        Vec::new()
    }

    /// Ends the running state and begins another.
    fn change(&mut self, now: i64, login: Login, next: Option<Activity>) -> Vec<TraceRow> {
        let (link_down, event_time) = (self.link_down, self.event_time);
        let Some(agent) = self.agents.get_mut(&login) else {
            return Vec::new();
        };
        let ended = agent.running.take();
        let mut rows = Vec::new();
        if let Some(running) = ended {
            let sequence = match event_time {
                EventTime::Start => running.sequence,
                EventTime::End => agent.next_in_second(now),
            };
            let event_utc_s = match event_time {
                EventTime::Start => running.since,
                EventTime::End => now,
            };
            rows.push(running.row(login, agent, event_utc_s, sequence, now));
        }
        if let Some(activity) = next.filter(|_| !link_down) {
            let sequence = match event_time {
                EventTime::Start => agent.next_in_second(now),
                EventTime::End => 0,
            };
            agent.running = Some(Running {
                since: now,
                sequence,
                activity,
                reconnects: std::mem::take(&mut agent.retrieved),
                released: false,
                transferred: false,
                conference: false,
                external: false,
            });
        }
        if self.traced.contains(&login) {
            rows
        } else {
            Vec::new()
        }
    }

    /// A row of no length: login or logout.
    fn mark(
        &mut self,
        now: i64,
        login: Login,
        mode: WorkMode,
        logout_reason: Option<u8>,
    ) -> Vec<TraceRow> {
        if self.link_down || !self.traced.contains(&login) {
            return Vec::new();
        }
        let Some(agent) = self.agents.get_mut(&login) else {
            return Vec::new();
        };
        let sequence = agent.next_in_second(now);
        vec![TraceRow {
            login,
            event_utc_s: now,
            sequence,
            duration_s: 0,
            mode,
            direction: None,
            aux_reason: None,
            logout_reason,
            skill: agent.longest,
            location: agent.location,
            holds: false,
            reconnects: false,
            released: false,
            transferred: false,
            conference: false,
            external: false,
            on_call: false,
        }]
    }
}

impl Agent {
    /// Number of the next row within its second, from 1.
    fn next_in_second(&mut self, now: i64) -> i64 {
        if self.counted.0 == now {
            self.counted.1 += 1;
        } else {
            self.counted = (now, 1);
        }
        self.counted.1
    }
}

impl Running {
    fn row(
        &self,
        login: Login,
        agent: &Agent,
        event_utc_s: i64,
        sequence: i64,
        now: i64,
    ) -> TraceRow {
        let (mode, skill, direction, aux_reason) = match self.activity {
            Activity::Available => (WorkMode::Avail, None, None, None),
            Activity::Ringing { skill } => (WorkMode::Ring, skill, Some(Direction::In), None),
            Activity::Talking { skill: None } => (WorkMode::Dacd, None, Some(Direction::In), None),
            Activity::Talking { skill } => (WorkMode::Acd, skill, Some(Direction::In), None),
            Activity::Holding { skill } => (WorkMode::Other, skill, None, None),
            Activity::Consulting { skill } => (WorkMode::Aux, skill, Some(Direction::Out), Some(0)),
            Activity::AfterCall {
                skill: None,
                extension_call,
            } => (WorkMode::Dacw, None, extension_call, None),
            Activity::AfterCall {
                skill,
                extension_call,
            } => (WorkMode::Acw, skill, extension_call, None),
            Activity::StandAloneAfterCall { extension_call } => {
                (WorkMode::Acw, None, extension_call, None)
            }
            Activity::Auxiliary {
                reason,
                extension_call,
            } => (WorkMode::Aux, None, extension_call, Some(reason)),
            Activity::Other => (WorkMode::Other, None, None, None),
        };
        TraceRow {
            login,
            event_utc_s,
            sequence,
            duration_s: now - self.since,
            mode,
            direction,
            aux_reason,
            logout_reason: None,
            skill: skill.unwrap_or(agent.longest),
            location: agent.location,
            holds: matches!(self.activity, Activity::Holding { .. }),
            reconnects: self.reconnects,
            released: self.released,
            transferred: self.transferred,
            conference: self.conference,
            external: self.external,
            on_call: direction.is_some(),
        }
    }
}

/// The columns of `ag_actv`.
pub(crate) fn columns(old: bool) -> Vec<Column> {
    let login = if old { 10 } else { 16 };
    let column = Column::new;
    vec![
        column("acd", Kind::SmallInt, "The ACD. (I)"),
        column(
            "row_date",
            Kind::Date,
            "Day of `event_time` on the agent tables' clock. (I)",
        ),
        column(
            "logid",
            Kind::Char(login),
            "Login ID of the traced agent. (I)",
        ),
        column(
            "split",
            Kind::SmallInt,
            "Skill of the state, else the skill held longest. (I)",
        ),
        column(
            "event_time",
            Kind::Integer,
            "Time of day at which the state began or ended, as HHMMSS or seconds. (C P3; start or end and format open)",
        ),
        column(
            "wmode_seq",
            Kind::Integer,
            "Order of the rows of one agent within one second, from 1. (C P3)",
        ),
        column("duration", Kind::Integer, "Seconds of the state. (C P3)"),
        column(
            "workmode",
            Kind::SmallInt,
            "State, as numbered in the dictionary: `State`, `LoggedIn`, `LoggedOut`. (D S15; numbers open)",
        ),
        column(
            "direction",
            Kind::SmallInt,
            "IN or OUT, as numbered in the dictionary; NULL when not on a call. (C P3; numbers open)",
        ),
        column(
            "auxreason",
            Kind::SmallInt,
            "AUX reason; NULL outside AUX. (D S7a)",
        ),
        column(
            "logout_reason",
            Kind::SmallInt,
            "Reason of `LoggedOut`; NULL in other rows. (C P3)",
        ),
        column(
            "caller_hold",
            Kind::Char(1),
            "y: the caller is on hold in this state. (C P3; I)",
        ),
        column(
            "reconnect",
            Kind::Char(1),
            "y: the state began with taking the caller back. (C P3; I)",
        ),
        column(
            "agt_released",
            Kind::Char(1),
            "y: the agent hung up at the end of this state. (C P3)",
        ),
        column(
            "transferred",
            Kind::Char(1),
            "y: the call was transferred at the end of this state. (C P3)",
        ),
        column(
            "conference",
            Kind::Char(1),
            "y: somebody was added to the call in this state. (C P3)",
        ),
        column("assist_actv", Kind::Char(1), "Always n."),
        column("mct", Kind::Char(1), "Always n."),
        column("interrupted", Kind::Char(1), "Always n."),
        column(
            "ext_call_orig",
            Kind::Char(1),
            "y: an extension call over a trunk began in this state. (C P3; I)",
        ),
        column("keybd_dialed", Kind::Char(1), "Always n."),
        column(
            "digits_dialed",
            Kind::Char(16),
            "A mark on extension calls: an import must never select it.",
        ),
        column(
            "calling_pty",
            Kind::Char(24),
            "A mark on calls: an import must never select it.",
        ),
        column("calling_ii", Kind::Char(2), "Always blank."),
        column(
            "ucid",
            Kind::Char(20),
            "A mark on calls: an import must never select it.",
        ),
        column("workcode", Kind::Char(16), "Always blank."),
        column("loc_id", Kind::Integer, "Location of the station. (C P3)"),
    ]
}

impl TraceRow {
    /// The values, in the order of the columns.
    pub fn values(
        &self,
        acd: i16,
        date: jiff::civil::Date,
        event_time: i64,
        modes: WorkModeCodes,
        directions: DirectionCodes,
    ) -> Row {
        let flag = |set: bool| Value::Text(if set { "y" } else { "n" }.to_owned());
        let mark = |set: bool| {
            Value::Text(if set {
                CALLER_MARK.to_owned()
            } else {
                String::new()
            })
        };
        let maybe = |value: Option<i64>| value.map_or(Value::Null, Value::Int);
        let keys = vec![
            Value::Int(i64::from(acd)),
            Value::Date(date),
            Value::Text(self.login.to_string()),
            Value::Int(i64::from(self.skill)),
            Value::Int(event_time),
            Value::Int(self.sequence),
            Value::Int(self.duration_s),
            Value::Int(self.mode.code(modes)),
            maybe(
                self.direction
                    .map(|direction| direction_code(direction, directions)),
            ),
            maybe(self.aux_reason.map(i64::from)),
            maybe(self.logout_reason.map(i64::from)),
            flag(self.holds),
            flag(self.reconnects),
            flag(self.released),
            flag(self.transferred),
            flag(self.conference),
            flag(false),
            flag(false),
            flag(false),
            flag(self.external),
            flag(false),
            mark(self.external),
            mark(self.on_call),
            Value::Text(String::new()),
            mark(self.on_call),
            Value::Text(String::new()),
            Value::Int(i64::from(self.location)),
        ];
        Row {
            keys,
            figures: Vec::new(),
        }
    }
}
