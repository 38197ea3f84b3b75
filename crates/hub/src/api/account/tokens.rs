//! `/me/tokens`: one's own access tokens, for scripts.

use super::{instant, optional_instant};
use crate::api::extract::{Body, Named};
use crate::api::types::Instant;
use crate::audit::{Action, Change, Event, Object};
use crate::auth::role::Scope;
use crate::auth::{InSession, token};
use crate::error::{ApiResult, Problem};
use crate::state::AppState;
use crate::store::tokens::NewToken;
use crate::store::{audit, tokens};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

const MOST_DAYS: u16 = 366;
const MOST_TOKENS: usize = 100;
const DAY_MS: i64 = 24 * 3600 * 1000;

/// One's own access tokens.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Tokens {
    /// Oldest first; also those that have ended.
    pub items: Vec<ListedToken>,
}

/// An access token, without the token itself.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ListedToken {
    /// Unique within the account.
    pub id: String,
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub scope: Scope,
    /// When it was made.
    pub created_at: Instant,
    /// When it ends; null: never, which only the hub's command line can make.
    #[schema(required)]
    pub expires_at: Option<Instant>,
    /// When it was used last, to within ten minutes; null: never.
    #[schema(required)]
    pub last_used_at: Option<Instant>,
}

/// A token to be made.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TokenRequest {
    /// What it is for, 1 to 100 characters.
    pub name: String,
    /// What it may do, at most: never more than its user.
    pub scope: Scope,
    /// After how many days it ends, 1 to 366.
    #[schema(minimum = 1, maximum = 366)]
    pub expires_in_days: u16,
}

/// A token that was just made. It is shown this once.
#[derive(Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MadeToken {
    /// Its id in the list.
    pub id: String,
    /// What to send as `Authorization: Bearer`.
    pub token: String,
    /// When it ends.
    pub expires_at: Instant,
}

/// One's own access tokens.
#[utoipa::path(get, path = "/me/tokens", tag = "account", responses((status = 200, body = Tokens)))]
pub async fn list_tokens(
    InSession { principal, .. }: InSession,
    State(state): State<AppState>,
) -> ApiResult<Json<Tokens>> {
    let rows = tokens::of_user(&state.store, principal.account, principal.user_id).await?;
    let items = rows.into_iter().map(|row| {
        Ok(ListedToken {
            id: token::id_of(&row.token_hash).to_owned(),
            scope: row.scope()?,
            created_at: instant(row.created_utc_ms)?,
            expires_at: optional_instant(row.expires_utc_ms)?,
            last_used_at: optional_instant(row.last_used_utc_ms)?,
            name: row.name,
        })
    });
    Ok(Json(Tokens {
        items: items.collect::<ApiResult<_>>()?,
    }))
}

/// Makes an access token. It is shown this once.
#[utoipa::path(post, path = "/me/tokens", tag = "account", request_body = TokenRequest,
    responses((status = 201, body = MadeToken)))]
pub async fn create_token(
    InSession { principal, .. }: InSession,
    State(state): State<AppState>,
    Body(request): Body<TokenRequest>,
) -> ApiResult<(StatusCode, Json<MadeToken>)> {
    let name = request.name.trim();
    let length = name.chars().count();
    if length == 0 || length > 100 || name.chars().any(char::is_control) {
        return Err(Problem::invalid(
            "invalid-name",
            "`name` must have 1 to 100 characters on one line",
        ));
    }
    let days = request.expires_in_days;
    if days == 0 || days > MOST_DAYS {
        return Err(Problem::invalid(
            "invalid-expiry",
            format!("`expiresInDays` is 1 to {MOST_DAYS}"),
        ));
    }
    let (account, user_id) = (principal.account, principal.user_id);
    let present = tokens::of_user(&state.store, account, user_id).await?;
    if present.len() >= MOST_TOKENS {
        return Err(Problem::new(
            StatusCode::CONFLICT,
            "too-many-tokens",
            "too many access tokens",
        )
        .detail(format!("there are {MOST_TOKENS} access tokens"))
        .remedy("revoke those that are not needed"));
    }
    let now = state.clock.now_utc_ms();
    let expires = now + i64::from(days) * DAY_MS;
    let made = token::generate(token::ACCESS, account).map_err(Problem::internal)?;
    let token_hash = token::hash(&made);
    let id = token::id_of(&token_hash).to_owned();
    let stored = NewToken {
        token_hash: &token_hash,
        name,
        scope: request.scope,
        expires_utc_ms: Some(expires),
    };
    let event = Event::new(Action::TokenMade, Object::new("token", &id, name)).with([
        Change::to("scope", request.scope.as_str()),
        Change::to("expiresInDays", days),
    ]);
    let mut transaction = state.store.begin().await?;
    tokens::insert(&mut transaction, account, user_id, stored, now).await?;
    audit::record(&mut transaction, account, &principal.actor(), &event, now).await?;
    transaction.commit().await?;
    let answer = MadeToken {
        id,
        token: made,
        expires_at: instant(expires)?,
    };
    Ok((StatusCode::CREATED, Json(answer)))
}

/// Ends one of one's access tokens.
#[utoipa::path(delete, path = "/me/tokens/{id}", tag = "account",
    params(("id" = String, Path, description = "the token")), responses((status = 204, description = "revoked")))]
pub async fn revoke_token(
    InSession { principal, .. }: InSession,
    State(state): State<AppState>,
    Named(id): Named,
) -> ApiResult<StatusCode> {
    let (account, now) = (principal.account, state.clock.now_utc_ms());
    let mut transaction = state.store.begin().await?;
    let name = tokens::revoke(&mut transaction, account, principal.user_id, &id).await?;
    let name = name.ok_or_else(|| Problem::not_found("this access token"))?;
    let event = Event::new(Action::TokenRevoked, Object::new("token", id, name));
    audit::record(&mut transaction, account, &principal.actor(), &event, now).await?;
    transaction.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
