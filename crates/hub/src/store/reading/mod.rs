//! What the public interface reads: queues, intervals, ledger, journal. Nothing here changes anything.

pub mod journal;
pub mod ledger;
pub mod queues;
