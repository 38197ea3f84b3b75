//! `/integrations/stream`: server-sent events that say which integration to fetch again.
//!
//! Events carry ids only; what changed is read by the usual endpoints. Hints for one integration that come close together
//! are sent once per [`TOGETHER`]. When hints were lost, every integration is named by an event without id (0). The stream
//! ends with the hub, and after [`LONGEST`], so that a session that has ended does not listen on.

use crate::auth::ViewsIntegrations;
use crate::bus::Hint;
use crate::metrics;
use crate::state::AppState;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use floorwire_model::ids::AccountId;
use futures::Stream;
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::Instant;

const TOGETHER: Duration = Duration::from_millis(250);
const KEEP_ALIVE: Duration = Duration::from_secs(15);
const LONGEST: Duration = Duration::from_secs(3600);
/// Stands for every integration.
const ALL: i64 = 0;

/// Counts an open stream as long as it lives.
struct Open;

impl Open {
    fn new() -> Self {
        ::metrics::gauge!(metrics::STREAMS).increment(1.0);
        Self
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        ::metrics::gauge!(metrics::STREAMS).decrement(1.0);
    }
}

/// Server-sent events. `integration` with `{"id":7}`: fetch it again; `{"id":0}`: fetch all again. `keepalive`: nothing new.
#[utoipa::path(get, path = "/integrations/stream", tag = "integrations",
    responses((status = 200, content_type = "text/event-stream", body = String)))]
pub async fn stream_integrations(
    ViewsIntegrations(principal): ViewsIntegrations,
    State(state): State<AppState>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let account = principal.account;
    let hints = state.bus.subscribe();
    let end = Instant::now() + LONGEST;
    let events = futures::stream::unfold(
        (hints, state, Open::new()),
        move |(mut hints, state, open)| async move {
            let changed = tokio::select! {
                changed = next_changes(&mut hints, account) => changed?,
                () = state.shutdown.cancelled() => return None,
                () = tokio::time::sleep_until(end) => return None,
            };
            let events: Vec<_> = changed.into_iter().map(|id| Ok(event(id))).collect();
            Some((futures::stream::iter(events), (hints, state, open)))
        },
    );
    let events = futures::StreamExt::flatten(events);
    Sse::new(events).keep_alive(
        KeepAlive::new()
            .interval(KEEP_ALIVE)
            .event(Event::default().event("keepalive").data("{}")),
    )
}

fn event(id: i64) -> Event {
    Event::default()
        .event("integration")
        .data(format!("{{\"id\":{id}}}"))
}

/// The integrations of the next hints: waits for one, then gathers those that follow closely. `None`: the bus is gone.
async fn next_changes(hints: &mut Receiver<Hint>, account: AccountId) -> Option<BTreeSet<i64>> {
    let mut changed = BTreeSet::new();
    loop {
        if note(hints.recv().await, account, &mut changed)? {
            break;
        }
    }
    let until = Instant::now() + TOGETHER;
    while let Ok(hint) = tokio::time::timeout_at(until, hints.recv()).await {
        note(hint, account, &mut changed)?;
    }
    if changed.contains(&ALL) {
        changed = BTreeSet::from([ALL]);
    }
    Some(changed)
}

/// True when the hint was for this account.
fn note(
    hint: Result<Hint, RecvError>,
    account: AccountId,
    changed: &mut BTreeSet<i64>,
) -> Option<bool> {
    match hint {
        Ok(Hint::Integration(of, id)) if of == account => Some(changed.insert(id.0)),
        Ok(_) => Some(false),
        Err(RecvError::Lagged(_)) => Some(changed.insert(ALL)),
        Err(RecvError::Closed) => None,
    }
}
