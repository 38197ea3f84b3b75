//! A site described in TOML: its ACDs, skills, VDNs, groups of agents, the switches of its CMS, and what goes wrong.
//!
//! Unknown keys are refused, and what cannot be played is named before anything is: see [`Scenario::parse`]. Durations
//! are seconds, shares are parts of 1, times of day are local (`"08:30"`), dates are local.

mod check;
mod generated;
mod limits;
mod overlaps;
mod shipped;

pub use check::ScenarioError;
pub use generated::{Size, generated};
pub use shipped::{SHIPPED, shipped};

use crate::event::{ClockCause, Named, Skill, Vdn};
use crate::variants::Variants;
use jiff::civil::{Date, DateTime, Time, Weekday};
use serde::Deserialize;
use std::collections::BTreeMap;

/// A site, and what happens on it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Scenario {
    /// Short name, as in `--scenario NAME`.
    pub name: String,
    /// What it is for, in a sentence.
    pub title: String,
    /// The same seed gives the same events.
    #[serde(default = "one")]
    pub seed: u64,
    /// First day played; `None`: so many days before the day it is played for.
    #[serde(default)]
    pub first_day: Option<Date>,
    /// Days of history.
    pub days: u16,
    /// Days on which every queue is closed that has opening hours.
    #[serde(default)]
    pub holidays: Vec<Date>,
    /// What the site's CMS is like.
    #[serde(default)]
    pub variants: Variants,
    /// The ACDs.
    #[serde(rename = "acd")]
    pub acds: Vec<AcdPlan>,
    /// What happens to switch, link and archiver.
    #[serde(rename = "event", default)]
    pub events: Vec<PlannedEvent>,
    /// What happens to the tables; in the end they hold what they should.
    #[serde(rename = "trouble", default)]
    pub troubles: Vec<Trouble>,
}

/// One ACD.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct AcdPlan {
    /// Its number.
    pub number: i16,
    /// IANA zone of its clock.
    pub zone: String,
    /// 15, 30 or 60.
    #[serde(default = "thirty")]
    pub interval_minutes: i32,
    /// Talk shorter than this is a phantom abandon; 0: never.
    #[serde(default)]
    pub phantom_seconds: i64,
    /// Share of the agents who are traced.
    #[serde(default)]
    pub traced_share: f64,
    /// Names of AUX reasons; the number is the key.
    #[serde(default)]
    pub aux_reasons: BTreeMap<String, String>,
    /// Splits or skills.
    #[serde(rename = "skill")]
    pub skills: Vec<SkillPlan>,
    /// Vector directory numbers.
    #[serde(rename = "vdn")]
    pub vdns: Vec<VdnPlan>,
    /// Groups of agents with the same skills and hours.
    #[serde(rename = "group")]
    pub groups: Vec<GroupPlan>,
    /// Names that change, and login IDs that are given to somebody else.
    #[serde(rename = "rename", default)]
    pub renames: Vec<Rename>,
}

