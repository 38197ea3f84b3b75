//! The access log: what gets in, what stays out, who reads what of it.

use crate::app::{PASSWORD, TestApp, send};
use crate::queues::filled;
use floorwire_hub::auth::role::{Role, Scope};
use floorwire_hub::change;
use reqwest::Method;
use serde_json::{Value, json};

const SEALED: &str =
    "c2VhbGVkIHRvIGEga2V5IHRoYXQgbm9ib2R5IGhhcyBpbiB0aGlzIHRlc3QsIGFuZCBsb25nIGVub3VnaC4=";

fn actions(list: &Value) -> Vec<&str> {
    let items = list["items"].as_array().unwrap();
    items
        .iter()
        .map(|item| item["action"].as_str().unwrap())
        .collect()
}

async fn with_agent(app: &TestApp) {
    let mut transaction = app.running.state.store.begin().await.unwrap();
    for sql in [
        "INSERT INTO agents (account_id, agent_id, integration_id, acd, login) VALUES (1, 17, 1, 1, '4711')",
        "INSERT INTO dictionary_entries (account_id, integration_id, acd, item_type, value, name, description, standard)
            VALUES (1, 1, 1, 'agname', '4711', 'Marked Person', '', FALSE)",
    ] {
        change!(&mut transaction, sql).unwrap();
    }
    transaction.commit().await.unwrap();
}

#[tokio::test]
async fn changes_are_told_from_what_to_what_and_secrets_are_not() {
    let app = TestApp::start().await;
    let owner = app.browser("A", Role::Owner).await;
    let body = json!({"name": "Paris", "source": "avaya-cms"});
    owner
        .send(Method::POST, "/integrations", body)
        .await
        .is_ok();
    let body = json!({"name": "Lyon", "configuration": {"zone": "Europe/Paris",
        "connectionString": {"open": "DSN=cms;UID=a;PWD={sealed}", "sealed": SEALED}}});
    let changed = owner.send(Method::PATCH, "/integrations/1", body).await;
    changed.is_ok();
    for action in ["pause", "pause", "resume", "verify"] {
        let path = format!("/integrations/1/{action}");
        assert!(
            owner
                .send(Method::POST, &path, json!({}))
                .await
                .status
                .is_success()
        );
    }
    assert_eq!(owner.delete("/integrations/1").await.status.as_u16(), 204);
    let log = owner.get("/audit?action=integration").await;
    assert!(!log.text.contains(SEALED), "{}", log.text);
    let log = log.is_ok();
    assert_eq!(
        actions(&log),
        [
            "integration.deleted",
            "integration.verified",
            "integration.resumed",
            "integration.paused",
            "integration.changed",
            "integration.created"
        ]
    );
    let entry = &log["items"][4];
    assert_eq!(entry["actor"]["name"], "owner@a.example");
    assert_eq!(entry["actor"]["via"], "session");
    assert_eq!(entry["actor"]["address"], "127.0.0.1");
    assert_eq!(
        entry["object"],
        json!({"kind": "integration", "id": "1", "name": "Paris"})
    );
    assert_eq!(
        entry["changes"],
        json!([
            {"field": "name", "from": "Paris", "to": "Lyon"},
            {"field": "configuration.connection.open", "from": null, "to": "DSN=cms;UID=a;PWD={sealed}"},
            {"field": "configuration.connection.sealed", "from": null, "to": "changed"},
            {"field": "configuration.zone", "from": null, "to": "Europe/Paris"},
        ])
    );
}

