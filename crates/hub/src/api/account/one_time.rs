//! `/oneTimeLinks`: what a link is for, and using it. Both are open to the world; the token in the body is what lets one in. It
//! has 256 random bits, so there is nothing to be guessed and no count of attempts. It stands in bodies, not in addresses of the
//! interface, because servers on the way write addresses into logs.
//!
//! A link that was used, taken back, or is over answers like one that never was.

use super::{instant, refused_password, user_exists};
use crate::api::extract::Body;
use crate::api::session::{self, Session};
use crate::api::types::Instant;
use crate::audit::{Action, Actor, Change, Event, Object};
use crate::auth::role::Role;
use crate::auth::{origin, token};
use crate::error::{ApiResult, Problem};
use crate::server::ClientAddress;
use crate::state::AppState;
use crate::store::one_time::{self, Kind, NO_ACCOUNT, OneTimeLink};
use crate::store::users::User;
use crate::store::{Transaction, accounts, audit, sessions, users};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use floorwire_model::ids::AccountId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The token of a link.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkToken {
    /// The last part of the link's address.
    pub token: String,
}

/// What a link is for.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum LinkPurpose {
    /// The first account of a new hub and its owner.
    Setup,
    /// A new user of an account.
    Invitation,
    /// A new password for a user.
    Password,
}

/// A link that works.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OneTime {
    /// What it is for.
    pub purpose: LinkPurpose,
    /// The account; null for `setup`.
    #[schema(required)]
    pub account: Option<String>,
    /// The user's address; null for `setup`.
    #[schema(required)]
    pub email: Option<String>,
    /// The role the user has or will have.
    pub role: Role,
    /// Until when it works.
    pub expires_at: Instant,
}

/// What a link is used with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UseLink {
    /// The last part of the link's address.
    pub token: String,
    /// The new password, at least ten characters.
    pub password: String,
    /// Name of the first account; only for `setup`, and needed there.
    #[serde(default)]
    pub account: Option<String>,
    /// Address of its owner; only for `setup`, and needed there.
    #[serde(default)]
    pub email: Option<String>,
}

fn unknown() -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "link-not-valid",
        "this link does not work",
    )
    .detail("it was used already, was taken back, is too old, or is not complete")
    .remedy("ask whoever sent it for a new one")
}

async fn find(state: &AppState, token: &str) -> ApiResult<(AccountId, OneTimeLink)> {
    let account = token::account_of(token::LINK, token).ok_or_else(unknown)?;
    let now = state.clock.now_utc_ms();
    let found = one_time::find(&state.store, account, &token::hash(token), now).await?;
    let link = found.ok_or_else(unknown)?;
    if link.kind == Kind::Setup && users::any(&state.store).await? {
        return Err(unknown());
    }
    Ok((account, link))
}

/// What a link is for. Looking does not use it up.
#[utoipa::path(post, path = "/oneTimeLinks/look", tag = "account", security(()), request_body = LinkToken,
    responses((status = 200, body = OneTime)))]
pub async fn look_at_link(
    State(state): State<AppState>,
    headers: HeaderMap,
    Body(request): Body<LinkToken>,
) -> ApiResult<Json<OneTime>> {
    origin::refuse_foreign(&headers, &state)?;
    let (account, link) = find(&state, &request.token).await?;
    let (name, email) = match link.kind {
        Kind::Setup => (None, None),
        Kind::Invitation | Kind::Password => (
            accounts::name(&state.store, account).await?,
            Some(link.email),
        ),
    };
    Ok(Json(OneTime {
        purpose: match link.kind {
            Kind::Setup => LinkPurpose::Setup,
            Kind::Invitation => LinkPurpose::Invitation,
            Kind::Password => LinkPurpose::Password,
        },
        account: name,
        email,
        role: link.role,
        expires_at: instant(link.expires_utc_ms)?,
    }))
}

/// Uses a link: sets the password, and signs in. Sets the session cookie.
#[utoipa::path(post, path = "/oneTimeLinks/use", tag = "account", security(()), request_body = UseLink,
    responses((status = 200, body = Session)))]
