//! How real-time status of an integration is doing.
//!
//! Of several problems the gravest is named: a port that cannot be opened, then events that are being dropped, then a feed
//! that is lost. A feed that never came is no problem yet, it is awaited; a Link that does not answer is the integration's
//! trouble and shows there.

use super::State;
use crate::live::feeds::{self, FeedNow};
use crate::store::feeds as stored;
use crate::store::integrations::Integration;
use crate::store::status::OccurredProblem;
use crate::store::{Store, StoreResult};
use floorwire_model::ids::AccountId;
use floorwire_model::live::LossCause;
use floorwire_protocol::live::FeedState;
use floorwire_protocol::messages::Problem;

/// How real-time status is doing.
#[derive(Clone, Debug)]
pub struct Realtime {
    /// The state; never *importing*.
    pub state: State,
    /// What is wrong.
    pub problem: Option<OccurredProblem>,
    /// Receipt of the latest event, milliseconds since 1970 UTC.
    pub latest_utc_ms: Option<i64>,
    /// The feeds, by port.
    pub feeds: Vec<FeedNow>,
}

/// `None` while real-time status is off.
pub async fn now(
    store: &Store,
    account: AccountId,
    integration: &Integration,
    now_utc_ms: i64,
) -> StoreResult<Option<Realtime>> {
    if !integration.configuration.realtime.enabled {
        return Ok(None);
    }
    let reported = stored::of_integration(store, account, integration.id).await?;
    let feeds = feeds::now(integration, &reported, now_utc_ms);
    let problem = feeds
        .iter()
        .filter_map(problem)
        .max_by_key(|(grave, _)| *grave);
    let problem = problem.map(|(_, problem)| problem);
    let all_known = feeds.iter().all(|feed| feed.unknown.is_none());
    let state = match (&problem, all_known) {
        _ if integration.paused => State::Paused,
        (Some(_), _) => State::Problem,
        (None, true) => State::Operational,
        (None, false) => State::Connecting,
    };
    let latest = feeds
        .iter()
        .filter_map(|feed| feed.feed.as_ref()?.latest_utc_ms);
    Ok(Some(Realtime {
        state,
        problem,
        latest_utc_ms: latest.max(),
        feeds,
    }))
}

/// What is wrong with a feed, and how grave it is.
fn problem(now: &FeedNow) -> Option<(u8, OccurredProblem)> {
    let feed = now.feed.as_ref().filter(|_| !now.link_gone)?;
    let port = now.settings.port;
    let detail = |text: String| match &feed.report.detail {
        Some(more) => format!("{text}: {more}"),
        None => text,
    };
    let (grave, code, title, detail, remedy) = match &feed.report.state {
        FeedState::PortInUse => (
            9,
            "feed-port-in-use",
            "the port of the real-time feed is in use",
            detail(format!("another program on the Link's host has port {port}")),
            "end the other program, or choose another port here and have the sender changed to it",
        ),
        FeedState::PortForbidden => (
            8,
            "feed-port-forbidden",
            "the port of the real-time feed cannot be opened",
            detail(format!("the system does not let the Link listen at port {port}")),
            "choose a port from 1024 on, or give the Link's service the right to open it",
        ),
        FeedState::Misconfigured => (
            7,
            "feed-misconfigured",
            "the real-time feed cannot be received as it is set up",
            detail(format!("a setting of port {port} cannot be used")),
            "correct the address to listen on, the profile or the networks in the settings",
        ),
        FeedState::Lost { cause } => (
            5,
            lost_code(*cause),
            "the real-time feed is lost",
            detail(format!("port {port}: {}", lost_text(*cause))),
            "check that the service that sends the feed runs and reaches the Link's port",
        ),
        _ if feed.buffer.degraded => (
            6,
            "feed-buffer-full",
            "the Link's buffer of live events is full",
            detail("only the latest status of each agent is kept, so that statuses between are missing".to_owned()),
            "free space on the Link's disk, or let it reach the hub",
        ),
        _ => return None,
    };
    Some((
        grave,
        OccurredProblem {
            problem: Problem {
                code: code.into(),
                title: title.into(),
                detail,
                remedy: remedy.into(),
                diagnostics: Vec::new(),
            },
            occurred_utc_ms: feed.confirmed_utc_ms.unwrap_or(feed.reported_utc_ms),
        },
    ))
}

fn lost_code(cause: LossCause) -> &'static str {
    match cause {
        LossCause::Frozen => "feed-frozen",
        LossCause::Emptied => "feed-emptied",
        LossCause::SwitchLink => "feed-switch-link",
        LossCause::Disconnected
        | LossCause::Silent
        | LossCause::NotListening
        | LossCause::Reconfigured => "feed-lost",
    }
}

fn lost_text(cause: LossCause) -> &'static str {
    match cause {
        LossCause::Disconnected => "the connection ended and no other came in time",
        LossCause::Silent => "the connection stands and nothing comes",
        LossCause::Frozen => "the same content comes again and again, and durations do not grow",
        LossCause::Emptied => "snapshots come without agents, or with less than half of them",
        LossCause::SwitchLink => "the switch has no contact with the CMS",
        LossCause::NotListening => "the Link did not listen",
        LossCause::Reconfigured => "its configuration changed, and no whole snapshot came since",
    }
}
