//! The one error type of the HTTP layer: RFC 9457 problems.
//!
//! A [`Problem`] has an outer side (status, stable code, title, detail, remedy), which the client reads, and an
//! inner one (the cause), which only the log reads. `type` is the stable relative address `/problems/<code>`;
//! `code` repeats its last part so that a page can translate by it. Texts are English; nothing in the outer side
//! comes from a database or a secret.
//!
//! Which error goes where: store functions return `StoreError`, handlers return `Problem`, and `?` turns the one
//! into the other here. A problem with a 5xx status is logged once, when it becomes a response; troubles with
//! storage are logged by [`crate::health::StorageWatch`] once per change instead, because every request meets them.

use crate::store::StoreError;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::error::Error;
use utoipa::ToSchema;

/// Media type of every error answer.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// What the storage refuses to do, carried from a response to the watch that logs it once per change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StorageTrouble {
    /// The disk under the database is full.
    Full,
    /// The database cannot be reached or opened.
    Unavailable,
}

/// An error answer. Boxed, because results carry it through every call.
#[derive(Debug)]
pub struct Problem(Box<Inner>);

#[derive(Debug)]
struct Inner {
    status: StatusCode,
    code: Cow<'static, str>,
    title: Cow<'static, str>,
    detail: Option<Cow<'static, str>>,
    remedy: Option<Cow<'static, str>>,
    retry_after_s: Option<u64>,
    storage: Option<StorageTrouble>,
    faults: Vec<FaultBody>,
    cause: Option<Box<dyn Error + Send + Sync>>,
}

/// An error answer as the client reads it (`application/problem+json`).
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// Stable relative address, `/problems/<code>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What went wrong, in a few words.
    pub title: String,
    /// The HTTP status again.
    pub status: u16,
    /// What went wrong with this request.
    pub detail: String,
    /// The last part of `type`; pages translate by it.
    pub code: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
    /// Every fault of a text that was sent, such as a feed profile.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub faults: Vec<FaultBody>,
}

/// One thing that is wrong with a text that was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Fault)]
pub struct FaultBody {
    /// Line, from 1; null where it is not known.
    #[schema(required)]
    pub line: Option<usize>,
    /// The key, such as `columns.state`; empty where there is none.
    pub key: String,
    /// What is wrong and what would be right.
    pub message: String,
}

impl std::fmt::Display for FaultBody {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(line) = self.line {
            write!(formatter, "line {line}: ")?;
        }
        if !self.key.is_empty() {
            write!(formatter, "`{}`: ", self.key)?;
        }
        formatter.write_str(&self.message)
    }
}

impl Problem {
    /// A problem with a stable code (kebab case) and a short title.
    pub fn new(
        status: StatusCode,
        code: impl Into<Cow<'static, str>>,
        title: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self(Box::new(Inner {
            status,
            code: code.into(),
            title: title.into(),
            detail: None,
            remedy: None,
            retry_after_s: None,
            storage: None,
            faults: Vec::new(),
            cause: None,
        }))
    }

