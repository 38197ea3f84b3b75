//! What happens in the contact centre: the vocabulary of the event log.
//!
//! # Order
//! Events are in order of time; events of one second are in order of cause (a call rings before it is answered). All
//! instants are true time, Unix seconds UTC: what the switch's clock shows is the business of the booking.
//!
//! # Grammar of a call
//! ```text
//! call       = Arrived, Routed*, ending of the call
//! ending     = Abandoned | Busied | Disconnected | LeftAcd                 (in the vector, before any queue)
//!            | Connected, Ended                                            (delivered to a station without the ACD)
//!            | Queued+, queue                                              (one Queued per skill, ranks 1 to 3)
//!            | DirectQueued, direct                                        (a call to one agent)
//! queue      = Abandoned | Busied | Disconnected | LeftAcd
//!            | Ringing, ( Abandoned | Unanswered, Queued(again), queue | talk )
//! direct     = Abandoned | Ringing(skill none), ( Abandoned | talk )
//! talk       = Answered, ( Held, Retrieved )*, [ Transferred | Conferenced ], Released, Worked
//! ```
//! A call stays in all its queues while it rings; the answer ends them all. `Worked` always follows `Released`, in the
//! same second when there is no after-call work. A caller who hangs up on hold gives `Released` without `Retrieved`.
//!
//! # Grammar of an agent
//! `LoggedIn`, then `State` in the same second and at every change, `SkillsChanged` at any time, `LoggedOut`. Between
//! login and logout an agent is in exactly one [`Activity`] at each instant. Two `State`s of one agent may fall into one
//! second (a state of zero length). A login ID is logged in at most once per ACD.
//!
//! # What a CMS does not see
//! From `LinkDown` to `LinkUp` the CMS of that ACD is blind: calls that are in progress at any moment of it, from
//! `Arrived` to their last event, are lost to it. What agents do goes on, and so does this log.

use serde::{Deserialize, Serialize};

/// One event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Unix seconds UTC.
    #[serde(rename = "t")]
    pub utc_s: i64,
    /// The ACD on which it happened.
    pub acd: i16,
    /// What happened.
    #[serde(rename = "e")]
    pub what: What,
}

/// A call, unique within a simulation.
pub type CallId = u64;
/// A login ID, unique within its ACD.
pub type Login = u32;
/// A station.
pub type Extension = u32;
/// The number of a split or skill, unique within its ACD.
pub type Skill = i16;
/// A vector directory number, unique within its ACD.
pub type Vdn = u32;

/// Direction of a call as the agent sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Direction {
    /// To the agent.
    In,
    /// From the agent.
    Out,
}

/// How an agent has a skill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Level {
    /// Level 1 (served first) to 16.
    Normal(u8),
    /// Reserve level 1 or 2: serves only while the skill is over that threshold (`Overload`).
    Reserve(u8),
}

/// A skill of an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AgentSkill {
    /// The skill.
    pub skill: Skill,
    /// Its level.
    pub level: Level,
}

/// What an agent is doing. `skill: None` stands for a call directed to this agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Activity {
    /// Ready for a call of any skill.
    Available,
    /// A call rings.
    Ringing {
        /// The skill through which it came.
        skill: Option<Skill>,
    },
    /// Talks with a caller.
    Talking {
        /// The skill through which the call came.
        skill: Option<Skill>,
    },
    /// The caller is on hold, and the agent does nothing else.
    Holding {
        /// The skill through which the call came.
        skill: Option<Skill>,
    },
    /// The caller is on hold, and the agent speaks with somebody else meanwhile.
    Consulting {
        /// The skill through which the call came.
        skill: Option<Skill>,
    },
    /// After-call work of an ACD or direct call.
    AfterCall {
        /// The skill through which the call came.
        skill: Option<Skill>,
        /// Set while on an extension call.
        extension_call: Option<Direction>,
    },
    /// After-call work without a call before it.
    StandAloneAfterCall {
        /// Set while on an extension call.
        extension_call: Option<Direction>,
    },
    /// Auxiliary work.
    Auxiliary {
        /// 0 to 99; 0 is what the system sets.
        reason: u8,
        /// Set while on an extension call.
        extension_call: Option<Direction>,
    },
    /// Just logged in, or dialling: nothing that the CMS has a state for.
    Other,
}

/// Why the switch's clock was set by hand or by a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ClockCause {
    /// Somebody set it.
    Manual,
    /// It was brought back to true time.
    Resynchronised,
}

/// Kinds of things that have a name in the dictionary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Named {
    /// A split or skill.
    Skill,
    /// A vector directory number.
    Vdn,
    /// A login ID.
    Agent,
    /// An AUX reason.
    AuxReason,
}

