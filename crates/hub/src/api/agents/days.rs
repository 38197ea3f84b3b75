//! Days of an agent whose intervals the source holds no more: the source's sums over the day, never spread over slots.

use super::dto::{AgentSlotQuality, AgentTimes, AuxReason};
use super::names::Names;
use super::{Asked, unreadable};
use crate::agent_records;
use crate::auth::Principal;
use crate::error::ApiResult;
use crate::state::AppState;
use floorwire_model::agents::{AGENT_DAYS, AgentDay as Derived, AgentInterval};
use floorwire_model::streams::Quality;
use serde::Serialize;
use utoipa::ToSchema;

/// A day of an agent of which the source has no intervals any more. It may have summed its configured hours only.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AgentDay {
    /// Date local to the ACD, `YYYY-MM-DD`.
    pub date: String,
    /// How far the figures can be trusted.
    pub quality: AgentSlotQuality,
    /// The figures; null where nothing is known.
    #[serde(flatten)]
    pub times: AgentTimes,
    /// AUX by reason, without reasons of zero seconds.
    pub aux_by_reason: Vec<AuxReason>,
    /// Staffed seconds less the seconds of all states: anything but zero is a deviation at the source; null where unknown.
    #[schema(required)]
    pub identity_gap_seconds: Option<i64>,
}

/// The days of the period that are known by the day only, in order. `intervals` are the agent's rows around it: where there
/// are any of a date, they tell more.
pub async fn of_period(
    state: &AppState,
    principal: &Principal,
    asked: &Asked,
    names: &Names,
    intervals: &[AgentInterval],
) -> ApiResult<Vec<AgentDay>> {
    let mut days: Vec<Derived> = Vec::new();
    for record in asked.records(state, principal, AGENT_DAYS, 0).await? {
        days.extend(agent_records::days(&record.content).map_err(unreadable(&asked.row))?);
    }
    let (from, to) = (asked.days.from, asked.days.to);
    days.retain(|day| {
        let by_interval = intervals.iter().any(|row| row.row_date == day.row_date);
        (from..to).contains(&day.row_date) && !by_interval
    });
    days.sort_by_key(|day| day.row_date);
    Ok(days.into_iter().map(|day| shown(day, names)).collect())
}

fn shown(day: Derived, names: &Names) -> AgentDay {
    let reason = |seconds: &floorwire_model::agents::AuxReasonSeconds| {
        let reason = i64::from(seconds.reason);
        AuxReason {
            reason,
            name: names.aux_reason(reason),
            seconds: seconds.seconds,
        }
    };
    AgentDay {
        date: day.row_date.to_string(),
        quality: match day.quality {
            Quality::Final | Quality::Shifted => AgentSlotQuality::Final,
            Quality::Incomplete => AgentSlotQuality::Incomplete,
            Quality::Ambiguous => AgentSlotQuality::Ambiguous,
        },
        times: day.figures.into(),
        aux_by_reason: day.aux_by_reason.iter().map(reason).collect(),
        identity_gap_seconds: day.identity_gap_s,
    }
}
