//! `/queues/{id}/identity`: whether a number with another name is the same queue, renamed, or was given to something else.

use super::dto::Queue;
use super::{existing, shown};
use crate::api::dates;
use crate::api::extract::{Body, Id};
use crate::audit::{Action, Change, Event, Object};
use crate::auth::ManagesIntegrations;
use crate::error::{ApiResult, Problem};
use crate::ingest::difference::day_number;
use crate::state::AppState;
use crate::store::queue_names::{self, NewUse};
use crate::store::{audit, integrations};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use floorwire_model::ids::{AcdNumber, IntegrationId, QueueId};
use floorwire_model::time::day_bounds;
use serde::Deserialize;
use utoipa::ToSchema;

/// What became of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum IdentityKind {
    /// The same queue has another name.
    Renamed,
    /// The number was given to something else: from a date on it is another queue.
    Reused,
}

/// An answer.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IdentityAnswer {
    /// What became of the number.
    pub answer: IdentityKind,
    /// First local date of the new use, `YYYY-MM-DD`; only for `reused`, and needed there.
    #[serde(default)]
    pub from: Option<String>,
}

/// Says whether a number with another name is the same queue. A number that was reused gets a second queue, with all that is
/// stored from the date on; the first keeps the earlier name. Answers with the queue of the present name.
#[utoipa::path(post, path = "/queues/{id}/identity", tag = "queues",
    params(("id" = i64, Path, description = "the queue")), request_body = IdentityAnswer,
    responses((status = 200, body = Queue)))]
pub async fn answer_identity(
    ManagesIntegrations(principal): ManagesIntegrations,
    State(state): State<AppState>,
    Id(id): Id,
    Body(answer): Body<IdentityAnswer>,
) -> ApiResult<Json<Queue>> {
    let queue = existing(&state, &principal, id).await?;
    let account = principal.account;
    let number = queue.numbered();
    let mut current = id;
    let mut transaction = state.store.begin().await?;
    // Nothing is stored of the integration while its queues change.
    let integration = IntegrationId(queue.integration_id);
    let found = integrations::get_locked(&mut transaction, account, integration).await?;
    match (answer.answer, answer.from.as_deref()) {
        (IdentityKind::Renamed, None) => {
            queue_names::answer(&mut transaction, account, &number, "renamed").await?;
        }
        (IdentityKind::Renamed, Some(_)) => {
            let detail = "`from` is for a number that was reused";
            return Err(Problem::invalid("invalid-date", detail));
        }
        (IdentityKind::Reused, None) => {
            let detail =
                "`from` is missing: the first local date on which the number was something else";
            return Err(Problem::invalid("invalid-date", detail));
        }
        (IdentityKind::Reused, Some(from)) => {
            let from = dates::date("from", from)?;
            let from_day = day_number(from);
            if from_day <= queue.from_day || !queue.kept_name.is_empty() {
                let detail = "`from` lies outside of the present use of the number";
                return Err(Problem::invalid("invalid-date", detail));
            }
            let acd = i32::try_from(queue.acd)
                .map(AcdNumber)
                .map_err(Problem::internal)?;
            let zone = found
                .as_ref()
                .and_then(|found| found.configuration.zone_of(acd));
            let zone = dates::zone(zone.unwrap_or("UTC"))?;
            let (midnight, _) = day_bounds(from, &zone).map_err(Problem::internal)?;
            let names = queue_names::all(&state.store, account).await?;
            let earlier = names.get(&number).and_then(|names| names.last());
            let new = NewUse {
                from_day,
                from_utc_s: midnight.0,
                former_name: earlier.map_or(queue.name.as_str(), |earlier| earlier.name.as_str()),
            };
            let made =
                queue_names::split(&mut transaction, account, QueueId(id), &number, new).await?;
            let taken = || {
                Problem::new(
                    StatusCode::CONFLICT,
                    "use-exists",
                    "a use of this number begins on that date already",
                )
            };
            current = made.ok_or_else(taken)?.0;
        }
    }
    let told = match answer.answer {
        IdentityKind::Renamed => "renamed",
        IdentityKind::Reused => "reused",
    };
    let from = answer.from.as_ref().map(|from| Change::to("from", from));
    let object = Object::new("queue", id, queue.name.as_str());
    let event = Event::new(Action::QueueIdentity, object)
        .with([Change::to("answer", told)])
        .with(from);
    let (actor, now) = (principal.actor(), state.clock.now_utc_ms());
    audit::record(&mut transaction, account, &actor, &event, now).await?;
    transaction.commit().await?;
    let queue = existing(&state, &principal, current).await?;
    let names = queue_names::all(&state.store, account).await?;
    Ok(Json(shown(queue, &names)))
}
