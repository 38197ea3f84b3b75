//! Reading an event log back (format: see `event_log`).
//!
//! A complete line that cannot be read is an error naming the line: a figure counted past it would be wrong. Calls
//! after the last mark, and a last line without its newline, are an unfinished batch and are not reported.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use crate::error::SimError;
use crate::event_log::{FORMAT, Header, LogLine, LoggedCall};

/// The header of a log.
pub(crate) fn read_header(path: &Path) -> Result<Header, SimError> {
    let mut reader = open(path)?;
    parse_header(&read_line(&mut reader, path)?.unwrap_or_default(), path)
}

/// Bytes of the header line, newline included.
pub(crate) fn header_length(path: &Path) -> Result<u64, SimError> {
    let line = read_line(&mut open(path)?, path)?.unwrap_or_default();
    Ok(u64::try_from(line.len())
        .unwrap_or(u64::MAX)
        .saturating_add(1))
}

/// Reads a whole log, handing over each call of a finished batch with its line number. Returns the header and the
/// instant up to which the log is complete.
pub(crate) fn read_calls(
    path: &Path,
    mut each: impl FnMut(u64, LoggedCall) -> Result<(), SimError>,
) -> Result<(Header, i64), SimError> {
    let mut reader = open(path)?;
    let header = parse_header(&read_line(&mut reader, path)?.unwrap_or_default(), path)?;
    let mut through_utc_s = header.from_utc;
    let mut batch = Vec::new();
    let mut number = 1;
    while let Some(line) = read_line(&mut reader, path)? {
        number += 1;
        match serde_json::from_slice::<LogLine>(&line) {
            Ok(LogLine::Call(call)) => batch.push((number, call)),
            Ok(LogLine::Through { utc }) => {
                through_utc_s = utc;
                for (number, call) in batch.drain(..) {
                    each(number, call)?;
                }
            }
            Ok(LogLine::Header(_)) => return Err(bad_line(path, number, "a second header")),
            Err(cause) => return Err(bad_line(path, number, &cause.to_string())),
        }
    }
    Ok((header, through_utc_s))
}

pub(crate) fn bad_line(path: &Path, line: u64, reason: &str) -> SimError {
    SimError::LogLine {
        path: path.to_path_buf(),
        line,
        reason: reason.to_owned(),
    }
}

fn open(path: &Path) -> Result<BufReader<File>, SimError> {
    let file = File::open(path).map_err(SimError::file(path))?;
    Ok(BufReader::with_capacity(1 << 18, file))
}

/// The next complete line without its newline; `None` at the end or at a line still being written.
fn read_line(reader: &mut impl BufRead, path: &Path) -> Result<Option<Vec<u8>>, SimError> {
    let mut line = Vec::new();
    reader
        .read_until(b'\n', &mut line)
        .map_err(SimError::file(path))?;
    if line.pop() == Some(b'\n') {
        Ok(Some(line))
    } else {
        Ok(None)
    }
}

fn parse_header(line: &[u8], path: &Path) -> Result<Header, SimError> {
    match serde_json::from_slice(line) {
        Ok(LogLine::Header(header)) if header.format == FORMAT => Ok(header),
        Ok(LogLine::Header(header)) => Err(bad_line(
            path,
            1,
            &format!(
                "format {} is not the {FORMAT} that this program writes",
                header.format
            ),
        )),
        Ok(_) => Err(bad_line(path, 1, "not a header")),
        Err(cause) => Err(bad_line(
            path,
            1,
            &format!("not the header of an event log ({cause})"),
        )),
    }
}
