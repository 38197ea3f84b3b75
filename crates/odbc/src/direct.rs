//! A connection used in the caller's own process, without supervision: for the simulator, for
//! benchmarks and for tests. A driver that crashes takes the process along, one that blocks blocks
//! the thread; what reads a customer's database uses [`crate::Supervisor`].
//!
//! Everything here blocks. Rows come and go as [`RowBatch`]; dates are days since 1970-01-01
//! whatever the database keeps (text in SQLite, `DATE` elsewhere).

#![allow(unsafe_code)] // one statement about threads, below

use std::rc::Rc;

use floorwire_connection_string::ConnectionString;

use crate::{
    error::OdbcError,
    fetch::{self, Reader},
    insert::Inserter,
    session::Session,
    types::{ColumnSpec, Query, ReadEnd, RowBatch},
};

/// Seconds a login may take.
const LOGIN_TIMEOUT_S: u32 = 15;

/// An open connection that reads and writes.
pub struct Connection {
    /// Declared before the session, whose statement it holds.
    inserter: Option<Inserter>,
    session: Rc<Session>,
    in_transaction: bool,
}

// SAFETY: the session and the statements that count references to it are all inside this value or
// borrow it, so they move to another thread together or not at all, and ODBC allows a connection
// to be used from any one thread at a time.
unsafe impl Send for Connection {}

impl Connection {
    /// Opens a connection with the memory-safe settings of its driver filled in where the string
    /// does not name them.
    pub fn connect(connection: &str) -> Result<Self, OdbcError> {
        let parsed = ConnectionString::parse(connection)?.with_driver_defaults();
        Ok(Self {
            inserter: None,
            session: Session::open(&parsed, LOGIN_TIMEOUT_S)?,
            in_transaction: false,
        })
    }

    /// Runs one statement; gives the number of changed rows when the driver knows it.
    pub fn execute(&mut self, sql: &str) -> Result<Option<u64>, OdbcError> {
        // A kept insert would hold its table against DROP and ALTER.
        self.inserter = None;
        fetch::run(&self.session, sql, 0)
    }

    /// Starts a transaction; until then every statement commits by itself.
    pub fn begin(&mut self) -> Result<(), OdbcError> {
        self.session.set_autocommit(false)?;
        self.in_transaction = true;
        Ok(())
    }

    /// Makes everything since [`Connection::begin`] permanent.
    pub fn commit(&mut self) -> Result<(), OdbcError> {
        self.session.commit()?;
        self.leave_transaction()
    }

    /// Takes everything since [`Connection::begin`] back.
    pub fn rollback(&mut self) -> Result<(), OdbcError> {
        self.inserter = None;
        self.session.rollback()?;
        self.leave_transaction()
    }

    fn leave_transaction(&mut self) -> Result<(), OdbcError> {
        if self.in_transaction {
            self.in_transaction = false;
            self.session.set_autocommit(true)?;
        }
        Ok(())
    }

    /// Inserts a batch into the named columns. The insert stays prepared for further batches of
    /// the same table and columns; wrap many batches into one transaction for speed.
    ///
    /// `table` and the column names go into the statement as they are: they must come from the
    /// caller's own catalogue.
    pub fn insert(
        &mut self,
        table: &str,
        columns: &[ColumnSpec],
        batch: &RowBatch,
    ) -> Result<(), OdbcError> {
        let kept = self.inserter.take();
        let mut inserter = match kept.filter(|kept| kept.is_for(table, columns)) {
            Some(kept) => kept,
            None => Inserter::prepare(&self.session, table, columns)?,
        };
        inserter.insert(batch)?;
        self.inserter = Some(inserter);
        Ok(())
    }

    /// Runs a query; its rows come from the returned reader.
    pub fn query(&mut self, query: &Query) -> Result<Rows<'_>, OdbcError> {
        self.inserter = None;
        Ok(Rows {
            reader: Reader::start(&self.session, query)?,
            _connection: std::marker::PhantomData,
        })
    }

    /// All rows of a query in one batch, for small results.
    pub fn query_all(&mut self, query: &Query) -> Result<RowBatch, OdbcError> {
        let mut rows = self.query(query)?;
        let mut all: Option<RowBatch> = None;
        while let Some(batch) = rows.next_batch()? {
            match &mut all {
                Some(all) => all.append(batch),
                None => all = Some(batch),
            }
        }
        Ok(all.unwrap_or_else(|| RowBatch::empty(&query.columns)))
    }
}

/// The rows of a running query.
pub struct Rows<'connection> {
    reader: Reader,
    _connection: std::marker::PhantomData<&'connection mut Connection>,
}

impl Rows<'_> {
    /// The next rows; `None` after the last.
    pub fn next_batch(&mut self) -> Result<Option<RowBatch>, OdbcError> {
        self.reader.next_batch()
    }

    /// How the read ended; `None` until [`Rows::next_batch`] has given `None`.
    pub fn end(&self) -> Option<&ReadEnd> {
        self.reader.end()
    }
}

impl Iterator for Rows<'_> {
    type Item = Result<RowBatch, OdbcError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_batch().transpose()
    }
}
