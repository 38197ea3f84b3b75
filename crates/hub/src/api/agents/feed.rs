//! What the real-time feed adds to an agent's statuses: spans where there is no trace, and where it was lost, *unknown*.
//!
//! Precedence. Trace, to the second; then the feed; then sessions; then, where none of them says anything, a loss of the
//! feed reads as *unknown* with its cause, so that it never counts as absence. Where the trace has a gap, the feed fills it;
//! what is left of a staffed status of the feed directly at a traced one, and shorter than [`DELAY_S`], is the feed's delay
//! and is left out.

use super::Asked;
use crate::api::live::UnknownCause;
use crate::auth::Principal;
use crate::error::ApiResult;
use crate::live::feeds;
use crate::live::track::Span;
use crate::state::AppState;
use crate::store::feed_outages::FeedOutage;
use crate::store::feeds::Feed;
use crate::store::live_agents::LiveRow;
use crate::store::{feed_outages, feed_spans, feeds as reports, live_agents};
use floorwire_model::agents::{AgentKey, AgentStatus, Hold, StatusSource, WorkState};
use floorwire_model::ids::IntegrationId;
use floorwire_model::streams::Quality;

/// How late a feed may be: its period and the time until absence counts as logout.
const DELAY_S: i64 = 60;

/// A time in which nothing is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Start, seconds since 1970 UTC.
    pub start_utc_s: i64,
    /// End, exclusive.
    pub end_utc_s: i64,
    /// Why.
    pub cause: UnknownCause,
}

/// What the feeds say of an agent in a period.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ByFeed {
    /// Statuses, by start, without overlap.
    pub spans: Vec<AgentStatus>,
    /// Times without word, by start.
    pub gaps: Vec<Gap>,
}

/// Reads what the feeds say.
pub async fn of_period(
    state: &AppState,
    principal: &Principal,
    asked: &Asked,
) -> ApiResult<ByFeed> {
    let (store, account, agent) = (&state.store, principal.account, asked.row.agent_id);
    let integration = IntegrationId(asked.row.integration_id);
    let acd = asked.acd()?;
    let period = (asked.from_utc_s * 1000, asked.to_utc_s * 1000);
    let stored = feed_spans::within(store, account, agent, period).await?;
    let rows = live_agents::of_agent(store, account, agent).await?;
    if stored.is_empty() && rows.is_empty() {
        return Ok(ByFeed::default());
    }
    let reported = reports::of_integration(store, account, integration).await?;
    let outages = feed_outages::within(store, account, integration, period).await?;
    let ports: Vec<u16> = rows.iter().map(|row| row.key.port).collect();
    let of_agent = |outage: &&FeedOutage| outage.acd == acd && ports.contains(&outage.port);
    let now = state.clock.now_utc_ms();
    let mut gaps: Vec<Gap> = outages
        .iter()
        .filter(of_agent)
        .filter_map(|outage| gap(outage, now))
        .collect();
    let mut spans: Vec<AgentStatus> = Vec::new();
    for (port, span) in stored {
        let feed = reported.iter().find(|feed| feed.port == port);
        let row = rows.iter().find(|row| row.key.port == port);
        let end = match span.end_utc_ms {
            Some(end) => end,
            None => {
                let (end, gap) = open_end(&span, row, feed, now);
                gaps.extend(gap);
                end
            }
        };
        let status = status(asked, acd.0, &span, end);
        // Two feeds may speak of one agent; the lower port counts, the other fills.
        let pieces = without(vec![status], &spans);
        spans.extend(pieces);
        spans.sort_by_key(|span| span.start_utc_s);
    }
    gaps.sort_by_key(|gap| (gap.start_utc_s, gap.end_utc_s));
    Ok(ByFeed { spans, gaps })
}

/// Up to when a status that lasts is known, and what comes after.
fn open_end(
    span: &Span,
    row: Option<&LiveRow>,
    feed: Option<&Feed>,
    now: i64,
) -> (i64, Option<Gap>) {
    let ahead = feed.map_or(0, |feed| feed.clock_ahead_ms);
    let link_now = now + ahead;
    let Some(unknown) = feeds::unknown(feed, now) else {
        return (link_now.max(span.start_utc_ms), None);
    };
    let received = row.map_or(span.start_utc_ms, |row| row.received_utc_ms);
    let known = unknown.since_utc_ms.unwrap_or(received);
    let end = known.max(span.start_utc_ms);
    let gap = Gap {
        start_utc_s: end.div_euclid(1000),
        end_utc_s: link_now.div_euclid(1000),
        cause: unknown.cause,
    };
    (end, Some(gap))
}

fn gap(outage: &FeedOutage, now: i64) -> Option<Gap> {
    Some(Gap {
        start_utc_s: outage.from_utc_ms.div_euclid(1000),
        end_utc_s: outage.to_utc_ms.unwrap_or(now).div_euclid(1000),
        cause: outage.cause?.into(),
    })
}

