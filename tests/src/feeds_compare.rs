//! What was told of a real-time feed's agents against what they did.
//!
//! # What is asked
//! A status that was told began when the agent began it, no more than a period early, and no later than the next refresh that
//! arrived whole: that is a period, unless a fault keeps refreshes away. The first word of an agent after a loss (or at the beginning)
//! may lie anywhere in the true span. Nobody is logged out at a moment at which they were logged in. Every true span that a whole
//! refresh shows is told; after a loss everybody is.
//!
//! # What faults explain
//! - `cut`, `restart`, `burst`, `trickle`: refreshes arrive late or not whole, so *the next that arrived whole* is later.
//!   In `cisco-49` nothing but silence or the next refresh ends one, so one before which the connection ends at once proves nothing.
//! - `frozen`, `empty`, `link-down`: refreshes of the window show nothing true; they count as not arrived. The feed is lost meanwhile.
//!   `cisco-49` has no durations, so that a frozen one cannot be told from a quiet one, and `delta-events` is as silent at night.
//! - `renamed`: reasons are texts that the profile does not know; codes only are compared.
//! - `garbage`, `page-headers`: a line that cannot be read may be the row of whoever is missing, so such refreshes count a tenth for logouts.
//!
//! # What the engine does on purpose
//! Logged out for fewer refreshes than `ABSENT` is not told (absence from one refresh proves nothing). *Other* that lasts less than
//! its grace is not told either.

use anyhow::Context;
use floorwire_model::agents::{CallDirection, Hold, WorkState};
use floorwire_model::live::{LiveChange, LiveEvent, LiveStatus, Since};
use floorwire_sim_feed::{Fault, FaultKind};
use floorwire_sim_truth::LiveSpan;
use std::collections::BTreeMap;

/// Refreshes without an agent, until the agent has logged out.
const ABSENT: usize = 2;
/// So many more where lines could not be read.
const DAMAGED: usize = 10;
/// Grace of *Other*, milliseconds.
const GRACE_MS: i64 = 5_000;
/// A lost feed is noticed after so long at the latest, milliseconds; or after four periods.
const STALE_MS: i64 = 60_000;

/// A refresh that was sent.
#[derive(Clone, Copy, Debug)]
pub struct Delivered {
    /// The moment whose states it shows, Unix milliseconds.
    pub shows_utc_ms: i64,
    /// Its last byte.
    pub arrived_utc_ms: i64,
    /// The connection did not end in it.
    pub whole: bool,
}

/// A feed's run.
#[derive(Clone, Debug)]
pub struct Recording {
    /// Layout and profile.
    pub layout: &'static str,
    /// Milliseconds between refreshes.
    pub period_ms: i64,
    /// What went wrong.
    pub fault: Option<Fault>,
    /// The feed begins, Unix milliseconds.
    pub from_utc_ms: i64,
    /// It ends, exclusive.
    pub to_utc_ms: i64,
    /// How late bytes may be read, milliseconds; 0 with a played clock.
    pub tolerance_ms: i64,
    /// The truth.
    pub spans: Vec<LiveSpan>,
    /// Names of AUX reasons.
    pub reasons: Vec<(u8, String)>,
    /// What was told, in its order.
    pub events: Vec<LiveEvent>,
    /// What was sent, in its order.
    pub delivered: Vec<Delivered>,
}

/// What a comparison found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Edges that were told and found in the truth.
    pub edges: usize,
    /// The largest distance between an edge and the true one, milliseconds.
    pub max_distance_ms: i64,
    /// True spans that no whole refresh showed and that were not told.
    pub missing_short: usize,
    /// Absences of fewer refreshes than prove a logout, not told.
    pub missing_absences: usize,
    /// Logouts that were told.
    pub logouts: usize,
    /// Those of somebody who was there.
    pub wrong_logouts: usize,
    /// How often the feed was lost.
    pub losses: usize,
    /// What should not be.
    pub differences: Vec<String>,
}

impl std::fmt::Display for Found {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            out,
            "{:>7} edges, {:>6} ms, {:>5} short, {:>3} absences, {:>4} logouts, {} wrong, {:>4} losses, {} differences",
            self.edges,
            self.max_distance_ms,
            self.missing_short,
            self.missing_absences,
            self.logouts,
            self.wrong_logouts,
            self.losses,
            self.differences.len()
        )
    }
}

