//! What comes on a local day: calls, shifts, breaks.

use super::floor::{Floor, Task, Wish};
use crate::random::whole_seconds;
use crate::scenario::{GroupPlan, Hours, VdnPlan};
use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::{SignedDuration, Timestamp};

/// Calls are drawn for pieces of so many seconds.
const PIECE_S: i64 = 1_800;

impl Floor {
    pub fn plan_day(&mut self, date: Date) {
        let (Ok(begin), Some(tomorrow)) = (
            self.instant(date.to_datetime(Time::midnight())),
            date.tomorrow().ok(),
        ) else {
            return;
        };
        let Ok(end) = self.instant(tomorrow.to_datetime(Time::midnight())) else {
            return;
        };
        for vdn in 0..self.plan.vdns.len() {
            self.plan_calls(vdn, date, begin, end);
        }
        if date == self.first_day
            && let Ok(eve) = date.yesterday()
        {
            // Those whose night began on the eve are there from the first second on.
            for agent in 0..self.agents.len() {
                self.plan_shift(agent, eve);
            }
        }
        for agent in 0..self.agents.len() {
            self.plan_shift(agent, date);
        }
        self.at(end, Task::Day(tomorrow));
    }

    /// Arrivals: Poisson, with a rate that follows the hour, the day of the week, and a factor of the day that nobody
    /// knows beforehand.
    fn plan_calls(&mut self, vdn: usize, date: Date, begin: i64, end: i64) {
        let plan = self.plan.vdns[vdn].clone();
        if plan.calls_per_day <= 0.0 {
            return;
        }
        let holiday = self.holidays.contains(&date);
        let usual = plan.calls_per_day / plan.weight() * self.random.lognormal(1.0, 0.12);
        let mut piece = begin;
        while piece < end {
            let piece_end = (piece + PIECE_S).min(end);
            let Ok(middle) = Timestamp::from_second((piece + piece_end) / 2) else {
                return;
            };
            let local = self.zone.to_datetime(middle);
            let open = (plan.hours.is_empty() || !holiday) && plan.is_open(local);
            let share = if open { 1.0 } else { plan.closed_share };
            let per_second =
                usual * share * weekday_factor(local.weekday()) * plan.shape(minute_of(local))
                    / 60.0;
            if per_second > 0.0 {
                let mut offset = self.random.exponential(1.0 / per_second);
                while piece + whole_seconds(offset) < piece_end {
                    self.at(piece + whole_seconds(offset), Task::Arrive { vdn, open });
                    offset += self.random.exponential(1.0 / per_second);
                }
            }
            piece = piece_end;
        }
    }

    fn plan_shift(&mut self, agent: usize, date: Date) {
        let group = self.agents[agent].group;
        let plan = &self.plan.groups[group];
        let number = (self.agents[agent].login - plan.first_login) as usize;
        let today: Vec<&Hours> = plan
            .shifts
            .iter()
            .filter(|shift| shift.days.0.contains(&date.weekday()))
            .collect();
        let Some(shift) = today
            .get(number % today.len().max(1))
            .map(|shift| (*shift).clone())
        else {
            return;
        };
        let plan = plan.clone();
        // Every shift draws the same number of figures, whoever is absent.
        let absent = self.random.chance(plan.absent_share);
        let early_s = self.random.between(-60, 240);
        let late_s = self.random.between(-30, 300);
        let Ok((from, to)) = self.bounds(&shift, date) else {
            return;
        };
        if absent || (self.holidays.contains(&date) && plan.rests_on_holidays()) {
            return;
        }
        let (from, to) = (from - early_s, to + late_s);
        if to <= self.now_utc_s {
            return;
        }
        self.at(
            from,
            Task::ShiftBegins {
                agent,
                until_utc_s: to,
            },
        );
        for pause in &plan.breaks {
            let jitter_s = self.random.between(-600, 600);
            let seconds = i64::from(pause.minutes) * 60 + self.random.between(-90, 120);
            let wish = Wish::Break {
                reason: pause.reason,
                seconds: seconds.max(30),
            };
            let at = from + i64::from(pause.after) * 60 + jitter_s;
            if (self.now_utc_s..to).contains(&at) {
                self.at(at, Task::Wish { agent, wish });
            }
        }
        self.sprinkle(agent, plan.extension_calls, from, to, |random| {
            Wish::ExtensionCall {
                outgoing: random.chance(0.6),
                external: random.chance(0.4),
                seconds: random.lognormal_seconds(70.0, 0.7, 5, 1_800),
            }
        });
        self.sprinkle(agent, plan.paperwork, from, to, |random| Wish::Paperwork {
            seconds: random.lognormal_seconds(200.0, 0.5, 20, 2_400),
        });
        self.sprinkle(agent, plan.move_share, from, to, |_| Wish::MoveStation);
        self.sprinkle(agent, plan.reskill_share, from, to, |_| Wish::Reskill);
    }

