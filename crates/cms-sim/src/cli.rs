//! The command line. Results go to stdout as one JSON line, progress and errors to stderr.

// Printing is what this module is for.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use anyhow::{Context, bail};
use clap::{Args, Parser, Subcommand};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use crate::error::SimError;
use crate::feed_file::FileFormat;
use crate::feeds::Wishes;
use crate::init::Content;
use crate::{feed_file, init, live};
use floorwire_sim_booking::columns_markdown;
use floorwire_sim_centre::scenario::{SHIPPED, Scenario, Size, generated, shipped};
use floorwire_sim_feed::{Fault, FeedOptions, FeedTruth, feed_truth};
use floorwire_sim_truth::{Question, Truth, truth};

/// Zone of the call log that the replay was made for.
const REPLAY_ZONE: &str = "Asia/Jerusalem";
const USUAL_ZONE: &str = "Europe/Paris";
const USUAL_DAYS: u16 = 90;

/// A simulated Avaya CMS database: tables, history, live calls, and what a reader must find in them.
#[derive(Debug, Parser)]
#[command(name = "floorwire-cms-sim", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Create the tables and fill them with history.
    Init(InitArgs),
    /// Go on with live calls, and with real-time feeds if there are any.
    Run(RunArgs),
    /// Write what real-time feeds send over a period into a file, with a played clock: no database, no sockets, no waiting.
    FeedFile(FeedFileArgs),
    /// Print the figures that follow from the event log alone.
    Truth(TruthArgs),
    /// List the scenarios that come with the program, or print one.
    Scenarios {
        /// Name of a scenario.
        name: Option<String>,
    },
    /// Print which event fills each column, as a page in Markdown.
    Columns,
}

#[derive(Debug, Args)]
struct Target {
    /// ODBC connection string; better given in the environment, where other users cannot see it.
    #[arg(
        long,
        env = "FLOORWIRE_CMS_CONNECTION",
        hide_env_values = true,
        value_name = "STRING"
    )]
    connection: String,
}

#[derive(Debug, Args)]
struct InitArgs {
    #[command(flatten)]
    target: Target,
    /// A scenario that comes with the program, or a file in TOML; without it a site is made from the numbers below.
    #[arg(
        long,
        env = "FLOORWIRE_CMS_SCENARIO",
        value_name = "NAME|FILE",
        conflicts_with_all = ["calls", "volume", "skills", "agents", "acds", "zone", "interval", "seed", "traced_percent", "no_starttime_utc"]
    )]
    scenario: Option<String>,
    /// Full days of history before the day of --until [default: 90, or as the scenario says].
    #[arg(long, env = "FLOORWIRE_CMS_DAYS", value_parser = clap::value_parser!(u16).range(0..=3700))]
    days: Option<u16>,
    #[command(flatten)]
    size: SizeArgs,
    /// Instant at which the history ends (RFC 3339), or `now`: then a scenario with dates is played on the days before today
    /// instead [default: now, or the end of the scenario's days].
    #[arg(long, env = "FLOORWIRE_CMS_UNTIL", value_name = "INSTANT|now")]
    until: Option<Until>,
    /// File for the event log that `truth` reads.
    #[arg(long, env = "FLOORWIRE_CMS_EVENT_LOG", value_name = "FILE")]
    event_log: Option<PathBuf>,
    /// Replay this call log instead of random traffic.
    #[arg(
        long,
        env = "FLOORWIRE_CMS_CALLS",
        value_name = "FILE",
        requires = "date",
        conflicts_with = "volume"
    )]
    calls: Option<PathBuf>,
    /// Local day on which the replayed calls are placed.
    #[arg(long, env = "FLOORWIRE_CMS_DATE", value_name = "YYYY-MM-DD")]
    date: Option<Date>,
    /// Fill hsplit with about so many rows without calls behind them, over --days days.
    #[arg(long, env = "FLOORWIRE_CMS_VOLUME", value_name = "ROWS")]
    volume: Option<u64>,
    /// Imitate a release without the column starttime_utc.
    #[arg(long, env = "FLOORWIRE_CMS_NO_STARTTIME_UTC")]
    no_starttime_utc: bool,
    /// Drop existing tables and overwrite an existing event log.
    #[arg(long, env = "FLOORWIRE_CMS_REPLACE")]
    replace: bool,
}

