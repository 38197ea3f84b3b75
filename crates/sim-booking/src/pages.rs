//! The documentation page of the tables, made from the doc comments of the columns.

use crate::table::{Column, Kind, TableId};
use crate::tables::tables;
use floorwire_sim_centre::variants::Variants;
use std::fmt::Write;

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
                .take_while(|column| std::ptr::eq(column.doc, first.doc))
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
    page
}

fn kind(kind: Kind) -> String {
    match kind {
        Kind::SmallInt => "SMALLINT".into(),
        Kind::Integer => "INTEGER".into(),
        Kind::Date => "DATE".into(),
        Kind::Char(width) => format!("CHAR({width})"),
    }
}
