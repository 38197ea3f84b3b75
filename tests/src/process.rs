//! One program as a child process: its log in a file, ended when asked, killed with its starter.

use anyhow::{Context, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// How long a program may take to end after it was asked to.
const END_LIMIT: Duration = Duration::from_secs(15);

static PROGRAMS: OnceLock<PathBuf> = OnceLock::new();

/// Takes the programs from this folder; by default they are looked for beside this program.
pub fn use_programs_in(folder: PathBuf) -> anyhow::Result<()> {
    match PROGRAMS.set(folder) {
        Ok(()) => Ok(()),
        Err(folder) if PROGRAMS.get() == Some(&folder) => Ok(()),
        Err(folder) => bail!(
            "programs are already taken from another folder than {}",
            folder.display()
        ),
    }
}

/// The folder with the programs built by this workspace.
pub fn program_folder() -> anyhow::Result<PathBuf> {
    if let Some(folder) = PROGRAMS.get() {
        return Ok(folder.clone());
    }
    let own = std::env::current_exe().context("cannot find this program's own file")?;
    let folder = own
        .ancestors()
        .skip(1)
        .find(|folder| folder.file_name().is_some_and(|name| name != "deps"));
    folder
        .map(Path::to_owned)
        .context("this program lies in no folder")
}

/// A program of this workspace, to be started with arguments.
pub fn program(name: &str) -> anyhow::Result<Command> {
    let path = program_folder()?.join(name);
    if !path.try_exists()? {
        bail!("{} is not built; run `cargo build` first", path.display());
    }
    // The kernel ends the program when the thread that started it ends, even by SIGKILL.
    let mut command = Command::new("setpriv");
    command
        .args(["--pdeathsig", "KILL", "--"])
        .arg(path)
        .env("RUST_BACKTRACE", "1");
    Ok(command)
}

/// A running program.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts a program; stdout and stderr are appended to the log.
    pub fn start(name: &str, mut command: Command, log: &Path) -> anyhow::Result<Self> {
        let mut out = File::options().create(true).append(true).open(log)?;
        writeln!(out, "--- {name} starts")?;
        let child = command
            .stdin(Stdio::null())
            .stdout(out.try_clone()?)
            .stderr(out)
            .spawn()
            .with_context(|| format!("cannot start {name}"))?;
        Ok(Self {
            name: name.to_owned(),
            child,
            log: log.to_owned(),
        })
    }

    /// Process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it has logged so far, over all starts.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// An error that shows the end of the log, when the program has ended by itself.
    pub fn check_running(&mut self) -> anyhow::Result<()> {
        if let Some(status) = self.child.try_wait()? {
            bail!(
                "{} ended with {status}; its log ends:\n{}",
                self.name,
                last_lines(&self.log())
            );
        }
        Ok(())
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) -> anyhow::Result<()> {
        kill(Pid::from_raw(i32::try_from(self.pid())?), signal)
            .with_context(|| format!("cannot send {signal} to {}", self.name))
    }

    /// kill -9, and waits until the process is gone.
    pub fn kill(mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Asks it to end and waits; an error when it does not in time (it is killed then).
    pub fn end(mut self) -> anyhow::Result<()> {
        if self.child.try_wait()?.is_some() {
            return Ok(());
        }
        self.signal(Signal::SIGTERM)?;
        let asked = Instant::now();
        while self.child.try_wait()?.is_none() {
            if asked.elapsed() > END_LIMIT {
                self.child.kill()?;
                self.child.wait()?;
                bail!(
                    "{} did not end within {END_LIMIT:?}; its log ends:\n{}",
                    self.name,
                    last_lines(&self.log())
                );
            }
            std::thread::park_timeout(Duration::from_millis(20));
        }
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Already gone is fine.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a program to its end and returns its standard output; its standard error goes to ours, or into the
/// error when it fails.
pub fn output(name: &str, mut command: Command, input: Option<&str>) -> anyhow::Result<String> {
    let mut child = command
        .stdin(if input.is_some() {
            Stdio::piped()
        } else {
            Stdio::null()
        })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {name}"))?;
    if let (Some(input), Some(mut stdin)) = (input, child.stdin.take()) {
        stdin.write_all(input.as_bytes())?;
    }
    let output = child.wait_with_output()?;
    if !output.status.success() {
        bail!(
            "{name} ended with {}:\n{}",
            output.status,
            last_lines(&String::from_utf8_lossy(&output.stderr))
        );
    }
    Ok(String::from_utf8(output.stdout)?)
}

fn last_lines(log: &str) -> String {
    let lines: Vec<_> = log.lines().collect();
    lines[lines.len().saturating_sub(30)..].join("\n")
}
