//! Large histories: three years of 100 skills, and 90 days of 500 agents in six skills each, on SQLite and on PostgreSQL. How
//! long the first load takes against what the driver alone manages and what it asks of the CMS, what a week read again
//! unchanged costs as a share of it, what a cycle costs in which nothing changed, and what memory all of it takes.
//!
//! `--scale` takes so many times fewer days, for a machine that has less than an hour. Shares are then of the first load
//! that the whole history would have; the report says so.

mod report;

use super::import::{cpu_seconds, peak_mb};
use super::yardstick::bare_fetch;
use crate::progress::step;
use anyhow::{Context, ensure};
use floorwire_tests::cms::CmsDatabase;
use floorwire_tests::hub::HubStore;
use floorwire_tests::site::Site;
use jiff::{ToSpan, Zoned};
use report::{Asked, Figures, Limits};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const ZONE: &str = "Europe/Paris";
const LIMIT: Duration = Duration::from_secs(3600);
/// Days of a weekly re-read.
const WEEK: u32 = 7;
/// How long a quiet cycle is looked at.
const QUIET: Duration = Duration::from_secs(90);
/// Longest time until the Link has told the Hub what it asked of the CMS.
const REPORT_LIMIT: Duration = Duration::from_secs(90);
const TICK: Duration = Duration::from_millis(50);
const ROWS: &str =
    "SELECT CAST(SUM(row_count) AS BIGINT) FROM source_partitions WHERE row_date <> ''";
const OPEN_TASKS: &str = "SELECT COUNT(*) FROM tasks WHERE state IN ('waiting', 'leased')";

/// A history to be imported.
struct History {
    name: String,
    days: u32,
    /// Arguments of the simulator.
    init: Vec<String>,
    settings: Value,
    tables: &'static [&'static str],
    streams: &'static [&'static str],
    limits: Limits,
}

fn histories(scale: u32) -> [History; 2] {
    let note = |text: &str| match scale {
        1 => text.to_owned(),
        _ => format!("{text}, days / {scale}"),
    };
    let (days, agent_days) = (1095 / scale, 90 / scale);
    let rows = u64::from(days) * 48 * 100;
    let words = |text: String| text.split_whitespace().map(str::to_owned).collect();
    let limits = Limits {
        ratio: 0.6,
        week_percent: 5.0,
        peak_mb: [64.0, 64.0, 150.0],
    };
    [
        History {
            name: note("3 years x 100 skills x 48 intervals"),
            days,
            init: words(format!(
                "--volume {rows} --days {days} --interval 30 --zone {ZONE}"
            )),
            settings: json!({"zone": ZONE, "businessHours": {"useLearned": false}}),
            tables: &["hsplit"],
            streams: &["queue_intervals"],
            limits,
        },
        History {
            name: note("90 days x 500 agents x 6 skills"),
            days: agent_days,
            init: words(format!(
                "--days {agent_days} --skills 12 --agents 500 --skills-per-agent 6 --interval 30 --zone {ZONE}"
            )),
            settings: json!({
                "zone": ZONE,
                "businessHours": {"useLearned": false},
                "agentScope": {"kind": "all"},
            }),
            tables: &["hsplit", "hagent", "haglog", "ag_actv"],
            streams: &[
                "queue_intervals",
                "agent_intervals",
                "agent_sessions",
                "agent_statuses",
            ],
            limits,
        },
    ]
}

/// Measures both histories, CMS and Hub in the same kind of database.
pub fn measure_all(scale: u32) -> anyhow::Result<()> {
    let scale = scale.max(1);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut missed = Vec::new();
    for engine in ["sqlite", "postgresql"] {
        for history in histories(scale) {
            let name = format!("{}, CMS and hub in {engine}", history.name);
            let figures = step(&name, || runtime.block_on(measure(&history, scale, engine)))?;
            // At once: a run that is cut short has shown what it measured.
            println!("\n{name}");
            for line in figures.lines(&history.limits) {
                println!("  {line}");
            }
            let lines = figures.lines(&history.limits).into_iter();
            missed.extend(
                lines
                    .filter(|line| line.ends_with(report::MISSED))
                    .map(|line| format!("{name}: {line}")),
            );
        }
    }
    println!("\nMissed limits: {}", missed.len());
    missed.iter().for_each(|line| println!("  {line}"));
    Ok(())
}

