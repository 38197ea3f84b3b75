//! What a site's capabilities mean for the numbers, spelled out by code. One function for the Link's report, the page
//! and the Link's `doctor`, so that they say the same.

use super::{AcdExtent, Capabilities, Note, TableCapability};
use std::collections::BTreeMap;

/// A clock that differs by more is worth a word, seconds.
const CLOCK_S: i64 = 30;
/// Kinds of names that pages show, and what is named by them.
const NAMES: [&str; 4] = ["split", "agname", "aux_rsn", "workmode"];
/// Columns that are spoken of in other words.
const STARTTIME_UTC: &str = "starttime_utc";
const AUX_REASON: &str = "ti_auxtime";

/// Tables that an import can do without: code and text where one is not there or empty.
const DISPENSABLE: [(&str, &str, &str); 8] = [
    (
        "hvdn",
        "no-vdn-intervals",
        "no rows in hvdn: calls cannot be grouped by VDN",
    ),
    (
        "dsplit",
        "no-split-days",
        "no rows in dsplit: of dates without intervals nothing is known by split",
    ),
    (
        "dvdn",
        "no-vdn-days",
        "no rows in dvdn: of dates without intervals nothing is known by VDN",
    ),
    (
        "linkex",
        "no-outages",
        "no linkex: breaks of the link to the switch are not known, rows they spoilt are",
    ),
    (
        "dagent",
        "no-agent-days",
        "no rows in dagent: of dates without intervals nothing is known of agents",
    ),
    (
        "hagent",
        "no-agent-intervals",
        "no rows in hagent: durations of agents are unknown",
    ),
    (
        "haglog",
        "no-agent-sessions",
        "no rows in haglog: logins and logouts of agents are unknown",
    ),
    (
        "ag_actv",
        "no-agent-trace",
        "no rows in ag_actv (agent trace): statuses of agents have interval resolution",
    ),
];

fn note<const N: usize>(code: &str, text: String, parameters: [(&str, String); N]) -> Note {
    Note {
        code: code.to_owned(),
        text,
        parameters: BTreeMap::from(parameters.map(|(name, value)| (name.to_owned(), value))),
    }
}

/// The consequences, table by table. Tables that were not looked at say nothing.
pub fn consequences(found: &Capabilities) -> Vec<Note> {
    let mut notes = Vec::new();
    if let Some(seconds) = found.clock_difference_s.filter(|s| s.abs() > CLOCK_S) {
        let text = format!(
            "the clock of the database differs from the link's by {seconds} s: how old rows are is known that roughly"
        );
        notes.push(note(
            "clock-differs",
            text,
            [("seconds", seconds.to_string())],
        ));
    }
    for table in &found.tables {
        let dispensable = DISPENSABLE.iter().find(|(name, ..)| *name == table.name);
        if let Some((_, code, text)) = dispensable
            && (!table.present || table.acds.is_empty())
        {
            notes.push(note(code, (*text).to_owned(), []));
            continue;
        }
        if table.present {
            of_table(table, &mut notes);
        }
    }
    notes
}

fn of_table(table: &TableCapability, notes: &mut Vec<Note>) {
    let name = || ("table", table.name.clone());
    let other = |column: &&String| *column != STARTTIME_UTC && !column.starts_with(AUX_REASON);
    let missing: Vec<&str> = table
        .columns_missing
        .iter()
        .filter(other)
        .map(String::as_str)
        .collect();
    if !missing.is_empty() {
        let missing = missing.join(", ");
        let text = format!(
            "{} has no {missing}: figures that need them are unknown",
            table.name
        );
        notes.push(note(
            "columns-missing",
            text,
            [name(), ("columns", missing)],
        ));
    }
    let lacks_utc = table
        .columns_missing
        .iter()
        .any(|column| column == STARTTIME_UTC);
    if lacks_utc && !table.start_time_utc {
        let text = format!(
            "{} has no starttime_utc: the repeated hour of a clock change is one entry marked ambiguous",
            table.name
        );
        notes.push(note("no-starttime-utc", text, [name()]));
    }
    if let Some(reasons) = table.aux_reasons {
        let text = format!("{} tells {reasons} AUX reasons apart", table.name);
        notes.push(note(
            "aux-reasons",
            text,
            [name(), ("count", reasons.to_string())],
        ));
    }
    let types = &table.dictionary_types;
    let lacking: Vec<&str> = NAMES
        .into_iter()
        .filter(|kind| !types.contains(*kind))
        .collect();
    if !types.is_empty() && !lacking.is_empty() {
        let lacking = lacking.join(", ");
        let text = format!("the dictionary has no names of {lacking}: their numbers are shown");
        notes.push(note("dictionary-lacks", text, [("types", lacking)]));
    }
    for extent in &table.acds {
        of_acd(table, extent, notes);
    }
}

