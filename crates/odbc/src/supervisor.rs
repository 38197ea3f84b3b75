//! The parent's side: starts the worker, watches it, ends it, starts it again.
//!
//! What is watched, each with its own limit:
//!
//! | Worker is | Limit | Error |
//! |---|---|---|
//! | silent altogether, no heartbeat | stall timeout | [`OdbcError::Stalled`] |
//! | connecting | login timeout and a grace | [`crate::Cause::LoginTimeout`] |
//! | running a statement, or fetching its first rows | the query's timeout and a grace; the stall timeout when it has none | [`OdbcError::StatementTimeout`] |
//! | fetching further rows | stall timeout without a new row | [`OdbcError::Stalled`] |
//!
//! The clock runs only while the parent waits: a slow consumer is no stall. In each of these cases
//! the worker is killed, the read fails as a whole, and the next start waits for a pause that
//! doubles with each failure and ends with the first success. A read is complete only with its end
//! mark, whose row count must equal the rows that came.

use std::{ffi::OsString, io, path::PathBuf, time::Duration};

use floorwire_connection_string::{ConnectionString, Refusal, admit};
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::{
    backoff::Backoff,
    child::WorkerChild,
    error::OdbcError,
    frame::{Message, PROTOCOL, Phase, Request},
    types::{Query, ReadEnd, Registered, RowBatch},
    watch::Watch,
};

/// Time a new worker has to report.
const START_LIMIT: Duration = Duration::from_secs(20);
/// Time a worker whose output has ended has to exit.
const EXIT_LIMIT: Duration = Duration::from_secs(2);

/// How the worker is started and how long it is waited for.
#[derive(Clone, Debug)]
pub struct WorkerSettings {
    /// Program file of the worker.
    pub program: PathBuf,
    /// Its arguments, as in `odbc-worker`. Never secrets.
    pub arguments: Vec<OsString>,
    /// Longest login.
    pub login_timeout: Duration,
    /// Longest time without any progress.
    pub stall_timeout: Duration,
    /// Pauses before a failed worker is started again.
    pub restart_backoff: Backoff,
}

/// Owns at most one worker with at most one connection. Dropping it ends the worker.
pub struct Supervisor {
    settings: WorkerSettings,
    worker: Option<WorkerChild>,
    registered: Option<Registered>,
    failures: u32,
    start_allowed: Option<Instant>,
}

impl Supervisor {
    /// A supervisor without a worker; the first request starts one.
    pub fn new(settings: WorkerSettings) -> Self {
        Self {
            settings,
            worker: None,
            registered: None,
            failures: 0,
            start_allowed: None,
        }
    }

    /// Process id of the worker, while there is one.
    pub fn worker_pid(&self) -> Option<u32> {
        self.worker.as_ref().and_then(WorkerChild::pid)
    }

