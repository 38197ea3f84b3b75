//! `/me/sessions`: where one is signed in.

use super::instant;
use crate::api::extract::Named;
use crate::api::types::Instant;
use crate::audit::{Action, Change, Event, Object};
use crate::auth::{InSession, Principal, token};
use crate::error::{ApiResult, Problem};
use crate::state::AppState;
use crate::store::{Transaction, audit, sessions};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

/// One's own sessions.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Sessions {
    /// The last used first.
    pub items: Vec<ListedSession>,
}

/// A session of a browser.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ListedSession {
    /// Unique within the account.
    pub id: String,
    /// True for the one that asks.
    pub current: bool,
    /// The address it began from; empty when it is older than this was kept.
    pub address: String,
    /// What the browser said of itself (`User-Agent`).
    pub browser: String,
    /// When it began.
    pub created_at: Instant,
    /// When it was used last, to within ten minutes.
    pub last_used_at: Instant,
    /// When it ends at the latest.
    pub expires_at: Instant,
}

/// Where one is signed in.
#[utoipa::path(get, path = "/me/sessions", tag = "account", responses((status = 200, body = Sessions)))]
pub async fn list_sessions(
    InSession {
        principal,
        session_hash,
    }: InSession,
    State(state): State<AppState>,
) -> ApiResult<Json<Sessions>> {
    let now = state.clock.now_utc_ms();
    let rows = sessions::of_user(&state.store, principal.account, principal.user_id, now).await?;
    let items = rows.into_iter().map(|row| {
        Ok(ListedSession {
            id: token::id_of(&row.token_hash).to_owned(),
            current: row.token_hash == session_hash,
            address: row.address,
            browser: row.browser,
            created_at: instant(row.created_utc_ms)?,
            last_used_at: instant(row.last_used_utc_ms)?,
            expires_at: instant(row.expires_utc_ms)?,
        })
    });
    Ok(Json(Sessions {
        items: items.collect::<ApiResult<_>>()?,
    }))
}

/// Ends all of one's sessions but this one.
#[utoipa::path(delete, path = "/me/sessions", tag = "account", responses((status = 204, description = "ended")))]
pub async fn end_other_sessions(
    InSession {
        principal,
        session_hash,
    }: InSession,
    State(state): State<AppState>,
) -> ApiResult<StatusCode> {
    let (account, user_id) = (principal.account, principal.user_id);
    let mut transaction = state.store.begin().await?;
    let ended =
        sessions::end_others(&mut transaction, account, user_id, Some(&session_hash)).await?;
    if ended > 0 {
        log(&state, &mut transaction, &principal, ended).await?;
    }
    transaction.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends one of one's sessions.
#[utoipa::path(delete, path = "/me/sessions/{id}", tag = "account",
    params(("id" = String, Path, description = "the session")), responses((status = 204, description = "ended")))]
pub async fn end_session(
    InSession { principal, .. }: InSession,
    State(state): State<AppState>,
    Named(id): Named,
) -> ApiResult<StatusCode> {
    let (account, user_id) = (principal.account, principal.user_id);
    let mut transaction = state.store.begin().await?;
    if !sessions::end_one(&mut transaction, account, user_id, &id).await? {
        return Err(Problem::not_found("this session"));
    }
    log(&state, &mut transaction, &principal, 1).await?;
    transaction.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn log(
    state: &AppState,
    transaction: &mut Transaction,
    principal: &Principal,
    ended: u64,
) -> ApiResult<()> {
    let user = Object::new("user", principal.user_id, principal.email.as_str());
    let event = Event::new(Action::SessionsEnded, user).with([Change::to("sessions", ended)]);
    let now = state.clock.now_utc_ms();
    audit::record(
        transaction,
        principal.account,
        &principal.actor(),
        &event,
        now,
    )
    .await?;
    Ok(())
}
