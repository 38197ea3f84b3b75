//! Killing `run` at random moments, and what must hold afterwards.

#![allow(clippy::print_stdout)] // the seed must be seen when a test fails

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::{booked, expected, integers, simulator, succeed};

pub const FROM: &str = "2026-10-24T19:10:00Z";
/// The end lies after the night in which the clock goes back.
pub const TO: &str = "2026-10-26T09:00:00Z";

pub fn init(connection: &str, events: &std::path::Path) {
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

pub fn check(connection: &str, events: &std::path::Path) {
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
pub struct Delays(u64);

impl Delays {
    fn next(&mut self) -> Duration {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        Duration::from_micros((self.0 >> 33) % 150_000)
    }
}

pub fn lines_of(child: &mut Child) -> Receiver<String> {
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
pub fn killed_again_and_again(connection: &str) {
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

pub fn timer_wait(timer: &Receiver<()>, delay: Duration) -> bool {
    // Keeps the other end alive in the caller, so that only the time limit ends it.
    timer.recv_timeout(delay).is_ok()
}
