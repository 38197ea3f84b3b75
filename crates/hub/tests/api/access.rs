//! Asks every operation of the OpenAPI document with every role, every scope, without signing in, and from another account, and
//! compares with the table that says who may do what.

use crate::app::{Browser, Client, TestApp, send};
use crate::queues::filled;
use floorwire_hub::auth::role::{ROLES, Right, Role, SCOPES, Scope, TABLE};
use floorwire_hub::auth::table::{Access, OPERATIONS, access, document};
use floorwire_hub::change;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

/// An operation of the document.
struct Operation {
    method: Method,
    /// Below `/api/v1`, with `{id}`.
    path: String,
    /// Query with what is needed.
    query: String,
    needs: Access,
}

fn operations() -> Vec<Operation> {
    let document = floorwire_hub::api::openapi().to_json().unwrap();
    let document: Value = serde_json::from_str(&document).unwrap();
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let method = method.to_uppercase();
            let path = path.strip_prefix("/api/v1").unwrap().to_owned();
            let needs = access(&method, &path).unwrap_or_else(|| {
                panic!("{method} {path} is not in the table of operations (auth/table.rs)")
            });
            let parameters = operation["parameters"].as_array().cloned();
            let query = parameters
                .unwrap_or_default()
                .iter()
                .filter(|parameter| parameter["in"] == "query" && parameter["required"] == true)
                .map(|parameter| match parameter["name"].as_str().unwrap() {
                    "from" => "from=2026-10-25",
                    "to" => "to=2026-10-26",
                    "year" => "year=2026",
                    "stream" => "stream=queue_intervals",
                    other => panic!("say what to send as `{other}`"),
                })
                .collect::<Vec<_>>()
                .join("&");
            all.push(Operation {
                method: method.parse().unwrap(),
                path,
                query,
                needs,
            });
        }
    }
    assert_eq!(
        all.len(),
        OPERATIONS.len(),
        "the table has an operation too many"
    );
    // what ends or deletes comes last
    all.sort_by_key(|operation| operation.method == Method::DELETE);
    all
}

/// A profile of feeds that comes with the vendor.
const PROFILE: &str = "cisco-49";
/// A name that nobody has.
const NOBODY: &str = "00000000000000000000000000000000";

impl Operation {
    fn address(&self, id: &str) -> String {
        let path = self
            .path
            .replace("{id}", id)
            .replace("{preview}", "1")
            .replace("{notice}", "1")
            .replace("{reading}", "1")
            .replace("{name}", PROFILE);
        format!("{path}?{}", self.query)
    }

    fn names_a_hash(&self) -> bool {
        ["/me/", "/invitations/"]
            .iter()
            .any(|part| self.path.starts_with(part))
    }

    /// A body that can be read and changes little.
    fn body(&self) -> Value {
        match self.path.as_str() {
            "/integrations/{id}/pair" => json!({"pin": "123456"}),
            "/integrations/{id}/reimport" => {
                json!({"stream": "queue_intervals", "from": "2026-01-01", "to": "2026-01-02"})
            }
            "/integrations/{id}/feedProfiles" | "/integrations/{id}/feedProfiles/{name}" => {
                json!({"text": ""})
            }
            "/integrations/{id}/feedPreview" => json!({"port": 7001, "profile": ""}),
            "/queues/{id}" => json!({"hidden": true}),
            "/queues/{id}/identity" => json!({"answer": "renamed"}),
            _ => json!({}),
        }
    }
}

/// A hub with an account `A` that has an integration, queues, an agent and a user of every role.
async fn with_data(app: &TestApp) -> Client<'_> {
    let owner = filled(app).await;
    let mut transaction = app.running.state.store.begin().await.unwrap();
    let sql = "INSERT INTO agents (account_id, agent_id, integration_id, acd, login) VALUES (1, 1, 1, 1, '4711')";
    change!(&mut transaction, sql).unwrap();
    transaction.commit().await.unwrap();
    owner
}

/// Status and problem code of an answer; a stream is not waited for.
async fn answer(request: RequestBuilder) -> (u16, String) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    if status == 200 {
        return (status, String::new());
    }
    let text = response.text().await.unwrap();
    let body: Value = serde_json::from_str(&text).unwrap_or_default();
    (status, body["code"].as_str().unwrap_or_default().to_owned())
}

fn is_allowed(operation: &Operation, (status, code): &(u16, String), who: &str) {
    let what = format!(
        "{} {} by {who}: {status} {code}",
        operation.method, operation.path
    );
    assert!(![401, 403].contains(status) && *status < 500, "{what}");
    let has_data = operation.method == Method::GET && !operation.path.contains("{preview}");
    assert!(!has_data || *status == 200, "{what}");
}

#[tokio::test]
async fn the_table_of_roles_holds_for_every_operation() {
    let app = TestApp::start().await;
    let owner = with_data(&app).await;
    for (role, _) in ROLES {
        app.token("A", role, Scope::All).await;
    }
    for (role, name) in ROLES {
        let browser = app.browser("A", role).await;
        for operation in operations() {
            let mut id = match operation.names_a_hash() {
                true => NOBODY.to_owned(),
                // the viewer: owners may be changed by owners alone
                false if operation.path.starts_with("/users/") => "5".to_owned(),
                false => "1".to_owned(),
            };
            let mut asked: &Browser<'_> = &browser;
            let another;
            if operation.method == Method::DELETE && operation.path == "/session" {
                another = app.browser("A", role).await;
                asked = &another;
            }
            if operation.method == Method::DELETE && operation.path == "/integrations/{id}" {
                let body = json!({"name": format!("for {name}"), "source": "avaya-cms"});
                let made = owner.post("/integrations", body).await.is_ok();
                id = made["id"].to_string();
            }
            let address = operation.address(&id);
            let request = asked.request(operation.method.clone(), &address);
            let found = answer(request.json(&operation.body())).await;
            match operation.needs {
                Access::Needs(right) if !right.of_role(role) => {
                    let refused = (403, "not-allowed".to_owned());
                    assert_eq!(found, refused, "{} {address} by {name}", operation.method);
                }
                _ => is_allowed(&operation, &found, name),
            }
        }
    }
}

