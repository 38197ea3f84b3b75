//! From the running interval to the historical tables.
//!
//! When an interval ends, it becomes the *previous* one, and the one that was previous is archived: so interval N can be
//! read when N+1 has ended (D S1). While the archiver is off nothing is archived; what was missed is written when it goes
//! on, or never. Daily rows add up the archived intervals of a day that begin within the configured hours, and are
//! written when the first interval of the next day that begins at 00:30 or later is archived.

use crate::clock::Interval;
use std::collections::BTreeMap;

/// Rows that can be added up over a day.
pub(crate) trait Figures: Clone + Default {
    fn add(&mut self, other: &Self);
    /// Marks a row of an interval in which the link was down.
    fn mark_incomplete(&mut self);
    /// Whether there is anything to write.
    fn happened(&self) -> bool;
}

/// The rows of one interval of one table.
struct Closed<K, R> {
    interval: Interval,
    rows: Vec<(K, R)>,
}

/// Rows that become readable.
pub(crate) struct Archived<K, R> {
    /// `None`: rows of a whole day.
    pub interval: Option<Interval>,
    pub row_date: jiff::civil::Date,
    pub rows: Vec<(K, R)>,
}

/// One table of one ACD on its way into the archive.
pub(crate) struct Archive<K, R> {
    previous: Option<Closed<K, R>>,
    missed: Vec<Closed<K, R>>,
    /// `Some(recovered)` while the archiver is off.
    off: Option<bool>,
    days: BTreeMap<jiff::civil::Date, BTreeMap<K, R>>,
    daily_minutes: (i64, i64),
}

impl<K: Ord + Copy, R: Figures> Archive<K, R> {
    pub fn new(daily_minutes: (u16, u16)) -> Self {
        Self {
            previous: None,
            missed: Vec::new(),
            off: None,
            days: BTreeMap::new(),
            daily_minutes: (i64::from(daily_minutes.0), i64::from(daily_minutes.1)),
        }
    }

    /// Takes the interval that has just ended; gives what is archived at this moment.
    pub fn close(
        &mut self,
        interval: Interval,
        rows: impl IntoIterator<Item = (K, R)>,
        incomplete: bool,
    ) -> Vec<Archived<K, R>> {
        let mut kept = Vec::new();
        for (key, mut row) in rows {
            if row.happened() {
                if incomplete {
                    row.mark_incomplete();
                }
                kept.push((key, row));
            }
        }
        let closed = Closed {
            interval,
            rows: kept,
        };
        let Some(previous) = self.previous.replace(closed) else {
            return Vec::new();
        };
        match self.off {
            None => self.archive(previous),
            Some(true) => {
                self.missed.push(previous);
                Vec::new()
            }
            Some(false) => Vec::new(),
        }
    }

    pub fn switch_off(&mut self, recovered: bool) {
        self.off = Some(recovered);
    }

    pub fn switch_on(&mut self) -> Vec<Archived<K, R>> {
        self.off = None;
        let missed = std::mem::take(&mut self.missed);
        missed
            .into_iter()
            .flat_map(|closed| self.archive(closed))
            .collect()
    }

    fn archive(&mut self, closed: Closed<K, R>) -> Vec<Archived<K, R>> {
        let interval = closed.interval;
        let mut archived = Vec::new();
        if interval.minute >= 30 {
            while let Some(day) = self.days.first_entry() {
                if *day.key() >= interval.row_date {
                    break;
                }
                let row_date = *day.key();
                archived.push(Archived {
                    interval: None,
                    row_date,
                    rows: day.remove().into_iter().collect(),
                });
            }
        }
        let (from, to) = self.daily_minutes;
        if (from..to).contains(&interval.minute) {
            let day = self.days.entry(interval.row_date).or_default();
            for (key, row) in &closed.rows {
                day.entry(*key).or_default().add(row);
            }
        }
        if !closed.rows.is_empty() {
            archived.push(Archived {
                interval: Some(interval),
                row_date: interval.row_date,
                rows: closed.rows,
            });
        }
        archived
    }
}
