#![doc = include_str!("../README.md")]

mod agents;
pub mod catalogue;
mod clock_evidence;
mod examine_agents;
pub mod feed;
pub mod fingerprint;
mod interval_clock;
mod newest;
mod outages;
mod problems;
mod queue_days;
mod queue_figures;
mod queue_intervals;
pub mod scope;
pub mod statement;
mod synonyms;
#[cfg(test)]
mod test_rows;
#[cfg(test)]
mod test_world;
mod trace;
mod vdn_use;
mod vendor;

pub use vendor::AvayaCms;
