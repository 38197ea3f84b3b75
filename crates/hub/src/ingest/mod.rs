//! From a finished attempt to stored figures.
//!
//! **Contract.** A task replaces exactly its partition. [`complete`] puts the parts together, derives the stream rows
//! (off the runtime) and then, in one transaction, writes partition, differences of the stream rows, queues, dictionary,
//! ledger day, journal and the end of the task. Nothing is visible before its commit; repeating the call gives the same
//! answer.
//!
//! **Refused** are attempts that are not the current lease, readings under an older configuration, and readings begun
//! before the one applied. When a reading began is the Link's word held within the hub's own times: not before the lease,
//! not after the call; outside of that, the lease counts.
//!
//! **Set aside** (kept, shown, not applied) are readings that stopped at the row limit, that cannot be derived, that are
//! empty where rows are stored, or that have fewer rows at or before the oldest date the source still holds: there it
//! deletes. What becomes of them is decided by people, see [`decide`].
//!
//! **Unread** are partitions of which the source says by a fingerprint (see [`floorwire_model::fingerprint`]) that they are as
//! stored: they go the same way, with the stored rows for those read.
//!
//! **Previews** go as far as the judgement and are then written down (see `preview`); nothing is applied.
//!
//! **Equal** content (see [`content`]) writes reading time and attempt, and the ledger, since slots that have become
//! readable without rows are news too.
//!
//! **Failure.** An attempt that cannot be used (a part does not decode, the row count differs) goes back into the plan with
//! back-off, and the problem shows on the integration. A storage error changes nothing; the Link repeats the call.

mod apply;
pub mod content;
pub mod decide;
pub mod difference;
pub mod findings;
pub mod narrow;
mod preview;
pub mod rederive;
mod zone_watch;

use crate::agent_records::{self, Documents};
use crate::bus::Hint;
use crate::error::Problem;
use crate::metrics;
use crate::planner::backoff;
use crate::row_memory::ROWS_PER_PLACE;
use crate::state::AppState;
use crate::store::links::Link;
use crate::store::tasks::{Purpose, Task};
use crate::store::{StoreError, Transaction, integrations, partitions, status, tasks};
use axum::http::StatusCode;
use content::Content;
use floorwire_model::agents::scope::AgentScope;
use floorwire_model::derivation::{
    DerivationError, DerivationSettings, Derived, StatedInterval, TableRule, Vendor,
};
use floorwire_model::ids::{AccountId, TaskId};
use floorwire_protocol::encoding::EncodingError;
use floorwire_protocol::messages::{CompleteRequest, CompleteResponse, Outcome};
use std::sync::Arc;
use std::time::Instant;

