//! What is handed out, and what the Hub's mark says. See *Read* at the head of the buffer.

use super::{WRITTEN_AT_ONCE, Writer, random_epoch};
use crate::live_buffer::Batch;
use crate::live_buffer::store::{StoreError, signed};
use floorwire_protocol::live::MAX_LIVE_EVENTS;
use std::time::Instant;

/// Bytes of packed events in one batch; below the protocol's limit even if nothing can be compressed.
const BATCH_BYTES: usize = 3 * 1024 * 1024;

impl Writer {
    pub(super) fn epoch(&self) -> (&str, i64) {
        match &self.seen {
            Some(state) => (&state.epoch, state.base),
            None => (&self.memory_epoch, 0),
        }
    }

    pub(super) fn batch(&mut self) -> Batch {
        let (epoch, base) = self.epoch();
        let epoch = epoch.to_owned();
        let first = self.acknowledged + 1;
        let mut events = Vec::new();
        let is_held = self.unmet.is_some() || !self.unmet_is_written || self.withhold;
        if let Some(store) = &self.store
            && !is_held
        {
            match store.read(first, MAX_LIVE_EVENTS, BATCH_BYTES) {
                Ok((read, damaged)) => {
                    events = read;
                    if damaged > 0 {
                        self.damaged_rows += damaged;
                        tracing::error!(
                            events = damaged,
                            total = self.damaged_rows,
                            "events of the live buffer are damaged and are told as missing; check the disk"
                        );
                    }
                }
                Err(error) => self.failed(&error),
            }
            let reaches_memory = first + signed(events.len() as u64) == self.next_pending;
            if self.failing.is_some() && reaches_memory {
                let room = MAX_LIVE_EVENTS
                    .saturating_sub(events.len())
                    .min(WRITTEN_AT_ONCE);
                events.extend(self.pending.iter().take(room).cloned());
            }
        }
        let end = first + signed(events.len() as u64);
        let all = self.next_pending + signed(self.pending.len() as u64);
        self.sent = self.sent.max(end - 1);
        let is_complete = end == all && self.overflow.is_empty();
        Batch {
            epoch,
            first_sequence: (first - base).unsigned_abs(),
            covers: if is_complete { self.appended } else { 0 },
            more: !events.is_empty() && end < all,
            events,
        }
    }

    /// Takes the Hub's mark. See *Read* at the head of [`super`].
    pub(super) fn answered(&mut self, epoch: &str, mark: u64) {
        self.answered_at = Instant::now();
        let (own, base) = self.epoch();
        if own != epoch || self.store.is_none() {
            return;
        }
        let position = base.saturating_add(signed(mark));
        let reach = self
            .sent
            .max(self.acknowledged)
            .max(self.unmet.unwrap_or(i64::MIN));
        if position > reach {
            let known = self
                .unmet
                .unwrap_or(self.acknowledged)
                .max(self.acknowledged);
            tracing::warn!("the hub has more live events than this buffer; a new epoch begins");
            self.renew(known);
            return;
        }
        if position < self.acknowledged {
            tracing::warn!(
                events = self.acknowledged - position,
                "the hub has fewer live events than it had; they are sent again"
            );
        }
        self.acknowledged = position;
        while self.next_pending <= position
            && let Some(event) = self.pending.pop_front()
        {
            self.acknowledged_unwritten.take(event);
            self.next_pending += 1;
        }
        // What is numbered is on disk, unless it was deleted for its age or its space.
        let next = position + 1;
        let kept = match &self.store {
            Some(store) if next < self.next_pending => store.received_utc_ms(next),
            _ => Ok(Some(0)),
        };
        match kept {
            Ok(Some(_)) => {}
            Ok(None) => {
                tracing::warn!("live events that the hub misses are gone; a new epoch begins");
                return self.renew(position);
            }
            Err(error) => return self.failed(&error),
        }
        self.withhold = false;
        if self.unmet.take().is_some() {
            self.unmet_is_written = false;
            self.write(false);
            self.ready.send_replace(self.appended);
        }
    }

    pub(super) fn renew(&mut self, known: i64) {
        self.withhold = true;
        if self.failing.is_some() || !self.pending.is_empty() {
            self.write(true);
        }
        let now = self.now_utc_ms();
        let Some(store) = self.store.as_mut().filter(|_| self.failing.is_none()) else {
            return; // once it can be written; until then nothing is handed out
        };
        let renewed = random_epoch()
            .map_err(|error| StoreError::Unusable(error.to_string()))
            .and_then(|epoch| store.renew(epoch, known, now));
        match renewed {
            Ok(()) => {
                let state = store.state().clone();
                self.acknowledged = state.acknowledged;
                self.sent = state.acknowledged;
                self.next_pending = state.last + 1;
                self.unmet = None;
                self.unmet_is_written = true;
                self.withhold = false;
                self.oldest = None;
                self.seen = Some(state);
                self.ready.send_replace(self.appended);
            }
            Err(error) => self.failed(&error),
        }
    }
}