/// Code and AUX reason; `None`: logged out.
type Key = Option<(u16, Option<i32>)>;

#[derive(Clone, Copy, Debug)]
struct Span {
    start: i64,
    end: i64,
    key: Key,
}

#[derive(Clone, Copy, Debug)]
enum Told {
    Status {
        since: i64,
        received: i64,
        key: Key,
        first: bool,
    },
    Lost {
        confirmed: i64,
    },
}

/// The spans in what the simulator's `truth --live` says.
///
/// # Errors
/// A span is none.
pub fn spans_of(truth: &serde_json::Value) -> anyhow::Result<Vec<LiveSpan>> {
    let spans = truth["liveSpans"].as_array();
    let read = |span: &serde_json::Value| -> anyhow::Result<LiveSpan> {
        let number = |key: &str| span[key].as_i64().with_context(|| format!("{key}: {span}"));
        let small = |key: &str| span[key].as_i64().map(u8::try_from).transpose();
        Ok(LiveSpan {
            acd: i16::try_from(number("acd")?)?,
            login: u32::try_from(number("login")?)?,
            start_utc: number("startUtc")?,
            end_utc: number("endUtc")?,
            since_utc: number("sinceUtc")?,
            code: u16::try_from(number("code")?)?,
            aux_reason: small("auxReason")?,
            skill: span["skill"].as_i64().map(i16::try_from).transpose()?,
            open: span["open"].as_bool().unwrap_or_default(),
        })
    };
    spans.context("no live spans")?.iter().map(read).collect()
}

/// Compares what was told with what happened.
pub fn compare(recording: &Recording) -> Found {
    let mut found = Found::default();
    let window = window(recording);
    let shows_nothing = |at: i64| match &recording.fault {
        Some(fault) => {
            matches!(
                fault.kind,
                FaultKind::Frozen | FaultKind::Empty | FaultKind::LinkDown
            ) && window.is_some_and(|(from, to)| (from..to).contains(&at))
        }
        None => false,
    };
    let good: Vec<Delivered> = recording
        .delivered
        .iter()
        .filter(|sent| sent.whole && !shows_nothing(sent.shows_utc_ms))
        .copied()
        .collect();
    let losses: Vec<(i64, i64)> = recording
        .events
        .iter()
        .filter_map(|event| match &event.change {
            LiveChange::Lost {
                confirmed_utc_ms, ..
            } => Some((confirmed_utc_ms.unwrap_or(i64::MIN), event.received_utc_ms)),
            _ => None,
        })
        .collect();
    found.losses = losses.len();
    let told = told(recording, &good, &mut found);
    let truth = truth(recording);
    let mut view = View {
        recording,
        seen: Vec::new(),
        good,
    };
    view.forget_lost(&losses);
    for (login, spans) in &truth {
        let told = told.get(login).map_or(&[][..], Vec::as_slice);
        view.told_is_true(login, spans, told, &mut found);
        view.truth_is_told(login, spans, told, &losses, &mut found);
    }
    for login in told.keys().filter(|login| !truth.contains_key(*login)) {
        found.differences.push(format!("{login} does not exist"));
    }
    view.losses(&losses, window, &truth, &told, &mut found);
    found
}

fn window(recording: &Recording) -> Option<(i64, i64)> {
    let fault = recording.fault.as_ref()?;
    let (from_s, length_s) = fault.window_s?;
    let from = recording.from_utc_ms + from_s * 1_000;
    Some((from, from + length_s * 1_000))
}

/// Whether reasons can be compared.
fn is_renamed(recording: &Recording) -> bool {
    let fault = recording.fault.as_ref();
    fault.is_some_and(|fault| fault.kind == FaultKind::Renamed)
}

