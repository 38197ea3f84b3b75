//! The snapshot in progress, its end, and what it says of those who are not in it.

use super::agent::Observed;
use super::{AcdState, Engine};
use crate::feed::health::Counters;
use crate::feed::record::Record;
use floorwire_model::agents::WorkState;
use floorwire_model::live::{LiveEvent, LossCause, Since};
use std::collections::VecDeque;

/// Snapshots measured.
const MEASURED: usize = 9;
/// Equal durations say that a feed is frozen only when they should have grown by some seconds, milliseconds.
const FROZEN_MS: i64 = 3_000;
/// Snapshots with lines that could not be read count so many times less against an agent who is not in them.
const DAMAGED_WEIGHT: u32 = 10;
/// Two agents who vanish together and leave nobody are suspicious.
const EMPTY_MINIMUM: u32 = 2;

/// The snapshot in progress. Segments are numbered on; silence begins a new one.
#[derive(Debug, Default)]
pub struct Snapshot {
    pub first_segment: u32,
    pub segment: u32,
    /// Records, and lines that could not be read.
    pub rows: u64,
    pub rejected: u64,
    pub has_header: bool,
    pub began_utc_ms: Option<i64>,
    pub last_row_utc_ms: i64,
    /// End and beginning of the records before and after the last silence.
    silence: Option<(i64, Option<i64>)>,
    content: u64,
    durations: u64,
    grows: bool,
    before: Option<Content>,
}

/// What the last whole snapshot held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Content {
    hash: u64,
    durations: u64,
    /// The end of the first snapshot with it, and how many have had it.
    since_utc_ms: i64,
    times: u32,
}

impl Snapshot {
    pub fn is_open(&self) -> bool {
        self.began_utc_ms.is_some()
    }

    pub fn begin(&mut self, now: i64) {
        self.segment += 1;
        self.first_segment = self.segment;
        self.began_utc_ms = Some(now);
        self.silence = None;
    }

    /// Nothing came for a while, and nothing since.
    pub fn ended_in_silence(&self) -> bool {
        matches!(self.silence, Some((_, None)))
    }

    /// Forgets it; the next one begins with the next row.
    pub fn close(&mut self) {
        self.began_utc_ms = None;
        self.has_header = false;
        self.rows = 0;
        self.rejected = 0;
        self.content = 0;
        self.durations = 0;
        self.grows = false;
        self.silence = None;
    }

    pub fn hash(&mut self, record: &Record<'_>, observed: &Observed) {
        let mut hash = self.content;
        for chunk in record.login.as_bytes().chunks(8) {
            let mut word = [0_u8; 8];
            for (slot, byte) in word.iter_mut().zip(chunk) {
                *slot = *byte;
            }
            hash = mixed(hash, u64::from_le_bytes(word));
        }
        let direction = observed
            .direction
            .map_or(0, |direction| direction as u64 + 1);
        let reason = observed
            .reason
            .map_or(0, |reason| u64::from(reason.unsigned_abs()) + 1);
        let small = (observed.state as u64) | direction << 8 | reason << 16;
        hash = mixed(hash, small);
        self.content = mixed(
            hash,
            u64::from(observed.skill.0) << 32 | u64::from(observed.raw.0),
        );
        if let Some(seconds) = observed.duration_s {
            self.durations = mixed(self.durations, seconds);
            self.grows |= seconds > 0 && observed.state != WorkState::Unstaffed;
        }
        if let Some((_, after @ None)) = &mut self.silence {
            *after = Some(observed.received_utc_ms);
        }
    }
}

