//! The pause before a failed worker is started again: doubled with each failure, up to a limit.

use std::time::Duration;

/// How long to pause after so many failures in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// Pause after the first failure.
    pub first: Duration,
    /// Longest pause.
    pub longest: Duration,
}

impl Default for Backoff {
    /// Half a second, doubled up to 30 s.
    fn default() -> Self {
        Self {
            first: Duration::from_millis(500),
            longest: Duration::from_secs(30),
        }
    }
}

impl Backoff {
    /// The pause after this many failures in a row; none after none.
    pub fn pause(&self, failures: u32) -> Duration {
        let Some(doublings) = failures.checked_sub(1) else {
            return Duration::ZERO;
        };
        let factor = 1_u32.checked_shl(doublings).unwrap_or(u32::MAX).max(1);
        self.first.saturating_mul(factor).min(self.longest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let backoff = Backoff::default();
        let pauses: Vec<u64> = [0, 1, 2, 3, 7, 32, 33, u32::MAX]
            .iter()
            .map(|&failures| u64::try_from(backoff.pause(failures).as_millis()).unwrap())
            .collect();
        assert_eq!(
            pauses,
            [0, 500, 1_000, 2_000, 30_000, 30_000, 30_000, 30_000]
        );
    }
}
