//! Two ACDs behind one CMS, in zones half a day apart, with equal split and login numbers: no answer mixes them up.

use anyhow::{Context, ensure};
use floorwire_tests::cms::{CmsDatabase, Simulator, Truth};
use floorwire_tests::hub::HubStore;
use floorwire_tests::nights::acd_text;
use floorwire_tests::site::Site;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(180);
/// Zone and interval of ACD 1 and 2.
const ACDS: [(&str, u16); 2] = [("Europe/Paris", 30), ("Pacific/Auckland", 15)];

fn scenario() -> String {
    let mut text = String::from(
        "name = \"two-acds\"\ntitle = \"equal numbers half a day apart\"\nseed = 41\nfirst-day = \"2026-09-08\"\ndays = 3\n",
    );
    for (number, (zone, minutes)) in (1..).zip(ACDS) {
        text.push_str(&acd_text(number, zone, minutes));
    }
    text
}

/// The items of a list by ACD and the value of a field.
fn by_acd(items: &[Value], field: &str) -> BTreeMap<i64, BTreeSet<String>> {
    let mut found: BTreeMap<i64, BTreeSet<String>> = BTreeMap::new();
    for item in items {
        let acd = item["acd"].as_i64().unwrap_or(-1);
        let text = item[field].as_str().unwrap_or_default().to_owned();
        found.entry(acd).or_default().insert(text);
    }
    found
}

/// Each ACD's ledger has as many slots as its own zone and interval give the day, and begins with its own first row.
async fn check_ledger(site: &Site, truth: &Truth) -> anyhow::Result<()> {
    for stream in ["queue_intervals", "agent_intervals"] {
        let path = format!(
            "/integrations/{}/ledger?from=2026-09-08&to=2026-09-11&stream={stream}",
            site.integration
        );
        let answer = site.api.get(&path).await?;
        let days = answer["days"].as_array().context("no days")?;
        for (acd, (zone, minutes)) in (1..).zip(ACDS) {
            let zone = TimeZone::get(zone)?;
            for date in ["2026-09-08", "2026-09-09", "2026-09-10"] {
                let day = days
                    .iter()
                    .find(|day| day["acd"] == acd && day["date"] == date)
                    .with_context(|| format!("{stream}: no {date} of acd {acd}"))?;
                let states = day["states"].as_str().context("no states")?;
                assert_eq!(states.len(), 1440 / usize::from(minutes), "{day}");
                assert_eq!(day["slotMinutes"], minutes, "{day}");
                let midnight = date.parse::<Date>()?.to_zoned(zone.clone())?.timestamp();
                let is_received = |start_utc: i64| {
                    let slot = (start_utc - midnight.as_second()) / (i64::from(minutes) * 60);
                    let letter = usize::try_from(slot)
                        .ok()
                        .and_then(|slot| states.chars().nth(slot));
                    letter == Some('r')
                };
                let rows = truth.intervals.iter().filter(|row| {
                    row.when.acd == acd && row.when.row_date == date && row.when.quality == "final"
                });
                for row in rows {
                    ensure!(
                        is_received(row.when.start_utc),
                        "{stream}: {:?} {day}",
                        row.when
                    );
                }
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn equal_numbers_in_two_zones_stay_apart() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let database = CmsDatabase::postgres()?;
    let file = folder.path().join("two-acds.toml");
    std::fs::write(&file, scenario())?;
    Simulator::new(&database, folder.path()).init(&["--scenario", &file.display().to_string()])?;
    let now: Timestamp = "2026-09-12T12:00:00Z".parse()?;
    let store = HubStore::postgres()?;
    let mut site = Site::start_at(folder.path(), database, store, now).await?;
    let truth = site.simulator.truth(&["--agents", "--statuses"])?;
    site.configure_with(json!({
        "zone": ACDS[0].0,
        "acdZones": {"2": ACDS[1].0},
        "agentScope": {"kind": "all"},
    }))
    .await?;
    site.wait_for("operational", LIMIT, |_| {}).await?;

    // Queues and agents: the same numbers twice, each with its own name.
    let queues = site.api.all("/queues").await?;
    let numbers = by_acd(&queues, "number");
    let expected: BTreeSet<String> = ["11".to_owned(), "12".to_owned()].into();
    assert_eq!(
        numbers,
        BTreeMap::from([(1, expected.clone()), (2, expected)])
    );
    for queue in &queues {
        let acd = queue["acd"].to_string();
        ensure!(
            queue["name"]
                .as_str()
                .is_some_and(|name| name.ends_with(&acd)),
            "{queue}"
        );
    }
    let agents = site.api.all("/agents").await?;
    let logins = by_acd(&agents, "login");
    assert_eq!(logins[&1], logins[&2]);
    assert_eq!(agents.len(), 2 * logins[&1].len());
    let ids: BTreeSet<i64> = agents
        .iter()
        .filter_map(|agent| agent["id"].as_i64())
        .collect();
    assert_eq!(ids.len(), agents.len());

    // Intervals, times, sessions, timelines: each equals the event log of its own ACD.
    let compared = site.compare(&truth).await?;
    assert_eq!(compared.differences, Vec::<String>::new());
    assert_eq!(compared.queues, 4);
    let compared = site.compare_agents(&truth, true).await?;
    assert_eq!(compared.differences, Vec::<String>::new());
    check_ledger(&site, &truth).await?;

    // A correction in one is no correction in the other.
    let of_acd = "SELECT COALESCE(SUM(i.answered), 0)::bigint FROM queue_intervals i JOIN queues q
        ON q.account_id = i.account_id AND q.queue_id = i.queue_id WHERE q.acd = 1";
    let before = site.hub.number(of_acd).await?;
    site.database
        .sql("UPDATE hsplit SET acdcalls = acdcalls + 1000 WHERE acd = 2 AND split = 11 AND row_date = '2026-09-09'
            AND starttime = 1000;")
        .await?;
    let path = format!("/integrations/{}", site.integration);
    site.api
        .post(
            &format!("{path}/reimport"),
            &json!({"stream": "queue_intervals", "from": "2026-09-09", "to": "2026-09-10"}),
        )
        .await?;
    let open = "SELECT COUNT(*) FROM tasks WHERE state IN ('waiting', 'leased')";
    while site.hub.number(open).await? > 0 {
        site.link.process()?.check_running()?;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let journal = site.api.all(&format!("{path}/journal")).await?;
    ensure!(!journal.is_empty(), "the correction is not in the journal");
    let auckland = TimeZone::get(ACDS[1].0)?;
    let ten = "2026-09-09T10:00:00".parse::<jiff::civil::DateTime>()?;
    let ten = ten.to_zoned(auckland)?.timestamp();
    for entry in &journal {
        assert_eq!(entry["acd"], 2, "{entry}");
        let start: Timestamp = entry["start"].as_str().context("no start")?.parse()?;
        assert_eq!(start, ten, "{entry}");
        let queue = queues.iter().find(|queue| queue["id"] == entry["queueId"]);
        let queue = queue.context("no such queue")?;
        assert_eq!((&queue["acd"], &queue["number"]), (&json!(2), &json!("11")));
    }
    assert_eq!(site.hub.number(of_acd).await?, before);
    site.end()
}
