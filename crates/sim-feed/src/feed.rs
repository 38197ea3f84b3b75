//! One feed: what it sends when, with what goes wrong. Pure: whoever drives it has the clock and the sockets.
//!
//! # Driving it
//! Events of the site are handed to [`Feed::event`] in their order. [`Feed::begin`] says when the feed begins to send; from
//! then on [`Feed::next_utc_ms`] is when something is due, and [`Feed::step`] does it, after all events up to that
//! millisecond have been handed over. The same events, options, faults, seed and begin give the same steps.
//!
//! # Refreshes and connections
//! Bytes of one refresh have one number, in one piece or in several. Whoever connects late, or again, begins with a whole
//! refresh: pieces of one that has begun without the connection are left out.

use crate::fault::{Fault, FaultKind};
use crate::floor::{Agent, Change, ChangeKind, Floor};
use crate::layout::{self, Context, Layout, Sheet};
use crate::looks::{self, Skills};
use crate::noise;
use crate::options::{FeedOptions, Logout, Mode};
use floorwire_sim_centre::event::{Acd, Event, Header, Login};
use floorwire_sim_centre::{Random, whole_seconds};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Milliseconds after which a connection that was cut comes again.
const AFTER_CUT_MS: i64 = 1_000;
/// Pieces of a refresh that trickles.
const PIECES_AT_MOST: usize = 200;
/// Seconds between restarts.
const RESTARTS_S: (i64, i64) = (30, 90);

/// Why a feed cannot be.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// The ACD.
    #[error("the site has no ACD {acd}; it has {known}")]
    NoSuchAcd {
        /// What was asked for.
        acd: i16,
        /// What there is.
        known: String,
    },
    /// The zone of the ACD.
    #[error("time zone `{zone}` is not known ({cause})")]
    Zone {
        /// What the site says.
        zone: String,
        /// Why.
        cause: jiff::Error,
    },
}

/// Which connection of a feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lane {
    /// Its own.
    Main,
    /// That of a duplicate sender.
    Second,
}

/// Why a connection is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closing {
    /// In the middle of a record.
    Cut,
    /// The sender starts anew.
    Restart,
    /// The duplicate sender goes away.
    Over,
}

/// What is done with a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// It is made.
    Connect,
    /// Bytes of a refresh.
    Send {
        /// Number of the refresh.
        refresh: u64,
        /// The bytes.
        bytes: Vec<u8>,
    },
    /// It ends.
    Close(Closing),
}

/// Something that a feed does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// When, Unix milliseconds.
    pub utc_ms: i64,
    /// Over which connection.
    pub lane: Lane,
    /// What.
    pub action: Action,
}

/// A fault with its place in time.
struct Running {
    fault: Fault,
    from_ms: i64,
    /// The end of time if it is on until the end.
    to_ms: i64,
    /// When a connection is next closed.
    due_ms: Option<i64>,
}

/// One feed at one moment.
pub struct Feed {
    options: FeedOptions,
    acd: Acd,
    zone: TimeZone,
    floor: Floor,
    faults: Vec<Fault>,
    running: Vec<Running>,
    seed: u64,
    random: Random,
    begun: bool,
    tick_ms: i64,
    refreshes: u64,
    /// Things that are due, by when and in which order they were put there.
    due: BTreeMap<(i64, u64), Step>,
    numbered: u64,
    connected: bool,
    /// Milliseconds that the duplicate sender is behind, if there is one.
    second_behind_ms: Option<i64>,
    /// Everybody is sent at the next tick of a delta feed.
    resync: bool,
    changes: Vec<Change>,
    /// Logged out and still shown.
    gone: BTreeMap<Login, Agent>,
    last: Sheet,
    held_back: Vec<Sheet>,
    link_down_since_s: Option<i64>,
    learned_s: Option<i64>,
    skills_of_epoch: Option<i64>,
}

impl Feed {
    /// The feed of one ACD. `index` tells feeds of one run apart, so that they draw different numbers.
    ///
    /// # Errors
    /// The ACD or its zone is not known.
    pub fn new(
        options: &FeedOptions,
        faults: &[Fault],
        header: &Header,
        seed: u64,
        index: i64,
    ) -> Result<Self, FeedError> {
        let Some(acd) = header.acds.iter().find(|acd| acd.acd == options.acd) else {
            let known: Vec<String> = header.acds.iter().map(|acd| acd.acd.to_string()).collect();
            return Err(FeedError::NoSuchAcd {
                acd: options.acd,
                known: known.join(", "),
            });
        };
        let zone = TimeZone::get(&acd.zone).map_err(|cause| FeedError::Zone {
            zone: acd.zone.clone(),
            cause,
        })?;
        Ok(Self {
            options: options.clone(),
            zone,
            floor: Floor::new(acd),
            acd: acd.clone(),
            faults: faults.to_vec(),
            running: Vec::new(),
            seed,
            random: Random::new(seed, [i64::from(options.acd), index, 0x_feed]),
            begun: false,
            tick_ms: i64::MAX,
            refreshes: 0,
            due: BTreeMap::new(),
            numbered: 0,
            connected: false,
            second_behind_ms: None,
            resync: false,
            changes: Vec::new(),
            gone: BTreeMap::new(),
            last: Sheet::default(),
            held_back: Vec::new(),
            link_down_since_s: None,
            learned_s: None,
            skills_of_epoch: None,
        })
    }

