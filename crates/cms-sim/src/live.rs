//! `run`: goes on where `init` or the last `run` stopped, in real or accelerated time.
//!
//! # What happens when
//! Time goes in steps that divide a quarter of an hour, so that every boundary of an interval is one of them. At the end
//! of a step first what happened in it is added to the event log and synced, then what can be read by then is written to
//! the tables together with the new position (`c_floorwire_sim`), in one transaction. The same scenario gives the same
//! events, so nothing else has to be remembered: killed at any moment, the next run plays the scenario again up to the
//! position that it finds in the database, throws away what the tables have already, and goes on.
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
use std::time::{Duration, Instant};

use floorwire_sim_booking::TableId;
use floorwire_sim_centre::log::Writer;
use floorwire_sim_centre::scenario::{Scenario, generated};
use jiff::Timestamp;
use serde::Serialize;

use crate::clock::Clock;
use crate::database::Database;
use crate::desk::Action;
use crate::error::SimError;
use crate::feeds::{self, FeedSummary, Wishes};
use crate::obstacles::Obstacles;
use crate::parameters::{self, Mode, Progress, Settings, new_name};
use crate::player::Player;
use crate::upkeep::{self, Counts, Upkeep};

const FIRST_RETRY: Duration = Duration::from_secs(1);
const LONGEST_RETRY: Duration = Duration::from_secs(30);
/// Lengths of a step in simulated seconds, all of which divide a quarter of an hour.
const STEPS_S: [i64; 9] = [15, 30, 60, 90, 150, 180, 300, 450, 900];
/// A step lasts about so many real seconds, if a quarter of an hour is not shorter.
const STEP_TAKES_S: f64 = 15.0;

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
    /// Database user whose rights a trouble of the scenario takes away.
    pub reader: Option<String>,
    /// Feeds that are sent meanwhile.
    pub feeds: Wishes,
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
    /// Intervals of the first ACD published by this run.
    intervals: u64,
    /// Rows added by this run, by table.
    tables: Counts,
    /// Rows added to `hsplit`.
    rows: u64,
    /// Calls that arrived.
    calls: u64,
    /// Start of the first interval that is not in the tables.
    published_through: String,
    /// Times that the database had to be connected to again.
    reconnects: u64,
    /// What was sent over feeds.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    feeds: Vec<FeedSummary>,
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
    let mut position = parameters::progress(&mut database)?;
    let clock = Clock::start(request.speed, position.clock_utc_s);
    let scenario = scenario_of(&settings, &mut database)?;
    // They play the site themselves, since tables are a step behind.
    let feeds = feeds::start(&request.feeds, &scenario, &settings, request.speed, clock)?;
    let mut publisher =
        Publisher::new(request, &scenario, settings, database, &position, progress)?;
    let (_, archived_before) = publisher.player.archived();
    let calls_before = publisher.player.calls;
    loop {
        let due_utc_s = publisher.next_step(request, position.clock_utc_s);
        if request.until.is_some_and(|until| {
            due_utc_s > until.as_second() || position.clock_utc_s >= until.as_second()
        }) {
            break;
        }
        let wait = clock.until(due_utc_s);
        if stopped(stop, wait.min(request.left(started))) {
            break;
        }
        if clock.until(due_utc_s) > Duration::ZERO {
            break; // the time limit came first
        }
        publisher.play(due_utc_s)?;
        match publisher.publish(&position, due_utc_s) {
            Ok((reached, rows)) => {
                position = reached;
                if rows > 0 {
                    let start = Timestamp::from_second(publisher.player.archived().0)?;
                    progress(&format!("published up to {start}: {rows} rows"));
                }
                if publisher.obstruct(request, due_utc_s, (&clock, started, stop), progress)? {
                    break;
                }
            }
            Err(error) if passes(&error) => {
                match publisher.reconnect(request, error, started, stop, progress)? {
                    Some(found) => position = publisher.settle(&position, found),
                    None => break,
                }
            }
            Err(error) => return Err(error),
        }
    }
    publisher
        .obstacles
        .say_what_is_taken(&publisher.player.schema, progress);
    let feeds = feeds.finish()?;
    let (published_through_utc_s, archived) = publisher.player.archived();
    Ok(Summary {
        action: "run",
        simulation: publisher.settings.simulation,
        intervals: archived - archived_before,
        rows: publisher
            .counts
            .get(TableId::Hsplit.name())
            .copied()
            .unwrap_or(0),
        tables: publisher.counts,
        calls: publisher.player.calls - calls_before,
        published_through: Timestamp::from_second(published_through_utc_s)?.to_string(),
        reconnects: publisher.reconnects,
        feeds,
        seconds: started.elapsed().as_secs_f64(),
    })
}

/// What was given to init.
fn scenario_of(settings: &Settings, database: &mut Database) -> Result<Scenario, SimError> {
    match &settings.size {
        Some(size) => Ok(generated(size)),
        None => Ok(Scenario::parse(&parameters::scenario(database)?)?),
    }
}

/// Waits, and says whether the program was told to stop meanwhile.
fn stopped(stop: &Receiver<()>, wait: Duration) -> bool {
    !matches!(stop.recv_timeout(wait), Err(RecvTimeoutError::Timeout))
}

/// Whether an error goes away by itself, so that trying again is right.
fn passes(error: &SimError) -> bool {
    matches!(error, SimError::Database(cause) if cause.is_passing())
}

