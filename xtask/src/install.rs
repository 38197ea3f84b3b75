//! Installs what is missing and says so: Debian packages, Cargo tools, npm packages, and one Python program in a virtual
//! environment. Nothing else is downloaded, and nothing that is there is touched.

use crate::build::run;
use anyhow::{Context, bail};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A Debian package and why it is needed.
pub type Package = (&'static str, &'static str);

/// For building and for the demo.
pub const FOR_DEMO: &[Package] = &[
    ("unixodbc", "ODBC driver manager"),
    ("unixodbc-dev", "to link against it"),
    ("libsqliteodbc", "ODBC driver of the simulated CMS"),
];
/// For the smoke run over all databases.
pub const FOR_SERVERS: &[Package] = &[
    ("odbc-postgresql", "ODBC driver for PostgreSQL"),
    ("odbc-mariadb", "ODBC driver for MariaDB"),
    ("postgresql", "private servers in tests"),
    ("mariadb-server", "private servers in tests"),
];
/// For the browser tests.
pub const FOR_BROWSER: &[Package] = &[("chromium", "browser of the browser tests")];

/// For the requests that schemathesis makes up.
pub const FOR_SCHEMATHESIS: &[Package] = &[(
    "python3-venv",
    "holds the program schemathesis, below target/",
)];
/// The version of schemathesis: another one makes up other requests.
const SCHEMATHESIS: &str = "4.32.5";

/// Cargo subcommands and why they are needed.
const CARGO_TOOLS: &[Package] = &[
    ("cargo-nextest", "runs the Rust tests"),
    ("cargo-deny", "checks licences and sources of dependencies"),
    ("cargo-machete", "finds unused dependencies"),
];

/// Installs the Debian packages that are missing.
pub fn packages(wanted: &[Package]) -> anyhow::Result<()> {
    let missing: Vec<&Package> = wanted
        .iter()
        .filter(|(name, _)| !is_installed(name))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    println!("Debian packages to install:");
    for (name, reason) in &missing {
        println!("  {name:<18} {reason}");
    }
    apt_get(&["update"])?;
    let mut arguments = vec!["install", "--yes", "--no-install-recommends"];
    arguments.extend(missing.iter().map(|(name, _)| *name));
    apt_get(&arguments)
}

fn is_installed(package: &str) -> bool {
    let status = Command::new("dpkg-query")
        .args(["-W", "-f", "${Status}", package])
        .output();
    status.is_ok_and(|output| output.stdout.starts_with(b"install ok installed"))
}

fn apt_get(arguments: &[&str]) -> anyhow::Result<()> {
    // Without rights, sudo asks for them; this program itself never needs them.
    let mut command = if nix::unistd::geteuid().is_root() {
        Command::new("apt-get")
    } else {
        println!("Installing needs administrator rights; sudo may ask for your password.");
        let mut command = Command::new("sudo");
        command.arg("apt-get");
        command
    };
    command
        .args(arguments)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdout(Stdio::null());
    let shown = arguments.join(" ");
    let status = command
        .status()
        .with_context(|| format!("cannot run apt-get {shown}"))?;
    if !status.success() {
        bail!(
            "apt-get {shown} ended with {status}; install the packages above by hand and run this again"
        );
    }
    Ok(())
}

/// Installs the Cargo subcommands that are missing.
pub fn cargo_tools() -> anyhow::Result<()> {
    for (tool, reason) in CARGO_TOOLS {
        // Asked by its own name: some behave otherwise as a subcommand when cargo started this program.
        let found = Command::new(tool).arg("--version").output();
        if found.is_ok_and(|output| output.status.success()) {
            continue;
        }
        println!("Cargo tool to install: {tool} ({reason})");
        run(
            "cargo",
            &["install", "--locked", "--quiet", tool],
            Path::new("."),
        )?;
    }
    Ok(())
}

/// Installs the npm packages of the lock file unless they are there already.
pub fn npm_packages(web: &Path) -> anyhow::Result<()> {
    let modified = |path: &Path| std::fs::metadata(path).and_then(|metadata| metadata.modified());
    let lock =
        modified(&web.join("package-lock.json")).context("web/package-lock.json is missing")?;
    let installed = modified(&web.join("node_modules/.package-lock.json"));
    if installed.is_ok_and(|installed| installed >= lock) {
        return Ok(());
    }
    println!("npm packages to install: those of web/package-lock.json");
    run(
        "npm",
        &["ci", "--no-audit", "--no-fund", "--loglevel=error"],
        web,
    )
}

/// Installs schemathesis into a virtual environment below `target` unless it is there already, and returns the program.
pub fn schemathesis(target: &Path) -> anyhow::Result<PathBuf> {
    let folder = target.join(format!("schemathesis-{SCHEMATHESIS}"));
    let program = folder.join("bin/schemathesis");
    let done = folder.join("installed");
    if done
        .try_exists()
        .context("cannot look into the folder of schemathesis")?
    {
        return Ok(program);
    }
    println!(
        "Python program to install: schemathesis {SCHEMATHESIS} (makes up requests to the Hub)"
    );
    let shown = folder.to_string_lossy();
    run("python3", &["-m", "venv", "--clear", &shown], target)?;
    let pip = folder.join("bin/pip");
    let wanted = format!("schemathesis=={SCHEMATHESIS}");
    let arguments = ["install", "--quiet", "--disable-pip-version-check", &wanted];
    run(&pip.to_string_lossy(), &arguments, target)?;
    std::fs::write(&done, "").context("cannot write into the folder of schemathesis")?;
    Ok(program)
}
