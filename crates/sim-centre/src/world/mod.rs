//! The simulation: plays a scenario, second by second, and says what happens.
//!
//! It is a discrete-event simulation: a list of things that are due, taken in order of time. Each ACD has its own
//! list and its own random numbers, so an ACD plays the same whatever the others do. Nothing depends on how far a
//! single call of [`World::advance`] goes: the same scenario and seed give the same events.

mod agents;
mod calls;
mod day;
mod floor;

use crate::event::{Acd, Event, FORMAT, Header, SkillSettings, VdnSettings};
use crate::scenario::{AcdPlan, Scenario, ScenarioError};
use floor::Floor;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// A contact centre at one moment.
pub struct World {
    floors: Vec<Floor>,
}

impl World {
    /// An empty contact centre on the eve of `first_day`, and the header of its event log. `simulation` names it.
    ///
    /// # Errors
    /// A zone or date that cannot be played.
    pub fn new(
        scenario: &Scenario,
        first_day: Date,
        simulation: &str,
    ) -> Result<(Self, Header), ScenarioError> {
        let mut floors = Vec::new();
        for (index, plan) in scenario.acds.iter().enumerate() {
            floors.push(Floor::new(scenario, plan, index, first_day)?);
        }
        let from_utc_s = floors.iter().filter_map(Floor::next_utc_s).min();
        let header = Header {
            format: FORMAT,
            simulation: simulation.to_owned(),
            scenario: scenario.name.clone(),
            from_utc_s: from_utc_s.unwrap_or(0),
            acds: scenario.acds.iter().map(described).collect(),
            variants: scenario.variants.clone(),
        };
        Ok((Self { floors }, header))
    }

    /// Plays on to `until_utc_s` (exclusive), and hands over every event in order of time.
    pub fn advance(&mut self, until_utc_s: i64, emit: &mut dyn FnMut(Event)) {
        loop {
            let next = self
                .floors
                .iter()
                .enumerate()
                .filter_map(|(index, floor)| Some((floor.next_utc_s()?, index)))
                .min();
            match next {
                Some((utc_s, index)) if utc_s < until_utc_s => self.floors[index].step(emit),
                _ => return,
            }
        }
    }
}

/// What the header says of an ACD.
fn described(plan: &AcdPlan) -> Acd {
    Acd {
        acd: plan.number,
        zone: plan.zone.clone(),
        interval_minutes: plan.interval_minutes,
        phantom_s: plan.phantom_seconds,
        skills: plan
            .skills
            .iter()
            .map(|skill| SkillSettings {
                skill: skill.number,
                name: skill.name.clone(),
                service_level_s: skill.service_level,
                periods_s: skill.periods,
            })
            .collect(),
        vdns: plan
            .vdns
            .iter()
            .map(|vdn| VdnSettings {
                vdn: vdn.number,
                name: vdn.name.clone(),
                vector: vdn.vector,
                service_level_s: vdn.service_level,
                periods_s: vdn.periods,
            })
            .collect(),
        agents: plan.agents(),
        aux_reasons: plan.aux_names(),
    }
}

/// The zone of a plan.
pub(crate) fn zone_of(plan: &AcdPlan) -> Result<TimeZone, ScenarioError> {
    TimeZone::get(&plan.zone).map_err(|cause| ScenarioError::Zone {
        acd: plan.number,
        zone: plan.zone.clone(),
        cause,
    })
}
