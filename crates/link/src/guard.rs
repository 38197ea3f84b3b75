//! The CMS guard: what this Link asks of the CMS is limited and counted.
//!
//! Every statement is metered while its rows arrive: statements, rows, bytes of values, and the time in which the CMS was
//! busy with it, by hour (UTC). One statement has a limit of seconds and bytes, an hour a budget of rows, bytes and
//! seconds. A statement over its limit is thrown away whole and reported; when an hour's budget is used up the Link takes
//! no further task until the hour is over.
//!
//! The counts are what the database administrator reads (the *load report*). They are reported to the Hub as totals per
//! hour and start of the program, so that a report that is repeated counts once. What was not reported when the process
//! dies is lost; the budget of that hour begins anew.

use crate::problems;
use floorwire_odbc::{ColumnData, RowBatch};
use floorwire_protocol::messages::{GuardLimits, HourLoad, Problem};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

const HOUR_MS: i64 = 3_600_000;
/// Hours that are remembered.
const HOURS_KEPT: usize = 48;

/// Limits and counts, shared by whoever runs statements and whoever reports.
#[derive(Clone, Debug)]
pub struct Guard {
    limits: GuardLimits,
    hours: Arc<Mutex<BTreeMap<i64, Hour>>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Hour {
    load: Load,
    reported: Option<HourLoad>,
}

/// What was asked of the CMS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Load {
    statements: u64,
    failures: u64,
    rows: u64,
    bytes: u64,
    busy: Duration,
    longest: Duration,
}

impl Guard {
    /// With these limits.
    pub fn new(limits: GuardLimits) -> Self {
        Self {
            limits,
            hours: Arc::default(),
        }
    }

    /// The limits in force.
    pub fn limits(&self) -> &GuardLimits {
        &self.limits
    }

    /// Begins to meter a statement that is sent now.
    pub fn statement(&self, now_utc_ms: i64) -> Meter {
        self.change(now_utc_ms, |load| load.statements += 1);
        Meter {
            guard: self.clone(),
            begun: Instant::now(),
            begun_utc_ms: now_utc_ms,
            counted: Duration::ZERO,
            bytes: 0,
            ended_well: false,
        }
    }

    /// How long no further task may be taken: the budget of this hour is used up.
    pub fn wait(&self, now_utc_ms: i64) -> Option<Duration> {
        let hour = hour_of(now_utc_ms);
        let hours = self.hours.lock().unwrap_or_else(PoisonError::into_inner);
        let used = hours.get(&hour).is_some_and(|one| self.is_used(&one.load));
        let left_ms = u64::try_from(hour + HOUR_MS - now_utc_ms).unwrap_or(0);
        used.then(|| Duration::from_millis(left_ms))
    }

    fn is_used(&self, load: &Load) -> bool {
        let over = |used: u64, budget: Option<u64>| budget.is_some_and(|budget| used >= budget);
        over(load.rows, self.limits.hour_rows)
            || over(load.bytes, self.limits.hour_bytes)
            || over(load.busy.as_secs(), self.limits.hour_seconds)
    }

    /// The hours of which the Hub does not know the present totals, oldest first.
    pub fn unreported(&self) -> Vec<HourLoad> {
        let hours = self.hours.lock().unwrap_or_else(PoisonError::into_inner);
        let present = hours.iter().map(|(start, hour)| {
            let total = self.total(*start, &hour.load);
            (hour.reported != Some(total)).then_some(total)
        });
        present.flatten().collect()
    }

    /// The Hub has these totals now.
    pub fn reported(&self, totals: &[HourLoad]) {
        let mut hours = self.hours.lock().unwrap_or_else(PoisonError::into_inner);
        for total in totals {
            if let Some(hour) = hours.get_mut(&(total.hour_utc_s * 1000)) {
                hour.reported = Some(*total);
            }
        }
    }

    fn total(&self, hour_utc_ms: i64, load: &Load) -> HourLoad {
        HourLoad {
            hour_utc_s: hour_utc_ms / 1000,
            statements: load.statements,
            failures: load.failures,
            rows: load.rows,
            bytes: load.bytes,
            busy_ms: whole_ms(load.busy),
            longest_ms: whole_ms(load.longest),
            budget_used: self.is_used(load),
        }
    }

    fn change(&self, at_utc_ms: i64, change: impl FnOnce(&mut Load)) {
        let mut hours = self.hours.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut hours.entry(hour_of(at_utc_ms)).or_default().load);
        while hours.len() > HOURS_KEPT {
            hours.pop_first();
        }
    }
}

fn hour_of(utc_ms: i64) -> i64 {
    utc_ms.div_euclid(HOUR_MS) * HOUR_MS
}

fn whole_ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Counts one statement as its rows arrive; one that is dropped before [`Meter::end`] failed or was interrupted.
#[derive(Debug)]
pub struct Meter {
    guard: Guard,
    begun: Instant,
    begun_utc_ms: i64,
    counted: Duration,
    bytes: u64,
    ended_well: bool,
}

