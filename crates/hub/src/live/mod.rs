//! What agents do now: from the Links' batches to the pages.
//!
//! [`ingest`] stores a batch and what follows from it. The store is the truth: every process may take batches, and every
//! process reads from it what changed since the last event it has seen. [`board`] holds the present of an account in memory
//! while somebody looks at it, and makes one piece of bytes of each change for all listeners. [`track`] says what spans are,
//! [`feeds`] what is known of a feed at a moment. Hints on the bus only wake; without any, a board looks once a second, which
//! is also how it finds out that a Link has gone silent.

pub mod board;
pub mod feeds;
pub mod ingest;
pub mod latency;
pub mod retention;
pub mod track;
pub mod view;

pub use board::Live;
