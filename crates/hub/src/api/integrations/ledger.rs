//! `/integrations/{id}/ledger`: what was expected, received, missing, day by day.

use crate::api::dates::Days;
use crate::api::extract::{Id, Params};
use crate::api::ledger_days::{intervals_until_readable, never_read, slots_of};
use crate::auth::ViewsIntegrations;
use crate::error::{ApiResult, Problem};
use crate::state::AppState;
use crate::store::ledger_days::{self, LedgerDay as StoredDay};
use crate::store::reading;
use axum::Json;
use axum::extract::State;
use floorwire_model::derivation::TableRule;
use floorwire_model::ids::IntegrationId;
use floorwire_model::ledger::{DayCounts, SlotState, to_letters};
use floorwire_model::streams::QUEUE_INTERVALS;
use floorwire_model::time::{UtcSecond, zone as zone_by_name};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

const MOST_DAYS: i32 = 1100;
const USUAL_INTERVAL_MINUTES: u16 = 30;

/// Which days.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LedgerQuery {
    /// First local day, `YYYY-MM-DD`.
    pub from: String,
    /// Day after the last, `YYYY-MM-DD`.
    pub to: String,
    /// The stream; `queue_intervals` when left out, which means those of the grouping in force.
    pub stream: Option<String>,
}

/// How complete a period is.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Ledger {
    /// IANA zone of the source's clock, which cuts the days.
    pub zone: String,
    /// The stream.
    pub stream: String,
    /// First local day.
    pub from: String,
    /// Day after the last.
    pub to: String,
    /// Days that were read or wait to be read, by date and ACD.
    pub days: Vec<LedgerDay>,
}

/// One day of one ACD.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LedgerDay {
    /// `YYYY-MM-DD`.
    pub date: String,
    /// The ACD.
    pub acd: i64,
    /// Length of a slot, minutes.
    pub slot_minutes: u16,
    /// One letter per slot: r received, i incomplete, c corrected, m missing, e expected, n not yet due, s set aside.
    pub states: String,
    /// How many slots are in which state.
    pub counts: LedgerCounts,
}

/// How many slots are in which state.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LedgerCounts {
    /// With rows.
    pub received: u32,
    /// With rows that the source calls incomplete.
    pub incomplete: u32,
    /// With settled figures that changed later.
    pub corrected: u32,
    /// Read, and the ACD has no row.
    pub missing: u32,
    /// Readable, not read yet.
    pub expected: u32,
    /// Not readable yet.
    pub not_yet_due: u32,
    /// A newer reading of the day waits for a decision.
    pub set_aside: u32,
}

impl From<DayCounts> for LedgerCounts {
    fn from(counts: DayCounts) -> Self {
        Self {
            received: counts.received,
            incomplete: counts.incomplete,
            corrected: counts.corrected,
            missing: counts.missing,
            expected: counts.expected,
            not_yet_due: counts.not_yet_due,
            set_aside: counts.set_aside,
        }
    }
}

/// The completeness of a period, slot by slot.
#[utoipa::path(get, path = "/integrations/{id}/ledger", tag = "integrations",
    params(("id" = i64, Path, description = "the integration"), LedgerQuery),
    responses((status = 200, body = Ledger)))]
pub async fn get_ledger(
    ViewsIntegrations(principal): ViewsIntegrations,
    State(state): State<AppState>,
    Id(id): Id,
    Params(query): Params<LedgerQuery>,
) -> ApiResult<Json<Ledger>> {
    let stream = query.stream.as_deref().unwrap_or(QUEUE_INTERVALS);
    let days = Days::parse(&query.from, &query.to, MOST_DAYS)?;
    let integration = super::existing(&state, &principal, id).await?;
    let vendor = state.vendors.by_source(&integration.source);
    let rules: Vec<&TableRule> = vendor.map_or_else(Vec::new, |vendor| {
        let all = vendor.tables().iter().chain(vendor.scoped_tables());
        all.filter(|rule| rule.has_slots() && integration.configuration.reads(rule))
            .collect()
    });
    let stream = integration.configuration.stream(stream);
    if !rules.iter().any(|rule| rule.stream == stream) {
        let known: Vec<&str> = rules.iter().map(|rule| rule.stream).collect();
        let detail = format!(
            "`stream` has no ledger; these have one: {}",
            known.join(", ")
        );
        return Err(Problem::invalid("invalid-stream", detail));
    }
    let (account, id) = (principal.account, IntegrationId(id));
    let now = state.clock.now_utc_s();
    let until_readable = intervals_until_readable(&state, &integration.source, stream);
    let stored = ledger_days::range(&state.store, account, id, stream, days.from, days.to).await?;
    let newest = stored
        .iter()
        .max_by_key(|day| day.date)
        .map(|day| day.zone.clone());
    let zone = newest
        .or(integration.configuration.zone)
        .unwrap_or_else(|| "UTC".to_owned());
    let mut minutes_of_acd: BTreeMap<i64, u16> = BTreeMap::new();
    let mut all: BTreeMap<(String, i64), LedgerDay> = BTreeMap::new();
    for day in &stored {
        let acd = i64::from(day.acd.0);
        minutes_of_acd.insert(acd, day.slot_minutes);
        all.insert(
            (day.date.to_string(), acd),
            stored_day(day, until_readable, now)?,
        );
    }
    for rule in rules.iter().filter(|rule| rule.stream == stream) {
        for (acd, date) in
            reading::awaited(&state.store, account, id, rule.table, days.from, days.to).await?
        {
            let key = (date, acd);
            if all.contains_key(&key) {
                continue;
            }
            let minutes = minutes_of_acd
                .get(&acd)
                .copied()
                .unwrap_or(USUAL_INTERVAL_MINUTES);
            let day = awaited_day(&key.0, acd, &zone, minutes, until_readable, now)?;
            all.insert(key, day);
        }
    }
    let (from, to) = (days.from.to_string(), days.to.to_string());
    Ok(Json(Ledger {
        zone,
        stream: stream.to_owned(),
        from,
        to,
        days: all.into_values().collect(),
    }))
}

fn stored_day(stored: &StoredDay, until_readable: i64, now: UtcSecond) -> ApiResult<LedgerDay> {
    let slots = slots_of(stored, &stored.shown(), until_readable, now)?;
    let states = slots.iter().map(|slot| slot.state).collect();
    Ok(day(
        stored.date.to_string(),
        i64::from(stored.acd.0),
        stored.slot_minutes,
        states,
    ))
}

fn awaited_day(
    date: &str,
    acd: i64,
    zone: &str,
    slot_minutes: u16,
    until_readable: i64,
    now: UtcSecond,
) -> ApiResult<LedgerDay> {
    let parsed = date
        .parse()
        .map_err(|_| Problem::internal(format!("task with the date `{date}`")))?;
    let time_zone =
        zone_by_name(zone).ok_or_else(|| Problem::internal(format!("unknown zone `{zone}`")))?;
    let slots = never_read(parsed, &time_zone, slot_minutes, until_readable, now)?;
    Ok(day(
        date.to_owned(),
        acd,
        slot_minutes,
        slots.iter().map(|slot| slot.state).collect(),
    ))
}

fn day(date: String, acd: i64, slot_minutes: u16, states: Vec<SlotState>) -> LedgerDay {
    let counts = DayCounts::of(states.iter().copied()).into();
    LedgerDay {
        date,
        acd,
        slot_minutes,
        states: to_letters(states),
        counts,
    }
}
