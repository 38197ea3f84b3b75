//! Large histories: three years of 100 skills, and 90 days of 500 agents in six skills each. How long the first load takes
//! against what the driver alone manages, what a re-read of unchanged days costs as a share of it, and what a cycle costs in
//! which nothing changed.
//!
//! `--scale` takes so many times fewer days, for a machine that has less than an hour; the table says so.

use super::import::{cpu_seconds, peak_mb};
use crate::progress::step;
use anyhow::Context;
use floorwire_tests::cms::CmsDatabase;
use floorwire_tests::hub::HubStore;
use floorwire_tests::process::{output, program};
use floorwire_tests::site::Site;
use jiff::{ToSpan, Zoned};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const ZONE: &str = "Europe/Paris";
const LIMIT: Duration = Duration::from_secs(3600);
/// Days of a weekly re-read.
const WEEK: i64 = 7;
/// How long a quiet cycle is looked at.
const QUIET: Duration = Duration::from_secs(90);

/// A history to be imported.
struct History {
    name: String,
    /// Arguments of the simulator.
    init: Vec<String>,
    settings: Value,
    /// Tables read, with the column list that the yardstick fetches.
    tables: &'static [(&'static str, &'static str)],
    streams: &'static [&'static str],
}

fn histories(scale: u32) -> [History; 2] {
    let scale = scale.max(1);
    let note = |text: &str| match scale {
        1 => text.to_owned(),
        _ => format!("{text}, days / {scale}"),
    };
    let (days, agent_days) = (1095 / scale, 90 / scale);
    let rows = u64::from(days) * 48 * 100;
    let words = |text: String| text.split_whitespace().map(str::to_owned).collect();
    [
        History {
            name: note("3 years x 100 skills x 48 intervals"),
            init: words(format!(
                "--volume {rows} --days {days} --interval 30 --zone {ZONE}"
            )),
            settings: json!({"zone": ZONE, "businessHours": {"useLearned": false}}),
            tables: &[("hsplit", super::import::COLUMNS)],
            streams: &["queue_intervals"],
        },
        History {
            name: note("90 days x 500 agents x 6 skills"),
            init: words(format!(
                "--days {agent_days} --skills 12 --agents 500 --skills-per-agent 6 --interval 30 --zone {ZONE}"
            )),
            settings: json!({
                "zone": ZONE,
                "businessHours": {"useLearned": false},
                "agentScope": {"kind": "all"},
            }),
            tables: &[
                ("hsplit", super::import::COLUMNS),
                ("hagent", AGENT_COLUMNS),
                ("haglog", "split, login, logout, logout_reason"),
                (
                    "ag_actv",
                    "split, event_time, duration, workmode, direction, auxreason, wmode_seq",
                ),
            ],
            streams: &[
                "queue_intervals",
                "agent_intervals",
                "agent_sessions",
                "agent_statuses",
            ],
        },
    ]
}

/// About as many whole numbers as the Link reads of an agent's interval.
const AGENT_COLUMNS: &str = "split, starttime, starttime_utc, intrvl, incomplete, acdcalls, acdtime, holdtime, acwtime, \
    da_acdcalls, i_stafftime, i_availtime, i_acdtime, i_acwtime, i_ringtime, i_auxtime, i_othertime, i_da_acdtime, \
    i_da_acwtime, ti_stafftime, ti_availtime, ti_auxtime, ti_othertime, ti_auxtime0, ti_auxtime1, ti_auxtime2, ti_auxtime3, \
    ti_auxtime4, ti_auxtime5, ti_auxtime6, ti_auxtime7, ti_auxtime8, ti_auxtime9, transferred, noansredir";

/// Measures both histories from SQLite to SQLite.
pub fn measure_all(scale: u32) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut lines = Vec::new();
    for history in histories(scale) {
        let line = step(&history.name.clone(), || {
            runtime.block_on(measure(&history))
        })?;
        println!("{line}");
        lines.push(line);
    }
    println!(
        "\nFirst load, then a week read again unchanged, then {QUIET:?} of cycles (CMS and hub in sqlite)"
    );
    lines.iter().for_each(|line| println!("{line}"));
    println!("\nAimed at: ratio 0.6; a week read again under 5 % of the first load.");
    Ok(())
}

