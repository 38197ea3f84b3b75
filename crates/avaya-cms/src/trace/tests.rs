//! Every variant is found out from the data, and the timeline is the one that happened.

use super::*;
use crate::examine_agents::examine;
use crate::test_rows::{Cell, partition, row, settings, source};
use crate::test_world::{Chance, Deed, Variant, World};
use floorwire_model::agents::CallDirection;
use floorwire_model::agents::cross_check::{
    DriftCause, timeline_against_intervals, timeline_against_sessions,
};
use floorwire_model::agents::settings::{AgentFindings, EpochBase, Stamp, TimeForm, TraceSettings};
use floorwire_model::agents::{
    AgentStatus, Hold, WorkState, continue_over_midnight, merge_sessions,
};
use floorwire_model::derivation::Vendor;
use floorwire_model::streams::Quality;
use jiff::civil::{Date, date};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn variants() -> impl Strategy<Value = Variant> {
    let directions = prop_oneof![Just((2, 1)), Just((1, 2)), Just((7, 3))];
    (
        any::<bool>(),
        any::<bool>(),
        0_usize..3,
        directions,
        any::<bool>(),
    )
        .prop_map(|(start, hhmmss, codes, (in_code, out_code), utc)| Variant {
            stamp: if start { Stamp::Start } else { Stamp::End },
            form: if hhmmss {
                TimeForm::Hhmmss
            } else {
                TimeForm::SecondsOfDay
            },
            codes,
            in_code,
            out_code,
            epoch: if utc {
                EpochBase::Utc
            } else {
                EpochBase::Local
            },
        })
}

struct Site {
    partitions: Vec<(SourcePartition, SourceColumns)>,
}

impl Site {
    fn of(world: &World, variant: &Variant, traced: impl Fn(&str) -> bool, named: bool) -> Self {
        let mut partitions = Vec::new();
        if named {
            partitions.push((partition("synonyms", None), variant.synonyms()));
        }
        let mut dated = |table: &str, days: BTreeMap<Date, SourceColumns>| {
            for (date, rows) in days {
                partitions.push((partition(table, Some(date)), rows));
            }
        };
        dated("ag_actv", world.ag_actv(variant, traced));
        dated("hagent", world.hagent(&mut Chance(7)));
        dated("haglog", world.haglog(variant.epoch));
        Self { partitions }
    }

    fn examine(&self, settings: &DerivationSettings) -> AgentFindings {
        examine(&mut self.partitions.iter().cloned(), settings).unwrap()
    }

    fn derive(&self, settings: &DerivationSettings) -> Derived {
        let mut all = Derived::default();
        for (place, rows) in &self.partitions {
            let derived = crate::AvayaCms.derive(place, rows, settings).unwrap();
            all.agent_statuses.extend(derived.agent_statuses);
            all.agent_intervals.extend(derived.agent_intervals);
            all.agent_sessions.extend(derived.agent_sessions);
            all.rejected.extend(derived.rejected);
        }
        all.agent_statuses.sort_by(|one, other| {
            let key = |span: &AgentStatus| (span.start_utc_s, span.end_utc_s);
            (&one.agent, key(one)).cmp(&(&other.agent, key(other)))
        });
        all.agent_statuses = continue_over_midnight(all.agent_statuses);
        all
    }
}

/// What happened, as spans: equal states merged, moments of logging kept.
fn truth(deeds: &[Deed], traced: impl Fn(&str) -> bool) -> Vec<Deed> {
    let mut merged: Vec<Deed> = Vec::new();
    for deed in deeds.iter().filter(|deed| traced(&deed.login)) {
        let is_moment = matches!(deed.state, WorkState::LogOn | WorkState::LogOff);
        if deed.end == deed.start && !is_moment {
            continue;
        }
        match merged.last_mut() {
            Some(last)
                if last.end == deed.start
                    && (
                        &last.login,
                        last.state,
                        last.direction,
                        last.reason,
                        last.skill,
                    ) == (
                        &deed.login,
                        deed.state,
                        deed.direction,
                        deed.reason,
                        deed.skill,
                    ) =>
            {
                last.end = deed.end;
            }
            _ => merged.push(deed.clone()),
        }
    }
    merged
}

fn as_deed(span: &AgentStatus) -> Deed {
    Deed {
        login: span.agent.login.clone(),
        start: span.start_utc_s,
        end: span.end_utc_s,
        state: span.state,
        direction: span.direction,
        reason: span.aux_reason.map(i64::from),
        skill: span.skill.as_ref().map(|skill| skill.parse().unwrap()),
    }
}

fn settings_from(zone: &str, findings: &AgentFindings) -> DerivationSettings {
    let mut settings = settings(zone);
    settings.agents.trace = findings.trace.answers();
    settings.agents.session_epoch = findings.session_epoch.answer;
    settings
}

/// So many hours after midnight.
fn instant(day: Date, zone: &jiff::tz::TimeZone, hours: i64) -> jiff::Timestamp {
    let midnight = day.to_zoned(zone.clone()).unwrap().timestamp().as_second();
    jiff::Timestamp::from_second(midnight + hours * 3600).unwrap()
}

