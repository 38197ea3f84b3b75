//! One port: listens, takes one feed at a time, reads it through the vendor's engine, appends its events to the buffer.
//!
//! - A port that cannot be opened is tried again with growing waits, and says why.
//! - Addresses outside the allow-list are closed at once. At most [`MOST_CONNECTIONS`] connections are open; a further one ends
//!   the oldest of those that do not feed the port, so that strangers cannot keep the feed's sender out.
//! - A second connection replaces the first once it has delivered a whole record; until then its bytes wait. So a probe of the
//!   port disturbs nothing, and a sender that comes back while its old connection still stands is taken at once.
//! - A connection without bytes for the idle limit is closed; TCP keepalive finds peers that are gone.
//! - New settings restart what they concern: the address reopens the port; profile, ACD or scope make a new engine, which goes
//!   on with the present connection from the begin of the current line.
//! - After a start the statuses of before are restored, and the Hub is told that nothing was known meanwhile.

mod change;
mod shown;

use super::allow::AllowList;
use super::board::{Board, SharedRing};
use super::clock::FeedClock;
use super::connection::{Connection, Incoming};
use super::engine::{FeedContext, FeedEngine, FeedProfile, Vendor};
use super::preview::in_words;
use super::socket::{self, NotOpen};
use super::tap::{Raw, Taps};
use crate::backoff::Backoff;
use crate::live_buffer::LiveBuffer;
use floorwire_model::agents::scope::AgentScope;
use floorwire_model::ids::AcdNumber;
use floorwire_model::live::LossCause;
use floorwire_protocol::live::{FeedConfiguration, FeedCounters};
use shown::losses;
use std::net::SocketAddr;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

/// Connections of one port at most.
pub const MOST_CONNECTIONS: usize = 4;
/// Reads that wait for the port's task.
const READS_AHEAD: usize = 64;
/// The idle limit is never shorter.
const IDLE_LEAST: Duration = Duration::from_secs(300);
/// It is so many periods.
const IDLE_PERIODS: u64 = 20;
/// A connection that does not feed the port is closed after so long without bytes.
const CANDIDATE_IDLE: Duration = Duration::from_secs(60);
/// Something is looked at at least so often.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// What the Hub wants of a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortSettings {
    /// As configured.
    pub feed: FeedConfiguration,
    /// Whose data may be read.
    pub scope: AgentScope,
    /// AUX reasons are dropped.
    pub generic_absence: bool,
    /// The port is to be closed while the integration is paused.
    pub is_closed: bool,
}

/// What all ports share.
#[derive(Clone)]
pub struct Surroundings {
    /// Where profiles come from.
    pub vendor: Arc<dyn Vendor>,
    /// Where events go.
    pub buffer: LiveBuffer,
    /// Where it is shown how the ports are.
    pub board: Board,
    /// The clock.
    pub clock: FeedClock,
}

struct Reading {
    profile: Arc<dyn FeedProfile>,
    engine: Box<dyn FeedEngine>,
}

/// A port's task.
pub struct Port {
    around: Surroundings,
    taps: Taps,
    settings: PortSettings,
    allow: AllowList,
    /// What keeps the settings from being used, profile or allow-list.
    fault: Option<String>,
    not_open: Option<NotOpen>,
    listener: Option<TcpListener>,
    retry_at: Option<Instant>,
    backoff: Backoff,
    reading: Option<Reading>,
    active: Option<Connection>,
    candidates: Vec<Connection>,
    sender: mpsc::Sender<(u64, Incoming)>,
    next_id: u64,
    ring: SharedRing,
    /// Of engines before the present one, and what the port counts.
    counters: FeedCounters,
    last_refusal: Option<String>,
    looked_at: Instant,
}

