//! `/users`: who may sign in to the account, as what.

use super::{For, MadeLink, instant, need_rank, new_link, optional_instant};
use crate::api::extract::{Body, Id, Paging, Params};
use crate::api::types::{Instant, Page, one_more};
use crate::audit::{Action, Change, Event, Object};
use crate::auth::ManagesUsers;
use crate::auth::role::Role;
use crate::error::{ApiResult, Problem};
use crate::state::AppState;
use crate::store::one_time::{self, Kind};
use crate::store::users::Listed;
use crate::store::{audit, sessions, users};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A user of the account.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// Unique within the account.
    pub id: i64,
    /// Lower case.
    pub email: String,
    /// The role.
    pub role: Role,
    /// False when switched off: then neither password nor access tokens work.
    pub active: bool,
    /// When the user was added.
    pub created_at: Instant,
    /// When they signed in last; null: never.
    #[schema(required)]
    pub signed_in_at: Option<Instant>,
    /// Since when they are switched off; null while they are active.
    #[schema(required)]
    pub deactivated_at: Option<Instant>,
}

impl TryFrom<Listed> for User {
    type Error = Problem;

    fn try_from(row: Listed) -> Result<Self, Problem> {
        Ok(Self {
            id: row.user_id,
            role: row.role()?,
            active: row.deactivated_utc_ms.is_none(),
            created_at: instant(row.created_utc_ms)?,
            signed_in_at: optional_instant(row.signed_in_utc_ms)?,
            deactivated_at: optional_instant(row.deactivated_utc_ms)?,
            email: row.email,
        })
    }
}

/// Changes to a user; fields left out stay as they are.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UserPatch {
    /// Another role.
    #[serde(default)]
    pub role: Option<Role>,
    /// False switches the user off and ends their sessions; true switches them on again.
    #[serde(default)]
    pub active: Option<bool>,
}

/// The users of the account, in the order in which they were added.
#[utoipa::path(get, path = "/users", tag = "account", params(Paging), responses((status = 200, body = Page<User>)))]
pub async fn list_users(
    ManagesUsers(principal): ManagesUsers,
    State(state): State<AppState>,
    Params(paging): Params<Paging>,
) -> ApiResult<Json<Page<User>>> {
    let limit = paging.limit()?;
    let after = paging.after_id()?.unwrap_or(0);
    let rows = users::list(&state.store, principal.account, after, one_more(limit)).await?;
    let page = Page::of(rows, limit, |row| row.user_id.to_string());
    page.try_map(User::try_from).map(Json)
}

/// One user.
#[utoipa::path(get, path = "/users/{id}", tag = "account", params(("id" = i64, Path, description = "the user")),
    responses((status = 200, body = User)))]
pub async fn get_user(
    ManagesUsers(principal): ManagesUsers,
    State(state): State<AppState>,
    Id(id): Id,
) -> ApiResult<Json<User>> {
    let row = users::listed(&state.store, principal.account, id).await?;
    let row = row.ok_or_else(|| Problem::not_found(format!("user {id}")))?;
    User::try_from(row).map(Json)
}

/// Changes the role of a user, or switches them off or on. What they made stays.
#[utoipa::path(patch, path = "/users/{id}", tag = "account", params(("id" = i64, Path, description = "the user")),
    request_body = UserPatch, responses((status = 200, body = User)))]
pub async fn patch_user(
    ManagesUsers(principal): ManagesUsers,
    State(state): State<AppState>,
    Id(id): Id,
    Body(patch): Body<UserPatch>,
) -> ApiResult<Json<User>> {
    let (account, now) = (principal.account, state.clock.now_utc_ms());
    let mut transaction = state.store.begin().await?;
    let owners = users::owners_locked(&mut transaction, account).await?;
    let before = users::listed_in(&mut transaction, account, id).await?;
    let before = before.ok_or_else(|| Problem::not_found(format!("user {id}")))?;
    let old_role = before.role()?;
    let role = patch.role.unwrap_or(old_role);
    let was_active = before.deactivated_utc_ms.is_none();
    let active = patch.active.unwrap_or(was_active);
    let mut changes = Vec::new();
    if role != old_role {
        let names = [old_role, role].map(|role| Some(role.to_string()));
        let [from, to] = names;
        changes.push(Change::new("role", from, to));
    }
    if active != was_active {
        let [from, to] = [was_active, active].map(|active| Some(active.to_string()));
        changes.push(Change::new("active", from, to));
    }
    if changes.is_empty() {
        return User::try_from(before).map(Json);
    }
    need_rank(&principal, old_role)?;
    need_rank(&principal, role)?;
    if owners == [id] && (role != Role::Owner || !active) {
        return Err(Problem::new(
            StatusCode::CONFLICT,
            "last-owner",
            "the account would have no owner",
        )
        .detail("this is the only owner who can sign in")
        .remedy("make another user owner first"));
    }
    let deactivated = match active {
        true => None,
        false => before.deactivated_utc_ms.or(Some(now)),
    };
    users::set(&mut transaction, account, id, role, deactivated).await?;
    if !active {
        sessions::end_others(&mut transaction, account, id, None).await?;
        one_time::revoke_of_user(&mut transaction, account, id).await?;
    }
    let event = Event::new(
        Action::UserChanged,
        Object::new("user", id, before.email.as_str()),
    )
    .with(changes);
    audit::record(&mut transaction, account, &principal.actor(), &event, now).await?;
    transaction.commit().await?;
    tracing::info!(%account, user = id, role = %role, active, "user changed");
    let after = users::listed(&state.store, account, id).await?;
    let after = after.ok_or_else(|| Problem::not_found(format!("user {id}")))?;
    User::try_from(after).map(Json)
}

/// Makes a link with which a user sets a new password, once and within a day. One made before no longer works; the present
/// password works until then.
#[utoipa::path(post, path = "/users/{id}/passwordLink", tag = "account",
    params(("id" = i64, Path, description = "the user")), responses((status = 201, body = MadeLink)))]
pub async fn make_password_link(
    ManagesUsers(principal): ManagesUsers,
    State(state): State<AppState>,
    headers: HeaderMap,
    Id(id): Id,
) -> ApiResult<(StatusCode, Json<MadeLink>)> {
    let (account, now) = (principal.account, state.clock.now_utc_ms());
    let mut transaction = state.store.begin().await?;
    let found = users::listed_in(&mut transaction, account, id).await?;
    let found = found.ok_or_else(|| Problem::not_found(format!("user {id}")))?;
    let role = found.role()?;
    need_rank(&principal, role)?;
    if found.deactivated_utc_ms.is_some() {
        return Err(Problem::new(
            StatusCode::CONFLICT,
            "user-inactive",
            "the user is switched off",
        )
        .remedy("switch the user on first"));
    }
    let of = For {
        kind: Kind::Password,
        user_id: Some(id),
        email: &found.email,
        role,
    };
    let (link, shown) = new_link(&state, &headers, &principal, &of)?;
    one_time::insert(&mut transaction, account, &link).await?;
    let object = Object::new("user", id, found.email.as_str());
    let event = Event::new(Action::PasswordLinkMade, object);
    audit::record(&mut transaction, account, &principal.actor(), &event, now).await?;
    transaction.commit().await?;
    Ok((StatusCode::CREATED, Json(shown)))
}
