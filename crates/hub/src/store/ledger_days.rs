//! Rows of the completeness ledger: one per integration, stream, ACD and local date.

use super::{Store, StoreError, StoreResult, Transaction};
use crate::{change, in_tx, on_pool};
use floorwire_model::ids::{AccountId, AcdNumber, IntegrationId};
use floorwire_model::ledger::{SlotState, from_letters, is_settled, to_letters};
use jiff::civil::Date;

/// What is known of one local day of one ACD and stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerDay {
    /// The ACD.
    pub acd: AcdNumber,
    /// The local date.
    pub date: Date,
    /// Length of its slots, minutes.
    pub slot_minutes: u16,
    /// The zone that cut the day into slots.
    pub zone: String,
    /// One per slot, as of the last reading that was applied.
    pub states: Vec<SlotState>,
    /// A newer reading waits for a decision.
    pub set_aside: bool,
    /// Read after its last slot had settled.
    pub closed: bool,
    /// When the last reading began.
    pub read_begin_utc_ms: i64,
}

impl LedgerDay {
    /// The states with a reading that is set aside laid over those that are known.
    pub fn shown(&self) -> Vec<SlotState> {
        let show = |state: &SlotState| {
            if self.set_aside && is_settled(*state) {
                SlotState::SetAside
            } else {
                *state
            }
        };
        self.states.iter().map(show).collect()
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    acd: i64,
    local_date: String,
    slot_minutes: i64,
    zone: String,
    letters: String,
    set_aside: bool,
    closed: bool,
    read_begin_utc_ms: i64,
}

impl TryFrom<Row> for LedgerDay {
    type Error = StoreError;

    fn try_from(row: Row) -> StoreResult<Self> {
        let what = || format!("ledger of acd {} on {}", row.acd, row.local_date);
        Ok(Self {
            acd: AcdNumber(
                i32::try_from(row.acd).map_err(|error| StoreError::unreadable(what(), error))?,
            ),
            date: row
                .local_date
                .parse()
                .map_err(|error| StoreError::unreadable(what(), error))?,
            slot_minutes: u16::try_from(row.slot_minutes)
                .map_err(|error| StoreError::unreadable(what(), error))?,
            states: from_letters(&row.letters)
                .ok_or_else(|| StoreError::unreadable(what(), "unknown letter"))?,
            zone: row.zone,
            set_aside: row.set_aside,
            closed: row.closed,
            read_begin_utc_ms: row.read_begin_utc_ms,
        })
    }
}

macro_rules! columns {
    ($rest:literal) => {
        concat!(
            "SELECT acd, local_date, slot_minutes, zone, letters, set_aside, closed, read_begin_utc_ms
            FROM ledger_days WHERE account_id = $1 AND integration_id = $2 AND stream = $3 ",
            $rest
        )
    };
}

const RANGE: &str = columns!("AND local_date >= $4 AND local_date < $5 ORDER BY acd, local_date");
const OPEN: &str = columns!("AND acd = $4 AND closed = $5 ORDER BY local_date DESC");
const GET: &str = columns!("AND acd = $4 AND local_date = $5");
const PUT: &str = "INSERT INTO ledger_days (account_id, integration_id, stream, acd, local_date, slot_minutes, zone,
        letters, set_aside, closed, read_begin_utc_ms)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
    ON CONFLICT (account_id, integration_id, stream, acd, local_date) DO UPDATE SET
        slot_minutes = excluded.slot_minutes, zone = excluded.zone, letters = excluded.letters,
        set_aside = excluded.set_aside, closed = excluded.closed, read_begin_utc_ms = excluded.read_begin_utc_ms";
const MARK_ASIDE: &str = "UPDATE ledger_days SET set_aside = $6
    WHERE account_id = $1 AND integration_id = $2 AND stream = $3 AND acd = $4 AND local_date = $5";

