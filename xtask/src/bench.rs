//! `cargo xtask bench`: what Floorwire does in a second, as ratios to figures of the same run.

mod history;
mod import;
mod simulator;

use crate::build::{self, run, workspace};
use crate::install;
use crate::progress::step;
use clap::ValueEnum;

/// What can be measured alone.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// Rows per second from the CMS to the Hub, on both databases.
    Import,
    /// Three years of queues and 90 days of agents: first load, a week again, a quiet cycle.
    History,
    /// Making 30 days of 500 agents, on three databases.
    Simulator,
}

/// Builds for release and measures, everything or one part.
pub fn run_all(rows: u64, scale: u32, only: Option<Part>) -> anyhow::Result<()> {
    let wanted = |part| only.is_none_or(|only| only == part);
    install::packages(install::FOR_DEMO)?;
    install::packages(install::FOR_SERVERS)?;
    step("web application", build::web)?;
    step("programs (release)", || build::programs(true))?;
    step("yardstick (release)", || {
        let arguments = [
            "build",
            "--quiet",
            "--release",
            "--package",
            "floorwire-odbc",
            "--example",
            "bare_fetch",
        ];
        run("cargo", &arguments, &workspace())
    })?;
    if wanted(Part::Simulator) {
        simulator::measure_all()?;
    }
    if wanted(Part::Import) {
        import::measure_all(rows)?;
    }
    if wanted(Part::History) {
        history::measure_all(scale)?;
    }
    Ok(())
}
