//! `hagent` to agent intervals.
//!
//! An agent in four skills has four rows. What the source books once (`ti_*`, on whichever skill was logged in first) is
//! summed over *all* rows of the agent; what is exclusive per skill (`i_acdtime`, `i_acwtime`, `i_ringtime`, `i_da_*`) is
//! summed too; what runs in parallel (`i_stafftime`, `i_availtime`, `i_auxtime`, `i_othertime`) is kept per skill and never
//! summed. Then the source's own identity is checked: staffed time equals the sum of all states.

use super::figures::FigureColumns;
use super::{agent, date_of, login, zone_of};
use crate::clock_evidence::ClockEvidence;
use crate::interval_clock::{IntervalClock, Stamp};
use crate::problems::Problems;
use floorwire_model::agents::settings::TableFamily;
use floorwire_model::agents::{AgentFigures, AgentInterval, AgentSkillInterval, SkillFigures};
use floorwire_model::columns::SourceColumns;
use floorwire_model::derivation::{DerivationError, DerivationSettings, Derived};
use floorwire_model::partition::SourcePartition;
use floorwire_model::streams::Quality;
use floorwire_model::time::UtcSecond;
use std::collections::BTreeMap;

struct Group {
    stamp: Stamp,
    other_length: bool,
    rows: Vec<usize>,
}

/// Derives the intervals of one ACD and date.
pub fn derive(
    partition: &SourcePartition,
    rows: &SourceColumns,
    settings: &DerivationSettings,
) -> Result<Derived, DerivationError> {
    let row_date = date_of(partition)?;
    let zone = zone_of(settings, TableFamily::AgentIntervals)?;
    let source = FigureColumns::of(rows)?;
    let starttime = rows.int32("starttime")?;
    let starttime_utc = rows.optional_int32("starttime_utc")?;
    let intrvl = rows.int32("intrvl")?;
    let mut clock = IntervalClock::new(row_date, zone);
    let mut problems = Problems::default();
    let mut groups: BTreeMap<(&str, i64), Group> = BTreeMap::new();
    let mut lengths: BTreeMap<u16, usize> = BTreeMap::new();
    for row in 0..usize::try_from(rows.rows).unwrap_or(usize::MAX) {
        let (Some(login), Some(_)) = (login(source.login.get(row)), source.split(row)) else {
            problems.reject("key-is-null", "hagent rows without logid or split");
            continue;
        };
        let minutes = intrvl
            .get(row)
            .and_then(|minutes| u16::try_from(minutes).ok());
        let Some(minutes) = minutes.filter(|&minutes| minutes > 0 && 1440 % minutes == 0) else {
            problems.reject(
                "impossible-interval",
                "hagent rows whose intrvl does not divide a day",
            );
            continue;
        };
        // 0 is what a release writes that has the column and does not fill it.
        let utc = starttime_utc
            .and_then(|column| column.get(row))
            .filter(|&second| second != 0)
            .map(|second| UtcSecond(i64::from(second)));
        let Some(stamp) = clock.stamp(starttime.get(row), utc, minutes) else {
            problems.reject(
                "impossible-time",
                "hagent rows whose starttime is not HHMM of a day",
            );
            continue;
        };
        if stamp.utc_disagrees {
            problems.doubt(
                "utc-disagrees-with-zone",
                "hagent rows whose starttime_utc does not fit starttime in the set time zone; check the zone of the agent intervals",
            );
        }
        *lengths.entry(minutes).or_default() += 1;
        let group = groups
            .entry((login, stamp.start.0))
            .or_insert_with(|| Group {
                stamp,
                other_length: false,
                rows: Vec::with_capacity(4),
            });
        group.other_length |= group.stamp.length_s != stamp.length_s;
        group.rows.push(row);
    }
    let mut derived = Derived {
        interval_minutes: lengths
            .iter()
            .max_by_key(|(_, count)| **count)
            .map(|(minutes, _)| *minutes),
        ..Derived::default()
    };
    let mut evidence = ClockEvidence::default();
    for ((_, start_utc_s), group) in &groups {
        evidence.saw(*start_utc_s, source.are_doubled(&group.rows));
    }
    let set_back = evidence.doubled_by_clock(derived.interval_minutes.unwrap_or(0));
    for ((login, start_utc_s), mut group) in groups {
        if set_back.contains(&start_utc_s) {
            group.stamp.quality = Quality::Ambiguous;
        }
        let allowed = if group.stamp.quality == Quality::Ambiguous {
            2
        } else {
            1
        };
        let mut counted = source.counted(&group.rows, allowed, &mut problems);
        if group.other_length {
            counted = None;
            problems.doubt(
                "two-interval-lengths",
                "agent intervals with rows of two lengths; figures withheld",
            );
        }
        let template = AgentInterval {
            agent: agent(partition.acd, login),
            row_date,
            start_utc_s,
            length_s: group.stamp.length_s,
            quality: quality(&source, &group, counted.is_none()),
            figures: AgentFigures::default(),
            aux_by_reason: Vec::new(),
            identity_gap_s: None,
            aux_gap_s: None,
        };
        push_skills(
            &mut derived,
            &source,
            &template,
            &group.rows,
            counted.as_deref(),
        );
        derived
            .agent_intervals
            .push(total(&source, template, counted.as_deref(), &mut problems));
    }
    derived.rejected = problems.rejected;
    derived.doubtful = problems.doubtful;
    Ok(derived)
}

