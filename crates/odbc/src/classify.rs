//! From diagnostics to a [`Cause`].
//!
//! SQLSTATE alone does not tell: unixODBC says `01000` with "Can't open lib" for a driver that is
//! missing, psqlODBC gives `08001` for a refused port, a wrong password and an unknown database
//! alike, libsqliteodbc gives `HY000` for nearly everything. So native codes are asked first where
//! a driver sets them (MariaDB, Informix), then exact states, then words of the message, which
//! PostgreSQL may send in another language than English: the order is from certain to likely.
//! What is not recognised is [`Cause::Other`], shown with the driver's own words.

use crate::{cause::Cause, error::Diagnostic};

/// Where a call failed; the same state means different things at login and later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Opening the connection.
    Connect,
    /// Preparing, running or reading a statement.
    Statement,
}

/// Finds the cause; the first diagnostic that is recognised decides.
pub(crate) fn classify(stage: Stage, diagnostics: &[Diagnostic]) -> Cause {
    diagnostics
        .iter()
        .find_map(|diagnostic| one(stage, diagnostic))
        .unwrap_or(Cause::Other)
}

fn one(stage: Stage, diagnostic: &Diagnostic) -> Option<Cause> {
    let message = diagnostic.message.to_lowercase();
    driver_manager(&diagnostic.sqlstate, &message)
        .or_else(|| by_native_code(diagnostic.native_code, &message))
        .or_else(|| by_words(stage, &message))
        .or_else(|| by_state(stage, &diagnostic.sqlstate))
}

/// Errors of unixODBC itself, before any driver is loaded.
fn driver_manager(sqlstate: &str, message: &str) -> Option<Cause> {
    if !message.starts_with("[unixodbc][driver manager]") {
        return None;
    }
    if message.contains("can't open lib") {
        return Some(Cause::DriverNotRegistered);
    }
    match sqlstate {
        "IM002" => Some(Cause::DataSourceUnknown),
        "IM003" | "IM004" | "IM005" => Some(Cause::DriverNotRegistered),
        _ => None,
    }
}

/// Codes that say what happened whatever the language: MariaDB's and Informix's.
fn by_native_code(code: i32, message: &str) -> Option<Cause> {
    let mariadb =
        message.contains("[ma-") || message.contains("mariadb") || message.contains("mysql");
    if mariadb {
        return match code {
            1045 | 1698 => Some(Cause::WrongPassword),
            1044 | 1142 | 1143 | 1227 => Some(Cause::MissingRights),
            1049 => Some(Cause::DatabaseMissing),
            1054 => Some(Cause::ColumnMissing),
            1146 => Some(Cause::TableMissing),
            1205 | 1213 => Some(Cause::DatabaseLocked),
            1969 | 3024 | 1317 => Some(Cause::StatementTimeout),
            2002 | 2003 | 2005 if message.contains("timed out") || message.contains("(110)") => {
                Some(Cause::LoginTimeout)
            }
            2002 | 2003 | 2005 => Some(Cause::HostUnreachable),
            2006 | 2013 | 2055 | 1927 | 1053 => Some(Cause::ConnectionLost),
            2012 | 2026 => Some(Cause::HostUnreachable),
            _ => None,
        };
    }
    if message.starts_with("[sqlite]") {
        return match code {
            5 | 6 => Some(Cause::DatabaseLocked),
            14 | 26 => Some(Cause::DatabaseMissing),
            3 | 23 => Some(Cause::MissingRights),
            _ => None,
        };
    }
    match code {
        -951 | -952 | -11302 => Some(Cause::WrongPassword),
        -272 | -273 | -274 | -275 | -387 | -388 => Some(Cause::MissingRights),
        -206 => Some(Cause::TableMissing),
        -217 => Some(Cause::ColumnMissing),
        -329 => Some(Cause::DatabaseMissing),
        -107 | -113 | -144 | -154 | -233 | -243 | -244 | -245 => Some(Cause::DatabaseLocked),
        -213 => Some(Cause::StatementTimeout),
        -908 | -930 | -931 | -27001 | -25580 => Some(Cause::HostUnreachable),
        -25582 | -25583 => Some(Cause::ConnectionLost),
        _ => None,
    }
}

/// Words of messages, for drivers whose states and codes say too little.
fn by_words(stage: Stage, message: &str) -> Option<Cause> {
    let has = |words: &str| message.contains(words);
    if has("no such table") {
        return Some(Cause::TableMissing);
    }
    if has("no such column") || has("has no column named") {
        return Some(Cause::ColumnMissing);
    }
    if has("database is locked") || has("database table is locked") {
        return Some(Cause::DatabaseLocked);
    }
    if has("unable to open database") {
        return Some(Cause::DatabaseMissing);
    }
    if has("file is not a database") {
        return Some(Cause::DatabaseMissing);
    }
    if stage == Stage::Connect {
        if has("authentication failed") || has("no password supplied") {
            return Some(Cause::WrongPassword);
        }
        if has("permission denied for database") || has("no pg_hba.conf entry") {
            return Some(Cause::MissingRights);
        }
        if has("role \"") && has("does not exist") {
            return Some(Cause::WrongPassword);
        }
        if has("database \"") && has("does not exist") {
            return Some(Cause::DatabaseMissing);
        }
        if has("timeout expired") || has("timed out") {
            return Some(Cause::LoginTimeout);
        }
        if has("connection refused")
            || has("could not translate host name")
            || has("name or service not known")
            || has("no route to host")
            || has("network is unreachable")
        {
            return Some(Cause::HostUnreachable);
        }
    }
    if has("server closed the connection")
        || has("terminating connection")
        || has("server has gone away")
        || has("connection reset")
        || has("broken pipe")
        || has("no connection to the server")
    {
        return Some(Cause::ConnectionLost);
    }
    None
}

fn by_state(stage: Stage, sqlstate: &str) -> Option<Cause> {
    let cause = match sqlstate {
        "28000" | "28P01" => Cause::WrongPassword,
        "42501" => Cause::MissingRights,
        "3D000" => Cause::DatabaseMissing,
        "42P01" | "42S02" => Cause::TableMissing,
        "42703" | "42S22" => Cause::ColumnMissing,
        "57014" => Cause::StatementTimeout,
        "HYT01" => Cause::LoginTimeout,
        "HYT00" if stage == Stage::Connect => Cause::LoginTimeout,
        "HYT00" => Cause::StatementTimeout,
        "57P01" | "57P02" | "57P03" | "57P05" => Cause::ConnectionLost,
        "55P03" | "40001" | "40P01" => Cause::DatabaseLocked,
        "08001" | "08004" | "08S01" | "08007" | "08003" | "08006" if stage == Stage::Statement => {
            Cause::ConnectionLost
        }
        "08001" | "08004" | "08S01" | "08006" => Cause::HostUnreachable,
        _ => return None,
    };
    Some(cause)
}