    /// Wishes at random moments of a shift, `mean` of them on average.
    fn sprinkle(
        &mut self,
        agent: usize,
        mean: f64,
        from: i64,
        to: i64,
        draw: impl Fn(&mut crate::random::Random) -> Wish,
    ) {
        if mean <= 0.0 || to <= from {
            return;
        }
        #[allow(clippy::cast_precision_loss)] // a shift is a day at most
        let gap = (to - from) as f64 / mean;
        let mut at = from.max(self.now_utc_s) + whole_seconds(self.random.exponential(gap));
        while at < to {
            let wish = draw(&mut self.random);
            self.at(at, Task::Wish { agent, wish });
            at += 1 + whole_seconds(self.random.exponential(gap));
        }
    }

    fn bounds(
        &self,
        hours: &Hours,
        date: Date,
    ) -> Result<(i64, i64), crate::scenario::ScenarioError> {
        let last = if hours.to > hours.from {
            date
        } else {
            date.saturating_add(SignedDuration::from_hours(24))
        };
        Ok((
            self.instant(date.to_datetime(hours.from))?,
            self.instant(last.to_datetime(hours.to))?,
        ))
    }
}

fn minute_of(local: DateTime) -> f64 {
    f64::from(local.hour()) * 60.0 + f64::from(local.minute())
}

fn weekday_factor(weekday: Weekday) -> f64 {
    match weekday {
        Weekday::Monday => 1.2,
        Weekday::Tuesday => 1.08,
        Weekday::Wednesday => 1.0,
        Weekday::Thursday => 0.97,
        Weekday::Friday => 0.95,
        Weekday::Saturday => 0.5,
        Weekday::Sunday => 0.3,
    }
}

impl Hours {
    /// Whether a local time lies within, also after midnight.
    fn holds(&self, local: DateTime) -> bool {
        let (weekday, time) = (local.weekday(), local.time());
        let within = |day: Weekday| self.days.0.contains(&day);
        if self.to > self.from {
            within(weekday) && (self.from..self.to).contains(&time)
        } else {
            (within(weekday) && time >= self.from) || (within(weekday.previous()) && time < self.to)
        }
    }
}

impl GroupPlan {
    /// Groups that never work at night have holidays.
    fn rests_on_holidays(&self) -> bool {
        self.shifts.iter().all(|shift| shift.to > shift.from)
    }
}

impl VdnPlan {
    fn is_open(&self, local: DateTime) -> bool {
        self.hours.is_empty() || self.hours.iter().any(|hours| hours.holds(local))
    }

    /// Relative traffic of a minute of the day: a peak before noon, a lower one in the afternoon; by night, for those
    /// who are open, little.
    fn shape(&self, minute: f64) -> f64 {
        let hill = |centre: f64, width: f64| (-((minute - centre) / width).powi(2)).exp();
        let day = 0.25 + hill(625.0, 100.0) + 0.8 * hill(920.0, 120.0);
        if self.hours.is_empty() && !(420.0..1320.0).contains(&minute) {
            0.06
        } else {
            day
        }
    }

    /// Sum of the shape over the open minutes of a Wednesday.
    fn weight(&self) -> f64 {
        let wednesday = jiff::civil::date(2025, 1, 8);
        let minutes = (0..1440i64).filter_map(|minute| {
            let local = wednesday
                .to_datetime(Time::midnight())
                .checked_add(SignedDuration::from_mins(minute))
                .ok()?;
            self.is_open(local).then(|| self.shape(minute_of(local)))
        });
        minutes.sum::<f64>().max(1.0)
    }
}
