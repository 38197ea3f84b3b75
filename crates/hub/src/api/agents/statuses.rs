//! `/agents/{id}/statuses`: what an agent did: from the trace where the agent is traced, else from the real-time feed, else
//! from sessions; *unknown* where the feed was lost and nothing else says anything.

use super::cross_check::CrossCheck;
use super::dto::{AgentStatuses, PeriodQuery, Resolution, Status};
use super::feed::{self, ByFeed};
use super::{Asked, instant, names::Names, sessions, unreadable};
use crate::agent_records;
use crate::api::extract::{Id, Params};
use crate::api::live::UnknownCause;
use crate::auth::ViewsAgents;
use crate::error::ApiResult;
use crate::state::AppState;
use crate::store::{findings, integrations};
use axum::Json;
use axum::extract::State;
use floorwire_model::agents::cross_check::{
    DriftCause, timeline_against_intervals, timeline_against_sessions,
};
use floorwire_model::agents::{
    AGENT_INTERVALS, AGENT_STATUSES, AgentKey, AgentSession, AgentStatus, Hold, StatusSource,
    WorkState, continue_over_midnight,
};
use floorwire_model::ids::IntegrationId;

/// What an agent did. Dates are local to the ACD, or to `zone`.
#[utoipa::path(get, path = "/agents/{id}/statuses", tag = "agents",
    params(("id" = i64, Path, description = "the agent"), PeriodQuery),
    responses((status = 200, body = AgentStatuses)))]
pub async fn get_agent_statuses(
    ViewsAgents(principal): ViewsAgents,
    State(state): State<AppState>,
    Id(id): Id,
    Params(query): Params<PeriodQuery>,
) -> ApiResult<Json<AgentStatuses>> {
    let asked = Asked::read(&state, &principal, id, &query).await?;
    asked.log(&state, &principal, "statuses").await?;
    let names = Names::read(&state, &principal, &asked).await?;
    let integration = IntegrationId(asked.row.integration_id);
    let found = findings::get(&state.store, principal.account, integration, asked.acd()?).await?;
    let mut spans = Vec::new();
    for record in asked.records(&state, &principal, AGENT_STATUSES, 0).await? {
        spans.extend(agent_records::statuses(&record.content).map_err(unreadable(&asked.row))?);
    }
    let mut intervals = Vec::new();
    for record in asked
        .records(&state, &principal, AGENT_INTERVALS, 0)
        .await?
    {
        let record = agent_records::intervals(&record.content).map_err(unreadable(&asked.row))?;
        intervals.extend(record.agent);
    }
    intervals.retain(|row| {
        asked.from_utc_s <= row.start_utc_s && row.start_utc_s + row.length_s <= asked.to_utc_s
    });
    spans.sort_by_key(|span| (span.start_utc_s, span.end_utc_s));
    let spans = continue_over_midnight(spans);
    let now = state.clock.now_utc_s().0;
    let sessions = sessions::of_period(&state, &principal, &asked).await?;
    let by_feed = feed::of_period(&state, &principal, &asked).await?;
    let is_traced = !within(spans.clone(), &asked).is_empty();
    let (timeline, source) = match is_traced {
        true => (&spans, StatusSource::Trace),
        false => (&by_feed.spans, StatusSource::Feed),
    };
    let drifts = timeline_against_intervals(timeline, &intervals);
    let compared = drifts
        .iter()
        .filter(|drift| drift.cause != DriftCause::NotTraced);
    let drift_seconds = compared
        .map(|drift| drift.drift_s)
        .reduce(|one, other| one + other);
    let of_sessions = timeline_against_sessions(timeline, &inside(&sessions, &asked), now);
    let timeline_is_empty = within(timeline.clone(), &asked).is_empty();
    let cross_check = match timeline_is_empty {
        true => None,
        false => Some(CrossCheck::of(source.into(), &drifts, &of_sessions)?),
    };
    let resolution = match (timeline_is_empty, source) {
        (false, StatusSource::Trace) => Resolution::Second,
        (false, _) => Resolution::Feed,
        (true, _) if !sessions.is_empty() || !intervals.is_empty() => Resolution::Interval,
        (true, _) => Resolution::Unknown,
    };
    let statuses = merged(&asked, spans, by_feed, logged_in(&sessions, &asked, now))?;
    let detail = integrations::get_any(&state.store, principal.account, integration)
        .await?
        .is_some_and(|integration| integration.configuration.agent_detail);
    Ok(Json(AgentStatuses {
        agent: asked.answer(),
        zone: asked.zone_name(),
        from: asked.days.from.to_string(),
        to: asked.days.to.to_string(),
        resolution,
        certain: found.is_some_and(|found| found.findings.is_certain()),
        statuses: statuses
            .into_iter()
            .map(|(span, cause)| shown(span, cause, detail, &names))
            .collect::<ApiResult<_>>()?,
        drift_seconds,
        cross_check,
    }))
}

