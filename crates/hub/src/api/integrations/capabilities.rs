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
use std::collections::BTreeMap;
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
    /// The database's clock minus the Link's, seconds, to the second; null where it cannot be read.
    #[schema(required)]
    pub database_clock_difference_seconds: Option<i64>,
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
    /// The same ACDs in detail.
    pub extents: Vec<SourceExtent>,
    /// Who owns the table: an owner in Informix and PostgreSQL, a database in MariaDB; null where the catalogue does not
    /// say.
    #[schema(required)]
    pub owner: Option<String>,
    /// AUX reasons with a column of their own; null for tables without them.
    #[schema(required)]
    pub aux_reasons: Option<u16>,
    /// Kinds of names in the dictionary.
    pub dictionary_types: Vec<String>,
}

/// What one ACD has in a table.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SourceExtent {
    /// The ACD.
    pub acd: i32,
    /// Oldest date of the table, `YYYY-MM-DD`.
    #[schema(required)]
    pub oldest_date: Option<String>,
    /// Newest date of the table, `YYYY-MM-DD`.
    #[schema(required)]
    pub newest_date: Option<String>,
    /// Interval length of the ACD's newest rows, minutes.
    #[schema(required)]
    pub interval_minutes: Option<u16>,
    /// Start of the ACD's newest interval on its own clock, `YYYY-MM-DD HH:MM`.
    #[schema(required)]
    pub newest_interval: Option<String>,
    /// Agents with rows in the trace on the newest date; null for other tables.
    #[schema(required)]
    pub traced_agents: Option<u32>,
    /// Keys that occur more than once on the newest date; null for tables without a key.
    #[schema(required)]
    pub duplicate_keys: Option<u32>,
}

impl From<found::AcdExtent> for SourceExtent {
    fn from(extent: found::AcdExtent) -> Self {
        let time = |hhmm: i32| format!("{:02}:{:02}", hhmm / 100, hhmm % 100);
        let newest = extent
            .newest_interval_date
            .zip(extent.newest_interval_hhmm.map(time));
        Self {
            acd: extent.acd,
            oldest_date: extent.oldest_date,
            newest_date: extent.newest_date,
            interval_minutes: extent.interval_minutes,
            newest_interval: newest.map(|(date, time)| format!("{date} {time}")),
            traced_agents: extent.traced_agents,
            duplicate_keys: extent.duplicate_keys,
        }
    }
}

/// One consequence of what was found.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SourceNote {
    /// Stable code; pages translate by it.
    pub code: String,
    /// English text.
    pub text: String,
    /// Values for the translated text, by name: `table`, `acd`, `columns`, `count`, `types`, `seconds`.
    pub parameters: BTreeMap<String, String>,
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
            extents: table.acds.into_iter().map(SourceExtent::from).collect(),
            owner: table.owner,
            aux_reasons: table.aux_reasons,
            dictionary_types: table.dictionary_types.into_iter().collect(),
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
    // Worked out here, so that an older Link's findings are spelled out too.
    let notes = found::consequences(&capabilities);
    Ok(Json(SourceCapabilities {
        examined_at: known.capabilities_utc_ms.and_then(Instant::from_ms),
        database_kind,
        tables: capabilities
            .tables
            .into_iter()
            .map(SourceTable::from)
            .collect(),
        notes: notes
            .into_iter()
            .map(|note| SourceNote {
                code: note.code,
                text: note.text,
                parameters: note.parameters,
            })
            .collect(),
        clock_difference_seconds: known.clock_difference_ms.map(in_seconds),
        database_clock_difference_seconds: capabilities.clock_difference_s,
    }))
}

/// Milliseconds as seconds. Those of clocks and statements are far below 2^53 milliseconds, so the quotient is exact to the millisecond.
#[allow(clippy::cast_precision_loss)]
pub(super) fn in_seconds(milliseconds: i64) -> f64 {
    milliseconds as f64 / 1000.0
}
