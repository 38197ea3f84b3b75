//! The signal on which every long-lived stream and task of the hub ends.
//!
//! [`Shutdown::spawn`] tracks a task, so that the drain at the end can wait for it. The drain has a limit: a task that
//! does not end within it is left behind with the process, which is safe, because every change is one transaction.

use std::future::Future;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// A clonable handle on the shutdown of one hub.
#[derive(Clone, Debug, Default)]
pub struct Shutdown {
    token: CancellationToken,
    tasks: TaskTracker,
}

impl Shutdown {
    /// A hub that runs.
    pub fn new() -> Self {
        Self::default()
    }

    /// Tells everything to end. Calling it again changes nothing.
    pub fn begin(&self) {
        self.token.cancel();
    }

    /// True once the hub ends.
    pub fn is_cancelled(&self) -> bool {
        self.token.is_cancelled()
    }

    /// Resolves when the hub ends.
    pub async fn cancelled(&self) {
        self.token.cancelled().await;
    }

    /// Resolves when the hub ends; owns its handle.
    pub fn cancelled_owned(&self) -> impl Future<Output = ()> + Send + 'static {
        self.token.clone().cancelled_owned()
    }

    /// Starts a task that the drain waits for. The task has to end when [`Self::cancelled`] resolves.
    pub fn spawn<F>(&self, task: F) -> tokio::task::JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.tasks.spawn(task)
    }

    /// Waits until the tracked tasks have ended, at most `limit`. True when all have.
    pub async fn drain(&self, limit: Duration) -> bool {
        self.tasks.close();
        tokio::time::timeout(limit, self.tasks.wait()).await.is_ok()
    }
}
