//! `cargo xtask`: everything a developer or a first-time user runs.
#![allow(clippy::print_stdout, clippy::print_stderr)] // a console program

mod bench;
mod browser;
mod build;
mod demo;
mod install;
mod progress;
mod smoke;
mod soak;
mod test;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Builds, tries, tests and measures Floorwire.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the main job: a simulated CMS, a Hub and a Link, importing 90 days and then live calls
    Demo {
        /// Days of history
        #[arg(long, default_value_t = 90)]
        days: u32,
        /// Headless: 3 days over every database, compared with the simulator's truth; one JSON line
        #[arg(long)]
        smoke: bool,
    },
    /// Run every check: format, lints, licences, tests, browser tests, smoke run
    Test {
        /// Leave out browser and end-to-end tests
        #[arg(long)]
        fast: bool,
        /// Run the browser tests alone
        #[arg(long, conflicts_with = "fast")]
        browser: bool,
    },
    /// Measure, and print one table with the ratios first
    Bench(bench::Options),
    /// Run in full what the tests sample: golden nights, pauses and timelines on every pairing of databases
    Soak {
        /// Begin nothing after so many minutes
        #[arg(long, default_value_t = 120)]
        minutes: u64,
        /// First seed
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Only cases whose name contains this, once
        #[arg(long)]
        case: Option<String>,
    },
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Demo { smoke: true, .. } => smoke::run(),
        Command::Demo { days, smoke: false } => demo::run(days),
        Command::Test { browser: true, .. } => test::run_browser(),
        Command::Test { fast, .. } => test::run_all(fast),
        Command::Bench(options) => bench::run_all(options),
        Command::Soak {
            minutes,
            seed,
            case,
        } => soak::run(minutes, seed, case.as_deref()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
