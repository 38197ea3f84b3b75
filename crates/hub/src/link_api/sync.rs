//! `POST /sync`: the Link reports and hears what the hub wants.
//!
//! A new start of a Link (another boot id) gives back the leases of the one before and asks for an examination. Answers
//! to an examination count when they are for the last request and for the configuration in force. The number of the last
//! request stays in the desired state after its answer, so that a Link that has answered it has nothing to do.

use super::{Caller, poll_end, wait};
use crate::api::extract::Body;
use crate::bus::Hint;
use crate::capability_changes;
use crate::error::ApiResult;
use crate::state::AppState;
use crate::store::integrations::{self, Integration};
use crate::store::{
    StoreResult, feed_previews, feed_profiles, links, load, notices, status, tasks,
};
use axum::Json;
use axum::extract::State;
use floorwire_model::ids::{AccountId, TaskId};
use floorwire_protocol::live::{FeedConfiguration, RealtimeConfiguration};
use floorwire_protocol::messages::{
    Desired, Examine, Examined, LinkConfiguration, SyncRequest, SyncResponse,
};

/// How long a lease lasts without a part or a sync, milliseconds.
pub(super) const LEASE_MS: i64 = 120_000;

/// `POST /link/v1/sync`
pub async fn sync(
    State(state): State<AppState>,
    caller: Caller,
    Body(request): Body<SyncRequest>,
) -> ApiResult<Json<SyncResponse>> {
    let (account, id) = (caller.account, caller.link.integration);
    let mut waiter = state
        .bus
        .waiter(move |hint| hint == Hint::Desired(account, id));
    report(&state, &caller, &request).await?;
    let end = poll_end();
    loop {
        let Some(integration) = integrations::get(&state.store, account, id).await? else {
            return Err(super::not_paired());
        };
        let current = Some(integration.desired_version) == request.seen_version;
        if !current || !wait(&state, &mut waiter, end).await {
            let desired = desired(&state, account, integration).await?;
            let hub_utc_ms = state.clock.now_utc_ms();
            seen(&state, &caller, hub_utc_ms).await?;
            return Ok(Json(SyncResponse {
                desired,
                hub_utc_ms,
            }));
        }
    }
}

/// A Link whose poll was held is still there when it is answered.
async fn seen(state: &AppState, caller: &Caller, now: i64) -> StoreResult<()> {
    let mut transaction = state.store.begin().await?;
    links::seen(&mut transaction, caller.account, caller.link.id, now).await?;
    transaction.commit().await
}

async fn report(state: &AppState, caller: &Caller, request: &SyncRequest) -> StoreResult<()> {
    let (account, link) = (caller.account, &caller.link);
    let integration = link.integration;
    let now = state.clock.now_utc_ms();
    let new_boot = link.boot_id != request.boot_id;
    let was_connected = link.is_connected(now);
    let mut transaction = state.store.begin().await?;
    links::contact(
        &mut transaction,
        account,
        link.id,
        &request.link,
        &request.boot_id,
        now,
    )
    .await?;
    let mut released = 0;
    if new_boot {
        released = tasks::release_other_boots(
            &mut transaction,
            account,
            integration,
            link.id,
            &request.boot_id,
        )
        .await?;
        status::request_examine(&mut transaction, account, integration, now).await?;
    }
    for running in &request.report.running {
        let (task, until) = (TaskId(running.task), now + LEASE_MS);
        tasks::extend(
            &mut transaction,
            account,
            task,
            running.attempt,
            link.id,
            until,
        )
        .await?;
    }
    load::put(
        &mut transaction,
        account,
        integration,
        &request.boot_id,
        &request.report.load,
        now,
    )
    .await?;
    let mut learnt = false;
    if let Some(examined) = &request.report.examined {
        learnt = store_examined(&mut transaction, caller, examined, now).await?;
    }
    let mut previewed = false;
    if let Some(preview) = &request.report.feed_preview {
        previewed = feed_previews::answer(&mut transaction, account, integration, preview).await?;
    }
    transaction.commit().await?;
    if new_boot {
        tracing::info!(
            link = link.id.0,
            integration = integration.0,
            released,
            "a Link has started"
        );
    }
    if released > 0 || learnt {
        state.bus.publish(Hint::Tasks(account, integration));
    }
    if new_boot || learnt {
        state.bus.publish(Hint::Plan(account, integration));
    }
    if new_boot || learnt || previewed || !was_connected {
        state.bus.publish(Hint::Integration(account, integration));
    }
    Ok(())
}

