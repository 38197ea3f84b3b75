//! `floorwire-link feed ...`: tools for people who set up a feed.
#![allow(clippy::print_stdout, clippy::print_stderr)] // they answer on the console

use super::capture::{self, Entry};
use super::engine::{FeedContext, FeedProfile, Vendor};
use super::preview::in_words;
use super::recorder::Recorder;
use super::socket;
use super::tap::Raw;
use crate::status_file::now_utc_ms;
use anyhow::{Context, bail};
use clap::Subcommand;
use floorwire_model::agents::scope::AgentScope;
use floorwire_model::ids::AcdNumber;
use floorwire_model::live::LiveEvent;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The tools.
#[derive(Subcommand)]
pub enum FeedCommand {
    /// Listen at a port and write down what comes, with its time, until stopped; nothing is read or sent to a hub
    Capture {
        /// The port; a running link must not have it
        #[arg(long)]
        port: u16,
        /// Address to listen on [default: all]
        #[arg(long)]
        bind: Option<String>,
        /// Folder for the files; they hold personal data and are readable by their owner only
        #[arg(long, default_value = ".")]
        dir: PathBuf,
        /// Most megabytes; the oldest file goes when more comes
        #[arg(long, default_value_t = 256)]
        max_mb: u64,
    },
    /// Read a capture by a profile and print the events, or send its bytes to a port as they came
    Replay {
        /// The capture
        file: PathBuf,
        /// Name of a profile that comes with this program, or a file with one
        #[arg(long, required_unless_present = "to", conflicts_with = "to")]
        profile: Option<String>,
        /// ACD of records that do not name one
        #[arg(long, default_value_t = 1)]
        acd: i32,
        /// Send the bytes to this host and port instead
        #[arg(long)]
        to: Option<String>,
        /// So many times faster than it was; 0: as fast as it goes
        #[arg(long, default_value_t = 1.0)]
        speed: f64,
    },
    /// Look at a capture and say what it seems to be: line ends, separators, columns, period
    Discover {
        /// The capture
        file: PathBuf,
    },
}

/// Runs a tool.
pub async fn execute(
    command: FeedCommand,
    vendor: Arc<dyn Vendor>,
    stop: impl Future<Output = ()>,
) -> anyhow::Result<()> {
    match command {
        FeedCommand::Capture {
            port,
            bind,
            dir,
            max_mb,
        } => capture_port(port, bind.as_deref(), &dir, max_mb, stop).await,
        FeedCommand::Replay {
            file,
            to: Some(to),
            speed,
            ..
        } => send(&file, &to, speed).await,
        FeedCommand::Replay {
            file, profile, acd, ..
        } => {
            let profile = find_profile(&*vendor, &profile.unwrap_or_default())?;
            replay(&file, &*profile, AcdNumber(acd), |event| {
                println!("{}", serde_json::to_string(event)?);
                Ok(())
            })
        }
        FeedCommand::Discover { file } => {
            let reads = capture::read(&file)?.into_iter();
            let reads = reads.filter_map(|(at, entry)| match entry {
                Entry::Data(bytes) => Some((at, bytes)),
                Entry::Opened(_) | Entry::Closed | Entry::Missing(_) => None,
            });
            let found = vendor.discover(&reads.collect::<Vec<_>>());
            println!(
                "{}",
                found.context("this version cannot tell what a capture is")?
            );
            Ok(())
        }
    }
}

async fn capture_port(
    port: u16,
    bind: Option<&str>,
    dir: &Path,
    max_mb: u64,
    stop: impl Future<Output = ()>,
) -> anyhow::Result<()> {
    let listener =
        socket::listen(port, bind).map_err(|not_open| anyhow::anyhow!(not_open.detail))?;
    let recorder = Recorder::start(dir, port, max_mb.saturating_mul(1_000_000))
        .with_context(|| format!("cannot write captures to {}", dir.display()))?;
    println!(
        "Listening at port {port}; captures go to {}. Stop with Ctrl-C.",
        dir.display()
    );
    let mut stream: Option<TcpStream> = None;
    let mut buffer = vec![0; 64 * 1024];
    let (mut reads, mut bytes) = (0u64, 0u64);
    tokio::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => {
                let (accepted, peer) = accepted?;
                println!("{peer} connected");
                recorder.show(now_utc_ms(), &Raw::Opened(peer));
                stream = Some(accepted);
            }
            length = read(stream.as_mut(), &mut buffer) => match length {
                Ok(length) if length > 0 => {
                    reads += 1;
                    bytes += length as u64;
                    let read: Arc<[u8]> = buffer.get(..length).unwrap_or_default().into();
                    recorder.show(now_utc_ms(), &Raw::Data(read));
                }
                Ok(_) | Err(_) => {
                    println!("the connection ended after {reads} reads, {bytes} bytes in all");
                    recorder.show(now_utc_ms(), &Raw::Closed);
                    stream = None;
                }
            },
        }
    }
    println!("{reads} reads, {bytes} bytes in all");
    Ok(())
}

