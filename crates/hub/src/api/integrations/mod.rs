//! `/integrations`: one connection to one ACD each.

mod actions;
mod agent_findings;
mod agent_settings;
mod business_hours;
mod calls;
mod capabilities;
mod configuration;
mod crud;
mod dto;
mod feed_outages;
mod feed_preview;
mod feed_profiles;
mod gaps;
mod hours;
mod journal;
mod ledger;
mod load;
mod notices;
mod pair;
mod previews;
mod realtime;
mod rereading;
mod set_aside;
mod stream;
mod vdns;
mod view;

pub(crate) use agent_settings::mirrored;

use crate::audit::{Event, Object};
use crate::auth::Principal;
use crate::bus::Hint;
use crate::error::{ApiResult, Problem};
use crate::state::AppState;
use crate::store::integrations::{self, Integration};
use crate::store::{Transaction, audit};
use floorwire_model::ids::IntegrationId;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The endpoints of this module.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(crud::list_integrations, crud::create_integration))
        .routes(routes!(stream::stream_integrations))
        .routes(routes!(
            crud::get_integration,
            crud::patch_integration,
            crud::delete_integration
        ))
        .routes(routes!(pair::pair_integration))
        .routes(routes!(actions::pause_integration))
        .routes(routes!(actions::resume_integration))
        .routes(routes!(actions::verify_integration))
        .routes(routes!(actions::reimport))
        .routes(routes!(previews::get_reimport_preview))
        .routes(routes!(ledger::get_ledger))
        .routes(routes!(gaps::get_gaps))
        .routes(routes!(gaps::get_outages))
        .routes(routes!(hours::get_business_hours))
        .routes(routes!(hours::get_holiday_countries))
        .routes(routes!(journal::get_journal))
        .routes(routes!(journal::get_set_aside))
        .routes(routes!(set_aside::accept_set_aside))
        .routes(routes!(set_aside::discard_set_aside))
        .routes(routes!(set_aside::get_set_aside_decisions))
        .routes(routes!(agent_findings::get_agent_findings))
        .routes(routes!(capabilities::get_capabilities))
        .routes(routes!(load::get_load))
        .routes(routes!(vdns::get_vdns))
        .routes(routes!(
            feed_profiles::list_feed_profiles,
            feed_profiles::check_feed_profile
        ))
        .routes(routes!(
            feed_profiles::get_feed_profile,
            feed_profiles::put_feed_profile,
            feed_profiles::delete_feed_profile
        ))
        .routes(routes!(feed_outages::get_feed_outages))
        .routes(routes!(feed_preview::preview_feed))
        .routes(routes!(notices::get_notices))
        .routes(routes!(notices::dismiss_notice))
}

/// The integration of that id in the account, or 404.
async fn existing(state: &AppState, principal: &Principal, id: i64) -> ApiResult<Integration> {
    let found = integrations::get(&state.store, principal.account, IntegrationId(id)).await?;
    found.ok_or_else(|| Problem::not_found(format!("integration {id}")))
}

/// Tells pages, the planner and a waiting Link that an integration changed. Called after the commit.
fn announce(state: &AppState, principal: &Principal, id: IntegrationId) {
    for hint in [Hint::Integration, Hint::Desired, Hint::Plan, Hint::Tasks] {
        state.bus.publish(hint(principal.account, id));
    }
}

/// The integration as the access log names it.
fn object(id: IntegrationId, name: &str) -> Object {
    Object::new("integration", id, name)
}

/// Writes into the access log, as part of the change.
async fn record(
    transaction: &mut Transaction,
    principal: &Principal,
    event: &Event,
    now_utc_ms: i64,
) -> ApiResult<()> {
    let (account, actor) = (principal.account, principal.actor());
    audit::record(transaction, account, &actor, event, now_utc_ms).await?;
    Ok(())
}
