//! Ports and connections.

use super::hub::Hub;
use super::site::{Site, desired, feed, free_port, say, words};
use floorwire_model::agents::scope::AgentScope;
use floorwire_model::live::LossCause;
use floorwire_protocol::live::{FeedPreviewRequest, FeedState};
use std::net::{Ipv4Addr, TcpListener};
use tokio::io::AsyncReadExt;

#[tokio::test]
async fn a_second_connection_replaces_the_first_once_it_has_a_record() {
    let (folder, hub, port) = (
        tempfile::tempdir().unwrap(),
        Hub::start().await,
        free_port(),
    );
    let site = Site::start(folder.path(), &hub, Some(desired(1, vec![feed(port)])));
    let mut first = site.connect(port).await;
    say(&mut first, "4021 available\n").await;
    hub.until(|stored| words(&stored.events) == ["lost NotListening", "4021 Available"])
        .await;
    let first_peer = first.local_addr().unwrap().to_string();
    // A probe disturbs nothing.
    let mut second = site.connect(port).await;
    say(&mut second, "GET / HTTP/1.1\n4021 a").await;
    say(&mut first, "4022 aux\n").await;
    hub.until(|stored| stored.events.len() == 3).await;
    site.until(port, |report| report.counters.connections == 2)
        .await;
    let report = site.until(port, |report| report.agents == 2).await;
    assert_eq!(report.peer, Some(first_peer));
    // A record does; what it sent before is read too.
    say(&mut second, "cd\n").await;
    hub.until(|stored| stored.events.len() == 5).await;
    let events = words(&hub.stored.lock().unwrap().events);
    assert_eq!(events[3..], ["lost Disconnected", "4021 Acd"]);
    let second_peer = second.local_addr().unwrap().to_string();
    site.until(port, |report| report.peer.as_ref() == Some(&second_peer))
        .await;
    // The first was closed and never written to.
    let mut nothing = Vec::new();
    first.read_to_end(&mut nothing).await.unwrap();
    assert!(nothing.is_empty());
    site.end().await;
}

#[tokio::test]
async fn more_connections_than_allowed_end_the_oldest_that_does_not_feed() {
    let (folder, hub, port) = (
        tempfile::tempdir().unwrap(),
        Hub::start().await,
        free_port(),
    );
    let site = Site::start(folder.path(), &hub, Some(desired(1, vec![feed(port)])));
    let mut first = site.connect(port).await;
    say(&mut first, "4021 available\n").await;
    site.until(port, |report| report.agents == 1).await;
    let mut strangers = Vec::new();
    for _ in 0..8 {
        strangers.push(site.connect(port).await);
    }
    let report = site
        .until(port, |report| report.counters.connections == 9)
        .await;
    assert_eq!((report.counters.refused_connections, report.agents), (5, 1));
    let mut sender = site.connect(port).await;
    say(&mut sender, "4021 acd\n").await;
    hub.until(|stored| {
        words(&stored.events)
            .last()
            .is_some_and(|last| last == "4021 Acd")
    })
    .await;
    site.end().await;
}

#[tokio::test]
async fn only_allowed_addresses_may_connect() {
    let (folder, hub, port) = (
        tempfile::tempdir().unwrap(),
        Hub::start().await,
        free_port(),
    );
    let mut strict = feed(port);
    strict.allow_from = vec!["192.0.2.0/24".into()];
    let site = Site::start(folder.path(), &hub, Some(desired(1, vec![strict.clone()])));
    let mut refused = site.connect(port).await;
    let mut nothing = Vec::new();
    // Closed at once: an end, or a reset.
    let _ = refused.read_to_end(&mut nothing).await;
    let report = site
        .until(port, |report| report.counters.refused_connections == 1)
        .await;
    assert!(report.detail.unwrap().contains("127.0.0.1"));
    strict.allow_from.push("127.0.0.1".into());
    site.desired
        .send_replace(Some(desired(2, vec![strict.clone()])));
    let mut sender = site.connect(port).await;
    loop {
        say(&mut sender, "4021 available\n").await;
        if site.board.reports().iter().any(|report| report.agents == 1) {
            break;
        }
        sender = site.connect(port).await;
    }
    // A list that cannot be read lets nobody in.
    strict.allow_from = vec!["cms.example".into()];
    site.desired.send_replace(Some(desired(3, vec![strict])));
    let report = site
        .until(port, |report| report.state == FeedState::Misconfigured)
        .await;
    assert!(report.detail.unwrap().contains("cms.example"));
    assert_eq!(report.peer, None);
    site.end().await;
}

