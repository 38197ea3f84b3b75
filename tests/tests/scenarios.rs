//! Every scenario that the simulator ships, imported by real programs and held against its event log.
//!
//! The simulator's booking, the truth and the import have no code in common: where they agree, a rule was understood the
//! same way three times.

use floorwire_tests::cms::{CmsDatabase, Simulator, Truth};
use floorwire_tests::hub::HubStore;
use floorwire_tests::site::{Compared, ComparedAgents, Site};
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// Scenarios whose CMS has no such column.
const WITHOUT_STARTTIME_UTC: [&str; 2] = ["old-release", "no-starttime-utc"];

/// Imports a scenario and compares every interval.
async fn imported(
    scenario: &str,
    database: Option<CmsDatabase>,
) -> anyhow::Result<(Compared, ComparedAgents)> {
    let folder = tempfile::tempdir()?;
    let database = database.unwrap_or_else(|| CmsDatabase::sqlite(folder.path()));
    Simulator::new(&database, folder.path()).init(&["--scenario", scenario])?;
    let simulator = Simulator::new(&database, folder.path());
    let truth = simulator.truth(&["--agents", "--statuses"])?;
    // The day after, so that the planner does not look for rows of all days since.
    let now = Timestamp::from_second(truth.through_utc)?.checked_add(24.hours())?;
    let mut site = Site::start_at(folder.path(), database, HubStore::Sqlite, now).await?;
    site.configure_with(settings(scenario, &truth)).await?;
    site.wait_for("operational", Duration::from_secs(180), |_| {})
        .await?;
    let with_utc = !WITHOUT_STARTTIME_UTC.contains(&scenario);
    let compared = site.compare_with(&truth, with_utc).await?;
    let agents = site.compare_agents(&truth, with_utc).await?;
    for definition in [
        "callsoffered-dequecalls-inflowcalls",
        "i_arrived",
        "acdcalls+abncalls",
    ] {
        let differences = site.compare_offered(&truth, with_utc, definition).await?;
        let shown = &differences[..differences.len().min(8)];
        assert!(
            differences.is_empty(),
            "{scenario}, {definition}: {shown:#?}"
        );
    }
    site.end()?;
    Ok((compared, agents))
}

/// Zones of the ACDs, everybody in scope, and what an administrator knows of the agent tables.
fn settings(scenario: &str, truth: &Truth) -> Value {
    let zones: BTreeMap<String, &str> = truth
        .acds
        .iter()
        .map(|acd| (acd.acd.to_string(), acd.zone.as_str()))
        .collect();
    let mut settings = json!({
        "zone": truth.zone,
        "acdZones": zones,
        "agentScope": {"kind": "all"},
    });
    if scenario == "agents-in-utc" {
        settings["agentTables"] = json!({"intervalZone": "UTC", "traceZone": "UTC"});
    }
    settings
}

fn check(scenario: &str, (compared, agents): &(Compared, ComparedAgents)) {
    let shown = &agents.differences[..agents.differences.len().min(8)];
    assert!(
        agents.differences.is_empty(),
        "{scenario}: {} differences of agents in {:?} slots, spans, sessions: {shown:#?}",
        agents.differences.len(),
        agents.counts
    );
    assert!(agents.counts[0] > 90, "{scenario}: {agents:?}");
    let shown = &compared.differences[..compared.differences.len().min(8)];
    assert!(
        compared.differences.is_empty(),
        "{scenario}: {} of {} intervals differ: {shown:#?}",
        compared.differences.len(),
        compared.intervals
    );
    assert!(compared.intervals > 90, "{scenario}: {compared:?}");
}

macro_rules! scenarios {
    ($($test:ident: $scenario:literal $(on $database:expr)?;)+) => {
        $(
            #[tokio::test]
            async fn $test() -> anyhow::Result<()> {
                #[allow(unused_assignments, unused_mut)]
                let mut database = None;
                $(database = Some($database?);)?
                check($scenario, &imported($scenario, database).await?);
                Ok(())
            }
        )+
    };
}

scenarios! {
    small_site: "small-site";
    multi_site_bank: "multi-site-bank";
    night_shift: "night-shift";
    no_trace: "no-trace";
    old_release: "old-release";
    no_starttime_utc: "no-starttime-utc";
    agents_in_utc: "agents-in-utc";
    outages: "outages";
    corrections: "corrections";
    clock_steps: "clock-steps";
    small_site_on_postgresql: "small-site" on CmsDatabase::postgres();
    multi_site_bank_on_mariadb: "multi-site-bank" on CmsDatabase::mariadb();
}
