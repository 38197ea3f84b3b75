//! The event log: everything that happened, apart from any table.
//!
//! # Format
//! UTF-8, one JSON object per line. The first line is the [`Header`], `{"header":{...}}`. Then one line per [`Event`],
//! and lines `{"through":UTC}`: every event before that instant stands above.
//!
//! # Writing and recovery
//! The file only grows. Events are written in batches, each closed by its `through` line and then synced to disk. What
//! stands after the last `through` line is a batch that was never finished: readers leave it out, and the writer cuts
//! it off when it opens the file, since the same events are played again. A log is written before the rows that rest on
//! it, so it is never behind what can be read in the tables. A writer holds a lock on the file.
//!
//! # Failure
//! A complete line that cannot be read is an error with its number: a figure counted past it would be wrong.

use crate::event::{Event, FORMAT, Header};
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Why a log cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The file.
    #[error("event log {}: {cause}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// It is there already.
    #[error("event log {} exists; give another file, or --replace to overwrite it", path.display())]
    Exists {
        /// Which.
        path: PathBuf,
    },
    /// Somebody else writes it.
    #[error("event log {} is in use by another process", path.display())]
    Locked {
        /// Which.
        path: PathBuf,
    },
    /// It belongs to another simulation.
    #[error("event log {} belongs to another simulation than the database; give the one of its init", path.display())]
    OfAnotherSimulation {
        /// Which.
        path: PathBuf,
    },
    /// A line that is not what it should be.
    #[error("event log {}, line {line}: {reason}", path.display())]
    Line {
        /// Which file.
        path: PathBuf,
        /// From 1.
        line: u64,
        /// What is wrong.
        reason: String,
    },
}

/// The lines that are not events.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Mark {
    Header(Header),
    Through(i64),
}

const THROUGH: &[u8] = b"{\"through\":";

/// Writes a log.
pub struct Writer {
    path: PathBuf,
    file: BufWriter<File>,
    through_utc_s: i64,
}

impl Writer {
    /// Starts a log. An existing file is refused unless `replace`.
    ///
    /// # Errors
    /// The file exists, is locked, or cannot be written.
    pub fn create(path: &Path, header: &Header, replace: bool) -> Result<Self, LogError> {
        if path.try_exists().map_err(at(path))? && !replace {
            return Err(LogError::Exists { path: path.into() });
        }
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(at(path))?;
        lock(&file, path)?;
        file.set_len(0).map_err(at(path))?;
        let mut writer = Self::over(path, file, header.from_utc_s);
        writer.line(&Mark::Header(header.clone()))?;
        writer.sync()?;
        Ok(writer)
    }

    /// Goes on with a log: checks whose it is, and cuts off an unfinished batch.
    ///
    /// # Errors
    /// The file is of another simulation, locked, or cannot be read or written.
    pub fn open(path: &Path, simulation: &str) -> Result<Self, LogError> {
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .open(path)
            .map_err(at(path))?;
        lock(&file, path)?;
        let header = Reader::open(path)?.header;
        if header.simulation != simulation {
            return Err(LogError::OfAnotherSimulation { path: path.into() });
        }
        let (end, through_utc_s) = match last_mark(&mut file, path)? {
            Some(mark) => mark,
            None => (header_bytes(path)?, header.from_utc_s),
        };
        file.set_len(end).map_err(at(path))?;
        file.seek(SeekFrom::End(0)).map_err(at(path))?;
        Ok(Self::over(path, file, through_utc_s))
    }

    fn over(path: &Path, file: File, through_utc_s: i64) -> Self {
        Self {
            path: path.into(),
            file: BufWriter::with_capacity(1 << 18, file),
            through_utc_s,
        }
    }

    /// Every event before this instant is in the log.
    pub fn through_utc_s(&self) -> i64 {
        self.through_utc_s
    }

