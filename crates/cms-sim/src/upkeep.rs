//! What a CMS does to its own tables: rows are written, and go when they are old or too many.

use crate::database::Database;
use crate::desk::Action;
use crate::error::SimError;
use crate::schema::Schema;
use floorwire_sim_booking::{Row, TableId};
use floorwire_sim_centre::event::Header;
use floorwire_sim_centre::variants::AgentClock;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;

/// Rows written, by table.
pub(crate) type Counts = BTreeMap<&'static str, u64>;

/// Does what is due, within the caller's transaction.
pub(crate) fn write(
    database: &mut Database,
    schema: &Schema,
    actions: &[(TableId, Action)],
    counts: &mut Counts,
) -> Result<(), SimError> {
    let mut added: BTreeMap<TableId, Vec<&Row>> = BTreeMap::new();
    for (table, action) in actions {
        *counts.entry(table.name()).or_default() +=
            u64::from(!matches!(action, Action::Delete(..)));
        match action {
            Action::Insert(row) => added.entry(*table).or_default().push(row),
            Action::Replace(row, keys) => {
                // Not before the rows that came before it.
                let before = added.remove(table).unwrap_or_default();
                schema.insert(database, *table, &before)?;
                schema.replace(database, *table, row, keys)?;
            }
            Action::Delete(row, keys) => {
                let before = added.remove(table).unwrap_or_default();
                schema.insert(database, *table, &before)?;
                schema.delete(database, *table, row, keys)?;
            }
        }
    }
    for (table, rows) in &added {
        schema.insert(database, *table, rows)?;
    }
    Ok(())
}

/// Rows that go when they are old or too many. What it knows is found in the tables again after a restart.
#[derive(Default)]
pub(crate) struct Upkeep {
    /// Rows of the trace; `None`: not counted yet.
    trace_rows: Option<u64>,
    /// The day up to which intervals were looked through, by ACD and table.
    looked_through: BTreeMap<(i16, TableId), Date>,
}

impl Upkeep {
    /// Rows were added to the trace, or their number is not known any more.
    pub fn note(&mut self, counts: &Counts) {
        let added = counts.get(TableId::AgActv.name()).copied().unwrap_or(0);
        self.trace_rows = self.trace_rows.map(|rows| rows + added);
    }

    /// Forgets what it knows: the transaction was not committed.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    /// Within the caller's transaction: deletes intervals of days that are too old on the clock of their table, and the
    /// oldest tenths of a trace that is over 110 % of its capacity.
    pub fn tidy(
        &mut self,
        database: &mut Database,
        schema: &Schema,
        header: &Header,
        now_utc_s: i64,
    ) -> Result<(), SimError> {
        if let Some(days) = header.variants.interval_retention_days {
            for acd in &header.acds {
                for table in TableId::ALL.into_iter().filter(|table| table.is_interval()) {
                    let in_utc =
                        table == TableId::Hagent && header.variants.agent_clock == AgentClock::Utc;
                    let zone = if in_utc { "UTC" } else { acd.zone.as_str() };
                    let now = jiff::Timestamp::from_second(now_utc_s)?;
                    let today = TimeZone::get(zone)?.to_datetime(now).date();
                    if self.looked_through.insert((acd.acd, table), today) == Some(today) {
                        continue;
                    }
                    let oldest = today.checked_sub(jiff::Span::new().days(i64::from(days)))?;
                    database.execute(&format!(
                        "DELETE FROM {} WHERE acd = {} AND row_date < '{oldest}'",
                        schema.name(table),
                        acd.acd
                    ))?;
                }
            }
        }
        self.turn_trace(
            database,
            schema,
            u64::from(header.variants.trace_capacity_rows),
        )
    }

    fn turn_trace(
        &mut self,
        database: &mut Database,
        schema: &Schema,
        capacity: u64,
    ) -> Result<(), SimError> {
        let trace = schema.name(TableId::AgActv);
        loop {
            let rows = match self.trace_rows {
                Some(rows) => rows,
                None => {
                    let rows = database.text(&format!("SELECT COUNT(*) FROM {trace}"))?;
                    rows.and_then(|rows| rows.trim().parse().ok()).unwrap_or(0)
                }
            };
            self.trace_rows = Some(rows);
            let most = capacity + capacity / 10;
            if rows <= most {
                return Ok(());
            }
            // As many tenths as it takes, in one go.
            let tenth = (capacity / 10).max(1);
            let last_gone = (rows - most).div_ceil(tenth) * tenth - 1;
            let of_last = |column: &str| {
                format!(
                    "SELECT {column} FROM {trace} ORDER BY row_date, event_time LIMIT 1 OFFSET {last_gone}"
                )
            };
            let date = database.text(&of_last("row_date"))?;
            let time = database.text(&of_last("event_time"))?;
            self.trace_rows = None;
            let (Some(date), Some(time)) = (date, time) else {
                return Ok(());
            };
            database.execute(&format!(
                "DELETE FROM {trace} WHERE row_date < '{date}' OR (row_date = '{date}' AND event_time <= {})",
                time.trim()
            ))?;
        }
    }
}
