//! What a hub is started with. The program fills it from options, environment and file; tests fill it directly.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use url::Url;

/// Settings of one hub process. Nothing here is secret but the password that may stand in `database_url`.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen. Port 0 takes a free one.
    pub listen: SocketAddr,
    /// The address under which browsers and Links reach the hub, e.g. `https://floorwire.example.com`. It decides
    /// whether the session cookie is bound to TLS and which origin may send changes. `None`: what the `Host` header says.
    pub public_url: Option<Url>,
    /// Folder of the SQLite database; created when it does not exist.
    pub data_dir: PathBuf,
    /// `postgres://...`; `None`: SQLite in `data_dir`.
    pub database_url: Option<String>,
    /// Address of a NATS server; several nodes are not supported yet, so a value is refused at start.
    pub nats_url: Option<String>,
    /// Certificate chain and private key, PEM files. `None`: plain HTTP, for a loopback address or behind a proxy.
    pub tls: Option<TlsFiles>,
    /// Reverse proxies whose `X-Forwarded-For` is believed when sign-in attempts are counted per address.
    pub trusted_proxies: Vec<IpAddr>,
    /// How this process calls itself in logs.
    pub node_name: String,
    /// Seconds by which the hub is ahead of the machine's clock; for rehearsals on another day, else 0.
    pub clock_ahead_s: i64,
}

/// Where the certificate is.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// Certificate chain, PEM.
    pub certificate: PathBuf,
    /// Private key, PEM.
    pub key: PathBuf,
}

impl Config {
    /// A hub on a free loopback port with SQLite in `data_dir`.
    pub fn local(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            public_url: None,
            data_dir: data_dir.into(),
            database_url: None,
            nats_url: None,
            tls: None,
            trusted_proxies: Vec::new(),
            node_name: "hub".to_owned(),
            clock_ahead_s: 0,
        }
    }

    /// The address of the store: `postgres://...` or `sqlite://DIR/hub.sqlite3`.
    pub fn store_url(&self) -> String {
        match &self.database_url {
            Some(url) => url.clone(),
            None => format!("sqlite://{}", self.data_dir.join("hub.sqlite3").display()),
        }
    }

    /// True when browsers reach the hub over TLS, its own or a proxy's.
    pub fn is_public_https(&self) -> bool {
        match &self.public_url {
            Some(url) => url.scheme() == "https",
            None => self.tls.is_some(),
        }
    }
}
