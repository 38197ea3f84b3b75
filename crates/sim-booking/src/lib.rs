#![doc = include_str!("../README.md")]

mod archive;
mod arrival;
mod booking;
mod calls;
mod clock;
mod dictionary;
mod floor;
mod hagent;
mod hsplit;
mod hvdn;
mod invariants;
mod pages;
mod sessions;
mod table;
mod tables;
mod trace;

pub use booking::Booking;
pub use calls::Mistake;
pub use clock::{Clock, ClockError, Interval};
pub use invariants::Invariants;
pub use pages::columns_markdown;
pub use table::{Column, Kind, Row, Table, TableId, Value, Write};
pub use tables::tables;
pub use trace::CALLER_MARK;