/// What happened. `call`, `login`, `skill`, `vdn` name who and where; other members are explained at each event.
#[allow(missing_docs)] // the members say what their types are documented for
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum What {
    // ---- Calls ----
    /// A call reached its first VDN. `adjunct`: placed by an outbound system and delivered to the skill.
    Arrived {
        call: CallId,
        vdn: Vdn,
        adjunct: bool,
    },
    /// A vector sent the call on to another VDN.
    Routed { call: CallId, vdn: Vdn },
    /// The call waits for a skill. `rank` 1 is the main skill. `again`: after it was not answered.
    Queued {
        call: CallId,
        skill: Skill,
        rank: u8,
        again: bool,
    },
    /// The call waits for one agent.
    DirectQueued { call: CallId, login: Login },
    /// It rings at an agent's station. `skill: None` for a direct call.
    Ringing {
        call: CallId,
        login: Login,
        skill: Option<Skill>,
    },
    /// The agent let it ring too long; the agent goes to AUX 0, the call back to the queue it came from.
    Unanswered {
        call: CallId,
        login: Login,
        skill: Skill,
    },
    /// The agent took it.
    Answered {
        call: CallId,
        login: Login,
        skill: Option<Skill>,
    },
    /// The agent put the caller on hold.
    Held { call: CallId, login: Login },
    /// The agent took the caller back.
    Retrieved { call: CallId, login: Login },
    /// The agent gave the call to somebody else. `Released` follows in the same second.
    Transferred { call: CallId, login: Login },
    /// The agent added somebody to the call.
    Conferenced { call: CallId, login: Login },
    /// Talk is over. `by_agent`: the agent hung up first.
    Released {
        call: CallId,
        login: Login,
        by_agent: bool,
    },
    /// After-call work is over.
    Worked { call: CallId, login: Login },
    /// The caller hung up before an answer.
    Abandoned { call: CallId },
    /// The vector gave a busy tone.
    Busied { call: CallId },
    /// The vector hung up.
    Disconnected { call: CallId },
    /// The vector sent the call away from this ACD.
    LeftAcd { call: CallId },
    /// The vector delivered the call to a station; it is answered in this second.
    Connected { call: CallId, extension: Extension },
    /// A call delivered to a station is over.
    Ended { call: CallId },
    /// An agent began a call that no vector and no skill has to do with. `external`: over a trunk. `adjunct`: dialled
    /// by a program for the agent (only `Out`).
    ExtensionCall {
        call: CallId,
        login: Login,
        direction: Direction,
        external: bool,
        adjunct: bool,
    },
    /// That call is over.
    ExtensionCallEnded { call: CallId, login: Login },

    // ---- Agents ----
    /// Skills in the order of logon: the first is held longest.
    LoggedIn {
        login: Login,
        extension: Extension,
        location: i16,
        skills: Vec<AgentSkill>,
    },
    /// What the agent does from now on.
    State { login: Login, activity: Activity },
    /// The skills from now on; those kept come first, in their order.
    SkillsChanged {
        login: Login,
        skills: Vec<AgentSkill>,
    },
    /// The agent is gone. `reason`: 0 to 9.
    LoggedOut { login: Login, reason: u8 },
    /// Agent trace was switched on or off.
    Traced { login: Login, on: bool },

    // ---- Site ----
    /// The skill crossed a reserve threshold. `level`: 0 below, 1 or 2 above that one.
    Overload { skill: Skill, level: u8 },
    /// The service level threshold is from now on so many seconds.
    ServiceLevelSet { skill: Skill, seconds: i64 },
    /// The dictionary has a new name.
    Renamed {
        item: Named,
        number: u32,
        name: String,
    },
    /// The link between switch and CMS broke. `reason`: as `linkex.reason` has it, 93 to 97.
    LinkDown { reason: i16 },
    /// The link is up again. Agents are in OTHER for the CMS until their next `State`.
    LinkUp,
    /// The switch's clock shows `by_s` seconds more from now on than without this event.
    ClockSet { by_s: i64, cause: ClockCause },
    /// The CMS archives no intervals from now on. `recovered`: what is missed is written when it goes on.
    ArchiverOff { recovered: bool },
    /// The CMS archives again.
    ArchiverOn,
}

/// First line of the log: what does not change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Header {
    /// Version of the format, [`FORMAT`].
    pub format: u32,
    /// Name of the simulation, also kept in the database.
    pub simulation: String,
    /// Name of the scenario, `replay` for a replayed call log.
    pub scenario: String,
    /// Nothing that happened before this instant is in the log. The floor is empty then: nobody is logged in.
    pub from_utc_s: i64,
    /// The ACDs.
    pub acds: Vec<Acd>,
    /// What this site's CMS is like.
    pub variants: crate::variants::Variants,
}

/// Version of the event log's format.
pub const FORMAT: u32 = 2;

/// An ACD with the names and settings that are in force when the log begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Acd {
    /// Its number.
    pub acd: i16,
    /// IANA zone of the switch's clock.
    pub zone: String,
    /// 15, 30 or 60.
    pub interval_minutes: i32,
    /// Talk shorter than this counts as a phantom abandon; 0: never.
    pub phantom_s: i64,
    /// Splits or skills.
    pub skills: Vec<SkillSettings>,
    /// Vector directory numbers.
    pub vdns: Vec<VdnSettings>,
    /// Names of login IDs, in order of the ID.
    pub agents: Vec<(Login, String)>,
    /// Names of AUX reasons, in order of the reason.
    pub aux_reasons: Vec<(u8, String)>,
}

/// A split or skill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SkillSettings {
    /// Its number.
    pub skill: Skill,
    /// Its name; empty: it has none in the dictionary.
    pub name: String,
    /// Calls answered within so many seconds are acceptable.
    pub service_level_s: i64,
    /// Upper bounds of the waiting time classes 1 to 9, ascending, inclusive.
    pub periods_s: [i64; 9],
}

/// A vector directory number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VdnSettings {
    /// Its number.
    pub vdn: Vdn,
    /// Its name; empty: it has none in the dictionary.
    pub name: String,
    /// The vector it leads to.
    pub vector: i16,
    /// Calls answered within so many seconds are acceptable.
    pub service_level_s: i64,
    /// Upper bounds of the waiting time classes 1 to 9, ascending, inclusive.
    pub periods_s: [i64; 9],
}