const DELETE: &str = "DELETE FROM ledger_days
    WHERE account_id = $1 AND integration_id = $2 AND stream = $3 AND acd = $4 AND local_date = $5";

/// The days of all ACDs from `from` to before `to`.
pub async fn range(
    store: &Store,
    account: AccountId,
    integration: IntegrationId,
    stream: &str,
    from: Date,
    to: Date,
) -> StoreResult<Vec<LedgerDay>> {
    let rows: Vec<Row> = on_pool!(store, pool => sqlx::query_as(RANGE)
        .bind(account.0)
        .bind(integration.0)
        .bind(stream)
        .bind(from.to_string())
        .bind(to.to_string())
        .fetch_all(pool))?;
    rows.into_iter().map(LedgerDay::try_from).collect()
}

/// The days of one ACD that have to be read again, newest first.
pub async fn open(
    transaction: &mut Transaction,
    account: AccountId,
    integration: IntegrationId,
    stream: &str,
    acd: AcdNumber,
) -> StoreResult<Vec<LedgerDay>> {
    let rows: Vec<Row> = in_tx!(transaction, connection => sqlx::query_as(OPEN)
        .bind(account.0)
        .bind(integration.0)
        .bind(stream)
        .bind(i64::from(acd.0))
        .bind(false)
        .fetch_all(connection))?;
    rows.into_iter().map(LedgerDay::try_from).collect()
}

/// One day.
pub async fn get(
    transaction: &mut Transaction,
    account: AccountId,
    integration: IntegrationId,
    stream: &str,
    acd: AcdNumber,
    date: Date,
) -> StoreResult<Option<LedgerDay>> {
    let row: Option<Row> = in_tx!(transaction, connection => sqlx::query_as(GET)
        .bind(account.0)
        .bind(integration.0)
        .bind(stream)
        .bind(i64::from(acd.0))
        .bind(date.to_string())
        .fetch_optional(connection))?;
    row.map(LedgerDay::try_from).transpose()
}

/// Stores a day in place of what was known of it.
pub async fn put(
    transaction: &mut Transaction,
    account: AccountId,
    integration: IntegrationId,
    stream: &str,
    day: &LedgerDay,
) -> StoreResult<()> {
    change!(
        transaction,
        PUT,
        account.0,
        integration.0,
        stream,
        i64::from(day.acd.0),
        day.date.to_string(),
        i64::from(day.slot_minutes),
        &day.zone,
        to_letters(day.states.iter().copied()),
        day.set_aside,
        day.closed,
        day.read_begin_utc_ms,
    )
    .map(|_| ())
}

/// Marks a day whose newest reading waits for a decision; a day that is not known yet stays so.
pub async fn mark_set_aside(
    transaction: &mut Transaction,
    account: AccountId,
    integration: IntegrationId,
    stream: &str,
    acd: AcdNumber,
    date: Date,
) -> StoreResult<()> {
    change!(
        transaction,
        MARK_ASIDE,
        account.0,
        integration.0,
        stream,
        i64::from(acd.0),
        date.to_string(),
        true,
    )
    .map(|_| ())
}

/// The reading of a day that waited for a decision is gone.
pub async fn clear_set_aside(
    transaction: &mut Transaction,
    account: AccountId,
    (integration, acd): (IntegrationId, AcdNumber),
    stream: &str,
    date: Date,
) -> StoreResult<()> {
    change!(
        transaction,
        MARK_ASIDE,
        account.0,
        integration.0,
        stream,
        i64::from(acd.0),
        date.to_string(),
        false,
    )
    .map(|_| ())
}

/// Forgets a day.
pub async fn delete(
    transaction: &mut Transaction,
    account: AccountId,
    (integration, acd): (IntegrationId, AcdNumber),
    stream: &str,
    date: Date,
) -> StoreResult<()> {
    change!(
        transaction,
        DELETE,
        account.0,
        integration.0,
        stream,
        i64::from(acd.0),
        date.to_string(),
    )
    .map(|_| ())
}