struct Publisher {
    settings: Settings,
    player: Player,
    log: Option<Writer>,
    database: Option<Database>,
    obstacles: Obstacles,
    /// What has been played and is not in the tables yet.
    pending: Vec<(TableId, Action)>,
    /// Mark that tells this run from any other.
    writer: String,
    counts: Counts,
    upkeep: Upkeep,
    reconnects: u64,
}

impl Publisher {
    /// Plays the scenario up to the position of the tables.
    fn new(
        request: &Request,
        scenario: &Scenario,
        settings: Settings,
        mut database: Database,
        position: &Progress,
        progress: &mut dyn FnMut(&str),
    ) -> Result<Self, SimError> {
        let mut player = Player::new(scenario, settings.first_day, &settings.simulation)?;
        let obstacles = Obstacles::begin(
            scenario,
            &mut database,
            &player.schema,
            request.reader.as_deref(),
            position.clock_utc_s,
            progress,
        )?;
        let mut log = open_log(request, &settings, &player)?;
        // The tables have all of this.
        player.play(position.clock_utc_s, log.as_mut())?;
        Ok(Self {
            obstacles,
            settings,
            player,
            log,
            database: Some(database),
            pending: Vec::new(),
            writer: new_name(),
            counts: Counts::new(),
            upkeep: Upkeep::default(),
            reconnects: 0,
        })
    }

    /// End of the step that follows a position.
    fn next_step(&self, request: &Request, position_utc_s: i64) -> i64 {
        #[allow(clippy::cast_precision_loss)] // small numbers
        let fits = |step: &&i64| **step as f64 <= STEP_TAKES_S * request.speed;
        let step = STEPS_S.iter().rev().find(fits).unwrap_or(&STEPS_S[0]);
        let next = (position_utc_s.div_euclid(*step) + 1) * step;
        match request.until.map(Timestamp::as_second) {
            Some(until) if position_utc_s < until => next.min(until),
            _ => next,
        }
    }

    fn play(&mut self, until_utc_s: i64) -> Result<(), SimError> {
        let actions = self.player.play(until_utc_s, self.log.as_mut())?;
        self.pending.extend(actions);
        Ok(())
    }

    /// Writes what is pending together with the new position. Returns the position and the number of rows added.
    fn publish(
        &mut self,
        position: &Progress,
        clock_utc_s: i64,
    ) -> Result<(Progress, u64), SimError> {
        let database = self.database.as_mut().ok_or(SimError::NotConnected)?;
        let schema = &self.player.schema;
        database.begin()?;
        let reached = parameters::advance(database, position, clock_utc_s, &self.writer)?;
        let mut counts = Counts::new();
        upkeep::write(database, schema, &self.pending, &mut counts)?;
        self.upkeep.note(&counts);
        self.upkeep
            .tidy(database, schema, &self.player.header, clock_utc_s)?;
        database.commit()?;
        self.pending.clear();
        let added = counts.values().sum();
        for (table, rows) in counts {
            *self.counts.entry(table).or_default() += rows;
        }
        Ok((reached, added))
    }

    /// After a break: what is pending is in the tables if the transaction was committed.
    fn settle(&mut self, before: &Progress, found: Progress) -> Progress {
        if found.clock_utc_s > before.clock_utc_s {
            self.pending.clear();
        }
        found
    }

    /// Takes rights away and gives them back, locks tables, as the scenario says. True if the run was told to end
    /// meanwhile, or one of its limits was reached.
    fn obstruct(
        &mut self,
        request: &Request,
        clock_utc_s: i64,
        (clock, started, stop): (&Clock, Instant, &Receiver<()>),
        progress: &mut dyn FnMut(&str),
    ) -> Result<bool, SimError> {
        let Some(database) = self.database.as_mut() else {
            return Ok(false);
        };
        let schema = &self.player.schema;
        let until = self
            .obstacles
            .meet(database, schema, clock_utc_s, progress)?;
        let Some((until_utc_s, table)) = until else {
            return Ok(false);
        };
        let mut holder = Database::connect(&request.connection)?;
        self.obstacles.lock(&mut holder, schema, table)?;
        // The limits of the run hold here as well.
        let last = request.until.map_or(i64::MAX, Timestamp::as_second);
        let wait = clock.until(until_utc_s.min(last));
        if stopped(stop, wait.min(request.left(started))) {
            return Ok(true);
        }
        if clock.until(until_utc_s) > Duration::ZERO {
            return Ok(true);
        }
        progress(&format!("{} is free again", table.name()));
        Ok(false)
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
        self.upkeep.forget();
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

/// The log that init noted, or another one. A log that is not there yet is written from the first day on.
fn open_log(
    request: &Request,
    settings: &Settings,
    player: &Player,
) -> Result<Option<Writer>, SimError> {
    let (path, asked) = match (&request.event_log, &settings.event_log) {
        (None, None) => return Ok(None),
        (None, Some(noted)) => (PathBuf::from(noted), false),
        (Some(path), _) => (path.clone(), true),
    };
    if path.try_exists().map_err(SimError::file(&path))? {
        return Ok(Some(Writer::open(&path, &settings.simulation)?));
    }
    if !asked {
        return Err(SimError::LogMissing { path });
    }
    Ok(Some(Writer::create(&path, &player.header, false)?))
}
