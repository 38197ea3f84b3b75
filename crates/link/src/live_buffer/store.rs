//! The open file: groups are committed, events read, statuses known.

use super::event_row::{Row, checksum, pack};
use super::overflow::Count;
use super::{KnownPort, LatestStatus, schema};
use floorwire_model::agents::WorkState;
use floorwire_model::ids::AcdNumber;
use floorwire_model::live::{LiveChange, LiveEvent};
use rusqlite::{Connection, ErrorCode, OptionalExtension, Transaction, TransactionBehavior};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Why the file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It is not what it should be, and trying again will not help.
    #[error("{0}")]
    Damaged(String),
    /// The disk is full, read-only or failing, or another process has the file: it may work later.
    #[error("{0}")]
    Unusable(String),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::Damaged(error.to_string())
            }
            // A table or column that is not there is reported without a code of its own.
            Some(ErrorCode::Unknown) => Self::Damaged(error.to_string()),
            Some(_) => Self::Unusable(error.to_string()),
            None => Self::Damaged(error.to_string()),
        }
    }
}

/// The row of the table `buffer`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    pub owner: String,
    pub epoch: String,
    /// Position before the first of the epoch.
    pub base: i64,
    /// Position of the newest event.
    pub last: i64,
    /// Position up to which the Hub has acknowledged.
    pub acknowledged: i64,
    /// `last` when the file was opened, until the Hub has been met since.
    pub unmet: Option<i64>,
}

/// What one transaction writes.
#[derive(Debug, Default)]
pub struct Group<'a> {
    /// Events for the positions after `last`.
    pub events: &'a [LiveEvent],
    /// Position of the first of them.
    pub first_position: i64,
    /// Events that only change the latest statuses.
    pub latest_only: &'a [LiveEvent],
    /// Acknowledged up to here.
    pub acknowledged: i64,
    /// As [`State::unmet`].
    pub unmet: Option<i64>,
    /// Until when the statuses of ports were confirmed.
    pub confirmed: BTreeMap<u16, i64>,
    /// Replaces the table `dropped`.
    pub dropped: Option<Vec<(u16, AcdNumber, Count)>>,
}

/// The open file.
#[derive(Debug)]
pub struct Store {
    pub(super) connection: Connection,
    pub(super) state: State,
    lost: BTreeSet<(u16, AcdNumber)>,
}

impl Store {
    /// Opens the file. `epoch` is for a new one.
    pub fn open(path: &Path, owner: &str, epoch: &str) -> Result<Self, StoreError> {
        let connection = schema::connect(path, owner, epoch)?;
        let state = connection.query_row(
            "SELECT owner, epoch, base, last, acknowledged, unmet FROM buffer",
            [],
            |row| {
                Ok(State {
                    owner: row.get(0)?,
                    epoch: row.get(1)?,
                    base: row.get(2)?,
                    last: row.get(3)?,
                    acknowledged: row.get(4)?,
                    unmet: row.get(5)?,
                })
            },
        )?;
        let newest: Option<i64> =
            connection.query_row("SELECT max(position) FROM event", [], |row| row.get(0))?;
        let fits = state.base <= state.acknowledged
            && state.acknowledged <= state.last
            && newest.is_none_or(|newest| newest <= state.last);
        if !fits {
            return Err(StoreError::Damaged(
                "its numbers do not fit each other".into(),
            ));
        }
        let lost = connection
            .prepare("SELECT port, acd FROM lost")?
            .query_map([], |row| Ok((row.get(0)?, AcdNumber(row.get(1)?))))?
            .collect::<Result<_, _>>()?;
        Ok(Self {
            connection,
            state,
            lost,
        })
    }

    pub fn state(&self) -> &State {
        &self.state
    }