#[derive(Debug, Args)]
struct SizeArgs {
    /// Skills (splits) per ACD.
    #[arg(long, env = "FLOORWIRE_CMS_SKILLS", default_value_t = 8, value_parser = clap::value_parser!(i16).range(1..=10_000))]
    skills: i16,
    /// Agents per ACD; calls are as many as keep them busy [default: as many as usual calls need].
    #[arg(long, env = "FLOORWIRE_CMS_AGENTS", value_parser = clap::value_parser!(u32).range(1..=50_000))]
    agents: Option<u32>,
    /// Skills of each agent, up to 20.
    #[arg(long, env = "FLOORWIRE_CMS_SKILLS_PER_AGENT", default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=20))]
    skills_per_agent: u8,
    /// Percent of the agents who are traced.
    #[arg(long, env = "FLOORWIRE_CMS_TRACED", default_value_t = 20, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    traced_percent: u8,
    /// ACDs, all of the same size; their numbers begin at 1.
    #[arg(long, env = "FLOORWIRE_CMS_ACDS", default_value_t = 1, value_parser = clap::value_parser!(i16).range(1..=100))]
    acds: i16,
    /// IANA zone of the ACDs [default: Europe/Paris, for --calls Asia/Jerusalem].
    #[arg(long, env = "FLOORWIRE_CMS_ZONE")]
    zone: Option<String>,
    /// Minutes of an interval: 15, 30 or 60.
    #[arg(
        long,
        env = "FLOORWIRE_CMS_INTERVAL",
        default_value_t = 30,
        value_name = "MINUTES"
    )]
    interval: i32,
    /// Where random numbers begin: the same seed gives the same site and the same calls.
    #[arg(long, env = "FLOORWIRE_CMS_SEED", default_value_t = 1)]
    seed: u64,
}

#[derive(Debug, Args)]
struct RunArgs {
    #[command(flatten)]
    target: Target,
    /// Event log to go on with [default: the one given to init].
    #[arg(long, env = "FLOORWIRE_CMS_EVENT_LOG", value_name = "FILE")]
    event_log: Option<PathBuf>,
    /// Simulated seconds per second.
    #[arg(
        long,
        env = "FLOORWIRE_CMS_SPEED",
        default_value_t = 1.0,
        value_name = "X"
    )]
    speed: f64,
    /// End after so much real time, such as 90s or 2h.
    #[arg(long = "for", env = "FLOORWIRE_CMS_FOR", value_name = "DURATION")]
    duration: Option<SignedDuration>,
    /// End when the simulated clock has reached this instant (RFC 3339).
    #[arg(long, env = "FLOORWIRE_CMS_RUN_UNTIL", value_name = "INSTANT")]
    until: Option<Timestamp>,
    /// Database user who reads, whose rights a trouble of the scenario takes away for a while.
    #[arg(long, env = "FLOORWIRE_CMS_READER", value_name = "USER")]
    reader: Option<String>,
    /// Agents' states over a real-time feed: acd=1,to=127.0.0.1:7001,layout=cisco-49[,period=15][,mode=snapshot|delta]
    /// [,logout=vanish|unstaff][,names=surname|dictionary][,resync=yes|no]. Repeatable, in the environment with ; between. Layouts:
    /// rta-codes-delimited, cisco-49, report-text, csv-names, delta-events. Needs --speed 1.
    #[arg(
        long = "feed",
        env = "FLOORWIRE_CMS_FEED",
        value_name = "KEY=VALUE,...",
        value_delimiter = ';'
    )]
    feeds: Vec<FeedOptions>,
    #[command(flatten)]
    faults: FaultArgs,
}

