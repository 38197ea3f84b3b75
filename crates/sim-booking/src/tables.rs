//! The tables of a site's CMS, and rows of interval tables as its release has them.

use crate::archive::Figures;
use crate::clock::Interval;
use crate::floor::RowKey;
use crate::hagent::Hagent;
use crate::hsplit::Hsplit;
use crate::hvdn::Hvdn;
use crate::table::{Column, Kind, Row, Table, TableId, Value};
use crate::{dictionary, sessions, trace};
use floorwire_sim_centre::variants::{Release, Variants};
use jiff::civil::Date;

/// The tables that a CMS of these variants has.
pub fn tables(variants: &Variants) -> Vec<Table> {
    let layout = Layout::new(variants);
    TableId::ALL
        .into_iter()
        .map(|id| layout.table(id))
        .collect()
}

/// Which columns there are.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    old: bool,
    with_utc: bool,
    /// Which figures an old release has; `None`: all.
    split_mask: Option<Vec<bool>>,
    vdn_mask: Option<Vec<bool>>,
    agent_mask: Option<Vec<bool>>,
}

impl Layout {
    pub fn new(variants: &Variants) -> Self {
        let old = variants.release == Release::R3v8;
        let mask = |columns: Vec<Column>| {
            old.then(|| columns.iter().map(|column| !column.recent).collect())
        };
        Self {
            old,
            with_utc: variants.starttime_utc && !old,
            split_mask: mask(Hsplit::columns()),
            vdn_mask: mask(Hvdn::columns()),
            agent_mask: mask(Hagent::columns()),
        }
    }

    pub fn is_old(&self) -> bool {
        self.old
    }

    pub fn table(&self, id: TableId) -> Table {
        let (doc, keys, figures, indexed): (_, _, _, &'static [&'static str]) = match id {
            TableId::Hsplit => (
                "A split or skill in an interval.",
                self.interval_keys("split", split_column()),
                Hsplit::columns(),
                &["row_date", "split", "acd"],
            ),
            TableId::Dsplit => (
                "A split or skill on a day: the archived intervals within the configured hours added up, maxima as maxima.",
                self.daily_keys("split", split_column()),
                daily(Hsplit::columns()),
                &["row_date", "split", "acd"],
            ),
            TableId::Hvdn => (
                "A vector directory number in an interval.",
                self.interval_keys("vdn", self.vdn_columns()),
                Hvdn::columns(),
                &["row_date", "acd"],
            ),
            TableId::Dvdn => (
                "A vector directory number on a day.",
                self.daily_keys("vdn", self.vdn_columns()),
                daily(Hvdn::columns()),
                &["row_date", "acd"],
            ),
            TableId::Hagent => (
                "An agent in a skill, at a station, in an interval.",
                self.interval_keys("agent", self.agent_columns()),
                Hagent::columns(),
                &["row_date", "acd", "logid"],
            ),
            TableId::Dagent => (
                "An agent in a skill, at a station, on a day.",
                self.daily_keys("agent", self.agent_columns()),
                daily(Hagent::columns()),
                &["row_date", "acd", "logid"],
            ),
            TableId::Haglog => (
                "A login with one set of skills at one station.",
                sessions::columns(self.old),
                Vec::new(),
                &["row_date", "acd", "split"],
            ),
            TableId::AgActv => (
                "A state of a traced agent.",
                trace::columns(self.old),
                Vec::new(),
                &["row_date", "acd", "logid"],
            ),
            TableId::Linkex => (
                "A disturbance of collection: a break of the link between switch and CMS, or a switch's clock that was set.",
                dictionary::link_columns(),
                Vec::new(),
                &["row_date"],
            ),
            TableId::Synonyms => (
                "The name of a number.",
                dictionary::columns(),
                Vec::new(),
                &["acd_no", "item_type"],
            ),
        };
        let fits = |column: &Column| !(self.old && column.recent);
        Table {
            id,
            doc,
            keys: keys.into_iter().filter(fits).collect(),
            figures: figures.into_iter().filter(fits).collect(),
            indexed,
        }
    }

    pub fn split_row(
        &self,
        interval: Option<&Interval>,
        date: Date,
        acd: i16,
        skill: i16,
        row: &Hsplit,
    ) -> Row {
        let mut keys = self.key_values(interval, date, acd, vec![Value::Int(i64::from(skill))]);
        self.push_tenant(&mut keys);
        Row {
            keys,
            figures: masked(row.values(), self.split_mask.as_ref()),
        }
    }

    pub fn vdn_row(
        &self,
        interval: Option<&Interval>,
        date: Date,
        acd: i16,
        (vdn, vector): (u32, i16),
        row: &Hvdn,
    ) -> Row {
        let own = vec![Value::Text(vdn.to_string()), Value::Int(i64::from(vector))];
        Row {
            keys: self.key_values(interval, date, acd, own),
            figures: masked(row.values(), self.vdn_mask.as_ref()),
        }
    }

    pub fn agent_row(
        &self,
        interval: Option<&Interval>,
        date: Date,
        acd: i16,
        key: &RowKey,
        row: &Hagent,
    ) -> Row {
        let own = vec![
            Value::Int(i64::from(key.skill)),
            Value::Text(key.login.to_string()),
            Value::Text(key.extension.to_string()),
            Value::Int(i64::from(key.location)),
            Value::Int(i64::from(key.reserve)),
        ];
        let mut keys = self.key_values(interval, date, acd, own);
        self.push_tenant(&mut keys);
        if !self.old {
            keys.push(Value::Text(String::new()));
        }
        Row {
            keys,
            figures: masked(row.values(), self.agent_mask.as_ref()),
        }
    }

    fn push_tenant(&self, keys: &mut Vec<Value>) {
        if !self.old {
            keys.push(Value::Int(0));
        }
    }

    fn key_values(
        &self,
        interval: Option<&Interval>,
        date: Date,
        acd: i16,
        own: Vec<Value>,
    ) -> Vec<Value> {
        let mut keys = vec![Value::Date(date)];
        if let Some(interval) = interval {
            keys.push(Value::Int(interval.hhmm()));
            if self.with_utc {
                keys.push(Value::Int(interval.start_utc_s));
            }
            keys.push(Value::Int(interval.step_minutes));
        }
        keys.push(Value::Int(i64::from(acd)));
        keys.extend(own);
        keys
    }

    fn interval_keys(&self, what: &str, own: Vec<Column>) -> Vec<Column> {
        let column = Column::new;
        let mut keys = vec![
            column(
                "row_date",
                Kind::Date,
                "Day on which the interval begins, on the clock of the table. (D S8)",
            ),
            column(
                "starttime",
                Kind::SmallInt,
                "Its begin on that clock, hours times 100 plus minutes. (D S8)",
            ),
        ];
        if self.with_utc {
            keys.push(column("starttime_utc", Kind::Integer, "Its begin in Unix seconds, true time. (C P1, P13; I that it is true when the clock is not)").recent());
        }
        keys.push(column(
            "intrvl",
            Kind::SmallInt,
            "Length of intervals: 15, 30 or 60 minutes. (D S9)",
        ));
        keys.push(column("acd", Kind::SmallInt, "The ACD. (D S21)"));
        self.finish_keys(what, keys, own)
    }

    fn daily_keys(&self, what: &str, own: Vec<Column>) -> Vec<Column> {
        let keys = vec![
            Column::new("row_date", Kind::Date, "The day. (D S8)"),
            Column::new("acd", Kind::SmallInt, "The ACD. (D S21)"),
        ];
        self.finish_keys(what, keys, own)
    }

    fn finish_keys(&self, what: &str, mut keys: Vec<Column>, own: Vec<Column>) -> Vec<Column> {
        keys.extend(own);
        if what != "vdn" {
            keys.push(
                Column::new("tenant", Kind::Integer, "Always 0: there is one tenant.").recent(),
            );
        }
        if what == "agent" {
            keys.push(Column::new("attrib_id", Kind::Char(20), "Always blank.").recent());
        }
        keys
    }

    fn vdn_columns(&self) -> Vec<Column> {
        let width = if self.old { 6 } else { 16 };
        vec![
            Column::new(
                "vdn",
                Kind::Char(width),
                "Number of the VDN, blank padded. (D S21 p.199)",
            ),
            Column::new("vector", Kind::SmallInt, "The vector it leads to. (C P3)"),
        ]
    }

    fn agent_columns(&self) -> Vec<Column> {
        let (login, station) = if self.old { (10, 6) } else { (16, 16) };
        vec![
            Column::new("split", Kind::SmallInt, "The split or skill. (D S22a)"),
            Column::new(
                "logid",
                Kind::Char(login),
                "The login ID, blank padded. (C P1)",
            ),
            Column::new(
                "extension",
                Kind::Char(station),
                "The station: another one gives another row. (C P1, P2)",
            ),
            Column::new(
                "loc_id",
                Kind::SmallInt,
                "Location of the station: another one gives another row. (C P2)",
            ),
            Column::new(
                "rsv_level",
                Kind::SmallInt,
                "Reserve level, 0 for none: another one gives another row. (C P2)",
            ),
        ]
    }
}

