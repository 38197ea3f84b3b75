//! Whose data leaves the site, and what becomes of it when the scope changes. Real programs, SQLite on both sides.

use floorwire_tests::cms::{CmsDatabase, Simulator};
use floorwire_tests::hub::HubStore;
use floorwire_tests::site::Site;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(120);
const ROWS: &str = "SELECT CAST(COALESCE(SUM(row_count), 0) AS BIGINT) FROM source_partitions
    WHERE source_table IN ('hagent', 'haglog', 'ag_actv')";
const LEFT: [&str; 4] = [
    "SELECT COUNT(*) FROM source_partitions WHERE source_table IN ('hagent', 'haglog', 'ag_actv')",
    "SELECT COUNT(*) FROM tasks WHERE source_table IN ('hagent', 'haglog', 'ag_actv') AND state IN ('waiting', 'leased')",
    "SELECT COUNT(*) FROM agent_records",
    "SELECT COUNT(*) FROM agents",
];

/// Login IDs of all agents at the Hub.
async fn logins(site: &Site) -> anyhow::Result<BTreeSet<String>> {
    let agents = site.api.all("/agents").await?;
    let login = |agent: &Value| agent["login"].as_str().unwrap_or_default().to_owned();
    Ok(agents.iter().map(login).collect())
}

async fn set_scope(site: &mut Site, scope: Value) -> anyhow::Result<()> {
    let path = format!("/integrations/{}", site.integration);
    let before = site.shown().await?["lastImportAt"].clone();
    let configuration = json!({"configuration": {"agentScope": scope}});
    site.api.patch(&path, &configuration).await?;
    let is_off = scope["kind"] == "off";
    // A change of settings has the source looked at again, then reads what is missing.
    site.wait_until(LIMIT, |shown| {
        let went_on = is_off || shown["lastImportAt"] != before;
        shown["status"]["state"] == "operational" && went_on
    })
    .await?;
    Ok(())
}

#[tokio::test]
async fn nobody_out_of_scope_is_at_the_hub_at_any_time() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let database = CmsDatabase::sqlite(folder.path());
    Simulator::new(&database, folder.path()).init(&["--scenario", "night-shift"])?;
    let mut site = Site::start(folder.path(), database, HubStore::Sqlite).await?;
    let truth = site.simulator.truth(&["--agents"])?;
    let everybody: BTreeSet<String> = truth
        .agent_intervals
        .iter()
        .map(|row| row.login.to_string())
        .collect();
    assert!(everybody.len() > 5, "{everybody:?}");

    // Without a word about agents, their tables are not even looked at.
    site.configure_with(json!({"zone": truth.zone})).await?;
    site.wait_for("operational", LIMIT, |_| {}).await?;
    assert!(logins(&site).await?.is_empty());
    assert_eq!(site.hub.number(ROWS).await?, 0);
    let found = site
        .api
        .get(&format!("/integrations/{}/capabilities", site.integration))
        .await?;
    let tables: Vec<&str> = found["tables"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|table| table["name"].as_str())
        .collect();
    let of_calls = ["synonyms", "hsplit", "hvdn", "dsplit", "dvdn", "linkex"];
    assert_eq!(tables, of_calls);

    // One person.
    let one = everybody.first().cloned().unwrap_or_default();
    let scope = json!({"kind": "logins", "logins": [{"acd": 1, "login": one}]});
    set_scope(&mut site, scope.clone()).await?;
    assert_eq!(logins(&site).await?, BTreeSet::from([one.clone()]));
    let rows_of_one = site.hub.number(ROWS).await?;
    assert!(rows_of_one > 0);

    // A wider scope reads again what it adds.
    set_scope(&mut site, json!({"kind": "all"})).await?;
    assert_eq!(logins(&site).await?, everybody);
    assert!(site.hub.number(ROWS).await? > 3 * rows_of_one);
    let compared = site.compare_agents(&truth, true).await?;
    let times: Vec<_> = compared
        .differences
        .iter()
        .filter(|line| line.starts_with("times"))
        .collect();
    assert!(times.is_empty(), "{times:#?}");

    // A narrower one lets go of the others, in what was stored too.
    let narrowed = json!({"configuration": {"agentScope": scope}});
    let path = format!("/integrations/{}", site.integration);
    site.api.patch(&path, &narrowed).await?;
    site.wait_until(LIMIT, |shown| shown["status"]["state"] == "operational")
        .await?;
    assert_eq!(logins(&site).await?, BTreeSet::from([one]));
    assert_eq!(site.hub.number(ROWS).await?, rows_of_one);

    // Nobody: nothing is left.
    set_scope(&mut site, json!({"kind": "off"})).await?;
    assert!(logins(&site).await?.is_empty());
    for left in LEFT {
        assert_eq!(site.hub.number(left).await?, 0, "{left}");
    }
    site.end()
}
