//! The ledger of one ACD over a period, as slots with their present state.
//!
//! A day that was never read has no row; its slots are cut by the zone and interval of the nearest day that was, and are
//! not yet due or expected by the clock. Letters that do not fit the day's slots are a defect and are reported as one.

use super::dates::Days;
use super::queues::{Bounds, SourceSlot};
use crate::error::{ApiResult, Problem};
use crate::state::AppState;
use crate::store::StoreError;
use crate::store::integrations;
use crate::store::reading::ledger::{self, LedgerDayRow, Period};
use crate::store::reading::queues::QueueRow;
use floorwire_model::ids::{AccountId, IntegrationId};
use floorwire_model::ledger::{SlotState, from_letters, readable_at};
use floorwire_model::streams::QUEUE_INTERVALS;
use floorwire_model::time::{UtcSecond, day_slots, zone as zone_by_name};
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
    days: BTreeMap<Date, LedgerDayRow>,
}

/// A stored day that cannot be read.
pub fn unreadable(row: &LedgerDayRow, why: &str) -> Problem {
    StoreError::unreadable(format!("ledger of {} of acd {}", row.local_date, row.acd), why).into()
}

/// How many intervals must have ended after one before it can be read, for the table of a stream.
pub fn intervals_until_readable(state: &AppState, source: &str, stream: &str) -> i64 {
    let vendor = state.vendors.by_source(source);
    let rule = vendor.and_then(|vendor| vendor.tables().iter().find(|rule| rule.stream == stream));
    rule.map_or(1, |rule| rule.intervals_until_readable)
}

/// The states of a stored day at present, one per slot.
pub fn states_of(row: &LedgerDayRow, until_readable: i64, now: UtcSecond) -> ApiResult<Vec<SourceSlot>> {
    let minutes = u16::try_from(row.slot_minutes).map_err(|_| unreadable(row, "interval length"))?;
    let date: Date = row.local_date.parse().map_err(|_| unreadable(row, "date"))?;
    let zone = zone_by_name(&row.zone).ok_or_else(|| unreadable(row, "zone"))?;
    let letters = from_letters(&row.letters).ok_or_else(|| unreadable(row, "letters"))?;
    let slots = cut(date, &zone, minutes, until_readable, now, &letters)?;
    if slots.len() != letters.len() {
        return Err(unreadable(row, "number of letters"));
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
    letters: &[SlotState],
) -> ApiResult<Vec<SourceSlot>> {
    let slots = day_slots(date, zone, minutes).map_err(Problem::internal)?;
    let states = letters.iter().copied().chain(std::iter::repeat(SlotState::Unread));
    let with_state = slots.iter().zip(states).map(|(slot, stored)| SourceSlot {
        bounds: Bounds { start: slot.start.0, end: slot.end().0 },
        state: stored.at(now, readable_at(slot, minutes, until_readable)),
    });
    Ok(with_state.collect())
}

impl SourceDays {
    /// Reads the ledger of the queue's ACD around a period.
    pub async fn read(state: &AppState, account: AccountId, queue: &QueueRow, period: Days) -> ApiResult<Self> {
        let integration = IntegrationId(queue.integration_id);
        let shifted = |date: Date, days: i64| date.checked_add(days.days()).unwrap_or(date).to_string();
        let (from, to) = (shifted(period.from, -OVERLAP_DAYS), shifted(period.to, OVERLAP_DAYS));
        let around = Period { integration, stream: QUEUE_INTERVALS, from: &from, to: &to };
        let mut rows = ledger::days(&state.store, account, around).await?;
        rows.retain(|row| row.acd == queue.acd);
        let nearest = match rows.last() {
            Some(row) => Some(row.clone()),
            None => ledger::latest(&state.store, account, integration, QUEUE_INTERVALS, queue.acd).await?,
        };
        let configured = integrations::get(&state.store, account, integration).await?;
        let zone_name = match &nearest {
            Some(row) => row.zone.clone(),
            None => configured.and_then(|found| found.configuration.zone).unwrap_or_else(|| "UTC".to_owned()),
        };
        let zone = zone_by_name(&zone_name)
            .ok_or_else(|| Problem::from(StoreError::unreadable("zone of an integration", &zone_name)))?;
        let longest = rows.iter().chain(&nearest).map(|row| row.slot_minutes).max();
        let slot_minutes = longest.map(u16::try_from).transpose().map_err(Problem::internal)?;
        let mut days = BTreeMap::new();
        for row in rows {
            let date = row.local_date.parse().map_err(|_| unreadable(&row, "date"))?;
            days.insert(date, row);
        }
        let until_readable = intervals_until_readable(state, &queue.source, QUEUE_INTERVALS);
        Ok(Self { zone, slot_minutes, intervals_until_readable: until_readable, period, days })
    }

    /// Length of an interval, minutes; the longest where it changed; `None` while nothing was read.
    pub fn slot_minutes(&self) -> Option<u16> {
        self.slot_minutes
    }

    /// The zone of the source's clock.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// All slots of the period and around it, in order, with their present state. Days never read are cut into slots of
    /// `usual_minutes` while no interval is known.
    pub fn slots(&self, now: UtcSecond, usual_minutes: u16) -> ApiResult<Vec<SourceSlot>> {
        let minutes = self.slot_minutes.unwrap_or(usual_minutes);
        let from = self.period.from.checked_sub(OVERLAP_DAYS.days()).unwrap_or(self.period.from);
        let to = self.period.to.checked_add(OVERLAP_DAYS.days()).unwrap_or(self.period.to);
        let mut all = Vec::new();
        for date in (Days { from, to }).each() {
            match self.days.get(&date) {
                Some(row) => all.extend(states_of(row, self.intervals_until_readable, now)?),
                None => all.extend(never_read(date, &self.zone, minutes, self.intervals_until_readable, now)?),
            }
        }
        Ok(all)
    }
}
