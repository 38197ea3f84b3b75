//! How big numbers of a scenario may be. A value that cannot be played, or that no column of a CMS could hold, is refused
//! with its name and the range that is allowed.

use super::check::unfit;
use super::{AcdPlan, GroupPlan, PlannedEvent, Scenario, ScenarioError, SkillPlan, VdnPlan};
use crate::variants::Release;
use std::fmt::Display;

/// What a column of two bytes holds.
const SMALL: i64 = 32_767;
/// Nothing lasts longer than a year.
const YEAR_S: i64 = 366 * 86_400;
/// No call waits longer than a day.
const DAY_S: i64 = 86_400;
/// Login IDs and stations have nine digits at most.
const NINE_DIGITS: i64 = 999_999_999;
/// Stations of an old release have six characters.
const SIX_DIGITS: i64 = 999_999;
/// An agent who moves sits so many numbers away.
const MOVES_BY: i64 = 500;
/// Seconds since 1970 fit four bytes until January 2038.
const LAST_YEAR: i16 = 2037;

impl Scenario {
    pub(super) fn check_numbers(&self) -> Result<(), ScenarioError> {
        if let Some(first_day) = self.first_day {
            let last = first_day
                .checked_add(jiff::Span::new().days(i64::from(self.days)))
                .map_err(ScenarioError::Date)?;
            if first_day.year() < 1971 || last.year() > LAST_YEAR {
                let problem = format!(
                    "`first-day` is {first_day} with {} days; allowed are days from 1971 to {LAST_YEAR}, \
                     since a CMS counts seconds in four bytes",
                    self.days
                );
                return Err(unfit("scenario", &problem));
            }
        }
        let stations = match self.variants.release {
            Release::R3v8 => SIX_DIGITS,
            Release::R19 => NINE_DIGITS,
        };
        for acd in &self.acds {
            acd.check_numbers(stations)?;
        }
        for event in &self.events {
            let place = format!("event at {}", event.place().1);
            match event {
                PlannedEvent::LinkDown { seconds, .. }
                | PlannedEvent::ArchiverOff { seconds, .. } => {
                    within(&place, "seconds", *seconds, 1, YEAR_S)?;
                }
                PlannedEvent::ServiceLevel { seconds, .. } => {
                    within(&place, "seconds", *seconds, 1, SMALL)?;
                }
                PlannedEvent::ClockSet { .. } => {}
            }
        }
        for trouble in &self.troubles {
            let place = format!("trouble with {} from {}", trouble.table, trouble.from);
            within(&place, "healed-after", trouble.healed_after, 1, YEAR_S)?;
        }
        Ok(())
    }
}

impl AcdPlan {
    fn check_numbers(&self, stations: i64) -> Result<(), ScenarioError> {
        let place = format!("acd {}", self.number);
        within(&place, "number", i64::from(self.number), 1, SMALL)?;
        within(&place, "phantom-seconds", self.phantom_seconds, 0, 3_600)?;
        share(&place, "traced-share", self.traced_share)?;
        for skill in &self.skills {
            skill.check_numbers(&place)?;
        }
        for vdn in &self.vdns {
            vdn.check_numbers(&place)?;
        }
        for group in &self.groups {
            group.check_numbers(&place, stations)?;
        }
        Ok(())
    }
}

