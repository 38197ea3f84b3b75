//! Tables that serve the streams of others: outages of data collection, daily rows of skills, and VDNs.

use super::{Table, optional, required, text};

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
        optional("o_othercalls"),
        optional("i_stafftime"),
        optional("i_availtime"),
        required("incomplete"),
    ],
};

/// A number of up to 16 characters (CHAR(5) to CHAR(6) in R3V8, wider now).
const VDN_BYTES: usize = 4 * 16;

/// VDN intervals. The columns behind both definitions of *offered* are read, and those that show calls passed on from VDN to
/// VDN. Key: row_date, starttime, starttime_utc, acd, vdn, vector: a VDN that got another vector has two rows.
pub const HVDN: Table = Table {
    name: "hvdn",
    acd_column: "acd",
    date_column: Some("row_date"),
    slice_column: Some("starttime"),
    columns: &[
        text("vdn", VDN_BYTES),
        optional("vector"),
        required("starttime"),
        optional("starttime_utc"),
        required("intrvl"),
        optional("tenant"),
        required("incalls"),
        optional("inflowcalls"),
        optional("outflowcalls"),
        optional("interflowcalls"),
        required("acdcalls"),
        optional("connectcalls"),
        required("abncalls"),
        optional("abnquecalls"),
        optional("phantomabns"),
        optional("i_arrived"),
        optional("acceptable"),
        optional("servicelevel"),
        optional("svclevelchg"),
        required("acdtime"),
        optional("holdtime"),
        optional("holdacdtime"),
        required("acwtime"),
        required("anstime"),
        required("incomplete"),
    ],
};

/// VDN days, for dates whose intervals have aged out. Key: row_date, acd, vdn, vector.
pub const DVDN: Table = Table {
    name: "dvdn",
    acd_column: "acd",
    date_column: Some("row_date"),
    slice_column: None,
    columns: &[
        text("vdn", VDN_BYTES),
        optional("vector"),
        optional("tenant"),
        required("incalls"),
        optional("inflowcalls"),
        optional("outflowcalls"),
        optional("interflowcalls"),
        required("acdcalls"),
        optional("connectcalls"),
        required("abncalls"),
        optional("abnquecalls"),
        optional("phantomabns"),
        optional("i_arrived"),
        optional("acceptable"),
        optional("servicelevel"),
        optional("svclevelchg"),
        required("acdtime"),
        optional("holdtime"),
        optional("holdacdtime"),
        required("acwtime"),
        required("anstime"),
        required("incomplete"),
    ],
};
