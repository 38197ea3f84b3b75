#![doc = include_str!("../README.md")]

mod agents;
pub mod catalogue;
mod examine_agents;
mod interval_clock;
mod outages;
mod problems;
mod queue_intervals;
pub mod statement;
mod synonyms;
mod trace;
mod vendor;

pub use vendor::AvayaCms;
