//! `POST /tasks/lease`: the Link takes work.
//!
//! Leases that the Link holds and does not name as running are given back first. Nothing is leased while the integration
//! is paused or not configured, or to a Link that works under another configuration; in quiet hours nothing that can wait.

use super::sync::LEASE_MS;
use super::{Caller, poll_end, wait};
use crate::api::extract::Body;
use crate::bus::Hint;
use crate::error::{ApiResult, Problem};
use crate::metrics;
use crate::planner::FIRST_LOAD_PRIORITY;
use crate::state::AppState;
use crate::store::integrations::Integration;
use crate::store::tasks::{self, Holder, Leased, Purpose, date_text};
use crate::store::{StoreResult, integrations, partitions};
use axum::Json;
use axum::extract::State;
use floorwire_model::time::UtcSecond;
use floorwire_protocol::messages::{LeaseRequest, LeaseResponse, LeasedTask};
use std::time::Duration;
use tokio::time::Instant;

const MOST_AT_ONCE: u32 = 64;
/// A Link with another configuration hears of it by its sync; its lease call need not wait for long.
const WAIT_OF_OUTDATED: Duration = Duration::from_secs(1);

/// `POST /link/v1/tasks/lease`
pub async fn lease(
    State(state): State<AppState>,
    caller: Caller,
    Body(request): Body<LeaseRequest>,
) -> ApiResult<Json<LeaseResponse>> {
    if request.max == 0 {
        return Err(Problem::invalid("invalid-max", "`max` is at least 1"));
    }
    let (account, id) = (caller.account, caller.link.integration);
    let tasks_or_plan =
        move |hint| [Hint::Tasks(account, id), Hint::Desired(account, id)].contains(&hint);
    let mut waiter = state.bus.waiter(tasks_or_plan);
    release_others(&state, &caller, &request).await?;
    let end = poll_end();
    loop {
        let Some(integration) = integrations::get(&state.store, account, id).await? else {
            return Err(super::not_paired());
        };
        let outdated = integration.configuration_version != request.configuration_version;
        let may_work = !integration.paused && integration.configuration.is_complete() && !outdated;
        let mut until = if outdated {
            end.min(Instant::now() + WAIT_OF_OUTDATED)
        } else {
            end
        };
        if may_work {
            let now = state.clock.now_utc_ms();
            let due = tasks::next_change(&state.store, account, id).await?;
            if due.is_some_and(|due| due <= now) {
                let leased = take(&state, &caller, &request, &integration).await?;
                if !leased.is_empty() {
                    ::metrics::counter!(metrics::LEASES).increment(leased.len() as u64);
                    return Ok(Json(LeaseResponse { tasks: leased }));
                }
                // What is due waits for the end of quiet hours.
                if let Some(end) = integration.configuration.quiet_until(seconds(now)) {
                    let left_ms = (end.0 * 1000 - now).unsigned_abs();
                    until = until.min(Instant::now() + Duration::from_millis(left_ms));
                }
            } else if let Some(due) = due {
                until =
                    until.min(Instant::now() + Duration::from_millis((due - now).unsigned_abs()));
            }
        }
        if !wait(&state, &mut waiter, until).await
            && (until == end || outdated || state.shutdown.is_cancelled())
        {
            return Ok(Json(LeaseResponse { tasks: Vec::new() }));
        }
    }
}

async fn release_others(
    state: &AppState,
    caller: &Caller,
    request: &LeaseRequest,
) -> StoreResult<()> {
    let (account, link) = (caller.account, &caller.link);
    let running: Vec<(i64, i64)> = request
        .running
        .iter()
        .map(|one| (one.task, one.attempt))
        .collect();
    let held = tasks::held_by(&state.store, account, link.integration, link.id).await?;
    let lost: Vec<_> = held
        .into_iter()
        .filter(|lease| !running.contains(lease))
        .collect();
    if lost.is_empty() {
        return Ok(());
    }
    let mut transaction = state.store.begin().await?;
    for (task, attempt) in lost {
        tasks::release(&mut transaction, account, task, attempt, link.id).await?;
    }
    transaction.commit().await
}

fn seconds(utc_ms: i64) -> UtcSecond {
    UtcSecond(utc_ms.div_euclid(1000))
}

async fn take(
    state: &AppState,
    caller: &Caller,
    request: &LeaseRequest,
    integration: &Integration,
) -> StoreResult<Vec<LeasedTask>> {
    let now = state.clock.now_utc_ms();
    let (account, link) = (caller.account, &caller.link);
    let holder = Holder {
        link: link.id,
        integration: link.integration,
        boot_id: &request.boot_id,
        configuration_version: request.configuration_version,
        below_priority: match integration.configuration.quiet_until(seconds(now)) {
            Some(_) => FIRST_LOAD_PRIORITY,
            None => i64::MAX,
        },
    };
    let mut transaction = state.store.begin().await?;
    // Looked at again under lock: a pause or another configuration may have come in between.
    let current = integrations::get_shared(&mut transaction, account, link.integration).await?;
    let still = current.is_some_and(|now| {
        !now.paused && now.configuration_version == request.configuration_version
    });
    if !still {
        return Ok(Vec::new());
    }
    let max = request.max.min(MOST_AT_ONCE);
    let leased = tasks::lease(&mut transaction, account, &holder, max, LEASE_MS, now).await?;
    let mut messages = Vec::with_capacity(leased.len());
    let asks = integration.configuration.rereading.fingerprints;
    for task in leased {
        // A cycle comes for news and would compare in vain.
        let fingerprint = match task.purpose {
            Purpose::Cycle | Purpose::Initial => None,
            _ if !asks => None,
            Purpose::Reimport | Purpose::Reread | Purpose::Preview => {
                partitions::fingerprint(&mut transaction, account, &task.partition).await?
            }
        };
        messages.push(to_message(task, fingerprint));
    }
    transaction.commit().await?;
    Ok(messages)
}

fn to_message(leased: Leased, fingerprint: Option<String>) -> LeasedTask {
    LeasedTask {
        task: leased.id.0,
        attempt: leased.attempt,
        table: leased.partition.table,
        acd: leased.partition.acd.0,
        row_date: leased.partition.row_date.map(|date| date_text(Some(date))),
        lease_seconds: u32::try_from(LEASE_MS / 1000).unwrap_or(0),
        fingerprint,
    }
}
