//! One connection and its statements: the thin layer between this crate and `odbc-api`.
//!
//! It uses the handles of `odbc-api` and not its upper layer, for three reasons: the upper layer
//! keeps only the first diagnostic record, asserts that length indicators are sane (an old 64-bit
//! Informix driver writes only their lower half), and panics when a broken connection cannot be
//! freed. All calls are the narrow (ANSI) ones: Informix fails behind unixODBC's wide entry points.
//!
//! Handles are freed statement first, connection second; a failure to free is ignored, since a
//! broken connection cannot be freed any better. Nothing in here is shared between threads.

#![allow(unsafe_code)] // calling C; each block says why it is sound

use std::{
    mem::ManuallyDrop,
    rc::Rc,
    sync::{Mutex, OnceLock, PoisonError},
};

use floorwire_connection_string::ConnectionString;
use odbc_api::{
    handles::{self, Diagnostics, SqlResult, SqlText, Statement as _},
    sys,
};

use crate::{
    cause::Cause,
    classify::{Stage, classify},
    error::{DataError, Diagnostic, DriverError, OdbcError},
    types::Registered,
};

/// Records read of one failure; drivers repeat one per row of a bulk statement.
const MAX_DIAGNOSTICS: i16 = 8;
/// Longest driver message kept, in bytes.
const MAX_MESSAGE_BYTES: usize = 4_096;

/// The database behind a connection, as the driver names it. Decides how dates and numbers are
/// bound and which statements make the session read-only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    Informix,
    PostgreSql,
    Sqlite,
    MariaDb,
    Other,
}

struct SharedEnvironment(handles::Environment);

// SAFETY: ODBC makes environments usable from several threads; the only state that calls share,
// the environment's diagnostics and its driver list position, is guarded by the mutex around it.
unsafe impl Send for SharedEnvironment {}

/// The process's environment: allocated once, never freed.
fn environment() -> Result<&'static Mutex<SharedEnvironment>, OdbcError> {
    static ENVIRONMENT: OnceLock<Mutex<SharedEnvironment>> = OnceLock::new();
    if let Some(environment) = ENVIRONMENT.get() {
        return Ok(environment);
    }
    let created = match handles::Environment::new() {
        SqlResult::Success(created) | SqlResult::SuccessWithInfo(created) => created,
        _ => return Err(bare_error("SQLAllocHandle")),
    };
    // 3.0 is all we use, and the oldest drivers know it; some refuse 3.80.
    let declared = created.declare_version(sys::AttrOdbcVersion::Odbc3);
    accept(declared, &created, Stage::Connect, &Redaction::none())?;
    Ok(ENVIRONMENT.get_or_init(|| Mutex::new(SharedEnvironment(created))))
}

fn bare_error(function: &str) -> OdbcError {
    OdbcError::Driver(DriverError {
        diagnostics: Vec::new(),
        cause: Cause::Other,
        function: function.to_owned(),
    })
}

/// The secrets of the connection in use, to be hidden in whatever the driver says.
#[derive(Clone, Default)]
pub(crate) struct Redaction(Option<Rc<ConnectionString>>);

impl Redaction {
    pub(crate) fn none() -> Self {
        Self(None)
    }

    pub(crate) fn of(connection: &ConnectionString) -> Self {
        Self(Some(Rc::new(connection.clone())))
    }

    fn apply(&self, message: String) -> String {
        match &self.0 {
            Some(connection) => connection.redact(&message),
            None => message,
        }
    }
}

/// All diagnostics of a handle, as the driver gave them.
fn diagnostics_of(handle: &impl Diagnostics) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for number in 1..=MAX_DIAGNOSTICS {
        let mut text: Vec<u8> = vec![0; MAX_MESSAGE_BYTES];
        let Some(record) = handle.diagnostic_record(number, &mut text) else {
            break;
        };
        // Drivers miscount the length, so the terminating zero decides.
        let length = text
            .iter()
            .position(|&byte| byte == 0)
            .unwrap_or(text.len());
        text.truncate(length);
        found.push(Diagnostic {
            sqlstate: String::from_utf8_lossy(&record.state.0).into_owned(),
            native_code: record.native_error,
            message: String::from_utf8_lossy(&text).into_owned(),
        });
    }
    found
}

