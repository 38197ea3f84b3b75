//! What it means that a row is not there, held against the simulator's event log: breaks of the link, an archiver that
//! stood still, closing hours and a holiday.

use anyhow::{Context, ensure};
use floorwire_tests::cms::{CmsDatabase, Simulator, Truth};
use floorwire_tests::compare::start_utc_s;
use floorwire_tests::hub::HubStore;
use floorwire_tests::site::Site;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(240);

async fn imported(folder: &Path, scenario: &str) -> anyhow::Result<(Site, Truth)> {
    let database = CmsDatabase::sqlite(folder);
    Simulator::new(&database, folder).init(&["--scenario", scenario])?;
    let mut site = Site::start(folder, database, HubStore::Sqlite).await?;
    let truth = site.simulator.truth(&[])?;
    site.configure_with(json!({"zone": truth.zone})).await?;
    site.wait_for("operational", LIMIT, |_| {}).await?;
    Ok((site, truth))
}

/// Every slot of every queue, by split and start.
async fn slots(site: &Site, from: &str, to: &str) -> anyhow::Result<BTreeMap<(i64, i64), Value>> {
    let mut all = BTreeMap::new();
    let path = format!("/queues?integration={}&limit=500", site.integration);
    for queue in site.api.all(&path).await? {
        let split: i64 = queue["number"].as_str().context("no number")?.parse()?;
        let path = format!("/queues/{}/intervals?from={from}&to={to}", queue["id"]);
        let answer = site.api.get(&path).await?;
        for slot in answer["slots"].as_array().context("no slots")? {
            all.insert((split, start_utc_s(slot)?), slot.clone());
        }
    }
    Ok(all)
}

fn end_utc_s(slot: &Value) -> anyhow::Result<i64> {
    Ok(start_utc_s(slot)? + slot["lengthSeconds"].as_i64().context("no length")?)
}

fn quality(slot: &Value) -> &str {
    slot["quality"].as_str().unwrap_or_default()
}

#[tokio::test]
async fn a_slot_in_an_outage_is_never_zero() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let (site, truth) = imported(folder.path(), "outages").await?;
    let slots = slots(&site, "2026-04-13", "2026-04-19").await?;
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for interval in &truth.intervals {
        let key = (interval.split, interval.when.start_utc);
        let slot = slots
            .get(&key)
            .with_context(|| format!("no slot {key:?}"))?;
        let expected: &[&str] = match interval.when.quality.as_str() {
            "final" if interval.offered > 0 => &["final"],
            // a row without calls, or none beside an outage that may have been then
            "final" => &["final", "zero", "outage"],
            "incomplete" => &["incomplete"],
            _ => &["missing", "outage"],
        };
        ensure!(
            expected.contains(&quality(slot)),
            "truth is {}, not {slot}",
            interval.when.quality
        );
        if interval.when.quality == "absent" {
            ensure!(
                slot["offered"].is_null() && slot["reason"].is_string(),
                "{slot}"
            );
        }
        *counts.entry(interval.when.quality.as_str()).or_default() += 1;
    }
    ensure!(
        ["final", "incomplete", "absent"]
            .iter()
            .all(|quality| counts.contains_key(quality)),
        "{counts:?}"
    );
    let mut blind = 0;
    for slot in slots.values() {
        let (start, end) = (start_utc_s(slot)?, end_utc_s(slot)?);
        let touched = truth
            .outages
            .iter()
            .any(|outage| outage.start_utc < end && start < outage.end_utc.unwrap_or(i64::MAX));
        if touched {
            ensure!(
                !["zero", "closed", "final"].contains(&quality(slot)),
                "{slot}"
            );
            blind += 1;
        }
    }
    ensure!(blind >= 8, "{blind} slots in outages");

    let integration = site.integration;
    let path = format!("/integrations/{integration}/outages?from=2026-04-13&to=2026-04-19");
    let listed = site.api.get(&path).await?;
    let listed = listed["outages"].as_array().context("no outages")?;
    ensure!(listed.len() == truth.outages.len(), "{listed:?}");
    for (outage, listed) in truth.outages.iter().zip(listed) {
        let at = |field: &str| -> anyhow::Result<i64> {
            let text = listed[field].as_str().context("no time")?;
            Ok(text.parse::<jiff::Timestamp>()?.as_second())
        };
        let end = outage.end_utc.context("an outage without end")?;
        // Minutes of the source are taken whole.
        ensure!(
            at("start")? <= outage.start_utc && end <= at("end")? + 60,
            "{listed}"
        );
        ensure!(listed["exact"] == false, "{listed}");
    }
    let path = format!("/integrations/{integration}/gaps?from=2026-04-13&to=2026-04-19&limit=2");
    let mut causes: BTreeSet<String> = BTreeSet::new();
    let mut starts = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = site.api.get(&format!("{path}{cursor}")).await?;
        for gap in page["items"].as_array().context("no items")? {
            causes.insert(gap["cause"].to_string());
            starts.push(gap["start"].to_string());
            ensure!(gap["reimportable"] == true, "{gap}");
        }
        match page["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    ensure!(
        causes.contains("\"incomplete\"") && causes.contains("\"hoursUnknown\""),
        "{causes:?}"
    );
    ensure!(
        starts.windows(2).all(|pair| pair[0] > pair[1]),
        "not newest first: {starts:?}"
    );
    site.end()
}

