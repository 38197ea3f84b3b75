//! A line's bytes as clean text.
//!
//! Plain ASCII passes untouched. Otherwise terminal escape sequences and control characters go, and bytes above 127 are decoded by the
//! profile's encoding; what cannot be decoded becomes U+FFFD.

use super::profile::{Layout, Profile, Separator};
use encoding_rs::CoderResult;

const ESCAPE: u8 = 0x1b;
const FORM_FEED: u8 = 0x0c;

/// Buffers that are used again for every line.
#[derive(Debug, Default)]
pub struct Cleaner {
    bytes: Vec<u8>,
    text: String,
}

impl Cleaner {
    /// The text of a line, and whether a form feed was in it.
    pub fn clean<'a>(&'a mut self, profile: &Profile, line: &'a [u8]) -> (&'a str, bool) {
        let line = trimmed_end(line);
        let kept = kept_control(profile);
        // No early end: so the compiler takes many bytes at once.
        let is_plain = line
            .iter()
            .fold(true, |plain, byte| plain & matches!(byte, 0x20..=0x7e));
        if (is_plain
            || line
                .iter()
                .all(|byte| matches!(byte, 0x20..=0x7e) || *byte == kept))
            && let Ok(text) = std::str::from_utf8(line)
        {
            return (text, false);
        }
        let form_feed = memchr::memchr(FORM_FEED, line).is_some();
        self.strip(line, kept);
        self.text.clear();
        let mut decoder = profile.encoding.new_decoder_without_bom_handling();
        let mut read = 0;
        loop {
            let rest = self.bytes.get(read..).unwrap_or_default();
            let room = decoder
                .max_utf8_buffer_length(rest.len())
                .unwrap_or(rest.len().saturating_mul(3))
                .max(16);
            self.text.reserve(room);
            let (result, used, _) = decoder.decode_to_string(rest, &mut self.text, true);
            read += used;
            if matches!(result, CoderResult::InputEmpty) {
                break;
            }
        }
        if self
            .text
            .chars()
            .any(|c| c.is_control() && !(c.is_ascii() && c as u32 == u32::from(kept)))
        {
            let keeps = |c: &char| !c.is_control() || *c == char::from(kept);
            self.text = self.text.chars().filter(keeps).collect();
        }
        (self.text.as_str(), form_feed)
    }

    fn strip(&mut self, line: &[u8], kept: u8) {
        self.bytes.clear();
        let mut at = 0;
        while let Some(byte) = line.get(at).copied() {
            at += 1;
            match byte {
                ESCAPE => at = after_escape(line, at),
                _ if byte == kept || (byte >= 0x20 && byte != 0x7f) => self.bytes.push(byte),
                _ => {}
            }
        }
    }
}

/// The control character that separates fields, else the tab.
fn kept_control(profile: &Profile) -> u8 {
    match profile.layout {
        Layout::Delimited {
            separator: Separator::Byte(byte),
            ..
        } if byte < 0x20 => byte,
        _ => b'\t',
    }
}

fn trimmed_end(line: &[u8]) -> &[u8] {
    let end = line
        .iter()
        .rposition(|byte| !matches!(byte, b'\r' | b'\n' | 0));
    line.get(..end.map_or(0, |at| at + 1)).unwrap_or_default()
}

/// Where text goes on after an escape character before `at`.
fn after_escape(line: &[u8], mut at: usize) -> usize {
    match line.get(at) {
        // CSI: parameters, then one final byte.
        Some(b'[') => {
            at += 1;
            while let Some(byte) = line.get(at) {
                at += 1;
                if (0x40..=0x7e).contains(byte) {
                    break;
                }
            }
            at
        }
        // Character sets and the like: one or two intermediate bytes, then a final one.
        Some(0x20..=0x2f) => {
            while line
                .get(at)
                .is_some_and(|byte| (0x20..=0x2f).contains(byte))
            {
                at += 1;
            }
            at + 1
        }
        Some(_) => at + 1,
        None => at,
    }
}
