//! Random traffic: the calls of one split on one local day, and who was there to take them.
//!
//! The same seed, split and day always give the same calls, so a live simulator can be killed at any moment and goes
//! on from what its database says. A day stands for itself: its agents take the calls that arrive on it.

use jiff::civil::Date;

use crate::calendar::{Calendar, Slot};
use crate::calls::{Call, Ending, SplitKey};
use crate::error::SimError;
use crate::profiles::Profile;
use crate::random::{Random, whole_seconds};
use crate::staffing::{Pool, StaffSpan};

/// One split over one day.
#[derive(Debug, Clone, Default)]
pub(crate) struct SplitDay {
    /// In order of arrival.
    pub calls: Vec<Call>,
    pub staff: Vec<StaffSpan>,
}

/// Generates the day `date` whose slots are `slots`.
pub(crate) fn split_day(
    seed: u64,
    key: SplitKey,
    profile: &Profile,
    date: Date,
    slots: &[Slot],
) -> Result<SplitDay, SimError> {
    let day_number = Calendar::day_number(date)?;
    let mut random = Random::new(
        seed,
        [
            i64::from(key.acd),
            i64::from(key.split),
            i64::from(day_number),
        ],
    );
    // Traffic differs from day to day by more than chance, and planners do not know it beforehand.
    let day_factor = random.lognormal(1.0, 0.12);
    let rates: Vec<f64> = slots
        .iter()
        .map(|slot| rate_of(profile, date, slot))
        .collect();
    let levels: Vec<(Slot, usize)> = slots
        .iter()
        .zip(&rates)
        .map(|(slot, rate)| (*slot, profile.agents_for(*rate)))
        .collect();
    let mut pool = Pool::planned(&levels);
    let mut calls = Vec::new();
    for (slot, rate) in slots.iter().zip(&rates) {
        let per_second = rate * day_factor / 60.0;
        if per_second <= 0.0 {
            continue;
        }
        let mut offset = random.exponential(1.0 / per_second);
        while whole_seconds(offset) < slot.seconds() {
            let queued_utc_s = slot.start_utc_s + whole_seconds(offset);
            let name = format!("{}-{}-{date}-{}", key.acd, key.split, calls.len() + 1);
            calls.push(one_call(
                name,
                key,
                queued_utc_s,
                profile,
                &mut pool,
                &mut random,
            ));
            offset += random.exponential(1.0 / per_second);
        }
    }
    Ok(SplitDay {
        calls,
        staff: pool.into_staffed(),
    })
}

/// Calls per minute expected in a slot: those at its middle.
fn rate_of(profile: &Profile, date: Date, slot: &Slot) -> f64 {
    let start = u32::from(slot.hhmm.unsigned_abs());
    let middle = start / 100 * 60 + start % 100 + u32::try_from(slot.seconds() / 120).unwrap_or(0);
    profile.calls_per_minute(date.weekday(), middle)
}

fn one_call(
    name: String,
    key: SplitKey,
    queued_utc_s: i64,
    profile: &Profile,
    pool: &mut Pool,
    random: &mut Random,
) -> Call {
    // Every call draws the same number of figures, whatever becomes of it.
    let patience_s = 1 + whole_seconds(random.exponential(profile.patience_mean_s)).min(1_800);
    let ring_s = random.between(2, 9);
    let talk_s = random.lognormal_seconds(profile.talk_median_s, profile.talk_spread, 4, 5_400);
    let held = random.chance(profile.hold_probability);
    let hold_s = random.lognormal_seconds(40.0, 0.7, 3, 900);
    let hold_after = random.unit();
    let worked_after = random.chance(0.85);
    let acw_s = random.lognormal_seconds(profile.acw_median_s, 0.8, 2, 1_800);

    let gives_up_utc_s = queued_utc_s + patience_s;
    let offered = pool
        .first_available(queued_utc_s)
        .filter(|(_, at)| *at < gives_up_utc_s);
    let Some((agent, ringing_utc_s)) = offered else {
        return Call {
            name,
            key,
            queued_utc_s,
            ringing_utc_s: None,
            ending: Ending::Abandoned {
                abandoned_utc_s: gives_up_utc_s,
            },
        };
    };
    let answered_utc_s = ringing_utc_s + ring_s;
    let ending = if answered_utc_s > gives_up_utc_s {
        pool.occupy(agent, ringing_utc_s, gives_up_utc_s);
        Ending::Abandoned {
            abandoned_utc_s: gives_up_utc_s,
        }
    } else {
        let hold_utc_s = held.then(|| {
            #[allow(clippy::cast_precision_loss)] // at most 5,400
            let from = answered_utc_s + whole_seconds(hold_after * talk_s as f64);
            (from, from + hold_s)
        });
        let released_utc_s = answered_utc_s + talk_s + if held { hold_s } else { 0 };
        let completed_utc_s = released_utc_s + if worked_after { acw_s } else { 0 };
        pool.occupy(agent, ringing_utc_s, completed_utc_s);
        Ending::Answered {
            answered_utc_s,
            hold_utc_s,
            released_utc_s,
            completed_utc_s,
        }
    };
    Call {
        name,
        key,
        queued_utc_s,
        ringing_utc_s: Some(ringing_utc_s),
        ending,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profiles::profile;
    use jiff::civil::date;

    #[test]
    fn a_day_is_plausible_and_repeatable() {
        let calendar = Calendar::new("Europe/Paris", 30).unwrap();
        let wednesday = date(2026, 5, 6);
        let slots = calendar.slots_of_day(wednesday).unwrap();
        let key = SplitKey { acd: 1, split: 12 };
        let day = split_day(1, key, &profile(1), wednesday, &slots).unwrap();
        let again = split_day(1, key, &profile(1), wednesday, &slots).unwrap();
        assert_eq!(day.calls, again.calls);
        assert!((250..700).contains(&day.calls.len()), "{}", day.calls.len());
        let lost = day
            .calls
            .iter()
            .filter(|call| matches!(call.ending, Ending::Abandoned { .. }))
            .count();
        assert!(
            lost * 4 < day.calls.len(),
            "{lost} of {} abandoned",
            day.calls.len()
        );
        assert!(day.calls.is_sorted_by_key(|call| call.queued_utc_s));
    }

    #[test]
    fn the_repeated_hour_has_calls_twice() {
        let calendar = Calendar::new("Europe/Paris", 30).unwrap();
        let autumn = date(2026, 10, 25);
        let slots = calendar.slots_of_day(autumn).unwrap();
        let key = SplitKey { acd: 1, split: 11 };
        let mut busy = profile(0);
        busy.daily_calls = 20_000.0;
        let day = split_day(1, key, &busy, autumn, &slots).unwrap();
        for slot in slots.iter().filter(|slot| slot.hhmm == 200) {
            assert!(
                day.calls
                    .iter()
                    .any(|call| (slot.start_utc_s..slot.end_utc_s).contains(&call.queued_utc_s))
            );
        }
    }
}
