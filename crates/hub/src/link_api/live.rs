//! `POST /live`: live events and the health of the feeds.

use super::{Caller, not_paired};
use crate::api::extract::too_large;
use crate::error::{ApiResult, Problem};
use crate::live::ingest::{self, Accepted};
use crate::state::AppState;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use floorwire_protocol::encoding::{EncodingError, decode, encode};
use floorwire_protocol::live::{
    LiveAnswer, LiveBatch, MAX_LIVE_DECOMPRESSED_BYTES, MAX_LIVE_EVENTS,
};

const LONGEST_EPOCH: usize = 64;

/// `POST /link/v1/live`
pub async fn live(
    State(state): State<AppState>,
    caller: Caller,
    body: Result<Bytes, BytesRejection>,
) -> ApiResult<impl IntoResponse> {
    let body = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => too_large(),
        status => Problem::new(status, "body-incomplete", "the body did not arrive whole"),
    })?;
    let read = move || decode::<LiveBatch>(&body, MAX_LIVE_DECOMPRESSED_BYTES);
    let read = tokio::task::spawn_blocking(read)
        .await
        .map_err(Problem::internal)?;
    let batch = checked(read.map_err(unreadable)?)?;
    match ingest::accept(&state, caller.account, &caller.link, batch).await? {
        Accepted::NoIntegration => Err(not_paired()),
        Accepted::Mark(mark) => {
            let answer = LiveAnswer {
                mark,
                hub_utc_ms: state.clock.now_utc_ms(),
            };
            let bytes = encode(&answer).map_err(Problem::internal)?;
            Ok(([(header::CONTENT_TYPE, "application/octet-stream")], bytes))
        }
    }
}

fn unreadable(error: EncodingError) -> Problem {
    match error {
        EncodingError::TooLarge { .. } => too_large(),
        other => Problem::new(
            StatusCode::BAD_REQUEST,
            "invalid-batch",
            "the body is not a batch of live events",
        )
        .detail("it is not MessagePack in zstd, or lacks a field")
        .cause(other),
    }
}

fn checked(batch: LiveBatch) -> ApiResult<LiveBatch> {
    let invalid = |detail: String| Problem::invalid("invalid-batch", detail);
    let plain = |letter: char| letter.is_ascii_graphic();
    if batch.epoch.is_empty()
        || batch.epoch.len() > LONGEST_EPOCH
        || !batch.epoch.chars().all(plain)
    {
        return Err(invalid(format!(
            "`epoch` has 1 to {LONGEST_EPOCH} printable characters"
        )));
    }
    if batch.first_sequence == 0 || i64::try_from(batch.first_sequence).is_err() {
        return Err(invalid("`first_sequence` counts from 1".to_owned()));
    }
    if batch.events.len() > MAX_LIVE_EVENTS {
        let count = batch.events.len();
        let detail = format!("the batch has {count} events; it can have {MAX_LIVE_EVENTS}");
        return Err(invalid(detail).remedy("send fewer at once"));
    }
    Ok(batch)
}
