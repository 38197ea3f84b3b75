//! The CMS side: a database with the simulator's tables, and the truth about the calls in it.

use crate::process::{Process, output, program};
use anyhow::Context;
use floorwire_test_servers::{MariaDb, Postgres};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Name of the database on servers.
const DATABASE: &str = "cms";
/// How long a statement of a test waits for a file that others use.
const BUSY_LIMIT: Duration = Duration::from_secs(20);

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

    /// By its [`CmsDatabase::name`]; a file lies in `folder`.
    pub fn named(name: &str, folder: &Path) -> anyhow::Result<Self> {
        match name {
            "postgresql" => Self::postgres(),
            "mariadb" => Self::mariadb(),
            _ => Ok(Self::sqlite(folder)),
        }
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

    /// Runs statements as the owner of the tables.
    pub async fn sql(&self, statements: &str) -> anyhow::Result<()> {
        match self {
            Self::Sqlite(file) => {
                let options = SqliteConnectOptions::new()
                    .filename(file)
                    .busy_timeout(BUSY_LIMIT);
                let mut connection = options.connect().await?;
                let statements = sqlx::AssertSqlSafe(statements.to_owned());
                sqlx::raw_sql(statements).execute(&mut connection).await?;
                connection.close().await?;
            }
            Self::Postgres(server) => drop(server.sql(DATABASE, statements)?),
            Self::MariaDb(server) => drop(server.sql(DATABASE, statements)?),
        }
        Ok(())
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
    /// Every interval of a VDN in which something happened.
    pub vdn_intervals: Vec<TrueVdnInterval>,
    /// When the link was broken, by start.
    pub outages: Vec<TrueOutage>,
    /// When clocks of switches were wrong.
    pub clock_errors: Vec<TrueClockError>,
    /// How far the event log goes, seconds since 1970 UTC.
    pub through_utc: i64,
    /// Every interval of an agent who was logged in; with `--agents`.
    #[serde(default)]
    pub agent_intervals: Vec<TrueAgentInterval>,
    /// Logins; with `--statuses`.
    #[serde(default)]
    pub sessions: Vec<TrueSession>,
    /// Timelines; with `--statuses`.
    #[serde(default)]
    pub statuses: Vec<TrueStatus>,
}

/// A break of the link.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TrueOutage {
    /// ACD.
    pub acd: i64,
    /// Seconds since 1970 UTC.
    pub start_utc: i64,
    /// Seconds since 1970 UTC; `None`: not mended.
    pub end_utc: Option<i64>,
}

/// A time in which the clock of a switch was wrong.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TrueClockError {
    /// ACD.
    pub acd: i64,
    /// Seconds since 1970 UTC.
    pub start_utc: i64,
    /// Seconds since 1970 UTC; `None`: nobody put it right.
    pub end_utc: Option<i64>,
    /// So many seconds more than true time.
    pub by_seconds: i64,
}

/// When an interval was.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TrueWhen {
    /// ACD.
    pub acd: i64,
    /// Start, seconds since 1970 UTC.
    pub start_utc: i64,
    /// Local date.
    pub row_date: String,
    /// Local time.
    pub start_local: String,
    /// `final`, `incomplete` or `absent`.
    pub quality: String,
}

/// An interval of an agent.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)] // seconds, named as in the truth
pub struct TrueAgentInterval {
    #[serde(flatten)]
    pub when: TrueWhen,
    pub login: i64,
    pub staffed_seconds: i64,
    pub available_seconds: i64,
    pub talk_seconds: i64,
    pub direct_talk_seconds: i64,
    pub ring_seconds: i64,
    pub acw_seconds: i64,
    pub direct_acw_seconds: i64,
    #[serde(deserialize_with = "by_number")]
    pub aux_seconds: BTreeMap<i64, i64>,
    pub other_seconds: i64,
}

/// Under a flattened struct, keys of maps stay texts.
fn by_number<'de, D: Deserializer<'de>>(source: D) -> Result<BTreeMap<i64, i64>, D::Error> {
    let texts = BTreeMap::<String, i64>::deserialize(source)?;
    let number = |(text, seconds): (String, i64)| {
        let number = text.parse().map_err(serde::de::Error::custom);
        number.map(|number| (number, seconds))
    };
    texts.into_iter().map(number).collect()
}

