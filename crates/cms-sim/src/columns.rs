//! The columns of `hsplit` in the order of a recent CMS release: 274, or 273 without `starttime_utc`.
//!
//! The list below is in the short form of the reference: `event1-9` stands for `event1` to `event9`. Seconds are
//! INTEGER, counts are SMALLINT but for the few that the vendor lists as INTEGER.

/// Columns of `hsplit`, short form.
const HSPLIT: &str = "row_date starttime starttime_utc intrvl acd split tenant \
    i_stafftime i_availtime i_acdtime i_acwtime i_acwouttime i_acwintime i_auxtime i_auxouttime i_auxintime \
    i_othertime maxstaffed acwincalls acwintime auxincalls auxintime acwoutcalls acwouttime acwoutoffcalls \
    acwoutofftime acwoutadjcalls auxoutcalls auxouttime auxoutoffcalls auxoutofftime auxoutadjcalls event1-9 assists \
    inflowcalls acdcalls anstime acdtime acwtime o_acdcalls o_acdtime o_acwtime acdcalls1-10 backupcalls holdcalls \
    holdtime holdabncalls transferred conference abncalls abntime abncalls1-10 dequecalls dequetime busycalls busytime \
    disccalls disctime outflowcalls outflowtime interflowcalls lowcalls medcalls highcalls topcalls acceptable \
    servicelevel period1-9 maxinqueue maxocwtime callsoffered periodchg svclevelchg i_ringtime ringtime ringcalls \
    abnringcalls o_abncalls o_othercalls da_acwincalls da_acwintime da_acwocalls da_acwotime noansredir incomplete \
    acdauxoutcalls i_acdaux_outtime i_acdauxintime i_acdothertime phantomabns othercalls othertime slvlabns \
    slvloutflows i_arrived i_auxtime0-9 i_da_acdtime i_da_acwtime i_tavailtime i_tauxtime maxtop i_normtime i_ol1time \
    i_ol2time i_tothertime max_tot_percents acdcalls_r1 acdcalls_r2 i_acdtime_r1 i_acdtime_r2 i_acwtime_r1 \
    i_acwtime_r2 i_ringtime_r1 i_ringtime_r2 i_othertime_r1 i_othertime_r2 i_auxtime_r1 i_auxtime_r2 \
    i_otherstbytime_r1 i_otherstbytime_r2 i_auxstbytime_r1 i_auxstbytime_r2 i_behindtime i_autoreservetime \
    targetpercent targetpctchg targetseconds targetsecchg targetacdcalls targetabns targetoutflows intrdeliveries \
    agsurpdeliveries agsurpprefcalls agsurpnprefcalls callsurpdeliveries i_auxtime10-99 icrpullcalls icrpulltime \
    icrpullringcalls redirectcalls partial_archive";

/// Informix type of a column, also understood by the other databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SqlType {
    Date,
    SmallInt,
    Integer,
}

impl SqlType {
    pub fn sql(self) -> &'static str {
        match self {
            Self::Date => "DATE",
            Self::SmallInt => "SMALLINT",
            Self::Integer => "INTEGER",
        }
    }

    /// Whether a figure can be stored; the lowest SMALLINT and INTEGER stand for NULL in Informix.
    pub fn holds(self, value: i64) -> bool {
        match self {
            Self::SmallInt => (-32_767..=32_767).contains(&value),
            Self::Date | Self::Integer => (-2_147_483_647..=2_147_483_647).contains(&value),
        }
    }
}

/// A column of `hsplit`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Column {
    pub name: String,
    pub sql_type: SqlType,
}

/// All columns in order. Releases before `starttime_utc` are imitated with `false`.
pub(crate) fn hsplit_columns(with_starttime_utc: bool) -> Vec<Column> {
    HSPLIT
        .split_ascii_whitespace()
        .flat_map(expand)
        .filter(|name| with_starttime_utc || name != "starttime_utc")
        .map(|name| Column {
            sql_type: sql_type(&name),
            name,
        })
        .collect()
}

/// `event1-9` becomes `event1` to `event9`; any other word stays.
fn expand(word: &str) -> Vec<String> {
    let range = word.split_once('-').and_then(|(head, last)| {
        let stem = head.trim_end_matches(|letter: char| letter.is_ascii_digit());
        let first: u32 = head[stem.len()..].parse().ok()?;
        let last: u32 = last.parse().ok()?;
        Some((stem, first, last))
    });
    match range {
        Some((stem, first, last)) => (first..=last)
            .map(|number| format!("{stem}{number}"))
            .collect(),
        None => vec![word.to_owned()],
    }
}

/// Type of a column of `hsplit` by its name.
pub(crate) fn sql_type(name: &str) -> SqlType {
    match name {
        "row_date" => SqlType::Date,
        "starttime" => SqlType::SmallInt,
        "tenant" | "slvlabns" | "slvloutflows" | "othercalls" => SqlType::Integer,
        _ if name.contains("time") => SqlType::Integer,
        _ => SqlType::SmallInt,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_columns_are_there_once() {
        let columns = hsplit_columns(true);
        assert_eq!(columns.len(), 274);
        assert_eq!(hsplit_columns(false).len(), 273);
        let names: std::collections::BTreeSet<_> =
            columns.iter().map(|column| &column.name).collect();
        assert_eq!(names.len(), 274);
        for name in [
            "event9",
            "acdcalls10",
            "abncalls10",
            "period9",
            "i_auxtime0",
            "i_auxtime99",
        ] {
            assert!(columns.iter().any(|column| column.name == name), "{name}");
        }
    }

    #[test]
    fn every_figure_booked_has_a_column() {
        let columns = hsplit_columns(true);
        for (name, _) in crate::row::COUNTER_COLUMNS {
            assert!(columns.iter().any(|column| column.name == *name), "{name}");
        }
    }
}
