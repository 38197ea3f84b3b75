#![doc = include_str!("../README.md")]

pub mod api;
pub mod cms;
pub mod compare;
pub mod compare_agents;
pub mod compare_calls;
pub mod dump;
pub mod histories;
pub mod hub;
pub mod link;
pub mod nights;
pub mod pauses;
pub mod process;
pub mod site;
pub mod small_disk;
pub mod timelines;
