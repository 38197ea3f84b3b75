//! The present of an account in memory, for all who look at it in this process.
//!
//! Constraints. Thousands of listeners: a change is read and written as JSON once, and all share the bytes. A listener who is
//! too slow is told by the channel that it missed something and takes a new snapshot; nothing is kept for it. Events keep
//! their numbers over restarts and processes; what a listener missed is taken from the changes of the last minutes, if they
//! are there, else it gets a snapshot.
//!
//! Life. A board is made when somebody asks and goes `IDLE` after the last one has left. Everything in it is read from
//! the store again at `RELOAD` and after a change of an integration; between, only rows that events changed.

use super::feeds;
use super::view::View;
use crate::api::live::{LiveAgent, LiveFeed, LiveUpdate, key as shown_key, shown_feed};
use crate::api::types;
use crate::bus::Hint;
use crate::state::AppState;
use crate::store::live_agents::{self, LiveKey, LiveRow};
use crate::store::{StoreResult, feeds as reports, integrations, queues};
use axum::body::Bytes;
use floorwire_model::ids::AccountId;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{Mutex as AsyncMutex, broadcast};
use tokio::time::Instant;

/// Changes that come together are sent together.
const TOGETHER: Duration = Duration::from_millis(100);
const LOOK: Duration = Duration::from_secs(1);
/// Names, settings and all rows are read again.
const RELOAD: Duration = Duration::from_secs(60);
const IDLE: Duration = Duration::from_secs(60);
/// Changes that wait for the slowest listener.
const WAITING: usize = 64;
/// Changes that are kept for listeners who come back.
const MOST_HISTORY: usize = 2_000;
const MOST_HISTORY_BYTES: usize = 8 * 1024 * 1024;
/// Whoever comes back gets what was sent so long before the event it names too: by another process, whose clock may have
/// noticed a dead feed a little later.
const OVERLAP: Duration = Duration::from_secs(10);
const MOST_INTEGRATIONS: i64 = 10_000;

/// The boards of a process. Cloning gives the same.
#[derive(Clone, Debug, Default)]
pub struct Live(Arc<Mutex<HashMap<AccountId, Arc<Board>>>>);

/// One account's present.
#[derive(Debug)]
pub struct Board {
    account: AccountId,
    frames: broadcast::Sender<Arc<Frame>>,
    inner: AsyncMutex<Inner>,
    used: Mutex<Instant>,
}

/// One change, as it is sent.
#[derive(Debug)]
pub struct Frame {
    event_id: i64,
    at: Instant,
    /// A whole server-sent event.
    pub bytes: Bytes,
}

#[derive(Debug, Default)]
struct Inner {
    loaded: Option<Instant>,
    event_id: i64,
    rows: BTreeMap<LiveKey, LiveRow>,
    shown: BTreeMap<LiveKey, LiveAgent>,
    view: View,
    history: VecDeque<Arc<Frame>>,
    history_bytes: usize,
    /// True when a change has fallen out of the history, or there was one before this board.
    forgot: bool,
    snapshot: Option<Bytes>,
}

/// What is shown at a moment.
#[derive(Debug)]
pub struct Present {
    /// The agents.
    pub agents: Vec<(LiveKey, LiveAgent)>,
    /// The feeds.
    pub feeds: Vec<LiveFeed>,
    /// Number of the last event that is in it.
    pub event_id: i64,
}

/// A listener's beginning: what it has to hear first, and where it listens on.
#[derive(Debug)]
pub struct Listening {
    /// A snapshot, or the changes that were missed.
    pub first: Vec<Bytes>,
    /// The changes from then on.
    pub frames: broadcast::Receiver<Arc<Frame>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Live {
    /// The board of an account; made, with the task that keeps it, when there is none.
    pub fn board(&self, state: &AppState, account: AccountId) -> Arc<Board> {
        let mut boards = lock(&self.0);
        if let Some(board) = boards.get(&account) {
            board.touch();
            return board.clone();
        }
        let board = Arc::new(Board {
            account,
            frames: broadcast::Sender::new(WAITING),
            inner: AsyncMutex::default(),
            used: Mutex::new(Instant::now()),
        });
        boards.insert(account, board.clone());
        drop(boards);
        let task = keep(state.clone(), self.clone(), board.clone());
        state.shutdown.spawn(task);
        board
    }

    /// Takes a board away that nobody uses. A board that was handed out meanwhile was touched under the same lock.
    fn retire(&self, board: &Board) -> bool {
        let mut boards = lock(&self.0);
        let is_idle = board.frames.receiver_count() == 0 && lock(&board.used).elapsed() >= IDLE;
        if is_idle {
            boards.remove(&board.account);
        }
        is_idle
    }
}

/// Keeps a board up to date until nobody uses it.
async fn keep(state: AppState, live: Live, board: Arc<Board>) {
    let account = board.account;
    let mut hints = state.bus.subscribe();
    loop {
        let mut all = false;
        let woken = tokio::select! {
            () = state.shutdown.cancelled() => return,
            () = tokio::time::sleep(LOOK) => false,
            hint = hints.recv() => match hint {
                Ok(Hint::Live(of)) if of == account => true,
                Ok(Hint::Integration(of, _)) if of == account => { all = true; true }
                Ok(_) => continue,
                Err(RecvError::Lagged(_)) => { all = true; true }
                Err(RecvError::Closed) => return,
            }
        };
        if woken {
            tokio::time::sleep(TOGETHER).await;
        }
        if let Err(error) = board.refresh(&state, all).await {
            state.storage.note(&error);
        }
        if live.retire(&board) {
            return;
        }
    }
}

impl Board {
    fn touch(&self) {
        *lock(&self.used) = Instant::now();
    }