async fn measure(history: &History, scale: u32, engine: &str) -> anyhow::Result<Figures> {
    let folder = tempfile::Builder::new()
        .prefix("floorwire-bench-")
        .tempdir()?;
    let (database, store) = match engine {
        "sqlite" => (CmsDatabase::sqlite(folder.path()), HubStore::Sqlite),
        _ => (CmsDatabase::postgres()?, HubStore::postgres()?),
    };
    let mut site = Site::start(folder.path(), database, store).await?;
    let init: Vec<&str> = history.init.iter().map(String::as_str).collect();
    site.simulator.init(&init)?;
    let bare = history
        .tables
        .iter()
        .map(|table| bare_fetch(&site.database, table))
        .collect::<anyhow::Result<Vec<_>>>()?;

    let begin = Instant::now();
    site.configure_with(history.settings.clone()).await?;
    let mut worker = None;
    let mut first = true;
    while first || site.shown().await?["status"]["state"] != "operational" {
        first = false;
        worker = site.link.worker_pid()?.or(worker);
        ensure!(begin.elapsed() < LIMIT, "the first load takes too long");
        tokio::time::sleep(4 * TICK).await;
    }
    let first_seconds = begin.elapsed().as_secs_f64();
    let rows = site.hub.number(ROWS).await?;
    let processes = [
        Some(site.link.process()?.pid()),
        worker,
        Some(site.hub.process()?.pid()),
    ];
    let first_cpu = processes.map(|pid| of(pid, cpu_seconds));
    let first_asked = asked_when(&site, |asked| asked.rows >= rows).await?;

    // Days that ended a while ago: settled, so that nothing but this has them read.
    let again_days = WEEK.min(history.days / 2).max(1);
    let before = processes.map(|pid| of(pid, cpu_seconds));
    let begin = Instant::now();
    read_again(&site, history, again_days).await?;
    let again_seconds = begin.elapsed().as_secs_f64();
    let again_cpu = since(&processes, before);
    // At least one statement for each date of a stream.
    let streams = i64::try_from(history.streams.len())?;
    let expected = first_asked.statements + i64::from(again_days) * streams;
    let again_asked = asked_when(&site, |asked| asked.statements >= expected).await?;

    // Cycles in which nothing is new: what the processes use.
    let before = processes.map(|pid| of(pid, cpu_seconds));
    tokio::time::sleep(QUIET).await;
    let quiet: f64 = since(&processes, before).iter().sum();
    let quiet_asked = asked(&site).await?;
    let peak_mb = processes.map(|pid| of(pid, peak_mb));
    site.end()?;
    Ok(Figures {
        scale,
        bare,
        rows,
        first_seconds,
        first_cpu,
        first_asked,
        again_days,
        again_seconds,
        again_cpu,
        again_asked: again_asked.since(&first_asked),
        quiet_cpu_s_per_minute: quiet / QUIET.as_secs_f64() * 60.0,
        quiet_asked: quiet_asked.since(&again_asked),
        peak_mb,
    })
}

async fn read_again(site: &Site, history: &History, days: u32) -> anyhow::Result<()> {
    let to = Zoned::now().date().checked_sub(i64::from(days).days())?;
    let from = to.checked_sub(i64::from(days).days())?;
    for stream in history.streams {
        let path = format!("/integrations/{}/reimport", site.integration);
        let period = json!({"stream": stream, "from": from.to_string(), "to": to.to_string()});
        site.api.post(&path, &period).await?;
    }
    while site.hub.number(OPEN_TASKS).await? > 0 {
        tokio::time::sleep(TICK).await;
    }
    Ok(())
}

/// The figure of a process; not a number where it is gone.
fn of(pid: Option<u32>, figure: fn(u32) -> anyhow::Result<f64>) -> f64 {
    pid.and_then(|pid| figure(pid).ok()).unwrap_or(f64::NAN)
}

/// Processor time since an earlier look.
fn since(processes: &[Option<u32>; 3], before: [f64; 3]) -> [f64; 3] {
    let mut used = processes.map(|pid| of(pid, cpu_seconds));
    for (used, before) in used.iter_mut().zip(before) {
        *used -= before;
    }
    used
}

/// The load report, once it is complete: the Link reports every now and then.
async fn asked_when(site: &Site, complete: impl Fn(&Asked) -> bool) -> anyhow::Result<Asked> {
    let begin = Instant::now();
    loop {
        let report = asked(site).await?;
        if complete(&report) || begin.elapsed() > REPORT_LIMIT {
            return Ok(report);
        }
        tokio::time::sleep(10 * TICK).await;
    }
}

async fn asked(site: &Site) -> anyhow::Result<Asked> {
    let path = format!("/integrations/{}/load?hours=24", site.integration);
    let load = site.api.get(&path).await?;
    let hours = load["hours"].as_array().context("no load report")?;
    Ok(hours.iter().fold(Asked::default(), Asked::plus))
}