/// What agents did, times in milliseconds, spans that look alike in the layout as one, absences between them as spans.
fn truth(recording: &Recording) -> BTreeMap<String, Vec<Span>> {
    let mut all: BTreeMap<String, Vec<Span>> = BTreeMap::new();
    let mut spans: Vec<&LiveSpan> = recording.spans.iter().collect();
    spans.sort_by_key(|span| (span.login, span.start_utc));
    for span in spans {
        let code = as_shown(recording.layout, span.code);
        let reason = span.aux_reason.map(i32::from);
        let key = Some((code, reason.filter(|_| !is_renamed(recording))));
        let (start, end) = (span.start_utc * 1_000, span.end_utc * 1_000);
        let list = all.entry(span.login.to_string()).or_default();
        match list.last_mut() {
            Some(last) if last.end == start && last.key == key => last.end = end,
            last => {
                let before = last.map_or(i64::MIN, |last| last.end);
                if before < start {
                    list.push(Span {
                        start: before,
                        end: start,
                        key: None,
                    });
                }
                list.push(Span { start, end, key });
            }
        }
    }
    for list in all.values_mut() {
        if let Some(last) = list.last().filter(|last| last.end < recording.to_utc_ms) {
            let start = last.end;
            list.push(Span {
                start,
                end: i64::MAX,
                key: None,
            });
        }
    }
    all
}

/// A code as the layout can say it.
fn as_shown(layout: &str, code: u16) -> u16 {
    match (layout, code) {
        ("report-text" | "csv-names", 600) => 51,
        ("csv-names", 62) => 60,
        _ => code,
    }
}

/// What was told, agent by agent; the same status again is no news.
fn told(
    recording: &Recording,
    good: &[Delivered],
    found: &mut Found,
) -> BTreeMap<String, Vec<Told>> {
    let mut all: BTreeMap<String, Vec<Told>> = BTreeMap::new();
    let mut losses: Vec<Told> = Vec::new();
    let begun = good.get(1).map_or(i64::MAX, |second| {
        second.arrived_utc_ms + recording.period_ms
    });
    for event in &recording.events {
        match &event.change {
            LiveChange::Lost {
                confirmed_utc_ms, ..
            } => {
                let confirmed = confirmed_utc_ms.unwrap_or(i64::MIN);
                let lost = Told::Lost { confirmed };
                losses.push(lost);
                for list in all.values_mut() {
                    list.push(lost);
                }
            }
            LiveChange::Dropped { .. } => found.differences.push(format!("{event:?}")),
            LiveChange::Status {
                login,
                since_utc_ms,
                since,
                status,
                ..
            } => {
                let key = match key(recording, status) {
                    Ok(key) => key,
                    Err(status) => {
                        found.differences.push(format!("{login}: {status}"));
                        continue;
                    }
                };
                let list = all.entry(login.clone()).or_insert_with(|| losses.clone());
                let first = match list.last() {
                    None => *since == Since::Earlier || event.received_utc_ms <= begun,
                    Some(Told::Lost { .. }) => true,
                    Some(Told::Status {
                        key: before, since, ..
                    }) => {
                        if *since > *since_utc_ms {
                            let what = format!("{login}: {since} comes before {since_utc_ms}");
                            found.differences.push(what);
                        }
                        if *before == key {
                            continue;
                        }
                        false
                    }
                };
                let status = Told::Status {
                    since: *since_utc_ms,
                    received: event.received_utc_ms,
                    key,
                    first,
                };
                push(list, status);
            }
        }
    }
    all
}

/// A status that lasted no time was none.
fn push(list: &mut Vec<Told>, mut told: Told) {
    if let (
        Some(Told::Status {
            since: before,
            first: was_first,
            ..
        }),
        Told::Status {
            since, first, key, ..
        },
    ) = (list.last().copied(), &mut told)
        && before == *since
    {
        *first |= was_first;
        list.pop();
        if matches!(list.last(), Some(Told::Status { key: again, .. }) if again == key) {
            return;
        }
    }
    list.push(told);
}

