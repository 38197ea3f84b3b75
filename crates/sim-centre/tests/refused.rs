//! What cannot be played is refused before it is, with the reason.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests fail by panicking

use floorwire_sim_centre::scenario::{SHIPPED, Scenario};

/// A shipped scenario with a text replaced.
fn with(name: &str, from: &str, to: &str) -> Result<Scenario, String> {
    let (_, text) = SHIPPED.iter().find(|(known, _)| *known == name).unwrap();
    assert!(text.contains(from), "{name} has no {from}");
    Scenario::parse(&text.replacen(from, to, 1)).map_err(|error| error.to_string())
}

fn refused(name: &str, from: &str, to: &str) -> String {
    match with(name, from, to) {
        Ok(_) => panic!("{to} was taken"),
        Err(reason) => reason,
    }
}

#[test]
fn values_out_of_range_are_named_with_their_range() {
    let bank = "multi-site-bank";
    let cases = [
        (
            "calls-per-day = 500",
            "calls-per-day = -5",
            "`calls-per-day` is -5; allowed is 0 to 10000000",
        ),
        (
            "calls-per-day = 500",
            "calls-per-day = nan",
            "`calls-per-day` is NaN",
        ),
        (
            "calls-per-day = 500",
            "calls-per-day = inf",
            "`calls-per-day` is inf",
        ),
        (
            "calls-per-day = 500",
            "calls-per-day = 1e12",
            "`calls-per-day`",
        ),
        (
            "patience-mean = 40",
            "patience-mean = 0",
            "`patience-mean` is 0; allowed is 1",
        ),
        (
            "talk-median = 140",
            "talk-median = 0",
            "`talk-median` is 0; allowed is 1 to 5400",
        ),
        (
            "talk-median = 140",
            "talk-median = -5",
            "`talk-median` is -5",
        ),
        (
            "hold-share = 0.15",
            "hold-share = nan",
            "`hold-share` is NaN; allowed is 0 to 1",
        ),
        (
            "absent-share = 0.05",
            "absent-share = 1.5",
            "`absent-share` is 1.5",
        ),
        (
            "traced-share = 0.4",
            "traced-share = -inf",
            "`traced-share` is -inf",
        ),
        (
            "agents = 16",
            "agents = 0",
            "`agents` is 0; allowed is 1 to 50000",
        ),
        (
            "first-login = 4001",
            "first-login = 4294967295",
            "`first-login` is 4294967295; allowed is 1",
        ),
        (
            "first-extension = 21001",
            "first-extension = 4294967295",
            "`first-extension` is 4294967295",
        ),
        (
            "minutes = 10, reason = 1",
            "minutes = 5000, reason = 1",
            "`breaks: minutes` is 5000; allowed is 1 to 720",
        ),
        (
            "phantom-seconds = 3",
            "phantom-seconds = -1",
            "`phantom-seconds` is -1",
        ),
        (
            "leave-after = 120",
            "leave-after = -1",
            "`leave-after` is -1",
        ),
        (
            "first-day = \"2026-09-07\"",
            "first-day = \"2045-01-01\"",
            "from 1971 to 2037",
        ),
        ("paperwork = 0.4", "paperwork = inf", "`paperwork` is inf"),
        ("acw-median = 80", "acw-median = 1e300", "`acw-median`"),
    ];
    for (from, to, expected) in cases {
        let reason = refused(bank, from, to);
        assert!(reason.contains(expected), "{to}: {reason}");
    }
    let levels = [
        (
            "seconds = 30",
            "seconds = 100000",
            "`seconds` is 100000; allowed is 1 to 32767",
        ),
        (
            "skill = 51\nseconds",
            "skill = 77\nseconds",
            "acd 1 has no skill 77",
        ),
        (
            "healed-after = 10800",
            "healed-after = -1",
            "`healed-after` is -1",
        ),
    ];
    for (from, to, expected) in levels {
        let reason = refused("corrections", from, to);
        assert!(reason.contains(expected), "{to}: {reason}");
    }
    let old = refused("old-release", "first-extension = ", "first-extension = 999");
    assert!(old.contains("`first-extension`"), "{old}");
}

#[test]
fn what_is_broken_cannot_break_again() {
    let second = |kind: &str, more: &str| {
        format!("[[event]]\nkind = \"{kind}\"\nacd = 1\n{more}\n\n[[event]]\nkind = \"link-down\"")
    };
    let first = "[[event]]\nkind = \"link-down\"";
    for (kind, more, overlaps) in [
        (
            "link-down",
            "at = \"2026-04-14T10:20:00\"\nseconds = 60\nreason = 95",
            true,
        ),
        (
            "link-down",
            "at = \"2026-04-14T10:00:00\"\nseconds = 6000\nreason = 95",
            true,
        ),
        (
            "link-down",
            "at = \"2026-04-14T10:32:40\"\nseconds = 60\nreason = 95",
            true,
        ),
        (
            "link-down",
            "at = \"2026-04-14T11:20:00\"\nseconds = 60\nreason = 95",
            false,
        ),
        (
            "archiver-off",
            "at = \"2026-04-15T01:00:00\"\nseconds = 60\nrecovered = true",
            true,
        ),
        (
            "archiver-off",
            "at = \"2026-04-13T01:00:00\"\nseconds = 60\nrecovered = true",
            false,
        ),
    ] {
        let read = with("outages", first, &second(kind, more));
        match (overlaps, read) {
            (true, Err(reason)) => {
                assert!(reason.contains("is over"), "{reason}");
                assert!(reason.contains(kind), "{reason}");
            }
            (false, Ok(_)) => {}
            (_, other) => panic!("{more}: {other:?}"),
        }
    }
    let rows = refused(
        "corrections",
        "from = \"2026-07-07T09:00:00\"",
        "from = \"2026-07-06T11:00:00\"",
    );
    assert!(rows.contains("rows of hsplit"), "{rows}");
}
