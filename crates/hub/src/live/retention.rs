//! How long live data is kept: events a week, statuses of people who are gone a week, spans and outages as long as other
//! agent data.

use crate::state::AppState;
use crate::store::{StoreResult, feed_outages, feed_spans, integrations, live_agents, live_events};
use floorwire_model::ids::AccountId;
use std::collections::BTreeSet;
use std::time::Duration;

const DAY_MS: i64 = 86_400_000;
/// Events as they came.
pub const KEEP_EVENTS_MS: i64 = 7 * DAY_MS;
/// Latest statuses of agents who are logged out, or of whom nothing is known.
pub const KEEP_STATUSES_MS: i64 = 7 * DAY_MS;
/// Spans and outages: six months.
pub const KEEP_SPANS_MS: i64 = 186 * DAY_MS;
const EVERY: Duration = Duration::from_secs(3600);

/// Forgets what is too old, every hour, until the hub ends.
pub async fn run(state: AppState) {
    let mut tick = tokio::time::interval(EVERY);
    loop {
        tokio::select! {
            _ = tick.tick() => {}
            () = state.shutdown.cancelled() => return,
        }
        if let Err(error) = all(&state).await {
            state.storage.note(&error);
        }
    }
}

async fn all(state: &AppState) -> StoreResult<()> {
    let keys = integrations::all(&state.store).await?;
    let accounts: BTreeSet<AccountId> = keys.into_iter().map(|(account, _)| account).collect();
    for account in accounts {
        forget(state, account, state.clock.now_utc_ms()).await?;
    }
    Ok(())
}

/// Forgets what is too old of one account. Returns how many rows.
pub async fn forget(state: &AppState, account: AccountId, now_utc_ms: i64) -> StoreResult<u64> {
    let store = &state.store;
    Ok(
        live_events::forget(store, account, now_utc_ms - KEEP_EVENTS_MS).await?
            + live_agents::forget(store, account, now_utc_ms - KEEP_STATUSES_MS).await?
            + feed_spans::forget(store, account, now_utc_ms - KEEP_SPANS_MS).await?
            + feed_outages::forget(store, account, now_utc_ms - KEEP_SPANS_MS).await?,
    )
}