    /// Adds an event to the batch.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&mut self, event: &Event) -> Result<(), LogError> {
        self.line(event)
    }

    /// Closes the batch and syncs it to disk.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn close_batch(&mut self, through_utc_s: i64) -> Result<(), LogError> {
        self.line(&Mark::Through(through_utc_s))?;
        self.sync()?;
        self.through_utc_s = through_utc_s;
        Ok(())
    }

    fn line(&mut self, line: &impl Serialize) -> Result<(), LogError> {
        serde_json::to_writer(&mut self.file, line)
            .map_err(std::io::Error::from)
            .and_then(|()| self.file.write_all(b"\n"))
            .map_err(at(&self.path))
    }

    fn sync(&mut self) -> Result<(), LogError> {
        self.file
            .flush()
            .and_then(|()| self.file.get_ref().sync_data())
            .map_err(at(&self.path))
    }
}

/// Reads the finished batches of a log.
pub struct Reader {
    /// The first line.
    pub header: Header,
    path: PathBuf,
    lines: BufReader<File>,
    number: u64,
    batch: std::vec::IntoIter<Event>,
    through_utc_s: i64,
}

impl Reader {
    /// Opens a log and reads its header.
    ///
    /// # Errors
    /// The file cannot be read, or does not begin with a header of this format.
    pub fn open(path: &Path) -> Result<Self, LogError> {
        let mut lines = BufReader::with_capacity(1 << 18, File::open(path).map_err(at(path))?);
        let first = next_line(&mut lines, path)?.unwrap_or_default();
        let refused = |reason: String| LogError::Line {
            path: path.into(),
            line: 1,
            reason,
        };
        let header = match serde_json::from_slice::<Mark>(&first) {
            Ok(Mark::Header(header)) if header.format == FORMAT => header,
            Ok(Mark::Header(header)) => {
                let reason = format!(
                    "format {} is not the {FORMAT} of this program",
                    header.format
                );
                return Err(refused(reason));
            }
            Ok(Mark::Through(_)) => return Err(refused("not a header".into())),
            Err(cause) => {
                return Err(refused(format!("not the header of an event log ({cause})")));
            }
        };
        Ok(Self {
            through_utc_s: header.from_utc_s,
            header,
            path: path.into(),
            lines,
            number: 1,
            batch: Vec::new().into_iter(),
        })
    }

    /// The next event of a finished batch.
    ///
    /// # Errors
    /// A line that cannot be read.
    pub fn next_event(&mut self) -> Result<Option<Event>, LogError> {
        loop {
            if let Some(event) = self.batch.next() {
                return Ok(Some(event));
            }
            if !self.read_batch()? {
                return Ok(None);
            }
        }
    }

    /// Every event before this instant has been read.
    pub fn through_utc_s(&self) -> i64 {
        self.through_utc_s
    }

    fn read_batch(&mut self) -> Result<bool, LogError> {
        let mut batch = Vec::new();
        while let Some(line) = next_line(&mut self.lines, &self.path)? {
            self.number += 1;
            if line.starts_with(THROUGH)
                && let Ok(Mark::Through(utc_s)) = serde_json::from_slice(&line)
            {
                self.through_utc_s = utc_s;
                self.batch = batch.into_iter();
                return Ok(true);
            }
            let event = serde_json::from_slice::<Event>(&line);
            batch.push(event.map_err(|cause| LogError::Line {
                path: self.path.clone(),
                line: self.number,
                reason: format!("not an event ({cause})"),
            })?);
        }
        Ok(false)
    }
}

fn at(path: &Path) -> impl Fn(std::io::Error) -> LogError {
    move |cause| LogError::File {
        path: path.into(),
        cause,
    }
}

fn lock(file: &File, path: &Path) -> Result<(), LogError> {
    file.try_lock().map_err(|cause| match cause {
        TryLockError::WouldBlock => LogError::Locked { path: path.into() },
        TryLockError::Error(cause) => LogError::File {
            path: path.into(),
            cause,
        },
    })
}

fn header_bytes(path: &Path) -> Result<u64, LogError> {
    let mut lines = BufReader::new(File::open(path).map_err(at(path))?);
    let line = next_line(&mut lines, path)?.unwrap_or_default();
    Ok(line.len() as u64 + 1)
}

