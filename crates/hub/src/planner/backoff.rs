//! Pauses after failures: doubling from five seconds to five minutes.

const FIRST_MS: i64 = 5_000;
const LONGEST_MS: i64 = 300_000;

/// The pause after so many failures in a row, milliseconds.
pub fn after_failures(failures: i64) -> i64 {
    let doublings = u32::try_from(failures.clamp(1, 16) - 1).unwrap_or(0);
    FIRST_MS.saturating_mul(1 << doublings).min(LONGEST_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_five_minutes() {
        assert_eq!(
            [0, 1, 2, 3, 7, 1_000_000].map(after_failures),
            [5_000, 5_000, 10_000, 20_000, 300_000, 300_000]
        );
    }
}