    /// Starts a read. Returns when the first rows are there, or the empty end; may wait for the
    /// pause after an earlier failure.
    ///
    /// # Errors
    /// Everything that [`OdbcError`] lists; a connection string that may not be used is refused
    /// before the worker sees it.
    pub async fn read(
        &mut self,
        connection: &ConnectionString,
        query: Query,
    ) -> Result<BatchReader<'_>, OdbcError> {
        self.check(connection).await?;
        let mut watch = Watch::new(query.timeout_s);
        let request = Request::Read {
            connection: connection.expose().to_owned(),
            login_timeout_s: self.login_timeout_s(),
            query,
        };
        match self.ask(&request, &mut watch, connection).await? {
            Message::Running => {}
            other => return Err(self.unexpected(&other).await),
        }
        watch.running = true;
        Ok(BatchReader {
            supervisor: self,
            connection: connection.clone(),
            watch,
            received: 0,
            state: State::Open,
        })
    }

    /// Names of a table's columns in their order, as the driver spells them; `None` when there is
    /// no such table.
    ///
    /// # Errors
    /// As for [`Supervisor::read`]; a table that may not be read is an error, not `None`.
    pub async fn table_columns(
        &mut self,
        connection: &ConnectionString,
        table: &str,
    ) -> Result<Option<Vec<String>>, OdbcError> {
        self.check(connection).await?;
        let mut watch = Watch::new(0);
        let request = Request::Columns {
            connection: connection.expose().to_owned(),
            login_timeout_s: self.login_timeout_s(),
            table: table.to_owned(),
        };
        match self.ask(&request, &mut watch, connection).await? {
            Message::Columns(names) => {
                self.failures = 0;
                Ok(names)
            }
            other => Err(self.unexpected(&other).await),
        }
    }

    /// Drivers and data sources registered on this host, asked anew.
    ///
    /// # Errors
    /// When the driver manager or the worker fails.
    pub async fn registered(&mut self) -> Result<Registered, OdbcError> {
        let mut watch = Watch::new(0);
        match self.request(&Request::Registered, &mut watch).await? {
            Message::Registered(found) => {
                self.registered = Some(found.clone());
                Ok(found)
            }
            other => Err(self.unexpected(&other).await),
        }
    }

    /// Ends the worker and its connection; returns when the process is gone.
    pub async fn stop(&mut self) {
        if let Some(worker) = self.worker.take() {
            worker.kill().await;
        }
    }

    /// Refuses a string that this host must not use. What is registered is asked anew before a
    /// driver or data source counts as missing.
    async fn check(&mut self, connection: &ConnectionString) -> Result<(), OdbcError> {
        if let Some(known) = &self.registered {
            match admit(connection, &known.drivers, &known.data_sources) {
                Ok(()) => return Ok(()),
                Err(Refusal::DriverNotRegistered { .. } | Refusal::DataSourceUnknown { .. }) => {}
                Err(refusal) => return Err(refusal.into()),
            }
        }
        let known = self.registered().await?;
        Ok(admit(connection, &known.drivers, &known.data_sources)?)
    }

    fn login_timeout_s(&self) -> u32 {
        let seconds = self.settings.login_timeout.as_millis().div_ceil(1_000);
        u32::try_from(seconds).unwrap_or(u32::MAX).max(1)
    }

    async fn ask(
        &mut self,
        request: &Request,
        watch: &mut Watch,
        connection: &ConnectionString,
    ) -> Result<Message, OdbcError> {
        self.request(request, watch)
            .await
            .map_err(|error| redacted(error, connection))
    }

    async fn request(
        &mut self,
        request: &Request,
        watch: &mut Watch,
    ) -> Result<Message, OdbcError> {
        let mut worker = match self.worker.take() {
            Some(worker) => worker,
            None => self.start().await?,
        };
        // Kept out of `self` while the request is on its way: a future dropped here drops the
        // worker with it, so that no answer is taken for that of a later request.
        watch.resume();
        if worker.send(request).await.is_err() {
            return Err(self.died(worker, watch.phase).await);
        }
        self.receive_from(worker, watch).await
    }

    /// Starts a worker, after the pause that the last failures ask for.
    async fn start(&mut self) -> Result<WorkerChild, OdbcError> {
        if let Some(allowed) = self.start_allowed {
            sleep_until(allowed).await;
        }
        let mut worker = match WorkerChild::start(&self.settings) {
            Ok(worker) => worker,
            Err(error) => {
                self.count_failure();
                return Err(OdbcError::WorkerStart(error));
            }
        };
        let ready = timeout_at(Instant::now() + START_LIMIT, worker.next()).await;
        match ready {
            Ok(Some(Ok(Message::Ready { protocol: PROTOCOL }))) => {
                tracing::debug!(pid = worker.pid(), "odbc worker started");
                Ok(worker)
            }
            Ok(Some(_)) => {
                self.count_failure();
                worker.kill().await;
                Err(OdbcError::Protocol(
                    "it is no worker of this version".to_owned(),
                ))
            }
            Ok(None) => Err(self.died(worker, Phase::Idle).await),
            Err(_) => {
                self.count_failure();
                worker.kill().await;
                Err(OdbcError::Stalled {
                    phase: "starting".to_owned(),
                    silent: START_LIMIT,
                })
            }
        }
    }

    /// The next message that is more than a heartbeat, within the watch's limits. The worker goes
    /// back into `self` when it is still good.
    async fn receive_from(
        &mut self,
        mut worker: WorkerChild,
        watch: &mut Watch,
    ) -> Result<Message, OdbcError> {
        loop {
            let deadline = watch.deadline(&self.settings);
            let message = match timeout_at(deadline, worker.next()).await {
                Ok(Some(Ok(message))) => message,
                // It died in the middle of a frame.
                Ok(Some(Err(error))) if error.kind() == io::ErrorKind::UnexpectedEof => {
                    return Err(self.died(worker, watch.phase).await);
                }
                Ok(Some(Err(error))) => {
                    self.count_failure();
                    worker.kill().await;
                    return Err(OdbcError::Protocol(error.to_string()));
                }
                Ok(None) => return Err(self.died(worker, watch.phase).await),
                Err(_) => {
                    let error = watch.error(&self.settings);
                    self.count_failure();
                    worker.kill().await;
                    return Err(error);
                }
            };
            match message {
                Message::Progress { phase, rows } => watch.note(phase, rows),
                Message::Failed(failure) => {
                    self.worker = Some(worker);
                    return Err(failure.into());
                }
                answer => {
                    self.worker = Some(worker);
                    return Ok(answer);
                }
            }
        }
    }

    async fn died(&mut self, worker: WorkerChild, phase: Phase) -> OdbcError {
        self.count_failure();
        let how = worker.reap(EXIT_LIMIT).await;
        OdbcError::WorkerDied {
            phase: phase.as_str().to_owned(),
            how,
        }
    }

    /// An answer that does not fit its request: the worker cannot be trusted any more.
    async fn unexpected(&mut self, message: &Message) -> OdbcError {
        self.count_failure();
        self.stop().await;
        let what = match message {
            Message::Ready { .. } => "a greeting",
            Message::Progress { .. } => "a heartbeat",
            Message::Running => "the start of a read",
            Message::Batch(_) => "rows",
            Message::End(_) => "the end of a read",
            Message::Columns(_) => "columns",
            Message::Registered(_) => "drivers",
            Message::Failed(_) => "a failure",
        };
        OdbcError::Protocol(format!("{what} out of place"))
    }

    fn count_failure(&mut self) {
        self.failures = self.failures.saturating_add(1);
        let pause = self.settings.restart_backoff.pause(self.failures);
        self.start_allowed = Some(Instant::now() + pause);
    }
}

