//! Filling a table: a prepared `INSERT` with arrays of parameters.
//!
//! The statement and its memory are kept between calls for the same table and columns, so that a
//! bulk load prepares once. Each parameter set has a status; one that was not inserted makes the
//! whole call fail, and the caller's transaction decides what stays.

#![allow(unsafe_code)] // binds memory to C; each block says why it is sound

use std::{mem::size_of, ops::Range, rc::Rc};

use odbc_api::{handles::Statement as _, sys};

use crate::{
    buffer::{Cells, ColumnBuffer, bytes_per_row},
    date,
    error::{DataError, OdbcError},
    session::{Outcome, Session, Statement},
    types::{ColumnData, ColumnSpec, RowBatch},
};

/// Memory for one array of parameters, in bytes.
const PARAMETER_BYTES: usize = 4 << 20;
/// Most rows sent at once.
const MAX_PARAMETER_ROWS: usize = 1_000;

/// `SQL_PARAM_SUCCESS`, `SQL_PARAM_SUCCESS_WITH_INFO` and `SQL_PARAM_DIAG_UNAVAILABLE`.
const PARAMETER_STATUS_FINE: [u16; 3] = [0, 6, 1];

/// A prepared insert. The statement is declared first, so that it is freed before its memory.
pub(crate) struct Inserter {
    statement: Statement,
    buffers: Vec<ColumnBuffer>,
    statuses: Vec<u16>,
    table: String,
    columns: Vec<ColumnSpec>,
    capacity: usize,
}

impl Inserter {
    pub(crate) fn prepare(
        session: &Rc<Session>,
        table: &str,
        columns: &[ColumnSpec],
    ) -> Result<Self, OdbcError> {
        if columns.is_empty() || u16::try_from(columns.len()).is_err() {
            return Err(DataError::BatchShape(format!("{} columns", columns.len())).into());
        }
        let row: usize = columns
            .iter()
            .map(|column| bytes_per_row(column.kind))
            .fold(size_of::<u16>(), usize::saturating_add);
        let capacity = (PARAMETER_BYTES / row).clamp(1, MAX_PARAMETER_ROWS);
        let mut statement = Statement::new(session)?;
        statement.prepare(&insert_sql(table, columns))?;
        let dialect = statement.dialect();
        let buffers = columns
            .iter()
            .map(|column| ColumnBuffer::for_writing(column.kind, dialect, capacity))
            .collect();
        let mut inserter = Self {
            statement,
            buffers,
            statuses: vec![0; capacity],
            table: table.to_owned(),
            columns: columns.to_vec(),
            capacity,
        };
        inserter.bind()?;
        Ok(inserter)
    }

    /// Whether this is the insert for that table and those columns.
    pub(crate) fn is_for(&self, table: &str, columns: &[ColumnSpec]) -> bool {
        self.table == table && self.columns == columns
    }

    fn bind(&mut self) -> Result<(), OdbcError> {
        for (number, buffer) in (1..).zip(&self.buffers) {
            // SAFETY: the memory belongs to this inserter, is never resized, and outlives the
            // statement by the order of the fields; only rows that were filled are announced.
            let bound = unsafe { self.statement.raw().bind_input_parameter(number, buffer) };
            self.statement.accept(bound)?;
        }
        self.statement.set_pointer(
            sys::StatementAttribute::ParamStatusPtr,
            Some(self.statuses.as_mut_slice()),
        )
    }

    /// Inserts the whole batch.
    pub(crate) fn insert(&mut self, batch: &RowBatch) -> Result<(), OdbcError> {
        self.check(batch)?;
        let mut start = 0;
        while start < batch.rows {
            let end = batch.rows.min(start + self.capacity);
            self.send(batch, start..end)?;
            start = end;
        }
        Ok(())
    }

    fn check(&self, batch: &RowBatch) -> Result<(), DataError> {
        if batch.columns.len() != self.columns.len() {
            return Err(DataError::BatchShape(format!(
                "{} columns where {} are named",
                batch.columns.len(),
                self.columns.len()
            )));
        }
        for (data, spec) in batch.columns.iter().zip(&self.columns) {
            if data.len() != batch.rows {
                return Err(DataError::BatchShape(format!(
                    "column {} holds {} values in a batch of {} rows",
                    spec.name,
                    data.len(),
                    batch.rows
                )));
            }
        }
        Ok(())
    }

