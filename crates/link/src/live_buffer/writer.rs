//! The thread that owns the file. See the head of [`super`] for what it does and why.

mod conversation;
mod opening;

use super::BufferSettings;
use super::alarm::Alarm;
use super::forecast::Forecast;
use super::inbox::{Command, Shared, Taken};
use super::overflow::Overflow;
use super::store::{Group, State, Store, StoreError, signed};
use floorwire_model::ids::AcdNumber;
use floorwire_model::live::LiveEvent;
use floorwire_protocol::live::BufferReport;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// Events written in one transaction at most.
const WRITTEN_AT_ONCE: usize = 5_000;
/// Events that wait in memory while the file cannot be written, before they degrade; about 25 MB.
const MOST_PENDING: usize = 50_000;
/// What is not urgent is done this often: confirmations, acknowledgements, deletion.
const TIDY_EVERY: Duration = Duration::from_secs(5);
/// A file that cannot be written is tried again after this, doubling,
const RETRY_FIRST: Duration = Duration::from_millis(500);
/// up to this.
const RETRY_CAP: Duration = Duration::from_secs(8);
/// Acknowledged events are kept so long where there is room, milliseconds.
const KEEP_ACKNOWLEDGED_MS: i64 = 86_400_000;
const DAY_MS: i64 = 86_400_000;

pub struct Writer {
    settings: BufferSettings,
    shared: Arc<Shared>,
    ready: watch::Sender<u64>,
    store: Option<Store>,
    /// Where the file stood when it was last written or read; tells after an error what was written.
    seen: Option<State>,
    /// Named in batches until there is a file.
    memory_epoch: String,
    /// Events that are not on disk yet; the first has the position `next_pending`.
    pending: VecDeque<LiveEvent>,
    next_pending: i64,
    acknowledged: i64,
    /// Position up to which events were handed out.
    sent: i64,
    unmet: Option<i64>,
    /// The file still says what `unmet` was.
    unmet_is_written: bool,
    /// A gap was found and could not be told yet.
    withhold: bool,
    overflow: Overflow,
    /// Degraded events whose statuses the file does not have yet.
    unfollowed: Overflow,
    /// Events that the Hub took from memory, likewise.
    acknowledged_unwritten: Overflow,
    dropped_is_written: bool,
    feeds: BTreeSet<(u16, AcdNumber)>,
    confirmed: BTreeMap<u16, i64>,
    forget: BTreeSet<u16>,
    appended: u64,
    is_full: bool,
    failing: Option<String>,
    retry: Duration,
    retry_at: Instant,
    tidy_at: Instant,
    answered_at: Instant,
    damaged_rows: u64,
    oldest: Option<(i64, i64)>,
    forecast: Forecast,
    alarm: Alarm,
}

fn random_epoch() -> std::io::Result<String> {
    let mut bytes = [0u8; 16];
    getrandom::fill(&mut bytes).map_err(std::io::Error::other)?;
    Ok(hex::encode(bytes))
}

impl Writer {
    pub fn new(
        settings: BufferSettings,
        shared: Arc<Shared>,
        ready: watch::Sender<u64>,
    ) -> std::io::Result<Self> {
        let now = Instant::now();
        Ok(Self {
            settings,
            shared,
            ready,
            store: None,
            seen: None,
            memory_epoch: random_epoch()?,
            pending: VecDeque::new(),
            next_pending: 1,
            acknowledged: 0,
            sent: 0,
            unmet: None,
            unmet_is_written: false,
            withhold: false,
            overflow: Overflow::default(),
            unfollowed: Overflow::default(),
            acknowledged_unwritten: Overflow::default(),
            dropped_is_written: true,
            feeds: BTreeSet::new(),
            confirmed: BTreeMap::new(),
            forget: BTreeSet::new(),
            appended: 0,
            is_full: false,
            failing: None,
            retry: RETRY_FIRST,
            retry_at: now,
            tidy_at: now,
            answered_at: now,
            damaged_rows: 0,
            oldest: None,
            forecast: Forecast::default(),
            alarm: Alarm::default(),
        })
    }