/// The next complete line without its newline; `None` at the end or at a line still being written.
fn next_line(lines: &mut impl BufRead, path: &Path) -> Result<Option<Vec<u8>>, LogError> {
    let mut line = Vec::new();
    lines.read_until(b'\n', &mut line).map_err(at(path))?;
    Ok((line.pop() == Some(b'\n')).then_some(line))
}

/// End position and instant of the last complete `through` line, searched from the end of the file.
fn last_mark(file: &mut File, path: &Path) -> Result<Option<(u64, i64)>, LogError> {
    let length = file.seek(SeekFrom::End(0)).map_err(at(path))?;
    let mut window: u64 = 1 << 16;
    loop {
        let start = length.saturating_sub(window);
        file.seek(SeekFrom::Start(start)).map_err(at(path))?;
        let mut tail = Vec::new();
        Read::take(&mut *file, window)
            .read_to_end(&mut tail)
            .map_err(at(path))?;
        let mut end = tail.len();
        while let Some(newline) = tail[..end].iter().rposition(|byte| *byte == b'\n') {
            let line_start = tail[..newline].iter().rposition(|byte| *byte == b'\n');
            let line = &tail[line_start.map_or(0, |at| at + 1)..newline];
            let whole = line_start.is_some() || start == 0;
            if whole
                && line.starts_with(THROUGH)
                && let Ok(Mark::Through(utc_s)) = serde_json::from_slice(line)
            {
                return Ok(Some((start + newline as u64 + 1, utc_s)));
            }
            end = newline;
        }
        if start == 0 {
            return Ok(None);
        }
        window *= 4;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::What;

    fn header() -> Header {
        Header {
            format: FORMAT,
            simulation: "one".into(),
            scenario: "test".into(),
            from_utc_s: 100,
            acds: Vec::new(),
            variants: crate::variants::Variants::default(),
        }
    }

    fn event(utc_s: i64) -> Event {
        Event {
            utc_s,
            acd: 1,
            what: What::LinkUp,
        }
    }

    fn events(path: &Path) -> Vec<i64> {
        let mut reader = Reader::open(path).unwrap();
        std::iter::from_fn(|| reader.next_event().unwrap())
            .map(|event| event.utc_s)
            .collect()
    }

    #[test]
    fn an_unfinished_batch_is_left_out_and_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.jsonl");
        let mut writer = Writer::create(&path, &header(), false).unwrap();
        writer.write(&event(110)).unwrap();
        writer.close_batch(200).unwrap();
        writer.write(&event(210)).unwrap();
        writer.sync().unwrap();
        drop(writer);
        let mut torn = OpenOptions::new().append(true).open(&path).unwrap();
        torn.write_all(b"{\"t\":211,\"ac").unwrap();
        assert_eq!(events(&path), [110]);

        let mut writer = Writer::open(&path, "one").unwrap();
        assert_eq!(writer.through_utc_s(), 200);
        writer.write(&event(220)).unwrap();
        writer.close_batch(300).unwrap();
        assert_eq!(events(&path), [110, 220]);
    }

    #[test]
    fn a_log_is_written_by_one_and_for_one_simulation() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.jsonl");
        let writer = Writer::create(&path, &header(), false).unwrap();
        assert!(matches!(
            Writer::open(&path, "one"),
            Err(LogError::Locked { .. })
        ));
        assert!(matches!(
            Writer::create(&path, &header(), false),
            Err(LogError::Exists { .. })
        ));
        drop(writer);
        assert!(matches!(
            Writer::open(&path, "two"),
            Err(LogError::OfAnotherSimulation { .. })
        ));
        assert_eq!(Writer::open(&path, "one").unwrap().through_utc_s(), 100);
    }

    #[test]
    fn a_damaged_line_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.jsonl");
        let mut writer = Writer::create(&path, &header(), false).unwrap();
        writer.write(&event(110)).unwrap();
        writer.close_batch(200).unwrap();
        drop(writer);
        let text = std::fs::read_to_string(&path)
            .unwrap()
            .replace("linkUp", "linkUpp");
        std::fs::write(&path, text).unwrap();
        let mut reader = Reader::open(&path).unwrap();
        assert!(matches!(
            reader.next_event(),
            Err(LogError::Line { line: 2, .. })
        ));
    }
}
