//! Outages of the source, as derived from one partition each.

use super::{Store, StoreError, StoreResult, Transaction};
use crate::{change, in_tx, on_pool};
use floorwire_model::ids::{AccountId, AcdNumber, IntegrationId};
use floorwire_model::outages::{Outage, OutageReason};
use floorwire_model::streams::Quality;

/// One stored outage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredOutage {
    /// The ACD.
    pub acd: AcdNumber,
    /// First second that may be concerned, since 1970 UTC.
    pub start_utc_s: i64,
    /// End, exclusive.
    pub end_utc_s: i64,
    /// Seconds for which collection was off, as the source says.
    pub duration_s: i64,
    /// Why.
    pub reason: OutageReason,
    /// *Ambiguous* where start and end hold more than the duration.
    pub quality: Quality,
}

impl StoredOutage {
    /// True for a setting of the clock, which is no time without data.
    pub fn is_clock_evidence(&self) -> bool {
        self.reason == OutageReason::ClockReset
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    acd: i64,
    start_utc_s: i64,
    end_utc_s: i64,
    duration_s: i64,
    reason: String,
    quality: String,
}

impl TryFrom<Row> for StoredOutage {
    type Error = StoreError;

    fn try_from(row: Row) -> StoreResult<Self> {
        let unreadable = |what: &str| StoreError::unreadable("an outage", what);
        Ok(Self {
            acd: AcdNumber(i32::try_from(row.acd).map_err(|_| unreadable("number of its acd"))?),
            start_utc_s: row.start_utc_s,
            end_utc_s: row.end_utc_s,
            duration_s: row.duration_s,
            reason: OutageReason::from_name(&row.reason).ok_or_else(|| unreadable("its reason"))?,
            quality: Quality::from_name(&row.quality).ok_or_else(|| unreadable("its quality"))?,
        })
    }
}

const WITHIN: &str = "SELECT acd, start_utc_s, end_utc_s, duration_s, reason, quality FROM outages
    WHERE account_id = $1 AND integration_id = $2 AND start_utc_s < $4 AND end_utc_s > $3
    ORDER BY start_utc_s, acd, row_day, number";
const OF_PARTITION: &str =
    "SELECT acd, start_utc_s, end_utc_s, duration_s, reason, quality FROM outages
    WHERE account_id = $1 AND integration_id = $2 AND acd = $3 AND row_day = $4 ORDER BY number";
const DELETE: &str = "DELETE FROM outages
    WHERE account_id = $1 AND integration_id = $2 AND acd = $3 AND row_day = $4";
const INSERT: &str =
    "INSERT INTO outages (account_id, integration_id, acd, row_day, number, start_utc_s, end_utc_s,
        duration_s, reason, quality)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

/// Outages of all ACDs that touch the time from `from` to before `to`, seconds since 1970 UTC, by start.
pub async fn within(
    store: &Store,
    account: AccountId,
    integration: IntegrationId,
    (from, to): (i64, i64),
) -> StoreResult<Vec<StoredOutage>> {
    let rows: Vec<Row> = on_pool!(store, pool => sqlx::query_as(WITHIN)
        .bind(account.0)
        .bind(integration.0)
        .bind(from)
        .bind(to)
        .fetch_all(pool))?;
    rows.into_iter().map(StoredOutage::try_from).collect()
}

/// Makes the outages of one partition exactly `wanted`; equal ones are left alone.
pub async fn replace(
    transaction: &mut Transaction,
    account: AccountId,
    (integration, acd): (IntegrationId, AcdNumber),
    row_day: i64,
    wanted: &[Outage],
) -> StoreResult<()> {
    let wanted: Vec<StoredOutage> = wanted
        .iter()
        .map(|outage| StoredOutage {
            acd,
            start_utc_s: outage.start_utc_s,
            end_utc_s: outage.end_utc_s,
            duration_s: outage.duration_s,
            reason: outage.reason,
            quality: outage.quality,
        })
        .collect();
    let acd = i64::from(acd.0);
    let stored: Vec<Row> = in_tx!(&mut *transaction, connection => sqlx::query_as(OF_PARTITION)
        .bind(account.0)
        .bind(integration.0)
        .bind(acd)
        .bind(row_day)
        .fetch_all(connection))?;
    let stored: StoreResult<Vec<StoredOutage>> =
        stored.into_iter().map(StoredOutage::try_from).collect();
    if stored? == wanted {
        return Ok(());
    }
    change!(
        &mut *transaction,
        DELETE,
        account.0,
        integration.0,
        acd,
        row_day
    )?;
    for (number, outage) in (0_i64..).zip(&wanted) {
        change!(
            &mut *transaction,
            INSERT,
            account.0,
            integration.0,
            acd,
            row_day,
            number,
            outage.start_utc_s,
            outage.end_utc_s,
            outage.duration_s,
            outage.reason.name(),
            outage.quality.as_str(),
        )?;
    }
    Ok(())
}