#[derive(Debug, Args)]
struct FaultArgs {
    /// What goes wrong with all feeds: NAME[@FROM+LENGTH][:PARAMETER], FROM and LENGTH in seconds (or 2m, 1h) after feeds begin.
    /// Repeatable, in the environment with ; between. Names: cut, restart, frozen, empty, duplicate, garbage, page-headers,
    /// reskill, renamed, trickle, burst, clock-skew, link-down.
    #[arg(
        long = "feed-fault",
        env = "FLOORWIRE_CMS_FEED_FAULT",
        value_name = "FAULT",
        value_delimiter = ';'
    )]
    feed_faults: Vec<Fault>,
    /// Where random numbers of feeds begin.
    #[arg(
        long,
        env = "FLOORWIRE_CMS_FEED_SEED",
        default_value_t = 1,
        value_name = "SEED"
    )]
    feed_seed: u64,
    /// File for what feeds did and when faults were on, which `truth` reads; written on if it exists.
    #[arg(long, env = "FLOORWIRE_CMS_FEED_LOG", value_name = "FILE")]
    feed_log: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct FeedFileArgs {
    /// File for the bytes.
    #[arg(long, env = "FLOORWIRE_CMS_FEED_OUT", value_name = "FILE")]
    out: PathBuf,
    /// `frames`: each piece with its moment; `raw`: the bytes of one feed alone.
    #[arg(long, env = "FLOORWIRE_CMS_FEED_FORMAT", value_enum, default_value_t = FileFormat::Frames)]
    format: FileFormat,
    /// A scenario that comes with the program, or a file in TOML; without it a site is made from the numbers below.
    #[arg(
        long,
        env = "FLOORWIRE_CMS_SCENARIO",
        value_name = "NAME|FILE",
        conflicts_with_all = ["skills", "agents", "acds", "zone", "interval", "seed", "traced_percent"]
    )]
    scenario: Option<String>,
    #[command(flatten)]
    size: SizeArgs,
    /// Full days played before the day of --from, so that night shifts are there.
    #[arg(long, env = "FLOORWIRE_CMS_DAYS", default_value_t = 1, value_parser = clap::value_parser!(u16).range(0..=3700))]
    days: u16,
    /// Instant at which feeds begin (RFC 3339).
    #[arg(long, env = "FLOORWIRE_CMS_FROM", value_name = "INSTANT")]
    from: Timestamp,
    /// How long they send, such as 2h.
    #[arg(
        long = "for",
        env = "FLOORWIRE_CMS_FOR",
        default_value = "2h",
        value_name = "DURATION"
    )]
    duration: SignedDuration,
    /// As for `run`, without `to`. Repeatable; frames have its place in this list, from 0.
    #[arg(
        long = "feed",
        env = "FLOORWIRE_CMS_FEED",
        value_name = "KEY=VALUE,...",
        value_delimiter = ';',
        required = true
    )]
    feeds: Vec<FeedOptions>,
    #[command(flatten)]
    faults: FaultArgs,
    /// File for the event log that `truth` reads.
    #[arg(long, env = "FLOORWIRE_CMS_EVENT_LOG", value_name = "FILE")]
    event_log: Option<PathBuf>,
    /// Overwrite existing files.
    #[arg(long, env = "FLOORWIRE_CMS_REPLACE")]
    replace: bool,
}

#[derive(Debug, Args)]
struct TruthArgs {
    /// Event log that `init` and `run` have written.
    #[arg(long, env = "FLOORWIRE_CMS_EVENT_LOG", value_name = "FILE")]
    event_log: PathBuf,
    /// Only intervals that were readable at this instant (RFC 3339).
    #[arg(long, env = "FLOORWIRE_CMS_UNTIL_PUBLISHED_AT", value_name = "INSTANT")]
    until_published_at: Option<Timestamp>,
    /// Intervals of agents as well.
    #[arg(long)]
    agents: bool,
    /// Logins and timelines of agents as well.
    #[arg(long)]
    statuses: bool,
    /// What every agent was shown to do, traced or not, to the second, as a real-time feed has it (`liveSpans`).
    #[arg(long)]
    live: bool,
    /// Feed log of `run` or `feed-file`: when faults were on (`feedFaults`) and connections stood (`feedConnections`).
    #[arg(long, env = "FLOORWIRE_CMS_FEED_LOG", value_name = "FILE")]
    feed_log: Option<PathBuf>,
}

/// The answer of `truth`.
#[derive(serde::Serialize)]
struct Answer {
    #[serde(flatten)]
    truth: Truth,
    #[serde(flatten)]
    feeds: Option<FeedTruth>,
}

/// When the history ends.
#[derive(Clone, Copy, Debug)]
enum Until {
    Now,
    At(Timestamp),
}

