//! The three ways to fill the tables: random traffic, a replayed day, bulk rows.

use std::path::Path;

use jiff::civil::Date;

use crate::booking::book;
use crate::calendar::{Calendar, Slot};
use crate::calls::{Call, Ending, SplitKey};
use crate::error::SimError;
use crate::filler::Filler;
use crate::init::Outcome;
use crate::parameters::Mode;
use crate::replay;
use crate::source::{Queue, Source, generated_queues};
use crate::staffing::StaffSpan;
use crate::tables::ROWS_PER_INSERT;
use crate::volume;

impl Filler<'_> {
    /// Random traffic from the first day to what is readable at `until`.
    pub fn generate(&mut self) -> Result<Outcome, SimError> {
        let request = self.request;
        let calendar = &request.calendar;
        let until_utc_s = request.until.as_second();
        let first_day = first_day(calendar, until_utc_s, request.days)?;
        let published_through_utc_s = calendar
            .published_through(until_utc_s)?
            .max(calendar.day_start(first_day)?);
        let logged_through_utc_s = calendar.slot_at(until_utc_s)?.start_utc_s;
        let generated = generated_queues(request.acds, request.skills)?;
        let queues: Vec<Queue> = generated.iter().map(|(queue, _)| queue.clone()).collect();
        let mut log = self.begin(Mode::Generated, first_day, request.skills, &queues)?;
        let mut source = Source::new(calendar.clone(), request.seed, first_day, generated);
        let mut rows = Vec::new();
        let last_day = calendar.local_date(until_utc_s)?;
        let mut date = first_day;
        let mut number = 0;
        while date <= last_day {
            let from = calendar.day_start(date)?;
            let to = calendar
                .day_start(date.tomorrow()?)?
                .min(logged_through_utc_s);
            let calls = source.calls_ended(from, to)?;
            self.calls += u64::try_from(calls.len()).unwrap_or(u64::MAX);
            if let Some(log) = &mut log
                && to > log.through_utc_s()
            {
                log.append(&calls, to)?;
            }
            let slots: Vec<Slot> = calendar
                .slots_of_day(date)?
                .into_iter()
                .filter(|slot| slot.end_utc_s <= published_through_utc_s)
                .collect();
            rows.extend(source.rows(&slots)?);
            if rows.len() >= ROWS_PER_INSERT {
                self.insert(&rows)?;
                rows.clear();
            }
            number += 1;
            if number % 30 == 0 {
                let text = format!(
                    "day {number} of {}: {} rows, {} calls",
                    request.days + 1,
                    self.rows,
                    self.calls
                );
                self.progress(&text);
            }
            date = date.tomorrow()?;
        }
        self.insert(&rows)?;
        Ok(Outcome {
            mode: Mode::Generated,
            queues: queues.len(),
            first_day,
            published_through_utc_s,
            clock_utc_s: until_utc_s,
            call_log: None,
        })
    }

    /// One day of a call log. Everything is published at once.
    pub fn replay(&mut self, path: &Path, date: Date) -> Result<Outcome, SimError> {
        let calendar = &self.request.calendar;
        let replay = replay::read(path, date, calendar)?;
        let start = calendar.day_start(date)?;
        let last_end = replay
            .calls
            .iter()
            .map(Call::ended_utc_s)
            .max()
            .unwrap_or(start);
        let mut slots = calendar.slots_of_day(date)?;
        while let Some(last) = slots.last()
            && last.end_utc_s <= last_end
        {
            slots.push(calendar.slot_after(last)?);
        }
        let end = slots.last().map_or(start, |slot| slot.end_utc_s);
        let log = self.begin(Mode::Replay, date, replay.queues.len(), &replay.queues)?;
        if let Some(mut log) = log {
            log.append(&replay.calls, end)?;
        }
        self.calls = u64::try_from(replay.calls.len()).unwrap_or(u64::MAX);
        let mut rows = Vec::new();
        for queue in &replay.queues {
            let calls: Vec<&Call> = replay
                .calls
                .iter()
                .filter(|call| call.key == queue.key)
                .collect();
            rows.extend(book(queue.key, &slots, &calls, &talking(&calls)));
        }
        rows.sort_by_key(|row| (row.slot.start_utc_s, row.key));
        self.insert(&rows)?;
        Ok(Outcome {
            mode: Mode::Replay,
            queues: replay.queues.len(),
            first_day: date,
            published_through_utc_s: end,
            clock_utc_s: end,
            call_log: Some(replay.counts),
        })
    }

    /// About `wanted` rows without calls.
    pub fn volume(&mut self, wanted: u64) -> Result<Outcome, SimError> {
        let request = self.request;
        let calendar = &request.calendar;
        let until_utc_s = request.until.as_second();
        let published_through_utc_s = calendar.published_through(until_utc_s)?;
        let first_day = first_day(calendar, published_through_utc_s, request.days)?;
        let slots_per_day = 1_440 / u64::from(calendar.interval_minutes().unsigned_abs());
        let days = u64::try_from(request.days).unwrap_or(1).max(1);
        let acds = u64::try_from(request.acds).unwrap_or(1);
        let skills = usize::try_from(volume::skills_for(wanted, slots_per_day * days, acds))
            .unwrap_or(usize::MAX);
        let generated = generated_queues(request.acds, skills)?;
        let queues: Vec<Queue> = generated.into_iter().map(|(queue, _)| queue).collect();
        let keys: Vec<SplitKey> = queues.iter().map(|queue| queue.key).collect();
        self.begin(Mode::Volume, first_day, skills, &queues)?;
        let mut date = first_day;
        while self.rows < wanted && calendar.day_start(date)? < published_through_utc_s {
            let slots: Vec<Slot> = calendar
                .slots_of_day(date)?
                .into_iter()
                .filter(|slot| slot.end_utc_s <= published_through_utc_s)
                .collect();
            let mut rows = volume::day(request.seed, &keys, &slots)?;
            rows.truncate(usize::try_from(wanted - self.rows).unwrap_or(usize::MAX));
            self.insert(&rows)?;
            let text = format!("{} of {wanted} rows", self.rows);
            self.progress(&text);
            date = date.tomorrow()?;
        }
        Ok(Outcome {
            mode: Mode::Volume,
            queues: queues.len(),
            first_day,
            published_through_utc_s,
            clock_utc_s: until_utc_s,
            call_log: None,
        })
    }
}

/// The local day that lies `days` before the one of `until_utc_s`.
fn first_day(calendar: &Calendar, until_utc_s: i64, days: i64) -> Result<Date, SimError> {
    let last = calendar.local_date(until_utc_s)?;
    Ok(last.checked_sub(jiff::Span::new().try_days(days)?)?)
}

/// A call log says nothing about logins: agents count as staffed while they talk.
fn talking(calls: &[&Call]) -> Vec<StaffSpan> {
    calls
        .iter()
        .filter_map(|call| match call.ending {
            Ending::Answered {
                answered_utc_s,
                completed_utc_s,
                ..
            } => Some(StaffSpan {
                from_utc_s: answered_utc_s,
                to_utc_s: completed_utc_s,
                aux_reason: None,
            }),
            Ending::Abandoned { .. } => None,
        })
        .collect()
}
