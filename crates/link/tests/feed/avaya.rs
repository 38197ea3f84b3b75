//! A shipped profile of Avaya CMS over a socket, and over a restart.

use super::hub::Hub;
use super::site::{Site, desired, feed, free_port, say, words};
use floorwire_link::feed::FeedPolicy;
use floorwire_link::feed::vendor::vendor;
use floorwire_model::live::LiveChange;
use floorwire_protocol::live::FeedConfiguration;
use std::time::Duration;

fn configured(port: u16) -> FeedConfiguration {
    FeedConfiguration {
        profile: "rta-codes-delimited".into(),
        profile_text: vendor()
            .shipped("rta-codes-delimited")
            .unwrap()
            .replace("period_s = 15", "period_s = 1"),
        ..feed(port)
    }
}

#[tokio::test]
async fn statuses_arrive_and_whoever_vanished_during_a_restart_is_logged_out() {
    let (folder, hub, port) = (
        tempfile::tempdir().unwrap(),
        Hub::start().await,
        free_port(),
    );
    let start = || {
        let wanted = Some(desired(1, vec![configured(port)]));
        Site::start_for(vendor(), folder.path(), &hub, wanted, FeedPolicy::default())
    };
    let site = start();
    let mut sender = site.connect(port).await;
    say(
        &mut sender,
        "1|4021|50|3||117|12\n1|4022|20|||117|9\n1|4023|20|||117|12\n1|4024|20|||117|12\n\n",
    )
    .await;
    hub.until(|stored| stored.events.len() >= 5).await;
    let mut events = words(&hub.stored.lock().unwrap().events);
    events.sort();
    assert_eq!(
        events,
        [
            "4021 Aux",
            "4022 Available",
            "4023 Available",
            "4024 Available",
            "lost NotListening"
        ]
    );
    let report = site.until(port, |report| report.agents == 4).await;
    assert_eq!((report.counters.records, report.counters.snapshots), (4, 1));
    site.end().await;

    let before = hub.stored.lock().unwrap().events.len();
    let site = start();
    let mut sender = site.connect(port).await;
    // As a CMS does, once in a period, until whoever is missing is taken for gone.
    let sending = async {
        let mut period = tokio::time::interval(Duration::from_secs(1));
        for seconds in 15.. {
            period.tick().await;
            let snapshot = format!(
                "1|4021|50|3||117|{seconds}\n1|4023|20|||117|{seconds}\n1|4024|20|||117|{seconds}\n\n"
            );
            say(&mut sender, &snapshot).await;
        }
    };
    let gone =
        hub.until(|stored| words(&stored.events[before..]).contains(&"4022 Unstaffed".to_owned()));
    tokio::select! {
        () = sending => {}
        () = gone => {}
    }
    let events = hub.stored.lock().unwrap().events[before..].to_vec();
    assert!(
        words(&events).contains(&"4021 Aux".to_owned()),
        "{events:?}"
    );
    // The first word after a start: until when it was known.
    let losses: Vec<_> = hub.stored.lock().unwrap().events.clone();
    let confirmed = losses.iter().rev().find_map(|event| match event.change {
        LiveChange::Lost {
            confirmed_utc_ms, ..
        } => Some(confirmed_utc_ms),
        _ => None,
    });
    assert!(matches!(confirmed, Some(Some(_))), "{losses:?}");
    site.end().await;
}
