//! `hsplit` and `hvdn` to queue intervals.
//!
//! **Time.** `starttime_utc` decides where it is there and names an instant that the row's own clock time
//! can stand for under the zone, give or take less than an interval (a clock stepped by hand). Where it
//! disagrees, the zone setting or the column is wrong: the clock time is used and the row counted as
//! doubtful. Without it, a minute that occurred twice cannot be told apart: all rows of it make one entry
//! that spans both slots, marked *ambiguous*, each row counted once. A minute that never occurred is
//! shifted forward and marked.
//!
//! **Several rows for one queue and start**: see [`crate::queue_figures`]. Rows of VDNs that are not chosen become no queue's,
//! but say that the source was there in their slot.

use crate::clock_evidence::ClockEvidence;
use crate::interval_clock::{IntervalClock, Stamp};
use crate::problems::Problems;
use crate::queue_figures::{Number, QueueRows};
use floorwire_model::columns::{ColumnsError, Int32Column, SourceColumns};
use floorwire_model::derivation::{DerivationError, DerivationSettings, Derived, SeenSlot};
use floorwire_model::partition::SourcePartition;
use floorwire_model::streams::{Measures, Quality, QueueInterval, QueueKey, QueueKind};
use floorwire_model::time::{UtcSecond, zone};
use std::collections::BTreeMap;

/// Derives the intervals of one ACD and date from rows of a table of splits or VDNs.
pub fn derive(
    (table, kind): (&'static str, QueueKind),
    partition: &SourcePartition,
    rows: &SourceColumns,
    settings: &DerivationSettings,
) -> Result<Derived, DerivationError> {
    let zone =
        zone(&settings.zone).ok_or_else(|| DerivationError::UnknownZone(settings.zone.clone()))?;
    let row_date = partition.row_date.ok_or_else(|| DerivationError::NoDate {
        table: partition.table.clone(),
        acd: partition.acd,
    })?;
    let queues = QueueRows::of(table, kind, rows)?;
    let source = Times::of(rows)?;
    let mut clock = IntervalClock::new(row_date, zone);
    let mut problems = Problems::default();
    let mut groups: BTreeMap<(Number<'_>, i64), Group> = BTreeMap::new();
    let mut others: BTreeMap<i64, SeenSlot> = BTreeMap::new();
    let mut intervals: BTreeMap<u16, usize> = BTreeMap::new();
    for row in 0..usize::try_from(rows.rows).unwrap_or(usize::MAX) {
        let Some(number) = queues.number(row) else {
            problems.reject(
                "key-is-null",
                &format!("{table} rows without {}", kind.as_str()),
            );
            continue;
        };
        let Some(interval) = source.interval_minutes(row) else {
            problems.reject(
                "impossible-interval",
                &format!("{table} rows whose intrvl does not divide a day"),
            );
            continue;
        };
        let Some(stamp) = clock.stamp(source.starttime.get(row), source.utc(row), interval) else {
            problems.reject(
                "impossible-time",
                &format!("{table} rows whose starttime is not HHMM of a day"),
            );
            continue;
        };
        if stamp.utc_disagrees {
            let detail = format!(
                "{table} rows whose starttime_utc does not fit starttime in the set time zone; check the zone"
            );
            problems.doubt("utc-disagrees-with-zone", &detail);
        }
        *intervals.entry(interval).or_default() += 1;
        if !number.is_wanted(settings) {
            seen(&mut others, &stamp, queues.is_incomplete(row));
            continue;
        }
        groups
            .entry((number, stamp.start.0))
            .or_insert_with(|| Group::new(stamp))
            .rows
            .push(row);
    }
    let most_frequent = intervals.iter().max_by_key(|(_, count)| **count);
    let mut evidence = ClockEvidence::default();
    for ((_, start_utc_s), group) in &groups {
        evidence.saw(*start_utc_s, queues.are_doubled(&group.rows));
    }
    let usual_minutes = most_frequent.map_or(0, |(minutes, _)| *minutes);
    let set_back = evidence.doubled_by_clock(usual_minutes);
    for ((_, start_utc_s), group) in &mut groups {
        if set_back.contains(start_utc_s) {
            group.stamp.quality = Quality::Ambiguous;
        }
    }
    let mut queue_intervals = Vec::with_capacity(groups.len());
    let mut queue: Option<(Number<'_>, QueueKey)> = None;
    for ((number, start_utc_s), group) in groups {
        let key = match queue.take() {
            Some((earlier, key)) if earlier == number => key,
            _ => QueueKey {
                acd: partition.acd,
                kind,
                number: number.text(),
            },
        };
        let (measures, quality) = group.add_up(&queues, settings, &mut problems);
        queue_intervals.push(QueueInterval {
            queue: key.clone(),
            row_date,
            start_utc_s,
            length_s: group.stamp.length_s,
            quality,
            measures,
        });
        queue = Some((number, key));
    }
    Ok(Derived {
        interval_minutes: most_frequent.map(|(minutes, _)| *minutes),
        queue_intervals,
        other_slots: others.into_values().collect(),
        rejected: problems.rejected,
        doubtful: problems.doubtful,
        ..Derived::default()
    })
}

/// Notes that the source has a row in a slot.
fn seen(others: &mut BTreeMap<i64, SeenSlot>, stamp: &Stamp, incomplete: bool) {
    let slot = others.entry(stamp.start.0).or_insert(SeenSlot {
        start_utc_s: stamp.start.0,
        length_s: stamp.length_s,
        quality: stamp.quality,
    });
    if incomplete && slot.quality == Quality::Final {
        slot.quality = Quality::Incomplete;
    }
}

/// The columns that say when a row's interval was.
struct Times<'a> {
    starttime: Int32Column<'a>,
    starttime_utc: Option<Int32Column<'a>>,
    intrvl: Int32Column<'a>,
}

impl<'a> Times<'a> {
    fn of(rows: &'a SourceColumns) -> Result<Self, ColumnsError> {
        Ok(Self {
            starttime: rows.int32("starttime")?,
            starttime_utc: rows.optional_int32("starttime_utc")?,
            intrvl: rows.int32("intrvl")?,
        })
    }

    fn interval_minutes(&self, row: usize) -> Option<u16> {
        let minutes = u16::try_from(self.intrvl.get(row)?).ok()?;
        (minutes > 0 && 1440 % minutes == 0).then_some(minutes)
    }

    fn utc(&self, row: usize) -> Option<UtcSecond> {
        let second = self.starttime_utc?.get(row)?;
        // 0 is what a release writes that has the column and does not fill it.
        (second != 0).then_some(UtcSecond(i64::from(second)))
    }
}

/// All rows of one queue that start at one instant.
struct Group {
    stamp: Stamp,
    rows: Vec<usize>,
}

impl Group {
    fn new(stamp: Stamp) -> Self {
        Self {
            stamp,
            rows: Vec::with_capacity(1),
        }
    }

    fn add_up(
        &self,
        queues: &QueueRows<'_>,
        settings: &DerivationSettings,
        problems: &mut Problems,
    ) -> (Measures, Quality) {
        let times = if self.stamp.quality == Quality::Ambiguous {
            2
        } else {
            1
        };
        let Some((total, incomplete)) = queues.add_up(&self.rows, times, settings, problems) else {
            return (Measures::default(), Quality::Ambiguous);
        };
        let quality = match self.stamp.quality {
            Quality::Final if incomplete => Quality::Incomplete,
            other => other,
        };
        (total, quality)
    }
}

#[cfg(test)]
mod tests;
