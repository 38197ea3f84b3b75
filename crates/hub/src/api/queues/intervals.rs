//! `/queues/{id}/intervals`: the figures of a queue as JSON or CSV.

use super::daily::{self, DailyDate};
use super::dto::{IntervalQuery, QueueIntervals, QueueOfIntervals, QueueTotals};
use super::slots::{self, Bounds};
use super::{csv, existing};
use crate::api::dates::{self, Days};
use crate::api::extract::{Id, Params};
use crate::api::ledger_days::SourceDays;
use crate::auth::{Principal, ViewsQueues};
use crate::error::{ApiResult, Problem};
use crate::ingest::difference::day_number;
use crate::state::AppState;
use crate::store::queues::Queue as QueueRow;
use crate::store::{integrations, intervals, partitions, queue_days};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use floorwire_model::derivation::{Cut, TableRule};
use floorwire_model::ids::{IntegrationId, QueueId};
use floorwire_model::streams::{QUEUE_INTERVALS, QueueKind};
use floorwire_model::time::{day_bounds, day_slots};
use jiff::tz::TimeZone;

const MINUTES_OF_DAY: u16 = 1440;
const MOST_DAYS: i32 = 400;
const MOST_DAYS_BY_DAY: i32 = 1100;
const USUAL_INTERVAL_MINUTES: u16 = 30;
const LONGEST_SLOT_MINUTES: u16 = 60;
/// A row can begin this much before the slots it reaches into: the repeated hour, and the longest interval.
const LONGEST_ROW_S: i64 = 3 * 3600;

/// The figures of a queue. Dates are local to the source, or to `zone`.
#[utoipa::path(get, path = "/queues/{id}/intervals", tag = "queues",
    params(("id" = i64, Path, description = "the queue"), IntervalQuery),
    responses((status = 200, content((QueueIntervals = "application/json"), (String = "text/csv")))))]
pub async fn get_queue_intervals(
    ViewsQueues(principal): ViewsQueues,
    State(state): State<AppState>,
    headers: HeaderMap,
    Id(id): Id,
    Params(query): Params<IntervalQuery>,
) -> ApiResult<Response> {
    let as_csv = wants_csv(&query, &headers)?;
    let step = query.step.as_deref().map(step_minutes).transpose()?;
    let most = if step == Some(MINUTES_OF_DAY) {
        MOST_DAYS_BY_DAY
    } else {
        MOST_DAYS
    };
    let days = Days::parse(&query.from, &query.to, most)?;
    let asked_zone = query.zone.as_deref().map(dates::zone).transpose()?;
    let row = existing(&state, &principal, id).await?;
    let kind = QueueKind::from_name(&row.kind);
    let stream = kind.map_or(QUEUE_INTERVALS, QueueKind::interval_stream);
    let place = (stream, row.acd);
    let integration = IntegrationId(row.integration_id);
    let mut source = SourceDays::read(&state, principal.account, integration, place, days).await?;
    let step = step
        .or(source.slot_minutes())
        .unwrap_or(USUAL_INTERVAL_MINUTES);
    if let Some(finest) = source.slot_minutes().filter(|finest| step < *finest) {
        return Err(Problem::invalid(
            "step-finer-than-source",
            format!("`step` is {step} minutes, the source has one figure per {finest} minutes"),
        )
        .remedy(format!("ask for {finest} minutes or coarser")));
    }
    let zone = asked_zone.unwrap_or_else(|| source.zone().clone());
    let bounds = answer_bounds(days, &zone, step)?;
    let (first, last) = match (bounds.first(), bounds.last()) {
        (Some(first), Some(last)) => (first.start, last.end),
        _ => return Err(Problem::internal("a period without slots")),
    };
    let rows = intervals::of_queue(
        &state.store,
        principal.account,
        QueueId(id),
        first - LONGEST_ROW_S,
        last,
    )
    .await?;
    let source_slots = source.slots(step.min(LONGEST_SLOT_MINUTES))?;
    let mut slots = slots::fill(&bounds, &source_slots, &rows).map_err(|_| {
        Problem::invalid(
            "zone-does-not-fit",
            "in this zone the slots of the answer cut the source's intervals in two",
        )
        .remedy("leave `zone` out, or ask for a finer step")
    })?;
    if zone == *source.zone() {
        let known = daily_dates(&state, &principal, &row, days, &zone).await?;
        daily::lay_under(&mut slots, &known);
    }
    let (offered, direction) = source.configuration().counted(&row.kind);
    let (figures, coverage) = slots::totals(&slots);
    let answer = QueueIntervals {
        queue: QueueOfIntervals {
            id: row.queue_id,
            name: row.name,
            number: row.number,
            acd: row.acd,
            kind: row.kind,
            integration_id: row.integration_id,
        },
        zone: zone.iana_name().unwrap_or("UTC").to_owned(),
        interval_minutes: step,
        source_interval_minutes: source.slot_minutes(),
        from: days.from.to_string(),
        to: days.to.to_string(),
        offered_definition: offered.to_owned(),
        call_direction: direction.to_owned(),
        slots,
        totals: QueueTotals { figures, coverage },
    };
    if as_csv {
        return csv::answer(&answer, &zone);
    }
    let mut response = Json(answer).into_response();
    response
        .headers_mut()
        .insert(header::VARY, HeaderValue::from_static("accept"));
    Ok(response)
}

