//! Users of the account, invitations, links that work once, and what everybody looks after themselves: password, sessions,
//! access tokens.
//!
//! Constraints. Only an owner makes owners, changes them, or makes links for their password; the last owner of an account
//! stays one. Ids of sessions, tokens and invitations are parts of hashes, from which nothing can be guessed. Every change
//! is written into the access log in its own transaction.

mod invitations;
mod one_time;
mod password;
mod sessions;
mod tokens;
mod users;

use crate::auth::password::{LONGEST, PasswordError, SHORTEST};
use crate::auth::role::Role;
use crate::auth::{Principal, origin, token};
use crate::error::{ApiResult, Problem};
use crate::state::AppState;
use crate::store::StoreError;
use crate::store::one_time::{Kind, OneTimeLink};
use axum::http::{HeaderMap, StatusCode};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The endpoints of this module.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(one_time::look_at_link))
        .routes(routes!(one_time::use_link))
        .routes(routes!(password::change_password))
        .routes(routes!(
            sessions::list_sessions,
            sessions::end_other_sessions
        ))
        .routes(routes!(sessions::end_session))
        .routes(routes!(tokens::list_tokens, tokens::create_token))
        .routes(routes!(tokens::revoke_token))
        .routes(routes!(users::list_users))
        .routes(routes!(users::get_user, users::patch_user))
        .routes(routes!(users::make_password_link))
        .routes(routes!(invitations::list_invitations, invitations::invite))
        .routes(routes!(invitations::revoke_invitation))
}

/// A link that was just made. It is shown this once.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MadeLink {
    /// The address to pass on; whoever opens it first can use it.
    pub url: String,
    /// Until when it works.
    pub expires_at: crate::api::types::Instant,
}

/// Whose link, made by whom.
struct For<'a> {
    kind: Kind,
    user_id: Option<i64>,
    email: &'a str,
    role: Role,
}

/// A new link, as it is stored and as it is shown.
fn new_link(
    state: &AppState,
    headers: &HeaderMap,
    principal: &Principal,
    of: &For<'_>,
) -> ApiResult<(OneTimeLink, MadeLink)> {
    let made = token::generate(token::LINK, principal.account).map_err(Problem::internal)?;
    let now = state.clock.now_utc_ms();
    let link = OneTimeLink {
        kind: of.kind,
        token_hash: token::hash(&made),
        user_id: of.user_id,
        email: of.email.to_owned(),
        role: of.role,
        made_by: principal.email.clone(),
        created_utc_ms: now,
        expires_utc_ms: now + of.kind.lifetime_ms(),
    };
    let base = origin::own(headers, state).ok_or_else(|| {
        Problem::invalid("invalid-host", "the request has no `Host` that can be read")
    })?;
    let base = base.as_str().trim_end_matches('/');
    let shown = MadeLink {
        url: format!("{base}/{}/{made}", of.kind.as_str()),
        expires_at: instant(link.expires_utc_ms)?,
    };
    Ok((link, shown))
}

/// 403 unless this principal may make, change or help somebody of that role.
fn need_rank(principal: &Principal, role: Role) -> ApiResult<()> {
    if role == Role::Owner && principal.role != Role::Owner {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "owner-needed",
            "only an owner may do this",
        )
        .detail("owners are made, changed and helped by owners alone")
        .remedy("ask an owner of the account"));
    }
    Ok(())
}

fn instant(utc_ms: i64) -> ApiResult<crate::api::types::Instant> {
    crate::api::types::Instant::from_ms(utc_ms)
        .ok_or_else(|| Problem::internal("a stored time is out of range"))
}

fn optional_instant(utc_ms: Option<i64>) -> ApiResult<Option<crate::api::types::Instant>> {
    utc_ms.map(instant).transpose()
}

fn refused_password(error: PasswordError) -> Problem {
    match error {
        PasswordError::TooShort | PasswordError::TooLong => {
            Problem::invalid("invalid-password", error.to_string()).remedy(format!(
                "choose a password of at least {SHORTEST} characters and at most {LONGEST} bytes"
            ))
        }
        other => Problem::internal(other),
    }
}

fn address_taken() -> Problem {
    Problem::new(
        StatusCode::CONFLICT,
        "user-exists",
        "the account has a user with this address",
    )
    .detail("an address is one user of the account")
    .remedy("choose another address, or switch that user on again")
}

fn user_exists(error: StoreError) -> Problem {
    match error {
        StoreError::Conflict(_) => address_taken(),
        other => other.into(),
    }
}