/// True when the answer counts.
async fn store_examined(
    transaction: &mut crate::store::Transaction,
    caller: &Caller,
    examined: &Examined,
    now: i64,
) -> StoreResult<bool> {
    let (account, id) = (caller.account, caller.link.integration);
    let Some(integration) = integrations::get_locked(transaction, account, id).await? else {
        return Ok(false);
    };
    if examined.configuration_version != integration.configuration_version {
        return Ok(false);
    }
    let (found, problem) = (examined.capabilities.as_ref(), examined.problem.as_ref());
    let before = status::capabilities(transaction, account, id).await?;
    let counts = status::examined(
        transaction,
        account,
        id,
        examined.request,
        found,
        problem,
        now,
    )
    .await?;
    if let (true, Some(before), Some(found)) = (counts, &before, found) {
        for notice in capability_changes::changes(before, found) {
            tracing::info!(
                integration = id.0,
                code = notice.code,
                message = notice.message,
                "the source changed"
            );
            notices::raise(transaction, account, id, &notice, now).await?;
        }
    }
    if counts && problem.is_none() {
        // What made tasks fail may be gone with it.
        tasks::retry_now(transaction, account, id, now).await?;
    }
    Ok(counts)
}

/// The feeds with the texts of their profiles; `None` while real-time status is off. A port whose profile is not there any
/// more goes out with an empty text, which the Link reports as misconfigured.
async fn realtime(
    state: &AppState,
    account: AccountId,
    integration: &Integration,
) -> StoreResult<Option<RealtimeConfiguration>> {
    let settings = &integration.configuration.realtime;
    if !settings.enabled {
        return Ok(None);
    }
    let own = feed_profiles::latest(&state.store, account, integration.id).await?;
    let vendor = state.vendors.by_source(&integration.source);
    let shipped = vendor
        .map(|vendor| vendor.feed_profiles())
        .unwrap_or_default();
    let text = |name: &str| {
        let shipped = shipped.iter().find(|profile| profile.name == name);
        let own = own.iter().find(|profile| profile.name == name);
        match (shipped, own) {
            (Some(profile), _) => (0, profile.text.to_owned()),
            (None, Some(profile)) => (profile.version, profile.text.clone()),
            (None, None) => (0, String::new()),
        }
    };
    let feeds = settings.feeds.iter().map(|feed| {
        let (profile_version, profile_text) = text(&feed.profile);
        FeedConfiguration {
            port: feed.port,
            bind: feed.bind.clone(),
            allow_from: feed.allow_from.clone(),
            acd: feed.acd,
            profile: feed.profile.clone(),
            profile_version,
            profile_text,
        }
    });
    Ok(Some(RealtimeConfiguration {
        feeds: feeds.collect(),
        generic_absence: integration.configuration.generic_absence,
        close_while_paused: settings.close_while_paused,
    }))
}

async fn desired(
    state: &AppState,
    account: AccountId,
    integration: Integration,
) -> StoreResult<Desired> {
    let known = status::get(&state.store, account, integration.id)
        .await?
        .unwrap_or_default();
    let version = integration.configuration_version;
    let complete = integration.configuration.is_complete();
    let realtime = realtime(state, account, &integration).await?;
    let now = state.clock.now_utc_ms();
    let feed_preview = feed_previews::wanted(&state.store, account, integration.id, now).await?;
    let agent_scope = integration.configuration.agent_scope;
    let connection = integration.configuration.connection.filter(|_| complete);
    Ok(Desired {
        version: integration.desired_version,
        paused: integration.paused,
        configuration: connection.map(|connection| LinkConfiguration {
            version,
            connection_open: connection.open,
            connection_sealed: connection.sealed.unwrap_or_default(),
            agent_scope,
            realtime,
        }),
        examine: (known.examine_requested > 0).then_some(Examine {
            request: known.examine_requested,
        }),
        feed_preview,
    })
}
