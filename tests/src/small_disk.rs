//! A file system of a few MiB that only chosen programs see: a real full disk for a test, as root or as an
//! ordinary user. A holder process keeps the mount alive; programs enter its mount namespace.

use crate::process::Process;
use anyhow::{Context, ensure};
use std::ffi::OsStr;
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// How long mounting may take.
const MOUNT_LIMIT: Duration = Duration::from_secs(10);

/// The file system.
pub struct SmallDisk {
    holder: Process,
    mount_point: PathBuf,
}

impl SmallDisk {
    /// Mounts `mib` MiB at `mount_point`, which must exist.
    pub fn mount(mount_point: &Path, mib: u32) -> anyhow::Result<Self> {
        let script = "mount -t tmpfs -o size=${1}m floorwire \"$2\" && touch \"$2/mounted\" && exec sleep 3600";
        let mut holder = Command::new("setpriv");
        holder.args(["--pdeathsig", "KILL", "--", "unshare", "--mount"]);
        if !nix::unistd::geteuid().is_root() {
            holder.arg("--map-root-user");
        }
        holder
            .args(["sh", "-c", script, "sh", &mib.to_string()])
            .arg(mount_point);
        let log = mount_point.with_extension("mount.log");
        let mut disk = Self {
            holder: Process::start("holder of a small disk", holder, &log)?,
            mount_point: mount_point.to_owned(),
        };
        let begin = Instant::now();
        while !disk.inside("mounted").try_exists()? {
            disk.holder.check_running()?;
            ensure!(
                begin.elapsed() < MOUNT_LIMIT,
                "the small disk is not mounted after {MOUNT_LIMIT:?}"
            );
            std::thread::park_timeout(Duration::from_millis(10));
        }
        Ok(disk)
    }

    /// A file of it as seen from outside.
    pub fn inside(&self, name: impl AsRef<Path>) -> PathBuf {
        let root = PathBuf::from(format!("/proc/{}/root", self.holder.pid()));
        let relative = self
            .mount_point
            .strip_prefix("/")
            .unwrap_or(&self.mount_point);
        root.join(relative).join(name)
    }

    /// The same command, run where the file system is seen.
    pub fn enter(&self, command: &Command) -> Command {
        let mut entered = Command::new("nsenter");
        entered.args(["--target", &self.holder.pid().to_string(), "--mount"]);
        if !nix::unistd::geteuid().is_root() {
            entered.args(["--user", "--preserve-credentials"]);
        }
        entered
            .arg("--")
            .arg(command.get_program())
            .args(command.get_args());
        let set =
            |(name, value): (&OsStr, Option<&OsStr>)| Some((name.to_owned(), value?.to_owned()));
        entered.envs(command.get_envs().filter_map(set));
        entered
    }

    /// Fills it to the last byte; removing the returned file frees it.
    pub fn fill(&self) -> anyhow::Result<PathBuf> {
        let path = self.inside("filler");
        let mut filler = File::create(&path).context("cannot create the filler")?;
        for size in [64 * 1024, 4096, 1] {
            loop {
                match filler.write_all(&vec![0; size]) {
                    Ok(()) => {}
                    Err(error) if error.kind() == ErrorKind::StorageFull => break,
                    Err(error) => return Err(error).context("cannot fill the small disk"),
                }
            }
        }
        Ok(path)
    }
}
