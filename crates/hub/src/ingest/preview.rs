//! What applying a reading would change, written down instead of applied.
//!
//! The figures are found by the same steps as in `apply`, in a transaction that is taken back; a second one stores the
//! finding and ends the task. So a preview cannot leave anything behind, and what it says is what a re-import does. Repeating
//! the call gives the same answer; a crash in between has the Link send it again.

use super::apply::judge;
use super::difference::{Before, compare, day_number, days_to_stored, hull, range_of, to_stored};
use super::{IngestError, Reading, outcome_text, read_outcome, refused};
use crate::state::AppState;
use crate::store::partitions::{self, PartitionHead, settings_text};
use crate::store::previews::{self, Finding, PreviewFigure};
use crate::store::queue_days::StoredDay;
use crate::store::{StoreResult, agents, intervals, queue_days, queues, status, tasks};
use floorwire_model::derivation::{Cut, Derived};
use floorwire_model::ids::QueueId;
use floorwire_model::streams::{Measures, QueueKey};
use floorwire_protocol::messages::{CompleteResponse, Outcome};
use std::collections::{BTreeSet, HashMap};

/// Figures that are kept of one partition.
pub const MOST_FIGURES: usize = 200;

/// Stores what the reading would change.
pub(super) async fn keep(
    state: &AppState,
    reading: &Reading,
) -> Result<CompleteResponse, IngestError> {
    let (account, now) = (reading.account, state.clock.now_utc_ms());
    let finding = find(state, reading).await?;
    let mut transaction = state.store.begin().await?;
    let Some(task) = tasks::get_locked(&mut transaction, account, reading.task.id).await? else {
        return Ok(refused("there is no such task"));
    };
    if task.state == "done" && task.attempt == reading.attempt {
        return Ok(CompleteResponse {
            outcome: read_outcome(task.outcome.as_deref()),
            detail: task.detail,
        });
    }
    if task.state != "leased" || task.attempt != reading.attempt {
        return Ok(refused("the attempt is not the current one"));
    }
    previews::found(&mut transaction, account, task.id, &finding).await?;
    let rows = i64::try_from(reading.content.rows).unwrap_or(i64::MAX);
    // Nothing was changed, whatever was found.
    let (outcome, detail) = (Outcome::Unchanged, "only looked at, for a preview");
    let text = outcome_text(outcome);
    tasks::finish(&mut transaction, account, task.id, text, detail, rows, now).await?;
    transaction.commit().await?;
    Ok(CompleteResponse {
        outcome,
        detail: detail.to_owned(),
    })
}

async fn find(state: &AppState, reading: &Reading) -> Result<Finding, IngestError> {
    let partition = &reading.task.partition;
    let account = reading.account;
    let known = status::get(&state.store, account, partition.integration)
        .await?
        .unwrap_or_default();
    let head = partitions::peek(&state.store, account, partition).await?;
    let derived = match judge(reading, head.as_ref(), &known, state.clock.now_utc_ms()) {
        Ok(derived) => derived,
        Err((_, detail)) => return Ok(Finding::set_aside(detail)),
    };
    let under = settings_text(&reading.settings)?;
    let equal = head.as_ref().is_some_and(|head| {
        head.derived_under == under && head.content_hash == reading.content.hash
    });
    if equal {
        return Ok(Finding::default());
    }
    match (reading.rule.is_scoped(), reading.rule.cut) {
        (true, _) => Ok(documents(state, reading).await?),
        (false, Cut::Days { .. }) => Ok(days(state, reading, derived).await?),
        (false, _) => Ok(figures(state, reading, derived, head.as_ref()).await?),
    }
}

/// How many documents of agents would be other ones.
async fn documents(state: &AppState, reading: &Reading) -> StoreResult<Finding> {
    let partition = &reading.task.partition;
    let Some(date) = partition.row_date else {
        return Ok(Finding::default());
    };
    let mut taken_back = state.store.begin().await?;
    let place = (partition.integration, partition.acd);
    let document = (reading.rule.stream, day_number(date));
    let documents = &reading.documents;
    let changed =
        agents::replace(&mut taken_back, reading.account, place, document, documents).await?;
    taken_back.rollback().await?;
    Ok(Finding {
        figures_changed: i64::try_from(changed).unwrap_or(i64::MAX),
        ..Finding::default()
    })
}

