//! Login sessions.
//!
//! A source row is a [`SessionPart`]: one login with one set of skills. Changing skills logs an agent out and in again,
//! so one [`AgentSession`] may have several parts, also across midnight. Parts are stored by partition, sessions are made
//! on read by [`merge_sessions`].

use super::{AgentInterval, AgentKey};
use crate::evidence::Verdict;
use crate::streams::Quality;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// How a login time is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoginTime {
    /// The moment of logging in.
    Exact,
    /// The agent was logged in when the link came up: the moment of the link. Source: haglog.inflag.
    LinkUp,
}

/// How a logout time is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogoutTime {
    /// The moment of logging out.
    Exact,
    /// The agent logged out while the link was down: the moment of the link. Source: haglog.outflag.
    LinkDown,
    /// Not logged out, as far as the source had it when it was read.
    Open,
    /// Never reported; the agent logged in again later.
    Unseen,
}

/// A skill of a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SkillAtLogin {
    /// The split or skill.
    pub skill: i32,
    /// Skill level; `None` where the source does not say.
    pub level: Option<i32>,
}

/// One row of the login table. Source: haglog.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionPart {
    /// The agent.
    pub agent: AgentKey,
    /// The local date of the source row; with table and ACD it names the partition.
    pub row_date: Date,
    /// The staffed station, without padding. Source: haglog.extn.
    pub extension: String,
    /// Login, seconds since 1970 UTC. Source: haglog.login.
    pub login_utc_s: i64,
    /// How the login time is known.
    pub login_time: LoginTime,
    /// Logout, seconds since 1970 UTC; `None` while open. Source: haglog.logout.
    pub logout_utc_s: Option<i64>,
    /// How the logout time is known.
    pub logout_time: LogoutTime,
    /// Reason code, 0 where reasons are off. Source: haglog.logout_reason.
    pub logout_reason: Option<i32>,
    /// The skills of the login, in the order of the source.
    pub skills: Vec<SkillAtLogin>,
    /// *Ambiguous* or *shifted* where a local time had to be resolved.
    pub quality: Quality,
}

/// From logging in to logging out, whatever skills changed between.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentSession {
    /// The agent.
    pub agent: AgentKey,
    /// The station of the first part.
    pub extension: String,
    /// Login, seconds since 1970 UTC.
    pub login_utc_s: i64,
    /// How the login time is known.
    pub login_time: LoginTime,
    /// Logout, seconds since 1970 UTC; `None` where it is not known.
    pub logout_utc_s: Option<i64>,
    /// How the logout time is known.
    pub logout_time: LogoutTime,
    /// Reason of the last logout.
    pub logout_reason: Option<i32>,
    /// The latest moment at which the session can have ended: of `unseen` logouts, the next login.
    pub ended_before_utc_s: Option<i64>,
    /// Changes of skills within the session: when, and the skills from then on. The first is the login.
    pub skills: Vec<(i64, Vec<SkillAtLogin>)>,
    /// *Ambiguous* also where parts overlap.
    pub quality: Quality,
}

impl AgentSession {
    fn begin(part: SessionPart) -> Self {
        Self {
            agent: part.agent,
            extension: part.extension,
            login_utc_s: part.login_utc_s,
            login_time: part.login_time,
            logout_utc_s: part.logout_utc_s,
            logout_time: part.logout_time,
            logout_reason: part.logout_reason,
            ended_before_utc_s: part.logout_utc_s,
            skills: vec![(part.login_utc_s, part.skills)],
            quality: part.quality,
        }
    }

    /// Whether the part goes on with this session: it overlaps it, or begins within `gap_s` after a logout at the same
    /// station that gave no reason.
    fn continues(&self, part: &SessionPart, gap_s: i64) -> bool {
        let Some(logout) = self.logout_utc_s else {
            return false;
        };
        if self.agent != part.agent {
            return false;
        }
        let overlaps = part.login_utc_s < logout;
        let by_skills = part.login_utc_s - logout <= gap_s
            && self.extension == part.extension
            && self.logout_time == LogoutTime::Exact
            && part.login_time == LoginTime::Exact
            && self.logout_reason.unwrap_or(0) == 0;
        overlaps || by_skills
    }

