#![doc = include_str!("../README.md")]

mod booking;
mod calendar;
mod calls;
mod cli;
mod columns;
mod concurrency;
mod error;
mod event_log;
mod fill;
mod filler;
mod generator;
mod hsplit_insert;
mod init;
mod live;
mod log_reader;
mod parameters;
mod profiles;
mod random;
mod replay;
mod row;
mod source;
mod staffing;
mod synonyms;
mod tables;
mod truth;
mod volume;

pub use cli::run_program;