fn of_acd(table: &TableCapability, extent: &AcdExtent, notes: &mut Vec<Note>) {
    let acd = || ("acd", extent.acd.to_string());
    if let Some(agents) = extent.traced_agents {
        let text = match agents {
            0 => format!(
                "no agent of acd {} is traced on the newest date: statuses have interval resolution",
                extent.acd
            ),
            _ => format!(
                "{agents} agents of acd {} are traced on the newest date: statuses of all others have interval resolution",
                extent.acd
            ),
        };
        let code = if agents == 0 {
            "nobody-traced"
        } else {
            "traced-agents"
        };
        notes.push(note(code, text, [acd(), ("count", agents.to_string())]));
    }
    if let Some(keys) = extent.duplicate_keys.filter(|keys| *keys > 0) {
        let text = format!(
            "{} has {keys} keys of acd {} more than once on the newest date: they are told apart by their cause and never added blindly",
            table.name, extent.acd
        );
        let table = ("table", table.name.clone());
        notes.push(note(
            "duplicate-keys",
            text,
            [table, acd(), ("count", keys.to_string())],
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(name: &str) -> TableCapability {
        TableCapability {
            name: name.into(),
            present: true,
            start_time_utc: true,
            acds: vec![AcdExtent {
                acd: 1,
                ..AcdExtent::default()
            }],
            ..TableCapability::default()
        }
    }

    fn codes(tables: Vec<TableCapability>) -> Vec<String> {
        let found = Capabilities {
            tables,
            ..Capabilities::default()
        };
        consequences(&found)
            .into_iter()
            .map(|note| note.code)
            .collect()
    }

    #[test]
    fn a_whole_site_has_nothing_to_explain() {
        assert_eq!(codes(vec![table("hsplit")]), Vec::<String>::new());
        assert_eq!(consequences(&Capabilities::default()), []);
    }

    #[test]
    fn what_is_missing_is_spelled_out_once_each() {
        let mut old = table("hsplit");
        old.start_time_utc = false;
        old.columns_missing = vec!["starttime_utc".into(), "o_acdcalls".into(), "tenant".into()];
        old.acds[0].duplicate_keys = Some(3);
        let mut trace = table("ag_actv");
        trace.acds.clear();
        let mut agents = table("hagent");
        agents.columns_missing = vec!["ti_auxtime10".into()];
        agents.aux_reasons = Some(10);
        assert_eq!(
            codes(vec![old, trace, agents]),
            [
                "columns-missing",
                "no-starttime-utc",
                "duplicate-keys",
                "no-agent-trace",
                "aux-reasons"
            ]
        );
    }

    #[test]
    fn tables_of_events_have_no_start_in_utc_to_lack() {
        let mut sessions = table("haglog");
        sessions.start_time_utc = false;
        assert_eq!(codes(vec![sessions]), Vec::<String>::new());
    }

    #[test]
    fn traces_names_and_clocks() {
        let mut trace = table("ag_actv");
        trace.acds[0].traced_agents = Some(12);
        let mut names = table("synonyms");
        names.dictionary_types = ["split", "agname", "workmode"].map(str::to_owned).into();
        let found = Capabilities {
            clock_difference_s: Some(-90),
            tables: vec![trace, names],
            ..Capabilities::default()
        };
        let notes = consequences(&found);
        let codes: Vec<&str> = notes.iter().map(|note| note.code.as_str()).collect();
        assert_eq!(
            codes,
            ["clock-differs", "traced-agents", "dictionary-lacks"]
        );
        assert_eq!(notes[0].parameters["seconds"], "-90");
        assert_eq!(notes[2].parameters["types"], "aux_rsn");
    }
}
