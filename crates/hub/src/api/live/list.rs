//! `/live/agents`: agents now, page by page.

use super::dto::{LiveAgent, LiveAgents, LiveQuery};
use super::shown::{key as shown_key, key_of};
use crate::api::agents::AgentState;
use crate::api::extract::{Params, invalid_cursor};
use crate::api::types::{Instant, Page};
use crate::auth::ViewsAgents;
use crate::error::{ApiResult, Problem};
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use std::collections::BTreeMap;

/// What agents do now, with the feeds that say so.
#[utoipa::path(get, path = "/live/agents", tag = "live", params(LiveQuery), responses((status = 200, body = LiveAgents)))]
pub async fn list_live_agents(
    ViewsAgents(principal): ViewsAgents,
    State(state): State<AppState>,
    Params(query): Params<LiveQuery>,
) -> ApiResult<Json<LiveAgents>> {
    let limit = query.paging().limit()?;
    let cursor = query.cursor.as_deref();
    let after = cursor
        .map(|cursor| key_of(cursor).ok_or_else(invalid_cursor))
        .transpose()?;
    let board = state.live.board(&state, principal.account);
    let present = board.present(&state).await?;
    let search = query
        .search
        .as_deref()
        .unwrap_or_default()
        .trim()
        .to_lowercase();
    let matching: Vec<_> = present
        .agents
        .into_iter()
        .filter(|(_, agent)| matches(&query, &search, agent))
        .collect();
    let mut by_state = BTreeMap::new();
    for (_, agent) in &matching {
        *by_state.entry(state_name(agent.state)).or_default() += 1;
    }
    let total = matching.len() as u64;
    let rest = matching
        .into_iter()
        .filter(|(key, _)| after.as_ref().is_none_or(|after| key > after));
    let rows = rest.take(limit.saturating_add(1)).collect();
    let page = Page::of(rows, limit, |(key, _)| shown_key(key));
    let now = state.clock.now_utc_ms();
    Ok(Json(LiveAgents {
        items: page.items.into_iter().map(|(_, agent)| agent).collect(),
        next_cursor: page.next_cursor,
        total,
        by_state,
        event_id: present.event_id,
        now: Instant::from_ms(now).ok_or_else(|| Problem::internal("the clock is out of range"))?,
        feeds: present.feeds,
    }))
}

/// As the answer names it.
fn state_name(state: AgentState) -> String {
    let value = serde_json::to_value(state).ok();
    let name = value.as_ref().and_then(serde_json::Value::as_str);
    name.unwrap_or_default().to_owned()
}

fn matches(query: &LiveQuery, search: &str, agent: &LiveAgent) -> bool {
    query
        .integration
        .is_none_or(|of| of == agent.integration_id)
        && query.acd.is_none_or(|of| of == agent.acd)
        && query.state.is_none_or(|of| of == agent.state)
        && query
            .skill
            .as_ref()
            .is_none_or(|of| agent.skill.as_ref() == Some(of))
        && (search.is_empty()
            || agent.name.to_lowercase().contains(search)
            || agent.login.to_lowercase().contains(search))
}
