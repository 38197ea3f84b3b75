//! Feeds through real sockets, a real buffer and a Hub that speaks the protocol; the vendor reads a format of the test's own.
#![allow(clippy::unwrap_used)] // a helper that fails fails its test

mod avaya;
mod capture;
mod hub;
mod listener;
mod simulated;
mod site;
mod upload;
mod vendor;
