#![doc = include_str!("../README.md")]

pub mod columns;
pub mod derivation;
pub mod ids;
pub mod ledger;
pub mod partition;
pub mod streams;
pub mod time;
