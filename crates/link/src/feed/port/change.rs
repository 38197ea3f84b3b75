//! New settings of a port that is open.

use super::shown::add;
use super::{Port, PortSettings};
use floorwire_model::live::LossCause;
use std::sync::PoisonError;

impl Port {
    /// Takes new settings; restarts only what they concern.
    pub(super) async fn change(&mut self, settings: PortSettings) {
        let before = std::mem::replace(&mut self.settings, settings);
        let after = self.settings.clone();
        let same_reader = before.feed.profile_text == after.feed.profile_text
            && before.feed.acd == after.feed.acd
            && before.scope == after.scope
            && before.generic_absence == after.generic_absence;
        let same_agents = before.feed.acd == after.feed.acd && before.scope == after.scope;
        if !same_reader || before.feed.allow_from != after.feed.allow_from {
            self.reread(same_reader, same_agents).await;
        }
        if before.feed.bind != after.feed.bind || before.is_closed != after.is_closed {
            self.listener = None;
            if after.is_closed {
                self.lose(LossCause::NotListening);
            }
            self.backoff.reset();
            self.open();
        }
        tracing::info!(
            port = self.number(),
            profile = after.feed.profile,
            version = after.feed.profile_version,
            "feed configured anew"
        );
    }

    async fn reread(&mut self, same_reader: bool, same_agents: bool) {
        if same_reader {
            self.fault = self.fault.take().filter(|_| self.reading.is_none());
            self.read_allow_list();
        } else {
            let (now, mut events) = (self.now(), Vec::new());
            if let Some(mut reading) = self.reading.take() {
                reading
                    .engine
                    .lost(LossCause::Reconfigured, now, &mut events);
                add(&mut self.counters, reading.engine.health().counters);
            }
            self.around.buffer.append(events);
            self.read_settings();
            if same_agents {
                let known = self.around.buffer.known(self.number()).await;
                let (now, mut told) = (self.now(), Vec::new());
                if let Some(reading) = &mut self.reading {
                    // The engine before said already that nothing is known.
                    reading.engine.restore(known.agents, known.confirmed_utc_ms);
                    reading.engine.lost(LossCause::Reconfigured, now, &mut told);
                }
            } else {
                self.around.buffer.forget(self.number()).await;
            }
            self.go_on();
        }
        let allow = self.allow.clone();
        self.candidates.retain(|one| allow.allows(one.peer.ip()));
        if self
            .active
            .as_ref()
            .is_some_and(|one| !allow.allows(one.peer.ip()))
        {
            self.close_active();
        }
    }

    /// The present connection goes on with a new engine, from the begin of the current line.
    fn go_on(&mut self) {
        if self.active.is_none() {
            return;
        }
        let tail = self
            .ring
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .tail();
        let Some(tail) = tail else {
            // Records without line ends: only a new connection begins with a whole one.
            self.close_active();
            return;
        };
        let (now, mut events) = (self.now(), Vec::new());
        if let Some(reading) = &mut self.reading {
            reading.engine.connected(now, &mut events);
            reading.engine.receive(&tail, now, &mut events);
        }
        self.around.buffer.append(events);
    }
}
