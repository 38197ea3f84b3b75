//! `/integrations/{id}/feedPreview`: how the last raw lines of a port read by a profile that is being edited. The Link
//! answers, with pseudonyms in place of identities; nothing of it is kept.

use super::feed_profiles::{faults, refused, vendor};
use crate::api::extract::{Body, Id};
use crate::auth::ManagesIntegrations;
use crate::bus::Hint;
use crate::error::{ApiResult, Problem};
use crate::state::AppState;
use crate::store::feed_previews::{self, Preview};
use crate::store::{integrations, links};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use floorwire_protocol::live as protocol;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;
use utoipa::ToSchema;

/// How long the Link may take.
const LIMIT: Duration = Duration::from_secs(20);

/// What to try.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FeedPreviewRequest {
    /// A port that the Link listens at.
    pub port: u16,
    /// The text of the profile, TOML.
    pub profile: String,
}

/// How the last lines read.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FeedPreview {
    /// The last lines, oldest first.
    pub lines: Vec<PreviewLine>,
    /// Why there are none.
    #[schema(required)]
    pub detail: Option<String>,
}

/// One raw line and what the profile makes of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PreviewLine {
    /// The line, with identities replaced.
    pub text: String,
    /// `record`, `skipped`, `header`, `footer`, or the reason of its rejection.
    pub reading: String,
    /// The fields of a record by name.
    pub fields: BTreeMap<String, String>,
}

impl From<protocol::FeedPreview> for FeedPreview {
    fn from(preview: protocol::FeedPreview) -> Self {
        let lines = preview.lines.into_iter();
        Self {
            lines: lines
                .map(|line| PreviewLine {
                    text: line.text,
                    reading: line.reading,
                    fields: line.fields,
                })
                .collect(),
            detail: preview.detail,
        }
    }
}

fn link_away() -> Problem {
    Problem::new(
        StatusCode::CONFLICT,
        "link-away",
        "the Link does not answer",
    )
    .detail(
        "the last lines of the feed are at the Link, and it does not keep in touch with the hub",
    )
    .remedy("start the Link, or mend its connection to the hub, then try again")
}

/// Reads the last raw lines of a port by a profile that need not be saved. Waits for the Link, at most 20 seconds.
#[utoipa::path(post, path = "/integrations/{id}/feedPreview", tag = "integrations",
    params(("id" = i64, Path, description = "the integration")), request_body = FeedPreviewRequest,
    responses((status = 200, body = FeedPreview)))]
pub async fn preview_feed(
    ManagesIntegrations(principal): ManagesIntegrations,
    State(state): State<AppState>,
    Id(id): Id,
    Body(asked): Body<FeedPreviewRequest>,
) -> ApiResult<Json<FeedPreview>> {
    let integration = super::existing(&state, &principal, id).await?;
    let faults = faults(vendor(&state, &integration)?, &asked.profile);
    if !faults.is_empty() {
        return Err(refused(faults));
    }
    let settings = &integration.configuration.realtime;
    if !settings.enabled || settings.feeds.iter().all(|feed| feed.port != asked.port) {
        let detail = format!("the Link does not listen at port {}", asked.port);
        return Err(Problem::invalid("unknown-feed-port", detail)
            .remedy("switch real-time status on and save the port first"));
    }
    let (account, id) = (principal.account, integration.id);
    let now = state.clock.now_utc_ms();
    let link = links::active(&state.store, account, id).await?;
    if !link.is_some_and(|link| link.is_connected(now)) {
        return Err(link_away());
    }
    let mut waiter = state
        .bus
        .waiter(move |hint| hint == Hint::Integration(account, id));
    let mut transaction = state.store.begin().await?;
    let request = feed_previews::ask(
        &mut transaction,
        account,
        id,
        (asked.port, &asked.profile),
        now,
    )
    .await?;
    integrations::touch_desired(&mut transaction, account, id).await?;
    transaction.commit().await?;
    state.bus.publish(Hint::Desired(account, id));
    let end = Instant::now() + LIMIT;
    loop {
        match feed_previews::take(&state.store, account, id, request).await? {
            Preview::Answered(answer) => return Ok(Json(answer.into())),
            Preview::Replaced => {
                return Err(Problem::new(
                    StatusCode::CONFLICT,
                    "preview-replaced",
                    "another preview was asked for",
                )
                .detail("somebody asked for another preview of this integration meanwhile")
                .remedy("try again"));
            }
            Preview::Waiting => {}
        }
        // Another hub process may have taken the answer, so the table is looked at now and then.
        let look = Instant::now() + Duration::from_secs(1);
        tokio::select! {
            () = waiter.changed() => {}
            () = tokio::time::sleep_until(look.min(end)) => {}
            () = state.shutdown.cancelled() => return Err(link_away()),
        }
        if Instant::now() >= end {
            return Err(link_away());
        }
    }
}
