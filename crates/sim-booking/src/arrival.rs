//! Calls booked where they arrived instead of where their work ends: a mistake that is made on purpose, to try whether
//! the invariants find it. Intervals wait so long for their calls that hardly any comes too late.

use crate::clock::Interval;
use crate::hsplit::Hsplit;
use floorwire_sim_centre::event::Skill;
use std::collections::{BTreeMap, VecDeque};

/// Intervals that wait.
const WAITING: usize = 12;

/// An interval with the rows of its skills, and whether the link was down in it.
pub(crate) type Ended = (Interval, BTreeMap<Skill, Hsplit>, bool);

/// Intervals that have ended and are not closed yet.
#[derive(Default)]
pub(crate) struct HeldBack(VecDeque<Ended>);

impl HeldBack {
    /// Takes the interval that ended, gives the one that has waited long enough.
    pub fn exchange(&mut self, ended: Ended) -> Option<Ended> {
        self.0.push_back(ended);
        if self.0.len() > WAITING {
            self.0.pop_front()
        } else {
            None
        }
    }

    /// The row of a skill in the waiting interval in which an instant lies.
    pub fn row(&mut self, utc_s: i64, skill: Skill) -> Option<&mut Hsplit> {
        let (_, rows, _) = self
            .0
            .iter_mut()
            .find(|(interval, ..)| (interval.start_utc_s..interval.end_utc_s).contains(&utc_s))?;
        rows.get_mut(&skill)
    }
}