#[tokio::test]
async fn a_port_in_use_is_said_and_taken_when_it_is_free() {
    let (folder, hub) = (tempfile::tempdir().unwrap(), Hub::start().await);
    let other = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = other.local_addr().unwrap().port();
    let site = Site::start(folder.path(), &hub, Some(desired(1, vec![feed(port)])));
    let report = site
        .until(port, |report| report.state == FeedState::PortInUse)
        .await;
    assert!(report.detail.unwrap().contains(&port.to_string()));
    drop(other);
    site.until(port, |report| report.detail.is_none()).await;
    let mut bad = feed(port);
    bad.bind = Some("192.0.2.1".into());
    site.desired.send_replace(Some(desired(2, vec![bad])));
    let report = site
        .until(port, |report| report.state == FeedState::Misconfigured)
        .await;
    assert!(report.detail.unwrap().contains("192.0.2.1"));
    site.end().await;
}

#[tokio::test]
async fn only_what_changed_restarts() {
    let (folder, hub) = (tempfile::tempdir().unwrap(), Hub::start().await);
    let (stays, changes, goes) = (free_port(), free_port(), free_port());
    let all = vec![feed(stays), feed(changes), feed(goes)];
    let site = Site::start(folder.path(), &hub, Some(desired(1, all)));
    let mut staying = site.connect(stays).await;
    let mut changing = site.connect(changes).await;
    let mut going = site.connect(goes).await;
    say(&mut staying, "1 available\n").await;
    say(&mut changing, "2 available\n2 a").await;
    say(&mut going, "3 available\n").await;
    for port in [stays, changes, goes] {
        site.until(port, |report| report.agents == 1).await;
    }
    let bytes = site
        .until(changes, |report| report.counters.bytes == 15)
        .await;
    assert_eq!(bytes.counters.connections, 1);
    let mut other = feed(changes);
    other.profile_text = "other lines".into();
    site.desired
        .send_replace(Some(desired(2, vec![feed(stays), other])));
    hub.until(|stored| words(&stored.events).contains(&"lost Reconfigured".to_owned()))
        .await;
    // The connection goes on in the middle of a line.
    say(&mut changing, "cd\n").await;
    hub.until(|stored| words(&stored.events).contains(&"2 Acd".to_owned()))
        .await;
    hub.until(|stored| {
        let of = |port: u16| {
            stored
                .events
                .iter()
                .filter(|event| event.port == port)
                .cloned()
                .collect::<Vec<_>>()
        };
        words(&of(goes))
            == [
                "lost NotListening",
                "3 Available",
                "lost Disconnected",
                "lost NotListening",
            ]
            && words(&of(changes))
                == [
                    "lost NotListening",
                    "2 Available",
                    "lost Reconfigured",
                    "2 Acd",
                ]
            && words(&of(stays)) == ["lost NotListening", "1 Available"]
    })
    .await;
    assert_eq!(site.board.reports().len(), 2);
    let report = site
        .until(changes, |report| report.counters.records == 2)
        .await;
    assert_eq!(report.counters.connections, 1);
    site.end().await;
}

#[tokio::test]
async fn a_pause_leaves_the_port_open_unless_it_is_to_be_closed() {
    let (folder, hub, port) = (
        tempfile::tempdir().unwrap(),
        Hub::start().await,
        free_port(),
    );
    let mut wanted = desired(1, vec![feed(port)]);
    wanted.paused = true;
    let site = Site::start(folder.path(), &hub, Some(wanted.clone()));
    let mut sender = site.connect(port).await;
    say(&mut sender, "4021 available\n").await;
    site.until(port, |report| report.agents == 1).await;
    if let Some(realtime) = wanted
        .configuration
        .as_mut()
        .and_then(|one| one.realtime.as_mut())
    {
        realtime.close_while_paused = true;
    }
    site.desired.send_replace(Some(wanted.clone()));
    site.until(port, |report| report.state == FeedState::Closed)
        .await;
    hub.until(|stored| {
        words(&stored.events)
            .last()
            .is_some_and(|last| last == "lost NotListening")
            && stored.events.len() > 1
    })
    .await;
    wanted.paused = false;
    site.desired.send_replace(Some(wanted));
    let mut sender = site.connect(port).await;
    say(&mut sender, "4021 acd\n").await;
    hub.until(|stored| {
        words(&stored.events)
            .last()
            .is_some_and(|last| last == "4021 Acd")
    })
    .await;
    site.end().await;
}

