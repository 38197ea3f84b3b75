#![doc = include_str!("../README.md")]

mod cli;
mod clock;
mod database;
mod desk;
mod error;
mod feed_file;
mod feeds;
mod init;
mod live;
mod obstacles;
mod parameters;
mod player;
mod replay;
mod rights;
mod schema;
mod upkeep;
mod volume;

pub use cli::run_program;