    /// What it was made from.
    pub fn options(&self) -> &FeedOptions {
        &self.options
    }

    /// Agents who are logged in.
    pub fn agents(&self) -> usize {
        self.floor.agents.len()
    }

    /// Takes the next event of the site.
    pub fn event(&mut self, event: &Event) {
        let Self {
            floor,
            changes,
            gone,
            ..
        } = self;
        let notes = self.begun && self.options.mode == Mode::Delta;
        let stays = self.options.logout == Logout::Unstaff;
        let blind_since_s = self.link_down_since_s;
        floor.feed(event, &mut |change| {
            if stays {
                match change.kind {
                    ChangeKind::SignOff => {
                        gone.insert(change.agent.login, change.agent.clone());
                    }
                    _ => {
                        gone.remove(&change.agent.login);
                    }
                }
            }
            if notes {
                note(changes, change, blind_since_s);
            }
        });
    }

    /// Begins to send at this millisecond (Unix).
    pub fn begin(&mut self, utc_ms: i64) {
        self.begun = true;
        self.tick_ms = utc_ms;
        self.running = self
            .faults
            .iter()
            .map(|fault| {
                let (from_ms, to_ms) = fault.window_ms();
                Running {
                    fault: fault.clone(),
                    from_ms: utc_ms + from_ms,
                    to_ms: to_ms.map_or(i64::MAX, |to_ms| utc_ms + to_ms),
                    due_ms: None,
                }
            })
            .collect();
        self.put(utc_ms, Lane::Main, Action::Connect);
    }

    /// When something is due, Unix milliseconds.
    pub fn next_utc_ms(&self) -> i64 {
        let due = self.due.first_key_value().map(|((utc_ms, _), _)| *utc_ms);
        due.unwrap_or(i64::MAX).min(self.tick_ms)
    }

    /// Does what is due next.
    pub fn step(&mut self, out: &mut dyn FnMut(Step)) {
        let now_ms = self.next_utc_ms();
        match self.due.first_entry() {
            Some(entry) if entry.key().0 <= now_ms => {
                let step = entry.remove();
                if step.lane == Lane::Main && step.action == Action::Connect {
                    self.connected = true;
                    self.reconnected();
                }
                out(step);
            }
            _ => {
                self.tick_ms += self.options.period_s * 1_000;
                self.tick(now_ms);
            }
        }
    }

    /// The connection was made anew by whoever sends.
    pub fn reconnected(&mut self) {
        self.resync = self.options.resync;
    }

    /// The parameter of a fault, if it is on.
    fn on(&self, kind: FaultKind, now_ms: i64) -> Option<f64> {
        let running = self
            .running
            .iter()
            .find(|running| running.fault.kind == kind && running.is_on(now_ms));
        running.map(|running| running.fault.parameter)
    }

    fn put(&mut self, utc_ms: i64, lane: Lane, action: Action) {
        self.numbered += 1;
        let step = Step {
            utc_ms,
            lane,
            action,
        };
        self.due.insert((utc_ms, self.numbered), step);
    }

    fn tick(&mut self, now_ms: i64) {
        self.turn_link(now_ms);
        self.turn_skills(now_ms);
        self.turn_second(now_ms);
        if self.floor.link_down {
            return;
        }
        if !self.connected {
            // Nobody hears of it any more.
            self.changes.clear();
            return;
        }
        let Some(sheet) = self.sheet(now_ms) else {
            return;
        };
        self.last = sheet.clone();
        self.held_back.push(sheet);
        if let Some(refreshes) = self.on(FaultKind::Burst, now_ms)
            && i64::try_from(self.held_back.len()).unwrap_or(i64::MAX) < whole_seconds(refreshes)
        {
            return;
        }
        let sheet = noise::joined(std::mem::take(&mut self.held_back));
        self.refreshes += 1;
        if let Some(behind_ms) = self.second_behind_ms {
            self.send(
                now_ms,
                now_ms + behind_ms,
                Lane::Second,
                sheet.bytes.clone(),
            );
        }
        self.send_and_close(now_ms, sheet);
    }

