//! Hints between the parts of one hub process: something changed, look again.
//!
//! A hint carries no data and may be lost or doubled without harm: whoever waits subscribes first, then looks at the
//! store, then waits, and looks again after [`Waiter::changed`], which also answers when hints were lost to a full
//! queue. Hints are published after the transaction they speak of has been committed.

use floorwire_model::ids::{AccountId, IntegrationId};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

/// How many hints may wait for the slowest listener before it is told to look at everything.
const CAPACITY: usize = 1024;

/// What changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hint {
    /// Something that the pages show of an integration.
    Integration(AccountId, IntegrationId),
    /// What a Link shall do: configuration, pause, examination.
    Desired(AccountId, IntegrationId),
    /// Tasks wait to be leased.
    Tasks(AccountId, IntegrationId),
    /// The plan has to be looked at again.
    Plan(AccountId, IntegrationId),
    /// Live events were stored, or feeds reported.
    Live(AccountId),
    /// A pairing of the integration was confirmed or made void.
    Pairing(AccountId, IntegrationId),
}

/// Publishes and hands out subscriptions; cloning gives the same bus.
#[derive(Clone, Debug)]
pub struct Bus {
    sender: broadcast::Sender<Hint>,
}

impl Default for Bus {
    fn default() -> Self {
        Self::new()
    }
}

impl Bus {
    /// A bus nobody listens to yet.
    pub fn new() -> Self {
        Self {
            sender: broadcast::Sender::new(CAPACITY),
        }
    }

    /// Tells everybody who listens; nobody listening is fine.
    pub fn publish(&self, hint: Hint) {
        let _listeners = self.sender.send(hint);
    }

    /// Hints from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Hint> {
        self.sender.subscribe()
    }

    /// Waits for hints that `wanted` picks.
    pub fn waiter<F: Fn(Hint) -> bool>(&self, wanted: F) -> Waiter<F> {
        Waiter {
            receiver: self.sender.subscribe(),
            wanted,
        }
    }
}

/// One listener's place on the bus.
#[derive(Debug)]
pub struct Waiter<F> {
    receiver: broadcast::Receiver<Hint>,
    wanted: F,
}

impl<F: Fn(Hint) -> bool> Waiter<F> {
    /// Returns after a hint that was wanted, or after hints were lost. Never returns once the bus is gone.
    pub async fn changed(&mut self) {
        loop {
            match self.receiver.recv().await {
                Ok(hint) if (self.wanted)(hint) => return,
                Ok(_) => {}
                Err(RecvError::Lagged(_)) => return,
                Err(RecvError::Closed) => std::future::pending().await,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test]
    async fn a_waiter_hears_what_it_wants_and_of_lost_hints() {
        let bus = Bus::new();
        let wanted = Hint::Tasks(AccountId(1), IntegrationId(2));
        let mut waiter = bus.waiter(move |hint| hint == wanted);
        bus.publish(Hint::Plan(AccountId(1), IntegrationId(2)));
        let nothing = tokio::time::timeout(Duration::from_millis(20), waiter.changed()).await;
        assert!(nothing.is_err());
        bus.publish(wanted);
        waiter.changed().await;
        for _ in 0..=CAPACITY {
            bus.publish(Hint::Plan(AccountId(1), IntegrationId(2)));
        }
        waiter.changed().await;
    }
}
