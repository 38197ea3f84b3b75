//! From records to changes: what differs from what was known, and what absence means.
//!
//! **Snapshots.** A snapshot ends with its footer, with the header of the next, with the connection (when the sender connects for each),
//! with an agent who comes again, or in silence. Where the profile has a footer, only the footer makes it whole. Silence alone is no
//! proof, since a sender may stall: a snapshot that ended in silence is whole when everybody known was in it, else when an agent comes
//! again; agents that come after the silence without anybody coming again belong to it still. Only whole snapshots confirm, and only
//! they count who is absent: [`Limits::absent_snapshots`](super::profile::Limits) of them log an agent out, since the first. Snapshots
//! with lines that could not be read count a tenth, as such a line may be the agent's.
//!
//! **Positive evidence** (a record) counts at once where an agent has one row, else at the end of the whole snapshot.
//!
//! **Loss.** Nothing is known any more when the feed is stale, frozen, suddenly (nearly) empty, or shows most agents in *Other*. One
//! event says so; the next whole snapshot, or with changes only each record, reports everybody anew. Nothing of this logs anybody out.
//!
//! Agents outside the scope are followed in memory (an agent that comes again ends a snapshot, whoever it is) but appear in no event.

mod acd;
mod agent;
mod apply;
mod hashing;
mod snapshot;
mod texts;

use super::health::{Counters, HealthState};
use super::profile::{Mode, Profile};
use super::record::Record;
use acd::AcdState;
use agent::Observed;
use floorwire_model::agents::WorkState;
use floorwire_model::agents::scope::AgentScope;
use floorwire_model::ids::AcdNumber;
use floorwire_model::live::{LiveChange, LiveEvent, LiveStatus, LossCause};
use snapshot::{Period, Snapshot};
use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::sync::Arc;
use texts::Texts;

/// What a feed is of.
#[derive(Clone, Debug)]
pub struct FeedContext {
    /// The port at which it arrives.
    pub port: u16,
    /// The ACD of records that do not name one.
    pub acd: AcdNumber,
    /// Whose statuses may be reported.
    pub scope: AgentScope,
    /// AUX reasons are dropped before anything is compared.
    pub generic_absence: bool,
}

/// A status that was reported before a restart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownAgent {
    /// The ACD.
    pub acd: AcdNumber,
    /// The login ID.
    pub login: String,
    /// Since when.
    pub since_utc_ms: i64,
    /// The status.
    pub status: LiveStatus,
}

/// For rows, whose hash stands for them: a careful hash, the same in every run.
type RowHashing = BuildHasherDefault<DefaultHasher>;
/// Most agents that are followed; a sender that invents login IDs must not fill the memory.
const MAX_AGENTS: usize = 200_000;
/// Records so soon after connecting tell what was already so, where only changes are told, milliseconds.
const RESYNC_MS: i64 = 2_000;

/// The engine of one port.
#[derive(Debug)]
pub struct Engine {
    profile: Arc<Profile>,
    context: FeedContext,
    acds: Vec<AcdState>,
    texts: Texts,
    snapshot: Snapshot,
    /// Rows of the snapshot by hash, with rows per skill.
    rows: HashMap<u64, u32, RowHashing>,
    period: Period,
    connected: bool,
    connected_utc_ms: i64,
    bytes_utc_ms: Option<i64>,
    confirmed_utc_ms: Option<i64>,
    /// When the first agent in *Other* has been so for its grace.
    other_due_utc_ms: Option<i64>,
}

impl Engine {
    pub fn new(profile: Arc<Profile>, context: FeedContext) -> Self {
        let acd = profile.identity.acd.unwrap_or(context.acd);
        Self {
            acds: vec![AcdState::new(acd, &context.scope)],
            profile,
            context,
            texts: Texts::default(),
            snapshot: Snapshot::default(),
            rows: HashMap::default(),
            period: Period::default(),
            connected: false,
            connected_utc_ms: 0,
            bytes_utc_ms: None,
            confirmed_utc_ms: None,
            other_due_utc_ms: None,
        }
    }

    pub fn restore(&mut self, known: KnownAgent) {
        let at = self.acd(known.acd);
        let observed = Observed::of_status(&known.status, &mut self.texts);
        if let Some(acd) = self.acds.get_mut(at)
            && acd.allows(&known.login, |_| true)
        {
            acd.restore(known, observed);
        }
    }

    pub fn restore_confirmation(&mut self, confirmed_utc_ms: Option<i64>) {
        self.confirmed_utc_ms = self.confirmed_utc_ms.max(confirmed_utc_ms);
    }

    pub fn connected(&mut self, now: i64, counters: &mut Counters, events: &mut Vec<LiveEvent>) {
        self.abandon(now, counters, events);
        if self.is_delta() && self.bytes_utc_ms.is_some() {
            // What changed in between was told to nobody.
            self.lose_known(LossCause::Disconnected, now, events);
        }
        self.connected = true;
        self.connected_utc_ms = now;
        self.snapshot.has_header = false;
    }

