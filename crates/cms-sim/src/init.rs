//! `init`: creates the tables and fills them with history, with a replayed day, or with bulk rows.
//!
//! The event log is written day by day before the rows of that day. When init is interrupted, the database says so
//! (`state` is not `ready`), `run` refuses it, and init has to be repeated with `--replace`.

use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use crate::booking::book;
use crate::calendar::{Calendar, Slot};
use crate::calls::{Call, Ending, SplitKey};
use crate::error::SimError;
use crate::event_log::{EventLog, FORMAT, Header, LoggedQueue};
use crate::parameters::{self, Mode, Settings};
use crate::replay::{self, ReplayCounts};
use crate::row::SERVICE_LEVEL_S;
use crate::source::{Queue, Source, generated_queues};
use crate::staffing::StaffSpan;
use crate::synonyms::dictionary;
use crate::tables::{Database, ROWS_PER_INSERT};
use crate::volume;

/// What `init` is asked to do.
pub(crate) struct Request {
    pub connection: String,
    pub calendar: Calendar,
    pub days: i64,
    pub skills: usize,
    pub acds: i16,
    pub seed: u64,
    pub until: Timestamp,
    pub event_log: Option<PathBuf>,
    pub calls: Option<(PathBuf, Date)>,
    pub volume: Option<u64>,
    pub with_starttime_utc: bool,
    pub replace: bool,
}

/// The line that `init` prints.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Summary {
    action: &'static str,
    mode: Mode,
    simulation: String,
    zone: String,
    interval_minutes: i32,
    queues: usize,
    /// Rows written to `hsplit`.
    rows: u64,
    /// Calls that ended within the period covered; 0 for bulk rows, which have no calls.
    calls: u64,
    first_day: String,
    /// Start of the first interval that is not in the tables.
    published_through: String,
    seconds: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    call_log: Option<ReplayCounts>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'static str>,
}

/// Runs `init`. `progress` is called with a sentence now and then.
pub(crate) fn run(request: &Request, progress: &mut dyn FnMut(&str)) -> Result<Summary, SimError> {
    let started = Instant::now();
    let mut filler = Filler::new(request, progress)?;
    let outcome = match (&request.calls, request.volume) {
        (Some((path, date)), _) => filler.replay(path, *date)?,
        (None, Some(rows)) => filler.volume(rows)?,
        (None, None) => filler.generate()?,
    };
    filler.progress("creating indexes");
    filler.database.create_indexes()?;
    parameters::finish(
        &mut filler.database,
        outcome.published_through_utc_s,
        outcome.clock_utc_s,
    )?;
    let published = Timestamp::from_second(outcome.published_through_utc_s)?;
    Ok(Summary {
        action: "init",
        mode: outcome.mode,
        simulation: filler.simulation,
        zone: request.calendar.zone_name().to_owned(),
        interval_minutes: request.calendar.interval_minutes(),
        queues: outcome.queues,
        rows: filler.rows,
        calls: filler.calls,
        first_day: outcome.first_day.to_string(),
        published_through: published.to_string(),
        seconds: started.elapsed().as_secs_f64(),
        call_log: outcome.call_log,
        note: (outcome.mode == Mode::Volume)
            .then_some("bulk rows: drawn statistically, no calls behind them, no event log"),
    })
}

struct Outcome {
    mode: Mode,
    queues: usize,
    first_day: Date,
    published_through_utc_s: i64,
    clock_utc_s: i64,
    call_log: Option<ReplayCounts>,
}

/// The database being filled, and what has been done so far.
struct Filler<'a> {
    request: &'a Request,
    database: Database,
    simulation: String,
    rows: u64,
    calls: u64,
    progress: &'a mut dyn FnMut(&str),
}

impl<'a> Filler<'a> {
    fn new(request: &'a Request, progress: &'a mut dyn FnMut(&str)) -> Result<Self, SimError> {
        let mut database = Database::connect(&request.connection)?;
        // A log that is in the way is found before a table is dropped.
        if let Some(path) = &request.event_log
            && !request.replace
            && path.try_exists().map_err(SimError::file(path))?
        {
            return Err(SimError::LogExists { path: path.clone() });
        }
        database.create(request.with_starttime_utc, request.replace)?;
        Ok(Self {
            request,
            database,
            simulation: new_name(),
            rows: 0,
            calls: 0,
            progress,
        })
    }

    fn progress(&mut self, text: &str) {
        (self.progress)(text);
    }

    /// Writes parameters and dictionary, and starts the event log if one is wanted.
    fn begin(
        &mut self,
        mode: Mode,
        first_day: Date,
        skills: usize,
        queues: &[Queue],
    ) -> Result<Option<EventLog>, SimError> {
        let request = self.request;
        let log_path = request
            .event_log
            .as_deref()
            .map(|path| std::path::absolute(path).map_err(SimError::file(path)))
            .transpose()?;
        let settings = Settings {
            simulation: self.simulation.clone(),
            mode,
            zone: request.calendar.zone_name().to_owned(),
            interval_minutes: request.calendar.interval_minutes(),
            seed: request.seed,
            acds: request.acds,
            skills,
            first_day,
            with_starttime_utc: request.with_starttime_utc,
            event_log: log_path
                .as_ref()
                .map(|path| path.to_string_lossy().into_owned()),
        };
        parameters::begin(&mut self.database, &settings)?;
        self.database.begin()?;
        self.database.insert_synonyms(&dictionary(queues))?;
        self.database.commit()?;
        let header = header(&settings, queues, request.calendar.day_start(first_day)?);
        log_path
            .map(|path| EventLog::create(&path, &header, request.replace))
            .transpose()
    }

    fn insert(&mut self, rows: &[crate::row::Row]) -> Result<(), SimError> {
        if rows.is_empty() {
            return Ok(());
        }
        self.database.begin()?;
        self.database.insert_rows(
            rows,
            self.request.calendar.interval_minutes(),
            self.request.with_starttime_utc,
        )?;
        self.database.commit()?;
        self.rows += u64::try_from(rows.len()).unwrap_or(u64::MAX);
        Ok(())
    }

    /// Random traffic from the first day to what is readable at `until`.
    fn generate(&mut self) -> Result<Outcome, SimError> {
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
    fn replay(&mut self, path: &Path, date: Date) -> Result<Outcome, SimError> {
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
    fn volume(&mut self, wanted: u64) -> Result<Outcome, SimError> {
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

/// First line of an event log of this simulation that begins at `from_utc_s`.
pub(crate) fn header(settings: &Settings, queues: &[Queue], from_utc_s: i64) -> Header {
    Header {
        format: FORMAT,
        simulation: settings.simulation.clone(),
        zone: settings.zone.clone(),
        interval_minutes: settings.interval_minutes,
        service_level_seconds: SERVICE_LEVEL_S,
        from_utc: from_utc_s,
        queues: queues
            .iter()
            .map(|queue| LoggedQueue {
                acd: queue.key.acd,
                split: queue.key.split,
                name: queue.name.clone(),
            })
            .collect(),
    }
}

/// A name for a simulation or a writer that no other will have.
pub(crate) fn new_name() -> String {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    format!("{:x}-{:x}", now.as_nanos(), std::process::id())
}
