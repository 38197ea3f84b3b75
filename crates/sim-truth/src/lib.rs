#![doc = include_str!("../README.md")]

mod agents;
mod calls;
mod live;
mod site;
mod slots;
mod truth;

pub use agents::{AgentFigures, Session, Status};
pub use live::{LiveSpan, LiveTimelines};
pub use site::{Quality, UnknownZone};
pub use truth::{
    Acd, AgentInterval, Name, Outage, Question, Queue, QueueInterval, Truth, TruthError,
    VdnInterval, VdnName, When, truth,
};
