//! The hub's clock, as a trait so that tests can play time.

use floorwire_model::time::UtcSecond;
use std::fmt::Debug;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Where the present comes from.
pub trait Clock: Send + Sync + Debug {
    /// Milliseconds since 1970 in UTC.
    fn now_utc_ms(&self) -> i64;

    /// Whole seconds since 1970 in UTC.
    fn now_utc_s(&self) -> UtcSecond {
        UtcSecond(self.now_utc_ms().div_euclid(1000))
    }
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now_utc_ms(&self) -> i64 {
        match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
            Err(before) => i64::try_from(before.duration().as_millis()).map_or(i64::MIN, |ms| -ms),
        }
    }
}

/// The machine's clock, so many milliseconds ahead of it: for rehearsals on another day.
#[derive(Clone, Copy, Debug)]
pub struct ShiftedClock(pub i64);

impl Clock for ShiftedClock {
    fn now_utc_ms(&self) -> i64 {
        SystemClock.now_utc_ms().saturating_add(self.0)
    }
}

/// A clock that shows what it was set to.
#[derive(Debug, Default)]
pub struct PlayedClock(AtomicI64);

impl PlayedClock {
    /// A clock that shows `utc_ms`.
    pub fn at(utc_ms: i64) -> Self {
        Self(AtomicI64::new(utc_ms))
    }

    /// Sets it.
    pub fn set(&self, utc_ms: i64) {
        self.0.store(utc_ms, Ordering::SeqCst);
    }

    /// Moves it on.
    pub fn advance(&self, by_ms: i64) {
        self.0.fetch_add(by_ms, Ordering::SeqCst);
    }
}

impl Clock for PlayedClock {
    fn now_utc_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}
