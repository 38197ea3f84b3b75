//! The public interface over real sockets, foldered like the interface itself.
#![allow(clippy::unwrap_used, clippy::panic)] // a helper that fails fails its test

mod access;
mod account;
mod app;
mod assets;
mod audit;
mod endpoints;
mod hours;
mod integrations;
mod live;
mod postgres;
mod queues;
mod schemathesis;
mod session;
mod storage;
