//! From what is stored to an integration as the API shows it.

use super::dto;
use crate::auth::Principal;
use crate::auth::role::Right;
use crate::configuration::Configuration;
use crate::error::ApiResult;
use crate::state::AppState;
use crate::store::integrations::Integration;

/// One integration.
pub async fn of(_state: &AppState, _principal: &Principal, _integration: Integration) -> ApiResult<dto::Integration> {
    Err(crate::error::Problem::internal("not yet"))
}

/// Several integrations, in the same order.
pub async fn of_all(
    state: &AppState,
    principal: &Principal,
    integrations: Vec<Integration>,
) -> ApiResult<Vec<dto::Integration>> {
    let mut all = Vec::with_capacity(integrations.len());
    for integration in integrations {
        all.push(of(state, principal, integration).await?);
    }
    Ok(all)
}
