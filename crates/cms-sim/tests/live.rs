//! `run`: publication one interval late, its limits, and no doubled or lost interval however often it is killed.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests fail by panicking

mod support;

use std::process::Stdio;
use std::time::Duration;

use support::crash::{FROM, TO, check, init, killed_again_and_again, lines_of};
use support::{booked, expected, integers, simulator, sqlite, succeed};

#[test]
fn killed_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    killed_again_and_again(&sqlite(folder.path()));
}

#[test]
fn interval_comes_when_the_next_has_ended() {
    let folder = tempfile::tempdir().unwrap();
    let connection = sqlite(folder.path());
    let events = folder.path().join("events.jsonl");
    init(&connection, &events);
    let last = |connection: &str| {
        integers(
            connection,
            "hsplit",
            &["starttime_utc", "acd"],
            "ORDER BY starttime_utc",
        )
        .last()
        .unwrap()[0]
    };
    let seven = 1_792_868_400; // 24 October 2026, 19:00 UTC
    // At 19:10 the interval 18:00 is the last of which the next one (18:30) has ended.
    assert_eq!(last(&connection), seven - 3_600);
    let run = |until: &str| {
        succeed(simulator(&connection).args(["run", "--speed", "100000", "--until", until]))
    };
    assert_eq!(run("2026-10-24T19:29:59Z")["intervals"], 0);
    assert_eq!(run("2026-10-24T19:30:00Z")["intervals"], 1);
    assert_eq!(last(&connection), seven - 1_800);
    run(TO);
    check(&connection, &events);
}

#[test]
fn ends_on_a_signal_and_by_its_time_limit() {
    let folder = tempfile::tempdir().unwrap();
    let connection = sqlite(folder.path());
    init(&connection, &folder.path().join("events.jsonl"));
    let mut child = simulator(&connection)
        .args(["run", "--speed", "1000"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = lines_of(&mut child);
    let first = lines.recv_timeout(Duration::from_secs(60)).unwrap();
    assert!(first.contains("published"), "{first}");
    let pid = child.id().to_string();
    assert!(
        std::process::Command::new("kill")
            .args(["-TERM", &pid])
            .status()
            .unwrap()
            .success()
    );
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert!(String::from_utf8_lossy(&output.stdout).contains("publishedThrough"));
    succeed(simulator(&connection).args(["run", "--speed", "2", "--for", "1s"]));
}

#[test]
fn a_second_run_is_kept_out() {
    let folder = tempfile::tempdir().unwrap();
    let connection = sqlite(folder.path());
    init(&connection, &folder.path().join("events.jsonl"));
    let mut first = simulator(&connection)
        .args(["run", "--speed", "1000"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = lines_of(&mut first);
    lines.recv_timeout(Duration::from_secs(60)).unwrap();
    let refused = support::fail(simulator(&connection).args(["run", "--speed", "100000"]));
    assert!(refused.contains("in use"), "{refused}");
    first.kill().unwrap();
    first.wait().unwrap();
}

#[test]
fn a_log_can_be_made_later() {
    let folder = tempfile::tempdir().unwrap();
    let connection = sqlite(folder.path());
    succeed(simulator(&connection).args(["init", "--days", "1", "--skills", "2", "--until", FROM]));
    let before = booked(&connection);
    let events = folder.path().join("later.jsonl");
    succeed(
        simulator(&connection)
            .args(["run", "--speed", "1000000", "--until", TO, "--event-log"])
            .arg(&events),
    );
    let truth = succeed(
        simulator(&connection)
            .args(["truth", "--until-published-at", TO, "--event-log"])
            .arg(&events),
    );
    // The simulation is played again from its first day, and so is its log.
    let after = booked(&connection);
    assert!(after.len() > before.len());
    assert_eq!(after, expected(&truth));
}

#[test]
fn a_run_in_real_time_catches_up_first() {
    let folder = tempfile::tempdir().unwrap();
    let connection = sqlite(folder.path());
    let now = jiff::Timestamp::now();
    let earlier = (now - jiff::SignedDuration::from_hours(3)).to_string();
    let events = folder.path().join("events.jsonl");
    succeed(
        simulator(&connection)
            .args([
                "init",
                "--days",
                "1",
                "--skills",
                "2",
                "--until",
                &earlier,
                "--event-log",
            ])
            .arg(&events),
    );
    let summary = succeed(simulator(&connection).args(["run", "--until", &now.to_string()]));
    assert_eq!(summary["intervals"], 6);
    let now = now.to_string();
    let truth = succeed(
        simulator(&connection)
            .args(["truth", "--until-published-at", &now, "--event-log"])
            .arg(&events),
    );
    assert_eq!(booked(&connection), expected(&truth));
}

#[test]
fn a_log_that_has_gone_is_missed() {
    let folder = tempfile::tempdir().unwrap();
    let connection = sqlite(folder.path());
    let events = folder.path().join("events.jsonl");
    init(&connection, &events);
    std::fs::remove_file(&events).unwrap();
    let refused = support::fail(simulator(&connection).args(["run", "--speed", "1000"]));
    assert!(refused.contains("--event-log"), "{refused}");
}
