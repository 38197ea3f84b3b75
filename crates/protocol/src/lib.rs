#![doc = include_str!("../README.md")]

pub mod capabilities;
pub mod encoding;
pub mod live;
pub mod messages;
pub mod sealing;
pub mod words;
