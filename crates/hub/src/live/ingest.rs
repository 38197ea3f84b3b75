//! A batch of live events becomes live state, spans and outages, in one transaction.
//!
//! Constraints. The mark of (Link, epoch) is locked first, so that a batch that arrives twice, at one hub process or at two,
//! is applied once: what is at or before the mark is skipped, what begins after `mark + 1` stores nothing. A killed process
//! leaves either all of a batch or nothing of it.
//!
//! What is not stored. Events while real-time status is off, of agents outside the scope, and such as cannot be true (no
//! login, times outside the years 2000 to 2199) are counted and acknowledged, so that a Link never stands still over one.
//!
//! Another epoch. When a Link begins a new numbering, nobody can say that nothing was between: everything that is known of
//! the integration's feeds ends at its last confirmation, as by a loss. A batch of an older numbering that comes late is
//! stored, and changes only what it is newer than.

use super::feeds;
use super::track::Track;
use crate::bus::Hint;
use crate::metrics;
use crate::state::AppState;
use crate::store::feed_outages::{self, FeedOutage};
use crate::store::feeds::{self as reports, Feed};
use crate::store::integrations::Integration;
use crate::store::links::Link;
use crate::store::live_agents::{self, LiveKey, LiveRow};
use crate::store::{StoreResult, Transaction, agents, feed_spans, integrations, live_events};
use floorwire_model::agents::AgentKey;
use floorwire_model::agents::scope::AgentScope;
use floorwire_model::ids::{AccountId, AcdNumber, IntegrationId, LinkId};
use floorwire_model::live::{LiveChange, LiveEvent, LiveStatus, LossCause, Since};
use floorwire_protocol::live::{FeedReport, LiveBatch};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Longest login ID, name, or word of a feed that is kept, characters.
const LONGEST_TEXT: usize = 100;
/// Feeds in one report.
const MOST_FEEDS: usize = 64;
/// 2000-01-01 and 2200-01-01.
const BELIEVABLE: std::ops::Range<i64> = 946_684_800_000..7_258_118_400_000;

/// What became of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// The mark after it.
    Mark(u64),
    /// The integration is no more.
    NoIntegration,
}

/// Stores a batch and publishes that there is news.
pub async fn accept(
    state: &AppState,
    account: AccountId,
    link: &Link,
    batch: LiveBatch,
) -> StoreResult<Accepted> {
    let now = state.clock.now_utc_ms();
    let mut transaction = state.store.begin().await?;
    let found = integrations::get_shared(&mut transaction, account, link.integration).await?;
    let Some(integration) = found else {
        return Ok(Accepted::NoIntegration);
    };
    let mark = live_events::lock_mark(
        &mut transaction,
        account,
        (link.id, integration.id),
        &batch.epoch,
        now,
    )
    .await?;
    let first = i64::try_from(batch.first_sequence).unwrap_or(i64::MAX);
    if first > mark.mark.saturating_add(1) {
        transaction.rollback().await?;
        return Ok(Accepted::Mark(mark.mark.unsigned_abs()));
    }
    let count = i64::try_from(batch.events.len()).unwrap_or(i64::MAX);
    let skipped = (mark.mark + 1 - first).min(count);
    let advanced = mark.mark + count - skipped;
    let is_repeated = count > 0 && skipped == count;
    let mut batch = batch;
    let events = batch
        .events
        .split_off(usize::try_from(skipped).unwrap_or(0));
    let came = events.len();
    let on = integration.configuration.realtime.enabled;
    let events: Vec<LiveEvent> = events
        .into_iter()
        .filter_map(|event| usable(event, on, &integration.configuration.agent_scope))
        .collect();
    let dropped = came - events.len();
    let mut writer = Writer {
        account,
        integration: &integration,
        link: link.id,
        epoch: &batch.epoch,
        now,
    };
    if on {
        let reported = reports::within(&mut transaction, account, integration.id).await?;
        if mark.is_new {
            let losses = writer.begin_epoch(&mut transaction, &reported).await?;
            writer.store(&mut transaction, LinkId(0), &losses).await?;
        }
        writer.store(&mut transaction, link.id, &events).await?;
        if !is_repeated {
            let sent = count.unsigned_abs();
            writer
                .report(&mut transaction, &reported, (&batch, sent), &events)
                .await?;
        }
    }
    let dropped = i64::try_from(dropped).unwrap_or(i64::MAX);
    live_events::advance(
        &mut transaction,
        account,
        link.id,
        &batch.epoch,
        (advanced, dropped),
    )
    .await?;
    transaction.commit().await?;
    ::metrics::counter!(metrics::LIVE_EVENTS, "outcome" => "stored").increment(events.len() as u64);
    ::metrics::counter!(metrics::LIVE_EVENTS, "outcome" => "dropped")
        .increment(dropped.unsigned_abs());
    state.bus.publish(Hint::Live(account));
    Ok(Accepted::Mark(advanced.unsigned_abs()))
}

