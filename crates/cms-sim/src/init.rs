//! `init`: creates the tables and fills them with a scenario's history, with a replayed day, or with bulk rows.
//!
//! The event log is written before the rows that rest on it. When init is interrupted, the database says so (`state` is
//! not `ready`), `run` refuses it, and init has to be repeated with `--replace`.

use std::path::PathBuf;
use std::time::Instant;

use floorwire_sim_booking::TableId;
use floorwire_sim_centre::event::Header;
use floorwire_sim_centre::log::{LogError, Writer};
use floorwire_sim_centre::scenario::{Scenario, Size, generated};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::database::Database;
use crate::desk::Action;
use crate::error::SimError;
use crate::parameters::{self, Mode, Settings, new_name};
use crate::player::Player;
use crate::replay::{self, ReplayCounts};
use crate::schema::Schema;
use crate::upkeep::{self, Counts, Upkeep};
use crate::volume;

/// Seconds of simulated time that are written in one transaction.
const BATCH_S: i64 = 86_400;

/// What the tables are filled with.
pub(crate) enum Content {
    /// A scenario; its text if it is one in TOML.
    Scenario(Box<Scenario>, Option<String>),
    /// A site made from numbers.
    Generated(Size),
    /// A call log, placed on a day of this site.
    Calls(PathBuf, Date, Size),
    /// So many rows without calls.
    Volume(u64, Size),
}

/// What `init` is asked to do.
pub(crate) struct Request {
    pub connection: String,
    pub content: Content,
    /// `None`: now, or the end of the scenario's days where it has dates.
    pub until: Option<Timestamp>,
    pub event_log: Option<PathBuf>,
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
    scenario: String,
    zone: String,
    interval_minutes: i32,
    queues: usize,
    /// Rows written to `hsplit`.
    rows: u64,
    /// Rows written, by table.
    tables: Counts,
    /// Calls that arrived within the period covered; 0 for bulk rows, which have no calls.
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

/// What a way of filling has to report.
struct Outcome {
    header: Header,
    counts: Counts,
    calls: u64,
    first_day: Date,
    published_through_utc_s: i64,
    clock_utc_s: i64,
    call_log: Option<ReplayCounts>,
}

/// Runs `init`. `progress` is called with a sentence now and then.
pub(crate) fn run(request: &Request, progress: &mut dyn FnMut(&str)) -> Result<Summary, SimError> {
    let started = Instant::now();
    let mut database = Database::connect(&request.connection)?;
    // A log that is in the way is found before a table is dropped.
    if let Some(path) = &request.event_log
        && !request.replace
        && path.try_exists().map_err(SimError::file(path))?
    {
        return Err(LogError::Exists { path: path.clone() }.into());
    }
    let simulation = new_name();
    let mode = match &request.content {
        Content::Scenario(..) | Content::Generated(_) => Mode::Generated,
        Content::Calls(..) => Mode::Replay,
        Content::Volume(..) => Mode::Volume,
    };
    let mut filling = Filling {
        request,
        database: &mut database,
        simulation: &simulation,
        mode,
        progress,
    };
    let (schema, outcome) = match &request.content {
        Content::Scenario(scenario, text) => filling.play(scenario, text.as_deref(), None)?,
        Content::Generated(size) => {
            let mut scenario = generated(size);
            scenario.variants.starttime_utc = request.with_starttime_utc;
            filling.play(&scenario, None, Some(size))?
        }
        Content::Calls(path, date, size) => filling.calls(path, *date, size)?,
        Content::Volume(rows, size) => filling.volume(*rows, size)?,
    };
    progress("creating indexes");
    schema.create_indexes(&mut database)?;
    // Nobody reads before this is finished, so what is too old or too much goes at once.
    Upkeep::default().tidy(&mut database, &schema, &outcome.header, outcome.clock_utc_s)?;
    parameters::finish(&mut database, outcome.clock_utc_s)?;
    let first = outcome.header.acds.first();
    Ok(Summary {
        action: "init",
        mode,
        simulation,
        zone: first.map(|acd| acd.zone.clone()).unwrap_or_default(),
        interval_minutes: first.map_or(30, |acd| acd.interval_minutes),
        queues: outcome.header.acds.iter().map(|acd| acd.skills.len()).sum(),
        scenario: outcome.header.scenario,
        rows: outcome
            .counts
            .get(TableId::Hsplit.name())
            .copied()
            .unwrap_or(0),
        tables: outcome.counts,
        calls: outcome.calls,
        first_day: outcome.first_day.to_string(),
        published_through: Timestamp::from_second(outcome.published_through_utc_s)?.to_string(),
        seconds: started.elapsed().as_secs_f64(),
        call_log: outcome.call_log,
        note: (mode == Mode::Volume)
            .then_some("bulk rows: drawn statistically, no calls behind them, no event log"),
    })
}

/// The first day of a scenario, and the instant up to which it is played.
pub(crate) fn period(
    scenario: &Scenario,
    until: Option<Timestamp>,
) -> Result<(Date, i64), SimError> {
    let zone = scenario.acds.first().map_or("UTC", |acd| acd.zone.as_str());
    let zone = TimeZone::get(zone)?;
    let days = jiff::Span::new().try_days(i64::from(scenario.days))?;
    if let Some(first_day) = scenario.first_day {
        let end = first_day.checked_add(days)?.to_zoned(zone)?.timestamp();
        return Ok((first_day, until.unwrap_or(end).as_second()));
    }
    let until = until.unwrap_or_else(Timestamp::now);
    let last = zone.to_datetime(until).date();
    Ok((last.checked_sub(days)?, until.as_second()))
}

/// The database while it is filled.
struct Filling<'a> {
    request: &'a Request,
    database: &'a mut Database,
    simulation: &'a str,
    mode: Mode,
    progress: &'a mut dyn FnMut(&str),
}

