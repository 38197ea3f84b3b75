//! Reading a scenario, and saying what is wrong with it before it is played.

use super::{Days, PlannedEvent, Scenario, TroubleKind};
use crate::variants::Release;
use jiff::civil::Weekday;
use std::collections::BTreeSet;

/// Why a scenario cannot be played.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// Not the TOML that is expected; the message has line and column.
    #[error("the scenario cannot be read: {0}")]
    Toml(toml::de::Error),
    /// A zone without a definition.
    #[error(
        "acd {acd}: time zone `{zone}` is not known ({cause}); give an IANA zone such as Europe/Paris"
    )]
    Zone {
        /// The ACD.
        acd: i16,
        /// What was given.
        zone: String,
        /// Why.
        cause: jiff::Error,
    },
    /// A date that no calendar has room for.
    #[error("a date cannot be played ({0}); give one between 1900 and 2200")]
    Date(jiff::Error),
    /// Something that does not fit.
    #[error("{place}: {problem}")]
    Unfit {
        /// Which part of the scenario.
        place: String,
        /// What is wrong, and what would be right.
        problem: String,
    },
    /// No scenario of this name is shipped.
    #[error("there is no scenario `{name}`; there are: {known}")]
    Unknown {
        /// What was asked for.
        name: String,
        /// Those that are shipped.
        known: String,
    },
}

impl Scenario {
    /// Reads a scenario and checks it.
    ///
    /// # Errors
    /// What is wrong, with line and column or with the part of the scenario that it concerns.
    pub fn parse(text: &str) -> Result<Self, ScenarioError> {
        let scenario: Self = toml::from_str(text).map_err(ScenarioError::Toml)?;
        scenario.check()?;
        Ok(scenario)
    }

    /// Checks what the types do not.
    ///
    /// # Errors
    /// The first thing that cannot be played.
    pub fn check(&self) -> Result<(), ScenarioError> {
        let site = |problem: &str| unfit("scenario", problem);
        if !(0..=3_700).contains(&self.days) {
            return Err(site("`days` is not from 0 to 3700"));
        }
        if self.acds.is_empty() {
            return Err(site("there is no [[acd]]"));
        }
        let old = self.variants.release == Release::R3v8;
        if old && self.variants.starttime_utc {
            return Err(site(
                "release r3v8 never has starttime_utc: set `starttime-utc = false` in [variants]",
            ));
        }
        if self.variants.daily_minutes.0 >= self.variants.daily_minutes.1
            || self.variants.daily_minutes.1 > 1_440
        {
            return Err(site(
                "`daily-minutes` is not two minutes of the day in order",
            ));
        }
        unique(
            "scenario: acd",
            self.acds.iter().map(|acd| i64::from(acd.number)),
        )?;
        self.check_numbers()?;
        for acd in &self.acds {
            acd.check(if old { 9 } else { 99 })?;
        }
        let known = |number: i16| self.acds.iter().any(|acd| acd.number == number);
        for event in &self.events {
            let place = format!("event at {}", event.place().1);
            if !known(event.place().0) {
                return Err(unfit(&place, "there is no such acd"));
            }
            match event {
                PlannedEvent::LinkDown { reason, .. } => {
                    if !(91..=97).contains(reason) {
                        return Err(unfit(&place, "`reason` is not from 91 to 97"));
                    }
                }
                PlannedEvent::ArchiverOff { .. } => {}
                PlannedEvent::ServiceLevel { acd, skill, .. } => {
                    let plan = self.acds.iter().find(|plan| plan.number == *acd);
                    let known =
                        plan.is_some_and(|plan| plan.skills.iter().any(|one| one.number == *skill));
                    if !known {
                        return Err(unfit(&place, &format!("acd {acd} has no skill {skill}")));
                    }
                }
                PlannedEvent::ClockSet { by_seconds, .. } => {
                    if *by_seconds == 0 || by_seconds.abs() > 43_200 {
                        return Err(unfit(&place, "`by-seconds` is 0 or more than twelve hours"));
                    }
                }
            }
        }
        for trouble in &self.troubles {
            let place = format!("trouble with {} from {}", trouble.table, trouble.from);
            if !known(trouble.acd) {
                return Err(unfit(&place, "there is no such acd"));
            }
            if trouble.from >= trouble.to {
                return Err(unfit(&place, "`from` is not before `to`"));
            }
            let moves_rows = !matches!(
                trouble.kind,
                TroubleKind::RightsRevoked | TroubleKind::Locked
            );
            if moves_rows && !["hsplit", "hvdn", "hagent"].contains(&trouble.table.as_str()) {
                return Err(unfit(&place, "`table` is not hsplit, hvdn or hagent"));
            }
        }
        self.check_overlaps()
    }
}

