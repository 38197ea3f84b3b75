//! `/live/agents`: agents now, page by page.

use super::dto::{LiveAgents, LiveQuery};
use crate::api::extract::Params;
use crate::auth::ViewsAgents;
use crate::error::{ApiResult, Problem};
use crate::state::AppState;
use axum::Json;
use axum::extract::State;

/// What agents do now, with the feeds that say so.
#[utoipa::path(get, path = "/live/agents", tag = "live", params(LiveQuery), responses((status = 200, body = LiveAgents)))]
pub async fn list_live_agents(
    ViewsAgents(_principal): ViewsAgents,
    State(_state): State<AppState>,
    Params(_query): Params<LiveQuery>,
) -> ApiResult<Json<LiveAgents>> {
    Err(Problem::internal("not there yet"))
}
