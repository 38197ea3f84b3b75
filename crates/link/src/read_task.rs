//! One task: reads its partition and hands it over in parts, as encoded source columns.
//!
//! Parts are cut by values, so that they stay small in memory however wide the table is, at the Link and at the Hub; the
//! driver's batches decide the exact size. Where a driver loads whole results, a day is read in slices by `starttime`.
//!
//! Of tables with personal data, only rows in scope go into a part; without a scope for the ACD they are not read at all.

use crate::cms::{Cms, column_specs};
use crate::problems;
use crate::status_file::now_utc_ms;
use crate::unchanged::is_unchanged;
use floorwire_avaya_cms::catalogue::{self, Column, Table};
use floorwire_avaya_cms::scope::{keep, logins_of_skills};
use floorwire_avaya_cms::statement::{DaySlice, read_partition};
use floorwire_model::agents::scope::AgentScope;
use floorwire_model::columns::{ColumnValues, FORMAT_VERSION, SourceColumn, SourceColumns};
use floorwire_model::ids::AcdNumber;
use floorwire_odbc::{ColumnData, RowBatch};
use floorwire_protocol::encoding::encode_columns;
use floorwire_protocol::messages::{CompleteRequest, LeasedTask, LinkConfiguration, Problem};
use jiff::civil::Date;
use std::collections::BTreeSet;
use tokio::sync::mpsc;

/// Rows after which a part is sent.
const ROWS_PER_PART: u64 = 20_000;
/// Values after which a part is sent, four bytes each in memory but for texts.
const CELLS_PER_PART: u64 = 1_000_000;

/// What a read hands over.
#[derive(Debug)]
pub enum Item {
    /// The next encoded part, in order from 0.
    Part(Vec<u8>),
    /// All parts were handed over.
    End(CompleteRequest),
    /// The read failed; the parts handed over mean nothing.
    Failed(Problem),
}

/// Reads a task's partition into `items`. Returns the rows read, or the problem that was handed over.
pub async fn read_task(
    cms: &mut Cms,
    configuration: &LinkConfiguration,
    task: &LeasedTask,
    items: &mpsc::Sender<Item>,
) -> Result<u64, Problem> {
    let result = read(cms, configuration, task, items).await;
    let (item, outcome) = match result {
        Ok(complete) => {
            let rows = complete.rows;
            (Item::End(complete), Ok(rows))
        }
        Err(problem) => (Item::Failed(problem.clone()), Err(problem)),
    };
    // A closed channel means the uploader gave the task up; the lease is no longer ours.
    let _ = items.send(item).await;
    outcome
}

async fn read(
    cms: &mut Cms,
    configuration: &LinkConfiguration,
    task: &LeasedTask,
    items: &mpsc::Sender<Item>,
) -> Result<CompleteRequest, Problem> {
    let (table, scope) = table_in_scope(configuration, task)?;
    let columns = usable_columns(cms, configuration, table).await?;
    let row_date = row_date(table, task)?;
    let scope = match scope {
        Some(scope) => Some(InScope::read(cms, configuration, scope, task.acd, row_date).await?),
        None => None,
    };
    let read_begin_utc_ms = now_utc_ms();
    if let (Some(held), None) = (&task.fingerprint, &scope) {
        let of = (table, columns.as_slice());
        if is_unchanged(cms, configuration, of, (task.acd, row_date), held).await? {
            return Ok(CompleteRequest {
                parts: 0,
                rows: 0,
                read_begin_utc_ms,
                read_end_utc_ms: now_utc_ms(),
                hit_row_limit: false,
                unchanged: Some(held.clone()),
            });
        }
    }
    let slices = slices(cms, configuration, table).await?;
    let read_begin_utc_ms = now_utc_ms();
    let mut cutter = PartCutter {
        columns: columns.clone(),
        scope,
        open: Vec::new(),
        rows: 0,
        parts: 0,
    };
    let (mut rows_read, mut hit_row_limit) = (0, false);
    for slice in slices {
        let statement = read_partition(table, &columns, task.acd, row_date, slice);
        let specs = column_specs(&columns);
        let mut reading = cms.read(configuration, &statement, specs).await?;
        while let Some(batch) = reading.next().await? {
            cutter.take(batch, items).await?;
        }
        let (slice_rows, slice_hit) = reading.end()?;
        rows_read += slice_rows;
        hit_row_limit |= slice_hit;
    }
    cutter.send_open(items).await?;
    Ok(CompleteRequest {
        parts: cutter.parts,
        // Under a scope, what the source counted says nothing about what is sent.
        rows: match cutter.scope {
            Some(_) => cutter.rows,
            None => rows_read,
        },
        read_begin_utc_ms,
        read_end_utc_ms: now_utc_ms(),
        hit_row_limit,
        unchanged: None,
    })
}

/// The table of a task, and for one with personal data the scope that allows it.
fn table_in_scope<'a>(
    configuration: &'a LinkConfiguration,
    task: &LeasedTask,
) -> Result<(&'static Table, Option<&'a AgentScope>), Problem> {
    if let Some(table) = catalogue::table(&task.table) {
        return Ok((table, None));
    }
    let table =
        catalogue::any_table(&task.table).ok_or_else(|| problems::unknown_table(&task.table))?;
    let scope = &configuration.agent_scope;
    if scope.excludes_acd(AcdNumber(task.acd)) {
        return Err(problems::out_of_scope(table.name, task.acd));
    }
    Ok((table, Some(scope)))
}

