//! `linkex` to outages.
//!
//! Whether `row_time` is when collection stopped or when it came back is not documented, so without a setting an outage spans both:
//! a slot called unknown that was quiet is better than a slot called zero that was blind. `row_time` is HHMM, so an end is taken to
//! the end of its minute.

use crate::agents::{date_of, zone_of};
use crate::problems::Problems;
use floorwire_model::agents::settings::{Stamp, TableFamily};
use floorwire_model::columns::SourceColumns;
use floorwire_model::derivation::{DerivationError, DerivationSettings, Derived};
use floorwire_model::outages::{Outage, OutageReason};
use floorwire_model::partition::SourcePartition;
use floorwire_model::streams::Quality;
use floorwire_model::time::{LocalMinute, Resolved, resolve};

/// Resolution of `row_time`.
const MINUTE_S: i64 = 60;

/// Derives the outages of one ACD and date.
pub fn derive(
    partition: &SourcePartition,
    rows: &SourceColumns,
    settings: &DerivationSettings,
) -> Result<Derived, DerivationError> {
    let row_date = date_of(partition)?;
    let zone = zone_of(settings, TableFamily::Calls)?;
    let row_time = rows.int32("row_time")?;
    let reason = rows.int32("reason")?;
    let duration = rows.int32("duration")?;
    let mut problems = Problems::default();
    let mut outages = Vec::new();
    for row in 0..usize::try_from(rows.rows).unwrap_or(usize::MAX) {
        let Some(code) = reason.get(row) else {
            problems.reject("key-is-null", "linkex rows without reason");
            continue;
        };
        let resolved = row_time
            .get(row)
            .and_then(|hhmm| LocalMinute::from_hhmm(row_date, hhmm))
            .map(|local| resolve(local, &zone));
        let (from, to) = match resolved {
            Some(Resolved::Once(at) | Resolved::Never { shifted: at }) => (at.0, at.0),
            Some(Resolved::Twice { first, second }) => (first.0, second.0),
            Some(Resolved::OutOfRange) | None => {
                problems.reject(
                    "impossible-time",
                    "linkex rows whose row_time is not HHMM of a day",
                );
                continue;
            }
        };
        let seconds = duration.get(row).map_or(0, i64::from).max(0);
        let stamp = settings.agents.outage_stamp;
        let before = if stamp == Some(Stamp::Start) {
            0
        } else {
            seconds
        };
        let after = if stamp == Some(Stamp::End) {
            0
        } else {
            seconds
        };
        let exact = stamp.is_some() || seconds == 0;
        outages.push(Outage {
            acd: partition.acd,
            row_date,
            start_utc_s: from - before,
            end_utc_s: to + after + MINUTE_S,
            duration_s: seconds,
            reason: named(code),
            quality: if exact && from == to {
                Quality::Final
            } else {
                Quality::Ambiguous
            },
        });
    }
    outages.sort_by_key(|outage| (outage.start_utc_s, outage.end_utc_s));
    Ok(Derived {
        outages,
        rejected: problems.rejected,
        doubtful: problems.doubtful,
        ..Derived::default()
    })
}

fn named(code: i32) -> OutageReason {
    match code {
        91 => OutageReason::Started,
        92 => OutageReason::NewTranslations,
        93 => OutageReason::TurnedOff,
        94 => OutageReason::BusiedOut,
        95 => OutageReason::TimedOut,
        96 => OutageReason::ClockReset,
        97 => OutageReason::SessionDown,
        other => OutageReason::Other(other),
    }
}

#[cfg(test)]
mod tests;
