//! What can be done with an integration besides changing it: pair, pause, resume, verify, import again.

use super::dto::{Integration, PairRequest, Paired, ReimportAccepted, ReimportRequest, VerifyAccepted};
use super::{announce, existing, view};
use crate::api::dates::Days;
use crate::api::extract::{Body, Id};
use crate::auth::{ManagesIntegrations, Principal};
use crate::error::{ApiResult, Problem};
use crate::state::AppState;
use crate::store::integrations;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use floorwire_model::ids::IntegrationId;

/// Stops the import. What is missed meanwhile is imported on resume, as far back as the source stores it.
#[utoipa::path(post, path = "/integrations/{id}/pause", tag = "integrations",
    params(("id" = i64, Path, description = "the integration")), responses((status = 200, body = Integration)))]
pub async fn pause_integration(
    ManagesIntegrations(principal): ManagesIntegrations,
    State(state): State<AppState>,
    Id(id): Id,
) -> ApiResult<Json<Integration>> {
    set_paused(&state, &principal, id, true).await
}

/// Goes on with the import.
#[utoipa::path(post, path = "/integrations/{id}/resume", tag = "integrations",
    params(("id" = i64, Path, description = "the integration")), responses((status = 200, body = Integration)))]
pub async fn resume_integration(
    ManagesIntegrations(principal): ManagesIntegrations,
    State(state): State<AppState>,
    Id(id): Id,
) -> ApiResult<Json<Integration>> {
    set_paused(&state, &principal, id, false).await
}

async fn set_paused(state: &AppState, principal: &Principal, id: i64, paused: bool) -> ApiResult<Json<Integration>> {
    existing(state, principal, id).await?;
    let id = IntegrationId(id);
    let now = state.clock.now_utc_ms();
    let mut transaction = state.store.begin().await?;
    let changed = integrations::set_paused(&mut transaction, principal.account, id, paused, now).await?;
    transaction.commit().await?;
    if changed {
        announce(state, principal, id);
        tracing::info!(account = %principal.account, integration = %id, paused, "integration paused or resumed");
    }
    let after = existing(state, principal, id.0).await?;
    view::of(state, principal, after).await.map(Json)
}
