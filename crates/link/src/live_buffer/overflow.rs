//! Degradation: of each agent only the latest status is kept, and what was replaced is counted.
//!
//! Its size is that of the staffed agents, whatever comes. An event that nothing replaced is not lost: given out again, in
//! the order of receipt, it is as if it had been queued; only replaced ones make a [`LiveChange::Dropped`].

use floorwire_model::ids::AcdNumber;
use floorwire_model::live::{LiveChange, LiveEvent};
use std::collections::BTreeMap;

/// Events of a feed and ACD that are counted instead of kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    pub events: u64,
    pub from_utc_ms: i64,
    pub to_utc_ms: i64,
}

impl Count {
    /// Nothing yet.
    pub const NONE: Self = Self {
        events: 0,
        from_utc_ms: i64::MAX,
        to_utc_ms: i64::MIN,
    };

    pub fn add(&mut self, other: Self) {
        self.events = self.events.saturating_add(other.events);
        self.from_utc_ms = self.from_utc_ms.min(other.from_utc_ms);
        self.to_utc_ms = self.to_utc_ms.max(other.to_utc_ms);
    }

    fn of(event: &LiveEvent) -> Self {
        match event.change {
            LiveChange::Dropped {
                events,
                from_utc_ms,
                to_utc_ms,
            } => Self {
                events,
                from_utc_ms,
                to_utc_ms,
            },
            LiveChange::Status { .. } | LiveChange::Lost { .. } => Self {
                events: 1,
                from_utc_ms: event.received_utc_ms,
                to_utc_ms: event.received_utc_ms,
            },
        }
    }

    /// As an event.
    pub fn event(self, port: u16, acd: AcdNumber) -> LiveEvent {
        LiveEvent {
            port,
            acd,
            received_utc_ms: self.to_utc_ms,
            change: LiveChange::Dropped {
                events: self.events,
                from_utc_ms: self.from_utc_ms,
                to_utc_ms: self.to_utc_ms,
            },
        }
    }
}

#[derive(Debug)]
struct Feed {
    dropped: Count,
    lost: Option<(u64, LiveEvent)>,
    latest: BTreeMap<String, (u64, LiveEvent)>,
}

/// What is kept and counted, by port and ACD.
#[derive(Debug, Default)]
pub struct Overflow {
    taken: u64,
    feeds: BTreeMap<(u16, AcdNumber), Feed>,
}

impl Overflow {
    pub fn is_empty(&self) -> bool {
        self.feeds.is_empty()
    }

    /// Takes an event in the place of what it replaces.
    pub fn take(&mut self, event: LiveEvent) {
        self.taken += 1;
        let order = self.taken;
        let feed = self.feed(event.port, event.acd);
        match &event.change {
            LiveChange::Status { login, .. } => {
                let login = login.clone();
                if let Some((_, before)) = feed.latest.insert(login, (order, event)) {
                    feed.dropped.add(Count::of(&before));
                }
            }
            LiveChange::Lost { .. } => {
                let replaced = std::mem::take(&mut feed.latest).into_values();
                for (_, before) in replaced.chain(feed.lost.replace((order, event))) {
                    feed.dropped.add(Count::of(&before));
                }
            }
            LiveChange::Dropped { .. } => feed.dropped.add(Count::of(&event)),
        }
    }

    /// Counts what was dropped elsewhere.
    pub fn count(&mut self, port: u16, acd: AcdNumber, count: Count) {
        self.feed(port, acd).dropped.add(count);
    }

    fn feed(&mut self, port: u16, acd: AcdNumber) -> &mut Feed {
        self.feeds.entry((port, acd)).or_insert_with(|| Feed {
            dropped: Count::NONE,
            lost: None,
            latest: BTreeMap::new(),
        })
    }

    /// By feed, everything taken: what would be missing if this were lost.
    pub fn totals(&self) -> Vec<(u16, AcdNumber, Count)> {
        let total = |((port, acd), feed): (&(u16, AcdNumber), &Feed)| {
            let mut count = feed.dropped;
            for (_, event) in feed.lost.iter().chain(feed.latest.values()) {
                count.add(Count::of(event));
            }
            (*port, *acd, count)
        };
        self.feeds.iter().map(total).collect()
    }

    /// Gives everything out: first what is missing, then what is kept, in the order of receipt.
    pub fn drain(&mut self) -> Vec<LiveEvent> {
        let feeds = std::mem::take(&mut self.feeds);
        let mut missing = Vec::new();
        let mut kept = Vec::new();
        for ((port, acd), feed) in feeds {
            if feed.dropped.events > 0 {
                missing.push(feed.dropped.event(port, acd));
            }
            kept.extend(feed.lost);
            kept.extend(feed.latest.into_values());
        }
        kept.sort_by_key(|(order, _)| *order);
        missing.extend(kept.into_iter().map(|(_, event)| event));
        missing
    }
}
