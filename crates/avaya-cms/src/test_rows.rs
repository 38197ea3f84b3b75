//! Source columns for tests, written row by row.

use floorwire_model::columns::{ColumnValues, FORMAT_VERSION, SourceColumn, SourceColumns};
use floorwire_model::derivation::DerivationSettings;
use floorwire_model::ids::{AcdNumber, IntegrationId};
use floorwire_model::partition::SourcePartition;
use jiff::civil::Date;

/// A value of a row.
#[derive(Clone, Debug)]
pub enum Cell {
    /// SMALLINT or INTEGER.
    Int(Option<i64>),
    /// CHAR.
    Text(String),
}

impl From<i64> for Cell {
    fn from(value: i64) -> Self {
        Self::Int(Some(value))
    }
}

impl From<Option<i64>> for Cell {
    fn from(value: Option<i64>) -> Self {
        Self::Int(value)
    }
}

impl From<&str> for Cell {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

/// Columns of rows that all name the same columns in the same order.
pub fn source(rows: &[Vec<(String, Cell)>]) -> SourceColumns {
    let mut columns = Vec::new();
    for (at, (name, cell)) in rows.first().into_iter().flatten().enumerate() {
        let cells = rows.iter().map(|row| {
            assert_eq!(row[at].0, *name);
            &row[at].1
        });
        let values = match cell {
            Cell::Text(_) => ColumnValues::Text {
                values: cells
                    .map(|cell| match cell {
                        Cell::Text(text) => format!("{text:<10}"),
                        Cell::Int(_) => panic!("{name} is text"),
                    })
                    .collect(),
                nulls: vec![],
            },
            Cell::Int(_) => {
                let numbers: Vec<Option<i64>> = cells
                    .map(|cell| match cell {
                        Cell::Int(number) => *number,
                        Cell::Text(_) => panic!("{name} is a number"),
                    })
                    .collect();
                ColumnValues::Int32 {
                    values: numbers
                        .iter()
                        .map(|number| i32::try_from(number.unwrap_or(0)).unwrap())
                        .collect(),
                    nulls: (0_u32..)
                        .zip(&numbers)
                        .filter(|(_, number)| number.is_none())
                        .map(|(row, _)| row)
                        .collect(),
                }
            }
        };
        columns.push(SourceColumn {
            name: name.clone(),
            values,
        });
    }
    SourceColumns {
        format_version: FORMAT_VERSION,
        rows: rows.len() as u64,
        columns,
    }
}

/// A row from pairs.
pub fn row<const N: usize>(cells: [(&str, Cell); N]) -> Vec<(String, Cell)> {
    cells
        .into_iter()
        .map(|(name, cell)| (name.to_owned(), cell))
        .collect()
}

/// A partition of ACD 1.
pub fn partition(table: &str, row_date: Option<Date>) -> SourcePartition {
    SourcePartition {
        integration: IntegrationId(1),
        table: table.to_owned(),
        acd: AcdNumber(1),
        row_date,
    }
}

/// Settings with nothing but a zone, as stored before anything else was set.
pub fn settings(zone: &str) -> DerivationSettings {
    serde_json::from_value(serde_json::json!({ "zone": zone })).unwrap()
}
