//! `/integrations/{id}/feedProfiles`: how feeds are read. Shipped ones come with the vendor, others are kept per integration;
//! each save is a new version, and the Link takes the latest without being restarted.

use super::realtime::{LONGEST_PROFILE_NAME, shortened};
use super::{object, record};
use crate::api::extract::{Body, Id};
use crate::api::types::Instant;
use crate::audit::{Action, Change, Event};
use crate::auth::{ManagesIntegrations, ViewsIntegrations};
use crate::bus::Hint;
use crate::error::{ApiResult, FaultBody, Problem};
use crate::state::AppState;
use crate::store::feed_profiles::{self, FeedProfile as Row};
use crate::store::integrations::{self, Integration};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use floorwire_model::derivation::Vendor;
use floorwire_model::ids::{AccountId, IntegrationId};
use floorwire_model::live::ProfileFault;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;
use utoipa::ToSchema;

/// Largest text of a profile, bytes.
pub(super) const LONGEST_TEXT: usize = 64 * 1024;
/// Profiles of one integration.
const MOST_PROFILES: usize = 100;
/// Versions that are kept of each.
const KEPT_VERSIONS: i64 = 50;

/// How a feed is read.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FeedProfile {
    /// Unique within the integration.
    pub name: String,
    /// Comes with the vendor; cannot be changed, but copied under another name.
    pub shipped: bool,
    /// Counts up with each save; 0: shipped.
    pub version: u32,
    /// The profile, TOML.
    pub text: String,
    /// When this version was saved; null: shipped.
    #[schema(required)]
    pub saved_at: Option<Instant>,
    /// Who saved it.
    #[schema(required)]
    pub saved_by: Option<String>,
    /// Ports that are read by it.
    pub ports: Vec<u16>,
}

/// The profiles of an integration, or the versions of one.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FeedProfiles {
    /// Shipped ones first, then by name; versions newest first.
    pub items: Vec<FeedProfile>,
}

/// The text of a profile.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FeedProfileText {
    /// TOML, at most 64 KiB.
    pub text: String,
}

/// What is wrong with the text of a profile.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FeedProfileCheck {
    /// Everything that is wrong; empty: it can be saved.
    pub faults: Vec<FaultBody>,
}

/// The vendor of an integration.
pub(super) fn vendor<'a>(
    state: &'a AppState,
    integration: &Integration,
) -> ApiResult<&'a Arc<dyn Vendor>> {
    state.vendors.by_source(&integration.source).ok_or_else(|| {
        Problem::invalid(
            "unknown-source",
            "this hub does not know the source of the integration",
        )
    })
}

/// The names of all profiles that there are for a source and, where there is one, an integration.
pub(super) async fn names(
    state: &AppState,
    source: &str,
    integration: Option<(AccountId, IntegrationId)>,
) -> ApiResult<BTreeSet<String>> {
    let shipped = state
        .vendors
        .by_source(source)
        .map(|vendor| vendor.feed_profiles());
    let shipped = shipped.unwrap_or_default().iter();
    let mut names: BTreeSet<String> = shipped.map(|profile| profile.name.to_owned()).collect();
    if let Some((account, id)) = integration {
        let own = feed_profiles::latest(&state.store, account, id).await?;
        names.extend(own.into_iter().map(|profile| profile.name));
    }
    Ok(names)
}

/// What the vendor finds wrong with a text.
pub(super) fn faults(vendor: &Arc<dyn Vendor>, text: &str) -> Vec<FaultBody> {
    if text.len() > LONGEST_TEXT {
        return vec![FaultBody {
            line: None,
            key: String::new(),
            message: format!("the profile has more than {LONGEST_TEXT} bytes"),
        }];
    }
    if text.contains('\0') {
        return vec![FaultBody {
            line: None,
            key: String::new(),
            message: "the profile holds a NUL character; write it as \\u0000".to_owned(),
        }];
    }
    let found = vendor.check_feed_profile(text).err().unwrap_or_default();
    found.into_iter().map(fault).collect()
}

fn fault(found: ProfileFault) -> FaultBody {
    FaultBody {
        line: found.line,
        key: found.key,
        message: found.message,
    }
}

