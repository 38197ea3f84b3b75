#![doc = include_str!("../README.md")]

mod fault;
mod feed;
mod floor;
mod frames;
mod journal;
mod layout;
mod looks;
mod noise;
mod options;
mod play;
mod state;

pub use fault::{Fault, FaultKind};
pub use feed::{Action, Closing, Feed, FeedError, Lane, Step};
pub use frames::{Frame, FrameKind, FramesError, FramesReader, FramesWriter};
pub use journal::{Connection, FaultSpan, FeedTruth, Journal, JournalError, feed_truth};
pub use layout::{Layout, Names};
pub use options::{FeedOptions, Logout, Mode, NotUnderstood};
pub use play::{Performance, PlayError, Played, play};
