//! `/integrations/{id}/ledger`: what was expected, received, missing, day by day.

use crate::api::dates::Days;
use crate::api::extract::{Id, Params};
use crate::auth::ViewsIntegrations;
use crate::completeness::{Completeness, days::JudgedSlot};
use crate::error::{ApiResult, Problem};
use crate::state::AppState;
use crate::store::integrations::Integration;
use crate::store::{journal, reading};
use axum::Json;
use axum::extract::State;
use floorwire_model::derivation::TableRule;
use floorwire_model::ids::AcdNumber;
use floorwire_model::ledger::{DayCounts, to_letters};
use floorwire_model::streams::QUEUE_INTERVALS;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use utoipa::{IntoParams, ToSchema};

const MOST_DAYS: i32 = 1100;
const USUAL_INTERVAL_MINUTES: u16 = 30;
/// Longer periods come without the corrections of single slots.
const MOST_DAYS_WITH_CORRECTIONS: i32 = 62;

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
    /// The ACDs and the limits of what their source holds.
    pub acds: Vec<LedgerAcd>,
}

/// An ACD and the limits of what its source holds.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LedgerAcd {
    /// The ACD.
    pub acd: i64,
    /// IANA zone of its clock.
    pub zone: String,
    /// First local day that can be read, `YYYY-MM-DD`: the oldest the source holds, the start date, or three years ago. Days
    /// before it that were not read never will be. Null while that is not known.
    #[schema(required)]
    pub first_date: Option<String>,
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
    /// One letter per slot: r received, i incomplete, c corrected, m missing, o no data by outage, z closed, e expected,
    /// n not yet due, s set aside, x not at the source or before the start date. A missing hour of a clock change has no slot.
    pub states: String,
    /// How many slots are in which state.
    pub counts: LedgerCounts,
    /// Slots whose settled figures were changed later, and how often; empty for periods of more than 62 days.
    pub corrections: Vec<SlotCorrections>,
}

/// How often settled figures of a slot were changed.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct SlotCorrections {
    /// Number of the slot in its day, from 0.
    pub slot: u32,
    /// How many readings changed something in it.
    pub times: i64,
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
    /// Without a row, and the source was blind.
    pub outage: u32,
    /// Without a row, and the site was closed.
    pub closed: u32,
    /// Not read, and never will be: the source does not hold it, or it lies before the start date.
    pub out_of_range: u32,
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
            outage: counts.outage,
            closed: counts.closed,
            out_of_range: counts.out_of_range,
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
    let rule = known_stream(&state, &integration, stream)?;
    let stream = rule.stream;
    let account = principal.account;
    let period = (days.from, days.to);
    let mut known = Completeness::read(&state, account, &integration, stream, period, None).await?;
    let mut wanted: BTreeSet<(AcdNumber, Date)> = BTreeSet::new();
    for (acd, found) in &known.acds {
        wanted.extend(found.days.keys().map(|date| (*acd, *date)));
    }
    let (id, table) = (integration.id, rule.table);
    for (acd, date) in
        reading::awaited(&state.store, account, id, table, days.from, days.to).await?
    {
        let acd = AcdNumber(i32::try_from(acd).map_err(Problem::internal)?);
        let date = date
            .parse()
            .map_err(|_| Problem::internal(format!("task with the date `{date}`")))?;
        wanted.insert((acd, date));
    }
    let corrected = if days.length() <= MOST_DAYS_WITH_CORRECTIONS {
        let seconds = |date| crate::ingest::difference::day_number(date).saturating_mul(86_400);
        let range = (seconds(days.from) - 86_400, seconds(days.to) + 86_400);
        journal::corrections(&state.store, account, id, stream, range).await?
    } else {
        BTreeMap::new()
    };
    let mut all: BTreeMap<(Date, AcdNumber), LedgerDay> = BTreeMap::new();
    let mut acds = Vec::new();
    for acd in known.acds.keys().copied().collect::<Vec<_>>() {
        let slots = known.slots(acd, true, USUAL_INTERVAL_MINUTES)?;
        let Some(found) = known.acds.get(&acd) else {
            continue;
        };
        for day in slots.chunk_by(|one, other| one.date == other.date) {
            let Some(date) = day.first().map(|slot| slot.date) else {
                continue;
            };
            if wanted.contains(&(acd, date)) {
                let stored = found.days.get(&date).map(|day| day.slot_minutes);
                let minutes = stored.or(found.slot_minutes);
                let minutes = minutes.unwrap_or(USUAL_INTERVAL_MINUTES);
                all.insert((date, acd), shown(acd, minutes, day, &corrected));
            }
        }
        acds.push(LedgerAcd {
            acd: i64::from(acd.0),
            zone: found.zone.iana_name().unwrap_or("UTC").to_owned(),
            first_date: found.first.map(|first| first.to_string()),
        });
    }
    let newest = all.keys().next_back().map(|(_, acd)| *acd);
    let newest = newest.and_then(|acd| known.acds.get(&acd)?.zone.iana_name());
    let zone = newest
        .map(str::to_owned)
        .or(integration.configuration.zone)
        .unwrap_or_else(|| "UTC".to_owned());
    Ok(Json(Ledger {
        zone,
        stream: stream.to_owned(),
        from: days.from.to_string(),
        to: days.to.to_string(),
        days: all.into_values().collect(),
        acds,
    }))
}

/// The rule of a stream that has a ledger, or 422.
pub fn known_stream(
    state: &AppState,
    integration: &Integration,
    stream: &str,
) -> ApiResult<TableRule> {
    let vendor = state.vendors.by_source(&integration.source);
    let rules: Vec<&TableRule> = vendor.map_or_else(Vec::new, |vendor| {
        let all = vendor.tables().iter().chain(vendor.scoped_tables());
        all.filter(|rule| rule.has_slots() && integration.configuration.reads(rule))
            .collect()
    });
    let stream = integration.configuration.stream(stream);
    if let Some(rule) = rules.iter().find(|rule| rule.stream == stream) {
        return Ok(**rule);
    }
    let known: Vec<&str> = rules.iter().map(|rule| rule.stream).collect();
    let detail = format!(
        "`stream` has no ledger; these have one: {}",
        known.join(", ")
    );
    Err(Problem::invalid("invalid-stream", detail))
}

fn shown(
    acd: AcdNumber,
    slot_minutes: u16,
    slots: &[JudgedSlot],
    corrected: &BTreeMap<(i64, i64), i64>,
) -> LedgerDay {
    let states = || slots.iter().map(|slot| slot.judged.state);
    let number = i64::from(acd.0);
    let corrections = (0..).zip(slots).filter_map(|(index, slot)| {
        let times = corrected.get(&(number, slot.start))?;
        Some(SlotCorrections {
            slot: index,
            times: *times,
        })
    });
    LedgerDay {
        date: slots
            .first()
            .map_or_else(String::new, |slot| slot.date.to_string()),
        acd: number,
        slot_minutes,
        states: to_letters(states()),
        counts: DayCounts::of(states()).into(),
        corrections: corrections.collect(),
    }
}
