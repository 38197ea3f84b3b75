//! What the driver alone manages: the columns that the Link reads of a table, fetched with the Link's driver settings by a
//! program that does nothing else (`crates/odbc/examples/bare_fetch.rs`).

use anyhow::Context;
use floorwire_avaya_cms::catalogue::{self, Kind};
use floorwire_tests::cms::CmsDatabase;
use floorwire_tests::process::{output, program};
use serde::Deserialize;

/// One run.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct Fetched {
    /// Rows.
    pub rows: u32,
    /// Columns.
    pub columns: u32,
    /// Seconds from the statement to the last row.
    pub seconds: f64,
}

/// Fetches a table of the catalogue.
pub(super) fn bare_fetch(database: &CmsDatabase, table: &str) -> anyhow::Result<Fetched> {
    let table = catalogue::any_table(table).context("no such table in the catalogue")?;
    let columns: Vec<String> = table
        .columns
        .iter()
        .map(|column| match column.kind {
            Kind::Int32 => column.name.to_owned(),
            Kind::Text(bytes) => format!("{}:{bytes}", column.name),
        })
        .collect();
    let connection = floorwire_tests::api::with_driver_defaults(&database.connection())?;
    let mut command = program("examples/bare_fetch")?;
    command
        .args([table.name, &columns.join(",")])
        .env("FLOORWIRE_CMS_CONNECTION", connection);
    Ok(serde_json::from_str(
        output("bare_fetch", command, None)?.trim(),
    )?)
}
