//! `/integrations/{id}/load`: what the Link asked of the source, for the people who run it.

use crate::api::extract::{Id, Params};
use crate::api::types::Instant;
use crate::auth::ViewsIntegrations;
use crate::error::{ApiResult, Problem};
use crate::state::AppState;
use crate::store::{links, load};
use axum::Json;
use axum::extract::State;
use floorwire_model::ids::IntegrationId;
use floorwire_protocol::messages::GuardLimits;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

const USUAL_HOURS: u32 = 48;
/// Hours are kept for 35 days.
const MOST_HOURS: u32 = 35 * 24;

/// Which hours.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Hours {
    /// How many hours back, the present one included, 1 to 840; 48 when left out.
    #[param(minimum = 1, maximum = 840)]
    pub hours: Option<u32>,
}

/// What the Link asked of the source.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Load {
    /// Hours in which something was asked, newest first.
    pub hours: Vec<LoadHour>,
    /// What the Link asks for at most; null: there is no Link, or it does not say.
    #[schema(required)]
    pub limits: Option<LoadLimits>,
}

/// An hour.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LoadHour {
    /// Its start.
    pub start: Instant,
    /// Statements sent.
    pub statements: i64,
    /// Statements that did not reach their end: refused, given up or interrupted.
    pub failures: i64,
    /// Rows that arrived.
    pub rows: i64,
    /// Bytes of their values.
    pub bytes: i64,
    /// How long the source was busy with them, seconds.
    pub busy_seconds: f64,
    /// The longest statement, seconds.
    pub longest_seconds: f64,
    /// The Link's budget for the hour was used up, so it waited for the next.
    pub budget_used: bool,
}

/// What a Link asks for at most, as set at the Link; null: no limit.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LoadLimits {
    /// Rows of one statement.
    #[schema(required)]
    pub statement_rows: Option<u64>,
    /// Seconds of one statement.
    #[schema(required)]
    pub statement_seconds: Option<u64>,
    /// Bytes of one statement.
    #[schema(required)]
    pub statement_bytes: Option<u64>,
    /// Rows of an hour.
    #[schema(required)]
    pub hour_rows: Option<u64>,
    /// Seconds of an hour in which the source is busy.
    #[schema(required)]
    pub hour_seconds: Option<u64>,
    /// Bytes of an hour.
    #[schema(required)]
    pub hour_bytes: Option<u64>,
}

impl From<GuardLimits> for LoadLimits {
    fn from(limits: GuardLimits) -> Self {
        Self {
            statement_rows: limits.statement_rows,
            statement_seconds: limits.statement_seconds,
            statement_bytes: limits.statement_bytes,
            hour_rows: limits.hour_rows,
            hour_seconds: limits.hour_seconds,
            hour_bytes: limits.hour_bytes,
        }
    }
}

impl TryFrom<load::LoadHour> for LoadHour {
    type Error = Problem;

    fn try_from(hour: load::LoadHour) -> ApiResult<Self> {
        let outside = || Problem::internal(format!("{} s is not a time", hour.hour_utc_s));
        Ok(Self {
            start: Instant::from_s(hour.hour_utc_s).ok_or_else(outside)?,
            statements: hour.statements,
            failures: hour.failures,
            rows: hour.row_count,
            bytes: hour.byte_count,
            busy_seconds: super::capabilities::in_seconds(hour.busy_ms),
            longest_seconds: super::capabilities::in_seconds(hour.longest_ms),
            budget_used: hour.budget_used,
        })
    }
}

/// What the Link asked of the source, hour by hour: statements, rows, bytes, seconds; and its limits.
#[utoipa::path(get, path = "/integrations/{id}/load", tag = "integrations",
    params(("id" = i64, Path, description = "the integration"), Hours), responses((status = 200, body = Load)))]
pub async fn get_load(
    ViewsIntegrations(principal): ViewsIntegrations,
    State(state): State<AppState>,
    Id(id): Id,
    Params(wanted): Params<Hours>,
) -> ApiResult<Json<Load>> {
    super::existing(&state, &principal, id).await?;
    let hours = wanted.hours.unwrap_or(USUAL_HOURS);
    if hours == 0 || hours > MOST_HOURS {
        let detail = format!("`hours` is {hours}; it can be 1 to {MOST_HOURS}");
        return Err(Problem::invalid("invalid-hours", detail));
    }
    let (account, id) = (principal.account, IntegrationId(id));
    let this_hour = state.clock.now_utc_ms().div_euclid(3_600_000) * 3600;
    let from = this_hour - i64::from(hours - 1) * 3600;
    let found = load::hours(&state.store, account, id, from).await?;
    let link = links::active(&state.store, account, id).await?;
    let limits = link.and_then(|link| link.description.guard);
    Ok(Json(Load {
        hours: found
            .into_iter()
            .map(LoadHour::try_from)
            .collect::<ApiResult<_>>()?,
        limits: limits.map(LoadLimits::from),
    }))
}
