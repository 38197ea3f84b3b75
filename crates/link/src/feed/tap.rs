//! Whoever else gets the raw bytes of a port: a capture, tees. None of them can slow the feed.

use super::recorder::Recorder;
use super::tee::Tee;
use std::net::SocketAddr;
use std::sync::Arc;

/// What happened at a port.
#[derive(Clone, Debug)]
pub enum Raw {
    /// A connection feeds the port from now on.
    Opened(SocketAddr),
    /// Bytes of it.
    Data(Arc<[u8]>),
    /// It ended.
    Closed,
}

/// Everybody who gets the bytes of one port.
#[derive(Clone, Debug, Default)]
pub struct Taps {
    /// The capture.
    pub recorder: Option<Recorder>,
    /// Copies to other programs.
    pub tees: Vec<Tee>,
}

impl Taps {
    /// Passes it on. Whoever cannot take it misses it and counts that.
    pub fn show(&self, at_utc_ms: i64, raw: &Raw) {
        if let Some(recorder) = &self.recorder {
            recorder.show(at_utc_ms, raw);
        }
        for tee in &self.tees {
            tee.show(raw);
        }
    }
}
