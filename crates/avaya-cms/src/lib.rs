#![doc = include_str!("../README.md")]

pub mod catalogue;
mod interval_clock;
mod problems;
mod queue_intervals;
pub mod statement;
mod synonyms;
mod vendor;

pub use vendor::AvayaCms;