    fn send(&mut self, batch: &RowBatch, rows: Range<usize>) -> Result<(), OdbcError> {
        let count = rows.len();
        for ((buffer, data), spec) in self
            .buffers
            .iter_mut()
            .zip(&batch.columns)
            .zip(&self.columns)
        {
            buffer.copy_in(spec, data, rows.clone())?;
        }
        self.statuses.fill(0);
        // SAFETY: `count` cells of every column have just been filled.
        let sized = unsafe { self.statement.raw().set_paramset_size(count) };
        self.statement.accept(sized)?;
        let outcome = self.statement.execute()?;
        let failed = outcome == Outcome::WithInfo
            && self.statuses[..count]
                .iter()
                .any(|status| !PARAMETER_STATUS_FINE.contains(status));
        if failed {
            return Err(self.statement.error_now("SQLExecute"));
        }
        Ok(())
    }
}

fn insert_sql(table: &str, columns: &[ColumnSpec]) -> String {
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let marks = vec!["?"; columns.len()].join(",");
    format!("INSERT INTO {table} ({}) VALUES ({marks})", names.join(","))
}

impl ColumnBuffer {
    /// Fills the first cells from these rows of a column.
    pub(crate) fn copy_in(
        &mut self,
        spec: &ColumnSpec,
        data: &ColumnData,
        rows: Range<usize>,
    ) -> Result<(), DataError> {
        let wrong = |what: String| DataError::BatchShape(format!("column {}: {what}", spec.name));
        let count = rows.len();
        match (&mut self.cells, data) {
            (Cells::Narrow(cells), ColumnData::Int32 { values, .. }) => {
                cells[..count].copy_from_slice(&values[rows.clone()]);
                self.indicators[..count].fill(0);
            }
            (
                Cells::Date(cells),
                ColumnData::Date {
                    days_since_1970, ..
                },
            ) => {
                for (cell, &days) in cells.iter_mut().zip(&days_since_1970[rows.clone()]) {
                    let civil = date::civil(days)
                        .ok_or_else(|| wrong(format!("there is no day {days}")))?;
                    cell.year = civil.year;
                    cell.month = civil.month;
                    cell.day = civil.day;
                }
                self.indicators[..count].fill(0);
            }
            (
                Cells::Text { max_bytes, bytes },
                ColumnData::Date {
                    days_since_1970, ..
                },
            ) => {
                let cells = bytes.chunks_exact_mut(*max_bytes + 1);
                for ((cell, &days), indicator) in cells
                    .zip(&days_since_1970[rows.clone()])
                    .zip(&mut self.indicators)
                {
                    let civil = date::civil(days)
                        .ok_or_else(|| wrong(format!("there is no day {days}")))?;
                    let text = format!("{:04}-{:02}-{:02}", civil.year, civil.month, civil.day);
                    *indicator = fill_text(cell, text.as_bytes());
                }
            }
            (Cells::Text { max_bytes, bytes }, ColumnData::Text { values, .. }) => {
                let cells = bytes.chunks_exact_mut(*max_bytes + 1);
                for ((cell, text), indicator) in
                    cells.zip(&values[rows.clone()]).zip(&mut self.indicators)
                {
                    if text.len() > *max_bytes {
                        return Err(wrong(format!(
                            "a text of {} bytes where {max_bytes} fit",
                            text.len()
                        )));
                    }
                    *indicator = fill_text(cell, text.as_bytes());
                }
            }
            _ => return Err(wrong("the data is of another kind".to_owned())),
        }
        for &null in data.nulls() {
            let index = usize::try_from(null).unwrap_or(usize::MAX);
            if rows.contains(&index) {
                self.indicators[index - rows.start] = sys::NULL_DATA;
            }
        }
        Ok(())
    }
}

/// Writes a text and a terminating zero into its cell; gives the indicator.
fn fill_text(cell: &mut [u8], text: &[u8]) -> isize {
    cell[..text.len()].copy_from_slice(text);
    cell[text.len()] = 0;
    // A cell is at most a few megabytes.
    isize::try_from(text.len()).unwrap_or(isize::MAX)
}
