//! A fingerprint of source rows that a source can compute itself, so that unchanged rows need not be read.
//!
//! **Definition.** Of a row: `h = (Σ t(column)) mod p` with `t = (a · value) mod p`, or the constant `n` for NULL, where `a`
//! and `n` come from the column's name and `p = 2^31 - 1`. Of rows: their number and the sums, not reduced, of `h`,
//! `h² mod p` and `h³ mod p`. Remainders have the sign of the dividend, as in SQL and in Rust. The order of rows does not
//! count.
//!
//! **What it shows.** The number shows rows added or deleted; the first sum any one cell that changed; the powers show cells
//! that were swapped between rows, where the first sum may stay: row hashes that are not the same set have another sum of
//! squares and cubes. Sets of rows that differ otherwise have equal fingerprints with a probability of about 2^-60.
//!
//! **Range.** Values are 32 bits wide, so a product is below 2^62, and the sums of a million rows below 2^51. A source that
//! computes in 64 bits or in 20 decimal digits does not overflow. One that computes anything else (rounds, overflows, has
//! another remainder) has another result than the rows give here, so its rows are read: a wrong source costs time, never
//! figures.
//!
//! Rows with columns of text or dates have no fingerprint: databases pad, fold and encode texts differently.

use crate::columns::{ColumnValues, SourceColumns};

/// The modulus, a prime: 2^31 - 1.
pub const MODULUS: i64 = 2_147_483_647;
const FORMAT: &str = "1";

/// What a source sums up: see the head of this module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Number of rows.
    pub rows: i64,
    /// Sum of the row hashes.
    pub first: i64,
    /// Sum of their squares modulo [`MODULUS`].
    pub second: i64,
    /// Sum of their cubes modulo [`MODULUS`].
    pub third: i64,
}

/// The factor of a column's values, 1 to [`MODULUS`] - 1.
pub fn factor(column: &str) -> i64 {
    1 + reduced(fnv(column.bytes()))
}

/// What stands for NULL in a column, 1 to [`MODULUS`] - 1.
pub fn null_term(column: &str) -> i64 {
    1 + reduced(fnv(column.bytes().chain(*b"\0null")))
}

fn reduced(hash: u64) -> i64 {
    // Below 2^31, so it fits.
    i64::try_from(hash % (MODULUS.unsigned_abs() - 1)).unwrap_or(0)
}

/// FNV-1a, 64 bits: the same in every build.
fn fnv(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// The fingerprint of rows with these columns, as it is stored and sent.
pub fn text<'a>(columns: impl IntoIterator<Item = &'a str>, sums: &Sums) -> String {
    let names = columns.into_iter().fold(Vec::new(), |mut all, name| {
        all.extend_from_slice(name.as_bytes());
        all.push(0);
        all
    });
    let Sums {
        rows,
        first,
        second,
        third,
    } = sums;
    let names = fnv(names.into_iter());
    format!("{FORMAT}:{names:016x}:{rows}:{first}:{second}:{third}")
}

