//! The dictionary of the simulated CMS: names of splits, AUX reasons, work modes and call directions.
//!
//! Texts are padded with blanks to the width of their column, as a CHAR column of CMS returns them. Which numbers a
//! site uses for modes and directions is a matter of its own dictionary; these are ours.

use crate::source::Queue;

pub(crate) const ITEM_TYPE_WIDTH: usize = 20;
pub(crate) const ITEM_NAME_WIDTH: usize = 100;
pub(crate) const VALUE_WIDTH: usize = 40;
pub(crate) const DESCRIPTION_WIDTH: usize = 150;

const AUX_REASONS: [(&str, &str); 6] = [
    ("0", "System"),
    ("1", "Lunch"),
    ("2", "Break"),
    ("3", "Training"),
    ("4", "Meeting"),
    ("5", "Back office"),
];

const WORK_MODES: [(&str, &str); 11] = [
    ("10", "UNSTAFF"),
    ("20", "AVAIL"),
    ("30", "ACD"),
    ("40", "ACW"),
    ("50", "AUX"),
    ("60", "DACD"),
    ("70", "DACW"),
    ("80", "RING"),
    ("100", "LOGON"),
    ("110", "LOGOFF"),
    ("220", "OTHER"),
];

const DIRECTIONS: [(&str, &str); 3] = [("0", " "), ("1", "OUT"), ("2", "IN")];

/// One entry of `synonyms`, texts not yet padded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Synonym {
    pub acd: i16,
    pub item_type: &'static str,
    pub item_name: String,
    pub value: String,
    pub description: String,
    /// 1 for what is shipped with CMS, 0 for what a site has entered.
    pub standard: i16,
}

/// The whole dictionary for these queues.
pub(crate) fn dictionary(queues: &[Queue]) -> Vec<Synonym> {
    let mut acds: Vec<i16> = queues.iter().map(|queue| queue.key.acd).collect();
    acds.sort_unstable();
    acds.dedup();
    let mut entries: Vec<Synonym> = queues
        .iter()
        .map(|queue| Synonym {
            acd: queue.key.acd,
            item_type: "split",
            item_name: queue.name.clone(),
            value: queue.key.split.to_string(),
            description: queue.description.clone(),
            standard: 0,
        })
        .collect();
    for acd in acds {
        let mut add = |item_type, pairs: &[(&str, &str)], standard| {
            entries.extend(pairs.iter().map(|(value, name)| Synonym {
                acd,
                item_type,
                item_name: (*name).to_owned(),
                value: (*value).to_owned(),
                description: String::new(),
                standard,
            }));
        };
        add("aux_rsn", &AUX_REASONS, 0);
        add("workmode", &WORK_MODES, 1);
        add("ag_dir", &DIRECTIONS, 1);
    }
    entries
}

/// A text as a CHAR column of `width` returns it.
pub(crate) fn padded(text: &str, width: usize) -> String {
    let cut: String = text.chars().take(width).collect();
    format!("{cut:<width$}")
}
