//! What goes into a read and what comes out of it: columns by our own catalogue, typed parameters,
//! batches of columns.
//!
//! A batch is columnar because a driver fills columns and because columns compress well. NULL is
//! kept apart from the values as a list of row indexes, which is empty for most CMS columns; the
//! value at a NULL's place is 0 or the empty text and means nothing.
//!
//! All types are plain data with serde, so that the worker can send them over its pipe.

use serde::{Deserialize, Serialize};

/// How a column is read: fixed by the reader's own table catalogue, never by what a driver
/// describes, since drivers describe wrongly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnKind {
    /// A whole number of at most 32 bits (`SMALLINT`, `INTEGER`).
    Int32,
    /// Text in UTF-8, blank padding included as the database sends it.
    Text {
        /// Widest value expected, in bytes. A wider one is an error, never cut.
        max_bytes: usize,
    },
    /// A calendar day without a zone. Text of the form `YYYY-MM-DD` in SQLite.
    Date,
}

/// One column of a result or of a table to fill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnSpec {
    /// Name as written in SQL.
    pub name: String,
    /// How its values are read or written.
    pub kind: ColumnKind,
}

impl ColumnSpec {
    /// A column called `name` of this kind.
    pub fn new(name: impl Into<String>, kind: ColumnKind) -> Self {
        Self {
            name: name.into(),
            kind,
        }
    }
}

/// A value bound to a `?` of a statement, in order of the question marks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Parameter {
    /// Days since 1970-01-01.
    Date(i32),
    /// A whole number.
    Int32(i32),
    /// Text in UTF-8.
    Text(String),
}

/// One statement and how to read its result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Query {
    /// The statement, with `?` for each parameter.
    pub sql: String,
    /// Values of the question marks, in order.
    pub parameters: Vec<Parameter>,
    /// Columns of the result, in order. Their number must equal the result's.
    pub columns: Vec<ColumnSpec>,
    /// At most so many rows are delivered; [`ReadEnd::hit_row_limit`] says whether there were more.
    pub row_limit: u64,
    /// Seconds the statement may take until its first rows; 0 means no limit.
    pub timeout_s: u32,
}

/// The values of one column in one batch. `nulls` holds the ascending indexes of rows that are
/// NULL; the value there is 0 or the empty text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnData {
    /// Whole numbers.
    Int32 {
        /// One value per row.
        #[serde(with = "packed")]
        values: Vec<i32>,
        /// Ascending indexes of NULL rows.
        nulls: Vec<u32>,
    },
    /// Text, blank padding kept.
    Text {
        /// One value per row.
        values: Vec<String>,
        /// Ascending indexes of NULL rows.
        nulls: Vec<u32>,
    },
    /// Calendar days.
    Date {
        /// One value per row, in days since 1970-01-01.
        #[serde(with = "packed")]
        days_since_1970: Vec<i32>,
        /// Ascending indexes of NULL rows.
        nulls: Vec<u32>,
    },
}

impl ColumnData {
    /// An empty column of this kind with room for `rows` values.
    pub fn with_capacity(kind: ColumnKind, rows: usize) -> Self {
        match kind {
            ColumnKind::Int32 => Self::Int32 {
                values: Vec::with_capacity(rows),
                nulls: Vec::new(),
            },
            ColumnKind::Text { .. } => Self::Text {
                values: Vec::with_capacity(rows),
                nulls: Vec::new(),
            },
            ColumnKind::Date => Self::Date {
                days_since_1970: Vec::with_capacity(rows),
                nulls: Vec::new(),
            },
        }
    }

    /// Number of values, NULL ones included.
    pub fn len(&self) -> usize {
        match self {
            Self::Int32 { values, .. } => values.len(),
            Self::Text { values, .. } => values.len(),
            Self::Date {
                days_since_1970, ..
            } => days_since_1970.len(),
        }
    }

    /// Whether the column holds no value at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Ascending indexes of the rows that are NULL.
    pub fn nulls(&self) -> &[u32] {
        match self {
            Self::Int32 { nulls, .. } | Self::Text { nulls, .. } | Self::Date { nulls, .. } => {
                nulls
            }
        }
    }
}

/// Some rows of a result, column by column in the order of [`Query::columns`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowBatch {
    /// Number of rows; the length of every column.
    pub rows: usize,
    /// The columns.
    pub columns: Vec<ColumnData>,
}

/// The explicit end of a read: a result without one is incomplete and must be thrown away.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReadEnd {
    /// Rows delivered in all batches.
    pub rows: u64,
    /// Whether the source had more rows than [`Query::row_limit`].
    pub hit_row_limit: bool,
    /// Seconds from the start of the statement to the last row.
    pub seconds: f64,
}

/// What the ODBC driver manager of this host knows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registered {
    /// Driver names of `odbcinst.ini`.
    pub drivers: Vec<String>,
    /// Data source names of `odbc.ini`, the user's and the system's.
    pub data_sources: Vec<String>,
}

impl RowBatch {
    /// A batch of these columns without rows.
    pub fn empty(columns: &[ColumnSpec]) -> Self {
        Self {
            rows: 0,
            columns: columns
                .iter()
                .map(|column| ColumnData::with_capacity(column.kind, 0))
                .collect(),
        }
    }

    /// Appends the rows of a batch of the same columns. A column of another kind is left as it
    /// is, which [`ColumnData::len`] then shows.
    pub fn append(&mut self, other: RowBatch) {
        let offset = u32::try_from(self.rows).unwrap_or(u32::MAX);
        for (mine, theirs) in self.columns.iter_mut().zip(other.columns) {
            mine.append(theirs, offset);
        }
        self.rows += other.rows;
    }
}

impl ColumnData {
    fn append(&mut self, other: Self, offset: u32) {
        let shifted = |nulls: Vec<u32>| nulls.into_iter().map(move |null| null + offset);
        match (self, other) {
            (
                Self::Int32 { values, nulls },
                Self::Int32 {
                    values: more,
                    nulls: more_nulls,
                },
            ) => {
                values.extend(more);
                nulls.extend(shifted(more_nulls));
            }
            (
                Self::Text { values, nulls },
                Self::Text {
                    values: more,
                    nulls: more_nulls,
                },
            ) => {
                values.extend(more);
                nulls.extend(shifted(more_nulls));
            }
            (
                Self::Date {
                    days_since_1970,
                    nulls,
                },
                Self::Date {
                    days_since_1970: more,
                    nulls: more_nulls,
                },
            ) => {
                days_since_1970.extend(more);
                nulls.extend(shifted(more_nulls));
            }
            _ => {}
        }
    }
}

/// Numbers as one run of bytes, little endian: a tenth of the work of encoding them one by one.
mod packed {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use serde_bytes::ByteBuf;

    pub(super) fn serialize<S: Serializer>(
        values: &[i32],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let mut bytes = vec![0_u8; values.len() * 4];
        for (four, value) in bytes.chunks_exact_mut(4).zip(values) {
            four.copy_from_slice(&value.to_le_bytes());
        }
        serializer.serialize_bytes(&bytes)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<i32>, D::Error> {
        let bytes = ByteBuf::deserialize(deserializer)?;
        let (fours, rest) = bytes.as_chunks::<4>();
        if !rest.is_empty() {
            return Err(D::Error::custom("numbers that are cut"));
        }
        Ok(fours.iter().map(|four| i32::from_le_bytes(*four)).collect())
    }
}