impl SkillPlan {
    fn check_numbers(&self, acd: &str) -> Result<(), ScenarioError> {
        let place = format!("{acd}, skill {}", self.number);
        within(&place, "service-level", self.service_level, 1, SMALL)?;
        for bound in self.periods {
            within(&place, "periods", bound, 0, SMALL)?;
        }
        within(&place, "talk-median", self.talk_median, 1.0, 5_400.0)?;
        within(&place, "talk-spread", self.talk_spread, 0.0, 3.0)?;
        within(&place, "acw-median", self.acw_median, 0.0, 1_800.0)?;
        let calls = i64::try_from(self.overload_calls).unwrap_or(i64::MAX);
        within(&place, "overload-calls", calls, 0, SMALL)?;
        for (name, value) in [
            ("hold-share", self.hold_share),
            ("consult-share", self.consult_share),
            ("transfer-share", self.transfer_share),
            ("conference-share", self.conference_share),
            ("unanswered-share", self.unanswered_share),
            ("dropped-share", self.dropped_share),
            ("work-call-share", self.work_call_share),
            ("work-call-in-share", self.work_call_in_share),
            ("work-call-external-share", self.work_call_external_share),
        ] {
            share(&place, name, value)?;
        }
        Ok(())
    }
}

impl VdnPlan {
    fn check_numbers(&self, acd: &str) -> Result<(), ScenarioError> {
        let place = format!("{acd}, vdn {}", self.number);
        within(&place, "number", i64::from(self.number), 1, SIX_DIGITS)?;
        within(&place, "vector", i64::from(self.vector), 1, SMALL)?;
        within(&place, "calls-per-day", self.calls_per_day, 0.0, 1e7)?;
        within(&place, "patience-mean", self.patience_mean, 1.0, 86_400.0)?;
        within(&place, "service-level", self.service_level, 1, SMALL)?;
        for bound in self.periods {
            within(&place, "periods", bound, 0, SMALL)?;
        }
        let calls = i64::try_from(self.busy_at).unwrap_or(i64::MAX);
        within(&place, "busy-at", calls, 0, SMALL)?;
        for (name, value) in [
            ("widen-after", self.widen_after),
            ("announcement", self.announcement),
            ("leave-after", self.leave_after),
            ("busy-after", self.busy_after),
            ("disconnect-after", self.disconnect_after),
        ] {
            within(&place, name, value, 0, DAY_S)?;
        }
        for (name, value) in [
            ("route-share", self.route_share),
            ("direct-share", self.direct_share),
            ("connected-share", self.connected_share),
            ("closed-share", self.closed_share),
        ] {
            share(&place, name, value)?;
        }
        Ok(())
    }
}

impl GroupPlan {
    fn check_numbers(&self, acd: &str, stations: i64) -> Result<(), ScenarioError> {
        let place = format!("{acd}, group from login {}", self.first_login);
        let agents = i64::from(self.agents);
        within(&place, "agents", agents, 1, 50_000)?;
        let (login, station) = (i64::from(self.first_login), i64::from(self.first_extension));
        within(&place, "first-login", login, 1, NINE_DIGITS - agents)?;
        within(
            &place,
            "first-extension",
            station,
            1,
            stations - agents - MOVES_BY,
        )?;
        within(&place, "location", i64::from(self.location), 0, SMALL - 1)?;
        within(
            &place,
            "extension-calls",
            self.extension_calls,
            0.0,
            1_000.0,
        )?;
        within(&place, "paperwork", self.paperwork, 0.0, 1_000.0)?;
        for pause in &self.breaks {
            within(&place, "breaks: after", i64::from(pause.after), 0, 1_440)?;
            within(&place, "breaks: minutes", i64::from(pause.minutes), 1, 720)?;
        }
        for (name, value) in [
            ("absent-share", self.absent_share),
            ("move-share", self.move_share),
            ("reskill-share", self.reskill_share),
        ] {
            share(&place, name, value)?;
        }
        Ok(())
    }
}

fn share(place: &str, name: &str, value: f64) -> Result<(), ScenarioError> {
    within(place, name, value, 0.0, 1.0)
}

/// Refuses what is not from `low` to `high`, also what is no number at all.
fn within<T: PartialOrd + Display>(
    place: &str,
    name: &str,
    value: T,
    low: T,
    high: T,
) -> Result<(), ScenarioError> {
    if value >= low && value <= high {
        return Ok(());
    }
    Err(unfit(
        place,
        &format!("`{name}` is {value}; allowed is {low} to {high}"),
    ))
}
