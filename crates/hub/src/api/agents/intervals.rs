//! `/agents/{id}/intervals`: times and calls of an agent, slot by slot.

use super::dto::{
    AgentIntervals, AgentSlot, AgentSlotQuality, AgentTimes, AuxReason, PeriodQuery, SkillPart,
};
use super::{Asked, days, instant, names::Names, unreadable};
use crate::agent_records;
use crate::api::extract::{Id, Params};
use crate::api::ledger_days::SourceDays;
use crate::api::queues::SourceSlot;
use crate::auth::ViewsAgents;
use crate::error::ApiResult;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use floorwire_model::absence::Absent;
use floorwire_model::agents::{AGENT_INTERVALS, AgentFigures, AgentInterval, AgentSkillInterval};
use floorwire_model::ids::IntegrationId;
use floorwire_model::ledger::SlotState;
use floorwire_model::streams::Quality;

const USUAL_INTERVAL_MINUTES: u16 = 30;

/// Times and calls of an agent, slot by slot. Dates are local to the ACD, or to `zone`.
#[utoipa::path(get, path = "/agents/{id}/intervals", tag = "agents",
    params(("id" = i64, Path, description = "the agent"), PeriodQuery),
    responses((status = 200, body = AgentIntervals)))]
pub async fn get_agent_intervals(
    ViewsAgents(principal): ViewsAgents,
    State(state): State<AppState>,
    Id(id): Id,
    Params(query): Params<PeriodQuery>,
) -> ApiResult<Json<AgentIntervals>> {
    let asked = Asked::read(&state, &principal, id, &query).await?;
    asked.log(&state, &principal, "intervals").await?;
    let integration = IntegrationId(asked.row.integration_id);
    let place = (AGENT_INTERVALS, asked.row.acd);
    let mut source =
        SourceDays::read(&state, principal.account, integration, place, asked.days).await?;
    let names = Names::read(&state, &principal, &asked).await?;
    let mut rows: Vec<AgentInterval> = Vec::new();
    let mut skills: Vec<AgentSkillInterval> = Vec::new();
    for record in asked
        .records(&state, &principal, AGENT_INTERVALS, 0)
        .await?
    {
        let record = agent_records::intervals(&record.content).map_err(unreadable(&asked.row))?;
        rows.extend(record.agent);
        skills.extend(record.skills);
    }
    rows.sort_by_key(|row| row.start_utc_s);
    let days = days::of_period(&state, &principal, &asked, &names, &rows).await?;
    let minutes = source.slot_minutes();
    let slots = source.slots(minutes.unwrap_or(USUAL_INTERVAL_MINUTES))?;
    let within = |slot: &&SourceSlot| {
        asked.from_utc_s <= slot.bounds.start && slot.bounds.start < asked.to_utc_s
    };
    let slots: Vec<AgentSlot> = slots
        .iter()
        .filter(within)
        .map(|slot| filled(slot, &rows, &skills, &names))
        .collect::<ApiResult<_>>()?;
    let staffed = |slot: &&AgentSlot| slot.times.staffed_seconds.is_some();
    let totals = slots.iter().filter(staffed).map(|slot| slot.times);
    Ok(Json(AgentIntervals {
        agent: asked.answer(),
        zone: asked.zone_name(),
        interval_minutes: minutes,
        from: asked.days.from.to_string(),
        to: asked.days.to.to_string(),
        totals: totals.reduce(AgentTimes::plus).unwrap_or_default(),
        slots,
        days,
    }))
}

