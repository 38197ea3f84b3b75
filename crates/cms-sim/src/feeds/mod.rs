//! Real-time feeds of a run: agents' states at the time of day, over connections of their own.
//!
//! A thread plays the site once more, up to the second, since tables (and with them the event log) are a step behind; the same scenario
//! gives the same events. First it catches up with the time of day, then its feeds connect. What they send, and what goes wrong, is the
//! business of `floorwire-sim-feed`; here are the clock and the sockets.
//!
//! # When something is wrong
//! A port that nobody listens at is tried again after 1 s, then twice as long, up to 30 s; so is a connection that breaks. Nothing that was
//! not sent is sent later. A peer that does not read is given up after 10 s. A feed log that cannot be written is said at once, the feeds go
//! on, and the run fails at its end.

mod lane;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use floorwire_sim_centre::scenario::Scenario;
use floorwire_sim_centre::world::World;
use floorwire_sim_feed::{Action, Fault, Feed, FeedOptions, Journal, Lane, Step};
use serde::Serialize;
use tokio::sync::{mpsc, watch};

use crate::clock::{Clock, is_real_time};
use crate::error::SimError;
use crate::parameters::Settings;
use lane::{Order, Sent, Told};

/// Seconds that a simulation may be ahead of the time of day without telling the future.
const AHEAD_AT_MOST_S: f64 = 2.0;
/// Orders that wait for a connection.
const ORDERS: usize = 1_024;
/// Seconds that connections may take to end.
const ENDS_WITHIN: Duration = Duration::from_secs(2);
const DAY_S: i64 = 86_400;

/// What is wanted of feeds.
#[derive(Default)]
pub(crate) struct Wishes {
    pub feeds: Vec<FeedOptions>,
    pub faults: Vec<Fault>,
    pub seed: u64,
    pub log: Option<PathBuf>,
    /// Says something to the operator; from another thread than the run's.
    pub report: Option<fn(&str)>,
}

impl Wishes {
    fn say(&self) -> fn(&str) {
        self.report.unwrap_or(|_| {})
    }
}

/// What was sent over a feed.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FeedSummary {
    acd: i16,
    to: String,
    connections: u64,
    refreshes: u64,
    bytes: u64,
}

/// Feeds that are being sent.
pub(crate) struct Feeds {
    stop: Arc<AtomicBool>,
    woken: watch::Sender<()>,
    thread: Option<JoinHandle<Result<Vec<FeedSummary>, SimError>>>,
}

/// Begins to send; checks first that everything that is wanted can be.
pub(crate) fn start(
    wishes: &Wishes,
    scenario: &Scenario,
    settings: &Settings,
    speed: f64,
    clock: Clock,
) -> Result<Feeds, SimError> {
    let stop = Arc::new(AtomicBool::new(false));
    let (woken, wakes) = watch::channel(());
    let mut feeds = Feeds {
        stop: stop.clone(),
        woken,
        thread: None,
    };
    if wishes.feeds.is_empty() {
        return Ok(feeds);
    }
    check(wishes, speed, clock)?;
    let (world, header) = World::new(scenario, settings.first_day, &settings.simulation)?;
    let mut senders = Vec::new();
    for (options, index) in wishes.feeds.iter().zip(0_i64..) {
        senders.push(Feed::new(
            options,
            &wishes.faults,
            &header,
            wishes.seed,
            index,
        )?);
    }
    let journal = wishes.log.as_deref().map(Journal::open).transpose()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|cause| SimError::FeedThread(cause.to_string()))?;
    let conductor = Conductor {
        world,
        played_utc_s: header.from_utc_s,
        feeds: senders,
        faults: wishes.faults.clone(),
        clock,
        journal,
        trouble: None,
        say: wishes.say(),
        stop,
    };
    feeds.thread = Some(std::thread::spawn(move || {
        runtime.block_on(conductor.conduct(wakes))
    }));
    Ok(feeds)
}

