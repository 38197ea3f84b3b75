//! What is known about the site before calls and agents are counted: clocks, breaks of the link, thresholds, names.
//!
//! It takes a reading of the log of its own, so that a later event can be known when an earlier one is counted.

use crate::slots::Slots;
use floorwire_sim_centre::event::{Event, Header, Named, Skill, Vdn, What};
use floorwire_sim_centre::variants::AgentClock;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;

/// A zone that the clocks of this program do not know.
#[derive(Debug, thiserror::Error)]
#[error("time zone `{zone}` is not known ({cause})")]
pub struct UnknownZone {
    /// What the log says.
    pub zone: String,
    /// Why.
    pub cause: jiff::Error,
}

/// A break of the link, `[from, to)`; `to` is the end of the log if it was not mended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Break {
    pub from: i64,
    pub to: i64,
    pub reason: i16,
}

/// A time in which the switch's clock was wrong, `[from, to)`, and by how much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ClockError {
    pub from: i64,
    /// The end of time if nobody put it right.
    pub to: i64,
    pub by_s: i64,
}

struct Acd {
    phantom_s: i64,
    call_slots: Slots,
    agent_slots: Slots,
    breaks: Vec<Break>,
    clock_errors: Vec<ClockError>,
    /// `[from, to)` and whether what was missed came afterwards.
    archiver_off: Vec<(i64, i64, bool)>,
    service_levels: BTreeMap<Skill, Vec<(i64, i64)>>,
    vdn_service_levels: BTreeMap<Vdn, i64>,
}

/// One site.
pub(crate) struct Site {
    acds: BTreeMap<i16, Acd>,
    pub names: BTreeMap<(i16, Named, u32), String>,
}

/// Collects what a [`Site`] is made from.
#[derive(Default)]
pub(crate) struct Survey {
    sets: BTreeMap<i16, Vec<(i64, i64)>>,
    breaks: BTreeMap<i16, Vec<Break>>,
    archiver_off: BTreeMap<i16, Vec<(i64, i64, bool)>>,
    service_levels: BTreeMap<(i16, Skill), Vec<(i64, i64)>>,
    names: BTreeMap<(i16, Named, u32), String>,
}

impl Survey {
    pub fn new(header: &Header) -> Self {
        let mut survey = Self::default();
        for acd in &header.acds {
            let mut name = |item, number, name: &str| {
                if !name.is_empty() {
                    survey
                        .names
                        .insert((acd.acd, item, number), name.to_owned());
                }
            };
            for skill in &acd.skills {
                name(
                    Named::Skill,
                    u32::try_from(skill.skill).unwrap_or(0),
                    &skill.name,
                );
            }
            for vdn in &acd.vdns {
                name(Named::Vdn, vdn.vdn, &vdn.name);
            }
            for (login, text) in &acd.agents {
                name(Named::Agent, *login, text);
            }
            for (reason, text) in &acd.aux_reasons {
                name(Named::AuxReason, u32::from(*reason), text);
            }
        }
        survey
    }

    pub fn feed(&mut self, event: &Event) {
        let (acd, now) = (event.acd, event.utc_s);
        match &event.what {
            What::ClockSet { by_s, .. } => self.sets.entry(acd).or_default().push((now, *by_s)),
            What::LinkDown { reason } => self.breaks.entry(acd).or_default().push(Break {
                from: now,
                to: i64::MAX,
                reason: *reason,
            }),
            What::LinkUp => {
                if let Some(last) = self.breaks.entry(acd).or_default().last_mut() {
                    last.to = now;
                }
            }
            What::ArchiverOff { recovered } => {
                self.archiver_off
                    .entry(acd)
                    .or_default()
                    .push((now, i64::MAX, *recovered));
            }
            What::ArchiverOn => {
                if let Some(last) = self.archiver_off.entry(acd).or_default().last_mut() {
                    last.1 = now;
                }
            }
            What::ServiceLevelSet { skill, seconds } => {
                self.service_levels
                    .entry((acd, *skill))
                    .or_default()
                    .push((now, *seconds));
            }
            What::Renamed { item, number, name } => {
                self.names.insert((acd, *item, *number), name.clone());
            }
            _ => {}
        }
    }

    pub fn site(mut self, header: &Header, through: i64) -> Result<Site, UnknownZone> {
        let mut acds = BTreeMap::new();
        for acd in &header.acds {
            let zone_of = |name: &str| {
                TimeZone::get(name).map_err(|cause| UnknownZone {
                    zone: name.to_owned(),
                    cause,
                })
            };
            let zone = zone_of(&acd.zone)?;
            let agent_zone = zone_of(agent_zone(header, &acd.zone))?;
            let sets = self.sets.remove(&acd.acd).unwrap_or_default();
            let minutes = i64::from(acd.interval_minutes);
            let end = through + 3 * 86_400;
            let levels = acd.skills.iter().map(|skill| {
                let mut levels = vec![(i64::MIN, skill.service_level_s)];
                levels.extend(
                    self.service_levels
                        .remove(&(acd.acd, skill.skill))
                        .unwrap_or_default(),
                );
                (skill.skill, levels)
            });
            let known = Acd {
                phantom_s: acd.phantom_s,
                call_slots: Slots::new(&zone, minutes, header.from_utc_s, end, &sets),
                agent_slots: Slots::new(&agent_zone, minutes, header.from_utc_s, end, &sets),
                service_levels: levels.collect(),
                clock_errors: clock_errors(&sets),
                breaks: self.breaks.remove(&acd.acd).unwrap_or_default(),
                archiver_off: self.archiver_off.remove(&acd.acd).unwrap_or_default(),
                vdn_service_levels: acd
                    .vdns
                    .iter()
                    .map(|vdn| (vdn.vdn, vdn.service_level_s))
                    .collect(),
            };
            acds.insert(acd.acd, known);
        }
        Ok(Site {
            acds,
            names: self.names,
        })
    }
}

