//! Daily tables against the interval tables that they are made of: each row of a day is the sum of the intervals of that
//! day that were archived (reference, 2), of some of them where the site has configured hours. Intervals are written first.

use super::View;
use crate::table::{TableId, Value};
use floorwire_sim_centre::variants::Variants;
use std::collections::BTreeMap;

/// Table of intervals, day and what else names a row of the daily table.
type Key = (TableId, Vec<Value>);

/// Sums of the intervals of each day.
pub(super) struct Days {
    /// Daily tables cover all hours.
    whole: bool,
    sums: BTreeMap<Key, Vec<i64>>,
}

const SPLIT: (&[&str], &[&str]) = (
    &["row_date", "acd", "split"],
    &[
        "callsoffered",
        "acdcalls",
        "abncalls",
        "acdtime",
        "i_stafftime",
        "i_arrived",
        "incomplete",
    ],
);
const VDN: (&[&str], &[&str]) = (
    &["row_date", "acd", "vdn"],
    &[
        "incalls",
        "acdcalls",
        "abncalls",
        "othercalls",
        "intime",
        "incomplete",
    ],
);
const AGENT: (&[&str], &[&str]) = (
    &[
        "row_date",
        "acd",
        "split",
        "logid",
        "extension",
        "loc_id",
        "rsv_level",
    ],
    &[
        "acdcalls",
        "da_acdcalls",
        "ti_stafftime",
        "i_stafftime",
        "ti_auxtime",
        "incomplete",
    ],
);

impl Days {
    pub fn new(variants: &Variants) -> Self {
        Self {
            whole: variants.daily_minutes == (0, 1_440),
            sums: BTreeMap::new(),
        }
    }

    pub fn look(&mut self, table: TableId, view: &View, broken: &mut Vec<String>) {
        let (intervals, (keys, figures)) = match table {
            TableId::Hsplit | TableId::Dsplit => (TableId::Hsplit, SPLIT),
            TableId::Hvdn | TableId::Dvdn => (TableId::Hvdn, VDN),
            TableId::Hagent | TableId::Dagent => (TableId::Hagent, AGENT),
            _ => return,
        };
        let key = keys.iter().map(|name| view.key(name)).collect();
        let row = figures.iter().map(|name| view.get(name));
        let sums = self.sums.entry((intervals, key)).or_default();
        sums.resize(figures.len(), 0);
        if table == intervals {
            sums.iter_mut()
                .zip(row)
                .for_each(|(sum, figure)| *sum += figure);
            return;
        }
        for ((sum, figure), name) in sums.iter().zip(row).zip(figures) {
            if figure > *sum || (self.whole && figure < *sum) {
                broken.push(format!(
                    "{}: {name} of the day is {figure}, of its intervals {sum}, in {:?}",
                    table.name(),
                    view.row.keys
                ));
            }
        }
    }
}
