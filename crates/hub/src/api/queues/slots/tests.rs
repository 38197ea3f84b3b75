use super::*;
use floorwire_model::absence::{SlotFacts, judge};
use floorwire_model::hours::Opening;
use floorwire_model::streams::Measures;

const HALF: i64 = 1800;

fn row(start: i64, length: i64, quality: Quality, answered: Option<i64>) -> StoredInterval {
    let measures = Measures {
        offered: answered,
        answered,
        abandoned: Some(0),
        within_threshold: answered,
        talk_seconds: answered.map(|answered| answered * 100),
        hold_seconds: Some(0),
        acw_seconds: Some(0),
        wait_seconds: Some(3),
        threshold_seconds: Some(20),
        ..Measures::default()
    };
    StoredInterval {
        queue_id: 1,
        start_utc_s: start,
        length_s: length,
        row_day: 0,
        quality,
        measures,
    }
}

fn bounds(count: i64, length: i64) -> Vec<Bounds> {
    (0..count)
        .map(|number| Bounds {
            start: number * length,
            end: (number + 1) * length,
        })
        .collect()
}

fn source(letters: &str) -> Vec<SourceSlot> {
    judged(letters, |_| Opening::Unknown)
}

/// Slots of half an hour; upper case: an outage touches the slot.
fn judged(letters: &str, opening: impl Fn(usize) -> Opening) -> Vec<SourceSlot> {
    let facts: Vec<SlotFacts> = letters
        .char_indices()
        .map(|(index, letter)| SlotFacts {
            state: SlotState::from_letter(letter.to_ascii_lowercase()).unwrap(),
            has_outage: letter.is_ascii_uppercase(),
            opening: opening(index),
        })
        .collect();
    let slots = bounds(i64::try_from(letters.len()).unwrap(), HALF).into_iter();
    slots
        .zip(judge(&facts))
        .map(|(bounds, judged)| SourceSlot {
            bounds,
            state: judged.state,
            absent: judged.absent,
            repeats: None,
        })
        .collect()
}

fn qualities(slots: &[QueueSlot]) -> Vec<SlotQuality> {
    slots.iter().map(|slot| slot.quality).collect()
}

#[test]
fn zero_only_where_the_acd_has_rows() {
    use SlotQuality::{Expected, Final, Incomplete, Missing, NotYetDue, Zero};
    let slots = fill(
        &bounds(7, HALF),
        &source("rrmenis"),
        &[row(0, HALF, Quality::Final, Some(2))],
    )
    .unwrap();
    assert_eq!(
        qualities(&slots),
        [
            Final, Zero, Missing, Expected, NotYetDue, Incomplete, Expected
        ]
    );
    let answered: Vec<_> = slots.iter().map(|slot| slot.figures.answered).collect();
    assert_eq!(answered, [Some(2), Some(0), None, None, None, None, None]);
    assert_eq!(slots[0].figures.average_handle_seconds, Some(100.0));
    assert_eq!(slots[1].figures.average_handle_seconds, None);
    let (figures, coverage) = totals(&slots);
    assert_eq!(figures.answered, Some(2));
    assert_eq!(
        coverage,
        Coverage {
            slots: 7,
            with_data: 2,
            doubtful: 0,
            missing: 4,
            not_yet_due: 1,
            out_of_range: 0
        }
    );
}

#[test]
fn coarser_slots_add_and_say_when_a_part_is_unknown() {
    let rows = [
        row(0, HALF, Quality::Final, Some(2)),
        row(HALF, HALF, Quality::Final, Some(3)),
        row(2 * HALF, HALF, Quality::Final, Some(1)),
    ];
    let slots = fill(&bounds(3, 2 * HALF), &source("rrrmnn"), &rows).unwrap();
    assert_eq!(
        qualities(&slots),
        [
            SlotQuality::Final,
            SlotQuality::Incomplete,
            SlotQuality::NotYetDue
        ]
    );
    assert_eq!(slots[0].figures.answered, Some(5));
    assert_eq!(slots[1].figures.answered, Some(1));
    assert_eq!(slots[2].figures, Figures::default());
}

#[test]
fn a_row_over_two_slots_makes_both_ambiguous_and_counts_once() {
    let rows = [row(0, 2 * HALF, Quality::Shifted, Some(4))];
    let slots = fill(&bounds(3, HALF), &source("rrr"), &rows).unwrap();
    assert_eq!(
        qualities(&slots),
        [
            SlotQuality::Ambiguous,
            SlotQuality::Ambiguous,
            SlotQuality::Zero
        ]
    );
    assert_eq!(slots[0].figures.answered, Some(4));
    assert_eq!(slots[1].figures.answered, None);
    assert_eq!(totals(&slots).0.answered, Some(4));
}

#[test]
fn a_row_of_a_repeated_name_speaks_for_both_slots_of_that_name_and_for_none_between() {
    use SlotQuality::{Ambiguous, Final, Zero};
    // 2:00, 2:30, 2:00 again, 2:30 again, 3:00.
    let mut parts = source("rrrrr");
    parts[2].repeats = Some(parts[0].bounds);
    parts[3].repeats = Some(parts[1].bounds);
    let rows = [
        row(HALF, 2 * HALF, Quality::Ambiguous, Some(4)),
        row(4 * HALF, HALF, Quality::Final, Some(1)),
    ];
    let slots = fill(&bounds(5, HALF), &parts, &rows).unwrap();
    assert_eq!(qualities(&slots), [Zero, Ambiguous, Zero, Ambiguous, Final]);
    let answered: Vec<_> = slots.iter().map(|slot| slot.figures.answered).collect();
    assert_eq!(answered, [Some(0), Some(4), Some(0), None, Some(1)]);
    // The second half hour alone knows what came before it.
    let last = fill(&bounds(5, HALF)[3..], &parts, &rows).unwrap();
    assert_eq!(qualities(&last), [Ambiguous, Final]);
}

