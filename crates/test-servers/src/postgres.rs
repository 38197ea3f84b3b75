//! A private PostgreSQL: own data folder, own port, password login, `fsync` on.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};
use nix::sys::signal::Signal;
use tempfile::TempDir;

use crate::{account::Account, client, free_port, fresh_password, process::ServerProcess};

const USER: &str = "floorwire";
/// Starts tried, since a free port may be taken by somebody else in between.
const STARTS: usize = 5;

/// A PostgreSQL server of its own; ends and disappears with the value.
pub struct Postgres {
    process: Option<ServerProcess>,
    folder: TempDir,
    programs: PathBuf,
    account: Account,
    port: u16,
    password: String,
}

impl Postgres {
    /// Makes and starts a server on a free port of 127.0.0.1.
    pub fn start() -> Result<Self> {
        let account = Account::for_servers()?;
        let folder = tempfile::Builder::new()
            .prefix("floorwire-postgres-")
            .tempdir()
            .context("no temporary folder")?;
        account.own(folder.path(), 0o700)?;
        let password = fresh_password()?;
        let mut server = Self {
            process: None,
            programs: programs()?,
            folder,
            account,
            port: 0,
            password,
        };
        server.initialise()?;
        let mut last = None;
        for _ in 0..STARTS {
            server.port = free_port();
            match server.launch() {
                Ok(()) => return Ok(server),
                Err(error) => last = Some(error),
            }
        }
        Err(last.unwrap_or_else(|| anyhow::anyhow!("postgres was never started")))
    }

    fn initialise(&self) -> Result<()> {
        let password_file = self.folder.path().join("password");
        std::fs::write(&password_file, &self.password).context("the password file")?;
        self.account.own(&password_file, 0o600)?;
        let mut initdb = Command::new(self.programs.join("initdb"));
        initdb
            .arg("--pgdata")
            .arg(self.data())
            .args(["--username", USER, "--auth", "scram-sha-256"])
            .args(["--encoding", "UTF8", "--locale", "C", "--no-sync"])
            .arg("--pwfile")
            .arg(&password_file);
        self.account.apply(&mut initdb, self.folder.path());
        client::run(&mut initdb, "")?;
        Ok(())
    }

    fn launch(&mut self) -> Result<()> {
        let mut postgres = Command::new(self.programs.join("postgres"));
        postgres.arg("-D").arg(self.data());
        for setting in [
            format!("port={}", self.port),
            "listen_addresses=127.0.0.1".to_owned(),
            format!("unix_socket_directories={}", self.folder.path().display()),
            "shared_buffers=64MB".to_owned(),
            "max_connections=100".to_owned(),
            "logging_collector=off".to_owned(),
            "log_destination=stderr".to_owned(),
        ] {
            postgres.arg("-c").arg(setting);
        }
        self.account.apply(&mut postgres, self.folder.path());
        self.process = Some(ServerProcess::start(
            &mut postgres,
            "database system is ready to accept connections",
            // Immediate shutdown: no checkpoint, but shared memory is given back.
            Signal::SIGQUIT,
            self.folder.path(),
        )?);
        Ok(())
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Port on 127.0.0.1, the same after [`Postgres::restart`].
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Process id of the postmaster; 0 when it was killed.
    pub fn pid(&self) -> u32 {
        self.process.as_ref().map_or(0, ServerProcess::pid)
    }

    /// Name of the superuser.
    pub fn user(&self) -> &str {
        USER
    }

    /// Password of the superuser, different in every run.
    pub fn password(&self) -> &str {
        &self.password
    }

    /// Creates an empty database.
    pub fn create_database(&self, name: &str) -> Result<()> {
        self.sql("postgres", &format!("CREATE DATABASE {name}"))?;
        Ok(())
    }

    /// Runs statements with `psql`; gives what it prints, one row a line, unaligned.
    pub fn sql(&self, database: &str, statements: &str) -> Result<String> {
        let mut psql = Command::new(self.programs.join("psql"));
        psql.args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align"])
            .args(["--set", "ON_ERROR_STOP=1", "--host", "127.0.0.1"])
            .args(["--port", &self.port.to_string(), "--username", USER])
            .args(["--dbname", database])
            .env("PGPASSWORD", &self.password);
        self.account.apply(&mut psql, self.folder.path());
        client::run(&mut psql, statements)
    }

    /// Address for PostgreSQL libraries, password included.
    pub fn url(&self, database: &str) -> String {
        format!(
            "postgres://{USER}:{}@127.0.0.1:{}/{database}",
            self.password, self.port
        )
    }

    /// Connection string for psqlODBC, password included.
    pub fn odbc(&self, database: &str) -> String {
        format!(
            "DRIVER={{PostgreSQL Unicode}};SERVER=127.0.0.1;PORT={};DATABASE={database};UID={USER};PWD={};\
             UseDeclareFetch=1;Fetch=1000;CommLog=0;Debug=0",
            self.port, self.password
        )
    }

    /// Ends the postmaster and all backends with SIGKILL; the port is free when it returns.
    pub fn kill(&mut self) -> Result<()> {
        match self.process.take() {
            Some(mut process) => process.kill(),
            None => Ok(()),
        }
    }

    /// Starts the server again on the same data and the same port, after [`Postgres::kill`] or in
    /// its place.
    pub fn restart(&mut self) -> Result<()> {
        self.kill()?;
        self.launch()
    }

    /// Frees the shared memory segment that a killed postmaster leaves in the kernel.
    fn free_shared_memory(&self) {
        let lines = std::fs::read_to_string(self.data().join("postmaster.pid")).unwrap_or_default();
        let segment = lines
            .lines()
            .nth(6)
            .and_then(|line| line.split_whitespace().nth(1));
        if let Some(segment) = segment {
            let _ = client::run(Command::new("ipcrm").args(["-m", segment]), "");
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        match self.process.take() {
            // The guard or the next line of defence reports nothing: the test is over.
            Some(mut process) => drop(process.end()),
            None => self.free_shared_memory(),
        }
    }
}

/// The newest installed PostgreSQL's program folder.
fn programs() -> Result<PathBuf> {
    let base = Path::new("/usr/lib/postgresql");
    let newest = std::fs::read_dir(base)
        .ok()
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let version: u32 = entry.file_name().to_str()?.parse().ok()?;
            let programs = entry.path().join("bin");
            programs
                .join("postgres")
                .is_file()
                .then_some((version, programs))
        })
        .max();
    match newest {
        Some((_, programs)) => Ok(programs),
        None => bail!(
            "no postgresql below {}; install the debian package postgresql",
            base.display()
        ),
    }
}
