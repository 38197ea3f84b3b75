//! Connections of a port: read always, written never.
//!
//! Each has a task that reads and passes on what it read; the port's task takes it in the order in which it came. A connection
//! that does not feed the port yet waits with its bytes until it has delivered a whole record.

use super::socket;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

/// Bytes of one read.
const READ_BYTES: usize = 64 * 1024;
/// Bytes that a connection may deliver without a whole record.
const WAITING_BYTES: usize = 256 * 1024;

/// What a connection's task says.
#[derive(Debug)]
pub enum Incoming {
    /// Bytes came.
    Data(Arc<[u8]>),
    /// It ended; an error in words, where there was one.
    Closed(Option<String>),
}

/// An open connection. Dropping it closes it.
#[derive(Debug)]
pub struct Connection {
    /// Its number at this port.
    pub id: u64,
    /// Who is at the other end.
    pub peer: SocketAddr,
    /// When bytes came last, or it was opened.
    pub last_at: Instant,
    /// What it delivered while it does not feed the port.
    pub waiting: Vec<u8>,
    reading: AbortHandle,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.reading.abort();
    }
}

impl Connection {
    /// Begins to read.
    pub fn start(
        id: u64,
        stream: TcpStream,
        peer: SocketAddr,
        out: mpsc::Sender<(u64, Incoming)>,
    ) -> Self {
        if let Err(error) = socket::keep_alive(&stream) {
            tracing::debug!(%error, "no keepalive for this connection");
        }
        let reading = tokio::spawn(read(id, stream, out)).abort_handle();
        Self {
            id,
            peer,
            last_at: Instant::now(),
            waiting: Vec::new(),
            reading,
        }
    }

    /// Keeps bytes until it is known whether they are a feed. False when there are too many of them.
    pub fn wait_with(&mut self, bytes: &[u8]) -> bool {
        self.last_at = Instant::now();
        self.waiting.extend_from_slice(bytes);
        self.waiting.len() <= WAITING_BYTES
    }
}

async fn read(id: u64, mut stream: TcpStream, out: mpsc::Sender<(u64, Incoming)>) {
    let mut buffer = vec![0; READ_BYTES];
    loop {
        let incoming = match stream.read(&mut buffer).await {
            Ok(0) => Incoming::Closed(None),
            Ok(length) => Incoming::Data(buffer.get(..length).unwrap_or_default().into()),
            Err(error) => Incoming::Closed(Some(error.to_string())),
        };
        let is_end = matches!(incoming, Incoming::Closed(_));
        if out.send((id, incoming)).await.is_err() || is_end {
            return;
        }
    }
}
