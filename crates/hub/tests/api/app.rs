//! A hub on a free port with a temp folder, and clients that speak to it.

use floorwire_avaya_cms::AvayaCms;
use floorwire_hub::admin::{self, NewUser, TokenRequest};
use floorwire_hub::auth::role::{Role, Scope};
use floorwire_hub::{Config, Hub, Running, Vendors};
use floorwire_model::derivation::Vendor;
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::Value;
use std::sync::Arc;
use tempfile::TempDir;

pub const PASSWORD: &str = "marked-Passw0rd-7f3a";

/// A running hub. Dropped at the end of a test, its tasks end with the test's runtime.
pub struct TestApp {
    pub running: Running,
    pub folder: TempDir,
    pub http: reqwest::Client,
}

/// What the hub answered.
pub struct Answer {
    pub status: StatusCode,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// Checks that the answer is a problem of that code.
    pub fn is_problem(&self, status: u16, code: &str) -> &Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        assert_eq!(
            self.headers["content-type"], "application/problem+json",
            "{}",
            self.text
        );
        let body = self.json();
        assert_eq!(body["code"], code, "{body}");
        assert_eq!(body["type"], format!("/problems/{code}"));
        assert_eq!(body["status"], status);
        assert!(body["title"].is_string() && body["detail"].is_string());
        self
    }

    pub fn is_ok(&self) -> Value {
        assert!(self.status.is_success(), "{} {}", self.status, self.text);
        self.json()
    }
}

pub async fn send(request: RequestBuilder) -> Answer {
    let response: Response = request.send().await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    Answer {
        status,
        headers,
        text: response.text().await.unwrap(),
    }
}

impl TestApp {
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::local(folder.path().join("data"));
        change(&mut config);
        let vendor: Arc<dyn Vendor> = Arc::new(AvayaCms);
        let running = Hub::start(config, Vendors::new([vendor])).await.unwrap();
        Self {
            running,
            folder,
            http: reqwest::Client::new(),
        }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.running.local_addr)
    }

    /// Adds a user and returns a token of theirs.
    pub async fn token(&self, account: &str, role: Role, scope: Scope) -> String {
        let email = format!("{role}@{}.example", account.to_lowercase());
        let store = &self.running.state.store;
        let user = NewUser {
            account,
            email: &email,
            role,
        };
        match admin::add_user(store, user, PASSWORD.to_owned()).await {
            Ok(()) | Err(admin::AdminError::UserExists { .. }) => {}
            Err(other) => panic!("{other}"),
        }
        let request = TokenRequest {
            account,
            email: &email,
            name: "test",
            scope,
            expires_utc_ms: None,
        };
        admin::create_token(store, request).await.unwrap()
    }

    /// A client for an owner of the account.
    pub async fn owner(&self, account: &str) -> Client<'_> {
        self.client(account, Role::Owner, Scope::All).await
    }

    pub async fn client(&self, account: &str, role: Role, scope: Scope) -> Client<'_> {
        Client {
            app: self,
            token: self.token(account, role, scope).await,
        }
    }
}

/// Speaks to the hub as a browser does: by session cookie, with the origin.
pub struct Browser<'a> {
    pub app: &'a TestApp,
    pub cookie: String,
}

impl TestApp {
    /// Signs a user of that role in; adds the user where there is none.
    pub async fn browser(&self, account: &str, role: Role) -> Browser<'_> {
        self.token(account, role, Scope::All).await;
        let email = format!("{role}@{}.example", account.to_lowercase());
        self.signed_in(&email, PASSWORD).await
    }

    pub async fn signed_in(&self, email: &str, password: &str) -> Browser<'_> {
        let body = serde_json::json!({"email": email, "password": password});
        let answer = send(self.http.post(self.url("/api/v1/session")).json(&body)).await;
        answer.is_ok();
        Browser {
            app: self,
            cookie: cookie(&answer),
        }
    }

    /// Sends a body without signing in.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        let address = self.url(&format!("/api/v1{path}"));
        send(self.http.post(address).json(&body)).await
    }
}

/// `name=value` of the cookie that an answer sets.
pub fn cookie(answer: &Answer) -> String {
    let header = answer.headers["set-cookie"].to_str().unwrap();
    header.split(';').next().unwrap().to_owned()
}

impl Browser<'_> {
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.app
            .http
            .request(method, self.app.url(&format!("/api/v1{path}")))
            .header("cookie", &self.cookie)
            .header("origin", self.app.url(""))
    }

    pub async fn get(&self, path: &str) -> Answer {
        send(self.request(Method::GET, path)).await
    }

    pub async fn send(&self, method: Method, path: &str, body: Value) -> Answer {
        send(self.request(method, path).json(&body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        send(self.request(Method::DELETE, path)).await
    }
}

/// Speaks to the hub with a token.
pub struct Client<'a> {
    pub app: &'a TestApp,
    pub token: String,
}

impl Client<'_> {
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.app
            .http
            .request(method, self.app.url(&format!("/api/v1{path}")))
            .bearer_auth(&self.token)
    }

    pub async fn get(&self, path: &str) -> Answer {
        send(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        send(self.request(Method::POST, path).json(&body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        send(self.request(Method::PATCH, path).json(&body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        send(self.request(Method::DELETE, path)).await
    }
}
