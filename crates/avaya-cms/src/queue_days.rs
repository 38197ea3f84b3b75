//! `dsplit` and `dvdn` to queue days, for dates whose intervals have aged out: shown as days, never spread over intervals.
//!
//! The source may summarise its configured hours only, so a day need not equal the sum of its intervals.

use crate::agents::date_of;
use crate::problems::Problems;
use crate::queue_figures::{Number, QueueRows};
use floorwire_model::columns::SourceColumns;
use floorwire_model::derivation::{DerivationError, DerivationSettings, Derived};
use floorwire_model::partition::SourcePartition;
use floorwire_model::streams::{Measures, Quality, QueueDay, QueueKey, QueueKind};
use std::collections::BTreeMap;

/// Derives the queues' days of one ACD and date.
pub fn derive(
    (table, kind): (&'static str, QueueKind),
    partition: &SourcePartition,
    rows: &SourceColumns,
    settings: &DerivationSettings,
) -> Result<Derived, DerivationError> {
    let row_date = date_of(partition)?;
    let source = QueueRows::of(table, kind, rows)?;
    let mut problems = Problems::default();
    let mut queues: BTreeMap<Number<'_>, Vec<usize>> = BTreeMap::new();
    for row in 0..usize::try_from(rows.rows).unwrap_or(usize::MAX) {
        match source.number(row) {
            Some(number) if number.is_wanted(settings) => {
                queues.entry(number).or_default().push(row);
            }
            Some(_) => {}
            None => problems.reject("key-is-null", "daily rows without split or vdn"),
        }
    }
    let mut queue_days = Vec::with_capacity(queues.len());
    for (number, rows) in queues {
        let (measures, quality) = match source.add_up(&rows, 1, settings, &mut problems) {
            Some((measures, false)) => (measures, Quality::Final),
            Some((measures, true)) => (measures, Quality::Incomplete),
            None => (Measures::default(), Quality::Ambiguous),
        };
        queue_days.push(QueueDay {
            queue: QueueKey {
                acd: partition.acd,
                kind,
                number: number.text(),
            },
            row_date,
            quality,
            measures,
        });
    }
    Ok(Derived {
        queue_days,
        rejected: problems.rejected,
        doubtful: problems.doubtful,
        ..Derived::default()
    })
}