/// Days without and with clock changes.
fn places() -> impl Strategy<Value = (&'static str, Date)> {
    prop_oneof![
        Just(("Europe/Paris", date(2026, 10, 24))),
        Just(("Europe/Paris", date(2026, 3, 28))),
        Just(("America/New_York", date(2026, 10, 31))),
        Just(("America/New_York", date(2026, 3, 7))),
        Just(("Australia/Lord_Howe", date(2026, 4, 4))),
        Just(("Asia/Kolkata", date(2026, 1, 15))),
    ]
}

proptest! {
    #[test]
    fn every_variant_is_found_and_every_span_is_the_one_that_happened(
        seed in any::<u64>(), variant in variants(), (zone, day) in places(),
    ) {
        let world = World::new(seed, zone, day, 8);
        let traced = |login: &str| !login.ends_with(['1', '4', '6']);
        let site = Site::of(&world, &variant, traced, true);
        let findings = site.examine(&settings(zone));
        prop_assert_eq!(findings.trace.stamp.answer, Some(variant.stamp));
        prop_assert_eq!(findings.trace.time_form.answer, Some(variant.form));
        prop_assert!(findings.trace.stamp.certain && findings.trace.time_form.certain);
        for (code, verdict) in &findings.trace.work_modes {
            prop_assert_eq!(verdict.answer, Some(variant.state(*code)), "{:?}", verdict);
        }
        let settings = settings_from(zone, &findings);
        let derived = site.derive(&settings);
        let happened = truth(&world.deeds, traced);
        let (sure, doubtful): (Vec<_>, Vec<_>) =
            derived.agent_statuses.iter().partition(|span| span.quality == Quality::Final);
        for span in sure {
            let own = as_deed(span);
            let is_in = |deed: &&Deed| {
                deed.start <= own.start
                    && own.end <= deed.end
                    && Deed { start: deed.start, end: deed.end, ..own.clone() } == **deed
            };
            prop_assert!(happened.iter().find(is_in).is_some(), "{:?}", span);
        }
        let seconds: i64 = derived.agent_statuses.iter().map(AgentStatus::length_s).sum();
        prop_assert_eq!(seconds, happened.iter().map(|deed| deed.end - deed.start).sum::<i64>());
        prop_assert!(derived.rejected.is_empty());
        // What no other row tells apart is marked, only around a repeated hour, and seldom: less than two people's hour.
        prop_assert!(doubtful.len() <= 80, "{} doubtful", doubtful.len());
        let clock_set_back = world.zone.to_offset(instant(day, &world.zone, 0)).seconds()
            > world.zone.to_offset(instant(day, &world.zone, 44)).seconds();
        prop_assert!(doubtful.is_empty() || clock_set_back);
        if !doubtful.is_empty() {
            return Ok(());
        }
        let spans: Vec<Deed> = derived.agent_statuses.iter().map(as_deed).collect();
        prop_assert_eq!(spans.len(), happened.len());
        prop_assert!(spans.iter().all(|span| happened.contains(span)));
        // The other sources agree.
        for drift in timeline_against_intervals(&derived.agent_statuses, &derived.agent_intervals) {
            prop_assert_eq!(drift.cause, DriftCause::Agrees);
            prop_assert_eq!(drift.drift_s, 0);
        }
        for row in &derived.agent_intervals {
            prop_assert_eq!((row.identity_gap_s, row.aux_gap_s), (Some(0), Some(0)));
        }
        if variant.epoch == EpochBase::Utc {
            let sessions = merge_sessions(derived.agent_sessions, 0);
            for drift in timeline_against_sessions(&derived.agent_statuses, &sessions, i64::MAX) {
                prop_assert_eq!((drift.login_drift_s, drift.logout_drift_s, drift.uncovered_s), (0, Some(0), 0));
            }
        }
    }

    /// Without any name, what is called certain is right, and what is frequent is certain.
    #[test]
    fn without_names_the_totals_tell_the_numbers(seed in any::<u64>(), variant in variants()) {
        let world = World::new(seed, "Europe/Paris", date(2026, 6, 1), 12);
        let site = Site::of(&world, &variant, |_| true, false);
        let findings = site.examine(&settings("Europe/Paris"));
        for (code, verdict) in &findings.trace.work_modes {
            let state = variant.state(*code);
            prop_assert!(!verdict.certain || verdict.answer == Some(state), "{} {:?}", code, verdict);
            if matches!(state, WorkState::Available | WorkState::Acd | WorkState::Aux | WorkState::AfterCall) {
                prop_assert!(verdict.certain, "{} {:?}", code, verdict);
            }
        }
        for (code, verdict) in &findings.trace.directions {
            let inward = i64::from(*code) == variant.in_code;
            let right = if inward { CallDirection::In } else { CallDirection::Out };
            prop_assert_eq!(verdict.answer, Some(right), "{} {:?}", code, verdict);
        }
        prop_assert_eq!(findings.session_epoch.answer, Some(variant.epoch));
    }
}

