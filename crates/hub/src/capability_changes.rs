//! What changed between two looks at a source, as notices.
//!
//! Compared is what both looks know: a table that one of them did not look at, or a figure that an older Link does not
//! report, is no change. Dates move every day and are none either, unless what is stored becomes shorter.

use crate::store::notices::NewNotice;
use floorwire_protocol::capabilities::{AcdExtent, Capabilities, TableCapability};
use jiff::civil::Date;
use std::collections::BTreeSet;

/// Days by which the stored time may become shorter without a word: the source deletes at night, a look is at any time.
const SHORTER_DAYS: i32 = 3;
/// Columns that have a notice of their own.
const STARTTIME_UTC: &str = "starttime_utc";
/// Columns of AUX reasons, which are counted and not named one by one.
const AUX_REASON: &str = "ti_auxtime";

/// The changes from one look to the next, in the order of tables.
pub fn changes(before: &Capabilities, now: &Capabilities) -> Vec<NewNotice> {
    let mut found = Vec::new();
    if before.database_kind != now.database_kind && !before.database_kind.is_empty() {
        let text = format!(
            "the database is {} now, it was {}",
            now.database_kind, before.database_kind
        );
        found.push(
            NewNotice::new("database-changed", "", text)
                .with("before", &before.database_kind)
                .with("after", &now.database_kind),
        );
    }
    for table in &now.tables {
        let Some(earlier) = before.tables.iter().find(|other| other.name == table.name) else {
            continue;
        };
        match (earlier.present, table.present) {
            (true, false) => found.push(of_table(
                "table-gone",
                table,
                "is not there any more, or may not be read",
            )),
            (false, true) => found.push(of_table("table-new", table, "is there now")),
            (true, true) => of_both(earlier, table, &mut found),
            (false, false) => {}
        }
    }
    found
}

fn of_table(code: &str, table: &TableCapability, what: &str) -> NewNotice {
    NewNotice::new(code, &table.name, format!("{} {what}", table.name)).with("table", &table.name)
}

fn of_both(before: &TableCapability, now: &TableCapability, found: &mut Vec<NewNotice>) {
    let named = |table: &TableCapability| -> BTreeSet<String> {
        let columns = table.columns_missing.iter();
        let special =
            |column: &&String| *column != STARTTIME_UTC && !column.starts_with(AUX_REASON);
        columns.filter(special).cloned().collect()
    };
    let (lacked, lacks) = (named(before), named(now));
    columns(
        "columns-gone",
        "lacks",
        lacks.difference(&lacked),
        now,
        found,
    );
    columns("columns-new", "has", lacked.difference(&lacks), now, found);
    match (before.start_time_utc, now.start_time_utc) {
        (true, false) => found.push(of_table(
            "starttime-utc-gone",
            now,
            "has no starttime_utc any more",
        )),
        (false, true) => found.push(of_table("starttime-utc-new", now, "has starttime_utc now")),
        _ => {}
    }
    if let (Some(had), Some(has)) = (before.aux_reasons, now.aux_reasons)
        && had != has
    {
        found.push(
            of_table(
                "aux-reasons-changed",
                now,
                "has another number of AUX reasons",
            )
            .with("before", had)
            .with("after", has),
        );
    }
    if let (Some(had), Some(has)) = (&before.owner, &now.owner)
        && had != has
    {
        found.push(
            of_table("owner-changed", now, "belongs to another owner")
                .with("before", had)
                .with("after", has),
        );
    }
    let (had, has) = (&before.dictionary_types, &now.dictionary_types);
    if !had.is_empty() && !has.is_empty() {
        let gone: Vec<&str> = had.difference(has).map(String::as_str).collect();
        if !gone.is_empty() {
            found.push(
                of_table("dictionary-types-gone", now, "has kinds of names no more")
                    .with("types", gone.join(", ")),
            );
        }
    }
    acds(before, now, found);
}

fn columns<'a>(
    code: &str,
    verb: &str,
    names: impl Iterator<Item = &'a String>,
    table: &TableCapability,
    found: &mut Vec<NewNotice>,
) {
    let names: Vec<&str> = names.map(String::as_str).collect();
    if !names.is_empty() {
        let names = names.join(", ");
        let notice = of_table(code, table, &format!("{verb} {names} now"));
        found.push(notice.with("columns", names));
    }
}

