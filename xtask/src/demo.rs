//! `cargo xtask demo`: a simulated CMS with history, a Hub, a Link; paired, importing, then live calls and a real-time feed
//! until Ctrl-C. Everything lies in a temporary folder and ends with this program.

use crate::progress::{import_bar, show_import, spinner, step};
use crate::{build, install};
use anyhow::Context;
use floorwire_tests::cms::{CmsDatabase, Simulator};
use floorwire_tests::hub::{EMAIL, Hub, HubStore};
use floorwire_tests::process::Process;
use floorwire_tests::site::Site;
use serde_json::json;
use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;

/// Zone of the simulated contact centre.
const ZONE: &str = "Europe/Paris";
/// Port of the demo where it is free.
const USUAL_PORT: u16 = 8080;
/// How the simulated CMS writes its real-time feed, and the profile by which it is read.
const LAYOUT: &str = "rta-codes-delimited";
/// Longest time for the import.
const IMPORT_LIMIT: Duration = Duration::from_secs(1800);

/// Runs the demo until Ctrl-C.
pub fn run(days: u32) -> anyhow::Result<()> {
    println!(
        "Floorwire demo: builds everything once (several minutes on a fresh machine), then starts."
    );
    install::packages(install::FOR_DEMO)?;
    step("web application", build::web)?;
    step("programs (hub, link, simulator)", || build::programs(false))?;
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(play(days))
}

async fn play(days: u32) -> anyhow::Result<()> {
    let folder = tempfile::Builder::new()
        .prefix("floorwire-demo-")
        .tempdir()?;
    tokio::select! {
        outcome = start(days, folder.path()) => {
            let running = outcome?;
            tokio::signal::ctrl_c().await?;
            println!("\nStopping.");
            running.end()?;
        }
        _ = tokio::signal::ctrl_c() => println!("\nStopped before everything ran."),
    }
    folder.close().context("cannot remove the demo's folder")
}

struct Running {
    site: Site,
    simulator: Process,
}

impl Running {
    fn end(self) -> anyhow::Result<()> {
        self.simulator.end()?;
        self.site.end()
    }
}

async fn start(days: u32, folder: &Path) -> anyhow::Result<Running> {
    let database = CmsDatabase::sqlite(folder);
    let progress = spinner(&format!(
        "filling the simulated CMS with {days} days of calls"
    ));
    let filling = Simulator::new(&database, folder);
    let days = days.to_string();
    let summary =
        tokio::task::spawn_blocking(move || filling.init(&["--days", &days, "--zone", ZONE]))
            .await??;
    progress.finish_with_message(format!("simulated CMS: {} rows of hsplit", summary["rows"]));

    let free = TcpListener::bind(("127.0.0.1", USUAL_PORT)).is_ok();
    let hub = Hub::start(folder, HubStore::Sqlite, free.then_some(USUAL_PORT)).await?;
    let (url, password) = (hub.url(), hub.password.clone());
    let mut site = Site::with_hub(
        folder,
        database,
        hub,
        "Avaya integration - Demo",
        Vec::new(),
    )
    .await?;
    let port = free_port()?;
    let feed = format!("acd=1,to=127.0.0.1:{port},layout={LAYOUT},period=3");
    let simulator = site.simulator.run(&["--feed", &feed])?;
    site.configure_with(json!({
        "zone": ZONE,
        "agentScope": {"kind": "all"},
        "realtime": {
            "enabled": true,
            "feeds": [{"port": port, "bind": "127.0.0.1", "acd": 1, "profile": LAYOUT}],
        },
    }))
    .await?;
    println!("\n  Address   {url}\n  Login     {EMAIL}\n  Password  {password}\n");

    let bar = import_bar();
    site.wait_for("operational", IMPORT_LIMIT, |shown| {
        show_import(&bar, shown)
    })
    .await?;
    bar.finish_with_message("imported");
    println!(
        "\nThe history is there. Live calls go on, and agents now are at {url}/live; Ctrl-C ends everything."
    );
    Ok(Running { site, simulator })
}

/// A port for the feed.
fn free_port() -> anyhow::Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).context("no port is free")?;
    Ok(listener.local_addr()?.port())
}
