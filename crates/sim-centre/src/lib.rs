#![doc = include_str!("../README.md")]

pub mod event;
pub mod grammar;
pub mod log;
mod random;
pub mod scenario;
pub mod variants;
pub mod world;

pub use random::{Random, whole_seconds};
