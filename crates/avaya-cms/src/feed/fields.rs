//! A line cut into fields: places in the text, found without allocation.

use super::profile::{Column, Layout, Profile, Separator};
use regex::CaptureLocations;

/// Why a line is no record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reject {
    /// Longer than allowed.
    TooLong,
    /// Not as many fields as the profile says.
    FieldCount,
    /// The pattern does not fit.
    Pattern,
    /// A quote does not end.
    Quotes,
    /// No login ID, or none that the profile allows.
    Login,
    /// The state is blank, or no number where all states are.
    State,
    /// The ACD is no number.
    Acd,
    /// The duration is none.
    Duration,
    /// The connection ended within it.
    CutOff,
}

impl Reject {
    /// The name in counters, samples and previews.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TooLong => "too_long",
            Self::FieldCount => "field_count",
            Self::Pattern => "pattern",
            Self::Quotes => "quotes",
            Self::Login => "login",
            Self::State => "state",
            Self::Acd => "acd",
            Self::Duration => "duration",
            Self::CutOff => "cut_off",
        }
    }
}

/// Places of fields in one line.
#[derive(Debug, Default)]
pub struct Fields {
    places: Vec<(u32, u32)>,
    locations: Option<CaptureLocations>,
    ascii: bool,
}

fn small(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

impl Fields {
    /// Cuts a line.
    pub fn cut(&mut self, profile: &Profile, text: &str) -> Result<(), Reject> {
        self.places.clear();
        match &profile.layout {
            Layout::Delimited {
                separator,
                quotes,
                min_fields,
                max_fields,
            } => {
                match (separator, quotes) {
                    (Separator::Spaces, false) => self.spaces(text),
                    (Separator::Byte(byte), false) => self.separated(text, *byte),
                    (Separator::Byte(byte), true) => self.quoted(text, |b| b == *byte, false)?,
                    (Separator::Spaces, true) => {
                        self.quoted(text, |b| matches!(b, b' ' | b'\t'), true)?;
                    }
                }
                match (*min_fields..=*max_fields).contains(&self.places.len()) {
                    true => Ok(()),
                    false => Err(Reject::FieldCount),
                }
            }
            Layout::FixedWidth => {
                self.ascii = text.is_ascii();
                Ok(())
            }
            Layout::Pattern(pattern) => {
                let locations = self
                    .locations
                    .get_or_insert_with(|| pattern.capture_locations());
                if locations.len() != pattern.captures_len() {
                    *locations = pattern.capture_locations();
                }
                pattern
                    .captures_read(locations, text)
                    .ok_or(Reject::Pattern)?;
                for group in 0..locations.len() {
                    let (from, to) = locations.get(group).unwrap_or((0, 0));
                    self.places.push((small(from), small(to)));
                }
                Ok(())
            }
        }
    }

    fn spaces(&mut self, text: &str) {
        let mut start = 0_u32;
        let mut at = 0_u32;
        for byte in text.as_bytes() {
            if matches!(byte, b' ' | b'\t') {
                if at > start {
                    self.places.push((start, at));
                }
                start = at + 1;
            }
            at += 1;
        }
        if at > start {
            self.places.push((start, at));
        }
    }

    fn separated(&mut self, text: &str, separator: u8) {
        let mut from = 0;
        for at in memchr::memchr_iter(separator, text.as_bytes()) {
            self.places.push((small(from), small(at)));
            from = at + 1;
        }
        self.places.push((small(from), small(text.len())));
    }

    /// Fields that may be in double quotes; quotes are left out of the place, doubled ones in it stay.
    fn quoted(
        &mut self,
        text: &str,
        is_end: impl Fn(u8) -> bool,
        runs: bool,
    ) -> Result<(), Reject> {
        let bytes = text.as_bytes();
        let mut at = 0;
        loop {
            while runs && bytes.get(at).copied().is_some_and(&is_end) {
                at += 1;
            }
            if runs && at >= bytes.len() {
                return Ok(());
            }
            if bytes.get(at) == Some(&b'"') {
                let from = at + 1;
                at = from;
                loop {
                    match (bytes.get(at), bytes.get(at + 1)) {
                        (Some(b'"'), Some(b'"')) => at += 2,
                        (Some(b'"'), _) => break,
                        (Some(_), _) => at += 1,
                        (None, _) => return Err(Reject::Quotes),
                    }
                }
                self.places.push((small(from), small(at)));
                at += 1;
                while !runs && matches!(bytes.get(at), Some(b' ')) {
                    at += 1;
                }
                if bytes.get(at).is_some_and(|byte| !is_end(*byte)) {
                    return Err(Reject::Quotes);
                }
            } else {
                let from = at;
                while bytes.get(at).is_some_and(|byte| !is_end(*byte)) {
                    at += 1;
                }
                self.places.push((small(from), small(at)));
            }
            if at >= bytes.len() {
                return Ok(());
            }
            at += 1;
        }
    }

    /// The place of a column; `None` when the line has none.
    pub fn place(&self, text: &str, column: Column) -> Option<(usize, usize)> {
        match column {
            Column::Field(at) => {
                let (from, to) = self.places.get(at).copied()?;
                Some((from as usize, to as usize))
            }
            Column::Span(from, to) if self.ascii => {
                (from < text.len()).then(|| (from, to.min(text.len())))
            }
            Column::Span(from, to) => {
                let mut starts = text.char_indices().map(|(at, _)| at).chain([text.len()]);
                let first = starts.nth(from).filter(|at| *at < text.len())?;
                let end = starts.nth(to - from - 1).unwrap_or(text.len());
                Some((first, end))
            }
        }
    }

    /// The trimmed text of a column; blank when the line has none.
    pub fn get<'a>(&self, text: &'a str, column: Column) -> &'a str {
        let place = self.place(text, column);
        trimmed(
            place
                .and_then(|(from, to)| text.get(from..to))
                .unwrap_or_default(),
        )
    }
}

/// Without spaces around it; most fields have none.
fn trimmed(field: &str) -> &str {
    match field.as_bytes() {
        [first, .., last] if *first > b' ' && *first < 0x80 && *last > b' ' && *last < 0x80 => {
            field
        }
        [only] if *only > b' ' => field,
        [] => field,
        _ => field.trim(),
    }
}