fn check(wishes: &Wishes, speed: f64, clock: Clock) -> Result<(), SimError> {
    if !is_real_time(speed) {
        return Err(SimError::FeedTooFast);
    }
    let ahead_s = clock.ahead_s();
    if ahead_s > AHEAD_AT_MOST_S {
        #[allow(clippy::cast_possible_truncation)] // the cast saturates
        let seconds = ahead_s as i64;
        return Err(SimError::FeedOfTheFuture { seconds });
    }
    let mut targets = Vec::new();
    for feed in &wishes.feeds {
        let Some(to) = &feed.to else {
            return Err(SimError::FeedWithoutTarget { acd: feed.acd });
        };
        if targets.contains(&to) {
            return Err(SimError::FeedsToOnePort { to: to.clone() });
        }
        targets.push(to);
    }
    Ok(())
}

impl Feeds {
    /// Ends them, and says what was sent.
    pub fn finish(mut self) -> Result<Vec<FeedSummary>, SimError> {
        self.end().unwrap_or_else(|| Ok(Vec::new()))
    }

    fn end(&mut self) -> Option<Result<Vec<FeedSummary>, SimError>> {
        self.stop.store(true, Ordering::Relaxed);
        self.woken.send_replace(());
        let ended = self.thread.take()?.join();
        Some(ended.unwrap_or_else(|_| Err(SimError::FeedThread("their thread broke down".into()))))
    }
}

impl Drop for Feeds {
    fn drop(&mut self) {
        // A run that fails for another reason says that one.
        let _ = self.end();
    }
}

/// Plays the site, and tells connections what to do when.
struct Conductor {
    world: World,
    played_utc_s: i64,
    feeds: Vec<Feed>,
    faults: Vec<Fault>,
    clock: Clock,
    journal: Option<Journal>,
    trouble: Option<SimError>,
    say: fn(&str),
    stop: Arc<AtomicBool>,
}

/// A connection as the conductor sees it.
struct Desk {
    feed: usize,
    orders: mpsc::Sender<Order>,
    sent: tokio::task::JoinHandle<Sent>,
    /// Whether it should stand.
    wanted: bool,
    /// Orders were lost because the peer does not read.
    overrun: bool,
}

impl Conductor {
    async fn conduct(
        mut self,
        mut wakes: watch::Receiver<()>,
    ) -> Result<Vec<FeedSummary>, SimError> {
        if !self.catch_up() {
            return Ok(Vec::new());
        }
        let (told, mut hears) = mpsc::channel(ORDERS);
        let mut desks = self.desks(&told);
        let begin_ms = self.clock.now_ms();
        for index in 0..self.feeds.len() {
            self.feeds[index].begin(begin_ms);
            let options = self.feeds[index].options().clone();
            let faults = self.faults.clone();
            self.note(|journal| journal.began(&options, &faults, begin_ms));
        }
        while !self.stop.load(Ordering::Relaxed) {
            let next = self.feeds.iter().map(Feed::next_utc_ms).enumerate();
            let Some((index, utc_ms)) = next.min_by_key(|(_, utc_ms)| *utc_ms) else {
                break;
            };
            tokio::select! {
                biased;
                _ = wakes.changed() => break,
                Some(told) = hears.recv() => self.hear(told),
                () = tokio::time::sleep(self.clock.until_ms(utc_ms)) => {
                    self.play_to(utc_ms.div_euclid(1_000) + 1);
                    if let Some(feed) = self.feeds.get_mut(index) {
                        feed.step(&mut |step| order(&mut desks, index, step));
                    }
                }
            }
        }
        let summaries = self.end(desks, told, &mut hears).await;
        match self.trouble {
            Some(trouble) => Err(trouble),
            None => Ok(summaries),
        }
    }

    /// Plays up to now. False if it was told to stop meanwhile.
    fn catch_up(&mut self) -> bool {
        loop {
            if self.stop.load(Ordering::Relaxed) {
                return false;
            }
            let now_s = self.clock.now_ms().div_euclid(1_000);
            if self.played_utc_s >= now_s {
                return true;
            }
            self.play_to((self.played_utc_s + DAY_S).min(now_s));
        }
    }

    fn play_to(&mut self, utc_s: i64) {
        let Self { world, feeds, .. } = self;
        world.advance(utc_s, &mut |event| {
            for feed in feeds.iter_mut() {
                feed.event(&event);
            }
        });
        self.played_utc_s = utc_s;
    }

