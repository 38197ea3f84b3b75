//! The options of `floorwire-link run`: by argument, environment (`FLOORWIRE_*`) or TOML file, in this
//! order of precedence. Unknown fields of the file are refused.

use crate::feed::FeedPolicy;
use crate::feed::tee::TeeTarget;
use floorwire_protocol::messages::GuardLimits;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where the Link keeps its files unless told otherwise.
pub const DEFAULT_DATA_DIR: &str = "/var/lib/floorwire-link";
/// The file read when `--config` is not given; it need not exist.
pub const DEFAULT_CONFIG: &str = "/etc/floorwire/link.toml";

/// What a person or a unit file sets. All optional: later sources fill what earlier ones left open.
#[derive(Clone, Debug, Default, clap::Args, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RunOptions {
    /// Address of the Hub, such as `https://hub.example.org` (http only to this machine)
    #[arg(long, env = "FLOORWIRE_HUB")]
    pub hub: Option<String>,
    /// Code of the integration, shown on its page; needed until paired
    #[arg(long, env = "FLOORWIRE_INTEGRATION")]
    pub integration: Option<String>,
    /// Folder for identity and status
    #[arg(long, env = "FLOORWIRE_DATA_DIR")]
    pub data_dir: Option<PathBuf>,
    /// Name shown at the Hub [default: the host name]
    #[arg(long, env = "FLOORWIRE_NAME")]
    pub name: Option<String>,
    /// Longest time for logging in to the CMS, seconds [default: 15]
    #[arg(long, env = "FLOORWIRE_LOGIN_TIMEOUT_SECONDS")]
    pub login_timeout_seconds: Option<u32>,
    /// Longest time for one statement, seconds [default: 60]
    #[arg(long, env = "FLOORWIRE_STATEMENT_TIMEOUT_SECONDS")]
    pub statement_timeout_seconds: Option<u32>,
    /// A read without a new row for so long is given up and its worker restarted, seconds [default: 90]
    #[arg(long, env = "FLOORWIRE_STALL_TIMEOUT_SECONDS")]
    pub stall_timeout_seconds: Option<u32>,
    /// Most rows of one statement; a read that reaches it is set aside, not applied [default: 2000000]
    #[arg(long, env = "FLOORWIRE_ROW_LIMIT")]
    pub row_limit: Option<u64>,
    /// CMS guard: a statement that takes longer is given up, seconds; 0: no limit [default: 900]
    #[arg(long, env = "FLOORWIRE_GUARD_STATEMENT_SECONDS")]
    pub guard_statement_seconds: Option<u64>,
    /// CMS guard: a statement that brings more is given up, bytes; 0: no limit [default: 4000000000]
    #[arg(long, env = "FLOORWIRE_GUARD_STATEMENT_BYTES")]
    pub guard_statement_bytes: Option<u64>,
    /// CMS guard: after so many rows no further task is taken until the hour is over; 0: no limit [default: 50000000]
    #[arg(long, env = "FLOORWIRE_GUARD_HOUR_ROWS")]
    pub guard_hour_rows: Option<u64>,
    /// CMS guard: the same after so many seconds in which the CMS was busy with statements; 0: no limit [default: 3000]
    #[arg(long, env = "FLOORWIRE_GUARD_HOUR_SECONDS")]
    pub guard_hour_seconds: Option<u64>,
    /// CMS guard: the same after so many bytes; 0: no limit [default: 20000000000]
    #[arg(long, env = "FLOORWIRE_GUARD_HOUR_BYTES")]
    pub guard_hour_bytes: Option<u64>,
    /// Live events wait for the hub in a file of at most so many megabytes [default: 1024]
    #[arg(long, env = "FLOORWIRE_LIVE_BUFFER_MB")]
    pub live_buffer_mb: Option<u64>,
    /// and so many days [default: 7]
    #[arg(long, env = "FLOORWIRE_LIVE_BUFFER_DAYS")]
    pub live_buffer_days: Option<u32>,
    /// Write down the raw bytes of all feeds in this folder; they hold personal data [default: not]
    #[arg(long, env = "FLOORWIRE_FEED_CAPTURE_DIR")]
    pub feed_capture_dir: Option<PathBuf>,
    /// Most megabytes of captures per port [default: 256]
    #[arg(long, env = "FLOORWIRE_FEED_CAPTURE_MB")]
    pub feed_capture_mb: Option<u64>,
    /// Copy the raw bytes of a port to another program, as `7001=host:7002`; may be given more than once
    #[arg(long, env = "FLOORWIRE_FEED_TEE", value_delimiter = ',')]
    #[serde(default)]
    pub feed_tee: Vec<TeeTarget>,
}

/// The values in force.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Folder for identity and status.
    pub data_dir: PathBuf,
    /// Address of the Hub, when given.
    pub hub: Option<String>,
    /// Code of the integration, when given.
    pub integration: Option<String>,
    /// Name shown at the Hub.
    pub name: String,
    /// Longest login.
    pub login_timeout: Duration,
    /// Longest statement, seconds.
    pub statement_timeout_s: u32,
    /// Longest silence in a read.
    pub stall_timeout: Duration,
    /// Most rows of one statement.
    pub row_limit: u64,
    /// How much the CMS is asked for at most.
    pub guard: GuardLimits,
    /// Bytes of the live buffer at most.
    pub live_buffer_bytes: u64,
    /// Days that live events wait at most.
    pub live_buffer_days: u32,
    /// What happens to the raw bytes of feeds.
    pub feeds: FeedPolicy,
}

