//! How lines read by a profile, for the page on which it is edited, and whether a second connection speaks the right language.

use super::framing::{Framed, Framer};
use super::profile::{Layout, LineEnd, Profile};
use super::pseudonym::Pseudonyms;
use super::record::{Reader, Reading, Record};
use std::collections::BTreeMap;

/// Most lines of a preview.
const MAX_LINES: usize = 500;

/// One line and what the profile makes of it. Identities are pseudonyms, the same for the same agent within one preview.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadLine {
    /// The line.
    pub text: String,
    /// `record`, `skipped`, `header`, `footer`, or the reason of its rejection.
    pub reading: &'static str,
    /// The fields of a record by name.
    pub fields: BTreeMap<&'static str, String>,
}

/// Whether bytes from the beginning of a connection hold a complete valid record.
pub fn has_record(profile: &Profile, bytes: &[u8]) -> bool {
    let mut found = false;
    let mut reader = Reader::default();
    Framer::new(profile).push(bytes, &mut |framed| {
        if let (false, Framed::Line(line)) = (found, framed) {
            found = matches!(reader.read(profile, line).reading, Reading::Record(_));
        }
    });
    found
}

/// How lines read. What stands after the last line end counts as a line too, since captures end anywhere.
pub fn preview(profile: &Profile, lines: &[u8]) -> Vec<ReadLine> {
    let mut reader = Reader::default();
    let mut pseudonyms = Pseudonyms::default();
    let mut read = Vec::new();
    let mut take = |framed: Framed<'_>| {
        if read.len() < MAX_LINES {
            read.push(match framed {
                Framed::Line(line) => line_read(profile, &mut reader, &mut pseudonyms, line),
                Framed::TooLong => ReadLine {
                    text: String::new(),
                    reading: "too_long",
                    fields: BTreeMap::new(),
                },
            });
        }
    };
    let mut framer = Framer::new(profile);
    framer.push(lines, &mut take);
    if !framer.tail().is_empty() {
        take(Framed::Line(framer.tail()));
    }
    read
}

fn line_read(
    profile: &Profile,
    reader: &mut Reader,
    pseudonyms: &mut Pseudonyms,
    line: &[u8],
) -> ReadLine {
    let read = reader.read(profile, line);
    let (reading, fields, identities) = match &read.reading {
        Reading::Blank | Reading::Skipped => ("skipped", BTreeMap::new(), [None, None]),
        Reading::Header => ("header", BTreeMap::new(), [None, None]),
        Reading::Footer { .. } => ("footer", BTreeMap::new(), [None, None]),
        Reading::Rejected(reject) => (reject.as_str(), BTreeMap::new(), [read.login, None]),
        Reading::Record(record) => (
            "record",
            fields(profile, pseudonyms, record),
            record.identities(),
        ),
    };
    ReadLine {
        text: pseudonyms.line(profile, read.text, &identities),
        reading,
        fields,
    }
}

fn fields(
    profile: &Profile,
    pseudonyms: &mut Pseudonyms,
    record: &Record<'_>,
) -> BTreeMap<&'static str, String> {
    let mut fields = BTreeMap::new();
    fields.insert("login", pseudonyms.token(profile, record.login, true));
    fields.insert("state", record.meaning.state.as_str().to_owned());
    let mut put = |name, value: Option<String>| {
        if let Some(value) = value {
            fields.insert(name, value);
        }
    };
    put("acd", record.acd.map(|acd| acd.to_string()));
    put(
        "direction",
        record
            .meaning
            .direction
            .map(|direction| direction.as_str().to_owned()),
    );
    put(
        "aux_reason",
        record.meaning.reason.map(|reason| reason.to_string()),
    );
    put("skill", record.skill.map(str::to_owned));
    put(
        "skill_level",
        record.skill_level.map(|level| level.to_string()),
    );
    put("row_skill", record.row_skill.map(str::to_owned));
    put(
        "duration",
        record.duration_s.map(|seconds| seconds.to_string()),
    );
    put("hold", record.meaning.hold.then(|| "yes".to_owned()));
    put("unknown", record.raw.map(str::to_owned));
    let name = record.name().map(|name| {
        name.chars()
            .map(|c| if c.is_alphanumeric() { 'x' } else { c })
            .collect()
    });
    put("name", name);
    fields
}

impl Profile {
    /// Whether a record without its line end can be told from a part of one.
    pub(super) fn has_exact_fields(&self) -> bool {
        match &self.layout {
            Layout::Delimited {
                min_fields,
                max_fields,
                ..
            } => min_fields == max_fields,
            Layout::FixedWidth | Layout::Pattern(_) => matches!(self.line_end, LineEnd::Fixed(_)),
        }
    }
}