/// One step of a hash that is quick and the same in every run.
pub fn mixed(hash: u64, word: u64) -> u64 {
    (hash.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Starts of whole snapshots.
#[derive(Debug, Default)]
pub struct Period {
    starts: VecDeque<i64>,
    counted_utc_ms: Option<i64>,
}

impl Period {
    fn saw(&mut self, start: i64) {
        if self.starts.back().is_some_and(|last| start <= *last) {
            return; // Two at once say nothing of the time between.
        }
        self.starts.push_back(start);
        if self.starts.len() > MEASURED {
            self.starts.pop_front();
        }
    }

    /// The median.
    pub fn measured_ms(&self) -> Option<u64> {
        let later = self.starts.iter().skip(1);
        let mut between: Vec<i64> = self.starts.iter().zip(later).map(|(a, b)| b - a).collect();
        between.sort_unstable();
        between.get(between.len() / 2).map(|ms| ms.unsigned_abs())
    }

    /// Whether a snapshot that begins now follows the last so closely that it is none of its own.
    pub fn is_too_soon(&self, now: i64, period_ms: i64) -> bool {
        self.starts
            .back()
            .is_some_and(|last| now - last < period_ms * 3 / 10)
    }

    /// Whether absence from a snapshot counts: several that come together count as one.
    fn counts(&mut self, start: i64, period_ms: i64) -> bool {
        let counts = self
            .counted_utc_ms
            .is_none_or(|last| start - last >= period_ms * 3 / 10 || start < last);
        if counts {
            self.counted_utc_ms = Some(start);
        }
        counts
    }
}

/// Agents of one ACD in a snapshot, in scope or not.
#[derive(Clone, Copy, Debug, Default)]
struct Counted {
    staffed: u32,
    unstaffed: u32,
    other: u32,
}

/// What a snapshot that ended says of one ACD.
struct Ended {
    from: u32,
    upto: u32,
    began: i64,
    ended: i64,
    is_damaged: bool,
    counts: bool,
}

impl Engine {
    /// The last segment that belongs to a snapshot that ended.
    pub(super) fn concluded_segment(&self) -> u32 {
        match self.snapshot.is_open() {
            true => self.snapshot.first_segment - 1,
            false => u32::MAX,
        }
    }

    /// Ends the snapshot in progress. `upto`: the last segment that belongs to it; later ones begin the next.
    pub(super) fn end(
        &mut self,
        whole: bool,
        upto: Option<u32>,
        now: i64,
        counters: &mut Counters,
        events: &mut Vec<LiveEvent>,
    ) {
        let snapshot = &mut self.snapshot;
        let Some(began) = snapshot.began_utc_ms else {
            return;
        };
        let goes_on = upto.and(snapshot.silence);
        let ended = Ended {
            from: snapshot.first_segment,
            upto: upto.unwrap_or(snapshot.segment),
            began,
            ended: goes_on.map_or(snapshot.last_row_utc_ms, |(before, _)| before),
            is_damaged: snapshot.rejected > 0,
            counts: false,
        };
        let is_readable = snapshot.rows >= snapshot.rejected;
        let content = (snapshot.content, snapshot.durations, snapshot.grows);
        let rows = snapshot.rows;
        snapshot.close();
        if let (Some(upto), Some((_, after))) = (upto, goes_on) {
            snapshot.first_segment = upto + 1;
            // Where nothing came yet after the silence, the record that ends this one begins the next.
            snapshot.began_utc_ms = Some(after.unwrap_or(now));
        }
        if !self.profile.rows_per_skill || upto.is_none() {
            self.rows.clear();
        }
        if !(whole && is_readable) {
            counters.truncated_snapshots += 1;
            self.other_to_be_looked_at();
            return;
        }
        counters.snapshots += 1;
        self.period.saw(ended.began);
        let ended = Ended {
            counts: self.period.counts(ended.began, self.profile.period_ms),
            ..ended
        };
        let frozen_since = self.frozen_since(rows, content, ended.ended);
        if let Some(since) = frozen_since {
            for at in 0..self.acds.len() {
                self.lose(at, LossCause::Frozen, Some(since), now, events);
            }
            return;
        }
        let mut confirms = false;
        for at in 0..self.acds.len() {
            confirms |= self.end_of_acd(at, &ended, now, events);
        }
        if confirms {
            self.confirmed_utc_ms = Some(ended.ended);
        }
        self.other_to_be_looked_at();
        self.other_lasted(now, events);
    }

    /// Since when the content has been the same while it should have changed.
    fn frozen_since(
        &mut self,
        rows: u64,
        (hash, durations, grows): (u64, u64, bool),
        ended: i64,
    ) -> Option<i64> {
        let limits = &self.profile.limits;
        let content = match self.snapshot.before {
            Some(before) if before.hash == hash && before.durations == durations && rows > 0 => {
                Content {
                    times: before.times.saturating_add(1),
                    ..before
                }
            }
            _ => Content {
                hash,
                durations,
                since_utc_ms: ended,
                times: 1,
            },
        };
        self.snapshot.before = Some(content);
        let lasted = ended - content.since_utc_ms;
        let is_frozen = match grows {
            true => content.times >= limits.frozen_snapshots && lasted >= FROZEN_MS,
            // Without durations nothing must change: only the profile can say for how long that is possible.
            false => limits.frozen_after_ms > 0 && rows > 0 && lasted >= limits.frozen_after_ms,
        };
        is_frozen.then_some(content.since_utc_ms)
    }

    /// Whether the snapshot confirms what is known of the ACD.
    fn end_of_acd(
        &mut self,
        at: usize,
        ended: &Ended,
        now: i64,
        events: &mut Vec<LiveEvent>,
    ) -> bool {
        let limits = self.profile.limits;
        let confirmed = self.confirmed_utc_ms;
        let Some(acd) = self.acds.get_mut(at) else {
            return false;
        };
        let counted = counted(acd, ended);
        if counted.other >= limits.drop_minimum && counted.other * 2 > counted.staffed {
            self.lose(at, LossCause::SwitchLink, confirmed, now, events);
            return false;
        }
        let is_stale =
            confirmed.is_none_or(|last| ended.ended - last > limits.drop_accept_ms.max(60_000));
        if !is_stale
            && is_suspicious(
                acd.reference,
                counted,
                limits.drop_percent,
                limits.drop_minimum,
            )
        {
            let (since, times) = acd.dropped.map_or((ended.began, 1), |(since, times)| {
                (since, times + u32::from(ended.counts))
            });
            acd.dropped = Some((since, times));
            let is_empty = counted.staffed + counted.unstaffed == 0;
            let is_believed = limits.drop_accept_ms > 0
                && !is_empty
                && ended.ended - since >= limits.drop_accept_ms;
            if !is_believed {
                if times >= limits.absent_snapshots {
                    self.lose(at, LossCause::Emptied, confirmed, now, events);
                }
                return false;
            }
        }
        acd.dropped = None;
        acd.reference = (counted.staffed, counted.unstaffed);
        let was_known = acd.known;
        acd.known = true;
        acd.lost = None;
        if !was_known || self.profile.rows_per_skill {
            let mut seen: Vec<Box<str>> = Vec::new();
            for (login, agent) in &acd.agents {
                let is_new = !was_known
                    || agent.pending.is_some()
                    || agent.absent_since_utc_ms.is_some()
                    || agent
                        .shown
                        .as_ref()
                        .is_none_or(|shown| !shown.is_same(&agent.now))
                    || agent.generation != acd.generation;
                if agent.in_scope && agent.segment >= ended.from && is_new {
                    seen.push(login.clone());
                }
            }
            seen.sort_unstable();
            for login in seen {
                self.apply(at, &login, now, was_known, events);
            }
            self.seen_again(at, ended);
        }
        self.absent(at, ended, now, events);
        true
    }

    /// Statuses that went on were seen until now.
    fn seen_again(&mut self, at: usize, ended: &Ended) {
        for agent in self
            .acds
            .iter_mut()
            .skip(at)
            .take(1)
            .flat_map(|acd| acd.agents.values_mut())
        {
            if agent.segment >= ended.from
                && agent
                    .shown
                    .as_ref()
                    .is_some_and(|shown| shown.is_same(&agent.now))
            {
                agent.seen_utc_ms = agent.now.received_utc_ms;
            }
        }
    }

    /// Counts who is not in the snapshot, and logs out who was in none of several.
    fn absent(&mut self, at: usize, ended: &Ended, now: i64, events: &mut Vec<LiveEvent>) {
        let limit = self.profile.limits.absent_snapshots;
        let mut gone: Vec<(Box<str>, i64)> = Vec::new();
        let Some(acd) = self.acds.get_mut(at) else {
            return;
        };
        acd.agents.retain(|login, agent| {
            if agent.segment >= ended.from {
                agent.is_back();
                return true;
            }
            let since = *agent.absent_since_utc_ms.get_or_insert(ended.began);
            agent.pending = None;
            if ended.counts {
                agent.absent += 1;
                agent.absent_clean += u32::from(!ended.is_damaged);
            }
            if agent.absent_clean < limit && agent.absent < limit.saturating_mul(DAMAGED_WEIGHT) {
                return true;
            }
            let was_told = agent.in_scope && agent.is_staffed();
            if was_told {
                gone.push((login.clone(), since));
            }
            was_told
        });
        gone.sort_unstable();
        for (login, since) in gone {
            if let Some(agent) = self
                .acds
                .get_mut(at)
                .and_then(|acd| acd.agents.get_mut(&login))
            {
                agent.now = Observed {
                    received_utc_ms: since,
                    ..Observed::nothing()
                };
                agent.is_back();
            }
            self.report(at, &login, since, Since::Receipt, now, events);
        }
    }

    /// Lets time pass. `in_line`: a line is not whole yet, so that silence ends nothing.
    pub fn tick(
        &mut self,
        now: i64,
        in_line: bool,
        counters: &mut Counters,
        events: &mut Vec<LiveEvent>,
    ) {
        if self.idle_end_utc_ms(in_line).is_some_and(|end| end <= now) {
            let is_whole = self.header_is_fine() && self.everybody_seen();
            if is_whole {
                self.end(true, None, now, counters, events);
            } else {
                self.snapshot.silence = Some((self.snapshot.last_row_utc_ms, None));
                self.snapshot.segment += 1;
            }
        }
        self.other_lasted(now, events);
        if self.stale_utc_ms().is_some_and(|at| at <= now) {
            let cause = match self.connected {
                true => LossCause::Silent,
                false => LossCause::Disconnected,
            };
            self.lose_known(cause, now, events);
        }
    }

    /// Whether everybody known is in the snapshot in progress.
    pub(super) fn everybody_seen(&self) -> bool {
        let from = self.snapshot.first_segment;
        self.acds.iter().all(|acd| everybody_seen(acd, from))
    }

    pub fn next_tick_utc_ms(&self, in_line: bool) -> Option<i64> {
        let other = self.other_due_utc_ms.filter(|_| {
            let concluded = self.concluded_segment();
            let agents = self.acds.iter().flat_map(|acd| acd.agents.values());
            agents
                .filter(|agent| agent.pending.is_some())
                .any(|agent| agent.segment <= concluded)
        });
        [self.idle_end_utc_ms(in_line), other, self.stale_utc_ms()]
            .into_iter()
            .flatten()
            .min()
    }

    /// When silence may end the snapshot.
    fn idle_end_utc_ms(&self, in_line: bool) -> Option<i64> {
        let snapshot = &self.snapshot;
        let is_marked = snapshot.ended_in_silence();
        let waits = snapshot.is_open()
            && snapshot.rows > 0
            && !in_line
            && !is_marked
            && !self.profile.lines.has_end()
            && !self.is_delta();
        waits.then(|| snapshot.last_row_utc_ms + self.profile.limits.idle_end_ms)
    }

    fn stale_utc_ms(&self) -> Option<i64> {
        if !self.acds.iter().any(|acd| acd.known) {
            return None;
        }
        let limit = match self.is_delta() && !self.connected {
            // A lost connection of changes is waited for no longer than one of snapshots.
            true => self
                .profile
                .limits
                .stale_after_ms
                .min((3 * self.profile.period_ms).max(30_000)),
            false => self.profile.limits.stale_after_ms,
        };
        let last = match self.is_delta() {
            true => self.bytes_utc_ms.max(self.confirmed_utc_ms),
            false => self.confirmed_utc_ms,
        };
        last.map(|last| last + limit)
    }
}

fn counted(acd: &AcdState, ended: &Ended) -> Counted {
    let mut counted = Counted::default();
    for agent in acd.agents.values() {
        if !(ended.from..=ended.upto).contains(&agent.segment) && agent.segment < ended.from {
            continue;
        }
        match agent.now.state {
            WorkState::Unstaffed => counted.unstaffed += 1,
            WorkState::Other => {
                counted.other += 1;
                counted.staffed += 1;
            }
            _ => counted.staffed += 1,
        }
    }
    counted
}

/// Whether too many vanished without a word. Who is shown as unstaffed now did not vanish.
fn is_suspicious(
    (staffed, unstaffed): (u32, u32),
    now: Counted,
    percent: u32,
    minimum: u32,
) -> bool {
    let said_so = now.unstaffed.saturating_sub(unstaffed);
    let gone = staffed.saturating_sub(now.staffed).saturating_sub(said_so);
    if now.staffed + now.unstaffed == 0 {
        return gone >= EMPTY_MINIMUM.min(minimum);
    }
    gone >= minimum && u64::from(gone) * 100 > u64::from(staffed) * u64::from(percent)
}

/// Whether everybody who is followed is in the snapshot, so that nobody else can follow but new ones.
fn everybody_seen(acd: &AcdState, from: u32) -> bool {
    let has_been_known =
        acd.known || acd.told_lost || acd.agents.values().any(|agent| agent.shown.is_some());
    has_been_known && acd.agents.values().all(|agent| agent.segment >= from)
}
