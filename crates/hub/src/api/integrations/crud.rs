//! `/integrations` and `/integrations/{id}`: list, create, show, change, delete.

use super::configuration::{apply, checked_name};
use super::dto::{Integration, IntegrationPatch, NewIntegration};
use super::feed_profiles::names as profile_names;
use super::{announce, existing, object, record, view};
use crate::api::extract::{Body, Id, Paging, Params};
use crate::api::types::{Page, one_more};
use crate::audit::{Action, Change, Event, configuration_changes};
use crate::auth::{ManagesIntegrations, ViewsIntegrations};
use crate::configuration::Configuration;
use crate::error::{ApiResult, Problem};
use crate::state::AppState;
use crate::store::{StoreError, integrations};
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use floorwire_model::ids::IntegrationId;

/// The integrations of the account, in the order of their creation.
#[utoipa::path(get, path = "/integrations", tag = "integrations", params(Paging),
    responses((status = 200, body = Page<Integration>)))]
pub async fn list_integrations(
    ViewsIntegrations(principal): ViewsIntegrations,
    State(state): State<AppState>,
    Params(paging): Params<Paging>,
) -> ApiResult<Json<Page<Integration>>> {
    let limit = paging.limit()?;
    let after = paging.after_id()?.unwrap_or(0);
    let rows = integrations::list(&state.store, principal.account, after, one_more(limit)).await?;
    let page = Page::of(rows, limit, |row| row.id.to_string());
    let items = view::of_all(&state, &principal, page.items).await?;
    Ok(Json(Page {
        items,
        next_cursor: page.next_cursor,
    }))
}

/// A new integration. Its `code` is what the Link is started with.
#[utoipa::path(post, path = "/integrations", tag = "integrations", request_body = NewIntegration,
    responses((status = 201, body = Integration)))]
pub async fn create_integration(
    ManagesIntegrations(principal): ManagesIntegrations,
    State(state): State<AppState>,
    Body(request): Body<NewIntegration>,
) -> ApiResult<impl IntoResponse> {
    let name = checked_name(&request.name)?;
    if state.vendors.by_source(&request.source).is_none() {
        let known = state.vendors.sources().join(", ");
        return Err(Problem::invalid(
            "invalid-source",
            format!("`source` is not one of: {known}"),
        ));
    }
    let mut configuration = Configuration::default();
    if let Some(patch) = request.configuration {
        let profiles = profile_names(&state, &request.source, None).await?;
        apply(&mut configuration, patch, &profiles)?;
    }
    let now = state.clock.now_utc_ms();
    let mut transaction = state.store.begin().await?;
    let id = integrations::create(
        &mut transaction,
        principal.account,
        &name,
        &request.source,
        &configuration,
        now,
    )
    .await
    .map_err(name_taken)?;
    let event = Event::new(Action::IntegrationCreated, object(id, &name))
        .with([Change::to("source", &request.source)])
        .with(changes(&Configuration::default(), &configuration)?);
    record(&mut transaction, &principal, &event, now).await?;
    transaction.commit().await?;
    announce(&state, &principal, id);
    tracing::info!(account = %principal.account, integration = %id, "integration created");
    let created = existing(&state, &principal, id.0).await?;
    let body = view::of(&state, &principal, created).await?;
    Ok((
        StatusCode::CREATED,
        [(header::LOCATION, format!("/api/v1/integrations/{id}"))],
        Json(body),
    ))
}

/// One integration.
#[utoipa::path(get, path = "/integrations/{id}", tag = "integrations",
    params(("id" = i64, Path, description = "the integration")), responses((status = 200, body = Integration)))]
pub async fn get_integration(
    ViewsIntegrations(principal): ViewsIntegrations,
    State(state): State<AppState>,
    Id(id): Id,
) -> ApiResult<Json<Integration>> {
    let found = existing(&state, &principal, id).await?;
    view::of(&state, &principal, found).await.map(Json)
}

