//! Leases tasks and carries them out, and looks at the CMS when asked, over the one connection.
//!
//! Reading overlaps with uploading, also across leases. Pausing and a new configuration
//! interrupt a read at once; the Hub takes such leases back by itself, so nothing has to be said.

use crate::backoff::Backoff;
use crate::cms::Cms;
use crate::examine::examine;
use crate::hub_client::{HubClient, HubError};
use crate::last_configuration;
use crate::problems;
use crate::read_task::{Item, read_task};
use crate::status_file::{Activity, StatusFile, now_utc_ms};
use crate::sync::Reports;
use crate::upload::{Ended, upload};
use floorwire_protocol::messages::{
    Desired, Examined, LeaseRequest, LeasedTask, LinkConfiguration, Outcome, Problem,
};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc, watch};

/// Tasks leased at once.
const LEASED_AT_ONCE: u32 = 4;
/// Parts read ahead of the upload, per task.
const PARTS_AHEAD: usize = 2;
/// Tasks whose upload is under way at most; with the parts ahead it bounds the memory.
const UPLOADS_AT_ONCE: usize = 3;

/// Carries out what the Hub wants.
pub struct Runner<'a> {
    /// The connection.
    pub cms: &'a mut Cms,
    /// The Hub.
    pub client: HubClient,
    /// Random per start.
    pub boot_id: String,
    /// News for the Hub.
    pub reports: Reports,
    /// What the Hub wants.
    pub desired: watch::Receiver<Option<Desired>>,
    /// For people.
    pub status: StatusFile,
    /// Places for uploads under way.
    pub uploads: Arc<Semaphore>,
    /// Where the configuration is kept for `doctor`.
    pub data_dir: PathBuf,
}

/// Places for uploads under way, for [`Runner::uploads`].
pub fn upload_places() -> Arc<Semaphore> {
    Arc::new(Semaphore::new(UPLOADS_AT_ONCE))
}

/// How working on leased tasks ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum After {
    /// Everything was read, or failed for a reason of its own.
    Read,
    /// The Hub wants something else.
    Interrupted,
    /// The CMS cannot be read at present.
    CmsLost,
}

/// What to do next under the desired state.
enum Next {
    Wait(Activity),
    Examine(LinkConfiguration, i64),
    Work(LinkConfiguration),
}

