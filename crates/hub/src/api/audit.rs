//! `/audit`: the access log, as JSON by pages or as CSV in whole.
//!
//! Constraints. A reader who may not see agents gets pseudonyms in their place, and cannot look for one by number. The CSV is
//! read and sent page by page, so its length is not bounded by memory; cells that a spreadsheet would take for a formula
//! begin with an apostrophe. Exporting is itself an entry.
//!
//! Failure. An export that cannot be read to its end breaks off, so that it is not taken for whole.

use super::extract::{Paging, Params, invalid_cursor};
use super::types::{Instant, Page, one_more};
use crate::audit::{Action, Change, Event, Object};
use crate::auth::role::Right;
use crate::auth::{Principal, ViewsAudit};
use crate::error::{ApiResult, Problem};
use crate::state::AppState;
use crate::store::audit::{self, Entry, Wanted};
use crate::store::{Store, StoreError, agents};
use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use floorwire_model::ids::AccountId;
use futures::stream;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

const LINES_AT_ONCE: i64 = 500;
const LONGEST_SEARCH: usize = 200;

/// The endpoints of this module.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_audit))
}

/// Which entries.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct AuditQuery {
    /// Most things wanted, 1 to 1000; 100 when left out. Not for CSV.
    #[param(minimum = 1, maximum = 1000)]
    pub limit: Option<u32>,
    /// `nextCursor` of the page before.
    pub cursor: Option<String>,
    /// Part of the address of whoever acted.
    pub actor: Option<String>,
    /// An action (`integration.paused`), or all of a group (`integration`).
    pub action: Option<String>,
    /// Part of the thing's name, or its kind and id: `integration:3`. Agents are found by pseudonym or `agent:17`.
    pub object: Option<String>,
    /// From when, RFC 3339.
    #[param(value_type = Option<String>, format = DateTime)]
    pub from: Option<Instant>,
    /// To before when, RFC 3339.
    #[param(value_type = Option<String>, format = DateTime)]
    pub to: Option<Instant>,
    /// `json` or `csv`; json when left out.
    pub format: Option<String>,
}

/// One entry of the access log.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditEntry {
    /// Unique within the account, rising.
    pub id: i64,
    /// When.
    pub at: Instant,
    /// Who.
    pub actor: AuditActor,
    /// What was done; pages translate by it.
    pub action: String,
    /// To which thing.
    pub object: AuditObject,
    /// From what to what.
    pub changes: Vec<Change>,
}

/// Who acted.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditActor {
    /// The user; null: nobody who was signed in.
    #[schema(required)]
    pub user_id: Option<i64>,
    /// The user's address at that time, or `console`.
    pub name: String,
    /// `session`, `token`, `link`, `console` or `none`.
    pub via: String,
    /// The client's address.
    pub address: String,
}

/// To which thing.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AuditObject {
    /// `account`, `user`, `invitation`, `token`, `integration`, `queue`, `agent`, `audit`.
    pub kind: String,
    /// Its id; of an agent the pseudonym, for readers who may not see agents.
    pub id: String,
    /// Its name at that time; of an agent the present one, or the pseudonym.
    pub name: String,
}

/// The access log, newest first.
#[utoipa::path(get, path = "/audit", tag = "audit", params(AuditQuery),
    responses((status = 200, content((Page<AuditEntry> = "application/json"), (String = "text/csv")))))]
async fn list_audit(
    ViewsAudit(principal): ViewsAudit,
    State(state): State<AppState>,
    Params(query): Params<AuditQuery>,
) -> ApiResult<Response> {
    let wanted = wanted(&query, &principal)?;
    let account = principal.account;
    let names = Names::of(&state.store, &principal);
    match query.format.as_deref() {
        None | Some("json") => {}
        Some("csv") => {
            log_export(&state, &principal, &query).await?;
            return Ok(export(names, wanted));
        }
        Some(_) => {
            let detail = "`format` is neither json nor csv";
            return Err(Problem::invalid("invalid-format", detail));
        }
    }
    let paging = Paging {
        limit: query.limit,
        cursor: query.cursor,
    };
    let limit = paging.limit()?;
    let before = match paging.after_id()? {
        Some(before) if before > 0 => before,
        Some(_) => return Err(invalid_cursor()),
        None => i64::MAX,
    };
    let rows = audit::list(&state.store, account, &wanted, before, one_more(limit)).await?;
    let page = Page::of(rows, limit, |row| row.entry_id.to_string());
    let items = names.shown(page.items).await?;
    Ok(Json(Page {
        items,
        next_cursor: page.next_cursor,
    })
    .into_response())
}

fn wanted(query: &AuditQuery, principal: &Principal) -> ApiResult<Wanted> {
    let text = |given: &Option<String>| {
        let given = given.as_deref().unwrap_or_default();
        match given.chars().count() > LONGEST_SEARCH {
            true => Err(Problem::invalid(
                "invalid-query",
                format!("a text to look for has more than {LONGEST_SEARCH} characters"),
            )),
            false => Ok(given
                .chars()
                .filter(|letter| !letter.is_control())
                .collect()),
        }
    };
    let mut object: String = text(&query.object)?;
    if object.trim_start().starts_with("agent:") && !principal.capabilities.has(Right::ViewAgents) {
        object = object.replacen(':', "-", 1);
    }
    Ok(Wanted {
        actor: text(&query.actor)?,
        action: text(&query.action)?,
        object,
        from_utc_ms: query.from.map(|from| from.0.as_millisecond()),
        to_utc_ms: query.to.map(|to| to.0.as_millisecond()),
    })
}

