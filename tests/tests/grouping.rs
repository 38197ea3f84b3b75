//! Calls by VDN instead of by split, inbound calls only, and days whose intervals have aged out, held against the event log.

use floorwire_tests::cms::{CmsDatabase, Simulator, Truth};
use floorwire_tests::compare::{differences, hub_figures, slot_figures};
use floorwire_tests::compare_calls::{by_vdn, inbound, slot_known};
use floorwire_tests::hub::HubStore;
use floorwire_tests::site::Site;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(180);

async fn started(folder: &std::path::Path, scenario: &str) -> anyhow::Result<(Site, Truth)> {
    let database = CmsDatabase::sqlite(folder);
    Simulator::new(&database, folder).init(&["--scenario", scenario])?;
    let site = Site::start(folder, database, HubStore::Sqlite).await?;
    let truth = site.simulator.truth(&[])?;
    Ok((site, truth))
}

fn zones(truth: &Truth) -> BTreeMap<String, &str> {
    let zones = truth.acds.iter();
    zones
        .map(|acd| (acd.acd.to_string(), acd.zone.as_str()))
        .collect()
}

/// All VDNs of the truth, by ACD.
fn all_vdns(truth: &Truth) -> BTreeMap<String, BTreeSet<String>> {
    let mut vdns: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in &truth.vdn_intervals {
        let numbers = vdns.entry(row.when.acd.to_string()).or_default();
        numbers.insert(row.vdn.to_string());
    }
    vdns
}

async fn change(site: &mut Site, settings: Value) -> anyhow::Result<()> {
    let path = format!("/integrations/{}", site.integration);
    site.api
        .patch(&path, &json!({"configuration": settings}))
        .await?;
    site.wait_for("operational", LIMIT, |_| {}).await?;
    Ok(())
}

#[track_caller]
fn none(what: &str, differences: &[String]) {
    let shown = &differences[..differences.len().min(8)];
    assert!(
        differences.is_empty(),
        "{what}: {} differ: {shown:#?}",
        differences.len()
    );
}

/// Holds the figures by VDN against the truth.
async fn check_vdns(site: &mut Site, truth: &Truth) -> anyhow::Result<()> {
    for (definition, vector_abandons) in [("incalls-vector abandons", false), ("incalls", true)] {
        change(site, json!({"vdnOfferedDefinition": definition})).await?;
        let expected = by_vdn(truth, vector_abandons)?;
        let (found, _) = hub_figures(&site.api, site.integration, truth, slot_known).await?;
        assert!(expected.len() > 90);
        none(definition, &differences(&expected, &found));
    }
    Ok(())
}

#[tokio::test]
async fn a_bank_by_vdn_and_back() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let (mut site, truth) = started(folder.path(), "multi-site-bank").await?;
    let settings = json!({"zone": truth.zone, "acdZones": zones(&truth)});
    site.configure_with(settings).await?;
    site.wait_for("operational", LIMIT, |_| {}).await?;
    none("by split", &site.compare(&truth).await?.differences);
    let (before, names) = hub_figures(&site.api, site.integration, &truth, slot_figures).await?;

    change(&mut site, json!({"callDirection": "inbound"})).await?;
    let (found, _) = hub_figures(&site.api, site.integration, &truth, slot_known).await?;
    let expected = inbound(&truth)?;
    none("inbound only", &differences(&expected, &found));
    assert!(truth.intervals.iter().any(|row| row.outbound_answered > 0));
    change(&mut site, json!({"callDirection": "all"})).await?;

    change(
        &mut site,
        json!({"grouping": "vdn", "vdns": all_vdns(&truth)}),
    )
    .await?;
    check_vdns(&mut site, &truth).await?;
    let told = site
        .api
        .get(&format!("/integrations/{}/vdns", site.integration))
        .await?;
    let told = told["vdns"].as_array().into_iter().flatten();
    let chained: Vec<_> = told
        .filter(|vdn| vdn["chained"] == true)
        .map(|vdn| (&vdn["acd"], &vdn["number"], &vdn["name"]))
        .collect();
    assert_eq!(chained, [(&json!(1), &json!("6002"), &json!("Cartes"))]);

    change(&mut site, json!({"grouping": "split"})).await?;
    let (after, names_after) =
        hub_figures(&site.api, site.integration, &truth, slot_figures).await?;
    assert_eq!(names, names_after);
    none("by split again", &differences(&before, &after));
    none(
        "against the truth",
        &site.compare(&truth).await?.differences,
    );
    site.end()
}

