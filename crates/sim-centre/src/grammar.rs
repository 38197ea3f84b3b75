//! The grammar of the event log, as a checker: see the head of [`crate::event`].

use crate::event::{Activity, CallId, Event, Login, Skill, What};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Checks events one after the other.
#[derive(Default)]
pub struct Grammar {
    last_utc_s: Option<i64>,
    calls: HashMap<(i16, CallId), Stage>,
    ended: HashSet<(i16, CallId)>,
    agents: BTreeMap<(i16, Login), Person>,
    links_down: HashSet<i16>,
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Stage {
    Vector,
    Queue,
    Direct,
    Ringing(Login, Option<Skill>),
    Requeue(Skill),
    Talking(Login),
    Held(Login),
    Released(Login),
    Station,
}

struct Person {
    logged_in: bool,
    activity: Option<Activity>,
    skills: Vec<Skill>,
}

/// Checks a whole log. `Err` names the first event that breaks the grammar.
///
/// # Errors
/// The event and what is wrong with it.
pub fn check<'a>(events: impl IntoIterator<Item = &'a Event>) -> Result<(), String> {
    let mut grammar = Grammar::default();
    events.into_iter().try_for_each(|event| grammar.feed(event))
}

impl Grammar {
    /// Takes the next event.
    ///
    /// # Errors
    /// The event and what is wrong with it.
    pub fn feed(&mut self, event: &Event) -> Result<(), String> {
        let wrong = |reason: &str| Err(format!("{reason}: {event:?}"));
        if self.last_utc_s.is_some_and(|last| last > event.utc_s) {
            return wrong("earlier than the event before it");
        }
        self.last_utc_s = Some(event.utc_s);
        match self.judge(event) {
            Ok(()) => Ok(()),
            Err(reason) => wrong(&reason),
        }
    }

