//! Source rows as columns: the one vocabulary between Link and Hub, and the form partitions are kept in.
//!
//! A [`SourceColumns`] holds equally long columns in the order they were selected. NULL is told apart from
//! zero and from the empty text: `nulls` lists the row indexes that are NULL, ascending; the value stored
//! there is `0` or `""` and means nothing. Text is kept as read, blank padding included.
//!
//! The struct carries its format version. Readers refuse a version they do not know, and ignore unknown
//! fields (the encoding writes field names).

use serde::{Deserialize, Serialize};

/// The format written today.
pub const FORMAT_VERSION: u16 = 1;

/// Rows of one source table, column by column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceColumns {
    /// See [`FORMAT_VERSION`].
    pub format_version: u16,
    /// Number of rows; every column has as many values.
    pub rows: u64,
    /// The columns in the order of the select list.
    pub columns: Vec<SourceColumn>,
}

/// One column with the name the source gives it (lower case).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceColumn {
    /// Column name as in the source, lower case.
    pub name: String,
    /// The values, one per row.
    pub values: ColumnValues,
}

/// The values of one column; `nulls` lists the rows that are NULL, ascending.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnValues {
    /// SMALLINT and INTEGER.
    Int32 {
        /// One value per row.
        values: Vec<i32>,
        /// Rows that are NULL.
        nulls: Vec<u32>,
    },
    /// CHAR and VARCHAR, blank padding as read.
    Text {
        /// One value per row.
        values: Vec<String>,
        /// Rows that are NULL.
        nulls: Vec<u32>,
    },
    /// DATE, as days since 1970-01-01.
    Date {
        /// One value per row.
        days_since_1970: Vec<i32>,
        /// Rows that are NULL.
        nulls: Vec<u32>,
    },
}

/// Why a set of columns cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ColumnsError {
    /// Written by a newer program.
    #[error(
        "source columns have format {found}, this program reads {FORMAT_VERSION}; upgrade the hub before its links"
    )]
    UnknownFormat {
        /// The version found.
        found: u16,
    },
    /// The lengths of values do not agree with the row count, or a NULL index lies outside.
    #[error("column `{column}` does not fit {rows} rows")]
    WrongLength {
        /// The column.
        column: String,
        /// The stated number of rows.
        rows: u64,
    },
    /// Two parts of one read name different columns.
    #[error("part has columns {found}, the parts before it {expected}")]
    DifferentColumns {
        /// Column names of this part.
        found: String,
        /// Column names of the first part.
        expected: String,
    },
    /// A column that the derivation needs is not there.
    #[error("column `{column}` is missing; the source release may not have it")]
    Missing {
        /// The column.
        column: String,
    },
    /// A column has another type than the derivation expects.
    #[error("column `{column}` is not of type {expected}")]
    WrongType {
        /// The column.
        column: String,
        /// The type asked for.
        expected: &'static str,
    },
}

impl ColumnValues {
    /// Number of values.
    pub fn len(&self) -> usize {
        match self {
            Self::Int32 { values, .. } => values.len(),
            Self::Text { values, .. } => values.len(),
            Self::Date {
                days_since_1970, ..
            } => days_since_1970.len(),
        }
    }

    /// True without values.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn nulls(&self) -> &[u32] {
        match self {
            Self::Int32 { nulls, .. } | Self::Text { nulls, .. } | Self::Date { nulls, .. } => {
                nulls
            }
        }
    }

    /// Makes room for exactly so many values more.
    fn reserve_exact(&mut self, more: usize) {
        match self {
            Self::Int32 { values, .. }
            | Self::Date {
                days_since_1970: values,
                ..
            } => values.reserve_exact(more),
            Self::Text { values, .. } => values.reserve_exact(more),
        }
    }

    /// Appends `other`; false when the types differ (nothing is appended then).
    fn append(&mut self, other: Self) -> bool {
        let offset = u32::try_from(self.len()).unwrap_or(u32::MAX);
        let shifted =
            |nulls: Vec<u32>| nulls.into_iter().map(move |row| row.saturating_add(offset));
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
            _ => return false,
        }
        true
    }
}

