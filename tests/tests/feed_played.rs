//! Real-time feeds with a played clock: every shipped profile reads the simulator's layout of its name, with each fault and without,
//! and what it tells is what agents did. `cargo xtask soak --case feeds` does it with 1,000 agents over two hours.

use floorwire_model::agents::WorkState;
use floorwire_model::live::LiveChange;
use floorwire_sim_feed::{Fault, FaultKind};
use floorwire_tests::feeds::{Show, faults, played, recorded};
use floorwire_tests::feeds_compare::{Found, compare};

const AGENTS: u32 = 120;
const MINUTES: i64 = 20;
const PERIOD_S: i64 = 5;

/// Plays all faults with one seed, which also says which change of shift is in the run.
fn tells_what_happened(seed: u64) -> anyhow::Result<()> {
    let mut wrong = Vec::new();
    for fault in faults(MINUTES * 60, PERIOD_S) {
        let show = Show {
            agents: AGENTS,
            minutes: MINUTES,
            period_s: PERIOD_S,
            fault,
            seed,
        };
        for (layout, found) in played(&show)? {
            if keeps_refreshes(&show) {
                let most_ms = PERIOD_S * 1_000;
                assert!(
                    found.max_distance_ms <= most_ms,
                    "{layout}, {show}: {} ms",
                    found.max_distance_ms
                );
            }
            let first = found.differences.first();
            assert_eq!(found.wrong_logouts, 0, "{layout}, {show}: {first:?}");
            let differences = &found.differences;
            wrong.extend(
                differences
                    .iter()
                    .take(3)
                    .map(|difference| format!("{layout}, {show}: {difference}")),
            );
            let much = layout == "delta-events" || (found.edges > 300 && found.logouts > 2);
            assert!(much, "{layout}, {show}: {found}");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

/// Faults that keep no refresh away: no edge is further off than a period then.
fn keeps_refreshes(show: &Show) -> bool {
    // Where silence alone ends a refresh, it is the later sender's.
    let at_once = |fault: &&Fault| fault.kind != FaultKind::Duplicate || fault.parameter == 0.0;
    if show.fault.as_ref().is_some_and(|fault| !at_once(&fault)) {
        return false;
    }
    let kind = show.fault.as_ref().map(|fault| fault.kind);
    matches!(
        kind,
        None | Some(
            FaultKind::Duplicate
                | FaultKind::Garbage
                | FaultKind::PageHeaders
                | FaultKind::Reskill
                | FaultKind::Renamed
                | FaultKind::ClockSkew
        )
    )
}

/// The comparison sees what is wrong.
#[test]
fn what_was_not_so_is_found() -> anyhow::Result<()> {
    let show = Show {
        agents: AGENTS,
        minutes: MINUTES,
        period_s: PERIOD_S,
        fault: None,
        seed: 41,
    };
    for recording in recorded(&show)? {
        let at = recording.events.len() / 2;
        let falsified = |falsify: &dyn Fn(&mut LiveChange)| -> Found {
            let mut recording = recording.clone();
            falsify(&mut recording.events[at].change);
            compare(&recording)
        };
        assert!(compare(&recording).differences.is_empty());
        let late = falsified(&|change| {
            if let LiveChange::Status { since_utc_ms, .. } = change {
                *since_utc_ms += 3 * PERIOD_S * 1_000;
            }
        });
        assert!(!late.differences.is_empty(), "{}", recording.layout);
        let left = falsified(&|change| {
            if let LiveChange::Status { status, .. } = change {
                status.state = WorkState::Unstaffed;
            }
        });
        assert_eq!(left.wrong_logouts, 1, "{}", recording.layout);
        let other = falsified(&|change| {
            if let LiveChange::Status { status, .. } = change {
                status.state = WorkState::DirectAfterCall;
            }
        });
        assert!(!other.differences.is_empty(), "{}", recording.layout);
        let mut without = recording.clone();
        let login = match &without.events[at].change {
            LiveChange::Status { login, .. } => login.clone(),
            _ => String::new(),
        };
        without.events.retain(
            |event| !matches!(&event.change, LiveChange::Status { login: of, .. } if *of == login),
        );
        assert!(
            !compare(&without).differences.is_empty(),
            "{}",
            recording.layout
        );
    }
    Ok(())
}

#[test]
fn feeds_tell_what_happened_while_some_come_and_others_go() -> anyhow::Result<()> {
    tells_what_happened(40)
}

#[test]
fn feeds_tell_what_happened_while_a_quarter_goes_home() -> anyhow::Result<()> {
    tells_what_happened(41)
}
