//! Links: installations paired with an integration. One is active per integration; pairing another revokes it.

use super::{Store, StoreError, StoreResult, Transaction, counters};
use crate::{change, in_tx, on_pool};
use floorwire_model::ids::{AccountId, IntegrationId, LinkId};
use floorwire_protocol::messages::LinkDescription;

/// One paired Link that has not been revoked.
#[derive(Clone, Debug)]
pub struct Link {
    /// Unique within the account.
    pub id: LinkId,
    /// What it serves.
    pub integration: IntegrationId,
    /// SHA-256 of its token, lower-case hexadecimal.
    pub token_sha256: String,
    /// X25519 key to which secrets are sealed, base64.
    pub public_key: String,
    /// What it says of itself.
    pub description: LinkDescription,
    /// Its present start; empty before the first contact.
    pub boot_id: String,
    /// When it was paired.
    pub paired_utc_ms: i64,
    /// When it was last heard of.
    pub last_contact_utc_ms: i64,
}

/// How long after the last contact a Link counts as connected: a long poll and some slack.
pub const CONNECTED_FOR_MS: i64 = 60_000;

impl Link {
    /// True while it keeps in touch.
    pub fn is_connected(&self, now_utc_ms: i64) -> bool {
        !self.boot_id.is_empty() && now_utc_ms - self.last_contact_utc_ms < CONNECTED_FOR_MS
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    link_id: i64,
    integration_id: i64,
    token_sha256: String,
    public_key: String,
    description: String,
    boot_id: String,
    paired_utc_ms: i64,
    last_contact_utc_ms: i64,
}

impl TryFrom<Row> for Link {
    type Error = StoreError;

    fn try_from(row: Row) -> StoreResult<Self> {
        let description = serde_json::from_str(&row.description).map_err(|error| {
            StoreError::unreadable(format!("description of link {}", row.link_id), error)
        })?;
        Ok(Self {
            id: LinkId(row.link_id),
            integration: IntegrationId(row.integration_id),
            token_sha256: row.token_sha256,
            public_key: row.public_key,
            description,
            boot_id: row.boot_id,
            paired_utc_ms: row.paired_utc_ms,
            last_contact_utc_ms: row.last_contact_utc_ms,
        })
    }
}

/// A Link to be stored.
#[derive(Clone, Debug)]
pub struct NewLink<'a> {
    /// What it will serve.
    pub integration: IntegrationId,
    /// See [`Link::token_sha256`].
    pub token_sha256: &'a str,
    /// See [`Link::public_key`].
    pub public_key: &'a str,
    /// [`LinkDescription`] as JSON.
    pub description_json: &'a str,
}

const BY_ID: &str =
    "SELECT link_id, integration_id, token_sha256, public_key, description, boot_id, paired_utc_ms,
        last_contact_utc_ms
    FROM links WHERE account_id = $1 AND link_id = $2 AND revoked_utc_ms IS NULL";
const ACTIVE: &str =
    "SELECT link_id, integration_id, token_sha256, public_key, description, boot_id, paired_utc_ms,
        last_contact_utc_ms
    FROM links WHERE account_id = $1 AND integration_id = $2 AND revoked_utc_ms IS NULL";
const ACTIVE_LOCKED_POSTGRES: &str =
    "SELECT link_id, integration_id, token_sha256, public_key, description, boot_id,
        paired_utc_ms, last_contact_utc_ms
    FROM links WHERE account_id = $1 AND integration_id = $2 AND revoked_utc_ms IS NULL FOR UPDATE";
const REVOKE: &str = "UPDATE links SET revoked_utc_ms = $3
    WHERE account_id = $1 AND integration_id = $2 AND revoked_utc_ms IS NULL";
const INSERT: &str =
    "INSERT INTO links (account_id, link_id, integration_id, token_sha256, public_key, description,
        boot_id, paired_utc_ms, last_contact_utc_ms)
    VALUES ($1, $2, $3, $4, $5, $6, '', $7, $7)";
const CONTACT: &str = "UPDATE links SET description = $3, boot_id = $4, last_contact_utc_ms = $5
    WHERE account_id = $1 AND link_id = $2 AND revoked_utc_ms IS NULL";
const SEEN: &str = "UPDATE links SET last_contact_utc_ms = $3
    WHERE account_id = $1 AND link_id = $2 AND last_contact_utc_ms < $3";

/// A Link that has not been revoked.
pub async fn by_id(store: &Store, account: AccountId, id: LinkId) -> StoreResult<Option<Link>> {
    let row: Option<Row> = on_pool!(store, pool => sqlx::query_as(BY_ID)
        .bind(account.0)
        .bind(id.0)
        .fetch_optional(pool))?;
    row.map(Link::try_from).transpose()
}

/// The Link that serves an integration.
pub async fn active(
    store: &Store,
    account: AccountId,
    integration: IntegrationId,
) -> StoreResult<Option<Link>> {
    let row: Option<Row> = on_pool!(store, pool => sqlx::query_as(ACTIVE)
        .bind(account.0)
        .bind(integration.0)
        .fetch_optional(pool))?;
    row.map(Link::try_from).transpose()
}

/// As [`active`]; locked until the transaction ends.
pub async fn active_locked(
    transaction: &mut Transaction,
    account: AccountId,
    integration: IntegrationId,
) -> StoreResult<Option<Link>> {
    let sql = transaction.pick(ACTIVE, ACTIVE_LOCKED_POSTGRES);
    let row: Option<Row> = in_tx!(transaction, connection => sqlx::query_as(sql)
        .bind(account.0)
        .bind(integration.0)
        .fetch_optional(connection))?;
    row.map(Link::try_from).transpose()
}

/// Makes a Link the active one of its integration and revokes the one before.
pub async fn replace(
    transaction: &mut Transaction,
    account: AccountId,
    link: &NewLink<'_>,
    now_utc_ms: i64,
) -> StoreResult<LinkId> {
    change!(
        transaction,
        REVOKE,
        account.0,
        link.integration.0,
        now_utc_ms
    )?;
    let id = counters::next_id(transaction, account.0, "link").await?;
    change!(
        transaction,
        INSERT,
        account.0,
        id,
        link.integration.0,
        link.token_sha256,
        link.public_key,
        link.description_json,
        now_utc_ms,
    )?;
    Ok(LinkId(id))
}

/// Takes note of a contact and of what the Link says of itself.
pub async fn contact(
    transaction: &mut Transaction,
    account: AccountId,
    id: LinkId,
    description: &LinkDescription,
    boot_id: &str,
    now_utc_ms: i64,
) -> StoreResult<()> {
    let description = serde_json::to_string(description)
        .map_err(|error| StoreError::unreadable("description of a link", error))?;
    change!(
        transaction,
        CONTACT,
        account.0,
        id.0,
        &description,
        boot_id,
        now_utc_ms
    )
    .map(|_| ())
}

/// Takes note of a sign of life.
pub async fn seen(
    transaction: &mut Transaction,
    account: AccountId,
    id: LinkId,
    now_utc_ms: i64,
) -> StoreResult<()> {
    change!(transaction, SEEN, account.0, id.0, now_utc_ms).map(|_| ())
}
