//! Whatever an import has been through, in the end the Hub holds what a fresh import of the same source gives: after pauses,
//! after other credentials in the middle of the first load, after other settings and back. Real programs; `cargo xtask soak`
//! has the pauses on every pairing of databases.

use anyhow::{Context, ensure};
use floorwire_tests::cms::CmsDatabase;
use floorwire_tests::dump;
use floorwire_tests::hub::HubStore;
use floorwire_tests::pauses::{self, LIMIT, ZONE, fresh_import};
use floorwire_tests::site::Site;
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// How long after the answer to a pause the source may see another statement, as measured on a busy machine.
const PAUSE_MARGIN_S: f64 = 3.0;

fn assert_alike(what: &str, differences: &[String]) {
    let shown = &differences[..differences.len().min(8)];
    assert!(
        differences.is_empty(),
        "{what}: {} differences: {shown:#?}",
        differences.len()
    );
}

#[tokio::test]
async fn pauses_of_ten_minutes_thirty_hours_and_ten_days() -> anyhow::Result<()> {
    let differences = pauses::pauses(29, ("mariadb", "postgresql")).await?;
    assert_alike("pauses", &differences);
    Ok(())
}

/// The number that a query of the source's superuser gives.
fn number(database: &CmsDatabase, query: &str) -> anyhow::Result<f64> {
    let CmsDatabase::Postgres(server) = database else {
        anyhow::bail!("the source is no PostgreSQL")
    };
    Ok(server.sql("cms", query)?.trim().parse()?)
}

fn done(shown: &Value) -> i64 {
    shown["progress"]["partitionsDone"].as_i64().unwrap_or(0)
}

#[tokio::test]
async fn credentials_and_a_pause_in_the_middle_of_the_first_load() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let mut site = Site::start(folder.path(), CmsDatabase::postgres()?, HubStore::Sqlite).await?;
    site.simulator.init(&[
        "--volume",
        "24000",
        "--days",
        "250",
        "--interval",
        "30",
        "--zone",
        ZONE,
    ])?;
    let CmsDatabase::Postgres(server) = &site.database else {
        unreachable!()
    };
    let reader = |user: &str| {
        server
            .odbc("cms")
            .replace(&format!("UID={}", server.user()), &format!("UID={user}"))
            .replace(&format!("PWD={}", server.password()), "PWD=marked")
    };
    let readers = [reader("reader_one"), reader("reader_two")];
    for user in ["reader_one", "reader_two"] {
        let create = format!(
            "CREATE ROLE {user} LOGIN PASSWORD 'marked'; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {user};"
        );
        server.sql("cms", &create)?;
    }
    // These rows end yesterday, which would be an alarm in hours that are known to be open.
    let settings = json!({"zone": ZONE, "businessHours": {"useLearned": false}});
    site.api
        .configure_with(site.integration, &readers[0], settings.clone())
        .await?;
    site.wait_until(LIMIT, |shown| done(shown) >= 20).await?;

    // The first user is gone as soon as the second is entered.
    site.api
        .configure_with(site.integration, &readers[1], settings.clone())
        .await?;
    site.database
        .sql(
            "ALTER ROLE reader_one NOLOGIN;
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'reader_one';",
        )
        .await?;
    let shown = site.shown().await?;
    let at_edit = done(&shown);
    site.wait_until(LIMIT, |shown| done(shown) >= at_edit + 20)
        .await?;

    // A pause: the source sees no statement any more.
    let path = format!("/integrations/{}", site.integration);
    site.api.post(&format!("{path}/pause"), &json!({})).await?;
    let answered = number(
        &site.database,
        "SELECT EXTRACT(EPOCH FROM clock_timestamp())",
    )?;
    const LAST: &str =
        "SELECT COALESCE(EXTRACT(EPOCH FROM MAX(query_start)), 0) FROM pg_stat_activity
        WHERE usename IN ('reader_one', 'reader_two')";
    tokio::time::sleep(Duration::from_secs(4)).await;
    let last = number(&site.database, LAST)?;
    ensure!(
        last - answered <= PAUSE_MARGIN_S,
        "a statement began {} s after the pause",
        last - answered
    );
    let at_pause = site
        .hub
        .number("SELECT COUNT(*) FROM source_partitions")
        .await?;
    tokio::time::sleep(Duration::from_secs(3)).await;
    ensure!(
        number(&site.database, LAST)? <= last,
        "a statement began during the pause"
    );
    let later = site
        .hub
        .number("SELECT COUNT(*) FROM source_partitions")
        .await?;
    assert_eq!(at_pause, later, "something was imported during the pause");
    let left = site
        .hub
        .number("SELECT COUNT(*) FROM tasks WHERE state IN ('waiting', 'leased')")
        .await?;
    ensure!(left > 0, "the first load was over before the pause");

    site.api.post(&format!("{path}/resume"), &json!({})).await?;
    site.wait_for("operational", LIMIT, |_| {}).await?;
    let found = dump::of(&site.hub).await?;
    ensure!(found.len() > 20_000, "{} lines", found.len());
    let fresh = fresh_import(&readers[1], settings, "sqlite", Timestamp::now()).await?;
    assert_alike("credentials", &dump::differences(&found, &fresh));
    site.end()
}

