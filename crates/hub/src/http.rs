//! The whole HTTP face: routes, and the layers around them.
//!
//! Bodies are capped ([`MOST_BODY`]; the Link's parts have their own cap), panics become problems, every answer carries a
//! request id and the security headers, unknown addresses below `/api` and `/link` and wrong methods are problems. Any
//! other address is the web application's.

use crate::error::Problem;
use crate::state::AppState;
use crate::{api, assets, auth, health, link_api, metrics, server};
use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::header::{self, HeaderName};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::any::Any;
use std::time::Instant;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tracing::Instrument;

/// Largest body of a request to the public interface, bytes.
pub const MOST_BODY: usize = 256 * 1024;

/// Scripts come from the hub alone; `wasm-unsafe-eval` is for libsodium, which seals secrets in the browser.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; \
    img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// All routes with their layers.
pub fn app(state: AppState) -> Router {
    Router::new()
        .merge(api::router())
        .route("/api", get(server::no_such_address))
        .route("/api/{*rest}", axum::routing::any(server::no_such_address))
        .nest("/link/v1", link_api::router())
        .route("/link/{*rest}", axum::routing::any(server::no_such_address))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(show_metrics))
        .fallback(assets::serve)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(DefaultBodyLimit::max(MOST_BODY))
        .layer(middleware::from_fn_with_state(
            state.clone(),
            health::watch_storage,
        ))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(CompressionLayer::new())
        .layer(middleware::from_fn_with_state(
            state.clone(),
            security_headers,
        ))
        .layer(middleware::from_fn(observe))
        .with_state(state)
}

/// `GET /metrics`, for whoever may see integrations: Prometheus sends an access token.
async fn show_metrics(_viewer: auth::ViewsIntegrations) -> Response {
    metrics::render().await
}

async fn method_not_allowed() -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method-not-allowed",
        "method not allowed",
    )
    .detail("this address does not take this method")
    .remedy("see the header `Allow`")
}

fn panicked(cause: Box<dyn Any + Send>) -> Response {
    let text = cause
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| cause.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without text".to_owned());
    Problem::internal(text).into_response()
}

async fn security_headers(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let always = [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "same-origin"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), geolocation=(), microphone=()",
        ),
    ];
    for (name, value) in always {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if state.config.is_public_https() {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000"),
        );
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

/// Gives the request an id, measures it, and logs it for us (debug).
async fn observe(request: Request, next: Next) -> Response {
    let mut random = [0_u8; 8];
    // Without randomness the id is zero; everything that must be random fails by itself then.
    let _ = getrandom::fill(&mut random);
    let request_id = hex::encode(random);
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "other".to_owned(), |path| path.as_str().to_owned());
    let span = tracing::info_span!("request", id = request_id, %method, route);
    let begin = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let status = response.status().as_u16();
    let elapsed = begin.elapsed();
    span.in_scope(|| tracing::debug!(status, ms = elapsed.as_millis(), "answered"));
    ::metrics::counter!(metrics::REQUESTS, "method" => method.to_string(), "route" => route.clone(), "status" => status.to_string())
        .increment(1);
    ::metrics::histogram!(metrics::REQUEST_SECONDS, "method" => method.to_string(), "route" => route)
        .record(elapsed.as_secs_f64());
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}