fn split_column() -> Vec<Column> {
    vec![Column::new(
        "split",
        Kind::SmallInt,
        "The split or skill. (D S21)",
    )]
}

/// Daily counters have four bytes (D S21 p.67).
fn daily(columns: Vec<Column>) -> Vec<Column> {
    columns
        .into_iter()
        .map(|column| Column {
            kind: Kind::Integer,
            ..column
        })
        .collect()
}

fn masked(values: Vec<i64>, mask: Option<&Vec<bool>>) -> Vec<i64> {
    match mask {
        None => values,
        Some(mask) => values
            .into_iter()
            .zip(mask)
            .filter_map(|(value, keep)| keep.then_some(value))
            .collect(),
    }
}

impl Figures for Hsplit {
    fn add(&mut self, other: &Self) {
        Self::add(self, other);
    }

    fn mark_incomplete(&mut self) {
        self.incomplete = 1;
    }

    fn happened(&self) -> bool {
        let staffed = self.i_stafftime
            + self.i_otherstbytime_r.iter().sum::<i64>()
            + self.i_auxstbytime_r.iter().sum::<i64>();
        staffed > 0
            || self.callsoffered > 0
            || self.i_arrived > 0
            || self.maxinqueue > 0
            || self.acdcalls > 0
    }
}

impl Figures for Hvdn {
    fn add(&mut self, other: &Self) {
        Self::add(self, other);
    }

    fn mark_incomplete(&mut self) {
        self.incomplete = 1;
    }

    fn happened(&self) -> bool {
        self.incalls > 0 || self.i_arrived > 0
    }
}

impl Figures for Hagent {
    fn add(&mut self, other: &Self) {
        Self::add(self, other);
    }

    fn mark_incomplete(&mut self) {
        self.incomplete = 1;
    }

    fn happened(&self) -> bool {
        self.i_stafftime > 0
            || self.ti_stafftime > 0
            || self.i_otherstbytime > 0
            || self.i_auxstbytime > 0
            || self.ringcalls > 0
            || self.acdcalls > 0
            || self.da_acdcalls > 0
            || self.noansredir > 0
    }
}
