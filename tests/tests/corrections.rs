//! Rows that change at the CMS after they were imported: a preview says what would change and changes nothing, a re-import
//! brings exactly that, and the second re-import changes nothing, since the CMS itself says that nothing changed.
#![allow(clippy::expect_used)] // a test may end by panic

use anyhow::{Context, ensure};
use floorwire_tests::cms::CmsDatabase;
use floorwire_tests::hub::{Hub, HubStore};
use floorwire_tests::site::Site;
use serde_json::{Value, json};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};
use std::path::Path;
use std::time::{Duration, Instant};

const ZONE: &str = "Europe/Paris";
const LIMIT: Duration = Duration::from_secs(120);
const OPEN_REIMPORTS: &str =
    "SELECT COUNT(*) FROM tasks WHERE state IN ('waiting', 'leased') AND purpose = 'reimport'";
const SECOND_UNCHANGED: &str =
    "SELECT COUNT(*) FROM tasks WHERE state = 'done' AND purpose = 'reimport'
    AND outcome = 'unchanged'";
const FIGURES: &str =
    "SELECT COALESCE(SUM(offered + answered + talk_seconds), 0) FROM queue_intervals";

/// Runs a statement in the CMS's file; the number of rows that it changed.
async fn in_cms(file: &Path, statement: &'static str) -> anyhow::Result<u64> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .busy_timeout(LIMIT);
    let mut connection = options.connect().await?;
    let done = sqlx::query(statement).execute(&mut connection).await?;
    connection.close().await?;
    Ok(done.rows_affected())
}

async fn wait_for_number(site: &Site, query: &'static str, wanted: i64) -> anyhow::Result<()> {
    let begun = Instant::now();
    loop {
        let number = site.hub.number(query).await?;
        if number == wanted {
            return Ok(());
        }
        ensure!(
            begun.elapsed() < LIMIT,
            "`{query}` is {number}, not {wanted}"
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

struct Period {
    from: String,
    to: String,
}

impl Period {
    async fn reimport(&self, site: &Site, preview: bool) -> anyhow::Result<Value> {
        let path = format!("/integrations/{}/reimport", site.integration);
        let (from, to) = (&self.from, &self.to);
        let body = json!({"stream": "queue_intervals", "from": from, "to": to, "preview": preview});
        site.api.post(&path, &body).await
    }

    async fn preview(&self, site: &Site) -> anyhow::Result<Value> {
        let accepted = self.reimport(site, true).await?;
        let number = accepted["preview"].as_i64().context("no number")?;
        self.found(site, number).await
    }

    /// What a preview found, when it is done.
    async fn found(&self, site: &Site, number: i64) -> anyhow::Result<Value> {
        let path = format!("/integrations/{}/reimports/{number}", site.integration);
        let begun = Instant::now();
        loop {
            let found = site.api.get(&path).await?;
            if found["done"] == true {
                return Ok(found);
            }
            ensure!(
                begun.elapsed() < LIMIT,
                "the preview does not end: {found:#}"
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

#[tokio::test]
async fn changed_rows_arrive_by_a_reimport_and_only_once() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let database = CmsDatabase::sqlite(folder.path());
    let CmsDatabase::Sqlite(file) = &database else {
        unreachable!()
    };
    let file = file.clone();
    let hub = Hub::start(folder.path(), HubStore::Sqlite, None).await?;
    let everything_said = [("FLOORWIRE_LOG", "debug,hyper=info"), ("NO_COLOR", "1")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec();
    let mut site = Site::with_hub(folder.path(), database, hub, "Avaya", everything_said).await?;
    site.simulator.init(&["--days", "6", "--zone", ZONE])?;
    // Only the cycle and what is asked for here.
    let tiers = json!({"recentDaysMinutes": 0, "nightlyDays": 0, "weekly": false});
    site.configure_with(json!({"zone": ZONE, "rereading": tiers}))
        .await?;
    let shown = site.wait_for("operational", LIMIT, |_| {}).await?;
    ensure!(
        shown["configuration"]["rereading"]["weekly"] == false,
        "{shown:#}"
    );
    let journal = format!("/integrations/{}/journal", site.integration);
    ensure!(site.api.all(&journal).await?.is_empty());
    let before = site.hub.number(FIGURES).await?;

    // Three days ago: a row changed, another deleted.
    let changed = in_cms(
        &file,
        "UPDATE hsplit SET acdcalls = acdcalls + 2, acdtime = acdtime + 100 WHERE rowid = (
            SELECT rowid FROM hsplit WHERE row_date = (SELECT DATE(MAX(row_date), '-3 days') FROM hsplit)
            AND acdcalls > 0 ORDER BY starttime, split LIMIT 1)",
    )
    .await?;
    let deleted = in_cms(
        &file,
        "DELETE FROM hsplit WHERE rowid = (
            SELECT rowid FROM hsplit WHERE row_date = (SELECT DATE(MAX(row_date), '-3 days') FROM hsplit)
            AND acdcalls > 0 ORDER BY starttime DESC, split LIMIT 1)",
    )
    .await?;
    ensure!((changed, deleted) == (1, 1));

    let today = jiff::Timestamp::now().in_tz(ZONE)?.date();
    let day = |days: i64| today.checked_add(jiff::Span::new().days(days));
    let period = Period {
        from: day(-5)?.to_string(),
        to: day(-1)?.to_string(),
    };
    let preview = period.preview(&site).await?;
    ensure!(preview["partitionsChanged"] == 1, "{preview:#}");
    ensure!(
        preview["partitions"] == preview["partitionsRead"],
        "{preview:#}"
    );
    let figures = preview["figuresChanged"].as_u64().context("no count")?;
    ensure!(figures >= 3 + 9, "{preview:#}");
    ensure!(site.api.all(&journal).await?.is_empty(), "a preview wrote");
    // Killed right after it was asked for, the hub finds the same.
    let accepted = period.reimport(&site, true).await?;
    let number = accepted["preview"].as_i64().context("no number")?;
    site.hub.kill()?;
    site.hub.restart().await?;
    let survived = period.found(&site, number).await?;
    for counted in [
        "partitions",
        "partitionsRead",
        "partitionsChanged",
        "figuresChanged",
    ] {
        ensure!(survived[counted] == preview[counted], "{survived:#}");
    }
    ensure!(site.api.all(&journal).await?.is_empty(), "a preview wrote");
    ensure!(site.hub.number(FIGURES).await? == before, "a preview wrote");

    period.reimport(&site, false).await?;
    wait_for_number(&site, OPEN_REIMPORTS, 0).await?;
    let entries = site.api.all(&journal).await?;
    ensure!(entries.len() as u64 == figures, "{entries:#?}");
    let gone = entries.iter().filter(|entry| entry["newValue"].is_null());
    ensure!(gone.count() >= 9, "{entries:#?}");
    let after = site.hub.number(FIGURES).await?;
    ensure!(after != before);

    // The second time the CMS says itself that nothing changed.
    let unchanged = site.hub.number(SECOND_UNCHANGED).await?;
    let accepted = period.reimport(&site, false).await?;
    let planned = accepted["tasks"].as_i64().context("no tasks")?;
    wait_for_number(&site, SECOND_UNCHANGED, unchanged + planned).await?;
    ensure!(site.hub.number(FIGURES).await? == after);
    ensure!(site.api.all(&journal).await?.len() == entries.len());
    let preview = period.preview(&site).await?;
    ensure!(preview["figuresChanged"] == 0, "{preview:#}");
    let log = site.link.process()?.log();
    ensure!(log.contains("unchanged=true"), "no fingerprint was equal");
    site.end()
}
