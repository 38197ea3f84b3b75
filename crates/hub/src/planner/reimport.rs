//! Reading a period again because a person asks for it: at once, or first as a preview that applies nothing.

use super::REIMPORT_PRIORITY;
use crate::audit::Logged;
use crate::bus::Hint;
use crate::state::AppState;
use crate::store::integrations::Integration;
use crate::store::tasks::{NewTask, Purpose};
use crate::store::{audit, previews, status, tasks};
use floorwire_model::derivation::TableRule;
use floorwire_model::ids::{AccountId, AcdNumber};
use floorwire_model::partition::SourcePartition;
use floorwire_protocol::capabilities::AcdExtent;
use jiff::civil::Date;

/// Why a period cannot be read again.
#[derive(Debug, thiserror::Error)]
pub enum ReimportError {
    /// The store.
    #[error(transparent)]
    Store(#[from] crate::store::StoreError),
    /// The stream does not exist for this source.
    #[error("stream `{0}` is not imported by dates from this source")]
    UnknownStream(String),
    /// The source has not been examined yet.
    #[error(
        "the source has not been examined yet; wait until its Link is connected and configured"
    )]
    NotExamined,
}

/// Plans to read the dates from `from` to before `to` again, as far as the source holds them, and returns the number of
/// partitions. Partitions that wait already are counted.
pub async fn reimport(
    state: &AppState,
    account: AccountId,
    integration: &Integration,
    stream: &str,
    from: Date,
    to: Date,
) -> Result<i64, ReimportError> {
    reimport_logged(state, account, integration, stream, (from, to), None).await
}

/// As [`reimport`]; with what the access log says of it.
pub async fn reimport_logged(
    state: &AppState,
    account: AccountId,
    integration: &Integration,
    stream: &str,
    (from, to): (Date, Date),
    log: Option<&Logged>,
) -> Result<i64, ReimportError> {
    let now = state.clock.now_utc_ms();
    let partitions = partitions_of(state, account, integration, stream, from, to).await?;
    let planned = i64::try_from(partitions.len()).unwrap_or(i64::MAX);
    let mut transaction = state.store.begin().await?;
    for partition in partitions {
        let task = NewTask {
            partition,
            purpose: Purpose::Reimport,
            priority: REIMPORT_PRIORITY,
            not_before_utc_ms: now,
        };
        tasks::plan(&mut transaction, account, &task, now).await?;
    }
    if let Some((actor, event)) = log {
        audit::record(&mut transaction, account, actor, event, now).await?;
    }
    transaction.commit().await?;
    announce(state, account, integration);
    Ok(planned)
}

/// Plans to read the same dates to find out what a re-import would change. Returns the preview's number and how many
/// partitions it has.
pub async fn preview(
    state: &AppState,
    account: AccountId,
    integration: &Integration,
    stream: &str,
    from: Date,
    to: Date,
) -> Result<(i64, i64), ReimportError> {
    preview_logged(state, account, integration, stream, (from, to), None).await
}

/// As [`preview`]; with what the access log says of it.
pub async fn preview_logged(
    state: &AppState,
    account: AccountId,
    integration: &Integration,
    stream: &str,
    (from, to): (Date, Date),
    log: Option<&Logged>,
) -> Result<(i64, i64), ReimportError> {
    let partitions = partitions_of(state, account, integration, stream, from, to).await?;
    let mut transaction = state.store.begin().await?;
    let id = previews::create(
        &mut transaction,
        account,
        integration.id,
        (stream, from, to),
        &partitions,
        (REIMPORT_PRIORITY, state.clock.now_utc_ms()),
    )
    .await?;
    if let Some((actor, event)) = log {
        let now = state.clock.now_utc_ms();
        audit::record(&mut transaction, account, actor, event, now).await?;
    }
    transaction.commit().await?;
    announce(state, account, integration);
    Ok((id, i64::try_from(partitions.len()).unwrap_or(i64::MAX)))
}

fn announce(state: &AppState, account: AccountId, integration: &Integration) {
    state.bus.publish(Hint::Tasks(account, integration.id));
    state
        .bus
        .publish(Hint::Integration(account, integration.id));
}

/// The partitions of a stream from `from` to before `to`, as far as the source holds them.
async fn partitions_of(
    state: &AppState,
    account: AccountId,
    integration: &Integration,
    stream: &str,
    from: Date,
    to: Date,
) -> Result<Vec<SourcePartition>, ReimportError> {
    let unknown = || ReimportError::UnknownStream(stream.to_owned());
    let vendor = state
        .vendors
        .by_source(&integration.source)
        .ok_or_else(unknown)?;
    let configuration = &integration.configuration;
    let stream = configuration.stream(stream);
    let is_meant =
        |rule: &&TableRule| rule.stream == stream && rule.by_date() && configuration.reads(rule);
    let rules = vendor.tables().iter().chain(vendor.scoped_tables());
    let rule = rules.into_iter().find(is_meant).ok_or_else(unknown)?;
    let known = status::get(&state.store, account, integration.id)
        .await?
        .unwrap_or_default();
    let found = known.capabilities.ok_or(ReimportError::NotExamined)?;
    let now = state.clock.now_utc_ms();
    let mut partitions = Vec::new();
    let extents = found
        .tables
        .iter()
        .filter(|table| table.name == rule.table)
        .flat_map(|table| &table.acds);
    let scope = &integration.configuration.agent_scope;
    let in_scope =
        |extent: &&AcdExtent| !(rule.is_scoped() && scope.excludes_acd(AcdNumber(extent.acd)));
    for extent in extents.filter(in_scope) {
        let date =
            |text: &Option<String>| text.as_deref().and_then(|text| text.parse::<Date>().ok());
        let (Some(oldest), Some(newest)) = (date(&extent.oldest_date), date(&extent.newest_date))
        else {
            continue;
        };
        let today = jiff::Timestamp::from_millisecond(now).ok();
        let today = today.map(|now| jiff::tz::TimeZone::UTC.to_datetime(now).date());
        // A day is summed when it is over; before, there is nothing to read.
        let today = today.filter(|_| rule.has_slots());
        let mut day = from.max(oldest);
        while day < to && day <= today.map_or(newest, |today| today.max(newest)) {
            let partition = SourcePartition {
                integration: integration.id,
                table: rule.table.to_owned(),
                acd: AcdNumber(extent.acd),
                row_date: Some(day),
            };
            partitions.push(partition);
            let Ok(next) = day.tomorrow() else { break };
            day = next;
        }
    }
    Ok(partitions)
}
