//! What can be done with an integration besides changing it: pause, resume, verify, import again.

use super::dto::{Integration, ReimportAccepted, ReimportRequest, VerifyAccepted};
use super::{announce, existing, object, record, view};
use crate::api::dates::Days;
use crate::api::extract::{Body, Id};
use crate::audit::{Action, Change, Event};
use crate::auth::{ManagesIntegrations, Principal};
use crate::error::{ApiResult, Problem};
use crate::planner::{self, ReimportError};
use crate::state::AppState;
use crate::store::{integrations, status};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use floorwire_model::ids::IntegrationId;

/// Longest period of one request, days.
const MOST_DAYS: i32 = 1100;

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

async fn set_paused(
    state: &AppState,
    principal: &Principal,
    id: i64,
    paused: bool,
) -> ApiResult<Json<Integration>> {
    let before = existing(state, principal, id).await?;
    let id = IntegrationId(id);
    let now = state.clock.now_utc_ms();
    let mut transaction = state.store.begin().await?;
    let changed =
        integrations::set_paused(&mut transaction, principal.account, id, paused, now).await?;
    if changed {
        let action = match paused {
            true => Action::IntegrationPaused,
            false => Action::IntegrationResumed,
        };
        let event = Event::new(action, object(id, &before.name));
        record(&mut transaction, principal, &event, now).await?;
    }
    transaction.commit().await?;
    if changed {
        announce(state, principal, id);
        tracing::info!(account = %principal.account, integration = %id, paused, "integration paused or resumed");
    }
    let after = existing(state, principal, id.0).await?;
    view::of(state, principal, after).await.map(Json)
}

/// Asks the Link to look at the source now. The answer shows in the integration's problem and capabilities.
#[utoipa::path(post, path = "/integrations/{id}/verify", tag = "integrations",
    params(("id" = i64, Path, description = "the integration")), responses((status = 202, body = VerifyAccepted)))]
pub async fn verify_integration(
    ManagesIntegrations(principal): ManagesIntegrations,
    State(state): State<AppState>,
    Id(id): Id,
) -> ApiResult<(StatusCode, Json<VerifyAccepted>)> {
    let found = existing(&state, &principal, id).await?;
    let id = IntegrationId(id);
    let now = state.clock.now_utc_ms();
    let mut transaction = state.store.begin().await?;
    let verify_id = status::request_examine(&mut transaction, principal.account, id, now).await?;
    let event = Event::new(Action::IntegrationVerified, object(id, &found.name));
    record(&mut transaction, &principal, &event, now).await?;
    transaction.commit().await?;
    announce(&state, &principal, id);
    Ok((StatusCode::ACCEPTED, Json(VerifyAccepted { verify_id })))
}

/// Reads a period again from the source, day by day. Days that are being read already are not asked for twice. As a preview it
/// reads the same and applies nothing.
#[utoipa::path(post, path = "/integrations/{id}/reimport", tag = "integrations",
    params(("id" = i64, Path, description = "the integration")), request_body = ReimportRequest,
    responses((status = 202, body = ReimportAccepted)))]
pub async fn reimport(
    ManagesIntegrations(principal): ManagesIntegrations,
    State(state): State<AppState>,
    Id(id): Id,
    Body(request): Body<ReimportRequest>,
) -> ApiResult<(StatusCode, Json<ReimportAccepted>)> {
    let days = Days::parse(&request.from, &request.to, MOST_DAYS)?;
    let found = existing(&state, &principal, id).await?;
    let (account, stream) = (principal.account, request.stream.as_str());
    let action = match request.preview {
        true => Action::ReimportPreviewed,
        false => Action::Reimported,
    };
    let event = Event::new(action, object(found.id, &found.name)).with([
        Change::to("stream", stream),
        Change::to("from", days.from),
        Change::to("to", days.to),
    ]);
    let log = (principal.actor(), event);
    if request.preview {
        let planned = planner::preview_logged(
            &state,
            account,
            &found,
            stream,
            (days.from, days.to),
            Some(&log),
        );
        let (preview, tasks) = planned.await.map_err(not_planned)?;
        let accepted = ReimportAccepted {
            tasks,
            preview: Some(preview),
        };
        return Ok((StatusCode::ACCEPTED, Json(accepted)));
    }
    let planned = planner::reimport_logged(
        &state,
        account,
        &found,
        stream,
        (days.from, days.to),
        Some(&log),
    );
    let tasks = planned.await.map_err(not_planned)?;
    announce(&state, &principal, found.id);
    tracing::info!(account = %principal.account, integration = id, from = %days.from, to = %days.to, tasks, "period is imported again");
    let accepted = ReimportAccepted {
        tasks,
        preview: None,
    };
    Ok((StatusCode::ACCEPTED, Json(accepted)))
}

fn not_planned(error: ReimportError) -> Problem {
    match error {
        ReimportError::Store(error) => error.into(),
        ReimportError::UnknownStream(_) => Problem::invalid("invalid-stream", error.to_string()),
        ReimportError::NotExamined => Problem::new(
            StatusCode::CONFLICT,
            "not-examined",
            "the source is not known yet",
        )
        .detail(error.to_string())
        .remedy("pair a Link, save the configuration, and wait until the source was examined"),
    }
}
