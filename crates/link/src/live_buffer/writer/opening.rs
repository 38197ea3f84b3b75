//! The file is opened, set aside, and opened anew after an error. See *Recovery* at the head of the buffer.

use super::{RETRY_CAP, Writer, random_epoch};
use crate::live_buffer::overflow::Count;
use crate::live_buffer::store::{State, Store, StoreError, signed};
use crate::live_buffer::{FILE_NAME, schema};
use std::time::Instant;

impl Writer {
    /// Opens the file, sets aside what cannot be used, and finds out what was written before an error.
    pub(super) fn open(&mut self) -> Result<(), StoreError> {
        let path = self.settings.folder.join(FILE_NAME);
        let epoch = random_epoch().map_err(|error| StoreError::Unusable(error.to_string()))?;
        let owner = self.settings.owner.clone();
        let mut opened = Store::open(&path, &owner, &epoch);
        let reason = match &opened {
            Ok(store) if store.state().owner != owner => Some(("foreign", String::new())),
            Err(StoreError::Damaged(cause)) => Some(("damaged", cause.clone())),
            _ => None,
        };
        if let Some((why, cause)) = reason {
            drop(opened);
            let target = schema::set_aside(&self.settings.folder, why, self.now_utc_ms())
                .map_err(|error| StoreError::Unusable(error.to_string()))?;
            if why == "damaged" {
                tracing::error!(
                    cause,
                    file = %target.display(),
                    "the live buffer is damaged and was set aside; events that the hub had not fetched are lost, a new buffer begins"
                );
            } else {
                tracing::warn!(
                    file = %target.display(),
                    "the live buffer belongs to another pairing and was set aside; delete it when nobody needs it"
                );
            }
            opened = Store::open(&path, &owner, &epoch);
        }
        let store = opened?;
        match self.seen.take() {
            None => self.begin(&store)?,
            Some(seen) if seen.epoch == store.state().epoch && seen.base == store.state().base => {
                let written = usize::try_from(store.state().last - (self.next_pending - 1));
                let written = written.unwrap_or(0).min(self.pending.len());
                self.pending.drain(..written);
                self.next_pending += signed(written as u64);
            }
            Some(_) => self.begin_after_loss(store.state()),
        }
        self.seen = Some(store.state().clone());
        self.store = Some(store);
        Ok(())
    }

    /// The first time in this process.
    pub(super) fn begin(&mut self, store: &Store) -> Result<(), StoreError> {
        let state = store.state();
        self.acknowledged = state.acknowledged;
        self.sent = state.acknowledged;
        self.next_pending = state.last + 1;
        self.unmet = Some(state.unmet.unwrap_or(state.last));
        self.unmet_is_written = false;
        self.feeds.extend(store.feeds()?);
        for (port, acd, count) in store.dropped()? {
            self.overflow.count(port, acd, count);
        }
        Ok(())
    }

    /// The file that was in use is gone: what waited in it is missing.
    pub(super) fn begin_after_loss(&mut self, state: &State) {
        let waiting = (self.next_pending - 1 - self.acknowledged).unsigned_abs();
        let now = self.now_utc_ms();
        let oldest = self.oldest.map_or(now, |(_, received)| received);
        if waiting > 0 {
            let count = Count {
                events: waiting,
                from_utc_ms: oldest,
                to_utc_ms: now,
            };
            // Which feed had how many is not known: at most all of them.
            for (port, acd) in self.feeds.clone() {
                self.overflow.count(port, acd, count);
            }
            self.dropped_is_written = false;
        }
        self.acknowledged = state.acknowledged;
        self.sent = state.acknowledged;
        self.next_pending = state.last + 1;
        self.unmet = Some(state.last);
        self.unmet_is_written = false;
        self.oldest = None;
    }

    pub(super) fn failed(&mut self, error: &StoreError) {
        if let StoreError::Damaged(cause) = error {
            let target = schema::set_aside(&self.settings.folder, "damaged", self.now_utc_ms());
            let file =
                target.map_or_else(|error| error.to_string(), |path| path.display().to_string());
            tracing::error!(
                cause,
                file,
                "the live buffer is damaged and was set aside; events that the hub had not fetched are lost, a new buffer begins"
            );
        }
        self.store = None;
        let text = error.to_string();
        self.alarm.failing(Some(&text));
        self.failing = Some(text);
        self.retry_at = Instant::now() + self.retry;
        self.retry = (self.retry * 2).min(RETRY_CAP);
        // Reading goes on: what is stored can be sent from a disk that takes nothing.
        if let Err(StoreError::Damaged(_)) = self.open() {
            self.store = None;
        }
    }
}
