//! Users of accounts.

use super::{Store, StoreError, StoreResult, Transaction, counters};
use crate::auth::role::Role;
use crate::{change, in_tx, on_pool};
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

/// A user as the list of users shows them.
#[derive(Clone, Debug, FromRow)]
pub struct Listed {
    /// Unique within the account.
    pub user_id: i64,
    /// Lower case.
    pub email: String,
    role: String,
    /// When the user was added.
    pub created_utc_ms: i64,
    /// When they signed in last.
    pub signed_in_utc_ms: Option<i64>,
    /// Since when they are switched off.
    pub deactivated_utc_ms: Option<i64>,
}

impl Listed {
    /// The role.
    pub fn role(&self) -> StoreResult<Role> {
        let what = || format!("role of user {}", self.user_id);
        let role = self.role.parse();
        role.map_err(|unknown| StoreError::unreadable(what(), unknown))
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
    WHERE u.email = $1 AND u.deactivated_utc_ms IS NULL ORDER BY u.account_id LIMIT 4";
const BY_ACCOUNT_AND_EMAIL: &str =
    "SELECT u.account_id, a.name AS account_name, u.user_id, u.email, u.role
    FROM users u JOIN accounts a ON a.account_id = u.account_id
    WHERE u.account_id = $1 AND u.email = $2";
const INSERT: &str =
    "INSERT INTO users (account_id, user_id, email, role, password_hash, created_utc_ms)
    VALUES ($1, $2, $3, $4, $5, $6)";
const ANY: &str = "SELECT EXISTS (SELECT 1 FROM users)";
macro_rules! listed_columns {
    ($rest:literal) => {
        concat!(
            "SELECT user_id, email, role, created_utc_ms, signed_in_utc_ms, deactivated_utc_ms FROM users ",
            $rest
        )
    };
}

const LIST: &str =
    listed_columns!("WHERE account_id = $1 AND user_id > $2 ORDER BY user_id LIMIT $3");
const LISTED: &str = listed_columns!("WHERE account_id = $1 AND user_id = $2");
/// Held until the transaction ends, so that of two owners who step down at once one is refused.
const OWNERS_SQLITE: &str = "SELECT user_id FROM users
    WHERE account_id = $1 AND role = 'owner' AND deactivated_utc_ms IS NULL";
const OWNERS_POSTGRES: &str = "SELECT user_id FROM users
    WHERE account_id = $1 AND role = 'owner' AND deactivated_utc_ms IS NULL ORDER BY user_id FOR UPDATE";
const CHANGE: &str =
    "UPDATE users SET role = $3, deactivated_utc_ms = $4 WHERE account_id = $1 AND user_id = $2";
const SET_PASSWORD: &str =
    "UPDATE users SET password_hash = $3 WHERE account_id = $1 AND user_id = $2";
const PASSWORD: &str = "SELECT password_hash FROM users WHERE account_id = $1 AND user_id = $2";

/// Users with ids above `after`, in order, at most `limit`.
pub async fn list(
    store: &Store,
    account: AccountId,
    after: i64,
    limit: i64,
) -> StoreResult<Vec<Listed>> {
    on_pool!(store, pool => sqlx::query_as(LIST)
        .bind(account.0)
        .bind(after)
        .bind(limit)
        .fetch_all(pool))
}

/// One user, as the list shows them.
pub async fn listed(
    store: &Store,
    account: AccountId,
    user_id: i64,
) -> StoreResult<Option<Listed>> {
    on_pool!(store, pool => sqlx::query_as(LISTED)
        .bind(account.0)
        .bind(user_id)
        .fetch_optional(pool))
}

/// The same within a change.
pub async fn listed_in(
    transaction: &mut Transaction,
    account: AccountId,
    user_id: i64,
) -> StoreResult<Option<Listed>> {
    in_tx!(transaction, connection => sqlx::query_as(LISTED)
        .bind(account.0)
        .bind(user_id)
        .fetch_optional(connection))
}

/// The owners who can sign in. They stay so until the transaction ends.
pub async fn owners_locked(
    transaction: &mut Transaction,
    account: AccountId,
) -> StoreResult<Vec<i64>> {
    let sql = transaction.pick(OWNERS_SQLITE, OWNERS_POSTGRES);
    in_tx!(transaction, connection => sqlx::query_scalar(sql)
        .bind(account.0)
        .fetch_all(connection))
}

/// Sets role and activity.
pub async fn set(
    transaction: &mut Transaction,
    account: AccountId,
    user_id: i64,
    role: Role,
    deactivated_utc_ms: Option<i64>,
) -> StoreResult<()> {
    change!(
        transaction,
        CHANGE,
        account.0,
        user_id,
        role.as_str(),
        deactivated_utc_ms
    )
    .map(|_| ())
}

/// The PHC string of a user's password.
pub async fn password_hash(
    store: &Store,
    account: AccountId,
    user_id: i64,
) -> StoreResult<Option<String>> {
    on_pool!(store, pool => sqlx::query_scalar(PASSWORD)
        .bind(account.0)
        .bind(user_id)
        .fetch_optional(pool))
}

/// Sets the password.
pub async fn set_password(
    transaction: &mut Transaction,
    account: AccountId,
    user_id: i64,
    password_hash: &str,
) -> StoreResult<()> {
    change!(transaction, SET_PASSWORD, account.0, user_id, password_hash).map(|_| ())
}

/// Whether somebody can sign in at all, within a change.
pub async fn any_in(transaction: &mut Transaction) -> StoreResult<bool> {
    in_tx!(transaction, connection => sqlx::query_scalar(ANY).fetch_one(connection))
}

/// An address in the form in which it is stored and compared.
pub fn normal_email(text: &str) -> String {
    text.trim().to_lowercase()
}

/// True when a text has the form of an address, as [`normal_email`] leaves it.
pub fn is_email(email: &str) -> bool {
    let split = email.split_once('@');
    email.len() <= 254
        && split.is_some_and(|(name, host)| !name.is_empty() && !host.is_empty())
        && !email
            .chars()
            .any(|letter| letter.is_whitespace() || letter.is_control())
}

/// The active users with that address, over all accounts, at most four: signing in knows no account yet.
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
