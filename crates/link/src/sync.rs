//! The conversation about what the Hub wants: a long poll that reports and learns.
//!
//! A report stays pending until a call that carried it was answered, so a lost call loses nothing; the Hub
//! knows an answer it already has by its request number. New reports interrupt a waiting poll.

use crate::backoff::Backoff;
use crate::guard::Guard;
use crate::hub_client::{HubClient, HubError};
use crate::status_file::{StatusFile, now_utc_ms};
use floorwire_protocol::live::FeedPreview;
use floorwire_protocol::messages::{
    Desired, Examined, LinkDescription, LinkReport, RunningTask, SyncRequest,
};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{Notify, watch};

/// What the parts of the Link tell the Hub, and each other.
#[derive(Clone)]
pub struct Reports {
    guard: Guard,
    pending: Arc<Mutex<Option<Examined>>>,
    preview: Arc<Mutex<Option<FeedPreview>>>,
    running: Arc<Mutex<BTreeMap<i64, i64>>>,
    changed: Arc<Notify>,
}

impl Reports {
    /// Nothing to say yet but what this guard counts.
    pub fn new(guard: Guard) -> Self {
        Self {
            guard,
            pending: Arc::default(),
            preview: Arc::default(),
            running: Arc::default(),
            changed: Arc::default(),
        }
    }

    /// What limits and counts the statements.
    pub fn guard(&self) -> &Guard {
        &self.guard
    }

    /// A look at the CMS ended; replaces an older answer that was not sent yet.
    pub fn examined(&self, examined: Examined) {
        *self.pending.lock().unwrap_or_else(PoisonError::into_inner) = Some(examined);
        self.changed.notify_one();
    }

    /// Raw lines of a feed were read; replaces an older answer that was not sent yet.
    pub fn feed_previewed(&self, preview: FeedPreview) {
        *self.preview.lock().unwrap_or_else(PoisonError::into_inner) = Some(preview);
        self.changed.notify_one();
    }

    /// The answer to a request to read raw lines, as soon as there is one.
    pub async fn feed_preview_ready(&self) -> FeedPreview {
        loop {
            let preview = self
                .preview
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone();
            if let Some(preview) = preview {
                return preview;
            }
            self.changed.notified().await;
        }
    }

    /// A lease is being worked on.
    pub fn begin(&self, task: i64, attempt: i64) {
        self.running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(task, attempt);
    }

    /// It no longer is.
    pub fn end(&self, task: i64) {
        self.running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&task);
    }

    /// The leases being worked on.
    pub fn running(&self) -> Vec<RunningTask> {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running
            .iter()
            .map(|(&task, &attempt)| RunningTask { task, attempt })
            .collect()
    }

    fn report(&self) -> LinkReport {
        LinkReport {
            examined: self
                .pending
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone(),
            running: self.running(),
            load: self.guard.unreported(),
            feed_preview: self
                .preview
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone(),
        }
    }

    fn sent(&self, report: &LinkReport) {
        self.guard.reported(&report.load);
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        if *pending == report.examined {
            *pending = None;
        }
        let mut preview = self.preview.lock().unwrap_or_else(PoisonError::into_inner);
        if *preview == report.feed_preview {
            *preview = None;
        }
    }
}

/// Keeps `desired` up to date until the Hub does not know this Link any more.
pub async fn run(
    client: HubClient,
    boot_id: String,
    link: LinkDescription,
    reports: Reports,
    desired: watch::Sender<Option<Desired>>,
    status: StatusFile,
) -> HubError {
    let mut backoff = Backoff::for_hub();
    let mut lost = false;
    loop {
        let report = reports.report();
        // With news to deliver, no version is named, so that the Hub answers at once.
        let seen = desired.borrow().as_ref().map(|desired| desired.version);
        let request = SyncRequest {
            boot_id: boot_id.clone(),
            link: link.clone(),
            seen_version: seen
                .filter(|_| report.examined.is_none() && report.feed_preview.is_none()),
            report,
        };
        let answer = tokio::select! {
            answer = client.sync(&request) => answer,
            () = reports.changed.notified() => continue,
        };
        match answer {
            Ok(response) => {
                if lost {
                    tracing::info!("hub answers again");
                }
                lost = false;
                backoff.reset();
                reports.sent(&request.report);
                status.change(|status| status.last_contact_utc_ms = Some(now_utc_ms()));
                desired.send_if_modified(|current| {
                    let changed = current.as_ref() != Some(&response.desired);
                    *current = Some(response.desired);
                    changed
                });
            }
            Err(error) if error.is_not_paired() => return error,
            Err(error) => {
                if !lost {
                    tracing::warn!(%error, "hub does not answer; trying again");
                }
                lost = true;
                backoff.wait().await;
            }
        }
    }
}
