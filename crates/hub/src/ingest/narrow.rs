//! Lets go of people who are not in scope any more.
//!
//! A narrower scope counts for what is stored too: rows of people outside of it leave the partitions, and their documents
//! go. Of a scope by skills it is not known here who has them: such partitions go whole and are read again.

use super::IngestError;
use super::content::content_hash;
use super::difference::day_number;
use super::rederive::{MAX_CONTENT_BYTES, vendor_of};
use crate::state::AppState;
use crate::store::integrations::Integration;
use crate::store::{StoreError, agents, ledger_days, partitions};
use floorwire_model::agents::scope::AgentScope;
use floorwire_model::derivation::TableRule;
use floorwire_model::ids::AccountId;
use floorwire_model::partition::SourcePartition;
use floorwire_protocol::encoding::{decode_columns, encode_columns};
use std::collections::BTreeMap;

/// Narrows one partition that holds more than the scope allows. False when there is none.
pub async fn next(
    state: &AppState,
    account: AccountId,
    integration: &Integration,
) -> Result<bool, IngestError> {
    let vendor = vendor_of(state, integration)?;
    for acd in partitions::acds(&state.store, account, integration.id).await? {
        let scope = integration.configuration.agent_scope.of_acd(acd);
        for rule in vendor.scoped_tables() {
            let place = (rule.table, acd);
            let others =
                partitions::other_scopes(&state.store, account, integration.id, place, &scope)
                    .await?;
            let wider = others.into_iter().find(|(_, held)| !scope.covers(held));
            if let Some((partition, _)) = wider {
                one(state, account, integration, rule, &partition, &scope).await?;
                return Ok(true);
            }
        }
    }
    Ok(false)
}

async fn one(
    state: &AppState,
    account: AccountId,
    integration: &Integration,
    rule: &TableRule,
    partition: &SourcePartition,
    scope: &AgentScope,
) -> Result<(), IngestError> {
    tracing::info!(partition = %partition, "a partition is narrowed to the scope for agent data");
    let narrowed = match scope {
        AgentScope::Logins { .. } => {
            narrowed(state, account, integration, partition, scope).await?
        }
        _ => None,
    };
    let mut transaction = state.store.begin().await?;
    // Whoever reads it at the moment does so under the configuration of before, and is refused.
    let head = partitions::head(&mut transaction, account, partition).await?;
    let Some(head) =
        head.filter(|head| head.scope.as_ref().is_some_and(|held| !scope.covers(held)))
    else {
        return Ok(());
    };
    match narrowed {
        Some(narrowed) if narrowed.hash_before == head.content_hash => {
            partitions::narrow(&mut transaction, account, partition, &narrowed.rows, scope).await?;
        }
        // Something newer arrived meanwhile: it is looked at again.
        Some(_) => return Ok(()),
        None => {
            let place = (partition.integration, partition.acd);
            if let Some(date) = partition.row_date {
                let document = (rule.stream, day_number(date));
                let nothing = BTreeMap::new();
                agents::replace(&mut transaction, account, place, document, &nothing).await?;
                ledger_days::delete(&mut transaction, account, place, rule.stream, date).await?;
            }
            partitions::delete(&mut transaction, account, partition).await?;
        }
    }
    transaction.commit().await?;
    Ok(())
}

struct Narrowed {
    hash_before: Vec<u8>,
    rows: partitions::NarrowedRows,
}

/// The rows of a partition that remain.
async fn narrowed(
    state: &AppState,
    account: AccountId,
    integration: &Integration,
    partition: &SourcePartition,
    scope: &AgentScope,
) -> Result<Option<Narrowed>, IngestError> {
    let vendor = vendor_of(state, integration)?.clone();
    let head = partitions::peek(&state.store, account, partition).await?;
    let content = partitions::content(&state.store, account, partition).await?;
    let (Some(head), Some(content)) = (head, content) else {
        return Ok(None);
    };
    let (place, scope) = (partition.clone(), scope.clone());
    let work = move || {
        let unreadable = |error: &dyn std::fmt::Display| {
            StoreError::unreadable(format!("content of {place}"), error)
        };
        let columns =
            decode_columns(&content, MAX_CONTENT_BYTES).map_err(|error| unreadable(&error))?;
        let kept = vendor
            .keep(columns, &scope, place.acd)
            .map_err(|error| unreadable(&error))?;
        Ok::<_, StoreError>(partitions::NarrowedRows {
            row_count: i64::try_from(kept.rows).unwrap_or(i64::MAX),
            content_hash: content_hash(&kept).to_vec(),
            content: encode_columns(&kept).map_err(|error| unreadable(&error))?,
        })
    };
    let rows = head.row_count.unsigned_abs();
    let rows = state.row_memory.run(rows, work).await;
    let rows = rows.map_err(IngestError::Worker)??;
    Ok(Some(Narrowed {
        hash_before: head.content_hash,
        rows,
    }))
}
