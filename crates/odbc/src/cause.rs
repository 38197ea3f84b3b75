//! The stable causes of driver errors, each with an explanation and a remedy.
//!
//! The codes ([`Cause::as_str`]) are a contract: pages translate by them, the ledger stores them.
//! How a cause is found from SQLSTATE, native code and message stands in the module
//! `classify`.

use serde::{Deserialize, Serialize};

/// What a driver error means to the person who has to end it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Cause {
    /// No such driver on this host, or its library cannot be loaded.
    DriverNotRegistered,
    /// No such DSN on this host.
    DataSourceUnknown,
    /// The database refused the user or the password.
    WrongPassword,
    /// The user may not read the table or open the database.
    MissingRights,
    /// Nothing answers under the host and port.
    HostUnreachable,
    /// The host did not answer within the login time limit.
    LoginTimeout,
    /// The statement did not finish within its time limit.
    StatementTimeout,
    /// The table does not exist.
    TableMissing,
    /// A column does not exist.
    ColumnMissing,
    /// The database does not exist on that server.
    DatabaseMissing,
    /// Another process holds a lock.
    DatabaseLocked,
    /// The connection broke after it had been open.
    ConnectionLost,
    /// None of the above.
    Other,
}

impl Cause {
    /// Every cause, for tables and tests.
    pub const ALL: [Self; 13] = [
        Self::DriverNotRegistered,
        Self::DataSourceUnknown,
        Self::WrongPassword,
        Self::MissingRights,
        Self::HostUnreachable,
        Self::LoginTimeout,
        Self::StatementTimeout,
        Self::TableMissing,
        Self::ColumnMissing,
        Self::DatabaseMissing,
        Self::DatabaseLocked,
        Self::ConnectionLost,
        Self::Other,
    ];

    /// The stable code, equal to the serde form.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DriverNotRegistered => "driver_not_registered",
            Self::DataSourceUnknown => "data_source_unknown",
            Self::WrongPassword => "wrong_password",
            Self::MissingRights => "missing_rights",
            Self::HostUnreachable => "host_unreachable",
            Self::LoginTimeout => "login_timeout",
            Self::StatementTimeout => "statement_timeout",
            Self::TableMissing => "table_missing",
            Self::ColumnMissing => "column_missing",
            Self::DatabaseMissing => "database_missing",
            Self::DatabaseLocked => "database_locked",
            Self::ConnectionLost => "connection_lost",
            Self::Other => "other",
        }
    }

    /// What happened, in English.
    pub fn explanation(self) -> &'static str {
        match self {
            Self::DriverNotRegistered => {
                "the odbc driver is not installed on this host or cannot be loaded"
            }
            Self::DataSourceUnknown => "the data source name is not known on this host",
            Self::WrongPassword => "the database refused the user name or password",
            Self::MissingRights => "the database user may not read this",
            Self::HostUnreachable => "no database answers under this host and port",
            Self::LoginTimeout => "the database did not answer the login in time",
            Self::StatementTimeout => "the statement did not finish in time",
            Self::TableMissing => "the table does not exist in this database",
            Self::ColumnMissing => "a column does not exist in this table",
            Self::DatabaseMissing => "the database does not exist on this server",
            Self::DatabaseLocked => "another program holds a lock on the data",
            Self::ConnectionLost => "the connection to the database broke",
            Self::Other => "the database driver reported an error",
        }
    }

    /// What to do about it, in English.
    pub fn remedy(self) -> &'static str {
        match self {
            Self::DriverNotRegistered => {
                "install the driver on the link's server and use its name as odbcinst -q -d lists it"
            }
            Self::DataSourceUnknown => {
                "define the dsn in the odbc.ini of the link's server, or use the full form with DRIVER="
            }
            Self::WrongPassword => "check UID and PWD in the connection string",
            Self::MissingRights => {
                "ask the database administrator for read rights on the tables that the integration uses"
            }
            Self::HostUnreachable => {
                "check host, port and firewall, and that the database server is running"
            }
            Self::LoginTimeout => {
                "check host and port, and whether the database server is overloaded"
            }
            Self::StatementTimeout => {
                "try again at a quieter hour, or ask for a shorter period at a time"
            }
            Self::TableMissing => "check that the connection string names the cms database",
            Self::ColumnMissing => {
                "this cms release lacks a column that is asked for; read its tables anew with the doctor"
            }
            Self::DatabaseMissing => "check DATABASE in the connection string",
            Self::DatabaseLocked => {
                "it will be tried again; if it lasts, look for the program that holds the lock"
            }
            Self::ConnectionLost => {
                "it will be tried again; if it lasts, check the database server and the network"
            }
            Self::Other => "see the driver's message",
        }
    }

    /// Whether the cause may end by itself, so that trying again makes sense.
    pub fn is_passing(self) -> bool {
        matches!(
            self,
            Self::HostUnreachable
                | Self::LoginTimeout
                | Self::StatementTimeout
                | Self::DatabaseLocked
                | Self::ConnectionLost
                | Self::Other
        )
    }
}
