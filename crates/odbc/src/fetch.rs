//! Running a query and fetching its rows in row sets.
//!
//! The size of a row set follows from a budget of bytes, since memory is reserved for the widest
//! possible value of each column, and is at most 10,000 rows: more gains nothing, and some drivers
//! count rows in 16 bits. Row status is read beside the data: a driver may report a row set as
//! fetched while single rows of it failed, and such a row must not pass for data.

#![allow(unsafe_code)] // binds memory to C; each block says why it is sound

use std::{mem::size_of, rc::Rc, time::Instant};

use odbc_api::{
    handles::{SqlResult, Statement as _},
    sys,
};

use crate::{
    buffer::{ColumnBuffer, bytes_per_row},
    date,
    error::{DataError, OdbcError},
    literal,
    session::{Dialect, Outcome, Session, Statement},
    types::{ColumnData, ColumnKind, ColumnSpec, Parameter, Query, ReadEnd, RowBatch},
};

/// Memory for one row set, in bytes: of wide rows still more than a thousand. Beside it the driver holds the same rows in
/// its own form, which is several times as large (psqlODBC: 50 bytes a value), and parent and worker each hold batches.
pub(crate) const ROW_SET_BYTES: usize = 4 << 20;
/// Most rows of one row set.
pub(crate) const MAX_ROWS: usize = 10_000;

/// `SQL_ROW_ERROR` of the row status array.
const ROW_ERROR: u16 = 5;

/// Rows per fetch for these columns: as many as fit the byte budget, at most 10,000.
pub(crate) fn row_set_rows(columns: &[ColumnSpec], row_limit: u64) -> usize {
    let row: usize = columns
        .iter()
        .map(|column| bytes_per_row(column.kind))
        .fold(size_of::<u16>(), usize::saturating_add);
    // One row more than the limit tells whether the source had more.
    let wanted = usize::try_from(row_limit.saturating_add(1)).unwrap_or(usize::MAX);
    (ROW_SET_BYTES / row).clamp(1, MAX_ROWS).min(wanted)
}

/// A running query. The statement is declared first, so that it is freed before the memory that
/// is bound to it.
pub(crate) struct Reader {
    statement: Statement,
    buffers: Vec<ColumnBuffer>,
    statuses: Vec<u16>,
    fetched: Box<[usize; 1]>,
    columns: Vec<ColumnSpec>,
    row_limit: u64,
    delivered: u64,
    started: Instant,
    end: Option<ReadEnd>,
}

impl Reader {
    /// Runs the query and binds memory for its rows.
    pub(crate) fn start(session: &Rc<Session>, query: &Query) -> Result<Self, OdbcError> {
        let started = Instant::now();
        let mut statement = Statement::new(session)?;
        statement.set_timeout(query.timeout_s);
        let literal = match session.dialect() {
            _ if query.parameters.is_empty() => Some(query.sql.clone()),
            Dialect::Sqlite => literal::inlined(&query.sql, &query.parameters),
            _ => None,
        };
        if let Some(sql) = literal {
            statement.execute_direct(&sql)?;
        } else {
            statement.prepare(&query.sql)?;
            let parameters = bind_parameters(&mut statement, &query.parameters)?;
            statement.execute()?;
            // Drivers read parameters while executing; the cells must live until here.
            drop(parameters);
            let reset = statement.raw().reset_parameters();
            statement.accept(reset)?;
        }
        let found = statement.result_columns()?;
        if found == 0 {
            return Err(DataError::NoResultSet.into());
        }
        if found != query.columns.len() {
            return Err(DataError::ColumnCount {
                expected: query.columns.len(),
                found,
            }
            .into());
        }
        let rows = row_set_rows(&query.columns, query.row_limit);
        let dialect = statement.dialect();
        let buffers = query
            .columns
            .iter()
            .map(|column| ColumnBuffer::for_reading(column.kind, dialect, rows))
            .collect();
        let mut reader = Self {
            statement,
            buffers,
            statuses: vec![0; rows],
            fetched: Box::new([0]),
            columns: query.columns.clone(),
            row_limit: query.row_limit,
            delivered: 0,
            started,
            end: None,
        };
        reader.bind()?;
        Ok(reader)
    }

    fn bind(&mut self) -> Result<(), OdbcError> {
        // SAFETY: all memory bound here belongs to this reader, is as long as the row set size
        // says, is never resized, and outlives the statement by the order of the fields.
        unsafe {
            let sized = self.statement.raw().set_row_array_size(self.statuses.len());
            self.statement.accept(sized)?;
            let counted = self
                .statement
                .raw()
                .set_num_rows_fetched(&mut self.fetched[0]);
            self.statement.accept(counted)?;
        }
        self.statement.set_pointer(
            sys::StatementAttribute::RowStatusPtr,
            Some(self.statuses.as_mut_slice()),
        )?;
        for (number, buffer) in (1..).zip(self.buffers.iter_mut()) {
            // SAFETY: as above.
            let bound = unsafe { self.statement.raw().bind_col(number, buffer) };
            self.statement.accept(bound)?;
        }
        Ok(())
    }

