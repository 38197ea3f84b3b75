//! Tables that serve the streams of others: outages of data collection, and daily rows of skills.

use super::{Table, optional, required};

/// Exceptions of the data collection link. Key: acd, row_date, row_time, reason.
pub const LINKEX: Table = Table {
    name: "linkex",
    acd_column: "acd",
    date_column: Some("row_date"),
    slice_column: None,
    columns: &[
        required("row_time"),
        required("reason"),
        required("duration"),
    ],
};

/// Split/skill days, for dates whose intervals have aged out. The columns behind every definition of *offered* are read.
/// Key: row_date, acd, split.
pub const DSPLIT: Table = Table {
    name: "dsplit",
    acd_column: "acd",
    date_column: Some("row_date"),
    slice_column: None,
    columns: &[
        required("split"),
        optional("tenant"),
        required("acdcalls"),
        required("abncalls"),
        optional("callsoffered"),
        optional("dequecalls"),
        optional("inflowcalls"),
        optional("outflowcalls"),
        optional("noansredir"),
        optional("i_arrived"),
        optional("othercalls"),
        required("acceptable"),
        required("servicelevel"),
        optional("svclevelchg"),
        optional("slvlabns"),
        required("acdtime"),
        required("holdtime"),
        required("acwtime"),
        required("anstime"),
        optional("abntime"),
        optional("phantomabns"),
        optional("o_acdcalls"),
        optional("o_acdtime"),
        optional("o_acwtime"),
        optional("o_abncalls"),
        optional("i_stafftime"),
        optional("i_availtime"),
        required("incomplete"),
    ],
};