/// A split or skill.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SkillPlan {
    /// Its number.
    pub number: Skill,
    /// Its name; empty: none in the dictionary.
    pub name: String,
    /// Calls answered within so many seconds are acceptable.
    #[serde(default = "twenty")]
    pub service_level: i64,
    /// Bounds of the waiting time classes.
    #[serde(default = "usual_periods")]
    pub periods: [i64; 9],
    /// Median talk, seconds.
    #[serde(default = "usual_talk")]
    pub talk_median: f64,
    /// Spread of talk (sigma of the lognormal).
    #[serde(default = "usual_spread")]
    pub talk_spread: f64,
    /// Median after-call work, seconds; 0: none.
    #[serde(default = "usual_acw")]
    pub acw_median: f64,
    /// Share of calls with a hold.
    #[serde(default = "tenth")]
    pub hold_share: f64,
    /// Share of holds in which the agent consults somebody.
    #[serde(default)]
    pub consult_share: f64,
    /// Share of calls that are transferred.
    #[serde(default)]
    pub transfer_share: f64,
    /// Share of calls to which somebody is added.
    #[serde(default)]
    pub conference_share: f64,
    /// Share of calls that an agent lets ring.
    #[serde(default)]
    pub unanswered_share: f64,
    /// Share of answered calls that end within a few seconds.
    #[serde(default)]
    pub dropped_share: f64,
    /// Share of calls in whose after-call work the agent is on an extension call.
    #[serde(default = "twentieth")]
    pub work_call_share: f64,
    /// Share of those extension calls that come in.
    #[serde(default)]
    pub work_call_in_share: f64,
    /// Share of those extension calls that go over a trunk; a program dials a third of the outgoing ones of them.
    #[serde(default)]
    pub work_call_external_share: f64,
    /// So many waiting calls put the skill over its first reserve threshold, twice as many over the second; 0: never.
    #[serde(default)]
    pub overload_calls: usize,
}

/// A vector directory number and the vector behind it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct VdnPlan {
    /// Its number.
    pub number: Vdn,
    /// Its name; empty: none in the dictionary.
    pub name: String,
    /// Number of the vector.
    #[serde(default = "one_short")]
    pub vector: i16,
    /// Calls on a usual Wednesday; 0 for a VDN that is only routed to.
    #[serde(default)]
    pub calls_per_day: f64,
    /// True: placed by an outbound system.
    #[serde(default)]
    pub adjunct: bool,
    /// Opening hours; none: around the clock.
    #[serde(default)]
    pub hours: Vec<Hours>,
    /// Up to three skills, the main one first.
    #[serde(default)]
    pub skills: Vec<Skill>,
    /// Seconds after which the call is queued to the second and third skill as well.
    #[serde(default)]
    pub widen_after: i64,
    /// Share of calls that go on to `route-to` at once; the rest is queued here.
    #[serde(default)]
    pub route_share: f64,
    /// Another VDN.
    #[serde(default)]
    pub route_to: Option<Vdn>,
    /// Seconds of announcement before the queue.
    #[serde(default)]
    pub announcement: i64,
    /// Share of calls for one agent.
    #[serde(default)]
    pub direct_share: f64,
    /// Share of calls delivered to a station.
    #[serde(default)]
    pub connected_share: f64,
    /// So many waiting calls of the main skill give a busy tone; 0: never.
    #[serde(default)]
    pub busy_at: usize,
    /// Seconds of waiting after which the call leaves the ACD; 0: never.
    #[serde(default)]
    pub leave_after: i64,
    /// Seconds of waiting after which the call gets a busy tone; 0: never.
    #[serde(default)]
    pub busy_after: i64,
    /// Seconds of waiting after which the vector hangs up; 0: never.
    #[serde(default)]
    pub disconnect_after: i64,
    /// Share of calls outside the opening hours, of those within; they are disconnected.
    #[serde(default)]
    pub closed_share: f64,
    /// Mean patience, seconds.
    #[serde(default = "usual_patience")]
    pub patience_mean: f64,
    /// Calls answered within so many seconds are acceptable.
    #[serde(default = "twenty")]
    pub service_level: i64,
    /// Bounds of the waiting time classes.
    #[serde(default = "usual_periods")]
    pub periods: [i64; 9],
}

/// Hours on some days of the week.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Hours {
    /// `mon` to `sun`, alone or as a range (`mon-fri`), separated by commas.
    pub days: Days,
    /// First minute.
    pub from: Time,
    /// End; not after `from`: on the following day.
    pub to: Time,
}

/// Days of the week.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Days(pub Vec<Weekday>);

