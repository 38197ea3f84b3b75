//! `/session`: sign in, who am I, sign out.
//!
//! A wrong password, an unknown address and an address in another account answer alike, after the same work. When an
//! address has users in several accounts, the first account whose password fits is signed in.

use super::extract::Body;
use crate::audit::{Action, Actor, Event, Object};
use crate::auth::role::{Capabilities, Role, Scope};
use crate::auth::{Principal, cookie, origin, password, token};
use crate::error::{ApiResult, Problem};
use crate::server::ClientAddress;
use crate::state::AppState;
use crate::store::Transaction;
use crate::store::sessions::LIFETIME_MS;
use crate::store::users::User;
use crate::{metrics, store};
use axum::Json;
use axum::extract::State;
use axum::http::header::{SET_COOKIE, USER_AGENT};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use std::time::Instant;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// How much is kept of what a browser says of itself, characters.
const LONGEST_BROWSER: usize = 300;

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
    if !store::users::is_email(&email) || request.password.len() > password::LONGEST {
        return Err(wrong());
    }
    if let Err(throttled) = state.auth.throttle.begin(&email, address, Instant::now()) {
        ::metrics::counter!(metrics::SIGN_INS, "outcome" => "throttled").increment(1);
        return Err(Problem::too_many_attempts(throttled.retry_after_s));
    }
    let (found, candidates) = user_with_password(&state, &email, request.password).await?;
    let Some(user) = found else {
        ::metrics::counter!(metrics::SIGN_INS, "outcome" => "wrong").increment(1);
        log_refused(&state, candidates, address);
        return Err(wrong());
    };
    state.auth.throttle.succeeded(&email, address);
    ::metrics::counter!(metrics::SIGN_INS, "outcome" => "ok").increment(1);
    let mut transaction = state.store.begin().await?;
    let begun = begin(
        &mut transaction,
        &state,
        &headers,
        &user,
        address,
        "session",
    )
    .await?;
    transaction.commit().await?;
    begun.answer(&state, user, address)
}

/// A session that begins with the transaction.
pub(super) struct Begun(String);

/// Begins a session of a user and writes it into the access log.
pub(super) async fn begin(
    transaction: &mut Transaction,
    state: &AppState,
    headers: &HeaderMap,
    user: &User,
    address: IpAddr,
    via: &'static str,
) -> ApiResult<Begun> {
    let session_token = token::generate(token::SESSION, user.account).map_err(Problem::internal)?;
    let now = state.clock.now_utc_ms();
    let browser = headers
        .get(USER_AGENT)
        .and_then(|value| value.to_str().ok());
    let origin = store::sessions::Origin {
        address: address.to_string(),
        browser: browser
            .unwrap_or_default()
            .chars()
            .take(LONGEST_BROWSER)
            .collect(),
    };
    let token_hash = token::hash(&session_token);
    store::sessions::begin(transaction, user, &token_hash, &origin, now).await?;
    let actor = Actor::user(user, via, address);
    let event = Event::new(Action::SignedIn, Object::user(user));
    store::audit::record(transaction, user.account, &actor, &event, now).await?;
    Ok(Begun(session_token))
}

impl Begun {
    /// Who is signed in, with the cookie. After the commit.
    pub(super) fn answer(
        self,
        state: &AppState,
        user: User,
        address: IpAddr,
    ) -> ApiResult<Response> {
        tracing::info!(account = %user.account, user = user.user_id, "signed in");
        let body = Json(Session::from(Principal::of(
            user,
            Scope::All,
            None,
            address,
        )));
        with_cookie(
            body.into_response(),
            cookie::set(&self.0, LIFETIME_MS / 1000, &state.config),
        )
    }
}

/// Writes a wrong password into the access log of the accounts that have such a user, after the answer: how long it takes
/// must not tell whether there is one.
fn log_refused(state: &AppState, users: Vec<User>, address: IpAddr) {
    let background = state.clone();
    state.shutdown.spawn(async move {
        for user in users {
            let actor = Actor {
                user_id: None,
                ..Actor::user(&user, "none", address)
            };
            let event = Event::new(Action::SignInFailed, Object::user(&user));
            let now = background.clock.now_utc_ms();
            let written =
                store::audit::record_alone(&background.store, user.account, &actor, &event, now);
            if let Err(error) = written.await {
                tracing::warn!(account = %user.account, %error, "a wrong password is not in the access log");
            }
        }
    });
}

async fn user_with_password(
    state: &AppState,
    email: &str,
    given: String,
) -> ApiResult<(Option<User>, Vec<User>)> {
    let candidates = store::users::candidates(&state.store, email).await?;
    let passwords = &state.auth.passwords;
    if candidates.is_empty() {
        passwords
            .verify(given, None)
            .await
            .map_err(Problem::internal)?;
        return Ok((None, Vec::new()));
    }
    let mut refused = Vec::new();
    for candidate in candidates {
        let fits = passwords
            .verify(given.clone(), Some(candidate.password_hash))
            .await
            .map_err(Problem::internal)?;
        if fits {
            return Ok((Some(candidate.user), Vec::new()));
        }
        refused.push(candidate.user);
    }
    Ok((None, refused))
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
        let (account, now) = (principal.account, state.clock.now_utc_ms());
        let user = Object::new("user", principal.user_id, principal.email.as_str());
        let event = Event::new(Action::SignedOut, user);
        let mut transaction = state.store.begin().await?;
        store::sessions::end(&mut transaction, account, session_hash).await?;
        store::audit::record(&mut transaction, account, &principal.actor(), &event, now).await?;
        transaction.commit().await?;
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
