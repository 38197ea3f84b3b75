//! Real-time status over the public interface: who may see agents now, how settings and profiles are refused, and how a
//! stream begins.

use crate::app::{TestApp, send};
use floorwire_hub::auth::role::{Role, Scope};
use reqwest::Method;
use serde_json::{Value, json};

async fn integration(app: &TestApp) -> i64 {
    let owner = app.owner("A").await;
    let body = json!({"name": "Paris", "source": "avaya-cms"});
    owner.post("/integrations", body).await.is_ok()["id"]
        .as_i64()
        .unwrap()
}

#[tokio::test]
async fn agents_now_are_for_those_who_may_see_agents() {
    let app = TestApp::start().await;
    let path = "/live/agents/stream";
    for role in [Role::Planner, Role::Viewer, Role::Auditor] {
        let client = app.client("A", role, Scope::All).await;
        client
            .get("/live/agents")
            .await
            .is_problem(403, "not-allowed");
        client.get(path).await.is_problem(403, "not-allowed");
    }
    let queues_only = app.client("A", Role::Owner, Scope::Queues).await;
    queues_only.get(path).await.is_problem(403, "not-allowed");
    for role in [Role::Owner, Role::Admin, Role::TeamLead] {
        let client = app.client("A", role, Scope::All).await;
        let shown = client
            .get("/live/agents?search=x&state=aux&acd=1")
            .await
            .is_ok();
        assert_eq!(shown["items"], json!([]));
        assert_eq!((&shown["total"], &shown["feeds"]), (&json!(0), &json!([])));
        let mut stream = client.request(Method::GET, path).send().await.unwrap();
        assert_eq!(stream.headers()["content-type"], "text/event-stream");
        let first = stream.chunk().await.unwrap().unwrap();
        let first = String::from_utf8(first.to_vec()).unwrap();
        assert!(
            first.starts_with("id: 0\nevent: snapshot\ndata: {"),
            "{first}"
        );
    }
    let owner = app.owner("A").await;
    owner
        .get("/live/agents?state=asleep")
        .await
        .is_problem(422, "invalid-query");
    owner
        .get("/live/agents?cursor=x")
        .await
        .is_problem(422, "invalid-cursor");
    owner
        .get("/live/agents?limit=0")
        .await
        .is_problem(422, "invalid-limit");
}

#[tokio::test]
async fn streams_end_with_the_hub() {
    let app = TestApp::start().await;
    let owner = app.owner("A").await;
    let mut stream = owner
        .request(Method::GET, "/live/agents/stream")
        .send()
        .await
        .unwrap();
    assert!(stream.chunk().await.unwrap().is_some());
    app.running.begin_shutdown();
    while stream.chunk().await.unwrap().is_some() {}
}

#[tokio::test]
async fn settings_that_cannot_be_used_are_named() {
    let app = TestApp::start().await;
    let id = integration(&app).await;
    let owner = app.owner("A").await;
    let path = format!("/integrations/{id}");
    let refused = |feeds: Value| {
        let body = json!({"configuration": {"realtime": {"enabled": true, "feeds": feeds}}});
        send(owner.request(Method::PATCH, &path).json(&body))
    };
    refused(json!([])).await.is_problem(422, "invalid-realtime");
    let feed = json!([{"port": 7001, "acd": 1, "profile": "no-such-profile"}]);
    let answer = refused(feed).await;
    answer.is_problem(422, "invalid-realtime");
    assert!(
        answer.json()["detail"]
            .as_str()
            .unwrap()
            .contains("`realtime.feeds[0].profile`")
    );
    refused(json!([{"port": 70001, "acd": 1, "profile": "x"}]))
        .await
        .is_problem(422, "invalid-body");
    let settings = json!({"configuration": {"genericAbsence": true, "agentDetail": true}});
    let shown = owner.patch(&path, settings).await.is_ok();
    assert_eq!(shown["configuration"]["genericAbsence"], true);
    assert_eq!(shown["configuration"]["agentDetail"], true);
    assert_eq!(shown["configuration"]["realtime"]["enabled"], false);
    assert!(shown["realtime"].is_null());
}

#[tokio::test]
async fn a_profile_with_faults_is_refused_with_all_of_them() {
    let app = TestApp::start().await;
    let id = integration(&app).await;
    let owner = app.owner("A").await;
    let path = format!("/integrations/{id}/feedProfiles");
    let put = |name: &str| {
        let request = owner.request(Method::PUT, &format!("{path}/{name}"));
        send(request.json(&json!({"text": "this is no profile"})))
    };
    let answer = put("mine").await;
    answer.is_problem(422, "invalid-feed-profile");
    assert!(
        !answer.json()["faults"].as_array().unwrap().is_empty(),
        "{}",
        answer.text
    );
    put("No%20Name")
        .await
        .is_problem(422, "invalid-feed-profile-name");
    let checked = owner
        .post(&path, json!({"text": "this is no profile"}))
        .await
        .is_ok();
    assert!(!checked["faults"].as_array().unwrap().is_empty());
    owner
        .get(&format!("{path}/mine"))
        .await
        .is_problem(404, "not-found");
    owner
        .delete(&format!("{path}/mine"))
        .await
        .is_problem(404, "not-found");
    let outages = format!("/integrations/{id}/feedOutages?from=2026-01-01&to=2026-01-02");
    assert_eq!(owner.get(&outages).await.is_ok()["outages"], json!([]));
}
