#![doc = include_str!("../README.md")]

mod backoff;
mod buffer;
mod cause;
mod child;
mod classify;
mod date;
pub mod direct;
mod error;
mod fetch;
mod frame;
mod insert;
mod literal;
mod session;
mod supervisor;
mod types;
mod watch;
pub mod worker;

pub use self::{
    backoff::Backoff,
    cause::Cause,
    error::{DataError, Diagnostic, DriverError, OdbcError},
    supervisor::{BatchReader, Supervisor, WorkerSettings},
    types::{ColumnData, ColumnKind, ColumnSpec, Parameter, Query, ReadEnd, Registered, RowBatch},
};