    /// Writes a group, whole or not at all. After an error the file has to be opened anew: only it knows which.
    pub fn commit(&mut self, group: &Group<'_>) -> Result<(), StoreError> {
        let mut lost = self.lost.clone();
        let writing = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        for event in group.latest_only {
            follow(&writing, event, &mut lost)?;
        }
        let mut position = group.first_position;
        for event in group.events {
            insert(&writing, position, event)?;
            follow(&writing, event, &mut lost)?;
            position += 1;
        }
        let last = self.state.last.max(position - 1);
        for (port, utc_ms) in &group.confirmed {
            writing
                .prepare_cached("INSERT INTO confirmed (port, utc_ms) VALUES (?1, ?2) ON CONFLICT (port) DO UPDATE SET utc_ms = ?2")?
                .execute((port, utc_ms))?;
        }
        if let Some(dropped) = &group.dropped {
            writing.execute("DELETE FROM dropped", [])?;
            for (port, acd, count) in dropped {
                writing
                    .prepare_cached("INSERT INTO dropped (port, acd, events, from_utc_ms, to_utc_ms) VALUES (?1, ?2, ?3, ?4, ?5)")?
                    .execute((port, acd.0, signed(count.events), count.from_utc_ms, count.to_utc_ms))?;
            }
        }
        writing
            .prepare_cached("UPDATE buffer SET last = ?1, acknowledged = ?2, unmet = ?3")?
            .execute((last, group.acknowledged, group.unmet))?;
        writing.commit()?;
        self.lost = lost;
        self.state.last = last;
        self.state.acknowledged = group.acknowledged;
        self.state.unmet = group.unmet;
        Ok(())
    }