async fn measure(history: &History) -> anyhow::Result<String> {
    let folder = tempfile::Builder::new()
        .prefix("floorwire-bench-")
        .tempdir()?;
    let database = CmsDatabase::sqlite(folder.path());
    let mut site = Site::start(folder.path(), database, HubStore::Sqlite).await?;
    let init: Vec<&str> = history.init.iter().map(String::as_str).collect();
    site.simulator.init(&init)?;
    let (mut bare_rows, mut bare_seconds) = (0.0, 0.0);
    for (table, columns) in history.tables {
        let bare = bare_fetch(&site.database, table, columns)?;
        bare_rows += bare["rows"].as_f64().context("no rows")?;
        bare_seconds += bare["seconds"].as_f64().context("no time")?;
    }

    let begin = Instant::now();
    site.configure_with(history.settings.clone()).await?;
    let mut worker = None;
    let mut first = true;
    while first || site.shown().await?["status"]["state"] != "operational" {
        first = false;
        worker = site.link.worker_pid()?.or(worker);
        anyhow::ensure!(begin.elapsed() < LIMIT, "the first load takes too long");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let seconds = begin.elapsed().as_secs_f64();
    let rows = "SELECT CAST(SUM(row_count) AS BIGINT) FROM source_partitions WHERE row_date <> ''";
    let rows = site.hub.number(rows).await?;
    let (link, hub) = (site.link.process()?.pid(), site.hub.process()?.pid());
    let processes = [Some(link), worker, Some(hub)];
    let peaks = processes.map(|pid| pid.map_or(f64::NAN, |pid| peak_mb(pid).unwrap_or(f64::NAN)));

    // A week that ended a week ago: settled, so that nothing but this has it read.
    let today = Zoned::now().date();
    let (from, to) = (
        today.checked_sub((2 * WEEK).days())?,
        today.checked_sub(WEEK.days())?,
    );
    let begin = Instant::now();
    for stream in history.streams {
        let path = format!("/integrations/{}/reimport", site.integration);
        let period = json!({"stream": stream, "from": from.to_string(), "to": to.to_string()});
        site.api.post(&path, &period).await?;
    }
    let open = "SELECT COUNT(*) FROM tasks WHERE state IN ('waiting', 'leased')";
    while site.hub.number(open).await? > 0 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let again = begin.elapsed().as_secs_f64();

    // Cycles in which nothing is new: what the processes use in a minute.
    let used = || -> f64 {
        let all = processes
            .iter()
            .flatten()
            .map(|pid| cpu_seconds(*pid).unwrap_or(0.0));
        all.sum()
    };
    let before = used();
    tokio::time::sleep(QUIET).await;
    let quiet = (used() - before) / QUIET.as_secs_f64() * 60.0;
    site.end()?;
    let [link, worker, hub] = peaks;
    let rows_f = bare_rows;
    Ok(format!(
        "{}: {rows} rows in {:.1} min, {:.0} rows/s, ratio to bare fetch {:.2}; a week again {again:.1} s, {:.1} % of the first load; \
         quiet: {quiet:.2} CPU s a minute; peak MB link / worker / hub {link:.0} / {worker:.0} / {hub:.0}",
        history.name,
        seconds / 60.0,
        rows_f / seconds,
        bare_seconds / seconds,
        again / seconds * 100.0,
    ))
}

fn bare_fetch(database: &CmsDatabase, table: &str, columns: &str) -> anyhow::Result<Value> {
    let connection = floorwire_tests::api::with_driver_defaults(&database.connection())?;
    let mut command = program("examples/bare_fetch")?;
    command
        .arg(format!("SELECT {columns} FROM {table}"))
        .env("FLOORWIRE_CMS_CONNECTION", connection);
    Ok(serde_json::from_str(
        output("bare_fetch", command, None)?.trim(),
    )?)
}
