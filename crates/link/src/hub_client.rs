//! Calls to the Hub, typed, with one kind of error that says whether trying again makes sense.

use floorwire_protocol::encoding;
use floorwire_protocol::live::{LiveAnswer, LiveBatch};
use floorwire_protocol::messages::{
    CompleteRequest, CompleteResponse, FailRequest, LONG_POLL_SECONDS, LeaseRequest, LeaseResponse,
    PART_HASH_HEADER, PairingCreated, PairingRequest, PairingStatus, SyncRequest, SyncResponse,
    VERSION, VERSION_HEADER,
};
use reqwest::{Method, RequestBuilder, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// Longest time for an ordinary call.
const CALL_TIMEOUT: Duration = Duration::from_secs(60);
/// Longest time for a long poll: the Hub's patience and a margin.
const POLL_TIMEOUT: Duration = Duration::from_secs(LONG_POLL_SECONDS + 20);

/// The Hub's address: `https`, or `http` to this machine only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HubAddress(url::Url);

/// Why an address cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Not an address.
    #[error("`{0}` is not an address; write it as https://hub.example.org")]
    NotAnAddress(String),
    /// Plain text over a network.
    #[error("`{0}` would send data in clear text; use https (http works to this machine only)")]
    ClearText(String),
}

impl FromStr for HubAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let url = url::Url::parse(text).map_err(|_| AddressError::NotAnAddress(text.to_owned()))?;
        let loopback = match url.host() {
            Some(url::Host::Domain(name)) => name == "localhost",
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            None => return Err(AddressError::NotAnAddress(text.to_owned())),
        };
        match url.scheme() {
            "https" => Ok(Self(url)),
            "http" if loopback => Ok(Self(url)),
            "http" => Err(AddressError::ClearText(text.to_owned())),
            _ => Err(AddressError::NotAnAddress(text.to_owned())),
        }
    }
}

impl fmt::Display for HubAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
pub enum HubError {
    /// No answer: network, proxy, TLS, or the Hub is down.
    #[error("hub does not answer: {0}")]
    Unreachable(String),
    /// The Hub is there and cannot work now.
    #[error("hub cannot work now: {detail} ({status})")]
    Unavailable {
        /// HTTP status.
        status: u16,
        /// What it said.
        detail: String,
    },
    /// The Hub refused the call; the same call will be refused again.
    #[error("hub refused: {detail} ({code})")]
    Refused {
        /// HTTP status.
        status: u16,
        /// Stable code of the problem.
        code: String,
        /// What it said.
        detail: String,
    },
    /// The answer is not what this version understands.
    #[error("hub's answer cannot be read: {0}; do the versions fit?")]
    Unreadable(String),
}