/// A login.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TrueSession {
    /// ACD.
    pub acd: i64,
    /// Login ID.
    pub login: i64,
    /// Seconds since 1970 UTC.
    pub login_utc: i64,
    /// Seconds since 1970 UTC; `None`: still logged in.
    pub logout_utc: Option<i64>,
}

/// A span of a timeline.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TrueStatus {
    /// ACD.
    pub acd: i64,
    /// Login ID.
    pub login: i64,
    /// Seconds since 1970 UTC.
    pub start_utc: i64,
    /// Seconds since 1970 UTC.
    pub end_utc: i64,
    /// What the agent did.
    pub activity: TrueActivity,
    /// The agent was traced.
    pub traced: bool,
}

/// What an agent did.
#[derive(Debug, Deserialize)]
#[serde(from = "Value")]
pub struct TrueActivity {
    /// Its name.
    pub kind: String,
    /// The skill, where there is one.
    pub skill: Option<i64>,
    /// AUX reason.
    pub reason: Option<i64>,
}

/// A name, or one with details.
impl From<Value> for TrueActivity {
    fn from(value: Value) -> Self {
        let mut details = value.as_object().into_iter().flatten();
        let (kind, details) = match details.next() {
            Some((kind, details)) => (kind.clone(), details.clone()),
            None => (value.as_str().unwrap_or_default().to_owned(), Value::Null),
        };
        Self {
            kind,
            skill: details["skill"].as_i64(),
            reason: details["reason"].as_i64(),
        }
    }
}

/// An ACD of the truth.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TrueAcd {
    /// Its number.
    pub acd: i64,
    /// IANA zone.
    pub zone: String,
    /// IANA zone of the clock that stamps the agent tables.
    pub agent_zone: String,
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
    /// When it was.
    #[serde(flatten)]
    pub when: TrueWhen,
    /// Split number.
    pub split: i64,
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
    /// Calls that came.
    pub arrived: i64,
    /// Calls that asked for this skill first.
    pub entry_demand: i64,
    /// Seconds, of all agents of the skill.
    pub staffed_seconds: i64,
    /// Seconds, of all agents of the skill.
    pub available_seconds: i64,
    /// Outbound calls among those answered.
    pub outbound_answered: i64,
    /// Outbound calls among those abandoned.
    pub outbound_abandoned: i64,
    /// Seconds of talk of outbound calls.
    pub outbound_talk_seconds: i64,
    /// Seconds of after-call work of outbound calls.
    pub outbound_acw_seconds: i64,
}

/// An interval of a VDN.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)] // calls and seconds, named as in the truth
pub struct TrueVdnInterval {
    #[serde(flatten)]
    pub when: TrueWhen,
    pub vdn: i64,
    pub offered: i64,
    pub answered: i64,
    pub connected: i64,
    pub abandoned: i64,
    pub abandoned_in_vector: i64,
    pub within_threshold: i64,
    pub talk_seconds: i64,
    pub hold_seconds: i64,
    pub acw_seconds: i64,
    pub wait_seconds: i64,
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

    /// Plays on to this instant, as fast as it can.
    pub fn go_on_until(&self, until: jiff::Timestamp) -> anyhow::Result<()> {
        let mut command = program("floorwire-cms-sim")?;
        command
            .args(["run", "--speed", "1000000", "--until", &until.to_string()])
            .env("FLOORWIRE_CMS_CONNECTION", &self.connection);
        command.arg("--event-log").arg(&self.event_log);
        output("floorwire-cms-sim run", command, None).map(drop)
    }

    /// What a feed shows of every agent, see [`crate::feeds_compare::spans_of`].
    pub fn live_truth(&self) -> anyhow::Result<serde_json::Value> {
        let mut command = program("floorwire-cms-sim")?;
        command
            .args(["truth", "--live", "--event-log"])
            .arg(&self.event_log);
        let said = output("floorwire-cms-sim truth", command, None)?;
        serde_json::from_str(&said).context("the simulator's truth is not JSON")
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
