//! A source that changes between two looks says so, and the Link's doctor explains it. Real programs, SQLite on both sides.

use floorwire_tests::cms::CmsDatabase;
use floorwire_tests::hub::HubStore;
use floorwire_tests::site::Site;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

const LIMIT: Duration = Duration::from_secs(120);

async fn notices(site: &Site) -> anyhow::Result<Vec<Value>> {
    let path = format!("/integrations/{}/notices", site.integration);
    let found = site.api.get(&path).await?;
    Ok(found["items"].as_array().cloned().unwrap_or_default())
}

fn codes(notices: &[Value]) -> BTreeSet<String> {
    let text = |notice: &Value| {
        let table = notice["parameters"]["table"].as_str().unwrap_or_default();
        format!("{} {table}", notice["code"].as_str().unwrap_or_default())
    };
    notices.iter().map(text).collect()
}

/// Has the Link look again and waits for what follows.
async fn look_again(site: &Site) -> anyhow::Result<()> {
    let base = format!("/integrations/{}", site.integration);
    let examined = |found: &Value| found["examinedAt"].clone();
    let before = examined(&site.api.get(&format!("{base}/capabilities")).await?);
    site.api.post(&format!("{base}/verify"), &json!({})).await?;
    let begin = Instant::now();
    while examined(&site.api.get(&format!("{base}/capabilities")).await?) == before {
        anyhow::ensure!(begin.elapsed() < LIMIT, "the link did not look again");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}

#[tokio::test]
async fn a_column_and_a_table_that_disappear_raise_a_notice() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let database = CmsDatabase::sqlite(folder.path());
    let mut site = Site::start(folder.path(), database, HubStore::Sqlite).await?;
    site.simulator.init(&["--scenario", "night-shift"])?;
    let truth = site.simulator.truth(&["--agents"])?;
    site.configure(&truth.zone).await?;
    site.wait_for("operational", LIMIT, |_| {}).await?;
    assert_eq!(codes(&notices(&site).await?), BTreeSet::new());
    look_again(&site).await?;
    assert_eq!(
        codes(&notices(&site).await?),
        BTreeSet::new(),
        "nothing has changed"
    );

    site.database
        .sql("ALTER TABLE hsplit DROP COLUMN noansredir")
        .await?;
    site.database.sql("DROP TABLE ag_actv").await?;
    look_again(&site).await?;
    let found = notices(&site).await?;
    let expected = ["columns-gone hsplit", "table-gone ag_actv"].map(str::to_owned);
    assert_eq!(codes(&found), expected.into());
    let path = format!("/integrations/{}/capabilities", site.integration);
    let notes = site.api.get(&path).await?["notes"].to_string();
    assert!(notes.contains("no-agent-trace"), "{notes}");

    // Dismissed once, it stays away: a look that finds the same is no change.
    for notice in &found {
        let id = notice["id"].as_i64().unwrap_or_default();
        site.api
            .delete(&format!("/integrations/{}/notices/{id}", site.integration))
            .await?;
    }
    look_again(&site).await?;
    assert_eq!(codes(&notices(&site).await?), BTreeSet::new());

    // The doctor says the same on the Link's host, from the Hub's last configuration and from a given one.
    let connection = site.database.connection();
    for given in [None, Some(connection.as_str())] {
        let report = site.link.doctor(given)?;
        let found = &report["capabilities"];
        assert_eq!(found["databaseKind"], "sqlite");
        let clock = found["clockDifferenceS"].as_i64().unwrap_or(i64::MAX);
        assert!(clock.abs() <= 2, "{clock} s");
        let notes = found["notes"].to_string();
        assert!(notes.contains("no-agent-trace"), "{notes}");
        let expected = if given.is_some() { "option" } else { "hub" };
        assert_eq!(report["connectionFrom"], expected);
    }
    site.end()
}