#[tokio::test]
async fn a_small_site_by_vdn_from_the_beginning() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let (mut site, truth) = started(folder.path(), "small-site").await?;
    let settings = json!({"zone": truth.zone, "grouping": "vdn"});
    site.configure_with(settings).await?;
    let shown = site.wait_for("problem", LIMIT, |_| {}).await?;
    assert_eq!(shown["status"]["problem"]["code"], "no-vdns-chosen");
    change(&mut site, json!({"vdns": all_vdns(&truth)})).await?;
    check_vdns(&mut site, &truth).await?;
    let told = site
        .api
        .get(&format!("/integrations/{}/vdns", site.integration))
        .await?;
    assert!(
        told["vdns"]
            .as_array()
            .into_iter()
            .flatten()
            .all(|vdn| vdn["chained"] == false)
    );
    site.end()
}

/// A small site that keeps its intervals for three days, as a file.
fn forgetful(folder: &std::path::Path) -> anyhow::Result<String> {
    let shipped = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../crates/sim-centre/scenarios/small-site.toml");
    let mut scenario = std::fs::read_to_string(shipped)?;
    scenario.push_str("\n[variants]\ninterval-retention-days = 3\n");
    let file = folder.join("forgetful.toml");
    std::fs::write(&file, scenario)?;
    Ok(file.display().to_string())
}

/// Answered and abandoned calls, talk and wait of every split and date of the truth.
fn true_days(truth: &Truth) -> BTreeMap<(String, String), [i64; 4]> {
    let mut days: BTreeMap<(String, String), [i64; 4]> = BTreeMap::new();
    for row in &truth.intervals {
        let key = (row.split.to_string(), row.when.row_date.clone());
        let figures = [
            row.answered,
            row.abandoned,
            row.talk_seconds,
            row.wait_seconds,
        ];
        let sums = days.entry(key).or_insert([0; 4]);
        for (sum, figure) in sums.iter_mut().zip(figures) {
            *sum += figure;
        }
    }
    days
}

#[tokio::test]
async fn old_days_have_daily_figures_and_no_others() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let scenario = forgetful(folder.path())?;
    let (mut site, truth) = started(folder.path(), &scenario).await?;
    site.configure(&truth.zone).await?;
    site.wait_for("operational", LIMIT, |_| {}).await?;
    let path = format!("/integrations/{}/capabilities", site.integration);
    let found = site.api.get(&path).await?;
    let tables = found["tables"].as_array().into_iter().flatten();
    let oldest = tables
        .filter(|table| table["name"] == "hsplit")
        .find_map(|table| table["oldestDate"].as_str())
        .unwrap_or_default();
    assert!(oldest > "2026-06-03", "{oldest}");
    let expected = true_days(&truth);
    // On a holiday nobody is there, and the CMS has no row of the day.
    let with_rows: BTreeSet<&str> = expected.keys().map(|(_, date)| date.as_str()).collect();
    assert!(!with_rows.contains("2026-06-04"));
    let zone = jiff::tz::TimeZone::get(&truth.zone)?;
    let period = "from=2026-06-01&to=2026-06-08";
    let mut daily = 0;
    for queue in site.api.all("/queues").await? {
        let path = format!("/queues/{}/intervals?{period}", queue["id"]);
        let answer = site.api.get(&format!("{path}&step=1d")).await?;
        assert_eq!(answer["slots"].as_array().map(Vec::len), Some(7));
        for slot in answer["slots"].as_array().into_iter().flatten() {
            let start: jiff::Timestamp = slot["start"].as_str().unwrap_or_default().parse()?;
            let date = zone.to_datetime(start).date().to_string();
            let key = (
                queue["number"].as_str().unwrap_or_default().to_owned(),
                date.clone(),
            );
            let figures = ["answered", "abandoned", "talkSeconds", "waitSeconds"]
                .map(|name| slot[name].as_i64().unwrap_or(0));
            assert_eq!(
                figures,
                expected.get(&key).copied().unwrap_or_default(),
                "{key:?} {slot}"
            );
            let is_old = date.as_str() < oldest && with_rows.contains(date.as_str());
            assert_eq!(slot["source"] == "daily", is_old, "{slot}");
            daily += usize::from(is_old && slot["answered"].as_i64() > Some(0));
        }
        let finer = site.api.get(&format!("{path}&step=1h")).await?;
        for slot in finer["slots"].as_array().into_iter().flatten() {
            let start: jiff::Timestamp = slot["start"].as_str().unwrap_or_default().parse()?;
            let date = zone.to_datetime(start).date().to_string();
            if date.as_str() < oldest && with_rows.contains(date.as_str()) {
                assert_eq!(
                    (&slot["quality"], &slot["answered"]),
                    (&json!("missing"), &Value::Null)
                );
            }
        }
        assert_eq!(queue["firstDate"], "2026-06-01");
    }
    assert!(daily > 6, "{daily}");
    site.end()
}
