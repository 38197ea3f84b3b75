//! From what is known of agents and feeds now to what the API shows.

use super::dto::{LiveAgent, LiveBuffer, LiveCounters, LiveFeed, LiveFeedState, UnknownCause};
use crate::api::agents::{AgentState, OnHold};
use crate::api::types::Instant;
use crate::live::feeds::{FeedNow, Unknown};
use crate::store::live_agents::{LiveKey, LiveRow};
use floorwire_model::ids::{AcdNumber, IntegrationId};
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
        profile: report.map_or_else(
            || now.settings.profile.clone(),
            |report| report.profile.clone(),
        ),
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
        counters: report
            .map(|report| counters(&report.counters))
            .unwrap_or_default(),
        latency_p50_ms: now
            .feed
            .as_ref()
            .and_then(|feed| feed.latency.percentile(50)),
        latency_p99_ms: now
            .feed
            .as_ref()
            .and_then(|feed| feed.latency.percentile(99)),
        reported_at: now
            .feed
            .as_ref()
            .and_then(|feed| Instant::from_ms(feed.reported_utc_ms)),
        clock_ahead_ms: now.feed.as_ref().map(|feed| feed.clock_ahead_ms),
        buffer: now.buffer.as_ref().map(buffer),
    }
}

/// The name of a row.
pub fn key(key: &LiveKey) -> String {
    format!("{}.{}.{}.{}", key.integration, key.port, key.acd, key.login)
}

/// The inverse of [`key`].
pub fn key_of(text: &str) -> Option<LiveKey> {
    let mut parts = text.splitn(4, '.');
    Some(LiveKey {
        integration: IntegrationId(parts.next()?.parse().ok()?),
        port: parts.next()?.parse().ok()?,
        acd: AcdNumber(parts.next()?.parse().ok()?),
        login: parts.next()?.to_owned(),
    })
}

/// An agent; `unknown` says why nothing is known of its feed. `None`: a time out of range.
pub fn agent(
    row: &LiveRow,
    unknown: Option<Unknown>,
    detail: bool,
    name: impl Fn(&str, &str) -> Option<String>,
) -> Option<LiveAgent> {
    let status = &row.status;
    let by_feed = unknown.map(|unknown| (unknown.since_utc_ms, unknown.cause));
    let unknown = match row.lost {
        Some((utc_ms, cause)) => Some((Some(utc_ms), UnknownCause::from(cause))),
        None => by_feed,
    };
    let since = match unknown {
        Some((confirmed, _)) => confirmed
            .unwrap_or(row.received_utc_ms)
            .max(row.since_utc_ms),
        None => row.since_utc_ms,
    };
    let known = unknown.is_none();
    let shown_name = name("agname", &row.key.login);
    let by_source = Some(row.name.clone()).filter(|name| !name.is_empty());
    let reason = status.aux_reason.filter(|_| known);
    let skill = status.skill.clone().filter(|_| known && detail);
    Some(LiveAgent {
        key: key(&row.key),
        agent_id: row.agent_id,
        integration_id: row.key.integration.0,
        port: row.key.port,
        acd: i64::from(row.key.acd.0),
        login: row.key.login.clone(),
        name: shown_name
            .or(by_source)
            .unwrap_or_else(|| row.key.login.clone()),
        state: if known {
            status.state.into()
        } else {
            AgentState::Unknown
        },
        since: Instant::from_ms(since)?,
        since_kind: row.since.into(),
        unknown_cause: unknown.map(|(_, cause)| cause),
        last_state: (!known).then(|| status.state.into()),
        direction: status.direction.filter(|_| known).map(Into::into),
        reason_name: reason.and_then(|reason| name("aux_rsn", &reason.to_string())),
        reason,
        skill_name: skill.as_ref().and_then(|skill| name("split", skill)),
        skill_level: status.skill_level.filter(|_| skill.is_some()),
        skill,
        hold: if known {
            status.hold.into()
        } else {
            OnHold::No
        },
        raw: status.raw.clone().filter(|_| known),
    })
}
