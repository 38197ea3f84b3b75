//! Pairing: the Link shows a PIN and its key words, a person enters the PIN at the Hub.
//!
//! A PIN is valid for five minutes; a new one is asked for as long as nobody enters it. The Link's token
//! is its own invention; only its hash travels.

use crate::backoff::Backoff;
use crate::hub_client::{HubAddress, HubClient, HubError};
use crate::identity::{Identity, Pairing, random_secret};
use crate::status_file::{Activity, StatusFile};
use floorwire_protocol::encoding::sha256_hex;
use floorwire_protocol::messages::{
    LinkDescription, PairingCreated, PairingRequest, PairingStatus,
};
use secrecy::ExposeSecret;

/// Why pairing ended without success.
#[derive(Debug, thiserror::Error)]
pub enum PairingError {
    /// The Hub refused for good, e.g. an unknown code.
    #[error("{0}; check the hub's address and the integration's code")]
    Refused(#[from] HubError),
    /// No randomness.
    #[error("the operating system gave no randomness: {0}")]
    Randomness(#[from] getrandom::Error),
}

/// Shows PINs until one is entered. `announce` is called with each.
pub async fn pair(
    identity: &Identity,
    hub: &HubAddress,
    integration_code: &str,
    link: &LinkDescription,
    status: &StatusFile,
    announce: impl Fn(&PairingCreated),
) -> Result<Pairing, PairingError> {
    let mut backoff = Backoff::for_hub();
    loop {
        let secret = random_secret()?;
        let client = HubClient::new(hub.clone())?;
        let request = PairingRequest {
            integration_code: integration_code.to_owned(),
            link: link.clone(),
            public_key: identity.key.public_base64(),
            token_sha256: identity.token_sha256(),
            pairing_secret_sha256: sha256_hex(secret.expose_secret().as_bytes()),
        };
        let created = match client.create_pairing(&request).await {
            Ok(created) => created,
            Err(error) if error.is_passing() => {
                tracing::warn!(%error, "cannot ask for a PIN yet");
                backoff.wait().await;
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        backoff.reset();
        status.change(|status| {
            status.integration.clone_from(&created.integration_name);
            status.activity = Activity::WaitingForPin {
                pin: created.pin.clone(),
                expires_utc_ms: created.expires_utc_ms,
            };
        });
        announce(&created);
        let client = client.with_bearer(secret);
        if let Some((token_prefix, integration_name)) = wait(&client, &created.pairing_id).await? {
            return Ok(Pairing {
                hub: hub.clone(),
                token_prefix,
                integration_name,
            });
        }
    }
}

/// Waits until the PIN is entered; `None` when it became void.
async fn wait(
    client: &HubClient,
    pairing_id: &str,
) -> Result<Option<(String, String)>, PairingError> {
    let mut backoff = Backoff::for_hub();
    loop {
        match client.pairing(pairing_id).await {
            Ok(PairingStatus::Paired {
                token_prefix,
                integration_name,
            }) => {
                return Ok(Some((token_prefix, integration_name)));
            }
            Ok(PairingStatus::Void) => return Ok(None),
            Ok(PairingStatus::Waiting) => backoff.reset(),
            Err(error) if error.is_passing() => {
                tracing::warn!(%error, "lost the hub while waiting for the PIN");
                backoff.wait().await;
            }
            Err(HubError::Refused { status: 404, .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        }
    }
}
