use super::*;
use proptest::prelude::*;

const HOURS: Opening = Opening::Closed(Basis::Hours);
const OPEN: Opening = Opening::Open(Basis::Hours);

/// Letters of states; upper case: an outage touches the slot. Below each: o open, c closed, space unknown.
fn facts(states: &str, openings: &str) -> Vec<SlotFacts> {
    let slots = states.chars().zip(openings.chars());
    slots
        .map(|(letter, opening)| SlotFacts {
            state: SlotState::from_letter(letter.to_ascii_lowercase()).unwrap(),
            has_outage: letter.is_ascii_uppercase(),
            opening: match opening {
                'o' => OPEN,
                'c' => HOURS,
                _ => Opening::Unknown,
            },
        })
        .collect()
}

/// 0 for zero, z for zero since closed, ? for unknown.
fn shown(states: &str, openings: &str) -> (String, String) {
    let judged = judge(&facts(states, openings));
    let states = judged.iter().map(|slot| slot.state.letter()).collect();
    let absent = judged.iter().map(|slot| match slot.absent {
        Absent::Zero(ZeroBecause::OtherRows) => '0',
        Absent::Zero(ZeroBecause::Closed(_)) => 'z',
        Absent::Unknown(_) => '?',
    });
    (states, absent.collect())
}

fn pair(states: &str, absent: &str) -> (String, String) {
    (states.to_owned(), absent.to_owned())
}

#[test]
fn a_night_between_two_days_is_closed() {
    assert_eq!(shown("rrmmmrr", "ooccccoo"), pair("rrzzzrr", "00zzz00"));
    // without hours nobody knows
    assert_eq!(shown("rrmmmrr", "       "), pair("rrmmmrr", "00???00"));
    // a hole in open hours beside the night: the source may have slept all the time
    assert_eq!(shown("rrmmmmr", "oocccoo"), pair("rrmmmmr", "00????0"));
    assert_eq!(shown("rmmmmrr", "ooccccoo"), pair("rmmmmrr", "0????00"));
}

#[test]
fn an_outage_is_never_zero_and_explains_absence() {
    assert_eq!(shown("rRMMrr", "oooooo"), pair("rroorr", "0???00"));
    // in the middle of the night
    assert_eq!(shown("rmMmr", "occco"), pair("rzozr", "0z?z0"));
    // rows of others do not make it zero
    assert_eq!(shown("RIr", "ooo"), pair("rir", "??0"));
    // from the last open slot into the night
    assert_eq!(shown("rMmr", "ooco"), pair("rozr", "0?z0"));
}

#[test]
fn at_the_edges_closed_slots_stay_unknown() {
    assert_eq!(shown("rmmnn", "occco"), pair("rzznn", "0????"));
    assert_eq!(shown("rmmee", "occco"), pair("rzzee", "0????"));
    // before the first row nothing shows that the source was well
    assert_eq!(shown("mmrr", "ccoo"), pair("mmrr", "??00"));
    assert_eq!(shown("xmrr", "ccoo"), pair("xmrr", "??00"));
    assert_eq!(shown("rms", "oco"), pair("rms", "0??"));
}

#[test]
fn silence_counts_open_hours_only() {
    let bounds: Vec<(i64, i64)> = (0..8)
        .map(|slot| (slot * 1800, slot * 1800 + 1800))
        .collect();
    let of = |states: &str, openings: &str| {
        let facts = facts(states, openings);
        let judged: Vec<_> = facts.iter().copied().zip(judge(&facts)).collect();
        silence(&bounds, &judged)
    };
    assert_eq!(of("rrmmmnnn", "oooooooo"), Some((5400, 3600, 9000)));
    assert_eq!(of("rrmcmnnn", "oooooooo"), Some((1800, 7200, 9000)));
    assert_eq!(of("rrrrrnnn", "oooooooo"), None);
    // a night after an hour without rows: the alarm stays
    assert_eq!(of("rrmmmmmn", "ooooccco"), Some((3600, 3600, 7200)));
    // a night after a full day, and an outage, are none
    assert_eq!(of("rrrmmmnn", "ooocccoo"), None);
    assert_eq!(of("rrMMnnnn", "oooooooo"), None);
    // hours that nobody knows raise no alarm
    assert_eq!(of("rrmmmnnn", "        "), None);
}

