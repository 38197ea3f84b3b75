//! The real-time feeds: ports at which a CMS sends what its agents do, read, buffered and sent to the Hub.
//!
//! | Part | Does |
//! |---|---|
//! | `port` | one port: connections, the vendor's engine, events to the buffer |
//! | `crate::live_buffer` | keeps events on disk until the Hub has them |
//! | `upload` | takes them to the Hub |
//! | `tap`, `tee`, `recorder` | who else gets the raw bytes, by local policy |
//! | `board` | how all of it is at this moment |
//! | `preview` | the last raw lines, read by a profile that is being edited |
//!
//! [`Feeds`] follows what the Hub wants: a port that is new is opened, one that is gone is closed, and one whose settings changed
//! gets the new ones; nothing else is touched. Until the Hub has answered after a start, the last configuration it gave is in
//! force, since a feed that nobody listens to is lost. Personal data: the agent scope is applied by the engine, before
//! anything is stored or sent; raw bytes stay in memory unless the local policy captures or copies them.

pub mod allow;
pub mod board;
pub mod capture;
pub mod clock;
pub mod command;
mod connection;
pub mod engine;
pub mod order_form;
pub mod port;
pub mod preview;
pub mod recorder;
pub mod ring;
mod socket;
pub mod tap;
pub mod tee;
pub mod upload;
pub mod vendor;

use crate::last_configuration;
use crate::status_file::StatusFile;
use crate::sync::Reports;
use floorwire_protocol::messages::{Desired, LinkConfiguration};
use port::{Port, PortSettings, Surroundings};
use recorder::Recorder;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tap::Taps;
use tee::{Tee, TeeTarget};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// The file for `floorwire-link status` is brought up to date this often.
const STATUS_EVERY: Duration = Duration::from_secs(5);

/// What the local policy says of raw bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FeedPolicy {
    /// Everything that comes is captured here.
    pub capture_dir: Option<PathBuf>,
    /// Bytes of captures per port.
    pub capture_bytes: u64,
    /// Copies to other programs.
    pub tees: Vec<TeeTarget>,
}

impl FeedPolicy {
    /// Whoever gets the bytes of a port besides the engine.
    pub fn taps(&self, port: u16) -> Taps {
        let recorder = self.capture_dir.as_ref().and_then(|folder| {
            Recorder::start(folder, port, self.capture_bytes)
                .inspect_err(|error| {
                    tracing::error!(%error, port, folder = %folder.display(), "the feed cannot be captured");
                })
                .ok()
        });
        if let (Some(_), Some(folder)) = (&recorder, &self.capture_dir) {
            tracing::info!(port, folder = %folder.display(), audit = true, "raw bytes of the feed are captured, as the local policy says");
        }
        let of_port = self.tees.iter().filter(|tee| tee.port == port);
        Taps {
            recorder,
            tees: of_port.cloned().map(Tee::start).collect(),
        }
    }
}

/// Follows what the Hub wants of the feeds.
pub struct Feeds {
    /// What the ports share.
    pub around: Surroundings,
    /// What the local policy says.
    pub policy: FeedPolicy,
    /// News for the Hub.
    pub reports: Reports,
    /// For people.
    pub status: StatusFile,
    /// Where the last configuration is kept.
    pub data_dir: PathBuf,
}

struct Running {
    settings: watch::Sender<Option<PortSettings>>,
    task: JoinHandle<()>,
}

