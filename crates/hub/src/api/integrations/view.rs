//! From what is stored to an integration as the API shows it.

use super::calls::shown_vdns;
use super::dto;
use crate::api::types::Instant;
use crate::auth::Principal;
use crate::auth::role::Right;
use crate::configuration::Configuration;
use crate::error::{ApiResult, Problem};
use crate::quiet_hours::QuietHours;
use crate::state::AppState;
use crate::status::{self, State};
use crate::store::integrations::Integration;
use crate::store::links::Link;
use crate::store::status::OccurredProblem;
use crate::store::tasks::Progress;
use floorwire_model::agents::scope::AgentScope;
use floorwire_protocol::words::key_words;
use std::collections::BTreeMap;

/// The data types this version imports.
const CALL_HISTORY: &str = "callHistory";
const AGENT_STATUS: &str = "agentStatus";
const REALTIME_STATUS: &str = "realTimeStatus";

/// One integration.
pub async fn of(
    state: &AppState,
    principal: &Principal,
    integration: Integration,
) -> ApiResult<dto::Integration> {
    let now = state.clock.now_utc_ms();
    let overview = status::overview(&state.store, principal.account, &integration, now).await?;
    let link = overview
        .link
        .as_ref()
        .map(|found| link(found, now))
        .transpose()?;
    Ok(dto::Integration {
        id: integration.id.0,
        name: integration.name,
        source: integration.source,
        code: integration.code,
        status: dto::IntegrationStatus {
            state: shown_state(overview.state),
            since: instant(overview.since_utc_ms)?,
            problem: overview.problem.map(problem).transpose()?,
        },
        progress: overview.progress.as_ref().map(progress),
        last_import_at: overview
            .status
            .last_import_utc_ms
            .and_then(Instant::from_ms),
        latest_data_point: overview.status.latest_data_utc_s.and_then(Instant::from_s),
        data_types: data_types(&integration.configuration),
        realtime: overview.realtime.map(realtime_status).transpose()?,
        link,
        configuration: configuration(
            principal,
            integration.configuration_version,
            integration.configuration,
        ),
        created_at: instant(integration.created_utc_ms)?,
    })
}

/// Several integrations, in the same order.
pub async fn of_all(
    state: &AppState,
    principal: &Principal,
    integrations: Vec<Integration>,
) -> ApiResult<Vec<dto::Integration>> {
    let mut all = Vec::with_capacity(integrations.len());
    for integration in integrations {
        all.push(of(state, principal, integration).await?);
    }
    Ok(all)
}

/// A Link as the API shows it.
pub fn link(link: &Link, now_utc_ms: i64) -> ApiResult<dto::Link> {
    let description = &link.description;
    Ok(dto::Link {
        name: description.name.clone(),
        version: description.version.clone(),
        host: description.host.clone(),
        last_contact_at: Instant::from_ms(link.last_contact_utc_ms)
            .filter(|_| !link.boot_id.is_empty()),
        connected: link.is_connected(now_utc_ms),
        key_words: key_words(&link.public_key).map_err(Problem::internal)?,
        public_key: link.public_key.clone(),
        drivers_registered: description.drivers.clone(),
    })
}

fn instant(utc_ms: i64) -> ApiResult<Instant> {
    Instant::from_ms(utc_ms).ok_or_else(|| Problem::internal(format!("{utc_ms} ms is not a time")))
}

fn shown_state(state: State) -> dto::IntegrationState {
    match state {
        State::Connecting => dto::IntegrationState::Connecting,
        State::Importing => dto::IntegrationState::Importing,
        State::Operational => dto::IntegrationState::Operational,
        State::Paused => dto::IntegrationState::Paused,
        State::Problem => dto::IntegrationState::Problem,
    }
}