/// Why an attempt was not judged at all.
#[derive(Debug, thiserror::Error)]
pub enum IngestError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The parts are not all there.
    #[error("part {missing} of {parts} is not there; upload it, then complete again")]
    PartsMissing {
        /// The first number that is missing, or the first too many.
        missing: i64,
        /// How many the Link says there are.
        parts: u32,
    },
    /// The hub does not know the source.
    #[error("source `{0}` is not known to this hub; start it with that vendor registered")]
    UnknownSource(String),
    /// The documents of agents cannot be written.
    #[error(transparent)]
    Encoding(#[from] EncodingError),
    /// The worker thread ended without a result.
    #[error("the derivation ended unexpectedly")]
    Worker(#[source] tokio::task::JoinError),
}

impl From<IngestError> for Problem {
    fn from(error: IngestError) -> Self {
        match error {
            IngestError::Store(error) => Self::from(error),
            IngestError::PartsMissing { .. } => {
                Self::new(StatusCode::CONFLICT, "parts-missing", "parts are missing")
                    .detail(error.to_string())
            }
            other => Self::internal(other),
        }
    }
}

/// An attempt that has been read, derived and is ready to be applied.
struct Reading {
    account: AccountId,
    task: Task,
    attempt: i64,
    configuration_version: i64,
    settings: DerivationSettings,
    rule: TableRule,
    /// See [`crate::rereading::Rereading::margin_intervals`].
    margin_intervals: i64,
    /// The scope it was read under; `None` for tables without agent data.
    scope: Option<AgentScope>,
    begin_utc_ms: i64,
    end_utc_ms: i64,
    clock_difference_ms: i64,
    hit_row_limit: bool,
    /// The source says that its rows are those that are stored; the content is what is stored.
    unchanged: bool,
    content: Content,
    /// Without the rows of agents, which are in the documents.
    derived: Result<Derived, DerivationError>,
    /// See [`crate::agent_records`].
    documents: Documents,
    /// See [`Vendor::newest_interval`].
    newest: Option<StatedInterval>,
}

impl Reading {
    /// The fingerprint to store. Tables with personal data have none: the Link compares rows in scope only.
    fn fingerprint(&self) -> Option<&str> {
        let fingerprint = self.content.fingerprint.as_deref();
        fingerprint.filter(|_| self.scope.is_none())
    }
}

/// Why the word that nothing changed is not taken.
const STORED_OTHERWISE: &str = "the stored rows are not those whose fingerprint was compared";

/// Judges a finished attempt and applies it.
pub async fn complete(
    state: &AppState,
    account: AccountId,
    link: &Link,
    id: TaskId,
    attempt: i64,
    request: &CompleteRequest,
) -> Result<CompleteResponse, IngestError> {
    let now = state.clock.now_utc_ms();
    let Some(task) = tasks::get(&state.store, account, id).await? else {
        return Ok(refused("there is no such task"));
    };
    if let Some(answer) = settled(&task, attempt, link) {
        return Ok(answer);
    }
    let Some(integration) = integrations::get(&state.store, account, link.integration).await?
    else {
        return Ok(refused("the integration was deleted"));
    };
    let vendor = state
        .vendors
        .by_source(&integration.source)
        .ok_or_else(|| IngestError::UnknownSource(integration.source.clone()))?;
    let acd = task.partition.acd;
    let Some(rule) = vendor.rule(&task.partition.table).copied() else {
        return Ok(refused("the source has no such table"));
    };
    let settings = findings::settings(state, account, &integration, &rule, acd).await?;
    let (true, Some(settings)) = (
        task.configuration_version == Some(integration.configuration_version),
        settings,
    ) else {
        return outdated(state, account, &task, attempt).await;
    };
    let scope = &integration.configuration.agent_scope;
    let scope = rule.is_scoped().then(|| scope.of_acd(acd));
    let source = match &request.unchanged {
        None => Source::Parts {
            bodies: all_parts(state, account, id, attempt, request.parts).await?,
            // Parts of wide rows have fewer.
            rows: u64::from(request.parts)
                .saturating_mul(ROWS_PER_PLACE)
                .max(request.rows),
        },
        Some(fingerprint) => match stored(state, account, &task, fingerprint).await? {
            Some(source) => source,
            None => return put_back(state, account, &task, attempt, None, STORED_OTHERWISE).await,
        },
    };
    let unchanged = request.unchanged.is_some();
    let under = (rule.stream, settings.clone());
    let prepared = prepare(state, vendor.clone(), &task, source, under).await?;
    let Prepared {
        content,
        derived,
        documents,
        newest,
    } = match prepared {
        Ok(prepared) if prepared.content.rows != request.rows && !unchanged => {
            let detail = format!(
                "{} rows arrived of {} that the source returned",
                prepared.content.rows, request.rows
            );
            return unusable(state, account, &task, attempt, detail).await;
        }
        Ok(prepared) => prepared,
        Err(error) => return unusable(state, account, &task, attempt, error.to_string()).await,
    };
    let leased = task.leased_utc_ms.unwrap_or(now);
    let begin_utc_ms = within(request.read_begin_utc_ms, leased, now);
    let reading = Reading {
        account,
        attempt,
        configuration_version: integration.configuration_version,
        settings,
        rule,
        margin_intervals: integration.configuration.rereading.margin_intervals(),
        scope,
        begin_utc_ms,
        end_utc_ms: request
            .read_end_utc_ms
            .clamp(begin_utc_ms, now.max(begin_utc_ms)),
        clock_difference_ms: clock_difference(request, leased, now),
        hit_row_limit: request.hit_row_limit,
        unchanged,
        content,
        derived,
        documents,
        newest,
        task,
    };
    let applying = Instant::now();
    if reading.task.purpose == Purpose::Preview {
        let answer = preview::keep(state, &reading).await?;
        state
            .bus
            .publish(Hint::Integration(account, link.integration));
        return Ok(answer);
    }
    let answer = apply::apply(state, &reading).await?;
    zone_watch::observe(state, &reading, &answer).await?;
    ::metrics::histogram!(metrics::APPLY_SECONDS).record(applying.elapsed().as_secs_f64());
    ::metrics::counter!(metrics::PARTITIONS, "outcome" => outcome_text(answer.outcome))
        .increment(1);
    if answer.outcome == Outcome::Applied {
        ::metrics::counter!(metrics::ROWS).increment(request.rows);
    }
    state
        .bus
        .publish(Hint::Integration(account, link.integration));
    state.bus.publish(Hint::Plan(account, link.integration));
    Ok(answer)
}

/// By how much the Link's clock must differ for its times to lie within the hub's, milliseconds; 0 when they do.
fn clock_difference(request: &CompleteRequest, leased: i64, now: i64) -> i64 {
    let ahead = request.read_end_utc_ms.saturating_sub(now).max(0);
    let behind = leased.saturating_sub(request.read_begin_utc_ms).max(0);
    if ahead > behind { ahead } else { -behind }
}

/// The Link's word on when it began to read, as far as it can be true by the hub's clock.
fn within(said: i64, leased: i64, now: i64) -> i64 {
    if (leased..=now).contains(&said) {
        said
    } else {
        leased.min(now)
    }
}

fn refused(detail: &str) -> CompleteResponse {
    CompleteResponse {
        outcome: Outcome::Refused,
        detail: detail.to_owned(),
    }
}

/// The answer where the task does not wait for this attempt: what became of it before, or a refusal.
fn settled(task: &Task, attempt: i64, link: &Link) -> Option<CompleteResponse> {
    if task.partition.integration != link.integration {
        return Some(refused("the task belongs to another integration"));
    }
    if task.attempt != attempt || task.lease_link != Some(link.id) {
        return Some(refused("the attempt is not the current one"));
    }
    match task.state.as_str() {
        "leased" => None,
        "done" => Some(CompleteResponse {
            outcome: read_outcome(task.outcome.as_deref()),
            detail: task.detail.clone(),
        }),
        _ => Some(refused("the lease is over")),
    }
}

fn outcome_text(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Applied => "applied",
        Outcome::Unchanged => "unchanged",
        Outcome::Refused => "refused",
        Outcome::SetAside => "setAside",
    }
}