impl SourceColumns {
    /// Columns without rows.
    pub fn empty() -> Self {
        Self {
            format_version: FORMAT_VERSION,
            rows: 0,
            columns: Vec::new(),
        }
    }

    /// Checks version, lengths and NULL indexes. To be called on everything that comes from outside.
    pub fn validate(&self) -> Result<(), ColumnsError> {
        if self.format_version != FORMAT_VERSION {
            return Err(ColumnsError::UnknownFormat {
                found: self.format_version,
            });
        }
        for column in &self.columns {
            let fits = column.values.len() as u64 == self.rows
                && column
                    .values
                    .nulls()
                    .windows(2)
                    .all(|pair| pair[0] < pair[1])
                && column
                    .values
                    .nulls()
                    .last()
                    .is_none_or(|&row| u64::from(row) < self.rows);
            if !fits {
                return Err(ColumnsError::WrongLength {
                    column: column.name.clone(),
                    rows: self.rows,
                });
            }
        }
        if self.columns.is_empty() && self.rows != 0 {
            return Err(ColumnsError::WrongLength {
                column: String::new(),
                rows: self.rows,
            });
        }
        Ok(())
    }

    /// The parts of one read as one, in order, column after column: beside the parts there is never more than one column
    /// in memory, and no room to spare is left behind.
    pub fn concat(parts: Vec<Self>) -> Result<Self, ColumnsError> {
        let mut parts = parts.into_iter().filter(|part| !part.columns.is_empty());
        let Some(mut whole) = parts.next() else {
            return Ok(Self::empty());
        };
        let mut more = Vec::new();
        let mut rows = 0;
        for part in parts {
            whole.same_shape(&part)?;
            rows += part.rows;
            more.push(part.columns.into_iter());
        }
        for column in &mut whole.columns {
            column
                .values
                .reserve_exact(usize::try_from(rows).unwrap_or(0));
            for next in more.iter_mut().filter_map(Iterator::next) {
                column.values.append(next.values);
            }
        }
        whole.rows += rows;
        Ok(whole)
    }

    /// Number of values over all columns.
    pub fn cells(&self) -> u64 {
        self.rows.saturating_mul(self.columns.len() as u64)
    }

    fn same_shape(&self, part: &Self) -> Result<(), ColumnsError> {
        let same = self.columns.len() == part.columns.len()
            && self.columns.iter().zip(&part.columns).all(|(mine, other)| {
                mine.name == other.name
                    && std::mem::discriminant(&mine.values) == std::mem::discriminant(&other.values)
            });
        if same {
            return Ok(());
        }
        let names = |columns: &[SourceColumn]| {
            let names = columns.iter().map(|column| column.name.as_str());
            names.collect::<Vec<_>>().join(" ")
        };
        Err(ColumnsError::DifferentColumns {
            found: names(&part.columns),
            expected: names(&self.columns),
        })
    }

    fn column(&self, name: &str) -> Option<&ColumnValues> {
        self.columns
            .iter()
            .find(|column| column.name == name)
            .map(|column| &column.values)
    }

    /// An integer column, or an error that names it.
    pub fn int32(&self, name: &str) -> Result<Int32Column<'_>, ColumnsError> {
        self.optional_int32(name)?
            .ok_or_else(|| ColumnsError::Missing {
                column: name.to_owned(),
            })
    }

    /// An integer column that some releases do not have.
    pub fn optional_int32(&self, name: &str) -> Result<Option<Int32Column<'_>>, ColumnsError> {
        match self.column(name) {
            None => Ok(None),
            Some(ColumnValues::Int32 { values, nulls }) => Ok(Some(Int32Column { values, nulls })),
            Some(_) => Err(ColumnsError::WrongType {
                column: name.to_owned(),
                expected: "integer",
            }),
        }
    }

    /// A text column, or an error that names it.
    pub fn text(&self, name: &str) -> Result<TextColumn<'_>, ColumnsError> {
        self.optional_text(name)?
            .ok_or_else(|| ColumnsError::Missing {
                column: name.to_owned(),
            })
    }

    /// A text column that some releases do not have.
    pub fn optional_text(&self, name: &str) -> Result<Option<TextColumn<'_>>, ColumnsError> {
        match self.column(name) {
            None => Ok(None),
            Some(ColumnValues::Text { values, nulls }) => Ok(Some(TextColumn { values, nulls })),
            Some(_) => Err(ColumnsError::WrongType {
                column: name.to_owned(),
                expected: "text",
            }),
        }
    }
}

