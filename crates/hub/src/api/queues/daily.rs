//! Days of a queue whose intervals the source holds no more. Pure.
//!
//! A date counts as daily when the ACD has daily rows of it and nothing is known of the queue by intervals. In an answer by
//! days it gets the figures of its daily row, or zeros where the ACD has rows and the queue has none. In a finer answer its
//! slots are *missing*: a day is never spread over slots. Both only where the days of the answer are those of the source.

use super::dto::{Figures, QueueSlot, SlotQuality, SlotReason, SlotSource};
use super::figures::Sum;
use super::slots::Bounds;
use crate::store::queue_days::StoredDay;
use floorwire_model::streams::Quality;

/// A date that is known by a daily row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DailyDate {
    /// Where it lies.
    pub bounds: Bounds,
    /// The queue's row; `None`: the ACD has rows, the queue has none.
    pub row: Option<StoredDay>,
}

/// Puts daily figures into the slots of whole days, and takes the hope of more from finer slots.
pub fn lay_under(slots: &mut [QueueSlot], days: &[DailyDate]) {
    for slot in slots.iter_mut().filter(|slot| is_unknown(slot)) {
        let start = slot.start.0.as_second();
        let end = start + slot.length_seconds;
        let holder = days
            .iter()
            .find(|day| day.bounds.start <= start && end <= day.bounds.end);
        let Some(day) = holder else {
            continue;
        };
        let whole = day.bounds.start == start && day.bounds.end == end;
        if !whole {
            slot.quality = SlotQuality::Missing;
            continue;
        }
        let mut sum = Sum::default();
        if let Some(row) = &day.row {
            sum.add_row(&row.measures);
        }
        slot.source = SlotSource::Daily;
        slot.reason = day.row.is_none().then_some(SlotReason::OtherRows);
        slot.quality = match day.row.map(|row| row.quality) {
            None => SlotQuality::Zero,
            Some(Quality::Final | Quality::Shifted) => SlotQuality::Final,
            Some(Quality::Incomplete) => SlotQuality::Incomplete,
            Some(Quality::Ambiguous) => SlotQuality::Ambiguous,
        };
        slot.figures = sum.figures();
    }
}

fn is_unknown(slot: &QueueSlot) -> bool {
    let lacks = matches!(
        slot.quality,
        SlotQuality::Missing | SlotQuality::Expected | SlotQuality::OutOfRange
    );
    lacks && slot.figures == Figures::default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::types::Instant;
    use floorwire_model::streams::Measures;

    const DAY: i64 = 86_400;

    fn slot(start: i64, length_seconds: i64, quality: SlotQuality) -> QueueSlot {
        QueueSlot {
            start: Instant::from_s(start).unwrap(),
            length_seconds,
            quality,
            reason: None,
            source: SlotSource::Intervals,
            figures: Figures::default(),
        }
    }

    fn day(number: i64, answered: Option<i64>) -> DailyDate {
        let row = answered.map(|answered| StoredDay {
            queue_id: 1,
            row_day: number,
            quality: Quality::Final,
            measures: Measures {
                answered: Some(answered),
                ..Measures::default()
            },
        });
        let bounds = Bounds {
            start: number * DAY,
            end: (number + 1) * DAY,
        };
        DailyDate { bounds, row }
    }

    #[test]
    fn a_day_gets_its_row_or_zero_and_intervals_win() {
        let mut slots = [
            slot(0, DAY, SlotQuality::Expected),
            slot(DAY, DAY, SlotQuality::Missing),
            slot(2 * DAY, DAY, SlotQuality::Final),
            slot(3 * DAY, DAY, SlotQuality::Expected),
        ];
        lay_under(
            &mut slots,
            &[day(0, Some(7)), day(1, None), day(2, Some(9))],
        );
        let told: Vec<_> = slots
            .iter()
            .map(|slot| (slot.quality, slot.source, slot.figures.answered))
            .collect();
        assert_eq!(
            told,
            [
                (SlotQuality::Final, SlotSource::Daily, Some(7)),
                (SlotQuality::Zero, SlotSource::Daily, Some(0)),
                (SlotQuality::Final, SlotSource::Intervals, None),
                (SlotQuality::Expected, SlotSource::Intervals, None)
            ]
        );
        assert_eq!(slots[0].figures.offered, None);
    }

    #[test]
    fn finer_slots_stay_unknown() {
        let mut slots = [
            slot(0, 3600, SlotQuality::Expected),
            slot(DAY, 3600, SlotQuality::Expected),
        ];
        lay_under(&mut slots, &[day(0, Some(7))]);
        assert_eq!(slots[0].quality, SlotQuality::Missing);
        assert_eq!(slots[0].figures, Figures::default());
        assert_eq!(slots[1].quality, SlotQuality::Expected);
    }
}
