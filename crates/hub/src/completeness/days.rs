//! From stored days of one ACD to its slots as they are to be shown. Pure.

use crate::holidays::Holidays;
use crate::store::ledger_days::LedgerDay;
use crate::store::{StoreError, StoreResult};
use floorwire_model::absence::{Judged, SlotFacts, judge};
use floorwire_model::hours::learned::{Learner, ObservedDay, face};
use floorwire_model::hours::{MINUTES_OF_DAY, Opening, Span, WeeklyHours, opening};
use floorwire_model::ledger::{SlotState, readable_at};
use floorwire_model::time::{Slot, UtcSecond, day_slots, local_minute, zone as zone_by_name};
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;

/// How far beyond a period rows before and after it are looked for, days.
pub const FARTHEST_DAYS: i64 = 92;

/// One slot of an ACD.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JudgedSlot {
    /// Its local day.
    pub date: Date,
    /// Start, seconds since 1970 UTC.
    pub start: i64,
    /// End, exclusive.
    pub end: i64,
    /// What is known of it.
    pub facts: SlotFacts,
    /// What follows.
    pub judged: Judged,
    /// Start and end of the earlier slot of its day that the source calls by the same name, where a clock was set back.
    pub repeats: Option<(i64, i64)>,
}

/// Where a slot lies.
struct Place {
    date: Date,
    start: i64,
    end: i64,
    repeats: Option<(i64, i64)>,
}

/// What the slots of an ACD are judged by.
#[derive(Debug)]
pub struct Source<'a> {
    /// The zone that cuts days that were never read.
    pub zone: &'a TimeZone,
    /// Their slots' length, minutes.
    pub slot_minutes: u16,
    /// See [`floorwire_model::derivation::TableRule`].
    pub until_readable: i64,
    /// The present.
    pub now: UtcSecond,
    /// First date that can be read at all; `None` while that is not known.
    pub first: Option<Date>,
    /// The days that were read.
    pub days: &'a BTreeMap<Date, LedgerDay>,
    /// Show a reading that is set aside over what it would replace.
    pub lay_over: bool,
    /// Start and end of outages, seconds since 1970 UTC.
    pub outages: &'a [(i64, i64)],
    /// Weekly hours that were set.
    pub hours: Option<&'a WeeklyHours>,
    /// Days on which the site is closed.
    pub holidays: &'a Holidays,
}

fn has_rows(day: &LedgerDay) -> bool {
    let rows = |state: &SlotState| {
        matches!(
            state,
            SlotState::Received | SlotState::Incomplete | SlotState::Corrected
        )
    };
    day.states.iter().any(rows)
}

