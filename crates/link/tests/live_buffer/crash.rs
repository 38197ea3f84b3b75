//! `kill -9` at random moments: what was committed arrives, once and in order.

use super::hub::Hub;
use super::{event, open};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

const FOLDER: &str = "FLOORWIRE_TEST_BUFFER_FOLDER";
const FROM: &str = "FLOORWIRE_TEST_BUFFER_FROM";

/// Appends and tells what is committed until it is killed. Not a test of its own: the one below starts it.
#[test]
#[ignore = "started by the test that kills it"]
fn child_appends() {
    let Ok(folder) = std::env::var(FOLDER) else {
        return;
    };
    let mut next: i64 = std::env::var(FROM).unwrap().parse().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let buffer = open(folder.as_ref());
    loop {
        let many = 1 + next % 37;
        buffer.append((next..next + many).map(event).collect());
        next += many;
        if next % 3 == 0 {
            assert!(runtime.block_on(buffer.flush()));
            println!("committed {next}");
        }
    }
}

#[test]
fn what_was_committed_survives_a_kill_and_is_not_doubled() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let mut random = ChaCha8Rng::seed_from_u64(11);
    let mut hub = Hub::default();
    let mut next = 0;
    for round in 0..12 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "crash::child_appends",
                "--exact",
                "--ignored",
                "--nocapture",
            ])
            .env(FOLDER, folder.path())
            .env(FROM, next.to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut committed = next;
        let mut told = |line: &str| {
            if let Some((_, count)) = line.trim().split_once("committed ") {
                committed = count.parse().unwrap();
            }
        };
        // Killed after so many lines: somewhere in the work on the next ones.
        for _ in 0..random.random_range(4..60) {
            let mut line = String::new();
            lines.read_line(&mut line).unwrap();
            told(&line);
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let mut rest = String::new();
        lines.read_to_string(&mut rest).unwrap();
        rest.lines().for_each(&mut told);

        next = runtime.block_on(async {
            let buffer = open(folder.path());
            // Some rounds leave everything for later, some lose an answer.
            hub.call(&buffer).await;
            match round % 3 {
                0 => {}
                1 => {
                    let batch = buffer.batch().await;
                    hub.take(&batch);
                }
                _ => hub.fetch_all(&buffer).await,
            }
            let waiting = i64::try_from(buffer.report().waiting_events).unwrap();
            let stored = i64::try_from(hub.stored.len()).unwrap();
            buffer.stop().await;
            match round % 3 {
                2 => stored,
                // With a lost answer the buffer does not know yet what the Hub has.
                1 => stored.max(committed),
                _ => stored + waiting,
            }
        });
        assert!(
            next >= committed,
            "round {round}: {committed} were committed"
        );
        if round % 3 == 1 {
            // Find out how many there are, so that the next child goes on from there.
            next = runtime.block_on(async {
                let buffer = open(folder.path());
                hub.fetch_all(&buffer).await;
                buffer.stop().await;
                i64::try_from(hub.stored.len()).unwrap()
            });
        }
        let stored = hub.numbers();
        assert_eq!(
            stored,
            (0..i64::try_from(stored.len()).unwrap()).collect::<Vec<_>>()
        );
        assert!(round % 3 == 0 || next >= committed);
    }
    assert_eq!(hub.marks.len(), 1, "one epoch throughout");
}
