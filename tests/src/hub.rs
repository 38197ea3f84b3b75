//! A Hub process with an account, a login and a token.

use crate::api::Api;
use crate::process::{Process, output, program};
use crate::small_disk::SmallDisk;
use anyhow::{Context, bail};
use floorwire_test_servers::{Postgres, free_port};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// E-mail of the login made for the account.
pub const EMAIL: &str = "demo@floorwire.example";
/// Says how far the Hub is ahead of the machine's clock.
const CLOCK_AHEAD: &str = "FLOORWIRE_CLOCK_AHEAD_SECONDS";
/// How long a Hub may take to answer after its start.
const START_LIMIT: Duration = Duration::from_secs(60);

/// Where the Hub keeps its data.
pub enum HubStore {
    /// A file in its data folder.
    Sqlite,
    /// A private server.
    Postgres(Box<Postgres>),
}

impl HubStore {
    /// By its [`HubStore::name`].
    pub fn named(name: &str) -> anyhow::Result<Self> {
        match name {
            "postgresql" => Self::postgres(),
            _ => Ok(Self::Sqlite),
        }
    }

    /// Starts a server with an empty database.
    pub fn postgres() -> anyhow::Result<Self> {
        let server = Postgres::start()?;
        server.create_database("floorwire")?;
        Ok(Self::Postgres(Box::new(server)))
    }

    /// Name for messages.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres(_) => "postgresql",
        }
    }
}

/// A Hub that can be stopped and started again on the same data.
pub struct Hub {
    /// Where it keeps its data.
    pub store: HubStore,
    folder: PathBuf,
    port: u16,
    /// Password of [`EMAIL`].
    pub password: String,
    /// A personal access token of that user.
    pub token: String,
    process: Option<Process>,
    environment: Vec<(String, String)>,
    proxied: Option<String>,
    small_disk: Option<SmallDisk>,
}

impl Hub {
    /// Creates account, login and token, and starts the Hub on this port.
    pub async fn start(folder: &Path, store: HubStore, port: Option<u16>) -> anyhow::Result<Self> {
        Self::start_with(folder, store, port, Vec::new()).await
    }

    /// The same with environment variables for the program.
    pub async fn start_with(
        folder: &Path,
        store: HubStore,
        port: Option<u16>,
        environment: Vec<(String, String)>,
    ) -> anyhow::Result<Self> {
        Self::start_on(folder, store, port, environment, None).await
    }

    /// Stops it, and starts it again believing that it is `now`.
    pub async fn restart_at(&mut self, now: jiff::Timestamp) -> anyhow::Result<()> {
        self.end()?;
        let ahead_s = now.as_second() - jiff::Timestamp::now().as_second();
        self.environment.retain(|(name, _)| name != CLOCK_AHEAD);
        self.environment
            .push((CLOCK_AHEAD.to_owned(), ahead_s.to_string()));
        self.restart().await
    }

    /// A Hub whose data folder is a file system of so many MiB, seen by that process only. Works as root and
    /// where ordinary users may have namespaces of their own.
    pub async fn start_on_small_disk(folder: &Path, mib: u32) -> anyhow::Result<Self> {
        Self::start_on(folder, HubStore::Sqlite, None, Vec::new(), Some(mib)).await
    }

    async fn start_on(
        folder: &Path,
        store: HubStore,
        port: Option<u16>,
        environment: Vec<(String, String)>,
        small_disk_mib: Option<u32>,
    ) -> anyhow::Result<Self> {
        let data_dir = folder.join("hub");
        std::fs::create_dir_all(&data_dir)?;
        let small_disk = small_disk_mib
            .map(|mib| SmallDisk::mount(&data_dir, mib))
            .transpose()?;
        let mut hub = Self {
            store,
            folder: folder.to_owned(),
            port: port.unwrap_or_else(free_port),
            password: random_password()?,
            token: String::new(),
            process: None,
            environment,
            proxied: None,
            small_disk,
        };
        let mut add_user = hub.command()?;
        add_user.args([
            "user",
            "add",
            "--account",
            "Demo",
            "--email",
            EMAIL,
            "--role",
            "owner",
            "--password-stdin",
        ]);
        output(
            "floorwire-hub user add",
            hub.placed(add_user),
            Some(&format!("{}\n", hub.password)),
        )?;
        let mut create_token = hub.command()?;
        create_token.args([
            "token",
            "create",
            "--account",
            "Demo",
            "--email",
            EMAIL,
            "--name",
            "stage",
        ]);
        hub.token = output("floorwire-hub token create", hub.placed(create_token), None)?
            .trim()
            .to_owned();
        hub.restart().await?;
        Ok(hub)
    }

