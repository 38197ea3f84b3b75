//! Pairing: a Link shows a PIN, a person enters it at the hub, and the Link serves the integration from then on.
//!
//! The hub makes the PIN (six digits, five minutes, five wrong tries) and keeps only hashes: of the PIN, of the secret
//! with which the Link asks, of the token it will use. A paired Link replaces the one before. When its key differs, the
//! sealed part of the connection string is dropped, since only the old Link could read it: it has to be entered again.

use crate::audit::Logged;
use crate::bus::Hint;
use crate::error::Problem;
use crate::state::AppState;
use crate::store::links::{Link, NewLink};
use crate::store::pairings::Pairing;
use crate::store::{
    StoreError, StoreResult, Transaction, audit, integrations, links, pairings, status,
};
use axum::http::StatusCode;
use floorwire_model::ids::{AccountId, IntegrationId};
use floorwire_protocol::encoding::sha256_hex;

/// How long a PIN works, milliseconds.
pub const PIN_VALID_MS: i64 = 5 * 60 * 1000;
/// Wrong PINs after which a pairing is void.
pub const WRONG_TRIES: i64 = 5;

/// Why a PIN was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum ConfirmError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No Link waits for a PIN, or its PIN is too old or was entered wrongly too often.
    #[error(
        "no Link waits for its PIN; start the Link and enter the PIN it shows within five minutes"
    )]
    NoneWaiting,
    /// Not the PIN of a Link that waits.
    #[error(
        "this is not the PIN that the Link shows; after {left} more wrong tries it shows a new one"
    )]
    WrongPin {
        /// Tries that are left.
        left: i64,
    },
    /// The integration is gone.
    #[error("the integration does not exist any more")]
    NoIntegration,
}

impl From<ConfirmError> for Problem {
    fn from(error: ConfirmError) -> Self {
        match error {
            ConfirmError::Store(error) => Self::from(error),
            ConfirmError::NoneWaiting => Self::invalid("no-link-waiting", error.to_string()),
            ConfirmError::WrongPin { .. } => Self::invalid("wrong-pin", error.to_string()),
            ConfirmError::NoIntegration => {
                Self::new(StatusCode::NOT_FOUND, "not-found", "not found")
            }
        }
    }
}

/// What is stored of a PIN.
pub(super) fn pin_hash(pairing_id: &str, pin: &str) -> String {
    sha256_hex(format!("{pairing_id}:{pin}").as_bytes())
}

/// A person entered a PIN: the Link that shows it serves the integration from now on.
pub async fn confirm(
    state: &AppState,
    account: AccountId,
    integration: IntegrationId,
    pin: &str,
) -> Result<Link, ConfirmError> {
    confirm_logged(state, account, integration, pin, None).await
}

/// As [`confirm`]; with what the access log says of it.
pub async fn confirm_logged(
    state: &AppState,
    account: AccountId,
    integration: IntegrationId,
    pin: &str,
    log: Option<&Logged>,
) -> Result<Link, ConfirmError> {
    let now = state.clock.now_utc_ms();
    let mut transaction = state.store.begin().await?;
    let found = integrations::get_locked(&mut transaction, account, integration).await?;
    let before = found.ok_or(ConfirmError::NoIntegration)?;
    let waiting = pairings::waiting(&mut transaction, account, integration, now).await?;
    let pin = pin.trim();
    let matching = waiting
        .iter()
        .find(|pairing| super::same(&pairing.pin_sha256, &pin_hash(&pairing.pairing_id, pin)));
    let Some(pairing) = matching else {
        let Some(tries) = waiting.iter().map(|pairing| pairing.wrong_tries).max() else {
            return Err(ConfirmError::NoneWaiting);
        };
        pairings::count_wrong(&mut transaction, account, integration, WRONG_TRIES, now).await?;
        transaction.commit().await?;
        state.bus.publish(Hint::Pairing(account, integration));
        return Err(ConfirmError::WrongPin {
            left: (WRONG_TRIES - tries - 1).max(0),
        });
    };
    let old_key = active_key(&mut transaction, account, integration).await?;
    let new = NewLink {
        integration,
        token_sha256: &pairing.token_sha256,
        public_key: &pairing.public_key,
        description_json: &pairing.description,
    };
    let id = links::replace(&mut transaction, account, &new, now).await?;
    pairings::set_paired(&mut transaction, account, pairing, id).await?;
    let mut configuration = before.configuration;
    let another_key = old_key.as_deref() != Some(pairing.public_key.as_str());
    if let Some(connection) = configuration.connection.as_mut().filter(|_| another_key) {
        connection.sealed = None;
    }
    integrations::set_configuration(&mut transaction, account, integration, &configuration, now)
        .await?;
    status::clear_problems(&mut transaction, account, integration).await?;
    if let Some((actor, event)) = log {
        audit::record(&mut transaction, account, actor, event, now).await?;
    }
    transaction.commit().await?;
    tracing::info!(
        account = account.0,
        integration = integration.0,
        link = id.0,
        "a Link was paired"
    );
    for hint in [Hint::Pairing, Hint::Desired, Hint::Plan, Hint::Integration] {
        state.bus.publish(hint(account, integration));
    }
    links::by_id(&state.store, account, id)
        .await?
        .ok_or(ConfirmError::NoneWaiting)
}

async fn active_key(
    transaction: &mut Transaction,
    account: AccountId,
    integration: IntegrationId,
) -> StoreResult<Option<String>> {
    Ok(links::active_locked(transaction, account, integration)
        .await?
        .map(|link| link.public_key))
}

/// A pairing's state for the Link that asks.
pub(super) fn is_over(pairing: &Pairing, now_utc_ms: i64) -> bool {
    pairing.state == "void" || (pairing.state == "waiting" && pairing.expires_utc_ms <= now_utc_ms)
}