/// A borrowed integer column.
#[derive(Clone, Copy, Debug)]
pub struct Int32Column<'a> {
    values: &'a [i32],
    nulls: &'a [u32],
}

impl Int32Column<'_> {
    /// The value in `row`, `None` when it is NULL or the row does not exist.
    pub fn get(&self, row: usize) -> Option<i32> {
        let value = *self.values.get(row)?;
        if !self.nulls.is_empty() && is_null(self.nulls, row) {
            None
        } else {
            Some(value)
        }
    }
}

/// A borrowed text column.
#[derive(Clone, Copy, Debug)]
pub struct TextColumn<'a> {
    values: &'a [String],
    nulls: &'a [u32],
}

impl<'a> TextColumn<'a> {
    /// The value in `row` as read, `None` when it is NULL or the row does not exist.
    pub fn get(&self, row: usize) -> Option<&'a str> {
        let value = self.values.get(row)?;
        if is_null(self.nulls, row) {
            None
        } else {
            Some(value)
        }
    }
}

fn is_null(nulls: &[u32], row: usize) -> bool {
    u32::try_from(row).is_ok_and(|row| nulls.binary_search(&row).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(values: Vec<i32>, nulls: Vec<u32>) -> SourceColumns {
        SourceColumns {
            format_version: FORMAT_VERSION,
            rows: values.len() as u64,
            columns: vec![SourceColumn {
                name: "acdcalls".into(),
                values: ColumnValues::Int32 { values, nulls },
            }],
        }
    }

    #[test]
    fn parts_of_one_read_keep_their_nulls() {
        let parts = vec![
            SourceColumns::empty(),
            part(vec![1, 0], vec![1]),
            part(vec![0], vec![0]),
            part(vec![4], vec![]),
        ];
        let whole = SourceColumns::concat(parts).unwrap();
        whole.validate().unwrap();
        assert_eq!(whole.cells(), 4);
        let column = whole.int32("acdcalls").unwrap();
        let read: Vec<_> = (0..5).map(|row| column.get(row)).collect();
        assert_eq!(read, [Some(1), None, None, Some(4), None]);
    }

    #[test]
    fn lengths_versions_and_shapes_are_checked() {
        let mut wrong = part(vec![1], vec![]);
        wrong.rows = 2;
        assert!(matches!(
            wrong.validate(),
            Err(ColumnsError::WrongLength { .. })
        ));
        let out_of_range = part(vec![1], vec![1]);
        assert!(matches!(
            out_of_range.validate(),
            Err(ColumnsError::WrongLength { .. })
        ));
        let mut newer = part(vec![1], vec![]);
        newer.format_version = 2;
        assert_eq!(
            newer.validate(),
            Err(ColumnsError::UnknownFormat { found: 2 })
        );
        let mut other = part(vec![1], vec![]);
        other.columns[0].name = "abncalls".into();
        let refused = SourceColumns::concat(vec![part(vec![1], vec![]), other]);
        assert!(matches!(
            refused,
            Err(ColumnsError::DifferentColumns { .. })
        ));
        assert!(matches!(
            part(vec![], vec![]).text("acdcalls"),
            Err(ColumnsError::WrongType { .. })
        ));
        assert!(matches!(
            part(vec![], vec![]).int32("x"),
            Err(ColumnsError::Missing { .. })
        ));
    }
}