#[tokio::test]
async fn sign_ins_users_and_tokens_are_told() {
    let app = TestApp::start().await;
    let owner = app.browser("A", Role::Owner).await;
    let wrong = json!({"email": "owner@a.example", "password": "certainly wrong"});
    app.post("/session", wrong)
        .await
        .is_problem(401, "wrong-credentials");
    let body = json!({"name": "t", "scope": "all", "expiresInDays": 1});
    let token = owner.send(Method::POST, "/me/tokens", body).await.is_ok();
    app.token("A", Role::Viewer, Scope::All).await;
    let body = json!({"role": "planner"});
    owner.send(Method::PATCH, "/users/2", body).await.is_ok();
    // written after the answer
    let refused = loop {
        let found = owner.get("/audit?action=session.refused").await.is_ok();
        if found["items"] != json!([]) {
            break found;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(refused["items"][0]["actor"]["userId"], Value::Null);
    assert_eq!(refused["items"][0]["object"]["name"], "owner@a.example");
    let log = owner.get("/audit").await;
    assert!(!log.text.contains("certainly wrong") && !log.text.contains(PASSWORD));
    assert!(!log.text.contains(token["token"].as_str().unwrap()));
    let log = log.is_ok();
    let found = actions(&log);
    for action in [
        "user.added",
        "token.created",
        "session.began",
        "user.changed",
    ] {
        assert!(found.contains(&action), "{found:?}");
    }
    let changed = owner
        .get("/audit?object=user:2&action=user.changed")
        .await
        .is_ok();
    assert_eq!(
        changed["items"][0]["changes"],
        json!([{"field": "role", "from": "viewer", "to": "planner"}])
    );
    let none = owner.get("/audit?actor=nobody").await.is_ok();
    assert_eq!(none["items"], json!([]));
    let page = owner.get("/audit?limit=1").await.is_ok();
    let next = page["nextCursor"].as_str().unwrap();
    let rest = owner
        .get(&format!("/audit?limit=1&cursor={next}"))
        .await
        .is_ok();
    assert_eq!(
        rest["items"][0]["id"].as_i64().unwrap() + 1,
        page["items"][0]["id"].as_i64().unwrap()
    );
    let at = log["items"][0]["at"].as_str().unwrap();
    let earlier = owner.get(&format!("/audit?to={at}")).await.is_ok();
    assert!(actions(&earlier).len() < found.len());
    let later = owner.get("/audit?from=2100-01-01T00:00:00Z").await.is_ok();
    assert_eq!(later["items"], json!([]));
    owner
        .get("/audit?from=yesterday")
        .await
        .is_problem(422, "invalid-query");
    owner
        .get("/audit?cursor=x")
        .await
        .is_problem(422, "invalid-cursor");
}

#[tokio::test]
async fn a_look_at_an_agent_is_told_and_the_auditor_reads_a_pseudonym() {
    let app = TestApp::start().await;
    filled(&app).await;
    with_agent(&app).await;
    let lead = app.browser("A", Role::TeamLead).await;
    let period = "from=2026-10-25&to=2026-10-26";
    for what in ["intervals", "sessions", "statuses"] {
        lead.get(&format!("/agents/17/{what}?{period}"))
            .await
            .is_ok();
    }
    lead.get(&format!("/agents/99/statuses?{period}"))
        .await
        .is_problem(404, "not-found");
    let admin = app.browser("A", Role::Admin).await;
    let seen = admin.get("/audit?action=agent.viewed").await.is_ok();
    assert_eq!(seen["items"].as_array().unwrap().len(), 3);
    let entry = &seen["items"][0];
    assert_eq!(entry["actor"]["name"], "team-lead@a.example");
    assert_eq!(
        entry["object"],
        json!({"kind": "agent", "id": "17", "name": "Marked Person"})
    );
    assert_eq!(
        entry["changes"],
        json!([
            {"field": "data", "from": null, "to": "statuses"},
            {"field": "from", "from": null, "to": "2026-10-25"},
            {"field": "to", "from": null, "to": "2026-10-26"},
        ])
    );
    let auditor = app.browser("A", Role::Auditor).await;
    let told = auditor.get("/audit").await;
    assert!(!told.text.contains("Marked Person") && !told.text.contains("4711"));
    let told = auditor.get("/audit?action=agent").await.is_ok();
    let object = &told["items"][0]["object"];
    let pseudonym = object["name"].as_str().unwrap();
    assert!(pseudonym.starts_with("agent-") && object["id"] == pseudonym);
    assert!(
        told["items"]
            .as_array()
            .unwrap()
            .iter()
            .all(|item| item["object"] == *object)
    );
    let found = auditor
        .get(&format!("/audit?object={pseudonym}"))
        .await
        .is_ok();
    assert_eq!(found["items"].as_array().unwrap().len(), 3);
    let by_number = auditor.get("/audit?object=agent:17").await.is_ok();
    assert_eq!(by_number["items"], json!([]));
    let by_number = admin.get("/audit?object=agent:17").await.is_ok();
    assert_eq!(by_number["items"].as_array().unwrap().len(), 3);
    let planner = app.browser("A", Role::Planner).await;
    planner.get("/audit").await.is_problem(403, "not-allowed");
}

#[tokio::test]
async fn the_export_holds_every_entry_and_no_formula() {
    let app = TestApp::start().await;
    let owner = app.browser("A", Role::Owner).await;
    let mut transaction = app.running.state.store.begin().await.unwrap();
    // more than one portion of lines
    let sql = "INSERT INTO audit_entries (account_id, entry_id, at_utc_ms, actor_id, actor, via, address, action, object_kind,
        object_id, object_name, changes)
        VALUES (1, $1, $2, NULL, 'console', 'console', '', 'integration.changed', 'integration', '1', '=SUM(A1)', '[]')";
    for number in 1_000..2_200_i64 {
        change!(&mut transaction, sql, number, 1_700_000_000_000 + number).unwrap();
    }
    transaction.commit().await.unwrap();
    let answer = send(owner.request(Method::GET, "/audit?format=csv&object=SUM")).await;
    assert!(
        answer.headers["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/csv")
    );
    let lines: Vec<&str> = answer.text.lines().collect();
    assert_eq!(lines.len(), 1_201);
    assert!(lines[0].starts_with("id,at,actor,"));
    assert!(lines[1].starts_with("2199,") && lines[1_200].starts_with("1000,"));
    assert!(lines[1].contains(",'=SUM(A1),"), "{}", lines[1]);
    let log = owner.get("/audit?action=audit.exported").await.is_ok();
    assert_eq!(
        log["items"][0]["changes"][0],
        json!({"field": "object", "from": null, "to": "SUM"})
    );
    owner
        .get("/audit?format=xml")
        .await
        .is_problem(422, "invalid-format");
}
