//! `PUT .../parts/{n}`, `POST .../complete` and `.../fail`: what the Link read.

use super::Caller;
use super::sync::LEASE_MS;
use crate::api::extract::{Body, too_large};
use crate::error::{ApiResult, Problem};
use crate::ingest;
use crate::state::AppState;
use crate::store::partitions::{self, PartStored};
use crate::store::tasks;
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use floorwire_model::ids::TaskId;
use floorwire_protocol::encoding::sha256_hex;
use floorwire_protocol::messages::{
    CompleteRequest, CompleteResponse, FailRequest, PART_HASH_HEADER,
};

/// Parts of one attempt; a partition of a day stays far below.
const MOST_PARTS: u32 = 10_000;

fn lease_lost() -> Problem {
    Problem::new(StatusCode::CONFLICT, "lease-lost", "the lease is lost")
        .detail("the task is not leased to this Link under this attempt any more")
        .remedy("give the attempt up; the task is leased again")
}

/// `PUT /link/v1/tasks/{id}/attempts/{a}/parts/{n}`
pub async fn put_part(
    State(state): State<AppState>,
    caller: Caller,
    Path((task, attempt, part)): Path<(i64, i64, u32)>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> ApiResult<StatusCode> {
    let body = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => too_large(),
        status => Problem::new(status, "body-incomplete", "the body did not arrive whole"),
    })?;
    if part >= MOST_PARTS {
        return Err(Problem::invalid(
            "invalid-part",
            format!("parts are numbered from 0 to {}", MOST_PARTS - 1),
        ));
    }
    let said = headers
        .get(PART_HASH_HEADER)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    let hashed = body.clone();
    let hash = tokio::task::spawn_blocking(move || sha256_hex(&hashed))
        .await
        .map_err(Problem::internal)?;
    if said != hash {
        return Err(Problem::invalid(
            "hash-differs",
            format!("the body is not the one that `{PART_HASH_HEADER}` names"),
        )
        .remedy("send the part again"));
    }
    let until = state.clock.now_utc_ms() + LEASE_MS;
    let (account, task) = (caller.account, TaskId(task));
    let mut transaction = state.store.begin().await?;
    if !tasks::extend(
        &mut transaction,
        account,
        task,
        attempt,
        caller.link.id,
        until,
    )
    .await?
    {
        return Err(lease_lost());
    }
    let stored = partitions::put_part(
        &mut transaction,
        account,
        task,
        attempt,
        i64::from(part),
        &hash,
        &body,
    )
    .await?;
    if stored == PartStored::Differs {
        return Err(Problem::new(
            StatusCode::CONFLICT,
            "part-differs",
            "another part has this number",
        )
        .detail(format!(
            "part {part} of this attempt was stored with another content"
        )));
    }
    transaction.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /link/v1/tasks/{id}/attempts/{a}/complete`
pub async fn complete(
    State(state): State<AppState>,
    caller: Caller,
    Path((task, attempt)): Path<(i64, i64)>,
    Body(request): Body<CompleteRequest>,
) -> ApiResult<Json<CompleteResponse>> {
    if request.parts > MOST_PARTS {
        return Err(Problem::invalid(
            "invalid-parts",
            format!("an attempt has at most {MOST_PARTS} parts"),
        ));
    }
    let (account, link) = (caller.account, &caller.link);
    let answer = ingest::complete(&state, account, link, TaskId(task), attempt, &request).await?;
    Ok(Json(answer))
}

/// `POST /link/v1/tasks/{id}/attempts/{a}/fail`
pub async fn fail(
    State(state): State<AppState>,
    caller: Caller,
    Path((task, attempt)): Path<(i64, i64)>,
    Body(request): Body<FailRequest>,
) -> ApiResult<StatusCode> {
    let (account, link) = (caller.account, &caller.link);
    if ingest::fail(
        &state,
        account,
        link,
        TaskId(task),
        attempt,
        &request.problem,
    )
    .await?
    {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(lease_lost())
    }
}