    /// What is sent at this tick, `None`: nothing.
    fn sheet(&mut self, now_ms: i64) -> Option<Sheet> {
        let frozen = self.on(FaultKind::Frozen, now_ms).is_some();
        let emptied = self.on(FaultKind::Empty, now_ms);
        let delta = self.options.mode == Mode::Delta;
        if delta && (frozen || emptied.is_some()) {
            return None;
        }
        if frozen && !self.last.bytes.is_empty() {
            return Some(self.last.clone());
        }
        let noisy = |kind| self.on(kind, now_ms);
        let (garbage, pages) = (noisy(FaultKind::Garbage), noisy(FaultKind::PageHeaders));
        let skew_s = self.on(FaultKind::ClockSkew, now_ms);
        let now_utc_s = now_ms.div_euclid(1_000);
        let changes = std::mem::take(&mut self.changes);
        let context = Context {
            acd: self.options.acd,
            now_utc_s,
            skew_s: skew_s.map_or(0, whole_seconds),
            zone: &self.zone,
            dictionary: &self.floor.dictionary,
            names: self.options.names,
            renamed: self.on(FaultKind::Renamed, now_ms).is_some(),
        };
        let skills = self.skills(now_ms);
        let layout = self.options.layout;
        let mut sheet = if delta && !self.resync {
            let changes: Vec<Change> = changes
                .into_iter()
                .map(|mut change| {
                    if let Cow::Owned(agent) = skills.of(&change.agent) {
                        change.agent = agent;
                    }
                    change
                })
                .collect();
            layout::changes(layout, &context, &changes)
        } else {
            let shown = self.shown(now_utc_s, emptied, &skills);
            layout::snapshot(layout, &context, shown.iter().map(AsRef::as_ref))
        };
        if garbage.is_some() || pages.is_some() {
            let noise = noise::Noise {
                garbage: garbage.unwrap_or(0.0),
                pages: pages.unwrap_or(0.0),
            };
            sheet = noise.among(sheet, layout, &context, &mut self.random);
        }
        self.resync = false;
        (!sheet.bytes.is_empty()).then_some(sheet)
    }