/// How many figures of whole days would be other ones.
async fn days(state: &AppState, reading: &Reading, derived: &Derived) -> StoreResult<Finding> {
    let partition = &reading.task.partition;
    let (Some(date), Some(kind)) = (partition.row_date, reading.rule.queues) else {
        return Ok(Finding::default());
    };
    let row_day = day_number(date);
    let needed: BTreeSet<&QueueKey> = derived.queue_days.iter().map(|row| &row.queue).collect();
    let mut taken_back = state.store.begin().await?;
    let (account, place) = (reading.account, (partition.acd, row_day));
    let integration = partition.integration;
    let ids = queues::ids_of_acd(&mut taken_back, account, integration, place, &needed).await?;
    taken_back.rollback().await?;
    let wanted = days_to_stored(&derived.queue_days, &ids, row_day);
    let mut figures_changed = 0;
    for id in ids
        .iter()
        .filter(|(key, _)| key.kind == kind)
        .map(|(_, id)| *id)
    {
        let stored =
            queue_days::of_queue(&state.store, account, QueueId(id), (row_day, row_day + 1))
                .await?;
        let of = |rows: &[StoredDay]| {
            let row = rows.iter().find(|row| row.queue_id == id);
            row.map(|row| row.measures).unwrap_or_default().values()
        };
        let pairs = of(&stored).into_iter().zip(of(&wanted));
        figures_changed += pairs.filter(|(old, new)| old != new).count();
    }
    Ok(Finding {
        figures_changed: i64::try_from(figures_changed).unwrap_or(i64::MAX),
        ..Finding::default()
    })
}

/// Which figures of queues would be other ones.
async fn figures(
    state: &AppState,
    reading: &Reading,
    derived: &Derived,
    head: Option<&PartitionHead>,
) -> StoreResult<Finding> {
    let partition = &reading.task.partition;
    let (Some(date), Some(kind)) = (partition.row_date, reading.rule.queues) else {
        return Ok(Finding::default());
    };
    let (integration, acd) = (partition.integration, partition.acd);
    let rows = &derived.queue_intervals;
    let needed: BTreeSet<&QueueKey> = rows.iter().map(|row| &row.queue).collect();
    let mut taken_back = state.store.begin().await?;
    let row_day = day_number(date);
    let place = (acd, row_day);
    let ids = queues::ids_of_acd(
        &mut taken_back,
        reading.account,
        integration,
        place,
        &needed,
    )
    .await?;
    let wanted = to_stored(rows, &ids, row_day);
    let occupied = head.and_then(|head| head.derived_range_utc_s);
    let stored = match hull(range_of(rows), occupied) {
        Some(range) => {
            let place = (acd, kind);
            intervals::of_acd(&mut taken_back, reading.account, integration, place, range).await?
        }
        None => Vec::new(),
    };
    taken_back.rollback().await?;
    let (_, changed) = compare(wanted, stored, row_day, false);
    let keys: HashMap<i64, &QueueKey> = ids.iter().map(|(key, id)| (*id, key)).collect();
    let mut all: Vec<PreviewFigure> = changed
        .iter()
        .flat_map(|row| differing(row, &keys))
        .collect();
    all.sort_by(oldest_first);
    let figures_changed = i64::try_from(all.len()).unwrap_or(i64::MAX);
    all.truncate(MOST_FIGURES);
    Ok(Finding {
        figures_changed,
        figures: all,
        ..Finding::default()
    })
}

fn differing(row: &Before, keys: &HashMap<i64, &QueueKey>) -> Vec<PreviewFigure> {
    let key = keys.get(&row.queue_id());
    let pairs = row.old.values().into_iter().zip(row.new.values());
    Measures::NAMES
        .iter()
        .zip(pairs)
        .filter(|(_, (old, new))| old != new)
        .map(|(measure, (old_value, new_value))| PreviewFigure {
            kind: key
                .map(|key| key.kind.as_str().to_owned())
                .unwrap_or_default(),
            number: key.map(|key| key.number.clone()).unwrap_or_default(),
            start_utc_s: row.start_utc_s(),
            measure: (*measure).to_owned(),
            old_value,
            new_value,
        })
        .collect()
}

fn oldest_first(one: &PreviewFigure, other: &PreviewFigure) -> std::cmp::Ordering {
    let key = |figure: &PreviewFigure| {
        (
            figure.start_utc_s,
            figure.kind.clone(),
            figure.number.clone(),
        )
    };
    key(one).cmp(&key(other))
}