/// The zone of the clock that stamps the agent tables of an ACD in `zone`.
pub(crate) fn agent_zone<'a>(header: &Header, zone: &'a str) -> &'a str {
    match header.variants.agent_clock {
        AgentClock::Switch => zone,
        AgentClock::Utc => "UTC",
    }
}

/// When a clock showed something else than its zone's time. `sets`: when it was set and by how much, in order.
fn clock_errors(sets: &[(i64, i64)]) -> Vec<ClockError> {
    let mut errors: Vec<ClockError> = Vec::new();
    let mut wrong_by_s = 0;
    for (at, by_s) in sets {
        if let Some(last) = errors.last_mut().filter(|_| wrong_by_s != 0) {
            last.to = *at;
        }
        wrong_by_s += by_s;
        if wrong_by_s != 0 {
            errors.push(ClockError {
                from: *at,
                to: i64::MAX,
                by_s: wrong_by_s,
            });
        }
    }
    errors
}

/// How far an interval can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Quality {
    /// The CMS saw all of it.
    Final,
    /// The link was down in it.
    Incomplete,
    /// It was never archived.
    Absent,
}

impl Site {
    pub fn call_slots(&self, acd: i16) -> Option<&Slots> {
        self.acds.get(&acd).map(|acd| &acd.call_slots)
    }

    pub fn agent_slots(&self, acd: i16) -> Option<&Slots> {
        self.acds.get(&acd).map(|acd| &acd.agent_slots)
    }

    pub fn phantom_s(&self, acd: i16) -> i64 {
        self.acds.get(&acd).map_or(0, |acd| acd.phantom_s)
    }

    pub fn clock_errors(&self) -> impl Iterator<Item = (i16, ClockError)> {
        let acds = self.acds.iter();
        acds.flat_map(|(number, acd)| acd.clock_errors.iter().map(|error| (*number, *error)))
    }

    pub fn breaks(&self) -> impl Iterator<Item = (i16, Break)> {
        let acds = self.acds.iter();
        acds.flat_map(|(number, acd)| acd.breaks.iter().map(|gap| (*number, *gap)))
    }

    /// The first moment within `[from, to]` at which the CMS saw nothing of this ACD.
    pub fn blind_during(&self, acd: i16, from: i64, to: i64) -> Option<i64> {
        let breaks = &self.acds.get(&acd)?.breaks;
        let gap = breaks.iter().find(|gap| gap.from <= to && from < gap.to)?;
        Some(gap.from.max(from))
    }

    /// The parts of `[from, to)` in which the CMS saw the ACD.
    pub fn seen(&self, acd: i16, from: i64, to: i64) -> Vec<(i64, i64)> {
        let mut parts = Vec::new();
        let mut cursor = from;
        for gap in self.acds.get(&acd).map_or(&[][..], |acd| &acd.breaks) {
            if gap.from >= to {
                break;
            }
            if gap.from > cursor {
                parts.push((cursor, gap.from));
            }
            cursor = cursor.max(gap.to);
        }
        if cursor < to {
            parts.push((cursor, to));
        }
        parts
    }

    pub fn service_level_s(&self, acd: i16, skill: Skill, at: i64) -> i64 {
        let levels = self
            .acds
            .get(&acd)
            .and_then(|acd| acd.service_levels.get(&skill));
        let in_force =
            levels.and_then(|levels| levels.iter().rev().find(|(since, _)| *since <= at));
        in_force.map_or(0, |(_, seconds)| *seconds)
    }

    pub fn vdn_service_level_s(&self, acd: i16, vdn: Vdn) -> i64 {
        let levels = self.acds.get(&acd).map(|acd| &acd.vdn_service_levels);
        levels
            .and_then(|levels| levels.get(&vdn))
            .copied()
            .unwrap_or(0)
    }

    /// Quality of an interval, and the instant from which on it can be read: never, if it was not archived.
    pub fn readable(&self, acd: i16, slots: &Slots, index: usize) -> (Quality, i64) {
        let (Some(acd), Some(slot), Some(next)) =
            (self.acds.get(&acd), slots.get(index), slots.get(index + 1))
        else {
            return (Quality::Final, i64::MAX);
        };
        let archived = next.end_utc_s;
        for (off, on, recovered) in &acd.archiver_off {
            if *off < archived && archived <= *on {
                if !recovered {
                    return (Quality::Absent, i64::MAX);
                }
                return (acd.quality(slot.start_utc_s, slot.end_utc_s), *on);
            }
        }
        (acd.quality(slot.start_utc_s, slot.end_utc_s), archived)
    }
}

impl Acd {
    fn quality(&self, start: i64, end: i64) -> Quality {
        let blind = self
            .breaks
            .iter()
            .any(|gap| gap.from < end && start < gap.to);
        if blind {
            Quality::Incomplete
        } else {
            Quality::Final
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_wrong_from_the_hand_that_sets_it_to_the_one_that_puts_it_right() {
        let error = |from, to, by_s| ClockError { from, to, by_s };
        assert_eq!(clock_errors(&[]), []);
        assert_eq!(
            clock_errors(&[(100, -60), (200, 60), (300, 5), (400, 6)]),
            [
                error(100, 200, -60),
                error(300, 400, 5),
                error(400, i64::MAX, 11)
            ]
        );
    }
}
