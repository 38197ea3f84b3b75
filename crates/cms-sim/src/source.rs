//! Generated traffic of all splits, cut by time instead of by day.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::booking::book;
use crate::calendar::{Calendar, Slot};
use crate::calls::{Call, SplitKey};
use crate::error::SimError;
use crate::generator::{SplitDay, split_day};
use crate::profiles::{Profile, profile, split_number};
use crate::row::Row;
use crate::staffing::StaffSpan;

/// A call lasts less than a day, so what happens in a slot began on its day or on the day before.
const DAYS_KEPT: usize = 3;

/// A split as the dictionary knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Queue {
    pub key: SplitKey,
    pub name: String,
    pub description: String,
}

/// The splits of a generated simulation, with their character.
pub(crate) fn generated_queues(
    acds: i16,
    skills: usize,
) -> Result<Vec<(Queue, Profile)>, SimError> {
    let mut queues = Vec::new();
    for acd in 1..=acds {
        for index in 0..skills {
            let split = split_number(index).ok_or_else(|| SimError::Range {
                what: format!("{skills} skills"),
                remedy: "give at most 32000",
            })?;
            let character = profile(index);
            let queue = Queue {
                key: SplitKey { acd, split },
                name: character.name.clone(),
                description: String::new(),
            };
            queues.push((queue, character));
        }
    }
    Ok(queues)
}

/// Deterministic traffic from the first day on.
pub(crate) struct Source {
    calendar: Calendar,
    seed: u64,
    first_day: Date,
    queues: Vec<(Queue, Profile)>,
    days: BTreeMap<Date, Vec<SplitDay>>,
}

impl Source {
    pub fn new(
        calendar: Calendar,
        seed: u64,
        first_day: Date,
        queues: Vec<(Queue, Profile)>,
    ) -> Self {
        Self {
            calendar,
            seed,
            first_day,
            queues,
            days: BTreeMap::new(),
        }
    }

    /// Generates the days that can matter to `[from, to)`, if they are not there yet.
    fn prepare(&mut self, from_utc_s: i64, to_utc_s: i64) -> Result<Vec<Date>, SimError> {
        let last = self.calendar.local_date(to_utc_s - 1)?;
        let mut date = self
            .calendar
            .local_date(from_utc_s)?
            .yesterday()?
            .max(self.first_day);
        let mut needed = Vec::new();
        while date <= last {
            if !self.days.contains_key(&date) {
                let slots = self.calendar.slots_of_day(date)?;
                let day = self
                    .queues
                    .iter()
                    .map(|(queue, profile)| split_day(self.seed, queue.key, profile, date, &slots))
                    .collect::<Result<Vec<_>, _>>()?;
                self.days.insert(date, day);
            }
            needed.push(date);
            date = date.tomorrow()?;
        }
        while self.days.len() > DAYS_KEPT.max(needed.len()) {
            self.days.pop_first();
        }
        Ok(needed)
    }

    /// Rows of all splits for slots that follow one another.
    pub fn rows(&mut self, slots: &[Slot]) -> Result<Vec<Row>, SimError> {
        let (Some(first), Some(last)) = (slots.first(), slots.last()) else {
            return Ok(Vec::new());
        };
        let dates = self.prepare(first.start_utc_s, last.end_utc_s)?;
        let mut rows = Vec::new();
        for (index, (queue, _)) in self.queues.iter().enumerate() {
            let days: Vec<&SplitDay> = dates
                .iter()
                .filter_map(|date| self.days.get(date)?.get(index))
                .collect();
            let calls: Vec<&Call> = days.iter().flat_map(|day| &day.calls).collect();
            let staff: Vec<StaffSpan> = days
                .iter()
                .flat_map(|day| day.staff.iter().copied())
                .collect();
            rows.extend(book(queue.key, slots, &calls, &staff));
        }
        rows.sort_by_key(|row| (row.slot.start_utc_s, row.key));
        Ok(rows)
    }

    /// The calls that ended in `[from, to)`, in order of their end.
    pub fn calls_ended(&mut self, from_utc_s: i64, to_utc_s: i64) -> Result<Vec<Call>, SimError> {
        if from_utc_s >= to_utc_s {
            return Ok(Vec::new());
        }
        let dates = self.prepare(from_utc_s, to_utc_s)?;
        let mut ended: Vec<Call> = dates
            .iter()
            .filter_map(|date| self.days.get(date))
            .flatten()
            .flat_map(|day| &day.calls)
            .filter(|call| (from_utc_s..to_utc_s).contains(&call.ended_utc_s()))
            .cloned()
            .collect();
        ended.sort_by(|a, b| (a.ended_utc_s(), &a.name).cmp(&(b.ended_utc_s(), &b.name)));
        Ok(ended)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn source() -> Source {
        let calendar = Calendar::new("Europe/Paris", 30).unwrap();
        Source::new(
            calendar,
            3,
            date(2026, 10, 24),
            generated_queues(2, 3).unwrap(),
        )
    }

    #[test]
    fn slot_by_slot_gives_the_rows_of_the_whole() {
        let calendar = Calendar::new("Europe/Paris", 30).unwrap();
        let mut slots = calendar.slots_of_day(date(2026, 10, 24)).unwrap();
        slots.extend(calendar.slots_of_day(date(2026, 10, 25)).unwrap());
        let whole = source().rows(&slots).unwrap();
        let mut single = source();
        let mut pieces = Vec::new();
        for slot in &slots {
            pieces.extend(single.rows(std::slice::from_ref(slot)).unwrap());
        }
        assert!(whole.len() > 200);
        assert_eq!(whole, pieces);
    }

    #[test]
    fn every_call_ends_once() {
        let calendar = Calendar::new("Europe/Paris", 30).unwrap();
        let start = calendar.day_start(date(2026, 10, 24)).unwrap();
        let mut source = source();
        let all = source.calls_ended(start, start + 3 * 86_400).unwrap();
        let mut pieces = Vec::new();
        for piece in 0..(3 * 96) {
            pieces.extend(
                source
                    .calls_ended(start + piece * 900, start + (piece + 1) * 900)
                    .unwrap(),
            );
        }
        let names: std::collections::BTreeSet<_> = all.iter().map(|call| &call.name).collect();
        assert_eq!(names.len(), all.len());
        assert_eq!(all, pieces);
    }
}
