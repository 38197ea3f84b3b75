//! The real-time feed: bytes of a TCP connection in, changes of agents' statuses out.
//!
//! Nobody has published the format of this feed: a CMS sends what was set up at the site. So a [`Profile`] says how lines become
//! records, and this module knows how such feeds behave: they repeat everything every few seconds (or tell changes only), die in the
//! middle of a line, freeze, come up empty, or show everybody in *Other* while the switch is away.
//!
//! Constraints: pure (no clock, sockets, files; the caller gives bytes and the time), no allocation per record once agents are known,
//! bounded memory, and any split of a stream into reads gives the same events. A line that cannot be read is counted and sampled; it
//! never stops the feed, and it never logs anybody out.
//!
//! [`Feed`] is the parser and the engine of one port. It lives over connections; [`Feed::restore`] and [`Feed::lost`] take it over a
//! restart of the Link. The sequence of a line: `framing` cuts it off, `text` cleans and decodes it, `fields` cuts it into fields,
//! `record` gives them their meaning by the `codes`, `engine` compares it with what was known.

mod codes;
mod duration;
mod engine;
mod fields;
mod framing;
mod fuzzing;
mod health;
mod preview;
mod profile;
mod pseudonym;
mod record;
#[cfg(test)]
mod tests;
mod text;

pub use engine::{FeedContext, KnownAgent};
pub use fuzzing::fuzz;
pub use health::{Counters, Health, HealthState, RejectedSample};
pub use preview::{ReadLine, has_record, preview};
pub use profile::{Mode, Profile, SHIPPED};

use engine::Engine;
use fields::Reject;
use floorwire_model::live::{LiveEvent, LossCause};
use framing::{Framed, Framer};
use health::Samples;
use pseudonym::Pseudonyms;
use record::{Reader, Reading};
use std::sync::Arc;

/// Parser and snapshot engine of one port; lives over connections. All times are milliseconds since 1970 UTC by the caller's clock.
#[derive(Debug)]
pub struct Feed {
    profile: Arc<Profile>,
    framer: Framer,
    lines: Lines,
}

/// All but the framing, so that a line can be borrowed from the framer while it is read.
#[derive(Debug)]
struct Lines {
    reader: Reader,
    engine: Engine,
    counters: Counters,
    samples: Samples,
    pseudonyms: Pseudonyms,
    last_record_utc_ms: Option<i64>,
}

impl Feed {
    /// A feed that has seen nothing.
    pub fn new(profile: Arc<Profile>, context: FeedContext) -> Self {
        Self {
            framer: Framer::new(&profile),
            lines: Lines {
                reader: Reader::default(),
                engine: Engine::new(Arc::clone(&profile), context),
                counters: Counters::default(),
                samples: Samples::default(),
                pseudonyms: Pseudonyms::default(),
                last_record_utc_ms: None,
            },
            profile,
        }
    }

    /// The profile it reads by.
    pub fn profile(&self) -> &Arc<Profile> {
        &self.profile
    }

    /// States known before a restart: so that who vanished meanwhile is logged out, and who did not change is only confirmed. To be
    /// followed by [`Self::lost`] when the Hub has not been told that nothing is known.
    pub fn restore(&mut self, known: impl IntoIterator<Item = KnownAgent>) {
        for agent in known {
            self.lines.engine.restore(agent);
        }
    }

    /// Until when the restored states were confirmed, for the [`LiveChange::Lost`](floorwire_model::live::LiveChange::Lost) that follows.
    pub fn restore_confirmation(&mut self, confirmed_utc_ms: Option<i64>) {
        self.lines.engine.restore_confirmation(confirmed_utc_ms);
    }

    /// A (new) connection feeds it from now on. What the former one left unfinished is dropped.
    pub fn connected(&mut self, now_utc_ms: i64, events: &mut Vec<LiveEvent>) {
        let before = events.len();
        self.framer.reset();
        self.lines
            .engine
            .connected(now_utc_ms, &mut self.lines.counters, events);
        self.count(before, events);
    }

    /// Bytes of the connection, as they come.
    pub fn receive(&mut self, bytes: &[u8], now_utc_ms: i64, events: &mut Vec<LiveEvent>) {
        let before = events.len();
        let (profile, lines) = (&*self.profile, &mut self.lines);
        lines.counters.bytes += bytes.len() as u64;
        lines.engine.bytes_came(now_utc_ms);
        self.framer.push(bytes, &mut |framed| {
            lines.take(profile, framed, now_utc_ms, events)
        });
        self.count(before, events);
    }

