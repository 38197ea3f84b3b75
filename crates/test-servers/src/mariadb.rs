//! A private MariaDB: own data folder, own port and socket, password login.

use std::{path::PathBuf, process::Command};

use anyhow::{Context, Result};
use nix::sys::signal::Signal;
use tempfile::TempDir;

use crate::{account::Account, client, free_port, fresh_password, process::ServerProcess};

const USER: &str = "floorwire";
/// Starts tried, since a free port may be taken by somebody else in between.
const STARTS: usize = 5;

/// A MariaDB server of its own; ends and disappears with the value.
pub struct MariaDb {
    process: Option<ServerProcess>,
    folder: TempDir,
    account: Account,
    port: u16,
    password: String,
}

impl MariaDb {
    /// Makes and starts a server on a free port of 127.0.0.1.
    pub fn start() -> Result<Self> {
        let account = Account::for_servers()?;
        let folder = tempfile::Builder::new()
            .prefix("floorwire-mariadb-")
            .tempdir()
            .context("no temporary folder")?;
        account.own(folder.path(), 0o700)?;
        let mut server = Self {
            process: None,
            folder,
            account,
            port: 0,
            password: fresh_password()?,
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
        Err(last.unwrap_or_else(|| anyhow::anyhow!("mariadbd was never started")))
    }

    fn initialise(&self) -> Result<()> {
        // Runs at every start and changes nothing the second time.
        let first_statements = format!(
            "CREATE USER IF NOT EXISTS '{USER}'@'%' IDENTIFIED BY '{0}';\n\
             GRANT ALL ON *.* TO '{USER}'@'%' WITH GRANT OPTION;\n",
            self.password
        );
        let init_file = self.init_file();
        std::fs::write(&init_file, first_statements).context("the init file")?;
        self.account.own(&init_file, 0o600)?;
        let mut install = Command::new("mariadb-install-db");
        install
            .arg("--no-defaults")
            .arg(format!("--datadir={}", self.data().display()))
            .args(["--auth-root-authentication-method=normal", "--skip-test-db"])
            .arg("--skip-name-resolve");
        self.account.apply(&mut install, self.folder.path());
        client::run(&mut install, "")?;
        Ok(())
    }

    fn launch(&mut self) -> Result<()> {
        let mut mariadbd = Command::new("mariadbd");
        mariadbd
            .arg("--no-defaults")
            .arg(format!("--datadir={}", self.data().display()))
            .arg(format!("--socket={}", self.socket().display()))
            .arg(format!("--port={}", self.port))
            .arg(format!(
                "--pid-file={}",
                self.folder.path().join("pid").display()
            ))
            .arg(format!("--init-file={}", self.init_file().display()))
            .args(["--bind-address=127.0.0.1", "--skip-name-resolve"])
            .args([
                "--character-set-server=utf8mb4",
                "--innodb-buffer-pool-size=128M",
            ])
            .arg("--max-allowed-packet=64M");
        self.account.apply(&mut mariadbd, self.folder.path());
        self.process = Some(ServerProcess::start(
            &mut mariadbd,
            "ready for connections",
            // Nothing of it outlives the test, so there is nothing to be tidy about.
            Signal::SIGKILL,
            self.folder.path(),
        )?);
        Ok(())
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("socket")
    }

    fn init_file(&self) -> PathBuf {
        self.folder.path().join("init.sql")
    }

    /// Port on 127.0.0.1, the same after [`MariaDb::restart`].
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Process id of the server; 0 when it was killed.
    pub fn pid(&self) -> u32 {
        self.process.as_ref().map_or(0, ServerProcess::pid)
    }

    /// Name of the user with all rights.
    pub fn user(&self) -> &str {
        USER
    }

    /// Password of that user, different in every run.
    pub fn password(&self) -> &str {
        &self.password
    }

    /// Creates an empty database.
    pub fn create_database(&self, name: &str) -> Result<()> {
        self.sql("mysql", &format!("CREATE DATABASE {name}"))?;
        Ok(())
    }

    /// Runs statements with the command line client; gives what it prints, one row a line.
    pub fn sql(&self, database: &str, statements: &str) -> Result<String> {
        let mut mariadb = Command::new("mariadb");
        mariadb
            .args(["--no-defaults", "--batch", "--skip-column-names"])
            .arg(format!("--socket={}", self.socket().display()))
            .arg(format!("--user={USER}"))
            .arg(format!("--database={database}"))
            .arg("--default-character-set=utf8mb4")
            .env("MYSQL_PWD", &self.password);
        self.account.apply(&mut mariadb, self.folder.path());
        client::run(&mut mariadb, statements)
    }

    /// Address for MySQL libraries, password included.
    pub fn url(&self, database: &str) -> String {
        format!(
            "mysql://{USER}:{}@127.0.0.1:{}/{database}",
            self.password, self.port
        )
    }

    /// Connection string for MariaDB's ODBC driver, password included.
    pub fn odbc(&self, database: &str) -> String {
        format!(
            "DRIVER={{MariaDB Unicode}};SERVER=127.0.0.1;PORT={};DATABASE={database};UID={USER};PWD={}",
            self.port, self.password
        )
    }

    /// Ends the server with SIGKILL; the port is free when it returns.
    pub fn kill(&mut self) -> Result<()> {
        match self.process.take() {
            Some(mut process) => process.kill(),
            None => Ok(()),
        }
    }

    /// Starts the server again on the same data and the same port, after [`MariaDb::kill`] or in
    /// its place.
    pub fn restart(&mut self) -> Result<()> {
        self.kill()?;
        self.launch()
    }
}
