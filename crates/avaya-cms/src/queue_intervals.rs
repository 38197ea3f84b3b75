//! `hsplit` to queue intervals.
//!
//! **Time.** `starttime_utc` decides where it is there and names an instant that the row's own clock time
//! can stand for under the zone, give or take less than an interval (a clock stepped by hand). Where it
//! disagrees, the zone setting or the column is wrong: the clock time is used and the row counted as
//! doubtful. Without it, a minute that occurred twice cannot be told apart: all rows of it make one entry
//! that spans both slots, marked *ambiguous*, each row counted once. A minute that never occurred is
//! shifted forward and marked.
//!
//! **Several rows for one queue and start.** Rows of different tenants add up. Rows alike in every column
//! are one row sent twice. Anything else has no known cause: the figures are then unknown, not a guess.

use crate::clock_evidence::ClockEvidence;
use crate::interval_clock::{IntervalClock, Stamp};
use crate::problems::Problems;
use floorwire_model::columns::{ColumnsError, Int32Column, SourceColumns};
use floorwire_model::derivation::{
    DerivationError, DerivationSettings, Derived, OfferedDefinition,
};
use floorwire_model::partition::SourcePartition;
use floorwire_model::streams::{Measures, Quality, QueueInterval, QueueKey, QueueKind};
use floorwire_model::time::{UtcSecond, zone};
use std::collections::BTreeMap;

/// Derives the intervals of one ACD and date.
pub fn derive(
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
    let source = Source::of(rows)?;
    let mut clock = IntervalClock::new(row_date, zone);
    let mut problems = Problems::default();
    let mut groups: BTreeMap<(i32, i64), Group> = BTreeMap::new();
    let mut intervals: BTreeMap<u16, usize> = BTreeMap::new();
    for row in 0..usize::try_from(rows.rows).unwrap_or(usize::MAX) {
        let Some(split) = source.split.get(row) else {
            problems.reject("key-is-null", "hsplit rows without split");
            continue;
        };
        let Some(interval) = source.interval_minutes(row) else {
            problems.reject(
                "impossible-interval",
                "hsplit rows whose intrvl does not divide a day",
            );
            continue;
        };
        let Some(stamp) = clock.stamp(source.starttime.get(row), source.utc(row), interval) else {
            problems.reject(
                "impossible-time",
                "hsplit rows whose starttime is not HHMM of a day",
            );
            continue;
        };
        if stamp.utc_disagrees {
            problems.doubt(
                "utc-disagrees-with-zone",
                "hsplit rows whose starttime_utc does not fit starttime in the set time zone; check the zone",
            );
        }
        *intervals.entry(interval).or_default() += 1;
        let entry = Entry {
            row,
            tenant: source.tenant.and_then(|tenant| tenant.get(row)),
        };
        groups
            .entry((split, stamp.start.0))
            .or_insert_with(|| Group::new(stamp))
            .entries
            .push(entry);
    }
    let most_frequent = intervals.iter().max_by_key(|(_, count)| **count);
    let mut evidence = ClockEvidence::default();
    for ((_, start_utc_s), group) in &groups {
        evidence.saw(*start_utc_s, group.is_doubled(&source));
    }
    let usual_minutes = most_frequent.map_or(0, |(minutes, _)| *minutes);
    let set_back = evidence.doubled_by_clock(usual_minutes);
    for ((_, start_utc_s), group) in &mut groups {
        if set_back.contains(start_utc_s) {
            group.stamp.quality = Quality::Ambiguous;
        }
    }
    let mut queue_intervals = Vec::with_capacity(groups.len());
    let mut queue: Option<(i32, QueueKey)> = None;
    for ((split, start_utc_s), group) in groups {
        let key = match queue.take() {
            Some((number, key)) if number == split => key,
            _ => QueueKey {
                acd: partition.acd,
                kind: QueueKind::Split,
                number: split.to_string(),
            },
        };
        let (measures, quality) = group.add_up(&source, settings.offered, &mut problems);
        queue_intervals.push(QueueInterval {
            queue: key.clone(),
            row_date,
            start_utc_s,
            length_s: group.stamp.length_s,
            quality,
            measures,
        });
        queue = Some((split, key));
    }
    Ok(Derived {
        interval_minutes: most_frequent.map(|(minutes, _)| *minutes),
        queue_intervals,
        rejected: problems.rejected,
        doubtful: problems.doubtful,
        ..Derived::default()
    })
}

/// The columns of `hsplit` that are used.
struct Source<'a> {
    rows: &'a SourceColumns,
    split: Int32Column<'a>,
    starttime: Int32Column<'a>,
    starttime_utc: Option<Int32Column<'a>>,
    intrvl: Int32Column<'a>,
    tenant: Option<Int32Column<'a>>,
    incomplete: Int32Column<'a>,
    acdcalls: Int32Column<'a>,
    abncalls: Int32Column<'a>,
    acceptable: Int32Column<'a>,
    acdtime: Int32Column<'a>,
    holdtime: Int32Column<'a>,
    acwtime: Int32Column<'a>,
    anstime: Int32Column<'a>,
    servicelevel: Int32Column<'a>,
    callsoffered: Option<Int32Column<'a>>,
    dequecalls: Option<Int32Column<'a>>,
    inflowcalls: Option<Int32Column<'a>>,
    arrived: Option<Int32Column<'a>>,
    stafftime: Option<Int32Column<'a>>,
    availtime: Option<Int32Column<'a>>,
}

