//! The simulator: a month of a large site, played and booked, as a share of the time it may take.

use crate::progress::step;
use anyhow::Context;
use floorwire_tests::cms::{CmsDatabase, Simulator};
use std::path::Path;

const LIMIT_S: f64 = 120.0;
const SIZE: [&str; 8] = [
    "--days",
    "30",
    "--skills",
    "12",
    "--agents",
    "500",
    "--until",
    "2026-10-31T00:00:00Z",
];

/// Measures every database.
pub fn measure_all() -> anyhow::Result<()> {
    let mut lines = Vec::new();
    for name in ["sqlite", "postgresql", "mariadb"] {
        lines.push(step(&format!("simulator, CMS in {name}"), || {
            measure(name)
        })?);
    }
    println!(
        "\nshare  seconds  rows      CMS         limit   (500 agents, 12 skills, 30 days: under {LIMIT_S} s)"
    );
    lines.iter().for_each(|line| println!("{line}"));
    Ok(())
}

fn measure(name: &str) -> anyhow::Result<String> {
    let folder = tempfile::Builder::new()
        .prefix("floorwire-bench-")
        .tempdir()?;
    let database = database(name, folder.path())?;
    let summary = Simulator::new(&database, folder.path()).init(&SIZE)?;
    let seconds = summary["seconds"]
        .as_f64()
        .context("the summary has no time")?;
    let tables = summary["tables"]
        .as_object()
        .context("the summary has no tables")?;
    let rows: u64 = tables.values().filter_map(serde_json::Value::as_u64).sum();
    Ok(format!(
        "{:<5.2}  {seconds:>7.1}  {rows:<8}  {name:<10}  {}",
        seconds / LIMIT_S,
        if seconds < LIMIT_S { "kept" } else { "MISSED" }
    ))
}

fn database(name: &str, folder: &Path) -> anyhow::Result<CmsDatabase> {
    match name {
        "postgresql" => CmsDatabase::postgres(),
        "mariadb" => CmsDatabase::mariadb(),
        _ => Ok(CmsDatabase::sqlite(folder)),
    }
}
