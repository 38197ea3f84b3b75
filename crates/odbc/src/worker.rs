//! The worker process: owns the one connection, reads, sends batches.
//!
//! Three threads. The main one talks to the driver and may block there for ever. One reads
//! requests, so that it sees at once when the parent dies: the pipe ends, and the process exits
//! whatever the driver is doing. One sends a heartbeat twice a second with phase and rows so far;
//! it proves that the process lives, and the parent judges by phase and rows whether it gets
//! anywhere.
//!
//! The connection is kept between requests while the connection string stays equal. After an error
//! it is closed, but for errors that leave a connection intact (a missing table, column or right).
//! A connection that turns out dead at its first use after a pause is opened again once, as long
//! as no row has been sent.
//!
//! Output: a driver that prints would garble the frames. So the real standard output is moved
//! aside, and what drivers print goes to standard error.

#![allow(unsafe_code)] // three calls to libc, each with its reason

use std::{
    fs::File,
    io::{self, Stdin, Stdout},
    os::fd::{AsFd, AsRawFd},
    rc::Rc,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU8, AtomicU64, Ordering},
        mpsc::{Receiver, RecvTimeoutError, channel, sync_channel},
    },
    thread,
    time::Duration,
};

use floorwire_connection_string::{ConnectionString, DriverKind};

use crate::{
    cause::Cause,
    error::{DataError, OdbcError},
    fetch::{self, Reader},
    frame::{self, Message, PROTOCOL, Phase, Request},
    session::{self, Dialect, Session},
    types::Query,
};

/// Pause between heartbeats.
pub(crate) const HEARTBEAT: Duration = Duration::from_millis(500);
/// Room in the output pipe, so that the next rows are fetched while the parent still reads.
const PIPE_BYTES: libc::c_int = 1 << 20;
/// Seconds the statements that prepare a session may take.
const SETTING_TIMEOUT_S: u32 = 10;

/// Runs a worker until its standard input ends. To be called by `floorwire-link odbc-worker`
/// before anything else uses standard input or output.
///
/// # Errors
/// When the parent cannot be written to, which means that it is gone.
pub fn run(stdin: Stdin, stdout: Stdout) -> io::Result<()> {
    let output = move_output_aside(&stdout)?;
    let input = File::from(stdin.as_fd().try_clone_to_owned()?);
    let shared = Arc::new(Shared {
        output: Mutex::new(output),
        phase: AtomicU8::new(0),
        rows: AtomicU64::new(0),
    });
    shared.send(&Message::Ready { protocol: PROTOCOL })?;
    let requests = read_requests(input);
    // The heart stops when this end of the channel is dropped.
    let (_alive, stop) = channel::<()>();
    let beating = Arc::clone(&shared);
    thread::spawn(move || beat(&beating, &stop));
    let mut worker = Worker {
        shared,
        connection: None,
    };
    while let Ok(request) = requests.recv() {
        worker.answer(request)?;
    }
    Ok(())
}

/// Keeps the real standard output for frames and lets whatever else is printed go to standard
/// error.
fn move_output_aside(stdout: &Stdout) -> io::Result<File> {
    let output = File::from(stdout.as_fd().try_clone_to_owned()?);
    // SAFETY: both numbers are open descriptors of this process, and dup2 touches no memory.
    if unsafe { libc::dup2(libc::STDERR_FILENO, libc::STDOUT_FILENO) } < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: a descriptor of this process and a number; where the system refuses, the pipe stays
    // as it was.
    unsafe { libc::fcntl(output.as_raw_fd(), libc::F_SETPIPE_SZ, PIPE_BYTES) };
    Ok(output)
}

/// Reads requests in a thread of its own, which ends the process when the parent is gone.
fn read_requests(mut input: File) -> Receiver<Request> {
    let (tell, requests) = sync_channel(1);
    thread::spawn(move || {
        loop {
            match frame::read::<Request>(&mut input) {
                Ok(Some(request)) => {
                    if tell.send(request).is_err() {
                        return;
                    }
                }
                Ok(None) | Err(_) => leave(),
            }
        }
    });
    requests
}

/// Ends the process at once. An orderly exit would run the destructors of driver libraries, which
/// may wait for a connection that never answers.
fn leave() -> ! {
    // SAFETY: `_exit` does not return and runs nothing of this process.
    unsafe { libc::_exit(0) }
}