pub async fn use_link(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    Body(request): Body<UseLink>,
) -> ApiResult<Response> {
    origin::refuse_foreign(&headers, &state)?;
    let (account, link) = find(&state, &request.token).await?;
    let first = match link.kind {
        Kind::Setup => Some(First::checked(&request)?),
        Kind::Invitation | Kind::Password => None,
    };
    let hashed = state.auth.passwords.hash(request.password).await;
    let password_hash = hashed.map_err(refused_password)?;
    let now = state.clock.now_utc_ms();
    let mut transaction = state.store.begin().await?;
    if !one_time::use_up(&mut transaction, account, &link.token_hash).await? {
        return Err(unknown());
    }
    let done = Using {
        account,
        link: &link,
        password_hash: &password_hash,
        now,
    };
    let (user, events) = match first {
        Some(first) => done.set_up(&mut transaction, &first).await?,
        None if link.kind == Kind::Invitation => done.join(&state, &mut transaction).await?,
        None => done.set_password(&state, &mut transaction).await?,
    };
    let actor = Actor::user(&user, "link", address);
    for event in events {
        audit::record(&mut transaction, user.account, &actor, &event, now).await?;
    }
    let begun = session::begin(&mut transaction, &state, &headers, &user, address, "link").await?;
    transaction.commit().await?;
    begun.answer(&state, user, address)
}

/// Name of the first account and address of its owner.
struct First {
    account: String,
    email: String,
}

impl First {
    fn checked(request: &UseLink) -> ApiResult<Self> {
        let account = request
            .account
            .as_deref()
            .map(str::trim)
            .unwrap_or_default();
        let length = account.chars().count();
        if length == 0 || length > 100 || account.chars().any(char::is_control) {
            return Err(Problem::invalid(
                "invalid-name",
                "`account` must have 1 to 100 characters on one line",
            ));
        }
        let email = users::normal_email(request.email.as_deref().unwrap_or_default());
        if !users::is_email(&email) {
            return Err(
                Problem::invalid("invalid-email", "`email` is not an e-mail address")
                    .remedy("write it as name@example.org"),
            );
        }
        Ok(Self {
            account: account.to_owned(),
            email,
        })
    }
}

struct Using<'a> {
    account: AccountId,
    link: &'a OneTimeLink,
    password_hash: &'a str,
    now: i64,
}

type Used = ApiResult<(User, Vec<Event>)>;

impl Using<'_> {
    async fn set_up(&self, transaction: &mut Transaction, first: &First) -> Used {
        debug_assert_eq!(self.account, NO_ACCOUNT);
        if users::any_in(transaction).await? {
            return Err(unknown());
        }
        let account = accounts::find_or_create(transaction, &first.account, self.now).await?;
        let user = self
            .add(transaction, account, &first.account, &first.email)
            .await?;
        let created = Event::new(
            Action::AccountCreated,
            Object::new("account", account, first.account.as_str()),
        );
        Ok((user.clone(), vec![created, self.added(&user)]))
    }

    async fn join(&self, state: &AppState, transaction: &mut Transaction) -> Used {
        let name = accounts::name(&state.store, self.account).await?;
        let name = name.ok_or_else(unknown)?;
        let user = self
            .add(transaction, self.account, &name, &self.link.email)
            .await?;
        let added = self.added(&user);
        Ok((user, vec![added]))
    }

    async fn set_password(&self, state: &AppState, transaction: &mut Transaction) -> Used {
        let user_id = self.link.user_id.ok_or_else(unknown)?;
        let found = users::listed_in(transaction, self.account, user_id).await?;
        let found = found.filter(|found| found.deactivated_utc_ms.is_none());
        let found = found.ok_or_else(unknown)?;
        let name = accounts::name(&state.store, self.account).await?;
        let user = User {
            account: self.account,
            account_name: name.ok_or_else(unknown)?,
            user_id,
            role: found.role()?,
            email: found.email,
        };
        users::set_password(transaction, self.account, user_id, self.password_hash).await?;
        sessions::end_others(transaction, self.account, user_id, None).await?;
        one_time::revoke_of_user(transaction, self.account, user_id).await?;
        let event = Event::new(Action::PasswordChanged, Object::user(&user))
            .with([Change::to("password", Change::CHANGED)]);
        Ok((user, vec![event]))
    }

    async fn add(
        &self,
        transaction: &mut Transaction,
        account: AccountId,
        account_name: &str,
        email: &str,
    ) -> ApiResult<User> {
        let role = self.link.role;
        let added = users::insert(
            transaction,
            account,
            email,
            role,
            self.password_hash,
            self.now,
        )
        .await;
        Ok(User {
            account,
            account_name: account_name.to_owned(),
            user_id: added.map_err(user_exists)?,
            email: email.to_owned(),
            role,
        })
    }

    fn added(&self, user: &User) -> Event {
        Event::new(Action::UserAdded, Object::user(user)).with([
            Change::to("role", user.role),
            Change::to("invitedBy", &self.link.made_by),
        ])
    }
}
