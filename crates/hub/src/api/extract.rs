//! Extractors that answer with problems: body, query and path.

use crate::error::Problem;
use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;

/// Most things on one page.
pub const LARGEST_PAGE: u32 = 1000;
const USUAL_PAGE: u32 = 100;

/// A JSON body.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        match Json::<T>::from_request(request, state).await {
            Ok(Json(value)) => Ok(Self(value)),
            Err(rejection) => Err(body_problem(&rejection)),
        }
    }
}

fn body_problem(rejection: &JsonRejection) -> Problem {
    let status = rejection.status();
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => too_large(),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Problem::new(
            status,
            "unsupported-media-type",
            "the body is not declared as JSON",
        )
        .remedy("send `Content-Type: application/json`"),
        StatusCode::UNPROCESSABLE_ENTITY => Problem::invalid("invalid-body", rejection.body_text()),
        _ => Problem::new(
            StatusCode::BAD_REQUEST,
            "invalid-json",
            "the body is not JSON",
        )
        .detail(rejection.body_text()),
    }
}

/// 413.
pub fn too_large() -> Problem {
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "body-too-large",
        "the body is too large",
    )
    .remedy("send less at once")
}

/// Parameters of the query.
#[derive(Debug)]
pub struct Params<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = Query::<T>::from_request_parts(parts, state).await;
        query
            .map(|Query(value)| Self(value))
            .map_err(|rejection: QueryRejection| {
                Problem::invalid("invalid-query", rejection.body_text())
            })
    }
}

/// A number in the path. Anything else there is a 404, as for a thing that does not exist.
#[derive(Debug)]
pub struct Id(pub i64);

/// A text in the path that names something, such as `0f3c...`.
#[derive(Debug)]
pub struct Named(pub String);

impl<S: Send + Sync> FromRequestParts<S> for Named {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        path.map(|Path(name)| Self(name))
            .map_err(|_: PathRejection| Problem::not_found(format!("`{}`", parts.uri.path())))
    }
}

/// Two numbers in the path, as [`Id`].
#[derive(Debug)]
pub struct Ids(pub i64, pub i64);

impl<S: Send + Sync> FromRequestParts<S> for Ids {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<(i64, i64)>::from_request_parts(parts, state).await;
        path.map(|Path((one, other))| Self(one, other))
            .map_err(|_: PathRejection| Problem::not_found(format!("`{}`", parts.uri.path())))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<i64>::from_request_parts(parts, state).await;
        path.map(|Path(id)| Self(id))
            .map_err(|_: PathRejection| Problem::not_found(format!("`{}`", parts.uri.path())))
    }
}

/// Paging of a list.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// Most things wanted, 1 to 1000; 100 when left out.
    #[param(minimum = 1, maximum = 1000)]
    pub limit: Option<u32>,
    /// `nextCursor` of the page before.
    pub cursor: Option<String>,
}

impl Paging {
    /// How many things the page holds.
    pub fn limit(&self) -> Result<usize, Problem> {
        let limit = self.limit.unwrap_or(USUAL_PAGE);
        if limit == 0 || limit > LARGEST_PAGE {
            return Err(Problem::invalid(
                "invalid-limit",
                format!("`limit` is {limit}; it can be 1 to {LARGEST_PAGE}"),
            ));
        }
        usize::try_from(limit).map_err(Problem::internal)
    }

    /// The cursor as the number of the last thing seen.
    pub fn after_id(&self) -> Result<Option<i64>, Problem> {
        let Some(cursor) = &self.cursor else {
            return Ok(None);
        };
        cursor.parse().map(Some).map_err(|_| invalid_cursor())
    }
}

/// 422 for a cursor that was not made here.
pub fn invalid_cursor() -> Problem {
    Problem::invalid(
        "invalid-cursor",
        "`cursor` is not one that this list gave out",
    )
    .remedy("begin again without cursor")
}
