//! Column memory that a driver writes into or reads from.
//!
//! One vector of fixed-width cells and one of length indicators per column. The indicators are
//! zeroed before each fetch and judged by their low 32 bits: an Informix driver for 64-bit Linux
//! is known to write only those, and a stale upper half would turn NULL into 4294967295.
//!
//! Whole numbers are fetched as 64 bits where drivers are known to wrap silently when a value is
//! wider than asked for (psqlODBC, libsqliteodbc), and checked here. Dates are fetched as text
//! from SQLite, whose driver turns a date it cannot read into NULL.

#![allow(unsafe_code)] // lends memory to C; each block says why it is sound

use std::{ffi::c_void, mem::size_of, num::NonZeroUsize};

use odbc_api::{
    DataType,
    handles::{CData, CDataMut, HasDataType},
    sys,
};

use crate::{
    date::{self, Civil},
    error::DataError,
    session::Dialect,
    types::{ColumnData, ColumnKind, ColumnSpec},
};

/// Width of a date as text: `YYYY-MM-DD`, with room for a time of day.
const DATE_TEXT_BYTES: usize = 32;

/// The indicator of NULL.
const NULL: i64 = sys::NULL_DATA as i64;

/// The cells of one column.
pub(crate) enum Cells {
    Wide(Vec<i64>),
    Narrow(Vec<i32>),
    Date(Vec<sys::Date>),
    /// Cells of `max_bytes` and a terminating zero.
    Text {
        max_bytes: usize,
        bytes: Vec<u8>,
    },
}

/// One column's memory.
pub(crate) struct ColumnBuffer {
    pub cells: Cells,
    pub indicators: Vec<isize>,
}

/// How many bytes one row of this column takes, indicator included.
pub(crate) fn bytes_per_row(kind: ColumnKind) -> usize {
    let cell = match kind {
        ColumnKind::Int32 => size_of::<i64>(),
        ColumnKind::Date => DATE_TEXT_BYTES + 1,
        ColumnKind::Text { max_bytes } => max_bytes.saturating_add(1),
    };
    cell.saturating_add(size_of::<isize>())
}

impl ColumnBuffer {
    /// Memory to fetch a column into.
    pub(crate) fn for_reading(kind: ColumnKind, dialect: Dialect, rows: usize) -> Self {
        let cells = match kind {
            ColumnKind::Int32 => match dialect {
                Dialect::PostgreSql | Dialect::Sqlite | Dialect::MariaDb => {
                    Cells::Wide(vec![0; rows])
                }
                Dialect::Informix | Dialect::Other => Cells::Narrow(vec![0; rows]),
            },
            ColumnKind::Date if dialect == Dialect::Sqlite => Cells::text(DATE_TEXT_BYTES, rows),
            ColumnKind::Date => Cells::Date(vec![sys::Date::default(); rows]),
            ColumnKind::Text { max_bytes } => Cells::text(max_bytes, rows),
        };
        Self {
            cells,
            indicators: vec![0; rows],
        }
    }

    /// Memory to send a column from.
    pub(crate) fn for_writing(kind: ColumnKind, dialect: Dialect, rows: usize) -> Self {
        let cells = match kind {
            ColumnKind::Int32 => Cells::Narrow(vec![0; rows]),
            ColumnKind::Date if dialect == Dialect::Sqlite => Cells::text(DATE_TEXT_BYTES, rows),
            ColumnKind::Date => Cells::Date(vec![sys::Date::default(); rows]),
            ColumnKind::Text { max_bytes } => Cells::text(max_bytes.max(1), rows),
        };
        Self {
            cells,
            indicators: vec![0; rows],
        }
    }

    /// Forgets the lengths of the previous fetch.
    pub(crate) fn zero_indicators(&mut self) {
        self.indicators.fill(0);
    }

    /// Copies the first `rows` cells out. `first_row` is the number of rows before them, for
    /// error messages.
    pub(crate) fn copy_out(
        &self,
        spec: &ColumnSpec,
        rows: usize,
        first_row: u64,
    ) -> Result<ColumnData, DataError> {
        if let (ColumnKind::Int32, Cells::Wide(cells)) = (spec.kind, &self.cells) {
            return self.copy_numbers(cells, spec, rows, first_row);
        }
        let mut data = ColumnData::with_capacity(spec.kind, rows);
        for (index, &indicator) in self.indicators.iter().enumerate().take(rows) {
            let row = first_row + index as u64 + 1;
            let length = low_half(indicator);
            if length == NULL {
                push_null(&mut data, index);
                continue;
            }
            self.copy_cell(&mut data, spec, index, length, row)?;
        }
        Ok(data)
    }

