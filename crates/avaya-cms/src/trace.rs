//! Agent trace (`ag_actv`) to a timeline.
//!
//! Nothing documents whether `event_time` is the start or the end of the state it comes with, whether it is HHMMSS or seconds of
//! the day, and what the numbers of work modes and directions mean. [`findings`] puts these questions to the rows themselves,
//! to the agents' interval totals and to the dictionary; [`spans`] builds the timeline under the answers.
//!
//! A row states its duration, so each row is a span by itself and a partition needs no neighbour. Which of two local times a
//! row of a repeated hour means follows from the spans before and after it ([`repeated`]).

pub mod findings;
pub mod meaning;
mod repeated;
mod rows;
pub mod spans;

pub use rows::Trace;

use crate::agents::{date_of, zone_of};
use floorwire_model::agents::settings::TableFamily;
use floorwire_model::columns::SourceColumns;
use floorwire_model::derivation::{DerivationError, DerivationSettings, Derived};
use floorwire_model::partition::SourcePartition;

/// Derives the statuses of one ACD and date. Answers that the settings do not give are found out from the partition itself, as far
/// as it tells; what stays open is counted as doubtful.
pub fn derive(
    partition: &SourcePartition,
    rows: &SourceColumns,
    settings: &DerivationSettings,
) -> Result<Derived, DerivationError> {
    let row_date = date_of(partition)?;
    let zone = zone_of(settings, TableFamily::SessionsAndTrace)?;
    let trace = Trace::of(partition.acd, row_date, rows)?;
    let reading = findings::of_rows(&[&trace]).overridden_by(&settings.agents.trace);
    let (agent_statuses, mut problems) = spans::timeline(&trace, &reading.answers(), &zone);
    let rows = trace.row_count() as u64;
    if !reading.stamp.certain {
        let detail =
            "ag_actv rows read although it is not certain whether event_time is start or end";
        problems.doubt_rows("stamp-uncertain", detail, rows);
    }
    if !reading.time_form.certain {
        let detail = "ag_actv rows read although the form of event_time is not certain";
        problems.doubt_rows("time-form-uncertain", detail, rows);
    }
    let unknown = trace.agents.values().flatten();
    let unknown = unknown
        .filter(|row| !reading.work_modes.contains_key(&row.mode))
        .count() as u64;
    let detail =
        "ag_actv rows whose work mode number has no meaning yet; confirm what was found out";
    problems.doubt_rows("work-mode-unknown", detail, unknown);
    Ok(Derived {
        agent_statuses,
        rejected: problems.rejected,
        doubtful: problems.doubtful,
        ..Derived::default()
    })
}

#[cfg(test)]
mod tests;
