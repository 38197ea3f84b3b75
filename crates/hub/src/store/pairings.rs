//! Pairings: a Link that asked for a PIN and waits for a person to enter it.

use super::{Store, StoreResult, Transaction};
use crate::{change, in_tx, on_pool};
use floorwire_model::ids::{AccountId, IntegrationId, LinkId};

/// One pairing as stored. The PIN and the secret are kept as hashes only.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Pairing {
    /// Starts with the account's number.
    pub pairing_id: String,
    /// What the Link wants to serve.
    pub integration_id: i64,
    /// SHA-256 over pairing id and PIN, lower-case hexadecimal.
    pub pin_sha256: String,
    /// SHA-256 of the secret with which the Link asks.
    pub pairing_secret_sha256: String,
    /// SHA-256 of the token the Link will use.
    pub token_sha256: String,
    /// The Link's public key, base64.
    pub public_key: String,
    /// What the Link says of itself, JSON.
    pub description: String,
    /// `waiting`, `paired` or `void`.
    pub state: String,
    /// Wrong PINs so far.
    pub wrong_tries: i64,
    /// The Link made of it.
    pub link_id: Option<i64>,
    /// When the PIN stops working.
    pub expires_utc_ms: i64,
}

macro_rules! columns {
    ($rest:literal) => {
        concat!(
            "SELECT pairing_id, integration_id, pin_sha256, pairing_secret_sha256, token_sha256, public_key,
                description, state, wrong_tries, link_id, expires_utc_ms FROM pairings ",
            $rest
        )
    };
}

const GET: &str = columns!("WHERE account_id = $1 AND pairing_id = $2");
const WAITING: &str = columns!(
    "WHERE account_id = $1 AND integration_id = $2 AND state = 'waiting' AND expires_utc_ms > $3
    ORDER BY expires_utc_ms DESC"
);
const INSERT: &str = "INSERT INTO pairings (account_id, pairing_id, integration_id, pin_sha256, pairing_secret_sha256,
        token_sha256, public_key, description, state, wrong_tries, created_utc_ms, expires_utc_ms)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'waiting', 0, $9, $10)";
const FORGET_OLD: &str =
    "DELETE FROM pairings WHERE account_id = $1 AND integration_id = $2 AND expires_utc_ms < $3";
const WRONG: &str = "UPDATE pairings SET wrong_tries = wrong_tries + 1,
        state = CASE WHEN wrong_tries + 1 >= $4 THEN 'void' ELSE state END
    WHERE account_id = $1 AND integration_id = $2 AND state = 'waiting' AND expires_utc_ms > $3";
const PAIRED: &str =
    "UPDATE pairings SET state = 'paired', link_id = $3 WHERE account_id = $1 AND pairing_id = $2";
const VOID_OTHERS: &str = "UPDATE pairings SET state = 'void'
    WHERE account_id = $1 AND integration_id = $2 AND pairing_id <> $3 AND state = 'waiting'";

/// One pairing, whatever its state.
pub async fn get(
    store: &Store,
    account: AccountId,
    pairing_id: &str,
) -> StoreResult<Option<Pairing>> {
    on_pool!(store, pool => sqlx::query_as(GET).bind(account.0).bind(pairing_id).fetch_optional(pool))
}

/// The pairings that wait for a PIN, newest first.
pub async fn waiting(
    transaction: &mut Transaction,
    account: AccountId,
    integration: IntegrationId,
    now_utc_ms: i64,
) -> StoreResult<Vec<Pairing>> {
    in_tx!(transaction, connection => sqlx::query_as(WAITING)
        .bind(account.0)
        .bind(integration.0)
        .bind(now_utc_ms)
        .fetch_all(connection))
}

/// Stores a new pairing and forgets those of the integration that expired before `forget_before_utc_ms`.
pub async fn insert(
    transaction: &mut Transaction,
    account: AccountId,
    pairing: &Pairing,
    now_utc_ms: i64,
    forget_before_utc_ms: i64,
) -> StoreResult<()> {
    change!(
        transaction,
        FORGET_OLD,
        account.0,
        pairing.integration_id,
        forget_before_utc_ms
    )?;
    change!(
        transaction,
        INSERT,
        account.0,
        &pairing.pairing_id,
        pairing.integration_id,
        &pairing.pin_sha256,
        &pairing.pairing_secret_sha256,
        &pairing.token_sha256,
        &pairing.public_key,
        &pairing.description,
        now_utc_ms,
        pairing.expires_utc_ms,
    )
    .map(|_| ())
}

/// Counts a wrong PIN at every pairing that waits; those that reach `limit` are void.
pub async fn count_wrong(
    transaction: &mut Transaction,
    account: AccountId,
    integration: IntegrationId,
    limit: i64,
    now_utc_ms: i64,
) -> StoreResult<()> {
    change!(
        transaction,
        WRONG,
        account.0,
        integration.0,
        now_utc_ms,
        limit
    )
    .map(|_| ())
}

/// Marks a pairing as done and makes the others of its integration void.
pub async fn set_paired(
    transaction: &mut Transaction,
    account: AccountId,
    pairing: &Pairing,
    link: LinkId,
) -> StoreResult<()> {
    change!(transaction, PAIRED, account.0, &pairing.pairing_id, link.0)?;
    change!(
        transaction,
        VOID_OTHERS,
        account.0,
        pairing.integration_id,
        &pairing.pairing_id
    )
    .map(|_| ())
}
