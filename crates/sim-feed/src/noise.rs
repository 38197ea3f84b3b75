//! Bytes that are no records, bytes that are missing, and refreshes put together.

use crate::layout::{Context, Layout, Sheet, stray_page_header};
use floorwire_sim_centre::Random;

/// Texts as programs leave them in a stream.
const ERRORS: [&str; 6] = [
    "ERROR: the report cannot be displayed at this time",
    "cms: data collection for this ACD is off",
    "Session terminated, reconnecting...",
    "\x1b[2J\x1b[1;1HPress any key to continue",
    "WARNING|disk space low on /cms",
    "-----",
];
/// Bytes of an over-long line.
const OVER_LONG: usize = 20_000;

/// Lines among records; both are shares of records that have one before them.
pub(crate) struct Noise {
    pub garbage: f64,
    pub pages: f64,
}

impl Noise {
    /// Puts lines between records. Records stay as they are.
    pub fn among(
        &self,
        sheet: Sheet,
        layout: Layout,
        context: &Context<'_>,
        random: &mut Random,
    ) -> Sheet {
        let mut noisy = Sheet::default();
        let mut copied = 0;
        for start in sheet.records {
            noisy.bytes.extend_from_slice(&sheet.bytes[copied..start]);
            if random.chance(self.garbage) {
                garbage(&mut noisy.bytes, layout.line_end(), random);
            }
            if random.chance(self.pages) {
                let page = random.between(2, 99);
                let header = stray_page_header(layout, context, page);
                noisy.bytes.extend_from_slice(&header);
            }
            noisy.records.push(noisy.bytes.len());
            copied = start;
        }
        noisy.bytes.extend_from_slice(&sheet.bytes[copied..]);
        noisy
    }
}

/// A line that is no record, and never empty: an empty line ends a refresh in some layouts.
fn garbage(bytes: &mut Vec<u8>, line_end: &[u8], random: &mut Random) {
    match random.between(0, 7) {
        0..=2 => {
            let error = usize::try_from(random.between(0, 5)).unwrap_or(0);
            bytes.extend_from_slice(ERRORS[error % ERRORS.len()].as_bytes());
        }
        3 => bytes.extend(std::iter::repeat_n(b'x', OVER_LONG)),
        4 => bytes.extend_from_slice(b"\0\0\0\0"),
        _ => {
            for _ in 0..random.between(5, 80) {
                let byte = u8::try_from(random.between(0, 255)).unwrap_or(0);
                // Line ends and form feeds have a meaning of their own.
                bytes.push(if (0x0a..=0x0d).contains(&byte) {
                    b'?'
                } else {
                    byte
                });
            }
        }
    }
    bytes.extend_from_slice(line_end);
}

/// Cuts a refresh off inside one of its records. False if it has none.
pub(crate) fn cut(sheet: &mut Sheet, random: &mut Random) -> bool {
    let last = i64::try_from(sheet.records.len()).unwrap_or(0) - 1;
    if last < 0 {
        return false;
    }
    let drawn = usize::try_from(random.between(0, last)).unwrap_or(0);
    let Some(start) = sheet.records.get(drawn).copied() else {
        return false;
    };
    let ends = sheet.bytes[start..]
        .iter()
        .position(|byte| matches!(byte, b'\r' | b'\n'));
    let length = i64::try_from(ends.unwrap_or(0)).unwrap_or(0);
    if length < 2 {
        return false;
    }
    let kept = usize::try_from(random.between(1, length - 1)).unwrap_or(1);
    sheet.bytes.truncate(start + kept);
    sheet.records.truncate(drawn + 1);
    true
}

/// Refreshes one after the other.
pub(crate) fn joined(sheets: Vec<Sheet>) -> Sheet {
    let mut sheets = sheets.into_iter();
    let mut all = sheets.next().unwrap_or_default();
    for sheet in sheets {
        let offset = all.bytes.len();
        all.bytes.extend_from_slice(&sheet.bytes);
        all.records
            .extend(sheet.records.iter().map(|start| start + offset));
    }
    all
}
