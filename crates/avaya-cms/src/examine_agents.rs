//! Finds out how a site's agent tables are to be read, from partitions of one ACD.

use crate::agents::{date_of, intervals, sessions, zone_of};
use crate::catalogue::{AG_ACTV, HAGENT, HAGLOG, SYNONYMS};
use crate::synonyms;
use crate::trace::{Trace, findings, meaning};
use floorwire_model::agents::open_sessions;
use floorwire_model::agents::settings::{AgentFindings, EpochBase, TableFamily};
use floorwire_model::columns::SourceColumns;
use floorwire_model::derivation::{DerivationError, DerivationSettings};
use floorwire_model::evidence::Verdict;
use floorwire_model::partition::SourcePartition;

/// See [`floorwire_model::derivation::Vendor::examine_agents`]. Partitions of other tables are ignored.
pub fn examine(
    sample: &[(&SourcePartition, &SourceColumns)],
    settings: &DerivationSettings,
) -> Result<AgentFindings, DerivationError> {
    let of_table = |name: &'static str| {
        let has_rows = |rows: &SourceColumns| !rows.columns.is_empty();
        sample
            .iter()
            .filter(move |(partition, rows)| partition.table == name && has_rows(rows))
    };
    let mut dictionary = Vec::new();
    for (partition, rows) in of_table(SYNONYMS.name) {
        dictionary.extend(synonyms::derive(partition, rows)?.dictionary);
    }
    let (mut rows_of_agents, mut rows_of_skills) = (Vec::new(), Vec::new());
    for (partition, rows) in of_table(HAGENT.name) {
        let derived = intervals::derive(partition, rows, settings)?;
        rows_of_agents.extend(derived.agent_intervals);
        rows_of_skills.extend(derived.agent_skill_intervals);
    }
    let (mut utc, mut local) = (Vec::new(), Vec::new());
    for (partition, rows) in of_table(HAGLOG.name) {
        utc.extend(sessions::parts(partition, rows, settings, EpochBase::Utc)?.0);
        local.extend(sessions::parts(partition, rows, settings, EpochBase::Local)?.0);
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
    for (partition, rows) in of_table(AG_ACTV.name) {
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