impl Meter {
    /// Counts rows that arrived; an error when the statement is over its limit.
    pub fn arrived(&mut self, batch: &RowBatch) -> Result<(), Problem> {
        let bytes = bytes_of(batch);
        self.bytes += bytes;
        self.count(batch.rows as u64, bytes, false);
        let limits = &self.guard.limits;
        let (seconds, bytes) = (self.begun.elapsed().as_secs(), self.bytes);
        if limits.statement_seconds.is_some_and(|most| seconds > most) {
            return Err(problems::statement_limit(format!("{seconds} seconds")));
        }
        if limits.statement_bytes.is_some_and(|most| bytes > most) {
            return Err(problems::statement_limit(format!("{bytes} bytes")));
        }
        Ok(())
    }

    /// The last row arrived.
    pub fn end(&mut self) {
        self.ended_well = true;
    }

    fn count(&mut self, rows: u64, bytes: u64, failed: bool) {
        let elapsed = self.begun.elapsed();
        let new = elapsed.saturating_sub(self.counted);
        self.counted = elapsed;
        let ms = i64::try_from(elapsed.as_millis()).unwrap_or(0);
        self.guard.change(self.begun_utc_ms + ms, |load| {
            load.rows += rows;
            load.bytes += bytes;
            load.busy += new;
            load.longest = load.longest.max(elapsed);
            load.failures += u64::from(failed);
        });
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        self.count(0, 0, !self.ended_well);
    }
}

/// Bytes of the values: four a number or date, as many as its text has.
fn bytes_of(batch: &RowBatch) -> u64 {
    let of_column = |column: &ColumnData| match column {
        ColumnData::Int32 { values, .. } => 4 * values.len(),
        ColumnData::Date {
            days_since_1970, ..
        } => 4 * days_since_1970.len(),
        ColumnData::Text { values, .. } => values.iter().map(String::len).sum(),
    };
    batch.columns.iter().map(of_column).sum::<usize>() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON_MS: i64 = 1_790_000_400_000 / HOUR_MS * HOUR_MS;

    fn batch(rows: i32) -> RowBatch {
        RowBatch {
            rows: usize::try_from(rows).unwrap(),
            columns: vec![
                ColumnData::Int32 {
                    values: (0..rows).collect(),
                    nulls: Vec::new(),
                },
                ColumnData::Text {
                    values: (0..rows).map(|_| "abc".to_owned()).collect(),
                    nulls: Vec::new(),
                },
            ],
        }
    }

    #[test]
    fn an_hour_is_counted_and_its_budget_ends_it() {
        let guard = Guard::new(GuardLimits {
            hour_rows: Some(15),
            ..GuardLimits::default()
        });
        let mut meter = guard.statement(NOON_MS + 600_000);
        meter.arrived(&batch(10)).unwrap();
        meter.end();
        drop(meter);
        assert_eq!(guard.wait(NOON_MS + 600_000), None);
        drop(guard.statement(NOON_MS + 600_000)); // failed before its first row
        let mut meter = guard.statement(NOON_MS + 600_000);
        meter.arrived(&batch(5)).unwrap();
        meter.end();
        drop(meter);
        let left = guard.wait(NOON_MS + 600_000);
        assert_eq!(left, Some(Duration::from_secs(3000)));
        assert_eq!(guard.wait(NOON_MS + HOUR_MS), None);
        let totals = guard.unreported();
        let [total] = totals[..] else {
            panic!("{totals:?}")
        };
        assert_eq!(
            (total.statements, total.failures, total.rows, total.bytes),
            (3, 1, 15, 15 * 7)
        );
        assert!(total.budget_used);
    }

    #[test]
    fn totals_are_reported_until_the_hub_has_them() {
        let guard = Guard::new(GuardLimits::default());
        guard.statement(NOON_MS).end();
        let first = guard.unreported();
        assert_eq!(first.len(), 1);
        assert_eq!(guard.unreported(), first, "an answer that was lost");
        guard.reported(&first);
        assert!(guard.unreported().is_empty());
        guard.statement(NOON_MS).end();
        assert_eq!(guard.unreported()[0].statements, 2);
    }

    #[test]
    fn a_statement_over_its_limit_is_given_up() {
        let guard = Guard::new(GuardLimits {
            statement_bytes: Some(100),
            ..GuardLimits::default()
        });
        let mut meter = guard.statement(NOON_MS);
        meter.arrived(&batch(10)).unwrap();
        let problem = meter.arrived(&batch(10)).unwrap_err();
        assert_eq!(problem.code, "statement-limit");
        assert!(problem.detail.contains("140 bytes"), "{}", problem.detail);
    }

    #[test]
    fn only_the_last_hours_are_remembered() {
        let guard = Guard::new(GuardLimits::default());
        for hour in 0..100 {
            guard.statement(NOON_MS + hour * HOUR_MS).end();
        }
        assert_eq!(guard.unreported().len(), HOURS_KEPT);
    }
}
