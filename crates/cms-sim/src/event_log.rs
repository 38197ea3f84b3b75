//! The event log: what happened to every call, independent of any table. `truth` is computed from it.
//!
//! # Format
//! UTF-8, one JSON object per line, told apart by its member `line`:
//!
//! - `header`, the first line: zone, interval, threshold and queues of the simulation.
//! - `call`: one call that has ended, with the moments of its life in Unix seconds UTC.
//! - `through`: every call that ended before `utc` (and at or after the previous mark) stands above this line.
//!
//! # Writing and recovery
//! The file only grows. Calls are written in batches, each closed by its `through` line and then synced to disk. Calls
//! after the last `through` line are a batch that was never finished: readers ignore them, and the writer cuts them off
//! when it opens the file, since the same calls are generated again. A log is written before the rows that rest on it
//! are committed to the database, so it is never behind what can be read there. A writer holds a lock on the file.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::calls::{Call, Ending};
use crate::error::SimError;

/// Version of the format written in the header.
pub(crate) const FORMAT: u32 = 1;

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "camelCase")]
pub(crate) enum LogLine {
    Header(Header),
    Call(LoggedCall),
    Through { utc: i64 },
}

/// First line: what the figures need besides the calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Header {
    pub format: u32,
    /// Name of the simulation, also kept in the database.
    pub simulation: String,
    pub zone: String,
    pub interval_minutes: i32,
    pub service_level_seconds: i64,
    /// Calls that ended before this instant are not in the log.
    pub from_utc: i64,
    pub queues: Vec<LoggedQueue>,
}

/// A queue of the simulation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LoggedQueue {
    pub acd: i16,
    pub split: i16,
    pub name: String,
}

/// A call with the moments of its life, Unix seconds UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LoggedCall {
    pub call: String,
    pub acd: i16,
    pub split: i16,
    pub queued: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ringing: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub abandoned: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered: Option<i64>,
    /// Start and end of each time on hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holds: Vec<(i64, i64)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub released: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed: Option<i64>,
}

impl From<&Call> for LoggedCall {
    fn from(call: &Call) -> Self {
        let mut logged = Self {
            call: call.name.clone(),
            acd: call.key.acd,
            split: call.key.split,
            queued: call.queued_utc_s,
            ringing: call.ringing_utc_s,
            abandoned: None,
            answered: None,
            holds: Vec::new(),
            released: None,
            completed: None,
        };
        match call.ending {
            Ending::Abandoned { abandoned_utc_s } => logged.abandoned = Some(abandoned_utc_s),
            Ending::Answered {
                answered_utc_s,
                hold_utc_s,
                released_utc_s,
                completed_utc_s,
            } => {
                logged.answered = Some(answered_utc_s);
                logged.holds.extend(hold_utc_s);
                logged.released = Some(released_utc_s);
                logged.completed = Some(completed_utc_s);
            }
        }
        logged
    }
}

/// The writer of an event log.
pub(crate) struct EventLog {
    path: PathBuf,
    file: File,
    through_utc_s: i64,
}

impl EventLog {
    /// Starts a log. An existing file is refused unless `replace`.
    pub fn create(path: &Path, header: &Header, replace: bool) -> Result<Self, SimError> {
        if path.try_exists().map_err(SimError::file(path))? && !replace {
            return Err(SimError::LogExists {
                path: path.to_path_buf(),
            });
        }
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(SimError::file(path))?;
        lock(&file, path)?;
        file.set_len(0).map_err(SimError::file(path))?;
        let mut log = Self {
            path: path.to_path_buf(),
            file,
            through_utc_s: header.from_utc,
        };
        log.write_lines([LogLine::Header(header.clone())].into_iter())?;
        Ok(log)
    }

    /// Goes on with a log: checks whose it is and cuts off an unfinished batch.
    pub fn open(path: &Path, simulation: &str) -> Result<Self, SimError> {
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .open(path)
            .map_err(SimError::file(path))?;
        lock(&file, path)?;
        let header = crate::log_reader::read_header(path)?;
        if header.simulation != simulation {
            return Err(SimError::LogOfAnotherSimulation {
                path: path.to_path_buf(),
            });
        }
        let (end, through_utc_s) = match last_mark(&mut file, path)? {
            Some(mark) => mark,
            None => (crate::log_reader::header_length(path)?, header.from_utc),
        };
        file.set_len(end).map_err(SimError::file(path))?;
        file.seek(SeekFrom::End(0)).map_err(SimError::file(path))?;
        Ok(Self {
            path: path.to_path_buf(),
            file,
            through_utc_s,
        })
    }

    /// Every call that ended before this instant is in the log.
    pub fn through_utc_s(&self) -> i64 {
        self.through_utc_s
    }

    /// Adds the calls that ended from the last mark to `through_utc_s`, and syncs them to disk.
    pub fn append(&mut self, calls: &[Call], through_utc_s: i64) -> Result<(), SimError> {
        let mark = LogLine::Through { utc: through_utc_s };
        let lines = calls
            .iter()
            .map(|call| LogLine::Call(LoggedCall::from(call)));
        self.write_lines(lines.chain([mark]))?;
        self.through_utc_s = through_utc_s;
        Ok(())
    }

    fn write_lines(&mut self, lines: impl Iterator<Item = LogLine>) -> Result<(), SimError> {
        let mut writer = BufWriter::with_capacity(1 << 18, &self.file);
        for line in lines {
            serde_json::to_writer(&mut writer, &line)
                .map_err(std::io::Error::from)
                .and_then(|()| writer.write_all(b"\n"))
                .map_err(SimError::file(&self.path))?;
        }
        writer.flush().map_err(SimError::file(&self.path))?;
        drop(writer);
        self.file.sync_data().map_err(SimError::file(&self.path))
    }
}

fn lock(file: &File, path: &Path) -> Result<(), SimError> {
    file.try_lock().map_err(|cause| match cause {
        std::fs::TryLockError::WouldBlock => SimError::LogLocked {
            path: path.to_path_buf(),
        },
        std::fs::TryLockError::Error(cause) => SimError::File {
            path: path.to_path_buf(),
            cause,
        },
    })
}

/// End position and instant of the last complete `through` line, searched from the end of the file.
fn last_mark(file: &mut File, path: &Path) -> Result<Option<(u64, i64)>, SimError> {
    const NEEDLE: &[u8] = b"\n{\"line\":\"through\"";
    let length = file.seek(SeekFrom::End(0)).map_err(SimError::file(path))?;
    let mut window: u64 = 1 << 16;
    loop {
        let start = length.saturating_sub(window);
        file.seek(SeekFrom::Start(start))
            .map_err(SimError::file(path))?;
        let mut tail = Vec::new();
        Read::take(&mut *file, window)
            .read_to_end(&mut tail)
            .map_err(SimError::file(path))?;
        let mut search_end = tail.len();
        while let Some(at) = tail[..search_end]
            .windows(NEEDLE.len())
            .rposition(|piece| piece == NEEDLE)
        {
            let line = &tail[at + 1..];
            let complete = line.iter().position(|byte| *byte == b'\n');
            if let Some(line_length) = complete
                && let Ok(LogLine::Through { utc }) = serde_json::from_slice(&line[..line_length])
            {
                let end = start + u64::try_from(at + 2 + line_length).unwrap_or(u64::MAX);
                return Ok(Some((end, utc)));
            }
            search_end = at;
        }
        if start == 0 {
            return Ok(None);
        }
        window *= 4;
    }
}

#[cfg(test)]
#[path = "event_log_tests.rs"]
mod tests;
