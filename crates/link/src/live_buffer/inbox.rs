//! What waits for the writer's thread: events, commands, confirmations. Bounded; whoever puts something in never waits.

use super::overflow::Overflow;
use super::{Batch, KnownPort};
use floorwire_model::live::LiveEvent;
use floorwire_protocol::live::BufferReport;
use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// A group is committed when it has so many events,
const GROUP_EVENTS: usize = 500;
/// or when its first event has waited so long.
const GROUP_WAIT: Duration = Duration::from_millis(50);
/// Most events that wait while the thread stands in a commit that the disk does not finish; about 50 MB.
const MOST_EVENTS: usize = 100_000;

/// What the thread is asked.
#[derive(Debug)]
pub enum Command {
    Known(u16, oneshot::Sender<KnownPort>),
    Forget(u16, oneshot::Sender<()>),
    Batch(oneshot::Sender<Batch>),
    Answered(String, u64, oneshot::Sender<()>),
    Flush(oneshot::Sender<bool>),
    Stop(Option<oneshot::Sender<()>>),
}

/// What the thread takes at once.
#[derive(Debug, Default)]
pub struct Taken {
    pub events: Vec<LiveEvent>,
    /// How many calls of events were appended before these commands.
    pub appended: u64,
    pub confirmed: BTreeMap<u16, i64>,
    pub commands: Vec<Command>,
}

#[derive(Debug, Default)]
struct Inbox {
    events: Vec<LiveEvent>,
    overflow: Overflow,
    first_at: Option<Instant>,
    appended: u64,
    confirmed: BTreeMap<u16, i64>,
    commands: Vec<Command>,
    ended: bool,
}

/// The inbox and what the thread publishes.
#[derive(Debug, Default)]
pub struct Shared {
    inbox: Mutex<Inbox>,
    wake: Condvar,
    report: Mutex<BufferReport>,
}

impl Shared {
    fn inbox(&self) -> MutexGuard<'_, Inbox> {
        self.inbox.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn append(&self, events: Vec<LiveEvent>) {
        if events.is_empty() {
            return;
        }
        let mut inbox = self.inbox();
        if inbox.ended {
            return;
        }
        inbox.appended += events.len() as u64;
        let fits = inbox.overflow.is_empty() && inbox.events.len() + events.len() <= MOST_EVENTS;
        if fits {
            inbox.events.extend(events);
        } else {
            for event in events {
                inbox.overflow.take(event);
            }
        }
        let is_first = inbox.first_at.is_none();
        inbox.first_at.get_or_insert_with(Instant::now);
        let is_full = inbox.events.len() >= GROUP_EVENTS;
        drop(inbox);
        if is_first || is_full {
            self.wake.notify_one();
        }
    }

    pub fn appended(&self) -> u64 {
        self.inbox().appended
    }

    pub fn confirm(&self, port: u16, utc_ms: i64) {
        self.inbox().confirmed.insert(port, utc_ms);
    }

    /// Once the thread has ended, the command is dropped and with it its answer's sender.
    pub fn command(&self, command: Command) {
        let mut inbox = self.inbox();
        if !inbox.ended {
            inbox.commands.push(command);
        }
        drop(inbox);
        self.wake.notify_one();
    }

    /// Waits until a group is due, a command came, or `limit` is over.
    pub fn take(&self, limit: Duration) -> Taken {
        let until = Instant::now() + limit;
        let mut inbox = self.inbox();
        loop {
            let now = Instant::now();
            let due = match inbox.first_at {
                Some(_) if inbox.events.len() >= GROUP_EVENTS => now,
                Some(first) => until.min(first + GROUP_WAIT),
                None => until,
            };
            if !inbox.commands.is_empty() || due <= now {
                break;
            }
            inbox = self
                .wake
                .wait_timeout(inbox, due - now)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        let mut events = std::mem::take(&mut inbox.events);
        events.extend(inbox.overflow.drain());
        inbox.first_at = None;
        Taken {
            events,
            appended: inbox.appended,
            confirmed: std::mem::take(&mut inbox.confirmed),
            commands: std::mem::take(&mut inbox.commands),
        }
    }

    /// The thread ends: nothing is taken any more.
    pub fn end(&self) {
        let mut inbox = self.inbox();
        inbox.ended = true;
        inbox.commands.clear();
    }

    pub fn publish(&self, report: BufferReport) {
        *self.report.lock().unwrap_or_else(PoisonError::into_inner) = report;
    }

    pub fn report(&self) -> BufferReport {
        *self.report.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
