//! Agent tables. Personal data: the Link looks at them and reads them under a scope only.
//!
//! AUX reasons are 0-9 on old releases and 0-99 on later ones; each column is found by its name. Key columns
//! that some releases lack tell rows of one agent and skill apart (station, location, reserve level, tenant).
//! Of the trace, neither calling party, digits, call identifier nor work code is in this list.

use super::{Column, Table, optional, optional_text, required, text};

/// Bytes for a login ID or a station. Wide releases have 15 characters.
const LOGIN: usize = 4 * 20;
/// Bytes for a flag.
const FLAG: usize = 4;

macro_rules! numbered {
    ($prefix:literal: $($number:literal)+) => { [$(optional(concat!($prefix, $number))),+] };
}

const AUX_BY_REASON: [Column; 100] = numbered!("ti_auxtime":
    0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33
    34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63 64
    65 66 67 68 69 70 71 72 73 74 75 76 77 78 79 80 81 82 83 84 85 86 87 88 89 90 91 92 93 94 95
    96 97 98 99);

/// What interval and day have in common.
const FIGURES: [Column; 39] = [
    required("split"),
    text("logid", LOGIN),
    optional_text("extension", LOGIN),
    optional("loc_id"),
    optional("rsv_level"),
    optional("tenant"),
    required("ti_stafftime"),
    required("ti_availtime"),
    required("ti_auxtime"),
    required("ti_othertime"),
    required("i_acdtime"),
    required("i_acwtime"),
    required("i_ringtime"),
    required("i_da_acdtime"),
    required("i_da_acwtime"),
    required("i_stafftime"),
    required("i_availtime"),
    required("i_auxtime"),
    required("i_othertime"),
    optional("i_auxintime"),
    optional("i_auxouttime"),
    optional("i_acwintime"),
    optional("i_acwouttime"),
    required("acdcalls"),
    required("acdtime"),
    required("acwtime"),
    required("holdtime"),
    optional("holdacdtime"),
    required("da_acdcalls"),
    required("da_acdtime"),
    required("da_acwtime"),
    optional("abncalls"),
    optional("holdcalls"),
    optional("transferred"),
    optional("conference"),
    optional("noansredir"),
    optional("o_acdcalls"),
    optional("o_acdtime"),
    required("incomplete"),
];

const fn joined<const N: usize>(parts: &[&[Column]]) -> [Column; N] {
    let mut all = [required(""); N];
    let (mut part, mut filled) = (0, 0);
    while part < parts.len() {
        let mut at = 0;
        while at < parts[part].len() {
            all[filled] = parts[part][at];
            filled += 1;
            at += 1;
        }
        part += 1;
    }
    assert!(filled == N, "the number of columns is the sum of the parts");
    all
}

const CLOCK: [Column; 3] = [
    required("starttime"),
    optional("starttime_utc"),
    required("intrvl"),
];

const HAGENT_COLUMNS: [Column; 142] = joined(&[&CLOCK, &FIGURES, &AUX_BY_REASON]);
const DAGENT_COLUMNS: [Column; 139] = joined(&[&FIGURES, &AUX_BY_REASON]);

/// Agent and skill intervals. Key: row_date, starttime, intrvl, acd, split, logid, extension, loc_id, rsv_level.
pub const HAGENT: Table = Table {
    name: "hagent",
    acd_column: "acd",
    date_column: Some("row_date"),
    slice_column: Some("starttime"),
    columns: &HAGENT_COLUMNS,
};

/// Agent and skill days. Key: row_date, acd, split, logid, extension, loc_id, rsv_level.
pub const DAGENT: Table = Table {
    name: "dagent",
    acd_column: "acd",
    date_column: Some("row_date"),
    slice_column: None,
    columns: &DAGENT_COLUMNS,
};

const FURTHER_SKILLS: [Column; 19] = numbered!("logonskill":
    2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20);
const FURTHER_LEVELS: [Column; 19] = numbered!("sklevel":
    2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20);
const SESSION: [Column; 12] = [
    text("logid", LOGIN),
    required("split"),
    optional_text("extn", LOGIN),
    optional("loc_id"),
    required("login"),
    required("logout"),
    optional("logout_reason"),
    optional_text("inflag", FLAG),
    optional_text("outflag", FLAG),
    optional("seqnum"),
    optional("tenant"),
    optional("sklevel"),
];
const HAGLOG_COLUMNS: [Column; 50] = joined(&[&SESSION, &FURTHER_SKILLS, &FURTHER_LEVELS]);

/// Logins and logouts. Key: acd, logid, login, extn.
pub const HAGLOG: Table = Table {
    name: "haglog",
    acd_column: "acd",
    date_column: Some("row_date"),
    slice_column: None,
    columns: &HAGLOG_COLUMNS,
};

/// Agent trace: changes of state of traced agents. Key: acd, logid, row_date, event_time, wmode_seq.
pub const AG_ACTV: Table = Table {
    name: "ag_actv",
    acd_column: "acd",
    date_column: Some("row_date"),
    slice_column: None,
    columns: &[
        text("logid", LOGIN),
        optional("split"),
        required("event_time"),
        optional("wmode_seq"),
        required("duration"),
        required("workmode"),
        optional("direction"),
        required("auxreason"),
        optional("logout_reason"),
        optional_text("caller_hold", FLAG),
        optional_text("reconnect", FLAG),
    ],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_named_once() {
        for table in [&HAGENT, &DAGENT, &HAGLOG, &AG_ACTV] {
            let mut names: Vec<_> = table.columns.iter().map(|column| column.name).collect();
            names.sort_unstable();
            assert!(!names[0].is_empty());
            assert!(
                names.windows(2).all(|pair| pair[0] != pair[1]),
                "{}",
                table.name
            );
        }
        assert!(HAGENT.columns.contains(&optional("ti_auxtime99")));
    }

    #[test]
    fn an_old_release_has_ten_aux_reasons_and_is_read_all_the_same() {
        let old: Vec<String> = HAGENT
            .columns
            .iter()
            .filter(|column| {
                let reason = column.name.strip_prefix("ti_auxtime");
                reason
                    .and_then(|number| number.parse::<u8>().ok())
                    .is_none_or(|number| number < 10)
            })
            .map(|column| column.name.to_uppercase())
            .collect();
        assert!(
            HAGENT
                .columns_missing(&old)
                .iter()
                .all(|column| !column.required)
        );
        assert_eq!(HAGENT.columns_at(&old).len(), 142 - 90);
    }
}
