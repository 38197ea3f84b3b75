//! The simulated clock of a run: the time of day, or faster.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Simulated time.
#[derive(Clone, Copy)]
pub(crate) struct Clock {
    begun: Instant,
    from_utc_s: f64,
    speed: f64,
}

impl Clock {
    /// With speed 1 the time of day, unless the position is ahead of it; else from the position on.
    #[allow(clippy::cast_precision_loss)] // seconds since 1970 fit a double exactly
    pub fn start(speed: f64, position_utc_s: i64) -> Self {
        let now = time_of_day_s();
        let position = position_utc_s as f64;
        Self {
            begun: Instant::now(),
            from_utc_s: if is_real_time(speed) {
                now.max(position)
            } else {
                position
            },
            speed,
        }
    }

    /// Real time that passes until the simulated clock shows an instant; zero if it is past.
    #[allow(clippy::cast_precision_loss)]
    pub fn until(&self, utc_s: i64) -> Duration {
        self.until_s(utc_s as f64)
    }

    /// The same for milliseconds.
    #[allow(clippy::cast_precision_loss)]
    pub fn until_ms(&self, utc_ms: i64) -> Duration {
        self.until_s(utc_ms as f64 / 1_000.0)
    }

    /// What it shows, Unix milliseconds.
    #[allow(clippy::cast_possible_truncation)] // the cast saturates
    pub fn now_ms(&self) -> i64 {
        let shown_s = self.from_utc_s + self.begun.elapsed().as_secs_f64() * self.speed;
        (shown_s * 1_000.0) as i64
    }

    /// Seconds that a clock of real time is ahead of the time of day.
    pub fn ahead_s(&self) -> f64 {
        self.from_utc_s + self.begun.elapsed().as_secs_f64() - time_of_day_s()
    }

    fn until_s(&self, utc_s: f64) -> Duration {
        let due = (utc_s - self.from_utc_s) / self.speed;
        let left = due - self.begun.elapsed().as_secs_f64();
        Duration::try_from_secs_f64(left.max(0.0)).unwrap_or(Duration::MAX / 4)
    }
}

/// Whether a speed is that of the time of day.
#[allow(clippy::float_cmp)] // 1 is what the user typed, or the default
pub(crate) fn is_real_time(speed: f64) -> bool {
    speed == 1.0
}

fn time_of_day_s() -> f64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.unwrap_or_default().as_secs_f64()
}
