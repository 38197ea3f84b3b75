//! The live buffer with real files: crashes, restored disks and Hubs, full disks, quotas, damage.
#![allow(clippy::unwrap_used, clippy::print_stdout)] // a helper that fails fails its test; the child talks on stdout

mod crash;
mod disk;
mod hub;
mod model;
mod retention;

use floorwire_link::live_buffer::{BufferSettings, LiveBuffer};
use floorwire_model::agents::{Hold, WorkState};
use floorwire_model::ids::AcdNumber;
use floorwire_model::live::{LiveChange, LiveEvent, LiveStatus, LossCause, Since};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// A time to begin with.
pub const NOON_MS: i64 = 1_790_000_400_000;
/// The port of all events.
pub const PORT: u16 = 7001;
/// Their ACD.
pub const ACD: AcdNumber = AcdNumber(1);
/// Agents of whom events tell.
pub const AGENTS: i64 = 40;

/// The event with this number: its time of receipt is the number.
pub fn event(number: i64) -> LiveEvent {
    LiveEvent {
        port: PORT,
        acd: ACD,
        received_utc_ms: NOON_MS + number,
        change: LiveChange::Status {
            login: (4000 + number % AGENTS).to_string(),
            name: None,
            since_utc_ms: NOON_MS + number,
            since: Since::Receipt,
            status: status(match number % 3 {
                0 => WorkState::Available,
                1 => WorkState::Acd,
                _ => WorkState::Aux,
            }),
        },
    }
}

/// Nothing is known any more.
pub fn lost(number: i64) -> LiveEvent {
    LiveEvent {
        port: PORT,
        acd: ACD,
        received_utc_ms: NOON_MS + number,
        change: LiveChange::Lost {
            confirmed_utc_ms: None,
            cause: LossCause::Disconnected,
        },
    }
}

/// A status.
pub fn status(state: WorkState) -> LiveStatus {
    LiveStatus {
        state,
        direction: None,
        aux_reason: None,
        skill: Some("117".into()),
        skill_level: None,
        hold: Hold::No,
        raw: None,
    }
}

/// The number of an event.
pub fn number(event: &LiveEvent) -> i64 {
    event.received_utc_ms - NOON_MS
}

/// A clock that is set.
#[derive(Clone, Default)]
pub struct Played(pub Arc<AtomicI64>);

impl Played {
    /// Sets it.
    pub fn set(&self, utc_ms: i64) {
        self.0.store(utc_ms, Ordering::SeqCst);
    }
}

/// A large buffer.
pub fn settings(folder: &Path) -> BufferSettings {
    BufferSettings {
        folder: folder.to_owned(),
        owner: "fwl_1_2_".into(),
        quota_bytes: 1 << 30,
        keep_days: 7,
        patience: Duration::from_secs(600),
        clock: Arc::new(|| NOON_MS),
    }
}

/// Opens it.
pub fn open(folder: &Path) -> LiveBuffer {
    LiveBuffer::start(settings(folder)).unwrap()
}