/// 422 with every fault.
pub(super) fn refused(faults: Vec<FaultBody>) -> Problem {
    let detail = match &faults[..] {
        [one] => one.to_string(),
        [first, ..] => format!("{} faults, the first: {first}", faults.len()),
        [] => "the profile cannot be used".to_owned(),
    };
    Problem::invalid("invalid-feed-profile", detail)
        .remedy("correct the lines that are named")
        .faults(faults)
}

fn shown(row: Row, integration: &Integration) -> FeedProfile {
    FeedProfile {
        ports: ports(integration, &row.name),
        shipped: false,
        version: row.version,
        saved_at: Instant::from_ms(row.saved_utc_ms),
        saved_by: Some(row.saved_by),
        name: row.name,
        text: row.text,
    }
}

fn ports(integration: &Integration, profile: &str) -> Vec<u16> {
    let feeds = integration.configuration.realtime.feeds.iter();
    let reads = feeds.filter(|feed| feed.profile == profile);
    reads.map(|feed| feed.port).collect()
}

fn shipped(vendor: &Arc<dyn Vendor>, integration: &Integration) -> Vec<FeedProfile> {
    let profiles = vendor.feed_profiles().iter();
    profiles
        .map(|profile| FeedProfile {
            name: profile.name.to_owned(),
            shipped: true,
            version: 0,
            text: profile.text.to_owned(),
            saved_at: None,
            saved_by: None,
            ports: ports(integration, profile.name),
        })
        .collect()
}

/// Every profile in its latest version.
#[utoipa::path(get, path = "/integrations/{id}/feedProfiles", tag = "integrations",
    params(("id" = i64, Path, description = "the integration")), responses((status = 200, body = FeedProfiles)))]
pub async fn list_feed_profiles(
    ViewsIntegrations(principal): ViewsIntegrations,
    State(state): State<AppState>,
    Id(id): Id,
) -> ApiResult<Json<FeedProfiles>> {
    let integration = super::existing(&state, &principal, id).await?;
    let mut items = shipped(vendor(&state, &integration)?, &integration);
    let own = feed_profiles::latest(&state.store, principal.account, integration.id).await?;
    items.extend(own.into_iter().map(|row| shown(row, &integration)));
    Ok(Json(FeedProfiles { items }))
}

/// The versions of one profile, newest first; the last 50 are kept.
#[utoipa::path(get, path = "/integrations/{id}/feedProfiles/{name}", tag = "integrations",
    params(("id" = i64, Path, description = "the integration"), ("name" = String, Path, description = "the profile")),
    responses((status = 200, body = FeedProfiles)))]
pub async fn get_feed_profile(
    ViewsIntegrations(principal): ViewsIntegrations,
    State(state): State<AppState>,
    Path((id, name)): Path<(i64, String)>,
) -> ApiResult<Json<FeedProfiles>> {
    let integration = super::existing(&state, &principal, id).await?;
    let mut items = shipped(vendor(&state, &integration)?, &integration);
    items.retain(|profile| profile.name == name);
    let own =
        feed_profiles::versions(&state.store, principal.account, integration.id, &name).await?;
    items.extend(own.into_iter().map(|row| shown(row, &integration)));
    if items.is_empty() {
        return Err(Problem::not_found(format!(
            "feed profile `{}`",
            shortened(&name)
        )));
    }
    Ok(Json(FeedProfiles { items }))
}

/// Says what is wrong with a text, and stores nothing.
#[utoipa::path(post, path = "/integrations/{id}/feedProfiles", tag = "integrations",
    params(("id" = i64, Path, description = "the integration")), request_body = FeedProfileText,
    responses((status = 200, body = FeedProfileCheck)))]
pub async fn check_feed_profile(
    ManagesIntegrations(principal): ManagesIntegrations,
    State(state): State<AppState>,
    Id(id): Id,
    Body(asked): Body<FeedProfileText>,
) -> ApiResult<Json<FeedProfileCheck>> {
    let integration = super::existing(&state, &principal, id).await?;
    let faults = faults(vendor(&state, &integration)?, &asked.text);
    Ok(Json(FeedProfileCheck { faults }))
}

/// Saves a new version. A text with faults is refused with all of them.
#[utoipa::path(put, path = "/integrations/{id}/feedProfiles/{name}", tag = "integrations",
    params(("id" = i64, Path, description = "the integration"),
        ("name" = String, Path, description = "the profile: lower-case letters, digits, `-`; 1 to 64")),
    request_body = FeedProfileText, responses((status = 200, body = FeedProfile)))]
