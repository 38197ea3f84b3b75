//! kill -9 at random moments of an initial load, while a task is leased. Afterwards the Hub equals the
//! simulator's event log, no row is there twice, and no task stays leased.
#![allow(clippy::expect_used)] // a test may end by panic

use anyhow::{Context, ensure};
use floorwire_tests::cms::{CmsDatabase, Simulator};
use floorwire_tests::hub::{Hub, HubStore};
use floorwire_tests::site::Site;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::time::{Duration, Instant};

const ZONE: &str = "Europe/Paris";
const KILLS: u32 = 10;
/// Many days, so that the load lasts; few agents, whose rows are not read here.
const SITE: [&str; 10] = [
    "--days",
    "300",
    "--skills",
    "6",
    "--agents",
    "12",
    "--traced-percent",
    "0",
    "--zone",
    ZONE,
];
const LEASED: &str = "SELECT COUNT(*) FROM tasks WHERE state = 'leased'";
const TWICE: &str = "SELECT COUNT(*) FROM (SELECT 1 AS one FROM queue_intervals \
    GROUP BY account_id, queue_id, start_utc_s HAVING COUNT(*) > 1) AS twice";
const LOAD_LIMIT: Duration = Duration::from_secs(240);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Victim {
    Worker,
    Link,
    Hub,
    Database,
}

#[tokio::test]
async fn the_odbc_worker_dies() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    load_with_kills(
        Victim::Worker,
        CmsDatabase::sqlite(folder.path()),
        HubStore::Sqlite,
    )
    .await
}

#[tokio::test]
async fn the_link_dies() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    load_with_kills(
        Victim::Link,
        CmsDatabase::sqlite(folder.path()),
        HubStore::Sqlite,
    )
    .await
}

#[tokio::test]
async fn the_hub_dies_over_sqlite() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    load_with_kills(
        Victim::Hub,
        CmsDatabase::sqlite(folder.path()),
        HubStore::Sqlite,
    )
    .await
}

#[tokio::test]
async fn the_hub_dies_over_postgresql() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    load_with_kills(
        Victim::Hub,
        CmsDatabase::sqlite(folder.path()),
        HubStore::postgres()?,
    )
    .await
}

#[tokio::test]
async fn the_cms_postgresql_dies() -> anyhow::Result<()> {
    load_with_kills(Victim::Database, CmsDatabase::postgres()?, HubStore::Sqlite).await
}

#[tokio::test]
async fn the_cms_mariadb_dies() -> anyhow::Result<()> {
    load_with_kills(Victim::Database, CmsDatabase::mariadb()?, HubStore::Sqlite).await
}

async fn load_with_kills(
    victim: Victim,
    database: CmsDatabase,
    store: HubStore,
) -> anyhow::Result<()> {
    let seed = match std::env::var("FLOORWIRE_SEED") {
        Ok(seed) => seed.parse()?,
        Err(_) => u64::from(std::process::id()),
    };
    eprintln!("FLOORWIRE_SEED={seed}");
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let folder = tempfile::tempdir()?;
    // Filled before the Hub runs, so that a planner's first look finds everything.
    Simulator::new(&database, folder.path()).init(&SITE)?;
    let hub = Hub::start(folder.path(), store, None).await?;
    let mut site = Site::with_hub(folder.path(), database, hub, "Avaya", Vec::new()).await?;
    site.configure(ZONE).await?;

    let mut kills = 0;
    while kills < KILLS {
        if wait_until_leased(&mut site).await? {
            tokio::time::sleep(Duration::from_millis(random.random_range(0..40))).await;
        } else {
            anyhow::bail!("the load ended after {kills} kills; give it more days");
        }
        if site.hub.number(LEASED).await? == 0 {
            continue;
        }
        strike(victim, &mut site).await?;
        kills += 1;
    }
    let shown = site.wait_for("operational", LOAD_LIMIT, |_| {}).await?;
    wait_until_done(&mut site).await?;
    let now = shown["lastImportAt"]
        .as_str()
        .context("nothing was imported")?;
    let truth = site.simulator.truth(&["--until-published-at", now])?;
    let compared = site.compare(&truth).await?;
    ensure!(
        compared.intervals > 1000,
        "only {} intervals compared",
        compared.intervals
    );
    ensure!(
        compared.differences.is_empty(),
        "seed {seed}: {:#?}",
        compared.differences
    );
    ensure!(
        site.hub.number(TWICE).await? == 0,
        "seed {seed}: rows are there twice"
    );
    ensure!(
        site.hub.number(LEASED).await? == 0,
        "seed {seed}: tasks stay leased"
    );
    site.end()
}

/// True as soon as a task is leased, false when the import has nothing left to do.
async fn wait_until_leased(site: &mut Site) -> anyhow::Result<bool> {
    let begin = Instant::now();
    while begin.elapsed() < LOAD_LIMIT {
        if site.hub.number(LEASED).await? > 0 {
            return Ok(true);
        }
        if site.shown().await?["status"]["state"] == "operational" {
            return Ok(false);
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    anyhow::bail!("no task was leased: {:#}", site.shown().await?)
}

async fn wait_until_done(site: &mut Site) -> anyhow::Result<()> {
    let open =
        "SELECT COUNT(*) FROM tasks WHERE state IN ('waiting', 'leased') AND purpose <> 'cycle'";
    let begin = Instant::now();
    while site.hub.number(open).await? > 0 {
        ensure!(
            begin.elapsed() < LOAD_LIMIT,
            "tasks stay open: {:#}",
            site.shown().await?
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

async fn strike(victim: Victim, site: &mut Site) -> anyhow::Result<()> {
    match victim {
        Victim::Worker => {
            if let Some(pid) = site.link.worker_pid()? {
                kill(Pid::from_raw(i32::try_from(pid)?), Signal::SIGKILL)?;
            }
        }
        Victim::Link => {
            site.link.kill()?;
            site.link.restart()?;
        }
        Victim::Hub => {
            site.hub.kill()?;
            site.hub.restart().await?;
        }
        Victim::Database => match &mut site.database {
            CmsDatabase::Postgres(server) => {
                server.kill()?;
                server.restart()?;
            }
            CmsDatabase::MariaDb(server) => {
                server.kill()?;
                server.restart()?;
            }
            CmsDatabase::Sqlite(_) => anyhow::bail!("a file has no server to kill"),
        },
    }
    Ok(())
}