/// Waits until the Hub holds exactly `expected`.
async fn becomes(site: &mut Site, expected: &BTreeSet<String>, what: &str) -> anyhow::Result<()> {
    let begin = Instant::now();
    loop {
        site.wait_for("operational", LIMIT, |_| {}).await?;
        let found = dump::of(&site.hub).await?;
        if found == *expected {
            return Ok(());
        }
        if begin.elapsed() > Duration::from_secs(60) {
            assert_alike(what, &dump::differences(&found, expected));
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Waits until the Hub holds something else.
async fn changes(site: &mut Site, from: &BTreeSet<String>, what: &str) -> anyhow::Result<()> {
    let begin = Instant::now();
    while dump::of(&site.hub).await? == *from {
        ensure!(begin.elapsed() < LIMIT, "{what} changes nothing");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    Ok(())
}

#[tokio::test]
async fn other_settings_and_back() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let database = CmsDatabase::sqlite(folder.path());
    let now: Timestamp = "2026-11-10T11:07:00Z".parse()?;
    pauses::begin(&database, folder.path(), 31, now)?;
    let store = HubStore::postgres()?;
    // An hour later everything is settled that will be.
    let now = now.checked_add(1.hours())?;
    let mut site = Site::start_at(folder.path(), database, store, now).await?;
    site.configure_with(pauses::settings()).await?;
    site.wait_for("operational", LIMIT, |_| {}).await?;
    let fresh = dump::of(&site.hub).await?;
    let agents = site.api.all("/agents").await?;
    let login = agents.first().context("no agent")?["login"].clone();
    let path = format!("/integrations/{}", site.integration);
    for (what, other, back) in [
        (
            "another zone",
            json!({"zone": "America/New_York"}),
            json!({"zone": ZONE}),
        ),
        (
            "another definition",
            json!({"offeredDefinition": "i_arrived"}),
            json!({"offeredDefinition": "acdcalls+abncalls"}),
        ),
        (
            "one agent only",
            json!({"agentScope": {"kind": "logins", "logins": [{"acd": 1, "login": login}]}}),
            json!({"agentScope": {"kind": "all"}}),
        ),
        (
            "no agents",
            json!({"agentScope": {"kind": "off"}}),
            json!({"agentScope": {"kind": "all"}}),
        ),
    ] {
        site.api
            .patch(&path, &json!({"configuration": other}))
            .await?;
        changes(&mut site, &fresh, what).await?;
        site.api
            .patch(&path, &json!({"configuration": back}))
            .await?;
        becomes(&mut site, &fresh, what).await?;
    }
    site.end()
}

#[tokio::test]
async fn settings_that_change_while_the_first_load_runs() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let database = CmsDatabase::sqlite(folder.path());
    let now: Timestamp = "2026-11-10T12:07:00Z".parse()?;
    pauses::begin(&database, folder.path(), 37, now)?;
    let mut site = Site::start_at(folder.path(), database, HubStore::Sqlite, now).await?;
    let path = format!("/integrations/{}", site.integration);
    // None of these is given time to finish.
    site.configure_with(json!({"zone": "Asia/Kolkata"})).await?;
    site.wait_until(LIMIT, |shown| !shown["lastImportAt"].is_null())
        .await?;
    for change in [
        json!({"agentScope": {"kind": "all"}}),
        json!({"zone": "America/New_York", "offeredDefinition": "i_arrived"}),
        json!({"agentScope": {"kind": "off"}}),
        json!({"zone": ZONE, "offeredDefinition": "acdcalls+abncalls", "agentScope": {"kind": "all"}}),
    ] {
        site.api
            .patch(&path, &json!({"configuration": change}))
            .await?;
        tokio::time::sleep(Duration::from_millis(150)).await;
    }
    let connection = site.database.connection();
    let fresh = fresh_import(&connection, pauses::settings(), "sqlite", now).await?;
    becomes(&mut site, &fresh, "changes in a hurry").await?;
    site.end()
}
