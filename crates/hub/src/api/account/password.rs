//! `/me/password`: one's own password.

use super::refused_password;
use crate::api::extract::Body;
use crate::audit::{Action, Change, Event, Object};
use crate::auth::InSession;
use crate::error::{ApiResult, Problem};
use crate::state::AppState;
use crate::store::{audit, one_time, sessions, users};
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use std::time::Instant;
use utoipa::ToSchema;

/// The present password and the new one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordChange {
    /// The present password.
    pub current: String,
    /// The new one, at least ten characters.
    pub new: String,
}

/// Changes one's own password. All other sessions end; access tokens stay. Wrong tries count like those of signing in.
#[utoipa::path(put, path = "/me/password", tag = "account", request_body = PasswordChange,
    responses((status = 204, description = "changed")))]
pub async fn change_password(
    InSession {
        principal,
        session_hash,
    }: InSession,
    State(state): State<AppState>,
    Body(request): Body<PasswordChange>,
) -> ApiResult<StatusCode> {
    let (account, user_id) = (principal.account, principal.user_id);
    let (throttle, address) = (&state.auth.throttle, principal.address);
    if let Err(throttled) = throttle.begin(&principal.email, address, Instant::now()) {
        return Err(Problem::too_many_attempts(throttled.retry_after_s));
    }
    let stored = users::password_hash(&state.store, account, user_id).await?;
    let verified = state.auth.passwords.verify(request.current, stored).await;
    if !verified.map_err(Problem::internal)? {
        return Err(Problem::invalid(
            "current-password-wrong",
            "`current` is not the present password",
        )
        .remedy("type the present password again; capital letters count"));
    }
    throttle.succeeded(&principal.email, address);
    let hashed = state.auth.passwords.hash(request.new).await;
    let password_hash = hashed.map_err(refused_password)?;
    let event = Event::new(
        Action::PasswordChanged,
        Object::new("user", user_id, principal.email.as_str()),
    )
    .with([Change::to("password", Change::CHANGED)]);
    let mut transaction = state.store.begin().await?;
    users::set_password(&mut transaction, account, user_id, &password_hash).await?;
    sessions::end_others(&mut transaction, account, user_id, Some(&session_hash)).await?;
    one_time::revoke_of_user(&mut transaction, account, user_id).await?;
    let now = state.clock.now_utc_ms();
    audit::record(&mut transaction, account, &principal.actor(), &event, now).await?;
    transaction.commit().await?;
    tracing::info!(%account, user = user_id, "password changed");
    Ok(StatusCode::NO_CONTENT)
}
