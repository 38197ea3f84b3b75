//! `cargo xtask test`: every check, in the order in which a failure is cheapest to see.

use crate::build::{self, run, run_with, workspace};
use crate::progress::step;
use crate::{browser, install, smoke};

/// Runs all checks, or with `fast` those without browser and whole installations.
pub fn run_all(fast: bool) -> anyhow::Result<()> {
    let root = workspace();
    let web = root.join("web");
    let cargo = |arguments: &[&str]| run("cargo", arguments, &root);
    let npm = |script: &str| run("npm", &["run", "--silent", script], &web);

    step("install what is missing", || {
        install::packages(install::FOR_DEMO)?;
        install::packages(install::FOR_SERVERS)?;
        if !fast {
            install::packages(install::FOR_BROWSER)?;
            install::packages(install::FOR_SCHEMATHESIS)?;
        }
        install::cargo_tools()?;
        install::npm_packages(&web)
    })?;
    step("rust format", || cargo(&["fmt", "--all", "--check"]))?;
    step("licences and sources", || {
        cargo(&["deny", "check", "bans", "licenses", "sources"])
    })?;
    step("unused dependencies", || run("cargo-machete", &[], &root))?;
    step("web build", build::web)?;
    step("web lint", || npm("lint"))?;
    step("web types", || npm("check"))?;
    step("web unit tests", || npm("test"))?;
    step("clippy", || {
        cargo(&[
            "clippy",
            "--quiet",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ])
    })?;
    step("rustdoc", || {
        let arguments = ["doc", "--quiet", "--workspace", "--no-deps"];
        run_with(
            "cargo",
            &arguments,
            &root,
            &[("RUSTDOCFLAGS", "-D warnings")],
        )
    })?;
    step("tests and programs", build::tests_and_programs)?;
    let tests: &[&str] = if fast {
        &[
            "nextest",
            "run",
            "--workspace",
            "--exclude",
            "floorwire-tests",
        ]
    } else {
        &["nextest", "run", "--workspace"]
    };
    step("rust tests", || cargo(tests))?;
    if !fast {
        step("requests made up by schemathesis", || {
            let program = install::schemathesis(&build::target_folder()?)?;
            let arguments = [
                "nextest",
                "run",
                "--workspace",
                "--run-ignored",
                "only",
                "-E",
                "test(no_request_meets_a_server_error)",
            ];
            let program = program.to_string_lossy();
            run_with(
                "cargo",
                &arguments,
                &root,
                &[("FLOORWIRE_SCHEMATHESIS", &program)],
            )
        })?;
        step("browser tests", browser::run)?;
        step("demo --smoke", smoke::pairings)?;
    }
    println!("\nEvery check passed.");
    Ok(())
}

/// Runs the browser tests alone.
pub fn run_browser() -> anyhow::Result<()> {
    install::packages(install::FOR_DEMO)?;
    install::packages(install::FOR_BROWSER)?;
    step("web build", build::web)?;
    step("tests and programs", build::tests_and_programs)?;
    step("browser tests", browser::run)
}