impl std::str::FromStr for Until {
    type Err = jiff::Error;

    fn from_str(text: &str) -> Result<Self, jiff::Error> {
        match text {
            "now" => Ok(Self::Now),
            text => text.parse().map(Self::At),
        }
    }
}

/// Runs the program with the arguments of the process.
///
/// # Errors
/// Whatever kept a command from finishing, with its cause and remedy. Never holds the connection string.
pub fn run_program() -> anyhow::Result<()> {
    match Cli::parse().command {
        Command::Init(arguments) => init_command(arguments),
        Command::Run(arguments) => run_command(arguments),
        Command::FeedFile(arguments) => feed_file_command(&arguments),
        Command::Truth(arguments) => truth_command(&arguments),
        Command::Scenarios { name } => scenarios_command(name.as_deref()),
        Command::Columns => {
            print!("{}", columns_markdown());
            Ok(())
        }
    }
}

impl Until {
    fn instant(self) -> Timestamp {
        match self {
            Self::Now => Timestamp::now(),
            Self::At(instant) => instant,
        }
    }
}

impl SizeArgs {
    fn size(&self, usual_zone: &str, days: u16) -> Size {
        Size {
            acds: self.acds,
            skills: self.skills,
            agents: self.agents,
            skills_per_agent: usize::from(self.skills_per_agent),
            zone: self.zone.as_deref().unwrap_or(usual_zone).to_owned(),
            interval_minutes: self.interval,
            days,
            seed: self.seed,
            traced_percent: self.traced_percent,
        }
    }
}

fn init_command(arguments: InitArgs) -> anyhow::Result<()> {
    let usual_zone = if arguments.calls.is_some() {
        REPLAY_ZONE
    } else {
        USUAL_ZONE
    };
    if arguments.volume.is_some() && arguments.event_log.is_some() {
        bail!("--volume fills tables without calls, so it has no --event-log");
    }
    if arguments.date.is_some() && arguments.calls.is_none() {
        bail!("--date says where a call log is placed: give the log with --calls");
    }
    let days = arguments.days.unwrap_or(USUAL_DAYS);
    let size = arguments.size.size(usual_zone, days);
    let content = match (&arguments.scenario, arguments.calls, arguments.volume) {
        (Some(name), ..) => {
            let (mut scenario, text) = scenario(name, arguments.days)?;
            if matches!(arguments.until, Some(Until::Now)) {
                scenario.first_day = None;
            }
            Content::Scenario(Box::new(scenario), Some(text))
        }
        (None, Some(path), _) => {
            let date = arguments.date.context("--calls needs the day of --date")?;
            Content::Calls(path, date, size)
        }
        (None, None, Some(rows)) => Content::Volume(rows, size),
        (None, None, None) => Content::Generated(size),
    };
    if let Content::Generated(size) | Content::Calls(_, _, size) | Content::Volume(_, size) =
        &content
    {
        generated(size)
            .check()
            .map_err(SimError::from)
            .context("init")?;
    }
    let request = init::Request {
        connection: arguments.target.connection,
        content,
        until: arguments.until.map(Until::instant),
        event_log: arguments.event_log,
        with_starttime_utc: !arguments.no_starttime_utc,
        replace: arguments.replace,
    };
    let summary = init::run(&request, &mut report).context("init")?;
    println!("{}", serde_json::to_string(&summary)?);
    Ok(())
}

fn run_command(arguments: RunArgs) -> anyhow::Result<()> {
    if !(arguments.speed.is_finite() && arguments.speed > 0.0) {
        bail!("--speed {} is not a positive number", arguments.speed);
    }
    let duration = arguments
        .duration
        .map(Duration::try_from)
        .transpose()
        .context("--for is not a positive duration such as 90s or 2h")?;
    let request = live::Request {
        connection: arguments.target.connection,
        event_log: arguments.event_log,
        speed: arguments.speed,
        duration,
        until: arguments.until,
        reader: arguments.reader,
        feeds: Wishes {
            feeds: arguments.feeds,
            faults: arguments.faults.feed_faults,
            seed: arguments.faults.feed_seed,
            log: arguments.faults.feed_log,
            report: Some(report),
        },
    };
    let stop = stop_signals()?;
    let summary = live::run(&request, &stop, &mut report).context("run")?;
    println!("{}", serde_json::to_string(&summary)?);
    Ok(())
}