impl Filling<'_> {
    /// Creates the tables and notes the settings; starts the event log if one is wanted.
    fn begin(
        &mut self,
        schema: &Schema,
        header: &Header,
        first_day: Date,
        size: Option<&Size>,
        scenario: Option<&str>,
    ) -> Result<Option<Writer>, SimError> {
        let log_path = self
            .request
            .event_log
            .as_deref()
            .map(|path| std::path::absolute(path).map_err(SimError::file(path)))
            .transpose()?;
        schema.create(self.database, self.request.replace)?;
        let settings = Settings {
            simulation: self.simulation.to_owned(),
            mode: self.mode,
            first_day,
            size: size.cloned(),
            event_log: log_path
                .as_ref()
                .map(|path| path.to_string_lossy().into_owned()),
        };
        parameters::begin(self.database, &settings, scenario)?;
        let log = log_path.map(|path| Writer::create(&path, header, self.request.replace));
        Ok(log.transpose()?)
    }

    fn write(
        &mut self,
        schema: &Schema,
        actions: &[(TableId, Action)],
        counts: &mut Counts,
    ) -> Result<(), SimError> {
        if actions.is_empty() {
            return Ok(());
        }
        self.database.begin()?;
        upkeep::write(self.database, schema, actions, counts)?;
        self.database.commit()
    }

    /// A scenario from its first day to its end.
    fn play(
        &mut self,
        scenario: &Scenario,
        text: Option<&str>,
        size: Option<&Size>,
    ) -> Result<(Schema, Outcome), SimError> {
        let (first_day, end_utc_s) = period(scenario, self.request.until)?;
        let mut player = Player::new(scenario, first_day, self.simulation)?;
        let header = player.header.clone();
        let mut log = self.begin(&player.schema, &header, first_day, size, text)?;
        let mut counts = Counts::new();
        let mut clock_utc_s = header.from_utc_s;
        let mut day = 0;
        while clock_utc_s < end_utc_s {
            clock_utc_s = (clock_utc_s + BATCH_S).min(end_utc_s);
            let actions = player.play(clock_utc_s, log.as_mut())?;
            self.write(&player.schema, &actions, &mut counts)?;
            day += 1;
            if day % 10 == 0 {
                let rows: u64 = counts.values().sum();
                (self.progress)(&format!(
                    "day {day} of {}: {rows} rows, {} calls",
                    scenario.days, player.calls
                ));
            }
        }
        let (published_through_utc_s, _) = player.archived();
        let outcome = Outcome {
            header,
            counts,
            calls: player.calls,
            first_day,
            published_through_utc_s,
            clock_utc_s: end_utc_s.max(clock_utc_s),
            call_log: None,
        };
        Ok((player.schema, outcome))
    }

    /// One day of a call log. Everything is published at once.
    fn calls(
        &mut self,
        path: &std::path::Path,
        date: Date,
        size: &Size,
    ) -> Result<(Schema, Outcome), SimError> {
        let replay = replay::read(path, date, size, self.simulation)?;
        let mut header = replay.header;
        header.variants.starttime_utc = self.request.with_starttime_utc;
        let schema = Schema::new(&header.variants);
        let log = self.begin(&schema, &header, date, Some(size), None)?;
        let played = replay::book(&header, &schema, &replay.events)?;
        if let Some(mut log) = log {
            for event in &replay.events {
                log.write(event)?;
            }
            log.close_batch(played.end_utc_s)?;
        }
        let mut counts = Counts::new();
        self.write(&schema, &played.actions, &mut counts)?;
        let outcome = Outcome {
            header,
            counts,
            calls: replay.counts.answered + replay.counts.abandoned,
            first_day: date,
            published_through_utc_s: played.published_through_utc_s,
            clock_utc_s: played.end_utc_s,
            call_log: Some(replay.counts),
        };
        Ok((schema, outcome))
    }

    /// About `wanted` rows without calls.
    fn volume(&mut self, wanted: u64, size: &Size) -> Result<(Schema, Outcome), SimError> {
        let plan = volume::plan(
            wanted,
            size,
            self.request.until,
            self.request.with_starttime_utc,
            self.simulation,
        )?;
        let schema = Schema::new(&plan.header.variants);
        self.begin(&schema, &plan.header, plan.first_day, Some(size), None)?;
        let mut counts = Counts::new();
        let dictionary = plan.dictionary(&schema)?;
        self.write(&schema, &dictionary, &mut counts)?;
        let mut drawn = volume::Drawn::new(&plan, &schema)?;
        let mut left = wanted;
        let mut told = 0;
        while left > 0 {
            let rows = drawn.rows(left)?;
            if rows.is_empty() {
                break;
            }
            left = left.saturating_sub(u64::try_from(rows.len()).unwrap_or(u64::MAX));
            self.write(&schema, &rows, &mut counts)?;
            // A line for every twentieth.
            let twentieth = (wanted - left) * 20 / wanted;
            if twentieth > told {
                told = twentieth;
                (self.progress)(&format!("{} of {wanted} rows", wanted - left));
            }
        }
        let outcome = Outcome {
            counts,
            calls: 0,
            first_day: plan.first_day,
            published_through_utc_s: plan.end_utc_s,
            clock_utc_s: plan.end_utc_s,
            call_log: None,
            header: plan.header,
        };
        Ok((schema, outcome))
    }
}
