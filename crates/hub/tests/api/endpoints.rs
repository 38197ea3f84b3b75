//! Walks every endpoint of the OpenAPI document: who gets in, and how refusals look.

use crate::app::{TestApp, send};
use floorwire_hub::auth::role::{Role, Scope};
use reqwest::Method;
use serde_json::{Value, json};

/// Every operation as method and path, with 1 for each id.
fn operations() -> Vec<(Method, String)> {
    let document: Value =
        serde_json::from_str(&floorwire_hub::api::openapi().to_json().unwrap()).unwrap();
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            let method: Method = method.to_uppercase().parse().unwrap();
            all.push((
                method,
                path.replace("{id}", "1")
                    .replace("{preview}", "1")
                    .replace("{name}", "mine")
                    .replace("{notice}", "1"),
            ));
        }
    }
    assert!(all.len() >= 18, "{all:?}");
    all
}

fn is_sign_in(method: &Method, path: &str) -> bool {
    *method == Method::POST && path == "/api/v1/session"
}

#[tokio::test]
async fn nothing_is_open_to_the_world() {
    let app = TestApp::start().await;
    for (method, path) in operations() {
        if is_sign_in(&method, &path) {
            continue;
        }
        // a body that could not be read either way: signing in comes first
        let anonymous = app.http.request(method.clone(), app.url(&path)).body("{");
        send(anonymous).await.is_problem(401, "not-signed-in");
        let wrong = app
            .http
            .request(method.clone(), app.url(&path))
            .bearer_auth("fwp_1_wrong");
        send(wrong).await.is_problem(401, "not-signed-in");
    }
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
async fn roles_and_scopes_decide_over_every_endpoint() {
    let app = TestApp::start().await;
    let viewer = app.client("A", Role::Viewer, Scope::All).await;
    let auditor = app.client("A", Role::Auditor, Scope::All).await;
    let read_only = app.client("A", Role::Owner, Scope::Read).await;
    let queues_only = app.client("A", Role::Owner, Scope::Queues).await;
    let planner = app.client("A", Role::Planner, Scope::All).await;
    let team_lead = app.client("A", Role::TeamLead, Scope::All).await;
    for (method, path) in operations() {
        let path = path.strip_prefix("/api/v1").unwrap();
        if path == "/session" || path.ends_with("/stream") {
            continue;
        }
        let changes = method != Method::GET;
        let of_queues = path.starts_with("/queues");
        let of_agents = path.starts_with("/agents") || path.starts_with("/live");
        for (client, refused) in [
            (&viewer, changes || of_agents),
            (&planner, changes || of_agents),
            (&team_lead, changes),
            (&auditor, changes || of_queues || of_agents),
            (&read_only, changes),
            (&queues_only, !of_queues || changes),
        ] {
            let answer = send(client.request(method.clone(), path)).await;
            if refused {
                answer.is_problem(403, "not-allowed");
            } else {
                assert_ne!(answer.status.as_u16(), 403, "{method} {path}");
                assert!(
                    !answer.status.is_server_error(),
                    "{method} {path} {}",
                    answer.text
                );
            }
        }
    }
}

#[tokio::test]
async fn another_account_does_not_exist() {
    let app = TestApp::start().await;
    let (mine, theirs) = (app.owner("Mine").await, app.owner("Theirs").await);
    let body = json!({"name": "Paris", "source": "avaya-cms"});
    let id = mine.post("/integrations", body).await.is_ok()["id"]
        .as_i64()
        .unwrap();
    assert_eq!(
        theirs.get("/integrations").await.is_ok()["items"],
        json!([])
    );
    for (method, path) in operations() {
        let Some(path) = path.strip_prefix("/api/v1/integrations/1") else {
            continue;
        };
        let body = match path {
            "/pair" => json!({"pin": "123456"}),
            "/feedPreview" => json!({"port": 7001, "profile": ""}),
            path if path.starts_with("/feedProfiles") => json!({"text": ""}),
            "/reimport" => {
                json!({"stream": "queue_intervals", "from": "2026-01-01", "to": "2026-01-02"})
            }
            _ => json!({}),
        };
        let address = format!("/integrations/{id}{path}?from=2026-01-01&to=2026-01-02");
        send(theirs.request(method, &address).json(&body))
            .await
            .is_problem(404, "not-found");
    }
    mine.get(&format!("/integrations/{id}")).await.is_ok();
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
