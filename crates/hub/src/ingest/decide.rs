//! What a person decides about a reading that was set aside.
//!
//! **Accepted**, it replaces its partition as it would have done when it came: derived under the settings of now, in one
//! transaction with ledger, journal and the record of the decision. It must still be newer than what is stored, and agent
//! data must lie within the scope of now.
//!
//! **Discarded**, it is gone; what is stored stays, and the ledger shows it again. The same rows read once more are not set
//! aside again as long as something else is stored: the question was answered.
//!
//! **Never accepted** are readings that stopped at the row limit, since rows are missing for certain, and those of which no
//! figures can be made.

use super::apply::{Write, slot_minutes};
use super::difference::range_of;
use super::rederive::{MAX_CONTENT_BYTES, vendor_of};
use super::{IngestError, content, derive, findings};
use crate::agent_records;
use crate::audit::{Action, Actor, Change, Event, Object};
use crate::state::AppState;
use crate::store::decisions::{self, NewDecision, Waiting};
use crate::store::integrations::Integration;
use crate::store::partitions::NewPartition;
use crate::store::{StoreError, audit, integrations, ledger_days, partitions, status};
use floorwire_model::derivation::TableRule;
use floorwire_model::ids::AccountId;

/// Why a decision cannot be carried out.
#[derive(Debug, thiserror::Error)]
pub enum DecisionError {
    /// It waits no more, or never did.
    #[error("the reading does not wait for a decision any more")]
    Gone,
    /// Rows are missing for certain, or nothing can be made of them.
    #[error("{0}")]
    NotUsable(String),
    /// Something newer is stored, or settings changed meanwhile.
    #[error("{0}")]
    Outdated(&'static str),
    /// The store, or the derivation.
    #[error(transparent)]
    Ingest(#[from] IngestError),
}

impl From<StoreError> for DecisionError {
    fn from(error: StoreError) -> Self {
        Self::Ingest(error.into())
    }
}

/// Who decides, and why.
#[derive(Clone, Copy, Debug)]
pub struct Decider<'a> {
    /// Address.
    pub email: &'a str,
    /// May be empty.
    pub why: &'a str,
    /// The same for the access log.
    pub actor: &'a Actor,
}

impl Decider<'_> {
    fn event(&self, action: Action, integration: &Integration, waiting: &Waiting) -> Event {
        let partition = &waiting.shown.partition;
        let object = Object::new("integration", integration.id, integration.name.as_str());
        let date = partition.row_date.map(|date| date.to_string());
        Event::new(action, object).with([
            Change::to("table", &partition.table),
            Change::to("acd", partition.acd),
            Change::new("date", None, date),
            Change::to("why", self.why),
        ])
    }
}

