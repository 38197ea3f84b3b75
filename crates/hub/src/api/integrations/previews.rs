//! `/integrations/{id}/reimports/{n}`: what a re-import would change.

use super::journal::camel_case;
use crate::api::extract::Ids;
use crate::api::types::Instant;
use crate::auth::ViewsIntegrations;
use crate::error::{ApiResult, Problem};
use crate::state::AppState;
use crate::store::previews::{self, Preview, PreviewFigure, PreviewPartition};
use axum::Json;
use axum::extract::State;
use floorwire_model::ids::IntegrationId;
use serde::Serialize;
use utoipa::ToSchema;

/// Figures that one answer lists.
const MOST_FIGURES: usize = 200;

/// What reading a period again would change. Nothing of it is applied.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReimportPreview {
    /// Its number.
    pub id: i64,
    /// The stream.
    pub stream: String,
    /// First local day, `YYYY-MM-DD`.
    pub from: String,
    /// Day after the last.
    pub to: String,
    /// When it was asked for.
    pub created_at: Instant,
    /// True when every partition was read, or will not be.
    pub done: bool,
    /// Partitions: one ACD, one date.
    pub partitions: i64,
    /// Those that were read.
    pub partitions_read: i64,
    /// Those that a re-import would change.
    pub partitions_changed: i64,
    /// Those that a re-import would leave as they are.
    pub partitions_unchanged: i64,
    /// Those whose reading would be set aside.
    pub set_aside: Vec<PreviewSetAside>,
    /// Why reading fails at present; null while it does not.
    #[schema(required)]
    pub problem: Option<String>,
    /// How many figures would change; of agent data, how many days of agents.
    pub figures_changed: i64,
    /// The first of them, at most 200, by ACD and time. Agent data has none.
    pub figures: Vec<FigureChange>,
}

/// A partition whose reading would be set aside.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PreviewSetAside {
    /// The ACD.
    pub acd: i64,
    /// `YYYY-MM-DD`.
    pub row_date: String,
    /// What was found.
    pub detail: String,
}

/// One figure that would change.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FigureChange {
    /// The ACD.
    pub acd: i64,
    /// Kind of queue: `split`.
    pub queue_kind: String,
    /// The queue's number at the source.
    pub queue_number: String,
    /// Start of the slot.
    pub start: Instant,
    /// Which figure: `answered`, `talkSeconds`, ...
    pub measure: String,
    /// What is stored; null: nothing.
    #[schema(required)]
    pub old_value: Option<i64>,
    /// What would be stored; null: nothing.
    #[schema(required)]
    pub new_value: Option<i64>,
}

/// What a preview found so far. It is kept for three days.
#[utoipa::path(get, path = "/integrations/{id}/reimports/{preview}", tag = "integrations",
    params(("id" = i64, Path, description = "the integration"), ("preview" = i64, Path, description = "the preview")),
    responses((status = 200, body = ReimportPreview)))]
pub async fn get_reimport_preview(
    ViewsIntegrations(principal): ViewsIntegrations,
    State(state): State<AppState>,
    Ids(id, number): Ids,
) -> ApiResult<Json<ReimportPreview>> {
    super::existing(&state, &principal, id).await?;
    let integration = IntegrationId(id);
    let found = previews::get(&state.store, principal.account, integration, number).await?;
    let found = found.ok_or_else(|| Problem::not_found(format!("preview {number}")))?;
    let partitions = previews::partitions(&state.store, principal.account, number).await?;
    shown(found, partitions).map(Json)
}

fn shown(preview: Preview, partitions: Vec<PreviewPartition>) -> ApiResult<ReimportPreview> {
    let outside = || {
        Problem::internal(format!(
            "preview {} has an impossible time",
            preview.preview_id
        ))
    };
    let is_open = |partition: &&PreviewPartition| {
        ["waiting", "leased"].contains(&partition.task_state.as_str())
    };
    let count = |outcome: &str| {
        let of = |partition: &&PreviewPartition| partition.outcome.as_deref() == Some(outcome);
        count_of(partitions.iter().filter(of))
    };
    let problem = partitions
        .iter()
        .filter(is_open)
        .map(|partition| partition.task_detail.clone())
        .find(|detail| !detail.is_empty());
    let set_aside = partitions
        .iter()
        .filter(|partition| partition.finding.is_set_aside)
        .map(|partition| PreviewSetAside {
            acd: partition.acd,
            row_date: partition.row_date.clone(),
            detail: partition.finding.detail.clone(),
        });
    let figures = partitions
        .iter()
        .flat_map(|partition| {
            let with_acd = |figure| (partition.acd, figure);
            partition.finding.figures.iter().map(with_acd)
        })
        .take(MOST_FIGURES)
        .map(|(acd, figure)| change(acd, figure).ok_or_else(outside));
    Ok(ReimportPreview {
        id: preview.preview_id,
        created_at: Instant::from_ms(preview.created_utc_ms).ok_or_else(outside)?,
        done: !partitions.iter().any(|partition| is_open(&partition)),
        partitions: count_of(partitions.iter()),
        partitions_read: count_of(partitions.iter().filter(|one| one.outcome.is_some())),
        partitions_changed: count("changed"),
        partitions_unchanged: count("unchanged"),
        set_aside: set_aside.collect(),
        problem,
        figures_changed: partitions
            .iter()
            .map(|one| one.finding.figures_changed)
            .sum(),
        figures: figures.collect::<ApiResult<_>>()?,
        stream: preview.stream.clone(),
        from: preview.from_date.clone(),
        to: preview.to_date.clone(),
    })
}

fn count_of<'a>(partitions: impl Iterator<Item = &'a PreviewPartition>) -> i64 {
    i64::try_from(partitions.count()).unwrap_or(i64::MAX)
}

fn change(acd: i64, figure: &PreviewFigure) -> Option<FigureChange> {
    Some(FigureChange {
        acd,
        queue_kind: figure.kind.clone(),
        queue_number: figure.number.clone(),
        start: Instant::from_s(figure.start_utc_s)?,
        measure: camel_case(&figure.measure),
        old_value: figure.old_value,
        new_value: figure.new_value,
    })
}
