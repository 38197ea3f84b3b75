//! Feeds over real sockets: what arrives is the truth of its second, connections behave as faults say, and ports that are not there yet
//! are tried again.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests fail by panicking

mod support;

use std::io::{BufRead, BufReader, Read};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Stdio;
use std::sync::mpsc::{Receiver, channel};

use serde_json::Value;
use support::{fail, simulator, sqlite, succeed};

/// A site that has been played up to now.
fn init_now(folder: &Path) -> String {
    let connection = sqlite(folder);
    succeed(
        simulator(&connection)
            .args(["init", "--days", "1", "--skills", "2", "--agents", "40"])
            .args(["--until", "now", "--event-log"])
            .arg(folder.join("events.jsonl")),
    );
    connection
}

/// Reads connections to their ends, in the order in which they came.
fn listen() -> (u16, Receiver<std::thread::JoinHandle<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream: TcpStream = stream.unwrap();
            let reads = std::thread::spawn(move || {
                let mut bytes = Vec::new();
                stream.read_to_end(&mut bytes).unwrap();
                bytes
            });
            if sender.send(reads).is_err() {
                return;
            }
        }
    });
    (port, receiver)
}

fn truth(folder: &Path, connection: &str) -> Value {
    // The last step of the tables, and with it of the event log, is yet to come.
    let now = jiff::Timestamp::now().to_string();
    succeed(simulator(connection).args(["run", "--until", &now]));
    succeed(
        simulator(connection)
            .args(["truth", "--live", "--event-log"])
            .arg(folder.join("events.jsonl"))
            .arg("--feed-log")
            .arg(folder.join("feed.jsonl")),
    )
}

#[test]
fn what_arrives_is_the_truth_of_its_second() {
    let folder = tempfile::tempdir().unwrap();
    let connection = init_now(folder.path());
    let (port, connections) = listen();
    let summary = succeed(
        simulator(&connection)
            .args(["run", "--for", "6s", "--feed"])
            .arg(format!(
                "acd=1,to=127.0.0.1:{port},layout=report-text,period=1"
            ))
            .arg("--feed-log")
            .arg(folder.path().join("feed.jsonl")),
    );
    assert_eq!(summary["feeds"][0]["connections"], 1, "{summary}");
    let bytes = connections.recv().unwrap().join().unwrap();
    assert_eq!(summary["feeds"][0]["bytes"], bytes.len());
    let text = String::from_utf8(bytes).unwrap();
    let truth = truth(folder.path(), &connection);
    let spans = truth["liveSpans"].as_array().unwrap();
    let paris = jiff::tz::TimeZone::get("Europe/Paris").unwrap();
    let (mut now_s, mut rows) = (0, 0);
    for line in text.lines() {
        if line.starts_with('\x0c') {
            let face = line
                .split("  ")
                .find(|part| part.trim().contains('/'))
                .unwrap();
            let face = jiff::civil::DateTime::strptime("%m/%d/%Y %H:%M:%S", face.trim()).unwrap();
            now_s = face
                .to_zoned(paris.clone())
                .unwrap()
                .timestamp()
                .as_second();
        }
        if line.starts_with("   1 ") {
            let login: u64 = line[5..15].trim().parse().unwrap();
            let at = spans.iter().find(|span| {
                span["login"] == login
                    && span["startUtc"].as_i64().unwrap() <= now_s
                    && span["endUtc"].as_i64().unwrap() > now_s
            });
            let code = at.unwrap()["code"].as_u64().unwrap();
            let states: &[&str] = match code {
                20 => &["AVAIL"],
                32 => &["ACD", "OTHER"],
                40..=42 => &["ACW", "OTHER"],
                50..=52 | 600 => &["AUX"],
                62 => &["DACD", "OTHER"],
                70..=72 => &["DACW", "OTHER"],
                80 => &["RINGING", "OTHER"],
                _ => &["OTHER"],
            };
            assert!(states.contains(&line[30..39].trim()), "{line} {code}");
            rows += 1;
        }
    }
    assert!(rows > 0, "{text}");
    assert_eq!(truth["feedConnections"].as_array().unwrap().len(), 1);
    assert!(truth["feedConnections"][0]["endUtcMs"].is_i64());
}

