//! A SQLite file in a folder of its own.

use std::path::PathBuf;

use anyhow::{Context, Result};
use tempfile::TempDir;

/// A place for a CMS database in SQLite; disappears with the value.
pub struct SqliteCms {
    dir: TempDir,
}

impl SqliteCms {
    /// Makes the folder; the file appears when it is first written to.
    pub fn new() -> Result<Self> {
        let dir = tempfile::Builder::new()
            .prefix("floorwire-sqlite-")
            .tempdir()
            .context("no temporary folder")?;
        Ok(Self { dir })
    }

    /// The database file.
    pub fn path(&self) -> PathBuf {
        self.dir.path().join("cms.db")
    }

    /// Connection string for libsqliteodbc.
    pub fn odbc(&self) -> String {
        format!(
            "DRIVER=SQLite3;Database={};StepAPI=1",
            self.path().display()
        )
    }
}