impl Source<'_> {
    /// The period with as many days around it as it takes to find rows, or the present, before and after.
    fn widened(&self, from: Date, to: Date) -> (Date, Date) {
        let earliest = from.checked_sub(FARTHEST_DAYS.days()).unwrap_or(from);
        let latest = to.checked_add(FARTHEST_DAYS.days()).unwrap_or(to);
        let before = self.days.range(earliest..from).rev();
        let before = before.map(|(_, day)| day).find(|day| has_rows(day));
        let after = self.days.range(to..latest).map(|(_, day)| day);
        let after = after.into_iter().find(|day| has_rows(day));
        let end = match after {
            Some(day) => day.date.tomorrow().unwrap_or(latest),
            // nothing yet: to the first day that nobody could have read
            None => {
                let last = self.days.range(to..latest).next_back();
                let last = last.and_then(|(date, _)| date.checked_add(2.days()).ok());
                last.unwrap_or_else(|| to.tomorrow().unwrap_or(to))
                    .min(latest)
            }
        };
        (before.map_or(from, |day| day.date), end.max(to))
    }

    /// The slots from `from` to before `to`, in order. `learner` speaks for ACDs without hours.
    pub fn judged(
        &self,
        mut learner: Option<&mut Learner>,
        from: Date,
        to: Date,
    ) -> StoreResult<Vec<JudgedSlot>> {
        let (first, end) = self.widened(from, to);
        let mut slots: Vec<Place> = Vec::new();
        let mut facts: Vec<SlotFacts> = Vec::new();
        let mut date = first;
        while date < end {
            self.day(date, learner.as_deref_mut(), &mut slots, &mut facts)?;
            date = match date.tomorrow() {
                Ok(next) => next,
                Err(_) => break,
            };
        }
        let judged = judge(&facts);
        let all = slots.into_iter().zip(facts.into_iter().zip(judged));
        let within = all.filter(|(place, _)| from <= place.date && place.date < to);
        Ok(within
            .map(|(place, (facts, judged))| JudgedSlot {
                date: place.date,
                start: place.start,
                end: place.end,
                facts,
                judged,
                repeats: place.repeats,
            })
            .collect())
    }

    fn day(
        &self,
        date: Date,
        mut learner: Option<&mut Learner>,
        slots: &mut Vec<Place>,
        facts: &mut Vec<SlotFacts>,
    ) -> StoreResult<()> {
        let stored = self.days.get(&date);
        let unreadable = |why: &str| StoreError::unreadable(format!("ledger of {date}"), why);
        let own_zone = match stored {
            Some(day) => Some(zone_by_name(&day.zone).ok_or_else(|| unreadable("zone"))?),
            None => None,
        };
        let zone = own_zone.as_ref().unwrap_or(self.zone);
        let minutes = stored.map_or(self.slot_minutes, |day| day.slot_minutes);
        let cut = day_slots(date, zone, minutes).map_err(|error| unreadable(&error.to_string()))?;
        let states = match stored {
            Some(day) if self.lay_over => day.shown(),
            Some(day) => day.states.clone(),
            None => vec![SlotState::Unread; cut.len()],
        };
        if states.len() != cut.len() {
            return Err(unreadable("number of letters"));
        }
        let bounds = cut.first().zip(cut.last());
        let near: Vec<(i64, i64)> = bounds.map_or_else(Vec::new, |(first, last)| {
            let touches =
                |outage: &&(i64, i64)| outage.0 < last.end().0 && first.start.0 < outage.1;
            self.outages.iter().filter(touches).copied().collect()
        });
        let is_holiday = self.holidays.has(date);
        for (index, (slot, stored)) in cut.iter().zip(states).enumerate() {
            let (start, end) = (slot.start.0, slot.end().0);
            let present = stored.at(self.now, readable_at(slot, minutes, self.until_readable));
            let lost =
                present == SlotState::Expected && self.first.is_some_and(|first| date < first);
            let time = face(slot, minutes);
            let learned = || {
                let learner = learner.as_deref_mut();
                learner.map_or(Opening::Unknown, |learner| learner.opening(date, time))
            };
            let of_same_name = |earlier: &&Slot| earlier.name(minutes) == slot.name(minutes);
            let repeats = cut[..index].iter().find(of_same_name);
            slots.push(Place {
                date,
                start,
                end,
                repeats: repeats.map(|earlier| (earlier.start.0, earlier.end().0)),
            });
            facts.push(SlotFacts {
                state: if lost { SlotState::OutOfRange } else { present },
                has_outage: near.iter().any(|outage| outage.0 < end && start < outage.1),
                opening: opening(self.hours, is_holiday, learned, date.weekday(), time),
            });
        }
        Ok(())
    }
}

/// Days to learn hours from: those with as many slots as a day without a change of the clock, no holiday.
pub fn learner<'a>(
    days: impl Iterator<Item = &'a LedgerDay>,
    outages: &[(i64, i64)],
    holidays: &Holidays,
) -> Learner {
    let mut learner = Learner::default();
    let mut blind: BTreeMap<Date, Vec<Span>> = BTreeMap::new();
    let mut blind_in: Option<String> = None;
    for day in days.filter(|day| !holidays.has(day.date)) {
        let minutes = day.slot_minutes.max(1);
        if usize::from(MINUTES_OF_DAY / minutes) != day.states.len() {
            continue;
        }
        if blind_in.as_deref() != Some(day.zone.as_str()) {
            blind =
                zone_by_name(&day.zone).map_or_else(BTreeMap::new, |zone| faces(outages, &zone));
            blind_in = Some(day.zone.clone());
        }
        let mut observed = ObservedDay::new(day.date);
        let blind = blind.get(&day.date).map_or(&[][..], Vec::as_slice);
        for (from, state) in (0..).step_by(usize::from(minutes)).zip(&day.states) {
            let Some(time) = Span::new(from, from + minutes) else {
                break;
            };
            let is_blind = blind
                .iter()
                .any(|span| span.from < time.to && time.from < span.to);
            observed.saw(time, *state, is_blind);
        }
        learner.observe(observed);
    }
    learner.forget_silence();
    learner
}

/// Outages on the clock's face, by date.
fn faces(outages: &[(i64, i64)], zone: &TimeZone) -> BTreeMap<Date, Vec<Span>> {
    let mut faces: BTreeMap<Date, Vec<Span>> = BTreeMap::new();
    for (start, end) in outages {
        let minute = |at: i64| local_minute(UtcSecond(at), zone);
        let (Some(first), Some(last)) = (minute(*start), minute(*end - 1)) else {
            continue;
        };
        let of = |minute: i16| u16::try_from(minute).unwrap_or_default();
        let mut date = first.date();
        while date <= last.date() {
            let from = if date == first.date() {
                of(first.minute_of_day())
            } else {
                0
            };
            let to = if date == last.date() {
                of(last.minute_of_day()) + 1
            } else {
                MINUTES_OF_DAY
            };
            faces.entry(date).or_default().extend(Span::new(from, to));
            date = match date.tomorrow() {
                Ok(next) => next,
                Err(_) => break,
            };
        }
    }
    faces
}