    fn command(&self) -> anyhow::Result<Command> {
        let mut command = program("floorwire-hub")?;
        command.env("FLOORWIRE_DATA_DIR", self.folder.join("hub"));
        if let HubStore::Postgres(server) = &self.store {
            command.env("FLOORWIRE_DATABASE_URL", server.url("floorwire"));
        }
        command.envs(self.environment.iter().cloned());
        Ok(command)
    }

    /// As the Hub sees its data folder: on its small disk where it has one.
    fn placed(&self, command: Command) -> Command {
        match &self.small_disk {
            Some(disk) => disk.enter(&command),
            None => command,
        }
    }

    /// The address that others use.
    pub fn url(&self) -> String {
        self.proxied.clone().unwrap_or_else(|| self.own_url())
    }

    fn own_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// From now on others use this address, which leads here.
    pub fn answer_through(&mut self, address: &str) {
        self.proxied = Some(address.to_owned());
    }

    /// Fills the small disk; removing the returned file frees it.
    pub fn fill_disk(&self) -> anyhow::Result<PathBuf> {
        self.small_disk
            .as_ref()
            .context("the hub has no small disk")?
            .fill()
    }

    /// A client with the token.
    pub fn api(&self) -> anyhow::Result<Api> {
        Api::new(&self.url(), &self.token)
    }

    /// Its log file.
    pub fn log_file(&self) -> PathBuf {
        self.folder.join("hub.log")
    }

    /// Starts the program on the data it has, and waits until it answers.
    pub async fn restart(&mut self) -> anyhow::Result<()> {
        let mut serve = self.command()?;
        serve.args([
            "serve",
            "--listen",
            &format!("127.0.0.1:{}", self.port),
            "--public-url",
            &self.url(),
        ]);
        self.process = Some(Process::start(
            "floorwire-hub serve",
            self.placed(serve),
            &self.log_file(),
        )?);
        let begin = Instant::now();
        let client = reqwest::Client::new();
        loop {
            self.process()?.check_running()?;
            let answer = client
                .get(format!("{}/healthz", self.own_url()))
                .send()
                .await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                return Ok(());
            }
            if begin.elapsed() > START_LIMIT {
                bail!(
                    "the hub does not answer after {START_LIMIT:?}; see {}",
                    self.log_file().display()
                );
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The running process.
    pub fn process(&mut self) -> anyhow::Result<&mut Process> {
        self.process.as_mut().context("the hub is stopped")
    }

    /// Looks into the database as it is: the single number that a query gives.
    pub async fn number(&self, query: &'static str) -> anyhow::Result<i64> {
        match &self.store {
            HubStore::Postgres(server) => Ok(server.sql("floorwire", query)?.trim().parse()?),
            HubStore::Sqlite => {
                let file = self.folder.join("hub").join("hub.sqlite3");
                let options = SqliteConnectOptions::new().filename(file).read_only(true);
                let mut connection = options.connect().await?;
                let number = sqlx::query_scalar(query).fetch_one(&mut connection).await?;
                connection.close().await?;
                Ok(number)
            }
        }
    }

    /// Looks into the database as it is: the texts that a query gives, one per row.
    pub async fn texts(&self, query: &str) -> anyhow::Result<Vec<String>> {
        match &self.store {
            HubStore::Postgres(server) => {
                let printed = server.sql("floorwire", query)?;
                Ok(printed.lines().map(str::to_owned).collect())
            }
            HubStore::Sqlite => {
                let file = self.folder.join("hub").join("hub.sqlite3");
                let options = SqliteConnectOptions::new().filename(file).read_only(true);
                let mut connection = options.connect().await?;
                let query = sqlx::query_scalar(sqlx::AssertSqlSafe(query.to_owned()));
                let texts = query.fetch_all(&mut connection).await?;
                connection.close().await?;
                Ok(texts)
            }
        }
    }

    /// kill -9.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        self.process.take().context("the hub is stopped")?.kill()
    }

    /// Asks it to end, and waits.
    pub fn end(&mut self) -> anyhow::Result<()> {
        self.process.take().map_or(Ok(()), Process::end)
    }
}

fn random_password() -> anyhow::Result<String> {
    let words = floorwire_protocol::words::key_words(
        &floorwire_protocol::sealing::LinkKey::generate().public_base64(),
    )?;
    Ok(words.join("-"))
}
