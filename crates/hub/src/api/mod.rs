//! The public interface, `/api/v1`: one file per resource, one function per endpoint.
//!
//! Routes and OpenAPI come from one registration, so they cannot drift; `openapi.json` beside the crate is the committed
//! snapshot. JSON is camelCase, instants are RFC 3339 in UTC, lists are pages with a cursor, errors are problems
//! ([`crate::error`]). Every operation says so by a `default` response, added here once.

pub mod account;
pub mod agents;
pub mod audit;
pub mod dates;
pub mod extract;
pub mod integrations;
pub mod ledger_days;
pub mod live;
pub mod queues;
pub mod session;
pub mod types;

use crate::error::{PROBLEM_JSON, ProblemBody};
use crate::state::AppState;
use axum::Router;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use std::sync::Arc;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{ContentBuilder, OpenApi, Ref, ResponseBuilder};
use utoipa::{OpenApi as _, PartialSchema, ToSchema};
use utoipa_axum::router::OpenApiRouter;

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Floorwire Hub",
        description = "What a contact centre's floor did, interval by interval, and how complete that knowledge is.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    tags(
        (name = "session", description = "signing in and out"),
        (name = "integrations", description = "connections to ACDs and the completeness of what they brought"),
        (name = "queues", description = "queues and their figures"),
        (name = "agents", description = "what single agents did: personal data"),
        (name = "live", description = "what agents do now: personal data"),
        (name = "account", description = "users of the account, and one's own security"),
        (name = "audit", description = "the access log: who changed or looked at what")
    )
)]
struct Document;

fn parts() -> (Router<AppState>, OpenApi) {
    let endpoints = OpenApiRouter::new()
        .merge(session::router())
        .merge(integrations::router())
        .merge(queues::router())
        .merge(agents::router())
        .merge(live::router())
        .merge(account::router())
        .merge(audit::router());
    let (router, mut document) = OpenApiRouter::with_openapi(Document::openapi())
        .nest("/api/v1", endpoints)
        .split_for_parts();
    complete(&mut document);
    (router, document)
}

/// The OpenAPI document of `/api/v1`.
pub fn openapi() -> OpenApi {
    parts().1
}

/// All routes of `/api/v1`, the document among them.
pub fn router() -> Router<AppState> {
    let (router, document) = parts();
    let text: Arc<str> = document.to_pretty_json().unwrap_or_default().into();
    let serve = move || {
        let text = text.clone();
        async move {
            (
                [(header::CONTENT_TYPE, "application/json")],
                text.to_string(),
            )
                .into_response()
        }
    };
    router.route("/api/v1/openapi.json", get(serve))
}

/// Adds what holds for every operation: ways to sign in, and problems as the answer to anything else.
fn complete(document: &mut OpenApi) {
    let components = document.components.get_or_insert_with(Default::default);
    components
        .schemas
        .insert(ProblemBody::name().into_owned(), ProblemBody::schema());
    let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    let cookie =
        SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new("__Host-floorwire-session")));
    components.add_security_scheme("accessToken", bearer);
    components.add_security_scheme("session", cookie);
    let either: [SecurityRequirement; 2] = ["accessToken", "session"].map(|name| {
        let no_scopes: [&str; 0] = [];
        SecurityRequirement::new(name, no_scopes)
    });
    document.security = Some(either.to_vec());
    let problem = ResponseBuilder::new()
        .description("a problem")
        .content(
            PROBLEM_JSON,
            ContentBuilder::new()
                .schema(Some(Ref::from_schema_name(ProblemBody::name())))
                .build(),
        )
        .build();
    for item in document.paths.paths.values_mut() {
        let operations: [&mut Option<Operation>; 5] = [
            &mut item.get,
            &mut item.post,
            &mut item.put,
            &mut item.patch,
            &mut item.delete,
        ];
        for operation in operations.into_iter().flatten() {
            operation
                .responses
                .responses
                .insert("default".to_owned(), problem.clone().into());
        }
    }
}
