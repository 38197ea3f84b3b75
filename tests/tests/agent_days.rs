//! Days of agents whose intervals have aged out at the CMS: its sums over the day, equal to the event log, and never a slot.

use anyhow::{Context, ensure};
use floorwire_tests::cms::{CmsDatabase, Simulator};
use floorwire_tests::compare_agents::{times_of, true_days};
use floorwire_tests::hub::HubStore;
use floorwire_tests::nights::acd_text;
use floorwire_tests::site::Site;
use jiff::civil::date;
use serde_json::json;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

const ZONE: &str = "Europe/Paris";
const LIMIT: Duration = Duration::from_secs(240);
const OPEN: &str =
    "SELECT COUNT(*) FROM tasks WHERE state IN ('waiting', 'leased') AND purpose <> 'cycle'";

#[tokio::test]
async fn days_of_agents_are_the_sums_of_the_event_log() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let database = CmsDatabase::sqlite(folder.path());
    let file = folder.path().join("days.toml");
    // Three of seven days are left by the interval; the eve belongs to the night shift.
    let scenario = format!(
        "name = \"days\"\ntitle = \"intervals age out\"\nseed = 41\nfirst-day = \"2026-09-07\"\ndays = 7\n\n\
        [variants]\ninterval-retention-days = 3\n{}",
        acd_text(1, ZONE, 30)
    );
    std::fs::write(&file, scenario)?;
    Simulator::new(&database, folder.path()).init(&["--scenario", &file.display().to_string()])?;
    let now = date(2026, 9, 14).at(4, 7, 0, 0).in_tz(ZONE)?.timestamp();
    let mut site = Site::start_at(folder.path(), database, HubStore::Sqlite, now).await?;
    site.simulator.go_on_until(now)?;
    site.configure(ZONE).await?;
    site.wait_for("operational", LIMIT, |_| {}).await?;
    let path = format!("/integrations/{}/reimport", site.integration);
    let body = json!({"stream": "agent_days", "from": "2026-09-06", "to": "2026-09-15"});
    site.api.post(&path, &body).await?;
    let begun = Instant::now();
    while site.hub.number(OPEN).await? > 0 {
        ensure!(begun.elapsed() < LIMIT, "{:#}", site.shown().await?);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }

    let truth = site.simulator.truth(&["--agents"])?;
    let expected = true_days(&truth);
    let mut compared = BTreeSet::new();
    for agent in site.api.all("/agents?limit=500").await? {
        let id = agent["id"].as_i64().context("no id")?;
        let login = agent["login"].as_str().context("no login")?.to_owned();
        let acd = agent["acd"].as_i64().context("no acd")?;
        let path = format!("/agents/{id}/intervals?from=2026-09-06&to=2026-09-15");
        let answer = site.api.get(&path).await?;
        for day in answer["days"].as_array().context("no days")? {
            let date = day["date"].as_str().context("no date")?.to_owned();
            let found = times_of(day)?;
            let key = ((acd, login.clone()), date);
            ensure!(
                found.as_ref() == expected.get(&key),
                "{key:?}: hub has {found:?}, should be {:?}",
                expected.get(&key)
            );
            // A day is none of the slots, and not in their sum.
            let next = key.1.parse::<jiff::civil::Date>()?.tomorrow()?;
            let of_day = format!("/agents/{id}/intervals?from={}&to={next}", key.1);
            let answer = site.api.get(&of_day).await?;
            let slots = answer["slots"].as_array().context("no slots")?;
            ensure!(
                slots
                    .iter()
                    .all(|slot| slot["staffedSeconds"].as_i64().unwrap_or(0) == 0),
                "a day was spread: {slots:#?}"
            );
            ensure!(answer["totals"]["staffedSeconds"].as_i64().unwrap_or(0) == 0);
            compared.insert(key);
        }
    }
    let dates: BTreeSet<&String> = compared.iter().map(|key| &key.1).collect();
    ensure!(dates.len() >= 3 && compared.len() >= 12, "{compared:?}");
    site.end()
}