    /// Reads what is new, and tells the listeners.
    async fn refresh(&self, state: &AppState, all: bool) -> StoreResult<()> {
        let mut inner = self.inner.lock().await;
        self.bring_up(&mut inner, state, all).await
    }

    async fn bring_up(&self, inner: &mut Inner, state: &AppState, all: bool) -> StoreResult<()> {
        let is_new = inner.loaded.is_none();
        let all = all || inner.loaded.is_none_or(|at| at.elapsed() >= RELOAD);
        let unknown_before = inner.view.unknown();
        let feeds_before: Vec<LiveFeed> = inner.feeds();
        let changed: BTreeSet<LiveKey> = if all {
            self.load(inner, state).await?;
            inner.rows.keys().cloned().collect()
        } else {
            let rows = live_agents::after(&state.store, self.account, inner.event_id).await?;
            inner.take(rows)
        };
        let reported = reports::of_account(&state.store, self.account).await?;
        let now = state.clock.now_utc_ms();
        let integrations = inner.view.integrations.values();
        inner.view.feeds = integrations
            .flat_map(|integration| feeds::now(integration, &reported, now))
            .collect();
        let redo = all || inner.view.unknown() != unknown_before;
        let (agents, gone) = inner.show(if redo { None } else { Some(&changed) });
        let feeds = inner.feeds();
        let feeds = (feeds != feeds_before).then_some(feeds);
        if !is_new && (!agents.is_empty() || !gone.is_empty() || feeds.is_some()) {
            let update = update(inner.event_id, now, agents, gone, feeds)?;
            let frame = Arc::new(Frame {
                event_id: inner.event_id,
                at: Instant::now(),
                bytes: event("delta", inner.event_id, &update)?,
            });
            inner.remember(&frame);
            let _listeners = self.frames.send(frame);
        }
        if all {
            inner.loaded = Some(Instant::now());
        }
        Ok(())
    }

    async fn load(&self, inner: &mut Inner, state: &AppState) -> StoreResult<()> {
        let (store, account) = (&state.store, self.account);
        let found = integrations::list(store, account, 0, MOST_INTEGRATIONS).await?;
        let event_id = live_agents::last_event(store, account).await?;
        let rows = live_agents::after(store, account, -1).await?;
        let acds: BTreeSet<_> = rows
            .iter()
            .map(|row| (row.key.integration, row.key.acd))
            .collect();
        let mut dictionaries = HashMap::new();
        for (integration, acd) in acds {
            let names = queues::names_of_acd(store, account, integration, acd).await?;
            dictionaries.insert((integration, acd), names);
        }
        inner.view.integrations = found
            .into_iter()
            .map(|integration| (integration.id, integration))
            .collect();
        inner.view.dictionaries = dictionaries;
        inner.event_id = inner.event_id.max(event_id);
        inner.rows.clear();
        inner.take(rows);
        Ok(())
    }

    /// Everything that is shown, up to date.
    pub async fn present(&self, state: &AppState) -> StoreResult<Present> {
        let mut inner = self.inner.lock().await;
        self.bring_up(&mut inner, state, false).await?;
        Ok(Present {
            agents: inner
                .shown
                .iter()
                .map(|(key, agent)| (key.clone(), agent.clone()))
                .collect(),
            feeds: inner.feeds(),
            event_id: inner.event_id,
        })
    }