fn event(
    time: i64,
    sequence: i64,
    duration: Option<i64>,
    mode: i64,
    hold: &str,
    skill: i64,
) -> Vec<(String, Cell)> {
    row([
        ("logid", "7".into()),
        ("split", skill.into()),
        ("event_time", time.into()),
        ("wmode_seq", sequence.into()),
        ("duration", duration.into()),
        ("workmode", mode.into()),
        ("direction", Cell::Int(None)),
        ("auxreason", Cell::Int(None)),
        ("caller_hold", hold.into()),
        ("reconnect", "n".into()),
    ])
}

fn derive_events(rows: &[Vec<(String, Cell)>]) -> Derived {
    let mut settings = settings("Europe/Paris");
    settings.agents.trace = TraceSettings {
        stamp: Some(Stamp::Start),
        time_form: Some(TimeForm::Hhmmss),
        work_modes: [
            (20, WorkState::Available),
            (30, WorkState::Acd),
            (220, WorkState::Other),
        ]
        .into(),
        ..TraceSettings::default()
    };
    derive(
        &partition("ag_actv", Some(date(2026, 6, 1))),
        &source(rows),
        &settings,
    )
    .unwrap()
}

fn codes(derived: &Derived) -> Vec<&str> {
    derived
        .doubtful
        .iter()
        .map(|doubt| doubt.code.as_str())
        .collect()
}

#[test]
fn a_row_per_skill_is_one_span() {
    let derived = derive_events(&[
        event(90_000, 1, Some(60), 20, "n", 1),
        event(90_000, 2, Some(60), 20, "n", 2),
        event(90_100, 1, Some(30), 20, "n", 1),
    ]);
    let lengths: Vec<_> = derived
        .agent_statuses
        .iter()
        .map(AgentStatus::length_s)
        .collect();
    assert_eq!(lengths, [90]);
}

#[test]
fn overlaps_are_cut_and_told() {
    let derived = derive_events(&[
        event(90_000, 1, Some(100), 20, "n", 1),
        event(90_100, 1, Some(30), 30, "n", 1),
    ]);
    let spans = &derived.agent_statuses;
    assert_eq!(
        (spans[0].length_s(), spans[0].quality),
        (60, Quality::Ambiguous)
    );
    assert_eq!(
        (spans[1].length_s(), spans[1].quality),
        (30, Quality::Final)
    );
    assert!(codes(&derived).contains(&"overlap"));
}

#[test]
fn other_after_a_call_is_probably_hold_and_by_flag_surely() {
    let hold = |flag| {
        let derived = derive_events(&[
            event(90_000, 1, Some(60), 30, flag, 1),
            event(90_100, 1, Some(30), 220, "n", 1),
            event(90_130, 1, Some(30), 30, "n", 1),
        ]);
        derived.agent_statuses[1].hold
    };
    assert_eq!(hold("n"), Hold::Probable);
    assert_eq!(hold("y"), Hold::Flagged);
    let not_after_a_call = derive_events(&[event(90_000, 1, Some(60), 220, "n", 1)]);
    assert_eq!(not_after_a_call.agent_statuses[0].hold, Hold::No);
}

#[test]
fn rows_without_duration_reach_to_their_neighbour_and_unknown_numbers_stay() {
    let derived = derive_events(&[
        event(90_000, 1, None, 20, "n", 1),
        event(90_030, 1, Some(5), 99, "n", 1),
    ]);
    assert_eq!(derived.agent_statuses[0].length_s(), 30);
    assert_eq!(derived.agent_statuses[1].state, WorkState::Unknown);
    assert_eq!(derived.agent_statuses[1].source_mode, Some(99));
    assert!(
        codes(&derived).contains(&"no-duration") && codes(&derived).contains(&"work-mode-unknown")
    );
}

#[test]
fn a_state_may_reach_over_midnight_and_impossible_times_are_told() {
    let derived = derive_events(&[
        event(235_950, 1, Some(20), 20, "n", 1),
        event(96_100, 1, Some(20), 20, "n", 1),
    ]);
    assert_eq!(derived.agent_statuses.len(), 1);
    assert_eq!(derived.agent_statuses[0].length_s(), 20);
    assert_eq!(derived.rejected[0].code, "impossible-time");
}

#[test]
fn a_stretch_within_the_repeated_hour_alone_is_marked() {
    let mut settings = settings("Europe/Paris");
    settings.agents.trace.stamp = Some(Stamp::Start);
    settings.agents.trace.time_form = Some(TimeForm::Hhmmss);
    let rows = source(&[event(22_000, 1, Some(60), 20, "n", 1)]);
    let derived = derive(
        &partition("ag_actv", Some(date(2026, 10, 25))),
        &rows,
        &settings,
    )
    .unwrap();
    assert_eq!(derived.agent_statuses[0].quality, Quality::Ambiguous);
    assert!(codes(&derived).contains(&"repeated-hour"));
}
