//! The documentation page of the tables, made from the doc comments of the columns.

use crate::table::{Column, Kind, TableId};
use crate::tables::tables;
use floorwire_sim_centre::variants::Variants;
use std::fmt::Write;

/// The documents that the keys stand for.
const SOURCES: &str = "
## Sources

| Key | What it is |
|---|---|
| S2 | vendor's database items, chapter on call-based and interval-based data |
| S3 | vendor's ODBC and JDBC guide, logical structure of the database |
| S5 | vendor's database items, synonyms |
| S6 | vendor's dictionary of database items, single entries |
| S7 | vendor's dictionary of database items, real-time entries |
| S8 | vendor's report guide, format of raw data |
| S9 | vendor's administration guide, storage intervals |
| S13 | vendor's contact centre guide, synchronising clocks in the middle of an interval |
| S14 | vendor's guide to ACD call centres |
| S15 | vendor's administration guide, names of agent states |
| S16 | vendor's standard calculations |
| S18 | vendor's feature reference, how expert agent selection and CMS interact |
| S19 | vendor's administration guide, agent trace |
| S20 | vendor's report designer guide, how data are stored |
| S21, S22 | vendor's ODBC guide and database items of release R3V8 |
| S23 | vendor's glossary of reports |
| S24 | vendor's feature reference, reason codes |
| P1, P2 | public code: table definitions and jobs of data warehouses with column lists |
| P3 | public code: a documented warehouse schema made from the texts of release 16 |
| P4 | public code: look-ups in the dictionary, tests of a warehouse |
| P7 | public code: readers of `haglog` |
| P9 | public code: an interval file with `starttime_utc` |
| P13 | public code: readers of calls and of synonyms |
";

/// The page, in Markdown.
pub fn columns_markdown() -> String {
    let mut page = String::from(
        "# What fills each column\n\n\
         Made from the simulator's source by `floorwire-cms-sim columns`. It says, for every column that the simulator\n\
         writes, which event of the contact centre fills it and why. Events are those of the event log.\n\n\
         Marks: **D** documented by the vendor, **C** seen in public code, **I** inferred; the keys after them name the\n\
         source. Columns marked *recent* are missing on release R3V8. Call counters are booked in the interval in which the\n\
         call and its after-call work end; `i_` and `ti_` columns where the time passes.\n",
    );
    for table in tables(&Variants::default()) {
        let columns: Vec<&Column> = table.columns().collect();
        // Writing to a text cannot fail.
        let _ = write!(
            page,
            "\n## `{}`\n\n{} {} columns.\n\n",
            table.id.name(),
            table.doc,
            columns.len()
        );
        if matches!(table.id, TableId::Dsplit | TableId::Dvdn | TableId::Dagent) {
            let intervals = table.id.name().replacen('d', "h", 1);
            let _ = writeln!(
                page,
                "The columns of `{intervals}` without `starttime`, `starttime_utc` and `intrvl`; all figures are INTEGER."
            );
            continue;
        }
        page.push_str("| Column | Type | Filled by |\n|---|---|---|\n");
        let mut at = 0;
        while at < columns.len() {
            let first = columns[at];
            let alike = columns[at..]
                .iter()
                .take_while(|column| {
                    std::ptr::eq(column.doc, first.doc) && stem(&column.name) == stem(&first.name)
                })
                .count();
            let last = columns[at + alike - 1];
            let name = if alike == 1 {
                format!("`{}`", first.name)
            } else {
                format!("`{}` ... `{}`", first.name, last.name)
            };
            let recent = if first.recent { " *recent*" } else { "" };
            let doc = first.doc.split_whitespace().collect::<Vec<_>>().join(" ");
            let _ = writeln!(
                page,
                "| {name}{recent} | {} | {} |",
                kind(first.kind),
                doc.replace('|', "\\|")
            );
            at += alike;
        }
    }
    page.push_str(SOURCES);
    page
}

/// A name without its number: only columns that differ in nothing else share a line.
fn stem(name: &str) -> &str {
    name.trim_end_matches(|sign: char| sign.is_ascii_digit())
}

fn kind(kind: Kind) -> String {
    match kind {
        Kind::SmallInt => "SMALLINT".into(),
        Kind::Integer => "INTEGER".into(),
        Kind::Date => "DATE".into(),
        Kind::Char(width) => format!("CHAR({width})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_is_found_by_its_name() {
        let page = columns_markdown();
        for table in tables(&Variants::default()) {
            if matches!(table.id, TableId::Dsplit | TableId::Dvdn | TableId::Dagent) {
                continue; // the page refers to the interval tables
            }
            let heading = format!("\n## `{}`\n", table.id.name());
            let begin = page.find(&heading).unwrap() + heading.len();
            let end = page[begin..]
                .find("\n## ")
                .map_or(page.len(), |at| begin + at);
            let section = &page[begin..end];
            for column in table.columns() {
                let literally = section.contains(&format!("`{}`", column.name));
                let number: Option<u32> = column.name[stem(&column.name).len()..].parse().ok();
                let within = number.is_some_and(|number| {
                    section.lines().any(|line| {
                        let mut names = line.split('`').skip(1).step_by(2);
                        let (Some(first), Some(last)) = (names.next(), names.next()) else {
                            return false;
                        };
                        let of = |name: &str| name[stem(name).len()..].parse::<u32>().unwrap_or(1);
                        line.contains("` ... `")
                            && stem(first) == stem(&column.name)
                            && (of(first)..=of(last)).contains(&number)
                    })
                });
                assert!(literally || within, "{}.{}", table.id.name(), column.name);
            }
        }
    }
}