fn beat(shared: &Shared, stop: &Receiver<()>) {
    while let Err(RecvTimeoutError::Timeout) = stop.recv_timeout(HEARTBEAT) {
        let rows = shared.rows.load(Ordering::Relaxed);
        let phase = shared.phase();
        if shared.send(&Message::Progress { phase, rows }).is_err() {
            leave();
        }
    }
}

/// What the threads share.
struct Shared {
    output: Mutex<File>,
    phase: AtomicU8,
    rows: AtomicU64,
}

impl Shared {
    fn send(&self, message: &Message) -> io::Result<()> {
        let encoded = frame::encode(message)?;
        let mut output = self.output.lock().unwrap_or_else(PoisonError::into_inner);
        io::Write::write_all(&mut *output, &encoded)
    }

    fn phase(&self) -> Phase {
        match self.phase.load(Ordering::Relaxed) {
            1 => Phase::Connecting,
            2 => Phase::Executing,
            3 => Phase::Fetching,
            _ => Phase::Idle,
        }
    }

    /// Enters a phase and tells the parent.
    fn enter(&self, phase: Phase) -> io::Result<()> {
        let code = match phase {
            Phase::Idle => 0,
            Phase::Connecting => 1,
            Phase::Executing => 2,
            Phase::Fetching => 3,
        };
        self.phase.store(code, Ordering::Relaxed);
        let rows = self.rows.load(Ordering::Relaxed);
        self.send(&Message::Progress { phase, rows })
    }
}

struct Worker {
    shared: Arc<Shared>,
    connection: Option<Open>,
}

/// The one connection, and the text it was opened with.
struct Open {
    text: String,
    session: Rc<Session>,
}

/// What ends a request: the parent is gone, or the request failed.
enum Ended {
    ParentGone(io::Error),
    Failed(OdbcError),
}

impl From<io::Error> for Ended {
    fn from(error: io::Error) -> Self {
        Self::ParentGone(error)
    }
}

impl From<OdbcError> for Ended {
    fn from(error: OdbcError) -> Self {
        Self::Failed(error)
    }
}

impl Worker {
    fn answer(&mut self, request: Request) -> io::Result<()> {
        self.shared.rows.store(0, Ordering::Relaxed);
        let result = match request {
            Request::Read {
                connection,
                login_timeout_s,
                query,
            } => self.read(&connection, login_timeout_s, &query),
            Request::Columns {
                connection,
                login_timeout_s,
                table,
            } => self.columns(&connection, login_timeout_s, &table),
            Request::Registered => session::registered()
                .map_err(Ended::from)
                .and_then(|found| Ok(self.shared.send(&Message::Registered(found))?)),
        };
        self.shared.phase.store(0, Ordering::Relaxed);
        match result {
            Ok(()) => Ok(()),
            Err(Ended::ParentGone(error)) => Err(error),
            Err(Ended::Failed(error)) => {
                if !leaves_connection_intact(&error) {
                    self.connection = None;
                }
                self.shared.send(&Message::Failed(error.into()))
            }
        }
    }

    fn read(&mut self, connection: &str, login_s: u32, query: &Query) -> Result<(), Ended> {
        let mut reader = self.with_session(connection, login_s, |shared, session| {
            shared.enter(Phase::Executing)?;
            let mut reader = Reader::start(session, query)?;
            shared.enter(Phase::Fetching)?;
            // The first rows belong to the start: many drivers do the work only now.
            let first = reader.next_batch()?;
            Ok((reader, first))
        })?;
        self.shared.send(&Message::Running)?;
        let mut rows = 0;
        let mut next = reader.1.take();
        while let Some(batch) = next {
            rows += batch.rows as u64;
            self.shared.send(&Message::Batch(batch))?;
            self.shared.rows.store(rows, Ordering::Relaxed);
            next = reader.0.next_batch()?;
        }
        match reader.0.end() {
            Some(end) => Ok(self.shared.send(&Message::End(*end))?),
            None => Err(OdbcError::Protocol("a read without an end".to_owned()).into()),
        }
    }