    /// Events from a position on, without gaps; stops at limits. Also counts rows that were damaged.
    pub fn read(
        &self,
        from: i64,
        most_events: usize,
        most_bytes: usize,
    ) -> Result<(Vec<LiveEvent>, u64), StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT position, port, acd, received_utc_ms, change, crc FROM event WHERE position >= ?1 ORDER BY position",
        )?;
        let mut rows = statement.query([from])?;
        let (mut events, mut bytes, mut damaged) = (Vec::new(), 0, 0);
        let mut expected = from;
        while let Some(row) = rows.next()? {
            let row = Row {
                position: row.get(0)?,
                port: row.get(1)?,
                acd: row.get(2)?,
                received_utc_ms: row.get(3)?,
                packed: row.get(4)?,
                crc: row.get(5)?,
            };
            bytes += row.packed.len();
            let is_full = events.len() >= most_events || (bytes > most_bytes && !events.is_empty());
            if row.position != expected || is_full {
                break;
            }
            expected += 1;
            let (event, is_whole) = row.event();
            damaged += u64::from(!is_whole);
            events.push(event);
        }
        Ok((events, damaged))
    }

    /// Position of the oldest event that is kept.
    pub fn first_kept(&self) -> Result<Option<i64>, StoreError> {
        Ok(self
            .connection
            .query_row("SELECT min(position) FROM event", [], |row| row.get(0))?)
    }

    /// When an event was received.
    pub fn received_utc_ms(&self, position: i64) -> Result<Option<i64>, StoreError> {
        Ok(self
            .connection
            .prepare_cached("SELECT received_utc_ms FROM event WHERE position = ?1")?
            .query_row([position], |row| row.get(0))
            .optional()?)
    }

    /// Bytes of the file and, of them, in use.
    pub fn bytes(&self) -> Result<(u64, u64), StoreError> {
        let pragma = |name: &str| -> rusqlite::Result<u64> {
            let value: i64 = self
                .connection
                .pragma_query_value(None, name, |row| row.get(0))?;
            Ok(value.unsigned_abs())
        };
        let (pages, free, size) = (
            pragma("page_count")?,
            pragma("freelist_count")?,
            pragma("page_size")?,
        );
        Ok((pages * size, pages.saturating_sub(free) * size))
    }

    /// What is known of a port.
    pub fn known(&self, port: u16) -> Result<KnownPort, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT acd, login, since_utc_ms, status FROM latest WHERE port = ?1",
        )?;
        let mut rows = statement.query([port])?;
        let mut known = KnownPort::default();
        while let Some(row) = rows.next()? {
            let packed: Vec<u8> = row.get(3)?;
            // A damaged one is as if the agent had not been seen.
            if let Ok(status) = rmp_serde::from_slice(&packed) {
                known.agents.push(LatestStatus {
                    acd: AcdNumber(row.get(0)?),
                    login: row.get(1)?,
                    since_utc_ms: row.get(2)?,
                    status,
                });
            }
        }
        known.confirmed_utc_ms = self
            .connection
            .prepare_cached("SELECT utc_ms FROM confirmed WHERE port = ?1")?
            .query_row([port], |row| row.get(0))
            .optional()?;
        let of_port = self.lost.iter().filter(|(of, _)| *of == port);
        known.lost = of_port.map(|(_, acd)| *acd).collect();
        Ok(known)
    }

    /// Forgets a port's agents.
    pub fn forget(&mut self, port: u16) -> Result<(), StoreError> {
        let writing = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        for statement in [
            "DELETE FROM latest WHERE port = ?1",
            "DELETE FROM lost WHERE port = ?1",
            "DELETE FROM confirmed WHERE port = ?1",
        ] {
            writing.execute(statement, [port])?;
        }
        writing.commit()?;
        self.lost.retain(|(of, _)| *of != port);
        Ok(())
    }

    /// What was degraded when the program ended.
    pub fn dropped(&self) -> Result<Vec<(u16, AcdNumber, Count)>, StoreError> {
        let mut statement = self
            .connection
            .prepare("SELECT port, acd, events, from_utc_ms, to_utc_ms FROM dropped")?;
        let rows = statement.query_map([], |row| {
            let events: i64 = row.get(2)?;
            let count = Count {
                events: events.unsigned_abs(),
                from_utc_ms: row.get(3)?,
                to_utc_ms: row.get(4)?,
            };
            Ok((row.get(0)?, AcdNumber(row.get(1)?), count))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Ports and ACDs of which something is known.
    pub fn feeds(&self) -> Result<Vec<(u16, AcdNumber)>, StoreError> {
        let mut statement = self.connection.prepare(
            "SELECT port, acd FROM latest UNION SELECT port, acd FROM lost ORDER BY 1, 2",
        )?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, AcdNumber(row.get(1)?))))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

pub(super) fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

pub(super) fn insert(
    writing: &Transaction<'_>,
    position: i64,
    event: &LiveEvent,
) -> Result<(), StoreError> {
    let packed = pack(&event.change).map_err(|error| StoreError::Damaged(error.to_string()))?;
    let crc = checksum(position, event, &packed);
    writing
        .prepare_cached("INSERT INTO event (position, port, acd, received_utc_ms, change, crc) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
        .execute((position, event.port, event.acd.0, event.received_utc_ms, packed, crc))?;
    Ok(())
}

/// Changes the latest statuses as an event says.
fn follow(
    writing: &Transaction<'_>,
    event: &LiveEvent,
    lost: &mut BTreeSet<(u16, AcdNumber)>,
) -> Result<(), StoreError> {
    let feed = (event.port, event.acd);
    match &event.change {
        LiveChange::Status {
            login,
            since_utc_ms,
            status,
            ..
        } => {
            if lost.remove(&feed) {
                writing
                    .prepare_cached("DELETE FROM lost WHERE port = ?1 AND acd = ?2")?
                    .execute((event.port, event.acd.0))?;
            }
            if matches!(status.state, WorkState::Unstaffed | WorkState::LogOff) {
                writing
                    .prepare_cached(
                        "DELETE FROM latest WHERE port = ?1 AND acd = ?2 AND login = ?3",
                    )?
                    .execute((event.port, event.acd.0, login))?;
            } else {
                let packed = rmp_serde::to_vec_named(status)
                    .map_err(|error| StoreError::Damaged(error.to_string()))?;
                writing
                    .prepare_cached(
                        "INSERT INTO latest (port, acd, login, since_utc_ms, status) VALUES (?1, ?2, ?3, ?4, ?5)
                         ON CONFLICT (port, acd, login) DO UPDATE SET since_utc_ms = ?4, status = ?5",
                    )?
                    .execute((event.port, event.acd.0, login, since_utc_ms, packed))?;
            }
        }
        // Who was there is kept: whoever is gone when the feed is back has logged out.
        LiveChange::Lost { .. } => {
            if lost.insert(feed) {
                writing
                    .prepare_cached("INSERT OR IGNORE INTO lost (port, acd) VALUES (?1, ?2)")?
                    .execute((event.port, event.acd.0))?;
            }
        }
        LiveChange::Dropped { .. } => {}
    }
    Ok(())
}
