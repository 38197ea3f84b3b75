//! `/integrations/{id}/notices`: what changed at the source, or does not fit the settings.

use crate::api::extract::Id;
use crate::api::types::Instant;
use crate::audit::{Action, Change, Event};
use crate::auth::{ManagesIntegrations, ViewsIntegrations};
use crate::bus::Hint;
use crate::error::{ApiResult, Problem};
use crate::state::AppState;
use crate::store::notices;
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use floorwire_model::ids::IntegrationId;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// The open notices.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Notices {
    /// Newest first.
    pub items: Vec<Notice>,
}

/// Something about the source that somebody should know.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Notice {
    /// Unique within the account.
    pub id: i64,
    /// When it was seen.
    pub at: Instant,
    /// Stable code; pages translate by it. Changes between two looks: `table-gone`, `table-new`, `columns-gone`,
    /// `columns-new`, `starttime-utc-gone`, `starttime-utc-new`, `aux-reasons-changed`, `owner-changed`,
    /// `dictionary-types-gone`, `acd-gone`, `acd-new`, `interval-changed`, `retention-shorter`, `trace-stopped`,
    /// `trace-began`, `duplicates-new`, `database-changed`. A setting that does not fit: `zone-doubtful`.
    pub code: String,
    /// English text.
    pub text: String,
    /// Values for the translated text, by name: `table`, `acd`, `columns`, `types`, `before`, `after`, `zone`, `cause`,
    /// `likely`.
    pub parameters: BTreeMap<String, String>,
}

/// What changed at the source between two looks, or does not fit the settings, and was not dismissed yet.
#[utoipa::path(get, path = "/integrations/{id}/notices", tag = "integrations",
    params(("id" = i64, Path, description = "the integration")), responses((status = 200, body = Notices)))]
pub async fn get_notices(
    ViewsIntegrations(principal): ViewsIntegrations,
    State(state): State<AppState>,
    Id(id): Id,
) -> ApiResult<Json<Notices>> {
    super::existing(&state, &principal, id).await?;
    let open = notices::open(&state.store, principal.account, IntegrationId(id)).await?;
    let items = open.into_iter().map(|stored| {
        Ok(Notice {
            id: stored.id,
            at: Instant::from_ms(stored.raised_utc_ms)
                .ok_or_else(|| Problem::internal("a notice at an impossible time"))?,
            code: stored.notice.code,
            text: stored.notice.message,
            parameters: stored.notice.parameters,
        })
    });
    Ok(Json(Notices {
        items: items.collect::<ApiResult<_>>()?,
    }))
}

/// Dismisses a notice.
#[utoipa::path(delete, path = "/integrations/{id}/notices/{notice}", tag = "integrations",
    params(("id" = i64, Path, description = "the integration"), ("notice" = i64, Path, description = "the notice")),
    responses((status = 204)))]
pub async fn dismiss_notice(
    ManagesIntegrations(principal): ManagesIntegrations,
    State(state): State<AppState>,
    path: Result<Path<(i64, i64)>, PathRejection>,
) -> ApiResult<StatusCode> {
    let Path((id, notice)) = path.map_err(|_| Problem::not_found("a notice of that number"))?;
    let found = super::existing(&state, &principal, id).await?;
    let (account, integration) = (principal.account, IntegrationId(id));
    let now = state.clock.now_utc_ms();
    let mut transaction = state.store.begin().await?;
    if !notices::dismiss(&mut transaction, account, integration, notice, now).await? {
        return Err(Problem::not_found(format!("notice {notice}")));
    }
    let event = Event::new(
        Action::NoticeDismissed,
        super::object(integration, &found.name),
    )
    .with([Change::to("notice", notice)]);
    super::record(&mut transaction, &principal, &event, now).await?;
    transaction.commit().await?;
    state.bus.publish(Hint::Integration(account, integration));
    Ok(StatusCode::NO_CONTENT)
}
