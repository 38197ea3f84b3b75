//! `/session`: sign in, who am I, sign out.
//!
//! A wrong password, an unknown address and an address in another account answer alike, after the same work. When an
//! address has users in several accounts, the first account whose password fits is signed in.

use super::extract::Body;
use crate::auth::role::{Capabilities, Role, Scope};
use crate::auth::{Principal, cookie, origin, password, token};
use crate::error::{ApiResult, Problem};
use crate::server::ClientAddress;
use crate::state::AppState;
use crate::store::sessions::LIFETIME_MS;
use crate::store::users::User;
use crate::{metrics, store};
use axum::Json;
use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use std::time::Instant;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The endpoints of this module.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(sign_in, get_session, sign_out))
}

/// Address and password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// The user's address; case does not matter.
    pub email: String,
    /// The password.
    pub password: String,
}

/// Who is signed in, where, and what they may do.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Session {
    /// The user.
    pub user: SessionUser,
    /// The account.
    pub account: SessionAccount,
    /// What is allowed.
    pub capabilities: Capabilities,
}

/// The signed-in user.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SessionUser {
    /// Unique within the account.
    pub id: i64,
    /// Lower case.
    pub email: String,
    /// The role.
    pub role: Role,
}

/// The account of the session.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SessionAccount {
    /// Unique within the hub.
    pub id: i64,
    /// Its name.
    pub name: String,
}

impl From<Principal> for Session {
    fn from(principal: Principal) -> Self {
        Self {
            user: SessionUser {
                id: principal.user_id,
                email: principal.email,
                role: principal.role,
            },
            account: SessionAccount {
                id: principal.account.0,
                name: principal.account_name,
            },
            capabilities: principal.capabilities,
        }
    }
}

/// Sign in. Sets the session cookie.
#[utoipa::path(post, path = "/session", tag = "session", security(()), request_body = SignIn,
    responses((status = 200, body = Session)))]
async fn sign_in(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    Body(request): Body<SignIn>,
) -> ApiResult<Response> {
    origin::refuse_foreign(&headers, &state)?;
    let email = store::users::normal_email(&request.email);
    if email.len() > 254 || request.password.len() > password::LONGEST {
        return Err(wrong());
    }
    if let Err(throttled) = state.auth.throttle.begin(&email, address, Instant::now()) {
        ::metrics::counter!(metrics::SIGN_INS, "outcome" => "throttled").increment(1);
        return Err(Problem::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too-many-attempts",
            "too many attempts",
        )
        .detail("there were too many attempts to sign in")
        .remedy("wait, then try again; ask an administrator when the password is lost")
        .retry_after(throttled.retry_after_s));
    }
    let Some(user) = user_with_password(&state, &email, request.password).await? else {
        ::metrics::counter!(metrics::SIGN_INS, "outcome" => "wrong").increment(1);
        return Err(wrong());
    };
    state.auth.throttle.succeeded(&email, address);
    ::metrics::counter!(metrics::SIGN_INS, "outcome" => "ok").increment(1);
    let session_token = token::generate(token::SESSION, user.account).map_err(Problem::internal)?;
    let now = state.clock.now_utc_ms();
    store::sessions::begin(&state.store, &user, &token::hash(&session_token), now).await?;
    tracing::info!(account = %user.account, user = user.user_id, "signed in");
    let body = Json(Session::from(Principal::of(user, Scope::All, None)));
    with_cookie(
        body.into_response(),
        cookie::set(&session_token, LIFETIME_MS / 1000, &state.config),
    )
}

async fn user_with_password(
    state: &AppState,
    email: &str,
    given: String,
) -> ApiResult<Option<User>> {
    let candidates = store::users::candidates(&state.store, email).await?;
    let passwords = &state.auth.passwords;
    if candidates.is_empty() {
        passwords
            .verify(given, None)
            .await
            .map_err(Problem::internal)?;
        return Ok(None);
    }
    for candidate in candidates {
        let fits = passwords
            .verify(given.clone(), Some(candidate.password_hash))
            .await
            .map_err(Problem::internal)?;
        if fits {
            return Ok(Some(candidate.user));
        }
    }
    Ok(None)
}

fn wrong() -> Problem {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        "wrong-credentials",
        "address or password is wrong",
    )
    .remedy("check both; capital letters count in the password")
}

/// Who is signed in.
#[utoipa::path(get, path = "/session", tag = "session", responses((status = 200, body = Session)))]
async fn get_session(principal: Principal) -> Json<Session> {
    Json(principal.into())
}

/// Sign out. Ends the session and removes the cookie.
#[utoipa::path(delete, path = "/session", tag = "session", responses((status = 204, description = "signed out")))]
async fn sign_out(principal: Principal, State(state): State<AppState>) -> ApiResult<Response> {
    if let Some(session_hash) = &principal.session_hash {
        store::sessions::end(&state.store, principal.account, session_hash).await?;
    }
    with_cookie(
        StatusCode::NO_CONTENT.into_response(),
        cookie::clear(&state.config),
    )
}

fn with_cookie(
    mut response: Response,
    cookie: Option<axum::http::HeaderValue>,
) -> ApiResult<Response> {
    let cookie = cookie.ok_or_else(|| Problem::internal("the session cookie cannot be written"))?;
    response.headers_mut().insert(SET_COOKIE, cookie);
    Ok(response)
}
