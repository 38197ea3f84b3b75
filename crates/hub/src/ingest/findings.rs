//! Finds out from an ACD's own rows how its agent tables are to be read.
//!
//! Looked at are the newest dates of each scoped table, those with numbers whose meaning is not known, and the dictionary. While an answer is not certain, the ACD is looked
//! at again whenever those rows changed; once all are certain, daily. Changed answers derive history anew (see
//! [`super::rederive`]).

use super::IngestError;
use super::rederive::{MAX_CONTENT_BYTES, vendor_of};
use crate::bus::Hint;
use crate::state::AppState;
use crate::store::findings::{self, Found};
use crate::store::integrations::Integration;
use crate::store::{StoreError, StoreResult, partitions};
use floorwire_model::agents::settings::AgentFindings;
use floorwire_model::derivation::{Cut, DerivationSettings, TableRule, UNKNOWN_CODE, Vendor};
use floorwire_model::ids::{AccountId, AcdNumber};
use floorwire_model::outages::OUTAGES;
use floorwire_model::partition::SourcePartition;
use floorwire_protocol::encoding::{decode_columns, sha256_hex};

/// Dates of each table that are looked at.
const SAMPLE_DATES: i64 = 3;
/// Dates with numbers of unknown meaning that are looked at besides.
const UNKNOWN_DATES: i64 = 2;
const DAY_MS: i64 = 86_400_000;

/// The settings under which a table of an ACD is derived; `None` while no zone is set.
pub async fn settings(
    state: &AppState,
    account: AccountId,
    integration: &Integration,
    rule: &TableRule,
    acd: AcdNumber,
) -> StoreResult<Option<DerivationSettings>> {
    let found = match rule.is_scoped() {
        true => findings::get(&state.store, account, integration.id, acd).await?,
        false => None,
    };
    let found = found.as_ref().map(|found| &found.findings);
    let configuration = &integration.configuration;
    let settings = configuration.derivation_of(rule, acd, found);
    Ok(settings.map(|mut settings| {
        if rule.stream == OUTAGES {
            // Of all tables of calls this one alone depends on it.
            settings.agents.outage_stamp = configuration.agents.outage_stamp;
        }
        settings
    }))
}

/// Looks at every ACD that is due. Returns when the next will be, milliseconds; `None` while none has agent data.
pub async fn look(
    state: &AppState,
    account: AccountId,
    integration: &Integration,
) -> Result<Option<i64>, IngestError> {
    let vendor = vendor_of(state, integration)?;
    let mut next: Option<i64> = None;
    for acd in partitions::acds(&state.store, account, integration.id).await? {
        let Some(settings) = integration.configuration.examination(acd) else {
            continue;
        };
        let known = findings::get(&state.store, account, integration.id, acd).await?;
        let said = said(&settings)?;
        let now = state.clock.now_utc_ms();
        let certain = |found: &&Found| found.findings.is_certain();
        if let Some(found) = known.as_ref().filter(certain)
            && found.examined_utc_ms + DAY_MS > now
            && found.sample.starts_with(&said)
            && !has_unknown_codes(state, account, integration, vendor.as_ref(), acd).await?
        {
            let due = found.examined_utc_ms + DAY_MS;
            next = Some(next.map_or(due, |next| next.min(due)));
            continue;
        }
        let sample = sample(state, account, integration, vendor.as_ref(), acd).await?;
        if sample.is_empty() {
            continue;
        }
        let name = name(&said, &sample);
        if known.as_ref().is_some_and(|found| found.sample == name) {
            continue;
        }
        let Some(findings) = examine(state, account, vendor.clone(), sample, settings).await?
        else {
            continue;
        };
        // What an administrator said anew is not to be mixed with what followed from other words.
        let earlier = match &known {
            Some(known) if known.sample.starts_with(&said) => known.findings.clone(),
            _ => AgentFindings::default(),
        };
        let found = Found {
            examined_utc_ms: now,
            sample: name,
            findings: findings.or_earlier(&earlier),
        };
        let mut transaction = state.store.begin().await?;
        findings::put(&mut transaction, account, integration.id, acd, &found).await?;
        transaction.commit().await?;
        if known.is_none_or(|known| known.findings != found.findings) {
            tracing::info!(
                integration = integration.id.0,
                acd = acd.0,
                certain = found.findings.is_certain(),
                "found out how agent tables are to be read"
            );
            state
                .bus
                .publish(Hint::Integration(account, integration.id));
        }
    }
    Ok(next)
}

