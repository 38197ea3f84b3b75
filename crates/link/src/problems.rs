//! What keeps the import from working, told so that a person can mend it. Everything here ends up on the
//! integration's page: no secret may be in it, and codes are stable because pages translate by them.

use floorwire_connection_string::{ParseError, Refusal, Unbound};
use floorwire_odbc::{Cause, DriverError, OdbcError};
use floorwire_protocol::messages::{Diagnostic, Problem};
use floorwire_protocol::sealing::SealingError;

/// A problem from its parts.
pub fn problem(code: &str, title: &str, detail: impl Into<String>, remedy: &str) -> Problem {
    Problem {
        code: code.to_owned(),
        title: title.to_owned(),
        detail: detail.into(),
        remedy: remedy.to_owned(),
        diagnostics: Vec::new(),
    }
}

/// True when the cause lies in this one read, so that others may well work now. Everything else (a lost
/// connection, a refused login, a missing table) concerns the CMS as a whole.
pub fn concerns_one_read(problem: &Problem) -> bool {
    let of_one_read = [
        "unexpected-data",
        "statement-timeout",
        "statement-limit",
        "task-not-understood",
        "table-not-in-catalogue",
        "lease-lost",
    ];
    of_one_read.contains(&problem.code.as_str())
}

/// A statement took more than the CMS guard allows.
pub fn statement_limit(taken: String) -> Problem {
    problem(
        "statement-limit",
        "a statement took more than the cms guard allows",
        format!("the read was given up after {taken}"),
        "raise the limit in the link's configuration, or find out why the cms answers so much or so slowly",
    )
}

/// True when a database may fail so at a statement that it does not understand, while simpler ones work.
pub fn may_lie_in_the_statement(problem: &Problem) -> bool {
    let of_a_statement = [
        "statement-limit",
        "other",
        "unexpected-data",
        "statement-timeout",
        "column-missing",
        "table-missing",
        "worker-failed",
    ];
    of_a_statement.contains(&problem.code.as_str())
}

/// The sealed part cannot be opened with this Link's key.
pub fn sealing(error: SealingError) -> Problem {
    problem(
        "connection-not-for-this-link",
        "the connection was sealed for another link",
        error.to_string(),
        "enter the password again on the integration's page, so that it is sealed for this link",
    )
}

/// The open part does not match the sealed one.
pub fn unbound(error: &Unbound) -> Problem {
    problem(
        "connection-changed-without-password",
        "the connection was changed without entering the password",
        error.to_string(),
        "enter the password again on the integration's page; this confirms the change",
    )
}

/// The connection string cannot be read.
pub fn connection_string(error: &ParseError) -> Problem {
    problem(
        "connection-string-invalid",
        "the connection string cannot be read",
        error.to_string(),
        "write it as KEYWORD=value pairs separated by semicolons; put values with semicolons in braces",
    )
}

/// This Link does not use such a connection string. The text names keyword, reason and remedy.
pub fn refusal(error: &Refusal) -> Problem {
    let (code, title) = match error {
        Refusal::DriverNotRegistered { .. } => (
            "driver-not-registered",
            "the odbc driver is not installed on the link's host",
        ),
        Refusal::DataSourceUnknown { .. } => (
            "data-source-unknown",
            "the data source name is not known on the link's host",
        ),
        Refusal::DriverPath => ("driver-by-path", "a driver may not be given as a path"),
        _ => (
            "connection-refused-by-link",
            "the link refuses this connection string",
        ),
    };
    problem(
        code,
        title,
        error.to_string(),
        "change the connection string as the text above says",
    )
}

/// The driver, the data or the worker failed.
pub fn odbc(error: &OdbcError) -> Problem {
    match error {
        OdbcError::ConnectionString(error) => connection_string(error),
        OdbcError::Refused(error) => refusal(error),
        OdbcError::Driver(error) => driver(error),
        OdbcError::StatementTimeout { .. } => caused(Cause::StatementTimeout, error.to_string()),
        OdbcError::Data(_) => problem(
            "unexpected-data",
            "the database sent data that does not fit the catalogue",
            error.to_string(),
            "check that the table is the CMS's own; nothing of this read was kept",
        ),
        OdbcError::Stalled { .. } => problem(
            "database-stalled",
            "the database stopped answering in the middle of a read",
            error.to_string(),
            "check the database server and the network; the read is tried again",
        ),
        _ => problem(
            "worker-failed",
            "the odbc worker process failed",
            error.to_string(),
            "the read is tried again; if it lasts, the driver may be crashing: see the link's log",
        ),
    }
}

fn caused(cause: Cause, detail: String) -> Problem {
    let code = cause.as_str().replace('_', "-");
    problem(&code, cause.explanation(), detail, cause.remedy())
}

fn driver(error: &DriverError) -> Problem {
    let records = error.diagnostics.iter().map(|record| Diagnostic {
        sqlstate: record.sqlstate.clone(),
        native_code: record.native_code,
        message: record.message.clone(),
    });
    let diagnostics: Vec<Diagnostic> = records.collect();
    let detail = match diagnostics.first() {
        Some(first) => first.message.clone(),
        None => format!("{} failed without a diagnostic", error.function),
    };
    Problem {
        diagnostics,
        ..caused(error.cause, detail)
    }
}

/// A table of the catalogue is not there.
pub fn table_missing(table: &str) -> Problem {
    problem(
        "table-missing",
        "a CMS table is missing",
        format!("the database has no table `{table}` that this login can read"),
        "check that the connection string names the CMS database, and that the login may read its historical tables",
    )
}

/// A table lacks columns without which it cannot be imported.
pub fn columns_missing(table: &str, columns: &[&str]) -> Problem {
    problem(
        "column-missing",
        "a CMS table lacks a column",
        format!("table `{table}` has no column {}", columns.join(", ")),
        "check that the table is the CMS's own and not a view with fewer columns",
    )
}

/// A task for agent data of an ACD that the scope excludes.
pub fn out_of_scope(table: &str, acd: i32) -> Problem {
    problem(
        "out-of-scope",
        "the hub asks for agent data that is not in scope",
        format!(
            "`{table}` of acd {acd} holds personal data, and the scope set for the integration has nobody of that acd"
        ),
        "none needed: the hub leaves it out once it knows the scope; if it goes on, compare the versions of link and hub",
    )
}

/// The plan names a table that this Link does not know.
pub fn unknown_table(table: &str) -> Problem {
    problem(
        "table-not-in-catalogue",
        "the hub asks for a table this link does not know",
        format!("table `{table}` is not in this link's catalogue"),
        "upgrade the link to the hub's version",
    )
}