#[tokio::test]
async fn scopes_cut_the_rights_of_tokens_for_every_operation() {
    let app = TestApp::start().await;
    with_data(&app).await;
    let keeps = |scope: Scope, right: Right| {
        let row = TABLE.iter().find(|(other, _, _)| *other == right).unwrap();
        row.2.contains(&scope)
    };
    for (scope, name) in SCOPES {
        let client = app.client("A", Role::Owner, scope).await;
        for operation in operations() {
            let id = match operation.names_a_hash() {
                true => NOBODY,
                // what a token of full scope may delete must be there for the others
                false if operation.method == Method::DELETE => "99",
                false => "1",
            };
            let address = operation.address(id);
            let request = client.request(operation.method.clone(), &address);
            let found = answer(request.json(&operation.body())).await;
            let refused = match operation.needs {
                Access::Own => Some("session-needed"),
                Access::Needs(right) if !keeps(scope, right) => Some("not-allowed"),
                _ => None,
            };
            match refused {
                Some(code) => assert_eq!(
                    found,
                    (403, code.to_owned()),
                    "{} {address} with scope {name}",
                    operation.method
                ),
                None => is_allowed(&operation, &found, name),
            }
        }
    }
}

#[tokio::test]
async fn nothing_is_open_to_the_world() {
    let app = TestApp::start().await;
    with_data(&app).await;
    for operation in operations() {
        let address = app.url(&format!("/api/v1{}", operation.address("1")));
        let request = || app.http.request(operation.method.clone(), &address);
        if operation.needs == Access::Open {
            let (status, _) = answer(request().json(&json!({}))).await;
            assert_eq!(status, 422, "{address}");
            continue;
        }
        // a body that could not be read either way: signing in comes first
        send(request().body("{"))
            .await
            .is_problem(401, "not-signed-in");
        for wrong in ["fwp_1_wrong", &format!("fwp_1_{}", "A".repeat(43))] {
            send(request().bearer_auth(wrong))
                .await
                .is_problem(401, "not-signed-in");
        }
        let cookie = format!("floorwire-session=fws_1_{}", "A".repeat(43));
        send(request().header("cookie", cookie))
            .await
            .is_problem(401, "not-signed-in");
    }
}

#[tokio::test]
async fn another_account_does_not_exist() {
    let app = TestApp::start().await;
    with_data(&app).await;
    for (role, _) in ROLES {
        app.browser("A", role).await;
    }
    let mine = app.browser("A", Role::Owner).await;
    let invited = json!({"email": "new@a.example", "role": "viewer"});
    mine.send(Method::POST, "/invitations", invited)
        .await
        .is_ok();
    let of = |list: Value| list["items"][0]["id"].as_str().unwrap().to_owned();
    let session = of(mine.get("/me/sessions").await.is_ok());
    let token = of(mine.get("/me/tokens").await.is_ok());
    let invitation = of(mine.get("/invitations").await.is_ok());

    let theirs = app.browser("Theirs", Role::Owner).await;
    let mut asked = 0;
    for operation in operations() {
        let id = match operation.path.as_str() {
            path if path.starts_with("/me/sessions/") => session.as_str(),
            path if path.starts_with("/me/tokens/") => token.as_str(),
            path if path.starts_with("/invitations/") => invitation.as_str(),
            // their own user has the number 1
            path if path.starts_with("/users/") => "6",
            path if path.contains("{id}") => "1",
            _ if operation.method == Method::GET && !operation.path.ends_with("/stream") => {
                let list = theirs.get(&operation.address("")).await;
                list.is_ok();
                for marked in ["Paris", "Hotline", "a.example", "4711"] {
                    assert!(
                        !list.text.contains(marked),
                        "{}: {}",
                        operation.path,
                        list.text
                    );
                }
                continue;
            }
            _ => continue,
        };
        let address = operation.address(id);
        let request = theirs.request(operation.method.clone(), &address);
        let found = answer(request.json(&operation.body())).await;
        assert_eq!(
            found,
            (404, "not-found".to_owned()),
            "{} {address}",
            operation.method
        );
        asked += 1;
    }
    assert!(asked >= 35, "{asked}");
    for address in ["/integrations/1", "/queues/1", "/agents/1", "/users/6"] {
        mine.get(address).await.is_ok();
    }
    assert_eq!(of(mine.get("/invitations").await.is_ok()), invitation);
}

/// After a change on purpose: `FLOORWIRE_UPDATE_ROLES=1 cargo nextest run -p floorwire-hub the_committed_table_of_roles`.
#[test]
fn the_committed_table_of_roles_is_current() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/roles.md");
    let made = document();
    if std::env::var_os("FLOORWIRE_UPDATE_ROLES").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == made,
        "docs/roles.md differs from the code; run with FLOORWIRE_UPDATE_ROLES=1, look at the difference, commit it"
    );
}
