//! What an agent does, in the words of a real-time feed.
//!
//! Durations go on as long as mode, direction, AUX reason and hold stay the same; the skill alone does not begin them anew.

use floorwire_sim_centre::event::{Activity, Direction, Skill};

/// Work modes that a feed knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Available,
    Acd,
    AfterCall,
    Auxiliary,
    DirectCall,
    DirectWork,
    Ringing,
    Other,
    Unstaffed,
}

/// A state as it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    pub mode: Mode,
    pub direction: Option<Direction>,
    /// In AUX only.
    pub aux_reason: Option<u8>,
    /// Speaks with somebody while a caller is on hold.
    pub holds: bool,
    /// Of the call or of the work after it.
    pub skill: Option<Skill>,
}

impl Shown {
    /// Logged in, nothing known.
    pub const OTHER: Self = Self::plain(Mode::Other);
    /// Logged out.
    pub const UNSTAFFED: Self = Self::plain(Mode::Unstaffed);

    const fn plain(mode: Mode) -> Self {
        Self {
            mode,
            direction: None,
            aux_reason: None,
            holds: false,
            skill: None,
        }
    }

    /// The state of an activity.
    pub fn of(activity: Activity) -> Self {
        let state = |mode, direction, skill| Self {
            direction,
            skill,
            ..Self::plain(mode)
        };
        match activity {
            Activity::Available => Self::plain(Mode::Available),
            Activity::Ringing { skill } => state(Mode::Ringing, None, skill),
            Activity::Talking { skill: None } => state(Mode::DirectCall, Some(Direction::In), None),
            Activity::Talking { skill } => state(Mode::Acd, Some(Direction::In), skill),
            Activity::Holding { .. } | Activity::Other => Self::OTHER,
            Activity::Consulting { .. } => Self {
                aux_reason: Some(0),
                holds: true,
                ..state(Mode::Auxiliary, Some(Direction::Out), None)
            },
            Activity::AfterCall {
                skill: None,
                extension_call,
            } => state(Mode::DirectWork, extension_call, None),
            Activity::AfterCall {
                skill,
                extension_call,
            } => state(Mode::AfterCall, extension_call, skill),
            Activity::StandAloneAfterCall { extension_call } => {
                state(Mode::AfterCall, extension_call, None)
            }
            Activity::Auxiliary {
                reason,
                extension_call,
            } => Self {
                aux_reason: Some(reason),
                ..state(Mode::Auxiliary, extension_call, None)
            },
        }
    }

    /// Whether the duration goes on from one to the other.
    pub fn goes_on(self, before: Self) -> bool {
        Self {
            skill: None,
            ..self
        } == Self {
            skill: None,
            ..before
        }
    }

    /// What the row of one of the agent's skills shows. `home`: the skill to whose row work belongs.
    pub fn in_row(self, skill: Skill, home: Skill) -> Self {
        match self.mode {
            Mode::Acd | Mode::Ringing | Mode::AfterCall | Mode::DirectCall | Mode::DirectWork
                if skill != home =>
            {
                Self {
                    mode: Mode::Other,
                    ..self
                }
            }
            _ => self,
        }
    }

    /// The two-digit code, direction in it.
    pub fn code(self, renamed: bool) -> u16 {
        let tens = match self.mode {
            Mode::Unstaffed => 10,
            Mode::Available => 20,
            Mode::Acd => 30,
            Mode::AfterCall => 40,
            Mode::Auxiliary if self.holds => return 600,
            Mode::Auxiliary => 50,
            Mode::DirectCall => 60,
            Mode::DirectWork => 70,
            // No table lists 81.
            Mode::Ringing => return if renamed { 81 } else { 80 },
            Mode::Other => return 220,
        };
        tens + match self.direction {
            None => 0,
            Some(Direction::Out) => 1,
            Some(Direction::In) => 2,
        }
    }

    /// The text without direction, as the dictionary of a recent release has it.
    pub fn text(self, renamed: bool) -> &'static str {
        match (self.mode, renamed) {
            (Mode::Available, false) => "AVAIL",
            (Mode::Available, true) => "READY",
            (Mode::Acd, _) => "ACD",
            (Mode::AfterCall, _) => "ACW",
            (Mode::Auxiliary, false) => "AUX",
            (Mode::Auxiliary, true) => "PAUSE",
            (Mode::DirectCall, _) => "DACD",
            (Mode::DirectWork, _) => "DACW",
            (Mode::Ringing, false) => "RINGING",
            (Mode::Ringing, true) => "ALERT",
            (Mode::Other, _) => "OTHER",
            (Mode::Unstaffed, _) => "UNSTAFF",
        }
    }

    /// State and direction as they are displayed, in two parts of one word.
    pub fn glued(self, renamed: bool) -> (&'static str, &'static str) {
        let text = match (self.mode, renamed) {
            (Mode::Ringing, false) => "RING",
            _ => self.text(renamed),
        };
        match self.mode {
            Mode::DirectCall | Mode::Other => (text, ""),
            _ => (text, direction_text(self.direction)),
        }
    }
}

/// The text of a direction.
pub(crate) fn direction_text(direction: Option<Direction>) -> &'static str {
    match direction {
        None => "",
        Some(Direction::In) => "IN",
        Some(Direction::Out) => "OUT",
    }
}
