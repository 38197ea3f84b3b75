//! What every agent was shown to do, traced or not, to the second: what a real-time feed had to say.
//!
//! A span ends where code, AUX reason or skill changes. States that came and went within one second are left out, but the span before
//! such a state and the one after it stay two, even if they are alike: their durations count from the later one. While the
//! link between switch and CMS is down nothing is shown; from its return on agents are in OTHER until they change.

use floorwire_sim_centre::event::{Activity, Direction, Event, Login, Skill, What};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// A span of what was shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LiveSpan {
    /// The ACD.
    pub acd: i16,
    /// The login ID.
    pub login: Login,
    /// Unix seconds.
    pub start_utc: i64,
    /// Unix seconds, exclusive.
    pub end_utc: i64,
    /// Since when the state is shown, Unix seconds: before `start_utc` where the skill alone has changed.
    pub since_utc: i64,
    /// Two-digit code, direction in it: 20 available, 32 ACD in, 40 to 42 after-call work, 50 to 52 AUX, 62 direct call, 70 to 72 work
    /// after one, 80 rings, 220 other, 600 AUX out with a caller on hold.
    pub code: u16,
    /// AUX reason, in AUX only.
    pub aux_reason: Option<u8>,
    /// Skill of the call or of its after-call work.
    pub skill: Option<Skill>,
    /// The span goes on: the log ends in it.
    pub open: bool,
}

type State = (u16, Option<u8>, Option<Skill>);

struct Shown {
    state: State,
    start: i64,
    since: i64,
}

/// Follows what is shown.
#[derive(Default)]
pub struct LiveTimelines {
    present: BTreeMap<(i16, Login), Shown>,
    logged_in: BTreeSet<(i16, Login)>,
    blind: BTreeSet<i16>,
    spans: Vec<LiveSpan>,
}

const OTHER: State = (220, None, None);

impl LiveTimelines {
    /// Takes the next event of the log.
    pub fn feed(&mut self, event: &Event) {
        let (acd, now) = (event.acd, event.utc_s);
        match &event.what {
            What::LoggedIn { login, .. } => {
                self.logged_in.insert((acd, *login));
                self.show((acd, *login), now, OTHER);
            }
            What::State { login, activity } => self.show((acd, *login), now, shown(*activity)),
            What::LoggedOut { login, .. } => {
                self.logged_in.remove(&(acd, *login));
                self.end((acd, *login), now, false);
            }
            What::LinkDown { .. } => {
                for key in self.of_acd(acd) {
                    self.end(key, now, false);
                }
                self.blind.insert(acd);
            }
            What::LinkUp => {
                self.blind.remove(&acd);
                let present: Vec<_> = self.logged_in.iter().copied().collect();
                for key in present.into_iter().filter(|(of, _)| *of == acd) {
                    self.show(key, now, OTHER);
                }
            }
            _ => {}
        }
    }

    /// All spans, in order of their ends; those that go on end at `through_utc_s`.
    pub fn finish(mut self, through_utc_s: i64) -> Vec<LiveSpan> {
        let present: Vec<_> = self.present.keys().copied().collect();
        for key in present {
            self.end(key, through_utc_s, true);
        }
        self.spans
    }

    fn of_acd(&self, acd: i16) -> Vec<(i16, Login)> {
        let keys = self.present.keys().copied();
        keys.filter(|(of, _)| *of == acd).collect()
    }

    fn show(&mut self, key: (i16, Login), now: i64, state: State) {
        if self.blind.contains(&key.0) || !self.logged_in.contains(&key) {
            return;
        }
        let mut since = now;
        if let Some(before) = self.present.get(&key) {
            if before.state == state {
                return;
            }
            // Another skill alone does not begin the time anew.
            if (before.state.0, before.state.1) == (state.0, state.1) {
                since = before.since;
            }
        }
        self.end(key, now, false);
        let begun = Shown {
            state,
            start: now,
            since,
        };
        self.present.insert(key, begun);
    }

    fn end(&mut self, key: (i16, Login), now: i64, open: bool) {
        let Some(ended) = self.present.remove(&key) else {
            return;
        };
        if ended.start >= now {
            return;
        }
        let (code, aux_reason, skill) = ended.state;
        self.spans.push(LiveSpan {
            acd: key.0,
            login: key.1,
            start_utc: ended.start,
            end_utc: now,
            since_utc: ended.since,
            code,
            aux_reason,
            skill,
            open,
        });
    }
}

/// Code, reason and skill of an activity.
fn shown(activity: Activity) -> State {
    let with_call = |code: u16, call: Option<Direction>| match call {
        None => code,
        Some(Direction::Out) => code + 1,
        Some(Direction::In) => code + 2,
    };
    match activity {
        Activity::Available => (20, None, None),
        Activity::Ringing { skill } => (80, None, skill),
        Activity::Talking { skill } => (if skill.is_some() { 32 } else { 62 }, None, skill),
        Activity::Holding { .. } | Activity::Other => OTHER,
        Activity::Consulting { .. } => (600, Some(0), None),
        Activity::AfterCall {
            skill,
            extension_call,
        } => {
            let code = if skill.is_some() { 40 } else { 70 };
            (with_call(code, extension_call), None, skill)
        }
        Activity::StandAloneAfterCall { extension_call } => {
            (with_call(40, extension_call), None, None)
        }
        Activity::Auxiliary {
            reason,
            extension_call,
        } => (with_call(50, extension_call), Some(reason), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_to_the_second() {
        let mut live = LiveTimelines::default();
        let mut say = |utc_s, what| {
            live.feed(&Event {
                utc_s,
                acd: 1,
                what,
            });
        };
        let state = |activity| What::State { login: 7, activity };
        say(
            10,
            What::LoggedIn {
                login: 7,
                extension: 70,
                location: 1,
                skills: Vec::new(),
            },
        );
        say(10, state(Activity::Other));
        let aux = state(Activity::Auxiliary {
            reason: 3,
            extension_call: None,
        });
        say(12, aux.clone());
        // Available for no time: the second AUX is another one.
        say(20, state(Activity::Available));
        say(20, aux);
        say(
            30,
            state(Activity::AfterCall {
                skill: Some(11),
                extension_call: None,
            }),
        );
        say(
            33,
            state(Activity::StandAloneAfterCall {
                extension_call: None,
            }),
        );
        say(40, What::LinkDown { reason: 95 });
        say(41, state(Activity::Available));
        say(50, What::LinkUp);
        say(
            55,
            What::LoggedOut {
                login: 7,
                reason: 0,
            },
        );
        let found: Vec<_> = live
            .finish(60)
            .into_iter()
            .map(|span| {
                let LiveSpan {
                    start_utc,
                    end_utc,
                    since_utc,
                    code,
                    aux_reason,
                    skill,
                    ..
                } = span;
                (start_utc, end_utc, since_utc, code, aux_reason, skill)
            })
            .collect();
        assert_eq!(
            found,
            [
                (10, 12, 10, 220, None, None),
                (12, 20, 12, 50, Some(3), None),
                (20, 30, 20, 50, Some(3), None),
                (30, 33, 30, 40, None, Some(11)),
                (33, 40, 30, 40, None, None),
                (50, 55, 50, 220, None, None),
            ]
        );
    }
}