/// What a dying worker printed may hold a secret.
fn redacted(error: OdbcError, connection: &ConnectionString) -> OdbcError {
    match error {
        OdbcError::WorkerDied { phase, how } => OdbcError::WorkerDied {
            phase,
            how: connection.redact(&how),
        },
        other => other,
    }
}

#[derive(Clone, Copy, Debug)]
enum State {
    Open,
    Complete(ReadEnd),
    Failed,
}

/// The rows of a read. Only after [`BatchReader::next`] has given `None` are they complete;
/// dropping it earlier ends the worker, since nothing else ends a statement under way.
pub struct BatchReader<'supervisor> {
    supervisor: &'supervisor mut Supervisor,
    connection: ConnectionString,
    watch: Watch,
    received: u64,
    state: State,
}

impl BatchReader<'_> {
    /// The next rows; `None` when the result is complete. After an error everything received so
    /// far must be thrown away.
    ///
    /// # Errors
    /// Everything that [`OdbcError`] lists; [`OdbcError::ReadOver`] after an earlier error.
    pub async fn next(&mut self) -> Result<Option<RowBatch>, OdbcError> {
        match self.state {
            State::Complete(_) => return Ok(None),
            State::Failed => return Err(OdbcError::ReadOver),
            State::Open => {}
        }
        let Some(worker) = self.supervisor.worker.take() else {
            self.state = State::Failed;
            return Err(OdbcError::ReadOver);
        };
        self.watch.resume();
        let received = self.supervisor.receive_from(worker, &mut self.watch).await;
        match received {
            Ok(Message::Batch(batch)) => {
                self.received += batch.rows as u64;
                self.watch.note(Phase::Fetching, self.received);
                Ok(Some(batch))
            }
            Ok(Message::End(end)) if end.rows == self.received => {
                self.supervisor.failures = 0;
                self.supervisor.start_allowed = None;
                self.state = State::Complete(end);
                Ok(None)
            }
            Ok(Message::End(end)) => {
                self.state = State::Failed;
                self.supervisor.count_failure();
                self.supervisor.stop().await;
                Err(OdbcError::Protocol(format!(
                    "{} rows came where {} were announced",
                    self.received, end.rows
                )))
            }
            Ok(other) => {
                self.state = State::Failed;
                Err(self.supervisor.unexpected(&other).await)
            }
            Err(error) => {
                self.state = State::Failed;
                Err(redacted(error, &self.connection))
            }
        }
    }

    /// How the read ended; `None` unless it is complete.
    pub fn end(&self) -> Option<&ReadEnd> {
        match &self.state {
            State::Complete(end) => Some(end),
            State::Open | State::Failed => None,
        }
    }
}

impl Drop for BatchReader<'_> {
    fn drop(&mut self) {
        if matches!(self.state, State::Open) {
            // Its process is killed on drop; the next request starts another, without a pause.
            self.supervisor.worker = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> WorkerSettings {
        WorkerSettings {
            program: "/nonexistent".into(),
            arguments: Vec::new(),
            login_timeout: Duration::from_secs(3),
            stall_timeout: Duration::from_secs(60),
            restart_backoff: Backoff::default(),
        }
    }

    fn is_send<T: Send>(value: T) -> T {
        value
    }

    #[tokio::test]
    async fn reads_can_be_spawned() {
        let read = async {
            let mut supervisor = Supervisor::new(settings());
            let connection = ConnectionString::parse("DSN=a").unwrap();
            let query = Query {
                sql: String::new(),
                parameters: vec![],
                columns: vec![],
                row_limit: 1,
                timeout_s: 1,
            };
            let mut reader = supervisor.read(&connection, query).await?;
            reader.next().await
        };
        let ended = tokio::spawn(is_send(read)).await.unwrap();
        assert!(matches!(ended, Err(OdbcError::WorkerStart(_))));
    }
}
