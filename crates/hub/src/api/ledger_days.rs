//! The ledger of one ACD over a period, as slots with their present state and what an absent row in them means.
//!
//! A day that was never read has no row; its slots are cut by the zone and interval of the nearest day that was, and are
//! not yet due, expected or out of the source's range. Letters that do not fit the day's slots are a defect and are
//! reported as one.

use super::dates::Days;
use super::queues::{Bounds, SourceSlot};
use crate::completeness::Completeness;
use crate::configuration::Configuration;
use crate::error::{ApiResult, Problem};
use crate::state::AppState;
use crate::store::integrations;
use floorwire_model::ids::{AccountId, AcdNumber, IntegrationId};
use jiff::ToSpan;
use jiff::tz::TimeZone;

/// Two zones can be 26 hours apart, so a period in one may begin two dates earlier in the other.
const OVERLAP_DAYS: i64 = 2;

/// What is known of a period at the source.
#[derive(Debug)]
pub struct SourceDays {
    found: Completeness,
    acd: AcdNumber,
    zone: TimeZone,
    slot_minutes: Option<u16>,
    configuration: Configuration,
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
        let overlap = OVERLAP_DAYS.days();
        let from = period.from.checked_sub(overlap).unwrap_or(period.from);
        let to = period.to.checked_add(overlap).unwrap_or(period.to);
        let acd = AcdNumber(i32::try_from(acd).map_err(Problem::internal)?);
        let configured = integrations::get_any(&state.store, account, integration)
            .await?
            .ok_or_else(|| Problem::not_found(format!("integration {integration}")))?;
        let found =
            Completeness::read(state, account, &configured, stream, (from, to), Some(acd)).await?;
        let own = found.acds.get(&acd);
        let own = own.ok_or_else(|| Problem::internal("an acd that is not in its own ledger"))?;
        Ok(Self {
            acd,
            zone: own.zone.clone(),
            slot_minutes: own.slot_minutes,
            configuration: configured.configuration,
            found,
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

    /// All slots of the period and around it, in order. Days never read are cut into slots of `usual_minutes` while no
    /// interval is known.
    pub fn slots(&mut self, usual_minutes: u16) -> ApiResult<Vec<SourceSlot>> {
        let slots = self.found.slots(self.acd, false, usual_minutes)?;
        let slot = |slot: &crate::completeness::days::JudgedSlot| SourceSlot {
            bounds: Bounds {
                start: slot.start,
                end: slot.end,
            },
            state: slot.judged.state,
            absent: slot.judged.absent,
            repeats: slot.repeats.map(|(start, end)| Bounds { start, end }),
        };
        Ok(slots.iter().map(slot).collect())
    }
}
