//! The browser tests: a Hub with imported calls, and the tests of `web/tests/browser` against it.

use crate::build::{run_with, workspace};
use anyhow::Context;
use floorwire_tests::cms::CmsDatabase;
use floorwire_tests::hub::{EMAIL, HubStore};
use floorwire_tests::site::Site;
use std::time::Duration;

const ZONE: &str = "Europe/Paris";

/// Runs them with the programs as they are built.
pub fn run() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let folder = tempfile::Builder::new()
        .prefix("floorwire-browser-")
        .tempdir()?;
    let site = runtime.block_on(async {
        let database = CmsDatabase::sqlite(folder.path());
        let mut site = Site::start(folder.path(), database, HubStore::Sqlite).await?;
        site.simulator.init(&["--days", "14", "--zone", ZONE])?;
        site.configure(ZONE).await?;
        site.wait_for("operational", Duration::from_secs(300), |_| {})
            .await?;
        anyhow::Ok(site)
    })?;
    let environment = [
        ("FLOORWIRE_TEST_URL", site.hub.url()),
        ("FLOORWIRE_TEST_EMAIL", EMAIL.to_owned()),
        ("FLOORWIRE_TEST_PASSWORD", site.hub.password.clone()),
    ];
    let environment: Vec<(&str, &str)> = environment
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let tested = run_with(
        "npm",
        &["run", "--silent", "test:browser"],
        &workspace().join("web"),
        &environment,
    );
    site.end()?;
    folder
        .close()
        .context("cannot remove the folder of the browser tests")?;
    tested
}
