//! Random numbers that are the same for the same simulation, day and split, whatever was generated before.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// A stream of random numbers for one purpose.
pub struct Random(ChaCha8Rng);

impl Random {
    /// The stream of `seed` for the subject named by `parts` (for instance ACD, split, day).
    pub fn new(seed: u64, parts: [i64; 3]) -> Self {
        let mut key = [0u8; 32];
        let words = [
            seed.to_le_bytes(),
            parts[0].to_le_bytes(),
            parts[1].to_le_bytes(),
            parts[2].to_le_bytes(),
        ];
        for (chunk, word) in key.chunks_exact_mut(8).zip(words) {
            chunk.copy_from_slice(&word);
        }
        Self(ChaCha8Rng::from_seed(key))
    }

    /// Uniform in `[0, 1)`.
    #[allow(clippy::cast_precision_loss)] // 53 bits fit a double exactly
    pub fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// True with the given probability.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// Uniform over `low..=high`.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = high.abs_diff(low) + 1;
        let drawn = self.0.next_u64() % width;
        low + i64::try_from(drawn).unwrap_or(0)
    }

    /// Exponential with the given mean.
    pub fn exponential(&mut self, mean: f64) -> f64 {
        -(1.0 - self.unit()).ln() * mean
    }

    /// Standard normal.
    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.unit()).cos()
    }

    /// Lognormal with the given median and spread.
    pub fn lognormal(&mut self, median: f64, sigma: f64) -> f64 {
        median * (sigma * self.normal()).exp()
    }

    /// Lognormal in whole seconds, held between two bounds.
    pub fn lognormal_seconds(&mut self, median: f64, sigma: f64, low: i64, high: i64) -> i64 {
        whole_seconds(self.lognormal(median, sigma)).clamp(low, high)
    }
}

/// Rounds down to whole seconds; what no second can express becomes the nearest bound.
#[allow(clippy::cast_possible_truncation)] // the cast saturates, and callers clamp
pub fn whole_seconds(value: f64) -> i64 {
    value.floor() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_depends_on_its_subject_alone() {
        let mut first = Random::new(7, [1, 11, 20_000]);
        let mut again = Random::new(7, [1, 11, 20_000]);
        let mut other = Random::new(7, [1, 12, 20_000]);
        let drawn: Vec<_> = (0..50).map(|_| first.between(0, 1_000_000)).collect();
        assert!(
            drawn
                .iter()
                .all(|value| *value == again.between(0, 1_000_000))
        );
        assert!(
            drawn
                .iter()
                .any(|value| *value != other.between(0, 1_000_000))
        );
    }

    #[test]
    fn means_are_as_asked() {
        let mut random = Random::new(1, [0, 0, 0]);
        let mean = (0..20_000).map(|_| random.exponential(30.0)).sum::<f64>() / 20_000.0;
        assert!((29.0..31.0).contains(&mean), "{mean}");
        let above = (0..20_000)
            .filter(|_| random.lognormal(100.0, 0.5) > 100.0)
            .count();
        assert!((9_600..10_400).contains(&above), "{above}");
    }
}
