//! Derives stored partitions anew after a setting changed, without touching the source.
//!
//! One partition a transaction, newest first. What the settings change is no restatement, so nothing enters the journal;
//! the ledger is made from the same reading. A partition that cannot be derived under the new settings loses its stream
//! rows, since those of the old settings would be wrong, and says so among its rejected rows.

use super::apply::{Write, slot_minutes};
use super::difference::range_of;
use super::{IngestError, derive, findings};
use crate::agent_records;
use crate::bus::Hint;
use crate::state::AppState;
use crate::store::integrations::Integration;
use crate::store::{StoreError, integrations, partitions, status};
use floorwire_model::derivation::{DerivationSettings, Derived, Rejected, TableRule, Vendor};
use floorwire_model::ids::AccountId;
use floorwire_model::partition::SourcePartition;
use floorwire_protocol::encoding::decode_columns;
use std::sync::Arc;

/// Decompressed size up to which a stored partition is read; parts are limited each, a partition has several.
pub(super) const MAX_CONTENT_BYTES: usize = 1 << 30;

/// Derives the newest partition that was derived under other settings. False when there is none.
pub async fn next(
    state: &AppState,
    account: AccountId,
    integration: &Integration,
) -> Result<bool, IngestError> {
    let vendor = vendor_of(state, integration)?;
    for acd in partitions::acds(&state.store, account, integration.id).await? {
        let rules = vendor.tables().iter().chain(vendor.scoped_tables());
        // What another grouping had read waits until it is in force again.
        for rule in rules.filter(|rule| integration.configuration.reads(rule)) {
            let settings = findings::settings(state, account, integration, rule, acd).await?;
            let Some(settings) = settings else {
                continue;
            };
            let place = (rule.table, acd);
            let outdated =
                partitions::outdated(&state.store, account, integration.id, place, &settings)
                    .await?;
            if let Some(partition) = outdated {
                one(state, account, integration, &partition, *rule, settings).await?;
                state
                    .bus
                    .publish(Hint::Integration(account, integration.id));
                return Ok(true);
            }
        }
    }
    Ok(false)
}

pub(super) fn vendor_of<'a>(
    state: &'a AppState,
    integration: &Integration,
) -> Result<&'a Arc<dyn Vendor>, IngestError> {
    let vendor = state.vendors.by_source(&integration.source);
    vendor.ok_or_else(|| IngestError::UnknownSource(integration.source.clone()))
}

async fn one(
    state: &AppState,
    account: AccountId,
    integration: &Integration,
    partition: &SourcePartition,
    rule: TableRule,
    settings: DerivationSettings,
) -> Result<(), IngestError> {
    let vendor = vendor_of(state, integration)?;
    let Some(content) = partitions::content(&state.store, account, partition).await? else {
        return Ok(());
    };
    let before = partitions::peek(&state.store, account, partition).await?;
    let known = status::get(&state.store, account, integration.id)
        .await?
        .unwrap_or_default();
    let (worker, place, under) = (vendor.clone(), partition.clone(), settings.clone());
    let work = move || {
        let columns = decode_columns(&content, MAX_CONTENT_BYTES)
            .map_err(|error| StoreError::unreadable(format!("content of {place}"), error))?;
        let derived = derive(worker.as_ref(), &place, &columns, &under);
        let mut derived = derived.unwrap_or_else(|error| Derived {
            rejected: vec![Rejected {
                code: "not-derivable".into(),
                detail: error.to_string(),
                rows: columns.rows,
            }],
            ..Derived::default()
        });
        drop(columns);
        let documents = agent_records::take(rule.stream, &mut derived)?;
        Ok::<_, IngestError>((derived, documents))
    };
    let rows = before.as_ref().map_or(0, |head| head.row_count);
    let done = state.row_memory.run(rows.unsigned_abs(), work).await;
    let (derived, documents) = done.map_err(IngestError::Worker)??;
    let mut transaction = state.store.begin().await?;
    let current = integrations::get_shared(&mut transaction, account, integration.id).await?;
    let head = partitions::head(&mut transaction, account, partition).await?;
    // Something newer arrived meanwhile: it is looked at again.
    let (Some(current), Some(head)) = (current, head) else {
        return Ok(());
    };
    let unchanged = current.configuration_version == integration.configuration_version
        && before.is_some_and(|before| before.content_hash == head.content_hash);
    if !unchanged {
        return Ok(());
    }
    let write = Write {
        account,
        partition,
        rule,
        settings: &settings,
        documents: &documents,
        begin_utc_ms: head.read_begin_utc_ms,
        stored_range: head.derived_range_utc_s,
        restates: false,
        first_load: false,
        keeps_ledger: false,
        slot_minutes: slot_minutes(&known, partition),
        margin_intervals: integration.configuration.rereading.margin_intervals(),
    };
    write
        .rows(&mut transaction, &derived, state.clock.now_utc_ms())
        .await?;
    let range = range_of(&derived.queue_intervals);
    let (rejected, doubtful) = (&derived.rejected, &derived.doubtful);
    partitions::rederived(
        &mut transaction,
        account,
        partition,
        &settings,
        range,
        rejected,
        doubtful,
    )
    .await?;
    transaction.commit().await?;
    Ok(())
}