fn key(recording: &Recording, status: &LiveStatus) -> Result<Key, String> {
    let raw = status.raw.as_deref().unwrap_or_default();
    let direction = match status.direction {
        None => 0,
        Some(CallDirection::Out) => 1,
        Some(CallDirection::In) => 2,
    };
    let code = match status.state {
        WorkState::Unstaffed => return Ok(None),
        WorkState::Available => 20,
        WorkState::Acd => 30 + direction,
        WorkState::AfterCall => 40 + direction,
        WorkState::Aux if status.hold == Hold::Flagged => 600,
        WorkState::Aux => 50 + direction,
        WorkState::DirectAcd => 60 + direction,
        WorkState::DirectAfterCall => 70 + direction,
        WorkState::Ringing => 80,
        WorkState::Other => 220,
        WorkState::Unknown => match raw {
            "READY" => 20,
            "81" | "ALERT" => 80,
            "PAUSE" => 50 + direction,
            "PAUSEOUT" => 51,
            "PAUSEIN" => 52,
            _ => return Err(format!("{status:?}")),
        },
        _ => return Err(format!("{status:?}")),
    };
    let by_name = || {
        let name = recording.reasons.iter().find(|(_, name)| name == raw);
        name.map(|(reason, _)| i32::from(*reason))
    };
    let reason = status.aux_reason.or_else(by_name);
    Ok(Some((code, reason.filter(|_| !is_renamed(recording)))))
}

struct View<'a> {
    recording: &'a Recording,
    /// Whole refreshes that show the truth, in order.
    good: Vec<Delivered>,
    /// Those of them that came while the feed was known.
    seen: Vec<Delivered>,
}