/// Agents with the same skills and hours.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct GroupPlan {
    /// How many.
    pub agents: u32,
    /// Login ID of the first; the others follow.
    pub first_login: u32,
    /// Station of the first; the others follow.
    pub first_extension: u32,
    /// Location of their stations.
    #[serde(default)]
    pub location: i16,
    /// What they are called: a list that is gone through, with the login ID added.
    #[serde(default)]
    pub names: Vec<String>,
    /// Skill and level 1 to 16.
    pub skills: Vec<(Skill, u8)>,
    /// Skill and reserve level 1 or 2.
    #[serde(default)]
    pub reserve: Vec<(Skill, u8)>,
    /// When they work.
    pub shifts: Vec<Hours>,
    /// Share of shifts that somebody misses.
    #[serde(default)]
    pub absent_share: f64,
    /// Breaks within a shift.
    #[serde(default)]
    pub breaks: Vec<Break>,
    /// Extension calls per agent and shift.
    #[serde(default)]
    pub extension_calls: f64,
    /// Stand-alone after-call work per agent and shift.
    #[serde(default)]
    pub paperwork: f64,
    /// Share of shifts in which somebody moves to another station (and location).
    #[serde(default)]
    pub move_share: f64,
    /// Share of shifts in which somebody gets `extra-skill` for the rest of it.
    #[serde(default)]
    pub reskill_share: f64,
    /// The skill that re-skilling adds.
    #[serde(default)]
    pub extra_skill: Option<Skill>,
}

/// A break within a shift.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Break {
    /// Minutes after the begin of the shift.
    pub after: u16,
    /// Length in minutes.
    pub minutes: u16,
    /// AUX reason, 0 to 99.
    pub reason: u8,
}

/// A new name.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Rename {
    /// Local time.
    pub at: DateTime,
    /// What is renamed.
    pub item: Named,
    /// Its number.
    pub number: u32,
    /// The new name.
    pub name: String,
}

/// Something that happens to switch, link or archiver. Times are local to the ACD.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(
    tag = "kind",
    rename_all = "kebab-case",
    rename_all_fields = "kebab-case",
    deny_unknown_fields
)]
pub enum PlannedEvent {
    /// The link between switch and CMS is down.
    LinkDown {
        /// The ACD.
        acd: i16,
        /// When.
        at: DateTime,
        /// How long.
        seconds: i64,
        /// 93 to 97, as `linkex.reason`.
        reason: i16,
    },
    /// The switch's clock is set.
    ClockSet {
        /// The ACD.
        acd: i16,
        /// When.
        at: DateTime,
        /// Seconds that it shows more from then on.
        by_seconds: i64,
        /// Why.
        cause: ClockCause,
    },
    /// The archiver is off.
    ArchiverOff {
        /// The ACD.
        acd: i16,
        /// When.
        at: DateTime,
        /// How long.
        seconds: i64,
        /// What was missed is written afterwards.
        recovered: bool,
    },
    /// Another service level threshold.
    ServiceLevel {
        /// The ACD.
        acd: i16,
        /// When.
        at: DateTime,
        /// The skill.
        skill: Skill,
        /// The threshold from then on.
        seconds: i64,
    },
}

/// Something that happens to a table, and is healed afterwards. Times are local to the ACD.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Trouble {
    /// What.
    pub kind: TroubleKind,
    /// The ACD.
    pub acd: i16,
    /// The table.
    pub table: String,
    /// Rows of intervals from here on ...
    pub from: DateTime,
    /// ... up to here are concerned.
    pub to: DateTime,
    /// Seconds after their usual time at which they are right.
    pub healed_after: i64,
}

/// Kinds of trouble with a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TroubleKind {
    /// Rows appear late.
    Late,
    /// Rows have wrong figures first.
    Corrected,
    /// A row appears that should not, and is deleted.
    Spurious,
    /// A row that is right is deleted after half the time, and comes back.
    Deleted,
    /// Two rows of an interval have each other's figures first, so that sums are right.
    Swapped,
    /// The reader may not read the table.
    RightsRevoked,
    /// The table is locked.
    Locked,
}

