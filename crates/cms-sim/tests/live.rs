//! `run`: publication one interval late, and no doubled or lost interval however often it is killed.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests fail by panicking

mod support;

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use support::{booked, expected, integers, simulator, sqlite, succeed};

const FROM: &str = "2026-10-24T19:10:00Z";
/// The end lies after the night in which the clock goes back.
const TO: &str = "2026-10-26T09:00:00Z";

fn init(connection: &str, events: &std::path::Path) {
    succeed(
        simulator(connection)
            .args([
                "init",
                "--days",
                "1",
                "--skills",
                "3",
                "--until",
                FROM,
                "--event-log",
            ])
            .arg(events),
    );
}

fn check(connection: &str, events: &std::path::Path) {
    let truth = succeed(
        simulator(connection)
            .args(["truth", "--until-published-at", TO, "--event-log"])
            .arg(events),
    );
    assert_eq!(booked(connection), expected(&truth));
    // Split 11 is staffed day and night: a lost interval would leave a hole, a doubled one no step.
    let starts = integers(
        connection,
        "hsplit",
        &["starttime_utc", "acd"],
        "WHERE split = 11 ORDER BY starttime_utc",
    );
    assert!(
        starts
            .windows(2)
            .all(|pair| pair[1][0] - pair[0][0] == 1_800)
    );
    assert_eq!(
        starts.last().unwrap()[0],
        1_793_001_600,
        "26 October 2026, 08:00 UTC"
    );
}

/// Small generator of delays; its seed is printed so that a failure can be repeated.
struct Delays(u64);

impl Delays {
    fn next(&mut self) -> Duration {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        Duration::from_micros((self.0 >> 33) % 150_000)
    }
}

fn lines_of(child: &mut Child) -> Receiver<String> {
    let (sender, receiver) = channel();
    let stderr = BufReader::new(child.stderr.take().unwrap());
    std::thread::spawn(move || {
        for line in stderr.lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    receiver
}

/// Kills `run` at random moments until it has come to its end once.
fn killed_again_and_again(connection: &str) {
    let folder = tempfile::tempdir().unwrap();
    let events = folder.path().join("events.jsonl");
    init(connection, &events);
    let seed = u64::try_from(
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap()
            .as_nanos()
            % 1_000_000,
    )
    .unwrap();
    println!("seed {seed}");
    let mut delays = Delays(seed);
    let (_never, timer) = channel::<()>();
    let mut killed = 0;
    for _ in 0..25 {
        let mut child = simulator(connection)
            .args(["run", "--speed", "150000", "--until", TO])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let _ = timer_wait(&timer, delays.next());
        match child.try_wait().unwrap() {
            Some(status) => assert!(status.success()),
            None => {
                child.kill().unwrap(); // SIGKILL
                child.wait().unwrap();
                killed += 1;
            }
        }
    }
    println!("killed {killed} times");
    assert!(killed >= 5);
    succeed(simulator(connection).args(["run", "--speed", "1000000", "--until", TO]));
    check(connection, &events);
}

fn timer_wait(timer: &Receiver<()>, delay: Duration) -> bool {
    // Keeps the other end alive in the caller, so that only the time limit ends it.
    timer.recv_timeout(delay).is_ok()
}

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
fn a_log_that_was_lost_begins_anew_where_the_tables_end() {
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
    let mut after = booked(&connection);
    after.retain(|key, _| !before.contains_key(key));
    assert_eq!(after, expected(&truth));
}