    pub fn disconnected(&mut self, now: i64, counters: &mut Counters, events: &mut Vec<LiveEvent>) {
        if self.profile.connection_per_snapshot
            && !self.profile.lines.has_end()
            && self.snapshot.rows > 0
        {
            let whole = self.header_is_fine();
            self.end(whole, None, now, counters, events);
        } else {
            self.abandon(now, counters, events);
        }
        self.connected = false;
    }

    pub fn bytes_came(&mut self, now: i64) {
        self.bytes_utc_ms = Some(now);
    }

    pub fn rejected(&mut self) {
        self.snapshot.rejected += 1;
    }

    /// The title of a snapshot.
    pub fn header(&mut self, now: i64, counters: &mut Counters, events: &mut Vec<LiveEvent>) {
        if self.is_delta() {
            return;
        }
        if self.snapshot.is_open() {
            let whole = !self.profile.lines.has_end() && self.snapshot.has_header;
            self.end(whole, None, now, counters, events);
        }
        self.snapshot.begin(now);
        self.snapshot.has_header = true;
        self.snapshot.last_row_utc_ms = now;
    }

    /// The last line of a snapshot.
    pub fn footer(
        &mut self,
        rows: Option<u64>,
        now: i64,
        counters: &mut Counters,
        events: &mut Vec<LiveEvent>,
    ) {
        if self.is_delta() {
            return;
        }
        if !self.snapshot.is_open() {
            let too_soon = self.period.is_too_soon(now, self.profile.period_ms);
            if self.profile.lines.header.is_some() || too_soon {
                return; // An empty line more.
            }
            self.snapshot.begin(now);
        }
        self.snapshot.last_row_utc_ms = now;
        // A line that could not be read is a record or none.
        let most = self.snapshot.rows + self.snapshot.rejected;
        let counted = self.snapshot.rows..=most;
        let whole = self.header_is_fine() && rows.is_none_or(|rows| counted.contains(&rows));
        self.end(whole, None, now, counters, events);
    }

    pub fn record(
        &mut self,
        record: &Record<'_>,
        now: i64,
        counters: &mut Counters,
        events: &mut Vec<LiveEvent>,
    ) {
        let at = self.acd(record.acd.unwrap_or(self.context.acd));
        let observed =
            Observed::of_record(record, self.context.generic_absence, &mut self.texts, now);
        if self.is_delta() {
            self.change(at, record, observed, counters, events);
            return;
        }
        let is_there = self.end_if_repeated(at, record, now, counters, events);
        if !self.snapshot.is_open() {
            self.snapshot.begin(now);
        }
        self.snapshot.rows += 1;
        self.snapshot.last_row_utc_ms = now;
        self.snapshot.hash(record, &observed);
        let segment = self.snapshot.segment;
        let per_skill = self.profile.rows_per_skill;
        let rank = |observed: &Observed| self.profile.rank(observed.state);
        let Some(acd) = self.acds.get_mut(at) else {
            return;
        };
        let (first, generation) = (self.snapshot.first_segment, acd.generation);
        let is_known = acd.known;
        let Some(agent) = acd.agent(record, is_there, MAX_AGENTS) else {
            return;
        };
        let is_first_row = agent.segment < first;
        if !per_skill || is_first_row || observed.is_stronger(&agent.now, rank) {
            agent.now = observed;
        }
        agent.segment = segment;
        if !agent.in_scope {
            counters.out_of_scope += 1;
            return;
        }
        agent.see_name(record);
        if per_skill || !is_known {
            return;
        }
        if !agent.goes_on(generation) {
            self.apply(at, record.login, now, true, events);
        }
    }

    /// One change of a feed that tells nothing else.
    fn change(
        &mut self,
        at: usize,
        record: &Record<'_>,
        observed: Observed,
        counters: &mut Counters,
        events: &mut Vec<LiveEvent>,
    ) {
        let now = observed.received_utc_ms;
        let Some(acd) = self.acds.get_mut(at) else {
            return;
        };
        if acd.lost == Some(LossCause::SwitchLink) && observed.state == WorkState::Other {
            return;
        }
        let Some(agent) = acd.agent(record, false, MAX_AGENTS) else {
            return;
        };
        agent.now = observed;
        if !agent.in_scope {
            counters.out_of_scope += 1;
            return;
        }
        agent.see_name(record);
        acd.known = true;
        acd.lost = None;
        self.confirmed_utc_ms = Some(now);
        self.apply(at, record.login, now, true, events);
        self.other_in_changes(at, now, events);
    }

    fn acd(&mut self, number: AcdNumber) -> usize {
        if let Some(at) = self.acds.iter().position(|acd| acd.number == number) {
            return at;
        }
        self.acds.push(AcdState::new(number, &self.context.scope));
        self.acds.len() - 1
    }