async fn log_export(state: &AppState, principal: &Principal, query: &AuditQuery) -> ApiResult<()> {
    let instant = |at: &Option<Instant>| at.map(|at| at.0.to_string());
    let filters = [
        ("actor", query.actor.clone()),
        ("action", query.action.clone()),
        ("object", query.object.clone()),
        ("from", instant(&query.from)),
        ("to", instant(&query.to)),
    ];
    let filters = filters
        .into_iter()
        .filter_map(|(name, value)| value.map(|value| Change::to(name, value)));
    let event = Event::new(Action::AuditExported, Object::new("audit", "", "")).with(filters);
    let now = state.clock.now_utc_ms();
    let (account, actor) = (principal.account, principal.actor());
    audit::record_alone(&state.store, account, &actor, &event, now).await?;
    Ok(())
}

/// Names of agents, for readers who may know them.
#[derive(Clone, Debug)]
struct Names {
    store: Store,
    account: AccountId,
    may_view: bool,
}

impl Names {
    fn of(store: &Store, principal: &Principal) -> Self {
        Self {
            store: store.clone(),
            account: principal.account,
            may_view: principal.capabilities.has(Right::ViewAgents),
        }
    }

    async fn shown(&self, rows: Vec<Entry>) -> ApiResult<Vec<AuditEntry>> {
        let mut known: HashMap<String, Option<String>> = HashMap::new();
        let mut items = Vec::with_capacity(rows.len());
        for row in rows {
            let mut object = AuditObject {
                kind: row.object_kind.clone(),
                id: row.object_id.clone(),
                name: row.object_name.clone(),
            };
            if row.object_kind == "agent" && !self.may_view {
                object.id = object.name.clone();
            } else if row.object_kind == "agent" {
                if !known.contains_key(&row.object_id) {
                    let name = self.agent(&row.object_id).await?;
                    known.insert(row.object_id.clone(), name);
                }
                if let Some(Some(name)) = known.get(&row.object_id) {
                    object.name = name.clone();
                }
            }
            items.push(entry(row, object)?);
        }
        Ok(items)
    }

    async fn agent(&self, id: &str) -> ApiResult<Option<String>> {
        let Ok(id) = id.parse() else { return Ok(None) };
        let found = agents::get(&self.store, self.account, id).await?;
        Ok(found.map(|agent| agent.name))
    }
}

fn entry(row: Entry, object: AuditObject) -> ApiResult<AuditEntry> {
    let impossible = || {
        let what = format!("entry {} of the access log", row.entry_id);
        StoreError::unreadable(what, "its time is out of range")
    };
    Ok(AuditEntry {
        id: row.entry_id,
        at: Instant::from_ms(row.at_utc_ms).ok_or_else(impossible)?,
        changes: row.changes()?,
        actor: AuditActor {
            user_id: row.actor_id,
            name: row.actor,
            via: row.via,
            address: row.address,
        },
        action: row.action,
        object,
    })
}

const HEADER: [&str; 11] = [
    "id",
    "at",
    "actor",
    "via",
    "address",
    "action",
    "object_kind",
    "object_id",
    "object_name",
    "field_changes",
    "actor_id",
];

fn export(names: Names, wanted: Wanted) -> Response {
    let lines = stream::try_unfold(Some(i64::MAX), move |before| {
        let (names, wanted) = (names.clone(), wanted.clone());
        async move {
            let Some(before) = before else {
                return Ok::<_, std::io::Error>(None);
            };
            let failed = |problem: Problem| std::io::Error::other(problem.body().detail);
            let listed =
                audit::list(&names.store, names.account, &wanted, before, LINES_AT_ONCE).await;
            let rows = listed.map_err(|error| failed(error.into()))?;
            let last = rows.last().map(|row| row.entry_id);
            let items = names.shown(rows).await.map_err(failed)?;
            let text = csv_lines(&items, before == i64::MAX).map_err(std::io::Error::other)?;
            Ok(Some((text, last)))
        }
    });
    let headers = [
        (
            header::CONTENT_TYPE,
            "text/csv; charset=utf-8; header=present",
        ),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"access-log.csv\"",
        ),
    ];
    (headers, Body::from_stream(lines)).into_response()
}

fn csv_lines(items: &[AuditEntry], with_header: bool) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    if with_header {
        writer.write_record(HEADER)?;
    }
    for item in items {
        let changes: Vec<String> = item.changes.iter().map(told).collect();
        let (actor, object) = (&item.actor, &item.object);
        let user_id = actor.user_id.map(|id| id.to_string()).unwrap_or_default();
        let (id, at, changes) = (
            item.id.to_string(),
            item.at.0.to_string(),
            changes.join("; "),
        );
        let cells = [
            &id,
            &at,
            &actor.name,
            &actor.via,
            &actor.address,
            &item.action,
            &object.kind,
            &object.id,
            &object.name,
            &changes,
            &user_id,
        ];
        writer.write_record(cells.map(|cell| harmless(cell)))?;
    }
    writer
        .into_inner()
        .map_err(|error| csv::Error::from(error.into_error()))
}

fn told(change: &Change) -> String {
    let value = |value: &Option<String>| value.clone().unwrap_or_default();
    match change.from {
        None => format!("{}: {}", change.field, value(&change.to)),
        Some(_) => {
            let (from, to) = (value(&change.from), value(&change.to));
            format!("{}: {from} -> {to}", change.field)
        }
    }
}

/// A cell that no spreadsheet takes for a formula.
fn harmless(cell: &str) -> String {
    match cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{cell}"),
        false => cell.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_no_formulas() {
        for cell in ["=1+1", "+1", "-1", "@a", "\t=1"] {
            assert_eq!(harmless(cell), format!("'{cell}"));
        }
        assert_eq!(harmless("a=1"), "a=1");
    }
}