#[tokio::test]
async fn closed_slots_are_zero_and_silence_in_open_hours_is_an_alarm() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let (mut site, truth) = imported(folder.path(), "small-site").await?;
    let days = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
    ];
    let week: Vec<Value> = days
        .iter()
        .map(|day| json!({"day": day, "from": "08:00", "to": "19:00"}))
        .collect();
    let hours = json!({
        "acds": {"1": week},
        "holidays": {"country": "FR", "added": {"2026-06-04": "works outing"}},
    });
    let path = format!("/integrations/{}", site.integration);
    let change = json!({"configuration": {"businessHours": hours}});
    site.api.patch(&path, &change).await?;

    let zone = jiff::tz::TimeZone::get(&truth.zone)?;
    let with_rows: BTreeSet<i64> = truth
        .intervals
        .iter()
        .map(|interval| interval.when.start_utc)
        .collect();
    let slots = slots(&site, "2026-06-01", "2026-06-08").await?;
    let (first, last) = (
        with_rows.first().copied().context("no interval")?,
        with_rows.last().copied().context("no interval")?,
    );
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    for ((split, start), slot) in &slots {
        let local = zone.to_datetime(jiff::Timestamp::from_second(*start)?);
        if *start < first || *start > last {
            ensure!(
                !["zero", "closed", "final"].contains(&quality(slot)),
                "{local} {slot}"
            );
            continue;
        }
        if with_rows.contains(start) {
            ensure!(
                ["zero", "final"].contains(&quality(slot)),
                "split {split} {local} {slot}"
            );
            continue;
        }
        // Whatever has no row lies in closing hours, and is zero.
        ensure!(quality(slot) == "closed", "split {split} {local} {slot}");
        ensure!(slot["offered"] == 0 && slot["talkSeconds"] == 0, "{slot}");
        let is_holiday = local.date() == jiff::civil::date(2026, 6, 4);
        let reason = if is_holiday {
            "holiday"
        } else {
            "closingHours"
        };
        ensure!(slot["reason"] == reason, "{local} {slot}");
        *reasons.entry(reason.to_owned()).or_default() += 1;
    }
    ensure!(
        reasons.get("holiday").is_some_and(|slots| *slots >= 3 * 48)
            && reasons.contains_key("closingHours"),
        "{reasons:?}"
    );
    let path = format!("{path}/ledger?from=2026-06-04&to=2026-06-05");
    let ledger = site.api.get(&path).await?;
    ensure!(ledger["days"][0]["counts"]["closed"] == 48, "{ledger:#}");

    // The scenario ended in June; since then the site has no rows in open hours.
    let code = "no-rows-in-open-hours";
    let is_silent = |shown: &Value| shown["status"]["problem"]["code"] == code;
    site.wait_until(LIMIT, is_silent).await?;
    let change = json!({"configuration": {"businessHours": {}}});
    site.api
        .patch(&format!("/integrations/{}", site.integration), &change)
        .await?;
    site.wait_for("operational", LIMIT, |_| {}).await?;
    site.end()
}