    fn is_delta(&self) -> bool {
        self.profile.mode == Mode::Delta
    }

    /// A snapshot that should begin with a header did.
    fn header_is_fine(&self) -> bool {
        self.profile.lines.header.is_none() || self.snapshot.has_header
    }

    /// Ends a snapshot because its connection ended. Without marks it is whole when everybody known was in it; one that ended in silence
    /// before waits for the first record of the next connection, as it would have waited for that of this one.
    fn abandon(&mut self, now: i64, counters: &mut Counters, events: &mut Vec<LiveEvent>) {
        if !self.snapshot.is_open() {
            return;
        }
        let lines = &self.profile.lines;
        let is_unmarked = !lines.has_end() && lines.header.is_none();
        if is_unmarked && self.snapshot.ended_in_silence() {
            return;
        }
        let whole = is_unmarked && self.snapshot.rows > 0 && self.everybody_seen();
        self.end(whole, None, now, counters, events);
    }

    /// Ends the snapshot when the record's agent (or agent and skill) was in it already. True when the agent is certainly followed.
    fn end_if_repeated(
        &mut self,
        at: usize,
        record: &Record<'_>,
        now: i64,
        counters: &mut Counters,
        events: &mut Vec<LiveEvent>,
    ) -> bool {
        let (first, segment) = (self.snapshot.first_segment, self.snapshot.segment);
        let number = self.acds.get(at).map(|acd| acd.number);
        let before = match self.profile.rows_per_skill {
            true => {
                let hash = self
                    .rows
                    .hasher()
                    .hash_one((number, record.login, record.row_skill));
                self.rows.insert(hash, segment)
            }
            false => self
                .acds
                .get(at)
                .and_then(|acd| acd.segment_of(record.login)),
        };
        let is_there = before.is_some() && !self.profile.rows_per_skill;
        let Some(before) = before.filter(|before| *before >= first && self.snapshot.is_open())
        else {
            return is_there;
        };
        let lines = &self.profile.lines;
        let whole = !lines.has_end() && lines.header.is_none();
        let upto = (before < segment).then(|| segment - 1);
        self.end(whole, upto, now, counters, events);
        if self.profile.rows_per_skill {
            let first = self.snapshot.first_segment;
            let segment = self.snapshot.segment;
            self.rows.retain(|_, of| *of >= first);
            let hash = self
                .rows
                .hasher()
                .hash_one((number, record.login, record.row_skill));
            self.rows.insert(hash, segment);
        }
        false
    }

    pub fn state(&self) -> HealthState {
        let lost = self.acds.iter().find_map(|acd| acd.lost);
        match (self.acds.iter().any(|acd| acd.known), lost) {
            (true, _) => HealthState::Receiving,
            (false, Some(cause)) => HealthState::Lost { cause },
            (false, None) if self.connected => HealthState::Connected,
            (false, None) => HealthState::Listening,
        }
    }

    pub fn confirmed_utc_ms(&self) -> Option<i64> {
        match self.is_delta() && self.acds.iter().any(|acd| acd.known) && self.connected {
            true => self.bytes_utc_ms.max(self.confirmed_utc_ms),
            false => self.confirmed_utc_ms,
        }
    }

    pub fn measured_period_ms(&self) -> Option<u64> {
        self.period.measured_ms()
    }

    pub fn agents(&self) -> u64 {
        self.acds.iter().map(|acd| acd.staffed_in_scope()).sum()
    }

    /// Nothing is known any more, says the caller.
    pub fn lose_all(&mut self, cause: LossCause, now: i64, events: &mut Vec<LiveEvent>) {
        let confirmed = self.confirmed_utc_ms();
        for at in 0..self.acds.len() {
            self.lose(at, cause, confirmed, now, events);
        }
        self.snapshot.close();
        self.rows.clear();
    }

    /// As [`Self::lose_all`], of ACDs of which something is known.
    fn lose_known(&mut self, cause: LossCause, now: i64, events: &mut Vec<LiveEvent>) {
        let confirmed = self.confirmed_utc_ms();
        for at in 0..self.acds.len() {
            if self.acds.get(at).is_some_and(|acd| acd.known) {
                self.lose(at, cause, confirmed, now, events);
            }
        }
    }

    /// Tells a loss once, until something is known again.
    fn lose(
        &mut self,
        at: usize,
        cause: LossCause,
        confirmed_utc_ms: Option<i64>,
        now: i64,
        events: &mut Vec<LiveEvent>,
    ) {
        let Some(acd) = self.acds.get_mut(at) else {
            return;
        };
        let is_news = acd.known || !acd.told_lost;
        acd.forget(cause, confirmed_utc_ms);
        if is_news {
            events.push(LiveEvent {
                port: self.context.port,
                acd: acd.number,
                received_utc_ms: now,
                change: LiveChange::Lost {
                    confirmed_utc_ms,
                    cause,
                },
            });
        }
    }
}