#[tokio::test]
async fn a_restart_restores_and_says_that_nobody_listened() {
    let (folder, hub, port) = (
        tempfile::tempdir().unwrap(),
        Hub::start().await,
        free_port(),
    );
    let site = Site::start(folder.path(), &hub, Some(desired(1, vec![feed(port)])));
    let mut sender = site.connect(port).await;
    say(&mut sender, "4021 available\n4022 acd\n").await;
    hub.until(|stored| stored.events.len() == 3).await;
    site.end().await;
    // The end was told, so that the Hub knows at once.
    let told = words(&hub.stored.lock().unwrap().events);
    assert_eq!(told[3..], ["lost Disconnected", "lost NotListening"]);
    assert_eq!(site_known(folder.path(), &hub, port).await, 2);
    // The configuration is the last one, since the Hub has not said anything yet; the loss is not told again.
    let site = Site::start(folder.path(), &hub, None);
    let mut sender = site.connect(port).await;
    say(&mut sender, "4021 aux\n").await;
    hub.until(|stored| {
        words(&stored.events)
            .last()
            .is_some_and(|last| last == "4021 Aux")
    })
    .await;
    assert_eq!(hub.stored.lock().unwrap().events.len(), 6);
    site.end().await;
}

async fn site_known(folder: &std::path::Path, hub: &Hub, port: u16) -> usize {
    let mut nothing = desired(2, Vec::new());
    nothing.configuration = None;
    let site = Site::start(folder, hub, Some(nothing));
    let known = site.buffer.known(port).await;
    site.end().await;
    assert_eq!(known.lost.len(), 1);
    known.agents.len()
}

#[tokio::test]
async fn raw_lines_are_read_by_a_profile_that_is_being_edited() {
    let (folder, hub, port) = (
        tempfile::tempdir().unwrap(),
        Hub::start().await,
        free_port(),
    );
    let mut broken = feed(port);
    broken.profile_text = String::new();
    let site = Site::start(folder.path(), &hub, Some(desired(1, vec![broken.clone()])));
    let report = site
        .until(port, |report| report.state == FeedState::Misconfigured)
        .await;
    assert!(report.detail.unwrap().contains("line 1: name: is missing"));
    // A profile that cannot be used does not keep the bytes away.
    let mut sender = site.connect(port).await;
    say(&mut sender, "Agent status\n4021 available\n").await;
    site.until(port, |report| report.counters.bytes == 28).await;
    let mut wanted = desired(2, vec![broken]);
    wanted.feed_preview = Some(FeedPreviewRequest {
        request: 7,
        port,
        profile_text: "lines".into(),
    });
    site.desired.send_replace(Some(wanted));
    let preview = site.reports.feed_preview_ready().await;
    assert_eq!(preview.request, 7);
    let lines: Vec<_> = preview
        .lines
        .iter()
        .map(|line| (line.text.as_str(), line.reading.as_str()))
        .collect();
    assert_eq!(
        lines,
        [("Agent status", "skipped"), ("#### available", "record")]
    );
    site.end().await;
}

#[tokio::test]
async fn a_narrower_scope_makes_a_new_engine() {
    let (folder, hub, port) = (
        tempfile::tempdir().unwrap(),
        Hub::start().await,
        free_port(),
    );
    let site = Site::start(folder.path(), &hub, Some(desired(1, vec![feed(port)])));
    let mut sender = site.connect(port).await;
    say(&mut sender, "4021 available\n").await;
    site.until(port, |report| report.agents == 1).await;
    let mut narrower = desired(2, vec![feed(port)]);
    if let Some(configuration) = &mut narrower.configuration {
        configuration.agent_scope = AgentScope::Off;
    }
    site.desired.send_replace(Some(narrower));
    hub.until(|stored| {
        words(&stored.events).contains(&format!("lost {:?}", LossCause::Reconfigured))
    })
    .await;
    assert!(
        site.buffer.known(port).await.agents.is_empty(),
        "nothing is kept of who is outside now"
    );
    site.end().await;
}