    /// Everybody who is shown, in order.
    fn shown<'a>(
        &'a self,
        now_utc_s: i64,
        share: Option<f64>,
        skills: &Skills<'_>,
    ) -> Vec<Cow<'a, Agent>> {
        let interval = |utc_s: i64| {
            let instant = Timestamp::from_second(utc_s).unwrap_or_default();
            let offset_s = i64::from(self.zone.to_offset(instant).seconds());
            (utc_s + offset_s).div_euclid(i64::from(self.acd.interval_minutes) * 60)
        };
        let gone = self
            .gone
            .values()
            .filter(|agent| interval(agent.since_utc_s) == interval(now_utc_s));
        let mut shown: Vec<&Agent> = self.floor.agents.values().chain(gone).collect();
        shown.sort_unstable_by_key(|agent| agent.login);
        if let Some(share) = share {
            shown.retain(|agent| looks::stays(self.seed, agent.login, share));
        }
        let looked_at = shown.into_iter().map(|agent| {
            let agent = looks::through_link(agent, self.link_down_since_s, self.learned_s);
            match agent {
                Cow::Borrowed(agent) => skills.of(agent),
                Cow::Owned(agent) => Cow::Owned(skills.of(&agent).into_owned()),
            }
        });
        looked_at.collect()
    }

    fn skills(&self, now_ms: i64) -> Skills<'_> {
        Skills {
            share: self.on(FaultKind::Reskill, now_ms),
            seed: self.seed,
            epoch: looks::epoch(now_ms),
            all: &self.acd.skills,
        }
    }

    /// The link to the switch, as the fault has it.
    fn turn_link(&mut self, now_ms: i64) {
        let now_s = now_ms.div_euclid(1_000);
        let parameter = self.on(FaultKind::LinkDown, now_ms);
        let delta = self.options.mode == Mode::Delta;
        match (parameter, self.link_down_since_s) {
            (Some(parameter), None) => {
                self.link_down_since_s = Some(now_s);
                self.learned_s = None;
                if parameter > 0.0 {
                    // Known only from the end of the window on.
                    self.learned_s = Some(i64::MAX);
                }
            }
            (None, Some(_)) => {
                self.link_down_since_s = None;
                self.learned_s = self.learned_s.map(|_| now_s);
            }
            _ => return,
        }
        if delta {
            for agent in self.floor.agents.values() {
                let agent = looks::through_link(agent, self.link_down_since_s, self.learned_s);
                self.changes.push(Change {
                    utc_s: now_s,
                    kind: ChangeKind::State,
                    agent: agent.into_owned(),
                });
            }
        }
    }

    /// In delta mode other skills are a change.
    fn turn_skills(&mut self, now_ms: i64) {
        let on = self.on(FaultKind::Reskill, now_ms);
        let epoch = on.map(|_| looks::epoch(now_ms));
        if epoch == self.skills_of_epoch {
            return;
        }
        self.skills_of_epoch = epoch;
        if self.options.mode != Mode::Delta || self.options.layout == Layout::DeltaEvents {
            return;
        }
        for agent in self.floor.agents.values() {
            let agent = looks::through_link(agent, self.link_down_since_s, self.learned_s);
            self.changes.push(Change {
                utc_s: now_ms.div_euclid(1_000),
                kind: ChangeKind::Skills,
                agent: agent.into_owned(),
            });
        }
    }

    /// The duplicate sender comes and goes.
    fn turn_second(&mut self, now_ms: i64) {
        let on = self.on(FaultKind::Duplicate, now_ms);
        match (on, self.second_behind_ms) {
            (Some(behind_s), None) => {
                let behind_ms = whole_seconds(behind_s * 1_000.0);
                self.second_behind_ms = Some(behind_ms);
                self.put(now_ms + behind_ms, Lane::Second, Action::Connect);
            }
            (None, Some(behind_ms)) => {
                self.second_behind_ms = None;
                let over = Action::Close(Closing::Over);
                self.put(now_ms + behind_ms, Lane::Second, over);
            }
            _ => {}
        }
    }

    fn send_and_close(&mut self, now_ms: i64, mut sheet: Sheet) {
        let cut = self.closes(FaultKind::Cut, now_ms) && noise::cut(&mut sheet, &mut self.random);
        let restart = !cut && self.closes(FaultKind::Restart, now_ms);
        let sent_ms = self.send(now_ms, now_ms, Lane::Main, sheet.bytes);
        let (closing, pause_ms, next_ms) = if cut {
            let mean_s = self.on(FaultKind::Cut, now_ms).unwrap_or(1.0);
            let next_ms = whole_seconds(self.random.exponential(mean_s * 1_000.0));
            (Closing::Cut, AFTER_CUT_MS, next_ms)
        } else if restart {
            let pause_s = self.on(FaultKind::Restart, now_ms).unwrap_or(1.0);
            let next_ms = self.random.between(RESTARTS_S.0, RESTARTS_S.1) * 1_000;
            (Closing::Restart, whole_seconds(pause_s * 1_000.0), next_ms)
        } else {
            return;
        };
        let kind = match closing {
            Closing::Cut => FaultKind::Cut,
            _ => FaultKind::Restart,
        };
        if let Some(running) = self
            .running
            .iter_mut()
            .find(|running| running.fault.kind == kind && running.is_on(now_ms))
        {
            running.due_ms = Some(now_ms + next_ms);
        }
        self.connected = false;
        self.put(sent_ms, Lane::Main, Action::Close(closing));
        self.put(sent_ms + pause_ms, Lane::Main, Action::Connect);
    }

    /// Whether a fault that closes connections is due.
    fn closes(&self, kind: FaultKind, now_ms: i64) -> bool {
        self.running.iter().any(|running| {
            running.fault.kind == kind
                && running.is_on(now_ms)
                && running.due_ms.is_none_or(|due_ms| due_ms <= now_ms)
        })
    }

    /// Puts bytes on their way, whole or in pieces. Returns when the last of them go.
    fn send(&mut self, now_ms: i64, at_ms: i64, lane: Lane, bytes: Vec<u8>) -> i64 {
        let refresh = self.refreshes;
        let Some(piece) = self.on(FaultKind::Trickle, now_ms) else {
            self.put(at_ms, lane, Action::Send { refresh, bytes });
            return at_ms;
        };
        let piece = usize::try_from(whole_seconds(piece)).unwrap_or(1);
        let piece = piece.max(bytes.len().div_ceil(PIECES_AT_MOST)).max(1);
        let pieces = i64::try_from(bytes.len().div_ceil(piece))
            .unwrap_or(1)
            .max(1);
        let over_ms = self.options.period_s * 500;
        let mut last_ms = at_ms;
        for (number, part) in (0..).zip(bytes.chunks(piece)) {
            last_ms = at_ms + over_ms * number / pieces;
            let bytes = part.to_vec();
            self.put(last_ms, lane, Action::Send { refresh, bytes });
        }
        last_ms
    }
}

impl Running {
    fn is_on(&self, now_ms: i64) -> bool {
        (self.from_ms..self.to_ms).contains(&now_ms)
    }
}

/// Adds a change to those that are to be sent. While the link is down by a fault, only coming and going is known.
fn note(changes: &mut Vec<Change>, mut change: Change, blind_since_s: Option<i64>) {
    let Some(_) = blind_since_s else {
        changes.push(change);
        return;
    };
    match change.kind {
        ChangeKind::SignOff => changes.push(change),
        ChangeKind::SignOn => {
            changes.push(change.clone());
            change.agent.forget(change.utc_s);
            change.kind = ChangeKind::State;
            changes.push(change);
        }
        ChangeKind::State | ChangeKind::Skills => {}
    }
}
