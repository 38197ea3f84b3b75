//! `/live/agents/stream`: server-sent events of what agents do now.
//!
//! All listeners of an account share the bytes of each change ([`crate::live::board`]). A listener who is too slow gets a new
//! snapshot in place of what it missed. Whether the listener may still see agents is looked at every [`ALLOWED_EVERY`]; the
//! stream ends with that right, with the hub, and after [`LONGEST`].

use super::dto::LiveUpdate;
use crate::audit::{Action, Event, Object};
use crate::auth::role::Right;
use crate::auth::{Principal, ViewsAgents};
use crate::error::ApiResult;
use crate::live::board::{Board, Listening};
use crate::metrics;
use crate::state::AppState;
use crate::store::audit;
use axum::body::{Body, Bytes};
use axum::extract::FromRequestParts;
use axum::extract::State;
use axum::http::header;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::Instant;

const KEEP_ALIVE: Duration = Duration::from_secs(10);
const KEEP_ALIVE_BYTES: &[u8] = b"event: keepalive\ndata: {}\n\n";
const ALLOWED_EVERY: Duration = Duration::from_secs(30);
const LONGEST: Duration = Duration::from_secs(3600);

struct Listener {
    state: AppState,
    parts: Parts,
    board: Arc<Board>,
    waiting: VecDeque<Bytes>,
    listening: Listening,
    allowed_until: Instant,
    end: Instant,
}

impl Drop for Listener {
    fn drop(&mut self) {
        ::metrics::gauge!(metrics::STREAMS).decrement(1.0);
    }
}

/// Server-sent events: `snapshot` with everything, then `delta`s of what changed (both carry a `LiveUpdate`), `keepalive`
/// every few seconds. A new `snapshot` replaces what was there; it also comes when a listener was too slow. With
/// `Last-Event-ID` it goes on after that event where it still can. Ends with the session.
#[utoipa::path(get, path = "/live/agents/stream", tag = "live",
    params(("Last-Event-ID" = Option<i64>, Header, description = "the id of the last event that was seen")),
    responses((status = 200, content_type = "text/event-stream", body = LiveUpdate)))]
pub async fn stream_live_agents(
    ViewsAgents(principal): ViewsAgents,
    State(state): State<AppState>,
    parts: Parts,
) -> ApiResult<Response> {
    let seen = parts.headers.get("last-event-id");
    let seen = seen.and_then(|value| value.to_str().ok()?.parse().ok());
    if seen.is_none() {
        // A listener who goes on after a lost connection looks on, and does not look anew.
        let event = Event::new(Action::LiveViewed, Object::new("live", "agents", ""));
        let (now, mut transaction) = (state.clock.now_utc_ms(), state.store.begin().await?);
        audit::record(
            &mut transaction,
            principal.account,
            &principal.actor(),
            &event,
            now,
        )
        .await?;
        transaction.commit().await?;
    }
    let board = state.live.board(&state, principal.account);
    let mut listening = board.listen(&state, seen).await?;
    ::metrics::gauge!(metrics::STREAMS).increment(1.0);
    let now = Instant::now();
    let listener = Listener {
        waiting: std::mem::take(&mut listening.first).into(),
        state,
        parts,
        board,
        listening,
        allowed_until: now + ALLOWED_EVERY,
        end: now + LONGEST,
    };
    let events = futures::stream::unfold(listener, |mut listener| async move {
        let bytes = listener.next().await?;
        Some((Ok::<_, Infallible>(bytes), listener))
    });
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, Body::from_stream(events)).into_response())
}

impl Listener {
    /// The next piece; `None`: the stream ends.
    async fn next(&mut self) -> Option<Bytes> {
        if let Some(bytes) = self.waiting.pop_front() {
            return Some(bytes);
        }
        let silence = Instant::now() + KEEP_ALIVE;
        loop {
            tokio::select! {
                () = self.state.shutdown.cancelled() => return None,
                () = tokio::time::sleep_until(self.end) => return None,
                () = tokio::time::sleep_until(self.allowed_until) => {
                    if !self.is_allowed().await {
                        return None;
                    }
                    self.allowed_until = Instant::now() + ALLOWED_EVERY;
                }
                () = tokio::time::sleep_until(silence) => return Some(Bytes::from_static(KEEP_ALIVE_BYTES)),
                frame = self.listening.frames.recv() => match frame {
                    Ok(frame) => return Some(frame.bytes.clone()),
                    Err(RecvError::Closed) => return None,
                    Err(RecvError::Lagged(_)) => {
                        self.listening = self.board.listen(&self.state, None).await.ok()?;
                        return self.listening.first.pop();
                    }
                },
            }
        }
    }

    async fn is_allowed(&mut self) -> bool {
        let principal = Principal::from_request_parts(&mut self.parts, &self.state).await;
        principal.is_ok_and(|principal| principal.need(Right::ViewAgents).is_ok())
    }
}
