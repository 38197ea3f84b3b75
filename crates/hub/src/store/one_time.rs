//! Links that let somebody in once: to set a new hub up, to become a user, to set a password.
//!
//! Only the SHA-256 of a link's token is stored. Using one deletes it, in the transaction of what it is used for, so that of
//! two that use the same one succeeds.

use super::{Store, StoreError, StoreResult, Transaction};
use crate::auth::role::Role;
use crate::auth::token::is_id;
use crate::{change, in_tx, on_pool};
use floorwire_model::ids::AccountId;
use sqlx::FromRow;

/// The account of the link that sets a new hub up: there is none yet.
pub const NO_ACCOUNT: AccountId = AccountId(0);

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The first account and its owner.
    Setup,
    /// A new user.
    Invitation,
    /// A new password for a user.
    Password,
}

impl Kind {
    /// The stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Setup => "setup",
            Self::Invitation => "invitation",
            Self::Password => "password",
        }
    }

    /// How long such a link works, milliseconds: seven days for an invitation, one for the others.
    pub fn lifetime_ms(self) -> i64 {
        let days = match self {
            Self::Setup | Self::Password => 1,
            Self::Invitation => 7,
        };
        days * 24 * 3600 * 1000
    }
}

/// A link that works.
#[derive(Clone, Debug)]
pub struct OneTimeLink {
    /// What it is for.
    pub kind: Kind,
    /// SHA-256 of its token, hexadecimal.
    pub token_hash: String,
    /// Whose password is set.
    pub user_id: Option<i64>,
    /// The user's address; empty for [`Kind::Setup`].
    pub email: String,
    /// The user's role.
    pub role: Role,
    /// Who made it.
    pub made_by: String,
    /// When.
    pub created_utc_ms: i64,
    /// Until when it works.
    pub expires_utc_ms: i64,
}

#[derive(FromRow)]
struct Row {
    kind: String,
    token_hash: String,
    user_id: Option<i64>,
    email: String,
    role: String,
    made_by: String,
    created_utc_ms: i64,
    expires_utc_ms: i64,
}

impl TryFrom<Row> for OneTimeLink {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let unreadable = |detail: String| StoreError::unreadable("one-time link", detail);
        let kinds = [Kind::Setup, Kind::Invitation, Kind::Password];
        let kind = kinds.into_iter().find(|kind| kind.as_str() == row.kind);
        Ok(Self {
            kind: kind.ok_or_else(|| unreadable(format!("kind `{}`", row.kind)))?,
            token_hash: row.token_hash,
            user_id: row.user_id,
            email: row.email,
            role: row
                .role
                .parse()
                .map_err(|unknown| StoreError::unreadable("role of a one-time link", unknown))?,
            made_by: row.made_by,
            created_utc_ms: row.created_utc_ms,
            expires_utc_ms: row.expires_utc_ms,
        })
    }
}

macro_rules! columns {
    ($rest:literal) => {
        concat!(
            "SELECT kind, token_hash, user_id, email, role, made_by, created_utc_ms, expires_utc_ms FROM one_time_links ",
            $rest
        )
    };
}

const FIND: &str = columns!("WHERE account_id = $1 AND token_hash = $2 AND expires_utc_ms > $3");
const INVITATIONS: &str = columns!(
    "WHERE account_id = $1 AND kind = 'invitation' AND expires_utc_ms > $2 ORDER BY created_utc_ms, token_hash LIMIT 1000"
);
const INSERT: &str = "INSERT INTO one_time_links
    (account_id, token_hash, kind, user_id, email, role, made_by, created_utc_ms, expires_utc_ms)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const REPLACED: &str = "DELETE FROM one_time_links
    WHERE account_id = $1 AND ((kind = $2 AND email = $3) OR expires_utc_ms <= $4)";
const USED: &str = "DELETE FROM one_time_links WHERE account_id = $1 AND token_hash = $2";
const REVOKE: &str = "DELETE FROM one_time_links
    WHERE account_id = $1 AND kind = 'invitation' AND SUBSTR(token_hash, 1, 32) = $2 RETURNING email";
const OF_USER: &str = "DELETE FROM one_time_links WHERE account_id = $1 AND user_id = $2";

/// The link of a token's hash, while it works.
pub async fn find(
    store: &Store,
    account: AccountId,
    token_hash: &str,
    now_utc_ms: i64,
) -> StoreResult<Option<OneTimeLink>> {
    let row: Option<Row> = on_pool!(store, pool => sqlx::query_as(FIND)
        .bind(account.0)
        .bind(token_hash)
        .bind(now_utc_ms)
        .fetch_optional(pool))?;
    row.map(OneTimeLink::try_from).transpose()
}

/// Invitations that work, oldest first.
pub async fn invitations(
    store: &Store,
    account: AccountId,
    now_utc_ms: i64,
) -> StoreResult<Vec<OneTimeLink>> {
    let rows: Vec<Row> = on_pool!(store, pool => sqlx::query_as(INVITATIONS)
        .bind(account.0)
        .bind(now_utc_ms)
        .fetch_all(pool))?;
    rows.into_iter().map(OneTimeLink::try_from).collect()
}

/// Stores a link. Another of the same kind for the same address no longer works, and those that ended are removed.
pub async fn insert(
    transaction: &mut Transaction,
    account: AccountId,
    link: &OneTimeLink,
) -> StoreResult<()> {
    change!(
        transaction,
        REPLACED,
        account.0,
        link.kind.as_str(),
        &link.email,
        link.created_utc_ms
    )?;
    change!(
        transaction,
        INSERT,
        account.0,
        &link.token_hash,
        link.kind.as_str(),
        link.user_id,
        &link.email,
        link.role.as_str(),
        &link.made_by,
        link.created_utc_ms,
        link.expires_utc_ms,
    )
    .map(|_| ())
}

/// Uses a link up. False when somebody else has.
pub async fn use_up(
    transaction: &mut Transaction,
    account: AccountId,
    token_hash: &str,
) -> StoreResult<bool> {
    Ok(change!(transaction, USED, account.0, token_hash)? > 0)
}

/// Takes an invitation back and returns its address; `None` when there is none of that id.
pub async fn revoke_invitation(
    transaction: &mut Transaction,
    account: AccountId,
    id: &str,
) -> StoreResult<Option<String>> {
    if !is_id(id) {
        return Ok(None);
    }
    in_tx!(transaction, connection => sqlx::query_scalar(REVOKE)
        .bind(account.0)
        .bind(id)
        .fetch_optional(connection))
}

/// Takes back the links for a password of a user.
pub async fn revoke_of_user(
    transaction: &mut Transaction,
    account: AccountId,
    user_id: i64,
) -> StoreResult<()> {
    change!(transaction, OF_USER, account.0, user_id).map(|_| ())
}