/// The event as it is kept; `None` where it is not.
fn usable(mut event: LiveEvent, on: bool, scope: &AgentScope) -> Option<LiveEvent> {
    let believable = |utc_ms: i64| BELIEVABLE.contains(&utc_ms);
    if !on || !believable(event.received_utc_ms) || scope.excludes_acd(event.acd) {
        return None;
    }
    match &mut event.change {
        LiveChange::Status {
            login,
            name,
            since_utc_ms,
            status,
            ..
        } => {
            let is_plain = !login.is_empty()
                && login.chars().count() <= LONGEST_TEXT
                && !login.chars().any(char::is_control);
            if !is_plain || !believable(*since_utc_ms) {
                return None;
            }
            if let AgentScope::Logins { logins } = scope {
                let agent = AgentKey {
                    acd: event.acd,
                    login: login.clone(),
                };
                if !logins.contains(&agent) {
                    return None;
                }
            }
            *since_utc_ms = (*since_utc_ms).min(event.received_utc_ms);
            for text in [name, &mut status.raw, &mut status.skill] {
                *text = text.as_deref().map(plain);
            }
        }
        LiveChange::Lost {
            confirmed_utc_ms, ..
        } => *confirmed_utc_ms = confirmed_utc_ms.filter(|utc_ms| believable(*utc_ms)),
        LiveChange::Dropped {
            from_utc_ms,
            to_utc_ms,
            ..
        } => {
            if !believable(*from_utc_ms) || !believable(*to_utc_ms) {
                return None;
            }
            *to_utc_ms = (*to_utc_ms).max(*from_utc_ms);
        }
    }
    Some(event)
}

/// Without control characters, which PostgreSQL would refuse in part, and not endless.
fn plain(text: &str) -> String {
    let kept = text.chars().filter(|letter| !letter.is_control());
    kept.take(LONGEST_TEXT).collect()
}

struct Writer<'a> {
    account: AccountId,
    integration: &'a Integration,
    link: LinkId,
    epoch: &'a str,
    now: i64,
}

/// Rows and tracks of the agents of one batch.
#[derive(Default)]
struct Loaded {
    agents: BTreeMap<LiveKey, (LiveRow, Track)>,
    changed: BTreeSet<LiveKey>,
}

