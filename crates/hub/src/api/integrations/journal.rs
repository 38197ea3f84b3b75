//! `/integrations/{id}/journal` and `/setAside`: what changed after it was settled, and what was not applied.

use crate::api::extract::{Id, Paging, Params};
use crate::api::types::{Instant, Page, one_more};
use crate::auth::ViewsIntegrations;
use crate::error::{ApiResult, Problem};
use crate::state::AppState;
use crate::store::journal::{self, JournalEntry as JournalRow};
use crate::store::partitions::{self, SetAside as SetAsideRow};
use axum::Json;
use axum::extract::State;
use floorwire_model::ids::IntegrationId;
use serde::Serialize;
use utoipa::ToSchema;

/// One settled figure that changed.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct JournalEntry {
    /// Counts up within the account.
    pub id: i64,
    /// When the hub stored the change.
    pub changed_at: Instant,
    /// The stream.
    pub stream: String,
    /// The ACD.
    pub acd: i64,
    /// The queue.
    pub queue_id: i64,
    /// Its name, or its number.
    pub queue_name: String,
    /// Start of the slot.
    pub start: Instant,
    /// Which figure: `answered`, `talkSeconds`, ...
    pub measure: String,
    /// Before; null: nothing was known.
    #[schema(required)]
    pub old_value: Option<i64>,
    /// After; null: nothing is known any more.
    #[schema(required)]
    pub new_value: Option<i64>,
}

impl TryFrom<JournalRow> for JournalEntry {
    type Error = Problem;

    fn try_from(row: JournalRow) -> ApiResult<Self> {
        let id = row.journal_id;
        let outside = || Problem::internal(format!("journal entry {id} has an impossible time"));
        Ok(Self {
            id: row.journal_id,
            changed_at: Instant::from_ms(row.changed_utc_ms).ok_or_else(outside)?,
            start: Instant::from_s(row.start_utc_s).ok_or_else(outside)?,
            acd: row.acd,
            queue_id: row.queue_id,
            queue_name: row.queue_name,
            measure: camel_case(&row.measure),
            old_value: row.old_value,
            new_value: row.new_value,
            stream: row.stream,
        })
    }
}

/// `talk_seconds` as the interval answers name it: `talkSeconds`.
pub(super) fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let mut joined = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut letters = word.chars();
        joined.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        joined.push_str(letters.as_str());
    }
    joined
}

/// One reading that was not applied.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SetAside {
    /// Unique within the account.
    pub id: i64,
    /// When.
    pub at: Instant,
    /// The source table.
    pub table: String,
    /// The ACD.
    pub acd: i64,
    /// `YYYY-MM-DD`; null for tables without dates.
    #[schema(required)]
    pub row_date: Option<String>,
    /// Stable code; pages translate by it.
    pub reason: String,
    /// What was found.
    pub detail: String,
    /// Rows read.
    pub rows: i64,
}

impl TryFrom<SetAsideRow> for SetAside {
    type Error = Problem;

    fn try_from(row: SetAsideRow) -> ApiResult<Self> {
        let outside = || {
            Problem::internal(format!(
                "set-aside reading {} has an impossible time",
                row.id
            ))
        };
        Ok(Self {
            id: row.id,
            at: Instant::from_ms(row.at_utc_ms).ok_or_else(outside)?,
            acd: i64::from(row.partition.acd.0),
            row_date: row.partition.row_date.map(|date| date.to_string()),
            table: row.partition.table,
            reason: row.reason,
            detail: row.detail,
            rows: row.row_count,
        })
    }
}

/// Settled figures that changed later, newest first.
#[utoipa::path(get, path = "/integrations/{id}/journal", tag = "integrations",
    params(("id" = i64, Path, description = "the integration"), Paging),
    responses((status = 200, body = Page<JournalEntry>)))]
pub async fn get_journal(
    ViewsIntegrations(principal): ViewsIntegrations,
    State(state): State<AppState>,
    Id(id): Id,
    Params(paging): Params<Paging>,
) -> ApiResult<Json<Page<JournalEntry>>> {
    super::existing(&state, &principal, id).await?;
    let (limit, before) = (paging.limit()?, paging.after_id()?);
    let rows = journal::list(
        &state.store,
        principal.account,
        IntegrationId(id),
        before,
        one_more(limit),
    )
    .await?;
    let page = Page::of(rows, limit, |row| row.journal_id.to_string());
    page.try_map(JournalEntry::try_from).map(Json)
}

/// Readings that were set aside and wait for a decision, newest first.
#[utoipa::path(get, path = "/integrations/{id}/setAside", tag = "integrations",
    params(("id" = i64, Path, description = "the integration"), Paging),
    responses((status = 200, body = Page<SetAside>)))]
pub async fn get_set_aside(
    ViewsIntegrations(principal): ViewsIntegrations,
    State(state): State<AppState>,
    Id(id): Id,
    Params(paging): Params<Paging>,
) -> ApiResult<Json<Page<SetAside>>> {
    super::existing(&state, &principal, id).await?;
    let (limit, before) = (paging.limit()?, paging.after_id()?);
    let rows = partitions::list_aside(
        &state.store,
        principal.account,
        IntegrationId(id),
        before,
        one_more(limit),
    )
    .await?;
    let page = Page::of(rows, limit, |row| row.id.to_string());
    page.try_map(SetAside::try_from).map(Json)
}

#[cfg(test)]
mod tests {
    #[test]
    fn measures_are_named_as_in_the_interval_answers() {
        assert_eq!(super::camel_case("talk_seconds"), "talkSeconds");
        assert_eq!(super::camel_case("answered"), "answered");
    }
}
