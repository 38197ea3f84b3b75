//! `/integrations/{id}/capabilities`: what the source has, as the Link found it.

use crate::api::extract::Id;
use crate::api::types::Instant;
use crate::auth::ViewsIntegrations;
use crate::error::ApiResult;
use crate::state::AppState;
use crate::store::status;
use axum::Json;
use axum::extract::State;
use floorwire_model::ids::IntegrationId;
use floorwire_protocol::capabilities as found;
use serde::Serialize;
use utoipa::ToSchema;

/// What the source has.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SourceCapabilities {
    /// When the Link looked last with success; null: never yet.
    #[schema(required)]
    pub examined_at: Option<Instant>,
    /// `informix`, `postgresql`, `sqlite`, `mariadb`, `other`; null while unknown.
    #[schema(required)]
    pub database_kind: Option<String>,
    /// The tables of the catalogue.
    pub tables: Vec<SourceTable>,
    /// What follows.
    pub notes: Vec<SourceNote>,
    /// The Link's clock minus the hub's, seconds; null while unknown.
    #[schema(required)]
    pub clock_difference_seconds: Option<f64>,
}

/// One table of the catalogue.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SourceTable {
    /// Lower case.
    pub name: String,
    /// False when the site does not have it, or the login may not read it.
    pub present: bool,
    /// Columns of the catalogue that the site lacks.
    pub columns_missing: Vec<String>,
    /// Oldest date over all ACDs, `YYYY-MM-DD`.
    #[schema(required)]
    pub oldest_date: Option<String>,
    /// Newest date over all ACDs, `YYYY-MM-DD`.
    #[schema(required)]
    pub newest_date: Option<String>,
    /// Interval length of the newest rows, minutes.
    #[schema(required)]
    pub interval_minutes: Option<u16>,
    /// Rows carry the start in UTC.
    pub start_time_utc: bool,
    /// The ACDs with rows.
    pub acds: Vec<i32>,
}

/// One consequence of what was found.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SourceNote {
    /// Stable code; pages translate by it.
    pub code: String,
    /// English text.
    pub text: String,
}

impl From<found::TableCapability> for SourceTable {
    fn from(table: found::TableCapability) -> Self {
        Self {
            oldest_date: table
                .acds
                .iter()
                .filter_map(|acd| acd.oldest_date.clone())
                .min(),
            newest_date: table
                .acds
                .iter()
                .filter_map(|acd| acd.newest_date.clone())
                .max(),
            acds: table.acds.iter().map(|acd| acd.acd).collect(),
            name: table.name,
            present: table.present,
            columns_missing: table.columns_missing,
            interval_minutes: table.interval_minutes,
            start_time_utc: table.start_time_utc,
        }
    }
}

/// What the source has, as the Link found it: tables, retention, ACDs, clock.
#[utoipa::path(get, path = "/integrations/{id}/capabilities", tag = "integrations",
    params(("id" = i64, Path, description = "the integration")), responses((status = 200, body = SourceCapabilities)))]
pub async fn get_capabilities(
    ViewsIntegrations(principal): ViewsIntegrations,
    State(state): State<AppState>,
    Id(id): Id,
) -> ApiResult<Json<SourceCapabilities>> {
    super::existing(&state, &principal, id).await?;
    let known = status::get(&state.store, principal.account, IntegrationId(id))
        .await?
        .unwrap_or_default();
    let database_kind = known
        .capabilities
        .as_ref()
        .map(|found| found.database_kind.clone());
    let capabilities = known.capabilities.unwrap_or_default();
    Ok(Json(SourceCapabilities {
        examined_at: known.capabilities_utc_ms.and_then(Instant::from_ms),
        database_kind,
        tables: capabilities
            .tables
            .into_iter()
            .map(SourceTable::from)
            .collect(),
        notes: capabilities
            .notes
            .into_iter()
            .map(|note| SourceNote {
                code: note.code,
                text: note.text,
            })
            .collect(),
        clock_difference_seconds: known.clock_difference_ms.map(in_seconds),
    }))
}

/// Milliseconds as seconds. Those of clocks and statements are far below 2^53 milliseconds, so the quotient is exact to the millisecond.
#[allow(clippy::cast_precision_loss)]
pub(super) fn in_seconds(milliseconds: i64) -> f64 {
    milliseconds as f64 / 1000.0
}
