//! Asks the source whether a partition is still as the Hub holds it, before its rows are read.
//!
//! Any doubt means reading: a source that refuses the statement is not asked again over this connection, and a result that
//! is not the Hub's says nothing. Only what keeps the CMS from being read at all is an error.

use crate::cms::Cms;
use crate::problems;
use floorwire_avaya_cms::catalogue::{Column, Table};
use floorwire_avaya_cms::fingerprint::{from_result, sums};
use floorwire_odbc::{ColumnData, ColumnKind, ColumnSpec};
use floorwire_protocol::messages::{LinkConfiguration, Problem};
use jiff::civil::Date;

/// Longest number as text, bytes.
const NUMBER_BYTES: usize = 64;

/// True when the source computes the fingerprint that the Hub holds.
pub async fn is_unchanged(
    cms: &mut Cms,
    configuration: &LinkConfiguration,
    (table, columns): (&Table, &[Column]),
    (acd, row_date): (i32, Option<Date>),
    held: &str,
) -> Result<bool, Problem> {
    let Some(arithmetic) = cms.fingerprint_arithmetic(configuration).await? else {
        return Ok(false);
    };
    let Some(statement) = sums(table, columns, acd, row_date, arithmetic) else {
        return Ok(false);
    };
    let found = match computed(cms, configuration, columns, &statement).await {
        Ok(found) => found,
        Err(problem) if !problems::may_lie_in_the_statement(&problem) => return Err(problem),
        Err(problem) => {
            tracing::info!(
                code = problem.code,
                detail = problem.detail,
                "the database does not compute fingerprints; unchanged rows are read in full"
            );
            cms.forget_fingerprints();
            return Ok(false);
        }
    };
    let unchanged = found.as_deref() == Some(held);
    tracing::debug!(
        table = table.name,
        acd,
        ?row_date,
        unchanged,
        "fingerprint compared"
    );
    Ok(unchanged)
}

async fn computed(
    cms: &mut Cms,
    configuration: &LinkConfiguration,
    columns: &[Column],
    statement: &floorwire_avaya_cms::statement::Statement,
) -> Result<Option<String>, Problem> {
    let kind = ColumnKind::Text {
        max_bytes: NUMBER_BYTES,
    };
    let specs = ["row_count", "first", "second", "third"].map(|name| ColumnSpec::new(name, kind));
    let mut reading = cms.read(configuration, statement, specs.to_vec()).await?;
    let mut found = None;
    while let Some(batch) = reading.next().await? {
        let mut texts = batch.columns.iter().map(first_text);
        let result = [(); 4].map(|()| texts.next().flatten());
        if batch.rows > 0 && found.is_none() {
            found = from_result(columns, result);
        }
    }
    reading.end()?;
    Ok(found)
}

/// The text of a column in the first row; `None` for NULL.
fn first_text(data: &ColumnData) -> Option<&str> {
    match data {
        ColumnData::Text { values, nulls } if nulls.first() != Some(&0) => {
            values.first().map(String::as_str)
        }
        _ => None,
    }
}
