//! The statements of the public interface on a private PostgreSQL. The other tests of this folder run on SQLite; the store's
//! own conformance suite runs on both.

use crate::app::{PASSWORD, TestApp, send};
use floorwire_hub::auth::role::{Role, Scope};
use floorwire_test_servers::Postgres;
use serde_json::json;

#[tokio::test]
async fn the_interface_works_on_postgresql() {
    let server = tokio::task::spawn_blocking(|| {
        let server = Postgres::start().unwrap();
        server.create_database("floorwire").unwrap();
        server
    });
    let server = server.await.unwrap();
    let url = server.url("floorwire");
    let app = TestApp::start_with(|config| config.database_url = Some(url)).await;
    let owner = crate::queues::filled(&app).await;
    let viewer = app.client("A", Role::Viewer, Scope::Queues).await;

    let body = json!({"email": "OWNER@a.example", "password": PASSWORD});
    let signed_in = send(app.http.post(app.url("/api/v1/session")).json(&body)).await;
    assert_eq!(signed_in.is_ok()["user"]["role"], "owner");
    let cookie = signed_in.headers["set-cookie"]
        .to_str()
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let session = || {
        app.http
            .get(app.url("/api/v1/session"))
            .header("cookie", &cookie)
    };
    send(session()).await.is_ok();
    let end = app
        .http
        .delete(app.url("/api/v1/session"))
        .header("cookie", &cookie)
        .header("origin", app.url(""));
    assert_eq!(send(end).await.status.as_u16(), 204);
    send(session()).await.is_problem(401, "not-signed-in");

    let path = "/integrations/1";
    assert_eq!(
        owner.get("/integrations?limit=1").await.is_ok()["items"][0]["status"]["state"],
        "connecting"
    );
    let again = json!({"name": "Paris", "source": "avaya-cms"});
    owner
        .post("/integrations", again)
        .await
        .is_problem(409, "name-taken");
    let zone = json!({"name": "Paris 2", "configuration": {"zone": "Europe/Paris"}});
    assert_eq!(
        owner.patch(path, zone).await.is_ok()["configuration"]["version"],
        2
    );
    for action in ["pause", "resume", "verify"] {
        let answer = owner.post(&format!("{path}/{action}"), json!({})).await;
        assert!(answer.status.is_success(), "{action} {}", answer.text);
    }
    for list in ["journal", "setAside", "capabilities"] {
        owner.get(&format!("{path}/{list}")).await.is_ok();
    }
    let ledger = owner
        .get(&format!("{path}/ledger?from=2026-10-01&to=2026-11-01"))
        .await
        .is_ok();
    assert_eq!(ledger["days"].as_array().unwrap().len(), 1);

    assert_eq!(
        viewer
            .get("/queues?search=hotLINE&integration=1")
            .await
            .is_ok()["items"][0]["number"],
        "12"
    );
    assert_eq!(
        viewer.get("/queues?search=_").await.is_ok()["items"],
        json!([])
    );
    let day = viewer
        .get("/queues/1/intervals?from=2026-10-25&to=2026-10-26&step=1d")
        .await
        .is_ok();
    assert_eq!(
        (&day["totals"]["answered"], &day["slots"][0]["quality"]),
        (&json!(5), &json!("incomplete"))
    );
    assert_eq!(owner.delete(path).await.status.as_u16(), 204);
    // what was imported stays
    assert_eq!(
        viewer.get("/queues").await.is_ok()["items"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    app.running.shutdown().await;
}
