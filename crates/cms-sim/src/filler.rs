//! The database while `init` fills it: tables, parameters, dictionary, event log, rows.

use crate::error::SimError;
use crate::event_log::{EventLog, FORMAT, Header, LoggedQueue};
use crate::init::Request;
use crate::parameters::{self, Mode, Settings, new_name};
use crate::row::{Row, SERVICE_LEVEL_S};
use crate::source::Queue;
use crate::synonyms::dictionary;
use crate::tables::Database;
use jiff::civil::Date;

/// The database being filled, and what has been done so far.
pub(crate) struct Filler<'a> {
    pub request: &'a Request,
    pub database: Database,
    pub simulation: String,
    pub rows: u64,
    pub calls: u64,
    progress: &'a mut dyn FnMut(&str),
}

impl<'a> Filler<'a> {
    /// Connects and creates the tables.
    pub fn new(request: &'a Request, progress: &'a mut dyn FnMut(&str)) -> Result<Self, SimError> {
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

    /// Tells the user something.
    pub fn progress(&mut self, text: &str) {
        (self.progress)(text);
    }

    /// Writes parameters and dictionary, and starts the event log if one is wanted.
    pub fn begin(
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

    /// Adds rows in a transaction of their own.
    pub fn insert(&mut self, rows: &[Row]) -> Result<(), SimError> {
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
