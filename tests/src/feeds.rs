//! Real-time feeds with a played clock: the simulator's bytes of every shipped layout through the profile of the same name and the
//! engine of the product, in pieces as they come, with time passing in between as the engine asks for it.
//!
//! One site is played once for all layouts. What was told is held against the event log by [`compare`].
//! No sockets and no waiting; a duplicate sender is taken as a port takes it: the connection that delivers a whole record replaces
//! the other, whose sender comes again with its next refresh.

use crate::feeds_compare::{Delivered, Found, Recording, compare};
use anyhow::{Context, anyhow};
use floorwire_avaya_cms::feed::{Feed, FeedContext, Profile, SHIPPED, has_record};
use floorwire_model::agents::scope::AgentScope;
use floorwire_model::ids::AcdNumber;
use floorwire_model::live::LiveEvent;
use floorwire_sim_centre::scenario::{Size, generated};
use floorwire_sim_feed::{
    Action, Closing, Fault, FaultKind, FeedOptions, Lane, Performance, Played, Step, play,
};
use floorwire_sim_truth::LiveTimelines;
use std::sync::Arc;

/// Tuesday, 2 June 2026, 14:00 in Paris, Unix seconds: some begin work, others end it.
const TWO_UTC_S: i64 = 1_780_401_600;
/// The same day, 16:00: a quarter goes home.
const FOUR_UTC_S: i64 = TWO_UTC_S + 7_200;
/// Ticks of feeds lie so long after a full second, milliseconds.
const AFTER_SECOND_MS: i64 = 250;

/// The part of a run after which shifts change.
const CHANGE_OF_SHIFT: (i64, i64) = (2, 5);

/// A zone in which it is between ten and eleven, so that the site is at work.
pub fn working_zone() -> String {
    let hour = jiff::Timestamp::now()
        .to_zoned(jiff::tz::TimeZone::UTC)
        .hour();
    match 10 - hour {
        0 => "Etc/GMT".into(),
        // The sign says how far Greenwich is ahead.
        later @ 1.. => format!("Etc/GMT-{later}"),
        earlier if earlier >= -12 => format!("Etc/GMT+{}", -earlier),
        earlier => format!("Etc/GMT-{}", 24 + earlier),
    }
}

/// Every shipped layout; profiles have the same names.
pub fn layouts() -> Vec<&'static str> {
    SHIPPED.iter().map(|profile| profile.name).collect()
}

/// Every fault of the simulator, and none, with windows that fit a run of so many seconds: whatever goes wrong has begun
/// when the feed is known, and is over long before the end. In every window shifts change.
pub fn faults(run_s: i64, period_s: i64) -> Vec<Option<Fault>> {
    let half = |kind, parameter| {
        Some(Fault {
            kind,
            window_s: Some((run_s / 5, run_s / 2)),
            parameter,
        })
    };
    // Long enough that a lost feed must be noticed, short enough that a smaller content is not yet believed.
    let while_lost = |kind, parameter| {
        Some(Fault {
            kind,
            window_s: Some((
                run_s * CHANGE_OF_SHIFT.0 / CHANGE_OF_SHIFT.1,
                (12 * period_s).clamp(120, 540),
            )),
            parameter,
        })
    };
    let pause = f64::from(i32::try_from(2 * period_s).unwrap_or(30));
    let mut all = vec![None];
    for (_, kind, usual) in FaultKind::ALL {
        match kind {
            FaultKind::Frozen => all.push(while_lost(kind, usual)),
            FaultKind::Empty => all.extend([while_lost(kind, 0.0), while_lost(kind, 0.4)]),
            FaultKind::LinkDown => all.extend([while_lost(kind, 0.0), while_lost(kind, 1.0)]),
            FaultKind::ClockSkew => all.extend([half(kind, usual), half(kind, -30.0)]),
            FaultKind::Duplicate => all.extend([half(kind, 0.0), half(kind, 1.0)]),
            FaultKind::Trickle => all.push(half(kind, 150.0)),
            // A pause in which no refresh is due, and one in which some are.
            FaultKind::Restart => all.extend([half(kind, usual), half(kind, pause)]),
            _ => all.push(half(kind, usual)),
        }
    }
    all
}

/// What is played.
#[derive(Clone, Debug)]
pub struct Show {
    /// Agents of the site, of whom those are there whose shift it is.
    pub agents: u32,
    /// Minutes, about a change of shift.
    pub minutes: i64,
    /// Seconds between refreshes.
    pub period_s: i64,
    /// What goes wrong.
    pub fault: Option<Fault>,
    /// Of site and feeds. Even ones have the change of shift at 14:00, odd ones that at 16:00.
    pub seed: u64,
}

