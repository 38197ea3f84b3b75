//! `/queues`: what was imported, by queue.

mod csv;
mod daily;
mod dto;
mod figures;
mod identity;
mod intervals;
mod slots;

pub use slots::{Bounds, SourceSlot};

use super::dates;
use super::extract::{Body, Id, Params};
use super::types::{Instant, Page, one_more};
use crate::audit::{Action, Change, Event, Object};
use crate::auth::{ManagesIntegrations, ViewsQueues};
use crate::error::{ApiResult, Problem};
use crate::state::AppState;
use crate::store::audit;
use crate::store::queue_names::{self, Numbered};
use crate::store::queues::{self, Queue as QueueRow};
use axum::Json;
use axum::extract::State;
use dto::{FormerName, Queue, QueuePatch, QueueQuery};
use floorwire_model::ids::{IntegrationId, QueueId};
use std::collections::HashMap;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The endpoints of this module.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_queues))
        .routes(routes!(get_queue, patch_queue))
        .routes(routes!(identity::answer_identity))
        .routes(routes!(intervals::get_queue_intervals))
}

/// The queues of the grouping in force, in the order of their ids.
#[utoipa::path(get, path = "/queues", tag = "queues", params(QueueQuery), responses((status = 200, body = Page<Queue>)))]
async fn list_queues(
    ViewsQueues(principal): ViewsQueues,
    State(state): State<AppState>,
    Params(query): Params<QueueQuery>,
) -> ApiResult<Json<Page<Queue>>> {
    let paging = query.paging();
    let limit = paging.limit()?;
    let wanted = queues::Wanted {
        integration: query.integration.map(IntegrationId),
        search: query.search.as_deref(),
        with_hidden: query.hidden.unwrap_or(false),
        inactive: query.inactive,
    };
    let after = paging.after_id()?.unwrap_or(0);
    let rows = queues::list(
        &state.store,
        principal.account,
        wanted,
        after,
        one_more(limit),
    )
    .await?;
    let names = queue_names::all(&state.store, principal.account).await?;
    let page = Page::of(rows, limit, |row| row.queue_id.to_string());
    Ok(Json(Page {
        items: page
            .items
            .into_iter()
            .map(|row| shown(row, &names))
            .collect(),
        next_cursor: page.next_cursor,
    }))
}

/// One queue.
#[utoipa::path(get, path = "/queues/{id}", tag = "queues", params(("id" = i64, Path, description = "the queue")),
    responses((status = 200, body = Queue)))]
async fn get_queue(
    ViewsQueues(principal): ViewsQueues,
    State(state): State<AppState>,
    Id(id): Id,
) -> ApiResult<Json<Queue>> {
    let row = existing(&state, &principal, id).await?;
    let names = queue_names::all(&state.store, principal.account).await?;
    Ok(Json(shown(row, &names)))
}

/// Hides a queue in lists, or shows it again.
#[utoipa::path(patch, path = "/queues/{id}", tag = "queues", params(("id" = i64, Path, description = "the queue")),
    request_body = QueuePatch, responses((status = 200, body = Queue)))]
async fn patch_queue(
    ManagesIntegrations(principal): ManagesIntegrations,
    State(state): State<AppState>,
    Id(id): Id,
    Body(patch): Body<QueuePatch>,
) -> ApiResult<Json<Queue>> {
    let before = existing(&state, &principal, id).await?;
    let mut transaction = state.store.begin().await?;
    let hidden = patch.hidden;
    queues::set_hidden(&mut transaction, principal.account, QueueId(id), hidden).await?;
    if before.hidden != hidden {
        let [from, to] = [before.hidden, hidden].map(|hidden| Some(hidden.to_string()));
        let event = Event::new(Action::QueueChanged, Object::new("queue", id, before.name))
            .with([Change::new("hidden", from, to)]);
        let (actor, now) = (principal.actor(), state.clock.now_utc_ms());
        audit::record(&mut transaction, principal.account, &actor, &event, now).await?;
    }
    transaction.commit().await?;
    let row = existing(&state, &principal, id).await?;
    let names = queue_names::all(&state.store, principal.account).await?;
    Ok(Json(shown(row, &names)))
}

/// One under the grouping in force: figures of others may be those of settings long past.
async fn existing(
    state: &AppState,
    principal: &crate::auth::Principal,
    id: i64,
) -> ApiResult<QueueRow> {
    let row = queues::get(&state.store, principal.account, QueueId(id)).await?;
    let row = row.ok_or_else(|| Problem::not_found(format!("queue {id}")))?;
    match row.in_force {
        true => Ok(row),
        false => Err(Problem::not_found(format!("queue {id}")).remedy(
            "it is none under the grouping of calls in force; change the grouping, or choose its VDN",
        )),
    }
}

/// A queue with the names its number had. They are told of the present use alone: an earlier one has the name it had.
fn shown(row: QueueRow, names: &HashMap<Numbered, Vec<queue_names::FormerName>>) -> Queue {
    let present = names
        .get(&row.numbered())
        .filter(|_| row.kept_name.is_empty());
    let former_names: Vec<FormerName> = present
        .into_iter()
        .flatten()
        .filter_map(|former| {
            Some(FormerName {
                name: former.name.clone(),
                until: Instant::from_ms(former.until_utc_ms)?,
                answer: Some(former.answer.clone()).filter(|answer| !answer.is_empty()),
            })
        })
        .collect();
    let last_day = row.last_figures_day();
    Queue {
        inactive: row.is_inactive(),
        from_date: Some(row.from_day)
            .filter(|day| *day > 0)
            .and_then(dates::from_day),
        name_in_question: former_names.iter().any(|former| former.answer.is_none()),
        former_names,
        id: row.queue_id,
        name: row.name,
        number: row.number,
        acd: row.acd,
        kind: row.kind,
        integration_id: row.integration_id,
        integration_name: row.integration_name,
        first_date: [row.first_day, row.first_daily]
            .into_iter()
            .flatten()
            .min()
            .and_then(dates::from_day),
        last_date: last_day.and_then(dates::from_day),
        last_daily_date: row.last_daily.and_then(dates::from_day),
        hidden: row.hidden,
    }
}
