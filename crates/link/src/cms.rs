//! The one connection to the CMS, under the configuration in force.
//!
//! Opens the sealed part of the configuration, checks it against the open part and against the rules for
//! connection strings, remembers which columns each table has. Everything that fails becomes a
//! [`Problem`] that a person can act on.

use crate::guard::{Guard, Meter};
use crate::problems;
use crate::status_file::now_utc_ms;
use floorwire_avaya_cms::catalogue::{Column, Kind, Table};
use floorwire_avaya_cms::fingerprint::Arithmetic;
use floorwire_avaya_cms::statement::{Parameter, Statement};
use floorwire_connection_string::{ConnectionString, DriverKind, admit, reunite};
use floorwire_odbc::{
    BatchReader, ColumnData, ColumnKind, ColumnSpec, Parameter as OdbcParameter, Query, RowBatch,
    Supervisor,
};
use floorwire_protocol::messages::{LinkConfiguration, Problem};
use floorwire_protocol::sealing::LinkKey;
use jiff::civil::{Date, date};
use std::collections::{BTreeSet, HashMap};

/// Most bytes of a login ID. Wide releases have 15 characters.
const LOGIN_BYTES: usize = 4 * 20;

/// The connection and what is known of the database behind it.
pub struct Cms {
    supervisor: Supervisor,
    key: LinkKey,
    limits: Limits,
    guard: Guard,
    open: Option<Open>,
}

/// Limits of every statement.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Most rows.
    pub row_limit: u64,
    /// Longest time until the first rows, seconds.
    pub statement_timeout_s: u32,
}

struct Open {
    configuration_version: i64,
    connection: ConnectionString,
    columns: HashMap<&'static str, Option<Vec<Column>>>,
    /// False once the database refused to compute a fingerprint.
    fingerprints: bool,
}

impl Cms {
    /// Uses this worker; connects to nothing yet.
    pub fn new(supervisor: Supervisor, key: LinkKey, limits: Limits, guard: Guard) -> Self {
        Self {
            supervisor,
            key,
            limits,
            guard,
            open: None,
        }
    }

    /// Process of the worker, while one runs.
    pub fn worker_pid(&self) -> Option<u32> {
        self.supervisor.worker_pid()
    }

    /// The drivers and data sources registered on this host.
    pub async fn registered(&mut self) -> Result<floorwire_odbc::Registered, Problem> {
        self.supervisor
            .registered()
            .await
            .map_err(|error| problems::odbc(&error))
    }

    /// Ends the worker.
    pub async fn stop(&mut self) {
        self.supervisor.stop().await;
    }

    /// Forgets what was learnt of the database, so that the next use looks again.
    pub fn forget(&mut self) {
        self.open = None;
    }

    async fn open(&mut self, configuration: &LinkConfiguration) -> Result<&mut Open, Problem> {
        let opened = match self.open.take() {
            Some(open) if open.configuration_version == configuration.version => open,
            _ => self.admitted(configuration).await?,
        };
        Ok(self.open.insert(opened))
    }

    async fn admitted(&mut self, configuration: &LinkConfiguration) -> Result<Open, Problem> {
        let unsealed = self
            .key
            .open(&configuration.connection_sealed)
            .map_err(problems::sealing)?;
        let connection = reunite(&configuration.connection_open, &unsealed)
            .map_err(|error| problems::unbound(&error))?;
        let registered = self.registered().await?;
        admit(&connection, &registered.drivers, &registered.data_sources)
            .map_err(|error| problems::refusal(&error))?;
        Ok(Open {
            configuration_version: configuration.version,
            connection: connection.with_driver_defaults(),
            columns: HashMap::new(),
            fingerprints: true,
        })
    }

