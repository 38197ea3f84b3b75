//! The rows of a trace partition, by agent and in order.

use crate::agents::login;
use floorwire_model::agents::settings::TimeForm;
use floorwire_model::columns::{ColumnsError, SourceColumns, TextColumn};
use floorwire_model::ids::AcdNumber;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// One row.
#[derive(Clone, Copy, Debug)]
pub struct TraceRow {
    /// Its number in the partition, to keep the order stable.
    pub row: usize,
    /// `event_time` as read.
    pub event_time: i32,
    /// Order within a second; 0 where the release has none.
    pub sequence: i32,
    /// Seconds in the state; `None` for NULL.
    pub duration_s: Option<i64>,
    /// The number of the work mode.
    pub mode: i32,
    /// The number of the direction; NULL and 0 are none.
    pub direction: Option<i32>,
    /// AUX reason as read.
    pub aux_reason: Option<i32>,
    /// The split or skill; NULL and 0 are none.
    pub skill: Option<i32>,
    /// Logout reason as read.
    pub logout_reason: Option<i32>,
    /// The agent put a call on hold.
    pub caller_hold: bool,
    /// The agent took it back.
    pub reconnect: bool,
}

/// The rows of one ACD and date.
#[derive(Clone, Debug)]
pub struct Trace<'a> {
    /// The ACD.
    pub acd: AcdNumber,
    /// The date.
    pub row_date: Date,
    /// By login ID; in the order of `event_time` and `wmode_seq`.
    pub agents: BTreeMap<&'a str, Vec<TraceRow>>,
    /// Rows without logid, event_time or workmode.
    pub without_key: u64,
}

impl<'a> Trace<'a> {
    /// Reads the columns.
    pub fn of(
        acd: AcdNumber,
        row_date: Date,
        rows: &'a SourceColumns,
    ) -> Result<Self, ColumnsError> {
        let login_id = rows.text("logid")?;
        let event_time = rows.int32("event_time")?;
        let duration = rows.int32("duration")?;
        let mode = rows.int32("workmode")?;
        let aux_reason = rows.int32("auxreason")?;
        let [sequence, direction, skill, logout_reason] = {
            let column = |name| rows.optional_int32(name);
            [
                column("wmode_seq")?,
                column("direction")?,
                column("split")?,
                column("logout_reason")?,
            ]
        };
        let (caller_hold, reconnect) = (
            rows.optional_text("caller_hold")?,
            rows.optional_text("reconnect")?,
        );
        let mut trace = Self {
            acd,
            row_date,
            agents: BTreeMap::new(),
            without_key: 0,
        };
        for row in 0..usize::try_from(rows.rows).unwrap_or(usize::MAX) {
            let key = (login(login_id.get(row)), event_time.get(row), mode.get(row));
            let (Some(login), Some(event_time), Some(mode)) = key else {
                trace.without_key += 1;
                continue;
            };
            let of = |column: &Option<floorwire_model::columns::Int32Column<'_>>| {
                column.as_ref()?.get(row)
            };
            trace.agents.entry(login).or_default().push(TraceRow {
                row,
                event_time,
                sequence: of(&sequence).unwrap_or(0),
                duration_s: duration.get(row).map(i64::from),
                mode,
                direction: of(&direction).filter(|&code| code != 0),
                aux_reason: aux_reason.get(row),
                skill: of(&skill).filter(|&skill| skill > 0),
                logout_reason: of(&logout_reason),
                caller_hold: is_set(caller_hold, row),
                reconnect: is_set(reconnect, row),
            });
        }
        for rows in trace.agents.values_mut() {
            rows.sort_by_key(|row| (row.event_time, row.sequence, row.row));
        }
        Ok(trace)
    }

    /// Rows that can be used.
    pub fn row_count(&self) -> usize {
        self.agents.values().map(Vec::len).sum()
    }
}

/// Flags are a character; blank, `n`, `f` and `0` are no.
fn is_set(column: Option<TextColumn<'_>>, row: usize) -> bool {
    let text = column
        .and_then(|column| column.get(row))
        .unwrap_or_default()
        .trim();
    !matches!(text, "" | "n" | "N" | "f" | "F" | "0")
}

/// Seconds of the local clock's day, `None` when the number is none in that form.
pub fn second_of_day(event_time: i32, form: TimeForm) -> Option<i32> {
    match form {
        TimeForm::SecondsOfDay => (0..86_400).contains(&event_time).then_some(event_time),
        TimeForm::Hhmmss => {
            let (hours, minutes, seconds) = (
                event_time / 10_000,
                event_time / 100 % 100,
                event_time % 100,
            );
            let exists = event_time >= 0 && hours < 24 && minutes < 60 && seconds < 60;
            exists.then_some(hours * 3600 + minutes * 60 + seconds)
        }
    }
}