/// Applies a reading that was set aside.
///
/// # Errors
/// See [`DecisionError`]; nothing is changed then.
pub async fn accept(
    state: &AppState,
    account: AccountId,
    integration: &Integration,
    id: i64,
    decider: Decider<'_>,
) -> Result<(), DecisionError> {
    let waiting = decisions::get(&state.store, account, integration.id, id).await?;
    let waiting = waiting.ok_or(DecisionError::Gone)?;
    let (Some(encoded), false) = (
        waiting.content.clone(),
        waiting.shown.reason == "hit-row-limit",
    ) else {
        let detail = "the reading is not whole, so that its figures would be too small";
        return Err(DecisionError::NotUsable(detail.to_owned()));
    };
    let partition = &waiting.shown.partition;
    let vendor = vendor_of(state, integration)?;
    let rule = vendor.rule(&partition.table).copied();
    let rule = rule.filter(|rule| integration.configuration.reads(rule));
    let rule = rule.ok_or(DecisionError::Outdated(
        "the table is not read under the settings of now",
    ))?;
    check_scope(integration, &rule, &waiting)?;
    let settings = findings::settings(state, account, integration, &rule, partition.acd).await?;
    let settings = settings.ok_or(DecisionError::Outdated("the zone is not set"))?;
    let (worker, place, under) = (vendor.clone(), partition.clone(), settings.clone());
    let work = move || {
        let (content, columns) = content::of_stored(encoded, MAX_CONTENT_BYTES)?;
        let mut derived = match derive(worker.as_ref(), &place, &columns, &under) {
            Ok(derived) => derived,
            Err(error) => return Ok((content, Err(error))),
        };
        let documents = agent_records::take(rule.stream, &mut derived)?;
        Ok::<_, IngestError>((content, Ok((derived, documents))))
    };
    let rows = u64::try_from(waiting.shown.row_count).unwrap_or(u64::MAX);
    let done = state.row_memory.run(rows, work).await;
    let (content, derived) = done.map_err(IngestError::Worker)??;
    let (derived, documents) =
        derived.map_err(|error| DecisionError::NotUsable(error.to_string()))?;
    let known = status::get(&state.store, account, integration.id)
        .await?
        .unwrap_or_default();
    let now = state.clock.now_utc_ms();

    let mut transaction = state.store.begin().await?;
    let current = integrations::get_shared(&mut transaction, account, integration.id).await?;
    if current
        .is_none_or(|current| current.configuration_version != integration.configuration_version)
    {
        return Err(DecisionError::Outdated("the settings changed meanwhile"));
    }
    let head = partitions::head(&mut transaction, account, partition).await?;
    if head
        .as_ref()
        .is_some_and(|head| head.read_begin_utc_ms > waiting.read_begin_utc_ms)
    {
        return Err(DecisionError::Outdated("a later reading was applied"));
    }
    // Whoever takes it, decides.
    if !decisions::take(&mut transaction, account, integration.id, id).await? {
        return Err(DecisionError::Gone);
    }
    let under = partitions::settings_text(&settings)?;
    let same_settings = head.as_ref().is_none_or(|head| head.derived_under == under);
    let write = Write {
        account,
        partition,
        rule,
        settings: &settings,
        documents: &documents,
        begin_utc_ms: waiting.read_begin_utc_ms,
        stored_range: head.as_ref().and_then(|head| head.derived_range_utc_s),
        restates: head.is_some() && same_settings,
        first_load: head.is_none(),
        keeps_ledger: same_settings,
        slot_minutes: slot_minutes(&known, partition),
        margin_intervals: integration.configuration.rereading.margin_intervals(),
    };
    write.rows(&mut transaction, &derived, now).await?;
    let new = NewPartition {
        row_count: i64::try_from(content.rows).unwrap_or(i64::MAX),
        content_hash: &content.hash,
        read_begin_utc_ms: waiting.read_begin_utc_ms,
        read_end_utc_ms: waiting.read_begin_utc_ms,
        task: waiting.task,
        attempt: waiting.attempt,
        derived_under: &settings,
        derived_range_utc_s: range_of(&derived.queue_intervals),
        rejected: &derived.rejected,
        doubtful: &derived.doubtful,
        scope: waiting.scope.as_ref(),
        fingerprint: content
            .fingerprint
            .as_deref()
            .filter(|_| waiting.scope.is_none()),
        content: &content.encoded,
    };
    partitions::put(&mut transaction, account, partition, &new).await?;
    let decision = NewDecision {
        reading: &waiting.shown,
        content_hash: &content.hash,
        accepted: true,
        why: decider.why,
        by: decider.email,
    };
    decisions::record(&mut transaction, account, &decision, now).await?;
    let event = decider.event(Action::ReadingAccepted, integration, &waiting);
    audit::record(&mut transaction, account, decider.actor, &event, now).await?;
    transaction.commit().await?;
    Ok(())
}

fn check_scope(
    integration: &Integration,
    rule: &TableRule,
    waiting: &Waiting,
) -> Result<(), DecisionError> {
    if !rule.is_scoped() {
        return Ok(());
    }
    let scope = integration
        .configuration
        .agent_scope
        .of_acd(waiting.shown.partition.acd);
    let within = waiting
        .scope
        .as_ref()
        .is_some_and(|under| scope.covers(under));
    if within {
        return Ok(());
    }
    Err(DecisionError::Outdated(
        "the reading was made under a scope of agents that is not within that of now",
    ))
}

/// Throws a reading away that was set aside.
///
/// # Errors
/// [`DecisionError::Gone`], or the store's.
pub async fn discard(
    state: &AppState,
    account: AccountId,
    integration: &Integration,
    id: i64,
    decider: Decider<'_>,
) -> Result<(), DecisionError> {
    let waiting = decisions::get(&state.store, account, integration.id, id).await?;
    let mut waiting = waiting.ok_or(DecisionError::Gone)?;
    let now = state.clock.now_utc_ms();
    let encoded = waiting.content.take();
    let work = move || {
        let content = encoded.map(|encoded| content::of_stored(encoded, MAX_CONTENT_BYTES));
        content
            .and_then(Result::ok)
            .map(|(content, _)| content.hash)
    };
    let hash = tokio::task::spawn_blocking(work).await;
    let hash = hash.map_err(IngestError::Worker)?;
    let partition = &waiting.shown.partition;
    let mut transaction = state.store.begin().await?;
    if !decisions::take(&mut transaction, account, integration.id, id).await? {
        return Err(DecisionError::Gone);
    }
    let rule = vendor_of(state, integration)?.rule(&partition.table);
    if let (Some(rule), Some(date)) = (rule, partition.row_date) {
        let place = (integration.id, partition.acd);
        ledger_days::clear_set_aside(&mut transaction, account, place, rule.stream, date).await?;
    }
    let decision = NewDecision {
        reading: &waiting.shown,
        content_hash: hash.as_ref().map_or(&[], |hash| hash.as_slice()),
        accepted: false,
        why: decider.why,
        by: decider.email,
    };
    decisions::record(&mut transaction, account, &decision, now).await?;
    let event = decider.event(Action::ReadingDiscarded, integration, &waiting);
    audit::record(&mut transaction, account, decider.actor, &event, now).await?;
    transaction.commit().await?;
    Ok(())
}
