//! What an operator does at the command line: add users, make access tokens, set a new hub up.
//!
//! Whoever can open the database may do this; there is no other check.

use crate::audit::{Action, Actor, Change, Event, Object};
use crate::auth::password::{PasswordError, Passwords};
use crate::auth::role::{Role, Scope};
use crate::auth::token::{self, NoRandomness};
use crate::clock::{Clock, SystemClock};
use crate::store::one_time::{Kind, OneTimeLink};
use crate::store::tokens::NewToken;
use crate::store::users::normal_email;
use crate::store::{Store, StoreError, accounts, audit, one_time, tokens, users};

/// Why an operator's command failed.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// The database.
    #[error("the hub's storage cannot be used")]
    Store(#[from] StoreError),
    /// The password.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// No randomness.
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
    /// Not an address.
    #[error("`{0}` is not an e-mail address; write it as name@example.org")]
    NotAnAddress(String),
    /// No name.
    #[error("the name of the {0} is empty or longer than 100 characters")]
    BadName(&'static str),
    /// The address is taken.
    #[error("account `{account}` already has a user `{email}`")]
    UserExists {
        /// The account.
        account: String,
        /// The address.
        email: String,
    },
    /// No such account.
    #[error("there is no account `{0}`; `user add` creates it")]
    NoAccount(String),
    /// No such user.
    #[error("account `{account}` has no user `{email}`; add one with `user add`")]
    NoUser {
        /// The account.
        account: String,
        /// The address.
        email: String,
    },
    /// The end lies in the past.
    #[error("the token would have ended already; choose a later day")]
    EndsInPast,
}

/// A user to be added.
#[derive(Clone, Copy, Debug)]
pub struct NewUser<'a> {
    /// Name of the account; created when there is none.
    pub account: &'a str,
    /// Address.
    pub email: &'a str,
    /// Role.
    pub role: Role,
}

/// Adds a user, and the account where it is new.
pub async fn add_user(
    store: &Store,
    user: NewUser<'_>,
    password: String,
) -> Result<(), AdminError> {
    let account_name = checked_name("account", user.account)?;
    let email = normal_email(user.email);
    if !users::is_email(&email) {
        return Err(AdminError::NotAnAddress(user.email.to_owned()));
    }
    let password_hash = Passwords::new().await?.hash(password).await?;
    let now = SystemClock.now_utc_ms();
    let mut transaction = store.begin().await?;
    let account = accounts::find_or_create(&mut transaction, account_name, now).await?;
    let added = users::insert(
        &mut transaction,
        account,
        &email,
        user.role,
        &password_hash,
        now,
    );
    let user_id = match added.await {
        Ok(user_id) => user_id,
        Err(StoreError::Conflict(_)) => {
            return Err(AdminError::UserExists {
                account: account_name.to_owned(),
                email,
            });
        }
        Err(other) => return Err(other.into()),
    };
    let event = Event::new(Action::UserAdded, Object::new("user", user_id, email))
        .with([Change::to("role", user.role)]);
    audit::record(&mut transaction, account, &Actor::console(), &event, now).await?;
    Ok(transaction.commit().await?)
}

/// Makes the token of the link with which a new hub gets its first account and owner; `None` when somebody can sign in
/// already. One made before no longer works.
pub async fn make_setup_link(store: &Store, now_utc_ms: i64) -> Result<Option<String>, AdminError> {
    let mut transaction = store.begin().await?;
    if users::any_in(&mut transaction).await? {
        return Ok(None);
    }
    let made = token::generate(token::LINK, one_time::NO_ACCOUNT)?;
    let link = OneTimeLink {
        kind: Kind::Setup,
        token_hash: token::hash(&made),
        user_id: None,
        email: String::new(),
        role: Role::Owner,
        made_by: "console".to_owned(),
        created_utc_ms: now_utc_ms,
        expires_utc_ms: now_utc_ms + Kind::Setup.lifetime_ms(),
    };
    one_time::insert(&mut transaction, one_time::NO_ACCOUNT, &link).await?;
    transaction.commit().await?;
    Ok(Some(made))
}

/// A token to be made.
#[derive(Clone, Copy, Debug)]
pub struct TokenRequest<'a> {
    /// The account.
    pub account: &'a str,
    /// The user it acts for.
    pub email: &'a str,
    /// What it is for, for people.
    pub name: &'a str,
    /// What it may do.
    pub scope: Scope,
    /// When it ends, milliseconds since 1970 UTC; `None`: never.
    pub expires_utc_ms: Option<i64>,
}

/// Makes a personal access token and returns it; it is not stored and cannot be shown again.
pub async fn create_token(store: &Store, request: TokenRequest<'_>) -> Result<String, AdminError> {
    let name = checked_name("token", request.name)?;
    let now = SystemClock.now_utc_ms();
    if request.expires_utc_ms.is_some_and(|expires| expires <= now) {
        return Err(AdminError::EndsInPast);
    }
    let no_account = || AdminError::NoAccount(request.account.to_owned());
    let account = accounts::by_name(store, request.account.trim())
        .await?
        .ok_or_else(no_account)?;
    let email = normal_email(request.email);
    let Some(user) = users::by_email(store, account, &email).await? else {
        return Err(AdminError::NoUser {
            account: request.account.to_owned(),
            email,
        });
    };
    let made = token::generate(token::ACCESS, account)?;
    let token_hash = token::hash(&made);
    let stored = NewToken {
        token_hash: &token_hash,
        name,
        scope: request.scope,
        expires_utc_ms: request.expires_utc_ms,
    };
    let event = Event::new(
        Action::TokenMade,
        Object::new("token", token::id_of(&token_hash), name),
    )
    .with([
        Change::to("user", &user.email),
        Change::to("scope", request.scope.as_str()),
    ]);
    let mut transaction = store.begin().await?;
    tokens::insert(&mut transaction, account, user.user_id, stored, now).await?;
    audit::record(&mut transaction, account, &Actor::console(), &event, now).await?;
    transaction.commit().await?;
    Ok(made)
}

fn checked_name<'a>(what: &'static str, name: &'a str) -> Result<&'a str, AdminError> {
    let name = name.trim();
    let usable =
        !name.is_empty() && name.chars().count() <= 100 && !name.chars().any(char::is_control);
    if usable {
        Ok(name)
    } else {
        Err(AdminError::BadName(what))
    }
}