/// Changes name or settings; what is left out stays. Changed settings get a new version, under which the import goes on.
#[utoipa::path(patch, path = "/integrations/{id}", tag = "integrations",
    params(("id" = i64, Path, description = "the integration")), request_body = IntegrationPatch,
    responses((status = 200, body = Integration)))]
pub async fn patch_integration(
    ManagesIntegrations(principal): ManagesIntegrations,
    State(state): State<AppState>,
    Id(id): Id,
    Body(patch): Body<IntegrationPatch>,
) -> ApiResult<Json<Integration>> {
    let (account, id) = (principal.account, IntegrationId(id));
    let name = patch.name.as_deref().map(checked_name).transpose()?;
    let now = state.clock.now_utc_ms();
    let source = existing(&state, &principal, id.0).await?.source;
    let profiles = profile_names(&state, &source, Some((account, id))).await?;
    let mut transaction = state.store.begin().await?;
    let found = integrations::get_locked(&mut transaction, account, id).await?;
    let before = found.ok_or_else(|| Problem::not_found(format!("integration {id}")))?;
    let mut told = Vec::new();
    if let Some(name) = name.filter(|name| *name != before.name) {
        integrations::rename(&mut transaction, account, id, &name)
            .await
            .map_err(name_taken)?;
        told.push(Change::new("name", Some(before.name.clone()), Some(name)));
    }
    let mut reconfigured = false;
    if let Some(changes) = patch.configuration {
        let mut configuration = before.configuration.clone();
        apply(&mut configuration, changes, &profiles)?;
        if configuration != before.configuration {
            integrations::set_configuration(&mut transaction, account, id, &configuration, now)
                .await?;
            told.extend(self::changes(&before.configuration, &configuration)?);
            reconfigured = true;
        }
    }
    if !told.is_empty() {
        let event = Event::new(Action::IntegrationChanged, object(id, &before.name)).with(told);
        record(&mut transaction, &principal, &event, now).await?;
    }
    transaction.commit().await?;
    announce(&state, &principal, id);
    if reconfigured {
        tracing::info!(%account, integration = %id, "integration configured");
    }
    let after = existing(&state, &principal, id.0).await?;
    view::of(&state, &principal, after).await.map(Json)
}

/// Deletes an integration. Its Link is unpaired; queues and figures already imported stay.
#[utoipa::path(delete, path = "/integrations/{id}", tag = "integrations",
    params(("id" = i64, Path, description = "the integration")), responses((status = 204, description = "deleted")))]
pub async fn delete_integration(
    ManagesIntegrations(principal): ManagesIntegrations,
    State(state): State<AppState>,
    Id(id): Id,
) -> ApiResult<StatusCode> {
    let before = existing(&state, &principal, id).await?;
    let mut transaction = state.store.begin().await?;
    let now = state.clock.now_utc_ms();
    if !integrations::delete(&mut transaction, principal.account, IntegrationId(id), now).await? {
        return Err(Problem::not_found(format!("integration {id}")));
    }
    let event = Event::new(Action::IntegrationDeleted, object(before.id, &before.name));
    record(&mut transaction, &principal, &event, now).await?;
    transaction.commit().await?;
    announce(&state, &principal, IntegrationId(id));
    tracing::info!(account = %principal.account, integration = id, "integration deleted; its data stays");
    Ok(StatusCode::NO_CONTENT)
}

fn changes(before: &Configuration, after: &Configuration) -> ApiResult<Vec<Change>> {
    configuration_changes(before, after).map_err(Problem::internal)
}

fn name_taken(error: StoreError) -> Problem {
    match error {
        StoreError::Conflict(_) => Problem::new(
            StatusCode::CONFLICT,
            "name-taken",
            "another integration has this name",
        )
        .detail("names are unique within the account, because they tell where a queue comes from")
        .remedy("choose another name"),
        other => other.into(),
    }
}
