//! `cargo xtask bench`: what Floorwire does in a second, as ratios to figures of the same run.

mod history;
mod import;
mod simulator;
mod yardstick;

use crate::build::{self, run, workspace};
use crate::install;
use crate::progress::step;
use clap::{Args, ValueEnum};
use floorwire_tests::process::use_programs_in;
use std::path::PathBuf;

/// What can be measured alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// Rows per second from the CMS to the Hub, on both databases.
    Import,
    /// Three years of queues and 90 days of agents: first load, a week again, a quiet cycle.
    History,
    /// Making 30 days of 500 agents, on three databases.
    Simulator,
}

/// What is measured, and how.
#[derive(Clone, Debug, Args)]
pub struct Options {
    /// Rows in the simulated CMS
    #[arg(long, default_value_t = 1_000_000)]
    rows: u64,
    /// So many times fewer days in the large histories
    #[arg(long, default_value_t = 1)]
    scale: u32,
    /// Only this part
    #[arg(long)]
    only: Option<Part>,
    /// Programs as tests have them, to try the measurement itself; the figures are of no use
    #[arg(long)]
    dev: bool,
    /// Builds nothing and takes the programs, with `examples/bare_fetch`, from this folder: for a second run, or to compare
    #[arg(long)]
    programs: Option<PathBuf>,
}

/// Builds for release and measures, everything or one part.
pub fn run_all(options: Options) -> anyhow::Result<()> {
    let wanted = |part| options.only.is_none_or(|only| only == part);
    install::packages(install::FOR_DEMO)?;
    install::packages(install::FOR_SERVERS)?;
    match options.programs.clone() {
        Some(folder) => use_programs_in(folder)?,
        None => build_for(&options)?,
    }
    if wanted(Part::Simulator) {
        simulator::measure_all()?;
    }
    if wanted(Part::Import) {
        import::measure_all(options.rows)?;
    }
    if wanted(Part::History) {
        history::measure_all(options.scale)?;
    }
    Ok(())
}

fn build_for(options: &Options) -> anyhow::Result<()> {
    step("web application", build::web)?;
    step("programs", || build::programs(!options.dev))?;
    step("yardstick", || {
        let mut arguments = vec![
            "build",
            "--quiet",
            "--package",
            "floorwire-odbc",
            "--example",
            "bare_fetch",
        ];
        if !options.dev {
            arguments.push("--release");
        }
        run("cargo", &arguments, &workspace())
    })
}