/// The fingerprint of rows that were read; `None` where a column is not of numbers, or there is no column.
pub fn of_rows(columns: &SourceColumns) -> Option<String> {
    if columns.columns.is_empty() {
        return None;
    }
    let rows = usize::try_from(columns.rows).ok()?;
    let mut hashes = vec![0_i64; rows];
    for column in &columns.columns {
        let ColumnValues::Int32 { values, nulls } = &column.values else {
            return None;
        };
        let (factor, null) = (factor(&column.name), null_term(&column.name));
        let mut nulls = nulls.iter().map(|row| *row as usize).peekable();
        for (row, (hash, value)) in hashes.iter_mut().zip(values).enumerate() {
            *hash += match nulls.next_if_eq(&row) {
                Some(_) => null,
                None => factor * i64::from(*value) % MODULUS,
            };
        }
    }
    let mut sums = Sums {
        rows: i64::try_from(columns.rows).ok()?,
        ..Sums::default()
    };
    for hash in hashes {
        let first = hash % MODULUS;
        let second = first * first % MODULUS;
        sums.first += first;
        sums.second += second;
        sums.third += second * first % MODULUS;
    }
    let names = columns.columns.iter().map(|column| column.name.as_str());
    Some(text(names, &sums))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::{FORMAT_VERSION, SourceColumn};
    use proptest::prelude::*;

    type Rows = Vec<Vec<Option<i32>>>;

    const NAMES: [&str; 4] = ["split", "starttime", "acdcalls", "acdtime"];

    fn of(rows: &Rows) -> String {
        let column = |index: usize| {
            let cells = || rows.iter().map(move |row| row[index]);
            let nulls = (0_u32..).zip(cells()).filter(|(_, cell)| cell.is_none());
            SourceColumn {
                name: NAMES[index].to_owned(),
                values: ColumnValues::Int32 {
                    values: cells().map(Option::unwrap_or_default).collect(),
                    nulls: nulls.map(|(row, _)| row).collect(),
                },
            }
        };
        of_rows(&SourceColumns {
            format_version: FORMAT_VERSION,
            rows: rows.len() as u64,
            columns: (0..NAMES.len()).map(column).collect(),
        })
        .unwrap()
    }

    fn sorted(rows: &Rows) -> Rows {
        let mut rows = rows.clone();
        rows.sort();
        rows
    }

    /// Few different values, so that equal ones meet; and any.
    fn cell() -> impl Strategy<Value = Option<i32>> {
        prop_oneof![
            6 => (0..4_i32).prop_map(Some),
            2 => (0..200_000_i32).prop_map(Some),
            1 => any::<i32>().prop_map(Some),
            1 => Just(None),
        ]
    }

    fn rows() -> impl Strategy<Value = Rows> {
        prop::collection::vec(prop::collection::vec(cell(), NAMES.len()), 1..40)
    }

    proptest! {
        #[test]
        fn a_changed_cell_shows(rows in rows(), at in any::<prop::sample::Index>(), column in 0..4_usize, value in cell()) {
            let mut changed = rows.clone();
            let row = at.index(rows.len());
            prop_assume!(changed[row][column] != value);
            changed[row][column] = value;
            prop_assert_ne!(of(&rows), of(&changed));
        }

        #[test]
        fn swapped_cells_show_unless_the_rows_are_the_same_set(
            rows in rows(), one in any::<prop::sample::Index>(), other in any::<prop::sample::Index>(), column in 0..4_usize,
        ) {
            let (one, other) = (one.index(rows.len()), other.index(rows.len()));
            let mut swapped = rows.clone();
            swapped[one][column] = rows[other][column];
            swapped[other][column] = rows[one][column];
            prop_assert_eq!(of(&rows) == of(&swapped), sorted(&rows) == sorted(&swapped));
        }

        #[test]
        fn what_one_cell_gains_and_another_loses_shows(
            rows in rows(), one in any::<prop::sample::Index>(), other in any::<prop::sample::Index>(), column in 0..4_usize,
            by in 1..50_i32,
        ) {
            let (one, other) = (one.index(rows.len()), other.index(rows.len()));
            let mut moved = rows.clone();
            moved[one][column] = moved[one][column].map(|value| value.saturating_add(by));
            moved[other][column] = moved[other][column].map(|value| value.saturating_sub(by));
            prop_assert_eq!(of(&rows) == of(&moved), sorted(&rows) == sorted(&moved));
        }

        #[test]
        fn added_and_deleted_rows_show_and_order_does_not(
            rows in rows(), more in prop::collection::vec(cell(), 4), at in any::<prop::sample::Index>(),
        ) {
            let mut added = rows.clone();
            added.push(more);
            prop_assert_ne!(of(&rows), of(&added));
            let mut deleted = rows.clone();
            deleted.remove(at.index(rows.len()));
            prop_assert_ne!(of(&rows), of(&deleted));
            let mut turned = rows.clone();
            turned.rotate_left(at.index(rows.len()));
            turned.reverse();
            prop_assert_eq!(of(&rows), of(&turned));
        }
    }

    #[test]
    fn other_columns_are_another_fingerprint_and_texts_have_none() {
        let sums = Sums::default();
        assert_ne!(text(["split", "acdcalls"], &sums), text(["split"], &sums));
        assert_ne!(text(["ab", "c"], &sums), text(["a", "bc"], &sums));
        let texts = SourceColumns {
            format_version: FORMAT_VERSION,
            rows: 1,
            columns: vec![SourceColumn {
                name: "logid".into(),
                values: ColumnValues::Text {
                    values: vec!["1".into()],
                    nulls: vec![],
                },
            }],
        };
        assert_eq!(of_rows(&texts), None);
        assert_eq!(of_rows(&SourceColumns::empty()), None);
    }

    #[test]
    fn it_is_the_same_in_every_release() {
        let rows = vec![
            vec![Some(12), Some(800), Some(4), Some(240)],
            vec![Some(12), Some(830), None, Some(-1)],
        ];
        assert_eq!(
            of(&rows),
            "1:4cdc3b5cc451d29e:2:3941733707:2230480673:2099130367"
        );
    }
}
