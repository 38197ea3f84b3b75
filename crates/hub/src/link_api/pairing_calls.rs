//! `POST /pairings` and `GET /pairings/{id}`: the calls of a Link that is not paired yet.
//!
//! Anybody may call the first, so it is limited: per address ([`PER_ADDRESS`] in ten minutes), and [`MOST_WAITING`]
//! pairings per integration; and it needs the integration's code.

use super::pairing::{PIN_VALID_MS, is_over, pin_hash};
use super::{bearer, not_paired, poll_end, same, token_prefix, wait as wait_for};
use crate::api::extract::Body;
use crate::bus::Hint;
use crate::error::{ApiResult, Problem};
use crate::server::ClientAddress;
use crate::state::AppState;
use crate::store::pairings::{self, Pairing};
use crate::store::{StoreError, integrations};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use floorwire_model::ids::{AccountId, IntegrationId, LinkId};
use floorwire_protocol::encoding::sha256_hex;
use floorwire_protocol::messages::{PairingCreated, PairingRequest, PairingStatus};
use floorwire_protocol::words::key_words;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

const PER_ADDRESS: u32 = 30;
const WINDOW: Duration = Duration::from_secs(600);
const MOST_ADDRESSES: usize = 10_000;
const MOST_WAITING: usize = 5;
const LONGEST_TEXT: usize = 200;
const MOST_NAMES: usize = 200;

/// `POST /link/v1/pairings`
pub async fn create(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    Body(request): Body<PairingRequest>,
) -> ApiResult<(StatusCode, Json<PairingCreated>)> {
    limit(address)?;
    check(&request)?;
    let found = integrations::by_code(&state.store, &request.integration_code).await?;
    let Some((account, integration)) = found else {
        return Err(Problem::new(
            StatusCode::NOT_FOUND,
            "unknown-integration-code",
            "unknown integration code",
        )
        .detail("no integration has this code")
        .remedy("copy the code from the page of the integration"));
    };
    let now = state.clock.now_utc_ms();
    let mut transaction = state.store.begin().await?;
    let waiting = pairings::waiting(&mut transaction, account, integration.id, now).await?;
    if waiting.len() >= MOST_WAITING {
        return Err(too_many(PIN_VALID_MS.unsigned_abs() / 1000));
    }
    let pairing_id = format!("{account}-{}", hex::encode(random::<16>()?));
    let mut pin = new_pin()?;
    while waiting
        .iter()
        .any(|other| other.pin_sha256 == pin_hash(&other.pairing_id, &pin))
    {
        pin = new_pin()?;
    }
    let pairing = Pairing {
        pin_sha256: pin_hash(&pairing_id, &pin),
        pairing_id: pairing_id.clone(),
        integration_id: integration.id.0,
        pairing_secret_sha256: request.pairing_secret_sha256,
        token_sha256: request.token_sha256,
        public_key: request.public_key,
        description: serde_json::to_string(&request.link).map_err(Problem::internal)?,
        state: "waiting".to_owned(),
        wrong_tries: 0,
        link_id: None,
        expires_utc_ms: now + PIN_VALID_MS,
    };
    pairings::insert(&mut transaction, account, &pairing, now, now - PIN_VALID_MS).await?;
    transaction.commit().await?;
    tracing::info!(
        account = account.0,
        integration = integration.id.0,
        "a Link waits for its PIN"
    );
    let expires_utc_ms = pairing.expires_utc_ms;
    let created = PairingCreated {
        pairing_id,
        pin,
        expires_utc_ms,
        integration_name: integration.name,
    };
    Ok((StatusCode::CREATED, Json(created)))
}

/// `GET /link/v1/pairings/{id}`
pub async fn wait(
    State(state): State<AppState>,
    Path(pairing_id): Path<String>,
    parts: Parts,
) -> ApiResult<Json<PairingStatus>> {
    let secret = bearer(&parts).ok_or_else(not_paired)?;
    let account = pairing_id
        .split_once('-')
        .and_then(|(account, _)| account.parse().ok())
        .map(AccountId);
    let account = account.ok_or_else(|| Problem::not_found("the pairing"))?;
    let mut waiter = state
        .bus
        .waiter(move |hint| matches!(hint, Hint::Pairing(of, _) if of == account));
    let end = poll_end();
    loop {
        let found = pairings::get(&state.store, account, &pairing_id).await?;
        let pairing = found.ok_or_else(|| Problem::not_found("the pairing"))?;
        if !same(
            &pairing.pairing_secret_sha256,
            &sha256_hex(secret.as_bytes()),
        ) {
            return Err(not_paired());
        }
        let now = state.clock.now_utc_ms();
        if is_over(&pairing, now) {
            return Ok(Json(PairingStatus::Void));
        }
        if let Some(link) = pairing.link_id {
            let integration = IntegrationId(pairing.integration_id);
            let integration = integrations::get(&state.store, account, integration).await?;
            return Ok(Json(integration.map_or(
                PairingStatus::Void,
                |integration| PairingStatus::Paired {
                    token_prefix: token_prefix(account, LinkId(link)),
                    integration_name: integration.name,
                },
            )));
        }
        let left = Duration::from_millis((pairing.expires_utc_ms - now).max(0).unsigned_abs());
        let until = end.min(tokio::time::Instant::now() + left);
        if !wait_for(&state, &mut waiter, until).await
            && (until == end || state.shutdown.is_cancelled())
        {
            return Ok(Json(PairingStatus::Waiting));
        }
    }
}