    /// The way of most cells, without a choice per cell.
    fn copy_numbers(
        &self,
        cells: &[i64],
        spec: &ColumnSpec,
        rows: usize,
        first_row: u64,
    ) -> Result<ColumnData, DataError> {
        let mut values = Vec::with_capacity(rows);
        let mut nulls = Vec::new();
        for (index, (&cell, &indicator)) in
            cells.iter().zip(&self.indicators).take(rows).enumerate()
        {
            if low_half(indicator) == NULL {
                values.push(0);
                nulls.push(u32::try_from(index).unwrap_or(u32::MAX));
                continue;
            }
            let Ok(value) = i32::try_from(cell) else {
                return Err(DataError::NumberOutOfRange {
                    column: spec.name.clone(),
                    row: first_row + index as u64 + 1,
                });
            };
            values.push(value);
        }
        Ok(ColumnData::Int32 { values, nulls })
    }

    fn copy_cell(
        &self,
        data: &mut ColumnData,
        spec: &ColumnSpec,
        index: usize,
        length: i64,
        row: u64,
    ) -> Result<(), DataError> {
        match (&self.cells, data) {
            (Cells::Narrow(cells), ColumnData::Int32 { values, .. }) => values.push(cells[index]),
            (
                Cells::Date(cells),
                ColumnData::Date {
                    days_since_1970, ..
                },
            ) => {
                let cell = cells[index];
                let days = date::days_since_1970(Civil {
                    year: cell.year,
                    month: cell.month,
                    day: cell.day,
                });
                days_since_1970.push(days.ok_or_else(|| no_such_day(spec, row))?);
            }
            (
                Cells::Text { .. },
                ColumnData::Date {
                    days_since_1970, ..
                },
            ) => {
                let text = self.text(spec, index, length, row)?;
                let days = date::parse_iso(text).ok_or_else(|| no_such_day(spec, row))?;
                days_since_1970.push(days);
            }
            (Cells::Text { .. }, ColumnData::Text { values, .. }) => {
                values.push(self.text(spec, index, length, row)?.to_owned());
            }
            _ => {
                return Err(DataError::BatchShape(format!(
                    "column {} is bound as another kind",
                    spec.name
                )));
            }
        }
        Ok(())
    }

    fn text(
        &self,
        spec: &ColumnSpec,
        index: usize,
        length: i64,
        row: u64,
    ) -> Result<&str, DataError> {
        let Cells::Text { max_bytes, bytes } = &self.cells else {
            return Err(DataError::BatchShape(spec.name.clone()));
        };
        let too_long = || DataError::TextTooLong {
            column: spec.name.clone(),
            row,
            max_bytes: *max_bytes,
        };
        if length == sys::NO_TOTAL as i64 {
            return Err(too_long());
        }
        let length = usize::try_from(length).map_err(|_| DataError::ImpossibleLength {
            column: spec.name.clone(),
            row,
            length,
        })?;
        if length > *max_bytes {
            return Err(too_long());
        }
        let start = index * (max_bytes + 1);
        std::str::from_utf8(&bytes[start..start + length]).map_err(|_| DataError::NotUtf8 {
            column: spec.name.clone(),
            row,
        })
    }
}

impl Cells {
    fn text(max_bytes: usize, rows: usize) -> Self {
        Self::Text {
            max_bytes,
            bytes: vec![0; (max_bytes + 1).saturating_mul(rows)],
        }
    }
}

/// The low 32 bits of an indicator, with their own sign.
#[allow(clippy::cast_possible_truncation)] // the upper half is what must be ignored
fn low_half(indicator: isize) -> i64 {
    i64::from(indicator as i32)
}

fn no_such_day(spec: &ColumnSpec, row: u64) -> DataError {
    DataError::NoSuchDay {
        column: spec.name.clone(),
        row,
    }
}

fn push_null(data: &mut ColumnData, index: usize) {
    // Row sets hold at most 10,000 rows.
    let index = u32::try_from(index).unwrap_or(u32::MAX);
    match data {
        ColumnData::Int32 { values, nulls } => {
            values.push(0);
            nulls.push(index);
        }
        ColumnData::Text { values, nulls } => {
            values.push(String::new());
            nulls.push(index);
        }
        ColumnData::Date {
            days_since_1970,
            nulls,
        } => {
            days_since_1970.push(0);
            nulls.push(index);
        }
    }
}

// SAFETY: the pointers lead into vectors of this value, which are never resized after creation;
// the buffer length is that of one cell.
unsafe impl CData for ColumnBuffer {
    fn cdata_type(&self) -> sys::CDataType {
        match &self.cells {
            Cells::Wide(_) => sys::CDataType::SBigInt,
            Cells::Narrow(_) => sys::CDataType::SLong,
            Cells::Date(_) => sys::CDataType::TypeDate,
            Cells::Text { .. } => sys::CDataType::Char,
        }
    }

