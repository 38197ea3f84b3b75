#![doc = include_str!("../README.md")]

mod cli;
mod database;
mod desk;
mod error;
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
