//! One run of a feed over arbitrary bytes, for fuzz targets and tests.

use super::{Feed, FeedContext, Profile, has_record, preview};
use floorwire_model::agents::scope::AgentScope;
use floorwire_model::ids::AcdNumber;
use floorwire_model::live::{LiveChange, LiveEvent};
use std::sync::{Arc, LazyLock};

static PROFILES: LazyLock<Vec<Arc<Profile>>> = LazyLock::new(|| {
    let shipped = super::SHIPPED.iter();
    shipped
        .filter_map(|profile| Profile::shipped(profile.name).map(Arc::new))
        .collect()
});

/// The first byte chooses the profile, the second the size of reads; the rest is the stream, in which 0xFE lets time pass and 0xFD
/// ends the connection. Panics when an event breaks a promise: not in order within an agent, or in the future.
#[expect(clippy::panic, reason = "a fuzz target reports by panicking")]
pub fn fuzz(data: &[u8]) {
    let [choice, size, stream @ ..] = data else {
        return;
    };
    let Some(profile) = PROFILES.get(usize::from(*choice) % PROFILES.len().max(1)) else {
        return;
    };
    let context = FeedContext {
        port: 7001,
        acd: AcdNumber(1),
        scope: AgentScope::All,
        generic_absence: false,
    };
    let mut feed = Feed::new(Arc::clone(profile), context);
    let mut events: Vec<LiveEvent> = Vec::new();
    let mut now = 1_800_000_000_000;
    feed.connected(now, &mut events);
    for (number, piece) in stream.chunks(usize::from(*size).max(1)).enumerate() {
        now += i64::try_from(number % 7).unwrap_or(0) * 50;
        for part in piece.split_inclusive(|byte| matches!(byte, 0xfd | 0xfe)) {
            match part.split_last() {
                Some((0xfe, bytes)) => {
                    feed.receive(bytes, now, &mut events);
                    now += 4_000;
                    feed.tick(now, &mut events);
                }
                Some((0xfd, bytes)) => {
                    feed.receive(bytes, now, &mut events);
                    feed.disconnected(now, &mut events);
                    feed.connected(now, &mut events);
                }
                _ => feed.receive(part, now, &mut events),
            }
        }
    }
    feed.disconnected(now, &mut events);
    if let Some(tick) = feed.next_tick_utc_ms() {
        feed.tick(tick.max(now), &mut events);
        now = tick.max(now);
    }
    let mut last: std::collections::HashMap<(AcdNumber, &str), i64> =
        std::collections::HashMap::new();
    for event in &events {
        if let LiveChange::Status {
            login,
            since_utc_ms,
            ..
        } = &event.change
        {
            let before = last.insert((event.acd, login), *since_utc_ms);
            if before.is_some_and(|before| before > *since_utc_ms) || *since_utc_ms > now {
                panic!("an event out of its order: {event:?}");
            }
        }
    }
    let _ = (has_record(profile, stream), preview(profile, stream));
}
