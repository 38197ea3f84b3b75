//! TOML with the place of every value, so that all faults are named at once.

use floorwire_model::live::ProfileFault;
use std::collections::BTreeSet;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Faults found so far, and the text they are in.
pub struct Faults<'t> {
    text: &'t str,
    found: Vec<(usize, ProfileFault)>,
}

impl<'t> Faults<'t> {
    pub fn new(text: &'t str) -> Self {
        Self {
            text,
            found: Vec::new(),
        }
    }

    pub fn add(&mut self, at: Option<Range<usize>>, key: &str, message: impl Into<String>) {
        let line = at.map(|span| {
            let before = self.text.as_bytes().get(..span.start).unwrap_or_default();
            1 + memchr::memchr_iter(b'\n', before).count()
        });
        self.found.push((
            line.unwrap_or(usize::MAX),
            ProfileFault {
                line,
                key: key.to_owned(),
                message: message.into(),
            },
        ));
    }

    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// In the order of the lines.
    pub fn into_list(mut self) -> Vec<ProfileFault> {
        self.found.sort_by_key(|(line, _)| *line);
        self.found.into_iter().map(|(_, fault)| fault).collect()
    }
}

/// A value and where it stands.
pub type Value<'a> = (&'a DeValue<'a>, Range<usize>);

/// One table of the text; remembers which keys were asked for.
pub struct Section<'a> {
    name: String,
    table: Option<&'a DeTable<'a>>,
    span: Option<Range<usize>>,
    asked: BTreeSet<&'static str>,
}

impl<'a> Section<'a> {
    pub fn root(table: &'a DeTable<'a>) -> Self {
        Self {
            name: String::new(),
            table: Some(table),
            span: None,
            asked: BTreeSet::new(),
        }
    }

    /// A table within this one; an absent one reads as empty.
    pub fn section(&mut self, key: &'static str, faults: &mut Faults<'_>) -> Self {
        let name = self.path(key);
        let value = self.value(key);
        let table = value.as_ref().and_then(|(value, _)| value.as_table());
        if let (Some((value, span)), None) = (&value, table) {
            let kind = value.type_str();
            let message = format!("is a {kind}, but must be a table: write [{name}]");
            faults.add(Some(span.clone()), &name, message);
        }
        Self {
            name,
            table,
            span: value.map(|(_, span)| span),
            asked: BTreeSet::new(),
        }
    }

    /// The full name of a key.
    pub fn path(&self, key: &str) -> String {
        match self.name.is_empty() {
            true => key.to_owned(),
            false => format!("{}.{key}", self.name),
        }
    }

    pub fn span(&self) -> Option<Range<usize>> {
        self.span.clone()
    }

    pub fn value(&mut self, key: &'static str) -> Option<Value<'a>> {
        self.asked.insert(key);
        let value = self.table?.get(key)?;
        Some((value.get_ref(), value.span()))
    }

    /// All entries, for tables whose keys are the site's words.
    pub fn entries(&self) -> impl Iterator<Item = (&'a str, Value<'a>)> + use<'a> {
        let table = self.table;
        table.into_iter().flat_map(|table| {
            table.iter().map(|(key, value)| {
                let text: &'a str = key.get_ref();
                (text, (value.get_ref(), value.span()))
            })
        })
    }

    pub fn text(
        &mut self,
        key: &'static str,
        faults: &mut Faults<'_>,
    ) -> Option<(&'a str, Range<usize>)> {
        let (value, span) = self.value(key)?;
        match value.as_str() {
            Some(text) => Some((text, span)),
            None => {
                let message = format!("is a {}, but must be a text in quotes", value.type_str());
                faults.add(Some(span), &self.path(key), message);
                None
            }
        }
    }

    pub fn flag(&mut self, key: &'static str, default: bool, faults: &mut Faults<'_>) -> bool {
        let Some((value, span)) = self.value(key) else {
            return default;
        };
        value.as_bool().unwrap_or_else(|| {
            let message = format!("is a {}, but must be true or false", value.type_str());
            faults.add(Some(span), &self.path(key), message);
            default
        })
    }

    /// A whole number within bounds.
    pub fn number(
        &mut self,
        key: &'static str,
        bounds: std::ops::RangeInclusive<i64>,
        faults: &mut Faults<'_>,
    ) -> Option<i64> {
        let (value, span) = self.value(key)?;
        match whole(value) {
            Some(number) if bounds.contains(&number) => Some(number),
            _ => {
                let (low, high) = (bounds.start(), bounds.end());
                let message = format!("must be a whole number from {low} to {high}");
                faults.add(Some(span), &self.path(key), message);
                None
            }
        }
    }

    /// One of the given names.
    pub fn choice<T: Copy>(
        &mut self,
        key: &'static str,
        choices: &[(&str, T)],
        faults: &mut Faults<'_>,
    ) -> Option<T> {
        let (text, span) = self.text(key, faults)?;
        let found = choices.iter().find(|(name, _)| *name == text);
        if found.is_none() {
            let names: Vec<String> = choices
                .iter()
                .map(|(name, _)| format!("\"{name}\""))
                .collect();
            let message = format!("\"{text}\" is not known; one of {}", names.join(", "));
            faults.add(Some(span), &self.path(key), message);
        }
        found.map(|(_, value)| *value)
    }

    /// Names every key that nobody asked for. To be called last.
    pub fn finish(self, faults: &mut Faults<'_>) {
        for (key, value) in self.table.into_iter().flat_map(|table| table.iter()) {
            let text: &str = key.get_ref();
            if self.asked.contains(text) {
                continue;
            }
            let known: Vec<&str> = self.asked.iter().copied().collect();
            let near = known.iter().find(|name| is_near(name, text));
            let message = match near {
                Some(near) => format!("is no key of a profile; did you mean {near}?"),
                None => format!("is no key of a profile; here are {}", known.join(", ")),
            };
            faults.add(
                Some(key.span().start..value.span().end),
                &self.path(text),
                message,
            );
        }
    }
}

/// The whole number that a value is.
pub fn whole(value: &DeValue<'_>) -> Option<i64> {
    let number = value.as_integer()?;
    i64::from_str_radix(number.as_str(), number.radix()).ok()
}

/// Elements of an array.
pub fn elements<'a>(value: &'a DeValue<'a>) -> Option<impl Iterator<Item = Value<'a>>> {
    let place = |value: &'a Spanned<DeValue<'a>>| (value.get_ref(), value.span());
    value.as_array().map(|array| array.iter().map(place))
}

/// Same letters but for one or two.
fn is_near(name: &str, text: &str) -> bool {
    if name.len().abs_diff(text.len()) > 2 {
        return false;
    }
    let common = name
        .chars()
        .zip(text.chars())
        .take_while(|(a, b)| a == b)
        .count();
    let tail = name
        .chars()
        .rev()
        .zip(text.chars().rev())
        .take_while(|(a, b)| a == b)
        .count();
    common + tail + 2 >= name.len().max(text.len())
}
