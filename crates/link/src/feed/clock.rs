//! The Link's clock for feeds: the wall clock in milliseconds, watched for steps.
//!
//! Times of events are wall times, so they follow a clock that is set. A step is noticed by comparing with the monotonic clock,
//! and logged. Small steps back, such as a clock being disciplined makes them, are hidden: time stands still until the wall
//! clock has caught up. That no agent's times go back is the engine's business.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Differences up to this are drift, not a step.
const STEP: Duration = Duration::from_secs(2);
/// The two clocks are compared over at most so long, so that drift does not add up to a step.
const COMPARED_OVER: Duration = Duration::from_secs(60);

/// A wall clock; clones share what they have seen.
#[derive(Clone)]
pub struct FeedClock {
    wall: Arc<dyn Fn() -> i64 + Send + Sync>,
    seen: Arc<Mutex<Option<Seen>>>,
}

#[derive(Clone, Copy)]
struct Seen {
    at: Instant,
    wall_ms: i64,
    last_ms: i64,
}

impl FeedClock {
    /// The system's clock.
    pub fn system() -> Self {
        Self::new(Arc::new(crate::status_file::now_utc_ms))
    }

    /// A clock that is given.
    pub fn new(wall: Arc<dyn Fn() -> i64 + Send + Sync>) -> Self {
        Self {
            wall,
            seen: Arc::default(),
        }
    }

    /// Now, milliseconds since 1970 UTC.
    pub fn now_utc_ms(&self) -> i64 {
        self.read(Instant::now())
    }

    fn read(&self, at: Instant) -> i64 {
        let wall_ms = (self.wall)();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(before) = *seen else {
            *seen = Some(Seen {
                at,
                wall_ms,
                last_ms: wall_ms,
            });
            return wall_ms;
        };
        let elapsed = at.saturating_duration_since(before.at);
        let elapsed_ms = i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX);
        let step_ms = wall_ms
            .saturating_sub(before.wall_ms)
            .saturating_sub(elapsed_ms);
        let is_step = u128::from(step_ms.unsigned_abs()) > STEP.as_millis();
        if is_step {
            tracing::warn!(
                step_ms,
                "this machine's clock was set; times of live events follow it"
            );
        }
        let now_ms = match is_step {
            true => wall_ms,
            false => wall_ms.max(before.last_ms),
        };
        let anchor = match is_step || elapsed > COMPARED_OVER {
            true => (at, wall_ms),
            false => (before.at, before.wall_ms),
        };
        *seen = Some(Seen {
            at: anchor.0,
            wall_ms: anchor.1,
            last_ms: now_ms,
        });
        now_ms
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicI64, Ordering};

    #[test]
    fn small_steps_back_are_hidden_and_large_ones_followed() {
        let wall = Arc::new(AtomicI64::new(1_000_000));
        let read = Arc::clone(&wall);
        let clock = FeedClock::new(Arc::new(move || read.load(Ordering::SeqCst)));
        let begin = Instant::now();
        let at = |after_ms: u64, wall_ms: i64| {
            wall.store(wall_ms, Ordering::SeqCst);
            clock.read(begin + Duration::from_millis(after_ms))
        };
        assert_eq!(at(0, 1_000_000), 1_000_000);
        assert_eq!(at(100, 1_000_100), 1_000_100);
        assert_eq!(at(200, 999_900), 1_000_100, "a small step back");
        assert_eq!(at(400, 1_000_150), 1_000_150);
        assert_eq!(at(500, 500_000), 500_000, "set back");
        assert_eq!(at(600, 9_000_000), 9_000_000, "set forward");
    }
}