impl std::fmt::Display for Show {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.fault {
            Some(fault) => fault.fmt(out),
            None => out.write_str("no fault"),
        }
    }
}

/// The profile of a layout, at a feed's period.
///
/// # Errors
/// There is none, or it is faulty.
pub fn profile(layout: &str, period_s: i64) -> anyhow::Result<Profile> {
    let shipped = SHIPPED.iter().find(|profile| profile.name == layout);
    let text = shipped
        .with_context(|| format!("no profile `{layout}`"))?
        .text;
    let lines = text.lines().map(|line| match line.split_once(" = ") {
        Some(("period_s", _)) => format!("period_s = {period_s}\n"),
        _ => format!("{line}\n"),
    });
    let text: String = lines.collect();
    Profile::parse(&text).map_err(|faults| anyhow!("{layout}: {faults:?}"))
}

/// A port with the engine behind it.
struct Port {
    profile: Arc<Profile>,
    feed: Feed,
    events: Vec<LiveEvent>,
    lane: Lane,
    /// Bytes of a second connection that has not yet delivered a record.
    waiting: Vec<u8>,
    delivered: Vec<Delivered>,
    refresh: Option<u64>,
    /// Nothing but silence ends a refresh.
    is_unmarked: bool,
    silence_ms: i64,
    connections: Vec<(i64, Option<i64>)>,
}

impl Port {
    fn new(layout: &str, period_s: i64) -> anyhow::Result<Self> {
        let profile = Arc::new(profile(layout, period_s)?);
        let context = FeedContext {
            port: 7_001,
            acd: AcdNumber(1),
            scope: AgentScope::All,
            generic_absence: false,
        };
        Ok(Self {
            feed: Feed::new(Arc::clone(&profile), context),
            profile,
            events: Vec::new(),
            lane: Lane::Main,
            waiting: Vec::new(),
            delivered: Vec::new(),
            refresh: None,
            is_unmarked: layout == "cisco-49",
            silence_ms: (period_s * 400).max(1_000),
            connections: Vec::new(),
        })
    }

    /// Lets time pass, tick by tick as the engine asks for it.
    fn wait(&mut self, until_utc_ms: i64) {
        while let Some(due) = self
            .feed
            .next_tick_utc_ms()
            .filter(|due| *due < until_utc_ms)
        {
            self.feed.tick(due, &mut self.events);
            if self.feed.next_tick_utc_ms() == Some(due) {
                break; // Nothing can be done yet; whatever comes next ends it.
            }
        }
    }

    fn step(&mut self, step: Step) {
        self.wait(step.utc_ms);
        let now = step.utc_ms;
        match step.action {
            Action::Connect if step.lane == Lane::Main => {
                self.lane = Lane::Main;
                self.connections.push((now, None));
                self.feed.connected(now, &mut self.events);
            }
            Action::Close(why) if step.lane == Lane::Main => {
                // Without an end mark nobody knows whether more would have come, unless silence was before.
                let is_open = self.is_unmarked && why == Closing::Restart;
                if let Some(last) = self.delivered.last_mut() {
                    last.whole &= why != Closing::Cut
                        && !(is_open && now - last.arrived_utc_ms < self.silence_ms);
                }
                if let Some(last) = self.connections.last_mut() {
                    last.1 = Some(now);
                }
                if self.lane == Lane::Main {
                    self.feed.disconnected(now, &mut self.events);
                }
            }
            Action::Close(_) => {
                self.waiting.clear();
                if self.lane == Lane::Second {
                    self.feed.disconnected(now, &mut self.events);
                    self.lane = Lane::Main;
                    self.feed.connected(now, &mut self.events);
                }
            }
            Action::Connect => self.waiting.clear(),
            Action::Send { refresh, bytes } => {
                if step.lane == Lane::Main {
                    self.note(refresh, now);
                }
                if step.lane == self.lane {
                    self.feed.receive(&bytes, now, &mut self.events);
                    return;
                }
                self.waiting.extend(bytes);
                if has_record(&self.profile, &self.waiting) {
                    self.lane = step.lane;
                    if let Some(last) = self.delivered.last_mut().filter(|_| self.is_unmarked) {
                        last.arrived_utc_ms = now; // It is this one behind which there is silence.
                    }
                    self.feed.connected(now, &mut self.events);
                    let bytes = std::mem::take(&mut self.waiting);
                    self.feed.receive(&bytes, now, &mut self.events);
                }
            }
        }
    }

    fn note(&mut self, refresh: u64, now: i64) {
        match self.delivered.last_mut() {
            Some(last) if self.refresh == Some(refresh) => last.arrived_utc_ms = now,
            _ => self.delivered.push(Delivered {
                shows_utc_ms: now,
                arrived_utc_ms: now,
                whole: true,
            }),
        }
        self.refresh = Some(refresh);
    }
}

