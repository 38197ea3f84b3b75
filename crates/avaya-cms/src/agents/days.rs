//! `dagent` to agent days: shown as days, never spread over intervals. The source may summarise its configured hours only, so a
//! day need not equal the sum of its intervals.

use super::figures::FigureColumns;
use super::{agent, date_of, login};
use crate::problems::Problems;
use floorwire_model::agents::{AgentDay, AgentFigures};
use floorwire_model::columns::SourceColumns;
use floorwire_model::derivation::{DerivationError, Derived};
use floorwire_model::partition::SourcePartition;
use floorwire_model::streams::Quality;
use std::collections::BTreeMap;

/// Derives the agents' days of one ACD and date.
pub fn derive(
    partition: &SourcePartition,
    rows: &SourceColumns,
) -> Result<Derived, DerivationError> {
    let row_date = date_of(partition)?;
    let source = FigureColumns::of(rows)?;
    let mut problems = Problems::default();
    let mut agents: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for row in 0..usize::try_from(rows.rows).unwrap_or(usize::MAX) {
        match (login(source.login.get(row)), source.split(row)) {
            (Some(login), Some(_)) => agents.entry(login).or_default().push(row),
            _ => problems.reject("key-is-null", "dagent rows without logid or split"),
        }
    }
    let mut days = Vec::with_capacity(agents.len());
    for (login, rows) in agents {
        let counted = source.counted(&rows, 1, &mut problems);
        let incomplete_intervals = rows
            .iter()
            .map(|&row| source.incomplete(row))
            .max()
            .unwrap_or(0);
        let figures = counted
            .as_deref()
            .map_or_else(AgentFigures::default, |rows| source.agent_figures(rows));
        let aux = counted.as_deref().map(|rows| source.aux(rows, &figures).0);
        days.push(AgentDay {
            agent: agent(partition.acd, login),
            row_date,
            quality: match (&counted, incomplete_intervals) {
                (None, _) => Quality::Ambiguous,
                (_, 0) => Quality::Final,
                _ => Quality::Incomplete,
            },
            identity_gap_s: figures.identity_gap_s(),
            figures,
            aux_by_reason: aux.unwrap_or_default(),
            incomplete_intervals,
        });
    }
    Ok(Derived {
        agent_days: days,
        rejected: problems.rejected,
        doubtful: problems.doubtful,
        ..Derived::default()
    })
}