/// Why the options cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OptionsError {
    /// The file cannot be read.
    #[error("cannot read configuration file {path}: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not what it should be; the message names line and key.
    #[error("configuration file {path}: {source}")]
    Invalid {
        /// The file.
        path: PathBuf,
        /// Where and why.
        source: Box<toml::de::Error>,
    },
}

impl RunOptions {
    /// Fills what is open from the file. The default file may be absent, a named one may not.
    pub fn with_file(self, path: Option<&Path>) -> Result<Self, OptionsError> {
        let (path, must_exist) = match path {
            Some(path) => (path, true),
            None => (Path::new(DEFAULT_CONFIG), false),
        };
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && !must_exist => {
                return Ok(self);
            }
            Err(source) => {
                return Err(OptionsError::Unreadable {
                    path: path.to_owned(),
                    source,
                });
            }
        };
        let file: Self = toml::from_str(&text).map_err(|source| OptionsError::Invalid {
            path: path.to_owned(),
            source: Box::new(source),
        })?;
        Ok(Self {
            hub: self.hub.or(file.hub),
            integration: self.integration.or(file.integration),
            data_dir: self.data_dir.or(file.data_dir),
            name: self.name.or(file.name),
            login_timeout_seconds: self.login_timeout_seconds.or(file.login_timeout_seconds),
            statement_timeout_seconds: self
                .statement_timeout_seconds
                .or(file.statement_timeout_seconds),
            stall_timeout_seconds: self.stall_timeout_seconds.or(file.stall_timeout_seconds),
            row_limit: self.row_limit.or(file.row_limit),
            guard_statement_seconds: self
                .guard_statement_seconds
                .or(file.guard_statement_seconds),
            guard_statement_bytes: self.guard_statement_bytes.or(file.guard_statement_bytes),
            guard_hour_rows: self.guard_hour_rows.or(file.guard_hour_rows),
            guard_hour_seconds: self.guard_hour_seconds.or(file.guard_hour_seconds),
            guard_hour_bytes: self.guard_hour_bytes.or(file.guard_hour_bytes),
            live_buffer_mb: self.live_buffer_mb.or(file.live_buffer_mb),
            live_buffer_days: self.live_buffer_days.or(file.live_buffer_days),
            feed_capture_dir: self.feed_capture_dir.or(file.feed_capture_dir),
            feed_capture_mb: self.feed_capture_mb.or(file.feed_capture_mb),
            feed_tee: match self.feed_tee.is_empty() {
                true => file.feed_tee,
                false => self.feed_tee,
            },
        })
    }

    /// The values in force.
    pub fn settings(self) -> Settings {
        let seconds =
            |value: Option<u32>, default| Duration::from_secs(u64::from(value.unwrap_or(default)));
        let limit = |value: Option<u64>, default| match value.unwrap_or(default) {
            0 => None,
            limit => Some(limit),
        };
        let megabytes = |value: Option<u64>, default: u64| {
            value.unwrap_or(default).max(1).saturating_mul(1_000_000)
        };
        let row_limit = self.row_limit.unwrap_or(2_000_000);
        let guard = GuardLimits {
            statement_rows: Some(row_limit),
            statement_seconds: limit(self.guard_statement_seconds, 900),
            statement_bytes: limit(self.guard_statement_bytes, 4_000_000_000),
            hour_rows: limit(self.guard_hour_rows, 50_000_000),
            hour_seconds: limit(self.guard_hour_seconds, 3_000),
            hour_bytes: limit(self.guard_hour_bytes, 20_000_000_000),
        };
        Settings {
            data_dir: self.data_dir.unwrap_or_else(|| DEFAULT_DATA_DIR.into()),
            hub: self.hub,
            integration: self.integration,
            name: self.name.unwrap_or_else(host_name),
            login_timeout: seconds(self.login_timeout_seconds, 15),
            statement_timeout_s: self.statement_timeout_seconds.unwrap_or(60),
            stall_timeout: seconds(self.stall_timeout_seconds, 90),
            row_limit,
            guard,
            live_buffer_bytes: megabytes(self.live_buffer_mb, 1024),
            live_buffer_days: self.live_buffer_days.unwrap_or(7).max(1),
            feeds: FeedPolicy {
                capture_dir: self.feed_capture_dir,
                capture_bytes: megabytes(self.feed_capture_mb, 256),
                tees: self.feed_tee,
            },
        }
    }
}

/// The host's name; `link` where it cannot be read.
pub fn host_name() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name = name.trim();
    if name.is_empty() {
        "link".to_owned()
    } else {
        name.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_win_over_the_file_and_unknown_fields_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("link.toml");
        std::fs::write(&path, "hub = \"https://file.test\"\nrow-limit = 7\n").unwrap();
        let given = RunOptions {
            hub: Some("https://given.test".into()),
            ..RunOptions::default()
        };
        let merged = given.with_file(Some(&path)).unwrap();
        assert_eq!(
            (merged.hub.as_deref(), merged.row_limit),
            (Some("https://given.test"), Some(7))
        );
        std::fs::write(&path, "hubb = \"x\"\n").unwrap();
        let refused = RunOptions::default().with_file(Some(&path)).unwrap_err();
        assert!(refused.to_string().contains("hubb"), "{refused}");
        let absent = RunOptions::default()
            .with_file(Some(&folder.path().join("absent")))
            .unwrap_err();
        assert!(matches!(absent, OptionsError::Unreadable { .. }));
    }
}