impl Runner<'_> {
    /// Runs until the desired state has no sender any more.
    pub async fn run(&mut self) {
        let mut examined: Option<(i64, i64)> = None;
        let mut cms_backoff = Backoff::for_cms();
        let mut hub_backoff = Backoff::for_hub();
        loop {
            let next = plan(self.desired.borrow_and_update().as_ref(), examined);
            match next {
                Next::Wait(activity) => {
                    self.status.change(|status| status.activity = activity);
                    if self.desired.changed().await.is_err() {
                        return;
                    }
                }
                Next::Examine(configuration, request) => {
                    self.status
                        .change(|status| status.activity = Activity::Examining);
                    if self.examine(&configuration, request).await {
                        examined = Some((configuration.version, request));
                        cms_backoff.reset();
                    } else if self.wait_or_change(cms_backoff.next_wait()).await {
                        cms_backoff.reset();
                    }
                }
                Next::Work(configuration) => match self.work_in_budget(&configuration).await {
                    Ok(after) => {
                        hub_backoff.reset();
                        if after == After::CmsLost {
                            // One look that waits is better than every task failing for the same cause.
                            examined = None;
                        }
                    }
                    Err(error) => {
                        tracing::debug!(%error, "no tasks");
                        self.wait_or_change(hub_backoff.next_wait()).await;
                    }
                },
            }
        }
    }

    /// Waits, or returns true as soon as the Hub wants something else.
    async fn wait_or_change(&mut self, wait: Duration) -> bool {
        tokio::time::timeout(wait, self.desired.changed())
            .await
            .is_ok()
    }

    /// Looks at the CMS and reports; true when the import can work.
    async fn examine(&mut self, configuration: &LinkConfiguration, request: i64) -> bool {
        last_configuration::store(&self.data_dir, configuration);
        let mut desired = self.desired.clone();
        let found = tokio::select! {
            found = examine(self.cms, configuration) => found,
            () = superseded(&mut desired, configuration.version) => return false,
        };
        let (capabilities, problem) = match found {
            Ok((capabilities, problem)) => (Some(capabilities), problem),
            Err(problem) => (None, Some(problem)),
        };
        if let Some(problem) = &problem {
            tracing::warn!(
                code = problem.code,
                detail = problem.detail,
                remedy = problem.remedy,
                "cannot import"
            );
        }
        self.status
            .change(|status| status.problem.clone_from(&problem));
        let works = problem.is_none();
        let configuration_version = configuration.version;
        self.reports.examined(Examined {
            request,
            configuration_version,
            capabilities,
            problem,
        });
        works
    }

    /// Works unless the budget of this hour is used up; then waits for the next.
    async fn work_in_budget(
        &mut self,
        configuration: &LinkConfiguration,
    ) -> Result<After, HubError> {
        let Some(wait) = self.reports.guard().wait(now_utc_ms()) else {
            return self.work(configuration).await;
        };
        tracing::info!(
            seconds = wait.as_secs(),
            "the budget of this hour for the cms is used up"
        );
        self.status
            .change(|status| status.activity = Activity::WaitingForBudget);
        self.wait_or_change(wait).await;
        Ok(After::Interrupted)
    }

    /// Leases tasks and reads them one after the other while earlier ones are still being uploaded.
    async fn work(&mut self, configuration: &LinkConfiguration) -> Result<After, HubError> {
        self.status
            .change(|status| status.activity = Activity::Idle);
        let request = LeaseRequest {
            boot_id: self.boot_id.clone(),
            configuration_version: configuration.version,
            max: LEASED_AT_ONCE,
            running: self.reports.running(),
        };
        let mut desired = self.desired.clone();
        let leased = tokio::select! {
            leased = self.client.lease(&request) => leased?.tasks,
            () = superseded(&mut desired, configuration.version) => return Ok(After::Interrupted),
            () = anything_changed(&mut self.desired) => return Ok(After::Interrupted),
        };
        for task in &leased {
            self.reports.begin(task.task, task.attempt);
        }
        let mut after = After::Read;
        for task in leased {
            if after != After::Read {
                // The next call for leases does not list it, so the Hub takes it back.
                self.reports.end(task.task);
                continue;
            }
            let (items, received) = mpsc::channel(PARTS_AHEAD);
            self.start_upload(task.clone(), received).await;
            after = self.read(configuration, &task, items).await;
        }
        Ok(after)
    }

    /// Reads one task.
    async fn read(
        &mut self,
        configuration: &LinkConfiguration,
        task: &LeasedTask,
        items: mpsc::Sender<Item>,
    ) -> After {
        let partition = partition_name(task);
        self.status.change(|status| {
            status.activity = Activity::Reading {
                partition: partition.clone(),
            }
        });
        let mut desired = self.desired.clone();
        let result = tokio::select! {
            result = read_task(self.cms, configuration, task, &items) => result,
            () = superseded(&mut desired, configuration.version) => return After::Interrupted,
        };
        match result {
            Ok(rows) => {
                tracing::debug!(partition, rows, "read");
                self.status.change(|status| {
                    status.rows_read += rows;
                    status.problem = None;
                });
                After::Read
            }
            Err(problem) => {
                let Problem {
                    code,
                    detail,
                    remedy,
                    ..
                } = &problem;
                tracing::warn!(partition, code, detail, remedy, "cannot read");
                self.status
                    .change(|status| status.problem = Some(problem.clone()));
                match problems::concerns_one_read(&problem) {
                    true => After::Read,
                    false => After::CmsLost,
                }
            }
        }
    }

    /// Uploads beside the reading of further tasks, as soon as fewer than the limit are under way.
    async fn start_upload(&self, task: LeasedTask, items: mpsc::Receiver<Item>) {
        let (client, reports, status) = (
            self.client.clone(),
            self.reports.clone(),
            self.status.clone(),
        );
        // The semaphore is never closed.
        let place = self.uploads.clone().acquire_owned().await;
        tokio::spawn(async move {
            let _place = place;
            let ended = upload(&client, &task, items).await;
            reports.end(task.task);
            match ended {
                Ended::Completed(Outcome::Applied | Outcome::Unchanged) => {
                    status.change(|status| status.partitions_done += 1);
                }
                Ended::Completed(outcome) => {
                    tracing::warn!(partition = partition_name(&task), ?outcome, "not applied");
                }
                Ended::Refused(error) => {
                    tracing::info!(partition = partition_name(&task), %error, "attempt given up");
                }
                Ended::Failed | Ended::Interrupted => {}
            }
        });
    }
}

fn plan(desired: Option<&Desired>, examined: Option<(i64, i64)>) -> Next {
    let Some(desired) = desired else {
        return Next::Wait(Activity::Starting);
    };
    let Some(configuration) = &desired.configuration else {
        return Next::Wait(Activity::WaitingForConfiguration);
    };
    if desired.paused {
        return Next::Wait(Activity::Paused);
    }
    let request = desired
        .examine
        .as_ref()
        .map_or(0, |examine| examine.request);
    if examined == Some((configuration.version, request)) {
        Next::Work(configuration.clone())
    } else {
        Next::Examine(configuration.clone(), request)
    }
}

/// Returns when the integration is paused, or configured otherwise.
async fn superseded(desired: &mut watch::Receiver<Option<Desired>>, version: i64) {
    let still_wanted = |desired: &Option<Desired>| {
        desired.as_ref().is_some_and(|desired| {
            !desired.paused
                && desired
                    .configuration
                    .as_ref()
                    .is_some_and(|configuration| configuration.version == version)
        })
    };
    // Without a sender the program is ending; the select's other branch goes on until it is stopped.
    if desired
        .wait_for(|desired| !still_wanted(desired))
        .await
        .is_err()
    {
        std::future::pending::<()>().await;
    }
}

/// Returns when something in the desired state changed, so that a waiting lease call is given up.
async fn anything_changed(desired: &mut watch::Receiver<Option<Desired>>) {
    if desired.changed().await.is_err() {
        std::future::pending::<()>().await;
    }
}

fn partition_name(task: &LeasedTask) -> String {
    let date = task
        .row_date
        .as_deref()
        .map(|date| format!(" on {date}"))
        .unwrap_or_default();
    format!("{} of acd {}{date}", task.table, task.acd)
}
