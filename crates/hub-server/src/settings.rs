//! Options, environment and file, merged into what the hub is started with.

use crate::cli::{ServeOptions, StoreOptions};
use anyhow::{Context, bail};
use clap::ValueEnum;
use floorwire_hub::Config;
use floorwire_hub::config::TlsFiles;
use serde::Deserialize;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

/// The documented default file.
#[cfg(test)]
const DEFAULT_FILE: &str = include_str!("../../../docs/floorwire-hub.toml");

const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8080);
const DEFAULT_DATA_DIR: &str = "floorwire-hub-data";
const DEFAULT_LOG: &str = "info";

/// How to log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object per line.
    Json,
}

/// The file; every field may be left out.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct File {
    listen: Option<SocketAddr>,
    public_url: Option<String>,
    data_dir: Option<PathBuf>,
    database_url: Option<String>,
    nats_url: Option<String>,
    tls_cert: Option<PathBuf>,
    tls_key: Option<PathBuf>,
    trusted_proxies: Option<Vec<IpAddr>>,
    node_name: Option<String>,
    log: Option<String>,
    log_format: Option<LogFormat>,
}

/// What `serve` runs with.
#[derive(Debug)]
pub struct Settings {
    /// The hub's.
    pub config: Config,
    /// What to log.
    pub log: String,
    /// How to log.
    pub log_format: LogFormat,
}

fn read_file(path: Option<&Path>) -> anyhow::Result<File> {
    let Some(path) = path else {
        return Ok(File::default());
    };
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read the settings in {}", path.display()))?;
    // The parser's message repeats the line, and a line may hold a password: say where, not what.
    toml::from_str(&text).map_err(|error| {
        let line = error.span().map_or(0, |span| {
            text[..span.start.min(text.len())].lines().count().max(1)
        });
        anyhow::anyhow!(
            "the settings in {} are wrong near line {line}: {}",
            path.display(),
            error.message()
        )
    })
}

/// The address of the store, for the operator's commands.
pub fn store_url(options: &StoreOptions) -> anyhow::Result<String> {
    let serve = ServeOptions {
        store: options.clone(),
        ..ServeOptions::default()
    };
    Ok(load(serve)?.config.store_url())
}

/// Merges options (with environment) and file.
pub fn load(options: ServeOptions) -> anyhow::Result<Settings> {
    let file = read_file(options.store.config.as_deref())?;
    let public_url = options.public_url.or(file.public_url);
    let public_url = public_url.map(|text| {
        let url: url::Url = text
            .parse()
            .with_context(|| format!("public-url `{text}` is not an address"))?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            bail!("public-url `{text}` must begin with https:// or http:// and name a host");
        }
        Ok(url)
    });
    let tls = match (
        options.tls_cert.or(file.tls_cert),
        options.tls_key.or(file.tls_key),
    ) {
        (Some(certificate), Some(key)) => Some(TlsFiles { certificate, key }),
        (None, None) => None,
        _ => bail!("tls-cert and tls-key must be given together"),
    };
    let trusted_proxies = match options.trusted_proxies.is_empty() {
        true => file.trusted_proxies.unwrap_or_default(),
        false => options.trusted_proxies,
    };
    let config = Config {
        listen: options.listen.or(file.listen).unwrap_or(DEFAULT_LISTEN),
        public_url: public_url.transpose()?,
        data_dir: options
            .store
            .data_dir
            .or(file.data_dir)
            .unwrap_or_else(|| DEFAULT_DATA_DIR.into()),
        database_url: options
            .store
            .database_url
            .or(file.database_url)
            .filter(|url| !url.is_empty()),
        nats_url: options
            .nats_url
            .or(file.nats_url)
            .filter(|url| !url.is_empty()),
        tls,
        trusted_proxies,
        node_name: options
            .node_name
            .or(file.node_name)
            .unwrap_or_else(host_name),
        clock_ahead_s: options.clock_ahead_seconds,
    };
    let log = options
        .log
        .or(file.log)
        .unwrap_or_else(|| DEFAULT_LOG.to_owned());
    Ok(Settings {
        config,
        log,
        log_format: options.log_format.or(file.log_format).unwrap_or_default(),
    })
}

fn host_name() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name = name.trim();
    if name.is_empty() {
        "hub".to_owned()
    } else {
        name.to_owned()
    }
}

/// An address with its password masked.
pub fn masked(address: &str) -> String {
    match url::Url::parse(address) {
        Ok(mut url) => {
            if url.password().is_some() && url.set_password(Some("***")).is_err() {
                return "***".to_owned();
            }
            // Parameters may hold passwords too.
            if url.query().is_some() {
                url.set_query(Some("***"));
            }
            url.to_string()
        }
        Err(_) => "***".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_file_says_the_defaults() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hub.toml");
        // every setting of the file is commented out; uncommented, it is valid and the same
        let uncommented: String = DEFAULT_FILE
            .lines()
            .filter_map(|line| line.strip_prefix("#= "))
            .map(|line| format!("{line}\n"))
            .collect();
        for text in [DEFAULT_FILE, uncommented.as_str()] {
            std::fs::write(&path, text).unwrap();
            let store = StoreOptions {
                config: Some(path.clone()),
                ..StoreOptions::default()
            };
            let with_file = load(ServeOptions {
                store,
                ..ServeOptions::default()
            })
            .unwrap();
            let without = load(ServeOptions::default()).unwrap();
            assert_eq!(with_file.config.listen, without.config.listen);
            assert_eq!(with_file.config.data_dir, without.config.data_dir);
            assert_eq!(
                (with_file.log, with_file.log_format),
                (without.log, without.log_format)
            );
        }
    }

    #[test]
    fn unknown_fields_are_refused_and_values_not_repeated() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hub.toml");
        for text in ["listn = \"127.0.0.1:1\"", "database-url = hunter2"] {
            std::fs::write(&path, text).unwrap();
            let store = StoreOptions {
                config: Some(path.clone()),
                ..StoreOptions::default()
            };
            let error = load(ServeOptions {
                store,
                ..ServeOptions::default()
            })
            .unwrap_err()
            .to_string();
            assert!(
                error.contains("line 1") && !error.contains("hunter2"),
                "{error}"
            );
        }
    }

    #[test]
    fn options_win_over_the_file_and_passwords_are_masked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hub.toml");
        std::fs::write(&path, "listen = \"127.0.0.1:1\"\ntls-cert = \"c.pem\"").unwrap();
        let store = StoreOptions {
            config: Some(path),
            ..StoreOptions::default()
        };
        let listen = Some(SocketAddr::from(([127, 0, 0, 1], 2)));
        let options = ServeOptions {
            store,
            listen,
            ..ServeOptions::default()
        };
        assert!(
            load(options.clone())
                .unwrap_err()
                .to_string()
                .contains("tls-key")
        );
        let settings = load(ServeOptions {
            tls_key: Some("k.pem".into()),
            ..options
        })
        .unwrap();
        assert_eq!(settings.config.listen.port(), 2);
        assert_eq!(
            masked("postgres://hub:hunter2@db/floorwire?password=x"),
            "postgres://hub:***@db/floorwire?***"
        );
        assert_eq!(masked("hunter2"), "***");
    }
}
