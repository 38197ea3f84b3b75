//! Tee: the raw bytes of a port, copied to another program.
//!
//! Only the Link's local policy names targets, never the Hub. A copy is a TCP connection from here that sends what the feed's
//! sender sends and reads nothing. It never slows the feed: what does not fit into its queue is dropped. A hole in a stream
//! would join two halves of different records into a false one, so with a hole the connection ends, and the next begins at the
//! begin of a line. A feed that ends ends the copy, so that its reader sees what the Link sees.

use super::ring::is_line_end;
use super::tap::Raw;
use crate::backoff::Backoff;
use serde::Deserialize;
use std::collections::VecDeque;
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::Notify;

/// Bytes that wait for one target at most.
const QUEUE_BYTES: usize = 4 * 1024 * 1024;
/// A target has so long to accept a connection, or bytes.
const PATIENCE: Duration = Duration::from_secs(10);

/// A target of the local policy, written `7001=host:7002`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct TeeTarget {
    /// The port whose bytes are copied.
    pub port: u16,
    /// Host and port of the other program.
    pub to: String,
}

impl FromStr for TeeTarget {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || format!("`{text}` is not a tee; write it as 7001=host:7002");
        let (port, to) = text.split_once('=').ok_or_else(wrong)?;
        let (host, to_port) = to.trim().rsplit_once(':').ok_or_else(wrong)?;
        let to_port: u16 = to_port.parse().map_err(|_| wrong())?;
        if host.is_empty() || to_port == 0 {
            return Err(wrong());
        }
        Ok(Self {
            port: port.trim().parse().map_err(|_| wrong())?,
            to: to.trim().to_owned(),
        })
    }
}

impl TryFrom<String> for TeeTarget {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl fmt::Display for TeeTarget {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}={}", self.port, self.to)
    }
}

#[derive(Debug)]
enum Piece {
    Bytes(Arc<[u8]>),
    /// What follows does not continue what came before: the target's connection has to end.
    Cut,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: VecDeque<Piece>,
    bytes: usize,
    /// Bytes are skipped up to the next line end.
    skips: bool,
    dropped_bytes: u64,
    is_dropping: bool,
    ended: bool,
}

#[derive(Debug, Default)]
struct Shared {
    queue: Mutex<Queue>,
    wake: Notify,
}

/// A copy to one target. Clones are the same; the last one ends it.
#[derive(Clone, Debug)]
pub struct Tee(Arc<Handle>);

#[derive(Debug)]
struct Handle {
    target: TeeTarget,
    shared: Arc<Shared>,
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.shared.change(|queue| queue.ended = true);
    }
}

impl Shared {
    fn change<T>(&self, change: impl FnOnce(&mut Queue) -> T) -> T {
        let changed = change(&mut self.queue.lock().unwrap_or_else(PoisonError::into_inner));
        self.wake.notify_one();
        changed
    }
}

impl Tee {
    /// Starts copying to a target, on this runtime. Logged: it is a copy of personal data.
    pub fn start(target: TeeTarget) -> Self {
        tracing::info!(
            port = target.port,
            to = target.to,
            audit = true,
            "raw bytes of the feed are copied to another program, as the local policy says"
        );
        let shared = Arc::new(Shared::default());
        tokio::spawn(copy(Arc::clone(&shared), target.clone()));
        Self(Arc::new(Handle { target, shared }))
    }

    /// Queues it, or drops it.
    pub fn show(&self, raw: &Raw) {
        let target = &self.0.target;
        self.0.shared.change(|queue| match raw {
            Raw::Opened(_) => {
                queue.cut();
                queue.skips = false;
            }
            Raw::Closed => queue.cut(),
            Raw::Data(bytes) => queue.push(bytes, target),
        });
    }

    /// Bytes that were dropped since the start.
    pub fn dropped_bytes(&self) -> u64 {
        self.0.shared.change(|queue| queue.dropped_bytes)
    }
}

impl Queue {
    fn cut(&mut self) {
        if !matches!(self.waiting.back(), Some(Piece::Cut)) {
            self.waiting.push_back(Piece::Cut);
        }
    }

    fn push(&mut self, bytes: &Arc<[u8]>, target: &TeeTarget) {
        if self.bytes + bytes.len() > QUEUE_BYTES {
            let lost = self.bytes + bytes.len();
            self.dropped_bytes += lost as u64;
            if !self.is_dropping {
                tracing::warn!(
                    port = target.port,
                    to = target.to,
                    "the target of a tee takes the bytes too slowly, or not at all; some are dropped"
                );
            }
            self.is_dropping = true;
            self.waiting.clear();
            self.bytes = 0;
            self.cut();
            self.skips = true;
            return;
        }
        let mut kept = Arc::clone(bytes);
        if self.skips {
            let Some(end) = bytes.iter().position(|byte| is_line_end(*byte)) else {
                return;
            };
            self.skips = false;
            kept = bytes.get(end + 1..).unwrap_or_default().into();
        }
        self.bytes += kept.len();
        self.waiting.push_back(Piece::Bytes(kept));
    }
}

