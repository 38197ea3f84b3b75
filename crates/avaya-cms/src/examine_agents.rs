//! Finds out how a site's agent tables are to be read, from partitions of one ACD.

use crate::agents::{date_of, intervals, sessions, zone_of};
use crate::catalogue::{AG_ACTV, HAGENT, HAGLOG, SYNONYMS};
use crate::synonyms;
use crate::trace::{Trace, findings, meaning};
use floorwire_model::agents::settings::{AgentFindings, EpochBase, TableFamily};
use floorwire_model::agents::{AgentSkillInterval, open_sessions};
use floorwire_model::columns::SourceColumns;
use floorwire_model::derivation::{DerivationError, DerivationSettings};
use floorwire_model::evidence::Verdict;
use floorwire_model::partition::SourcePartition;

/// See [`floorwire_model::derivation::Vendor::examine_agents`]. Partitions of other tables are ignored.
pub fn examine(
    sample: &mut dyn Iterator<Item = (SourcePartition, SourceColumns)>,
    settings: &DerivationSettings,
) -> Result<AgentFindings, DerivationError> {
    let mut dictionary = Vec::new();
    let (mut rows_of_agents, mut rows_of_skills) = (Vec::new(), Vec::new());
    let (mut utc, mut local) = (Vec::new(), Vec::new());
    let mut traced = Vec::new();
    for (partition, rows) in sample.filter(|(_, rows)| !rows.columns.is_empty()) {
        if partition.table == SYNONYMS.name {
            dictionary.extend(synonyms::derive(&partition, &rows)?.dictionary);
        } else if partition.table == HAGENT.name {
            let derived = intervals::derive(&partition, &rows, settings)?;
            drop(rows);
            rows_of_agents.extend(derived.agent_intervals);
            rows_of_skills.extend(derived.agent_skill_intervals.into_iter().filter(tells));
        } else if partition.table == HAGLOG.name {
            utc.extend(sessions::parts(&partition, &rows, settings, EpochBase::Utc)?.0);
            local.extend(sessions::parts(&partition, &rows, settings, EpochBase::Local)?.0);
        } else if partition.table == AG_ACTV.name {
            traced.push((partition, rows));
        }
    }
    let zone = zone_of(settings, TableFamily::SessionsAndTrace)?;
    let session_epoch = sessions::epoch_base(&utc, &local, &rows_of_agents, &zone)
        .overridden_by(settings.agents.session_epoch);
    let parts = match session_epoch.answer {
        Some(EpochBase::Local) => &local,
        _ => &utc,
    };
    let open = match parts.is_empty() {
        true => Verdict::default(),
        false => open_sessions(parts, &rows_of_agents),
    };
    let mut traces = Vec::new();
    for (partition, rows) in &traced {
        traces.push(Trace::of(partition.acd, date_of(partition)?, rows)?);
    }
    let traces: Vec<&Trace<'_>> = traces.iter().collect();
    let context = meaning::Context {
        dictionary: &dictionary,
        intervals: &rows_of_agents,
        skill_intervals: &rows_of_skills,
    };
    // What an administrator says about times is the ground on which the numbers are examined.
    let times = findings::of_rows(&traces).overridden_by(&settings.agents.trace);
    let trace =
        meaning::of_numbers(&traces, times, &context, &zone).overridden_by(&settings.agents.trace);
    Ok(AgentFindings {
        trace,
        session_epoch,
        open_sessions: open,
    })
}

/// Whether a skill's part of an interval says anything of directions (see [`meaning`]). Most do not, and they are many.
fn tells(row: &AgentSkillInterval) -> bool {
    let seconds = [row.figures.aux_in_seconds, row.figures.aux_out_seconds];
    seconds.into_iter().flatten().any(|seconds| seconds != 0)
}
