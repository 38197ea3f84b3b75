//! Do the sources agree? The second-by-second timeline is compared with the durations per slot and with the sessions.
//! Agents without a timeline are not compared: untraced is not wrong.

use super::{AgentInterval, AgentKey, AgentSession, AgentStatus, WorkState};
use crate::streams::Quality;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Seconds by which the two may differ in a slot: rounding at both edges and of each source.
pub const TOLERANCE_S: i64 = 5;

/// One state in one slot by both sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateDrift {
    /// The state.
    pub state: WorkState,
    /// Seconds in the timeline.
    pub timeline_s: i64,
    /// Seconds in the interval row.
    pub interval_s: i64,
}

/// What a comparison of a slot says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DriftCause {
    /// Within tolerance.
    Agrees,
    /// The timeline has nothing of a slot in which the agent was staffed: tracing was off, or rows were rotated out.
    NotTraced,
    /// The timeline has a part of the staffed time only.
    PartlyTraced,
    /// The same staffed time, other states: the meaning of a number, of a time or of the zone is wrong.
    OtherStates,
}

/// Timeline against interval row, one agent and slot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotDrift {
    /// The agent.
    pub agent: AgentKey,
    /// Start of the slot, seconds since 1970 UTC.
    pub start_utc_s: i64,
    /// Length of the slot in seconds.
    pub length_s: i64,
    /// The drift figure: the seconds booked differently, so half the sum of all differences of states, or the difference of
    /// staffed time if that is more.
    pub drift_s: i64,
    /// What it means.
    pub cause: DriftCause,
    /// States that differ.
    pub states: Vec<StateDrift>,
}

fn by_agent(spans: &[AgentStatus]) -> BTreeMap<&AgentKey, Vec<&AgentStatus>> {
    let mut agents: BTreeMap<&AgentKey, Vec<&AgentStatus>> = BTreeMap::new();
    for span in spans {
        agents.entry(&span.agent).or_default().push(span);
    }
    for spans in agents.values_mut() {
        spans.sort_by_key(|span| (span.start_utc_s, span.end_utc_s));
    }
    agents
}

fn seconds_by_state(spans: &[&AgentStatus], from: i64, to: i64) -> BTreeMap<WorkState, i64> {
    let mut seconds = BTreeMap::new();
    // Spans of one agent do not overlap, so that their ends ascend too.
    let first = spans.partition_point(|span| span.end_utc_s <= from);
    for span in spans
        .iter()
        .skip(first)
        .take_while(|span| span.start_utc_s < to)
    {
        *seconds.entry(span.state).or_default() += span.seconds_within(from, to);
    }
    seconds
}

/// Compares every slot of every agent that has a timeline at all. Slots whose own row is not final are left out.
pub fn timeline_against_intervals(
    spans: &[AgentStatus],
    intervals: &[AgentInterval],
) -> Vec<SlotDrift> {
    let agents = by_agent(spans);
    let compared = intervals.iter().filter(|row| row.quality == Quality::Final);
    compared
        .filter_map(|row| slot_drift(agents.get(&row.agent)?, row))
        .collect()
}

fn slot_drift(spans: &[&AgentStatus], row: &AgentInterval) -> Option<SlotDrift> {
    let figures = &row.figures;
    let staffed = figures.staffed_seconds?;
    let by_interval = [
        (WorkState::Available, figures.available_seconds),
        (WorkState::Acd, figures.acd_seconds),
        (WorkState::AfterCall, figures.acw_seconds),
        (WorkState::Aux, figures.aux_seconds),
        (WorkState::DirectAcd, figures.direct_acd_seconds),
        (WorkState::DirectAfterCall, figures.direct_acw_seconds),
        (WorkState::Ringing, figures.ringing_seconds),
        (WorkState::Other, figures.other_seconds),
    ];
    let timeline = seconds_by_state(spans, row.start_utc_s, row.start_utc_s + row.length_s);
    let traced: i64 = timeline
        .iter()
        .filter(|(state, _)| state.is_staffed())
        .map(|(_, seconds)| seconds)
        .sum();
    let states: Vec<_> = by_interval
        .into_iter()
        .filter_map(|(state, seconds)| {
            let (timeline_s, interval_s) = (timeline.get(&state).copied().unwrap_or(0), seconds?);
            (timeline_s != interval_s).then_some(StateDrift {
                state,
                timeline_s,
                interval_s,
            })
        })
        .collect();
    let unknown = timeline.get(&WorkState::Unknown).copied().unwrap_or(0);
    let differences: i64 = states
        .iter()
        .map(|drift| (drift.timeline_s - drift.interval_s).abs())
        .sum::<i64>()
        + unknown;
    let drift_s = (differences / 2).max((staffed - traced).abs());
    let cause = match drift_s {
        small if small <= TOLERANCE_S => DriftCause::Agrees,
        _ if traced == 0 => DriftCause::NotTraced,
        _ if (staffed - traced).abs() > TOLERANCE_S => DriftCause::PartlyTraced,
        _ => DriftCause::OtherStates,
    };
    Some(SlotDrift {
        agent: row.agent.clone(),
        start_utc_s: row.start_utc_s,
        length_s: row.length_s,
        drift_s,
        cause,
        states,
    })
}

/// Timeline against one session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionDrift {
    /// The agent.
    pub agent: AgentKey,
    /// Login of the session, seconds since 1970 UTC.
    pub login_utc_s: i64,
    /// Seconds from the login to the first staffed second of the timeline within the session.
    pub login_drift_s: i64,
    /// Seconds from the last staffed second of the timeline to the logout; `None` for open sessions.
    pub logout_drift_s: Option<i64>,
    /// Seconds of the session in which the timeline has no staffed state, edges included.
    pub uncovered_s: i64,
}

/// Compares every session that the timeline touches; open ones up to `read_utc_s`.
pub fn timeline_against_sessions(
    spans: &[AgentStatus],
    sessions: &[AgentSession],
    read_utc_s: i64,
) -> Vec<SessionDrift> {
    let agents = by_agent(spans);
    sessions
        .iter()
        .filter_map(|session| session_drift(agents.get(&session.agent)?, session, read_utc_s))
        .collect()
}

fn session_drift(
    spans: &[&AgentStatus],
    session: &AgentSession,
    read_utc_s: i64,
) -> Option<SessionDrift> {
    let from = session.login_utc_s;
    let to = session.ended_before_utc_s.unwrap_or(read_utc_s);
    let within: Vec<_> = spans
        .iter()
        .filter(|span| span.state.is_staffed() && span.seconds_within(from, to) > 0)
        .collect();
    let (first, last) = (within.first()?, within.last()?);
    let covered: i64 = within
        .iter()
        .map(|span| span.seconds_within(from, to))
        .sum();
    Some(SessionDrift {
        agent: session.agent.clone(),
        login_utc_s: from,
        login_drift_s: first.start_utc_s.max(from) - from,
        logout_drift_s: session
            .logout_utc_s
            .map(|logout| logout - last.end_utc_s.min(to)),
        uncovered_s: to - from - covered,
    })
}