/// What the copying task does next.
enum Next {
    Send(Arc<[u8]>),
    Close,
    Wait,
    End,
}

fn next(queue: &mut Queue) -> Next {
    match queue.waiting.pop_front() {
        Some(Piece::Bytes(bytes)) => {
            queue.bytes -= bytes.len();
            Next::Send(bytes)
        }
        Some(Piece::Cut) => Next::Close,
        None if queue.ended => Next::End,
        None => Next::Wait,
    }
}

async fn copy(shared: Arc<Shared>, target: TeeTarget) {
    let mut stream: Option<TcpStream> = None;
    let mut backoff = Backoff::new(Duration::from_millis(500), Duration::from_secs(15));
    let mut is_failing = false;
    loop {
        let todo = next(&mut shared.queue.lock().unwrap_or_else(PoisonError::into_inner));
        match todo {
            Next::End => return,
            Next::Close => stream = None,
            Next::Wait => shared.wake.notified().await,
            Next::Send(bytes) => match send(&mut stream, &target.to, &bytes).await {
                Ok(()) => {
                    backoff.reset();
                    if is_failing {
                        tracing::info!(
                            port = target.port,
                            to = target.to,
                            "the tee is connected again"
                        );
                        is_failing = false;
                    }
                    shared
                        .queue
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .is_dropping = false;
                }
                Err(error) => {
                    if !is_failing {
                        tracing::warn!(port = target.port, to = target.to, %error, "the target of a tee cannot be reached; trying again");
                        is_failing = true;
                    }
                    stream = None;
                    let has_ended = shared.change(|queue| {
                        // Nobody knows how much of it arrived.
                        queue.dropped_bytes += bytes.len() as u64;
                        queue.skip_to_line();
                        queue.ended
                    });
                    if has_ended {
                        return;
                    }
                    backoff.wait().await;
                }
            },
        }
    }
}

impl Queue {
    /// Drops what waits up to the begin of a line, or of the next connection.
    fn skip_to_line(&mut self) {
        self.skips = true;
        while self.skips
            && let Some(piece) = self.waiting.pop_front()
        {
            let Piece::Bytes(bytes) = piece else {
                self.skips = false;
                break;
            };
            self.bytes -= bytes.len();
            if let Some(end) = bytes.iter().position(|byte| is_line_end(*byte)) {
                self.skips = false;
                let rest: Arc<[u8]> = bytes.get(end + 1..).unwrap_or_default().into();
                self.bytes += rest.len();
                self.waiting.push_front(Piece::Bytes(rest));
            }
        }
    }
}

async fn send(stream: &mut Option<TcpStream>, to: &str, bytes: &[u8]) -> std::io::Result<()> {
    let working = async {
        let mut connected = match stream.take() {
            Some(connected) => connected,
            None => TcpStream::connect(to).await?,
        };
        connected.write_all(bytes).await?;
        *stream = Some(connected);
        Ok(())
    };
    match tokio::time::timeout(PATIENCE, working).await {
        Ok(sent) => sent,
        Err(_) => Err(std::io::ErrorKind::TimedOut.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_read() {
        let parse = |text: &str| text.parse::<TeeTarget>().map(|target| target.to_string());
        assert_eq!(
            parse("7001=wfm.example:7002"),
            Ok("7001=wfm.example:7002".into())
        );
        assert_eq!(parse(" 7001 = [::1]:7002 "), Ok("7001=[::1]:7002".into()));
        for wrong in [
            "7001",
            "7001=",
            "7001=host",
            "x=host:1",
            "7001=host:0",
            "7001=:5",
        ] {
            assert!(parse(wrong).unwrap_err().contains(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_hole_ends_the_stream_and_the_next_begins_with_a_line() {
        let target: TeeTarget = "7001=host:7002".parse().unwrap();
        let mut queue = Queue::default();
        let big: Arc<[u8]> = vec![b'x'; QUEUE_BYTES - 10].into();
        queue.push(&big, &target);
        queue.push(&b"too much for it"[..].into(), &target);
        assert_eq!(queue.dropped_bytes, QUEUE_BYTES as u64 + 5);
        queue.push(&b"half a line"[..].into(), &target);
        queue.push(&b" and its end\na whole"[..].into(), &target);
        assert!(matches!(next(&mut queue), Next::Close));
        assert!(matches!(next(&mut queue), Next::Send(bytes) if *bytes == *b"a whole"));
        assert!(matches!(next(&mut queue), Next::Wait));
    }
}
