//! Every shipped scenario can be played, keeps the grammar, and plays the same however it is cut.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests fail by panicking

use floorwire_sim_centre::event::Event;
use floorwire_sim_centre::grammar;
use floorwire_sim_centre::scenario::{SHIPPED, Scenario, shipped};
use floorwire_sim_centre::world::World;
use std::collections::BTreeMap;

fn play(scenario: &Scenario, step_s: i64) -> Vec<Event> {
    let first_day = scenario.first_day.unwrap();
    let (mut world, header) = World::new(scenario, first_day, "test").unwrap();
    let end = header.from_utc_s + i64::from(scenario.days) * 86_400;
    let mut events = Vec::new();
    let mut until = header.from_utc_s;
    while until < end {
        until = (until + step_s).min(end);
        world.advance(until, &mut |event| events.push(event));
        assert!(events.last().is_none_or(|event| event.utc_s < until));
    }
    events
}

/// Name of what happened, as the log has it.
fn kind(event: &Event) -> String {
    let json = serde_json::to_value(event).unwrap();
    match &json["e"] {
        serde_json::Value::String(name) => name.clone(),
        other => other.as_object().unwrap().keys().next().unwrap().clone(),
    }
}

#[test]
fn shipped_scenarios_keep_the_grammar_and_show_every_event_together() {
    let mut kinds: BTreeMap<String, u64> = BTreeMap::new();
    for (name, _) in SHIPPED {
        let scenario = shipped(name).unwrap();
        assert_eq!(scenario.name, *name);
        let events = play(&scenario, 86_400);
        grammar::check(&events).unwrap_or_else(|reason| panic!("{name}: {reason}"));
        assert!(events.len() > 5_000, "{name}: {}", events.len());
        for event in &events {
            *kinds.entry(kind(event)).or_default() += 1;
        }
    }
    let expected = [
        "arrived",
        "routed",
        "queued",
        "directQueued",
        "ringing",
        "unanswered",
        "answered",
        "held",
        "retrieved",
        "transferred",
        "conferenced",
        "released",
        "worked",
        "abandoned",
        "busied",
        "disconnected",
        "leftAcd",
        "connected",
        "ended",
        "extensionCall",
        "extensionCallEnded",
        "loggedIn",
        "state",
        "skillsChanged",
        "loggedOut",
        "traced",
        "overload",
        "serviceLevelSet",
        "renamed",
        "linkDown",
        "linkUp",
        "clockSet",
        "archiverOff",
        "archiverOn",
    ];
    let missing: Vec<_> = expected
        .iter()
        .filter(|kind| !kinds.contains_key(**kind))
        .collect();
    assert!(
        missing.is_empty(),
        "no scenario has {missing:?}; found {kinds:?}"
    );
}

#[test]
fn a_scenario_plays_the_same_however_it_is_cut() {
    let scenario = shipped("multi-site-bank").unwrap();
    let whole = play(&scenario, 30 * 86_400);
    assert_eq!(whole, play(&scenario, 977));
}
