//! The hub as a library.

pub mod bus;
pub mod clock;
pub mod config;
pub mod configuration;
pub mod store;