fn problem(occurred: OccurredProblem) -> ApiResult<dto::IntegrationProblem> {
    let problem = occurred.problem;
    let diagnostics = problem
        .diagnostics
        .into_iter()
        .map(|record| dto::Diagnostic {
            sqlstate: record.sqlstate,
            native_code: record.native_code,
            message: record.message,
        });
    Ok(dto::IntegrationProblem {
        code: problem.code,
        title: problem.title,
        detail: problem.detail,
        remedy: problem.remedy,
        occurred_at: instant(occurred.occurred_utc_ms)?,
        diagnostics: diagnostics.collect(),
    })
}

fn realtime_status(found: status::Realtime) -> ApiResult<dto::RealtimeStatus> {
    let buffer = found.feeds.iter().find_map(|feed| feed.buffer.as_ref());
    Ok(dto::RealtimeStatus {
        state: match found.state {
            State::Connecting | State::Importing => dto::RealtimeState::Connecting,
            State::Operational => dto::RealtimeState::Operational,
            State::Paused => dto::RealtimeState::Paused,
            State::Problem => dto::RealtimeState::Problem,
        },
        problem: found.problem.map(problem).transpose()?,
        latest_data_point: found.latest_utc_ms.and_then(Instant::from_ms),
        buffer: buffer.map(crate::api::live::shown_buffer),
        feeds: found
            .feeds
            .into_iter()
            .map(crate::api::live::shown_feed)
            .collect(),
    })
}

fn progress(progress: &Progress) -> dto::Progress {
    dto::Progress {
        partitions_total: progress.partitions_total,
        partitions_done: progress.partitions_done,
        rows_imported: progress.rows_imported,
        rows_per_second: progress.rows_per_second,
        estimated_end: progress.estimated_end_utc_ms.and_then(Instant::from_ms),
    }
}

/// Host, user and database stand in the open part, so it is shown to those who may see settings.
fn configuration(
    principal: &Principal,
    version: i64,
    configuration: Configuration,
) -> dto::Configuration {
    let may_see = principal.capabilities.has(Right::ViewSettings);
    let realtime = may_see.then(|| super::realtime::shown(&configuration));
    let connection = configuration.connection.filter(|_| may_see);
    dto::Configuration {
        version,
        connection_string: connection.map(|connection| dto::OpenConnectionString {
            open: connection.open,
        }),
        zone: configuration.zone,
        acd_zones: acd_zones(configuration.acd_zones),
        grouping: configuration.grouping.as_str().to_owned(),
        vdns: shown_vdns(configuration.vdns),
        offered_definition: configuration.offered_definition.as_str().to_owned(),
        vdn_offered_definition: configuration.vdn_offered_definition.as_str().to_owned(),
        call_direction: configuration.call_direction.as_str().to_owned(),
        start_date: configuration.start_date.map(|date| date.to_string()),
        quiet_hours: configuration.quiet_hours.iter().map(quiet_hours).collect(),
        agent_scope: may_see.then(|| configuration.agent_scope.into()),
        outage_time: configuration.agents.outage_stamp.map(Into::into),
        agent_tables: configuration.agents.into(),
        business_hours: configuration.business_hours.into(),
        rereading: configuration.rereading.into(),
        realtime,
        generic_absence: configuration.generic_absence,
        agent_detail: configuration.agent_detail,
    }
}

fn quiet_hours(span: &QuietHours) -> dto::QuietHours {
    let text = |time: jiff::civil::Time| time.strftime("%H:%M").to_string();
    dto::QuietHours {
        from: text(span.from),
        to: text(span.to),
    }
}

fn data_types(configuration: &Configuration) -> Vec<String> {
    let mut types = vec![CALL_HISTORY.to_owned()];
    if configuration.agent_scope != AgentScope::Off {
        types.push(AGENT_STATUS.to_owned());
    }
    if configuration.realtime.enabled {
        types.push(REALTIME_STATUS.to_owned());
    }
    types
}

fn acd_zones(zones: BTreeMap<i32, String>) -> BTreeMap<String, String> {
    zones
        .into_iter()
        .map(|(acd, zone)| (acd.to_string(), zone))
        .collect()
}
