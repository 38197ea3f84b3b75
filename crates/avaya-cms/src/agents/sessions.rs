//! `haglog` to session parts, and what its epochs count from.
//!
//! `login` and `logout` are documented as Unix seconds. Sites exist on whose clock they name local time; whether this is one is
//! found out by [`epoch_base`] and can be set. A logout of NULL or 0 is an open session. Rows whose logout precedes their login
//! are not used.

use super::{agent, date_of, login, zone_of};
use crate::problems::Problems;
use floorwire_model::agents::settings::{EpochBase, TableFamily};
use floorwire_model::agents::{
    AgentInterval, AgentKey, LoginTime, LogoutTime, SessionPart, SkillAtLogin,
};
use floorwire_model::columns::{ColumnsError, Int32Column, SourceColumns, TextColumn};
use floorwire_model::derivation::{DerivationError, DerivationSettings, Derived};
use floorwire_model::evidence::{Evidence, Verdict};
use floorwire_model::partition::SourcePartition;
use floorwire_model::streams::Quality;
use floorwire_model::time::{Resolved, UtcSecond, local_minute, resolve};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::collections::HashMap;

/// Derives the session parts of one ACD and date.
pub fn derive(
    partition: &SourcePartition,
    rows: &SourceColumns,
    settings: &DerivationSettings,
) -> Result<Derived, DerivationError> {
    let base = settings.agents.session_epoch.unwrap_or(EpochBase::Utc);
    let (parts, problems) = parts(partition, rows, settings, base)?;
    Ok(Derived {
        agent_sessions: parts,
        rejected: problems.rejected,
        doubtful: problems.doubtful,
        ..Derived::default()
    })
}

/// The session parts under a given reading of the epochs.
pub fn parts(
    partition: &SourcePartition,
    rows: &SourceColumns,
    settings: &DerivationSettings,
    base: EpochBase,
) -> Result<(Vec<SessionPart>, Problems), DerivationError> {
    let row_date = date_of(partition)?;
    // Seconds on a local base are those of the switch's own clock, whatever clock dates the rows.
    let zone = zone_of(settings, TableFamily::Calls)?;
    let source = Source::of(rows)?;
    let mut problems = Problems::default();
    let mut parts = Vec::new();
    for row in 0..usize::try_from(rows.rows).unwrap_or(usize::MAX) {
        let (Some(login), Some(logged_in)) = (
            login(source.login_id.get(row)),
            source.second(&source.login, row),
        ) else {
            problems.reject("key-is-null", "haglog rows without logid or login");
            continue;
        };
        let begin = instant(logged_in, base, &zone);
        let end = source
            .second(&source.logout, row)
            .map(|second| instant(second, base, &zone));
        let (Some((login_utc_s, begin_quality)), Some(end)) =
            (begin, end.map_or(Some(None), |end| end.map(Some)))
        else {
            problems.reject(
                "impossible-time",
                "haglog rows whose login or logout is no time",
            );
            continue;
        };
        // On a local base a session over the repeated hour may end "before" it began: then it ended in the second pass.
        let (logout_utc_s, end_quality) = match end {
            Some((at, Quality::Ambiguous)) if at < login_utc_s => {
                (Some(at + repeated_s(at, &zone)), Quality::Ambiguous)
            }
            Some((at, quality)) => (Some(at), quality),
            None => (None, Quality::Final),
        };
        if logout_utc_s.is_some_and(|logout| logout < login_utc_s) {
            problems.reject(
                "logout-before-login",
                "haglog rows whose logout precedes their login",
            );
            continue;
        }
        parts.push(SessionPart {
            agent: agent(partition.acd, login),
            row_date,
            extension: source
                .extension
                .and_then(|column| column.get(row))
                .unwrap_or_default()
                .trim()
                .to_owned(),
            login_utc_s,
            login_time: if source.flag(source.inflag, row) == "<" {
                LoginTime::LinkUp
            } else {
                LoginTime::Exact
            },
            logout_utc_s,
            logout_time: match logout_utc_s {
                None => LogoutTime::Open,
                Some(_) if source.flag(source.outflag, row) == ">" => LogoutTime::LinkDown,
                Some(_) => LogoutTime::Exact,
            },
            logout_reason: source.logout_reason.and_then(|column| column.get(row)),
            skills: source.skills(row),
            quality: if begin_quality == Quality::Final {
                end_quality
            } else {
                begin_quality
            },
        });
    }
    parts.sort_by(|one, other| {
        (&one.agent, one.login_utc_s).cmp(&(&other.agent, other.login_utc_s))
    });
    Ok((parts, problems))
}

/// The columns of `haglog` that are used.
struct Source<'a> {
    login_id: TextColumn<'a>,
    login: Int32Column<'a>,
    logout: Int32Column<'a>,
    logout_reason: Option<Int32Column<'a>>,
    extension: Option<TextColumn<'a>>,
    inflag: Option<TextColumn<'a>>,
    outflag: Option<TextColumn<'a>>,
    skills: Vec<(Int32Column<'a>, Option<Int32Column<'a>>)>,
}

