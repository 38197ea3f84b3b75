//! The format of a capture: what came to a port, with its time.
//!
//! A text file of JSON lines. The first says what it is; each further one is a read:
//!
//! ```text
//! {"format":"floorwire-feed-capture","version":1,"port":7001,"begun_utc_ms":1790000400000}
//! {"t":1790000400010,"opened":"10.1.2.3:40112"}
//! {"t":1790000400012,"data":"NDAyMSA1MCAz...","n":1448}
//! {"t":1790000403015,"closed":true}
//! {"t":1790000403015,"missing":3}
//! ```
//!
//! `t` is the time of receipt in milliseconds since 1970 UTC, `data` the bytes in base64, `n` their number, `missing` a number
//! of lines that could not be written in time. A last line that is cut is left out on reading. A file without the first
//! line is taken for raw bytes that came at once. Captures hold personal data; they are readable by their owner only.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Names the format in the first line.
pub const FORMAT: &str = "floorwire-feed-capture";
const VERSION: u32 = 1;
/// A capture that is read whole may have so many bytes.
const MOST_BYTES: u64 = 1 << 30;

#[derive(Serialize, Deserialize)]
struct Head {
    format: String,
    version: u32,
    port: u16,
    begun_utc_ms: i64,
}

#[derive(Default, Serialize, Deserialize)]
struct Line {
    t: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    opened: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    data: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    n: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    closed: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    missing: Option<u64>,
}

/// One line of a capture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Somebody connected.
    Opened(String),
    /// Bytes came.
    Data(Vec<u8>),
    /// The connection ended.
    Closed,
    /// So many entries were not written.
    Missing(u64),
}

/// The first line.
pub fn head(port: u16, begun_utc_ms: i64) -> serde_json::Result<String> {
    let head = Head {
        format: FORMAT.to_owned(),
        version: VERSION,
        port,
        begun_utc_ms,
    };
    Ok(serde_json::to_string(&head)? + "\n")
}

/// One further line.
pub fn line(at_utc_ms: i64, entry: &Entry) -> serde_json::Result<String> {
    let mut line = Line {
        t: at_utc_ms,
        ..Line::default()
    };
    match entry {
        Entry::Opened(peer) => line.opened = Some(peer.clone()),
        Entry::Data(bytes) => {
            line.data = Some(STANDARD.encode(bytes));
            line.n = Some(bytes.len());
        }
        Entry::Closed => line.closed = Some(true),
        Entry::Missing(count) => line.missing = Some(*count),
    }
    Ok(serde_json::to_string(&line)? + "\n")
}

/// Why a capture cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    /// No such file, or no right to read it.
    #[error("cannot read the capture: {0}")]
    Unreadable(#[from] std::io::Error),
    /// Too much for one go.
    #[error("the capture has {0} bytes; give one file of at most {MOST_BYTES}")]
    TooLarge(u64),
    /// Written by a newer version.
    #[error("the capture has version {0}, this program reads {VERSION}")]
    Version(u32),
    /// Not what it should be.
    #[error("line {line} of the capture cannot be read: {cause}")]
    Damaged {
        /// From 1.
        line: usize,
        /// Why.
        cause: String,
    },
}

/// Reads a capture, or raw bytes.
pub fn read(path: &Path) -> Result<Vec<(i64, Entry)>, CaptureError> {
    let length = std::fs::metadata(path)?.len();
    if length > MOST_BYTES {
        return Err(CaptureError::TooLarge(length));
    }
    parse(&std::fs::read(path)?)
}

fn parse(bytes: &[u8]) -> Result<Vec<(i64, Entry)>, CaptureError> {
    let mut lines = bytes.split(|byte| *byte == b'\n').enumerate().peekable();
    let head = lines.next().map(|(_, line)| line).unwrap_or_default();
    match serde_json::from_slice::<Head>(head) {
        Ok(head) if head.format == FORMAT && head.version == VERSION => {}
        Ok(head) if head.format == FORMAT => return Err(CaptureError::Version(head.version)),
        _ => return Ok(vec![(0, Entry::Data(bytes.to_vec()))]),
    }
    let mut entries = Vec::new();
    while let Some((index, text)) = lines.next() {
        let is_last = lines.peek().is_none();
        let damaged = |cause: String| CaptureError::Damaged {
            line: index + 1,
            cause,
        };
        let line: Line = match serde_json::from_slice(text) {
            Ok(line) => line,
            // What follows the last line end: nothing, or a line that was cut.
            Err(_) if is_last => break,
            Err(error) => return Err(damaged(error.to_string())),
        };
        let data = line.data.map(|data| STANDARD.decode(data)).transpose();
        let data = data.map_err(|error| damaged(error.to_string()))?;
        let entry = match (line.opened, data, line.missing) {
            (Some(peer), _, _) => Entry::Opened(peer),
            (None, Some(bytes), _) => Entry::Data(bytes),
            (None, None, Some(count)) => Entry::Missing(count),
            (None, None, None) => Entry::Closed,
        };
        entries.push((line.t, entry));
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_and_a_cut_end_is_left_out() {
        let entries = vec![
            (1, Entry::Opened("127.0.0.1:5".into())),
            (2, Entry::Data(b"4021 50\r\n\0\xff".to_vec())),
            (3, Entry::Missing(2)),
            (4, Entry::Closed),
        ];
        let mut text = head(7001, 1).unwrap();
        for (at, entry) in &entries {
            text += &line(*at, entry).unwrap();
        }
        assert_eq!(parse(text.as_bytes()).unwrap(), entries);
        let cut = text.len() - 5;
        assert_eq!(parse(&text.as_bytes()[..cut]).unwrap(), entries[..3]);
        let broken = text.replacen("\"n\"", "n", 1);
        assert!(
            parse(broken.as_bytes())
                .unwrap_err()
                .to_string()
                .contains("line 3")
        );
        let newer = text.replacen("\"version\":1", "\"version\":2", 1);
        assert!(matches!(
            parse(newer.as_bytes()),
            Err(CaptureError::Version(2))
        ));
        assert_eq!(
            parse(b"4021 50\n").unwrap(),
            vec![(0, Entry::Data(b"4021 50\n".to_vec()))]
        );
    }
}
