//! How long the parent waits for a worker, phase by phase.
//!
//! Heartbeats prove that the process lives; only a new phase or new rows are progress. Both have
//! their own clock, and the earlier deadline counts. Which limit belongs to which phase stands in
//! the supervisor's head.

use std::time::Duration;

use tokio::time::Instant;

use crate::{
    cause::Cause,
    error::{DriverError, OdbcError},
    frame::Phase,
    supervisor::WorkerSettings,
};

/// Time that a driver gets to report its own timeout before the worker is killed for it.
const GRACE: Duration = Duration::from_secs(2);

/// What is waited for, and by when.
pub(crate) struct Watch {
    pub(crate) phase: Phase,
    rows: u64,
    /// Last new phase or new rows.
    progress: Instant,
    /// Last message of any kind.
    heard: Instant,
    /// Limit of the statement until its first rows.
    statement_s: u32,
    /// The first rows have come.
    pub(crate) running: bool,
}

impl Watch {
    pub(crate) fn new(statement_s: u32) -> Self {
        let now = Instant::now();
        Self {
            phase: Phase::Idle,
            rows: 0,
            progress: now,
            heard: now,
            statement_s,
            running: false,
        }
    }

    /// Restarts the clock: the consumer has been busy, not the worker.
    pub(crate) fn resume(&mut self) {
        let now = Instant::now();
        self.progress = now;
        self.heard = now;
    }

    pub(crate) fn note(&mut self, phase: Phase, rows: u64) {
        let now = Instant::now();
        self.heard = now;
        // Running a statement and fetching its first rows share one limit.
        let same_limit = self.phase == Phase::Executing && phase == Phase::Fetching;
        if (phase != self.phase && !same_limit) || rows > self.rows {
            self.progress = now;
        }
        self.phase = phase;
        self.rows = self.rows.max(rows);
    }

    fn limit(&self, settings: &WorkerSettings) -> Duration {
        match self.phase {
            Phase::Connecting => settings.login_timeout + GRACE,
            Phase::Executing | Phase::Fetching if !self.running && self.statement_s > 0 => {
                Duration::from_secs(u64::from(self.statement_s)) + GRACE
            }
            _ => settings.stall_timeout,
        }
    }

    pub(crate) fn deadline(&self, settings: &WorkerSettings) -> Instant {
        let progress = self.progress + self.limit(settings);
        progress.min(self.heard + settings.stall_timeout)
    }

    /// The error for a deadline that has passed.
    pub(crate) fn error(&self, settings: &WorkerSettings) -> OdbcError {
        let now = Instant::now();
        let silent = now.duration_since(self.heard) >= settings.stall_timeout;
        match self.phase {
            Phase::Connecting if !silent => OdbcError::Driver(DriverError {
                diagnostics: Vec::new(),
                cause: Cause::LoginTimeout,
                function: "SQLDriverConnect".to_owned(),
            }),
            Phase::Executing | Phase::Fetching
                if !silent && !self.running && self.statement_s > 0 =>
            {
                OdbcError::StatementTimeout {
                    seconds: self.statement_s,
                }
            }
            phase => OdbcError::Stalled {
                phase: phase.as_str().to_owned(),
                silent: now.duration_since(if silent { self.heard } else { self.progress }),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backoff::Backoff;

    fn settings() -> WorkerSettings {
        WorkerSettings {
            program: "/nonexistent".into(),
            arguments: Vec::new(),
            login_timeout: Duration::from_secs(3),
            stall_timeout: Duration::from_secs(60),
            restart_backoff: Backoff::default(),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn each_phase_has_its_own_limit() {
        let settings = settings();
        let limit = |watch: &Watch| watch.deadline(&settings).duration_since(Instant::now());
        let mut watch = Watch::new(10);
        watch.note(Phase::Connecting, 0);
        assert_eq!(limit(&watch), Duration::from_secs(5));
        watch.note(Phase::Executing, 0);
        assert_eq!(limit(&watch), Duration::from_secs(12));
        tokio::time::advance(Duration::from_secs(8)).await;
        // Heartbeats are no progress, and the first fetch is part of the statement.
        watch.note(Phase::Fetching, 0);
        assert_eq!(limit(&watch), Duration::from_secs(4));
        tokio::time::advance(Duration::from_secs(4)).await;
        assert!(matches!(
            watch.error(&settings),
            OdbcError::StatementTimeout { seconds: 10 }
        ));
        watch.running = true;
        watch.note(Phase::Fetching, 10_000);
        assert_eq!(limit(&watch), Duration::from_secs(60));
        for _ in 0..60 {
            tokio::time::advance(Duration::from_secs(1)).await;
            watch.note(Phase::Fetching, 10_000);
        }
        assert_eq!(limit(&watch), Duration::ZERO);
        assert!(matches!(
            watch.error(&settings),
            OdbcError::Stalled { ref phase, .. } if phase == "fetching rows"
        ));
    }
}