impl HubError {
    /// True when the same call may work later.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Unavailable { .. })
    }

    /// True when the Hub does not know this Link any more.
    pub fn is_not_paired(&self) -> bool {
        matches!(self, Self::Refused { status: 401, .. })
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ProblemBody {
    code: String,
    title: String,
    detail: String,
}

/// A client of one Hub.
#[derive(Clone, Debug)]
pub struct HubClient {
    http: reqwest::Client,
    hub: HubAddress,
    bearer: Option<SecretString>,
}

impl HubClient {
    /// A client without a token, for pairing.
    pub fn new(hub: HubAddress) -> Result<Self, HubError> {
        let http = reqwest::Client::builder()
            .user_agent(concat!("floorwire-link/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(Duration::from_secs(10))
            .tcp_keepalive(Duration::from_secs(15))
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| HubError::Unreachable(cause_chain(&error)))?;
        Ok(Self {
            http,
            hub,
            bearer: None,
        })
    }

    /// The same client with a token.
    pub fn with_bearer(mut self, bearer: SecretString) -> Self {
        self.bearer = Some(bearer);
        self
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self
            .http
            .request(method, format!("{}/link/v1/{path}", self.hub))
            .header(VERSION_HEADER, VERSION)
            .timeout(CALL_TIMEOUT);
        match &self.bearer {
            Some(bearer) => request.bearer_auth(bearer.expose_secret()),
            None => request,
        }
    }

    /// Asks for a PIN.
    pub async fn create_pairing(&self, body: &PairingRequest) -> Result<PairingCreated, HubError> {
        read(self.request(Method::POST, "pairings").json(body)).await
    }

    /// Waits for the PIN to be entered.
    pub async fn pairing(&self, id: &str) -> Result<PairingStatus, HubError> {
        read(
            self.request(Method::GET, &format!("pairings/{id}"))
                .timeout(POLL_TIMEOUT),
        )
        .await
    }

    /// Reports and learns what the Hub wants.
    pub async fn sync(&self, body: &SyncRequest) -> Result<SyncResponse, HubError> {
        read(
            self.request(Method::POST, "sync")
                .timeout(POLL_TIMEOUT)
                .json(body),
        )
        .await
    }

    /// Asks for tasks.
    pub async fn lease(&self, body: &LeaseRequest) -> Result<LeaseResponse, HubError> {
        read(
            self.request(Method::POST, "tasks/lease")
                .timeout(POLL_TIMEOUT)
                .json(body),
        )
        .await
    }

    /// Sends one part; sending it again is harmless.
    pub async fn put_part(
        &self,
        task: i64,
        attempt: i64,
        part: u32,
        body: Vec<u8>,
    ) -> Result<(), HubError> {
        let hash = floorwire_protocol::encoding::sha256_hex(&body);
        let path = format!("tasks/{task}/attempts/{attempt}/parts/{part}");
        let request = self
            .request(Method::PUT, &path)
            .header(PART_HASH_HEADER, hash)
            .header("content-type", "application/vnd.floorwire.columns")
            .body(body);
        send(request).await.map(drop)
    }

    /// Says that all parts are there; sending it again gives the same outcome.
    pub async fn complete(
        &self,
        task: i64,
        attempt: i64,
        body: &CompleteRequest,
    ) -> Result<CompleteResponse, HubError> {
        read(
            self.request(
                Method::POST,
                &format!("tasks/{task}/attempts/{attempt}/complete"),
            )
            .json(body),
        )
        .await
    }

    /// Says that a task could not be carried out.
    pub async fn fail(&self, task: i64, attempt: i64, body: &FailRequest) -> Result<(), HubError> {
        let path = format!("tasks/{task}/attempts/{attempt}/fail");
        send(self.request(Method::POST, &path).json(body))
            .await
            .map(drop)
    }
}

/// Longest time for a call with live events: a later one brings them too.
const LIVE_TIMEOUT: Duration = Duration::from_secs(20);

impl HubClient {
    /// Sends live events and how the feeds are; sending the same again has no effect.
    pub async fn live(&self, batch: &LiveBatch) -> Result<LiveAnswer, HubError> {
        let encoded =
            encoding::encode(batch).map_err(|error| HubError::Unreadable(cause_chain(&error)))?;
        let request = self
            .request(Method::POST, "live")
            .timeout(LIVE_TIMEOUT)
            .header("content-type", "application/vnd.floorwire.live")
            .body(encoded);
        let mut response = send(request).await?;
        let mut body = Vec::new();
        loop {
            let chunk = response.chunk().await;
            match chunk.map_err(|error| HubError::Unreachable(cause_chain(&error.without_url())))? {
                Some(chunk) => body.extend_from_slice(&chunk),
                None => break,
            }
            if body.len() > MOST_ANSWER_BYTES {
                return Err(HubError::Unreadable("it is too long".to_owned()));
            }
        }
        encoding::decode(&body, MOST_ANSWER_BYTES)
            .map_err(|error| HubError::Unreadable(cause_chain(&error)))
    }
}

/// An answer to live events has a few numbers.
const MOST_ANSWER_BYTES: usize = 64 * 1024;

async fn send(request: RequestBuilder) -> Result<reqwest::Response, HubError> {
    let response = request
        .send()
        .await
        .map_err(|error| HubError::Unreachable(cause_chain(&error.without_url())))?;
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    let problem: ProblemBody = response.json().await.unwrap_or_default();
    let detail = [problem.detail, problem.title, status.to_string()]
        .into_iter()
        .find(|text| !text.is_empty())
        .unwrap_or_default();
    if status.is_server_error()
        || matches!(
            status,
            StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT
        )
    {
        return Err(HubError::Unavailable {
            status: status.as_u16(),
            detail,
        });
    }
    Err(HubError::Refused {
        status: status.as_u16(),
        code: problem.code,
        detail,
    })
}

async fn read<Answer: DeserializeOwned>(request: RequestBuilder) -> Result<Answer, HubError> {
    let response = send(request).await?;
    response.json().await.map_err(|error| {
        let error = error.without_url();
        match error.is_decode() {
            true => HubError::Unreadable(cause_chain(&error)),
            false => HubError::Unreachable(cause_chain(&error)),
        }
    })
}

/// An error with the errors that caused it: the first alone often says nothing.
fn cause_chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clear_text_stays_on_this_machine() {
        let parse = |text: &str| {
            text.parse::<HubAddress>()
                .map(|address| address.to_string())
        };
        assert_eq!(
            parse("https://hub.example.org/"),
            Ok("https://hub.example.org".into())
        );
        assert_eq!(
            parse("http://127.0.0.1:8080"),
            Ok("http://127.0.0.1:8080".into())
        );
        assert_eq!(parse("http://[::1]:8080"), Ok("http://[::1]:8080".into()));
        assert!(matches!(
            parse("http://hub.example.org"),
            Err(AddressError::ClearText(_))
        ));
        assert!(matches!(
            parse("hub.example.org"),
            Err(AddressError::NotAnAddress(_))
        ));
        assert!(matches!(
            parse("ftp://localhost"),
            Err(AddressError::NotAnAddress(_))
        ));
    }
}
