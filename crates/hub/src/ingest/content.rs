//! From the parts of an attempt to the content of a partition. Pure; run off the async runtime.
//!
//! **Content hash.** Each row is written in one canonical form (per column: a byte that tells NULL from a value, then the
//! value; texts with their length in front), hashed with SHA-256, and the hashes are added modulo 2^256; column names and
//! kinds are hashed on top. A sum does not depend on the order of rows, so a source that returns the same rows in another
//! order has the same hash; and unlike exclusive or, it tells a row that occurs twice from none.

use floorwire_model::columns::{ColumnValues, SourceColumns};
use floorwire_protocol::encoding::{EncodingError, decode_columns, encode_columns};
use floorwire_protocol::messages::MAX_PART_DECOMPRESSED_BYTES;
use sha2::{Digest, Sha256};

/// What is stored of the rows of one reading.
#[derive(Clone, Debug)]
pub struct Content {
    /// Number of rows.
    pub rows: u64,
    /// As stored: source columns, MessagePack in zstd.
    pub encoded: Vec<u8>,
    /// See the head of this module.
    pub hash: [u8; 32],
    /// See [`floorwire_model::fingerprint`]; `None` where rows have texts or dates.
    pub fingerprint: Option<String>,
}

/// Puts the parts of an attempt together, in order, with the rows themselves, which are large and are to be dropped soon.
/// No parts make an empty reading.
pub fn assemble(mut parts: Vec<Vec<u8>>) -> Result<(Content, SourceColumns), EncodingError> {
    if parts.len() == 1
        && let Some(only) = parts.pop()
    {
        return of_stored(only, MAX_PART_DECOMPRESSED_BYTES);
    }
    let decode = |part: Vec<u8>| decode_columns(&part, MAX_PART_DECOMPRESSED_BYTES);
    let decoded = parts.into_iter().map(decode).collect::<Result<_, _>>()?;
    let columns = SourceColumns::concat(decoded)?;
    let encoded = encode_columns(&columns)?;
    Ok((of(&columns, encoded), columns))
}

/// The content of a partition that is stored, and its rows.
pub fn of_stored(
    encoded: Vec<u8>,
    max_bytes: usize,
) -> Result<(Content, SourceColumns), EncodingError> {
    let columns = decode_columns(&encoded, max_bytes)?;
    Ok((of(&columns, encoded), columns))
}

fn of(columns: &SourceColumns, encoded: Vec<u8>) -> Content {
    Content {
        rows: columns.rows,
        hash: content_hash(columns),
        fingerprint: floorwire_model::fingerprint::of_rows(columns),
        encoded,
    }
}

/// The hash of rows, independent of their order.
pub fn content_hash(columns: &SourceColumns) -> [u8; 32] {
    let mut names = Sha256::new();
    for column in &columns.columns {
        let kind: u8 = match column.values {
            ColumnValues::Int32 { .. } => b'i',
            ColumnValues::Text { .. } => b't',
            ColumnValues::Date { .. } => b'd',
        };
        names.update([kind]);
        names.update((column.name.len() as u64).to_le_bytes());
        names.update(column.name.as_bytes());
    }
    let mut sum = [0_u64; 4];
    add(&mut sum, &names.finalize().into());
    let mut readers: Vec<Reader<'_>> = columns
        .columns
        .iter()
        .map(|column| Reader::new(&column.values))
        .collect();
    let mut canonical = Vec::with_capacity(256);
    for row in 0..usize::try_from(columns.rows).unwrap_or(usize::MAX) {
        canonical.clear();
        for reader in &mut readers {
            reader.write(row, &mut canonical);
        }
        add(&mut sum, &Sha256::digest(&canonical).into());
    }
    let mut hash = [0; 32];
    for (bytes, word) in hash.chunks_exact_mut(8).zip(sum) {
        bytes.copy_from_slice(&word.to_le_bytes());
    }
    hash
}