/// One slot with the rows that begin in it, or with what the ledger knows of it.
fn filled(
    slot: &SourceSlot,
    rows: &[AgentInterval],
    skills: &[AgentSkillInterval],
    names: &Names,
) -> ApiResult<AgentSlot> {
    let begins = |start: i64| slot.bounds.start <= start && start < slot.bounds.end;
    let own: Vec<&AgentInterval> = rows.iter().filter(|row| begins(row.start_utc_s)).collect();
    let spanned = rows.iter().any(|row| match row.quality {
        Quality::Ambiguous => slot
            .repeats
            .is_some_and(|first| (first.start..first.end).contains(&row.start_utc_s)),
        _ => {
            row.start_utc_s < slot.bounds.start
                && slot.bounds.start < row.start_utc_s + row.length_s
        }
    });
    let quality = match (own.as_slice(), spanned) {
        ([], true) => AgentSlotQuality::Ambiguous,
        ([], false) => of_absence(slot),
        (own, _) => of_rows(own, slot),
    };
    let times = own.iter().map(|row| AgentTimes::from(row.figures));
    let mut aux_by_reason: Vec<AuxReason> = Vec::new();
    for seconds in own.iter().flat_map(|row| &row.aux_by_reason) {
        let reason = i64::from(seconds.reason);
        aux_by_reason.push(AuxReason {
            reason,
            name: names.aux_reason(reason),
            seconds: seconds.seconds,
        });
    }
    let gaps = own.iter().map(|row| row.identity_gap_s);
    Ok(AgentSlot {
        start: instant(slot.bounds.start)?,
        length_seconds: slot.bounds.end - slot.bounds.start,
        times: match quality {
            AgentSlotQuality::Zero => AgentTimes::ZERO,
            _ => times.reduce(AgentTimes::plus).unwrap_or_default(),
        },
        quality,
        aux_by_reason,
        identity_gap_seconds: gaps.reduce(|one, other| Some(one? + other?)).flatten(),
        skills: skills
            .iter()
            .filter(|row| begins(row.start_utc_s))
            .map(|row| skill_part(row, names))
            .collect(),
    })
}

fn of_rows(own: &[&AgentInterval], slot: &SourceSlot) -> AgentSlotQuality {
    let any = |quality| own.iter().any(|row| row.quality == quality);
    let reaches_out = own
        .iter()
        .any(|row| row.start_utc_s + row.length_s > slot.bounds.end);
    if any(Quality::Ambiguous) || any(Quality::Shifted) || reaches_out {
        AgentSlotQuality::Ambiguous
    } else if any(Quality::Incomplete) {
        AgentSlotQuality::Incomplete
    } else {
        AgentSlotQuality::Final
    }
}

/// What it means that the agent has no row.
fn of_absence(slot: &SourceSlot) -> AgentSlotQuality {
    if let Absent::Zero(_) = slot.absent {
        return AgentSlotQuality::Zero;
    }
    match slot.state {
        SlotState::Received | SlotState::Corrected | SlotState::Incomplete => {
            AgentSlotQuality::Incomplete
        }
        SlotState::Missing | SlotState::Outage | SlotState::Closed | SlotState::OutOfRange => {
            AgentSlotQuality::Missing
        }
        SlotState::NotYetDue => AgentSlotQuality::NotYetDue,
        SlotState::Unread | SlotState::Expected | SlotState::SetAside => AgentSlotQuality::Expected,
    }
}

fn skill_part(row: &AgentSkillInterval, names: &Names) -> SkillPart {
    let figures = &row.figures;
    SkillPart {
        skill: row.skill.clone(),
        name: names.skill(&row.skill),
        staffed_seconds: figures.staffed_seconds,
        available_seconds: figures.available_seconds,
        acd_seconds: figures.acd_seconds,
        acw_seconds: figures.acw_seconds,
        ringing_seconds: figures.ringing_seconds,
        answered: figures.answered,
    }
}

macro_rules! times {
    ($($name:ident),+ $(,)?) => {
        impl From<AgentFigures> for AgentTimes {
            fn from(figures: AgentFigures) -> Self {
                Self { $($name: figures.$name),+ }
            }
        }

        impl AgentTimes {
            const ZERO: Self = Self { $($name: Some(0)),+ };

            /// Adds; what is unknown in one is unknown in the sum.
            fn plus(self, other: Self) -> Self {
                Self { $($name: self.$name.zip(other.$name).map(|(one, other)| one + other)),+ }
            }
        }
    };
}

times!(
    staffed_seconds,
    available_seconds,
    acd_seconds,
    acw_seconds,
    direct_acd_seconds,
    direct_acw_seconds,
    ringing_seconds,
    aux_seconds,
    other_seconds,
    answered,
    direct_answered,
    call_talk_seconds,
    call_hold_seconds,
    call_acw_seconds,
    transferred,
    not_answered,
);