    fn indicator_ptr(&self) -> *const isize {
        self.indicators.as_ptr()
    }

    fn value_ptr(&self) -> *const c_void {
        match &self.cells {
            Cells::Wide(cells) => cells.as_ptr().cast(),
            Cells::Narrow(cells) => cells.as_ptr().cast(),
            Cells::Date(cells) => cells.as_ptr().cast(),
            Cells::Text { bytes, .. } => bytes.as_ptr().cast(),
        }
    }

    fn buffer_length(&self) -> isize {
        let length = match &self.cells {
            Cells::Wide(_) => size_of::<i64>(),
            Cells::Narrow(_) => size_of::<i32>(),
            Cells::Date(_) => size_of::<sys::Date>(),
            Cells::Text { max_bytes, .. } => max_bytes + 1,
        };
        isize::try_from(length).unwrap_or(isize::MAX)
    }
}

// SAFETY: every bit pattern is a valid value of the cells, and the cells are as many as the row
// set size given to the statement.
unsafe impl CDataMut for ColumnBuffer {
    fn mut_indicator_ptr(&mut self) -> *mut isize {
        self.indicators.as_mut_ptr()
    }

    fn mut_value_ptr(&mut self) -> *mut c_void {
        match &mut self.cells {
            Cells::Wide(cells) => cells.as_mut_ptr().cast(),
            Cells::Narrow(cells) => cells.as_mut_ptr().cast(),
            Cells::Date(cells) => cells.as_mut_ptr().cast(),
            Cells::Text { bytes, .. } => bytes.as_mut_ptr().cast(),
        }
    }
}

impl HasDataType for ColumnBuffer {
    fn data_type(&self) -> DataType {
        match &self.cells {
            Cells::Wide(_) => DataType::BigInt,
            Cells::Narrow(_) => DataType::Integer,
            Cells::Date(_) => DataType::Date,
            Cells::Text { max_bytes, .. } => DataType::Varchar {
                length: NonZeroUsize::new(*max_bytes),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(kind: ColumnKind) -> ColumnSpec {
        ColumnSpec::new("acdcalls", kind)
    }

    #[test]
    fn a_null_written_to_the_lower_half_alone_is_null() {
        let mut buffer = ColumnBuffer::for_reading(ColumnKind::Int32, Dialect::Informix, 2);
        buffer.zero_indicators();
        // What a driver leaves that knows indicators of 32 bits only.
        buffer.indicators[1] = 0xFFFF_FFFF;
        let data = buffer.copy_out(&spec(ColumnKind::Int32), 2, 0).unwrap();
        assert_eq!(data.nulls(), [1]);
    }

    #[test]
    fn a_number_beyond_32_bits_is_refused_and_named() {
        let mut buffer = ColumnBuffer::for_reading(ColumnKind::Int32, Dialect::PostgreSql, 2);
        buffer.cells = Cells::Wide(vec![1, 3_000_000_000]);
        assert_eq!(
            buffer.copy_out(&spec(ColumnKind::Int32), 2, 40),
            Err(DataError::NumberOutOfRange {
                column: "acdcalls".to_owned(),
                row: 42
            })
        );
    }

    #[test]
    fn a_text_wider_than_its_cell_is_refused_never_cut() {
        let kind = ColumnKind::Text { max_bytes: 4 };
        let mut buffer = ColumnBuffer::for_reading(kind, Dialect::Other, 1);
        for length in [5, sys::NO_TOTAL] {
            buffer.indicators[0] = length;
            assert!(matches!(
                buffer.copy_out(&spec(kind), 1, 0),
                Err(DataError::TextTooLong { row: 1, .. })
            ));
        }
        buffer.indicators[0] = -7;
        assert!(matches!(
            buffer.copy_out(&spec(kind), 1, 0),
            Err(DataError::ImpossibleLength { length: -7, .. })
        ));
    }

    #[test]
    fn a_day_that_does_not_exist_is_refused() {
        let mut buffer = ColumnBuffer::for_reading(ColumnKind::Date, Dialect::MariaDb, 1);
        assert!(matches!(
            buffer.copy_out(&spec(ColumnKind::Date), 1, 0),
            Err(DataError::NoSuchDay { .. })
        ));
        buffer.cells = Cells::Date(vec![sys::Date {
            year: 1970,
            month: 1,
            day: 2,
        }]);
        let data = buffer.copy_out(&spec(ColumnKind::Date), 1, 0).unwrap();
        assert_eq!(
            data,
            ColumnData::Date {
                days_since_1970: vec![1],
                nulls: vec![]
            }
        );
    }
}
