//! `run`: goes on where `init` or the last `run` stopped, in real or accelerated time.
//!
//! # What happens when
//! An interval N is written to the tables when N+1 has ended. At that moment first the calls that ended in N+1 are
//! added to the event log and synced, then the rows of N and the new position (`c_floorwire_sim`) are committed in one
//! transaction. Since the same seed gives the same calls, nothing else has to be remembered: killed at any moment, the
//! next run finds the position in the database, cuts an unfinished batch off the log, and does the rest again.
//!
//! # Clock
//! With `--speed 1` the simulated time is the time of day, and a run that starts late first catches up. With another
//! speed it goes on from the last position, so many times as fast; it can lead into the future. A simulation that is
//! ahead of the time of day never goes back.
//!
//! # When the database is away
//! A broken connection is not the end: the run says so, waits (1 s, doubled up to 30 s), connects again and reads the
//! position anew, which also tells whether the interrupted transaction was committed. Errors that time does not heal
//! (wrong password, table gone, another run on the same database, event log not writable) end the run.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use serde::Serialize;

use crate::calendar::{Calendar, Slot};
use crate::error::SimError;
use crate::event_log::EventLog;
use crate::filler::header;
use crate::parameters::{self, Mode, Progress, Settings, new_name};
use crate::source::{Queue, Source, generated_queues};
use crate::tables::Database;

const FIRST_RETRY: Duration = Duration::from_secs(1);
const LONGEST_RETRY: Duration = Duration::from_secs(30);

/// What `run` is asked to do.
pub(crate) struct Request {
    pub connection: String,
    /// Overrides the event log that init has noted.
    pub event_log: Option<PathBuf>,
    /// Simulated seconds per second.
    pub speed: f64,
    /// Ends the run after so much real time.
    pub duration: Option<Duration>,
    /// Ends the run when the simulated clock has reached this instant.
    pub until: Option<Timestamp>,
}

impl Request {
    /// Real time that the run may still take.
    fn left(&self, started: Instant) -> Duration {
        self.duration.map_or(Duration::MAX, |limit| {
            limit.saturating_sub(started.elapsed())
        })
    }
}

/// The line that `run` prints when it ends.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Summary {
    action: &'static str,
    simulation: String,
    /// Intervals published by this run.
    intervals: u64,
    rows: u64,
    /// Calls added to the event log.
    calls: u64,
    /// Start of the first interval that is not in the tables.
    published_through: String,
    /// Times that the database had to be connected to again.
    reconnects: u64,
    seconds: f64,
}

/// Runs until it is told to stop, through `stop` or by the limits of the request.
pub(crate) fn run(
    request: &Request,
    stop: &Receiver<()>,
    progress: &mut dyn FnMut(&str),
) -> Result<Summary, SimError> {
    let started = Instant::now();
    let mut database = Database::connect(&request.connection)?;
    let settings = parameters::load(&mut database)?;
    if settings.mode != Mode::Generated {
        let mode = if settings.mode == Mode::Replay {
            "a call log"
        } else {
            "bulk rows"
        };
        return Err(SimError::NotLive {
            mode: mode.to_owned(),
        });
    }
    let position = parameters::progress(&mut database)?;
    let mut publisher = Publisher::new(request, settings, &position)?;
    publisher.database = Some(database);
    let clock = Clock::start(request.speed, position.clock_utc_s);
    let mut position = position;
    loop {
        let step = publisher.next_step(&position)?;
        if request
            .until
            .is_some_and(|until| step.due_utc_s > until.as_second())
        {
            break;
        }
        let wait = clock.until(step.due_utc_s);
        if stopped(stop, wait.min(request.left(started))) {
            break;
        }
        if clock.until(step.due_utc_s) > Duration::ZERO {
            break; // the time limit came first
        }
        publisher.log_calls(step.due_utc_s)?;
        match publisher.publish(&position, &step) {
            Ok(rows) => {
                position = rows.0;
                let start = Timestamp::from_second(step.slot.start_utc_s)?;
                progress(&format!("published {start}: {} rows", rows.1));
            }
            Err(error) if passes(&error) => {
                match publisher.reconnect(request, error, started, stop, progress)? {
                    Some(found) => position = found,
                    None => break,
                }
            }
            Err(error) => return Err(error),
        }
    }
    Ok(Summary {
        action: "run",
        simulation: publisher.settings.simulation,
        intervals: publisher.intervals,
        rows: publisher.rows,
        calls: publisher.calls,
        published_through: Timestamp::from_second(position.published_through_utc_s)?.to_string(),
        reconnects: publisher.reconnects,
        seconds: started.elapsed().as_secs_f64(),
    })
}

/// Waits, and says whether the program was told to stop meanwhile.
fn stopped(stop: &Receiver<()>, wait: Duration) -> bool {
    !matches!(stop.recv_timeout(wait), Err(RecvTimeoutError::Timeout))
}

/// Whether an error goes away by itself, so that trying again is right.
fn passes(error: &SimError) -> bool {
    matches!(error, SimError::Database(cause) if cause.is_passing())
}

/// Simulated time.
struct Clock {
    begun: Instant,
    from_utc_s: f64,
    speed: f64,
}

