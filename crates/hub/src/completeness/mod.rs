//! The completeness of a stream as it is to be shown: the ledger, with outages, business hours and holidays, and the limits
//! of the source taken into account.
//!
//! Stored is one letter per slot, as it was read. Everything else is decided here, on reading: hours that are set today
//! count for history at once, an outage that becomes known later explains what is missing, and dates that the source
//! does not hold any more stop being expected, without a stored row being touched. One place serves the ledger, the list
//! of gaps, the figures of queues and agents, and the alarm about an ACD that has fallen silent.

pub mod days;
pub mod gaps;
pub mod watch;

use crate::holidays::Holidays;
use crate::planner::dates::first_date;
use crate::state::AppState;
use crate::store::integrations::Integration;
use crate::store::ledger_days::{self, LedgerDay};
use crate::store::outages::{self, StoredOutage};
use crate::store::{StoreError, StoreResult, reading, status};
use days::{FARTHEST_DAYS, JudgedSlot, Source, learner};
use floorwire_model::derivation::{TableRule, Vendor};
use floorwire_model::hours::WeeklyHours;
use floorwire_model::hours::learned::{Learner, WINDOW_DAYS};
use floorwire_model::ids::{AccountId, AcdNumber};
use floorwire_model::streams::QUEUE_INTERVALS;
use floorwire_model::time::{UtcSecond, local_minute, zone as zone_by_name};
use floorwire_protocol::capabilities::Capabilities;
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, BTreeSet};

/// Where nothing was read yet.
const USUAL_INTERVAL_MINUTES: u16 = 30;
const DAY_S: i64 = 86_400;

/// What is known of one ACD.
#[derive(Debug)]
pub struct Acd {
    /// Its zone.
    pub zone: TimeZone,
    /// Length of its slots, minutes; `None` while nothing was read.
    pub slot_minutes: Option<u16>,
    /// First date that can be read at all; `None` while that is not known.
    pub first: Option<Date>,
    /// The days that were read, and some around the period.
    pub days: BTreeMap<Date, LedgerDay>,
    outages: Vec<(i64, i64)>,
    hours: Option<WeeklyHours>,
    learner: Option<Learner>,
}

impl Acd {
    /// The hours that are set.
    pub fn hours(&self) -> Option<&WeeklyHours> {
        self.hours.as_ref()
    }
}

/// What is known of a stream in a period.
#[derive(Debug)]
pub struct Completeness {
    now: UtcSecond,
    until_readable: i64,
    /// The period, the day after the last included as its end.
    pub period: (Date, Date),
    /// By number.
    pub acds: BTreeMap<AcdNumber, Acd>,
    /// Outages around the period, by start; settings of the clock are among them.
    pub outages: Vec<StoredOutage>,
    /// The holidays around the period.
    pub holidays: Holidays,
}

/// The rule of a stream whose partitions are of dates.
pub fn rule_of(vendor: &dyn Vendor, stream: &str) -> Option<TableRule> {
    let mut rules = vendor.tables().iter().chain(vendor.scoped_tables());
    rules
        .find(|rule| rule.stream == stream && rule.has_slots())
        .copied()
}

fn oldest_date(found: &Capabilities, table: &str, acd: AcdNumber) -> Option<Date> {
    let extents = &found.table(table)?.acds;
    let extent = extents.iter().find(|extent| extent.acd == acd.0)?;
    extent.oldest_date.as_deref()?.parse().ok()
}

