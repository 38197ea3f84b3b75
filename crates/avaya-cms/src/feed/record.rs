//! One line read by a profile.

use super::codes::Meaning;
use super::duration;
use super::fields::{Fields, Reject};
use super::profile::{Column, Profile};
use super::text::Cleaner;
use floorwire_model::agents::WorkState;
use floorwire_model::ids::AcdNumber;
use std::borrow::Cow;

/// Longest login ID, bytes.
const MAX_LOGIN_BYTES: usize = 64;
/// Most characters that are kept of what is not understood.
const MAX_RAW_CHARACTERS: usize = 32;

/// What a line is.
#[derive(Debug)]
pub enum Reading<'a> {
    /// Empty.
    Blank,
    /// Begins a snapshot.
    Header,
    /// Ends a snapshot, with the number of its records where it says so.
    Footer {
        /// The number.
        rows: Option<u64>,
    },
    /// To be passed over.
    Skipped,
    /// One agent, or one agent and skill.
    Record(Record<'a>),
    /// Not understood.
    Rejected(Reject),
}

/// One record; texts are those of the line.
#[derive(Debug)]
pub struct Record<'a> {
    /// The login ID.
    pub login: &'a str,
    /// The ACD, where the record or the profile names it.
    pub acd: Option<AcdNumber>,
    /// State, direction, hold, reason.
    pub meaning: Meaning,
    /// What no table knows: a state or a reason.
    pub raw: Option<&'a str>,
    /// Whether `raw` is a reason, not a state.
    pub raw_is_reason: bool,
    /// How many codes no table knows.
    pub unknown_codes: u32,
    /// The skill of the call, else that of the row.
    pub skill: Option<&'a str>,
    /// The level of it.
    pub skill_level: Option<i32>,
    /// The skill that the row is of.
    pub row_skill: Option<&'a str>,
    /// Seconds in the state.
    pub duration_s: Option<u64>,
    text: &'a str,
    fields: &'a Fields,
    profile: &'a Profile,
}

impl<'a> Record<'a> {
    /// The agent's name, where there is one.
    pub fn name(&self) -> Option<Cow<'a, str>> {
        let name = self.fields.get(self.text, self.profile.columns.name?);
        match name.is_empty() {
            true => None,
            false if name.contains("\"\"") => Some(Cow::Owned(name.replace("\"\"", "\""))),
            false => Some(Cow::Borrowed(name)),
        }
    }

    /// Whether one of the skills of the record fits: of the call, of the row, of the list.
    pub fn any_skill(&self, fits: impl Fn(i32) -> bool) -> bool {
        let number = |text: Option<&str>| text.and_then(|text| text.parse::<i32>().ok());
        number(self.skill).is_some_and(&fits)
            || number(self.row_skill).is_some_and(&fits)
            || self
                .pairs()
                .any(|(skill, _)| number(Some(skill)).is_some_and(&fits))
    }

    fn pairs(&self) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        let (fields, text) = (self.fields, self.text);
        let (first, pairs) = self
            .profile
            .columns
            .skills
            .map_or((0, 0), |of| (of.first, of.pairs));
        (0..pairs).map(move |pair| {
            let at = first + 2 * pair;
            (
                fields.get(text, Column::Field(at)),
                fields.get(text, Column::Field(at + 1)),
            )
        })
    }

    /// The level in the skill of the call: of its own field, of the row, or of the list.
    fn level(&self) -> Option<i32> {
        let columns = &self.profile.columns;
        let skill = self.skill?;
        let of = |column: Option<Column>| {
            let text = self.fields.get(self.text, column?);
            text.parse::<i32>().ok().filter(|level| *level > 0)
        };
        if let Some(level) = of(columns.skill_level) {
            return Some(level);
        }
        if self.row_skill == Some(skill) && columns.row_level.is_some() {
            return of(columns.row_level);
        }
        let (_, level) = self.pairs().find(|(of, _)| *of == skill)?;
        level.parse().ok().filter(|level| *level > 0)
    }

    /// Places of the line that name a person.
    pub fn identities(&self) -> [Option<(usize, usize)>; 2] {
        let place = |column| self.fields.place(self.text, column);
        [
            place(self.profile.columns.login),
            self.profile.columns.name.and_then(place),
        ]
    }
}

/// Reads lines; its buffers are used again.
#[derive(Debug, Default)]
pub struct Reader {
    cleaner: Cleaner,
    fields: Fields,
}

/// The reading of a line, with its clean text.
#[derive(Debug)]
pub struct ReadAs<'a> {
    /// The text.
    pub text: &'a str,
    /// The place of the login ID, where the line could be cut.
    pub login: Option<(usize, usize)>,
    /// What it is.
    pub reading: Reading<'a>,
}

