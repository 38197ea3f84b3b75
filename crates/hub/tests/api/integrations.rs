//! Integrations: create, change, pause, delete; settings and their secrets; the event stream.

use crate::app::TestApp;
use base64::Engine;
use floorwire_hub::auth::role::{Role, Scope};
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn an_integration_lives_from_creation_to_deletion() {
    let app = TestApp::start().await;
    let owner = app.owner("A").await;
    let created = owner
        .post(
            "/integrations",
            json!({"name": " Paris ", "source": "avaya-cms"}),
        )
        .await;
    assert_eq!(created.status.as_u16(), 201);
    let shown = created.is_ok();
    let id = shown["id"].as_i64().unwrap();
    assert_eq!(
        created.headers["location"],
        format!("/api/v1/integrations/{id}")
    );
    assert_eq!(shown["name"], "Paris");
    assert_eq!(shown["status"]["state"], "connecting");
    assert_eq!(shown["configuration"]["version"], 1);
    assert_eq!(
        shown["configuration"]["offeredDefinition"],
        "acdcalls+abncalls"
    );
    for field in ["link", "progress", "lastImportAt", "latestDataPoint"] {
        assert!(
            shown.as_object().unwrap().contains_key(field) && shown[field].is_null(),
            "{field}"
        );
    }
    let account = shown["code"].as_str().unwrap().split('-').next().unwrap();
    assert!(account.parse::<i64>().is_ok(), "{}", shown["code"]);
    let again = json!({"name": "Paris", "source": "avaya-cms"});
    owner
        .post("/integrations", again.clone())
        .await
        .is_problem(409, "name-taken");
    let other = json!({"name": "Lyon", "source": "other"});
    owner
        .post("/integrations", other)
        .await
        .is_problem(422, "invalid-source");

    let path = format!("/integrations/{id}");
    let changed = owner
        .patch(&path, json!({"configuration": {"zone": "Europe/Paris"}}))
        .await
        .is_ok();
    assert_eq!(
        (
            &changed["configuration"]["version"],
            &changed["configuration"]["zone"]
        ),
        (&json!(2), &json!("Europe/Paris"))
    );
    let same = owner
        .patch(
            &path,
            json!({"name": "Paris 2", "configuration": {"zone": "Europe/Paris"}}),
        )
        .await
        .is_ok();
    assert_eq!(
        (&same["configuration"]["version"], &same["name"]),
        (&json!(2), &json!("Paris 2"))
    );
    let start = json!({"configuration": {"startDate": "2026-01-31"}});
    assert_eq!(
        owner.patch(&path, start).await.is_ok()["configuration"]["startDate"],
        "2026-01-31"
    );
    let none = json!({"configuration": {"startDate": null}});
    assert!(owner.patch(&path, none).await.is_ok()["configuration"]["startDate"].is_null());
    let wrong_zone = json!({"configuration": {"zone": "Paris"}});
    owner
        .patch(&path, wrong_zone)
        .await
        .is_problem(422, "invalid-zone");

    assert_eq!(
        owner
            .post(&format!("{path}/pause"), json!({}))
            .await
            .is_ok()["status"]["state"],
        "paused"
    );
    assert_eq!(
        owner
            .post(&format!("{path}/resume"), json!({}))
            .await
            .is_ok()["status"]["state"],
        "connecting"
    );
    let verify = owner.post(&format!("{path}/verify"), json!({})).await;
    assert_eq!(verify.status.as_u16(), 202);
    assert!(verify.json()["verifyId"].as_i64().unwrap() >= 1);
    let period = json!({"stream": "queue_intervals", "from": "2026-01-01", "to": "2026-01-02"});
    owner
        .post(&format!("{path}/reimport"), period)
        .await
        .is_problem(409, "not-examined");
    assert!(owner.get(&format!("{path}/capabilities")).await.is_ok()["examinedAt"].is_null());
    assert_eq!(
        owner.get(&format!("{path}/journal")).await.is_ok()["items"],
        json!([])
    );
    assert_eq!(
        owner.get(&format!("{path}/setAside")).await.is_ok()["items"],
        json!([])
    );
    let ledger = owner
        .get(&format!("{path}/ledger?from=2026-01-01&to=2026-02-01"))
        .await
        .is_ok();
    assert_eq!(
        (&ledger["zone"], &ledger["days"]),
        (&json!("Europe/Paris"), &json!([]))
    );

    assert_eq!(owner.delete(&path).await.status.as_u16(), 204);
    owner.get(&path).await.is_problem(404, "not-found");
    owner.delete(&path).await.is_problem(404, "not-found");
    // the name is free again
    assert_eq!(
        owner.post("/integrations", again).await.status.as_u16(),
        201
    );
}

