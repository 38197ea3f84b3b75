//! `/integrations/{id}/agentFindings`: how the agent tables of each ACD are read, and what speaks for it.

use super::agent_settings::{EventTime, EventTimeForm, SessionEpoch, mirrored};
use super::journal::camel_case;
use crate::api::agents::{AgentState, Direction};
use crate::api::extract::Id;
use crate::api::types::Instant;
use crate::auth::ViewsIntegrations;
use crate::error::{ApiResult, Problem};
use crate::state::AppState;
use crate::store::{findings, partitions, queues};
use axum::Json;
use axum::extract::State;
use floorwire_model::agents::OpenSessions;
use floorwire_model::evidence::{Evidence as FoundEvidence, Verdict};
use floorwire_model::ids::IntegrationId;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use utoipa::ToSchema;

/// How agent tables are read.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AgentTableFindings {
    /// The ACDs with rows of agents, by number.
    pub acds: Vec<FindingsOfAcd>,
}

/// How the agent tables of one ACD are read.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FindingsOfAcd {
    /// The ACD.
    pub acd: i32,
    /// When its rows were looked at.
    pub examined_at: Instant,
    /// False: somebody should confirm or correct an answer.
    pub certain: bool,
    /// What a row of the trace is stamped with; read as the start without an answer.
    pub event_time: Finding<EventTime>,
    /// How the trace writes a time of day; read as HHMMSS without an answer.
    pub event_time_form: Finding<EventTimeForm>,
    /// What seconds of logins count from; read as UTC without an answer.
    pub session_epoch: Finding<SessionEpoch>,
    /// When a session is written.
    pub open_sessions: Finding<SessionWriting>,
    /// States by their number in the trace.
    pub work_modes: BTreeMap<String, Finding<AgentState>>,
    /// Directions by their number in the trace.
    pub directions: BTreeMap<String, Finding<Direction>>,
}

mirrored! {
    /// When the source writes a session.
    SessionWriting of OpenSessions {
        /// At login: who has no session is not there.
        WrittenAtLogin,
        /// At logout only: who has no session yet may well be there.
        WrittenAtLogout,
    }
}

/// An answer with what speaks for and against it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Finding<T> {
    /// The answer in use; null while nothing speaks for any.
    #[schema(required)]
    pub answer: Option<T>,
    /// False: it may be wrong.
    pub certain: bool,
    /// True: an administrator set it; the evidence may still disagree.
    pub overridden: bool,
    /// What the source's dictionary calls the number; null without a name, and for questions without a number.
    #[schema(required)]
    pub name: Option<String>,
    /// The tests, those that lost included.
    pub evidence: Vec<Evidence>,
}

/// The outcome of one test for one answer.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Evidence {
    /// Stable name of the test: `chain`, `digits`, `interval-totals`, `position`, `reason`, `name`, `known-code`,
    /// `calls-come-in`, `interval`, `row-date`, `staffed-now`.
    pub test: String,
    /// The answer tested, named as in `answer`.
    pub answer: String,
    /// Observations that speak for it.
    pub in_favour: u64,
    /// Observations that speak against it.
    pub against: u64,
}

impl From<FoundEvidence> for Evidence {
    fn from(found: FoundEvidence) -> Self {
        Self {
            answer: camel_case(&found.answer),
            test: found.test,
            in_favour: found.in_favour,
            against: found.against,
        }
    }
}

impl<T> Finding<T> {
    fn of<F: Into<T>>(verdict: Verdict<F>, name: Option<String>) -> Self {
        Self {
            answer: verdict.answer.map(Into::into),
            certain: verdict.certain,
            overridden: verdict.overridden,
            name,
            evidence: verdict.evidence.into_iter().map(Evidence::from).collect(),
        }
    }
}

type Names = HashMap<(String, String), String>;

fn by_number<F: Into<T>, T>(
    verdicts: BTreeMap<i32, Verdict<F>>,
    names: &Names,
    kind: &str,
) -> BTreeMap<String, Finding<T>> {
    let found = |(number, verdict): (i32, Verdict<F>)| {
        let number = number.to_string();
        let name = names.get(&(kind.to_owned(), number.clone()));
        let name = name.filter(|name| !name.is_empty()).cloned();
        (number, Finding::of(verdict, name))
    };
    verdicts.into_iter().map(found).collect()
}

/// How the agent tables of each ACD are read, found out from their own rows, with the evidence.
#[utoipa::path(get, path = "/integrations/{id}/agentFindings", tag = "integrations",
    params(("id" = i64, Path, description = "the integration")), responses((status = 200, body = AgentTableFindings)))]
pub async fn get_agent_findings(
    ViewsIntegrations(principal): ViewsIntegrations,
    State(state): State<AppState>,
    Id(id): Id,
) -> ApiResult<Json<AgentTableFindings>> {
    super::existing(&state, &principal, id).await?;
    let (account, integration) = (principal.account, IntegrationId(id));
    let mut acds = Vec::new();
    for acd in partitions::acds(&state.store, account, integration).await? {
        let Some(found) = findings::get(&state.store, account, integration, acd).await? else {
            continue;
        };
        let names = queues::names_of_acd(&state.store, account, integration, acd).await?;
        let examined_at = Instant::from_ms(found.examined_utc_ms)
            .ok_or_else(|| Problem::internal("an examination at an impossible time"))?;
        let certain = found.findings.is_certain();
        let (trace, sessions) = (found.findings.trace, found.findings.open_sessions);
        acds.push(FindingsOfAcd {
            acd: acd.0,
            examined_at,
            certain,
            event_time: Finding::of(trace.stamp, None),
            event_time_form: Finding::of(trace.time_form, None),
            session_epoch: Finding::of(found.findings.session_epoch, None),
            open_sessions: Finding::of(sessions, None),
            work_modes: by_number(trace.work_modes, &names, "workmode"),
            directions: by_number(trace.directions, &names, "ag_dir"),
        });
    }
    Ok(Json(AgentTableFindings { acds }))
}
