//! `/live`: what agents do now, as the real-time feeds say it.

mod dto;
mod list;
mod shown;
mod stream;

pub use dto::{LiveAgent, LiveBuffer, LiveFeed, LiveFeedState, LiveUpdate, UnknownCause};
pub use shown::{agent, buffer as shown_buffer, feed as shown_feed, key};

use crate::state::AppState;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The endpoints of this module.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list::list_live_agents))
        .routes(routes!(stream::stream_live_agents))
}