    /// Begins to listen, after an event that was seen or from a snapshot on.
    pub async fn listen(&self, state: &AppState, seen: Option<i64>) -> StoreResult<Listening> {
        let mut inner = self.inner.lock().await;
        self.bring_up(&mut inner, state, false).await?;
        let frames = self.frames.subscribe();
        let first = match seen.and_then(|seen| inner.missed(seen)) {
            Some(missed) => missed,
            None => vec![inner.snapshot(state.clock.now_utc_ms())?],
        };
        Ok(Listening { first, frames })
    }
}

impl Inner {
    /// Takes rows that changed; their keys.
    fn take(&mut self, rows: Vec<LiveRow>) -> BTreeSet<LiveKey> {
        let mut changed = BTreeSet::new();
        for row in rows {
            self.event_id = self.event_id.max(row.event_id);
            changed.insert(row.key.clone());
            self.rows.insert(row.key.clone(), row);
        }
        changed
    }

    fn feeds(&self) -> Vec<LiveFeed> {
        self.view.feeds.iter().cloned().map(shown_feed).collect()
    }

    /// Shows rows anew (`None`: all); what is different from before, and what is gone.
    fn show(&mut self, keys: Option<&BTreeSet<LiveKey>>) -> (Vec<LiveAgent>, Vec<String>) {
        let concerned: Vec<LiveKey> = match keys {
            Some(keys) => keys.iter().cloned().collect(),
            None => {
                let known: BTreeSet<&LiveKey> = self.rows.keys().chain(self.shown.keys()).collect();
                known.into_iter().cloned().collect()
            }
        };
        let (mut agents, mut gone) = (Vec::new(), Vec::new());
        for key in concerned {
            match self.rows.get(&key).and_then(|row| self.view.agent(row)) {
                Some(agent) if self.shown.get(&key) == Some(&agent) => {}
                Some(agent) => {
                    agents.push(agent.clone());
                    self.shown.insert(key, agent);
                }
                None if self.shown.remove(&key).is_some() => gone.push(shown_key(&key)),
                None => {}
            }
        }
        (agents, gone)
    }

    fn remember(&mut self, frame: &Arc<Frame>) {
        self.snapshot = None;
        self.history_bytes += frame.bytes.len();
        self.history.push_back(frame.clone());
        while self.history.len() > MOST_HISTORY || self.history_bytes > MOST_HISTORY_BYTES {
            let Some(oldest) = self.history.pop_front() else {
                break;
            };
            self.history_bytes -= oldest.bytes.len();
            self.forgot = true;
        }
    }

    /// The changes after an event; `None` where they are not all there.
    fn missed(&self, seen: i64) -> Option<Vec<Bytes>> {
        if seen > self.event_id {
            return None;
        }
        // The change that brought the event, or one before it, has to be there still: then all after it are.
        let at = self
            .history
            .iter()
            .position(|frame| frame.event_id >= seen)?;
        let known = self.history.get(at)?;
        if at == 0 && known.event_id > seen {
            return None;
        }
        let since = known.at.checked_sub(OVERLAP);
        let wanted = self.history.iter().enumerate().filter(|(number, frame)| {
            *number >= at || since.is_some_and(|since| frame.at >= since)
        });
        Some(wanted.map(|(_, frame)| frame.bytes.clone()).collect())
    }

    fn snapshot(&mut self, now_utc_ms: i64) -> StoreResult<Bytes> {
        if let Some(bytes) = &self.snapshot {
            return Ok(bytes.clone());
        }
        let agents = self.shown.values().cloned().collect();
        let update = update(
            self.event_id,
            now_utc_ms,
            agents,
            Vec::new(),
            Some(self.feeds()),
        )?;
        let bytes = event("snapshot", self.event_id, &update)?;
        self.snapshot = Some(bytes.clone());
        Ok(bytes)
    }
}

fn update(
    event_id: i64,
    now_utc_ms: i64,
    agents: Vec<LiveAgent>,
    gone: Vec<String>,
    feeds: Option<Vec<LiveFeed>>,
) -> StoreResult<LiveUpdate> {
    let outside = || crate::store::StoreError::unreadable("the present", "it is out of range");
    Ok(LiveUpdate {
        event_id,
        now: types::Instant::from_ms(now_utc_ms).ok_or_else(outside)?,
        agents,
        gone,
        feeds,
    })
}

/// A server-sent event. JSON has no line ends outside of text, and in text they are escaped.
fn event(kind: &str, id: i64, update: &LiveUpdate) -> StoreResult<Bytes> {
    let data = serde_json::to_string(update)
        .map_err(|error| crate::store::StoreError::unreadable("the present", error))?;
    Ok(Bytes::from(format!(
        "id: {id}\nevent: {kind}\ndata: {data}\n\n"
    )))
}