impl Feeds {
    /// Runs until told to stop. Everything appended is on disk then.
    pub async fn run(self, mut desired: watch::Receiver<Option<Desired>>, stop: CancellationToken) {
        let mut running = BTreeMap::new();
        let mut stored = remembered(&self.data_dir);
        if let Some(configuration) = &stored
            && desired.borrow().is_none()
        {
            self.follow(&mut running, &wanted(configuration, false), &stop)
                .await;
        }
        let mut previewed = None;
        let mut status = tokio::time::interval(STATUS_EVERY);
        loop {
            let now = desired.borrow_and_update().clone();
            if let Some(now) = now {
                let settings = match &now.configuration {
                    Some(configuration) => wanted(configuration, now.paused),
                    None => BTreeMap::new(),
                };
                self.follow(&mut running, &settings, &stop).await;
                if now.configuration.is_some() && now.configuration != stored {
                    stored = now.configuration;
                    if let Some(configuration) = &stored {
                        last_configuration::store(&self.data_dir, configuration);
                    }
                }
                if let Some(request) = &now.feed_preview
                    && previewed != Some(request.request)
                {
                    previewed = Some(request.request);
                    let answer =
                        preview::preview(&*self.around.vendor, &self.around.board, request);
                    self.reports.feed_previewed(answer);
                }
            }
            loop {
                tokio::select! {
                    () = stop.cancelled() => return self.end(running).await,
                    changed = desired.changed() => match changed {
                        Ok(()) => break,
                        Err(_) => return self.end(running).await,
                    },
                    _ = status.tick() => self.tell(),
                }
            }
        }
    }

    /// Opens, changes and closes ports.
    async fn follow(
        &self,
        running: &mut BTreeMap<u16, Running>,
        wanted: &BTreeMap<u16, PortSettings>,
        stop: &CancellationToken,
    ) {
        let gone: Vec<u16> = running
            .keys()
            .filter(|port| !wanted.contains_key(port))
            .copied()
            .collect();
        for port in gone {
            if let Some(one) = running.remove(&port) {
                one.settings.send_replace(None);
                finish(port, one.task).await;
            }
        }
        for (port, settings) in wanted {
            if let Some(one) = running.get(port).filter(|one| !one.task.is_finished()) {
                one.settings.send_if_modified(|current| {
                    let is_new = current.as_ref() != Some(settings);
                    if is_new {
                        *current = Some(settings.clone());
                    }
                    is_new
                });
                continue;
            }
            let (sender, receiver) = watch::channel(Some(settings.clone()));
            let task = tokio::spawn(Port::run(
                self.around.clone(),
                self.policy.taps(*port),
                receiver,
                stop.child_token(),
            ));
            let one = Running {
                settings: sender,
                task,
            };
            running.insert(*port, one);
        }
    }

    fn tell(&self) {
        let feeds = self.around.board.reports();
        let buffer = self.around.buffer.report();
        let offset = self.around.board.clock_offset_ms();
        self.status.change(|status| {
            status.live_buffer =
                Some(buffer).filter(|buffer| !feeds.is_empty() || buffer.waiting_events > 0);
            status.feeds = feeds;
            status.clock_offset_ms = offset;
        });
    }

    async fn end(&self, running: BTreeMap<u16, Running>) {
        for (port, one) in running {
            finish(port, one.task).await;
        }
        self.around.buffer.flush().await;
    }
}

async fn finish(port: u16, task: JoinHandle<()>) {
    if let Err(error) = task.await {
        tracing::error!(%error, port, "the task of a port ended badly");
    }
}

fn remembered(folder: &Path) -> Option<LinkConfiguration> {
    last_configuration::load(folder)
        .inspect_err(|error| tracing::warn!(%error, "the last configuration cannot be read; feeds begin when the hub answers"))
        .ok()
        .flatten()
}

/// What the Hub wants, by port. A port that is named twice has its first settings.
fn wanted(configuration: &LinkConfiguration, is_paused: bool) -> BTreeMap<u16, PortSettings> {
    let Some(realtime) = &configuration.realtime else {
        return BTreeMap::new();
    };
    let mut ports = BTreeMap::new();
    for feed in &realtime.feeds {
        ports.entry(feed.port).or_insert_with(|| PortSettings {
            feed: feed.clone(),
            scope: configuration.agent_scope.clone(),
            generic_absence: realtime.generic_absence,
            is_closed: is_paused && realtime.close_while_paused,
        });
    }
    ports
}
