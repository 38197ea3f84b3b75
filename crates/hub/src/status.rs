//! How an integration is doing, derived in one place from what is stored; nothing here is kept.
//!
//! The order decides: paused, then a problem, then connecting (no Link yet, no settings, no contact, source not examined),
//! then importing (readings of the initial import are open, or what is
//! stored is being derived anew), else operational. A paused integration still names its open
//! problem.

use crate::on_pool;
use crate::store::integrations::Integration;
use crate::store::links::{self, Link};
use crate::store::status::{self, IntegrationStatus, OccurredProblem};
use crate::store::tasks::{self, Progress};
use crate::store::{Store, StoreError, StoreResult};
use floorwire_model::ids::AccountId;
use floorwire_protocol::messages::Problem;

/// How an integration is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// No Link yet, or it is not configured, or it does not answer, or it has not looked at the source yet.
    Connecting,
    /// The initial import runs.
    Importing,
    /// Everything readable is imported.
    Operational,
    /// Stopped by somebody.
    Paused,
    /// Something is wrong.
    Problem,
}

mod realtime;

pub use realtime::Realtime;

/// All that is shown of an integration besides its own row.
#[derive(Clone, Debug)]
pub struct Overview {
    /// The state.
    pub state: State,
    /// Since when, milliseconds since 1970 UTC.
    pub since_utc_ms: i64,
    /// What is wrong.
    pub problem: Option<OccurredProblem>,
    /// The initial import while it runs.
    pub progress: Option<Progress>,
    /// The Link that serves it.
    pub link: Option<Link>,
    /// Capabilities, times of data and problems.
    pub status: IntegrationStatus,
    /// Real-time status; `None` while it is off.
    pub realtime: Option<Realtime>,
}

const IMPORTED_SINCE: &str = "SELECT MAX(finished_utc_ms) FROM tasks
    WHERE account_id = $1 AND integration_id = $2 AND purpose = 'initial' AND state = 'done'";

/// Reads and derives the overview of an integration.
pub async fn overview(
    store: &Store,
    account: AccountId,
    integration: &Integration,
    now_utc_ms: i64,
) -> StoreResult<Overview> {
    let status = status::get(store, account, integration.id)
        .await?
        .ok_or_else(|| {
            StoreError::unreadable(
                format!("status of integration {}", integration.id),
                "row is missing",
            )
        })?;
    let link = links::active(store, account, integration.id).await?;
    let progress = tasks::progress(store, account, integration.id, now_utc_ms).await?;
    let imported_utc_ms: Option<i64> = on_pool!(store, pool => sqlx::query_scalar(IMPORTED_SINCE)
        .bind(account.0)
        .bind(integration.id.0)
        .fetch_one(pool))?;
    let realtime = realtime::now(store, account, integration, now_utc_ms).await?;
    let mut problem = latest_problem(&status);
    let facts = Facts {
        integration,
        status: &status,
        link: link.as_ref(),
        problem: problem.as_ref(),
        progress: progress.as_ref(),
        imported_utc_ms,
    };
    let (mut state, since_utc_ms) = facts.state(now_utc_ms);
    if state == State::Operational && integration.configuration.lacks_vdns() {
        problem = Some(no_vdns_chosen(integration.configured_utc_ms));
        state = State::Problem;
    }
    Ok(Overview {
        state,
        since_utc_ms,
        problem,
        progress,
        link,
        status,
        realtime,
    })
}

/// Everything is read, and nothing becomes a queue.
fn no_vdns_chosen(occurred_utc_ms: i64) -> OccurredProblem {
    OccurredProblem {
        problem: Problem {
            code: "no-vdns-chosen".into(),
            title: "no vdn is chosen".into(),
            detail: "calls are grouped by vdn, and none is chosen, so there is no queue".into(),
            remedy: "choose the vdns at which calls enter in the settings".into(),
            diagnostics: Vec::new(),
        },
        occurred_utc_ms,
    }
}

/// Of several problems the one seen last.
fn latest_problem(status: &IntegrationStatus) -> Option<OccurredProblem> {
    let problems = [&status.examine_problem, &status.task_problem];
    let failure = problems
        .into_iter()
        .flatten()
        .max_by_key(|problem| problem.occurred_utc_ms);
    // Where reading fails, that there are no rows says nothing more.
    failure.or(status.rows_problem.as_ref()).cloned()
}

#[derive(Clone, Copy)]
struct Facts<'a> {
    integration: &'a Integration,
    status: &'a IntegrationStatus,
    link: Option<&'a Link>,
    problem: Option<&'a OccurredProblem>,
    progress: Option<&'a Progress>,
    imported_utc_ms: Option<i64>,
}

