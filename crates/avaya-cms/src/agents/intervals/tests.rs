//! Sums over skills, what must not be summed, and rows that should not be there.

use super::*;
use crate::test_rows::{Cell, partition, row, settings, source};
use crate::test_world::{Chance, World};
use floorwire_model::agents::{AuxReasonSeconds, WorkState};
use jiff::civil::{Date, date};
use proptest::prelude::*;

fn agent_row(
    login: &str,
    split: i64,
    time: i64,
    change: impl Fn(&str, Cell) -> Cell,
) -> Vec<(String, Cell)> {
    let mut cells = row([
        ("logid", login.into()),
        ("split", split.into()),
        ("extension", "5001".into()),
        ("starttime", time.into()),
        ("intrvl", 30.into()),
        ("incomplete", 0.into()),
    ]);
    for name in [
        "ti_stafftime",
        "ti_availtime",
        "ti_auxtime",
        "ti_othertime",
        "i_ringtime",
        "i_acdtime",
        "i_acwtime",
        "i_da_acdtime",
        "i_da_acwtime",
        "i_stafftime",
        "i_availtime",
        "i_auxtime",
        "i_othertime",
        "acdcalls",
        "ti_auxtime0",
        "ti_auxtime4",
    ] {
        cells.push((name.to_owned(), 0.into()));
    }
    cells
        .into_iter()
        .map(|(name, cell)| {
            let changed = change(&name, cell);
            (name, changed)
        })
        .collect()
}

fn derive_rows(day: Date, rows: &[Vec<(String, Cell)>]) -> Derived {
    derive(
        &partition("hagent", Some(day)),
        &source(rows),
        &settings("Europe/Paris"),
    )
    .unwrap()
}