#[test]
fn a_slot_that_holds_both_meanings_counts_the_row_once_and_is_exact() {
    use SlotQuality::{Ambiguous, Final, Incomplete};
    let day = |letters: &str, bounds: &[Bounds]| {
        let mut parts = source(letters);
        parts[2].repeats = Some(parts[0].bounds);
        parts[3].repeats = Some(parts[1].bounds);
        let rows = [
            row(0, HALF, Quality::Ambiguous, Some(2)),
            row(HALF, HALF, Quality::Ambiguous, Some(4)),
            row(4 * HALF, HALF, Quality::Final, Some(1)),
        ];
        fill(bounds, &parts, &rows).unwrap()
    };
    let whole = day("rrrrrr", &bounds(1, 6 * HALF));
    assert_eq!(qualities(&whole), [Final]);
    assert_eq!(whole[0].figures.answered, Some(7));
    // What else there is to say is said.
    let whole = day("rrrrrm", &bounds(1, 6 * HALF));
    assert_eq!(qualities(&whole), [Incomplete]);
    assert_eq!(whole[0].figures.answered, Some(7));
    // An hour holds one of the two only.
    let hours = day("rrrrrr", &bounds(3, 2 * HALF));
    assert_eq!(qualities(&hours), [Ambiguous, Ambiguous, Final]);
    assert_eq!(totals(&hours).0.answered, Some(7));
}

#[test]
fn rows_before_the_answer_do_not_count_in_it() {
    let rows = [
        row(0, HALF, Quality::Final, Some(9)),
        row(HALF, HALF, Quality::Final, Some(1)),
    ];
    let slots = fill(&bounds(2, HALF)[1..], &source("rr"), &rows).unwrap();
    assert_eq!(slots[0].figures.answered, Some(1));
    assert_eq!(slots[0].quality, SlotQuality::Final);
}

#[test]
fn a_zone_that_cuts_source_slots_is_refused() {
    let shifted = [Bounds {
        start: 900,
        end: 900 + HALF,
    }];
    assert_eq!(
        fill(&shifted, &source("rr"), &[]).unwrap_err(),
        DoesNotFit { start: 0 }
    );
}

#[test]
fn an_unknown_figure_stays_unknown_in_the_sum() {
    let rows = [
        row(0, HALF, Quality::Final, None),
        row(HALF, HALF, Quality::Incomplete, Some(3)),
    ];
    let slots = fill(&bounds(1, 2 * HALF), &source("ri"), &rows).unwrap();
    assert_eq!(slots[0].quality, SlotQuality::Incomplete);
    assert_eq!(slots[0].figures.answered, None);
    assert_eq!(slots[0].figures.abandoned, Some(0));
}

#[test]
fn closing_hours_are_zero_and_outages_are_not() {
    use SlotQuality::{Closed, Final, Incomplete, Missing, Outage, Zero};
    // open in the first and last two slots
    let opening = |index| match index {
        0 | 1 | 6 | 7 => Opening::Open(Basis::Hours),
        _ => Opening::Closed(Basis::Holiday),
    };
    let rows = [row(0, HALF, Quality::Final, Some(2))];
    let slots = fill(&bounds(8, HALF), &judged("rrmMmmRr", opening), &rows).unwrap();
    assert_eq!(
        qualities(&slots),
        [Final, Zero, Closed, Outage, Closed, Closed, Outage, Zero]
    );
    let reasons: Vec<_> = slots.iter().map(|slot| slot.reason).collect();
    let (holiday, other) = (Some(SlotReason::Holiday), Some(SlotReason::OtherRows));
    let outage = Some(SlotReason::Outage);
    assert_eq!(
        reasons,
        [
            None, other, holiday, outage, holiday, holiday, outage, other
        ]
    );
    let answered: Vec<_> = slots.iter().map(|slot| slot.figures.answered).collect();
    assert_eq!(answered[2..7], [Some(0), None, Some(0), Some(0), None]);
    // of the hours only the third is known altogether
    let hours = fill(&bounds(4, 2 * HALF), &judged("rrmMmmRr", opening), &rows).unwrap();
    assert_eq!(qualities(&hours), [Final, Incomplete, Closed, Incomplete]);
    assert_eq!(hours[1].reason, outage);
    // a hole in open hours
    let slots = fill(&bounds(8, HALF), &judged("rmrmmmrr", opening), &rows).unwrap();
    assert_eq!(qualities(&slots)[1], Missing);
    assert_eq!(slots[1].reason, Some(SlotReason::NoRows));
}

#[test]
fn what_the_source_does_not_hold_is_not_missing() {
    let slots = fill(&bounds(3, HALF), &source("xxr"), &[]).unwrap();
    assert_eq!(slots[0].quality, SlotQuality::OutOfRange);
    let (_, coverage) = totals(&slots);
    assert_eq!((coverage.out_of_range, coverage.missing), (2, 0));
}