/// Adds a hash to the sum modulo 2^256, least significant word first.
fn add(sum: &mut [u64; 4], hash: &[u8; 32]) {
    let mut carry = false;
    for (word, bytes) in sum.iter_mut().zip(hash.chunks_exact(8)) {
        let mut eight = [0; 8];
        eight.copy_from_slice(bytes);
        let (once, first) = word.overflowing_add(u64::from_le_bytes(eight));
        let (twice, second) = once.overflowing_add(u64::from(carry));
        *word = twice;
        carry = first || second;
    }
}

/// Walks one column in row order, its NULLs beside it.
struct Reader<'a> {
    values: &'a ColumnValues,
    nulls: std::iter::Peekable<std::iter::Copied<std::slice::Iter<'a, u32>>>,
}

impl<'a> Reader<'a> {
    fn new(values: &'a ColumnValues) -> Self {
        let (ColumnValues::Int32 { nulls, .. }
        | ColumnValues::Text { nulls, .. }
        | ColumnValues::Date { nulls, .. }) = values;
        Self {
            values,
            nulls: nulls.iter().copied().peekable(),
        }
    }

    fn write(&mut self, row: usize, canonical: &mut Vec<u8>) {
        if self.nulls.next_if(|null| *null as usize == row).is_some() {
            canonical.push(0);
            return;
        }
        canonical.push(1);
        match self.values {
            ColumnValues::Int32 { values, .. }
            | ColumnValues::Date {
                days_since_1970: values,
                ..
            } => {
                canonical
                    .extend_from_slice(&values.get(row).copied().unwrap_or_default().to_le_bytes());
            }
            ColumnValues::Text { values, .. } => {
                let text = values.get(row).map(String::as_str).unwrap_or_default();
                canonical.extend_from_slice(&(text.len() as u64).to_le_bytes());
                canonical.extend_from_slice(text.as_bytes());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use floorwire_model::columns::SourceColumn;

    fn columns(values: Vec<i32>, texts: Vec<&str>, nulls: Vec<u32>) -> SourceColumns {
        SourceColumns {
            format_version: 1,
            rows: values.len() as u64,
            columns: vec![
                SourceColumn {
                    name: "split".into(),
                    values: ColumnValues::Int32 { values, nulls },
                },
                SourceColumn {
                    name: "name".into(),
                    values: ColumnValues::Text {
                        values: texts.into_iter().map(String::from).collect(),
                        nulls: vec![],
                    },
                },
            ],
        }
    }

    #[test]
    fn order_does_not_count_but_everything_else_does() {
        let hash = content_hash(&columns(vec![1, 2, 3], vec!["a", "b", "c"], vec![]));
        assert_eq!(
            hash,
            content_hash(&columns(vec![3, 1, 2], vec!["c", "a", "b"], vec![]))
        );
        assert_ne!(
            hash,
            content_hash(&columns(vec![3, 1, 2], vec!["c", "b", "a"], vec![]))
        );
        assert_ne!(
            hash,
            content_hash(&columns(vec![1, 2, 3], vec!["a", "b", "c "], vec![]))
        );
        assert_ne!(
            hash,
            content_hash(&columns(vec![1, 2], vec!["a", "b"], vec![]))
        );
        let zero = content_hash(&columns(vec![0], vec!["a"], vec![]));
        assert_ne!(zero, content_hash(&columns(vec![0], vec!["a"], vec![0])));
        let once = content_hash(&columns(vec![1], vec!["a"], vec![]));
        assert_ne!(
            once,
            content_hash(&columns(vec![1, 1, 1], vec!["a", "a", "a"], vec![]))
        );
    }

    #[test]
    fn parts_become_one_content_and_one_part_is_kept_as_it_came() {
        let first = encode_columns(&columns(vec![1], vec!["a"], vec![])).unwrap();
        let second = encode_columns(&columns(vec![2], vec!["b"], vec![0])).unwrap();
        let (whole, rows) = assemble(vec![first.clone(), second]).unwrap();
        assert_eq!((whole.rows, rows.rows), (2, 2));
        let again = decode_columns(&whole.encoded, 1 << 20).unwrap();
        assert_eq!(content_hash(&again), whole.hash);
        assert_eq!(assemble(vec![first.clone()]).unwrap().0.encoded, first);
        assert_eq!(assemble(vec![]).unwrap().0.rows, 0);
    }
}
