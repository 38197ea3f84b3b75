//! `/invitations`: links with which somebody becomes a user. No mail is sent: whoever invites passes the link on.

use super::{For, MadeLink, instant, need_rank, new_link};
use crate::api::extract::{Body, Named};
use crate::api::types::Instant;
use crate::audit::{Action, Change, Event, Object};
use crate::auth::role::Role;
use crate::auth::{ManagesUsers, token};
use crate::error::{ApiResult, Problem};
use crate::state::AppState;
use crate::store::one_time::{self, Kind, OneTimeLink};
use crate::store::{audit, users};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Open invitations of one account.
const MOST_OPEN: usize = 200;

/// The open invitations.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Invitations {
    /// Oldest first.
    pub items: Vec<Invitation>,
}

/// An invitation that was not used yet.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Invitation {
    /// Unique within the account.
    pub id: String,
    /// Who is invited.
    pub email: String,
    /// As what.
    pub role: Role,
    /// Who invites.
    pub made_by: String,
    /// When it was made.
    pub created_at: Instant,
    /// Until when it works.
    pub expires_at: Instant,
}

/// Somebody to be invited.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewInvitation {
    /// Their address; case does not matter.
    pub email: String,
    /// The role they will have.
    pub role: Role,
}

fn shown(link: OneTimeLink) -> ApiResult<Invitation> {
    Ok(Invitation {
        id: token::id_of(&link.token_hash).to_owned(),
        role: link.role,
        created_at: instant(link.created_utc_ms)?,
        expires_at: instant(link.expires_utc_ms)?,
        email: link.email,
        made_by: link.made_by,
    })
}

/// The invitations that were not used and still work.
#[utoipa::path(get, path = "/invitations", tag = "account", responses((status = 200, body = Invitations)))]
pub async fn list_invitations(
    ManagesUsers(principal): ManagesUsers,
    State(state): State<AppState>,
) -> ApiResult<Json<Invitations>> {
    let now = state.clock.now_utc_ms();
    let links = one_time::invitations(&state.store, principal.account, now).await?;
    let items = links.into_iter().map(shown).collect::<ApiResult<_>>()?;
    Ok(Json(Invitations { items }))
}

/// Invites somebody. The link is shown this once, works once, and for seven days; another one made before for the same address
/// no longer works.
#[utoipa::path(post, path = "/invitations", tag = "account", request_body = NewInvitation,
    responses((status = 201, body = MadeLink)))]
pub async fn invite(
    ManagesUsers(principal): ManagesUsers,
    State(state): State<AppState>,
    headers: HeaderMap,
    Body(request): Body<NewInvitation>,
) -> ApiResult<(StatusCode, Json<MadeLink>)> {
    need_rank(&principal, request.role)?;
    let email = users::normal_email(&request.email);
    if !users::is_email(&email) {
        return Err(
            Problem::invalid("invalid-email", "`email` is not an e-mail address")
                .remedy("write it as name@example.org"),
        );
    }
    let (account, now) = (principal.account, state.clock.now_utc_ms());
    if users::by_email(&state.store, account, &email)
        .await?
        .is_some()
    {
        return Err(super::address_taken());
    }
    let open = one_time::invitations(&state.store, account, now).await?;
    if open.len() >= MOST_OPEN {
        return Err(Problem::new(
            StatusCode::CONFLICT,
            "too-many-invitations",
            "too many open invitations",
        )
        .detail(format!("{MOST_OPEN} invitations wait to be used"))
        .remedy("take back those that are not needed"));
    }
    let of = For {
        kind: Kind::Invitation,
        user_id: None,
        email: &email,
        role: request.role,
    };
    let (link, made) = new_link(&state, &headers, &principal, &of)?;
    let id = token::id_of(&link.token_hash).to_owned();
    let event = Event::new(
        Action::UserInvited,
        Object::new("invitation", id, email.as_str()),
    )
    .with([Change::to("role", request.role)]);
    let mut transaction = state.store.begin().await?;
    one_time::insert(&mut transaction, account, &link).await?;
    audit::record(&mut transaction, account, &principal.actor(), &event, now).await?;
    transaction.commit().await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Takes an invitation back: its link no longer works.
#[utoipa::path(delete, path = "/invitations/{id}", tag = "account",
    params(("id" = String, Path, description = "the invitation")), responses((status = 204, description = "taken back")))]
pub async fn revoke_invitation(
    ManagesUsers(principal): ManagesUsers,
    State(state): State<AppState>,
    Named(id): Named,
) -> ApiResult<StatusCode> {
    let (account, now) = (principal.account, state.clock.now_utc_ms());
    let mut transaction = state.store.begin().await?;
    let email = one_time::revoke_invitation(&mut transaction, account, &id).await?;
    let email = email.ok_or_else(|| Problem::not_found("this invitation"))?;
    let event = Event::new(
        Action::InvitationRevoked,
        Object::new("invitation", id, email),
    );
    audit::record(&mut transaction, account, &principal.actor(), &event, now).await?;
    transaction.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