    /// Kind of database by its driver.
    pub async fn database_kind(
        &mut self,
        configuration: &LinkConfiguration,
    ) -> Result<&'static str, Problem> {
        let kind = self.open(configuration).await?.connection.driver_kind();
        Ok(match kind {
            DriverKind::Informix => "informix",
            DriverKind::PostgreSql => "postgresql",
            DriverKind::Sqlite => "sqlite",
            DriverKind::MariaDb => "mariadb",
            DriverKind::Other => "other",
        })
    }

    /// How the database can compute fingerprints; `None` once it refused.
    pub async fn fingerprint_arithmetic(
        &mut self,
        configuration: &LinkConfiguration,
    ) -> Result<Option<Arithmetic>, Problem> {
        let open = self.open(configuration).await?;
        let arithmetic = match open.connection.driver_kind() {
            DriverKind::Sqlite | DriverKind::MariaDb => Arithmetic::Wide,
            DriverKind::PostgreSql => Arithmetic::Bigint,
            DriverKind::Informix | DriverKind::Other => Arithmetic::Decimal,
        };
        Ok(open.fingerprints.then_some(arithmetic))
    }

    /// The database refused to compute a fingerprint: it is not asked again under this configuration.
    pub fn forget_fingerprints(&mut self) {
        if let Some(open) = &mut self.open {
            open.fingerprints = false;
        }
    }

    /// True when a large result must be read in slices because the driver loads results whole.
    pub async fn loads_whole_results(
        &mut self,
        configuration: &LinkConfiguration,
    ) -> Result<bool, Problem> {
        Ok(self
            .open(configuration)
            .await?
            .connection
            .driver_kind()
            .loads_whole_results())
    }

    /// The catalogue columns that this site's table has; `None` when there is no such table.
    pub async fn columns(
        &mut self,
        configuration: &LinkConfiguration,
        table: &'static Table,
    ) -> Result<Option<Vec<Column>>, Problem> {
        let open = self.open(configuration).await?;
        if let Some(known) = open.columns.get(table.name) {
            return Ok(known.clone());
        }
        let connection = open.connection.clone();
        let site = self
            .supervisor
            .table_columns(&connection, table.name)
            .await
            .map_err(|error| problems::odbc(&error))?;
        let columns = site.map(|site| table.columns_at(&site));
        self.open(configuration)
            .await?
            .columns
            .insert(table.name, columns.clone());
        Ok(columns)
    }

    /// Starts a statement. Its rows count only once [`Reading::end`] was reached.
    pub async fn read(
        &mut self,
        configuration: &LinkConfiguration,
        statement: &Statement,
        columns: Vec<ColumnSpec>,
    ) -> Result<Reading<'_>, Problem> {
        let connection = self.open(configuration).await?.connection.clone();
        let query = Query {
            sql: statement.sql.clone(),
            parameters: statement.parameters.iter().map(odbc_parameter).collect(),
            columns,
            row_limit: self.limits.row_limit,
            timeout_s: self.limits.statement_timeout_s,
        };
        let meter = self.guard.statement(now_utc_ms());
        let rows = self.supervisor.read(&connection, query).await;
        let rows = rows.map_err(|error| problems::odbc(&error))?;
        Ok(Reading { rows, meter })
    }

    /// Runs a statement with one integer column.
    pub async fn integers(
        &mut self,
        configuration: &LinkConfiguration,
        statement: &Statement,
    ) -> Result<Vec<i32>, Problem> {
        let mut found = Vec::new();
        for batch in self
            .small_read(configuration, statement, ColumnKind::Int32)
            .await?
        {
            if let Some(ColumnData::Int32 { values, nulls }) = batch.columns.into_iter().next() {
                let known = |index: &usize| !nulls.iter().any(|&null| null as usize == *index);
                found.extend((0..values.len()).filter(known).map(|index| values[index]));
            }
        }
        Ok(found)
    }

    /// Runs a statement with one text column of login IDs; without padding, blanks and NULL left out.
    pub async fn texts(
        &mut self,
        configuration: &LinkConfiguration,
        statement: &Statement,
    ) -> Result<BTreeSet<String>, Problem> {
        let kind = ColumnKind::Text {
            max_bytes: LOGIN_BYTES,
        };
        let mut found = BTreeSet::new();
        for batch in self.small_read(configuration, statement, kind).await? {
            if let Some(ColumnData::Text { values, .. }) = batch.columns.into_iter().next() {
                let trimmed = values.iter().map(|value| value.trim());
                found.extend(trimmed.filter(|text| !text.is_empty()).map(str::to_owned));
            }
        }
        Ok(found)
    }

    /// Runs a statement with one date column and one row; `None` for NULL.
    pub async fn date(
        &mut self,
        configuration: &LinkConfiguration,
        statement: &Statement,
    ) -> Result<Option<Date>, Problem> {
        let batches = self
            .small_read(configuration, statement, ColumnKind::Date)
            .await?;
        let first = batches.into_iter().flat_map(|batch| batch.columns).next();
        Ok(match first {
            Some(ColumnData::Date {
                days_since_1970,
                nulls,
            }) if nulls.is_empty() => days_since_1970
                .first()
                .and_then(|&days| date_from_days(days)),
            _ => None,
        })
    }

    async fn small_read(
        &mut self,
        configuration: &LinkConfiguration,
        statement: &Statement,
        kind: ColumnKind,
    ) -> Result<Vec<RowBatch>, Problem> {
        let columns = vec![ColumnSpec::new("value", kind)];
        let mut reading = self.read(configuration, statement, columns).await?;
        let mut batches = Vec::new();
        while let Some(batch) = reading.next().await? {
            batches.push(batch);
        }
        reading.end()?;
        Ok(batches)
    }
}