impl<'a> Source<'a> {
    fn of(rows: &'a SourceColumns) -> Result<Self, ColumnsError> {
        let mut skills = vec![(rows.int32("split")?, rows.optional_int32("sklevel")?)];
        for number in 2..=20 {
            if let Some(skill) = rows.optional_int32(&format!("logonskill{number}"))? {
                skills.push((skill, rows.optional_int32(&format!("sklevel{number}"))?));
            }
        }
        Ok(Self {
            login_id: rows.text("logid")?,
            login: rows.int32("login")?,
            logout: rows.int32("logout")?,
            logout_reason: rows.optional_int32("logout_reason")?,
            extension: rows.optional_text("extn")?,
            inflag: rows.optional_text("inflag")?,
            outflag: rows.optional_text("outflag")?,
            skills,
        })
    }

    fn second(&self, column: &Int32Column<'_>, row: usize) -> Option<i64> {
        column.get(row).filter(|&second| second > 0).map(i64::from)
    }

    fn flag<'b>(&self, column: Option<TextColumn<'b>>, row: usize) -> &'b str {
        column
            .and_then(|column| column.get(row))
            .unwrap_or_default()
            .trim()
    }

    fn skills(&self, row: usize) -> Vec<SkillAtLogin> {
        let given = self.skills.iter().filter_map(|(skill, level)| {
            Some(SkillAtLogin {
                skill: skill.get(row).filter(|&skill| skill > 0)?,
                level: level
                    .as_ref()
                    .and_then(|column| column.get(row))
                    .filter(|&level| level > 0),
            })
        });
        given.collect()
    }
}

/// The instant of a number of seconds, and whether the local clock left something open.
fn instant(seconds: i64, base: EpochBase, zone: &TimeZone) -> Option<(i64, Quality)> {
    if base == EpochBase::Utc {
        return Some((seconds, Quality::Final));
    }
    let face = local_minute(UtcSecond(seconds), &TimeZone::UTC)?;
    let beyond_minute = seconds.rem_euclid(60);
    Some(match resolve(face, zone) {
        Resolved::Once(at) => (at.0 + beyond_minute, Quality::Final),
        Resolved::Twice { first, .. } => (first.0 + beyond_minute, Quality::Ambiguous),
        Resolved::Never { shifted } => (shifted.0 + beyond_minute, Quality::Shifted),
        Resolved::OutOfRange => return None,
    })
}

/// How far the second pass of a repeated local time lies behind the first.
fn repeated_s(at: i64, zone: &TimeZone) -> i64 {
    match local_minute(UtcSecond(at), zone).map(|face| resolve(face, zone)) {
        Some(Resolved::Twice { first, second }) => second.0 - first.0,
        _ => 0,
    }
}

/// Seconds by which a login may differ from what the interval's staffed time says.
const LOGIN_TOLERANCE_S: i64 = 3;

/// What the epochs count from, by two tests. *Interval*: the slot that holds a login is staffed from the login to its end. *Row
/// date*: the record's date is the local date of login or logout. Observations that fit both readings say nothing.
pub fn epoch_base(
    utc: &[SessionPart],
    local: &[SessionPart],
    intervals: &[AgentInterval],
    zone: &TimeZone,
) -> Verdict<EpochBase> {
    let mut slots: HashMap<&AgentKey, Vec<&AgentInterval>> = HashMap::new();
    for row in intervals {
        slots.entry(&row.agent).or_default().push(row);
    }
    let fits_interval = |part: &SessionPart| {
        part.login_time == LoginTime::Exact
            && slots.get(&part.agent).into_iter().flatten().any(|row| {
                let rest = row.start_utc_s + row.length_s - part.login_utc_s;
                let staffed = row.figures.staffed_seconds.unwrap_or(0);
                (1..row.length_s).contains(&rest) && (staffed - rest).abs() <= LOGIN_TOLERANCE_S
            })
    };
    let on_date = |at: i64, date: Date| {
        local_minute(UtcSecond(at), zone).is_some_and(|face| face.date() == date)
    };
    let fits_date = |part: &SessionPart| {
        on_date(part.login_utc_s, part.row_date)
            || part
                .logout_utc_s
                .is_some_and(|logout| on_date(logout, part.row_date))
    };
    let exclusive = |fits: &dyn Fn(&SessionPart) -> bool| {
        let count = |one: &[SessionPart], other: &[SessionPart]| {
            let says = |(one, other): (&SessionPart, &SessionPart)| fits(one) && !fits(other);
            one.iter()
                .zip(other)
                .filter(|(one, other)| says((one, other)))
                .count() as u64
        };
        (count(utc, local), count(local, utc))
    };
    if utc.len() != local.len() {
        return Verdict::default();
    }
    let (interval, date) = (exclusive(&fits_interval), exclusive(&fits_date));
    let mut verdict = Verdict::of_two(
        "interval",
        (EpochBase::Utc, "utc", interval.0 + date.0),
        (EpochBase::Local, "local", interval.1 + date.1),
    );
    verdict.evidence = [("interval", interval), ("row-date", date)]
        .into_iter()
        .flat_map(|(test, (utc, local))| {
            [
                Evidence::new(test, "utc", utc, local),
                Evidence::new(test, "local", local, utc),
            ]
        })
        .collect();
    verdict
}

#[cfg(test)]
mod tests;
