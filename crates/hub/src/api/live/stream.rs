//! `/live/agents/stream`.

use super::dto::LiveUpdate;
use crate::auth::ViewsAgents;
use crate::error::{ApiResult, Problem};
use crate::state::AppState;
use axum::extract::State;
use axum::response::Response;

/// Server-sent events: `snapshot` with everything, then `delta`s of what changed (both carry a `LiveUpdate`), `keepalive`
/// every few seconds. A new `snapshot` replaces what was there; it also comes when a listener was too slow. With
/// `Last-Event-ID` it goes on after that event where it still can. Ends with the session.
#[utoipa::path(get, path = "/live/agents/stream", tag = "live",
    params(("Last-Event-ID" = Option<i64>, Header, description = "the id of the last event that was seen")),
    responses((status = 200, content_type = "text/event-stream", body = LiveUpdate)))]
pub async fn stream_live_agents(
    ViewsAgents(_principal): ViewsAgents,
    State(_state): State<AppState>,
) -> ApiResult<Response> {
    Err(Problem::internal("not there yet"))
}