fn truth_command(arguments: &TruthArgs) -> anyhow::Result<()> {
    let question = Question {
        published_at_utc_s: arguments.until_published_at.map(Timestamp::as_second),
        agents: arguments.agents,
        statuses: arguments.statuses,
        live: arguments.live,
    };
    let truth = truth(&arguments.event_log, &question).context("truth")?;
    let feeds = arguments.feed_log.as_deref().map(feed_truth).transpose();
    let feeds = feeds.context("truth")?;
    println!("{}", serde_json::to_string(&Answer { truth, feeds })?);
    Ok(())
}

fn feed_file_command(arguments: &FeedFileArgs) -> anyhow::Result<()> {
    let scenario = match &arguments.scenario {
        Some(name) => scenario(name, None)?.0,
        None => {
            let scenario = generated(&arguments.size.size(USUAL_ZONE, arguments.days));
            scenario.check().map_err(SimError::from)?;
            scenario
        }
    };
    let request = feed_file::Request {
        scenario,
        days: arguments.days,
        from: arguments.from,
        duration: arguments.duration,
        feeds: arguments.feeds.clone(),
        faults: arguments.faults.feed_faults.clone(),
        seed: arguments.faults.feed_seed,
        out: arguments.out.clone(),
        format: arguments.format,
        event_log: arguments.event_log.clone(),
        feed_log: arguments.faults.feed_log.clone(),
        replace: arguments.replace,
    };
    let summary = feed_file::run(&request).context("feed-file")?;
    println!("{}", serde_json::to_string(&summary)?);
    Ok(())
}

fn scenarios_command(name: Option<&str>) -> anyhow::Result<()> {
    match name {
        None => {
            for (name, _) in SHIPPED {
                println!("{name:18} {}", shipped(name)?.title);
            }
        }
        Some(name) => {
            shipped(name)?;
            let text = SHIPPED.iter().find(|(known, _)| *known == name);
            print!("{}", text.map_or("", |(_, text)| text));
        }
    }
    Ok(())
}

/// A scenario by its name, or from a file; `days` instead of its own.
fn scenario(name: &str, days: Option<u16>) -> anyhow::Result<(Scenario, String)> {
    let known = SHIPPED.iter().find(|(known, _)| *known == name);
    let text = match known {
        Some((_, text)) => (*text).to_owned(),
        None if PathBuf::from(name).is_file() => std::fs::read_to_string(name)
            .with_context(|| format!("scenario {name} cannot be read"))?,
        None => {
            shipped(name).with_context(|| format!("{name} is no file either"))?;
            String::new()
        }
    };
    let mut scenario = Scenario::parse(&text)?;
    if let Some(days) = days {
        scenario.days = days;
        scenario.check()?;
    }
    Ok((scenario, text))
}

fn report(text: &str) {
    eprintln!("floorwire-cms-sim: {text}");
}

/// A channel that receives something when the process is asked to end (SIGINT, SIGTERM).
fn stop_signals() -> Result<Receiver<()>, SimError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(SimError::Signals)?;
    let (sender, receiver) = channel();
    let (ready, is_ready) = channel();
    std::thread::spawn(move || {
        runtime.block_on(async move {
            let signals = listen();
            let failed = signals.as_ref().err().map(std::io::Error::kind);
            if ready.send(failed).is_err() || failed.is_some() {
                return;
            }
            if let Ok((mut interrupt, mut terminate)) = signals {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                }
                // The receiver is gone only when the run has ended anyway.
                let _ = sender.send(());
            }
        });
    });
    match is_ready.recv() {
        Ok(None) => Ok(receiver),
        Ok(Some(kind)) => Err(SimError::Signals(kind.into())),
        Err(_) => Err(SimError::Signals(std::io::ErrorKind::Other.into())),
    }
}

type Signals = (tokio::signal::unix::Signal, tokio::signal::unix::Signal);

fn listen() -> std::io::Result<Signals> {
    use tokio::signal::unix::{SignalKind, signal};
    Ok((
        signal(SignalKind::interrupt())?,
        signal(SignalKind::terminate())?,
    ))
}