    fn columns(&mut self, connection: &str, login_s: u32, table: &str) -> Result<(), Ended> {
        let names = self.with_session(connection, login_s, |shared, session| {
            shared.enter(Phase::Executing)?;
            let sql = probe_sql(table)?;
            Ok(fetch::result_names(session, &sql, SETTING_TIMEOUT_S)?)
        });
        let found = match names {
            Ok(names) => Some(names),
            Err(Ended::Failed(error)) if error.cause() == Some(Cause::TableMissing) => None,
            Err(other) => return Err(other),
        };
        Ok(self.shared.send(&Message::Columns(found))?)
    }

    /// Runs `work` on the connection; opens it if need be, and once more when the one kept from
    /// an earlier request turns out dead.
    fn with_session<T>(
        &mut self,
        connection: &str,
        login_s: u32,
        work: impl Fn(&Shared, &Rc<Session>) -> Result<T, Ended>,
    ) -> Result<T, Ended> {
        let kept = self
            .connection
            .take()
            .filter(|open| open.text == connection);
        let session = match kept {
            Some(open) => {
                let result = work(&self.shared, &open.session);
                match result {
                    Err(Ended::Failed(error)) if error.cause() == Some(Cause::ConnectionLost) => {
                        drop(open);
                        self.open(connection, login_s)?
                    }
                    other => {
                        self.connection = Some(open);
                        return other;
                    }
                }
            }
            None => self.open(connection, login_s)?,
        };
        let result = work(&self.shared, &session);
        self.connection = Some(Open {
            text: connection.to_owned(),
            session,
        });
        result
    }

    fn open(&self, connection: &str, login_s: u32) -> Result<Rc<Session>, Ended> {
        self.shared.enter(Phase::Connecting)?;
        let parsed = ConnectionString::parse(connection).map_err(OdbcError::from)?;
        let session = Session::open(&reader_defaults(&parsed), login_s)?;
        for statement in settings(session.dialect()) {
            // Refused where a server does not know it, as Informix does without logging.
            let _ = fetch::run(&session, statement, SETTING_TIMEOUT_S);
        }
        Ok(session)
    }
}

/// Whether the connection is as good as before this error.
fn leaves_connection_intact(error: &OdbcError) -> bool {
    matches!(
        error.cause(),
        Some(Cause::TableMissing | Cause::ColumnMissing | Cause::MissingRights)
    )
}

/// The driver's memory-safe settings, and for SQLite: a missing file stays missing, and a lock is
/// waited for ten seconds in place of a hundred.
fn reader_defaults(connection: &ConnectionString) -> ConnectionString {
    let mut set = connection.with_driver_defaults();
    if set.driver_kind() == DriverKind::Sqlite {
        for (keyword, value) in [("NoCreat", "1"), ("Timeout", "10000")] {
            if set.get(keyword).is_none() {
                set = set.with(keyword, value);
            }
        }
    }
    set
}

/// Statements that make a session read only and keep it from waiting for locks.
fn settings(dialect: Dialect) -> &'static [&'static str] {
    match dialect {
        Dialect::Informix => &["SET ISOLATION TO DIRTY READ", "SET LOCK MODE TO WAIT 10"],
        Dialect::PostgreSql => &["SET default_transaction_read_only = on"],
        Dialect::MariaDb => &[
            "SET SESSION TRANSACTION ISOLATION LEVEL READ UNCOMMITTED",
            "SET SESSION TRANSACTION READ ONLY",
        ],
        Dialect::Sqlite => &["PRAGMA query_only = 1"],
        Dialect::Other => &[],
    }
}

/// A statement that gives a table's columns and no row. The name is checked although it comes
/// from the caller's catalogue.
fn probe_sql(table: &str) -> Result<String, OdbcError> {
    let plain = |character: char| character.is_ascii_alphanumeric() || "_.".contains(character);
    if table.is_empty() || !table.chars().all(plain) {
        return Err(DataError::BatchShape(format!("{table:?} is no name of a table")).into());
    }
    Ok(format!("SELECT * FROM {table} WHERE 1=0"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_name_that_is_more_than_a_name_is_refused() {
        assert_eq!(
            probe_sql("root.hsplit").unwrap(),
            "SELECT * FROM root.hsplit WHERE 1=0"
        );
        for table in ["", "hsplit; DROP TABLE hsplit", "hsplit--", "a b", "\"a\""] {
            assert!(probe_sql(table).is_err(), "{table}");
        }
    }
}