impl Reader {
    /// Reads one line.
    pub fn read<'a>(&'a mut self, profile: &'a Profile, line: &'a [u8]) -> ReadAs<'a> {
        let (text, _) = self.cleaner.clean(profile, line);
        let as_is = |reading| ReadAs {
            text,
            login: None,
            reading,
        };
        if text.bytes().all(|byte| matches!(byte, b' ' | b'\t')) {
            // Zeros that somebody left in the stream are no end of anything.
            let is_empty = memchr::memchr(0, line).is_none();
            return as_is(match profile.lines.blank_ends && is_empty {
                true => Reading::Footer { rows: None },
                false => Reading::Blank,
            });
        }
        if profile
            .lines
            .header
            .as_ref()
            .is_some_and(|pattern| pattern.is_match(text))
        {
            return as_is(Reading::Header);
        }
        if let Some(captures) = profile
            .lines
            .footer
            .as_ref()
            .and_then(|pattern| pattern.captures(text))
        {
            let rows = captures
                .name("rows")
                .and_then(|rows| rows.as_str().trim().parse().ok());
            return as_is(Reading::Footer { rows });
        }
        if profile
            .lines
            .skip
            .iter()
            .any(|pattern| pattern.is_match(text))
        {
            return as_is(Reading::Skipped);
        }
        let cut = self.fields.cut(profile, text);
        let fields = &self.fields;
        let reading = match cut.and_then(|()| record(profile, text, fields)) {
            Ok(record) => Reading::Record(record),
            Err(reject) => Reading::Rejected(reject),
        };
        ReadAs {
            text,
            login: fields.place(text, profile.columns.login),
            reading,
        }
    }
}

fn record<'a>(
    profile: &'a Profile,
    text: &'a str,
    fields: &'a Fields,
) -> Result<Record<'a>, Reject> {
    let columns = &profile.columns;
    let get = |column: Column| -> &'a str {
        let field = fields.get(text, column);
        let is_empty = |value: &String| value == field;
        match !profile.empty_values.is_empty() && profile.empty_values.iter().any(is_empty) {
            true => "",
            false => field,
        }
    };
    let optional = |column: Option<Column>| column.map(get).filter(|field| !field.is_empty());
    let login = login(profile, get(columns.login))?;
    let acd = match (optional(columns.acd), profile.identity.acd) {
        (Some(field), _) => match field.parse() {
            Ok(acd @ 1..=9_999) => Some(AcdNumber(acd)),
            _ => return Err(Reject::Acd),
        },
        (None, constant) => constant,
    };
    let duration_s = match optional(columns.duration) {
        Some(field) => Some(duration::seconds(field).ok_or(Reject::Duration)?),
        None => None,
    };
    let mut unknown_codes = 0;
    let mut raw = None;
    let mut raw_is_reason = false;
    let state = get(columns.state);
    let mut meaning = match profile.vocabulary.state(state) {
        Some(meaning) => meaning,
        None if state.is_empty() => return Err(Reject::State),
        None if profile.vocabulary.numeric_states
            && !(state.len() <= 6 && state.bytes().all(|byte| byte.is_ascii_digit())) =>
        {
            return Err(Reject::State);
        }
        None => {
            unknown_codes += 1;
            raw = Some(shortened(state));
            Meaning::of(WorkState::Unknown)
        }
    };
    if let (None, Some(field)) = (meaning.direction, optional(columns.direction)) {
        match profile.vocabulary.directions.get(field) {
            Some(direction) => meaning.direction = direction,
            None => unknown_codes += 1,
        }
    }
    if meaning.state == WorkState::Aux {
        if let (None, Some(field)) = (meaning.reason, optional(columns.aux_reason)) {
            // A name of the profile comes before a number.
            let known = profile.vocabulary.reasons.get(field);
            meaning.reason = known.or_else(|| {
                field
                    .parse()
                    .ok()
                    .filter(|reason| (0..=99).contains(reason))
            });
            if meaning.reason.is_none() {
                unknown_codes += 1;
                raw = Some(shortened(field));
                raw_is_reason = true;
            }
        }
    } else {
        meaning.reason = None;
    }
    if let Some("1" | "Y" | "y" | "YES" | "yes" | "true") = optional(columns.hold) {
        meaning.hold = true;
    }
    let skill = |column| optional(column).filter(|skill| *skill != "0");
    let row_skill = skill(columns.row_skill);
    let mut record = Record {
        login,
        acd,
        meaning,
        raw,
        raw_is_reason,
        unknown_codes,
        skill: None,
        skill_level: None,
        row_skill,
        duration_s,
        text,
        fields,
        profile,
    };
    record.skill = match columns.skill {
        // Of a state without a skill it is not shown, but says whose data it is.
        Some(_) => skill(columns.skill),
        None if meaning.state.has_skill() => row_skill,
        None => None,
    };
    if meaning.state.has_skill() {
        record.skill_level = record.level();
    }
    Ok(record)
}

fn login<'a>(profile: &Profile, field: &'a str) -> Result<&'a str, Reject> {
    let is_wrong = |byte: u8| match profile.identity.digits_only {
        true => !byte.is_ascii_digit(),
        false => byte < 0x20,
    };
    if field.is_empty() || field.len() > MAX_LOGIN_BYTES || field.bytes().any(is_wrong) {
        return Err(Reject::Login);
    }
    match profile.identity.strip_leading_zeros {
        true => Ok(match field.trim_start_matches('0') {
            "" => "0",
            rest => rest,
        }),
        false => Ok(field),
    }
}

fn shortened(text: &str) -> &str {
    match text.char_indices().nth(MAX_RAW_CHARACTERS) {
        Some((at, _)) => text.get(..at).unwrap_or_default(),
        None => text,
    }
}
