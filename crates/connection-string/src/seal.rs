//! How a connection string is split before the browser seals it to the Link's key, and put
//! together again by the Link.
//!
//! The open part may be read, stored and shown by the Hub: the string with every secret value
//! replaced by a placeholder. The sealed part is a text of **all** keywords but a listed harmless
//! few, secrets included. The Link takes nothing of weight from the open part alone: when a
//! keyword there differs from the sealed one, is missing, or is new, the string is refused. So
//! whoever holds the Hub cannot point a sealed password at another host.
//!
//! Format of the sealed text: a first line `floorwire-connection-1`, then one line per keyword,
//! `keyword=value`, keywords in lower case, sorted by their bytes; line breaks cannot occur, since
//! no connection string holds control characters.

use std::collections::BTreeMap;

use crate::{
    parse::{ConnectionString, ParseError},
    secret::is_secret_keyword,
};

/// What stands for a secret value in the open part.
pub const SEALED_PLACEHOLDER: &str = "{sealed}";
/// The value that the placeholder parses to.
const PLACEHOLDER_VALUE: &str = "sealed";
/// First line of the sealed text.
const HEADER: &str = "floorwire-connection-1";

/// Keywords that may change without the password being asked for again, in lower case: they
/// neither redirect a connection nor make it less safe.
const HARMLESS: [&str; 10] = [
    "delimident",
    "client_locale",
    "db_locale",
    "fetch",
    "usedeclarefetch",
    "stepapi",
    "commlog",
    "debug",
    "timeout",
    "fet_buf_size",
];

/// The two parts of a string.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedParts {
    /// For the Hub: no secret in it.
    pub open: String,
    /// To be encrypted to the Link's key: secrets in it. Never log it.
    pub to_seal: String,
}

/// Why the two parts do not belong together. Names keywords, never values.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unbound {
    /// The open part is no connection string.
    #[error("the open part of the connection string cannot be read: {0}")]
    Open(ParseError),
    /// What was unsealed is not what a browser seals.
    #[error(
        "the sealed part of the connection string cannot be read; enter the connection string and its password again"
    )]
    Sealed,
    /// Keywords were changed, added or removed after the password was sealed.
    #[error("these keywords differ from what was sealed with the password: {}; enter the password again", keywords.join(", "))]
    Changed {
        /// Their names in lower case, sorted.
        keywords: Vec<String>,
    },
    /// A secret stands in the open part.
    #[error(
        "the open part holds a value for {keyword}, which must be sealed; enter the password again"
    )]
    OpenSecret {
        /// The keyword as typed.
        keyword: String,
    },
}

/// Whether a keyword may change without the password being asked for again.
pub fn is_harmless_keyword(keyword: &str) -> bool {
    HARMLESS.contains(&keyword.trim().to_ascii_lowercase().as_str())
}

/// Harmless with this value: logs are harmless only while they are off.
fn is_harmless(keyword: &str, value: &str) -> bool {
    let lowercase = keyword.to_ascii_lowercase();
    match lowercase.as_str() {
        "commlog" | "debug" => value == "0",
        _ => is_harmless_keyword(&lowercase),
    }
}

impl ConnectionString {
    /// Splits the string for sealing.
    pub fn split_for_sealing(&self) -> SealedParts {
        let open = self.with_placeholders().expose().to_owned();
        let mut lines = vec![HEADER.to_owned()];
        lines.extend(
            bound(self)
                .into_iter()
                .map(|(keyword, value)| format!("{keyword}={value}")),
        );
        SealedParts {
            open,
            to_seal: lines.join("\n"),
        }
    }

    fn with_placeholders(&self) -> Self {
        let text: Vec<String> = self
            .raw_segments()
            .map(|(keyword, raw)| match keyword {
                Some(keyword) if is_secret_keyword(keyword) => {
                    format!("{keyword}={SEALED_PLACEHOLDER}")
                }
                _ => raw.to_owned(),
            })
            .collect();
        // The pieces were parsed before and keep their form, so this cannot fail; if it did, an
        // empty masked string would be the safe answer.
        Self::parse(&text.join(";")).unwrap_or_else(|_| self.with_values(|_| Some(String::new())))
    }
}

/// Everything of weight, by keyword in lower case.
fn bound(connection: &ConnectionString) -> BTreeMap<String, String> {
    connection
        .pairs()
        .filter(|(keyword, value)| !is_harmless(keyword, value))
        .map(|(keyword, value)| (keyword.to_ascii_lowercase(), value.to_owned()))
        .collect()
}

/// The first keyword of the open part whose secret value is not sealed; an unreadable text counts
/// as having one, under the name `connection string`.
pub fn open_part_has_secret(open: &str) -> Option<String> {
    match ConnectionString::parse(open) {
        Ok(parsed) => open_secret(&parsed),
        Err(_) => Some("connection string".to_owned()),
    }
}

fn open_secret(open: &ConnectionString) -> Option<String> {
    open.pairs()
        .find(|(keyword, value)| {
            is_secret_keyword(keyword) && !value.is_empty() && *value != PLACEHOLDER_VALUE
        })
        .map(|(keyword, _)| keyword.to_owned())
}

/// Puts the parts together again: the open string with the sealed secrets in place.
pub fn reunite(open: &str, unsealed: &str) -> Result<ConnectionString, Unbound> {
    let open = ConnectionString::parse(open).map_err(Unbound::Open)?;
    if let Some(keyword) = open_secret(&open) {
        return Err(Unbound::OpenSecret { keyword });
    }
    let sealed = parse_sealed(unsealed)?;
    let shown = bound(&open);
    let mut differing: Vec<String> = Vec::new();
    for keyword in shown.keys().chain(sealed.keys()) {
        let same = match (shown.get(keyword), sealed.get(keyword)) {
            (Some(shown), Some(_)) if is_secret_keyword(keyword) => {
                shown == PLACEHOLDER_VALUE
                    || shown.is_empty() && sealed.get(keyword).is_some_and(String::is_empty)
            }
            (shown, sealed) => shown == sealed,
        };
        if !same {
            differing.push(keyword.clone());
        }
    }
    if !differing.is_empty() {
        differing.sort();
        differing.dedup();
        return Err(Unbound::Changed {
            keywords: differing,
        });
    }
    Ok(open.with_values(|keyword| {
        is_secret_keyword(keyword)
            .then(|| sealed.get(&keyword.to_ascii_lowercase()).cloned())
            .flatten()
    }))
}

fn parse_sealed(text: &str) -> Result<BTreeMap<String, String>, Unbound> {
    let mut lines = text.split('\n');
    if lines.next() != Some(HEADER) {
        return Err(Unbound::Sealed);
    }
    let mut sealed = BTreeMap::new();
    for line in lines {
        let (keyword, value) = line.split_once('=').ok_or(Unbound::Sealed)?;
        if keyword != keyword.to_ascii_lowercase() {
            return Err(Unbound::Sealed);
        }
        if sealed
            .insert(keyword.to_owned(), value.to_owned())
            .is_some()
        {
            return Err(Unbound::Sealed);
        }
    }
    Ok(sealed)
}
