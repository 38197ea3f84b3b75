#![doc = include_str!("../README.md")]

pub mod backoff;
pub mod cms;
pub mod examine;
pub mod guard;
pub mod hub_client;
pub mod identity;
pub mod options;
pub mod pairing;
pub mod problems;
pub mod read_task;
pub mod run;
pub mod runner;
pub mod status_file;
pub mod sync;
pub mod unchanged;
pub mod upload;
