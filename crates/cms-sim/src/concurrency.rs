//! The largest number of spans that overlap at one moment, slot by slot.

use crate::calendar::Slot;

/// For each slot the maximum number of `spans` (half open, Unix seconds) that run at the same moment.
pub(crate) fn maxima(slots: &[Slot], spans: impl IntoIterator<Item = (i64, i64)>) -> Vec<i64> {
    let mut changes: Vec<(i64, i64)> = spans
        .into_iter()
        .filter(|(from, to)| from < to)
        .flat_map(|(from, to)| [(from, 1), (to, -1)])
        .collect();
    // At one moment the ends (-1) come before the starts (+1): a successor does not overlap its predecessor.
    changes.sort_unstable();
    let mut changes = changes.into_iter().peekable();
    let mut running = 0;
    slots
        .iter()
        .map(|slot| {
            while let Some((_, change)) = changes.next_if(|(at, _)| *at <= slot.start_utc_s) {
                running += change;
            }
            let mut highest = running;
            while let Some((_, change)) = changes.next_if(|(at, _)| *at < slot.end_utc_s) {
                running += change;
                highest = highest.max(running);
            }
            highest
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Calendar;

    #[test]
    fn counts_what_overlaps_and_carries_over() {
        let calendar = Calendar::new("UTC", 15).unwrap();
        let slots = calendar
            .slots_of_day(jiff::civil::date(1970, 1, 1))
            .unwrap();
        let found = maxima(
            &slots[..3],
            [(10, 20), (20, 30), (25, 1000), (900, 950), (5, 5)],
        );
        assert_eq!(found, vec![2, 2, 0]);
    }
}