    /// The connection ended. Who is known stays known until the feed is stale.
    pub fn disconnected(&mut self, now_utc_ms: i64, events: &mut Vec<LiveEvent>) {
        let before = events.len();
        let (profile, lines) = (&*self.profile, &mut self.lines);
        let tail = self.framer.tail();
        if !tail.is_empty() {
            lines.take_tail(profile, tail, now_utc_ms, events);
        }
        self.framer.reset();
        lines
            .engine
            .disconnected(now_utc_ms, &mut lines.counters, events);
        self.count(before, events);
    }

    /// Lets time pass: ends of snapshots by silence, the grace of *Other*, staleness.
    pub fn tick(&mut self, now_utc_ms: i64, events: &mut Vec<LiveEvent>) {
        let before = events.len();
        let in_line = !self.framer.tail().is_empty();
        self.lines
            .engine
            .tick(now_utc_ms, in_line, &mut self.lines.counters, events);
        self.count(before, events);
    }

    /// When [`Self::tick`] wants to be called at the latest; `None`: nothing is waited for.
    pub fn next_tick_utc_ms(&self) -> Option<i64> {
        self.lines
            .engine
            .next_tick_utc_ms(!self.framer.tail().is_empty())
    }

    /// The caller says that nothing is known any more: the port is closed, the configuration changed.
    pub fn lost(&mut self, cause: LossCause, now_utc_ms: i64, events: &mut Vec<LiveEvent>) {
        let before = events.len();
        self.lines.engine.lose_all(cause, now_utc_ms, events);
        self.count(before, events);
    }

    /// How it is.
    pub fn health(&self) -> Health {
        let engine = &self.lines.engine;
        Health {
            state: engine.state(),
            confirmed_utc_ms: engine.confirmed_utc_ms(),
            last_record_utc_ms: self.lines.last_record_utc_ms,
            period_ms: engine.measured_period_ms(),
            agents: engine.agents(),
            counters: self.lines.counters.clone(),
        }
    }

    /// The latest lines that could not be understood, oldest first.
    pub fn samples(&self) -> impl Iterator<Item = &RejectedSample> {
        self.lines.samples.iter()
    }

    fn count(&mut self, before: usize, events: &[LiveEvent]) {
        self.lines.counters.events += (events.len() - before) as u64;
    }
}

impl Lines {
    fn take(
        &mut self,
        profile: &Profile,
        framed: Framed<'_>,
        now: i64,
        events: &mut Vec<LiveEvent>,
    ) {
        self.counters.lines += 1;
        let Framed::Line(line) = framed else {
            self.reject(profile, Reject::TooLong, "", None, now);
            return;
        };
        let mut reader = std::mem::take(&mut self.reader);
        let read = reader.read(profile, line);
        match read.reading {
            Reading::Record(record) => {
                self.counters.records += 1;
                self.counters.unknown_codes += u64::from(record.unknown_codes);
                self.last_record_utc_ms = Some(now);
                self.engine.record(&record, now, &mut self.counters, events);
            }
            Reading::Header => {
                self.counters.skipped += 1;
                self.engine.header(now, &mut self.counters, events);
            }
            Reading::Footer { rows } => {
                self.counters.skipped += 1;
                self.engine.footer(rows, now, &mut self.counters, events);
            }
            Reading::Blank | Reading::Skipped => self.counters.skipped += 1,
            Reading::Rejected(reject) => self.reject(profile, reject, read.text, read.login, now),
        }
        self.reader = reader;
    }

    /// What came without an end before the connection ended: a record only when it has exactly the fields of one.
    fn take_tail(&mut self, profile: &Profile, tail: &[u8], now: i64, events: &mut Vec<LiveEvent>) {
        if profile.has_exact_fields() && has_record_line(profile, tail) {
            self.take(profile, Framed::Line(tail), now, events);
            return;
        }
        self.counters.lines += 1;
        let mut reader = std::mem::take(&mut self.reader);
        let read = reader.read(profile, tail);
        self.reject(profile, Reject::CutOff, read.text, read.login, now);
        self.reader = reader;
    }

    fn reject(
        &mut self,
        profile: &Profile,
        reject: Reject,
        text: &str,
        login: Option<(usize, usize)>,
        now: i64,
    ) {
        let reason = reject.as_str();
        *self.counters.rejected.entry(reason).or_default() += 1;
        self.engine.rejected();
        if self.samples.wants(reason, now) {
            let text = self.pseudonyms.line(profile, text, &[login]);
            self.samples.keep(RejectedSample {
                received_utc_ms: now,
                reason,
                text,
            });
        }
    }
}

fn has_record_line(profile: &Profile, line: &[u8]) -> bool {
    matches!(
        Reader::default().read(profile, line).reading,
        Reading::Record(_)
    )
}