    fn go_on(&mut self, part: SessionPart) {
        let overlaps = self
            .logout_utc_s
            .is_some_and(|logout| part.login_utc_s < logout);
        if overlaps || (self.quality == Quality::Final && part.quality != Quality::Final) {
            self.quality = if overlaps {
                Quality::Ambiguous
            } else {
                part.quality
            };
        }
        if self
            .skills
            .last()
            .is_none_or(|(_, skills)| *skills != part.skills)
        {
            self.skills.push((part.login_utc_s, part.skills));
        }
        let ends_later = match (part.logout_utc_s, self.logout_utc_s) {
            (None, _) => true,
            (Some(new), Some(old)) => new >= old,
            (Some(_), None) => false,
        };
        if ends_later {
            self.logout_utc_s = part.logout_utc_s;
            self.ended_before_utc_s = part.logout_utc_s;
            self.logout_time = part.logout_time;
            self.logout_reason = part.logout_reason;
        }
    }
}

/// Seconds between logout and login up to which a change of skills is assumed.
pub const RESKILLING_GAP_S: i64 = 2;

/// Makes sessions of parts, in any order, of any number of partitions. Rows that occur twice count once. An open part
/// that a later login of the same agent contradicts ends unseen, at that login at the latest.
pub fn merge_sessions(mut parts: Vec<SessionPart>, gap_s: i64) -> Vec<AgentSession> {
    parts.sort_by(|one, other| {
        let key = |part: &SessionPart| (part.login_utc_s, part.logout_utc_s.unwrap_or(i64::MAX));
        (&one.agent, key(one)).cmp(&(&other.agent, key(other)))
    });
    let alike = |one: &mut SessionPart, other: &mut SessionPart| {
        one.agent == other.agent
            && one.login_utc_s == other.login_utc_s
            && one.logout_utc_s == other.logout_utc_s
            && one.extension == other.extension
    };
    parts.dedup_by(alike);
    let mut sessions: Vec<AgentSession> = Vec::with_capacity(parts.len());
    for part in parts {
        match sessions.last_mut() {
            Some(open) if open.continues(&part, gap_s) => open.go_on(part),
            last => {
                if let Some(left) =
                    last.filter(|left| left.agent == part.agent && left.logout_utc_s.is_none())
                {
                    left.logout_time = LogoutTime::Unseen;
                    left.ended_before_utc_s = Some(part.login_utc_s);
                }
                sessions.push(AgentSession::begin(part));
            }
        }
    }
    sessions
}

/// When the source writes a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OpenSessions {
    /// At login: who has no session is not there.
    WrittenAtLogin,
    /// At logout only: who has no session yet may well be there; today is unknown, not absent.
    WrittenAtLogout,
}

/// Finds out when sessions are written: agents staffed for all of the newest slot read, against the parts read at about
/// the same time. Whoever has an open part then speaks for one, whoever has no part that reaches the slot for the other.
pub fn open_sessions(parts: &[SessionPart], intervals: &[AgentInterval]) -> Verdict<OpenSessions> {
    let newest = intervals.iter().map(|row| row.start_utc_s).max();
    let throughout = |row: &&AgentInterval| {
        Some(row.start_utc_s) == newest && row.figures.staffed_seconds == Some(row.length_s)
    };
    let (mut open, mut none) = (0, 0);
    for row in intervals.iter().filter(throughout) {
        let reaching: Vec<_> = parts
            .iter()
            .filter(|part| {
                part.agent == row.agent && part.login_utc_s < row.start_utc_s + row.length_s
            })
            .filter(|part| {
                part.logout_utc_s
                    .is_none_or(|logout| logout > row.start_utc_s)
            })
            .collect();
        match reaching.as_slice() {
            [] => none += 1,
            some if some.iter().any(|part| part.logout_utc_s.is_none()) => open += 1,
            _ => {}
        }
    }
    Verdict::of_two(
        "staffed-now",
        (OpenSessions::WrittenAtLogin, "written_at_login", open),
        (OpenSessions::WrittenAtLogout, "written_at_logout", none),
    )
}

#[cfg(test)]
mod tests;