    /// The next rows, `None` after the last; then [`Reader::end`] is there.
    pub(crate) fn next_batch(&mut self) -> Result<Option<RowBatch>, OdbcError> {
        if self.end.is_some() {
            return Ok(None);
        }
        let rows = self.fetch()?;
        if rows == 0 {
            self.finish(false);
            return Ok(None);
        }
        let left = self.row_limit - self.delivered;
        let kept = usize::try_from(left).map_or(rows, |left| rows.min(left));
        let first_row = self.delivered;
        self.delivered += kept as u64;
        if kept < rows {
            self.finish(true);
        }
        if kept == 0 {
            return Ok(None);
        }
        let columns = self
            .buffers
            .iter()
            .zip(&self.columns)
            .map(|(buffer, spec)| buffer.copy_out(spec, kept, first_row))
            .collect::<Result<Vec<ColumnData>, DataError>>()?;
        Ok(Some(RowBatch {
            rows: kept,
            columns,
        }))
    }

    /// How the read ended; `None` until it has.
    pub(crate) fn end(&self) -> Option<&ReadEnd> {
        self.end.as_ref()
    }

    fn finish(&mut self, hit_row_limit: bool) {
        self.end = Some(ReadEnd {
            rows: self.delivered,
            hit_row_limit,
            seconds: self.started.elapsed().as_secs_f64(),
        });
    }

    fn fetch(&mut self) -> Result<usize, OdbcError> {
        self.fetched[0] = 0;
        for buffer in &mut self.buffers {
            buffer.zero_indicators();
        }
        // SAFETY: the bound memory is alive and of the size told to the driver.
        let fetched = unsafe { self.statement.raw().fetch() };
        let remarks = match fetched {
            SqlResult::NoData => return Ok(0),
            SqlResult::SuccessWithInfo(()) => true,
            other => {
                self.statement.accept(other)?;
                false
            }
        };
        let rows = self.fetched[0];
        if rows > self.statuses.len() {
            return Err(DataError::TooManyRows {
                reported: rows,
                capacity: self.statuses.len(),
            }
            .into());
        }
        if remarks && self.statuses[..rows].contains(&ROW_ERROR) {
            return Err(self.statement.error_now("SQLFetch"));
        }
        Ok(rows)
    }
}

/// Runs a statement whose result, if any, nobody wants.
pub(crate) fn run(
    session: &Rc<Session>,
    sql: &str,
    timeout_s: u32,
) -> Result<Option<u64>, OdbcError> {
    let mut statement = Statement::new(session)?;
    statement.set_timeout(timeout_s);
    let _: Outcome = statement.execute_direct(sql)?;
    Ok(statement.row_count())
}

/// Names of a statement's result columns, without fetching any row.
pub(crate) fn result_names(
    session: &Rc<Session>,
    sql: &str,
    timeout_s: u32,
) -> Result<Vec<String>, OdbcError> {
    let mut statement = Statement::new(session)?;
    statement.set_timeout(timeout_s);
    statement.execute_direct(sql)?;
    let count = u16::try_from(statement.result_columns()?)
        .map_err(|_| DataError::TooLong("list of columns".to_owned()))?;
    (1..=count)
        .map(|number| statement.column_name(number))
        .collect()
}

/// Binds one cell per parameter. The cells must live until the statement has been run.
fn bind_parameters(
    statement: &mut Statement,
    parameters: &[Parameter],
) -> Result<Vec<ColumnBuffer>, OdbcError> {
    let dialect = statement.dialect();
    let cells = parameters
        .iter()
        .map(|parameter| parameter_cell(parameter, dialect))
        .collect::<Result<Vec<_>, _>>()?;
    for (number, cell) in (1..).zip(&cells) {
        // SAFETY: the caller keeps the cells until the statement has run; moving the vector that
        // is returned moves only its handle, not the memory the cells point to.
        let bound = unsafe { statement.raw().bind_input_parameter(number, cell) };
        statement.accept(bound)?;
    }
    Ok(cells)
}

fn parameter_cell(parameter: &Parameter, dialect: Dialect) -> Result<ColumnBuffer, DataError> {
    let (kind, data) = match parameter {
        Parameter::Int32(value) => (
            ColumnKind::Int32,
            ColumnData::Int32 {
                values: vec![*value],
                nulls: vec![],
            },
        ),
        Parameter::Date(days) => {
            date::civil(*days)
                .ok_or_else(|| DataError::BatchShape(format!("there is no day {days}")))?;
            (
                ColumnKind::Date,
                ColumnData::Date {
                    days_since_1970: vec![*days],
                    nulls: vec![],
                },
            )
        }
        Parameter::Text(text) => (
            ColumnKind::Text {
                max_bytes: text.len(),
            },
            ColumnData::Text {
                values: vec![text.clone()],
                nulls: vec![],
            },
        ),
    };
    let spec = ColumnSpec::new("parameter", kind);
    let mut cell = ColumnBuffer::for_writing(kind, dialect, 1);
    cell.copy_in(&spec, &data, 0..1)?;
    Ok(cell)
}
