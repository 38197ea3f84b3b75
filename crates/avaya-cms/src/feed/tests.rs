//! Feeds played with a clock of the tests' own.

mod behaviour;
mod faults;
mod lines;
mod played;
mod profiles;
mod splits;

use super::{Feed, FeedContext, Profile};
use floorwire_model::agents::WorkState;
use floorwire_model::agents::scope::AgentScope;
use floorwire_model::ids::AcdNumber;
use floorwire_model::live::{LiveChange, LiveEvent, LiveStatus, LossCause, Since};
use std::sync::Arc;

/// The clock's first moment.
pub const START: i64 = 1_800_000_000_000;

pub fn context(scope: AgentScope) -> FeedContext {
    FeedContext {
        port: 7001,
        acd: AcdNumber(1),
        scope,
        generic_absence: false,
    }
}

/// A feed with its clock.
pub struct Desk {
    pub feed: Feed,
    pub now: i64,
    pub events: Vec<LiveEvent>,
}

impl Desk {
    pub fn new(profile: &str) -> Self {
        Self::with(Profile::shipped(profile).unwrap(), context(AgentScope::All))
    }

    pub fn with(profile: Profile, context: FeedContext) -> Self {
        let mut desk = Self {
            feed: Feed::new(Arc::new(profile), context),
            now: START,
            events: Vec::new(),
        };
        desk.feed.connected(START, &mut desk.events);
        desk
    }

    /// Lets time pass, with every tick that the feed asks for.
    pub fn wait(&mut self, ms: i64) -> &mut Self {
        let until = self.now + ms;
        while let Some(tick) = self.feed.next_tick_utc_ms().filter(|tick| *tick <= until) {
            self.now = tick.max(self.now);
            self.feed.tick(self.now, &mut self.events);
            if self.feed.next_tick_utc_ms() == Some(tick) {
                panic!("a tick that changes nothing is asked for again");
            }
        }
        self.now = until;
        self
    }

    pub fn send(&mut self, text: impl AsRef<[u8]>) -> &mut Self {
        self.feed.receive(text.as_ref(), self.now, &mut self.events);
        self
    }

    /// The events since the last call, in short.
    pub fn told(&mut self) -> Vec<String> {
        self.events.drain(..).map(|event| short(&event)).collect()
    }
}

/// `4021 aux out 3 s-5000` for a status, `lost frozen` for a loss.
pub fn short(event: &LiveEvent) -> String {
    match &event.change {
        LiveChange::Status {
            login,
            since_utc_ms,
            since,
            status,
            ..
        } => {
            let how = match since {
                Since::Source => "s",
                Since::Receipt => "r",
                Since::Earlier => "e",
            };
            format!(
                "{login} {} {how}{}",
                status_text(status),
                since_utc_ms - START
            )
        }
        LiveChange::Lost {
            cause,
            confirmed_utc_ms,
        } => {
            let confirmed = confirmed_utc_ms.map(|at| at - START);
            format!("lost {cause:?} {confirmed:?}")
        }
        LiveChange::Dropped { .. } => "dropped".into(),
    }
}

fn status_text(status: &LiveStatus) -> String {
    let mut text = status.state.as_str().to_owned();
    if let Some(direction) = status.direction {
        text.push(' ');
        text.push_str(direction.as_str());
    }
    if let Some(reason) = status.aux_reason {
        text.push_str(&format!(" #{reason}"));
    }
    if let Some(skill) = &status.skill {
        text.push_str(&format!(" skill {skill}"));
    }
    if let Some(level) = status.skill_level {
        text.push_str(&format!(" level {level}"));
    }
    if let Some(raw) = &status.raw {
        text.push_str(&format!(" raw {raw}"));
    }
    if status.hold != floorwire_model::agents::Hold::No {
        text.push_str(" hold");
    }
    text
}

pub fn logouts(events: &[LiveEvent]) -> usize {
    let is_logout = |event: &&LiveEvent| matches!(&event.change, LiveChange::Status { status, .. } if status.state == WorkState::Unstaffed);
    events.iter().filter(is_logout).count()
}

pub fn losses(events: &[LiveEvent]) -> Vec<LossCause> {
    let cause = |event: &LiveEvent| match event.change {
        LiveChange::Lost { cause, .. } => Some(cause),
        _ => None,
    };
    events.iter().filter_map(cause).collect()
}

/// A line of 49 numbers.
pub fn cisco(login: u32, code: u32, reason: u32, skill: u32) -> String {
    let zeros = " 0".repeat(38);
    let level = u32::from(skill > 0);
    format!("{login} {code} {reason} 0 0 {skill} 0 1 8{login} {skill} {level}{zeros}\n")
}
