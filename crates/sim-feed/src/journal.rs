//! The journal of feeds: when faults were on and when connections stood, for comparison with what arrived.
//!
//! # Format
//! UTF-8, one JSON object per line, added as things happen. A file that ends inside a line (the program was killed) loses that line
//! only. Faults are written when a feed begins, with their whole window; one whose end is `null` is on until the feed ends. Several runs
//! may write one journal after the other: each `began` ends what the feed had open.

use crate::fault::Fault;
use crate::feed::{Closing, Lane};
use crate::options::FeedOptions;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

/// Why a journal cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The file.
    #[error("feed log {}: {cause}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// A line that is none.
    #[error("feed log {}, line {line}: {cause}", path.display())]
    Line {
        /// Which file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// Why.
        cause: serde_json::Error,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    utc_ms: i64,
    acd: i16,
    to: String,
    what: What,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
enum What {
    Began,
    Fault {
        fault: String,
        from_utc_ms: i64,
        to_utc_ms: Option<i64>,
    },
    Connected {
        second: bool,
    },
    Closed {
        second: bool,
        why: String,
    },
    Ended,
}

/// Writes a journal.
pub struct Journal {
    path: PathBuf,
    file: File,
}

impl Journal {
    /// Begins a journal, or goes on with one.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        let file = OpenOptions::new().create(true).append(true).open(path);
        Ok(Self {
            file: file.map_err(at(path))?,
            path: path.into(),
        })
    }

    /// A feed begins to send.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn began(
        &mut self,
        options: &FeedOptions,
        faults: &[Fault],
        utc_ms: i64,
    ) -> Result<(), JournalError> {
        self.line(options, utc_ms, What::Began)?;
        for fault in faults {
            let (from_ms, to_ms) = fault.window_ms();
            let what = What::Fault {
                fault: fault.to_string(),
                from_utc_ms: utc_ms + from_ms,
                to_utc_ms: to_ms.map(|to_ms| utc_ms + to_ms),
            };
            self.line(options, utc_ms, what)?;
        }
        Ok(())
    }

    /// A connection stands.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn connected(
        &mut self,
        options: &FeedOptions,
        lane: Lane,
        utc_ms: i64,
    ) -> Result<(), JournalError> {
        let second = lane == Lane::Second;
        self.line(options, utc_ms, What::Connected { second })
    }

    /// A connection has ended; `why` in a word or a sentence.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn closed(
        &mut self,
        options: &FeedOptions,
        lane: Lane,
        utc_ms: i64,
        why: &str,
    ) -> Result<(), JournalError> {
        let what = What::Closed {
            second: lane == Lane::Second,
            why: why.to_owned(),
        };
        self.line(options, utc_ms, what)
    }

    /// A feed ends.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn ended(&mut self, options: &FeedOptions, utc_ms: i64) -> Result<(), JournalError> {
        self.line(options, utc_ms, What::Ended)
    }

    fn line(&mut self, options: &FeedOptions, utc_ms: i64, what: What) -> Result<(), JournalError> {
        let line = Line {
            utc_ms,
            acd: options.acd,
            to: options.to.clone().unwrap_or_default(),
            what,
        };
        let text = serde_json::to_vec(&line).map_err(std::io::Error::from);
        text.and_then(|mut text| {
            text.push(b'\n');
            self.file.write_all(&text)
        })
        .map_err(at(&self.path))
    }
}

impl Closing {
    /// In a word, as the journal has it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Cut => "cut",
            Self::Restart => "restart",
            Self::Over => "duplicate ended",
        }
    }
}

/// What a journal says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FeedTruth {
    /// When faults were on.
    pub feed_faults: Vec<FaultSpan>,
    /// When connections stood.
    pub feed_connections: Vec<Connection>,
}

/// A fault that was on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FaultSpan {
    /// The ACD of the feed.
    pub acd: i16,
    /// Where it was sent; empty: into a file.
    pub to: String,
    /// As it was given.
    pub fault: String,
    /// Unix milliseconds.
    pub start_utc_ms: i64,
    /// Unix milliseconds; `None`: it is still on.
    pub end_utc_ms: Option<i64>,
}

/// A connection that stood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Connection {
    /// The ACD of the feed.
    pub acd: i16,
    /// Where it was sent; empty: into a file.
    pub to: String,
    /// It is that of the duplicate sender.
    pub second: bool,
    /// Unix milliseconds.
    pub start_utc_ms: i64,
    /// Unix milliseconds; `None`: it still stands, or the sender was killed.
    pub end_utc_ms: Option<i64>,
    /// Why it ended.
    pub ended: Option<String>,
}

/// Reads a journal.
///
/// # Errors
/// It cannot be read, or a complete line is none of a journal.
pub fn feed_truth(path: &Path) -> Result<FeedTruth, JournalError> {
    let mut lines = BufReader::new(File::open(path).map_err(at(path))?);
    let mut truth = FeedTruth::default();
    let mut faults: BTreeMap<(i16, String), Vec<FaultSpan>> = BTreeMap::new();
    let mut text = Vec::new();
    for number in 1.. {
        text.clear();
        lines.read_until(b'\n', &mut text).map_err(at(path))?;
        if text.pop() != Some(b'\n') {
            break;
        }
        let line: Line = serde_json::from_slice(&text).map_err(|cause| JournalError::Line {
            path: path.into(),
            line: number,
            cause,
        })?;
        truth.take(line, &mut faults);
    }
    truth.feed_faults.extend(faults.into_values().flatten());
    truth.feed_faults.sort_by_key(|span| span.start_utc_ms);
    Ok(truth)
}

impl FeedTruth {
    fn take(&mut self, line: Line, faults: &mut BTreeMap<(i16, String), Vec<FaultSpan>>) {
        let (acd, to, now_ms) = (line.acd, line.to, line.utc_ms);
        match line.what {
            What::Began | What::Ended => {
                let open = faults.remove(&(acd, to.clone())).unwrap_or_default();
                let ended = open.into_iter().filter(|span| span.start_utc_ms < now_ms);
                self.feed_faults.extend(ended.map(|mut span| {
                    span.end_utc_ms = Some(span.end_utc_ms.map_or(now_ms, |end| end.min(now_ms)));
                    span
                }));
                for second in [false, true] {
                    self.close(acd, &to, second, now_ms, "the sender ended");
                }
            }
            What::Fault {
                fault,
                from_utc_ms,
                to_utc_ms,
            } => faults
                .entry((acd, to.clone()))
                .or_default()
                .push(FaultSpan {
                    acd,
                    to,
                    fault,
                    start_utc_ms: from_utc_ms,
                    end_utc_ms: to_utc_ms,
                }),
            What::Connected { second } => self.feed_connections.push(Connection {
                acd,
                to,
                second,
                start_utc_ms: now_ms,
                end_utc_ms: None,
                ended: None,
            }),
            What::Closed { second, why } => self.close(acd, &to, second, now_ms, &why),
        }
    }

    fn close(&mut self, acd: i16, to: &str, second: bool, now_ms: i64, why: &str) {
        let mut stand = self.feed_connections.iter_mut().rev();
        let found =
            stand.find(|stands| stands.acd == acd && stands.to == to && stands.second == second);
        if let Some(stands) = found.filter(|stands| stands.end_utc_ms.is_none()) {
            stands.end_utc_ms = Some(now_ms);
            stands.ended = Some(why.to_owned());
        }
    }
}

fn at(path: &Path) -> impl Fn(std::io::Error) -> JournalError {
    let path = path.to_path_buf();
    move |cause| JournalError::File {
        path: path.clone(),
        cause,
    }
}
