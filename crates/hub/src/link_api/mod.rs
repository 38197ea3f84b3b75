//! What Links call, under `/link/v1`: see `floorwire_protocol::messages` for the table of calls.
//!
//! Every call names its protocol version; a version this hub does not speak is refused (400, `unsupported-protocol`). A
//! Link authenticates with `Authorization: Bearer fwl_<account>_<link>_<token>`; the hub knows only the token's hash. A
//! revoked Link gets 401 (`link-not-paired`) and has to be paired again.
//!
//! Long polls subscribe to the bus first, then look, then wait; they end after [`LONG_POLL_SECONDS`], on a hint, or when
//! the hub ends.

mod lease;
mod live;
pub mod pairing;
mod pairing_calls;
mod sync;
mod upload;

use crate::bus::{Hint, Waiter};
use crate::error::Problem;
use crate::state::AppState;
use crate::store::links::{self, Link};
use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{get, post, put};
use floorwire_model::ids::{AccountId, LinkId};
use floorwire_protocol::encoding::sha256_hex;
use floorwire_protocol::live::MAX_LIVE_BYTES;
use floorwire_protocol::messages::{LONG_POLL_SECONDS, MAX_PART_BYTES, VERSION, VERSION_HEADER};
use std::time::Duration;
use subtle::ConstantTimeEq;
use tokio::time::Instant;

/// The endpoints, to be nested under `/link/v1`.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/pairings", post(pairing_calls::create))
        .route("/pairings/{id}", get(pairing_calls::wait))
        .route("/sync", post(sync::sync))
        .route("/tasks/lease", post(lease::lease))
        .route(
            "/tasks/{id}/attempts/{attempt}/parts/{part}",
            put(upload::put_part).layer(DefaultBodyLimit::max(MAX_PART_BYTES)),
        )
        .route(
            "/tasks/{id}/attempts/{attempt}/complete",
            post(upload::complete),
        )
        .route("/tasks/{id}/attempts/{attempt}/fail", post(upload::fail))
        .route(
            "/live",
            post(live::live).layer(DefaultBodyLimit::max(MAX_LIVE_BYTES)),
        )
        .layer(middleware::from_fn(speaks_our_protocol))
}

async fn speaks_our_protocol(request: Request, next: Next) -> Result<Response, Problem> {
    let said = request
        .headers()
        .get(VERSION_HEADER)
        .and_then(|value| value.to_str().ok());
    if said.and_then(|text| text.parse::<u16>().ok()) == Some(VERSION) {
        return Ok(next.run(request).await);
    }
    Err(Problem::new(
        StatusCode::BAD_REQUEST,
        "unsupported-protocol",
        "protocol version not supported",
    )
    .detail(format!(
        "this hub speaks version {VERSION} of the Link protocol, the call is of another"
    ))
    .remedy("install the version of Link that the hub offers"))
}

/// The Link that calls.
#[derive(Debug)]
struct Caller {
    account: AccountId,
    link: Link,
}

fn not_paired() -> Problem {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        "link-not-paired",
        "this Link is not paired",
    )
    .detail("the Link's token is not known, or another Link serves the integration now")
    .remedy("pair it again with the code of the integration")
}

fn bearer(parts: &Parts) -> Option<&str> {
    parts
        .headers
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?
        .strip_prefix("Bearer ")
}

/// Compares hashes without telling by the time how much of them agrees.
fn same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

impl FromRequestParts<AppState> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let (account, id, token) = bearer(parts).and_then(read_bearer).ok_or_else(not_paired)?;
        let link = links::by_id(&state.store, account, id)
            .await?
            .ok_or_else(not_paired)?;
        if !same(&link.token_sha256, &sha256_hex(token.as_bytes())) {
            return Err(not_paired());
        }
        Ok(Self { account, link })
    }
}

fn token_prefix(account: AccountId, link: LinkId) -> String {
    format!("fwl_{account}_{link}_")
}

fn read_bearer(text: &str) -> Option<(AccountId, LinkId, &str)> {
    let mut parts = text.strip_prefix("fwl_")?.splitn(3, '_');
    let account = parts.next()?.parse().ok()?;
    let link = parts.next()?.parse().ok()?;
    Some((AccountId(account), LinkId(link), parts.next()?))
}

/// The end of a long poll that begins now.
fn poll_end() -> Instant {
    Instant::now() + Duration::from_secs(LONG_POLL_SECONDS)
}

/// Waits for a hint, until `until`, or until the hub ends. False when it is time to answer.
async fn wait<F: Fn(Hint) -> bool>(
    state: &AppState,
    waiter: &mut Waiter<F>,
    until: Instant,
) -> bool {
    tokio::select! {
        () = waiter.changed() => true,
        () = tokio::time::sleep_until(until) => false,
        () = state.shutdown.cancelled() => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bearers_name_account_and_link() {
        let prefix = token_prefix(AccountId(3), LinkId(14));
        let bearer = format!("{prefix}to_ken");
        assert_eq!(
            read_bearer(&bearer),
            Some((AccountId(3), LinkId(14), "to_ken"))
        );
        assert_eq!(read_bearer("fwl_3_x_token"), None);
        assert_eq!(read_bearer("fwp_3_14_token"), None);
    }
}
