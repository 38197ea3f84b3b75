//! What the running program last said of itself, for `floorwire-link status` and `floorwire-link pin`.
//!
//! One JSON file, replaced as a whole with every change of state. It holds no secret but the PIN while
//! one is valid, and is readable by its owner only.

use crate::identity::write_private;
use floorwire_protocol::live::{BufferReport, FeedReport};
use floorwire_protocol::messages::Problem;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

const FILE_NAME: &str = "status.json";

/// The file's content.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// Process of the running program.
    pub pid: u32,
    /// Version of the program.
    pub version: String,
    /// The Hub.
    pub hub: String,
    /// The integration, once known.
    pub integration: String,
    /// This Link's key words.
    pub key_words: String,
    /// What it does now.
    pub activity: Activity,
    /// When the Hub last answered, milliseconds since 1970 UTC.
    pub last_contact_utc_ms: Option<i64>,
    /// Partitions completed since the start.
    pub partitions_done: u64,
    /// Rows read since the start.
    pub rows_read: u64,
    /// What went wrong last, until it works again.
    pub problem: Option<Problem>,
    /// The real-time feeds.
    #[serde(default)]
    pub feeds: Vec<FeedReport>,
    /// Where live events wait; absent while there are none and real-time data is off.
    #[serde(default)]
    pub live_buffer: Option<BufferReport>,
    /// The Hub's clock minus this machine's, milliseconds, once live events were answered.
    #[serde(default)]
    pub clock_offset_ms: Option<i64>,
}

/// What the program does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "state")]
pub enum Activity {
    /// Nothing said yet.
    #[default]
    Starting,
    /// Shows a PIN.
    #[serde(rename_all = "camelCase")]
    WaitingForPin {
        /// Six digits.
        pin: String,
        /// When it stops working, milliseconds since 1970 UTC.
        expires_utc_ms: i64,
    },
    /// Paired, not configured at the Hub yet.
    WaitingForConfiguration,
    /// The integration is paused.
    Paused,
    /// Looks at the CMS.
    Examining,
    /// Waits for tasks.
    Idle,
    /// What the CMS guard allows within this hour is used up.
    WaitingForBudget,
    /// Reads a partition.
    #[serde(rename_all = "camelCase")]
    Reading {
        /// Which.
        partition: String,
    },
}

/// Writes the status as it changes.
#[derive(Clone, Debug)]
pub struct StatusFile {
    folder: PathBuf,
    status: Arc<Mutex<Status>>,
}

impl StatusFile {
    /// Begins with this status.
    pub fn new(folder: &Path, status: Status) -> Self {
        let file = Self {
            folder: folder.to_owned(),
            status: Arc::new(Mutex::new(status)),
        };
        file.change(|_| {});
        file
    }

    /// Changes the status and writes it. A full disk is logged and stops nothing: the file is for people.
    pub fn change(&self, change: impl FnOnce(&mut Status)) {
        let mut status = self.status.lock().unwrap_or_else(PoisonError::into_inner);
        let before = status.clone();
        change(&mut status);
        if *status == before && before.activity != Activity::Starting {
            return;
        }
        let written = serde_json::to_vec_pretty(&*status)
            .map_err(std::io::Error::other)
            .and_then(|bytes| write_private(&self.folder, &self.folder.join(FILE_NAME), &bytes));
        if let Err(error) = written {
            tracing::warn!(%error, folder = %self.folder.display(), "cannot write the status file");
        }
    }

    /// Reads what the running program last wrote.
    pub fn read(folder: &Path) -> std::io::Result<Option<Status>> {
        match std::fs::read(folder.join(FILE_NAME)) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map(Some)
                .map_err(std::io::Error::other),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Now, milliseconds since 1970 UTC by this machine's clock.
pub fn now_utc_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}
