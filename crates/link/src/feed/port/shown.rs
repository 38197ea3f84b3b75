//! How a port is, in what it reports and in what it says after a start.

use super::Port;
use crate::live_buffer::KnownPort;
use floorwire_model::ids::AcdNumber;
use floorwire_model::live::{LiveChange, LiveEvent, LossCause};
use floorwire_protocol::live::{FeedCounters, FeedReport, FeedState};

impl Port {
    /// Shows how the port is. After the events were appended: what it confirms is in the buffer.
    pub(super) fn show(&self) {
        let feed = &self.settings.feed;
        let health = self.reading.as_ref().map(|reading| reading.engine.health());
        if let Some(confirmed) = health.as_ref().and_then(|health| health.confirmed_utc_ms) {
            self.around.buffer.confirm(feed.port, confirmed);
        }
        let engine_state = health.as_ref().map(|health| match health.state {
            // That nothing was known before says nothing of now.
            FeedState::Lost {
                cause: LossCause::NotListening | LossCause::Reconfigured,
            } if self.active.is_none() => FeedState::Listening,
            ref state => state.clone(),
        });
        let (state, mut detail) = match (&self.not_open, engine_state) {
            _ if self.settings.is_closed => (FeedState::Closed, None),
            (Some(not_open), _) => (not_open.state.clone(), Some(not_open.detail.clone())),
            (None, Some(state)) if self.fault.is_none() => (state, None),
            (None, _) => (FeedState::Misconfigured, None),
        };
        detail = detail.or_else(|| self.fault.clone());
        detail = detail.or_else(|| {
            let address = self.last_refusal.as_ref()?;
            Some(format!(
                "connections from {address} were refused: the address is not among those allowed"
            ))
        });
        let mut counters = self.counters.clone();
        if let Some(health) = &health {
            add(&mut counters, health.counters.clone());
        }
        self.around.board.put(FeedReport {
            port: feed.port,
            acd: feed.acd,
            profile: feed.profile.clone(),
            profile_version: feed.profile_version,
            state,
            detail,
            peer: self.active.as_ref().map(|active| active.peer.to_string()),
            confirmed_utc_ms: health.as_ref().and_then(|health| health.confirmed_utc_ms),
            last_record_utc_ms: health.as_ref().and_then(|health| health.last_record_utc_ms),
            period_ms: health.as_ref().and_then(|health| health.period_ms),
            stale_after_ms: self
                .reading
                .as_ref()
                .map_or(0, |reading| reading.profile.stale_after_ms()),
            agents: health.as_ref().map_or(0, |health| health.agents),
            counters,
        });
    }
}

/// The losses to tell after a start: one for every ACD of which the Hub was not told yet, with the last confirmation.
pub(super) fn losses(
    known: &KnownPort,
    from_engine: Vec<LiveEvent>,
    acds: &[AcdNumber],
    port: u16,
    now_utc_ms: i64,
) -> Vec<LiveEvent> {
    let mut told: Vec<LiveEvent> = acds
        .iter()
        .filter(|acd| !known.lost.contains(acd))
        .map(|acd| LiveEvent {
            port,
            acd: *acd,
            received_utc_ms: now_utc_ms,
            change: LiveChange::Lost {
                confirmed_utc_ms: known.confirmed_utc_ms,
                cause: LossCause::NotListening,
            },
        })
        .collect();
    // Whatever else the engine had to say.
    let others = from_engine.into_iter().filter(|event| {
        !matches!(event.change, LiveChange::Lost { .. }) || !acds.contains(&event.acd)
    });
    told.extend(others);
    told
}

/// Adds counts to counts.
pub(super) fn add(to: &mut FeedCounters, more: FeedCounters) {
    to.connections += more.connections;
    to.refused_connections += more.refused_connections;
    to.bytes += more.bytes;
    to.lines += more.lines;
    to.skipped += more.skipped;
    to.records += more.records;
    for (reason, count) in more.rejected {
        *to.rejected.entry(reason).or_default() += count;
    }
    to.unknown_codes += more.unknown_codes;
    to.snapshots += more.snapshots;
    to.truncated_snapshots += more.truncated_snapshots;
    to.out_of_scope += more.out_of_scope;
    to.events += more.events;
}