    /// Adds what went wrong with this request.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn remedy(mut self, remedy: impl Into<Cow<'static, str>>) -> Self {
        self.0.remedy = Some(remedy.into());
        self
    }

    /// Adds what is wrong with a text that was sent, item by item.
    #[must_use]
    pub fn faults(mut self, faults: Vec<FaultBody>) -> Self {
        self.0.faults = faults;
        self
    }

    /// Adds the cause, for the log alone.
    #[must_use]
    pub fn cause(mut self, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.0.cause = Some(cause.into());
        self
    }

    /// Adds a `Retry-After` header, in seconds.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.0.retry_after_s = Some(seconds);
        self
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// The stable code.
    pub fn code(&self) -> &str {
        &self.0.code
    }

    /// 401: no session and no token, or neither is valid.
    pub fn not_signed_in() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "not-signed-in", "not signed in")
            .detail("the request has no valid session or access token")
            .remedy("sign in, or send a valid access token as `Authorization: Bearer`")
    }

    /// 403: the role or the scope of the token does not allow it.
    pub fn not_allowed(needed: &'static str) -> Self {
        Self::new(StatusCode::FORBIDDEN, "not-allowed", "not allowed")
            .detail(format!(
                "this needs the right `{needed}`, which the role or the token does not have"
            ))
            .remedy("ask an owner or administrator of the account")
    }

    /// 429: too many attempts with a password.
    pub fn too_many_attempts(retry_after_s: u64) -> Self {
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too-many-attempts",
            "too many attempts",
        )
        .detail("there were too many attempts to sign in")
        .remedy("wait, then try again; ask an administrator when the password is lost")
        .retry_after(retry_after_s)
    }

    /// 404: no such thing in this account. `thing` names it: `integration 12`.
    pub fn not_found(thing: impl std::fmt::Display) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "not found")
            .detail(format!("{thing} does not exist in this account"))
    }

    /// 422: the request is understood and cannot be carried out. The code begins with `invalid-` or names the rule.
    pub fn invalid(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            code,
            "the request has a value that cannot be used",
        )
        .detail(detail)
    }

    /// 500: a defect or an unexpected state; the cause goes to the log only.
    pub fn internal(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal-error",
            "internal error",
        )
        .detail("the server met an error it did not expect; the cause is in its log")
        .cause(cause)
    }

    /// 503: the disk under the database is full.
    pub fn storage_full() -> Self {
        let mut problem =
            Self::new(StatusCode::SERVICE_UNAVAILABLE, "storage-full", "the storage of the hub is full")
                .detail("the disk that holds the database has no space left; nothing is lost, but nothing can be stored")
                .remedy("free or add space on the disk of the database; the hub goes on by itself")
                .retry_after(10);
        problem.0.storage = Some(StorageTrouble::Full);
        problem
    }

    /// 503: the database cannot be reached.
    pub fn storage_unavailable() -> Self {
        let mut problem = Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "storage-unavailable",
            "the storage of the hub is not available",
        )
        .detail("the database cannot be reached or opened")
        .remedy("start the database or check its address; the hub goes on by itself")
        .retry_after(5);
        problem.0.storage = Some(StorageTrouble::Unavailable);
        problem
    }

    /// The outer side.
    pub fn body(&self) -> ProblemBody {
        ProblemBody {
            kind: format!("/problems/{}", self.0.code),
            title: self.0.title.to_string(),
            status: self.0.status.as_u16(),
            detail: self.0.detail.as_ref().unwrap_or(&self.0.title).to_string(),
            code: self.0.code.to_string(),
            remedy: self.0.remedy.as_ref().map(ToString::to_string),
            faults: self.0.faults.clone(),
        }
    }

    fn log(&self) {
        if self.0.storage.is_some() || !self.0.status.is_server_error() {
            if let Some(cause) = &self.0.cause {
                tracing::debug!(code = %self.0.code, status = self.0.status.as_u16(), cause = %chain(cause.as_ref()), "request refused");
            }
            return;
        }
        let cause = self
            .0
            .cause
            .as_ref()
            .map(|cause| chain(cause.as_ref()))
            .unwrap_or_default();
        tracing::error!(code = %self.0.code, status = self.0.status.as_u16(), cause, "request failed");
    }
}

/// An error with all its sources, on one line.
pub fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        source = inner.source();
    }
    text
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        self.log();
        let mut response = (self.0.status, Json(self.body())).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.0.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.0.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(trouble) = self.0.storage {
            response.extensions_mut().insert(trouble);
        }
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::DiskFull(_) => Self::storage_full().cause(error),
            StoreError::Unavailable(_) => Self::storage_unavailable().cause(error),
            StoreError::Busy(_) => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "storage-busy",
                "the storage is busy",
            )
            .detail("another change was in the way")
            .remedy("try again")
            .retry_after(1)
            .cause(error),
            StoreError::Conflict(_) => Self::new(
                StatusCode::CONFLICT,
                "conflict",
                "the change contradicts what is stored",
            )
            .remedy("read the thing again and repeat the change")
            .cause(error),
            _ => Self::internal(error),
        }
    }
}

/// What handlers return.
pub type ApiResult<T> = Result<T, Problem>;
