//! Who asks, and what they may do.
//!
//! A request is either signed in by the session cookie (browsers) or by a personal access token (`Authorization:
//! Bearer fwp_...`). Both are random 256-bit tokens with the account id in front, so that every look-up begins with
//! the account; the database keeps their SHA-256 only. Cookie requests that change something must come from the hub's
//! own origin ([`origin`]). What somebody may do follows from the role, for a token cut down by its scope.
//!
//! Handlers take [`ViewsQueues`], [`ViewsAgents`] or another of the types below as their first argument; an endpoint without
//! one of them, or without [`Principal`], is open to the world. What every operation needs stands in [`table`], and a test
//! walks all operations and holds the handlers to it.

pub mod cookie;
pub mod origin;
pub mod password;
pub mod role;
pub mod table;
pub mod throttle;
pub mod token;

use crate::audit::Actor;
use crate::error::Problem;
use crate::server::ClientAddress;
use crate::state::AppState;
use crate::store;
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use floorwire_model::ids::AccountId;
use role::{Capabilities, Right, Role, Scope};
use std::net::IpAddr;

/// Shared by all requests: password work and the throttle of sign-in attempts.
#[derive(Debug)]
pub struct Auth {
    /// Argon2 with a bound on how many run at once.
    pub passwords: password::Passwords,
    /// Counts failed attempts.
    pub throttle: throttle::Throttle,
}

impl Auth {
    /// Prepares password checking; computes one hash.
    pub async fn new() -> Result<Self, password::PasswordError> {
        Ok(Self {
            passwords: password::Passwords::new().await?,
            throttle: throttle::Throttle::default(),
        })
    }
}

/// A signed-in user.
#[derive(Clone, Debug)]
pub struct Principal {
    /// The account everything is looked up in.
    pub account: AccountId,
    /// The account's name.
    pub account_name: String,
    /// The user, unique within the account.
    pub user_id: i64,
    /// The user's address, lower case.
    pub email: String,
    /// The role.
    pub role: Role,
    /// What role and scope allow.
    pub capabilities: Capabilities,
    /// SHA-256 of the session token when the request came by cookie.
    pub session_hash: Option<String>,
    /// The client's address.
    pub address: IpAddr,
}

impl Principal {
    /// Fails with 403 when the right is missing.
    pub fn need(&self, right: Right) -> Result<(), Problem> {
        if self.capabilities.has(right) {
            Ok(())
        } else {
            Err(Problem::not_allowed(right.name()))
        }
    }

    /// From the user behind a session or token.
    pub fn of(
        user: store::users::User,
        scope: Scope,
        session_hash: Option<String>,
        address: IpAddr,
    ) -> Self {
        Self {
            address,
            account: user.account,
            account_name: user.account_name,
            user_id: user.user_id,
            email: user.email,
            role: user.role,
            capabilities: Capabilities::of(user.role, scope),
            session_hash,
        }
    }

    /// As the access log names them.
    pub fn actor(&self) -> Actor {
        let via = match self.session_hash {
            Some(_) => "session",
            None => "token",
        };
        Actor {
            user_id: Some(self.user_id),
            name: self.email.clone(),
            via,
            address: self.address.to_string(),
        }
    }
}

impl FromRequestParts<AppState> for Principal {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let now = state.clock.now_utc_ms();
        let Ok(ClientAddress(address)) = ClientAddress::from_request_parts(parts, state).await;
        if let Some(header) = parts.headers.get(AUTHORIZATION) {
            let presented = header
                .to_str()
                .ok()
                .and_then(bearer)
                .ok_or_else(Problem::not_signed_in)?;
            let account =
                token::account_of(token::ACCESS, presented).ok_or_else(Problem::not_signed_in)?;
            let found =
                store::tokens::user_of(&state.store, account, &token::hash(presented), now).await?;
            let (user, scope) = found.ok_or_else(Problem::not_signed_in)?;
            return Ok(Self::of(user, scope, None, address));
        }
        let presented = cookie::session_token(&parts.headers, &state.config)
            .ok_or_else(Problem::not_signed_in)?;
        let account =
            token::account_of(token::SESSION, &presented).ok_or_else(Problem::not_signed_in)?;
        let session_hash = token::hash(&presented);
        let user = store::sessions::user_of(&state.store, account, &session_hash, now)
            .await?
            .ok_or_else(Problem::not_signed_in)?;
        if !parts.method.is_safe() {
            origin::require_own(&parts.headers, state)?;
        }
        Ok(Self::of(user, Scope::All, Some(session_hash), address))
    }
}

fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Somebody signed in by a browser. An access token does not do: it must not reach what outlives it, such as passwords,
/// sessions and other tokens.
#[derive(Clone, Debug)]
pub struct InSession {
    /// Who.
    pub principal: Principal,
    /// SHA-256 of the session's token.
    pub session_hash: String,
}

impl FromRequestParts<AppState> for InSession {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let principal = Principal::from_request_parts(parts, state).await?;
        let session_hash = principal.session_hash.clone().ok_or_else(|| {
            Problem::new(
                StatusCode::FORBIDDEN,
                "session-needed",
                "not with an access token",
            )
            .detail("passwords, sessions and access tokens are for somebody who signed in")
            .remedy("sign in with address and password")
        })?;
        Ok(Self {
            principal,
            session_hash,
        })
    }
}

macro_rules! principals_with {
    ($($(#[$doc:meta])+ $name:ident needs $right:expr),+ $(,)?) => {$(
        $(#[$doc])+
        #[derive(Clone, Debug)]
        pub struct $name(pub Principal);

        impl FromRequestParts<AppState> for $name {
            type Rejection = Problem;

            async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
                let principal = Principal::from_request_parts(parts, state).await?;
                principal.need($right)?;
                Ok(Self(principal))
            }
        }
    )+};
}

principals_with! {
    /// Somebody who may read queues and their figures.
    ViewsQueues needs Right::ViewQueues,
    /// Somebody who may read what single agents did.
    ViewsAgents needs Right::ViewAgents,
    /// Somebody who may see integrations and how complete their data is.
    ViewsIntegrations needs Right::ViewIntegrations,
    /// Somebody who may set integrations up.
    ManagesIntegrations needs Right::ManageIntegrations,
    /// Somebody who looks after the users of the account.
    ManagesUsers needs Right::ManageUsers,
    /// Somebody who may read the access log.
    ViewsAudit needs Right::ViewAudit,
}
