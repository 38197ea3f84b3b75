//! The CMS side: a database with the simulator's tables, and the truth about the calls in it.

use crate::process::{Process, output, program};
use anyhow::Context;
use floorwire_test_servers::{MariaDb, Postgres};
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// Name of the database on servers.
const DATABASE: &str = "cms";

/// Where the simulated CMS keeps its tables.
pub enum CmsDatabase {
    /// A file behind the SQLite driver.
    Sqlite(PathBuf),
    /// A private server.
    Postgres(Box<Postgres>),
    /// A private server.
    MariaDb(Box<MariaDb>),
}

impl CmsDatabase {
    /// A file in `folder`.
    pub fn sqlite(folder: &Path) -> Self {
        Self::Sqlite(folder.join("cms.sqlite3"))
    }

    /// Starts a server with an empty database.
    pub fn postgres() -> anyhow::Result<Self> {
        let server = Postgres::start()?;
        server.create_database(DATABASE)?;
        Ok(Self::Postgres(Box::new(server)))
    }

    /// Starts a server with an empty database.
    pub fn mariadb() -> anyhow::Result<Self> {
        let server = MariaDb::start()?;
        server.create_database(DATABASE)?;
        Ok(Self::MariaDb(Box::new(server)))
    }

    /// Name for messages.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "sqlite",
            Self::Postgres(_) => "postgresql",
            Self::MariaDb(_) => "mariadb",
        }
    }

    /// The connection string a person would enter.
    pub fn connection(&self) -> String {
        match self {
            Self::Sqlite(file) => format!("DRIVER=SQLite3;Database={}", file.display()),
            Self::Postgres(server) => server.odbc(DATABASE),
            Self::MariaDb(server) => server.odbc(DATABASE),
        }
    }
}

/// The simulator over one database.
pub struct Simulator {
    connection: String,
    event_log: PathBuf,
    log: PathBuf,
}

/// What a correct import shows, from the simulator's event log.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Truth {
    /// IANA zone of the first ACD.
    pub zone: String,
    /// The ACDs.
    pub acds: Vec<TrueAcd>,
    /// The queues with their names.
    pub queues: Vec<TrueQueue>,
    /// Every interval of a queue in which something happened.
    pub intervals: Vec<TrueInterval>,
}

/// An ACD of the truth.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TrueAcd {
    /// Its number.
    pub acd: i64,
    /// IANA zone.
    pub zone: String,
    /// Interval length, minutes.
    pub interval_minutes: u16,
}

/// A queue of the truth.
#[derive(Debug, Deserialize)]
pub struct TrueQueue {
    /// ACD.
    pub acd: i64,
    /// Split number.
    pub split: i64,
    /// Name in the dictionary.
    pub name: String,
}

/// An interval of the truth.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TrueInterval {
    /// ACD.
    pub acd: i64,
    /// Split number.
    pub split: i64,
    /// Start, seconds since 1970 UTC.
    pub start_utc: i64,
    /// Local date.
    pub row_date: String,
    /// Local time.
    pub start_local: String,
    /// `final`, `incomplete` or `absent`.
    pub quality: String,
    /// Calls.
    pub offered: i64,
    /// Calls.
    pub answered: i64,
    /// Calls.
    pub abandoned: i64,
    /// Calls.
    pub within_threshold: i64,
    /// Seconds.
    pub talk_seconds: i64,
    /// Seconds.
    pub hold_seconds: i64,
    /// Seconds.
    pub acw_seconds: i64,
    /// Seconds.
    pub wait_seconds: i64,
    /// Seconds, of all agents of the skill.
    pub staffed_seconds: i64,
    /// Seconds, of all agents of the skill.
    pub available_seconds: i64,
}

impl Simulator {
    /// Over this database; the event log lies in `folder`.
    pub fn new(database: &CmsDatabase, folder: &Path) -> Self {
        Self {
            connection: database.connection(),
            event_log: folder.join("events.jsonl"),
            log: folder.join("simulator.log"),
        }
    }

    /// Creates the tables and fills them; returns the simulator's summary.
    pub fn init(&self, arguments: &[&str]) -> anyhow::Result<serde_json::Value> {
        let mut command = program("floorwire-cms-sim")?;
        command
            .arg("init")
            .args(arguments)
            .env("FLOORWIRE_CMS_CONNECTION", &self.connection);
        if !arguments.contains(&"--volume") {
            command.arg("--event-log").arg(&self.event_log);
        }
        let summary = output("floorwire-cms-sim init", command, None)?;
        serde_json::from_str(summary.trim()).context("the simulator's summary is not JSON")
    }

    /// Goes on with live calls.
    pub fn run(&self, arguments: &[&str]) -> anyhow::Result<Process> {
        let mut command = program("floorwire-cms-sim")?;
        command
            .arg("run")
            .args(arguments)
            .env("FLOORWIRE_CMS_CONNECTION", &self.connection);
        command.arg("--event-log").arg(&self.event_log);
        Process::start("floorwire-cms-sim run", command, &self.log)
    }

    /// What a correct import shows.
    pub fn truth(&self, arguments: &[&str]) -> anyhow::Result<Truth> {
        let mut command = program("floorwire-cms-sim")?;
        command
            .arg("truth")
            .args(arguments)
            .arg("--event-log")
            .arg(&self.event_log);
        let json = output("floorwire-cms-sim truth", command, None)?;
        serde_json::from_str(&json).context("the simulator's truth is not what was agreed")
    }
}
