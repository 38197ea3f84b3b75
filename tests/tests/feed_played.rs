//! Real-time feeds with a played clock: every shipped profile reads the simulator's layout of its name, with each fault and without,
//! and what it tells is what agents did. `cargo xtask soak --case feeds` does it with 1,000 agents over two hours.

use floorwire_tests::feeds::{Show, faults, played};

const AGENTS: u32 = 120;
const MINUTES: i64 = 20;
const PERIOD_S: i64 = 5;

/// Plays every so many-th fault, from one on.
fn tells_what_happened(from: usize, every: usize) -> anyhow::Result<()> {
    let mut wrong = Vec::new();
    for (number, fault) in faults(MINUTES * 60, PERIOD_S).into_iter().enumerate() {
        if number % every != from {
            continue;
        }
        let show = Show {
            agents: AGENTS,
            minutes: MINUTES,
            period_s: PERIOD_S,
            fault,
            seed: 41,
        };
        for (layout, found) in played(&show)? {
            println!("{layout:<20} {:<28} {found}", show.to_string());
            let differences = &found.differences;
            wrong.extend(
                differences
                    .iter()
                    .take(3)
                    .map(|difference| format!("{layout}, {show}: {difference}")),
            );
            assert!(
                layout == "delta-events" || found.edges > 400,
                "{layout}, {show}: {} edges only",
                found.edges
            );
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

#[test]
fn feeds_tell_what_happened_first_half() -> anyhow::Result<()> {
    tells_what_happened(0, 2)
}

#[test]
fn feeds_tell_what_happened_second_half() -> anyhow::Result<()> {
    tells_what_happened(1, 2)
}
