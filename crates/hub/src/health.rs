//! Whether the hub can work, said once per change.
//!
//! A full disk or a database that is down fails every request. [`StorageWatch`] logs the first failure and the recovery and
//! nothing between. While there is trouble, one task asks the database every two seconds whether it takes writes again,
//! because neither a disk nor a server that is down can tell; without trouble nothing is asked.
//!
//! `/healthz` answers 200 while the process runs; `/readyz` asks the database, and answers 503 with the reason while it fails
//! or the hub ends.

use crate::error::{Problem, StorageTrouble, chain};
use crate::shutdown::Shutdown;
use crate::state::AppState;
use crate::store::{Store, StoreError};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

const ASK_AGAIN: Duration = Duration::from_secs(2);

/// Knows whether the storage works.
#[derive(Clone, Debug)]
pub struct StorageWatch {
    store: Store,
    shutdown: Shutdown,
    trouble: Arc<Mutex<Option<StorageTrouble>>>,
}

impl StorageWatch {
    /// A storage that works.
    pub fn new(store: Store, shutdown: Shutdown) -> Self {
        Self {
            store,
            shutdown,
            trouble: Arc::default(),
        }
    }

    /// Takes note of an error; those that are not about the storage's health change nothing.
    pub fn note(&self, error: &StoreError) {
        match error {
            StoreError::DiskFull(_) => self.set(StorageTrouble::Full, &chain(error)),
            StoreError::Unavailable(_) => self.set(StorageTrouble::Unavailable, &chain(error)),
            _ => {}
        }
    }

    /// What is wrong at present.
    pub fn trouble(&self) -> Option<StorageTrouble> {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, trouble: StorageTrouble, cause: &str) {
        let before = self
            .trouble
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .replace(trouble);
        if before == Some(trouble) {
            return;
        }
        match trouble {
            StorageTrouble::Full => tracing::error!(
                cause,
                "the disk that holds the database is full; free or add space, the hub goes on by itself"
            ),
            StorageTrouble::Unavailable => tracing::error!(
                cause,
                "the database cannot be reached; start it or check its address, the hub goes on by itself"
            ),
        }
        metrics::gauge!(crate::metrics::STORAGE_UP).set(0.0);
        if before.is_none() {
            let watch = self.clone();
            self.shutdown
                .spawn(async move { watch.wait_for_recovery().await });
        }
    }

    async fn wait_for_recovery(self) {
        loop {
            tokio::select! {
                () = tokio::time::sleep(ASK_AGAIN) => {}
                () = self.shutdown.cancelled() => return,
            }
            match self.store.probe().await {
                Ok(()) => break,
                Err(error) => self.note(&error),
            }
        }
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = None;
        metrics::gauge!(crate::metrics::STORAGE_UP).set(1.0);
        tracing::info!("the storage works again");
    }
}

/// Takes note of storage problems that requests met.
pub async fn watch_storage(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let response = next.run(request).await;
    if let Some(trouble) = response.extensions().get::<StorageTrouble>() {
        state.storage.set(*trouble, "met by a request");
    }
    response
}

/// `GET /healthz`
pub async fn healthz() -> &'static str {
    "ok\n"
}

/// `GET /readyz`
pub async fn readyz(State(state): State<AppState>) -> Response {
    if state.shutdown.is_cancelled() {
        return Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "shutting-down",
            "the hub is shutting down",
        )
        .into_response();
    }
    match state.store.probe().await {
        Ok(()) => "ready\n".into_response(),
        Err(error) => {
            state.storage.note(&error);
            Problem::from(error).into_response()
        }
    }
}
