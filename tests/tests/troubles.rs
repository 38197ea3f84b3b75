//! What a site can do wrong: each trouble has its own message on the integration and in the Link's log, and
//! the import goes on by itself when the cause is gone.
#![allow(clippy::expect_used)] // a test may end by panic

use anyhow::{Context, ensure};
use floorwire_test_servers::free_port;
use floorwire_tests::cms::CmsDatabase;
use floorwire_tests::hub::{Hub, HubStore};
use floorwire_tests::site::Site;
use serde_json::Value;
use std::time::Duration;

const ZONE: &str = "Europe/Paris";
const LIMIT: Duration = Duration::from_secs(120);

/// Configures a connection and waits for its problem.
async fn problem_of(site: &mut Site, connection: &str, code: &str) -> anyhow::Result<Value> {
    site.api
        .configure(site.integration, connection, ZONE)
        .await?;
    let expected = code.to_owned();
    let shown = site
        .wait_until(LIMIT, |shown| {
            shown["status"]["problem"]["code"] == expected.as_str()
        })
        .await?;
    let problem = shown["status"]["problem"].clone();
    for field in ["title", "detail", "remedy"] {
        ensure!(
            problem[field].as_str().is_some_and(|text| text.len() > 5),
            "no {field}: {problem:#}"
        );
    }
    let log = site.link.process()?.log();
    ensure!(log.contains(code), "the link's log does not name {code}");
    Ok(problem)
}

#[tokio::test]
async fn wrong_connections_are_named_and_a_right_one_works_afterwards() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let database = CmsDatabase::postgres()?;
    let CmsDatabase::Postgres(server) = &database else {
        unreachable!()
    };
    server.create_database("empty")?;
    let (right, empty) = (server.odbc("cms"), server.odbc("empty"));
    let port = server.port();
    let mut site = Site::start(folder.path(), database, HubStore::Sqlite).await?;
    site.simulator.init(&["--days", "2", "--zone", ZONE])?;

    problem_of(
        &mut site,
        &right.replace("PWD=", "PWD=not"),
        "wrong-password",
    )
    .await?;
    let closed = right.replace(&format!("PORT={port}"), &format!("PORT={}", free_port()));
    let problem = problem_of(&mut site, &closed, "host-unreachable").await?;
    ensure!(
        problem["diagnostics"][0]["sqlstate"] == "08001",
        "{problem:#}"
    );
    problem_of(
        &mut site,
        "DRIVER=/tmp/driver.so;SERVER=127.0.0.1;",
        "driver-by-path",
    )
    .await?;
    problem_of(
        &mut site,
        "DRIVER={No Such Driver};SERVER=127.0.0.1;",
        "driver-not-registered",
    )
    .await?;
    problem_of(&mut site, &empty, "table-missing").await?;

    site.configure(ZONE).await?;
    let shown = site.wait_for("operational", LIMIT, |_| {}).await?;
    ensure!(shown["status"]["problem"].is_null(), "{shown:#}");
    site.end()
}

#[tokio::test]
async fn a_table_without_a_column_is_named_and_heals() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let database = CmsDatabase::postgres()?;
    let mut site = Site::start(folder.path(), database, HubStore::Sqlite).await?;
    site.simulator.init(&["--days", "2", "--zone", ZONE])?;
    let CmsDatabase::Postgres(server) = &site.database else {
        unreachable!()
    };
    server.sql(
        "cms",
        "ALTER TABLE hsplit RENAME COLUMN holdtime TO kept_holdtime",
    )?;
    let connection = site.database.connection();
    let problem = problem_of(&mut site, &connection, "column-missing").await?;
    ensure!(
        problem["detail"]
            .as_str()
            .is_some_and(|detail| detail.contains("holdtime")),
        "{problem:#}"
    );
    let CmsDatabase::Postgres(server) = &site.database else {
        unreachable!()
    };
    server.sql(
        "cms",
        "ALTER TABLE hsplit RENAME COLUMN kept_holdtime TO holdtime",
    )?;
    site.wait_for("operational", LIMIT, |_| {}).await?;
    site.end()
}

#[tokio::test]
async fn a_database_that_is_down_at_first_is_imported_when_it_is_up() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let mut site = Site::start(folder.path(), CmsDatabase::mariadb()?, HubStore::Sqlite).await?;
    site.simulator.init(&["--days", "2", "--zone", ZONE])?;
    let CmsDatabase::MariaDb(server) = &mut site.database else {
        unreachable!()
    };
    server.kill()?;
    let connection = site.database.connection();
    problem_of(&mut site, &connection, "host-unreachable").await?;
    let CmsDatabase::MariaDb(server) = &mut site.database else {
        unreachable!()
    };
    server.restart()?;
    site.wait_for("operational", LIMIT, |_| {}).await?;
    site.end()
}

#[tokio::test]
async fn a_hub_that_is_down_is_waited_for() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let mut site = Site::start(
        folder.path(),
        CmsDatabase::sqlite(folder.path()),
        HubStore::Sqlite,
    )
    .await?;
    site.simulator.init(&["--days", "3", "--zone", ZONE])?;
    site.configure(ZONE).await?;
    site.hub.end()?;
    let lost = "hub does not answer";
    let begin = std::time::Instant::now();
    while !site.link.process()?.log().contains(lost) {
        ensure!(
            begin.elapsed() < LIMIT,
            "the link's log does not say `{lost}`"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    site.hub.restart().await?;
    site.wait_for("operational", LIMIT, |_| {}).await?;
    let truth = site.simulator.truth(&[])?;
    let compared = site.compare(&truth).await?;
    ensure!(compared.intervals > 0);
    site.end()
}

#[tokio::test]
async fn a_full_disk_under_the_hub_is_said_and_survived() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let database = CmsDatabase::sqlite(folder.path());
    let hub = Hub::start_on_small_disk(folder.path(), 24).await?;
    let mut site = Site::with_hub(folder.path(), database, hub, "Avaya", Vec::new()).await?;
    site.simulator.init(&["--days", "20", "--zone", ZONE])?;
    let filler = site.hub.fill_disk()?;
    site.configure(ZONE)
        .await
        .err()
        .context("configuring on a full disk should have failed")?;
    let begin = std::time::Instant::now();
    while !site.hub.process()?.log().contains("database is full") {
        ensure!(
            begin.elapsed() < LIMIT,
            "the hub's log does not say that its disk is full"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let ready = reqwest::get(format!("{}/readyz", site.hub.url())).await?;
    let (status, text) = (ready.status(), ready.text().await?);
    ensure!(
        status == 503 && text.contains("full"),
        "/readyz says {status}: {text}"
    );
    std::fs::remove_file(filler)?;
    site.configure(ZONE).await?;
    site.wait_for("operational", LIMIT, |_| {}).await?;
    site.end()
}