fn acds(before: &TableCapability, now: &TableCapability, found: &mut Vec<NewNotice>) {
    // A table of which one look says nothing may have been unreadable then, or just empty.
    if before.acds.is_empty() {
        return;
    }
    for earlier in &before.acds {
        let subject = format!("{}/{}", now.name, earlier.acd);
        let notice = |code: &str, text: String| {
            NewNotice::new(code, &subject, text)
                .with("table", &now.name)
                .with("acd", earlier.acd)
        };
        let Some(extent) = now.acds.iter().find(|other| other.acd == earlier.acd) else {
            let text = format!("{} has no rows of acd {} any more", now.name, earlier.acd);
            found.push(notice("acd-gone", text));
            continue;
        };
        if let (Some(had), Some(has)) = (earlier.interval_minutes, extent.interval_minutes)
            && had != has
        {
            let text = format!(
                "intervals of acd {} in {} have {has} minutes now, they had {had}",
                earlier.acd, now.name
            );
            let notice = notice("interval-changed", text);
            found.push(notice.with("before", had).with("after", has));
        }
        if let (Some(had), Some(has)) = (stored_days(earlier), stored_days(extent))
            && had - has > SHORTER_DAYS
        {
            let text = format!(
                "{} stores {has} days of acd {} now, it stored {had}",
                now.name, earlier.acd
            );
            let notice = notice("retention-shorter", text);
            found.push(notice.with("before", had).with("after", has));
        }
        match (earlier.traced_agents, extent.traced_agents) {
            (Some(had), Some(0)) if had > 0 => {
                let text = format!("no agent of acd {} is traced any more", earlier.acd);
                found.push(notice("trace-stopped", text).with("before", had));
            }
            (Some(0), Some(has)) if has > 0 => {
                let text = format!("{has} agents of acd {} are traced now", earlier.acd);
                found.push(notice("trace-began", text).with("after", has));
            }
            _ => {}
        }
        if let (Some(0), Some(has)) = (earlier.duplicate_keys, extent.duplicate_keys)
            && has > 0
        {
            let text = format!("{} has {has} keys of acd {} twice", now.name, earlier.acd);
            found.push(notice("duplicates-new", text).with("after", has));
        }
    }
    for extent in &now.acds {
        if !before.acds.iter().any(|other| other.acd == extent.acd) {
            let subject = format!("{}/{}", now.name, extent.acd);
            let text = format!("{} has rows of acd {} now", now.name, extent.acd);
            found.push(
                NewNotice::new("acd-new", &subject, text)
                    .with("table", &now.name)
                    .with("acd", extent.acd),
            );
        }
    }
}

/// Days from the oldest to the newest date.
fn stored_days(extent: &AcdExtent) -> Option<i32> {
    let date = |text: &Option<String>| text.as_deref()?.parse::<Date>().ok();
    let (oldest, newest) = (date(&extent.oldest_date)?, date(&extent.newest_date)?);
    Some((newest - oldest).get_days() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extent(acd: i32, oldest: &str, newest: &str) -> AcdExtent {
        AcdExtent {
            acd,
            oldest_date: Some(oldest.into()),
            newest_date: Some(newest.into()),
            interval_minutes: Some(30),
            ..AcdExtent::default()
        }
    }

    fn table(name: &str, missing: &[&str]) -> TableCapability {
        TableCapability {
            name: name.into(),
            present: true,
            start_time_utc: true,
            columns_missing: missing.iter().map(|&name| name.to_owned()).collect(),
            acds: vec![extent(1, "2026-01-01", "2026-11-20")],
            ..TableCapability::default()
        }
    }

    fn look(tables: Vec<TableCapability>) -> Capabilities {
        Capabilities {
            database_kind: "sqlite".into(),
            tables,
            ..Capabilities::default()
        }
    }

    fn codes(before: &Capabilities, now: &Capabilities) -> Vec<String> {
        let found = changes(before, now);
        found
            .iter()
            .map(|notice| format!("{} {}", notice.code, notice.subject))
            .collect()
    }

    #[test]
    fn a_day_later_nothing_has_changed() {
        let before = look(vec![table("hsplit", &["o_acdcalls"])]);
        let mut now = before.clone();
        now.tables[0].acds[0] = extent(1, "2026-01-02", "2026-11-21");
        assert_eq!(codes(&before, &now), Vec::<String>::new());
        assert_eq!(codes(&Capabilities::default(), &now), Vec::<String>::new());
    }

    #[test]
    fn tables_and_columns_go_and_come() {
        let before = look(vec![table("hsplit", &[]), table("hagent", &[])]);
        let mut now = look(vec![table(
            "hsplit",
            &["holdtime", "starttime_utc", "ti_auxtime40"],
        )]);
        now.tables[0].start_time_utc = false;
        now.tables.push(TableCapability {
            name: "hagent".into(),
            ..TableCapability::default()
        });
        assert_eq!(
            codes(&before, &now),
            [
                "columns-gone hsplit",
                "starttime-utc-gone hsplit",
                "table-gone hagent"
            ]
        );
        assert_eq!(
            codes(&now, &before),
            [
                "columns-new hsplit",
                "starttime-utc-new hsplit",
                "table-new hagent"
            ]
        );
        assert_eq!(changes(&before, &now)[0].parameters["columns"], "holdtime");
    }

    #[test]
    fn a_table_that_was_not_looked_at_is_no_change() {
        let before = look(vec![table("hsplit", &[])]);
        let now = look(vec![table("hsplit", &[]), table("ag_actv", &[])]);
        assert_eq!(codes(&before, &now), Vec::<String>::new());
        assert_eq!(codes(&now, &before), Vec::<String>::new());
    }

    #[test]
    fn acds_intervals_retention_and_trace() {
        let before = look(vec![table("ag_actv", &[])]);
        let mut now = before.clone();
        now.tables[0].acds = vec![
            extent(1, "2026-09-01", "2026-11-21"),
            extent(2, "2026-09-01", "2026-11-21"),
        ];
        now.tables[0].acds[0].interval_minutes = Some(15);
        assert_eq!(
            codes(&before, &now),
            [
                "interval-changed ag_actv/1",
                "retention-shorter ag_actv/1",
                "acd-new ag_actv/2"
            ]
        );
        let mut traced = before.clone();
        traced.tables[0].acds[0].traced_agents = Some(12);
        let mut untraced = before.clone();
        untraced.tables[0].acds[0].traced_agents = Some(0);
        assert_eq!(codes(&traced, &untraced), ["trace-stopped ag_actv/1"]);
        assert_eq!(codes(&untraced, &traced), ["trace-began ag_actv/1"]);
        assert_eq!(
            codes(&before, &traced),
            Vec::<String>::new(),
            "an older link does not count"
        );
        now.tables[0].acds.clear();
        assert_eq!(codes(&before, &now), ["acd-gone ag_actv/1"]);
    }
}
