//! What the simulated splits are like: names, volumes, opening hours, handling times, patience.

use jiff::civil::Weekday;

/// First split number of each ACD.
const FIRST_SPLIT: i16 = 11;

/// Character of one split.
#[derive(Debug, Clone)]
pub(crate) struct Profile {
    /// At most 20 characters, as CMS names go.
    pub name: String,
    /// Calls on a working day of average traffic.
    pub daily_calls: f64,
    pub around_the_clock: bool,
    pub talk_median_s: f64,
    pub talk_spread: f64,
    pub acw_median_s: f64,
    pub hold_probability: f64,
    pub patience_mean_s: f64,
}

const NAMES: [(&str, f64, f64); 12] = [
    // name, calls per day, median talk in seconds
    ("Customer service", 520.0, 190.0),
    ("Orders", 430.0, 150.0),
    ("Billing", 360.0, 230.0),
    ("Technical support", 300.0, 340.0),
    ("Deliveries", 250.0, 130.0),
    ("Contracts", 190.0, 280.0),
    ("Complaints", 130.0, 310.0),
    ("New customers", 90.0, 260.0),
    ("Appointments", 210.0, 120.0),
    ("Claims", 160.0, 300.0),
    ("Partners", 70.0, 240.0),
    ("Key accounts", 40.0, 330.0),
];

/// The profile of the split at `index` (from 0) of an ACD. The first one is open around the clock.
pub(crate) fn profile(index: usize) -> Profile {
    let (name, daily_calls, talk_median_s) = NAMES[index % NAMES.len()];
    let round = index / NAMES.len();
    Profile {
        name: if round == 0 {
            name.to_owned()
        } else {
            format!(
                "{} {}",
                name.chars().take(15).collect::<String>(),
                round + 1
            )
        },
        daily_calls,
        around_the_clock: index == 0,
        talk_median_s,
        talk_spread: 0.65,
        acw_median_s: 25.0 + talk_median_s / 10.0,
        hold_probability: if talk_median_s > 250.0 { 0.2 } else { 0.1 },
        patience_mean_s: 150.0,
    }
}

/// Number of the split at `index` (from 0).
pub(crate) fn split_number(index: usize) -> Option<i16> {
    i16::try_from(index).ok()?.checked_add(FIRST_SPLIT)
}

/// Relative traffic of a minute of the day: a peak before noon, a lower one in the afternoon.
fn day_shape(minute: f64) -> f64 {
    let hill = |centre: f64, width: f64| (-((minute - centre) / width).powi(2)).exp();
    0.25 + hill(625.0, 100.0) + 0.8 * hill(920.0, 120.0)
}

/// Sum of `day_shape` over the minutes from 8:00 to 20:00.
fn day_weight() -> f64 {
    (480..1200).map(|minute| day_shape(f64::from(minute))).sum()
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

impl Profile {
    /// Expected calls per minute at a local time (`minute` of the day); 0 while closed.
    pub fn calls_per_minute(&self, weekday: Weekday, minute: u32) -> f64 {
        let open = match weekday {
            Weekday::Sunday => false,
            Weekday::Saturday => (540..1020).contains(&minute),
            _ => (480..1200).contains(&minute),
        };
        let usual = self.daily_calls * weekday_factor(weekday) / day_weight();
        if open || (self.around_the_clock && (420..1320).contains(&minute)) {
            usual * day_shape(f64::from(minute))
        } else if self.around_the_clock {
            usual * 0.06
        } else {
            0.0
        }
    }

    /// Expected seconds of an agent per call: ringing, talk, hold, after-call work.
    pub fn mean_handle_s(&self) -> f64 {
        let mean = |median: f64, spread: f64| median * (spread * spread / 2.0).exp();
        5.0 + mean(self.talk_median_s, self.talk_spread)
            + mean(self.acw_median_s, 0.8)
            + self.hold_probability * 50.0
    }

    /// Agents to be planned for a traffic of `calls_per_minute`; 0 only while closed.
    pub fn agents_for(&self, calls_per_minute: f64) -> usize {
        if calls_per_minute <= 0.0 {
            return 0;
        }
        let load = calls_per_minute / 60.0 * self.mean_handle_s();
        let agents = crate::random::whole_seconds((load + 0.7 * load.sqrt()).ceil());
        usize::try_from(agents).unwrap_or(0).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_normal_wednesday_has_its_volume_and_night_is_closed() {
        let profile = profile(1);
        let sum: f64 = (0..1440)
            .map(|minute| profile.calls_per_minute(Weekday::Wednesday, minute))
            .sum();
        assert!((sum - profile.daily_calls).abs() < 1e-6, "{sum}");
        assert_eq!(
            profile.agents_for(profile.calls_per_minute(Weekday::Wednesday, 120)),
            0
        );
        assert!(super::profile(0).agents_for(0.001) == 1);
    }

    #[test]
    fn names_fit_and_differ() {
        let names: std::collections::BTreeSet<_> =
            (0..300).map(|index| profile(index).name).collect();
        assert_eq!(names.len(), 300);
        assert!(names.iter().all(|name| name.len() <= 20));
    }
}
