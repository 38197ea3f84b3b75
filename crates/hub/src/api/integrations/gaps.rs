//! `/integrations/{id}/gaps` and `/outages`: what is missing or doubtful, and when the source was blind.

use super::existing;
use super::ledger::{LedgerQuery, known_stream};
use crate::api::dates::Days;
use crate::api::extract::{Id, Paging, Params, invalid_cursor};
use crate::api::types::{Instant, Page};
use crate::auth::ViewsIntegrations;
use crate::completeness::Completeness;
use crate::completeness::gaps::{self, Cause, Gap as Found};
use crate::error::{ApiResult, Problem};
use crate::state::AppState;
use crate::store::outages::{self, StoredOutage};
use axum::Json;
use axum::extract::State;
use floorwire_model::ids::IntegrationId;
use floorwire_model::streams::{QUEUE_INTERVALS, Quality};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

const MOST_DAYS: i32 = 1100;
const USUAL_INTERVAL_MINUTES: u16 = 30;
const DAY_S: i64 = 86_400;

/// Which gaps to list.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct GapQuery {
    /// First local day, `YYYY-MM-DD`.
    pub from: String,
    /// Day after the last, `YYYY-MM-DD`.
    pub to: String,
    /// The stream; `queue_intervals` when left out.
    pub stream: Option<String>,
    /// Most things wanted, 1 to 1000; 100 when left out.
    #[param(minimum = 1, maximum = 1000)]
    pub limit: Option<u32>,
    /// `nextCursor` of the page before.
    pub cursor: Option<String>,
}

/// Why slots have no, or doubtful, data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum GapCause {
    /// The source collected nothing.
    Outage,
    /// There are rows, and the source says that it did not see everything.
    Incomplete,
    /// The ACD has no row though it is open.
    NoRows,
    /// The ACD has no row, and whether it is open is neither set nor learned.
    HoursUnknown,
    /// The ACD is closed, but no rows before and after show that the source was well.
    Unconfirmed,
    /// Readable for more than two hours, and not read.
    NotRead,
    /// A reading was set aside and waits for a decision.
    SetAside,
}

impl From<Cause> for GapCause {
    fn from(cause: Cause) -> Self {
        match cause {
            Cause::Outage => Self::Outage,
            Cause::Incomplete => Self::Incomplete,
            Cause::NoRows => Self::NoRows,
            Cause::HoursUnknown => Self::HoursUnknown,
            Cause::Unconfirmed => Self::Unconfirmed,
            Cause::NotRead => Self::NotRead,
            Cause::SetAside => Self::SetAside,
        }
    }
}

/// Slots of an ACD in a row, with one cause.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Gap {
    /// The ACD.
    pub acd: i64,
    /// IANA zone of its clock, which cuts the days.
    pub zone: String,
    /// Start of the first slot.
    pub start: Instant,
    /// End of the last slot.
    pub end: Instant,
    /// How many slots.
    pub slots: u32,
    /// Why.
    pub cause: GapCause,
    /// First local day concerned, `YYYY-MM-DD`.
    pub first_date: String,
    /// Last local day concerned, `YYYY-MM-DD`.
    pub last_date: String,
    /// The source still holds a part of it, so it can be imported again.
    pub reimportable: bool,
    /// Why the source was blind, where an outage touches it: `timedOut`, `turnedOff`, ...; null without one.
    #[schema(required)]
    pub outage_reason: Option<String>,
}

/// What is missing or doubtful in a period, newest first.
#[utoipa::path(get, path = "/integrations/{id}/gaps", tag = "integrations",
    params(("id" = i64, Path, description = "the integration"), GapQuery),
    responses((status = 200, body = Page<Gap>)))]
pub async fn get_gaps(
    ViewsIntegrations(principal): ViewsIntegrations,
    State(state): State<AppState>,
    Id(id): Id,
    Params(query): Params<GapQuery>,
) -> ApiResult<Json<Page<Gap>>> {
    let stream = query.stream.as_deref().unwrap_or(QUEUE_INTERVALS);
    let days = Days::parse(&query.from, &query.to, MOST_DAYS)?;
    let paging = Paging {
        limit: query.limit,
        cursor: query.cursor.clone(),
    };
    let limit = paging.limit()?;
    let after = paging.cursor.as_deref().map(position).transpose()?;
    let integration = existing(&state, &principal, id).await?;
    let stream = known_stream(&state, &integration, stream)?.stream;
    let (account, period) = (principal.account, (days.from, days.to));
    let mut known = Completeness::read(&state, account, &integration, stream, period, None).await?;
    let now = state.clock.now_utc_s();
    let mut all: Vec<Found> = Vec::new();
    for acd in known.acds.keys().copied().collect::<Vec<_>>() {
        let slots = known.slots(acd, true, USUAL_INTERVAL_MINUTES)?;
        all.extend(gaps::gaps(acd, &slots, now));
    }
    all.retain(|gap| after.is_none_or(|after| (gap.start, gap.acd.0) < after));
    all.sort_by_key(|gap| std::cmp::Reverse((gap.start, gap.acd.0)));
    all.truncate(limit + 1);
    let page = Page::of(all, limit, |gap| format!("{}.{}", gap.start, gap.acd.0));
    page.try_map(|gap| shown(&gap, &known)).map(Json)
}

