//! What holds for all endpoints besides who may do what (see `access`): how refusals look, and the headers.

use crate::app::{TestApp, send};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn figures_of_the_hub_need_a_token_and_its_health_does_not() {
    let app = TestApp::start().await;
    send(app.http.get(app.url("/metrics")))
        .await
        .is_problem(401, "not-signed-in");
    let document = send(app.http.get(app.url("/api/v1/openapi.json")))
        .await
        .is_ok();
    assert_eq!(
        document["openapi"].as_str().unwrap().split('.').next(),
        Some("3")
    );
    assert_eq!(send(app.http.get(app.url("/healthz"))).await.text, "ok\n");
    assert_eq!(send(app.http.get(app.url("/readyz"))).await.text, "ready\n");
}

#[tokio::test]
async fn refusals_are_problems_everywhere() {
    let app = TestApp::start().await;
    let owner = app.owner("A").await;
    send(app.http.get(app.url("/api/v1/nothing")))
        .await
        .is_problem(404, "not-found");
    send(app.http.get(app.url("/api")))
        .await
        .is_problem(404, "not-found");
    send(app.http.get(app.url("/link/v2/sync")))
        .await
        .is_problem(404, "not-found");
    let wrong_method = send(app.http.put(app.url("/api/v1/session"))).await;
    wrong_method.is_problem(405, "method-not-allowed");
    assert!(wrong_method.headers.contains_key("allow"));
    send(app.http.post(app.url("/")))
        .await
        .is_problem(405, "method-not-allowed");
    owner.get("/queues/abc").await.is_problem(404, "not-found");
    owner
        .get("/queues?limit=0")
        .await
        .is_problem(422, "invalid-limit");
    owner
        .get("/queues?limit=x")
        .await
        .is_problem(422, "invalid-query");
    owner
        .get("/queues?cursor=x")
        .await
        .is_problem(422, "invalid-cursor");
    let not_json = owner
        .request(Method::POST, "/integrations")
        .body("{")
        .header("content-type", "application/json");
    send(not_json).await.is_problem(400, "invalid-json");
    let no_type = owner.request(Method::POST, "/integrations").body("{}");
    send(no_type)
        .await
        .is_problem(415, "unsupported-media-type");
    let unknown = json!({"name": "a", "source": "avaya-cms", "more": 1});
    owner
        .post("/integrations", unknown)
        .await
        .is_problem(422, "invalid-body");
    let large = json!({"name": "x".repeat(300 * 1024), "source": "avaya-cms"});
    owner
        .post("/integrations", large)
        .await
        .is_problem(413, "body-too-large");
}

#[tokio::test]
async fn every_answer_has_the_security_headers() {
    let app = TestApp::start().await;
    for path in [
        "/",
        "/api/v1/session",
        "/api/v1/openapi.json",
        "/healthz",
        "/nothing",
    ] {
        let answer = send(app.http.get(app.url(path))).await;
        let policy = answer.headers["content-security-policy"].to_str().unwrap();
        assert!(
            policy.starts_with("default-src 'self';") && !policy.contains("unsafe-inline"),
            "{path}: {policy}"
        );
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
        assert_eq!(answer.headers["x-frame-options"], "DENY");
        assert_eq!(answer.headers["x-request-id"].len(), 16);
        assert!(answer.headers.contains_key("cache-control"), "{path}");
        assert!(!answer.headers.contains_key("server"), "{path}");
    }
}