/// Plays one site for all layouts; says for each what was found.
///
/// # Errors
/// It cannot be played.
pub fn played(show: &Show) -> anyhow::Result<Vec<(&'static str, Found)>> {
    let recordings = recorded(show)?;
    Ok(recordings
        .iter()
        .map(|recording| (recording.layout, compare(recording)))
        .collect())
}

/// Plays one site for all layouts.
///
/// # Errors
/// It cannot be played.
pub fn recorded(show: &Show) -> anyhow::Result<Vec<Recording>> {
    let site = generated(&Size {
        acds: 1,
        skills: 6,
        agents: Some(show.agents),
        skills_per_agent: 3,
        zone: "Europe/Paris".into(),
        interval_minutes: 30,
        days: 1,
        seed: show.seed,
        traced_percent: 0,
    });
    let (mut feeds, mut ports) = (Vec::<FeedOptions>::new(), Vec::new());
    for layout in layouts() {
        let text = format!("acd=1,layout={layout},period={}", show.period_s);
        feeds.push(text.parse().map_err(|error| anyhow!("{error}"))?);
        ports.push(Port::new(layout, show.period_s)?);
    }
    let faults: Vec<Fault> = show.fault.iter().cloned().collect();
    let change_utc_s = match show.seed % 2 {
        0 => TWO_UTC_S,
        _ => FOUR_UTC_S,
    };
    let run_s = show.minutes * 60;
    let begin_utc_s = change_utc_s - run_s * CHANGE_OF_SHIFT.0 / CHANGE_OF_SHIFT.1;
    let from_utc_ms = begin_utc_s * 1_000 + AFTER_SECOND_MS;
    let end_utc_s = begin_utc_s + run_s;
    let performance = Performance {
        scenario: &site,
        first_day: jiff::civil::date(2026, 6, 1),
        from_utc_ms,
        to_utc_ms: end_utc_s * 1_000,
        feeds: &feeds,
        faults: &faults,
        seed: show.seed,
    };
    let mut live = LiveTimelines::default();
    let header = play(&performance, &mut |played| match played {
        Played::Event(event) => live.feed(event),
        Played::Step(index, step) => {
            if let Some(port) = ports.get_mut(index) {
                port.step(step);
            }
        }
    })?;
    let spans = live.finish(end_utc_s);
    let reasons = header
        .acds
        .iter()
        .flat_map(|acd| acd.aux_reasons.iter().cloned())
        .collect();
    let empty = Recording {
        layout: "",
        period_ms: show.period_s * 1_000,
        fault: show.fault.clone(),
        from_utc_ms,
        to_utc_ms: end_utc_s * 1_000,
        tolerance_ms: 0,
        spans,
        reasons,
        events: Vec::new(),
        delivered: Vec::new(),
    };
    let mut all = Vec::new();
    for (layout, mut port) in layouts().into_iter().zip(ports) {
        port.wait(end_utc_s * 1_000);
        let mut recording = Recording {
            layout,
            events: port.events,
            delivered: port.delivered,
            ..empty.clone()
        };
        if layout == "delta-events" {
            silent_ticks(&mut recording, &port.connections);
        }
        all.push(recording);
    }
    Ok(all)
}

/// Where only changes are sent, a tick without any says that nothing has changed, while a connection stands and nothing is held back.
fn silent_ticks(recording: &mut Recording, connections: &[(i64, Option<i64>)]) {
    let holds_back = |at: i64| {
        recording
            .fault
            .as_ref()
            .filter(|fault| fault.kind == FaultKind::Burst)
            .and_then(|fault| fault.window_s)
            .is_some_and(|(from_s, length_s)| {
                let from = recording.from_utc_ms + from_s * 1_000;
                (from..from + (length_s * 1_000)).contains(&at)
            })
    };
    let mut all = recording.delivered.clone();
    let mut at = recording.from_utc_ms;
    while at < recording.to_utc_ms {
        let stands = connections
            .iter()
            .any(|(from, to)| *from <= at && to.is_none_or(|to| at < to));
        let has_sent = recording
            .delivered
            .binary_search_by_key(&at, |sent| sent.shows_utc_ms)
            .is_ok();
        if stands && !has_sent && !holds_back(at) {
            all.push(Delivered {
                shows_utc_ms: at,
                arrived_utc_ms: at,
                whole: true,
            });
        }
        at += recording.period_ms;
    }
    all.sort_by_key(|sent| sent.shows_utc_ms);
    recording.delivered = all;
}