impl Clock {
    #[allow(clippy::cast_precision_loss)] // seconds since 1970 fit a double exactly
    fn start(speed: f64, position_utc_s: i64) -> Self {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
            .as_secs_f64();
        let position = position_utc_s as f64;
        #[allow(clippy::float_cmp)] // 1 is what the user typed, or the default
        let real_time = speed == 1.0;
        Self {
            begun: Instant::now(),
            from_utc_s: if real_time {
                now.max(position)
            } else {
                position
            },
            speed,
        }
    }

    /// Real time that passes until the simulated clock shows an instant; zero if it is past.
    #[allow(clippy::cast_precision_loss)]
    fn until(&self, utc_s: i64) -> Duration {
        let due = (utc_s as f64 - self.from_utc_s) / self.speed;
        let left = due - self.begun.elapsed().as_secs_f64();
        Duration::try_from_secs_f64(left.max(0.0)).unwrap_or(Duration::MAX / 4)
    }
}

/// One publication: the interval, and the instant at which it becomes readable.
struct Step {
    slot: Slot,
    due_utc_s: i64,
}

struct Publisher {
    settings: Settings,
    calendar: Calendar,
    source: Source,
    log: Option<EventLog>,
    database: Option<Database>,
    /// Mark that tells this run from any other.
    writer: String,
    intervals: u64,
    rows: u64,
    calls: u64,
    reconnects: u64,
}

impl Publisher {
    fn new(request: &Request, settings: Settings, position: &Progress) -> Result<Self, SimError> {
        let calendar = settings.calendar()?;
        let generated = generated_queues(settings.acds, settings.skills)?;
        let queues: Vec<Queue> = generated.iter().map(|(queue, _)| queue.clone()).collect();
        let log = match (&request.event_log, &settings.event_log) {
            (None, None) => None,
            (None, Some(noted)) => {
                let path = PathBuf::from(noted);
                if !path.try_exists().map_err(SimError::file(&path))? {
                    return Err(SimError::LogMissing { path });
                }
                Some(EventLog::open(&path, &settings.simulation)?)
            }
            (Some(path), _) if path.try_exists().map_err(SimError::file(path))? => {
                Some(EventLog::open(path, &settings.simulation)?)
            }
            // Without a log of the history, one of what is still to come.
            (Some(path), _) => {
                let header = header(&settings, &queues, position.published_through_utc_s);
                Some(EventLog::create(path, &header, false)?)
            }
        };
        Ok(Self {
            source: Source::new(
                calendar.clone(),
                settings.seed,
                settings.first_day,
                generated,
            ),
            settings,
            calendar,
            log,
            database: None,
            writer: new_name(),
            intervals: 0,
            rows: 0,
            calls: 0,
            reconnects: 0,
        })
    }

    fn next_step(&self, position: &Progress) -> Result<Step, SimError> {
        let slot = self.calendar.slot_at(position.published_through_utc_s)?;
        let following = self.calendar.slot_after(&slot)?;
        Ok(Step {
            slot,
            due_utc_s: following.end_utc_s,
        })
    }

    /// Adds what has ended until now to the event log.
    fn log_calls(&mut self, through_utc_s: i64) -> Result<(), SimError> {
        let Some(log) = &mut self.log else {
            return Ok(());
        };
        if log.through_utc_s() >= through_utc_s {
            return Ok(());
        }
        let calls = self
            .source
            .calls_ended(log.through_utc_s(), through_utc_s)?;
        log.append(&calls, through_utc_s)?;
        self.calls += u64::try_from(calls.len()).unwrap_or(u64::MAX);
        Ok(())
    }

    /// Writes the rows of an interval together with the new position. Returns the position and the number of rows.
    fn publish(&mut self, position: &Progress, step: &Step) -> Result<(Progress, u64), SimError> {
        let rows = self.source.rows(std::slice::from_ref(&step.slot))?;
        let database = self.database.as_mut().ok_or(SimError::NotConnected)?;
        database.begin()?;
        let reached = parameters::advance(
            database,
            position,
            step.slot.end_utc_s,
            step.due_utc_s,
            &self.writer,
        )?;
        database.insert_rows(
            &rows,
            self.calendar.interval_minutes(),
            self.settings.with_starttime_utc,
        )?;
        database.commit()?;
        let count = u64::try_from(rows.len()).unwrap_or(u64::MAX);
        self.intervals += 1;
        self.rows += count;
        Ok((reached, count))
    }

    /// Connects anew, as often as it takes, and reads the position. `None` if the run was told to end meanwhile.
    fn reconnect(
        &mut self,
        request: &Request,
        mut reason: SimError,
        started: Instant,
        stop: &Receiver<()>,
        progress: &mut dyn FnMut(&str),
    ) -> Result<Option<Progress>, SimError> {
        self.database = None;
        let mut pause = FIRST_RETRY;
        loop {
            progress(&format!("{reason}; trying again in {} s", pause.as_secs()));
            let left = request.left(started);
            if stopped(stop, pause.min(left)) || left <= pause {
                return Ok(None);
            }
            pause = (pause * 2).min(LONGEST_RETRY);
            let connected = Database::connect(&request.connection)
                .and_then(|mut database| Ok((parameters::progress(&mut database)?, database)));
            match connected {
                Ok((position, database)) => {
                    self.database = Some(database);
                    self.reconnects += 1;
                    return Ok(Some(position));
                }
                Err(error) if passes(&error) => reason = error,
                Err(error) => return Err(error),
            }
        }
    }
}
