//! What interval rows and sessions say of a timeline, as the API shows it.

use super::dto::{AgentState, StatusSource};
use super::instant;
use crate::api::integrations::mirrored;
use crate::api::types::Instant;
use crate::error::ApiResult;
use floorwire_model::agents::cross_check::{DriftCause as Cause, SessionDrift, SlotDrift};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Most deviations in one answer; the counts have all of them.
const MOST_DEVIATIONS: usize = 500;

mirrored! {
    /// What a comparison of a slot says.
    DriftCause of Cause {
        /// Within tolerance.
        Agrees,
        /// The trace has nothing of a slot in which the agent was staffed: tracing was off, or rows were rotated out.
        NotTraced,
        /// The trace has a part of the staffed time only.
        PartlyTraced,
        /// The same staffed time, other states: the meaning of a number, of a time or of the zone is wrong.
        OtherStates,
    }
}

/// A timeline against the other sources.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CrossCheck {
    /// What made the timeline: `trace` or `feed`.
    pub timeline: StatusSource,
    /// Slots that have both a timeline and a final interval row, or should have.
    pub slots: u64,
    /// Those that agree within five seconds.
    pub agreeing: u64,
    /// Those without any trace.
    pub not_traced: u64,
    /// Those that do not agree, the first 500.
    pub deviations: Vec<SlotDeviation>,
    /// Sessions that lie within the period and that the timeline touches.
    pub sessions: Vec<SessionDeviation>,
}

/// A slot in which trace and interval row differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SlotDeviation {
    /// Start.
    pub start: Instant,
    /// Length in seconds.
    pub length_seconds: i64,
    /// Seconds booked differently.
    pub drift_seconds: i64,
    /// What it means.
    pub cause: DriftCause,
    /// The states that differ.
    pub states: Vec<StateDeviation>,
}

/// One state by both sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StateDeviation {
    /// The state.
    pub state: AgentState,
    /// Seconds in the trace.
    pub timeline_seconds: i64,
    /// Seconds in the interval row.
    pub interval_seconds: i64,
}

/// A session against the timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SessionDeviation {
    /// Login of the session.
    pub login: Instant,
    /// Seconds from the login to the first staffed second of the trace.
    pub login_drift_seconds: i64,
    /// Seconds from the last staffed second of the trace to the logout; null while open.
    #[schema(required)]
    pub logout_drift_seconds: Option<i64>,
    /// Seconds of the session without a staffed state in the trace.
    pub uncovered_seconds: i64,
}

impl CrossCheck {
    /// From what the comparison found.
    pub fn of(
        timeline: StatusSource,
        slots: &[SlotDrift],
        sessions: &[SessionDrift],
    ) -> ApiResult<Self> {
        let count = |cause| slots.iter().filter(|slot| slot.cause == cause).count() as u64;
        let differing = slots.iter().filter(|slot| slot.cause != Cause::Agrees);
        Ok(Self {
            timeline,
            slots: slots.len() as u64,
            agreeing: count(Cause::Agrees),
            not_traced: count(Cause::NotTraced),
            deviations: differing
                .take(MOST_DEVIATIONS)
                .map(slot)
                .collect::<ApiResult<_>>()?,
            sessions: sessions.iter().map(session).collect::<ApiResult<_>>()?,
        })
    }
}

fn slot(drift: &SlotDrift) -> ApiResult<SlotDeviation> {
    let states = drift.states.iter().map(|state| StateDeviation {
        state: state.state.into(),
        timeline_seconds: state.timeline_s,
        interval_seconds: state.interval_s,
    });
    Ok(SlotDeviation {
        start: instant(drift.start_utc_s)?,
        length_seconds: drift.length_s,
        drift_seconds: drift.drift_s,
        cause: drift.cause.into(),
        states: states.collect(),
    })
}

fn session(drift: &SessionDrift) -> ApiResult<SessionDeviation> {
    Ok(SessionDeviation {
        login: instant(drift.login_utc_s)?,
        login_drift_seconds: drift.login_drift_s,
        logout_drift_seconds: drift.logout_drift_s,
        uncovered_seconds: drift.uncovered_s,
    })
}
