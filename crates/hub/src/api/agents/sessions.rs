//! `/agents/{id}/sessions`: when an agent was logged in.

use super::dto::{AgentSessions, PeriodQuery, Session, SkillLevel, SkillsFrom};
use super::{Asked, instant, names::Names, unreadable};
use crate::agent_records;
use crate::api::extract::{Id, Params};
use crate::auth::{Principal, ViewsAgents};
use crate::error::ApiResult;
use crate::state::AppState;
use crate::store::findings;
use axum::Json;
use axum::extract::State;
use floorwire_model::agents::{
    AGENT_SESSIONS, AgentSession, OpenSessions, RESKILLING_GAP_S, SkillAtLogin, merge_sessions,
};
use floorwire_model::ids::IntegrationId;

/// Sessions are stored under the date of their login; longer ones than this are not looked for.
const LONGEST_DAYS: i64 = 7;

/// When an agent was logged in. Dates are local to the ACD, or to `zone`.
#[utoipa::path(get, path = "/agents/{id}/sessions", tag = "agents",
    params(("id" = i64, Path, description = "the agent"), PeriodQuery),
    responses((status = 200, body = AgentSessions)))]
pub async fn get_agent_sessions(
    ViewsAgents(principal): ViewsAgents,
    State(state): State<AppState>,
    Id(id): Id,
    Params(query): Params<PeriodQuery>,
) -> ApiResult<Json<AgentSessions>> {
    let asked = Asked::read(&state, &principal, id, &query).await?;
    asked.log(&state, &principal, "sessions").await?;
    let names = Names::read(&state, &principal, &asked).await?;
    let integration = IntegrationId(asked.row.integration_id);
    let found = findings::get(&state.store, principal.account, integration, asked.acd()?).await?;
    let open = found.and_then(|found| found.findings.open_sessions.answer);
    let sessions = of_period(&state, &principal, &asked).await?;
    Ok(Json(AgentSessions {
        agent: asked.answer(),
        zone: asked.zone_name(),
        from: asked.days.from.to_string(),
        to: asked.days.to.to_string(),
        written_at_login: open.map(|open| open == OpenSessions::WrittenAtLogin),
        sessions: sessions
            .into_iter()
            .map(|session| shown(session, &names))
            .collect::<ApiResult<_>>()?,
    }))
}

/// The sessions that reach into the period, by login.
pub async fn of_period(
    state: &AppState,
    principal: &Principal,
    asked: &Asked,
) -> ApiResult<Vec<AgentSession>> {
    let mut parts = Vec::new();
    for record in asked
        .records(state, principal, AGENT_SESSIONS, LONGEST_DAYS)
        .await?
    {
        parts.extend(agent_records::sessions(&record.content).map_err(unreadable(&asked.row))?);
    }
    let mut sessions = merge_sessions(parts, RESKILLING_GAP_S);
    sessions.retain(|session| {
        let end = session.ended_before_utc_s.unwrap_or(i64::MAX);
        session.login_utc_s < asked.to_utc_s && end > asked.from_utc_s
    });
    Ok(sessions)
}

fn shown(session: AgentSession, names: &Names) -> ApiResult<Session> {
    let skill = |held: SkillAtLogin| SkillLevel {
        skill: held.skill,
        name: names.skill(&held.skill.to_string()),
        level: held.level,
    };
    Ok(Session {
        login: instant(session.login_utc_s)?,
        login_time: session.login_time.into(),
        logout: session.logout_utc_s.map(instant).transpose()?,
        logout_time: session.logout_time.into(),
        logout_reason: session.logout_reason,
        ended_before: session.ended_before_utc_s.map(instant).transpose()?,
        extension: session.extension,
        quality: session.quality.into(),
        skills: session
            .skills
            .into_iter()
            .map(|(from, skills)| {
                Ok(SkillsFrom {
                    from: instant(from)?,
                    skills: skills.into_iter().map(skill).collect(),
                })
            })
            .collect::<ApiResult<_>>()?,
    })
}