impl SkillPlan {
    /// A skill like many others.
    pub fn usual(number: Skill, name: &str) -> Self {
        Self {
            number,
            name: name.to_owned(),
            service_level: twenty(),
            periods: usual_periods(),
            talk_median: usual_talk(),
            talk_spread: usual_spread(),
            acw_median: usual_acw(),
            hold_share: tenth(),
            consult_share: 0.0,
            transfer_share: 0.0,
            conference_share: 0.0,
            unanswered_share: 0.0,
            dropped_share: 0.0,
            work_call_share: twentieth(),
            work_call_in_share: 0.0,
            work_call_external_share: 0.0,
            overload_calls: 0,
        }
    }
}

impl VdnPlan {
    /// A VDN that queues to one skill, around the clock.
    pub fn usual(number: Vdn, name: &str, skill: Skill, calls_per_day: f64) -> Self {
        Self {
            number,
            name: name.to_owned(),
            vector: one_short(),
            calls_per_day,
            adjunct: false,
            hours: Vec::new(),
            skills: vec![skill],
            widen_after: 0,
            route_share: 0.0,
            route_to: None,
            announcement: 0,
            direct_share: 0.0,
            connected_share: 0.0,
            busy_at: 0,
            leave_after: 0,
            busy_after: 0,
            disconnect_after: 0,
            closed_share: 0.0,
            patience_mean: usual_patience(),
            service_level: twenty(),
            periods: usual_periods(),
        }
    }
}

impl GroupPlan {
    /// So many agents with these skills, in these shifts, with a lunch break.
    pub fn usual(
        agents: u32,
        first_login: u32,
        skills: Vec<(Skill, u8)>,
        shifts: Vec<Hours>,
    ) -> Self {
        Self {
            agents,
            first_login,
            first_extension: 20_000 + first_login,
            location: 1,
            names: Vec::new(),
            skills,
            reserve: Vec::new(),
            shifts,
            absent_share: 0.06,
            breaks: vec![
                Break {
                    after: 120,
                    minutes: 10,
                    reason: 1,
                },
                Break {
                    after: 240,
                    minutes: 40,
                    reason: 2,
                },
                Break {
                    after: 380,
                    minutes: 10,
                    reason: 1,
                },
            ],
            extension_calls: 0.0,
            paperwork: 0.0,
            move_share: 0.0,
            reskill_share: 0.0,
            extra_skill: None,
        }
    }
}

impl AcdPlan {
    /// Login IDs with the names that they have at first.
    pub fn agents(&self) -> Vec<(u32, String)> {
        let mut agents: Vec<(u32, String)> = self
            .groups
            .iter()
            .flat_map(|group| {
                (0..group.agents).map(|number| {
                    let login = group.first_login + number;
                    let name = match group.names.len() {
                        0 => format!("Agent {login}"),
                        names => format!("{} {login}", group.names[number as usize % names]),
                    };
                    (login, name)
                })
            })
            .collect();
        agents.sort();
        agents
    }

    /// AUX reasons with their names, in order.
    pub fn aux_names(&self) -> Vec<(u8, String)> {
        let mut names: Vec<(u8, String)> = self
            .aux_reasons
            .iter()
            .filter_map(|(reason, name)| Some((reason.parse().ok()?, name.clone())))
            .collect();
        names.sort();
        names
    }
}

fn one() -> u64 {
    1
}

fn one_short() -> i16 {
    1
}

fn thirty() -> i32 {
    30
}

fn twenty() -> i64 {
    20
}

fn usual_periods() -> [i64; 9] {
    [5, 10, 15, 20, 30, 45, 60, 90, 120]
}

fn usual_talk() -> f64 {
    180.0
}

fn usual_spread() -> f64 {
    0.65
}

fn usual_acw() -> f64 {
    40.0
}

fn tenth() -> f64 {
    0.1
}

fn twentieth() -> f64 {
    0.05
}

fn usual_patience() -> f64 {
    150.0
}
