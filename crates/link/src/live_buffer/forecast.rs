//! When the quota will be reached, or when all will have been fetched, at the present rate.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// The rate is measured over so long.
const WINDOW: Duration = Duration::from_secs(600);
/// Less than this says nothing.
const LEAST: Duration = Duration::from_secs(30);
/// At most one sample in so long.
const SPACING: Duration = Duration::from_secs(5);

/// How the number of waiting events changes.
#[derive(Debug, Default)]
pub struct Forecast {
    samples: VecDeque<(Instant, u64)>,
}

impl Forecast {
    /// Notes how many events wait now.
    pub fn note(&mut self, now: Instant, waiting: u64) {
        let is_due = self
            .samples
            .back()
            .is_none_or(|(at, _)| now.saturating_duration_since(*at) >= SPACING);
        if is_due {
            self.samples.push_back((now, waiting));
        }
        while let Some((at, _)) = self.samples.front()
            && now.saturating_duration_since(*at) > WINDOW
        {
            self.samples.pop_front();
        }
    }

    /// Seconds until `room` more events wait; `None` while the number does not grow.
    pub fn full_in_seconds(&self, room: u64) -> Option<u64> {
        let (first_at, first) = self.samples.front()?;
        let (last_at, last) = self.samples.back()?;
        let elapsed = last_at.saturating_duration_since(*first_at);
        let grown = last.checked_sub(*first).filter(|grown| *grown > 0)?;
        if elapsed < LEAST {
            return None;
        }
        let seconds = u128::from(room) * u128::from(elapsed.as_secs()) / u128::from(grown);
        u64::try_from(seconds).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_leads_to_an_end_and_draining_does_not() {
        let begin = Instant::now();
        let mut forecast = Forecast::default();
        for step in 0..20 {
            forecast.note(begin + Duration::from_secs(10 * step), 100 * step);
        }
        assert_eq!(forecast.full_in_seconds(1_000), Some(100));
        for step in 20..100 {
            forecast.note(begin + Duration::from_secs(10 * step), 2_000 - 10 * step);
        }
        assert_eq!(forecast.full_in_seconds(1_000), None);
    }
}
