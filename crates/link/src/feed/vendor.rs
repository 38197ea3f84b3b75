//! The vendor whose feeds this program reads: Avaya CMS.

use super::engine::{FeedContext, FeedEngine, FeedProfile, Health, Vendor};
use crate::live_buffer::LatestStatus;
use floorwire_avaya_cms::feed::{self, Counters, Feed, HealthState, KnownAgent, Profile, ReadLine};
use floorwire_model::live::{LiveEvent, LossCause, ProfileFault};
use floorwire_protocol::live::{FeedCounters, FeedState, PreviewLine};
use std::sync::Arc;

/// Avaya CMS.
#[derive(Clone, Copy, Debug, Default)]
pub struct AvayaCms;

struct AvayaProfile(Arc<Profile>);

/// The vendor of this program.
pub fn vendor() -> Arc<dyn Vendor> {
    Arc::new(AvayaCms)
}

impl Vendor for AvayaCms {
    fn profile(&self, text: &str) -> Result<Arc<dyn FeedProfile>, Vec<ProfileFault>> {
        let profile = Profile::parse(text)?;
        Ok(Arc::new(AvayaProfile(Arc::new(profile))))
    }

    fn shipped(&self, name: &str) -> Option<String> {
        let shipped = feed::SHIPPED.iter().find(|shipped| shipped.name == name);
        shipped.map(|shipped| shipped.text.to_owned())
    }

    fn discover(&self, _capture: &[(i64, Vec<u8>)]) -> Option<String> {
        None
    }
}

impl FeedProfile for AvayaProfile {
    fn period_ms(&self) -> u64 {
        self.0.period_ms()
    }

    fn stale_after_ms(&self) -> u64 {
        self.0.stale_after_ms()
    }

    fn has_record(&self, bytes: &[u8]) -> bool {
        feed::has_record(&self.0, bytes)
    }

    fn preview(&self, lines: &[u8]) -> Vec<PreviewLine> {
        let told = |line: ReadLine| PreviewLine {
            text: line.text,
            reading: line.reading.to_owned(),
            fields: line
                .fields
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        };
        feed::preview(&self.0, lines)
            .into_iter()
            .map(told)
            .collect()
    }

    fn feed(&self, context: FeedContext) -> Box<dyn FeedEngine> {
        let context = feed::FeedContext {
            port: context.port,
            acd: context.acd,
            scope: context.scope,
            generic_absence: context.generic_absence,
        };
        Box::new(Feed::new(Arc::clone(&self.0), context))
    }
}

impl FeedEngine for Feed {
    fn restore(&mut self, known: Vec<LatestStatus>, confirmed_utc_ms: Option<i64>) {
        let agent = |known: LatestStatus| KnownAgent {
            acd: known.acd,
            login: known.login,
            since_utc_ms: known.since_utc_ms,
            status: known.status,
        };
        Feed::restore(self, known.into_iter().map(agent));
        self.restore_confirmation(confirmed_utc_ms);
    }

    fn connected(&mut self, now_utc_ms: i64, events: &mut Vec<LiveEvent>) {
        Feed::connected(self, now_utc_ms, events);
    }

    fn receive(&mut self, bytes: &[u8], now_utc_ms: i64, events: &mut Vec<LiveEvent>) {
        Feed::receive(self, bytes, now_utc_ms, events);
    }

    fn disconnected(&mut self, now_utc_ms: i64, events: &mut Vec<LiveEvent>) {
        Feed::disconnected(self, now_utc_ms, events);
    }

    fn tick(&mut self, now_utc_ms: i64, events: &mut Vec<LiveEvent>) {
        Feed::tick(self, now_utc_ms, events);
    }

    fn next_tick_utc_ms(&self) -> Option<i64> {
        Feed::next_tick_utc_ms(self)
    }

    fn lost(&mut self, cause: LossCause, now_utc_ms: i64, events: &mut Vec<LiveEvent>) {
        Feed::lost(self, cause, now_utc_ms, events);
    }

    fn health(&self) -> Health {
        let health = Feed::health(self);
        Health {
            state: match health.state {
                HealthState::Listening => FeedState::Listening,
                HealthState::Connected => FeedState::Connected,
                HealthState::Receiving => FeedState::Receiving,
                HealthState::Lost { cause } => FeedState::Lost { cause },
            },
            confirmed_utc_ms: health.confirmed_utc_ms,
            last_record_utc_ms: health.last_record_utc_ms,
            period_ms: health.period_ms,
            agents: health.agents,
            counters: counters(health.counters),
        }
    }
}

/// Connections and bytes are counted by the port.
fn counters(counted: Counters) -> FeedCounters {
    FeedCounters {
        connections: 0,
        refused_connections: 0,
        bytes: 0,
        lines: counted.lines,
        skipped: counted.skipped,
        records: counted.records,
        rejected: counted
            .rejected
            .into_iter()
            .map(|(reason, count)| (reason.to_owned(), count))
            .collect(),
        unknown_codes: counted.unknown_codes,
        snapshots: counted.snapshots,
        truncated_snapshots: counted.truncated_snapshots,
        out_of_scope: counted.out_of_scope,
        events: counted.events,
    }
}