impl Facts<'_> {
    fn state(&self, now_utc_ms: i64) -> (State, i64) {
        let integration = self.integration;
        if integration.paused {
            return (
                State::Paused,
                integration
                    .paused_utc_ms
                    .unwrap_or(integration.created_utc_ms),
            );
        }
        if let Some(problem) = self.problem {
            return (State::Problem, problem.occurred_utc_ms);
        }
        let Some(link) = self.link else {
            return (State::Connecting, integration.created_utc_ms);
        };
        if !integration.configuration.is_complete() {
            return (State::Connecting, link.paired_utc_ms);
        }
        if !link.is_connected(now_utc_ms) {
            return (
                State::Connecting,
                link.last_contact_utc_ms.max(link.paired_utc_ms),
            );
        }
        if let Some(progress) = self.progress {
            return (State::Importing, progress.began_utc_ms);
        }
        let examined = self
            .status
            .capabilities_utc_ms
            .zip(self.status.capabilities.as_ref());
        let Some((examined_utc_ms, capabilities)) = examined else {
            return (
                State::Connecting,
                integration.configured_utc_ms.max(link.paired_utc_ms),
            );
        };
        let settled = self.status.settled_count == self.status.stored_count;
        match self.imported_utc_ms {
            Some(imported_utc_ms) if !settled => (State::Importing, imported_utc_ms),
            Some(imported_utc_ms) => (State::Operational, imported_utc_ms),
            None if capabilities
                .tables
                .iter()
                .all(|table| table.acds.is_empty()) =>
            {
                (State::Operational, examined_utc_ms)
            }
            // The plan follows the examination within moments.
            None => (State::Importing, examined_utc_ms),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::configuration::{Configuration, SealedConnection};
    use floorwire_model::ids::{IntegrationId, LinkId};
    use floorwire_protocol::capabilities::{AcdExtent, Capabilities, TableCapability};
    use floorwire_protocol::messages::LinkDescription;

    const NOW: i64 = 1_000_000;

    fn integration() -> Integration {
        let connection = SealedConnection {
            open: "DSN=A;".into(),
            sealed: Some("Ym94".into()),
        };
        let configuration = Configuration {
            connection: Some(connection),
            zone: Some("UTC".into()),
            ..Configuration::default()
        };
        Integration {
            id: IntegrationId(1),
            name: "a".into(),
            source: "avaya-cms".into(),
            code: "1-X".into(),
            paused: false,
            paused_utc_ms: None,
            configuration_version: 1,
            configuration,
            configured_utc_ms: 20,
            desired_version: 1,
            created_utc_ms: 10,
        }
    }

    fn link(last_contact_utc_ms: i64) -> Link {
        Link {
            id: LinkId(1),
            integration: IntegrationId(1),
            token_sha256: String::new(),
            public_key: String::new(),
            description: LinkDescription {
                name: String::new(),
                version: String::new(),
                host: String::new(),
                operating_system: String::new(),
                drivers: Vec::new(),
                data_sources: Vec::new(),
                guard: None,
            },
            boot_id: "b".into(),
            paired_utc_ms: 30,
            last_contact_utc_ms,
        }
    }

    #[test]
    fn the_first_thing_that_holds_decides() {
        let integration = integration();
        let (connected, gone) = (link(NOW), link(31));
        let table = TableCapability {
            acds: vec![AcdExtent {
                acd: 1,
                ..AcdExtent::default()
            }],
            ..TableCapability::default()
        };
        let examined = IntegrationStatus {
            capabilities: Some(Capabilities {
                tables: vec![table],
                ..Capabilities::default()
            }),
            capabilities_utc_ms: Some(40),
            ..IntegrationStatus::default()
        };
        let (unexamined, progress) = (
            IntegrationStatus::default(),
            Progress {
                began_utc_ms: 50,
                ..Progress::default()
            },
        );
        let problem = Problem {
            code: "wrong-password".into(),
            title: String::new(),
            detail: String::new(),
            remedy: String::new(),
            diagnostics: Vec::new(),
        };
        let problem = OccurredProblem {
            problem,
            occurred_utc_ms: 70,
        };
        let usual = Facts {
            integration: &integration,
            status: &examined,
            link: Some(&connected),
            problem: None,
            progress: None,
            imported_utc_ms: Some(60),
        };
        assert_eq!(usual.state(NOW), (State::Operational, 60));
        assert_eq!(
            Facts {
                imported_utc_ms: None,
                ..usual
            }
            .state(NOW),
            (State::Importing, 40)
        );
        assert_eq!(
            Facts {
                progress: Some(&progress),
                ..usual
            }
            .state(NOW),
            (State::Importing, 50)
        );
        assert_eq!(
            Facts {
                status: &unexamined,
                ..usual
            }
            .state(NOW),
            (State::Connecting, 30)
        );
        assert_eq!(
            Facts {
                link: Some(&gone),
                ..usual
            }
            .state(NOW),
            (State::Connecting, 31)
        );
        assert_eq!(
            Facts {
                link: None,
                ..usual
            }
            .state(NOW),
            (State::Connecting, 10)
        );
        assert_eq!(
            Facts {
                problem: Some(&problem),
                link: None,
                ..usual
            }
            .state(NOW),
            (State::Problem, 70)
        );
        let mut unconfigured = integration.clone();
        unconfigured.configuration.zone = None;
        assert_eq!(
            Facts {
                integration: &unconfigured,
                ..usual
            }
            .state(NOW),
            (State::Connecting, 30)
        );
        let mut paused = integration.clone();
        (paused.paused, paused.paused_utc_ms) = (true, Some(80));
        assert_eq!(
            Facts {
                integration: &paused,
                problem: Some(&problem),
                ..usual
            }
            .state(NOW),
            (State::Paused, 80)
        );
    }
}
