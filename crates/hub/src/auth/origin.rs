//! A change asked for by cookie must come from a page of this hub.
//!
//! Browsers send `Origin` with every request that can change something; scripts of other sites cannot forge it. The own
//! origin is the public address, or, where none is configured, what the `Host` header says.

use crate::error::Problem;
use crate::state::AppState;
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, StatusCode};
use url::Url;

/// Refuses with 403 unless `Origin` is there and is the hub's own.
pub fn require_own(headers: &HeaderMap, state: &AppState) -> Result<(), Problem> {
    let given = headers.get(ORIGIN).and_then(|origin| origin.to_str().ok());
    match given {
        Some(origin) if is_own(origin, headers, state) => Ok(()),
        _ => Err(refused()),
    }
}

/// Refuses with 403 when `Origin` is there and is not the hub's own.
pub fn refuse_foreign(headers: &HeaderMap, state: &AppState) -> Result<(), Problem> {
    if headers.contains_key(ORIGIN) {
        require_own(headers, state)
    } else {
        Ok(())
    }
}

/// The hub's own address as the reader writes it: the public one, or what the `Host` header says.
pub fn own(headers: &HeaderMap, state: &AppState) -> Option<Url> {
    match &state.config.public_url {
        Some(url) => Some(url.clone()),
        None => {
            let scheme = if state.config.is_public_https() {
                "https"
            } else {
                "http"
            };
            let host = headers.get(HOST).and_then(|host| host.to_str().ok());
            host.and_then(|host| Url::parse(&format!("{scheme}://{host}")).ok())
        }
    }
}

fn is_own(origin: &str, headers: &HeaderMap, state: &AppState) -> bool {
    let Ok(origin) = Url::parse(origin) else {
        return false;
    };
    own(headers, state)
        .is_some_and(|own| own.origin().is_tuple() && own.origin() == origin.origin())
}

fn refused() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "origin-refused",
        "the request comes from another site",
    )
    .detail("a change by session cookie must carry the `Origin` of the hub itself")
    .remedy("open the hub under its public address, or use an access token")
}