fn read_outcome(text: Option<&str>) -> Outcome {
    [Outcome::Applied, Outcome::Unchanged, Outcome::SetAside]
        .into_iter()
        .find(|outcome| Some(outcome_text(*outcome)) == text)
        .unwrap_or(Outcome::Refused)
}

async fn all_parts(
    state: &AppState,
    account: AccountId,
    task: TaskId,
    attempt: i64,
    parts: u32,
) -> Result<Vec<Vec<u8>>, IngestError> {
    let stored = partitions::parts(&state.store, account, task, attempt).await?;
    let wanted = 0..i64::from(parts);
    let numbers = stored.iter().map(|(number, _)| *number);
    if !numbers.eq(wanted.clone()) {
        let missing = wanted
            .zip(&stored)
            .find(|(number, (there, _))| number != there);
        let missing = missing.map_or(
            stored.len().try_into().unwrap_or(i64::MAX),
            |(number, _)| number,
        );
        return Err(IngestError::PartsMissing { missing, parts });
    }
    Ok(stored.into_iter().map(|(_, body)| body).collect())
}

/// The content of the partition, if it has this fingerprint.
async fn stored(
    state: &AppState,
    account: AccountId,
    task: &Task,
    fingerprint: &str,
) -> Result<Option<Source>, IngestError> {
    let head = partitions::peek(&state.store, account, &task.partition).await?;
    let Some(head) = head.filter(|head| head.fingerprint.as_deref() == Some(fingerprint)) else {
        return Ok(None);
    };
    let content = partitions::content(&state.store, account, &task.partition).await?;
    Ok(content.map(|content| Source::Stored {
        content,
        rows: head.row_count.unsigned_abs(),
    }))
}

/// Where the rows of a reading are.
enum Source {
    /// As the Link sent them; so many at most, as it says.
    Parts { bodies: Vec<Vec<u8>>, rows: u64 },
    /// As they are stored.
    Stored { content: Vec<u8>, rows: u64 },
}

/// What is needed of rows when a reading is applied; the rows themselves are gone.
struct Prepared {
    content: Content,
    derived: Result<Derived, DerivationError>,
    documents: Documents,
    newest: Option<StatedInterval>,
}

