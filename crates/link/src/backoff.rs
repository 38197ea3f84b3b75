//! Waiting before trying again: doubling up to a cap, with jitter, so that many Links do not come back at once.

use std::time::Duration;

/// A wait that doubles with every failure.
#[derive(Clone, Debug)]
pub struct Backoff {
    first: Duration,
    cap: Duration,
    failures: u32,
}

impl Backoff {
    /// Begins with `first` and never waits longer than `cap`.
    pub fn new(first: Duration, cap: Duration) -> Self {
        Self {
            first,
            cap,
            failures: 0,
        }
    }

    /// For calls to the Hub.
    pub fn for_hub() -> Self {
        Self::new(Duration::from_millis(500), Duration::from_secs(30))
    }

    /// For looking at the CMS.
    pub fn for_cms() -> Self {
        Self::new(Duration::from_secs(2), Duration::from_secs(60))
    }

    /// Something worked: the next wait is the first again.
    pub fn reset(&mut self) {
        self.failures = 0;
    }

    /// How long to wait after one more failure: between half and all of the doubled time.
    pub fn next_wait(&mut self) -> Duration {
        let doubled = self
            .first
            .saturating_mul(1 << self.failures.min(16))
            .min(self.cap);
        self.failures = self.failures.saturating_add(1);
        doubled / 2 + doubled.mul_f64(rand::random::<f64>() / 2.0)
    }

    /// Waits after one more failure.
    pub async fn wait(&mut self) {
        tokio::time::sleep(self.next_wait()).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_the_cap_and_start_over() {
        let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(8));
        let waits: Vec<_> = (0..40).map(|_| backoff.next_wait()).collect();
        assert!(waits[0] >= Duration::from_millis(500) && waits[0] <= Duration::from_secs(1));
        assert!(waits[39] >= Duration::from_secs(4) && waits[39] <= Duration::from_secs(8));
        backoff.reset();
        assert!(backoff.next_wait() <= Duration::from_secs(1));
    }
}