/// A statement's rows as they arrive. An error leaves nothing behind for the caller to trust.
pub struct Reading<'a> {
    rows: BatchReader<'a>,
    meter: Meter,
}

impl Reading<'_> {
    /// The next rows, `None` after the last.
    pub async fn next(&mut self) -> Result<Option<RowBatch>, Problem> {
        let batch = self.rows.next().await;
        let batch = batch.map_err(|error| problems::odbc(&error))?;
        match &batch {
            Some(batch) => self.meter.arrived(batch)?,
            None => self.meter.end(),
        }
        Ok(batch)
    }

    /// The rows the source counted and whether the row limit was hit; only a read with an explicit end
    /// has them.
    pub fn end(&self) -> Result<(u64, bool), Problem> {
        let end = self.rows.end().ok_or_else(|| {
            problems::problem(
                "worker-failed",
                "the odbc worker ended a read without saying so",
                "no end mark came after the last batch",
                "this is a fault of the link; its log says more",
            )
        })?;
        Ok((end.rows, end.hit_row_limit))
    }
}

/// How the driver is asked for the catalogue's columns.
pub fn column_specs(columns: &[Column]) -> Vec<ColumnSpec> {
    let kind = |column: &Column| match column.kind {
        Kind::Int32 => ColumnKind::Int32,
        Kind::Text(max_bytes) => ColumnKind::Text { max_bytes },
    };
    columns
        .iter()
        .map(|column| ColumnSpec {
            name: column.name.to_owned(),
            kind: kind(column),
        })
        .collect()
}

fn odbc_parameter(parameter: &Parameter) -> OdbcParameter {
    match *parameter {
        Parameter::Date(date) => OdbcParameter::Date(days_from_date(date)),
        Parameter::Int32(number) => OdbcParameter::Int32(number),
    }
}

const EPOCH: Date = date(1970, 1, 1);

fn days_from_date(date: Date) -> i32 {
    (date - EPOCH).get_days()
}

fn date_from_days(days: i32) -> Option<Date> {
    EPOCH
        .checked_add(jiff::Span::new().try_days(days).ok()?)
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_days_since_1970() {
        for (day, days) in [
            (date(1970, 1, 1), 0),
            (date(2026, 11, 22), 20_779),
            (date(1969, 12, 31), -1),
        ] {
            assert_eq!(days_from_date(day), days);
            assert_eq!(date_from_days(days), Some(day));
        }
        assert_eq!(date_from_days(i32::MAX), None);
    }
}
