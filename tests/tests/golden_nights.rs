//! Golden nights: every change of a clock that a planner has to trust, imported by real programs and held against the event
//! log. Each site has three ACDs with intervals of 15, 30 and 60 minutes, equal split and login numbers, agents at work all
//! night, and its rows lie in the tables in an order that has nothing to do with time.
//!
//! With `starttime_utc` every slot of queues and agents equals the event log. Without it the two intervals of a name are one
//! entry, marked, counted once, and the totals of the day are the same. `cargo xtask soak` has every night on every pairing
//! of databases.

use floorwire_tests::nights::*;

async fn golden(night: Night, pairing: (&str, &str)) -> anyhow::Result<()> {
    let found = imported(&night, pairing).await?;
    let shown = &found.differences[..found.differences.len().min(12)];
    assert!(
        found.differences.is_empty(),
        "{night:?}: {} differences in {:?} queues, intervals: {shown:#?}",
        found.differences.len(),
        found.queues
    );
    let (queues, intervals) = found.queues;
    assert_eq!(queues, 6, "{night:?}");
    assert!(intervals > 500, "{night:?}: {intervals}");
    assert!(found.agents.iter().all(|count| *count > 50), "{found:?}");
    let expected = [96, night.change.quarter_hours, 96];
    assert_eq!(found.days.quarter_hours, expected, "{night:?}");
    let occurs_twice = night.change.quarter_hours > 96 || night.manual_steps;
    let has_ambiguous = found.days.ambiguous > 0;
    assert_eq!(
        has_ambiguous,
        !night.starttime_utc && occurs_twice,
        "{night:?}: {found:?}"
    );
    Ok(())
}

macro_rules! nights {
    ($($test:ident: $night:expr, $pairing:expr;)+) => {
        $(
            #[tokio::test]
            async fn $test() -> anyhow::Result<()> {
                golden($night, $pairing).await
            }
        )+
    };
}

nights! {
    paris_goes_back: with_utc(PARIS_BACK), ("sqlite", "sqlite");
    paris_goes_back_without_utc: without_utc(PARIS_BACK), ("postgresql", "sqlite");
    paris_goes_forward: with_utc(PARIS_FORWARD), ("sqlite", "sqlite");
    paris_goes_forward_without_utc: without_utc(PARIS_FORWARD), ("sqlite", "sqlite");
    new_york_goes_back: with_utc(NEW_YORK_BACK), ("mariadb", "postgresql");
    new_york_goes_back_without_utc: without_utc(NEW_YORK_BACK), ("sqlite", "sqlite");
    new_york_goes_forward: with_utc(NEW_YORK_FORWARD), ("sqlite", "sqlite");
    new_york_goes_forward_without_utc: without_utc(NEW_YORK_FORWARD), ("sqlite", "sqlite");
    lord_howe_goes_back: with_utc(LORD_HOWE_BACK), ("sqlite", "sqlite");
    lord_howe_goes_back_without_utc: without_utc(LORD_HOWE_BACK), ("sqlite", "sqlite");
    lord_howe_goes_forward: with_utc(LORD_HOWE_FORWARD), ("sqlite", "sqlite");
    lord_howe_goes_forward_without_utc: without_utc(LORD_HOWE_FORWARD), ("sqlite", "sqlite");
    a_clock_set_by_hand: manual_steps(with_utc(NO_CHANGE)), ("sqlite", "sqlite");
    a_clock_set_by_hand_without_utc: manual_steps(without_utc(NO_CHANGE)), ("sqlite", "sqlite");
    agents_in_utc_while_paris_goes_back: agents_in_utc(PARIS_BACK), ("sqlite", "sqlite");
    agents_in_utc_while_lord_howe_goes_back: agents_in_utc(LORD_HOWE_BACK), ("sqlite", "sqlite");
    agents_in_utc_while_new_york_goes_forward: agents_in_utc(NEW_YORK_FORWARD), ("sqlite", "sqlite");
}