fn set<'a>(values: &'a [(&'a str, i64)]) -> impl Fn(&str, Cell) -> Cell + 'a {
    move |name, cell| match values.iter().find(|(known, _)| *known == name) {
        Some((_, value)) => (*value).into(),
        None => cell,
    }
}

#[test]
fn what_is_booked_once_is_summed_and_what_runs_in_parallel_is_not() {
    let derived = derive_rows(
        date(2026, 6, 1),
        &[
            agent_row(
                " 77 ",
                1,
                900,
                set(&[
                    ("ti_stafftime", 1800),
                    ("ti_auxtime", 100),
                    ("ti_auxtime4", 100),
                    ("i_stafftime", 1800),
                    ("i_acdtime", 400),
                    ("ti_availtime", 900),
                ]),
            ),
            agent_row(
                "77",
                2,
                900,
                set(&[
                    ("i_stafftime", 1800),
                    ("i_acdtime", 350),
                    ("acdcalls", 3),
                    ("i_ringtime", 50),
                ]),
            ),
        ],
    );
    let [only] = derived.agent_intervals.as_slice() else {
        panic!("one interval")
    };
    assert_eq!(only.agent.login, "77");
    assert_eq!(only.figures.staffed_seconds, Some(1800));
    assert_eq!(only.figures.acd_seconds, Some(750));
    assert_eq!(only.figures.answered, Some(3));
    assert_eq!(
        only.aux_by_reason,
        [AuxReasonSeconds {
            reason: 4,
            seconds: 100
        }]
    );
    assert_eq!((only.identity_gap_s, only.aux_gap_s), (Some(0), Some(0)));
    let staffed: Vec<_> = derived
        .agent_skill_intervals
        .iter()
        .map(|skill| skill.figures.staffed_seconds)
        .collect();
    assert_eq!(staffed, [Some(1800), Some(1800)]);
    assert_eq!(
        only.figures.call_hold_seconds, None,
        "a column the site lacks is unknown"
    );
}

#[test]
fn a_broken_identity_is_stated_and_counted() {
    let derived = derive_rows(
        date(2026, 6, 1),
        &[agent_row(
            "7",
            1,
            900,
            set(&[
                ("ti_stafftime", 1800),
                ("ti_availtime", 1790),
                ("ti_auxtime4", 3),
            ]),
        )],
    );
    assert_eq!(derived.agent_intervals[0].identity_gap_s, Some(10));
    assert_eq!(derived.agent_intervals[0].aux_gap_s, Some(-3));
    let codes: Vec<_> = derived
        .doubtful
        .iter()
        .map(|doubt| doubt.code.as_str())
        .collect();
    assert_eq!(codes, ["staffed-time-identity", "aux-reason-identity"]);
}

#[test]
fn stations_add_up_and_unexplained_duplicates_are_withheld() {
    let moved = |extension: &'static str| {
        move |name: &str, cell: Cell| match name {
            "extension" => extension.into(),
            "ti_stafftime" => 600.into(),
            _ => cell,
        }
    };
    let day = date(2026, 6, 1);
    let both = derive_rows(
        day,
        &[
            agent_row("7", 1, 900, moved("5001")),
            agent_row("7", 1, 900, moved("5002")),
        ],
    );
    assert_eq!(both.agent_intervals[0].figures.staffed_seconds, Some(1200));
    let twice = derive_rows(
        day,
        &[
            agent_row("7", 1, 900, moved("5001")),
            agent_row("7", 1, 900, moved("5001")),
        ],
    );
    assert_eq!(twice.agent_intervals[0].figures.staffed_seconds, Some(600));
    assert_eq!(twice.doubtful[0].code, "duplicate-row");
    let other = derive_rows(
        day,
        &[
            agent_row("7", 1, 900, moved("5001")),
            agent_row("7", 1, 900, set(&[("ti_stafftime", 5)])),
        ],
    );
    assert_eq!(other.agent_intervals[0].figures.staffed_seconds, None);
    assert_eq!(other.agent_intervals[0].quality, Quality::Ambiguous);
    assert_eq!(other.agent_skill_intervals[0].figures.staffed_seconds, None);
}

#[test]
fn the_repeated_hour_without_utc_is_one_entry_of_both() {
    let derived = derive_rows(
        date(2026, 10, 25),
        &[
            agent_row("7", 1, 200, set(&[("ti_stafftime", 1800)])),
            agent_row("7", 1, 200, set(&[("ti_stafftime", 1800)])),
        ],
    );
    let only = &derived.agent_intervals[0];
    assert_eq!(
        (only.length_s, only.quality, only.figures.staffed_seconds),
        (3600, Quality::Ambiguous, Some(3600))
    );
}

#[test]
fn agent_tables_may_have_a_zone_of_their_own() {
    let mut apart = settings("Europe/Paris");
    apart.agents.interval_zone = Some("UTC".to_owned());
    let rows = source(&[agent_row("7", 1, 900, set(&[]))]);
    let day = partition("hagent", Some(date(2026, 6, 1)));
    let start = |settings: &DerivationSettings| {
        derive(&day, &rows, settings).unwrap().agent_intervals[0].start_utc_s
    };
    assert_eq!(start(&apart) - start(&settings("Europe/Paris")), 2 * 3600);
}

#[test]
fn rows_without_a_key_are_counted() {
    let derived = derive_rows(
        date(2026, 6, 1),
        &[
            agent_row("  ", 1, 900, set(&[])),
            agent_row("7", 1, 960, set(&[])),
        ],
    );
    let codes: Vec<_> = derived
        .rejected
        .iter()
        .map(|rejected| rejected.code.as_str())
        .collect();
    assert_eq!(codes, ["key-is-null", "impossible-time"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Whichever skill the agent's own seconds are booked on, every slot has the seconds that were spent in it.
    #[test]
    fn every_slot_has_the_seconds_spent_in_it(seed in any::<u64>(), booking in any::<u64>()) {
        let world = World::new(seed, "America/New_York", date(2026, 10, 31), 4);
        let mut slots = 0;
        for (day, rows) in world.hagent(&mut Chance(booking)) {
            let derived = derive(&partition("hagent", Some(day)), &rows, &settings("America/New_York")).unwrap();
            prop_assert!(derived.rejected.is_empty() && derived.doubtful.is_empty());
            for slot in &derived.agent_intervals {
                slots += 1;
                let spent = |state: Option<WorkState>| -> i64 {
                    let own = world.deeds.iter().filter(|deed| deed.login == slot.agent.login);
                    let wanted = own.filter(|deed| state.is_none_or(|state| deed.state == state));
                    wanted.map(|deed| (deed.end.min(slot.start_utc_s + slot.length_s) - deed.start.max(slot.start_utc_s)).max(0)).sum()
                };
                let figures = &slot.figures;
                prop_assert_eq!(figures.staffed_seconds, Some(spent(None)));
                prop_assert_eq!(figures.available_seconds, Some(spent(Some(WorkState::Available))));
                prop_assert_eq!(figures.acd_seconds, Some(spent(Some(WorkState::Acd))));
                prop_assert_eq!(figures.aux_seconds, Some(spent(Some(WorkState::Aux))));
                prop_assert_eq!(slot.aux_by_reason.iter().map(|aux| aux.seconds).sum::<i64>(), spent(Some(WorkState::Aux)));
            }
        }
        prop_assert!(slots > 50);
    }
}