    fn desks(&self, told: &mpsc::Sender<Told>) -> Vec<Desk> {
        let mut desks = Vec::new();
        for (feed, sender) in self.feeds.iter().enumerate() {
            for which in [Lane::Main, Lane::Second] {
                let (orders, receives) = mpsc::channel(ORDERS);
                let to = sender.options().to.clone().unwrap_or_default();
                let lane = lane::Sender::new(feed, which, to, self.clock, told.clone());
                desks.push(Desk {
                    feed,
                    orders,
                    sent: tokio::spawn(lane.run(receives)),
                    wanted: false,
                    overrun: false,
                });
            }
        }
        desks
    }

    fn hear(&mut self, told: Told) {
        let Some(feed) = self.feeds.get_mut(told.feed) else {
            return;
        };
        let options = feed.options().clone();
        let (acd, to) = (options.acd, options.to.clone().unwrap_or_default());
        let (lane, utc_ms) = (told.lane, told.utc_ms);
        match told.what {
            lane::News::Connected => {
                if lane == Lane::Main {
                    feed.reconnected();
                }
                (self.say)(&format!("feed of ACD {acd}: connected to {to}"));
                self.note(|journal| journal.connected(&options, lane, utc_ms));
            }
            lane::News::Closed(why) => {
                (self.say)(&format!("feed of ACD {acd}: {to} closed ({why})"));
                self.note(|journal| journal.closed(&options, lane, utc_ms, &why));
            }
            lane::News::Failed(why) => {
                (self.say)(&format!("feed of ACD {acd}: {to} not reached ({why})"));
            }
        }
    }

    fn note(
        &mut self,
        write: impl FnOnce(&mut Journal) -> Result<(), floorwire_sim_feed::JournalError>,
    ) {
        if let Some(journal) = &mut self.journal
            && let Err(error) = write(journal)
        {
            (self.say)(&format!("{error}; the feeds go on without it"));
            self.trouble = Some(error.into());
            self.journal = None;
        }
    }

    /// Ends all connections, and adds up what they sent.
    async fn end(
        &mut self,
        desks: Vec<Desk>,
        told: mpsc::Sender<Told>,
        hears: &mut mpsc::Receiver<Told>,
    ) -> Vec<FeedSummary> {
        drop(told);
        let mut sums: Vec<FeedSummary> = self
            .feeds
            .iter()
            .map(|feed| FeedSummary {
                acd: feed.options().acd,
                to: feed.options().to.clone().unwrap_or_default(),
                connections: 0,
                refreshes: 0,
                bytes: 0,
            })
            .collect();
        for Desk {
            feed, orders, sent, ..
        } in desks
        {
            drop(orders);
            let ended = tokio::time::timeout(ENDS_WITHIN, sent).await;
            if let (Ok(Ok(sent)), Some(sum)) = (ended, sums.get_mut(feed)) {
                sum.connections += sent.connections;
                sum.refreshes += sent.refreshes;
                sum.bytes += sent.bytes;
            }
        }
        while let Ok(told) = hears.try_recv() {
            self.hear(told);
        }
        let now_ms = self.clock.now_ms();
        for index in 0..self.feeds.len() {
            let options = self.feeds[index].options().clone();
            self.note(|journal| journal.ended(&options, now_ms));
        }
        sums
    }
}

/// Hands a step to its connection. One that has too many of them begins anew as soon as it has none left.
fn order(desks: &mut [Desk], feed: usize, step: Step) {
    let Some(desk) = desks.get_mut(2 * feed + usize::from(step.lane == Lane::Second)) else {
        return;
    };
    match step.action {
        Action::Connect => desk.wanted = true,
        Action::Close(_) => desk.wanted = false,
        Action::Send { .. } => {}
    }
    if desk.overrun {
        if desk.orders.capacity() < ORDERS {
            return;
        }
        let anew = Order::Anew {
            wanted: desk.wanted,
        };
        desk.overrun = desk.orders.try_send(anew).is_err();
        return;
    }
    desk.overrun = desk.orders.try_send(Order::Step(step)).is_err();
}
