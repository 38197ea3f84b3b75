//! What a reading changes in the stream rows that are stored. Pure.

use crate::ledger::DayBefore;
use crate::store::intervals::{Changes, StoredInterval};
use crate::store::journal::Restatement;
use crate::store::queue_days::StoredDay;
use floorwire_model::streams::{Measures, QueueDay, QueueInterval, QueueKey};
use jiff::civil::Date;
use std::collections::HashMap;

/// The first and last start of rows; `None` without rows.
pub fn range_of(rows: &[QueueInterval]) -> Option<(i64, i64)> {
    let first = rows.iter().map(|row| row.start_utc_s).min()?;
    let last = rows.iter().map(|row| row.start_utc_s).max()?;
    Some((first, last))
}

/// The union of two ranges.
pub fn hull(one: Option<(i64, i64)>, other: Option<(i64, i64)>) -> Option<(i64, i64)> {
    match (one, other) {
        (Some(one), Some(other)) => Some((one.0.min(other.0), one.1.max(other.1))),
        (one, other) => one.or(other),
    }
}

/// Days since 1970-01-01.
pub fn day_number(date: Date) -> i64 {
    i64::from((date - jiff::civil::date(1970, 1, 1)).get_days())
}

/// Rows as they will be stored; rows of queues without a number are left out, of which there are none when `ids` was
/// made for them.
pub fn to_stored(
    rows: &[QueueInterval],
    ids: &HashMap<QueueKey, i64>,
    row_day: i64,
) -> Vec<StoredInterval> {
    let mut last: Option<(&QueueKey, i64)> = None;
    let mut stored = Vec::with_capacity(rows.len());
    for row in rows {
        let id = match last {
            Some((key, id)) if *key == row.queue => Some(id),
            _ => ids.get(&row.queue).copied(),
        };
        let Some(queue_id) = id else { continue };
        last = Some((&row.queue, queue_id));
        stored.push(StoredInterval {
            queue_id,
            start_utc_s: row.start_utc_s,
            length_s: row.length_s,
            row_day,
            quality: row.quality,
            measures: row.measures,
        });
    }
    stored
}

/// The same for whole days.
pub fn days_to_stored(
    rows: &[QueueDay],
    ids: &HashMap<QueueKey, i64>,
    row_day: i64,
) -> Vec<StoredDay> {
    let stored = |row: &QueueDay| {
        Some(StoredDay {
            queue_id: ids.get(&row.queue).copied()?,
            row_day,
            quality: row.quality,
            measures: row.measures,
        })
    };
    rows.iter().filter_map(stored).collect()
}

/// What has to be written so that the partition's rows are exactly `wanted`. Rows of other partitions are left alone,
/// unless one occupies a queue and start that this partition claims. The figures before and after are returned unless it
/// is the `first_load` of the partition, which restates nothing.
pub fn compare(
    wanted: Vec<StoredInterval>,
    stored: Vec<StoredInterval>,
    row_day: i64,
    first_load: bool,
) -> (Changes, Vec<Before>) {
    if stored.is_empty() && first_load {
        return (
            Changes {
                new: wanted,
                ..Changes::default()
            },
            Vec::new(),
        );
    }
    let mut by_key: HashMap<(i64, i64), StoredInterval> = stored
        .into_iter()
        .map(|row| ((row.queue_id, row.start_utc_s), row))
        .collect();
    let mut changes = Changes::default();
    let mut figures = Vec::new();
    for row in wanted {
        match by_key.remove(&(row.queue_id, row.start_utc_s)) {
            None => {
                figures.push(Before {
                    now: row,
                    old: Measures::default(),
                    new: row.measures,
                });
                changes.new.push(row);
            }
            Some(before) if before == row => {}
            Some(before) => {
                figures.push(Before {
                    now: row,
                    old: before.measures,
                    new: row.measures,
                });
                changes.changed.push(row);
            }
        }
    }
    for row in by_key.into_values().filter(|row| row.row_day == row_day) {
        figures.push(Before {
            now: row,
            old: row.measures,
            new: Measures::default(),
        });
        changes.gone.push((row.queue_id, row.start_utc_s));
    }
    if first_load {
        figures.clear();
    }
    (changes, figures)
}

/// One row's figures before and after; a row that is new or gone has none on that side.
#[derive(Clone, Copy, Debug)]
pub struct Before {
    now: StoredInterval,
    /// The figures that are stored.
    pub old: Measures,
    /// The figures of the reading.
    pub new: Measures,
}

impl Before {
    /// The queue.
    pub fn queue_id(&self) -> i64 {
        self.now.queue_id
    }

    /// Start of the slot, seconds.
    pub fn start_utc_s(&self) -> i64 {
        self.now.start_utc_s
    }
}

/// The settled figures among the changes, measure by measure; the slots are marked as corrected.
pub fn restatements(figures: &[Before], day: &mut DayBefore) -> Vec<Restatement> {
    let mut entries = Vec::new();
    for row in figures {
        if !day.is_settled_at(row.now.start_utc_s) {
            continue;
        }
        let pairs = row.old.values().into_iter().zip(row.new.values());
        let differing = Measures::NAMES
            .iter()
            .zip(pairs)
            .filter(|(_, (old, new))| old != new);
        let before = entries.len();
        entries.extend(
            differing.map(|(measure, (old_value, new_value))| Restatement {
                queue_id: row.now.queue_id,
                start_utc_s: row.now.start_utc_s,
                measure,
                old_value,
                new_value,
            }),
        );
        if entries.len() > before {
            day.corrected_at(row.now.start_utc_s);
        }
    }
    entries.sort_by_key(|entry| (entry.start_utc_s, entry.queue_id));
    entries
}

#[cfg(test)]
mod tests {
    use super::*;
    use floorwire_model::streams::Quality;

    fn stored(queue_id: i64, start_utc_s: i64, answered: i64, row_day: i64) -> StoredInterval {
        let measures = Measures {
            answered: Some(answered),
            ..Measures::default()
        };
        StoredInterval {
            queue_id,
            start_utc_s,
            length_s: 1800,
            row_day,
            quality: Quality::Final,
            measures,
        }
    }

    #[test]
    fn only_differences_are_written_and_other_partitions_are_left_alone() {
        let before = vec![
            stored(1, 0, 5, 10),
            stored(1, 1800, 6, 10),
            stored(2, 0, 7, 10),
            stored(2, 3600, 9, 11),
        ];
        let wanted = vec![
            stored(1, 0, 5, 10),
            stored(1, 1800, 8, 10),
            stored(3, 0, 1, 10),
        ];
        let (changes, figures) = compare(wanted, before, 10, false);
        assert_eq!(changes.new, vec![stored(3, 0, 1, 10)]);
        assert_eq!(changes.changed, vec![stored(1, 1800, 8, 10)]);
        assert_eq!(changes.gone, vec![(2, 0)]);
        assert_eq!(figures.len(), 3);
    }

    #[test]
    fn a_row_of_another_partition_in_the_way_is_taken_over() {
        let (changes, _) = compare(
            vec![stored(1, 0, 5, 10)],
            vec![stored(1, 0, 5, 9)],
            10,
            false,
        );
        assert_eq!(changes.changed.len(), 1);
    }

    #[test]
    fn days_count_from_1970() {
        assert_eq!(day_number(jiff::civil::date(1970, 1, 2)), 1);
        assert_eq!(day_number(jiff::civil::date(2026, 11, 22)), 20_779);
    }
}
