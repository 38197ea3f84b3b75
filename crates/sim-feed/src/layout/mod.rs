//! The five layouts: agents and changes as bytes. What each column holds stands in `docs/feed-layouts.md`.

mod cisco;
mod csv_names;
mod delta_events;
mod report;
mod rta_codes;

use crate::floor::{Agent, Change, ChangeKind, Dictionary};
use floorwire_sim_centre::event::{Login, Named};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// How agents become bytes, named as the profile that reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layout {
    /// One row per agent with two-digit codes, separated by `|`.
    RtaCodesDelimited,
    /// 49 whole numbers.
    #[serde(rename = "cisco-49")]
    Cisco49,
    /// Pages of fixed columns, one row per agent and skill.
    ReportText,
    /// Names and displayed states, separated by commas.
    CsvNames,
    /// Changes with their time of day.
    DeltaEvents,
}

impl Layout {
    /// All of them, with their names.
    pub const ALL: [(&'static str, Self); 5] = [
        ("rta-codes-delimited", Self::RtaCodesDelimited),
        ("cisco-49", Self::Cisco49),
        ("report-text", Self::ReportText),
        ("csv-names", Self::CsvNames),
        ("delta-events", Self::DeltaEvents),
    ];

    /// What ends a line.
    pub(crate) fn line_end(self) -> &'static [u8] {
        match self {
            Self::CsvNames => b"\r\n",
            _ => b"\n",
        }
    }
}

/// Whose names are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Names {
    /// Invented from the login ID: `Smith, A`.
    #[default]
    Surname,
    /// As the dictionary has them.
    Dictionary,
}

/// What a refresh is written with.
pub(crate) struct Context<'a> {
    pub acd: i16,
    /// When the agents were looked at, Unix seconds.
    pub now_utc_s: i64,
    /// so much is added to durations, and to times that are shown.
    pub skew_s: i64,
    pub zone: &'a TimeZone,
    pub dictionary: &'a Dictionary,
    pub names: Names,
    /// Another dictionary.
    pub renamed: bool,
}

impl Context<'_> {
    /// Seconds since an instant, as the feed says it.
    fn duration_s(&self, since_utc_s: i64) -> i64 {
        (self.now_utc_s - since_utc_s + self.skew_s).max(0)
    }

    /// What the clock of the ACD shows.
    fn face(&self, utc_s: i64) -> DateTime {
        let instant = Timestamp::from_second(utc_s + self.skew_s).unwrap_or_default();
        self.zone.to_datetime(instant)
    }

    fn agent_name(&self, login: Login) -> String {
        match self.names {
            Names::Surname => invented_name(login),
            Names::Dictionary => {
                let name = self.dictionary.name(Named::Agent, login);
                name.map_or_else(|| login.to_string(), str::to_owned)
            }
        }
    }

    fn named(&self, item: Named, number: u32) -> String {
        let name = self.dictionary.name(item, number);
        name.map_or_else(|| number.to_string(), str::to_owned)
    }
}

/// The bytes of a refresh, and where its records begin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sheet {
    pub bytes: Vec<u8>,
    /// Offsets of the first bytes of records, ascending.
    pub records: Vec<usize>,
}

impl Sheet {
    fn record(&mut self) {
        self.records.push(self.bytes.len());
    }

    fn text(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
    }

    /// Writing into memory does not fail.
    fn put(&mut self, text: std::fmt::Arguments<'_>) {
        let _ = std::io::Write::write_fmt(&mut self.bytes, text);
    }
}

/// A snapshot of agents in ascending order.
pub(crate) fn snapshot<'a>(
    layout: Layout,
    context: &Context<'_>,
    agents: impl Iterator<Item = &'a Agent>,
) -> Sheet {
    let mut sheet = Sheet::default();
    match layout {
        Layout::RtaCodesDelimited => {
            agents.for_each(|agent| rta_codes::row(&mut sheet, context, agent));
            sheet.text("\n");
        }
        Layout::Cisco49 => agents.for_each(|agent| cisco::row(&mut sheet, context, agent)),
        Layout::ReportText => report::pages(&mut sheet, context, agents),
        Layout::CsvNames => csv_names::sheet(&mut sheet, context, agents),
        Layout::DeltaEvents => agents.for_each(|agent| {
            delta_events::line(
                &mut sheet,
                context,
                agent.since_utc_s,
                agent.login,
                agent.shown,
            );
        }),
    }
    sheet
}

/// Changes in their order. Without changes nothing, not even a header.
pub(crate) fn changes(layout: Layout, context: &Context<'_>, changes: &[Change]) -> Sheet {
    if layout == Layout::DeltaEvents {
        let mut sheet = Sheet::default();
        for change in changes {
            delta_events::change(&mut sheet, context, change);
        }
        return sheet;
    }
    let rows = changes
        .iter()
        .filter(|change| change.kind != ChangeKind::SignOn)
        .map(|change| &change.agent);
    if rows.clone().next().is_none() {
        return Sheet::default();
    }
    snapshot(layout, context, rows)
}

/// A title as the pages of a report have it, with its headings, for any layout.
pub(crate) fn stray_page_header(layout: Layout, context: &Context<'_>, page: i64) -> Vec<u8> {
    let mut sheet = Sheet::default();
    report::title(&mut sheet, context, page);
    report::headings(&mut sheet);
    if layout.line_end() == b"\n" {
        return without_empty_lines(&sheet.bytes, b"\n");
    }
    without_empty_lines(&sheet.bytes, layout.line_end())
}

/// The same lines with another line end; empty ones would end a refresh in some layouts.
fn without_empty_lines(text: &[u8], line_end: &[u8]) -> Vec<u8> {
    let lines = text.split(|byte| *byte == b'\n');
    lines
        .filter(|line| !line.is_empty())
        .flat_map(|line| line.iter().chain(line_end).copied().collect::<Vec<u8>>())
        .collect()
}

const SURNAMES: [&str; 24] = [
    "Smith",
    "Garcia",
    "Keller",
    "Moreau",
    "Okafor",
    "Novak",
    "Rossi",
    "Silva",
    "Jansen",
    "Meyer",
    "O'Brien",
    "Kowalski",
    "Haddad",
    "Lindqvist",
    "Yilmaz",
    "Dubois",
    "Costa",
    "Fischer",
    "Ivanov",
    "Nguyen",
    "Patel",
    "Tanaka",
    "Weber",
    "Zimmer",
];

/// `Smith, A`: the same for a login ID at any time, and different for those near it.
fn invented_name(login: Login) -> String {
    let surname = SURNAMES[login as usize % SURNAMES.len()];
    let letter = char::from(b'A' + u8::try_from(login / 24 % 26).unwrap_or(0));
    format!("{surname}, {letter}")
}
