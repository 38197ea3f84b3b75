//! `/agents`: what single agents did, as imported within the scope of their integration.

mod cross_check;
mod days;
mod dto;
mod feed;
mod intervals;
mod names;
mod sessions;
mod statuses;

pub use dto::{AgentState, Direction, OnHold};

use super::dates::{self, Days};
use super::extract::{Id, Params};
use super::types::{Instant, Page, one_more};
use crate::auth::{Principal, ViewsAgents};
use crate::error::{ApiResult, Problem};
use crate::state::AppState;
use crate::store::StoreError;
use crate::store::agents::{self, Agent as AgentRow, Record};
use crate::store::{audit, integrations};
use axum::Json;
use axum::extract::State;
use dto::{Agent, AgentOfAnswer, AgentQuery, PeriodQuery};
use floorwire_model::ids::{AcdNumber, IntegrationId};
use floorwire_model::time::day_bounds;
use floorwire_protocol::encoding::EncodingError;
use jiff::tz::TimeZone;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Longest period of one answer.
const MOST_DAYS: i32 = 62;
/// Partitions are named by the date of the clock that stamped them; it may be another zone's.
const OVERLAP_DAYS: i64 = 2;

/// The endpoints of this module.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_agents))
        .routes(routes!(get_agent))
        .routes(routes!(intervals::get_agent_intervals))
        .routes(routes!(sessions::get_agent_sessions))
        .routes(routes!(statuses::get_agent_statuses))
}

/// Agents, in the order of their ids.
#[utoipa::path(get, path = "/agents", tag = "agents", params(AgentQuery), responses((status = 200, body = Page<Agent>)))]
async fn list_agents(
    ViewsAgents(principal): ViewsAgents,
    State(state): State<AppState>,
    Params(query): Params<AgentQuery>,
) -> ApiResult<Json<Page<Agent>>> {
    let paging = query.paging();
    let limit = paging.limit()?;
    let rows = agents::list(
        &state.store,
        principal.account,
        (query.integration.map(IntegrationId), query.acd),
        query.search.as_deref(),
        paging.after_id()?.unwrap_or(0),
        one_more(limit),
    )
    .await?;
    let page = Page::of(rows, limit, |row| row.agent_id.to_string());
    Ok(Json(Page {
        items: page.items.into_iter().map(Agent::from).collect(),
        next_cursor: page.next_cursor,
    }))
}

/// One agent.
#[utoipa::path(get, path = "/agents/{id}", tag = "agents", params(("id" = i64, Path, description = "the agent")),
    responses((status = 200, body = Agent)))]
async fn get_agent(
    ViewsAgents(principal): ViewsAgents,
    State(state): State<AppState>,
    Id(id): Id,
) -> ApiResult<Json<Agent>> {
    let row = existing(&state, &principal, id).await?;
    Ok(Json(row.into()))
}

async fn existing(state: &AppState, principal: &Principal, id: i64) -> ApiResult<AgentRow> {
    let row = agents::get(&state.store, principal.account, id).await?;
    row.ok_or_else(|| Problem::not_found(format!("agent {id}")))
}

/// An agent and a period, as every answer of an agent needs them.
struct Asked {
    row: AgentRow,
    days: Days,
    zone: TimeZone,
    /// Start of the first day, seconds since 1970 UTC.
    from_utc_s: i64,
    /// End of the last day.
    to_utc_s: i64,
}

impl Asked {
    async fn read(
        state: &AppState,
        principal: &Principal,
        id: i64,
        query: &PeriodQuery,
    ) -> ApiResult<Self> {
        let days = Days::parse(&query.from, &query.to, MOST_DAYS)?;
        let asked_zone = query.zone.as_deref().map(dates::zone).transpose()?;
        let row = existing(state, principal, id).await?;
        let zone = match asked_zone {
            Some(zone) => zone,
            None => zone_of(state, principal, &row).await?,
        };
        let bounds = |date| day_bounds(date, &zone).map_err(Problem::internal);
        let last = days.to.yesterday().map_err(Problem::internal)?;
        let (from_utc_s, to_utc_s) = (bounds(days.from)?.0.0, bounds(last)?.1.0);
        Ok(Self {
            row,
            days,
            zone,
            from_utc_s,
            to_utc_s,
        })
    }

    /// The documents of a stream that can reach into the period, oldest first, `before` further days included.
    async fn records(
        &self,
        state: &AppState,
        principal: &Principal,
        stream: &str,
        before: i64,
    ) -> ApiResult<Vec<Record>> {
        let day = |date| crate::ingest::difference::day_number(date);
        let range = (
            day(self.days.from) - OVERLAP_DAYS - before,
            day(self.days.to) + OVERLAP_DAYS,
        );
        let agent = self.row.agent_id;
        Ok(agents::records(&state.store, principal.account, agent, stream, range).await?)
    }

    /// Writes into the access log that somebody looks at `what` of the agent. Before the answer, so that there is none without
    /// an entry.
    async fn log(&self, state: &AppState, principal: &Principal, what: &str) -> ApiResult<()> {
        let (from, to) = (self.days.from.to_string(), self.days.to.to_string());
        let (actor, agent) = (principal.actor(), self.row.agent_id);
        let (account, now) = (principal.account, state.clock.now_utc_ms());
        let of = (what, from.as_str(), to.as_str());
        audit::record_agent_viewed(&state.store, account, &actor, agent, of, now).await?;
        Ok(())
    }

    fn answer(&self) -> AgentOfAnswer {
        AgentOfAnswer {
            id: self.row.agent_id,
            name: self.row.name.clone(),
            login: self.row.login.clone(),
            acd: self.row.acd,
            integration_id: self.row.integration_id,
        }
    }

    fn zone_name(&self) -> String {
        self.zone.iana_name().unwrap_or("UTC").to_owned()
    }

    fn acd(&self) -> ApiResult<AcdNumber> {
        i32::try_from(self.row.acd)
            .map(AcdNumber)
            .map_err(Problem::internal)
    }
}

/// The zone of the agent's ACD.
async fn zone_of(state: &AppState, principal: &Principal, row: &AgentRow) -> ApiResult<TimeZone> {
    let id = IntegrationId(row.integration_id);
    let integration = integrations::get(&state.store, principal.account, id).await?;
    let acd = i32::try_from(row.acd)
        .map(AcdNumber)
        .map_err(Problem::internal)?;
    let name = integration
        .as_ref()
        .and_then(|found| found.configuration.zone_of(acd))
        .unwrap_or("UTC");
    dates::zone(name)
}

fn instant(utc_s: i64) -> ApiResult<Instant> {
    Instant::from_s(utc_s).ok_or_else(|| Problem::internal("an instant out of range"))
}

fn unreadable(row: &AgentRow) -> impl Fn(EncodingError) -> Problem {
    let id = row.agent_id;
    move |error| StoreError::unreadable(format!("document of agent {id}"), error).into()
}

impl From<AgentRow> for Agent {
    fn from(row: AgentRow) -> Self {
        Self {
            id: row.agent_id,
            name: row.name,
            login: row.login,
            acd: row.acd,
            integration_id: row.integration_id,
            integration_name: row.integration_name,
            first_date: row.first_day.and_then(dates::from_day),
            last_date: row.last_day.and_then(dates::from_day),
        }
    }
}