/// A cursor: start and ACD of the last gap seen.
fn position(cursor: &str) -> ApiResult<(i64, i32)> {
    let parts = cursor.split_once('.');
    let parsed = parts.and_then(|(start, acd)| Some((start.parse().ok()?, acd.parse().ok()?)));
    parsed.ok_or_else(invalid_cursor)
}

fn instant(utc_s: i64) -> ApiResult<Instant> {
    Instant::from_s(utc_s).ok_or_else(|| Problem::internal("an instant out of range"))
}

fn shown(gap: &Found, known: &Completeness) -> ApiResult<Gap> {
    let acd = known.acds.get(&gap.acd);
    let first = acd.and_then(|acd| acd.first);
    let touching = |outage: &&StoredOutage| {
        let own = outage.acd == gap.acd && !outage.is_clock_evidence();
        own && outage.start_utc_s < gap.end && gap.start < outage.end_utc_s
    };
    let outage = known.outages.iter().find(touching);
    Ok(Gap {
        acd: i64::from(gap.acd.0),
        zone: acd
            .and_then(|acd| acd.zone.iana_name())
            .unwrap_or("UTC")
            .to_owned(),
        start: instant(gap.start)?,
        end: instant(gap.end)?,
        slots: gap.slots,
        cause: gap.cause.into(),
        first_date: gap.first_date.to_string(),
        last_date: gap.last_date.to_string(),
        reimportable: first.is_some_and(|first| gap.last_date >= first),
        outage_reason: outage.map(|outage| outage.reason.name()),
    })
}

/// A time in which the source collected nothing, or doubtful data.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Outage {
    /// The ACD.
    pub acd: i64,
    /// First second that may be concerned.
    pub start: Instant,
    /// End, exclusive.
    pub end: Instant,
    /// For how long collection was off, as the source says, seconds.
    pub duration_seconds: i64,
    /// `started`, `newTranslations`, `turnedOff`, `busiedOut`, `timedOut`, `clockReset`, `sessionDown`, or a number that
    /// only the source knows.
    pub reason: String,
    /// False where the source does not say whether its time is the start or the end: the outage is somewhere within.
    pub exact: bool,
    /// A setting of the clock: no time without data.
    pub clock_only: bool,
}

/// Outages of a period.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Outages {
    /// By start.
    pub outages: Vec<Outage>,
}

/// When the source said that it was blind, in the days of a period (in UTC), by start.
#[utoipa::path(get, path = "/integrations/{id}/outages", tag = "integrations",
    params(("id" = i64, Path, description = "the integration"), LedgerQuery),
    responses((status = 200, body = Outages)))]
pub async fn get_outages(
    ViewsIntegrations(principal): ViewsIntegrations,
    State(state): State<AppState>,
    Id(id): Id,
    Params(query): Params<LedgerQuery>,
) -> ApiResult<Json<Outages>> {
    let days = Days::parse(&query.from, &query.to, MOST_DAYS)?;
    existing(&state, &principal, id).await?;
    let seconds = |date| crate::ingest::difference::day_number(date).saturating_mul(DAY_S);
    let range = (seconds(days.from), seconds(days.to));
    let id = IntegrationId(id);
    let stored = outages::within(&state.store, principal.account, id, range).await?;
    let outage = |outage: StoredOutage| {
        Ok(Outage {
            acd: i64::from(outage.acd.0),
            start: instant(outage.start_utc_s)?,
            end: instant(outage.end_utc_s)?,
            duration_seconds: outage.duration_s,
            exact: outage.quality == Quality::Final,
            clock_only: outage.is_clock_evidence(),
            reason: outage.reason.name(),
        })
    };
    let outages = stored.into_iter().map(outage).collect::<ApiResult<_>>()?;
    Ok(Json(Outages { outages }))
}
