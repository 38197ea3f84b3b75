//! `/integrations/{id}/setAside/...`: what people decide about readings that were not applied.

use super::{announce, existing};
use crate::api::extract::{Body, Id, Paging, Params};
use crate::api::types::{Instant, Page, one_more};
use crate::auth::{ManagesIntegrations, Principal, ViewsIntegrations};
use crate::error::{ApiResult, Problem};
use crate::ingest::decide::{self, Decider, DecisionError};
use crate::state::AppState;
use crate::store::decisions::{self, Decision};
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use floorwire_model::ids::IntegrationId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Longest reason, characters.
const MOST_WHY: usize = 500;

/// Why something is decided.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetAsideDecisionRequest {
    /// In the words of who decides, up to 500 characters; may be left out.
    #[serde(default)]
    pub why: String,
}

/// What was decided about a reading.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SetAsideDecision {
    /// Number of the reading.
    pub id: i64,
    /// The source table.
    pub table: String,
    /// The ACD.
    pub acd: i64,
    /// `YYYY-MM-DD`; null for tables without dates.
    #[schema(required)]
    pub row_date: Option<String>,
    /// Why it was set aside; see the reading.
    pub reason: String,
    /// Rows read.
    pub rows: i64,
    /// True: it was applied. False: it was thrown away.
    pub accepted: bool,
    /// In the words of who decided; may be empty.
    pub why: String,
    /// Address of who decided.
    pub decided_by: String,
    /// When.
    pub decided_at: Instant,
}

impl TryFrom<Decision> for SetAsideDecision {
    type Error = Problem;

    fn try_from(row: Decision) -> ApiResult<Self> {
        Ok(Self {
            id: row.id,
            acd: i64::from(row.partition.acd.0),
            row_date: row.partition.row_date.map(|date| date.to_string()),
            table: row.partition.table,
            reason: row.reason,
            rows: row.row_count,
            accepted: row.accepted,
            why: row.why,
            decided_by: row.by,
            decided_at: Instant::from_ms(row.at_utc_ms)
                .ok_or_else(|| Problem::internal("a decision at an impossible time"))?,
        })
    }
}

/// Applies a reading that was set aside, as if it had just come. Settled figures that it changes are in the journal.
/// A reading that is not whole, or of which no figures can be made, is refused, as is one that is older than what is stored.
#[utoipa::path(post, path = "/integrations/{id}/setAside/{reading}/accept", tag = "integrations",
    params(("id" = i64, Path, description = "the integration"), ("reading" = i64, Path, description = "the reading")),
    request_body = SetAsideDecisionRequest, responses((status = 204)))]
pub async fn accept_set_aside(
    ManagesIntegrations(principal): ManagesIntegrations,
    State(state): State<AppState>,
    path: Result<Path<(i64, i64)>, PathRejection>,
    Body(request): Body<SetAsideDecisionRequest>,
) -> ApiResult<StatusCode> {
    decided(&state, &principal, path, &request, true).await
}

/// Throws a reading away that was set aside. What is stored stays. The same rows are not set aside again.
#[utoipa::path(post, path = "/integrations/{id}/setAside/{reading}/discard", tag = "integrations",
    params(("id" = i64, Path, description = "the integration"), ("reading" = i64, Path, description = "the reading")),
    request_body = SetAsideDecisionRequest, responses((status = 204)))]
pub async fn discard_set_aside(
    ManagesIntegrations(principal): ManagesIntegrations,
    State(state): State<AppState>,
    path: Result<Path<(i64, i64)>, PathRejection>,
    Body(request): Body<SetAsideDecisionRequest>,
) -> ApiResult<StatusCode> {
    decided(&state, &principal, path, &request, false).await
}

async fn decided(
    state: &AppState,
    principal: &Principal,
    path: Result<Path<(i64, i64)>, PathRejection>,
    request: &SetAsideDecisionRequest,
    accepted: bool,
) -> ApiResult<StatusCode> {
    let Path((id, reading)) = path.map_err(|_| Problem::not_found("a reading of that number"))?;
    let why = request.why.trim();
    if why.chars().count() > MOST_WHY {
        let detail = format!("`why` has more than {MOST_WHY} characters");
        return Err(Problem::invalid("too-long", detail));
    }
    let integration = existing(state, principal, id).await?;
    let decider = Decider {
        email: &principal.email,
        why,
        actor: &principal.actor(),
    };
    let account = principal.account;
    let done = match accepted {
        true => decide::accept(state, account, &integration, reading, decider).await,
        false => decide::discard(state, account, &integration, reading, decider).await,
    };
    done.map_err(|error| not_decided(error, reading))?;
    announce(state, principal, integration.id);
    tracing::info!(%account, integration = id, reading, accepted, "a reading that was set aside is decided");
    Ok(StatusCode::NO_CONTENT)
}

fn not_decided(error: DecisionError, reading: i64) -> Problem {
    let text = error.to_string();
    let refused = |code: &'static str, title: &'static str, remedy: &'static str| {
        Problem::new(StatusCode::CONFLICT, code, title)
            .detail(text)
            .remedy(remedy)
    };
    match error {
        DecisionError::Ingest(error) => error.into(),
        DecisionError::Gone => Problem::not_found(format!("set-aside reading {reading}")),
        DecisionError::NotUsable(_) => refused(
            "reading-not-whole",
            "the reading cannot be applied",
            "discard it, and read the day again when the cause is gone",
        ),
        DecisionError::Outdated(_) => refused(
            "reading-outdated",
            "the reading is out of date",
            "discard it, and read the day again",
        ),
    }
}

/// What was decided about readings that were set aside, newest first.
#[utoipa::path(get, path = "/integrations/{id}/setAside/decisions", tag = "integrations",
    params(("id" = i64, Path, description = "the integration"), Paging),
    responses((status = 200, body = Page<SetAsideDecision>)))]
pub async fn get_set_aside_decisions(
    ViewsIntegrations(principal): ViewsIntegrations,
    State(state): State<AppState>,
    Id(id): Id,
    Params(paging): Params<Paging>,
) -> ApiResult<Json<Page<SetAsideDecision>>> {
    existing(&state, &principal, id).await?;
    let (limit, before) = (paging.limit()?, paging.after_id()?);
    let rows = decisions::list(
        &state.store,
        principal.account,
        IntegrationId(id),
        before,
        one_more(limit),
    )
    .await?;
    let page = Page::of(rows, limit, |row| row.id.to_string());
    page.try_map(SetAsideDecision::try_from).map(Json)
}
