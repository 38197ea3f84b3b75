//! `init`: creates the tables and fills them with history, with a replayed day, or with bulk rows.
//!
//! The event log is written day by day before the rows of that day. When init is interrupted, the database says so
//! (`state` is not `ready`), `run` refuses it, and init has to be repeated with `--replace`.

use std::path::PathBuf;
use std::time::Instant;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use crate::calendar::Calendar;
use crate::error::SimError;
use crate::filler::Filler;
use crate::parameters::{self, Mode};
use crate::replay::ReplayCounts;

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

/// What a way of filling has to report.
pub(crate) struct Outcome {
    pub mode: Mode,
    pub queues: usize,
    pub first_day: Date,
    pub published_through_utc_s: i64,
    pub clock_utc_s: i64,
    pub call_log: Option<ReplayCounts>,
}
