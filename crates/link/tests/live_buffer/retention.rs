//! Quotas of bytes and days, and what is known after a restart.

use super::hub::Hub;
use super::{ACD, AGENTS, NOON_MS, PORT, Played, event, lost, number, open, settings, status};
use floorwire_link::live_buffer::LiveBuffer;
use floorwire_model::agents::WorkState;
use floorwire_model::live::LiveChange;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

const DAY_MS: i64 = 86_400_000;

#[tokio::test]
async fn a_full_buffer_keeps_the_latest_status_of_each_agent_and_says_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let mut small = settings(folder.path());
    small.quota_bytes = 400_000;
    let buffer = LiveBuffer::start(small.clone()).unwrap();
    for group in 0..100 {
        buffer.append((group * 100..group * 100 + 100).map(event).collect());
        buffer.flush().await;
    }
    let report = buffer.report();
    assert!(report.degraded, "{report:?}");
    assert!(report.bytes < 600_000, "{report:?}");
    let kept = i64::try_from(report.waiting_events).unwrap();
    let mut hub = Hub::default();
    hub.fetch_all(&buffer).await;
    assert!(!buffer.report().degraded);
    let stored = hub.stored.clone();
    let kept_count = usize::try_from(kept).unwrap();
    let before: Vec<_> = stored[..kept_count].iter().map(number).collect();
    assert_eq!(before, (0..kept).collect::<Vec<_>>());
    let LiveChange::Dropped {
        events,
        from_utc_ms,
        to_utc_ms,
    } = stored[kept_count].change
    else {
        panic!("{:?}", stored[kept_count]);
    };
    let after: Vec<_> = stored[kept_count + 1..].iter().map(number).collect();
    assert_eq!(after, (10_000 - AGENTS..10_000).collect::<Vec<_>>());
    assert_eq!(i64::try_from(events).unwrap(), 10_000 - AGENTS - kept);
    assert_eq!(
        (from_utc_ms, to_utc_ms),
        (NOON_MS + kept, NOON_MS + 9_999 - AGENTS)
    );
    buffer.stop().await;
}

#[tokio::test]
async fn a_full_buffer_that_ends_says_what_is_missing_afterwards() {
    let folder = tempfile::tempdir().unwrap();
    let mut small = settings(folder.path());
    small.quota_bytes = 400_000;
    let buffer = LiveBuffer::start(small.clone()).unwrap();
    for group in 0..100 {
        buffer.append((group * 100..group * 100 + 100).map(event).collect());
        buffer.flush().await;
    }
    let kept = buffer.report().waiting_events;
    buffer.stop().await;
    let buffer = LiveBuffer::start(small).unwrap();
    let known = buffer.known(PORT).await;
    let newest = known.agents.iter().map(|agent| agent.since_utc_ms).max();
    assert_eq!((known.agents.len(), newest), (40, Some(NOON_MS + 9_999)));
    let mut hub = Hub::default();
    hub.fetch_all(&buffer).await;
    let dropped: u64 = hub
        .stored
        .iter()
        .map(|event| match event.change {
            LiveChange::Dropped { events, .. } => events,
            _ => 0,
        })
        .sum();
    assert_eq!(dropped + kept, 10_000);
    buffer.stop().await;
}

#[tokio::test]
async fn acknowledged_events_make_room() {
    let folder = tempfile::tempdir().unwrap();
    let mut small = settings(folder.path());
    small.quota_bytes = 400_000;
    let buffer = LiveBuffer::start(small).unwrap();
    let mut hub = Hub::default();
    for group in 0..100 {
        buffer.append((group * 100..group * 100 + 100).map(event).collect());
        hub.fetch_all(&buffer).await;
    }
    assert_eq!(hub.numbers(), (0..10_000).collect::<Vec<_>>());
    assert!(buffer.report().bytes < 600_000);
    buffer.stop().await;
}

#[tokio::test]
async fn events_that_nobody_fetches_are_deleted_for_their_age_and_told() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Played::default();
    clock.set(NOON_MS);
    let mut aged = settings(folder.path());
    aged.patience = Duration::ZERO;
    let read = clock.clone();
    aged.clock = Arc::new(move || read.0.load(Ordering::SeqCst));
    let buffer = LiveBuffer::start(aged.clone()).unwrap();
    let mut hub = Hub::default();
    hub.call(&buffer).await;
    buffer.append((0..100).map(event).collect());
    buffer.flush().await;
    // The Hub stored some; its answer is lost.
    let mut batch = buffer.batch().await;
    batch.events.truncate(60);
    hub.take(&batch);
    buffer.stop().await;
    clock.set(NOON_MS + 8 * DAY_MS);
    let day = 8 * DAY_MS;
    let buffer = LiveBuffer::start(aged).unwrap();
    buffer.append((day..day + 10).map(event).collect());
    buffer.flush().await;
    // Tidying comes with the first turn of the thread; the next command follows it.
    buffer.flush().await;
    hub.fetch_all(&buffer).await;
    let stored = hub.stored.clone();
    assert_eq!(hub.numbers()[..60], (0..60).collect::<Vec<_>>());
    // At most the whole deletion is missing.
    assert!(
        matches!(stored[60].change, LiveChange::Dropped { events: 100, .. }),
        "{:?}",
        stored[60]
    );
    assert_eq!(hub.numbers()[61..], (day..day + 10).collect::<Vec<_>>());
    buffer.stop().await;
}

#[tokio::test]
async fn statuses_are_known_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let buffer = open(folder.path());
    buffer.append((0..100).map(event).collect());
    let mut gone = event(100);
    if let LiveChange::Status { status: of, .. } = &mut gone.change {
        *of = status(WorkState::Unstaffed);
    }
    buffer.append(vec![gone]);
    buffer.confirm(PORT, NOON_MS + 5_000);
    buffer.stop().await;
    let buffer = open(folder.path());
    let known = buffer.known(PORT).await;
    assert_eq!(known.agents.len(), 39);
    assert_eq!(known.confirmed_utc_ms, Some(NOON_MS + 5_000));
    assert!(known.lost.is_empty());
    let one = known
        .agents
        .iter()
        .find(|agent| agent.login == "4039")
        .unwrap();
    assert_eq!(
        (one.since_utc_ms, &one.status),
        (NOON_MS + 79, &status(WorkState::Acd))
    );
    assert_eq!(buffer.known(PORT + 1).await, Default::default());
    // A loss does not forget who was there.
    buffer.append(vec![lost(200)]);
    buffer.flush().await;
    let known = buffer.known(PORT).await;
    assert_eq!((known.agents.len(), known.lost), (39, vec![ACD]));
    buffer.forget(PORT).await;
    assert_eq!(buffer.known(PORT).await, Default::default());
    buffer.stop().await;
}