fn check(request: &PairingRequest) -> ApiResult<()> {
    let is_hash = |text: &str| {
        text.len() == 64
            && text
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    if !is_hash(&request.token_sha256) || !is_hash(&request.pairing_secret_sha256) {
        return Err(Problem::invalid(
            "invalid-hash",
            "hashes are 64 lower-case hexadecimal digits",
        ));
    }
    if let Err(error) = key_words(&request.public_key) {
        return Err(Problem::invalid("invalid-public-key", error.to_string()));
    }
    let link = &request.link;
    let names = || link.drivers.iter().chain(&link.data_sources);
    let short = [
        &link.name,
        &link.version,
        &link.host,
        &link.operating_system,
    ]
    .into_iter()
    .chain(names());
    if short.into_iter().any(|text| text.len() > LONGEST_TEXT) || names().count() > MOST_NAMES {
        return Err(Problem::invalid(
            "invalid-description",
            "the Link's description of itself is too long",
        ));
    }
    Ok(())
}

fn random<const LENGTH: usize>() -> Result<[u8; LENGTH], StoreError> {
    let mut bytes = [0; LENGTH];
    getrandom::fill(&mut bytes)
        .map_err(|error| StoreError::unreadable("the system's random numbers", error))?;
    Ok(bytes)
}

/// Six digits, each equally likely: values beyond the last whole million are drawn again.
fn new_pin() -> Result<String, StoreError> {
    const MILLION: u32 = 1_000_000;
    loop {
        let drawn = u32::from_le_bytes(random::<4>()?);
        if drawn < u32::MAX - u32::MAX % MILLION {
            return Ok(format!("{:06}", drawn % MILLION));
        }
    }
}

fn too_many(retry_after_s: u64) -> Problem {
    Problem::new(
        StatusCode::TOO_MANY_REQUESTS,
        "too-many-attempts",
        "too many pairings were asked for",
    )
    .detail("PINs are handed out slowly, so that nobody can try many")
    .remedy("wait, or enter the PIN that the Link shows")
    .retry_after(retry_after_s)
}

static ASKED: LazyLock<Mutex<HashMap<IpAddr, (Instant, u32)>>> = LazyLock::new(Mutex::default);

/// Counts a call of an address; the counts are this process's and bounded.
fn limit(address: IpAddr) -> ApiResult<()> {
    let now = Instant::now();
    let mut asked = ASKED.lock().unwrap_or_else(PoisonError::into_inner);
    if asked.len() >= MOST_ADDRESSES {
        asked.retain(|_, (since, _)| now.saturating_duration_since(*since) < WINDOW);
    }
    if asked.len() >= MOST_ADDRESSES {
        return Err(too_many(60));
    }
    let (since, count) = asked.entry(address).or_insert((now, 0));
    let age = now.saturating_duration_since(*since);
    if age >= WINDOW {
        (*since, *count) = (now, 0);
    }
    if *count >= PER_ADDRESS {
        return Err(too_many(WINDOW.saturating_sub(age).as_secs() + 1));
    }
    *count += 1;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pins_have_six_digits() {
        for _ in 0..100 {
            let pin = new_pin().unwrap();
            assert!(
                pin.len() == 6 && pin.bytes().all(|byte| byte.is_ascii_digit()),
                "{pin}"
            );
        }
    }

    #[test]
    fn an_address_is_limited() {
        let address = IpAddr::from([203, 0, 113, 7]);
        for _ in 0..PER_ADDRESS {
            limit(address).unwrap();
        }
        assert_eq!(
            limit(address).unwrap_err().status(),
            StatusCode::TOO_MANY_REQUESTS
        );
        limit(IpAddr::from([203, 0, 113, 8])).unwrap();
    }
}
