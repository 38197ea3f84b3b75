//! Users of accounts.

use super::{Store, StoreError, StoreResult, Transaction, counters};
use crate::auth::role::Role;
use crate::{change, on_pool};
use floorwire_model::ids::AccountId;
use sqlx::FromRow;

/// A user, without the password.
#[derive(Clone, Debug)]
pub struct User {
    /// The account.
    pub account: AccountId,
    /// The account's name.
    pub account_name: String,
    /// Unique within the account.
    pub user_id: i64,
    /// Lower case.
    pub email: String,
    /// The role.
    pub role: Role,
}

/// The columns from which a [`User`] is read.
#[derive(FromRow)]
pub(super) struct UserRow {
    account_id: i64,
    account_name: String,
    user_id: i64,
    email: String,
    role: String,
}

impl TryFrom<UserRow> for User {
    type Error = StoreError;

    fn try_from(row: UserRow) -> Result<Self, StoreError> {
        let role = row.role.parse().map_err(|unknown| {
            StoreError::unreadable(
                format!("role of user {} of account {}", row.user_id, row.account_id),
                unknown,
            )
        })?;
        Ok(Self {
            account: AccountId(row.account_id),
            account_name: row.account_name,
            user_id: row.user_id,
            email: row.email,
            role,
        })
    }
}

/// A user who wants to sign in, with the stored hash.
pub struct Candidate {
    /// The user.
    pub user: User,
    /// PHC string.
    pub password_hash: String,
}

#[derive(FromRow)]
struct CandidateRow {
    #[sqlx(flatten)]
    user: UserRow,
    password_hash: String,
}

const BY_EMAIL: &str =
    "SELECT u.account_id, a.name AS account_name, u.user_id, u.email, u.role, u.password_hash
    FROM users u JOIN accounts a ON a.account_id = u.account_id
    WHERE u.email = $1 ORDER BY u.account_id LIMIT 4";
const BY_ACCOUNT_AND_EMAIL: &str =
    "SELECT u.account_id, a.name AS account_name, u.user_id, u.email, u.role
    FROM users u JOIN accounts a ON a.account_id = u.account_id
    WHERE u.account_id = $1 AND u.email = $2";
const INSERT: &str =
    "INSERT INTO users (account_id, user_id, email, role, password_hash, created_utc_ms)
    VALUES ($1, $2, $3, $4, $5, $6)";
const ANY: &str = "SELECT EXISTS (SELECT 1 FROM users)";

/// An address in the form in which it is stored and compared.
pub fn normal_email(text: &str) -> String {
    text.trim().to_lowercase()
}

/// The users with that address, over all accounts, at most four: signing in knows no account yet.
pub async fn candidates(store: &Store, email: &str) -> StoreResult<Vec<Candidate>> {
    let rows: Vec<CandidateRow> =
        on_pool!(store, pool => sqlx::query_as(BY_EMAIL).bind(email).fetch_all(pool))?;
    rows.into_iter()
        .map(|row| {
            Ok(Candidate {
                user: row.user.try_into()?,
                password_hash: row.password_hash,
            })
        })
        .collect()
}

/// The user with that address in the account.
pub async fn by_email(store: &Store, account: AccountId, email: &str) -> StoreResult<Option<User>> {
    let row: Option<UserRow> = on_pool!(store, pool => sqlx::query_as(BY_ACCOUNT_AND_EMAIL)
        .bind(account.0)
        .bind(email)
        .fetch_optional(pool))?;
    row.map(User::try_from).transpose()
}

/// True when somebody can sign in at all.
pub async fn any(store: &Store) -> StoreResult<bool> {
    on_pool!(store, pool => sqlx::query_scalar(ANY).fetch_one(pool))
}

/// Adds a user; [`StoreError::Conflict`] when the account has one with that address.
pub async fn insert(
    transaction: &mut Transaction,
    account: AccountId,
    email: &str,
    role: Role,
    password_hash: &str,
    now_utc_ms: i64,
) -> StoreResult<i64> {
    let user_id = counters::next_id(transaction, account.0, "user").await?;
    change!(
        transaction,
        INSERT,
        account.0,
        user_id,
        email,
        role.as_str(),
        password_hash,
        now_utc_ms
    )?;
    Ok(user_id)
}