    fn judge(&mut self, event: &Event) -> Result<(), String> {
        let acd = event.acd;
        match &event.what {
            What::Arrived { call, .. } => {
                let fresh = !self.ended.contains(&(acd, *call));
                let fresh = self.calls.insert((acd, *call), Stage::Vector).is_none() && fresh;
                expect(fresh, "this call came before")
            }
            What::Routed { call, .. } => self.keep(acd, *call, |stage| stage == Stage::Vector),
            What::Queued {
                call,
                skill,
                rank,
                again,
            } => {
                expect((1..=3).contains(rank), "rank is not from 1 to 3")?;
                self.go(acd, *call, Stage::Queue, |stage| match stage {
                    Stage::Vector => *rank == 1 && !again,
                    Stage::Queue => *rank > 1 && !again,
                    Stage::Requeue(left) => *again && left == *skill,
                    _ => false,
                })
            }
            What::DirectQueued { call, login } => {
                self.present(acd, *login)?;
                self.go(acd, *call, Stage::Direct, |stage| stage == Stage::Vector)
            }
            What::Ringing { call, login, skill } => {
                self.has(acd, *login, *skill)?;
                self.go(acd, *call, Stage::Ringing(*login, *skill), |stage| {
                    stage
                        == if skill.is_some() {
                            Stage::Queue
                        } else {
                            Stage::Direct
                        }
                })
            }
            What::Unanswered { call, login, skill } => {
                self.go(acd, *call, Stage::Requeue(*skill), |stage| {
                    stage == Stage::Ringing(*login, Some(*skill))
                })
            }
            What::Answered { call, login, skill } => {
                self.go(acd, *call, Stage::Talking(*login), |stage| {
                    stage == Stage::Ringing(*login, *skill)
                })
            }
            What::Held { call, login } => self.go(acd, *call, Stage::Held(*login), |stage| {
                stage == Stage::Talking(*login)
            }),
            What::Retrieved { call, login } => {
                self.go(acd, *call, Stage::Talking(*login), |stage| {
                    stage == Stage::Held(*login)
                })
            }
            What::Transferred { call, login } | What::Conferenced { call, login } => {
                self.keep(acd, *call, |stage| {
                    stage == Stage::Talking(*login) || stage == Stage::Held(*login)
                })
            }
            What::Released { call, login, .. } => {
                self.go(acd, *call, Stage::Released(*login), |stage| {
                    stage == Stage::Talking(*login) || stage == Stage::Held(*login)
                })
            }
            What::Worked { call, login } => {
                self.end(acd, *call, |stage| stage == Stage::Released(*login))
            }
            What::Abandoned { call } => self.end(acd, *call, |stage| {
                matches!(
                    stage,
                    Stage::Vector | Stage::Queue | Stage::Direct | Stage::Ringing(..)
                )
            }),
            What::Busied { call } | What::Disconnected { call } | What::LeftAcd { call } => self
                .end(acd, *call, |stage| {
                    matches!(stage, Stage::Vector | Stage::Queue)
                }),
            What::Connected { call, .. } => {
                self.go(acd, *call, Stage::Station, |stage| stage == Stage::Vector)
            }
            What::Ended { call } => self.end(acd, *call, |stage| stage == Stage::Station),
            What::ExtensionCall { login, .. } | What::ExtensionCallEnded { login, .. } => {
                self.present(acd, *login)
            }
            What::LoggedIn { login, skills, .. } => {
                expect(self.present(acd, *login).is_err(), "is logged in already")?;
                expect(!skills.is_empty(), "has no skill")?;
                let person = Person {
                    logged_in: true,
                    activity: None,
                    skills: skills.iter().map(|held| held.skill).collect(),
                };
                self.agents.insert((acd, *login), person);
                Ok(())
            }
            What::State { login, activity } => {
                self.present(acd, *login)?;
                if let Activity::Ringing { skill } | Activity::Talking { skill } = activity {
                    self.has(acd, *login, *skill)?;
                }
                if let Some(person) = self.agents.get_mut(&(acd, *login)) {
                    person.activity = Some(*activity);
                }
                Ok(())
            }
            What::SkillsChanged { login, skills } => {
                self.present(acd, *login)?;
                expect(!skills.is_empty(), "has no skill")?;
                if let Some(person) = self.agents.get_mut(&(acd, *login)) {
                    person.skills = skills.iter().map(|held| held.skill).collect();
                }
                Ok(())
            }
            What::LoggedOut { login, reason } => {
                self.present(acd, *login)?;
                expect(*reason <= 9, "reason is not from 0 to 9")?;
                if let Some(person) = self.agents.get_mut(&(acd, *login)) {
                    expect(person.activity.is_some(), "had no state")?;
                    person.logged_in = false;
                }
                Ok(())
            }
            What::LinkDown { .. } => {
                expect(self.links_down.insert(acd), "the link is down already")
            }
            What::LinkUp => expect(self.links_down.remove(&acd), "the link is up already"),
            What::Traced { .. }
            | What::Overload { .. }
            | What::ServiceLevelSet { .. }
            | What::Renamed { .. }
            | What::ClockSet { .. }
            | What::ArchiverOff { .. }
            | What::ArchiverOn => Ok(()),
        }
    }

    fn present(&self, acd: i16, login: Login) -> Result<(), String> {
        let person = self.agents.get(&(acd, login));
        expect(
            person.is_some_and(|person| person.logged_in),
            "agent is not logged in",
        )
    }

    fn has(&self, acd: i16, login: Login, skill: Option<Skill>) -> Result<(), String> {
        self.present(acd, login)?;
        let person = self.agents.get(&(acd, login));
        let held =
            person.is_some_and(|person| skill.is_none_or(|skill| person.skills.contains(&skill)));
        expect(held, "agent does not have the skill")
    }

    fn keep(&mut self, acd: i16, call: CallId, fits: impl Fn(Stage) -> bool) -> Result<(), String> {
        let stage = self.calls.get(&(acd, call)).copied();
        expect(
            stage.is_some_and(fits),
            &format!("does not follow {stage:?}"),
        )
    }

    fn go(
        &mut self,
        acd: i16,
        call: CallId,
        to: Stage,
        fits: impl Fn(Stage) -> bool,
    ) -> Result<(), String> {
        self.keep(acd, call, fits)?;
        self.calls.insert((acd, call), to);
        Ok(())
    }

    fn end(&mut self, acd: i16, call: CallId, fits: impl Fn(Stage) -> bool) -> Result<(), String> {
        self.keep(acd, call, fits)?;
        self.calls.remove(&(acd, call));
        self.ended.insert((acd, call));
        Ok(())
    }
}

fn expect(holds: bool, otherwise: &str) -> Result<(), String> {
    if holds {
        Ok(())
    } else {
        Err(otherwise.to_owned())
    }
}