    /// Runs until told to stop.
    pub fn run(mut self) {
        self.write(true);
        loop {
            let now = Instant::now();
            let mut wait = self.tidy_at.saturating_duration_since(now);
            if self.failing.is_some() {
                wait = wait.min(self.retry_at.saturating_duration_since(now));
            }
            let Taken {
                events,
                appended,
                confirmed,
                commands,
            } = self.shared.take(wait);
            let has_news = !events.is_empty();
            self.appended = appended;
            self.confirmed.extend(confirmed);
            self.accept(events);
            let is_asked = commands
                .iter()
                .any(|command| matches!(command, Command::Flush(_) | Command::Stop(_)));
            let is_tidying = Instant::now() >= self.tidy_at;
            self.write(is_asked || is_tidying);
            if is_tidying {
                self.tidy();
                self.tidy_at = Instant::now() + TIDY_EVERY;
            }
            self.publish();
            if has_news {
                self.ready.send_replace(self.appended);
            }
            for command in commands {
                if self.obey(command) {
                    return;
                }
            }
        }
    }

    fn now_utc_ms(&self) -> i64 {
        (self.settings.clock)()
    }

    /// True when told to stop.
    fn obey(&mut self, command: Command) -> bool {
        match command {
            Command::Known(port, answer) => {
                let known = match &self.store {
                    Some(store) => store.known(port),
                    None => Ok(super::KnownPort::default()),
                };
                let known = known.unwrap_or_else(|error| {
                    self.failed(&error);
                    super::KnownPort::default()
                });
                // Whoever asked may have gone.
                let _ = answer.send(known);
            }
            Command::Forget(port, answer) => {
                self.forget.insert(port);
                self.feeds.retain(|(of, _)| *of != port);
                self.write(true);
                let _ = answer.send(());
            }
            Command::Batch(answer) => {
                let batch = self.batch();
                let _ = answer.send(batch);
            }
            Command::Answered(epoch, mark, answer) => {
                self.answered(&epoch, mark);
                self.publish();
                let _ = answer.send(());
            }
            Command::Flush(answer) => {
                let is_written = self.pending.is_empty() && self.failing.is_none();
                let _ = answer.send(is_written);
            }
            Command::Stop(answer) => {
                self.shared.end();
                self.store = None;
                if let Some(answer) = answer {
                    let _ = answer.send(());
                }
                return true;
            }
        }
        false
    }

    /// Queues events, or degrades.
    fn accept(&mut self, events: Vec<LiveEvent>) {
        for event in events {
            self.feeds.insert((event.port, event.acd));
            let fits =
                self.overflow.is_empty() && !self.is_full && self.pending.len() < MOST_PENDING;
            if fits {
                self.pending.push_back(event);
            } else {
                self.unfollowed.take(event.clone());
                self.overflow.take(event);
                self.dropped_is_written = false;
            }
        }
    }

    /// Writes what there is. `all`: also what is not urgent.
    fn write(&mut self, all: bool) {
        if self.failing.is_some() && Instant::now() < self.retry_at {
            return;
        }
        if let Err(error) = self.try_write(all) {
            self.failed(&error);
        }
    }

    fn try_write(&mut self, all: bool) -> Result<(), StoreError> {
        if self.store.is_none() {
            self.open()?;
        }
        self.make_room()?;
        if !self.overflow.is_empty() && !self.is_full && self.pending.len() < MOST_PENDING / 2 {
            self.pending.extend(self.overflow.drain());
            self.unfollowed = Overflow::default();
            self.dropped_is_written = false;
        }
        let is_behind = !self.confirmed.is_empty()
            || !self.unfollowed.is_empty()
            || !self.acknowledged_unwritten.is_empty()
            || self
                .seen
                .as_ref()
                .is_none_or(|seen| seen.acknowledged != self.acknowledged);
        let mut is_due = (all && is_behind)
            || self.failing.is_some()
            || !self.unmet_is_written
            || !self.dropped_is_written
            || !self.pending.is_empty();
        while is_due {
            self.commit()?;
            is_due = !self.pending.is_empty() || !self.unfollowed.is_empty();
        }
        self.try_forget()?;
        if self.failing.take().is_some() {
            self.alarm.failing(None);
        }
        self.retry = RETRY_FIRST;
        Ok(())
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        let Some(store) = &mut self.store else {
            return Ok(());
        };
        let events: Vec<LiveEvent> = self.pending.iter().take(WRITTEN_AT_ONCE).cloned().collect();
        let is_last = events.len() == self.pending.len();
        // What the Hub took from memory is older than what waits, what degraded is newer.
        let older = self.acknowledged_unwritten.drain();
        let newer = match events.is_empty() {
            true => self.unfollowed.drain(),
            false => Vec::new(),
        };
        let latest_only = [older, newer].concat();
        let dropped = (is_last && !self.dropped_is_written).then(|| self.overflow.totals());
        let group = Group {
            events: &events,
            first_position: self.next_pending,
            latest_only: &latest_only,
            acknowledged: self.acknowledged,
            unmet: self.unmet,
            confirmed: std::mem::take(&mut self.confirmed),
            dropped,
        };
        let has_dropped = group.dropped.is_some();
        match store.commit(&group) {
            Ok(()) => {
                self.seen = Some(store.state().clone());
                self.unmet_is_written = true;
                self.dropped_is_written |= has_dropped;
                self.pending.drain(..events.len());
                self.next_pending += signed(events.len() as u64);
                Ok(())
            }
            Err(error) => {
                for (port, utc_ms) in group.confirmed {
                    self.confirmed.entry(port).or_insert(utc_ms);
                }
                // Once more into the older ones: applied before the events that wait, they change nothing for the worse.
                let target = match events.is_empty() {
                    true => &mut self.unfollowed,
                    false => &mut self.acknowledged_unwritten,
                };
                for event in latest_only {
                    target.take(event);
                }
                Err(error)
            }
        }
    }

