#![doc = include_str!("../README.md")]

mod buffer;
mod cause;
mod classify;
mod date;
pub mod direct;
mod error;
mod fetch;
mod insert;
mod session;
mod types;

pub use self::{
    cause::Cause,
    error::{DataError, Diagnostic, DriverError, OdbcError},
    types::{ColumnData, ColumnKind, ColumnSpec, Parameter, Query, ReadEnd, Registered, RowBatch},
};
