//! Bytes of a connection as lines.
//!
//! Reads end anywhere: a line that is not whole waits for the rest. A line longer than the limit is dropped up to its end and told
//! once. What ends lines is configured, or taken from the first end that a connection shows; until the byte after a first `\r` is
//! known, that is undecided. Other line-end characters that stick to a line are control characters and go later.

use super::profile::{LineEnd, Profile};

/// One line, or the place of one that was too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framed<'a> {
    /// Without its end.
    Line(&'a [u8]),
    /// Longer than allowed.
    TooLong,
}

/// Cuts one connection.
#[derive(Debug)]
pub struct Framer {
    configured: LineEnd,
    end: LineEnd,
    limit: usize,
    partial: Vec<u8>,
    discarding: bool,
}

impl Framer {
    /// For a new connection.
    pub fn new(profile: &Profile) -> Self {
        Self {
            configured: profile.line_end,
            end: profile.line_end,
            limit: profile.max_line_bytes,
            partial: Vec::new(),
            discarding: false,
        }
    }

    /// Forgets what is not whole.
    pub fn reset(&mut self) {
        self.partial.clear();
        self.discarding = false;
        self.end = self.configured;
    }

    /// What came without an end so far, unless it is too long.
    pub fn tail(&self) -> &[u8] {
        &self.partial
    }

    /// Hands every whole line to `take`.
    pub fn push(&mut self, bytes: &[u8], take: &mut impl FnMut(Framed<'_>)) {
        let mut rest = bytes;
        if self.end == LineEnd::Auto {
            // Until the kind of line end is known, all bytes wait together; the limit bounds them.
            self.partial.extend_from_slice(bytes);
            self.decide();
            if self.end == LineEnd::Auto {
                if self.partial.len() > self.limit {
                    let last = self.partial.last().copied();
                    self.partial.truncate(self.limit + 1);
                    self.partial.extend(last.filter(|byte| *byte == b'\r'));
                    self.discarding = true;
                }
                return;
            }
            let waiting = std::mem::take(&mut self.partial);
            self.cut(&waiting, take);
            return;
        }
        if let LineEnd::Fixed(length) = self.end {
            if !self.partial.is_empty() {
                let missing = length.saturating_sub(self.partial.len()).min(rest.len());
                let (head, tail) = rest.split_at(missing);
                self.partial.extend_from_slice(head);
                rest = tail;
                if self.partial.len() == length {
                    take(Framed::Line(&self.partial));
                    self.partial.clear();
                }
            }
            let mut records = rest.chunks_exact(length.max(1));
            for record in &mut records {
                take(Framed::Line(record));
            }
            self.partial.extend_from_slice(records.remainder());
            return;
        }
        self.cut(rest, take);
    }

    fn decide(&mut self) {
        let first = |wanted: fn(u8) -> bool| self.partial.iter().position(|byte| wanted(*byte));
        let line = first(|byte| matches!(byte, b'\n' | b'\r'));
        // One zero byte may be a stray one; the second before any other end shows that they are the ends.
        let mut zeros = memchr::memchr_iter(0, &self.partial);
        if let (Some(_), Some(second)) = (zeros.next(), zeros.next())
            && line.is_none_or(|line| second < line)
        {
            self.end = LineEnd::Nul;
            return;
        }
        let Some(at) = line else { return };
        self.end = match (self.partial.get(at), self.partial.get(at + 1)) {
            (Some(b'\n'), _) | (Some(_), Some(b'\n')) => LineEnd::Lf,
            (Some(_), Some(_)) => LineEnd::Cr,
            _ => LineEnd::Auto,
        };
    }

    fn cut(&mut self, bytes: &[u8], take: &mut impl FnMut(Framed<'_>)) {
        let end = match self.end {
            LineEnd::Cr => b'\r',
            LineEnd::Nul => 0,
            _ => b'\n',
        };
        let mut from = 0;
        for at in memchr::memchr_iter(end, bytes) {
            let piece = bytes.get(from..at).unwrap_or_default();
            from = at + 1;
            if self.discarding || self.partial.len() + piece.len() > self.limit {
                take(Framed::TooLong);
            } else if self.partial.is_empty() {
                take(Framed::Line(piece));
            } else {
                self.partial.extend_from_slice(piece);
                take(Framed::Line(&self.partial));
            }
            self.partial.clear();
            self.discarding = false;
        }
        let piece = bytes.get(from..).unwrap_or_default();
        if self.discarding {
            return;
        }
        if self.partial.len() + piece.len() > self.limit {
            self.partial.clear();
            self.discarding = true;
        } else {
            self.partial.extend_from_slice(piece);
        }
    }
}