type Sample = Vec<(SourcePartition, Vec<u8>)>;

/// The newest partitions with rows, with their content's hash; none without a row of a scoped table.
async fn sample(
    state: &AppState,
    account: AccountId,
    integration: &Integration,
    vendor: &dyn Vendor,
    acd: AcdNumber,
) -> StoreResult<Sample> {
    let mut sample = Vec::new();
    let whole = vendor.tables().iter().filter(|rule| rule.cut == Cut::Whole);
    let mut has_agents = false;
    let scoped = vendor.scoped_tables().iter();
    for rule in whole.chain(scoped.filter(|rule| rule.has_slots())) {
        let place = (rule.table, acd);
        let newest =
            partitions::newest(&state.store, account, integration.id, place, SAMPLE_DATES).await?;
        has_agents |= rule.is_scoped() && !newest.is_empty();
        sample.extend(newest);
        if rule.is_scoped() {
            let unknown = unknown_codes(state, account, integration, rule, acd).await?;
            let new = |(partition, _): &(SourcePartition, _)| {
                !sample.iter().any(|(known, _)| known == partition)
            };
            let unknown: Vec<_> = unknown.into_iter().filter(new).collect();
            sample.extend(unknown);
        }
    }
    Ok(if has_agents { sample } else { Vec::new() })
}

/// The newest partitions of a table with a number whose meaning was not known when they were derived.
async fn unknown_codes(
    state: &AppState,
    account: AccountId,
    integration: &Integration,
    rule: &TableRule,
    acd: AcdNumber,
) -> StoreResult<Sample> {
    let (id, place) = (integration.id, (rule.table, acd));
    partitions::doubted(
        &state.store,
        account,
        id,
        place,
        UNKNOWN_CODE,
        UNKNOWN_DATES,
    )
    .await
}

async fn has_unknown_codes(
    state: &AppState,
    account: AccountId,
    integration: &Integration,
    vendor: &dyn Vendor,
    acd: AcdNumber,
) -> StoreResult<bool> {
    for rule in vendor.scoped_tables() {
        if !unknown_codes(state, account, integration, rule, acd)
            .await?
            .is_empty()
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Names what an administrator said.
fn said(settings: &DerivationSettings) -> StoreResult<String> {
    let said = serde_json::to_vec(settings)
        .map_err(|error| StoreError::unreadable("derivation settings", error))?;
    Ok(sha256_hex(&said))
}

/// Names what is examined: equal names give equal findings.
fn name(said: &str, sample: &Sample) -> String {
    let mut content = Vec::new();
    for (partition, hash) in sample {
        content.extend(partition.to_string().into_bytes());
        content.extend(hash);
    }
    format!("{said}-{}", sha256_hex(&content))
}

async fn examine(
    state: &AppState,
    account: AccountId,
    vendor: std::sync::Arc<dyn Vendor>,
    sample: Sample,
    settings: DerivationSettings,
) -> Result<Option<AgentFindings>, IngestError> {
    let mut encoded = Vec::with_capacity(sample.len());
    for (partition, _) in sample {
        if let Some(content) = partitions::content(&state.store, account, &partition).await? {
            encoded.push((partition, content));
        }
    }
    let work = move || {
        let mut unreadable = None;
        let mut decoded =
            encoded.into_iter().map_while(|(partition, content)| {
                match decode_columns(&content, MAX_CONTENT_BYTES) {
                    Ok(columns) => Some((partition, columns)),
                    Err(error) => {
                        unreadable = Some(StoreError::unreadable(
                            format!("content of {partition}"),
                            error,
                        ));
                        None
                    }
                }
            });
        let examined = vendor.examine_agents(&mut decoded, &settings);
        match unreadable {
            Some(error) => Err(error),
            None => Ok(examined),
        }
    };
    // Several dates of all agents: alone.
    let examined = state.row_memory.run(u64::MAX, work).await;
    let examined = examined.map_err(IngestError::Worker)??;
    // Rows that cannot be read at all say so where they are derived.
    Ok(examined.unwrap_or_else(|error| {
        tracing::warn!(%error, "agent tables cannot be examined");
        None
    }))
}
