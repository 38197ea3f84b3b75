//! From what is known of agents and feeds now to what the API shows.

use super::dto::{LiveBuffer, LiveCounters, LiveFeed, LiveFeedState};
use crate::api::types::Instant;
use crate::live::feeds::FeedNow;
use floorwire_protocol::live::{BufferReport, FeedCounters, FeedState};

/// A buffer.
pub fn buffer(report: &BufferReport) -> LiveBuffer {
    LiveBuffer {
        waiting_events: report.waiting_events,
        oldest_at: report.oldest_utc_ms.and_then(Instant::from_ms),
        bytes: report.bytes,
        quota_bytes: report.quota_bytes,
        full_in_seconds: report.full_in_seconds,
        degraded: report.degraded,
    }
}

fn counters(counted: &FeedCounters) -> LiveCounters {
    LiveCounters {
        connections: counted.connections,
        refused_connections: counted.refused_connections,
        bytes: counted.bytes,
        lines: counted.lines,
        skipped: counted.skipped,
        records: counted.records,
        rejected: counted.rejected.values().sum(),
        rejected_by_reason: counted.rejected.clone(),
        unknown_codes: counted.unknown_codes,
        snapshots: counted.snapshots,
        truncated_snapshots: counted.truncated_snapshots,
        out_of_scope: counted.out_of_scope,
        events: counted.events,
    }
}

fn state(now: &FeedNow) -> LiveFeedState {
    let Some(feed) = &now.feed else {
        return LiveFeedState::Waiting;
    };
    if now.link_gone {
        return LiveFeedState::LinkGone;
    }
    match feed.report.state {
        FeedState::Listening => LiveFeedState::Listening,
        FeedState::Connected => LiveFeedState::Connected,
        FeedState::Receiving => LiveFeedState::Receiving,
        FeedState::Lost { .. } => LiveFeedState::Lost,
        FeedState::PortInUse => LiveFeedState::PortInUse,
        FeedState::PortForbidden => LiveFeedState::PortForbidden,
        FeedState::Misconfigured => LiveFeedState::Misconfigured,
        FeedState::Closed => LiveFeedState::Closed,
    }
}

/// A feed.
pub fn feed(now: FeedNow) -> LiveFeed {
    let state = state(&now);
    let report = now.feed.as_ref().map(|feed| &feed.report);
    LiveFeed {
        integration_id: now.integration.0,
        integration_name: now.integration_name,
        port: now.settings.port,
        acd: i64::from(now.settings.acd.0),
        profile: report.map_or_else(|| now.settings.profile.clone(), |report| report.profile.clone()),
        profile_version: report.map_or(0, |report| report.profile_version),
        state,
        detail: report.and_then(|report| report.detail.clone()),
        unknown_cause: now.unknown.map(|unknown| unknown.cause),
        unknown_since: now
            .unknown
            .and_then(|unknown| unknown.since_utc_ms)
            .and_then(Instant::from_ms),
        peer: report.and_then(|report| report.peer.clone()),
        confirmed_at: now
            .feed
            .as_ref()
            .and_then(|feed| feed.confirmed_utc_ms)
            .and_then(Instant::from_ms),
        last_record_at: report
            .and_then(|report| report.last_record_utc_ms)
            .and_then(Instant::from_ms),
        period_ms: report.and_then(|report| report.period_ms),
        stale_after_ms: report.map(|report| report.stale_after_ms),
        agents: report.map_or(0, |report| report.agents),
        counters: report.map(|report| counters(&report.counters)).unwrap_or_default(),
        latency_p50_ms: now.feed.as_ref().and_then(|feed| feed.latency.percentile(50)),
        latency_p99_ms: now.feed.as_ref().and_then(|feed| feed.latency.percentile(99)),
        reported_at: now
            .feed
            .as_ref()
            .and_then(|feed| Instant::from_ms(feed.reported_utc_ms)),
        clock_ahead_ms: now.feed.as_ref().map(|feed| feed.clock_ahead_ms),
        buffer: now.buffer.as_ref().map(buffer),
    }
}
