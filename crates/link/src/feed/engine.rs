//! What a port needs of a vendor: profiles that read bytes as changes. No sockets, no clock, no files on that side.

use floorwire_model::agents::scope::AgentScope;
use floorwire_model::ids::AcdNumber;
use floorwire_model::live::{LiveEvent, LossCause, ProfileFault};
use floorwire_protocol::live::{FeedCounters, FeedState, PreviewLine};
use std::sync::Arc;

use crate::live_buffer::LatestStatus;

/// Where profiles come from.
pub trait Vendor: Send + Sync {
    /// Reads a profile's text.
    fn profile(&self, text: &str) -> Result<Arc<dyn FeedProfile>, Vec<ProfileFault>>;
    /// The text of a profile that comes with the program.
    fn shipped(&self, name: &str) -> Option<String>;
    /// Looks at a capture (time of receipt in milliseconds since 1970 UTC, bytes) and says in words what it seems to be.
    fn discover(&self, capture: &[(i64, Vec<u8>)]) -> Option<String>;
}

/// A checked profile.
pub trait FeedProfile: Send + Sync {
    /// Expected time between snapshots, milliseconds.
    fn period_ms(&self) -> u64;
    /// Without a confirmation for so long, statuses are unknown, milliseconds.
    fn stale_after_ms(&self) -> u64;
    /// Whether the bytes, from the begin of a connection, hold a complete valid record.
    fn has_record(&self, bytes: &[u8]) -> bool;
    /// How raw lines read, identities replaced.
    fn preview(&self, lines: &[u8]) -> Vec<PreviewLine>;
    /// A parser and snapshot engine for one port.
    fn feed(&self, context: FeedContext) -> Box<dyn FeedEngine>;
}

/// Whose data may be read, and of which port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedContext {
    /// The port.
    pub port: u16,
    /// The ACD of records that do not name one.
    pub acd: AcdNumber,
    /// Nobody else leaves the site.
    pub scope: AgentScope,
    /// AUX reasons are dropped.
    pub generic_absence: bool,
}

/// How an engine is.
#[derive(Clone, Debug)]
pub struct Health {
    /// What it does.
    pub state: FeedState,
    /// Up to when all statuses are confirmed, milliseconds since 1970 UTC.
    pub confirmed_utc_ms: Option<i64>,
    /// When the last record came.
    pub last_record_utc_ms: Option<i64>,
    /// Measured time between snapshots, milliseconds.
    pub period_ms: Option<u64>,
    /// Agents who are staffed.
    pub agents: u64,
    /// What it counted since it was made; connections and bytes are counted by the port.
    pub counters: FeedCounters,
}

/// Parser and snapshot engine of one port; lives over connections. Times are milliseconds since 1970 UTC.
pub trait FeedEngine: Send {
    /// States known before a restart, and until when they were confirmed. They are unknown until the feed confirms them:
    /// `lost` follows.
    fn restore(&mut self, known: Vec<LatestStatus>, confirmed_utc_ms: Option<i64>);
    /// A new connection feeds it now.
    fn connected(&mut self, now_utc_ms: i64, events: &mut Vec<LiveEvent>);
    /// Bytes came.
    fn receive(&mut self, bytes: &[u8], now_utc_ms: i64, events: &mut Vec<LiveEvent>);
    /// The connection ended.
    fn disconnected(&mut self, now_utc_ms: i64, events: &mut Vec<LiveEvent>);
    /// Time went by.
    fn tick(&mut self, now_utc_ms: i64, events: &mut Vec<LiveEvent>);
    /// When `tick` wants to be called at the latest.
    fn next_tick_utc_ms(&self) -> Option<i64>;
    /// Nothing is known any more.
    fn lost(&mut self, cause: LossCause, now_utc_ms: i64, events: &mut Vec<LiveEvent>);
    /// How it is.
    fn health(&self) -> Health;
}
