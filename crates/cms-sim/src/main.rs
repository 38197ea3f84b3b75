//! The program `floorwire-cms-sim`: command line in, exit code out.

// The program reports its result as one JSON line on stdout and its progress on stderr.
#![allow(clippy::print_stderr)]

use std::process::ExitCode;

fn main() -> ExitCode {
    match floorwire_cms_sim::run_program() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("floorwire-cms-sim: {error:#}");
            ExitCode::FAILURE
        }
    }
}
