//! A Link process.

use crate::process::{Process, output, program};
use anyhow::Context;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long a Link may take to show its PIN.
const PIN_LIMIT: Duration = Duration::from_secs(30);

/// A Link that can be stopped and started again with the identity it has.
pub struct Link {
    folder: PathBuf,
    hub: String,
    code: String,
    process: Option<Process>,
    environment: Vec<(String, String)>,
}

impl Link {
    /// Starts a Link for the integration with this code.
    pub fn start(folder: &Path, hub: &str, code: &str) -> anyhow::Result<Self> {
        Self::start_with(folder, hub, code, Vec::new())
    }

    /// The same with environment variables for the program.
    pub fn start_with(
        folder: &Path,
        hub: &str,
        code: &str,
        environment: Vec<(String, String)>,
    ) -> anyhow::Result<Self> {
        let mut link = Self {
            folder: folder.to_owned(),
            hub: hub.to_owned(),
            code: code.to_owned(),
            process: None,
            environment,
        };
        link.restart()?;
        Ok(link)
    }

    fn data_dir(&self) -> PathBuf {
        self.folder.join("link")
    }

    /// Its log file.
    pub fn log_file(&self) -> PathBuf {
        self.folder.join("link.log")
    }

    /// Starts the program.
    pub fn restart(&mut self) -> anyhow::Result<()> {
        let mut command = program("floorwire-link")?;
        command.args([
            "run",
            "--hub",
            &self.hub,
            "--integration",
            &self.code,
            "--data-dir",
        ]);
        command
            .arg(self.data_dir())
            .envs(self.environment.iter().cloned());
        self.process = Some(Process::start(
            "floorwire-link run",
            command,
            &self.log_file(),
        )?);
        Ok(())
    }

    /// What `floorwire-link status --json` says.
    pub fn status(&self) -> anyhow::Result<serde_json::Value> {
        let mut command = program("floorwire-link")?;
        command
            .args(["status", "--json", "--data-dir"])
            .arg(self.data_dir());
        Ok(serde_json::from_str(&output(
            "floorwire-link status",
            command,
            None,
        )?)?)
    }

    /// What `floorwire-link doctor --json` says of a connection, or of the Hub's last one.
    pub fn doctor(&self, connection: Option<&str>) -> anyhow::Result<serde_json::Value> {
        let mut command = program("floorwire-link")?;
        command
            .args(["doctor", "--json", "--data-dir"])
            .arg(self.data_dir())
            .envs(connection.map(|text| ("FLOORWIRE_CONNECTION_STRING", text)));
        let printed = output("floorwire-link doctor", command, None)?;
        Ok(serde_json::from_str(&printed)?)
    }

    /// Waits for the PIN and returns it with the key words.
    pub async fn pin(&mut self) -> anyhow::Result<(String, String)> {
        let begin = Instant::now();
        loop {
            self.process()?.check_running()?;
            let mut command = program("floorwire-link")?;
            command.args(["pin", "--data-dir"]).arg(self.data_dir());
            match output("floorwire-link pin", command, None) {
                Ok(text) => {
                    let word = |line: usize| text.lines().nth(line).unwrap_or_default().to_owned();
                    let pin = word(0)
                        .split_whitespace()
                        .nth(1)
                        .unwrap_or_default()
                        .to_owned();
                    let words = word(1).replacen("Key words", "", 1).trim().to_owned();
                    return Ok((pin, words));
                }
                Err(error) if begin.elapsed() > PIN_LIMIT => return Err(error),
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    /// The running process.
    pub fn process(&mut self) -> anyhow::Result<&mut Process> {
        self.process.as_mut().context("the link is stopped")
    }

    /// Process of the ODBC worker, when one runs: the Link's child.
    pub fn worker_pid(&mut self) -> anyhow::Result<Option<u32>> {
        let pid = self.process()?.pid();
        let tasks = std::fs::read_dir(format!("/proc/{pid}/task"))?;
        for task in tasks {
            let children =
                std::fs::read_to_string(task?.path().join("children")).unwrap_or_default();
            if let Some(child) = children.split_whitespace().next() {
                return Ok(child.parse().ok());
            }
        }
        Ok(None)
    }

    /// kill -9.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        self.process.take().context("the link is stopped")?.kill()
    }

    /// Asks it to end, and waits.
    pub fn end(&mut self) -> anyhow::Result<()> {
        self.process.take().map_or(Ok(()), Process::end)
    }
}