/// Feeds tell milliseconds; statuses are shown to the second, edges that touch stay together.
fn status(asked: &Asked, acd: i32, span: &Span, end_utc_ms: i64) -> AgentStatus {
    AgentStatus {
        agent: AgentKey {
            acd: floorwire_model::ids::AcdNumber(acd),
            login: asked.row.login.clone(),
        },
        row_date: asked.days.from,
        start_utc_s: span.start_utc_ms.div_euclid(1000),
        end_utc_s: end_utc_ms.div_euclid(1000),
        state: span.status.state,
        direction: span.status.direction,
        aux_reason: span.status.aux_reason,
        skill: span.status.skill.clone(),
        logout_reason: None,
        hold: span.status.hold,
        source_mode: None,
        source_direction: None,
        source: StatusSource::Feed,
        quality: Quality::Final,
    }
}

/// The parts of spans that lie outside all of `others`; spans without length are left out.
pub fn without(spans: Vec<AgentStatus>, others: &[AgentStatus]) -> Vec<AgentStatus> {
    let mut left = Vec::new();
    for span in spans {
        let mut start = span.start_utc_s;
        let mut covering: Vec<(i64, i64)> = others
            .iter()
            .filter(|other| {
                other.end_utc_s > span.start_utc_s && other.start_utc_s < span.end_utc_s
            })
            .map(|other| (other.start_utc_s, other.end_utc_s))
            .collect();
        covering.sort_unstable();
        for (from, to) in covering {
            if from > start {
                left.push(AgentStatus {
                    start_utc_s: start,
                    end_utc_s: from,
                    ..span.clone()
                });
            }
            start = start.max(to);
        }
        if start < span.end_utc_s {
            left.push(AgentStatus {
                start_utc_s: start,
                ..span
            });
        }
    }
    left
}

/// The feed's spans where the trace has none, without what is only the feed's delay.
pub fn beside_trace(feed: Vec<AgentStatus>, traced: &[AgentStatus]) -> Vec<AgentStatus> {
    let touches = |at: i64| {
        let mut edges = traced.iter();
        edges.any(|span| span.start_utc_s == at || span.end_utc_s == at)
    };
    let mut left = without(feed, traced);
    left.retain(|span| {
        let is_short = span.length_s() < DELAY_S && span.state != WorkState::Unstaffed;
        !(is_short && (touches(span.start_utc_s) || touches(span.end_utc_s)))
    });
    left
}

/// What is left of the gaps where something else is known, as spans of *unknown*, each with its cause.
pub fn unknown(
    gaps: &[Gap],
    known: &[AgentStatus],
    agent: &AgentKey,
    asked: &Asked,
) -> Vec<(AgentStatus, UnknownCause)> {
    let mut all: Vec<(AgentStatus, UnknownCause)> = Vec::new();
    let mut taken = known.to_vec();
    for gap in gaps {
        let span = AgentStatus {
            agent: agent.clone(),
            row_date: asked.days.from,
            start_utc_s: gap.start_utc_s,
            end_utc_s: gap.end_utc_s,
            state: WorkState::Unknown,
            direction: None,
            aux_reason: None,
            skill: None,
            logout_reason: None,
            hold: Hold::No,
            source_mode: None,
            source_direction: None,
            source: StatusSource::Feed,
            quality: Quality::Incomplete,
        };
        let left = without(vec![span], &taken);
        taken.extend(left.iter().cloned());
        all.extend(left.into_iter().map(|span| (span, gap.cause)));
    }
    all
}

/// For messages of tests.
#[cfg(test)]
pub fn edges(spans: &[AgentStatus]) -> Vec<(i64, i64)> {
    spans
        .iter()
        .map(|span| (span.start_utc_s, span.end_utc_s))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use floorwire_model::ids::AcdNumber;

    fn span(from: i64, to: i64, state: WorkState) -> AgentStatus {
        AgentStatus {
            agent: AgentKey {
                acd: AcdNumber(1),
                login: "1".into(),
            },
            row_date: jiff::civil::date(2026, 1, 1),
            start_utc_s: from,
            end_utc_s: to,
            state,
            direction: None,
            aux_reason: None,
            skill: None,
            logout_reason: None,
            hold: Hold::No,
            source_mode: None,
            source_direction: None,
            source: StatusSource::Feed,
            quality: Quality::Final,
        }
    }

    #[test]
    fn the_feed_fills_what_the_trace_leaves() {
        let traced = [
            span(100, 200, WorkState::Aux),
            span(500, 600, WorkState::Acd),
        ];
        let feed = vec![
            span(0, 104, WorkState::Unstaffed),
            span(104, 207, WorkState::Aux),
            span(207, 480, WorkState::Unstaffed),
            span(480, 900, WorkState::Available),
        ];
        let left = beside_trace(feed, &traced);
        assert_eq!(edges(&left), [(0, 100), (207, 480), (600, 900)]);
    }

    #[test]
    fn cutting_leaves_the_parts_between() {
        let others = [
            span(10, 20, WorkState::Aux),
            span(15, 30, WorkState::Aux),
            span(40, 50, WorkState::Aux),
        ];
        let left = without(
            vec![span(0, 60, WorkState::Acd), span(12, 14, WorkState::Acd)],
            &others,
        );
        assert_eq!(edges(&left), [(0, 10), (30, 40), (50, 60)]);
    }
}
