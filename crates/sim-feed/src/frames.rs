//! Played bytes in a file, each piece with the moment at which it was sent.
//!
//! # Format
//! The line `floorwire-frames 1`, then frames: Unix milliseconds (8 bytes), index of the feed (2), connection of the feed (1: 0 its
//! own, 1 the duplicate sender's), kind (1: 0 connected, 1 bytes, 2 closed), number of bytes (4), the bytes. Numbers are little-endian.
//! Frames come in order of time. A file that ends inside a frame was not finished: an error.

use crate::feed::{Action, Lane, Step};
use std::io::{BufRead, Read, Write};

const TITLE: &[u8] = b"floorwire-frames 1\n";
/// Bytes that a frame may have.
const LENGTH_AT_MOST: u32 = 1 << 30;

/// Why frames cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum FramesError {
    /// The file.
    #[error("frames: {0}")]
    File(#[from] std::io::Error),
    /// It is none.
    #[error("not a file of frames: it does not begin with `floorwire-frames 1`")]
    NotFrames,
    /// A frame that is none.
    #[error("frame {number} is damaged: {reason}")]
    Damaged {
        /// From 1.
        number: u64,
        /// What is wrong.
        reason: &'static str,
    },
}

/// What happens on a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FrameKind {
    /// It is made.
    Connected,
    /// Bytes go over it.
    Bytes(Vec<u8>),
    /// It ends.
    Closed,
}

/// Something that happens on a connection, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Unix milliseconds.
    pub utc_ms: i64,
    /// Index of the feed.
    pub feed: u16,
    /// Which of its connections.
    pub lane: Lane,
    /// What.
    pub kind: FrameKind,
}

impl Frame {
    /// The frame of a step of the feed with this index.
    pub fn of(feed: usize, step: Step) -> Self {
        Self {
            utc_ms: step.utc_ms,
            feed: u16::try_from(feed).unwrap_or(u16::MAX),
            lane: step.lane,
            kind: match step.action {
                Action::Connect => FrameKind::Connected,
                Action::Send { bytes, .. } => FrameKind::Bytes(bytes),
                Action::Close(_) => FrameKind::Closed,
            },
        }
    }
}

/// Writes frames.
pub struct FramesWriter<W: Write> {
    out: W,
}

impl<W: Write> FramesWriter<W> {
    /// Begins a file.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn new(mut out: W) -> Result<Self, FramesError> {
        out.write_all(TITLE)?;
        Ok(Self { out })
    }

    /// Adds a frame.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&mut self, frame: &Frame) -> Result<(), FramesError> {
        let (kind, bytes): (u8, &[u8]) = match &frame.kind {
            FrameKind::Connected => (0, &[]),
            FrameKind::Bytes(bytes) => (1, bytes),
            FrameKind::Closed => (2, &[]),
        };
        let length = u32::try_from(bytes.len()).map_err(std::io::Error::other)?;
        self.out.write_all(&frame.utc_ms.to_le_bytes())?;
        self.out.write_all(&frame.feed.to_le_bytes())?;
        self.out
            .write_all(&[u8::from(frame.lane == Lane::Second), kind])?;
        self.out.write_all(&length.to_le_bytes())?;
        self.out.write_all(bytes)?;
        Ok(())
    }

    /// Ends the file.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn finish(mut self) -> Result<(), FramesError> {
        Ok(self.out.flush()?)
    }
}

/// Reads frames.
pub struct FramesReader<R: BufRead> {
    read: R,
    number: u64,
}

impl<R: BufRead> FramesReader<R> {
    /// Begins a file.
    ///
    /// # Errors
    /// It cannot be read, or is no file of frames.
    pub fn new(mut read: R) -> Result<Self, FramesError> {
        let mut title = [0; TITLE.len()];
        match read.read_exact(&mut title) {
            Ok(()) if title == TITLE => Ok(Self { read, number: 0 }),
            Err(cause) if cause.kind() != std::io::ErrorKind::UnexpectedEof => Err(cause.into()),
            _ => Err(FramesError::NotFrames),
        }
    }

    /// The next frame; `None` at the end.
    ///
    /// # Errors
    /// It cannot be read, or is damaged.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, FramesError> {
        if self.read.fill_buf()?.is_empty() {
            return Ok(None);
        }
        self.number += 1;
        let utc_ms = i64::from_le_bytes(self.part()?);
        let feed = u16::from_le_bytes(self.part()?);
        let [lane, kind] = self.part()?;
        let length = u32::from_le_bytes(self.part()?);
        if length > LENGTH_AT_MOST {
            return Err(self.damaged("it has more than 1 GiB"));
        }
        let mut bytes = Vec::new();
        let read = self
            .read
            .by_ref()
            .take(u64::from(length))
            .read_to_end(&mut bytes)?;
        if u32::try_from(read).ok() != Some(length) {
            return Err(self.damaged("the file ends inside it"));
        }
        let kind = match kind {
            0 => FrameKind::Connected,
            1 => FrameKind::Bytes(bytes),
            2 => FrameKind::Closed,
            _ => return Err(self.damaged("its kind is not 0, 1 or 2")),
        };
        let lane = match lane {
            0 => Lane::Main,
            1 => Lane::Second,
            _ => return Err(self.damaged("its connection is not 0 or 1")),
        };
        Ok(Some(Frame {
            utc_ms,
            feed,
            lane,
            kind,
        }))
    }

    fn part<const N: usize>(&mut self) -> Result<[u8; N], FramesError> {
        let mut part = [0; N];
        match self.read.read_exact(&mut part) {
            Ok(()) => Ok(part),
            Err(cause) if cause.kind() == std::io::ErrorKind::UnexpectedEof => {
                Err(self.damaged("the file ends inside it"))
            }
            Err(cause) => Err(cause.into()),
        }
    }

    fn damaged(&self, reason: &'static str) -> FramesError {
        FramesError::Damaged {
            number: self.number,
            reason,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_read_as_they_were_written() {
        let frame = |utc_ms, lane, kind| Frame {
            utc_ms,
            feed: 3,
            lane,
            kind,
        };
        let frames = [
            frame(1, Lane::Main, FrameKind::Connected),
            frame(2, Lane::Second, FrameKind::Bytes(b"1|4021\n".to_vec())),
            frame(3, Lane::Main, FrameKind::Closed),
        ];
        let mut file = Vec::new();
        let mut writer = FramesWriter::new(&mut file).unwrap();
        for frame in &frames {
            writer.write(frame).unwrap();
        }
        writer.finish().unwrap();
        let mut reader = FramesReader::new(&file[..]).unwrap();
        for frame in &frames {
            assert_eq!(reader.next_frame().unwrap().as_ref(), Some(frame));
        }
        assert_eq!(reader.next_frame().unwrap(), None);

        let torn = &file[..file.len() - 20];
        let mut reader = FramesReader::new(torn).unwrap();
        reader.next_frame().unwrap();
        let refused = reader.next_frame().unwrap_err().to_string();
        assert!(refused.contains("frame 2"), "{refused}");
        assert!(matches!(
            FramesReader::new(&b"something else"[..]),
            Err(FramesError::NotFrames)
        ));
    }
}