async fn read(stream: Option<&mut TcpStream>, buffer: &mut [u8]) -> std::io::Result<usize> {
    match stream {
        Some(stream) => stream.read(buffer).await,
        None => std::future::pending().await,
    }
}

fn find_profile(vendor: &dyn Vendor, name: &str) -> anyhow::Result<Arc<dyn FeedProfile>> {
    let text = match vendor.shipped(name) {
        Some(text) => text,
        None => std::fs::read_to_string(name).with_context(|| {
            format!("`{name}` is neither a profile of this program nor a file that can be read")
        })?,
    };
    vendor
        .profile(&text)
        .map_err(|faults| anyhow::anyhow!(in_words(&faults)))
}

/// Reads a capture by a profile. The time is that of the capture.
pub fn replay(
    file: &Path,
    profile: &dyn FeedProfile,
    acd: AcdNumber,
    mut each: impl FnMut(&LiveEvent) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut engine = profile.feed(FeedContext {
        port: 1,
        acd,
        scope: AgentScope::All,
        generic_absence: false,
    });
    let entries = capture::read(file)?;
    let begins_open = matches!(entries.first(), Some((_, Entry::Data(_))));
    let mut events = Vec::new();
    if let Some((at, _)) = entries.first()
        && begins_open
    {
        engine.connected(*at, &mut events);
    }
    for (at, entry) in entries {
        while let Some(due) = engine.next_tick_utc_ms().filter(|due| *due < at) {
            engine.tick(due, &mut events);
            if engine.next_tick_utc_ms().is_some_and(|next| next <= due) {
                break;
            }
        }
        match entry {
            Entry::Opened(_) => engine.connected(at, &mut events),
            Entry::Data(bytes) => engine.receive(&bytes, at, &mut events),
            Entry::Closed => engine.disconnected(at, &mut events),
            Entry::Missing(count) => {
                eprintln!("{count} reads are missing in the capture");
                engine.disconnected(at, &mut events);
                engine.connected(at, &mut events);
            }
        }
        for event in events.drain(..) {
            each(&event)?;
        }
    }
    let health = engine.health();
    eprintln!(
        "{} agents staffed at the end, period {} ms",
        health.agents,
        health
            .period_ms
            .map_or("unknown".to_owned(), |period| period.to_string())
    );
    eprintln!("{}", serde_json::to_string_pretty(&health.counters)?);
    Ok(())
}

/// Sends the bytes of a capture, with the pauses that they had.
async fn send(file: &Path, to: &str, speed: f64) -> anyhow::Result<()> {
    if !speed.is_finite() || speed < 0.0 {
        bail!("--speed must be 0 or more");
    }
    let entries = capture::read(file)?;
    let mut stream: Option<TcpStream> = None;
    let mut before = entries.first().map_or(0, |(at, _)| *at);
    for (at, entry) in entries {
        let pause = u64::try_from(at - before).unwrap_or(0);
        before = at;
        if speed > 0.0 && pause > 0 {
            tokio::time::sleep(Duration::from_millis(pause).div_f64(speed)).await;
        }
        match entry {
            Entry::Data(bytes) => {
                let mut connected = match stream.take() {
                    Some(connected) => connected,
                    None => connect(to).await?,
                };
                connected
                    .write_all(&bytes)
                    .await
                    .with_context(|| format!("{to} does not take the bytes"))?;
                stream = Some(connected);
            }
            Entry::Opened(_) => stream = Some(connect(to).await?),
            Entry::Closed | Entry::Missing(_) => stream = None,
        }
    }
    if let Some(mut stream) = stream {
        stream.shutdown().await?;
    }
    Ok(())
}

async fn connect(to: &str) -> anyhow::Result<TcpStream> {
    TcpStream::connect(to)
        .await
        .with_context(|| format!("cannot connect to {to}"))
}
