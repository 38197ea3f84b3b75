//! What a CMS does to its own tables: rows are written, and go when they are old or too many.

use crate::database::Database;
use crate::desk::Action;
use crate::error::SimError;
use crate::schema::Schema;
use floorwire_sim_booking::{Row, TableId};
use floorwire_sim_centre::event::Header;
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

/// Deletes interval rows that are too old, and the oldest tenth of a trace that is over its capacity.
pub(crate) fn tidy(
    database: &mut Database,
    schema: &Schema,
    header: &Header,
    now_utc_s: i64,
) -> Result<(), SimError> {
    if let Some(days) = header.variants.interval_retention_days {
        let oldest_utc_s = now_utc_s - i64::from(days) * 86_400;
        let oldest = jiff::Timestamp::from_second(oldest_utc_s)?;
        let date = jiff::tz::TimeZone::UTC.to_datetime(oldest).date();
        for table in TableId::ALL.into_iter().filter(|table| table.is_interval()) {
            let name = schema.name(table);
            database.execute(&format!("DELETE FROM {name} WHERE row_date < '{date}'"))?;
        }
    }
    let capacity = u64::from(header.variants.trace_capacity_rows);
    let trace = schema.name(TableId::AgActv);
    loop {
        let rows = database.text(&format!("SELECT COUNT(*) FROM {trace}"))?;
        let rows: u64 = rows.and_then(|rows| rows.trim().parse().ok()).unwrap_or(0);
        if rows <= capacity + capacity / 10 {
            return Ok(());
        }
        let tenth = (capacity / 10).max(1);
        let first_kept = |column: &str| {
            format!(
                "SELECT {column} FROM {trace} ORDER BY row_date, event_time LIMIT 1 OFFSET {tenth}"
            )
        };
        let date = database.text(&first_kept("row_date"))?;
        let time = database.text(&first_kept("event_time"))?;
        let (Some(date), Some(time)) = (date, time) else {
            return Ok(());
        };
        database.execute(&format!(
            "DELETE FROM {trace} WHERE row_date < '{date}' OR (row_date = '{date}' AND event_time <= {})",
            time.trim()
        ))?;
    }
}
