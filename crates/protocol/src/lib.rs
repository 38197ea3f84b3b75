#![doc = include_str!("../README.md")]

pub mod capabilities;
pub mod encoding;
pub mod messages;
pub mod sealing;
pub mod words;
