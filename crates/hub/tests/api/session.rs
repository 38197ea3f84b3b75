//! Signing in and out, the cookie, the throttle, the origin check.

use crate::app::{Answer, PASSWORD, TestApp, send};
use floorwire_hub::auth::role::{Role, Scope};
use serde_json::{Value, json};

async fn sign_in(app: &TestApp, email: &str, password: &str) -> Answer {
    let body = json!({"email": email, "password": password});
    send(app.http.post(app.url("/api/v1/session")).json(&body)).await
}

/// `name=value` of the cookie that an answer sets.
fn cookie(answer: &Answer) -> String {
    let header = answer.headers["set-cookie"].to_str().unwrap();
    assert!(
        header.contains("HttpOnly")
            && header.contains("SameSite=Strict")
            && header.contains("Path=/"),
        "{header}"
    );
    header.split(';').next().unwrap().to_owned()
}

fn origin(app: &TestApp) -> String {
    app.url("")
}

#[tokio::test]
async fn a_session_begins_and_ends() {
    let app = TestApp::start().await;
    app.token("Demo", Role::Planner, Scope::All).await;
    let signed_in = sign_in(&app, " Planner@Demo.example ", PASSWORD).await;
    let body = signed_in.is_ok();
    assert_eq!(body["user"]["email"], "planner@demo.example");
    assert_eq!(body["account"]["name"], "Demo");
    assert_eq!(body["capabilities"]["viewQueues"], true);
    assert_eq!(body["capabilities"]["manageIntegrations"], false);
    let cookie = cookie(&signed_in);
    let session = || {
        app.http
            .get(app.url("/api/v1/session"))
            .header("cookie", &cookie)
    };
    assert_eq!(send(session()).await.is_ok()["user"]["role"], "planner");
    let end = || {
        app.http
            .delete(app.url("/api/v1/session"))
            .header("cookie", &cookie)
    };
    send(end()).await.is_problem(403, "origin-refused");
    send(end().header("origin", "https://elsewhere.example"))
        .await
        .is_problem(403, "origin-refused");
    let ended = send(end().header("origin", origin(&app))).await;
    assert_eq!(ended.status.as_u16(), 204);
    assert!(
        ended.headers["set-cookie"]
            .to_str()
            .unwrap()
            .contains("Max-Age=0")
    );
    send(session()).await.is_problem(401, "not-signed-in");
}

#[tokio::test]
async fn wrong_address_and_wrong_password_look_alike_and_are_throttled() {
    let app = TestApp::start().await;
    app.token("Demo", Role::Owner, Scope::All).await;
    let wrong = sign_in(&app, "owner@demo.example", "not the password").await;
    let unknown = sign_in(&app, "nobody@demo.example", "not the password").await;
    wrong.is_problem(401, "wrong-credentials");
    assert_eq!(wrong.text, unknown.text);
    assert!(!wrong.headers.contains_key("set-cookie"));
    for _ in 0..4 {
        sign_in(&app, "owner@demo.example", "not the password")
            .await
            .is_problem(401, "wrong-credentials");
    }
    let throttled = sign_in(&app, "owner@demo.example", PASSWORD).await;
    throttled.is_problem(429, "too-many-attempts");
    let seconds: u64 = throttled.headers["retry-after"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((1..=901).contains(&seconds));
    // others are not held up
    app.token("Demo", Role::Admin, Scope::All).await;
    sign_in(&app, "admin@demo.example", PASSWORD).await.is_ok();
}

#[tokio::test]
async fn signing_in_from_another_site_is_refused() {
    let app = TestApp::start().await;
    app.token("Demo", Role::Owner, Scope::All).await;
    let body = json!({"email": "owner@demo.example", "password": PASSWORD});
    let request = || app.http.post(app.url("/api/v1/session")).json(&body);
    send(request().header("origin", "https://elsewhere.example"))
        .await
        .is_problem(403, "origin-refused");
    send(request().header("origin", "null"))
        .await
        .is_problem(403, "origin-refused");
    send(request().header("origin", origin(&app))).await.is_ok();
}

#[tokio::test]
async fn over_tls_the_cookie_is_bound_to_the_host() {
    let app =
        TestApp::start_with(|config| config.public_url = "https://floorwire.example".parse().ok())
            .await;
    app.token("Demo", Role::Owner, Scope::All).await;
    let signed_in = sign_in(&app, "owner@demo.example", PASSWORD).await;
    let header = signed_in.headers["set-cookie"].to_str().unwrap();
    assert!(
        header.starts_with("__Host-floorwire-session=") && header.ends_with("; Secure"),
        "{header}"
    );
    assert!(signed_in.headers.contains_key("strict-transport-security"));
    let cookie = cookie(&signed_in);
    let end = || {
        app.http
            .delete(app.url("/api/v1/session"))
            .header("cookie", &cookie)
    };
    send(end().header("origin", origin(&app)))
        .await
        .is_problem(403, "origin-refused");
    let ended = send(end().header("origin", "https://floorwire.example")).await;
    assert_eq!(ended.status.as_u16(), 204);
}

#[tokio::test]
async fn tokens_act_within_their_scope_and_without_origin() {
    let app = TestApp::start().await;
    let owner = app.client("Demo", Role::Owner, Scope::Read).await;
    let session: Value = owner.get("/session").await.is_ok();
    assert_eq!(session["capabilities"]["manageIntegrations"], false);
    assert_eq!(session["capabilities"]["viewSettings"], true);
    // a token has no session to end, and nothing happens to it
    assert_eq!(owner.delete("/session").await.status.as_u16(), 204);
    owner.get("/session").await.is_ok();
}

#[tokio::test]
async fn neither_password_nor_token_is_stored() {
    let app = TestApp::start().await;
    let token = app.token("Demo", Role::Owner, Scope::All).await;
    let cookie = cookie(&sign_in(&app, "owner@demo.example", PASSWORD).await);
    let session_token = cookie.split_once('=').unwrap().1.to_owned();
    let mut searched = 0;
    for entry in std::fs::read_dir(app.folder.path().join("data")).unwrap() {
        let content = std::fs::read(entry.unwrap().path()).unwrap();
        searched += content.len();
        for secret in [PASSWORD, token.as_str(), session_token.as_str()] {
            assert!(
                !content
                    .windows(secret.len())
                    .any(|window| window == secret.as_bytes())
            );
        }
    }
    assert!(searched > 10_000);
}
