//! Captures and copies by local policy.

use super::hub::Hub;
use super::site::{Site, desired, feed, free_port, say};
use super::vendor::Lines;
use floorwire_link::feed::FeedPolicy;
use floorwire_link::feed::capture::{Entry, read};
use floorwire_link::feed::command::replay;
use floorwire_link::feed::engine::Vendor;
use floorwire_model::ids::AcdNumber;
use std::os::unix::fs::PermissionsExt;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

#[tokio::test]
async fn the_bytes_are_captured_and_can_be_replayed() {
    let (folder, hub, port) = (
        tempfile::tempdir().unwrap(),
        Hub::start().await,
        free_port(),
    );
    let captures = folder.path().join("captures");
    let policy = FeedPolicy {
        capture_dir: Some(captures.clone()),
        capture_bytes: 40_000,
        tees: Vec::new(),
    };
    let site = Site::start_with(
        folder.path(),
        &hub,
        Some(desired(1, vec![feed(port)])),
        policy,
    );
    let mut sender = site.connect(port).await;
    for agent in 0..2_000 {
        say(&mut sender, &format!("{agent} available\n")).await;
    }
    drop(sender);
    site.until(port, |report| {
        report.counters.records == 2_000 && report.peer.is_none()
    })
    .await;
    site.end().await;
    // The thread that writes ends with the last of its senders; its end is a line of its own.
    let last = loop {
        let mut files: Vec<_> = std::fs::read_dir(&captures)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        files.sort();
        let last = files.last().unwrap().clone();
        if read(&last)
            .unwrap()
            .last()
            .is_some_and(|(_, entry)| *entry == Entry::Closed)
        {
            break last;
        }
        tokio::task::yield_now().await;
    };
    let files: Vec<_> = std::fs::read_dir(&captures)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert!(files.len() <= 8, "{files:?}");
    for file in &files {
        let about = std::fs::metadata(file).unwrap();
        assert_eq!(about.permissions().mode() & 0o777, 0o600);
        assert!(about.len() <= 40_000 / 8 + 100_000);
    }
    let mut logins = Vec::new();
    let profile = Lines.profile("lines").unwrap();
    replay(&last, &*profile, AcdNumber(1), |event| {
        logins.push(serde_json::to_value(event)?["change"]["login"].clone());
        Ok(())
    })
    .unwrap();
    assert!(logins.contains(&"1999".into()), "{logins:?}");
}

#[tokio::test]
async fn a_tee_copies_the_bytes_and_a_dead_target_stops_nothing() {
    let (folder, hub, port) = (
        tempfile::tempdir().unwrap(),
        Hub::start().await,
        free_port(),
    );
    let target = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (alive, dead) = (target.local_addr().unwrap(), free_port());
    let policy = FeedPolicy {
        tees: vec![
            format!("{port}={alive}").parse().unwrap(),
            format!("{port}=127.0.0.1:{dead}").parse().unwrap(),
        ],
        ..FeedPolicy::default()
    };
    let site = Site::start_with(
        folder.path(),
        &hub,
        Some(desired(1, vec![feed(port)])),
        policy,
    );
    let mut sender = site.connect(port).await;
    let mut said = String::new();
    for agent in 0..5_000 {
        said += &format!("{agent} available\n");
    }
    say(&mut sender, &said).await;
    site.until(port, |report| report.counters.records == 5_000)
        .await;
    let (mut copy, _) = target.accept().await.unwrap();
    let mut copied = vec![0; said.len()];
    copy.read_exact(&mut copied).await.unwrap();
    assert_eq!(copied, said.as_bytes());
    // The copy ends as the feed does.
    drop(sender);
    assert_eq!(copy.read(&mut copied).await.unwrap(), 0);
    hub.until(|stored| stored.events.len() >= 5_001).await;
    site.end().await;
}