impl Completeness {
    /// Reads a stream from `from` to before `to`; of one ACD, or of all that have days or tables.
    pub async fn read(
        state: &AppState,
        account: AccountId,
        integration: &Integration,
        stream: &str,
        (from, to): (Date, Date),
        only: Option<AcdNumber>,
    ) -> StoreResult<Self> {
        let store = &state.store;
        let configuration = &integration.configuration;
        let business = &configuration.business_hours;
        let around = FARTHEST_DAYS.max(WINDOW_DAYS + 1);
        let first = from.checked_sub(around.days()).unwrap_or(from);
        let last = to.checked_add(around.days()).unwrap_or(to);
        let wanted = |acd: AcdNumber| only.is_none_or(|only| only == acd);
        let stored =
            ledger_days::range(store, account, integration.id, stream, first, last).await?;
        let queues = configuration.stream(QUEUE_INTERVALS);
        let to_learn = match stream == queues {
            true => None,
            false => {
                Some(ledger_days::range(store, account, integration.id, queues, first, last).await?)
            }
        };
        let seconds = |date: Date| {
            let day = crate::ingest::difference::day_number(date);
            day.saturating_mul(DAY_S)
        };
        let range = (seconds(first) - DAY_S, seconds(last) + DAY_S);
        let outages = outages::within(store, account, integration.id, range).await?;
        let holidays = Holidays::of(&business.holidays, first, last);
        let known = status::get(store, account, integration.id).await?;
        let found = known.and_then(|known| known.capabilities);
        let vendor = state.vendors.by_source(&integration.source);
        let rule = vendor.and_then(|vendor| rule_of(vendor.as_ref(), stream));
        let now = state.clock.now_utc_s();

        let mut numbers: BTreeSet<AcdNumber> = stored.iter().map(|day| day.acd).collect();
        if let (Some(rule), Some(found)) = (&rule, &found) {
            let extents = found.table(rule.table).into_iter();
            numbers
                .extend(extents.flat_map(|table| table.acds.iter().map(|acd| AcdNumber(acd.acd))));
        }
        numbers.extend(only);
        let mut acds = BTreeMap::new();
        for acd in numbers.into_iter().filter(|acd| wanted(*acd)) {
            let days: BTreeMap<Date, LedgerDay> = stored
                .iter()
                .filter(|day| day.acd == acd)
                .map(|day| (day.date, day.clone()))
                .collect();
            let mut cut = days
                .values()
                .next_back()
                .map(|day| (day.zone.clone(), Some(day.slot_minutes)));
            if cut.is_none() {
                let number = i64::from(acd.0);
                let latest =
                    reading::latest_day(store, account, integration.id, stream, number).await?;
                cut = latest.map(|day| (day.zone, u16::try_from(day.slot_minutes).ok()));
            }
            let (zone, slot_minutes) = cut.unwrap_or_else(|| {
                let zone = configuration.zone_of(acd).unwrap_or("UTC");
                (zone.to_owned(), None)
            });
            let zone = zone_by_name(&zone)
                .ok_or_else(|| StoreError::unreadable("zone of an integration", &zone))?;
            let widest = days.values().map(|day| day.slot_minutes).max();
            let slot_minutes = widest.or(slot_minutes);
            let oldest = rule
                .as_ref()
                .zip(found.as_ref())
                .and_then(|(rule, found)| oldest_date(found, rule.table, acd));
            let first = oldest.and_then(|oldest| {
                let today = local_minute(now, &zone)?.date();
                Some(first_date(oldest, configuration.start_date, today))
            });
            let own_outages: Vec<(i64, i64)> = outages
                .iter()
                .filter(|outage| outage.acd == acd && !outage.is_clock_evidence())
                .map(|outage| (outage.start_utc_s, outage.end_utc_s))
                .collect();
            let hours = business.acds.get(&acd.0).cloned();
            let learner = (hours.is_none() && business.use_learned).then(|| {
                let from = to_learn.as_deref().unwrap_or(&stored);
                let own = from.iter().filter(|day| day.acd == acd);
                learner(own, &own_outages, &holidays)
            });
            acds.insert(
                acd,
                Acd {
                    zone,
                    slot_minutes,
                    first,
                    days,
                    outages: own_outages,
                    hours,
                    learner,
                },
            );
        }
        Ok(Self {
            now,
            until_readable: rule.map_or(1, |rule| rule.intervals_until_readable()),
            period: (from, to),
            acds,
            outages,
            holidays,
        })
    }

    /// The slots of an ACD in the period, in order. With `lay_over` a reading that is set aside is shown over what it would
    /// replace. Days never read are cut into slots of `usual_minutes` while no interval is known.
    pub fn slots(
        &mut self,
        acd: AcdNumber,
        lay_over: bool,
        usual_minutes: u16,
    ) -> StoreResult<Vec<JudgedSlot>> {
        let Some(found) = self.acds.get_mut(&acd) else {
            return Ok(Vec::new());
        };
        let source = Source {
            zone: &found.zone,
            slot_minutes: found.slot_minutes.unwrap_or(usual_minutes),
            until_readable: self.until_readable,
            now: self.now,
            first: found.first,
            days: &found.days,
            lay_over,
            outages: &found.outages,
            hours: found.hours.as_ref(),
            holidays: &self.holidays,
        };
        let (from, to) = self.period;
        source.judged(found.learner.as_mut(), from, to)
    }
}

/// The hours that the newest days of the queues of an ACD show, whether hours are set or not, and the first and last day.
pub async fn proposal(
    state: &AppState,
    account: AccountId,
    integration: &Integration,
    acd: AcdNumber,
    today: Date,
) -> StoreResult<Option<(floorwire_model::hours::learned::Proposal, Date, Date)>> {
    let first = today.checked_sub((2 * WINDOW_DAYS).days()).unwrap_or(today);
    let end = today.checked_add(2.days()).unwrap_or(today);
    let store = &state.store;
    let queues = integration.configuration.stream(QUEUE_INTERVALS);
    let stored = ledger_days::range(store, account, integration.id, queues, first, end).await?;
    let day = |date: Date| crate::ingest::difference::day_number(date).saturating_mul(DAY_S);
    let range = (day(first) - DAY_S, day(end) + DAY_S);
    let outages: Vec<(i64, i64)> = outages::within(store, account, integration.id, range)
        .await?
        .into_iter()
        .filter(|outage| outage.acd == acd && !outage.is_clock_evidence())
        .map(|outage| (outage.start_utc_s, outage.end_utc_s))
        .collect();
    let holidays = Holidays::of(
        &integration.configuration.business_hours.holidays,
        first,
        end,
    );
    let own = stored.iter().filter(|day| day.acd == acd);
    Ok(learner(own, &outages, &holidays).proposal())
}
