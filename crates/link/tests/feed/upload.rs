//! From the buffer to the Hub, over HTTP.

use super::hub::{Hub, Mood};
use super::site::{Site, desired, feed, free_port, say, words};
use floorwire_protocol::live::FeedState;

#[tokio::test]
async fn what_waits_while_the_hub_is_down_arrives_once() {
    let (folder, hub, port) = (
        tempfile::tempdir().unwrap(),
        Hub::start().await,
        free_port(),
    );
    let site = Site::start(folder.path(), &hub, Some(desired(1, vec![feed(port)])));
    let mut sender = site.connect(port).await;
    say(&mut sender, "4000 available\n").await;
    hub.until(|stored| stored.events.len() == 2).await;
    let mut expected = vec!["lost NotListening".to_owned(), "4000 Available".to_owned()];
    for (round, mood) in [Mood::Down, Mood::AnswersLost, Mood::Well]
        .into_iter()
        .enumerate()
    {
        hub.set(mood);
        let calls = hub.stored.lock().unwrap().calls;
        for agent in 0..100 {
            let login = 5000 + round * 100 + agent;
            say(&mut sender, &format!("{login} acd\n")).await;
            expected.push(format!("{login} Acd"));
        }
        hub.until(|stored| stored.calls > calls + 1).await;
    }
    hub.until(|stored| stored.events.len() >= expected.len())
        .await;
    assert_eq!(words(&hub.stored.lock().unwrap().events), expected);
    assert_eq!(hub.stored.lock().unwrap().marks.len(), 1);
    site.end().await;
}

#[tokio::test]
async fn a_heartbeat_says_how_the_feeds_are() {
    let (folder, hub, port) = (
        tempfile::tempdir().unwrap(),
        Hub::start().await,
        free_port(),
    );
    let site = Site::start(folder.path(), &hub, Some(desired(1, vec![feed(port)])));
    let mut sender = site.connect(port).await;
    say(&mut sender, "4021 available\n").await;
    hub.until(|stored| {
        let Some(batch) = &stored.last else {
            return false;
        };
        batch.events.is_empty()
            && batch.feeds.iter().any(|feed| {
                feed.state == FeedState::Receiving
                    && feed.agents == 1
                    && feed.confirmed_utc_ms.is_some()
            })
    })
    .await;
    assert!(
        site.board
            .clock_offset_ms()
            .is_some_and(|offset| offset.abs() < 5_000)
    );
    site.end().await;
}

#[tokio::test]
async fn a_confirmation_never_runs_ahead_of_the_events() {
    let (folder, hub, port) = (
        tempfile::tempdir().unwrap(),
        Hub::start().await,
        free_port(),
    );
    hub.set(Mood::Down);
    let site = Site::start(folder.path(), &hub, Some(desired(1, vec![feed(port)])));
    let mut sender = site.connect(port).await;
    // More than one batch carries.
    let mut text = String::new();
    for agent in 0..45_000 {
        text += &format!("{agent} available\n");
    }
    say(&mut sender, &text).await;
    site.until(port, |report| report.agents == 45_000).await;
    hub.set(Mood::Well);
    let mut checked = 0;
    hub.until(|stored| {
        if let Some(batch) = &stored.last
            && let Some(last) = batch.events.last()
            && let Some(confirmed) = batch.feeds.first().and_then(|feed| feed.confirmed_utc_ms)
        {
            let is_whole = stored.events.len() == 45_001;
            assert!(is_whole || confirmed <= last.received_utc_ms);
            checked += 1;
        }
        stored.events.len() == 45_001
    })
    .await;
    assert!(checked > 0);
    site.end().await;
}
