//! The ledger of one ACD over a period, as slots with their present state.
//!
//! A day that was never read has no row; its slots are cut by the zone and interval of the nearest day that was, and are
//! not yet due or expected by the clock. Letters that do not fit the day's slots are a defect and are reported as one.

use super::dates::Days;
use super::queues::{Bounds, SourceSlot};
use crate::configuration::Configuration;
use crate::error::{ApiResult, Problem};
use crate::state::AppState;
use crate::store::ledger_days::{self, LedgerDay};
use crate::store::{StoreError, integrations, reading};
use floorwire_model::derivation::TableRule;
use floorwire_model::ids::{AccountId, AcdNumber, IntegrationId};
use floorwire_model::ledger::{SlotState, readable_at};
use floorwire_model::time::{Slot, UtcSecond, day_slots, zone as zone_by_name};
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;

/// Two zones can be 26 hours apart, so a period in one may begin two dates earlier in the other.
const OVERLAP_DAYS: i64 = 2;

/// What is known of a period at the source.
#[derive(Debug)]
pub struct SourceDays {
    zone: TimeZone,
    slot_minutes: Option<u16>,
    intervals_until_readable: i64,
    period: Days,
    days: BTreeMap<Date, LedgerDay>,
    configuration: Configuration,
}

fn unreadable(day: &LedgerDay, why: &str) -> Problem {
    StoreError::unreadable(format!("ledger of {} of acd {}", day.date, day.acd), why).into()
}

/// How many intervals must have ended after one before it can be read, for the table of a stream.
pub fn intervals_until_readable(state: &AppState, source: &str, stream: &str) -> i64 {
    let vendor = state.vendors.by_source(source);
    let rule = vendor.and_then(|vendor| {
        let mut all = vendor.tables().iter().chain(vendor.scoped_tables());
        all.find(|rule| rule.stream == stream)
    });
    rule.map_or(1, TableRule::intervals_until_readable)
}

/// The slots of a stored day with `states`, its stored ones or those shown, as of now.
pub fn slots_of(
    day: &LedgerDay,
    states: &[SlotState],
    until_readable: i64,
    now: UtcSecond,
) -> ApiResult<Vec<SourceSlot>> {
    let zone = zone_by_name(&day.zone).ok_or_else(|| unreadable(day, "zone"))?;
    let slots = cut(
        day.date,
        &zone,
        day.slot_minutes,
        until_readable,
        now,
        states,
    )?;
    if slots.len() != states.len() {
        return Err(unreadable(day, "number of letters"));
    }
    Ok(slots)
}

/// The slots of a day that was never read.
pub fn never_read(
    date: Date,
    zone: &TimeZone,
    minutes: u16,
    until_readable: i64,
    now: UtcSecond,
) -> ApiResult<Vec<SourceSlot>> {
    cut(date, zone, minutes, until_readable, now, &[])
}

fn cut(
    date: Date,
    zone: &TimeZone,
    minutes: u16,
    until_readable: i64,
    now: UtcSecond,
    states: &[SlotState],
) -> ApiResult<Vec<SourceSlot>> {
    let slots = day_slots(date, zone, minutes).map_err(Problem::internal)?;
    let states = states
        .iter()
        .copied()
        .chain(std::iter::repeat(SlotState::Unread));
    let bounds = |slot: &Slot| Bounds {
        start: slot.start.0,
        end: slot.end().0,
    };
    let with_state = slots
        .iter()
        .zip(states)
        .enumerate()
        .map(|(index, (slot, stored))| SourceSlot {
            bounds: bounds(slot),
            state: stored.at(now, readable_at(slot, minutes, until_readable)),
            repeats: slots[..index]
                .iter()
                .find(|earlier| earlier.name(minutes) == slot.name(minutes))
                .map(bounds),
        });
    Ok(with_state.collect())
}

impl SourceDays {
    /// Reads the ledger of a stream and ACD around a period.
    pub async fn read(
        state: &AppState,
        account: AccountId,
        integration: IntegrationId,
        (stream, acd): (&str, i64),
        period: Days,
    ) -> ApiResult<Self> {
        let from = period
            .from
            .checked_sub(OVERLAP_DAYS.days())
            .unwrap_or(period.from);
        let to = period
            .to
            .checked_add(OVERLAP_DAYS.days())
            .unwrap_or(period.to);
        let mut days =
            ledger_days::range(&state.store, account, integration, stream, from, to).await?;
        days.retain(|day| i64::from(day.acd.0) == acd);
        let configured = integrations::get(&state.store, account, integration).await?;
        let source = configured
            .as_ref()
            .map(|found| found.source.clone())
            .unwrap_or_default();
        let (zone_name, slot_minutes) = match days.iter().max_by_key(|day| day.date) {
            Some(newest) => (
                newest.zone.clone(),
                days.iter().map(|day| day.slot_minutes).max(),
            ),
            None => {
                match reading::latest_day(&state.store, account, integration, stream, acd).await? {
                    Some(day) => (
                        day.zone,
                        Some(u16::try_from(day.slot_minutes).map_err(Problem::internal)?),
                    ),
                    None => {
                        let acd = i32::try_from(acd).map(AcdNumber);
                        let zone = configured.as_ref().zip(acd.ok());
                        let zone = zone.and_then(|(found, acd)| found.configuration.zone_of(acd));
                        (zone.unwrap_or("UTC").to_owned(), None)
                    }
                }
            }
        };
        let zone = zone_by_name(&zone_name).ok_or_else(|| {
            Problem::from(StoreError::unreadable("zone of an integration", &zone_name))
        })?;
        let days = days.into_iter().map(|day| (day.date, day)).collect();
        let intervals_until_readable = intervals_until_readable(state, &source, stream);
        Ok(Self {
            zone,
            slot_minutes,
            intervals_until_readable,
            period,
            days,
            configuration: configured
                .map(|found| found.configuration)
                .unwrap_or_default(),
        })
    }

    /// Length of an interval, minutes; the longest where it changed; `None` while nothing was read.
    pub fn slot_minutes(&self) -> Option<u16> {
        self.slot_minutes
    }

    /// The settings in force.
    pub fn configuration(&self) -> &Configuration {
        &self.configuration
    }

    /// The zone of the source's clock.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// All slots of the period and around it, in order, with their present state. Days never read are cut into slots of
    /// `usual_minutes` while no interval is known.
    pub fn slots(&self, now: UtcSecond, usual_minutes: u16) -> ApiResult<Vec<SourceSlot>> {
        let minutes = self.slot_minutes.unwrap_or(usual_minutes);
        let from = self
            .period
            .from
            .checked_sub(OVERLAP_DAYS.days())
            .unwrap_or(self.period.from);
        let to = self
            .period
            .to
            .checked_add(OVERLAP_DAYS.days())
            .unwrap_or(self.period.to);
        let mut all = Vec::new();
        for date in (Days { from, to }).each() {
            match self.days.get(&date) {
                Some(day) => all.extend(slots_of(
                    day,
                    &day.states,
                    self.intervals_until_readable,
                    now,
                )?),
                None => all.extend(never_read(
                    date,
                    &self.zone,
                    minutes,
                    self.intervals_until_readable,
                    now,
                )?),
            }
        }
        Ok(all)
    }
}
