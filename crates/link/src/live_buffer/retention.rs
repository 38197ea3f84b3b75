//! What is deleted, and what a gap looks like to the Hub: space, age, new epochs.

use super::overflow::Count;
use super::store::{Store, StoreError, insert, signed};
use floorwire_model::ids::AcdNumber;
use floorwire_model::live::LiveEvent;
use rusqlite::TransactionBehavior;
use std::collections::BTreeMap;

/// Events deleted in one transaction at most, so that a commit of new events waits for no more.
const DELETED_AT_ONCE: i64 = 10_000;
/// What was deleted is remembered so long, milliseconds.
const REMEMBERED_MS: i64 = 40 * 86_400_000;
/// Pages given back to the disk at once.
const PAGES_AT_ONCE: i64 = 2_000;

impl Store {
    /// Deletes the oldest events up to the acknowledged position that were received before `cutoff_utc_ms`. True when
    /// something was deleted.
    pub fn purge_acknowledged(
        &mut self,
        acknowledged: i64,
        cutoff_utc_ms: i64,
        now_utc_ms: i64,
    ) -> Result<bool, StoreError> {
        self.purge(acknowledged.min(self.state.last), cutoff_utc_ms, now_utc_ms)
    }

    /// Deletes the oldest events, acknowledged or not, that were received before `cutoff_utc_ms`.
    pub fn purge_aged(&mut self, cutoff_utc_ms: i64, now_utc_ms: i64) -> Result<bool, StoreError> {
        self.purge(self.state.last, cutoff_utc_ms, now_utc_ms)
    }

    fn purge(&mut self, up_to: i64, cutoff_utc_ms: i64, now: i64) -> Result<bool, StoreError> {
        let Some(first) = self.first_kept()? else {
            return Ok(false);
        };
        let up_to = up_to.min(first + DELETED_AT_ONCE - 1);
        // The first event that stays: nothing behind it goes, whatever clocks did.
        let stays: Option<i64> = self
            .connection
            .prepare_cached(
                "SELECT min(position) FROM event WHERE position <= ?1 AND received_utc_ms >= ?2",
            )?
            .query_row((up_to, cutoff_utc_ms), |row| row.get(0))?;
        let up_to = stays.map_or(up_to, |stays| stays - 1);
        if up_to < first {
            return Ok(false);
        }
        let deleting = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        deleting
            .prepare_cached(
                "INSERT INTO purged (first_position, last_position, port, acd, events, from_utc_ms, to_utc_ms, purged_utc_ms)
                 SELECT min(position), max(position), port, acd, count(*), min(received_utc_ms), max(received_utc_ms), ?2
                 FROM event WHERE position <= ?1 GROUP BY port, acd",
            )?
            .execute((up_to, now))?;
        deleting
            .prepare_cached("DELETE FROM event WHERE position <= ?1")?
            .execute([up_to])?;
        deleting
            .prepare_cached("DELETE FROM purged WHERE purged_utc_ms < ?1")?
            .execute([now - REMEMBERED_MS])?;
        deleting.commit()?;
        Ok(true)
    }

    /// Gives free pages back to the disk, some at a time.
    pub fn shrink(&self) -> Result<(), StoreError> {
        let mut statement = self
            .connection
            .prepare(&format!("PRAGMA incremental_vacuum({PAGES_AT_ONCE})"))?;
        let mut rows = statement.query([])?;
        while rows.next()?.is_some() {}
        Ok(())
    }

    /// What was deleted between two positions, inclusive, by feed. A deletion that lies partly outside counts whole: at most
    /// so many are missing.
    fn purged_between(
        &self,
        first: i64,
        last: i64,
    ) -> Result<BTreeMap<(u16, AcdNumber), Count>, StoreError> {
        let mut statement = self.connection.prepare(
            "SELECT port, acd, events, from_utc_ms, to_utc_ms FROM purged WHERE last_position >= ?1 AND first_position <= ?2",
        )?;
        let mut rows = statement.query([first, last])?;
        let mut found = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let events: i64 = row.get(2)?;
            let count = Count {
                events: events.unsigned_abs(),
                from_utc_ms: row.get(3)?,
                to_utc_ms: row.get(4)?,
            };
            let key = (row.get(0)?, AcdNumber(row.get(1)?));
            found.entry(key).or_insert(Count::NONE).add(count);
        }
        Ok(found)
    }

    /// Begins a new epoch whose first event is the one after `known`, the last that the Hub has. Events up to it are
    /// forgotten; where some after it are gone, the epoch begins with how many.
    pub fn renew(&mut self, epoch: String, known: i64, now_utc_ms: i64) -> Result<(), StoreError> {
        let next_kept: Option<i64> = self.connection.query_row(
            "SELECT min(position) FROM event WHERE position > ?1",
            [known],
            |row| row.get(0),
        )?;
        let first = next_kept.unwrap_or(self.state.last + 1);
        let gap: Vec<LiveEvent> = match first - known {
            ..=1 => Vec::new(),
            _ => {
                let missing = self.purged_between(known + 1, first - 1)?;
                let told = |((port, acd), count): ((u16, AcdNumber), Count)| {
                    let mut event = count.event(port, acd);
                    event.received_utc_ms = now_utc_ms;
                    event
                };
                missing.into_iter().map(told).collect()
            }
        };
        // Positions below the first kept one are free once the known events are deleted.
        let begin = first - signed(gap.len() as u64);
        let base = begin - 1;
        let writing = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        writing.execute("DELETE FROM event WHERE position < ?1", [first])?;
        for (event, position) in gap.iter().zip(begin..) {
            insert(&writing, position, event)?;
        }
        let last = self.state.last.max(first - 1);
        writing.execute(
            "UPDATE buffer SET epoch = ?1, base = ?2, last = ?3, acknowledged = ?2, unmet = NULL",
            (&epoch, base, last),
        )?;
        writing.commit()?;
        self.state.epoch = epoch;
        self.state.base = base;
        self.state.last = last;
        self.state.acknowledged = base;
        self.state.unmet = None;
        Ok(())
    }
}
