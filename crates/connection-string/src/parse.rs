//! The text of a connection string, and the keywords and values in it.
//!
//! Format: `keyword=value` pairs between semicolons. A value that starts with `{` runs to the
//! closing `}` and may hold semicolons; `}}` in it means one `}`. Blanks around keywords and bare
//! values do not count. Keywords compare without case and keep the case they were typed in.
//!
//! What was typed is kept piece by piece, so that an unchanged string goes to the driver byte for
//! byte. A keyword given twice is refused: drivers disagree on which one counts, and a second
//! `DRIVER` would pass the eye of whoever checks the first.
//!
//! Errors name keywords, never values: a value may be a password.

use std::fmt;

use crate::secret::{self, MASK};

/// Longest text accepted, in bytes. ODBC counts the length in 16 bits.
const MAX_BYTES: usize = 16_384;

/// A parsed connection string. `Display` and `Debug` print it with secrets masked;
/// [`ConnectionString::expose`] gives the text for the driver.
#[derive(Clone, PartialEq, Eq)]
pub struct ConnectionString {
    /// Joined by `;` they give the text.
    segments: Vec<Segment>,
    text: String,
}

#[derive(Clone, PartialEq, Eq)]
struct Segment {
    raw: String,
    /// `None` for the empty piece after a last semicolon.
    pair: Option<Pair>,
}

#[derive(Clone, PartialEq, Eq)]
struct Pair {
    keyword: String,
    value: String,
}

/// Why a text is no connection string.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseError {
    /// No pair at all.
    #[error("it is empty; type one as in DSN=AvayaCMS;DELIMIDENT=y;")]
    Empty,
    /// Longer than a driver can take.
    #[error("it is longer than 16384 bytes; shorten it")]
    TooLong,
    /// A piece without an equals sign. Which piece, counted from 1: its text may be a secret.
    #[error(
        "part {part} has no equals sign; write keyword=value, and put values that hold a semicolon into braces"
    )]
    NoEqualsSign {
        /// Position among the pieces between semicolons, from 1.
        part: usize,
    },
    /// A piece that starts with the equals sign.
    #[error("part {part} has no keyword before the equals sign; write keyword=value")]
    NoKeyword {
        /// Position among the pieces between semicolons, from 1.
        part: usize,
    },
    /// A keyword with characters that no keyword has.
    #[error(
        "the keyword of part {part} has a character that does not belong there; write keyword=value and put values that hold a semicolon into braces"
    )]
    StrangeKeyword {
        /// Position among the pieces between semicolons, from 1.
        part: usize,
    },
    /// An opening brace without its closing one.
    #[error(
        "the value of {keyword} opens a brace that is never closed; close it, and double a brace that belongs to the value"
    )]
    UnclosedBrace {
        /// The keyword as typed.
        keyword: String,
    },
    /// Text between the closing brace and the next semicolon.
    #[error(
        "text follows the closing brace of {keyword}; put a semicolon after the brace, and double a brace that belongs to the value"
    )]
    TextAfterBrace {
        /// The keyword as typed.
        keyword: String,
    },
    /// The same keyword twice.
    #[error("the keyword {keyword} is there twice; remove one")]
    Repeated {
        /// The keyword as typed the second time.
        keyword: String,
    },
    /// A line break, a zero byte or another control character.
    #[error("it holds a line break or another control character; remove it")]
    ControlCharacter,
}

impl ConnectionString {
    /// Parses a text as a user types it.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        if text.len() > MAX_BYTES {
            return Err(ParseError::TooLong);
        }
        if text.chars().any(char::is_control) {
            return Err(ParseError::ControlCharacter);
        }
        let mut segments: Vec<Segment> = Vec::new();
        let mut rest = text;
        loop {
            let part = segments.len() + 1;
            let (segment, tail) = next_segment(rest, part)?;
            if let Some(pair) = &segment.pair
                && segments.iter().any(|other| other.is(&pair.keyword))
            {
                return Err(ParseError::Repeated {
                    keyword: pair.keyword.clone(),
                });
            }
            segments.push(segment);
            match tail {
                Some(tail) => rest = tail,
                None => break,
            }
        }
        if segments.iter().all(|segment| segment.pair.is_none()) {
            return Err(ParseError::Empty);
        }
        Ok(Self {
            segments,
            text: text.to_owned(),
        })
    }

    /// The text for the driver, secrets included: as typed when nothing was changed. Never log it.
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// Keywords as typed, with values unescaped, in order. Values may be secrets.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.segments
            .iter()
            .filter_map(|segment| segment.pair.as_ref())
            .map(|pair| (pair.keyword.as_str(), pair.value.as_str()))
    }

    /// The value of a keyword, case ignored.
    pub fn get(&self, keyword: &str) -> Option<&str> {
        self.pairs()
            .find(|(other, _)| other.eq_ignore_ascii_case(keyword))
            .map(|(_, value)| value)
    }

    /// The same string with this keyword set: in its place when it is there, else at the end.
    #[must_use]
    pub fn with(&self, keyword: &str, value: &str) -> Self {
        let mut segments = self.segments.clone();
        let raw_value = quoted(value);
        if let Some(segment) = segments.iter_mut().find(|segment| segment.is(keyword)) {
            let typed = segment
                .pair
                .as_ref()
                .map_or(keyword, |pair| pair.keyword.as_str())
                .to_owned();
            *segment = Segment::new(&typed, value, &raw_value);
        } else {
            let at_end = segments
                .iter()
                .rposition(|segment| segment.pair.is_some())
                .map_or(0, |last| last + 1);
            segments.insert(at_end, Segment::new(keyword, value, &raw_value));
        }
        Self::from_segments(segments)
    }

    /// The same string with every value that `replace` answers for replaced.
    pub(crate) fn with_values(&self, replace: impl Fn(&str) -> Option<String>) -> Self {
        let segments = self
            .segments
            .iter()
            .map(|segment| match &segment.pair {
                Some(pair) => match replace(&pair.keyword) {
                    Some(value) => Segment::new(&pair.keyword, &value, &quoted(&value)),
                    None => segment.clone(),
                },
                None => segment.clone(),
            })
            .collect();
        Self::from_segments(segments)
    }

    /// Every piece as typed, with its keyword where it has one.
    pub(crate) fn raw_segments(&self) -> impl Iterator<Item = (Option<&str>, &str)> {
        self.segments.iter().map(|segment| {
            let keyword = segment.pair.as_ref().map(|pair| pair.keyword.as_str());
            (keyword, segment.raw.as_str())
        })
    }

    /// The same string with `raw` standing for the value of every keyword that `hide` picks.
    fn masked(&self, hide: impl Fn(&str) -> bool, raw: &str) -> String {
        let shown: Vec<String> = self
            .segments
            .iter()
            .map(|segment| match &segment.pair {
                Some(pair) if hide(&pair.keyword) => format!("{}={raw}", pair.keyword),
                _ => segment.raw.clone(),
            })
            .collect();
        shown.join(";")
    }

    fn from_segments(segments: Vec<Segment>) -> Self {
        let raw: Vec<&str> = segments
            .iter()
            .map(|segment| segment.raw.as_str())
            .collect();
        let text = raw.join(";");
        Self { segments, text }
    }

    /// Hides this string's secrets wherever they show up in a text, such as a driver's message.
    pub fn redact(&self, text: &str) -> String {
        secret::redact(self.pairs(), text)
    }
}

