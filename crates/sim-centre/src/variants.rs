//! Switches for what differs between sites, and for what the documentation of CMS leaves open.
//!
//! Every switch has the default that the sources make likeliest. None of them changes what happens in the contact
//! centre, only how the CMS of that site writes it down.

use serde::{Deserialize, Serialize};

/// How the CMS of a site writes down what happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Variants {
    /// Which columns there are.
    pub release: Release,
    /// Whether interval tables have `starttime_utc` (only from R16 on).
    pub starttime_utc: bool,
    /// Owner of the tables: `root`, or none.
    pub owner: Option<String>,
    /// What `ag_actv.event_time` says.
    pub event_time: EventTime,
    /// How `ag_actv.event_time` is written.
    pub event_time_format: EventTimeFormat,
    /// Numbers of work modes in `ag_actv` and the dictionary.
    pub work_modes: WorkModeCodes,
    /// Numbers of directions in `ag_actv` and the dictionary.
    pub directions: DirectionCodes,
    /// When a row of `haglog` is written.
    pub sessions: SessionsWritten,
    /// What `haglog.login` and `haglog.logout` count from.
    pub session_epochs: SessionEpochs,
    /// Whose clock stamps `hagent`, `dagent`, `haglog` and `ag_actv`.
    pub agent_clock: AgentClock,
    /// Days that interval rows are kept; `None`: for ever.
    pub interval_retention_days: Option<u16>,
    /// Rows that `ag_actv` holds: beyond 110 % of it the oldest 10 % go.
    pub trace_capacity_rows: u32,
    /// Local hours that daily tables cover, `[from, to)` in minutes of the day.
    pub daily_minutes: (u16, u16),
}

impl Default for Variants {
    fn default() -> Self {
        Self {
            release: Release::R19,
            starttime_utc: true,
            owner: None,
            event_time: EventTime::Start,
            event_time_format: EventTimeFormat::Hhmmss,
            work_modes: WorkModeCodes::Tens,
            directions: DirectionCodes::InOneOutTwo,
            sessions: SessionsWritten::AtLogout,
            session_epochs: SessionEpochs::Utc,
            agent_clock: AgentClock::Switch,
            interval_retention_days: Some(370),
            trace_capacity_rows: 400_000,
            daily_minutes: (0, 1440),
        }
    }
}

/// Releases with different columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Release {
    /// 1999: AUX reasons 0 to 9, the older column lists, short character columns, never `starttime_utc`.
    R3v8,
    /// Recent: AUX reasons 0 to 99, the full column lists.
    R19,
}

/// What `ag_actv.event_time` says. Source: open question 1 of the reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EventTime {
    /// When the state began.
    Start,
    /// When it ended.
    End,
}

/// How `ag_actv.event_time` is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EventTimeFormat {
    /// 93005 is 09:30:05.
    Hhmmss,
    /// 34205 is 09:30:05.
    SecondsOfDay,
}

/// Numbers of work modes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WorkModeCodes {
    /// UNSTAFF 10, AVAIL 20, ACD 30, ACW 40, AUX 50, DACD 60, DACW 70, RING 80, LOGON 100, LOGOFF 110, OTHER 220.
    Tens,
    /// AVAIL 1, ACD 2, ACW 3, AUX 4, DACD 5, DACW 6, RING 7, UNKNOWN 8, OTHER 9, UNSTAFF 10, LOGON 11, LOGOFF 12.
    Illustrated,
    /// In the alphabet's order from 0: ACD 0, ACW 1, AUX 2, AVAIL 3, DACD 4, DACW 5, LOGOFF 6, LOGON 7, OTHER 8, RING 9,
    /// UNKNOWN 10, UNSTAFF 11.
    Alphabetic,
}

/// Numbers of directions. Blank is 0 in all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DirectionCodes {
    /// IN 1, OUT 2.
    InOneOutTwo,
    /// OUT 1, IN 2.
    OutOneInTwo,
}

/// When a row of `haglog` is written. Source: open question 4 of the reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SessionsWritten {
    /// At login with `logout` 0, completed at logout.
    AtLogin,
    /// Only at logout.
    AtLogout,
}

/// What `haglog.login` and `haglog.logout` count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SessionEpochs {
    /// Unix seconds.
    Utc,
    /// Seconds since 1970-01-01 00:00 on the local clock's face.
    Local,
}

/// Whose clock stamps the agent tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AgentClock {
    /// The switch's, as for calls.
    Switch,
    /// UTC, while calls are in local time.
    Utc,
}
