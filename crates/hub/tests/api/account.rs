//! The first account, users, invitations, passwords, sessions and access tokens.

use crate::app::{PASSWORD, TestApp, cookie};
use floorwire_hub::auth::role::{Role, Scope};
use reqwest::Method;
use serde_json::{Value, json};

const ANOTHER: &str = "another-Passw0rd-91";

/// The token at the end of a link's address.
fn token_of(made: &Value) -> String {
    made["url"]
        .as_str()
        .unwrap()
        .rsplit('/')
        .next()
        .unwrap()
        .to_owned()
}

async fn id_of(browser: &crate::app::Browser<'_>, email: &str) -> i64 {
    let users = browser.get("/users").await.is_ok();
    let user = users["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|user| user["email"] == email);
    user.unwrap()["id"].as_i64().unwrap()
}

#[tokio::test]
async fn a_new_hub_is_set_up_once() {
    let app = TestApp::start_with(|config| {
        config.public_url = "http://floorwire.example".parse().ok();
    })
    .await;
    let before = app.running.setup_url().await.unwrap().unwrap();
    let link = app.running.setup_url().await.unwrap().unwrap();
    let token = link
        .strip_prefix("http://floorwire.example/setup/")
        .unwrap();
    let look = |token: &str| app.post("/oneTimeLinks/look", json!({"token": token}));
    let found = look(token).await.is_ok();
    assert_eq!(
        (&found["purpose"], &found["account"]),
        (&json!("setup"), &Value::Null)
    );
    // a later start replaces the link of an earlier one
    let old = before.rsplit('/').next().unwrap();
    look(old).await.is_problem(404, "link-not-valid");
    let using = |account: &str, email: &str, password: &str| {
        let body =
            json!({"token": token, "account": account, "email": email, "password": password});
        app.post("/oneTimeLinks/use", body)
    };
    using("", "o@example.org", PASSWORD)
        .await
        .is_problem(422, "invalid-name");
    using("First", "nobody", PASSWORD)
        .await
        .is_problem(422, "invalid-email");
    using("First", "o@example.org", "short")
        .await
        .is_problem(422, "invalid-password");
    let used = using(" First ", "O@example.org", PASSWORD).await;
    let session = used.is_ok();
    assert_eq!(session["account"]["name"], "First");
    assert_eq!(session["user"]["role"], "owner");
    assert!(cookie(&used).starts_with("floorwire-session=fws_1_"));
    using("Second", "p@example.org", PASSWORD)
        .await
        .is_problem(404, "link-not-valid");
    assert_eq!(app.running.setup_url().await.unwrap(), None);
    app.signed_in("o@example.org", PASSWORD).await;
}

#[tokio::test]
async fn the_setup_link_ends_with_the_first_user() {
    let app = TestApp::start().await;
    let link = app.running.setup_url().await.unwrap().unwrap();
    app.token("A", Role::Owner, Scope::All).await;
    let token = link.rsplit('/').next().unwrap();
    let body =
        json!({"token": token, "account": "B", "email": "o@example.org", "password": PASSWORD});
    app.post("/oneTimeLinks/use", body)
        .await
        .is_problem(404, "link-not-valid");
}

#[tokio::test]
async fn somebody_is_invited_and_becomes_a_user() {
    let app = TestApp::start().await;
    let admin = app.browser("A", Role::Admin).await;
    let invite = |email: &str, role: &str| {
        admin.send(
            Method::POST,
            "/invitations",
            json!({"email": email, "role": role}),
        )
    };
    invite("new@a.example", "owner")
        .await
        .is_problem(403, "owner-needed");
    invite("new", "viewer")
        .await
        .is_problem(422, "invalid-email");
    invite("Admin@a.example", "viewer")
        .await
        .is_problem(409, "user-exists");
    let first = invite("new@a.example", "viewer").await.is_ok();
    let second = invite(" New@a.example", "planner").await.is_ok();
    let list = admin.get("/invitations").await.is_ok();
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    assert_eq!(list["items"][0]["role"], "planner");
    assert!(
        second["url"]
            .as_str()
            .unwrap()
            .starts_with(&app.url("/invitation/fwo_1_"))
    );
    // the second took the place of the first
    let using = |token: String| {
        app.post(
            "/oneTimeLinks/use",
            json!({"token": token, "password": ANOTHER}),
        )
    };
    using(token_of(&first))
        .await
        .is_problem(404, "link-not-valid");
    let look = app
        .post("/oneTimeLinks/look", json!({"token": token_of(&second)}))
        .await
        .is_ok();
    assert_eq!(
        (&look["purpose"], &look["account"], &look["email"]),
        (&json!("invitation"), &json!("A"), &json!("new@a.example"))
    );
    let session = using(token_of(&second)).await.is_ok();
    assert_eq!(session["user"]["role"], "planner");
    using(token_of(&second))
        .await
        .is_problem(404, "link-not-valid");
    assert_eq!(admin.get("/invitations").await.is_ok()["items"], json!([]));
    app.signed_in("new@a.example", ANOTHER).await;

    let third = invite("third@a.example", "viewer").await.is_ok();
    let list = admin.get("/invitations").await.is_ok();
    let id = list["items"][0]["id"].as_str().unwrap();
    assert_eq!(
        admin
            .delete(&format!("/invitations/{id}"))
            .await
            .status
            .as_u16(),
        204
    );
    admin
        .delete(&format!("/invitations/{id}"))
        .await
        .is_problem(404, "not-found");
    using(token_of(&third))
        .await
        .is_problem(404, "link-not-valid");
}

#[tokio::test]
async fn an_account_keeps_an_owner_and_owners_are_made_by_owners() {
    let app = TestApp::start().await;
    let owner = app.browser("A", Role::Owner).await;
    let admin = app.browser("A", Role::Admin).await;
    let (owner_id, admin_id) = (
        id_of(&owner, "owner@a.example").await,
        id_of(&owner, "admin@a.example").await,
    );
    let path = |id: i64| format!("/users/{id}");
    let change = |body: Value| owner.send(Method::PATCH, "/users/1", body);
    assert_eq!(owner_id, 1);
    change(json!({"role": "viewer"}))
        .await
        .is_problem(409, "last-owner");
    change(json!({"active": false}))
        .await
        .is_problem(409, "last-owner");
    for body in [json!({"role": "viewer"}), json!({"active": false})] {
        let refused = admin.send(Method::PATCH, &path(owner_id), body).await;
        refused.is_problem(403, "owner-needed");
    }
    let up = json!({"role": "owner"});
    admin
        .send(Method::PATCH, &path(admin_id), up.clone())
        .await
        .is_problem(403, "owner-needed");
    let link = admin
        .send(
            Method::POST,
            &format!("/users/{owner_id}/passwordLink"),
            json!({}),
        )
        .await;
    link.is_problem(403, "owner-needed");
    let changed = owner.send(Method::PATCH, &path(admin_id), up).await.is_ok();
    assert_eq!(changed["role"], "owner");
    // now one of two may step down
    assert_eq!(
        change(json!({"role": "viewer"})).await.is_ok()["role"],
        "viewer"
    );
    owner.get("/users").await.is_problem(403, "not-allowed");
    let last = admin
        .send(Method::PATCH, &path(admin_id), json!({"active": false}))
        .await;
    last.is_problem(409, "last-owner");
}

#[tokio::test]
async fn somebody_switched_off_is_out_at_once() {
    let app = TestApp::start().await;
    let owner = app.browser("A", Role::Owner).await;
    let viewer = app.browser("A", Role::Viewer).await;
    let with_token = app.client("A", Role::Viewer, Scope::All).await;
    let id = id_of(&owner, "viewer@a.example").await;
    let path = format!("/users/{id}");
    let link = owner
        .send(Method::POST, &format!("{path}/passwordLink"), json!({}))
        .await
        .is_ok();
    let off = owner
        .send(Method::PATCH, &path, json!({"active": false}))
        .await
        .is_ok();
    assert_eq!(off["active"], false);
    assert!(off["deactivatedAt"].is_string());
    viewer
        .get("/session")
        .await
        .is_problem(401, "not-signed-in");
    with_token
        .get("/session")
        .await
        .is_problem(401, "not-signed-in");
    let body = json!({"email": "viewer@a.example", "password": PASSWORD});
    app.post("/session", body)
        .await
        .is_problem(401, "wrong-credentials");
    let body = json!({"token": token_of(&link), "password": ANOTHER});
    app.post("/oneTimeLinks/use", body)
        .await
        .is_problem(404, "link-not-valid");
    let refused = owner
        .send(Method::POST, &format!("{path}/passwordLink"), json!({}))
        .await;
    refused.is_problem(409, "user-inactive");
    owner
        .send(Method::PATCH, &path, json!({"active": true}))
        .await
        .is_ok();
    app.signed_in("viewer@a.example", PASSWORD).await;
    // what it was before: the token works again, the session does not
    with_token.get("/session").await.is_ok();
    viewer
        .get("/session")
        .await
        .is_problem(401, "not-signed-in");
}

#[tokio::test]
async fn a_password_is_changed_and_a_forgotten_one_replaced() {
    let app = TestApp::start().await;
    let here = app.browser("A", Role::Viewer).await;
    let elsewhere = app.signed_in("viewer@a.example", PASSWORD).await;
    let change = |current: &str, new: &str| {
        here.send(
            Method::PUT,
            "/me/password",
            json!({"current": current, "new": new}),
        )
    };
    change("wrong", ANOTHER)
        .await
        .is_problem(422, "current-password-wrong");
    change(PASSWORD, "short")
        .await
        .is_problem(422, "invalid-password");
    assert_eq!(change(PASSWORD, ANOTHER).await.status.as_u16(), 204);
    here.get("/session").await.is_ok();
    elsewhere
        .get("/session")
        .await
        .is_problem(401, "not-signed-in");

    let owner = app.browser("A", Role::Owner).await;
    let id = id_of(&owner, "viewer@a.example").await;
    let made = owner
        .send(
            Method::POST,
            &format!("/users/{id}/passwordLink"),
            json!({}),
        )
        .await;
    let token = token_of(&made.is_ok());
    app.signed_in("viewer@a.example", ANOTHER).await;
    let body = json!({"token": token, "password": PASSWORD});
    let used = app.post("/oneTimeLinks/use", body.clone()).await;
    assert_eq!(used.is_ok()["user"]["email"], "viewer@a.example");
    here.get("/session").await.is_problem(401, "not-signed-in");
    app.post("/oneTimeLinks/use", body)
        .await
        .is_problem(404, "link-not-valid");
    let old = json!({"email": "viewer@a.example", "password": ANOTHER});
    app.post("/session", old)
        .await
        .is_problem(401, "wrong-credentials");
    app.signed_in("viewer@a.example", PASSWORD).await;
    // wrong tries of the present password are counted as those of signing in
    let again = app.signed_in("viewer@a.example", PASSWORD).await;
    for _ in 0..5 {
        let body = json!({"current": "wrong", "new": ANOTHER});
        let refused = again.send(Method::PUT, "/me/password", body).await;
        refused.is_problem(422, "current-password-wrong");
    }
    let body = json!({"current": PASSWORD, "new": ANOTHER});
    let refused = again.send(Method::PUT, "/me/password", body).await;
    refused.is_problem(429, "too-many-attempts");
}

#[tokio::test]
async fn sessions_are_listed_and_ended_by_their_own_user_alone() {
    let app = TestApp::start().await;
    let here = app.browser("A", Role::Viewer).await;
    let there = app.signed_in("viewer@a.example", PASSWORD).await;
    let list = here.get("/me/sessions").await.is_ok();
    let items = list["items"].as_array().unwrap();
    assert_eq!(items.len(), 2);
    assert!(items.iter().all(|item| item["address"] == "127.0.0.1"));
    let other = items.iter().find(|item| item["current"] == false).unwrap();
    let path = format!("/me/sessions/{}", other["id"].as_str().unwrap());
    let owner = app.browser("A", Role::Owner).await;
    owner.delete(&path).await.is_problem(404, "not-found");
    owner
        .delete("/me/sessions/x")
        .await
        .is_problem(404, "not-found");
    assert_eq!(here.delete(&path).await.status.as_u16(), 204);
    there.get("/session").await.is_problem(401, "not-signed-in");
    let third = app.signed_in("viewer@a.example", PASSWORD).await;
    assert_eq!(here.delete("/me/sessions").await.status.as_u16(), 204);
    third.get("/session").await.is_problem(401, "not-signed-in");
    here.get("/session").await.is_ok();
    owner.get("/session").await.is_ok();
}

#[tokio::test]
async fn access_tokens_are_shown_once_end_and_are_revoked() {
    let app = TestApp::start().await;
    let owner = app.browser("A", Role::Owner).await;
    let make = |name: &str, days: i64| {
        let body = json!({"name": name, "scope": "read", "expiresInDays": days});
        owner.send(Method::POST, "/me/tokens", body)
    };
    make("", 30).await.is_problem(422, "invalid-name");
    make("dashboards", 0)
        .await
        .is_problem(422, "invalid-expiry");
    make("dashboards", 367)
        .await
        .is_problem(422, "invalid-expiry");
    let made = make("dashboards", 30).await.is_ok();
    let token = made["token"].as_str().unwrap();
    let list = owner.get("/me/tokens").await;
    assert!(!list.text.contains(token));
    let list = list.is_ok();
    let item = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|item| item["id"] == made["id"]);
    let item = item.unwrap();
    assert_eq!(
        (&item["scope"], &item["lastUsedAt"]),
        (&json!("read"), &Value::Null)
    );
    let client = crate::app::Client {
        app: &app,
        token: token.to_owned(),
    };
    client.get("/users").await.is_problem(403, "not-allowed");
    client
        .get("/me/tokens")
        .await
        .is_problem(403, "session-needed");
    client.get("/integrations").await.is_ok();
    let path = format!("/me/tokens/{}", made["id"].as_str().unwrap());
    let admin = app.browser("A", Role::Admin).await;
    admin.delete(&path).await.is_problem(404, "not-found");
    let list = owner.get("/me/tokens").await.is_ok();
    let used = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|item| item["id"] == made["id"]);
    assert!(used.unwrap()["lastUsedAt"].is_string());
    assert_eq!(owner.delete(&path).await.status.as_u16(), 204);
    client
        .get("/integrations")
        .await
        .is_problem(401, "not-signed-in");
}
