//! Source columns on the wire and in storage: MessagePack with field names, in zstd.
//!
//! Field names, because the positional form swaps values silently when a field moves. Decompression is
//! bounded: a small body may claim to be huge. Whatever is decoded is validated before it is returned.

use floorwire_model::columns::{ColumnsError, SourceColumns};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use std::io::Read;

/// zstd level: 1 and 3 differ by 4 % in size here and by a third in time.
const LEVEL: i32 = 1;

/// Why columns cannot be encoded or decoded.
#[derive(Debug, thiserror::Error)]
pub enum EncodingError {
    /// Not MessagePack, or of something else.
    #[error("body is not what it should be: {0}")]
    NotColumns(#[from] rmp_serde::decode::Error),
    /// Cannot be written.
    #[error("content cannot be encoded: {0}")]
    NotEncodable(#[from] rmp_serde::encode::Error),
    /// Not zstd, or cut short.
    #[error("body is not zstd or cut short: {0}")]
    NotZstd(#[from] std::io::Error),
    /// Larger than allowed after decompression.
    #[error("body is larger than {limit} bytes after decompression; send smaller parts")]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// More than one message in one body.
    #[error("body goes on after its content")]
    TrailingBytes,
    /// Decoded, but not consistent.
    #[error(transparent)]
    Inconsistent(#[from] ColumnsError),
}

/// Encodes columns for the wire and for storage.
pub fn encode_columns(columns: &SourceColumns) -> Result<Vec<u8>, EncodingError> {
    encode(columns)
}

/// Decodes and validates columns; reads at most `limit` bytes after decompression.
pub fn decode_columns(body: &[u8], limit: usize) -> Result<SourceColumns, EncodingError> {
    let columns: SourceColumns = decode(body, limit)?;
    columns.validate()?;
    Ok(columns)
}

/// Encodes anything for storage.
pub fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, EncodingError> {
    let mut encoder = zstd::Encoder::new(Vec::new(), LEVEL)?;
    let mut buffered = std::io::BufWriter::with_capacity(64 * 1024, &mut encoder);
    rmp_serde::encode::write_named(&mut buffered, value)?;
    std::io::Write::flush(&mut buffered)?;
    drop(buffered);
    Ok(encoder.finish()?)
}

/// The inverse of [`encode`]; reads at most `limit` bytes after decompression.
pub fn decode<T: DeserializeOwned>(body: &[u8], limit: usize) -> Result<T, EncodingError> {
    let decoder = zstd::Decoder::new(body)?;
    let mut bounded = std::io::BufReader::with_capacity(64 * 1024, decoder.take(limit as u64 + 1));
    let decoded: Result<T, _> = rmp_serde::decode::from_read(&mut bounded);
    if bounded.get_ref().limit() == 0 {
        return Err(EncodingError::TooLarge { limit });
    }
    let value = decoded?;
    // Reading on to the end makes zstd check that its frame is whole.
    if bounded.read(&mut [0])? != 0 {
        return Err(EncodingError::TrailingBytes);
    }
    Ok(value)
}

/// SHA-256 as lower-case hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use floorwire_model::columns::{ColumnValues, SourceColumn};

    fn columns(rows: u32) -> SourceColumns {
        let ints = (0..rows)
            .map(|row| i32::try_from(row).unwrap() - 3)
            .collect();
        let texts = (0..rows).map(|row| format!("{row:<6}")).collect();
        SourceColumns {
            format_version: 1,
            rows: u64::from(rows),
            columns: vec![
                SourceColumn {
                    name: "acdcalls".into(),
                    values: ColumnValues::Int32 {
                        values: ints,
                        nulls: vec![0],
                    },
                },
                SourceColumn {
                    name: "value".into(),
                    values: ColumnValues::Text {
                        values: texts,
                        nulls: vec![],
                    },
                },
            ],
        }
    }

    #[test]
    fn columns_round_trip() {
        let original = columns(5_000);
        let body = encode_columns(&original).unwrap();
        assert_eq!(decode_columns(&body, 1 << 20).unwrap(), original);
    }

    #[test]
    fn a_small_body_cannot_become_huge() {
        let body = encode_columns(&columns(50_000)).unwrap();
        let refused = decode_columns(&body, 10_000).unwrap_err();
        assert!(
            matches!(refused, EncodingError::TooLarge { limit: 10_000 }),
            "{refused}"
        );
    }

    #[test]
    fn cut_and_foreign_bodies_are_errors() {
        let body = encode_columns(&columns(1_000)).unwrap();
        for length in 0..body.len() {
            assert!(
                decode_columns(&body[..length], 1 << 20).is_err(),
                "{length} bytes"
            );
        }
        assert!(decode_columns(b"{\"rows\":1}", 1 << 20).is_err());
    }

    #[test]
    fn fields_of_a_newer_writer_are_ignored() {
        #[derive(serde::Serialize)]
        struct Newer {
            format_version: u16,
            invented_later: &'static str,
            rows: u64,
            columns: Vec<SourceColumn>,
        }
        let newer = Newer {
            format_version: 1,
            invented_later: "x",
            rows: 0,
            columns: vec![],
        };
        let packed = rmp_serde::to_vec_named(&newer).unwrap();
        let body = zstd::encode_all(packed.as_slice(), 1).unwrap();
        assert_eq!(decode_columns(&body, 1 << 20).unwrap().rows, 0);
    }
}
