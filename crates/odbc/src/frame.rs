//! What parent and worker say to each other, and how it lies in the pipe.
//!
//! Format: frames of a length (4 bytes, little endian) and a MessagePack map with field names.
//! The first message of a worker is [`Message::Ready`] with [`PROTOCOL`]; both ends come from one
//! program file, so any other number is refused. A frame longer than 64 MB is refused before any
//! memory is reserved for it. The connection string, secrets included, goes to the worker this way
//! and no other: arguments and environment can be read by others.

use std::io::{self, Read};

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    error::{DataError, DriverError, OdbcError},
    types::{Query, ReadEnd, Registered, RowBatch},
};

/// Number of this protocol; raised with every change.
pub(crate) const PROTOCOL: u32 = 1;
/// Longest frame, in bytes.
const MAX_FRAME_BYTES: usize = 64 << 20;

/// What the parent asks for. One at a time.
#[derive(Serialize, Deserialize)]
pub(crate) enum Request {
    Read {
        connection: String,
        login_timeout_s: u32,
        query: Query,
    },
    Columns {
        connection: String,
        login_timeout_s: u32,
        table: String,
    },
    Registered,
}

/// What the worker is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Phase {
    Idle,
    Connecting,
    Executing,
    Fetching,
}

impl Phase {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Idle => "waiting for work",
            Self::Connecting => "connecting",
            Self::Executing => "running the statement",
            Self::Fetching => "fetching rows",
        }
    }
}

/// What the worker answers.
#[derive(Serialize, Deserialize)]
pub(crate) enum Message {
    /// First of all.
    Ready { protocol: u32 },
    /// At each change of phase, and as a heartbeat. Says that the process lives; only a new phase
    /// or new rows are progress.
    Progress { phase: Phase, rows: u64 },
    /// The statement runs; rows may come.
    Running,
    /// Rows.
    Batch(RowBatch),
    /// The last row has been sent.
    End(ReadEnd),
    /// Names of the columns, none when there is no such table.
    Columns(Option<Vec<String>>),
    /// Drivers and data sources.
    Registered(Registered),
    /// The request failed; the worker is fine.
    Failed(Failure),
}

/// An error that travels.
#[derive(Serialize, Deserialize)]
pub(crate) enum Failure {
    Driver(DriverError),
    Data(DataError),
    Other(String),
}

impl From<OdbcError> for Failure {
    fn from(error: OdbcError) -> Self {
        match error {
            OdbcError::Driver(error) => Self::Driver(error),
            OdbcError::Data(error) => Self::Data(error),
            other => Self::Other(other.to_string()),
        }
    }
}

impl From<Failure> for OdbcError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Driver(error) => Self::Driver(error),
            Failure::Data(error) => Self::Data(error),
            Failure::Other(text) => Self::Protocol(text),
        }
    }
}

/// A frame with its length in front, ready to be written.
pub(crate) fn encode(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut frame = vec![0; 4];
    value
        .serialize(&mut rmp_serde::Serializer::new(&mut frame).with_struct_map())
        .map_err(io::Error::other)?;
    let length = frame.len() - 4;
    if length > MAX_FRAME_BYTES {
        return Err(io::Error::other("a frame of more than 64 MB"));
    }
    let length = u32::try_from(length).map_err(io::Error::other)?;
    frame[..4].copy_from_slice(&length.to_le_bytes());
    Ok(frame)
}

/// Reads one frame; `None` at the end of the stream, which may come only between frames.
pub(crate) fn read<T: DeserializeOwned>(input: &mut impl Read) -> io::Result<Option<T>> {
    let mut length = [0; 4];
    let mut filled = 0;
    while filled < length.len() {
        match input.read(&mut length[filled..]) {
            Ok(0) if filled == 0 => return Ok(None),
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    let length = usize::try_from(u32::from_le_bytes(length)).map_err(io::Error::other)?;
    if length > MAX_FRAME_BYTES {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            format!("a frame of {length} bytes"),
        ));
    }
    let mut frame = vec![0; length];
    input.read_exact(&mut frame)?;
    rmp_serde::from_slice(&frame)
        .map(Some)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_out_as_they_went_in_and_cut_ones_are_errors() {
        let mut pipe = encode(&Message::Ready { protocol: 7 }).unwrap();
        let whole = pipe.clone();
        pipe.extend(encode(&Message::Running).unwrap());
        let mut input = pipe.as_slice();
        assert!(matches!(
            read(&mut input).unwrap(),
            Some(Message::Ready { protocol: 7 })
        ));
        assert!(matches!(read(&mut input).unwrap(), Some(Message::Running)));
        assert!(read::<Message>(&mut input).unwrap().is_none());
        for cut in 1..whole.len() {
            assert!(read::<Message>(&mut &whole[..cut]).is_err(), "{cut}");
        }
    }

    #[test]
    fn a_frame_that_claims_gigabytes_is_refused() {
        let mut input: &[u8] = &[0xFF, 0xFF, 0xFF, 0xFF, 0];
        assert!(read::<Message>(&mut input).is_err());
    }
}