/// Decodes and derives, where there is room for the rows. The inner error: the rows cannot be used.
async fn prepare(
    state: &AppState,
    vendor: Arc<dyn Vendor>,
    task: &Task,
    source: Source,
    (stream, settings): (&'static str, DerivationSettings),
) -> Result<Result<Prepared, EncodingError>, IngestError> {
    let partition = task.partition.clone();
    let (Source::Parts { rows, .. } | Source::Stored { rows, .. }) = source;
    let work = move || {
        let read = match source {
            Source::Parts { bodies, .. } => content::assemble(bodies),
            Source::Stored { content, .. } => {
                content::of_stored(content, rederive::MAX_CONTENT_BYTES)
            }
        };
        let (content, columns) = match read {
            Ok(read) => read,
            Err(error) => return Ok(Err(error)),
        };
        let newest = vendor.newest_interval(&partition, &columns);
        let mut derived = derive(vendor.as_ref(), &partition, &columns, &settings);
        drop(columns);
        let documents = match &mut derived {
            Ok(derived) => agent_records::take(stream, derived)?,
            Err(_) => Documents::new(),
        };
        Ok(Ok(Prepared {
            content,
            derived,
            documents,
            newest,
        }))
    };
    let prepared = state.row_memory.run(rows, work).await;
    prepared.map_err(IngestError::Worker)?
}

/// No columns and no rows is what an empty reading sends; there is nothing to derive from it.
fn derive(
    vendor: &dyn Vendor,
    partition: &floorwire_model::partition::SourcePartition,
    columns: &floorwire_model::columns::SourceColumns,
    settings: &DerivationSettings,
) -> Result<Derived, DerivationError> {
    if columns.rows == 0 {
        return Ok(Derived::default());
    }
    vendor.derive(partition, columns, settings)
}

/// The settings changed while the Link read: the reading is refused and the task comes again at once.
async fn outdated(
    state: &AppState,
    account: AccountId,
    task: &Task,
    attempt: i64,
) -> Result<CompleteResponse, IngestError> {
    put_back(
        state,
        account,
        task,
        attempt,
        None,
        "the configuration changed while it was read",
    )
    .await
}

/// The attempt cannot be used: the task comes again after a pause, and the cause is shown.
async fn unusable(
    state: &AppState,
    account: AccountId,
    task: &Task,
    attempt: i64,
    detail: String,
) -> Result<CompleteResponse, IngestError> {
    tracing::warn!(task = task.id.0, partition = %task.partition, detail, "an attempt cannot be used and is repeated");
    let problem = floorwire_protocol::messages::Problem {
        code: "reading-not-usable".to_owned(),
        title: "a reading arrived damaged".to_owned(),
        detail: format!("{}: {detail}", task.partition),
        remedy: "it is repeated by itself; if it goes on, compare the versions of Link and hub"
            .to_owned(),
        diagnostics: Vec::new(),
    };
    put_back(state, account, task, attempt, Some(&problem), &detail).await
}

async fn put_back(
    state: &AppState,
    account: AccountId,
    task: &Task,
    attempt: i64,
    problem: Option<&floorwire_protocol::messages::Problem>,
    detail: &str,
) -> Result<CompleteResponse, IngestError> {
    let now = state.clock.now_utc_ms();
    let integration = task.partition.integration;
    let mut transaction = state.store.begin().await?;
    if still_leased(&mut transaction, account, task.id, attempt).await? {
        let pause_ms = if problem.is_some() {
            backoff::after_failures(task.failures + 1)
        } else {
            0
        };
        tasks::put_back(&mut transaction, account, task.id, now + pause_ms, detail).await?;
        if let Some(problem) = problem {
            status::task_failed(&mut transaction, account, integration, problem, now).await?;
        }
    }
    transaction.commit().await?;
    state.bus.publish(Hint::Tasks(account, integration));
    state.bus.publish(Hint::Integration(account, integration));
    Ok(refused(detail))
}

/// Looks again under lock: another call may have ended the attempt meanwhile.
async fn still_leased(
    transaction: &mut Transaction,
    account: AccountId,
    task: TaskId,
    attempt: i64,
) -> Result<bool, StoreError> {
    let current = tasks::get_locked(transaction, account, task).await?;
    Ok(current.is_some_and(|task| task.state == "leased" && task.attempt == attempt))
}

/// The Link could not carry an attempt out: the task comes again after a pause, and the cause is shown. False when the
/// attempt is not the current one.
pub async fn fail(
    state: &AppState,
    account: AccountId,
    link: &Link,
    id: TaskId,
    attempt: i64,
    problem: &floorwire_protocol::messages::Problem,
) -> Result<bool, IngestError> {
    let Some(task) = tasks::get(&state.store, account, id).await? else {
        return Ok(false);
    };
    if settled(&task, attempt, link).is_some() {
        return Ok(false);
    }
    tracing::warn!(task = id.0, partition = %task.partition, code = problem.code, "a Link could not read a partition");
    put_back(
        state,
        account,
        &task,
        attempt,
        Some(problem),
        &problem.detail,
    )
    .await?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_links_clock_counts_only_within_the_lease() {
        assert_eq!(within(150, 100, 200), 150);
        assert_eq!(within(99, 100, 200), 100);
        assert_eq!(within(5_000, 100, 200), 100);
    }

    #[test]
    fn outcomes_are_stored_by_name() {
        for outcome in [
            Outcome::Applied,
            Outcome::Unchanged,
            Outcome::SetAside,
            Outcome::Refused,
        ] {
            assert_eq!(read_outcome(Some(outcome_text(outcome))), outcome);
        }
    }
}
