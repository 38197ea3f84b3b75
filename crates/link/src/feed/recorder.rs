//! Writes captures: a thread that rotates files within a quota of bytes. It never slows the feed.

use super::capture::{self, Entry};
use super::tap::Raw;
use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::time::Duration;

/// Entries that wait for the disk at most.
const QUEUE: usize = 1024;
/// The quota is spread over so many files; the oldest goes when a new one begins.
const FILES: u64 = 8;
/// What was written is handed to the system at least so often.
const FLUSH_EVERY: Duration = Duration::from_secs(1);

/// A capture of one port. Clones are the same; the last one ends it.
#[derive(Clone, Debug)]
pub struct Recorder {
    queue: SyncSender<(i64, Entry)>,
    missed: Arc<AtomicU64>,
}

impl Recorder {
    /// Starts a thread that writes to `folder`, at most `quota_bytes` for this port.
    pub fn start(folder: &Path, port: u16, quota_bytes: u64) -> std::io::Result<Self> {
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
        let (queue, entries) = sync_channel(QUEUE);
        let missed = Arc::new(AtomicU64::new(0));
        let mut files = Files {
            folder: folder.to_owned(),
            port,
            file_bytes: (quota_bytes / FILES).max(1),
            current: None,
            written: 0,
            number: 0,
        };
        let counted = Arc::clone(&missed);
        std::thread::Builder::new()
            .name("feed-capture".into())
            .spawn(move || files.run(&entries, &counted))?;
        Ok(Self { queue, missed })
    }

    /// Queues it, or counts it as missed.
    pub fn show(&self, at_utc_ms: i64, raw: &Raw) {
        let entry = match raw {
            Raw::Opened(peer) => Entry::Opened(peer.to_string()),
            Raw::Data(bytes) => Entry::Data(bytes.to_vec()),
            Raw::Closed => Entry::Closed,
        };
        match self.queue.try_send((at_utc_ms, entry)) {
            Ok(()) => {}
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {
                self.missed.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}

struct Files {
    folder: PathBuf,
    port: u16,
    file_bytes: u64,
    current: Option<BufWriter<File>>,
    written: u64,
    number: u32,
}

impl Files {
    fn run(&mut self, entries: &Receiver<(i64, Entry)>, missed: &AtomicU64) {
        let mut is_failing = false;
        loop {
            let outcome = match entries.recv_timeout(FLUSH_EVERY) {
                Ok((at_utc_ms, entry)) => {
                    let before = missed.swap(0, Ordering::Relaxed);
                    let gap = match before {
                        0 => Ok(()),
                        count => self.write(at_utc_ms, &Entry::Missing(count)),
                    };
                    gap.and_then(|()| self.write(at_utc_ms, &entry))
                }
                Err(RecvTimeoutError::Timeout) => match &mut self.current {
                    Some(file) => file.flush(),
                    None => Ok(()),
                },
                Err(RecvTimeoutError::Disconnected) => {
                    if let Some(mut file) = self.current.take()
                        && let Err(error) = file.flush()
                    {
                        tracing::warn!(%error, port = self.port, "the end of the capture cannot be written");
                    }
                    return;
                }
            };
            match outcome {
                Ok(()) => is_failing = false,
                Err(error) => {
                    missed.fetch_add(1, Ordering::Relaxed);
                    self.current = None;
                    if !is_failing {
                        tracing::warn!(%error, port = self.port, folder = %self.folder.display(), "the capture cannot be written");
                    }
                    is_failing = true;
                }
            }
        }
    }

    fn write(&mut self, at_utc_ms: i64, entry: &Entry) -> std::io::Result<()> {
        let line = capture::line(at_utc_ms, entry).map_err(std::io::Error::other)?;
        if self.current.is_none() || self.written + line.len() as u64 > self.file_bytes {
            self.rotate(at_utc_ms)?;
        }
        if let Some(file) = &mut self.current {
            file.write_all(line.as_bytes())?;
            self.written += line.len() as u64;
        }
        Ok(())
    }

    fn rotate(&mut self, at_utc_ms: i64) -> std::io::Result<()> {
        if let Some(mut file) = self.current.take() {
            file.flush()?;
        }
        self.number += 1;
        let prefix = format!("feed-{}-", self.port);
        let name = format!("{prefix}{at_utc_ms}-{:04}.capture", self.number);
        let mut old: Vec<PathBuf> = std::fs::read_dir(&self.folder)?
            .filter_map(Result::ok)
            .map(|entry| entry.path())
            .filter(|path| {
                let name = path.file_name().and_then(|name| name.to_str());
                name.is_some_and(|name| name.starts_with(&prefix) && name.ends_with(".capture"))
            })
            .collect();
        old.sort();
        let keep = usize::try_from(FILES - 1).unwrap_or(0);
        let surplus = old.len().saturating_sub(keep);
        for path in old.into_iter().take(surplus) {
            std::fs::remove_file(path)?;
        }
        let file = OpenOptions::new()
            .create_new(true)
            .write(true)
            .mode(0o600)
            .open(self.folder.join(name))?;
        let head = capture::head(self.port, at_utc_ms).map_err(std::io::Error::other)?;
        let mut file = BufWriter::new(file);
        file.write_all(head.as_bytes())?;
        self.written = head.len() as u64;
        self.current = Some(file);
        Ok(())
    }
}