fn any_facts() -> impl Strategy<Value = SlotFacts> {
    let state = prop::sample::select(vec![
        SlotState::Received,
        SlotState::Received,
        SlotState::Missing,
        SlotState::Missing,
        SlotState::Missing,
        SlotState::Incomplete,
        SlotState::Corrected,
        SlotState::Expected,
        SlotState::NotYetDue,
        SlotState::SetAside,
        SlotState::OutOfRange,
    ]);
    let opening = prop::sample::select(vec![
        Opening::Unknown,
        OPEN,
        HOURS,
        HOURS,
        Opening::Closed(Basis::Holiday),
        Opening::Closed(Basis::Learned),
    ]);
    (state, prop::bool::weighted(0.15), opening).prop_map(|(state, has_outage, opening)| {
        SlotFacts {
            state,
            has_outage,
            opening,
        }
    })
}

/// The rule in words of its own: looks outward from one slot.
fn is_confirmed(slots: &[SlotFacts], at: usize) -> bool {
    let passes = |facts: &&SlotFacts| {
        facts.state == SlotState::Missing
            && (facts.has_outage || matches!(facts.opening, Opening::Closed(_)))
    };
    let rows = |facts: Option<&SlotFacts>| facts.is_some_and(|facts| has_rows(facts.state));
    let back = slots[..at].iter().rev().find(|facts| !passes(facts));
    let forth = slots[at + 1..].iter().find(|facts| !passes(facts));
    rows(back) && rows(forth)
}

proptest! {
    #[test]
    fn zero_is_said_only_by_the_rule(slots in prop::collection::vec(any_facts(), 0..60)) {
        let judged = judge(&slots);
        prop_assert_eq!(judged.len(), slots.len());
        for (at, (facts, judged)) in slots.iter().zip(&judged).enumerate() {
            if facts.has_outage {
                prop_assert!(matches!(judged.absent, Absent::Unknown(_)));
            }
            match judged.absent {
                Absent::Zero(ZeroBecause::OtherRows) => {
                    prop_assert!(matches!(facts.state, SlotState::Received | SlotState::Corrected));
                }
                Absent::Zero(ZeroBecause::Closed(basis)) => {
                    prop_assert_eq!(facts.opening, Opening::Closed(basis));
                    prop_assert_eq!(judged.state, SlotState::Closed);
                    prop_assert!(is_confirmed(&slots, at));
                }
                Absent::Unknown(_) => {
                    let is_closed = matches!(facts.opening, Opening::Closed(_));
                    let due = facts.state == SlotState::Missing && is_closed && !facts.has_outage;
                    prop_assert!(!(due && is_confirmed(&slots, at)));
                }
            }
            // What has rows keeps its state.
            if has_rows(facts.state) {
                prop_assert_eq!(judged.state, facts.state);
            }
        }
    }

    #[test]
    fn more_outages_never_make_a_zero(
        slots in prop::collection::vec(any_facts(), 1..40),
        also in prop::collection::vec(any::<bool>(), 40),
    ) {
        let fewer = judge(&slots);
        let mut blind = slots.clone();
        for (facts, also) in blind.iter_mut().zip(also) {
            facts.has_outage |= also && has_rows(facts.state);
        }
        for (before, after) in fewer.iter().zip(judge(&blind)) {
            let zero = |judged: &Judged| matches!(judged.absent, Absent::Zero(_));
            prop_assert!(zero(before) || !zero(&after));
        }
    }
}
