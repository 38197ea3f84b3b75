//! `floorwire-link`: the command line.
#![allow(clippy::print_stdout)] // status and pin answer on the console

use anyhow::{Context, bail};
use clap::{Parser, Subcommand};
use floorwire_link::doctor::doctor;
use floorwire_link::feed::command::{self, FeedCommand};
use floorwire_link::feed::vendor::vendor;
use floorwire_link::options::{DEFAULT_DATA_DIR, RunOptions};
use floorwire_link::run::run;
use floorwire_link::status_file::{Activity, Status, StatusFile, now_utc_ms};
use secrecy::{ExposeSecret, SecretString};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

/// Carries CMS data to a Floorwire Hub: reads over ODBC, sends over outgoing HTTPS.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Pair if needed, then import until stopped
    Run {
        #[command(flatten)]
        options: Box<RunOptions>,
        /// TOML file with the same options [default: /etc/floorwire/link.toml where it exists]
        #[arg(long, env = "FLOORWIRE_CONFIG")]
        config: Option<PathBuf>,
    },
    /// Show the PIN of a running, unpaired link
    Pin {
        /// Folder for identity and status
        #[arg(long, env = "FLOORWIRE_DATA_DIR", default_value = DEFAULT_DATA_DIR)]
        data_dir: PathBuf,
    },
    /// Show what the running link does
    Status {
        /// Folder for identity and status
        #[arg(long, env = "FLOORWIRE_DATA_DIR", default_value = DEFAULT_DATA_DIR)]
        data_dir: PathBuf,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Say what this host and the CMS offer: driver, rights, tables, clock, likely time zone, and what follows
    Doctor {
        #[command(flatten)]
        options: Box<RunOptions>,
        /// TOML file with the same options [default: /etc/floorwire/link.toml where it exists]
        #[arg(long, env = "FLOORWIRE_CONFIG")]
        config: Option<PathBuf>,
        /// Connection string to try [default: the one that the hub gave last]; the environment keeps it out of the list
        /// of processes
        #[arg(long, env = "FLOORWIRE_CONNECTION_STRING", hide_env_values = true)]
        connection_string: Option<SecretString>,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Tools for setting up a real-time feed
    Feed {
        #[command(subcommand)]
        command: FeedCommand,
    },
    /// The process that owns the ODBC connection; started by `run`
    #[command(hide = true)]
    OdbcWorker,
}

fn main() -> ExitCode {
    match execute(Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("floorwire-link: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn execute(command: Command) -> anyhow::Result<()> {
    match command {
        Command::OdbcWorker => Ok(floorwire_odbc::worker::run(
            std::io::stdin(),
            std::io::stdout(),
        )?),
        Command::Pin { data_dir } => pin(&data_dir),
        Command::Status { data_dir, json } => status(&data_dir, json),
        Command::Doctor {
            options,
            config,
            connection_string,
            json,
        } => {
            let settings = options.with_file(config.as_deref())?.settings();
            let connection = connection_string.as_ref().map(SecretString::expose_secret);
            let report = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?
                .block_on(doctor(&settings, connection))?;
            match json {
                true => println!("{}", serde_json::to_string_pretty(&report)?),
                false => print!("{report}"),
            }
            match report.problem {
                None => Ok(()),
                Some(problem) => bail!("{} ({})", problem.title, problem.code),
            }
        }
        Command::Feed { command } => {
            start_log();
            tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?
                .block_on(command::execute(command, vendor(), stop_signal()?))
        }
        Command::Run { options, config } => {
            let settings = options.with_file(config.as_deref())?.settings();
            start_log();
            install_crypto()?;
            tracing::info!(?settings, "starting");
            tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()?
                .block_on(run(settings, stop_signal()?))
        }
    }
}

/// rustls must be told which provider to use before the first connection.
fn install_crypto() -> anyhow::Result<()> {
    rustls::crypto::aws_lc_rs::default_provider()
        .install_default()
        .map_err(|_| anyhow::anyhow!("another crypto provider is installed already"))
}

fn start_log() {
    let filter =
        EnvFilter::try_from_env("FLOORWIRE_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
}

fn stop_signal() -> anyhow::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    // Registered inside the runtime, on the first poll.
    Ok(async {
        let (Ok(mut interrupt), Ok(mut terminate)) = (
            signal(SignalKind::interrupt()),
            signal(SignalKind::terminate()),
        ) else {
            tracing::error!("cannot listen for signals; stop this program with SIGKILL");
            return std::future::pending().await;
        };
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("stopping");
    })
}

fn read_status(data_dir: &Path) -> anyhow::Result<Status> {
    let status = StatusFile::read(data_dir)
        .with_context(|| format!("cannot read the status in {}", data_dir.display()))?;
    let Some(status) = status else {
        bail!(
            "no status in {}; is the link running with this --data-dir?",
            data_dir.display()
        );
    };
    if !Path::new(&format!("/proc/{}", status.pid))
        .try_exists()
        .unwrap_or(false)
    {
        bail!(
            "the link is not running (its last process was {})",
            status.pid
        );
    }
    Ok(status)
}

fn pin(data_dir: &Path) -> anyhow::Result<()> {
    let status = read_status(data_dir)?;
    match status.activity {
        Activity::WaitingForPin {
            pin,
            expires_utc_ms,
        } if expires_utc_ms > now_utc_ms() => {
            let left_s = (expires_utc_ms - now_utc_ms()) / 1000;
            println!("PIN          {pin}   (valid for another {left_s} s)");
            println!("Key words    {}", status.key_words);
            Ok(())
        }
        Activity::WaitingForPin { .. } => {
            bail!("the PIN has just expired; a new one is on its way")
        }
        _ => bail!(
            "this link is paired with `{}`; it needs no PIN",
            status.integration
        ),
    }
}

fn status(data_dir: &Path, json: bool) -> anyhow::Result<()> {
    let status = read_status(data_dir)?;
    if json {
        println!("{}", serde_json::to_string_pretty(&status)?);
        return Ok(());
    }
    println!("Version      {}", status.version);
    println!("Hub          {}", status.hub);
    println!("Integration  {}", status.integration);
    println!("Key words    {}", status.key_words);
    let activity = match &status.activity {
        Activity::Starting => "starting".to_owned(),
        Activity::WaitingForPin { .. } => {
            "waiting for the PIN (floorwire-link pin shows it)".to_owned()
        }
        Activity::WaitingForConfiguration => {
            "paired, waiting for the configuration at the hub".to_owned()
        }
        Activity::Paused => "paused at the hub".to_owned(),
        Activity::Examining => "looking at the CMS".to_owned(),
        Activity::Idle => "up to date, waiting for tasks".to_owned(),
        Activity::WaitingForBudget => {
            "what the guard allows of the CMS in this hour is used up; waiting for the next"
                .to_owned()
        }
        Activity::Reading { partition } => format!("reading {partition}"),
    };
    println!("Activity     {activity}");
    let contact = status
        .last_contact_utc_ms
        .and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    println!(
        "Last contact {}",
        contact.map_or("never".to_owned(), |at| format!("{at:.0}"))
    );
    println!(
        "Since start  {} partitions, {} rows",
        status.partitions_done, status.rows_read
    );
    show_feeds(&status);
    if let Some(problem) = status.problem {
        println!(
            "Problem      {} ({})\n             {}\n             {}",
            problem.title, problem.code, problem.detail, problem.remedy
        );
    }
    Ok(())
}

fn show_feeds(status: &Status) {
    let now = now_utc_ms();
    for feed in &status.feeds {
        let state = serde_json::to_value(&feed.state).unwrap_or_default();
        let kind = state["kind"].as_str().unwrap_or("unknown");
        let cause = state["cause"].as_str().map(|cause| format!(" ({cause})"));
        let age = feed.last_record_utc_ms.map_or("none".to_owned(), |at| {
            format!("{} s ago", (now - at).max(0) / 1000)
        });
        println!(
            "Feed {:<7} {kind}{}, {}, {} agents, last record {age}, {} rejected, profile {} ({})",
            feed.port,
            cause.unwrap_or_default(),
            feed.peer.as_deref().unwrap_or("nobody connected"),
            feed.agents,
            feed.counters.rejected.values().sum::<u64>(),
            feed.profile,
            feed.profile_version
        );
        if let Some(detail) = &feed.detail {
            println!("             {detail}");
        }
    }
    if let Some(buffer) = status.live_buffer {
        let oldest = buffer.oldest_utc_ms.map_or(String::new(), |at| {
            format!(", the oldest for {} s", (now - at).max(0) / 1000)
        });
        let degraded = match buffer.degraded {
            true => ", FULL: only the latest status of each agent is kept",
            false => "",
        };
        println!(
            "Live buffer  {} events wait{oldest}; {:.1} of {:.0} MB{degraded}",
            buffer.waiting_events,
            megabytes(buffer.bytes),
            megabytes(buffer.quota_bytes)
        );
    }
}

#[allow(clippy::cast_precision_loss)] // for people
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
