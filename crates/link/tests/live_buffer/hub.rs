//! A Hub's side of the conversation, as the protocol says it.

use floorwire_link::live_buffer::{Batch, LiveBuffer};
use floorwire_model::live::LiveEvent;
use std::collections::BTreeMap;

/// Marks by epoch, and what was stored.
#[derive(Clone, Debug, Default)]
pub struct Hub {
    pub marks: BTreeMap<String, u64>,
    pub stored: Vec<LiveEvent>,
}

impl Hub {
    /// Stores what is new of a batch; the mark is the answer.
    pub fn take(&mut self, batch: &Batch) -> u64 {
        let mark = self.marks.entry(batch.epoch.clone()).or_default();
        let Some(known) = (*mark + 1).checked_sub(batch.first_sequence) else {
            return *mark;
        };
        let known = usize::try_from(known).unwrap();
        let new = batch.events.iter().skip(known);
        *mark += new.len() as u64;
        self.stored.extend(new.cloned());
        *mark
    }

    /// One call that is answered. Returns how many events the batch had.
    pub async fn call(&mut self, buffer: &LiveBuffer) -> usize {
        let batch = buffer.batch().await;
        let mark = self.take(&batch);
        buffer.answered(batch.epoch, mark).await;
        batch.events.len()
    }

    /// Calls until nothing is left.
    pub async fn fetch_all(&mut self, buffer: &LiveBuffer) {
        buffer.flush().await;
        self.call(buffer).await; // the first learns the mark
        self.call(buffer).await; // the second may begin a new epoch
        while self.call(buffer).await > 0 {}
    }

    /// Numbers of what was stored.
    pub fn numbers(&self) -> Vec<i64> {
        self.stored.iter().map(super::number).collect()
    }
}