#[test]
fn connections_are_cut_restarted_doubled_and_slow() {
    let folder = tempfile::tempdir().unwrap();
    let connection = init_now(folder.path());
    let (port, connections) = listen();
    let faults = "cut@1+1;restart@4+1:1;duplicate@7+2;trickle@9+2;burst@11+2:2;garbage@13+2:0.5";
    succeed(
        simulator(&connection)
            .env("FLOORWIRE_CMS_FEED_FAULT", faults)
            .args(["run", "--for", "16s", "--feed"])
            .arg(format!(
                "acd=1,to=127.0.0.1:{port},layout=cisco-49,period=1"
            ))
            .arg("--feed-log")
            .arg(folder.path().join("feed.jsonl")),
    );
    let all: Vec<Vec<u8>> = connections
        .try_iter()
        .map(|reads| reads.join().unwrap())
        .collect();
    // The first is cut, the second restarted, the third goes on, the fourth is the duplicate.
    assert_eq!(all.len(), 4);
    assert!(!all[0].ends_with(b"\n"));
    for bytes in &all[1..] {
        assert!(bytes.ends_with(b"\n"));
    }
    for (number, bytes) in all.iter().enumerate() {
        let lines = bytes.split(|byte| *byte == b'\n');
        let whole = lines
            .filter(|line| line.split(|byte| *byte == b' ').count() == 49)
            .count();
        assert!(whole > 0, "connection {number}");
    }
    let truth = truth(folder.path(), &connection);
    let told: Vec<&str> = truth["feedFaults"]
        .as_array()
        .unwrap()
        .iter()
        .map(|span| span["fault"].as_str().unwrap())
        .collect();
    assert_eq!(told.join(";"), faults);
    let ended: Vec<_> = truth["feedConnections"]
        .as_array()
        .unwrap()
        .iter()
        .map(|stood| {
            (
                stood["second"].as_bool().unwrap(),
                stood["ended"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        ended,
        [
            (false, "cut"),
            (false, "restart"),
            (false, "ended"),
            (true, "duplicate ended")
        ]
    );
}

#[test]
fn a_port_that_is_not_there_yet_is_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let connection = init_now(folder.path());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let mut child = simulator(&connection)
        .args(["run", "--feed"])
        .arg(format!(
            "acd=1,to=127.0.0.1:{port},layout=cisco-49,period=1"
        ))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let said = lines
        .find(|line| line.as_ref().unwrap().contains("not reached"))
        .unwrap()
        .unwrap();
    assert!(said.contains("trying again in 1 s"), "{said}");
    let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
    let (stream, _) = listener.accept().unwrap();
    let mut first = String::new();
    BufReader::new(stream).read_line(&mut first).unwrap();
    assert_eq!(first.split(' ').count(), 49, "{first}");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn what_cannot_be_sent_is_refused_with_the_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let connection = init_now(folder.path());
    let refused = |arguments: &[&str]| fail(simulator(&connection).arg("run").args(arguments));
    let feed = "acd=1,to=127.0.0.1:9,layout=cisco-49";
    assert!(refused(&["--feed", feed, "--speed", "60"]).contains("without --speed"));
    assert!(refused(&["--feed", "acd=1,layout=cisco-49"]).contains("to=HOST:PORT"));
    assert!(refused(&["--feed", feed, "--feed", feed]).contains("its own port"));
    assert!(refused(&["--feed", "acd=4,to=127.0.0.1:9,layout=cisco-49"]).contains("no ACD 4"));
    assert!(refused(&["--feed", feed, "--feed-fault", "melt"]).contains("not one of cut"));
}

#[test]
fn a_file_has_what_was_played_and_two_are_alike() {
    let folder = tempfile::tempdir().unwrap();
    let play = |name: &str| {
        let file = folder.path().join(name);
        let summary = succeed(
            simulator("")
                .args([
                    "feed-file",
                    "--from",
                    "2026-06-02T08:00:00Z",
                    "--for",
                    "20m",
                ])
                .args([
                    "--agents",
                    "50",
                    "--feed",
                    "acd=1,layout=csv-names,period=3",
                ])
                .args([
                    "--feed-fault",
                    "garbage",
                    "--format",
                    "raw",
                    "--replace",
                    "--out",
                ])
                .arg(&file)
                .arg("--event-log")
                .arg(folder.path().join("events.jsonl")),
        );
        assert_eq!(summary["refreshes"], 400);
        std::fs::read(file).unwrap()
    };
    let (first, again) = (play("first"), play("again"));
    assert_eq!(first, again);
    assert!(first.starts_with(b"Login,Name,State"));
    let truth = succeed(
        simulator("")
            .args(["truth", "--live", "--event-log"])
            .arg(folder.path().join("events.jsonl")),
    );
    assert!(truth["liveSpans"].as_array().unwrap().len() > 100);
}
