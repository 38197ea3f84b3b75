//! The hub's metrics, declared once. Rendered at `/metrics` in the Prometheus text format.

use axum::http::header;
use axum::response::{IntoResponse, Response};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use std::sync::OnceLock;

/// Requests answered; labels `method`, `route`, `status`.
pub const REQUESTS: &str = "floorwire_hub_http_requests_total";
/// Seconds until the head of the answer was ready; labels `method`, `route`.
pub const REQUEST_SECONDS: &str = "floorwire_hub_http_request_seconds";
/// 1 while the database takes writes.
pub const STORAGE_UP: &str = "floorwire_hub_storage_up";
/// Sign-in attempts; label `outcome`: `ok`, `wrong`, `throttled`.
pub const SIGN_INS: &str = "floorwire_hub_sign_ins_total";
/// Open event streams.
pub const STREAMS: &str = "floorwire_hub_event_streams";
/// Source partitions that ended; label `outcome`: `applied`, `unchanged`, `refused`, `set_aside`.
pub const PARTITIONS: &str = "floorwire_hub_partitions_total";
/// Source rows stored.
pub const ROWS: &str = "floorwire_hub_source_rows_total";
/// Seconds from complete to commit of one partition.
pub const APPLY_SECONDS: &str = "floorwire_hub_apply_seconds";
/// Live events that Links delivered; label `outcome`: `stored`, `dropped`.
pub const LIVE_EVENTS: &str = "floorwire_hub_live_events_total";
/// Tasks handed out.
pub const LEASES: &str = "floorwire_hub_leases_total";

static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Installs the recorder of this process; further calls change nothing.
pub fn install() {
    RECORDER.get_or_init(|| {
        let buckets = [
            0.001, 0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
        ];
        let builder = PrometheusBuilder::new().set_buckets(&buckets).ok()?;
        let handle = builder.install_recorder().ok()?;
        describe();
        metrics::gauge!(STORAGE_UP).set(1.0);
        Some(handle)
    });
}

fn describe() {
    metrics::describe_counter!(REQUESTS, "requests answered");
    metrics::describe_histogram!(
        REQUEST_SECONDS,
        "seconds until the head of the answer was ready"
    );
    metrics::describe_gauge!(STORAGE_UP, "1 while the database takes writes");
    metrics::describe_counter!(SIGN_INS, "sign-in attempts by outcome");
    metrics::describe_gauge!(STREAMS, "open event streams");
    metrics::describe_counter!(PARTITIONS, "source partitions that ended, by outcome");
    metrics::describe_counter!(ROWS, "source rows stored");
    metrics::describe_histogram!(
        APPLY_SECONDS,
        "seconds from complete to commit of one partition"
    );
    metrics::describe_counter!(LIVE_EVENTS, "live events that links delivered, by outcome");
    metrics::describe_counter!(LEASES, "tasks handed out to links");
}

/// Keeps the histograms small; to be called now and then.
pub fn upkeep() {
    if let Some(Some(handle)) = RECORDER.get() {
        handle.run_upkeep();
    }
}

/// `GET /metrics`
pub async fn render() -> Response {
    let text = RECORDER
        .get()
        .and_then(Option::as_ref)
        .map(PrometheusHandle::render)
        .unwrap_or_default();
    (
        [(
            header::CONTENT_TYPE,
            "text/plain; version=0.0.4; charset=utf-8",
        )],
        text,
    )
        .into_response()
}
