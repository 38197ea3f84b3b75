//! Lines for people to look at, without anybody's identity.
//!
//! What the profile itself says (its words and codes) stays readable, so do numbers of up to three digits, times and separators. Every
//! other word becomes `x`s and every longer number a number of its own, both of the same length, the same for the same text within
//! one [`Pseudonyms`].

use super::profile::Profile;
use std::collections::HashMap;
use std::ops::Range;

/// Most characters of a line that are shown.
const MAX_CHARACTERS: usize = 200;
/// Numbers of so many digits may stay.
const PLAIN_DIGITS: usize = 3;

/// Replacements given so far.
#[derive(Debug, Default)]
pub struct Pseudonyms {
    numbers: HashMap<String, u64>,
}

impl Pseudonyms {
    /// The line with what could name a person replaced. `identities`: places that certainly do.
    pub fn line(
        &mut self,
        profile: &Profile,
        text: &str,
        identities: &[Option<(usize, usize)>],
    ) -> String {
        let mut shown = String::new();
        let certain = |at: usize| {
            identities
                .iter()
                .flatten()
                .any(|(from, to)| (*from..*to).contains(&at))
        };
        let mut start = 0;
        while let Some(rest) = text.get(start..) {
            let Some(first) = rest.chars().next() else {
                break;
            };
            let is_word = |c: char| c.is_alphanumeric() || c == char::REPLACEMENT_CHARACTER;
            let word = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            if word == 0 {
                shown.push(first);
                start += first.len_utf8();
                continue;
            }
            let token: Range<usize> = start..start + word;
            let token_text = text.get(token.clone()).unwrap_or_default();
            shown.push_str(&self.token(profile, token_text, certain(token.start)));
            start = token.end;
        }
        match shown.char_indices().nth(MAX_CHARACTERS) {
            Some((at, _)) => {
                shown.truncate(at);
                shown.push('…');
                shown
            }
            None => shown,
        }
    }

    /// One text: a field's value or a word of a line.
    pub fn token(&mut self, profile: &Profile, token: &str, is_identity: bool) -> String {
        if token.bytes().all(|byte| byte.is_ascii_digit()) {
            return match token.len() <= PLAIN_DIGITS && !is_identity {
                true => token.to_owned(),
                false => self.number(token),
            };
        }
        let is_known = profile.vocabulary.state(token).is_some()
            || profile.words.contains(&token.to_lowercase());
        match is_known && !is_identity {
            true => token.to_owned(),
            false => token.chars().map(|_| 'x').collect(),
        }
    }

    /// A number of as many digits.
    fn number(&mut self, digits: &str) -> String {
        let next = self.numbers.len() as u64 + 1;
        let number = *self.numbers.entry(digits.to_owned()).or_insert(next);
        let width = digits.len();
        let plain = format!("{number:0>width$}");
        // The leading 9 shows that it is no real one.
        match plain.len() == width && plain.starts_with('0') {
            true => format!("9{}", plain.get(1..).unwrap_or_default()),
            false => plain,
        }
    }
}