/// The dates of a period of which the queue's ACD has daily rows.
async fn daily_dates(
    state: &AppState,
    principal: &Principal,
    queue: &QueueRow,
    period: Days,
    zone: &TimeZone,
) -> ApiResult<Vec<DailyDate>> {
    let (account, integration) = (principal.account, IntegrationId(queue.integration_id));
    let found = integrations::get(&state.store, account, integration).await?;
    let vendor = found.and_then(|found| state.vendors.by_source(&found.source));
    let is_meant = |rule: &&TableRule| {
        let kind = rule.queues.map(QueueKind::as_str);
        matches!(rule.cut, Cut::Days { .. }) && kind == Some(queue.kind.as_str())
    };
    let Some(rule) = vendor.and_then(|vendor| vendor.tables().iter().find(is_meant)) else {
        return Ok(Vec::new());
    };
    let (place, span) = ((rule.table, queue.acd), (period.from, period.to));
    let dates =
        partitions::dates_with_rows(&state.store, account, integration, place, span).await?;
    if dates.is_empty() {
        return Ok(Vec::new());
    }
    let numbers = (day_number(period.from), day_number(period.to));
    let rows =
        queue_days::of_queue(&state.store, account, QueueId(queue.queue_id), numbers).await?;
    let mut known = Vec::with_capacity(dates.len());
    for date in dates {
        let (start, end) = day_bounds(date, zone).map_err(Problem::internal)?;
        let number = day_number(date);
        known.push(DailyDate {
            bounds: Bounds {
                start: start.0,
                end: end.0,
            },
            row: rows.iter().find(|row| row.row_day == number).copied(),
        });
    }
    Ok(known)
}

fn step_minutes(step: &str) -> ApiResult<u16> {
    match step {
        "15m" => Ok(15),
        "30m" => Ok(30),
        "1h" => Ok(60),
        "1d" => Ok(MINUTES_OF_DAY),
        _ => Err(Problem::invalid(
            "invalid-step",
            "`step` is not one of 15m, 30m, 1h, 1d",
        )),
    }
}

fn wants_csv(query: &IntervalQuery, headers: &HeaderMap) -> ApiResult<bool> {
    match query.format.as_deref() {
        Some("csv") => Ok(true),
        Some("json") => Ok(false),
        Some(_) => Err(Problem::invalid(
            "invalid-format",
            "`format` is neither json nor csv",
        )),
        None => {
            let accepted = headers
                .get(header::ACCEPT)
                .and_then(|accept| accept.to_str().ok())
                .unwrap_or_default();
            Ok(accepted.contains("text/csv") && !accepted.contains("application/json"))
        }
    }
}

fn answer_bounds(days: Days, zone: &TimeZone, step: u16) -> ApiResult<Vec<Bounds>> {
    let mut all = Vec::new();
    for date in days.each() {
        if step == MINUTES_OF_DAY {
            let (start, end) = day_bounds(date, zone).map_err(Problem::internal)?;
            all.push(Bounds {
                start: start.0,
                end: end.0,
            });
        } else {
            let slots = day_slots(date, zone, step).map_err(Problem::internal)?;
            all.extend(slots.iter().map(|slot| Bounds {
                start: slot.start.0,
                end: slot.end().0,
            }));
        }
    }
    Ok(all)
}