impl Segment {
    fn new(keyword: &str, value: &str, raw_value: &str) -> Self {
        Self {
            raw: format!("{keyword}={raw_value}"),
            pair: Some(Pair {
                keyword: keyword.to_owned(),
                value: value.to_owned(),
            }),
        }
    }

    fn is(&self, keyword: &str) -> bool {
        self.pair
            .as_ref()
            .is_some_and(|pair| pair.keyword.eq_ignore_ascii_case(keyword))
    }
}

impl fmt::Display for ConnectionString {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.masked(secret::is_secret_keyword, MASK))
    }
}

impl fmt::Debug for ConnectionString {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ConnectionString({self})")
    }
}

/// The value as it must be written: bare where that is safe, else in braces.
fn quoted(value: &str) -> String {
    let bare = !value.contains([';', '{', '}', '=']) && value.trim() == value;
    if bare {
        value.to_owned()
    } else {
        format!("{{{}}}", value.replace('}', "}}"))
    }
}

/// Reads one piece; gives what follows its semicolon, `None` at the end of the text.
fn next_segment(text: &str, part: usize) -> Result<(Segment, Option<&str>), ParseError> {
    let end_of_key = text.find(['=', ';']);
    let Some(equals) = end_of_key.filter(|&at| text.as_bytes()[at] == b'=') else {
        let raw = end_of_key.map_or(text, |semicolon| &text[..semicolon]);
        if !raw.trim().is_empty() {
            return Err(ParseError::NoEqualsSign { part });
        }
        let segment = Segment {
            raw: raw.to_owned(),
            pair: None,
        };
        return Ok((segment, end_of_key.map(|semicolon| &text[semicolon + 1..])));
    };
    let keyword = text[..equals].trim();
    if keyword.is_empty() {
        return Err(ParseError::NoKeyword { part });
    }
    if keyword.contains(['{', '}', '"', '\'', '[', ']', '\\']) {
        return Err(ParseError::StrangeKeyword { part });
    }
    let after = &text[equals + 1..];
    let lead = after.len() - after.trim_start().len();
    let (value, length) = if after[lead..].starts_with('{') {
        let (value, braced) = braced_value(&after[lead..], keyword)?;
        let tail = &after[lead + braced..];
        let blank = tail.find(';').unwrap_or(tail.len());
        if !tail[..blank].trim().is_empty() {
            return Err(ParseError::TextAfterBrace {
                keyword: keyword.to_owned(),
            });
        }
        (value, lead + braced + blank)
    } else {
        let length = after.find(';').unwrap_or(after.len());
        (after[..length].trim().to_owned(), length)
    };
    let raw_length = equals + 1 + length;
    let segment = Segment {
        raw: text[..raw_length].to_owned(),
        pair: Some(Pair {
            keyword: keyword.to_owned(),
            value,
        }),
    };
    Ok((segment, text.get(raw_length + 1..)))
}

/// Reads `{...}`; gives the value without its braces, and the bytes read.
fn braced_value(text: &str, keyword: &str) -> Result<(String, usize), ParseError> {
    let mut value = String::new();
    let mut characters = text.char_indices().skip(1).peekable();
    while let Some((at, character)) = characters.next() {
        if character != '}' {
            value.push(character);
            continue;
        }
        if characters.next_if(|&(_, next)| next == '}').is_some() {
            value.push('}');
            continue;
        }
        return Ok((value, at + 1));
    }
    Err(ParseError::UnclosedBrace {
        keyword: keyword.to_owned(),
    })
}
