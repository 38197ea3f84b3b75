//! The Hub's public API as a script would use it.

use anyhow::{Context, bail};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use std::time::Duration;

/// A client with a personal access token.
#[derive(Clone, Debug)]
pub struct Api {
    http: reqwest::Client,
    base: String,
    token: String,
}

impl Api {
    /// For the Hub at `base`, e.g. `http://127.0.0.1:8080`.
    pub fn new(base: &str, token: &str) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder()
            .timeout(Duration::from_secs(60))
            .build()?;
        Ok(Self {
            http,
            base: base.to_owned(),
            token: token.to_owned(),
        })
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("{}/api/v1{path}", self.base))
            .bearer_auth(&self.token)
    }

    /// GET as JSON; an error shows the problem's text.
    pub async fn get(&self, path: &str) -> anyhow::Result<Value> {
        answer(self.request(Method::GET, path).send().await?).await
    }

    /// GET as text in this media type.
    pub async fn get_text(&self, path: &str, accept: &str) -> anyhow::Result<String> {
        let response = self
            .request(Method::GET, path)
            .header("accept", accept)
            .send()
            .await?;
        Ok(response.error_for_status()?.text().await?)
    }

    /// POST with a JSON body.
    pub async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        answer(self.request(Method::POST, path).json(body).send().await?).await
    }

    /// PATCH with a JSON body.
    pub async fn patch(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        answer(self.request(Method::PATCH, path).json(body).send().await?).await
    }

    /// DELETE.
    pub async fn delete(&self, path: &str) -> anyhow::Result<Value> {
        answer(self.request(Method::DELETE, path).send().await?).await
    }

    /// All items of a list, page by page.
    pub async fn all(&self, path: &str) -> anyhow::Result<Vec<Value>> {
        let mut items = Vec::new();
        let mut cursor = None::<String>;
        loop {
            let separator = if path.contains('?') { '&' } else { '?' };
            let page = match &cursor {
                Some(cursor) => {
                    self.get(&format!("{path}{separator}cursor={cursor}"))
                        .await?
                }
                None => self.get(path).await?,
            };
            items.extend(page["items"].as_array().cloned().unwrap_or_default());
            match page["nextCursor"].as_str() {
                Some(next) => cursor = Some(next.to_owned()),
                None => return Ok(items),
            }
        }
    }

    /// Opens the stream of hints about integrations.
    pub async fn integration_hints(&self) -> anyhow::Result<Response> {
        let request = self
            .request(Method::GET, "/integrations/stream")
            .timeout(Duration::from_secs(3600));
        Ok(request.send().await?.error_for_status()?)
    }

    /// Seals a connection string to the integration's Link and saves it with a zone.
    pub async fn configure(
        &self,
        integration: i64,
        connection: &str,
        zone: &str,
    ) -> anyhow::Result<Value> {
        self.configure_with(integration, connection, json!({"zone": zone}))
            .await
    }

    /// The same with any settings.
    pub async fn configure_with(
        &self,
        integration: i64,
        connection: &str,
        mut settings: Value,
    ) -> anyhow::Result<Value> {
        let path = format!("/integrations/{integration}");
        let link = self.get(&path).await?;
        let key = link["link"]["publicKey"]
            .as_str()
            .context("the integration has no link yet")?;
        let parts =
            floorwire_connection_string::ConnectionString::parse(connection)?.split_for_sealing();
        let sealed = floorwire_protocol::sealing::seal(key, &parts.to_seal)?;
        // What is compared is compared with the skill of each status.
        if settings.get("agentDetail").is_none() {
            settings["agentDetail"] = json!(true);
        }
        settings["connectionString"] = json!({"open": parts.open, "sealed": sealed});
        self.patch(&path, &json!({"configuration": settings})).await
    }
}

async fn answer(response: Response) -> anyhow::Result<Value> {
    let (status, url) = (response.status(), response.url().path().to_owned());
    let text = response.text().await?;
    if !status.is_success() {
        bail!("{url} answered {status}: {text}");
    }
    if text.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_str(&text).with_context(|| format!("{url} did not answer JSON: {text}"))
}

/// The connection string with the settings a Link adds for the driver.
pub fn with_driver_defaults(connection: &str) -> anyhow::Result<String> {
    let parsed = floorwire_connection_string::ConnectionString::parse(connection)?;
    Ok(parsed.with_driver_defaults().expose().to_owned())
}