fn quality(source: &FigureColumns<'_>, group: &Group, withheld: bool) -> Quality {
    let incomplete = group.rows.iter().any(|&row| source.incomplete(row) != 0);
    match group.stamp.quality {
        _ if withheld => Quality::Ambiguous,
        Quality::Final if incomplete => Quality::Incomplete,
        other => other,
    }
}

fn total(
    source: &FigureColumns<'_>,
    template: AgentInterval,
    counted: Option<&[usize]>,
    problems: &mut Problems,
) -> AgentInterval {
    let Some(rows) = counted else {
        return template;
    };
    let figures = source.agent_figures(rows);
    let (aux_by_reason, aux_gap_s) = source.aux(rows, &figures);
    let identity_gap_s = figures.identity_gap_s();
    if identity_gap_s.is_some_and(|gap| gap != 0) {
        problems.doubt(
            "staffed-time-identity",
            "agent intervals whose staffed time is not the sum of their states",
        );
    }
    if aux_gap_s.is_some_and(|gap| gap != 0) {
        problems.doubt(
            "aux-reason-identity",
            "agent intervals whose AUX time is not the sum over reasons",
        );
    }
    if figures
        .staffed_seconds
        .is_some_and(|staffed| staffed > template.length_s)
    {
        problems.doubt(
            "staffed-beyond-interval",
            "agent intervals with more staffed time than the interval has",
        );
    }
    AgentInterval {
        figures,
        aux_by_reason,
        identity_gap_s,
        aux_gap_s,
        ..template
    }
}

fn push_skills(
    derived: &mut Derived,
    source: &FigureColumns<'_>,
    total: &AgentInterval,
    rows: &[usize],
    counted: Option<&[usize]>,
) {
    let mut skills: BTreeMap<i32, Vec<usize>> = BTreeMap::new();
    for &row in counted.unwrap_or(rows) {
        if let Some(split) = source.split(row) {
            skills.entry(split).or_default().push(row);
        }
    }
    for (split, rows) in skills {
        derived.agent_skill_intervals.push(AgentSkillInterval {
            agent: total.agent.clone(),
            skill: split.to_string(),
            row_date: total.row_date,
            start_utc_s: total.start_utc_s,
            length_s: total.length_s,
            quality: total.quality,
            figures: match counted {
                Some(_) => source.skill_figures(&rows),
                None => SkillFigures::default(),
            },
        });
    }
}

#[cfg(test)]
mod tests;
