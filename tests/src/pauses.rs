//! Pauses of an import while the source goes on, and what a fresh import of the same source shows afterwards.

use crate::cms::{CmsDatabase, Simulator};
use crate::dump;
use crate::hub::HubStore;
use crate::nights::acd_text;
use crate::site::Site;
use anyhow::ensure;
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

/// Zone of the site.
pub const ZONE: &str = "Europe/Paris";
/// How long an import may take.
pub const LIMIT: Duration = Duration::from_secs(300);
/// Seven minutes past a quarter of an hour, so that nothing becomes readable while a test looks.
const BEGIN: &str = "2026-11-10T11:07:00Z";

/// A site of one ACD with quarter hours, begun two days before `BEGIN`, whose sessions are written at login.
pub fn scenario(seed: u64) -> String {
    format!(
        "name = \"pauses\"\ntitle = \"a site that goes on while nobody reads\"\nseed = {seed}\n\
        first-day = \"2026-11-08\"\ndays = 2\n\n[variants]\nsessions = \"at-login\"\n{}",
        acd_text(1, ZONE, 15)
    )
}

/// Everybody in scope, in the site's zone.
pub fn settings() -> Value {
    json!({"zone": ZONE, "agentScope": {"kind": "all"}})
}

/// What a new Hub and a new Link make of the source, as [`dump::of`] tells it.
pub async fn fresh_import(
    connection: &str,
    settings: Value,
    store: &str,
    now: Timestamp,
) -> anyhow::Result<BTreeSet<String>> {
    let folder = tempfile::tempdir()?;
    // The site's own database stays empty: it reads the other one's.
    let database = CmsDatabase::sqlite(folder.path());
    let mut site = Site::start_at(folder.path(), database, HubStore::named(store)?, now).await?;
    site.api
        .configure_with(site.integration, connection, settings)
        .await?;
    site.wait_for("operational", LIMIT, |_| {}).await?;
    let lines = dump::of(&site.hub).await?;
    site.end()?;
    Ok(lines)
}

/// Waits until everything is imported that can be read at `now`.
async fn caught_up(site: &mut Site, now: Timestamp) -> anyhow::Result<()> {
    site.wait_until(LIMIT, |shown| {
        let at = shown["lastImportAt"].as_str();
        let at = at.and_then(|at| at.parse::<Timestamp>().ok());
        shown["status"]["state"] == "operational" && at.is_some_and(|at| at >= now)
    })
    .await?;
    Ok(())
}

/// Pauses an import three times, for ten minutes, 30 hours and ten days, with a source that goes on. Returns what differs
/// from the event log and from a fresh import.
pub async fn pauses(seed: u64, (database, store): (&str, &str)) -> anyhow::Result<Vec<String>> {
    let folder = tempfile::tempdir()?;
    let database = CmsDatabase::named(database, folder.path())?;
    let mut now: Timestamp = BEGIN.parse()?;
    begin(&database, folder.path(), seed, now)?;
    let hub_store = HubStore::named(store)?;
    let mut site = Site::start_at(folder.path(), database, hub_store, now).await?;
    site.configure_with(settings()).await?;
    site.wait_for("operational", LIMIT, |_| {}).await?;
    let path = format!("/integrations/{}", site.integration);
    for pause in [10.minutes(), 30.hours(), (24 * 10).hours()] {
        site.api.post(&format!("{path}/pause"), &json!({})).await?;
        let before = dump::of(&site.hub).await?;
        now = now.checked_add(pause)?;
        site.simulator.go_on_until(now)?;
        site.hub.restart_at(now).await?;
        // The Link is back and there would be something to read, but for the pause.
        site.wait_until(LIMIT, |shown| shown["link"]["connected"] == true)
            .await?;
        let paused = dump::of(&site.hub).await?;
        ensure!(paused == before, "something was imported during a pause");
        site.api.post(&format!("{path}/resume"), &json!({})).await?;
        caught_up(&mut site, now).await?;
    }
    let arguments = [
        "--agents",
        "--statuses",
        "--until-published-at",
        &now.to_string(),
    ];
    let truth = site.simulator.truth(&arguments)?;
    let compared = site.compare(&truth).await?;
    ensure!(compared.intervals > 1000, "{compared:?}");
    let mut differences = compared.differences;
    let agents = site.compare_agents(&truth, true).await?;
    // Of those who are at work the truth knows more than can be read.
    let settled = |line: &String| line.starts_with("times");
    differences.extend(agents.differences.into_iter().filter(settled));
    let found = dump::of(&site.hub).await?;
    let fresh = fresh_import(&site.database.connection(), settings(), store, now).await?;
    differences.extend(dump::differences(&found, &fresh));
    site.end()?;
    Ok(differences)
}

/// Fills a database up to `now`.
pub fn begin(
    database: &CmsDatabase,
    folder: &Path,
    seed: u64,
    now: Timestamp,
) -> anyhow::Result<()> {
    let file = folder.join("pauses.toml");
    std::fs::write(&file, scenario(seed))?;
    let simulator = Simulator::new(database, folder);
    simulator.init(&["--scenario", &file.display().to_string()])?;
    simulator.go_on_until(now)
}
