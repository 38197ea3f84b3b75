//! Rights that are taken away: a table that may not be read any more is a problem with a name, rows that may not be seen any
//! more are a reading that is set aside. Either way what is stored stays, and everything goes on when the rights are back.

use anyhow::ensure;
use floorwire_tests::cms::CmsDatabase;
use floorwire_tests::hub::HubStore;
use floorwire_tests::site::Site;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const ZONE: &str = "Europe/Paris";
const LIMIT: Duration = Duration::from_secs(120);
const FIGURES: &str =
    "SELECT COALESCE(SUM(offered + answered + talk_seconds), 0) FROM queue_intervals";
const OPEN: &str =
    "SELECT COUNT(*) FROM tasks WHERE state IN ('waiting', 'leased') AND purpose = 'reimport'";

async fn reimport(site: &Site, day: &str, next: &str) -> anyhow::Result<()> {
    let path = format!("/integrations/{}/reimport", site.integration);
    let body = json!({"stream": "queue_intervals", "from": day, "to": next});
    site.api.post(&path, &body).await.map(drop)
}

async fn all_read(site: &Site) -> anyhow::Result<()> {
    let begun = Instant::now();
    while site.hub.number(OPEN).await? > 0 {
        ensure!(begun.elapsed() < LIMIT, "{:#}", site.shown().await?);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

#[tokio::test]
async fn revoked_rights_lose_nothing_and_are_shown() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let mut site = Site::start(folder.path(), CmsDatabase::postgres()?, HubStore::Sqlite).await?;
    site.simulator.init(&["--days", "4", "--zone", ZONE])?;
    let CmsDatabase::Postgres(server) = &site.database else {
        unreachable!()
    };
    let reader = server
        .odbc("cms")
        .replace(&format!("UID={}", server.user()), "UID=reader")
        .replace(&format!("PWD={}", server.password()), "PWD=marked");
    site.database
        .sql(
        "CREATE ROLE reader LOGIN PASSWORD 'marked'; GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader;",
        )
        .await?;
    let settings = json!({"zone": ZONE, "businessHours": {"useLearned": false},
        "rereading": {"recentDaysMinutes": 0, "nightlyDays": 0, "weekly": false}});
    site.api
        .configure_with(site.integration, &reader, settings)
        .await?;
    site.wait_for("operational", LIMIT, |_| {}).await?;
    let before = site.hub.number(FIGURES).await?;
    let today = jiff::Timestamp::now().in_tz(ZONE)?.date();
    let day = |days: i64| today.checked_add(jiff::Span::new().days(days));
    let (from, to) = (day(-2)?.to_string(), day(-1)?.to_string());
    let aside = format!("/integrations/{}/setAside", site.integration);

    // The table.
    site.database
        .sql("REVOKE SELECT ON hsplit FROM reader")
        .await?;
    reimport(&site, &from, &to).await?;
    let shown = site
        .wait_until(LIMIT, |shown| !shown["status"]["problem"].is_null())
        .await?;
    let problem = &shown["status"]["problem"];
    let detail = problem["detail"].as_str().unwrap_or_default();
    ensure!(detail.contains("hsplit"), "{problem:#}");
    ensure!(site.hub.number(FIGURES).await? == before);
    ensure!(site.api.all(&aside).await?.is_empty());
    site.database
        .sql("GRANT SELECT ON hsplit TO reader")
        .await?;
    site.wait_for("operational", LIMIT, |_| {}).await?;
    all_read(&site).await?;

    // Its rows.
    site.database
        .sql("ALTER TABLE hsplit ENABLE ROW LEVEL SECURITY")
        .await?;
    reimport(&site, &from, &to).await?;
    all_read(&site).await?;
    let waiting = site.api.all(&aside).await?;
    let this: Vec<&Value> = waiting
        .iter()
        .filter(|one| one["rowDate"] == from.as_str())
        .collect();
    ensure!(
        matches!(this[..], [one] if one["reason"] == "emptied" && one["rows"] == 0),
        "{waiting:#?}"
    );
    ensure!(site.hub.number(FIGURES).await? == before);
    let ledger = format!(
        "/integrations/{}/ledger?from={from}&to={to}",
        site.integration
    );
    let ledger = site.api.get(&ledger).await?;
    ensure!(
        ledger["days"][0]["counts"]["setAside"]
            .as_i64()
            .or(ledger["days"][0]["setAside"].as_i64())
            .is_some_and(|slots| slots > 0),
        "{:#}",
        ledger["days"][0]
    );
    site.database
        .sql("ALTER TABLE hsplit DISABLE ROW LEVEL SECURITY")
        .await?;
    reimport(&site, &from, &to).await?;
    all_read(&site).await?;
    let waiting = site.api.all(&aside).await?;
    ensure!(
        waiting.iter().all(|one| one["rowDate"] != from.as_str()),
        "{waiting:#?}"
    );
    ensure!(site.hub.number(FIGURES).await? >= before);
    let journal = format!("/integrations/{}/journal", site.integration);
    ensure!(site.api.all(&journal).await?.is_empty());
    site.end()
}
