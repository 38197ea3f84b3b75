//! What agents do now.
pub mod feeds;
pub mod latency;
pub mod track;
