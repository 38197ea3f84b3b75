//! How the feeds are at this moment, for the Hub, for `floorwire-link status` and for previews.

use super::ring::Ring;
use floorwire_protocol::live::FeedReport;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// The last raw bytes of a port, shared by whoever reads it and whoever shows them.
pub type SharedRing = Arc<Mutex<Ring>>;

#[derive(Debug, Default)]
struct Entries {
    reports: BTreeMap<u16, FeedReport>,
    rings: BTreeMap<u16, SharedRing>,
    clock_offset_ms: Option<i64>,
}

/// The board; clones are the same.
#[derive(Clone, Debug, Default)]
pub struct Board {
    entries: Arc<Mutex<Entries>>,
    changed: Arc<Notify>,
}

impl Board {
    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A port is configured. Its raw bytes go into the ring.
    pub fn add(&self, port: u16) -> SharedRing {
        Arc::clone(self.entries().rings.entry(port).or_default())
    }

    /// How a port is. A change of state is told to whoever waits for one.
    pub fn put(&self, report: FeedReport) {
        let state = report.state.clone();
        let before = self.entries().reports.insert(report.port, report);
        if before.is_none_or(|before| before.state != state) {
            self.changed.notify_one();
        }
    }

    /// A port is no longer configured.
    pub fn remove(&self, port: u16) {
        let mut entries = self.entries();
        entries.reports.remove(&port);
        entries.rings.remove(&port);
    }

    /// How all ports are.
    pub fn reports(&self) -> Vec<FeedReport> {
        self.entries().reports.values().cloned().collect()
    }

    /// The raw bytes of a port that is configured.
    pub fn ring(&self, port: u16) -> Option<SharedRing> {
        self.entries().rings.get(&port).map(Arc::clone)
    }

    /// The Hub's clock minus this machine's.
    pub fn set_clock_offset_ms(&self, offset_ms: i64) {
        self.entries().clock_offset_ms = Some(offset_ms);
    }

    /// The Hub's clock minus this machine's, once the Hub has answered.
    pub fn clock_offset_ms(&self) -> Option<i64> {
        self.entries().clock_offset_ms
    }

    /// Returns when the state of a port has changed.
    pub async fn changed(&self) {
        self.changed.notified().await;
    }
}