/// Turns what a call returned into a result with whole diagnostics.
fn accept<T>(
    result: SqlResult<T>,
    handle: &impl Diagnostics,
    stage: Stage,
    redaction: &Redaction,
) -> Result<T, OdbcError> {
    let function = match result {
        SqlResult::Success(value) | SqlResult::SuccessWithInfo(value) => return Ok(value),
        SqlResult::Error { function } => function,
        SqlResult::NoData | SqlResult::NeedData | SqlResult::StillExecuting => {
            return Err(bare_error("an odbc call, with an answer out of place"));
        }
    };
    Err(driver_error(handle, function, stage, redaction))
}

fn driver_error(
    handle: &impl Diagnostics,
    function: &str,
    stage: Stage,
    redaction: &Redaction,
) -> OdbcError {
    let mut diagnostics = diagnostics_of(handle);
    // A short password may be a word of the message, so the cause is found before it is hidden.
    let cause = classify(stage, &diagnostics);
    for diagnostic in &mut diagnostics {
        diagnostic.message = redaction.apply(std::mem::take(&mut diagnostic.message));
    }
    OdbcError::Driver(DriverError {
        cause,
        diagnostics,
        function: function.to_owned(),
    })
}

/// A text with a zero behind its end. Every call states the length, but unixODBC with MariaDB's
/// driver was seen to read on behind it: a right password was refused, depending on what lay there.
struct Terminated(String);

impl Terminated {
    fn new(text: &str) -> Self {
        Self(format!("{text}\0"))
    }

    fn sql(&self) -> SqlText<'_> {
        SqlText::new(&self.0[..self.0.len() - 1])
    }
}

/// An open connection.
pub(crate) struct Session {
    handle: ManuallyDrop<handles::Connection<'static>>,
    redaction: Redaction,
    dialect: Dialect,
}

impl Session {
    /// Opens a connection; `login_timeout_s` 0 leaves the driver's own limit.
    pub(crate) fn open(
        connection: &ConnectionString,
        login_timeout_s: u32,
    ) -> Result<Rc<Self>, OdbcError> {
        let text = connection.expose();
        if i16::try_from(text.len()).is_err() {
            return Err(DataError::TooLong("connection string".to_owned()).into());
        }
        let redaction = Redaction::of(connection);
        let allocated = {
            let environment = environment()?
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            match environment.0.allocate_connection() {
                // SAFETY: the handle is valid, and its parent, the environment, is never freed.
                SqlResult::Success(it) | SqlResult::SuccessWithInfo(it) => unsafe {
                    handles::Connection::new(ManuallyDrop::new(it).as_sys())
                },
                _ => {
                    let function = "SQLAllocHandle";
                    return Err(driver_error(
                        &environment.0,
                        function,
                        Stage::Connect,
                        &redaction,
                    ));
                }
            }
        };
        // From here on the handle is freed by Session's drop.
        let mut session = Self {
            handle: ManuallyDrop::new(allocated),
            redaction,
            dialect: Dialect::Other,
        };
        if login_timeout_s > 0 {
            // A driver that does not know login time limits may refuse; the parent watches too.
            let _ = session.handle.set_login_timeout_sec(login_timeout_s);
        }
        let text = Terminated::new(text);
        let connected = session.handle.connect_with_connection_string(&text.sql());
        accept(
            connected,
            &*session.handle,
            Stage::Connect,
            &session.redaction,
        )?;
        session.dialect = session.ask_dialect();
        Ok(Rc::new(session))
    }

    pub(crate) fn dialect(&self) -> Dialect {
        self.dialect
    }

    fn ask_dialect(&self) -> Dialect {
        let mut name = Vec::new();
        match self.handle.fetch_database_management_system_name(&mut name) {
            SqlResult::Success(()) | SqlResult::SuccessWithInfo(()) => {}
            _ => return Dialect::Other,
        }
        let name = String::from_utf8_lossy(&name).to_lowercase();
        match name.as_str() {
            name if name.contains("informix") => Dialect::Informix,
            name if name.contains("postgres") => Dialect::PostgreSql,
            name if name.contains("sqlite") => Dialect::Sqlite,
            name if name.contains("mariadb") || name.contains("mysql") => Dialect::MariaDb,
            _ => Dialect::Other,
        }
    }