impl Writer<'_> {
    fn id(&self) -> IntegrationId {
        self.integration.id
    }

    /// The losses that end what was known under another numbering.
    async fn begin_epoch(
        &mut self,
        transaction: &mut Transaction,
        reported: &[Feed],
    ) -> StoreResult<Vec<LiveEvent>> {
        let known = live_agents::known(transaction, self.account, self.id()).await?;
        let feeds: BTreeSet<(u16, AcdNumber)> = known
            .iter()
            .filter(|row| row.epoch != self.epoch)
            .map(|row| (row.key.port, row.key.acd))
            .collect();
        let loss = |(port, acd): (u16, AcdNumber)| {
            let feed = reported.iter().find(|feed| feed.port == port);
            let latest = known
                .iter()
                .filter(|row| (row.key.port, row.key.acd) == (port, acd))
                .map(|row| row.received_utc_ms)
                .max();
            let confirmed = feed.and_then(|feed| feed.confirmed_utc_ms).max(latest);
            LiveEvent {
                port,
                acd,
                received_utc_ms: confirmed.unwrap_or(self.now),
                change: LiveChange::Lost {
                    confirmed_utc_ms: confirmed,
                    cause: LossCause::NotListening,
                },
            }
        };
        Ok(feeds.into_iter().map(loss).collect())
    }

    /// Stores events and applies them.
    async fn store(
        &mut self,
        transaction: &mut Transaction,
        link: LinkId,
        events: &[LiveEvent],
    ) -> StoreResult<()> {
        if events.is_empty() {
            return Ok(());
        }
        let first = live_events::insert(
            transaction,
            self.account,
            (self.id(), link),
            events,
            self.now,
        )
        .await?;
        let numbers = self.numbers(transaction, events).await?;
        let mut open = feed_outages::open(transaction, self.account, self.id()).await?;
        let mut outages: Vec<FeedOutage> = Vec::new();
        let mut loaded = Loaded::default();
        for (event_id, event) in (first..).zip(events) {
            match &event.change {
                LiveChange::Status {
                    login,
                    name,
                    since_utc_ms,
                    since,
                    status,
                } => {
                    let key = LiveKey {
                        integration: self.id(),
                        acd: event.acd,
                        login: login.clone(),
                        port: event.port,
                    };
                    let Some(agent_id) = numbers.get(&(event.acd, login.as_str())) else {
                        continue;
                    };
                    self.load(transaction, &mut loaded, &key, *agent_id, status)
                        .await?;
                    let applied = self.status(
                        &mut loaded,
                        &key,
                        (event_id, event.received_utc_ms),
                        (*since_utc_ms, *since, status),
                        name.as_deref(),
                    );
                    if applied {
                        close(&mut open, &mut outages, event);
                    }
                }
                LiveChange::Lost {
                    confirmed_utc_ms,
                    cause,
                } => {
                    self.load_known(transaction, &mut loaded, (event.port, event.acd))
                        .await?;
                    let at = confirmed_utc_ms.unwrap_or(event.received_utc_ms);
                    lose(
                        &mut loaded,
                        event,
                        event_id,
                        (*confirmed_utc_ms, at),
                        *cause,
                    );
                    let lasts =
                        |outage: &FeedOutage| (outage.port, outage.acd) == (event.port, event.acd);
                    if !open.iter().any(lasts) {
                        let outage = FeedOutage {
                            port: event.port,
                            acd: event.acd,
                            from_utc_ms: at,
                            to_utc_ms: None,
                            cause: Some(*cause),
                            dropped_events: 0,
                        };
                        outages.push(outage.clone());
                        open.push(outage);
                    }
                }
                LiveChange::Dropped {
                    events,
                    from_utc_ms,
                    to_utc_ms,
                } => outages.push(FeedOutage {
                    port: event.port,
                    acd: event.acd,
                    from_utc_ms: *from_utc_ms,
                    to_utc_ms: Some(*to_utc_ms),
                    cause: None,
                    dropped_events: i64::try_from(*events).unwrap_or(i64::MAX),
                }),
            }
        }
        for outage in &outages {
            feed_outages::put(transaction, self.account, self.id(), outage).await?;
        }
        for (key, (row, track)) in loaded.agents {
            if loaded.changed.contains(&key) {
                live_agents::put(transaction, self.account, &row).await?;
            }
            for span in track.into_changes() {
                let of = (row.agent_id, row.key.port);
                feed_spans::put(transaction, self.account, of, &span).await?;
            }
        }
        Ok(())
    }

    /// The numbers of the agents of a batch; new ones get one.
    async fn numbers<'e>(
        &self,
        transaction: &mut Transaction,
        events: &'e [LiveEvent],
    ) -> StoreResult<HashMap<(AcdNumber, &'e str), i64>> {
        let mut logins: BTreeMap<AcdNumber, BTreeSet<&str>> = BTreeMap::new();
        for event in events {
            if let LiveChange::Status { login, .. } = &event.change {
                logins.entry(event.acd).or_default().insert(login);
            }
        }
        let mut numbers = HashMap::new();
        for (acd, logins) in logins {
            let (account, id) = (self.account, self.id());
            let ids = agents::ids_of_acd(transaction, account, id, acd, &logins).await?;
            for login in logins {
                if let Some(agent_id) = ids.get(login) {
                    numbers.insert((acd, login), *agent_id);
                }
            }
        }
        Ok(numbers)
    }

    async fn load(
        &self,
        transaction: &mut Transaction,
        loaded: &mut Loaded,
        key: &LiveKey,
        agent_id: i64,
        status: &LiveStatus,
    ) -> StoreResult<()> {
        if loaded.agents.contains_key(key) {
            return Ok(());
        }
        let row = live_agents::get(transaction, self.account, key).await?;
        let row = row.unwrap_or_else(|| LiveRow {
            key: key.clone(),
            agent_id,
            name: String::new(),
            status: status.clone(),
            since_utc_ms: i64::MIN,
            since: Since::Earlier,
            received_utc_ms: i64::MIN,
            epoch: String::new(),
            lost: None,
            event_id: 0,
        });
        let last = feed_spans::last(transaction, self.account, row.agent_id, key.port).await?;
        loaded.agents.insert(key.clone(), (row, Track::from(last)));
        Ok(())
    }

    async fn load_known(
        &self,
        transaction: &mut Transaction,
        loaded: &mut Loaded,
        (port, acd): (u16, AcdNumber),
    ) -> StoreResult<()> {
        for row in live_agents::known(transaction, self.account, self.id()).await? {
            if (row.key.port, row.key.acd) != (port, acd) || loaded.agents.contains_key(&row.key) {
                continue;
            }
            let last = feed_spans::last(transaction, self.account, row.agent_id, port).await?;
            loaded
                .agents
                .insert(row.key.clone(), (row, Track::from(last)));
        }
        Ok(())
    }

    /// False where a word of an older numbering comes too late to say anything.
    fn status(
        &self,
        loaded: &mut Loaded,
        key: &LiveKey,
        (event_id, received_utc_ms): (i64, i64),
        (since_utc_ms, since, status): (i64, Since, &LiveStatus),
        name: Option<&str>,
    ) -> bool {
        let Some((row, track)) = loaded.agents.get_mut(key) else {
            return false;
        };
        if row.epoch != self.epoch && received_utc_ms < row.received_utc_ms {
            return false;
        }
        track.status(since_utc_ms, since, status);
        if let Some(span) = track.last() {
            row.since_utc_ms = span.start_utc_ms;
            row.since = span.since;
        }
        row.status = status.clone();
        row.received_utc_ms = received_utc_ms;
        self.epoch.clone_into(&mut row.epoch);
        row.lost = None;
        row.event_id = event_id;
        if let Some(name) = name {
            name.trim().clone_into(&mut row.name);
        }
        loaded.changed.insert(key.clone());
        true
    }

    /// Keeps what the Link says of its feeds.
    async fn report(
        &self,
        transaction: &mut Transaction,
        reported: &[Feed],
        (batch, sent): (&LiveBatch, u64),
        events: &[LiveEvent],
    ) -> StoreResult<()> {
        let newest = events.iter().map(|event| event.received_utc_ms).max();
        let waiting = batch.buffer.waiting_events > sent;
        let ahead = batch.sent_utc_ms.saturating_sub(self.now);
        for report in batch.feeds.iter().take(MOST_FEEDS) {
            let before = reported.iter().find(|feed| feed.port == report.port);
            // The way here makes the Link's clock look late; the least late sample is the truest.
            let clock_ahead_ms = before.map_or(ahead, |feed| ahead.max(feed.clock_ahead_ms - 1));
            let mut latency = before.map(|feed| feed.latency.clone()).unwrap_or_default();
            latency.at(self.now);
            let of_feed = events.iter().filter(|event| event.port == report.port);
            for event in of_feed.clone() {
                let received = event.received_utc_ms - clock_ahead_ms;
                latency.add(self.now.saturating_sub(received));
            }
            let known = before.and_then(|feed| feed.confirmed_utc_ms);
            // While events wait at the Link, what is stored ends with the last of them.
            let confirmed_utc_ms = match waiting {
                false => report.confirmed_utc_ms,
                true => report
                    .confirmed_utc_ms
                    .min(newest.or(known).or(batch.buffer.oldest_utc_ms)),
            };
            let latest = of_feed.map(|event| event.received_utc_ms).max();
            let feed = Feed {
                integration: self.id(),
                port: report.port,
                report: kept(report),
                buffer: batch.buffer,
                reported_utc_ms: self.now,
                clock_ahead_ms,
                confirmed_utc_ms,
                latest_utc_ms: latest.max(before.and_then(|feed| feed.latest_utc_ms)),
                latency,
            };
            if before.is_none_or(|before| before.report.state != feed.report.state) {
                tracing::info!(link = self.link.0, integration = self.id().0, port = feed.port,
                    state = ?feed.report.state, "a real-time feed changed its state");
            }
            reports::put(transaction, self.account, &feed).await?;
        }
        reports::forget(
            transaction,
            self.account,
            self.id(),
            self.now - 10 * feeds::LINK_GONE_MS,
        )
        .await
    }
}

