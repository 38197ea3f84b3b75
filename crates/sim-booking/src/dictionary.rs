//! `synonyms`: names of numbers, and `linkex`: breaks of the link.

use crate::table::{Column, Kind, Row, Value};
use crate::trace::{WorkMode, direction_code};
use floorwire_sim_centre::event::{Acd, Direction, Named};
use floorwire_sim_centre::variants::Variants;

/// Positions of acd_no, item_type and value, which name a row of `synonyms`.
pub(crate) const KEY: &[usize] = &[0, 1, 3];

/// The columns of `synonyms`.
pub(crate) fn columns() -> Vec<Column> {
    let column = Column::new;
    vec![
        column("acd_no", Kind::SmallInt, "The ACD. (D S5)"),
        column(
            "item_type",
            Kind::Char(20),
            "`split`, `vdn`, `agname`, `aux_rsn`, `workmode` or `ag_dir`, blank padded. (C P4)",
        ),
        column(
            "item_name",
            Kind::Char(100),
            "The name, from the header of the event log and from `Renamed`. A new name replaces the old one: there is no history. (D S5; I)",
        ),
        column(
            "value",
            Kind::Char(40),
            "The number as text, blank padded. (D S5; C P4)",
        ),
        column("descr", Kind::Char(150), "Always blank."),
        column(
            "standard",
            Kind::SmallInt,
            "1 for work modes and directions, which are shipped; 0 for what the site has entered. (D S5)",
        ),
    ]
}

/// The dictionary of an ACD on its first day.
pub(crate) fn entries(acd: &Acd, variants: &Variants) -> Vec<Row> {
    let mut rows = Vec::new();
    let number = acd.acd;
    for skill in acd.skills.iter().filter(|skill| !skill.name.is_empty()) {
        rows.push(entry(
            number,
            "split",
            &skill.name,
            &skill.skill.to_string(),
            0,
        ));
    }
    for vdn in acd.vdns.iter().filter(|vdn| !vdn.name.is_empty()) {
        rows.push(entry(number, "vdn", &vdn.name, &vdn.vdn.to_string(), 0));
    }
    for (login, name) in &acd.agents {
        rows.push(entry(number, "agname", name, &login.to_string(), 0));
    }
    for (reason, name) in &acd.aux_reasons {
        rows.push(entry(number, "aux_rsn", name, &reason.to_string(), 0));
    }
    for (mode, name) in WorkMode::ALL {
        let code = mode.code(variants.work_modes).to_string();
        rows.push(entry(number, "workmode", name, &code, 1));
    }
    for (direction, name) in [(Direction::In, "IN"), (Direction::Out, "OUT")] {
        let code = direction_code(direction, variants.directions).to_string();
        rows.push(entry(number, "ag_dir", name, &code, 1));
    }
    rows.push(entry(number, "ag_dir", "", "0", 1));
    rows
}

/// A new name.
pub(crate) fn renamed(acd: i16, item: Named, number: u32, name: &str) -> Row {
    let item_type = match item {
        Named::Skill => "split",
        Named::Vdn => "vdn",
        Named::Agent => "agname",
        Named::AuxReason => "aux_rsn",
    };
    entry(acd, item_type, name, &number.to_string(), 0)
}

fn entry(acd: i16, item_type: &str, name: &str, value: &str, standard: i64) -> Row {
    Row {
        keys: vec![
            Value::Int(i64::from(acd)),
            Value::Text(item_type.to_owned()),
            Value::Text(name.to_owned()),
            Value::Text(value.to_owned()),
            Value::Text(String::new()),
            Value::Int(standard),
        ],
        figures: Vec::new(),
    }
}

/// The columns of `linkex`.
pub(crate) fn link_columns() -> Vec<Column> {
    let column = Column::new;
    vec![
        column("acd", Kind::SmallInt, "The ACD. (D S21 p.224)"),
        column(
            "row_date",
            Kind::Date,
            "Day of `LinkDown` or `ClockSet` on the switch's clock; of a clock that is set, as it shows then. (D S21 p.224; I)",
        ),
        column(
            "row_time",
            Kind::SmallInt,
            "Its time as HHMM. (D S21 p.224; I for the format)",
        ),
        column(
            "reason",
            Kind::SmallInt,
            "Reason of `LinkDown`: 93 turned off, 94 busied out, 95 timed out, 97 session down; 96 at `ClockSet`: clock was reset. (D S21 p.224)",
        ),
        column(
            "duration",
            Kind::Integer,
            "Seconds until `LinkUp`, when the row is written; 0 at `ClockSet`: collection goes on. (D S21 p.225; I for 0)",
        ),
        column("seqno", Kind::Integer, "Number of the row in its ACD. (I)"),
    ]
}

/// Reason of a row that says that the switch's clock was set (D S21 p.224).
pub(crate) const CLOCK_WAS_RESET: i16 = 96;

/// A break of the link that is over, or a clock that was set.
pub(crate) fn link_row(
    acd: i16,
    face: jiff::civil::DateTime,
    reason: i16,
    duration_s: i64,
    number: i64,
) -> Row {
    Row {
        keys: vec![
            Value::Int(i64::from(acd)),
            Value::Date(face.date()),
            Value::Int(i64::from(face.hour()) * 100 + i64::from(face.minute())),
            Value::Int(i64::from(reason)),
            Value::Int(duration_s),
            Value::Int(number),
        ],
        figures: Vec::new(),
    }
}