impl super::AcdPlan {
    fn check(&self, last_reason: u8) -> Result<(), ScenarioError> {
        let place = format!("acd {}", self.number);
        crate::world::zone_of(self)?;
        if ![15, 30, 60].contains(&self.interval_minutes) {
            return Err(unfit(&place, "`interval-minutes` is not 15, 30 or 60"));
        }
        if self.skills.is_empty() {
            return Err(unfit(&place, "there is no [[acd.skill]]"));
        }
        unique(
            &format!("{place}: skill"),
            self.skills.iter().map(|skill| i64::from(skill.number)),
        )?;
        unique(
            &format!("{place}: vdn"),
            self.vdns.iter().map(|vdn| i64::from(vdn.number)),
        )?;
        unique(
            &format!("{place}: login"),
            self.agents().iter().map(|(login, _)| i64::from(*login)),
        )?;
        let has_skill = |number: i16| self.skills.iter().any(|skill| skill.number == number);
        for skill in &self.skills {
            let place = format!("{place}, skill {}", skill.number);
            if skill.number <= 0 {
                return Err(unfit(&place, "the number is not positive"));
            }
            if !skill.periods.is_sorted() {
                return Err(unfit(&place, "`periods` are not in order"));
            }
        }
        for vdn in &self.vdns {
            let place = format!("{place}, vdn {}", vdn.number);
            if vdn.skills.len() > 3 {
                return Err(unfit(
                    &place,
                    "a call can be queued to three skills at most",
                ));
            }
            if let Some(skill) = vdn.skills.iter().find(|skill| !has_skill(**skill)) {
                return Err(unfit(&place, &format!("there is no skill {skill}")));
            }
            if vdn
                .route_to
                .is_some_and(|to| !self.vdns.iter().any(|vdn| vdn.number == to))
            {
                return Err(unfit(&place, "`route-to` is no vdn of this acd"));
            }
            if !vdn.periods.is_sorted() {
                return Err(unfit(&place, "`periods` are not in order"));
            }
        }
        for group in &self.groups {
            let place = format!("{place}, group from login {}", group.first_login);
            if group.shifts.is_empty() || group.skills.is_empty() {
                return Err(unfit(&place, "a group needs `shifts` and `skills`"));
            }
            let skills = group
                .skills
                .iter()
                .chain(&group.reserve)
                .map(|(skill, _)| *skill);
            if let Some(skill) = skills
                .chain(group.extra_skill)
                .find(|skill| !has_skill(*skill))
            {
                return Err(unfit(&place, &format!("there is no skill {skill}")));
            }
            if group
                .skills
                .iter()
                .any(|(_, level)| !(1..=16).contains(level))
                || group
                    .reserve
                    .iter()
                    .any(|(_, level)| !(1..=2).contains(level))
            {
                return Err(unfit(
                    &place,
                    "levels are from 1 to 16, reserve levels 1 or 2",
                ));
            }
            if group.breaks.iter().any(|pause| pause.reason > last_reason) {
                return Err(unfit(
                    &place,
                    &format!("AUX reasons of this release end at {last_reason}"),
                ));
            }
        }
        for reason in self.aux_reasons.keys() {
            if !reason
                .parse::<u8>()
                .is_ok_and(|reason| reason <= last_reason)
            {
                return Err(unfit(
                    &place,
                    &format!("AUX reason `{reason}` is not from 0 to {last_reason}"),
                ));
            }
        }
        Ok(())
    }
}

pub(super) fn unfit(place: &str, problem: &str) -> ScenarioError {
    ScenarioError::Unfit {
        place: place.to_owned(),
        problem: problem.to_owned(),
    }
}

fn unique(place: &str, numbers: impl Iterator<Item = i64>) -> Result<(), ScenarioError> {
    let mut seen = BTreeSet::new();
    for number in numbers {
        if !seen.insert(number) {
            return Err(unfit(place, &format!("{number} is there twice")));
        }
    }
    Ok(())
}

impl TryFrom<String> for Days {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let mut days = Vec::new();
        for part in text.split(',') {
            match part.trim().split_once('-') {
                Some((from, to)) => {
                    let (mut day, last) = (weekday(from)?, weekday(to)?);
                    days.push(day);
                    while day != last {
                        day = day.next();
                        days.push(day);
                    }
                }
                None => days.push(weekday(part)?),
            }
        }
        Ok(Self(days))
    }
}

fn weekday(text: &str) -> Result<Weekday, String> {
    match text.trim() {
        "mon" => Ok(Weekday::Monday),
        "tue" => Ok(Weekday::Tuesday),
        "wed" => Ok(Weekday::Wednesday),
        "thu" => Ok(Weekday::Thursday),
        "fri" => Ok(Weekday::Friday),
        "sat" => Ok(Weekday::Saturday),
        "sun" => Ok(Weekday::Sunday),
        other => Err(format!(
            "`{other}` is not a day: mon, tue, wed, thu, fri, sat or sun"
        )),
    }
}
