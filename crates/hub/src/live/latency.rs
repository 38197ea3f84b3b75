//! How long live events take from receipt at the Link to the hub's store: a histogram of the last minutes.
//!
//! Buckets grow by a tenth each, so that a figure read from it is at most a tenth too high. Two windows of
//! `WINDOW_MS` are kept, the present one and the one before; figures are of both.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Length of a window, milliseconds.
const WINDOW_MS: i64 = 300_000;
const GROWTH: f64 = 1.1;

/// A histogram of latencies.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Latency {
    window: i64,
    present: BTreeMap<u16, u64>,
    before: BTreeMap<u16, u64>,
}

fn upper_ms(bucket: u16) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "positive; at most a day"
    )]
    {
        GROWTH.powi(i32::from(bucket)).ceil() as u64
    }
}

fn bucket_of(ms: i64) -> u16 {
    let ms = ms.clamp(1, 86_400_000 * 30);
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "below 2^53; the logarithm is between 0 and 250"
    )]
    {
        ((ms as f64).ln() / GROWTH.ln()).ceil() as u16
    }
}

impl Latency {
    /// Moves on to the window of `now_utc_ms`.
    pub fn at(&mut self, now_utc_ms: i64) {
        let window = now_utc_ms.div_euclid(WINDOW_MS);
        if window == self.window {
            return;
        }
        let present = std::mem::take(&mut self.present);
        self.before = if window == self.window + 1 {
            present
        } else {
            BTreeMap::new()
        };
        self.window = window;
    }

    /// Counts one event that took so long.
    pub fn add(&mut self, ms: i64) {
        *self.present.entry(bucket_of(ms)).or_default() += 1;
    }

    /// The time within which so many of 100 events were stored, milliseconds, at most a tenth too high.
    pub fn percentile(&self, percent: u64) -> Option<u64> {
        let mut all = self.before.clone();
        for (bucket, count) in &self.present {
            *all.entry(*bucket).or_default() += count;
        }
        let total: u64 = all.values().sum();
        let wanted = (total * percent).div_ceil(100);
        let mut seen = 0;
        for (bucket, count) in all {
            seen += count;
            if seen >= wanted {
                return Some(upper_ms(bucket));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_at_most_a_tenth_too_high() {
        let mut latency = Latency::default();
        assert_eq!(latency.percentile(50), None);
        latency.at(0);
        for ms in 1..=1000 {
            latency.add(ms);
        }
        let (half, most) = (
            latency.percentile(50).unwrap(),
            latency.percentile(99).unwrap(),
        );
        assert!((500..=551).contains(&half), "{half}");
        assert!((990..=1090).contains(&most), "{most}");
    }

    #[test]
    fn what_is_older_than_two_windows_is_forgotten() {
        let mut latency = Latency::default();
        latency.at(0);
        latency.add(5_000);
        latency.at(WINDOW_MS);
        latency.add(10);
        assert!(latency.percentile(99).unwrap() >= 5_000);
        latency.at(2 * WINDOW_MS);
        assert!(latency.percentile(99).unwrap() < 20);
        latency.at(9 * WINDOW_MS);
        assert_eq!(latency.percentile(50), None);
    }
}