    fn try_forget(&mut self) -> Result<(), StoreError> {
        let Some(store) = &mut self.store else {
            return Ok(());
        };
        // Events of the port that wait would bring its agents back; they are written first.
        while self.pending.is_empty()
            && let Some(port) = self.forget.first().copied()
        {
            store.forget(port)?;
            self.confirmed.remove(&port);
            self.forget.remove(&port);
        }
        Ok(())
    }

    /// Deletes acknowledged events where space is needed, and says whether there is any.
    fn make_room(&mut self) -> Result<(), StoreError> {
        let now = self.now_utc_ms();
        let quota = self.settings.quota_bytes;
        let Some(store) = &mut self.store else {
            return Ok(());
        };
        while store.bytes()?.1 >= quota / 10 * 9
            && store.purge_acknowledged(self.acknowledged, i64::MAX, now)?
        {}
        let used = store.bytes()?.1;
        self.is_full = match self.is_full {
            true => used >= quota / 10 * 9,
            false => used >= quota,
        };
        Ok(())
    }

    fn tidy(&mut self) {
        let now = self.now_utc_ms();
        let aged = now - i64::from(self.settings.keep_days) * DAY_MS;
        let is_unanswered = self.answered_at.elapsed() >= self.settings.patience;
        let Some(store) = &mut self.store else { return };
        let tidied = (|| {
            let mut has_deleted =
                store.purge_acknowledged(self.acknowledged, now - KEEP_ACKNOWLEDGED_MS, now)?;
            // A Hub that was met lately will fetch them: a clock that jumps deletes nothing.
            if is_unanswered {
                has_deleted |= store.purge_aged(aged, now)?;
            }
            if has_deleted || store.bytes()?.0 > store.bytes()?.1 * 2 {
                store.shrink()?;
            }
            Ok(())
        })();
        if let Err(error) = tidied
            && self.failing.is_none()
        {
            self.failed(&error);
        }
    }

    fn publish(&mut self) {
        let last = self.next_pending - 1 + signed(self.pending.len() as u64);
        let waiting = (last - self.acknowledged).max(0).unsigned_abs();
        let first = self.acknowledged + 1;
        if waiting == 0 {
            self.oldest = None;
        } else if self.oldest.is_none_or(|(position, _)| position != first) {
            let received = match &self.store {
                Some(store) if first < self.next_pending => {
                    store.received_utc_ms(first).ok().flatten()
                }
                _ => self.pending.front().map(|event| event.received_utc_ms),
            };
            self.oldest = received.map(|received| (first, received));
        }
        let bytes = self.store.as_ref().and_then(|store| store.bytes().ok());
        let (bytes, used) = bytes.unwrap_or_default();
        self.forecast.note(Instant::now(), waiting);
        let each = (used / waiting.max(1)).clamp(64, 4096);
        let room = self.settings.quota_bytes.saturating_sub(used) / each;
        let report = BufferReport {
            waiting_events: waiting,
            oldest_utc_ms: self.oldest.map(|(_, received)| received),
            bytes,
            quota_bytes: self.settings.quota_bytes,
            full_in_seconds: self.forecast.full_in_seconds(room),
            degraded: !self.overflow.is_empty(),
        };
        self.alarm.check(&report);
        self.shared.publish(report);
    }
}
