//! The simulator's feeds over real sockets: what the Hub got of a hundred agents is what they did.
//!
//! One simulator sends every shipped layout, each to its own port. Bytes come when the machine has time for them, hence the tolerance.
//! `FLOORWIRE_FEED_SECONDS` makes it longer; a soak has two minutes.

use super::hub::Hub;
use super::site::{Site, desired, feed, free_port};
use floorwire_link::feed::FeedPolicy;
use floorwire_link::feed::vendor::vendor;
use floorwire_protocol::live::FeedConfiguration;
use floorwire_tests::feeds::{layouts, working_zone};
use floorwire_tests::feeds_compare::{Delivered, Recording, compare, spans_of};
use floorwire_tests::process::program;
use serde_json::Value;
use std::path::Path;
use std::process::Command;

const AGENTS: &str = "100";
const PERIOD_S: i64 = 2;
/// How late a busy machine may be, milliseconds.
const TOLERANCE_MS: i64 = 4_000;

/// What the run is for: a fault that is on from the fifth second on for ten, and by which layouts cannot keep their agents known.
struct Trouble {
    fault: Option<&'static str>,
    loses_changes: bool,
}

fn seconds() -> i64 {
    let text = std::env::var("FLOORWIRE_FEED_SECONDS");
    text.ok().and_then(|text| text.parse().ok()).unwrap_or(20)
}

fn simulator(folder: &Path) -> Command {
    let mut command = program("floorwire-cms-sim").unwrap();
    let file = folder.join("cms.sqlite");
    let connection = format!("DRIVER=SQLite3;Database={}", file.display());
    command.env("FLOORWIRE_CMS_CONNECTION", connection);
    command
}

async fn succeed(command: Command) -> Value {
    let output = tokio::process::Command::from(command)
        .output()
        .await
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The names of AUX reasons, from the head of the event log.
fn reasons(event_log: &Path) -> Vec<(u8, String)> {
    let text = std::fs::read_to_string(event_log).unwrap();
    let header: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    serde_json::from_value(header["header"]["acds"][0]["auxReasons"].clone()).unwrap()
}

async fn tells_what_happened(trouble: Trouble) {
    let (folder, hub) = (tempfile::tempdir().unwrap(), Hub::start().await);
    let event_log = folder.path().join("events.jsonl");
    let feed_log = folder.path().join("feed.jsonl");
    let mut init = simulator(folder.path());
    init.args(["init", "--days", "1", "--skills", "4", "--agents", AGENTS])
        .args(["--zone", &working_zone(), "--until", "now", "--event-log"])
        .arg(&event_log);
    succeed(init).await;
    let ports: Vec<(&str, u16)> = layouts()
        .into_iter()
        .map(|layout| (layout, free_port()))
        .collect();
    let period = format!("period_s = {PERIOD_S}\n");
    let configured = |(layout, port): &(&str, u16)| FeedConfiguration {
        profile: (*layout).into(),
        profile_text: vendor()
            .shipped(layout)
            .unwrap()
            .replace("period_s = 15\n", &period)
            .replace("period_s = 3\n", &period),
        ..feed(*port)
    };
    let wanted = desired(1, ports.iter().map(configured).collect());
    let site = Site::start_for(
        vendor(),
        folder.path(),
        &hub,
        Some(wanted),
        FeedPolicy::default(),
    );
    for (_, port) in &ports {
        site.until(*port, |_| true).await;
    }
    let mut run = simulator(folder.path());
    run.args(["run", "--for", &format!("{}s", seconds())])
        .arg("--feed-log")
        .arg(&feed_log);
    for (layout, port) in &ports {
        run.arg("--feed").arg(format!(
            "acd=1,to=127.0.0.1:{port},layout={layout},period={PERIOD_S}"
        ));
    }
    if let Some(fault) = trouble.fault {
        run.arg("--feed-fault").arg(fault);
    }
    succeed(run).await;
    let ended = jiff::Timestamp::now();
    site.end().await;
    let mut rest = simulator(folder.path());
    rest.args(["run", "--until", &ended.to_string()]);
    succeed(rest).await;
    let mut truth = simulator(folder.path());
    truth
        .args(["truth", "--live", "--event-log"])
        .arg(&event_log)
        .arg("--feed-log")
        .arg(&feed_log);
    let truth = succeed(truth).await;
    let spans = spans_of(&truth).unwrap();
    let events = hub.stored.lock().unwrap().events.clone();
    let mut wrong = Vec::new();
    for (layout, port) in ports {
        let connections = truth["feedConnections"].as_array().unwrap();
        let address = format!("127.0.0.1:{port}");
        let first = connections.iter().find(|stood| stood["to"] == address);
        let from_utc_ms = first.unwrap()["startUtcMs"].as_i64().unwrap();
        // The run's last refresh may still be on its way when it ends.
        let to_utc_ms = from_utc_ms + (seconds() - 2 * PERIOD_S) * 1_000;
        let ticks = (from_utc_ms..to_utc_ms).step_by(2_000);
        let recording = Recording {
            layout,
            period_ms: PERIOD_S * 1_000,
            fault: trouble.fault.map(|fault| fault.parse().unwrap()),
            from_utc_ms,
            to_utc_ms,
            tolerance_ms: TOLERANCE_MS,
            spans: spans.clone(),
            reasons: reasons(&event_log),
            events: events
                .iter()
                .filter(|event| event.port == port && event.received_utc_ms < to_utc_ms)
                // Before the first connection everything was unknown.
                .filter(|event| event.received_utc_ms >= from_utc_ms)
                .cloned()
                .collect(),
            delivered: ticks
                .map(|utc_ms| Delivered {
                    shows_utc_ms: utc_ms,
                    arrived_utc_ms: utc_ms,
                    whole: true,
                })
                .collect(),
        };
        let found = compare(&recording);
        assert!(!recording.events.is_empty(), "{layout}: no event");
        if trouble.loses_changes && layout == "delta-events" {
            assert_eq!(found.wrong_logouts, 0, "{:?}", found.differences);
            continue;
        }
        let shown = found.differences.into_iter().take(3);
        wrong.extend(shown.map(|difference| format!("{layout}: {difference}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn simulated_feeds_tell_what_happened() {
    tells_what_happened(Trouble {
        fault: None,
        loses_changes: false,
    })
    .await;
}

#[tokio::test]
async fn simulated_feeds_with_a_second_sender_tell_what_happened() {
    tells_what_happened(Trouble {
        fault: Some("duplicate@4+6"),
        loses_changes: true,
    })
    .await;
}
