//! `cargo xtask demo --smoke`: one pairing per CMS database, over both Hub stores, three days each. Every
//! queue interval at the Hub must equal the simulator's event log. One JSON line on standard output.

use crate::progress::step;
use crate::{build, install};
use anyhow::{Context, bail, ensure};
use floorwire_tests::cms::CmsDatabase;
use floorwire_tests::hub::HubStore;
use floorwire_tests::site::Site;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const ZONE: &str = "Europe/Paris";
const DAYS: &str = "3";
const IMPORT_LIMIT: Duration = Duration::from_secs(300);

/// Builds what is missing and runs all pairings.
pub fn run() -> anyhow::Result<()> {
    install::packages(install::FOR_DEMO)?;
    install::packages(install::FOR_SERVERS)?;
    step("web application", build::web)?;
    step("programs (hub, link, simulator)", || build::programs(false))?;
    step("smoke run", pairings)
}

/// Runs all pairings with the programs as they are built.
pub fn pairings() -> anyhow::Result<()> {
    let begin = Instant::now();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut results = Vec::new();
    for (database, store) in [
        ("sqlite", "sqlite"),
        ("postgresql", "postgresql"),
        ("mariadb", "sqlite"),
    ] {
        let result = runtime.block_on(pairing(database, store));
        results.push(result.with_context(|| format!("CMS in {database}, hub in {store}"))?);
    }
    let seconds = begin.elapsed().as_secs_f64();
    println!(
        "{}",
        json!({"ok": true, "pairings": results, "seconds": seconds})
    );
    Ok(())
}

async fn pairing(database: &str, store: &str) -> anyhow::Result<Value> {
    let folder = tempfile::Builder::new()
        .prefix("floorwire-smoke-")
        .tempdir()?;
    let database = match database {
        "sqlite" => CmsDatabase::sqlite(folder.path()),
        "postgresql" => CmsDatabase::postgres()?,
        _ => CmsDatabase::mariadb()?,
    };
    let store = if store == "sqlite" {
        HubStore::Sqlite
    } else {
        HubStore::postgres()?
    };
    let (database_name, store_name) = (database.name(), store.name());
    let mut site = Site::start(folder.path(), database, store).await?;
    site.simulator.init(&["--days", DAYS, "--zone", ZONE])?;
    let begin = Instant::now();
    site.configure(ZONE).await?;
    let shown = site.wait_for("operational", IMPORT_LIMIT, |_| {}).await?;
    let seconds = begin.elapsed().as_secs_f64();
    let now = shown["lastImportAt"]
        .as_str()
        .context("the integration never imported")?;
    let truth = site.simulator.truth(&["--until-published-at", now])?;
    let compared = site.compare(&truth).await?;
    ensure!(
        compared.queues == truth.queues.len(),
        "{} of {} queues arrived",
        compared.queues,
        truth.queues.len()
    );
    ensure!(
        compared.intervals > 0,
        "the truth has no interval to compare"
    );
    if !compared.differences.is_empty() {
        let count = compared.differences.len();
        bail!(
            "{count} differences:\n{}",
            compared.differences[..count.min(20)].join("\n")
        );
    }
    site.end()?;
    folder.close()?;
    Ok(json!({
        "cms": database_name,
        "hubStore": store_name,
        "queueIntervals": compared.intervals,
        "queues": compared.queues,
        "dictionary": truth.queues.len(),
        "differences": 0,
        "importSeconds": seconds,
    }))
}
