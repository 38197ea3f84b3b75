//! The import: a million rows of `hsplit` from end to end, as a ratio to what the driver alone
//! manages in the same run, with the peak memory of every process. One table, ratios first.
//!
//! Wall time moves by 10 to 30 % on a shared machine; the ratio of two figures of the same run moves less.

use super::yardstick::bare_fetch;
use crate::progress::step;
use anyhow::{Context, ensure};
use floorwire_tests::cms::CmsDatabase;
use floorwire_tests::hub::HubStore;
use floorwire_tests::site::Site;
use serde_json::json;
use std::time::{Duration, Instant};

const ZONE: &str = "Europe/Paris";
const LIMIT: Duration = Duration::from_secs(900);
/// One line of the table.
struct Line {
    cms: &'static str,
    store: &'static str,
    rows: i64,
    bare_rows_per_s: f64,
    rows_per_s: f64,
    /// Link, worker, Hub.
    peak_mb: [f64; 3],
    /// Link, worker, Hub.
    cpu_seconds: [f64; 3],
    seconds: f64,
}

/// Measures every pairing of source and store.
pub fn measure_all(rows: u64) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut lines = Vec::new();
    for (database, store) in [
        ("sqlite", "sqlite"),
        ("sqlite", "postgresql"),
        ("postgresql", "sqlite"),
        ("postgresql", "postgresql"),
    ] {
        let line = step(&format!("CMS in {database}, hub in {store}"), || {
            runtime.block_on(measure(rows, database, store))
        })?;
        // Also at once: a run that is cut short has shown what it measured.
        line.print();
        lines.push(line);
    }
    print(&lines);
    Ok(())
}

async fn measure(rows: u64, database: &str, store: &str) -> anyhow::Result<Line> {
    let folder = tempfile::Builder::new()
        .prefix("floorwire-bench-")
        .tempdir()?;
    let database = if database == "sqlite" {
        CmsDatabase::sqlite(folder.path())
    } else {
        CmsDatabase::postgres()?
    };
    let store = if store == "sqlite" {
        HubStore::Sqlite
    } else {
        HubStore::postgres()?
    };
    let (cms_name, store_name) = (database.name(), store.name());
    let mut site = Site::start(folder.path(), database, store).await?;
    let rows = rows.to_string();
    site.simulator.init(&[
        "--volume",
        &rows,
        "--days",
        "100",
        "--skills",
        "100",
        "--interval",
        "15",
        "--zone",
        ZONE,
    ])?;

    let bare = bare_fetch(&site.database, "hsplit")?;
    let begin = Instant::now();
    // These rows end yesterday, which would be an alarm in hours that are known to be open.
    let settings = json!({"zone": ZONE, "businessHours": {"useLearned": false}});
    site.configure_with(settings).await?;
    site.wait_for("importing", LIMIT, |_| {}).await?;
    let worker = site.link.worker_pid()?;
    site.wait_for("operational", LIMIT, |_| {}).await?;
    let seconds = begin.elapsed().as_secs_f64();
    let imported = site.hub.number("SELECT CAST(SUM(row_count) AS BIGINT) FROM source_partitions WHERE source_table = 'hsplit'").await?;
    ensure!(
        imported == i64::from(bare.rows),
        "{imported} rows imported, {} fetched",
        bare.rows
    );
    let (link, hub) = (site.link.process()?.pid(), site.hub.process()?.pid());
    let processes = [Some(link), worker, Some(hub)];
    let peak_mb = figures(processes, peak_mb)?;
    let cpu_seconds = figures(processes, cpu_seconds)?;
    site.end()?;
    let fetched = f64::from(bare.rows);
    Ok(Line {
        cms: cms_name,
        store: store_name,
        rows: imported,
        bare_rows_per_s: fetched / bare.seconds,
        rows_per_s: fetched / seconds,
        peak_mb,
        cpu_seconds,
        seconds,
    })
}

/// One figure per process; not a number where the process is gone.
fn figures(
    processes: [Option<u32>; 3],
    figure: fn(u32) -> anyhow::Result<f64>,
) -> anyhow::Result<[f64; 3]> {
    let mut found = [f64::NAN; 3];
    for (found, process) in found.iter_mut().zip(processes) {
        if let Some(pid) = process {
            *found = figure(pid)?;
        }
    }
    Ok(found)
}

/// Processor time so far. Source: utime and stime of /proc/PID/stat, in hundredths of a second.
pub(super) fn cpu_seconds(pid: u32) -> anyhow::Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The program's name, in parentheses, may contain blanks.
    let (_, figures) = stat.rsplit_once(')').context("no end of the name")?;
    let ticks = figures.split_whitespace().skip(11).take(2);
    let ticks: u32 = ticks.map(str::parse::<u32>).sum::<Result<u32, _>>()?;
    Ok(f64::from(ticks) / 100.0)
}

/// Peak resident memory so far. Source: VmHWM of /proc/PID/status.
pub(super) fn peak_mb(pid: u32) -> anyhow::Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM"))
        .context("no VmHWM")?;
    let kib: f64 = line
        .split_whitespace()
        .nth(1)
        .context("no figure")?
        .parse()?;
    Ok(kib / 1024.0)
}

fn print(lines: &[Line]) {
    println!(
        "\nratio  rows/s end to end  rows/s bare fetch  rows       CMS         hub store   peak MB link / worker / hub  CPU s of s"
    );
    lines.iter().for_each(Line::print);
    println!("\nAimed at: ratio 0.6; link and worker under 64 MB each, hub under 256 MB.");
}

impl Line {
    fn print(&self) {
        let [link, worker, hub] = self.peak_mb;
        let [link_cpu, worker_cpu, hub_cpu] = self.cpu_seconds;
        println!(
            "{:<5.2}  {:>17.0}  {:>17.0}  {:<9}  {:<10}  {:<10}  {link:.0} / {worker:.0} / {hub:.0}  {link_cpu:.1} / {worker_cpu:.1} / {hub_cpu:.1} of {:.1}",
            self.rows_per_s / self.bare_rows_per_s,
            self.rows_per_s,
            self.bare_rows_per_s,
            self.rows,
            self.cms,
            self.store,
            self.seconds,
        );
    }
}