impl<'a> Source<'a> {
    fn of(rows: &'a SourceColumns) -> Result<Self, ColumnsError> {
        Ok(Self {
            rows,
            split: rows.int32("split")?,
            starttime: rows.int32("starttime")?,
            starttime_utc: rows.optional_int32("starttime_utc")?,
            intrvl: rows.int32("intrvl")?,
            tenant: rows.optional_int32("tenant")?,
            incomplete: rows.int32("incomplete")?,
            acdcalls: rows.int32("acdcalls")?,
            abncalls: rows.int32("abncalls")?,
            acceptable: rows.int32("acceptable")?,
            acdtime: rows.int32("acdtime")?,
            holdtime: rows.int32("holdtime")?,
            acwtime: rows.int32("acwtime")?,
            anstime: rows.int32("anstime")?,
            servicelevel: rows.int32("servicelevel")?,
            callsoffered: rows.optional_int32("callsoffered")?,
            dequecalls: rows.optional_int32("dequecalls")?,
            inflowcalls: rows.optional_int32("inflowcalls")?,
            arrived: rows.optional_int32("i_arrived")?,
            stafftime: rows.optional_int32("i_stafftime")?,
            availtime: rows.optional_int32("i_availtime")?,
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

    fn measures(&self, row: usize, offered: OfferedDefinition) -> Measures {
        let figure = |column: &Int32Column<'_>| column.get(row).map(i64::from);
        let optional = |column: &Option<Int32Column<'_>>| column.as_ref().and_then(figure);
        let (answered, abandoned) = (figure(&self.acdcalls), figure(&self.abncalls));
        let from_elsewhere = add(optional(&self.dequecalls), optional(&self.inflowcalls));
        Measures {
            offered: match offered {
                OfferedDefinition::AnsweredAndAbandoned => add(answered, abandoned),
                OfferedDefinition::EntryDemand => add(
                    optional(&self.callsoffered),
                    from_elsewhere.map(|calls| -calls),
                ),
                OfferedDefinition::Arrived => optional(&self.arrived),
            },
            answered,
            abandoned,
            within_threshold: figure(&self.acceptable),
            talk_seconds: figure(&self.acdtime),
            hold_seconds: figure(&self.holdtime),
            acw_seconds: figure(&self.acwtime),
            wait_seconds: figure(&self.anstime),
            staffed_seconds: optional(&self.stafftime),
            available_seconds: optional(&self.availtime),
            threshold_seconds: figure(&self.servicelevel),
        }
    }

    fn alike(&self, one: usize, other: usize) -> bool {
        self.rows
            .columns
            .iter()
            .all(|column| match self.rows.optional_int32(&column.name) {
                Ok(Some(values)) => values.get(one) == values.get(other),
                _ => true,
            })
    }
}

/// Known plus known is known; anything else is unknown.
fn add(one: Option<i64>, other: Option<i64>) -> Option<i64> {
    Some(one? + other?)
}

/// One source row of a group.
struct Entry {
    row: usize,
    tenant: Option<i32>,
}

/// All rows of one queue that start at one instant.
struct Group {
    stamp: Stamp,
    entries: Vec<Entry>,
}

impl Group {
    fn new(stamp: Stamp) -> Self {
        Self {
            stamp,
            entries: Vec::with_capacity(1),
        }
    }

    /// Two different rows where there should be one.
    fn is_doubled(&self, source: &Source<'_>) -> bool {
        match self.entries.as_slice() {
            [one, other] => one.tenant == other.tenant && !source.alike(one.row, other.row),
            _ => false,
        }
    }

    fn add_up(
        &self,
        source: &Source<'_>,
        offered: OfferedDefinition,
        problems: &mut Problems,
    ) -> (Measures, Quality) {
        let mut counted: Vec<&Entry> = Vec::with_capacity(self.entries.len());
        let ambiguous = self.stamp.quality == Quality::Ambiguous;
        for entry in &self.entries {
            // In a repeated hour without `starttime_utc` two quiet slots may well look alike.
            if !ambiguous
                && counted
                    .iter()
                    .any(|earlier| source.alike(earlier.row, entry.row))
            {
                problems.doubt(
                    "duplicate-row",
                    "hsplit rows sent twice, alike in every column; counted once",
                );
                continue;
            }
            counted.push(entry);
        }
        let same_tenant = |one: &Entry, other: &Entry| one.tenant == other.tenant;
        let times_per_tenant = counted
            .iter()
            .map(|entry| {
                counted
                    .iter()
                    .filter(|other| same_tenant(entry, other))
                    .count()
            })
            .max()
            .unwrap_or(0);
        let allowed = if ambiguous { 2 } else { 1 };
        if times_per_tenant > allowed {
            problems.doubt(
                "duplicate-key",
                "different hsplit rows for one split and interval without a known cause; figures withheld",
            );
            return (Measures::default(), Quality::Ambiguous);
        }
        let mut rows = counted
            .iter()
            .map(|entry| source.measures(entry.row, offered));
        let mut total = rows.next().unwrap_or_default();
        for measures in rows {
            total = sum(&total, &measures);
        }
        let incomplete = counted
            .iter()
            .any(|entry| source.incomplete.get(entry.row).is_some_and(|n| n != 0));
        let quality = match self.stamp.quality {
            Quality::Final if incomplete => Quality::Incomplete,
            other => other,
        };
        (total, quality)
    }
}

/// Adds the figures of rows that stand for different calls. The threshold is not additive: where it
/// differs it is unknown.
fn sum(one: &Measures, other: &Measures) -> Measures {
    let (left, right) = (one.values(), other.values());
    let added = std::array::from_fn(|index| add(left[index], right[index]));
    let threshold_seconds = one
        .threshold_seconds
        .filter(|_| one.threshold_seconds == other.threshold_seconds);
    Measures {
        threshold_seconds,
        ..Measures::from_values(added)
    }
}

#[cfg(test)]
mod tests;
