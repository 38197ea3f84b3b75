//! The alarm about an ACD that has no rows in open hours: reading it succeeds, so nothing else would tell.
//!
//! Looked at after each reading, once no first load runs. The newest slots that were read decide; rows of any queue of the
//! ACD end the alarm, and so do hours or a holiday by which it is closed.

use super::Completeness;
use crate::bus::Hint;
use crate::state::AppState;
use crate::store::integrations::Integration;
use crate::store::status::{self, IntegrationStatus, OccurredProblem};
use crate::store::{StoreResult, tasks};
use floorwire_model::absence::silence;
use floorwire_model::derivation::{Cut, TableRule, Vendor};
use floorwire_model::ids::AccountId;
use floorwire_model::time::{UtcSecond, local_minute};
use floorwire_protocol::messages::Problem;
use jiff::ToSpan;
use jiff::tz::TimeZone;

/// Stable code of the problem.
pub const NO_ROWS: &str = "no-rows-in-open-hours";

/// Days that are looked at: the longest time between two open hours of a site that is not closed for good.
const DAYS: i64 = 8;

/// Looks whether an ACD has fallen silent, and notes or forgets the problem.
pub async fn look(
    state: &AppState,
    account: AccountId,
    integration: &Integration,
    vendor: &dyn Vendor,
    known: &IntegrationStatus,
) -> StoreResult<()> {
    let now = state.clock.now_utc_ms();
    if tasks::progress(&state.store, account, integration.id, now)
        .await?
        .is_some()
    {
        return Ok(());
    }
    let detail = silent(state, account, integration, vendor).await?;
    let before = known.rows_problem.as_ref();
    let after = detail.map(|detail| OccurredProblem {
        occurred_utc_ms: before.map_or(now, |before| before.occurred_utc_ms),
        problem: Problem {
            code: NO_ROWS.to_owned(),
            title: "no rows in open hours".to_owned(),
            detail,
            remedy: "check that the CMS collects and archives, and that the import's login may read the rows; if the site \
                was closed, enter the holiday or the hours in the settings"
                .to_owned(),
            diagnostics: Vec::new(),
        },
    });
    if before == after.as_ref() {
        return Ok(());
    }
    status::set_rows_problem(&state.store, account, integration.id, after.as_ref()).await?;
    match (before, &after) {
        (None, Some(found)) => {
            tracing::warn!(
                integration = integration.id.0,
                detail = found.problem.detail,
                "no rows in open hours"
            );
        }
        (Some(_), None) => {
            tracing::info!(
                integration = integration.id.0,
                "there are rows in open hours again"
            );
        }
        _ => {}
    }
    state
        .bus
        .publish(Hint::Integration(account, integration.id));
    Ok(())
}

/// What is wrong, for the first ACD that is.
async fn silent(
    state: &AppState,
    account: AccountId,
    integration: &Integration,
    vendor: &dyn Vendor,
) -> StoreResult<Option<String>> {
    let now = state.clock.now_utc_s();
    let Some(today) = local_minute(now, &TimeZone::UTC).map(|local| local.date()) else {
        return Ok(None);
    };
    let from = today.checked_sub(DAYS.days()).unwrap_or(today);
    let to = today.checked_add(2.days()).unwrap_or(today);
    let limit = i64::from(integration.configuration.business_hours.quiet_minutes) * 60;
    let is_counted = |rule: &&TableRule| {
        matches!(rule.cut, Cut::Intervals { .. }) && integration.configuration.reads(rule)
    };
    for rule in vendor.tables().iter().filter(is_counted) {
        let period = (from, to);
        let mut found =
            Completeness::read(state, account, integration, rule.stream, period, None).await?;
        let acds: Vec<_> = found.acds.keys().copied().collect();
        for acd in acds {
            let slots = found.slots(acd, false, super::USUAL_INTERVAL_MINUTES)?;
            let bounds: Vec<(i64, i64)> = slots.iter().map(|slot| (slot.start, slot.end)).collect();
            let judged: Vec<_> = slots.iter().map(|slot| (slot.facts, slot.judged)).collect();
            let Some((seconds, start, end)) = silence(&bounds, &judged) else {
                continue;
            };
            if seconds < limit {
                continue;
            }
            let zone = found.acds.get(&acd).map(|acd| acd.zone.clone());
            let zone = zone.unwrap_or(TimeZone::UTC);
            return Ok(Some(format!(
                "acd {acd} has no row in `{}` from {} to {} ({}) though it is open then",
                rule.table,
                local(start, &zone),
                local(end, &zone),
                zone.iana_name().unwrap_or("UTC"),
            )));
        }
    }
    Ok(None)
}

fn local(at: i64, zone: &TimeZone) -> String {
    match jiff::Timestamp::from_second(at) {
        Ok(timestamp) => {
            let local = zone.to_datetime(timestamp);
            format!("{} {:02}:{:02}", local.date(), local.hour(), local.minute())
        }
        Err(_) => UtcSecond(at).0.to_string(),
    }
}