impl Port {
    /// Runs until `stop`, or until the settings are gone (`None`), which also forgets what is known of the port.
    pub async fn run(
        around: Surroundings,
        taps: Taps,
        mut wanted: watch::Receiver<Option<PortSettings>>,
        stop: CancellationToken,
    ) {
        let Some(settings) = wanted.borrow_and_update().clone() else {
            return;
        };
        let (sender, mut incoming) = mpsc::channel(READS_AHEAD);
        let number = settings.feed.port;
        let mut port = Self {
            ring: around.board.add(number),
            around,
            taps,
            allow: AllowList::default(),
            fault: None,
            not_open: None,
            listener: None,
            retry_at: None,
            backoff: Backoff::new(Duration::from_millis(500), Duration::from_secs(30)),
            reading: None,
            active: None,
            candidates: Vec::new(),
            sender,
            next_id: 0,
            counters: FeedCounters::default(),
            last_refusal: None,
            looked_at: Instant::now(),
            settings,
        };
        port.read_settings();
        port.begin().await;
        port.open();
        loop {
            if port.is_due() {
                port.look();
            }
            port.show();
            let wait = port.wait();
            tokio::select! {
                () = stop.cancelled() => {
                    port.lose(LossCause::NotListening);
                    return;
                }
                changed = wanted.changed() => {
                    let settings = match changed {
                        Ok(()) => wanted.borrow_and_update().clone(),
                        Err(_) => None,
                    };
                    let Some(settings) = settings else {
                        port.lose(LossCause::NotListening);
                        port.around.buffer.forget(number).await;
                        port.around.board.remove(number);
                        return;
                    };
                    port.change(settings).await;
                }
                Some((id, what)) = incoming.recv() => port.take(id, what),
                accepted = accept(port.listener.as_ref().filter(|_| port.retry_at.is_none())) => port.accept(accepted),
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    fn now(&self) -> i64 {
        self.around.clock.now_utc_ms()
    }

    fn number(&self) -> u16 {
        self.settings.feed.port
    }

    /// Checks the settings and makes an engine.
    fn read_settings(&mut self) {
        self.fault = None;
        self.read_allow_list();
        let feed = &self.settings.feed;
        self.reading = match self.around.vendor.profile(&feed.profile_text) {
            Ok(profile) => {
                let context = FeedContext {
                    port: feed.port,
                    acd: feed.acd,
                    scope: self.settings.scope.clone(),
                    generic_absence: self.settings.generic_absence,
                };
                let engine = profile.feed(context);
                Some(Reading { profile, engine })
            }
            Err(faults) => {
                self.fault = Some(in_words(&faults));
                None
            }
        };
        if let Some(fault) = &self.fault {
            tracing::warn!(
                port = feed.port,
                fault,
                "the feed cannot be read as configured"
            );
        }
    }

    fn read_allow_list(&mut self) {
        match AllowList::parse(&self.settings.feed.allow_from) {
            Ok(allow) => self.allow = allow,
            Err(detail) => {
                self.allow = AllowList::nobody();
                self.fault = Some(detail);
            }
        }
    }

    /// After a start of the program: what was known is restored, and is unknown until the feed confirms it.
    async fn begin(&mut self) {
        let known = self.around.buffer.known(self.number()).await;
        let acd = self.settings.feed.acd;
        let now = self.now();
        let mut events = Vec::new();
        if let Some(reading) = &mut self.reading {
            reading
                .engine
                .restore(known.agents.clone(), known.confirmed_utc_ms);
            reading
                .engine
                .lost(LossCause::NotListening, now, &mut events);
        }
        let mut acds: Vec<AcdNumber> = known.agents.iter().map(|agent| agent.acd).collect();
        acds.push(acd);
        acds.sort_unstable();
        acds.dedup();
        let told = losses(&known, events, &acds, self.number(), now);
        self.around.buffer.append(told);
    }

    fn open(&mut self) {
        self.retry_at = None;
        self.not_open = None;
        if self.settings.is_closed {
            return;
        }
        match socket::listen(self.number(), self.settings.feed.bind.as_deref()) {
            Ok(listener) => {
                tracing::info!(port = self.number(), "listening for a feed");
                self.backoff.reset();
                self.listener = Some(listener);
            }
            Err(not_open) => {
                tracing::warn!(
                    port = self.number(),
                    detail = not_open.detail,
                    "the port of a feed cannot be opened; trying again"
                );
                self.not_open = Some(not_open);
                self.retry_at = Some(Instant::now() + self.backoff.next_wait());
            }
        }
    }

    fn accept(&mut self, accepted: std::io::Result<(TcpStream, SocketAddr)>) {
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Too many open files, or a peer that is gone again. The backlog keeps the others.
                tracing::debug!(%error, port = self.number(), "a connection could not be accepted");
                self.retry_at = Some(Instant::now() + self.backoff.next_wait());
                return;
            }
        };
        if !self.allow.allows(peer.ip()) {
            self.counters.refused_connections += 1;
            if self.last_refusal.is_none() {
                tracing::warn!(
                    port = self.number(),
                    "a connection from an address that is not allowed was refused; further ones are only counted"
                );
            }
            self.last_refusal = Some(peer.ip().to_canonical().to_string());
            return;
        }
        self.counters.connections += 1;
        if 1 + self.candidates.len() >= MOST_CONNECTIONS && !self.candidates.is_empty() {
            self.counters.refused_connections += 1;
            self.candidates.remove(0);
        }
        self.next_id += 1;
        let connection = Connection::start(self.next_id, stream, peer, self.sender.clone());
        tracing::debug!(port = self.number(), %peer, "connected");
        if self.active.is_none() {
            self.promote(connection);
        } else {
            self.candidates.push(connection);
        }
    }

    /// This connection feeds the port from now on.
    fn promote(&mut self, mut connection: Connection) {
        self.close_active();
        tracing::info!(port = self.number(), "a connection feeds the port");
        let (now, mut events) = (self.now(), Vec::new());
        self.taps.show(now, &Raw::Opened(connection.peer));
        self.ring
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .connected();
        if let Some(reading) = &mut self.reading {
            reading.engine.connected(now, &mut events);
        }
        self.around.buffer.append(events);
        let waiting = std::mem::take(&mut connection.waiting);
        self.active = Some(connection);
        if !waiting.is_empty() {
            self.deliver(&waiting.into());
        }
    }

    fn take(&mut self, id: u64, what: Incoming) {
        let is_active = self.active.as_ref().is_some_and(|active| active.id == id);
        match what {
            Incoming::Data(bytes) if is_active => {
                if let Some(active) = &mut self.active {
                    active.last_at = Instant::now();
                }
                self.deliver(&bytes);
            }
            Incoming::Data(bytes) => self.take_from_candidate(id, &bytes),
            Incoming::Closed(error) => {
                tracing::debug!(port = self.number(), error, "a connection ended");
                self.candidates.retain(|one| one.id != id);
                if is_active {
                    self.close_active();
                    if let Some(newest) = self.candidates.pop() {
                        self.promote(newest);
                    }
                }
            }
        }
    }

    fn take_from_candidate(&mut self, id: u64, bytes: &[u8]) {
        // One that was closed meanwhile may have sent something before.
        let Some(index) = self.candidates.iter().position(|one| one.id == id) else {
            return;
        };
        let mut candidate = self.candidates.remove(index);
        let fits = candidate.wait_with(bytes);
        let has_record = self
            .reading
            .as_ref()
            .is_some_and(|reading| reading.profile.has_record(&candidate.waiting));
        if has_record {
            self.promote(candidate);
        } else if fits {
            self.candidates.insert(index, candidate);
        } else {
            self.counters.refused_connections += 1;
            tracing::info!(
                port = self.number(),
                "a second connection was closed: it sent much and no record"
            );
        }
    }

    fn deliver(&mut self, bytes: &Arc<[u8]>) {
        let (now, mut events) = (self.now(), Vec::new());
        self.counters.bytes += bytes.len() as u64;
        self.ring
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(bytes);
        self.taps.show(now, &Raw::Data(Arc::clone(bytes)));
        if let Some(reading) = &mut self.reading {
            reading.engine.receive(bytes, now, &mut events);
        }
        self.around.buffer.append(events);
    }

    fn close_active(&mut self) {
        if self.active.take().is_none() {
            return;
        }
        let (now, mut events) = (self.now(), Vec::new());
        self.taps.show(now, &Raw::Closed);
        if let Some(reading) = &mut self.reading {
            reading.engine.disconnected(now, &mut events);
        }
        self.around.buffer.append(events);
    }

    /// Closes everything: nothing is known any more.
    fn lose(&mut self, cause: LossCause) {
        self.listener = None;
        self.candidates.clear();
        self.close_active();
        let (now, mut events) = (self.now(), Vec::new());
        if let Some(reading) = &mut self.reading {
            if let Some(confirmed) = reading.engine.health().confirmed_utc_ms {
                self.around
                    .buffer
                    .confirm(self.settings.feed.port, confirmed);
            }
            reading.engine.lost(cause, now, &mut events);
        }
        self.around.buffer.append(events);
    }

    /// Something has to be looked at; also while bytes come without a pause.
    fn is_due(&self) -> bool {
        let now = self.now();
        let tick = self
            .reading
            .as_ref()
            .and_then(|reading| reading.engine.next_tick_utc_ms());
        tick.is_some_and(|at| at <= now)
            || self.retry_at.is_some_and(|at| at <= Instant::now())
            || self.looked_at.elapsed() >= LOOK_EVERY
    }

    /// How long nothing has to be looked at.
    fn wait(&self) -> Duration {
        let mut wait = LOOK_EVERY.saturating_sub(self.looked_at.elapsed());
        if let Some(at) = self.retry_at {
            wait = wait.min(at.saturating_duration_since(Instant::now()));
        }
        let tick = self
            .reading
            .as_ref()
            .and_then(|reading| reading.engine.next_tick_utc_ms());
        if let Some(at) = tick {
            let left = u64::try_from(at.saturating_sub(self.now())).unwrap_or(0);
            wait = wait.min(Duration::from_millis(left));
        }
        // An engine that is due again and again must not keep this thread busy.
        wait.max(Duration::from_millis(1))
    }

    fn look(&mut self) {
        self.looked_at = Instant::now();
        if self.retry_at.is_some_and(|at| at <= Instant::now()) {
            self.retry_at = None;
            if self.listener.is_none() {
                self.open();
            }
        }
        let (now, mut events) = (self.now(), Vec::new());
        if let Some(reading) = &mut self.reading {
            reading.engine.tick(now, &mut events);
        }
        self.around.buffer.append(events);
        self.candidates
            .retain(|one| one.last_at.elapsed() < CANDIDATE_IDLE);
        let limit = self.idle_limit();
        if self
            .active
            .as_ref()
            .is_some_and(|active| active.last_at.elapsed() >= limit)
        {
            tracing::info!(
                port = self.number(),
                seconds = limit.as_secs(),
                "the connection was silent for too long and is closed"
            );
            self.close_active();
            if let Some(newest) = self.candidates.pop() {
                self.promote(newest);
            }
        }
    }

    fn idle_limit(&self) -> Duration {
        let Some(reading) = &self.reading else {
            return IDLE_LEAST;
        };
        let periods = reading.profile.period_ms().saturating_mul(IDLE_PERIODS);
        let stale = reading.profile.stale_after_ms().saturating_mul(2);
        Duration::from_millis(periods.max(stale)).max(IDLE_LEAST)
    }
}

async fn accept(listener: Option<&TcpListener>) -> std::io::Result<(TcpStream, SocketAddr)> {
    match listener {
        Some(listener) => listener.accept().await,
        None => std::future::pending().await,
    }
}
