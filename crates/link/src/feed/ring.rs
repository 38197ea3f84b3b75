//! The last raw bytes of a port, in memory only, for trying a profile on.

use std::collections::VecDeque;

/// Bytes that are kept.
const BYTES: usize = 128 * 1024;
/// Lines that are given out.
const LINES: usize = 200;

/// Ends a line in some feed or other.
pub fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r' | 0)
}

/// The last bytes.
#[derive(Debug, Default)]
pub struct Ring {
    bytes: VecDeque<u8>,
    /// The first byte that is kept begins a line.
    begins_line: bool,
}

impl Ring {
    /// A new connection: what follows does not continue what came before.
    pub fn connected(&mut self) {
        if let Some(last) = self.bytes.back()
            && !is_line_end(*last)
        {
            self.push(b"\n");
        }
        self.begins_line |= self.bytes.is_empty();
    }

    /// Bytes that came.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend(bytes);
        let surplus = self.bytes.len().saturating_sub(BYTES);
        if surplus > 0 {
            self.bytes.drain(..surplus);
            self.begins_line = false;
        }
    }

    /// The last whole lines.
    pub fn lines(&self) -> Vec<u8> {
        let bytes: Vec<u8> = self.bytes.iter().copied().collect();
        let begin = match self.begins_line {
            true => 0,
            false => after_line_end(&bytes, 1).unwrap_or(0),
        };
        let ends = bytes.iter().enumerate().rev();
        // A line end of two bytes counts as one.
        let starts = ends.filter(|(index, byte)| {
            is_line_end(**byte) && bytes.get(index + 1).is_some_and(|next| !is_line_end(*next))
        });
        let first = starts.map(|(index, _)| index + 1).nth(LINES - 1);
        let first = first.unwrap_or(0).max(begin);
        bytes.get(first..).unwrap_or_default().to_vec()
    }

    /// What came after the last line end; `None` when there is none.
    pub fn tail(&self) -> Option<Vec<u8>> {
        let last = self.bytes.iter().rposition(|byte| is_line_end(*byte));
        let begin = match last {
            Some(last) => last + 1,
            None if self.begins_line => 0,
            None => return None,
        };
        Some(self.bytes.iter().skip(begin).copied().collect())
    }
}

/// Where the next line begins, looked for from `from` on.
fn after_line_end(bytes: &[u8], from: usize) -> Option<usize> {
    let end = bytes
        .iter()
        .skip(from)
        .position(|byte| is_line_end(*byte))?;
    Some(from + end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_are_given_whole() {
        let mut ring = Ring::default();
        ring.connected();
        ring.push(b"1 a\r\n2 b\r\n3");
        assert_eq!(ring.lines(), b"1 a\r\n2 b\r\n3");
        assert_eq!(ring.tail().unwrap(), b"3");
        ring.connected();
        assert_eq!(ring.tail().unwrap(), b"");
        for line in 0..20_000 {
            ring.push(format!("{line} something\r\n").as_bytes());
        }
        let lines = String::from_utf8(ring.lines()).unwrap();
        let whole = lines.lines().filter(|line| !line.is_empty());
        assert_eq!(whole.count(), LINES);
        assert!(lines.ends_with("19999 something\r\n"));
        let mut unbroken = Ring::default();
        unbroken.push(&vec![b'x'; BYTES + 5]);
        assert_eq!(unbroken.tail(), None);
    }
}
