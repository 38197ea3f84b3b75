//! How a site's agent tables are to be read, where no document says so. Every answer has a default, is found out from
//! the site's own data ([`AgentFindings`]) and can be set by an administrator ([`AgentSettings`]).

use super::{CallDirection, OpenSessions, WorkState};
use crate::evidence::Verdict;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What the moment in a row is of the span that the row reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stamp {
    /// Its start.
    Start,
    /// Its end.
    End,
}

/// How a time of day is written as a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeForm {
    /// 9:05:07 is 90507.
    Hhmmss,
    /// 9:05:07 is 32707.
    SecondsOfDay,
}

/// What seconds since 1970 count from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EpochBase {
    /// 1970 in UTC, as the name says.
    Utc,
    /// 1970 on the local clock of the ACD, whose zone is that of the calls: the number names a local time.
    Local,
}

/// Tables whose rows one clock stamps. Sites exist with calls in local time and agent data in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TableFamily {
    /// Queues: `hsplit`, `hvdn`, their daily tables, and outages.
    Calls,
    /// `hagent`, `dagent`.
    AgentIntervals,
    /// `haglog`, `ag_actv`.
    SessionsAndTrace,
}

/// Settings of the agent tables that change how rows are derived. `None` and missing codes: as found out from the
/// rows themselves, else the stated default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct AgentSettings {
    /// IANA zone of the agent interval tables; `None`: that of the calls.
    pub interval_zone: Option<String>,
    /// IANA zone of sessions and trace; `None`: that of the calls.
    pub trace_zone: Option<String>,
    /// What login and logout seconds count from. Default: UTC.
    pub session_epoch: Option<EpochBase>,
    /// How the trace is read.
    pub trace: TraceSettings,
    /// Whether the moment of an outage is its start or its end. `None`: it may be either, both are taken.
    pub outage_stamp: Option<Stamp>,
}

impl AgentSettings {
    /// The zone set for a family, if one is.
    pub fn zone(&self, family: TableFamily) -> Option<&str> {
        match family {
            TableFamily::Calls => None,
            TableFamily::AgentIntervals => self.interval_zone.as_deref(),
            TableFamily::SessionsAndTrace => self.trace_zone.as_deref(),
        }
    }

    /// True when nothing is set. Such settings are not written, so that settings stored before stay equal.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// How the rows of the agent trace are read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct TraceSettings {
    /// Default: start.
    pub stamp: Option<Stamp>,
    /// Default: HHMMSS.
    pub time_form: Option<TimeForm>,
    /// Meaning of the work mode numbers. Default: unknown.
    pub work_modes: BTreeMap<i32, WorkState>,
    /// Meaning of the direction numbers; numbers without an entry are no direction.
    pub directions: BTreeMap<i32, CallDirection>,
}

/// What the data of a site says about its trace.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TraceFindings {
    /// Start or end.
    pub stamp: Verdict<Stamp>,
    /// HHMMSS or seconds of the day.
    pub time_form: Verdict<TimeForm>,
    /// One verdict per work mode number that occurs.
    pub work_modes: BTreeMap<i32, Verdict<WorkState>>,
    /// One verdict per direction number that occurs.
    pub directions: BTreeMap<i32, Verdict<CallDirection>>,
}

impl TraceFindings {
    /// The answers, certain or not, as settings: what derivation uses.
    pub fn answers(&self) -> TraceSettings {
        let known = |(code, verdict): (&i32, &Verdict<WorkState>)| Some((*code, verdict.answer?));
        let direction =
            |(code, verdict): (&i32, &Verdict<CallDirection>)| Some((*code, verdict.answer?));
        TraceSettings {
            stamp: self.stamp.answer,
            time_form: self.time_form.answer,
            work_modes: self.work_modes.iter().filter_map(known).collect(),
            directions: self.directions.iter().filter_map(direction).collect(),
        }
    }

    /// With an administrator's words in place of the answers found; the evidence stays.
    #[must_use]
    pub fn overridden_by(self, settings: &TraceSettings) -> Self {
        let Self {
            stamp,
            time_form,
            mut work_modes,
            mut directions,
        } = self;
        for (code, state) in &settings.work_modes {
            let found = work_modes.remove(code).unwrap_or_default();
            work_modes.insert(*code, found.overridden_by(Some(*state)));
        }
        for (code, direction) in &settings.directions {
            let found = directions.remove(code).unwrap_or_default();
            directions.insert(*code, found.overridden_by(Some(*direction)));
        }
        Self {
            stamp: stamp.overridden_by(settings.stamp),
            time_form: time_form.overridden_by(settings.time_form),
            work_modes,
            directions,
        }
    }

    /// With what was found before, where these say nothing: a rare number need not occur in every sample.
    #[must_use]
    pub fn or_earlier(mut self, earlier: &Self) -> Self {
        for (code, verdict) in &earlier.work_modes {
            let known = self.work_modes.entry(*code);
            known.or_insert_with(|| verdict.clone());
        }
        for (code, verdict) in &earlier.directions {
            let known = self.directions.entry(*code);
            known.or_insert_with(|| verdict.clone());
        }
        if self.stamp.answer.is_none() {
            self.stamp = earlier.stamp.clone();
        }
        if self.time_form.answer.is_none() {
            self.time_form = earlier.time_form.clone();
        }
        self
    }

    /// True when a page need not ask.
    pub fn is_certain(&self) -> bool {
        self.stamp.certain
            && self.time_form.certain
            && self.work_modes.values().all(|verdict| verdict.certain)
            && self.directions.values().all(|verdict| verdict.certain)
    }
}

/// What the data of a site says about its agent tables.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AgentFindings {
    /// The trace.
    pub trace: TraceFindings,
    /// What login seconds count from.
    pub session_epoch: Verdict<EpochBase>,
    /// Whether a session is there before its end.
    pub open_sessions: Verdict<OpenSessions>,
}

impl AgentFindings {
    /// With what was found before, where these say nothing.
    #[must_use]
    pub fn or_earlier(self, earlier: &Self) -> Self {
        Self {
            trace: self.trace.or_earlier(&earlier.trace),
            session_epoch: match self.session_epoch.answer {
                Some(_) => self.session_epoch,
                None => earlier.session_epoch.clone(),
            },
            open_sessions: match self.open_sessions.answer {
                Some(_) => self.open_sessions,
                None => earlier.open_sessions.clone(),
            },
        }
    }

    /// True when a page need not ask, as far as there is a trace.
    pub fn is_certain(&self) -> bool {
        self.trace.is_certain() && self.session_epoch.certain
    }
}
