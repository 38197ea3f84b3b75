//! `/integrations/{id}/feedOutages`: when a real-time feed told nothing, or not everything.

use super::existing;
use super::ledger::LedgerQuery;
use crate::api::dates::Days;
use crate::api::extract::{Id, Params};
use crate::api::live::UnknownCause;
use crate::api::types::Instant;
use crate::auth::ViewsIntegrations;
use crate::error::{ApiResult, Problem};
use crate::state::AppState;
use crate::store::feed_outages::{self, FeedOutage as Row};
use axum::Json;
use axum::extract::State;
use floorwire_model::ids::IntegrationId;
use serde::Serialize;
use utoipa::ToSchema;

const DAY_MS: i64 = 86_400_000;
const MOST_DAYS: i32 = 400;

/// A time in which a feed told nothing, or not everything.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FeedOutage {
    /// The port.
    pub port: u16,
    /// The ACD.
    pub acd: i64,
    /// The last confirmation, or the first event that was dropped.
    pub start: Instant,
    /// The first word after; null while it lasts.
    #[schema(required)]
    pub end: Option<Instant>,
    /// Why nothing came; null: events were dropped, since the Link's buffer was full.
    #[schema(required)]
    pub cause: Option<UnknownCause>,
    /// How many events were dropped.
    pub dropped_events: i64,
}

/// Outages of the feeds of a period.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FeedOutages {
    /// By start.
    pub outages: Vec<FeedOutage>,
}

impl TryFrom<Row> for FeedOutage {
    type Error = Problem;

    fn try_from(row: Row) -> ApiResult<Self> {
        let outside = || Problem::internal("an outage of a feed has an impossible time");
        Ok(Self {
            port: row.port,
            acd: i64::from(row.acd.0),
            start: Instant::from_ms(row.from_utc_ms).ok_or_else(outside)?,
            end: row.to_utc_ms.and_then(Instant::from_ms),
            cause: row.cause.map(UnknownCause::from),
            dropped_events: row.dropped_events,
        })
    }
}

/// When real-time feeds told nothing, or not everything, in the days of a period (in UTC), by start.
#[utoipa::path(get, path = "/integrations/{id}/feedOutages", tag = "integrations",
    params(("id" = i64, Path, description = "the integration"), LedgerQuery),
    responses((status = 200, body = FeedOutages)))]
pub async fn get_feed_outages(
    ViewsIntegrations(principal): ViewsIntegrations,
    State(state): State<AppState>,
    Id(id): Id,
    Params(query): Params<LedgerQuery>,
) -> ApiResult<Json<FeedOutages>> {
    let days = Days::parse(&query.from, &query.to, MOST_DAYS)?;
    existing(&state, &principal, id).await?;
    let ms = |date| crate::ingest::difference::day_number(date).saturating_mul(DAY_MS);
    let range = (ms(days.from), ms(days.to));
    let id = IntegrationId(id);
    let stored = feed_outages::within(&state.store, principal.account, id, range).await?;
    let outages = stored.into_iter().map(FeedOutage::try_from);
    Ok(Json(FeedOutages {
        outages: outages.collect::<ApiResult<_>>()?,
    }))
}