impl View<'_> {
    fn is_delta(&self) -> bool {
        self.recording.layout == "delta-events"
    }

    /// Refreshes between the last confirmation and the first word after a loss show nobody anything.
    fn forget_lost(&mut self, losses: &[(i64, i64)]) {
        let mut blind: Vec<(i64, i64)> = Vec::new();
        for (confirmed, received) in losses {
            let again = self.recording.events.iter().find(|event| {
                event.received_utc_ms > *received
                    && matches!(event.change, LiveChange::Status { .. })
            });
            let until = match (self.is_delta(), again) {
                (true, _) => *received,
                (false, Some(again)) => again.received_utc_ms,
                (false, None) => i64::MAX,
            };
            blind.push((*confirmed, until));
        }
        self.seen = self.good.clone();
        self.seen.retain(|sent| {
            !blind
                .iter()
                .any(|(from, to)| sent.arrived_utc_ms > *from && sent.arrived_utc_ms < *to)
        });
    }

    /// When a change at this moment must have been told: the next whole refresh.
    fn latest(&self, edge: i64) -> i64 {
        let at = self.good.partition_point(|sent| sent.shows_utc_ms < edge);
        self.good.get(at).map_or(i64::MAX, |sent| {
            sent.arrived_utc_ms + self.recording.tolerance_ms
        })
    }

    fn is_edge(&self, span: &Span, since: i64) -> bool {
        let early = match span.key {
            None => 1_000 + self.recording.tolerance_ms,
            Some(_) => self.recording.period_ms + self.recording.tolerance_ms,
        };
        span.start.saturating_sub(early) <= since && since <= self.latest(span.start)
    }

    /// States that came and went between two refreshes of changes come in pieces where bytes trickle.
    fn is_passing(&self, since: i64, next: Option<&Told>) -> bool {
        let fault = self.recording.fault.as_ref();
        let trickles = fault.is_some_and(|fault| fault.kind == FaultKind::Trickle);
        matches!(next, Some(Told::Status { since: next, .. })
            if self.is_delta() && trickles && next - since < self.recording.period_ms / 2)
    }

    /// Whole refreshes that show a span.
    fn shown(&self, span: &Span) -> usize {
        let settled = self.recording.to_utc_ms
            - 2 * self.recording.period_ms
            - GRACE_MS
            - self.recording.tolerance_ms;
        let from = self
            .seen
            .partition_point(|sent| sent.shows_utc_ms < span.start);
        let to = self
            .seen
            .partition_point(|sent| sent.shows_utc_ms < span.end && sent.arrived_utc_ms < settled);
        if self.is_delta() {
            // Only the refresh that follows tells of it.
            let tells = self.seen.get(from).is_some_and(|sent| {
                from < to
                    && sent.shows_utc_ms - span.start <= self.recording.period_ms
                    && span.start > self.recording.from_utc_ms
            });
            return usize::from(tells);
        }
        to.saturating_sub(from)
    }

    fn told_is_true(&self, login: &str, spans: &[Span], told: &[Told], found: &mut Found) {
        for (at, entry) in told.iter().enumerate() {
            let Told::Status {
                since,
                key,
                first,
                received,
            } = *entry
            else {
                continue;
            };
            let alike = || spans.iter().filter(|span| span.key == key);
            if key.is_none() {
                found.logouts += 1;
                let was_there = spans.iter().any(|span| {
                    span.key.is_some() && span.start <= since && since < span.end - 1_000
                });
                found.wrong_logouts += usize::from(was_there);
                if was_there {
                    let what =
                        format!("{login}: logged out at {since} (told {received}) while there");
                    found.differences.push(what);
                    continue;
                }
            }
            let distance = alike()
                .filter(|span| span.start >= self.recording.from_utc_ms)
                .filter(|span| self.is_edge(span, since))
                .map(|span| span.start.saturating_sub(since).saturating_abs())
                .min();
            let tolerance = self.recording.period_ms + self.recording.tolerance_ms;
            let within = |span: &Span| {
                span.start.saturating_sub(tolerance) <= since
                    && since <= span.end.saturating_add(tolerance)
            };
            match distance {
                Some(distance) => {
                    found.edges += 1;
                    found.max_distance_ms = found.max_distance_ms.max(distance);
                }
                None if first && alike().any(within) => {}
                // It lasted no time.
                None if self.is_passing(since, told.get(at + 1)) => {}
                None if matches!(told.get(at + 1), Some(Told::Lost { confirmed }) if *confirmed <= since) =>
                    {}
                None => {
                    let near: Vec<_> = spans
                        .iter()
                        .filter(|span| span.end > since - 60_000 && span.start < since + 60_000)
                        .collect();
                    found.differences.push(format!(
                        "{login}: {key:?} since {since} (told {received}, first {first}) is invented; true: {near:?}"
                    ));
                }
            }
        }
    }

    fn truth_is_told(
        &self,
        login: &str,
        spans: &[Span],
        told: &[Told],
        losses: &[(i64, i64)],
        found: &mut Found,
    ) {
        let mut absent = ABSENT;
        if matches!(
            self.recording.fault.as_ref().map(|fault| fault.kind),
            Some(FaultKind::Garbage | FaultKind::PageHeaders)
        ) {
            absent *= DAMAGED;
        }
        let must = |span: &Span| match span.key {
            None if !self.is_delta() => self.shown(span) >= absent,
            Some((220, _)) => {
                // What is lost before its grace is over is not told any more.
                let grace_ms = GRACE_MS + 2 * self.recording.period_ms;
                let lasting = span.start + grace_ms;
                let is_lost = losses
                    .iter()
                    .any(|(confirmed, lost)| *confirmed < lasting && *lost > span.start);
                !is_lost && span.end >= lasting && self.shown(span) > 0
            }
            _ => self.shown(span) > 0,
        };
        let can = |span: &Span| {
            span.end > self.recording.from_utc_ms && span.start < self.recording.to_utc_ms
        };
        for (at, span) in spans.iter().enumerate().filter(|(_, span)| can(span)) {
            if span.key.is_none() && span.start < self.recording.from_utc_ms {
                continue;
            }
            let is_told = told.iter().any(|entry| match entry {
                Told::Status {
                    since, key, first, ..
                } => {
                    *key == span.key
                        && (self.is_edge(span, *since)
                            || (*first
                                && span.start - self.recording.period_ms <= *since
                                && *since <= span.end.saturating_add(self.recording.period_ms)))
                }
                Told::Lost { .. } => false,
            });
            if is_told || self.goes_on(at, spans, told, &must) {
                continue;
            }
            match (must(span), span.key) {
                (true, _) => found
                    .differences
                    .push(format!("{login}: {span:?} was not told: {told:?}")),
                (false, None) => found.missing_absences += 1,
                (false, Some(_)) => found.missing_short += 1,
            }
        }
    }

    /// Whether a span was told as one with an earlier one like it, since nothing showed what was between them.
    fn goes_on(
        &self,
        at: usize,
        spans: &[Span],
        told: &[Told],
        must: &impl Fn(&Span) -> bool,
    ) -> bool {
        let Some(span) = spans.get(at) else {
            return false;
        };
        let before = spans.get(..at).unwrap_or_default();
        let like = before.iter().rposition(|before| before.key == span.key);
        let nothing_between = match like {
            Some(like) => !before.iter().skip(like + 1).any(must),
            None => return false,
        };
        let earlier = told
            .iter()
            .rfind(|entry| matches!(entry, Told::Status { since, .. } if *since <= span.start));
        let is_like = matches!(earlier, Some(Told::Status { key, .. }) if *key == span.key);
        nothing_between && is_like
    }

    /// Losses come only from faults that can bring them, and after them everybody is known again.
    fn losses(
        &self,
        losses: &[(i64, i64)],
        window: Option<(i64, i64)>,
        truth: &BTreeMap<String, Vec<Span>>,
        told: &BTreeMap<String, Vec<Told>>,
        found: &mut Found,
    ) {
        let kind = self.recording.fault.as_ref().map(|fault| fault.kind);
        let (layout, period) = (self.recording.layout, self.recording.period_ms);
        let can_lose = match kind {
            Some(FaultKind::Frozen | FaultKind::Empty) => !self.is_delta(),
            Some(FaultKind::LinkDown | FaultKind::Cut) => true,
            // Refreshes before pauses prove nothing where only silence ends them; between pauses there may be none that does.
            Some(FaultKind::Restart) => self.is_delta() || layout == "cisco-49",
            Some(FaultKind::Duplicate) => self.is_delta(),
            _ => false,
        };
        let told_lost = self
            .recording
            .events
            .iter()
            .find(|event| matches!(event.change, LiveChange::Lost { .. }));
        if let Some(lost) = told_lost.filter(|_| !can_lose) {
            found.differences.push(format!("lost: {lost:?}"));
        }
        let must_lose = match kind {
            Some(FaultKind::Frozen) => !self.is_delta() && layout != "cisco-49",
            Some(FaultKind::Empty) => !self.is_delta(),
            Some(FaultKind::LinkDown) => true,
            _ => false,
        };
        if let Some((from, to)) = window.filter(|_| must_lose) {
            let by = from + STALE_MS.max(4 * period) + self.recording.tolerance_ms;
            let lost = losses
                .iter()
                .find(|(_, received)| (from..by).contains(received));
            match lost {
                None => found
                    .differences
                    .push(format!("not lost from {from}: {losses:?}")),
                Some((confirmed, received)) => {
                    if *confirmed > from + self.recording.tolerance_ms {
                        let what = format!("confirmed {confirmed} after {from}");
                        found.differences.push(what);
                    }
                    // Whoever signs on or off while only changes are sent is known to come or go.
                    let speaks = |change: &LiveChange| match change {
                        LiveChange::Status { status, .. } => {
                            !(self.is_delta()
                                && matches!(status.state, WorkState::Unstaffed | WorkState::Other))
                        }
                        _ => false,
                    };
                    let spoken = self.recording.events.iter().find(|event| {
                        speaks(&event.change)
                            && event.received_utc_ms > *received
                            && event.received_utc_ms < to
                    });
                    if let Some(spoken) = spoken {
                        found
                            .differences
                            .push(format!("told while lost: {spoken:?}"));
                    }
                }
            }
        }
        if self.is_delta() {
            return; // Everybody is unknown until heard of.
        }
        for (_, lost) in losses {
            let mut after = self.good.iter().filter(|sent| sent.shows_utc_ms > *lost);
            let (Some(first), Some(second)) = (after.next(), after.next()) else {
                continue;
            };
            let by = second.arrived_utc_ms + period / 2 + 2_000 + self.recording.tolerance_ms;
            if by > self.recording.to_utc_ms {
                continue;
            }
            for (login, spans) in truth {
                let stays = spans.iter().any(|span| {
                    span.key.is_some()
                        && span.start <= first.shows_utc_ms
                        && span.end > second.shows_utc_ms
                });
                let known = told.get(login).into_iter().flatten().any(|entry| {
                    matches!(entry, Told::Status { received, .. } if received >= lost && *received <= by)
                });
                let lost_again = losses.iter().any(|(_, again)| again > lost && *again <= by);
                if stays && !known && !lost_again {
                    found
                        .differences
                        .push(format!("{login} is not known again after {lost}"));
                }
            }
        }
    }
}
