//! Builds the web application and the programs.

use anyhow::{Context, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder of the workspace.
pub fn workspace() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own).to_owned()
}

/// Runs a program to its end; an error names it when it fails.
pub fn run(program: &str, arguments: &[&str], folder: &Path) -> anyhow::Result<()> {
    run_with(program, arguments, folder, &[])
}

/// The same with environment variables.
pub fn run_with(
    program: &str,
    arguments: &[&str],
    folder: &Path,
    environment: &[(&str, &str)],
) -> anyhow::Result<()> {
    let shown = format!("{program} {}", arguments.join(" "));
    let status = Command::new(program)
        .args(arguments)
        .envs(environment.iter().copied())
        .current_dir(folder)
        .status()
        .with_context(|| format!("cannot run `{shown}`; is {program} installed?"))?;
    if !status.success() {
        bail!("`{shown}` failed with {status}");
    }
    Ok(())
}

/// Builds the web application into `web/dist`.
pub fn web() -> anyhow::Result<()> {
    let web = workspace().join("web");
    crate::install::npm_packages(&web)?;
    run("npm", &["run", "--silent", "build"], &web)
}

/// Builds the programs; `release` for measurements.
pub fn programs(release: bool) -> anyhow::Result<()> {
    let mut arguments = vec!["build", "--quiet", "--bins"];
    for package in [
        "floorwire-hub-server",
        "floorwire-link",
        "floorwire-cms-sim",
    ] {
        arguments.extend(["--package", package]);
    }
    if release {
        arguments.push("--release");
    }
    run("cargo", &arguments, &workspace())?;
    use_programs(if release { "release" } else { "debug" })
}

/// Builds all tests, and the programs with them: cargo builds the programs of packages with integration tests. Asked for
/// by their packages alone they would be built once more, since their dependencies have other features then.
pub fn tests_and_programs() -> anyhow::Result<()> {
    let arguments = ["nextest", "run", "--workspace", "--no-run", "--cargo-quiet"];
    run("cargo", &arguments, &workspace())?;
    use_programs("debug")
}

fn use_programs(profile: &str) -> anyhow::Result<()> {
    floorwire_tests::process::use_programs_in(target_folder()?.join(profile))
}

/// The folder in which Cargo builds.
pub fn target_folder() -> anyhow::Result<PathBuf> {
    let own = std::env::current_exe().context("cannot find this program's own file")?;
    own.ancestors()
        .nth(2)
        .map(Path::to_owned)
        .context("this program lies in no target folder")
}