    pub(crate) fn set_autocommit(&self, on: bool) -> Result<(), OdbcError> {
        self.accept(self.handle.set_autocommit(on))
    }

    pub(crate) fn commit(&self) -> Result<(), OdbcError> {
        self.accept(self.handle.commit())
    }

    pub(crate) fn rollback(&self) -> Result<(), OdbcError> {
        self.accept(self.handle.rollback())
    }

    fn accept<T>(&self, result: SqlResult<T>) -> Result<T, OdbcError> {
        accept(result, &*self.handle, Stage::Statement, &self.redaction)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let SqlResult::Error { .. } = self.handle.disconnect() {
            // An open transaction keeps a connection from closing.
            let _ = self.handle.rollback();
            let _ = self.handle.disconnect();
        }
        // SAFETY: the handle was allocated by `open`, its statements hold this session alive, so
        // none is left, and it is not used again: the inner drop never runs.
        unsafe {
            let _ = sys::SQLFreeHandle(sys::HandleType::Dbc, self.handle.as_sys().as_handle());
        }
    }
}

/// A statement of a session. Keeps the session open as long as it lives.
pub(crate) struct Statement {
    handle: ManuallyDrop<handles::StatementImpl<'static>>,
    session: Rc<Session>,
}

impl Statement {
    pub(crate) fn new(session: &Rc<Session>) -> Result<Self, OdbcError> {
        let allocated = session.accept(session.handle.allocate_statement())?;
        Ok(Self {
            // SAFETY: the handle is valid and owned; its session lives as long as `session` below.
            handle: ManuallyDrop::new(unsafe { handles::StatementImpl::new(allocated.into_sys()) }),
            session: Rc::clone(session),
        })
    }

    pub(crate) fn dialect(&self) -> Dialect {
        self.session.dialect
    }

    /// The raw operations, for the modules that bind memory.
    pub(crate) fn raw(&mut self) -> &mut handles::StatementImpl<'static> {
        &mut self.handle
    }

    pub(crate) fn accept<T>(&self, result: SqlResult<T>) -> Result<T, OdbcError> {
        accept(
            result,
            &*self.handle,
            Stage::Statement,
            &self.session.redaction,
        )
    }

    /// The error of a call that half succeeded.
    pub(crate) fn error_now(&self, function: &str) -> OdbcError {
        driver_error(
            &*self.handle,
            function,
            Stage::Statement,
            &self.session.redaction,
        )
    }

    /// Asks the driver to end the statement by itself; drivers that cannot are left alone.
    pub(crate) fn set_timeout(&mut self, seconds: u32) {
        if let (true, Ok(seconds)) = (seconds > 0, usize::try_from(seconds)) {
            let _ = self.handle.set_query_timeout_sec(seconds);
        }
    }

    pub(crate) fn prepare(&mut self, sql: &str) -> Result<(), OdbcError> {
        check_sql(sql)?;
        let result = self.handle.prepare(&Terminated::new(sql).sql());
        self.accept(result)
    }

    /// Runs what was prepared. The caller answers for all bound memory being alive.
    pub(crate) fn execute(&mut self) -> Result<Outcome, OdbcError> {
        // SAFETY: parameters are bound only by `bind_parameters` and `insert`, which keep their
        // buffers alive, unmoved and filled, until the statement is run or rebound.
        let result = unsafe { self.handle.execute() };
        self.outcome(result)
    }

    /// Runs a statement without parameters.
    pub(crate) fn execute_direct(&mut self, sql: &str) -> Result<Outcome, OdbcError> {
        check_sql(sql)?;
        let text = Terminated::new(sql);
        // SAFETY: nothing is bound to a statement that was not prepared.
        let result = unsafe { self.handle.exec_direct(&text.sql()) };
        self.outcome(result)
    }

    fn outcome(&mut self, result: SqlResult<()>) -> Result<Outcome, OdbcError> {
        match result {
            SqlResult::Success(()) | SqlResult::NoData => Ok(Outcome::Clean),
            SqlResult::SuccessWithInfo(()) => Ok(Outcome::WithInfo),
            other => self.accept(other).map(|()| Outcome::Clean),
        }
    }

    /// Rows changed by the last statement, when the driver knows.
    pub(crate) fn row_count(&mut self) -> Option<u64> {
        match self.handle.row_count() {
            SqlResult::Success(count) | SqlResult::SuccessWithInfo(count) => {
                u64::try_from(count).ok()
            }
            _ => None,
        }
    }

    pub(crate) fn result_columns(&mut self) -> Result<usize, OdbcError> {
        let result = self.handle.num_result_cols();
        let count = self.accept(result)?;
        Ok(usize::try_from(count).unwrap_or(0))
    }

    /// Name of a result column, from 1, as the driver spells it.
    pub(crate) fn column_name(&mut self, number: u16) -> Result<String, OdbcError> {
        let mut name = Vec::with_capacity(256);
        let result = self.handle.col_name(number, &mut name);
        self.accept(result)?;
        Ok(String::from_utf8_lossy(&name)
            .trim_end_matches('\0')
            .to_owned())
    }

    /// Sets an attribute that is an address. `None` takes it back.
    pub(crate) fn set_pointer<T>(
        &mut self,
        attribute: sys::StatementAttribute,
        target: Option<&mut [T]>,
    ) -> Result<(), OdbcError> {
        let address = target.map_or(std::ptr::null_mut(), |slice| slice.as_mut_ptr().cast());
        // SAFETY: the callers keep the slice alive and unmoved as long as the statement runs.
        let returned = unsafe {
            sys::SQLSetStmtAttr(self.handle.as_sys(), attribute, address, sys::IS_POINTER)
        };
        match returned {
            sys::SqlReturn::SUCCESS | sys::SqlReturn::SUCCESS_WITH_INFO => Ok(()),
            _ => Err(self.error_now("SQLSetStmtAttr")),
        }
    }
}

