//! `/integrations/{id}/pair`: the PIN that a Link shows makes it this integration's Link.

use super::dto::{PairRequest, Paired};
use super::{existing, object, view};
use crate::api::extract::{Body, Id};
use crate::audit::{Action, Event};
use crate::auth::ManagesIntegrations;
use crate::error::{ApiResult, Problem};
use crate::link_api::pairing;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use floorwire_model::ids::IntegrationId;

/// Pairs the Link that shows this PIN. Another Link paired before is unpaired.
#[utoipa::path(post, path = "/integrations/{id}/pair", tag = "integrations",
    params(("id" = i64, Path, description = "the integration")), request_body = PairRequest,
    responses((status = 200, body = Paired)))]
pub async fn pair_integration(
    ManagesIntegrations(principal): ManagesIntegrations,
    State(state): State<AppState>,
    Id(id): Id,
    Body(request): Body<PairRequest>,
) -> ApiResult<Json<Paired>> {
    let found = existing(&state, &principal, id).await?;
    let pin: String = request
        .pin
        .chars()
        .filter(|letter| !letter.is_whitespace())
        .collect();
    if pin.len() != 6 || !pin.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Problem::invalid(
            "invalid-pin",
            "`pin` does not have six digits",
        ));
    }
    let id = IntegrationId(id);
    let event = Event::new(Action::IntegrationPaired, object(id, &found.name));
    let log = (principal.actor(), event);
    let link = pairing::confirm_logged(&state, principal.account, id, &pin, Some(&log)).await?;
    Ok(Json(Paired {
        link: view::link(&link, state.clock.now_utc_ms())?,
    }))
}