/// All sources by their precedence, cut to the period, by start. Sessions fill only where neither trace nor feed touches
/// them: logged in is all they know.
fn merged(
    asked: &Asked,
    traced: Vec<AgentStatus>,
    by_feed: ByFeed,
    sessions: Vec<AgentStatus>,
) -> ApiResult<Vec<(AgentStatus, Option<UnknownCause>)>> {
    let agent = AgentKey {
        acd: asked.acd()?,
        login: asked.row.login.clone(),
    };
    let mut known = feed::beside_trace(by_feed.spans, &traced);
    known.extend(traced);
    let untouched: Vec<AgentStatus> = sessions
        .into_iter()
        .filter(|session| {
            let mut others = known.iter();
            !others.any(|span| {
                span.state.is_staffed()
                    && span.seconds_within(session.start_utc_s, session.end_utc_s) > 0
            })
        })
        .collect();
    known.extend(feed::without(untouched, &known));
    let unknown = feed::unknown(&by_feed.gaps, &known, &agent, asked);
    let mut all: Vec<(AgentStatus, Option<UnknownCause>)> = Vec::new();
    for (span, cause) in unknown {
        let cut = within(vec![span], asked);
        all.extend(cut.into_iter().map(|span| (span, Some(cause))));
    }
    all.extend(within(known, asked).into_iter().map(|span| (span, None)));
    all.sort_by_key(|(span, _)| (span.start_utc_s, span.end_utc_s));
    Ok(all)
}

/// Sessions that lie within the period whole; of others the timeline here has a part only.
fn inside(sessions: &[AgentSession], asked: &Asked) -> Vec<AgentSession> {
    let is_inside = |session: &&AgentSession| {
        let end = session.ended_before_utc_s;
        asked.from_utc_s <= session.login_utc_s && end.is_none_or(|end| end <= asked.to_utc_s)
    };
    sessions.iter().filter(is_inside).cloned().collect()
}

/// The spans of the period, cut to it.
fn within(spans: Vec<AgentStatus>, asked: &Asked) -> Vec<AgentStatus> {
    let inside = spans.into_iter().filter(|span| {
        let is_moment = span.length_s() == 0;
        let reaches = span.end_utc_s > asked.from_utc_s
            || (is_moment && span.start_utc_s >= asked.from_utc_s);
        span.start_utc_s < asked.to_utc_s && reaches
    });
    inside
        .map(|span| AgentStatus {
            start_utc_s: span.start_utc_s.max(asked.from_utc_s),
            end_utc_s: span.end_utc_s.min(asked.to_utc_s),
            ..span
        })
        .collect()
}

/// Sessions as spans: logged in, nothing more is known. An open one lasts until now, one that nobody saw end is left out.
fn logged_in(sessions: &[AgentSession], asked: &Asked, now_utc_s: i64) -> Vec<AgentStatus> {
    let span = |session: &AgentSession| {
        let end = match session.ended_before_utc_s {
            Some(end) => session.logout_utc_s.filter(|logout| *logout <= end)?,
            None => now_utc_s,
        };
        Some(AgentStatus {
            agent: AgentKey {
                acd: session.agent.acd,
                login: session.agent.login.clone(),
            },
            row_date: asked.days.from,
            start_utc_s: session.login_utc_s,
            end_utc_s: end,
            state: WorkState::Other,
            direction: None,
            aux_reason: None,
            skill: None,
            logout_reason: None,
            hold: Hold::No,
            source_mode: None,
            source_direction: None,
            source: StatusSource::Sessions,
            quality: session.quality,
        })
    };
    sessions.iter().filter_map(span).collect()
}

fn shown(
    span: AgentStatus,
    unknown_cause: Option<UnknownCause>,
    detail: bool,
    names: &Names,
) -> ApiResult<Status> {
    let skill = span.skill.filter(|_| detail);
    Ok(Status {
        start: instant(span.start_utc_s)?,
        end: instant(span.end_utc_s)?,
        state: span.state.into(),
        direction: span.direction.map(Into::into),
        reason: span.aux_reason,
        reason_name: span.aux_reason.and_then(|reason| names.aux_reason(reason)),
        skill_name: skill.as_deref().and_then(|skill| names.skill(skill)),
        skill,
        logout_reason: span.logout_reason,
        hold: span.hold.into(),
        source_mode: span.source_mode,
        unknown_cause,
        source: span.source.into(),
        quality: span.quality.into(),
    })
}
