//! What is known of the feeds of an integration now: settings, last reports and the clock together. Pure.
//!
//! A status is known only while somebody keeps saying so. It is unknown since the last confirmation when the Link is silent
//! for three heartbeats, when the feed confirmed nothing for longer than its profile allows, when events still wait at the
//! Link, and when the Link says that the feed is not received. All of that is computed on reading, so that it needs nobody
//! to notice it.

use crate::api::live::UnknownCause;
use crate::configuration::FeedSettings;
use crate::store::feeds::Feed;
use crate::store::integrations::Integration;
use floorwire_model::ids::IntegrationId;
use floorwire_protocol::live::{BufferReport, FeedState, LIVE_HEARTBEAT_SECONDS};

/// A Link that sent nothing for so long is gone, milliseconds.
pub const LINK_GONE_MS: i64 = LIVE_HEARTBEAT_SECONDS as i64 * 3 * 1000;

/// Why statuses of a feed are not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// The last confirmation, by the Link's clock; `None`: there never was one.
    pub since_utc_ms: Option<i64>,
    /// Why.
    pub cause: UnknownCause,
}

/// A configured feed and what is known of it.
#[derive(Clone, Debug, PartialEq)]
pub struct FeedNow {
    /// The integration.
    pub integration: IntegrationId,
    /// Its name.
    pub integration_name: String,
    /// The settings.
    pub settings: FeedSettings,
    /// The last report, if there is one.
    pub feed: Option<Feed>,
    /// Why its statuses are not known; `None` while they are.
    pub unknown: Option<Unknown>,
    /// True when the Link does not answer.
    pub link_gone: bool,
    /// See [`Feed::buffer`].
    pub buffer: Option<BufferReport>,
}

/// The feeds of an integration, by port; none while real-time status is off.
pub fn now(integration: &Integration, reported: &[Feed], now_utc_ms: i64) -> Vec<FeedNow> {
    let settings = &integration.configuration.realtime;
    if !settings.enabled {
        return Vec::new();
    }
    let mut feeds: Vec<FeedNow> = settings
        .feeds
        .iter()
        .map(|settings| {
            let mut found = reported.iter();
            let feed =
                found.find(|feed| feed.integration == integration.id && feed.port == settings.port);
            let link_gone = feed.is_some_and(|feed| is_link_gone(feed, now_utc_ms));
            FeedNow {
                integration: integration.id,
                integration_name: integration.name.clone(),
                settings: settings.clone(),
                unknown: unknown(feed, now_utc_ms),
                link_gone,
                buffer: feed.map(|feed| feed.buffer),
                feed: feed.cloned().map(|mut feed| {
                    feed.latency.at(now_utc_ms);
                    feed
                }),
            }
        })
        .collect();
    feeds.sort_by_key(|feed| feed.settings.port);
    feeds
}

fn is_link_gone(feed: &Feed, now_utc_ms: i64) -> bool {
    now_utc_ms - feed.reported_utc_ms >= LINK_GONE_MS
}

/// Why the statuses of a feed are not known at a time, by its last report.
pub fn unknown(feed: Option<&Feed>, now_utc_ms: i64) -> Option<Unknown> {
    let Some(feed) = feed else {
        return Some(Unknown {
            since_utc_ms: None,
            cause: UnknownCause::NotListening,
        });
    };
    let since = |cause| {
        Some(Unknown {
            since_utc_ms: feed.confirmed_utc_ms,
            cause,
        })
    };
    if is_link_gone(feed, now_utc_ms) {
        return since(UnknownCause::LinkGone);
    }
    match &feed.report.state {
        // Between two connections statuses hold until they are stale or the Link calls the feed lost.
        FeedState::Receiving | FeedState::Listening | FeedState::Connected => {}
        FeedState::Lost { cause } => return since((*cause).into()),
        FeedState::PortInUse
        | FeedState::PortForbidden
        | FeedState::Misconfigured
        | FeedState::Closed => return since(UnknownCause::NotListening),
    }
    let stale_after = i64::try_from(feed.report.stale_after_ms).unwrap_or(i64::MAX);
    let link_now = now_utc_ms.saturating_add(feed.clock_ahead_ms);
    let Some(confirmed) = feed.confirmed_utc_ms else {
        return since(UnknownCause::Disconnected);
    };
    if link_now.saturating_sub(confirmed) >= stale_after {
        return since(UnknownCause::Stale);
    }
    None
}