fn kept(report: &FeedReport) -> FeedReport {
    FeedReport {
        profile: plain(&report.profile),
        detail: report.detail.as_deref().map(|text| {
            let letters = text.chars().filter(|letter| !letter.is_control());
            letters.take(500).collect()
        }),
        peer: report.peer.as_deref().map(plain),
        counters: floorwire_protocol::live::FeedCounters {
            rejected: report
                .counters
                .rejected
                .iter()
                .take(50)
                .map(|(reason, count)| (plain(reason), *count))
                .collect(),
            ..report.counters.clone()
        },
        ..report.clone()
    }
}

/// Ends what is known of the agents of a feed's ACD.
fn lose(
    loaded: &mut Loaded,
    event: &LiveEvent,
    event_id: i64,
    (confirmed_utc_ms, at): (Option<i64>, i64),
    cause: LossCause,
) {
    for (key, (row, track)) in &mut loaded.agents {
        if (key.port, key.acd) != (event.port, event.acd) || row.lost.is_some() {
            continue;
        }
        track.lost(confirmed_utc_ms);
        row.lost = Some((at.max(row.since_utc_ms), cause));
        row.event_id = event_id;
        loaded.changed.insert(key.clone());
    }
}

/// The feed speaks again.
fn close(open: &mut Vec<FeedOutage>, outages: &mut Vec<FeedOutage>, event: &LiveEvent) {
    open.retain(|outage| {
        if (outage.port, outage.acd) != (event.port, event.acd) {
            return true;
        }
        outages.push(FeedOutage {
            to_utc_ms: Some(event.received_utc_ms.max(outage.from_utc_ms)),
            ..outage.clone()
        });
        false
    });
}