/// How a statement came back, when it came back well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Clean,
    /// The driver left remarks, which may say that single rows failed.
    WithInfo,
}

fn check_sql(sql: &str) -> Result<(), OdbcError> {
    if i32::try_from(sql.len()).is_err() {
        return Err(DataError::TooLong("statement".to_owned()).into());
    }
    Ok(())
}

impl Drop for Statement {
    fn drop(&mut self) {
        // SAFETY: the handle is owned, freed once, and not used again: the inner drop never runs.
        unsafe {
            let _ = sys::SQLFreeHandle(sys::HandleType::Stmt, self.handle.as_sys().as_handle());
        }
    }
}

/// Drivers and data sources that the driver manager of this host knows.
pub(crate) fn registered() -> Result<Registered, OdbcError> {
    let environment = environment()?
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    let mut registered = Registered::default();
    let none = Redaction::none();
    let mut name = vec![0_u8; 1_024];
    let mut rest = vec![0_u8; 65_536 / 4];
    let mut direction = sys::FetchOrientation::First;
    loop {
        // SAFETY: the mutex makes this the only walk over the list.
        let step = unsafe {
            environment
                .0
                .drivers_buffer_fill(direction, &mut name, &mut rest)
        };
        if step == SqlResult::NoData {
            break;
        }
        accept(step, &environment.0, Stage::Connect, &none)?;
        registered.drivers.push(until_zero(&name));
        direction = sys::FetchOrientation::Next;
    }
    let mut direction = sys::FetchOrientation::First;
    loop {
        // SAFETY: as above.
        let step = unsafe {
            environment
                .0
                .data_source_buffer_fill(direction, &mut name, &mut rest)
        };
        if step == SqlResult::NoData {
            break;
        }
        accept(step, &environment.0, Stage::Connect, &none)?;
        registered.data_sources.push(until_zero(&name));
        direction = sys::FetchOrientation::Next;
    }
    Ok(registered)
}

fn until_zero(text: &[u8]) -> String {
    let length = text
        .iter()
        .position(|&byte| byte == 0)
        .unwrap_or(text.len());
    String::from_utf8_lossy(&text[..length]).into_owned()
}