/// Whose rows of one ACD and date may leave the site.
struct InScope<'a> {
    scope: &'a AgentScope,
    acd: AcdNumber,
    /// The agents of the skills in scope.
    by_skills: BTreeSet<String>,
}

impl<'a> InScope<'a> {
    async fn read(
        cms: &mut Cms,
        configuration: &LinkConfiguration,
        scope: &'a AgentScope,
        acd: i32,
        row_date: Option<Date>,
    ) -> Result<Self, Problem> {
        let acd = AcdNumber(acd);
        let statement = row_date.and_then(|date| logins_of_skills(scope, acd, date));
        let by_skills = match statement {
            Some(statement) => cms.texts(configuration, &statement).await?,
            None => BTreeSet::new(),
        };
        Ok(Self {
            scope,
            acd,
            by_skills,
        })
    }

    fn keep(&self, rows: SourceColumns) -> Result<SourceColumns, Problem> {
        keep(rows, self.scope, self.acd, &self.by_skills).map_err(|error| fault(&error))
    }
}

async fn usable_columns(
    cms: &mut Cms,
    configuration: &LinkConfiguration,
    table: &'static Table,
) -> Result<Vec<Column>, Problem> {
    let Some(columns) = cms.columns(configuration, table).await? else {
        cms.forget();
        return Err(problems::table_missing(table.name));
    };
    let has = |name: &str| columns.iter().any(|column| column.name == name);
    let lacking: Vec<_> = table
        .columns
        .iter()
        .filter(|column| column.required && !has(column.name))
        .map(|column| column.name)
        .collect();
    if lacking.is_empty() {
        return Ok(columns);
    }
    cms.forget();
    Err(problems::columns_missing(table.name, &lacking))
}

fn row_date(table: &Table, task: &LeasedTask) -> Result<Option<Date>, Problem> {
    let parsed = task.row_date.as_deref().map(str::parse::<Date>).transpose();
    match parsed {
        Ok(date) if date.is_some() == table.date_column.is_some() => Ok(date),
        _ => Err(problems::problem(
            "task-not-understood",
            "the hub sent a task this link does not understand",
            format!("table {} with date {:?}", task.table, task.row_date),
            "upgrade the link to the hub's version",
        )),
    }
}

async fn slices(
    cms: &mut Cms,
    configuration: &LinkConfiguration,
    table: &Table,
) -> Result<Vec<Option<DaySlice>>, Problem> {
    let sliced = table.slice_column.is_some() && cms.loads_whole_results(configuration).await?;
    Ok(match sliced {
        true => DaySlice::QUARTERS.map(Some).to_vec(),
        false => vec![None],
    })
}

/// Collects batches into parts.
struct PartCutter<'a> {
    columns: Vec<Column>,
    scope: Option<InScope<'a>>,
    /// The batches of the part that is being filled; none is empty.
    open: Vec<SourceColumns>,
    rows: u64,
    parts: u32,
}

impl PartCutter<'_> {
    async fn take(&mut self, batch: RowBatch, items: &mpsc::Sender<Item>) -> Result<(), Problem> {
        let mut part = source_columns(&self.columns, batch);
        if let Some(scope) = &self.scope {
            part = scope.keep(part)?;
        }
        self.rows += part.rows;
        if part.rows > 0 {
            self.open.push(part);
        }
        let sum = |of: fn(&SourceColumns) -> u64| self.open.iter().map(of).sum::<u64>();
        if sum(|part| part.rows) >= ROWS_PER_PART || sum(SourceColumns::cells) >= CELLS_PER_PART {
            self.send_open(items).await?;
        }
        Ok(())
    }

    async fn send_open(&mut self, items: &mpsc::Sender<Item>) -> Result<(), Problem> {
        if self.open.is_empty() {
            return Ok(());
        }
        let batches = std::mem::take(&mut self.open);
        let encode = move || {
            let part = SourceColumns::concat(batches)?;
            encode_columns(&part)
        };
        let encoded = tokio::task::spawn_blocking(encode).await;
        let body = encoded
            .map_err(|error| fault(&error))?
            .map_err(|error| fault(&error))?;
        items.send(Item::Part(body)).await.map_err(|_| given_up())?;
        self.parts += 1;
        Ok(())
    }
}

fn source_columns(columns: &[Column], batch: RowBatch) -> SourceColumns {
    let values = batch.columns.into_iter().map(|data| match data {
        ColumnData::Int32 { values, nulls } => ColumnValues::Int32 { values, nulls },
        ColumnData::Text { values, nulls } => ColumnValues::Text { values, nulls },
        ColumnData::Date {
            days_since_1970,
            nulls,
        } => ColumnValues::Date {
            days_since_1970,
            nulls,
        },
    });
    let named = columns.iter().zip(values);
    SourceColumns {
        format_version: FORMAT_VERSION,
        rows: batch.rows as u64,
        columns: named
            .map(|(column, values)| SourceColumn {
                name: column.name.to_owned(),
                values,
            })
            .collect(),
    }
}

fn fault(error: &dyn std::error::Error) -> Problem {
    problems::problem(
        "link-fault",
        "the link could not prepare what it read",
        error.to_string(),
        "this is a fault of the link; its log says more",
    )
}

fn given_up() -> Problem {
    problems::problem(
        "lease-lost",
        "the task was given up",
        "the hub gave the task to another attempt",
        "none needed",
    )
}