pub async fn put_feed_profile(
    ManagesIntegrations(principal): ManagesIntegrations,
    State(state): State<AppState>,
    Path((id, name)): Path<(i64, String)>,
    Body(asked): Body<FeedProfileText>,
) -> ApiResult<Json<FeedProfile>> {
    let integration = super::existing(&state, &principal, id).await?;
    let vendor = vendor(&state, &integration)?;
    check_name(vendor, &name)?;
    let faults = faults(vendor, &asked.text);
    if !faults.is_empty() {
        return Err(refused(faults));
    }
    let now = state.clock.now_utc_ms();
    let (account, integration_id) = (principal.account, integration.id);
    let mut transaction = state.store.begin().await?;
    if integrations::get_locked(&mut transaction, account, integration_id)
        .await?
        .is_none()
    {
        return Err(Problem::not_found(format!("integration {id}")));
    }
    let count = feed_profiles::count(&mut transaction, account, integration_id, &name).await?;
    if count >= MOST_PROFILES {
        let detail = format!("the integration has {MOST_PROFILES} profiles already");
        return Err(Problem::invalid("too-many-feed-profiles", detail)
            .remedy("delete one that is not used"));
    }
    let row = feed_profiles::put(
        &mut transaction,
        account,
        integration_id,
        (&name, &asked.text),
        (&principal.email, now),
        KEPT_VERSIONS,
    )
    .await?;
    integrations::touch_desired(&mut transaction, account, integration_id).await?;
    let event = Event::new(
        Action::FeedProfileSaved,
        object(integration_id, &integration.name),
    )
    .with([
        Change::to("profile", &name),
        Change::to("version", row.version),
    ]);
    record(&mut transaction, &principal, &event, now).await?;
    transaction.commit().await?;
    state.bus.publish(Hint::Desired(account, integration_id));
    Ok(Json(shown(row, &integration)))
}

/// Deletes a profile with all its versions. One that a port is read by stays.
#[utoipa::path(delete, path = "/integrations/{id}/feedProfiles/{name}", tag = "integrations",
    params(("id" = i64, Path, description = "the integration"), ("name" = String, Path, description = "the profile")),
    responses((status = 204)))]
pub async fn delete_feed_profile(
    ManagesIntegrations(principal): ManagesIntegrations,
    State(state): State<AppState>,
    Path((id, name)): Path<(i64, String)>,
) -> ApiResult<StatusCode> {
    let of = super::existing(&state, &principal, id).await?;
    let (account, id) = (principal.account, IntegrationId(id));
    let mut transaction = state.store.begin().await?;
    let integration = integrations::get_locked(&mut transaction, account, id).await?;
    if let Some(port) = integration.and_then(|found| ports(&found, &name).first().copied()) {
        let problem = Problem::new(
            StatusCode::CONFLICT,
            "feed-profile-in-use",
            "the feed profile is in use",
        );
        return Err(problem
            .detail(format!("port {port} is read by `{}`", shortened(&name)))
            .remedy("choose another profile for the port first"));
    }
    if !feed_profiles::delete(&mut transaction, account, id, &name).await? {
        return Err(Problem::not_found(format!(
            "feed profile `{}`",
            shortened(&name)
        )));
    }
    let event = Event::new(Action::FeedProfileDeleted, object(id, &of.name)).with([Change::new(
        "profile",
        Some(name),
        None,
    )]);
    record(
        &mut transaction,
        &principal,
        &event,
        state.clock.now_utc_ms(),
    )
    .await?;
    transaction.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

fn check_name(vendor: &Arc<dyn Vendor>, name: &str) -> ApiResult<()> {
    let letters =
        |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    if name.is_empty() || name.len() > LONGEST_PROFILE_NAME || !name.chars().all(letters) {
        let detail = "the name of a profile has 1 to 64 lower-case letters, digits and dashes";
        return Err(Problem::invalid("invalid-feed-profile-name", detail));
    }
    if vendor
        .feed_profiles()
        .iter()
        .any(|profile| profile.name == name)
    {
        let detail = format!("`{name}` comes with the vendor and cannot be changed");
        let problem = Problem::new(
            StatusCode::CONFLICT,
            "feed-profile-shipped",
            "the feed profile is a shipped one",
        );
        return Err(problem.detail(detail).remedy("save it under another name"));
    }
    Ok(())
}