#[tokio::test]
async fn unsealed_secrets_are_refused_and_sealed_ones_not_shown() {
    let app = TestApp::start().await;
    let owner = app.owner("A").await;
    let viewer = app.client("A", Role::Viewer, Scope::All).await;
    let shown = owner
        .post(
            "/integrations",
            json!({"name": "Paris", "source": "avaya-cms"}),
        )
        .await
        .is_ok();
    let path = format!("/integrations/{}", shown["id"]);
    let with = |open: &str, sealed: Option<&str>| json!({"configuration": {"connectionString": {"open": open, "sealed": sealed}}});
    let box_of_60_bytes = base64::engine::general_purpose::STANDARD.encode([3_u8; 60]);
    let open = "DRIVER={IBM INFORMIX ODBC DRIVER};HOST=cms;UID=u;PWD={sealed};";
    let unsealed = owner
        .patch(
            &path,
            with("DSN=AvayaCMS;Pwd=h7nter2;", Some(&box_of_60_bytes)),
        )
        .await;
    unsealed.is_problem(422, "unsealed-secret");
    assert!(!unsealed.text.contains("h7nter2"));
    let creating = json!({"name": "Lyon", "source": "avaya-cms", "configuration":
        {"connectionString": {"open": "DSN=AvayaCMS;PWD=h7nter2;", "sealed": box_of_60_bytes}}});
    owner
        .post("/integrations", creating)
        .await
        .is_problem(422, "unsealed-secret");
    owner
        .patch(&path, with(open, None))
        .await
        .is_problem(422, "invalid-connection-string");
    let saved = owner.patch(&path, with(open, Some(&box_of_60_bytes))).await;
    assert_eq!(
        saved.is_ok()["configuration"]["connectionString"],
        json!({"open": open})
    );
    assert!(!saved.text.contains(&box_of_60_bytes));
    // viewers do not see hosts and users
    let seen = viewer.get(&path).await;
    assert!(seen.is_ok()["configuration"]["connectionString"].is_null());
}

#[tokio::test]
async fn pins_are_checked() {
    let app = TestApp::start().await;
    let owner = app.owner("A").await;
    let shown = owner
        .post(
            "/integrations",
            json!({"name": "Paris", "source": "avaya-cms"}),
        )
        .await
        .is_ok();
    let path = format!("/integrations/{}/pair", shown["id"]);
    for wrong in ["12345", "1234567", "abcdef", ""] {
        owner
            .post(&path, json!({"pin": wrong}))
            .await
            .is_problem(422, "invalid-pin");
    }
    let unknown = owner.post(&path, json!({"pin": "123 456"})).await;
    assert!(unknown.status.is_client_error(), "{}", unknown.text);
}

#[tokio::test]
async fn lists_have_pages() {
    let app = TestApp::start().await;
    let owner = app.owner("A").await;
    for number in 0..5 {
        let body = json!({"name": format!("N{number}"), "source": "avaya-cms"});
        assert_eq!(owner.post("/integrations", body).await.status.as_u16(), 201);
    }
    let mut names = Vec::new();
    let mut path = "/integrations?limit=2".to_owned();
    loop {
        let page = owner.get(&path).await.is_ok();
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= 2);
        names.extend(
            items
                .iter()
                .map(|item| item["name"].as_str().unwrap().to_owned()),
        );
        match page["nextCursor"].as_str() {
            Some(cursor) => path = format!("/integrations?limit=2&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(names, ["N0", "N1", "N2", "N3", "N4"]);
}

#[tokio::test]
async fn the_event_stream_tells_of_changes_in_the_account_and_ends_with_the_hub() {
    let app = TestApp::start().await;
    let (owner, other) = (app.owner("A").await, app.owner("B").await);
    let mut stream = owner
        .request(reqwest::Method::GET, "/integrations/stream")
        .send()
        .await
        .unwrap();
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    other
        .post(
            "/integrations",
            json!({"name": "theirs", "source": "avaya-cms"}),
        )
        .await
        .is_ok();
    let created = owner
        .post(
            "/integrations",
            json!({"name": "mine", "source": "avaya-cms"}),
        )
        .await
        .is_ok();
    let first = tokio::time::timeout(Duration::from_secs(10), stream.chunk())
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    let text = String::from_utf8(first.to_vec()).unwrap();
    assert_eq!(
        text,
        format!("event: integration\ndata: {{\"id\":{}}}\n\n", created["id"])
    );
    app.running.begin_shutdown();
    let end = async { while let Ok(Some(_)) = stream.chunk().await {} };
    tokio::time::timeout(Duration::from_secs(5), end)
        .await
        .unwrap();
}

#[tokio::test]
async fn tiers_are_settings_and_previews_belong_to_their_integration() {
    let app = TestApp::start().await;
    let owner = app.owner("A").await;
    let new = json!({"name": "Paris", "source": "avaya-cms"});
    let created = owner.post("/integrations", new).await.is_ok();
    let tiers = &created["configuration"]["rereading"];
    assert_eq!(
        (
            &tiers["recentDaysMinutes"],
            &tiers["nightlyDays"],
            &tiers["weekly"],
            &tiers["fingerprints"]
        ),
        (&json!(60), &json!(7), &json!(true), &json!(true))
    );
    let path = format!("/integrations/{}", created["id"]);
    let change = |tiers: serde_json::Value| json!({"configuration": {"rereading": tiers}});
    let changed = owner
        .patch(
            &path,
            change(json!({"nightHour": 4, "fingerprints": false})),
        )
        .await
        .is_ok();
    let tiers = &changed["configuration"]["rereading"];
    assert_eq!(
        (
            &tiers["nightHour"],
            &tiers["nightlyDays"],
            &tiers["fingerprints"]
        ),
        (&json!(4), &json!(7), &json!(false))
    );
    owner
        .patch(&path, change(json!({"nightHour": 24})))
        .await
        .is_problem(422, "invalid-rereading");
    for number in ["1", "x"] {
        owner
            .get(&format!("{path}/reimports/{number}"))
            .await
            .is_problem(404, "not-found");
    }
    let period = json!({"stream": "queue_intervals", "from": "2026-11-01", "to": "2026-11-02", "preview": true});
    owner
        .post(&format!("{path}/reimport"), period)
        .await
        .is_problem(409, "not-examined");
}
