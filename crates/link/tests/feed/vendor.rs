//! A vendor whose feed is lines of `login state`; a state is `available`, `acd`, `aux` or `out`.

use floorwire_link::feed::engine::{FeedContext, FeedEngine, FeedProfile, Health, Vendor};
use floorwire_link::live_buffer::LatestStatus;
use floorwire_model::agents::{Hold, WorkState};
use floorwire_model::live::{LiveChange, LiveEvent, LiveStatus, LossCause, ProfileFault, Since};
use floorwire_protocol::live::{FeedCounters, FeedState, PreviewLine};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Takes every profile but an empty one.
pub struct Lines;

struct Profile;

impl Vendor for Lines {
    fn profile(&self, text: &str) -> Result<Arc<dyn FeedProfile>, Vec<ProfileFault>> {
        if text.is_empty() {
            return Err(vec![ProfileFault {
                line: Some(1),
                key: "name".into(),
                message: "is missing".into(),
            }]);
        }
        Ok(Arc::new(Profile))
    }

    fn shipped(&self, _name: &str) -> Option<String> {
        None
    }

    fn discover(&self, _capture: &[(i64, Vec<u8>)]) -> Option<String> {
        None
    }
}

fn read(line: &str) -> Option<(&str, WorkState)> {
    let (login, state) = line.trim().split_once(' ')?;
    let state = match state {
        "available" => WorkState::Available,
        "acd" => WorkState::Acd,
        "aux" => WorkState::Aux,
        "out" => WorkState::Unstaffed,
        _ => return None,
    };
    Some((login, state))
}

impl FeedProfile for Profile {
    fn period_ms(&self) -> u64 {
        1_000
    }

    fn stale_after_ms(&self) -> u64 {
        30_000
    }

    fn has_record(&self, bytes: &[u8]) -> bool {
        let text = String::from_utf8_lossy(bytes);
        text.split_inclusive('\n')
            .any(|line| line.ends_with('\n') && read(line).is_some())
    }

    fn preview(&self, lines: &[u8]) -> Vec<PreviewLine> {
        let text = String::from_utf8_lossy(lines).into_owned();
        let line = |text: &str| PreviewLine {
            text: text.replace(|one: char| one.is_ascii_digit(), "#"),
            reading: if read(text).is_some() {
                "record"
            } else {
                "skipped"
            }
            .into(),
            fields: BTreeMap::new(),
        };
        text.lines().map(line).collect()
    }

    fn feed(&self, context: FeedContext) -> Box<dyn FeedEngine> {
        Box::new(Engine {
            context,
            agents: BTreeMap::new(),
            partial: Vec::new(),
            counters: FeedCounters::default(),
            state: FeedState::Listening,
            confirmed: None,
        })
    }
}

struct Engine {
    context: FeedContext,
    agents: BTreeMap<String, WorkState>,
    partial: Vec<u8>,
    counters: FeedCounters,
    state: FeedState,
    confirmed: Option<i64>,
}

impl Engine {
    fn event(&self, now: i64, change: LiveChange) -> LiveEvent {
        LiveEvent {
            port: self.context.port,
            acd: self.context.acd,
            received_utc_ms: now,
            change,
        }
    }
}

impl FeedEngine for Engine {
    fn restore(&mut self, known: Vec<LatestStatus>, confirmed_utc_ms: Option<i64>) {
        self.confirmed = confirmed_utc_ms;
        self.agents = known
            .into_iter()
            .map(|agent| (agent.login, agent.status.state))
            .collect();
    }

    fn connected(&mut self, _now: i64, _events: &mut Vec<LiveEvent>) {
        self.partial.clear();
        self.state = FeedState::Connected;
    }

    fn receive(&mut self, bytes: &[u8], now: i64, events: &mut Vec<LiveEvent>) {
        self.partial.extend_from_slice(bytes);
        while let Some(end) = self.partial.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.partial.drain(..=end).collect();
            self.counters.lines += 1;
            let line = String::from_utf8_lossy(&line).into_owned();
            let Some((login, state)) = read(&line) else {
                *self.counters.rejected.entry("fields".into()).or_default() += 1;
                continue;
            };
            self.counters.records += 1;
            self.state = FeedState::Receiving;
            self.confirmed = Some(now);
            if self.agents.insert(login.to_owned(), state) == Some(state) {
                continue;
            }
            self.counters.events += 1;
            events.push(self.event(
                now,
                LiveChange::Status {
                    login: login.to_owned(),
                    name: None,
                    since_utc_ms: now,
                    since: Since::Receipt,
                    status: LiveStatus {
                        state,
                        direction: None,
                        aux_reason: None,
                        skill: None,
                        skill_level: None,
                        hold: Hold::No,
                        raw: None,
                    },
                },
            ));
        }
    }

    fn disconnected(&mut self, now: i64, events: &mut Vec<LiveEvent>) {
        self.lost(LossCause::Disconnected, now, events);
    }

    fn tick(&mut self, _now: i64, _events: &mut Vec<LiveEvent>) {}

    fn next_tick_utc_ms(&self) -> Option<i64> {
        None
    }

    fn lost(&mut self, cause: LossCause, now: i64, events: &mut Vec<LiveEvent>) {
        self.state = FeedState::Lost { cause };
        self.agents.clear();
        let confirmed_utc_ms = self.confirmed.take();
        events.push(self.event(
            now,
            LiveChange::Lost {
                confirmed_utc_ms,
                cause,
            },
        ));
    }

    fn health(&self) -> Health {
        Health {
            state: self.state.clone(),
            confirmed_utc_ms: self.confirmed,
            last_record_utc_ms: self.confirmed,
            period_ms: None,
            agents: self.agents.len() as u64,
            counters: self.counters.clone(),
        }
    }
}
