//! `floorwire-link run`: pair if needed, then follow the Hub until told to stop.

use crate::cms::{Cms, Limits};
use crate::feed::board::Board;
use crate::feed::clock::FeedClock;
use crate::feed::port::Surroundings;
use crate::feed::upload::Upload;
use crate::feed::{Feeds, vendor};
use crate::guard::Guard;
use crate::hub_client::{HubAddress, HubClient};
use crate::identity::{Identity, random_secret};
use crate::live_buffer::{BufferSettings, LiveBuffer};
use crate::options::{Settings, host_name};
use crate::pairing::pair;
use crate::runner::{Runner, upload_places};
use crate::status_file::{Status, StatusFile};
use crate::sync::{self, Reports};
use anyhow::{Context, bail};
use floorwire_odbc::{Supervisor, WorkerSettings};
use floorwire_protocol::messages::{Desired, LinkDescription, PairingCreated};
use floorwire_protocol::words::key_words;
use secrecy::ExposeSecret;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Live events are deleted for their age only when the Hub has not answered for so long.
const HUB_PATIENCE: Duration = Duration::from_secs(600);
/// How long ending may take once asked to stop.
const DRAIN_LIMIT: Duration = Duration::from_secs(5);

/// Runs the Link until `stop` resolves.
pub async fn run(settings: Settings, stop: impl Future<Output = ()>) -> anyhow::Result<()> {
    let mut identity = Identity::load_or_create(&settings.data_dir)?;
    let hub = hub_address(&settings, &identity)?;
    let guard = Guard::new(settings.guard);
    let mut cms = Cms::new(
        Supervisor::new(worker_settings(&settings)?),
        identity.key.clone(),
        Limits {
            row_limit: settings.row_limit,
            statement_timeout_s: settings.statement_timeout_s,
        },
        guard.clone(),
    );
    let link = describe(&settings, &mut cms).await;
    let status = StatusFile::new(
        &settings.data_dir,
        Status {
            pid: std::process::id(),
            version: link.version.clone(),
            hub: hub.to_string(),
            key_words: words_of(&identity)?,
            ..Status::default()
        },
    );
    tokio::pin!(stop);
    let mut live = None;
    let outcome = tokio::select! {
        outcome = follow(&settings, &mut identity, hub, link, &mut cms, &mut live, Reports::new(guard), status) => outcome,
        () = &mut stop => Ok(()),
    };
    if let Some(live) = live
        && tokio::time::timeout(DRAIN_LIMIT, live.end()).await.is_err()
    {
        tracing::warn!("the feeds did not end in time");
    }
    if tokio::time::timeout(DRAIN_LIMIT, cms.stop()).await.is_err() {
        tracing::warn!("odbc worker did not end in time");
    }
    outcome
}

/// The tasks of the real-time feeds.
struct Live {
    buffer: LiveBuffer,
    stop_feeds: CancellationToken,
    feeds: JoinHandle<()>,
    stop_upload: CancellationToken,
    upload: JoinHandle<()>,
}

impl Live {
    /// Feeds first, so that their last events can be sent.
    async fn end(self) {
        self.stop_feeds.cancel();
        let feeds = self.feeds.await;
        self.stop_upload.cancel();
        let upload = self.upload.await;
        for ended in [feeds, upload] {
            if let Err(error) = ended {
                tracing::error!(%error, "a task of the feeds ended badly");
            }
        }
        self.buffer.stop().await;
    }
}

#[allow(clippy::too_many_arguments)] // the parts of the program meet here once
async fn follow(
    settings: &Settings,
    identity: &mut Identity,
    hub: HubAddress,
    link: LinkDescription,
    cms: &mut Cms,
    live: &mut Option<Live>,
    reports: Reports,
    status: StatusFile,
) -> anyhow::Result<()> {
    let words = words_of(identity)?;
    if identity.pairing.is_none() {
        let code = settings
            .integration
            .as_deref()
            .context("not paired yet: give the code of the integration with --integration")?;
        let pairing = pair(identity, &hub, code, &link, &status, |created| {
            announce(created, &words)
        })
        .await?;
        identity.pairing = Some(pairing);
        identity.store(&settings.data_dir)?;
    }
    let bearer = identity.bearer().context("the identity has no pairing")?;
    let integration = identity
        .pairing
        .as_ref()
        .map(|pairing| pairing.integration_name.clone());
    tracing::info!(%hub, integration, key_words = words, "paired");
    status.change(|status| status.integration = integration.unwrap_or_default());
    let client = HubClient::new(hub)?.with_bearer(bearer);
    let boot_id = random_secret()?.expose_secret()[..16].to_owned();
    let (desired_sender, desired) = watch::channel(None);
    let syncing = sync::run(
        client.clone(),
        boot_id.clone(),
        link,
        reports.clone(),
        desired_sender,
        status.clone(),
    );
    *live = Some(start_live(
        settings,
        identity,
        &client,
        &boot_id,
        &reports,
        &status,
        desired.clone(),
    )?);
    let mut runner = Runner {
        cms,
        client,
        boot_id,
        reports,
        desired,
        status,
        uploads: upload_places(),
        data_dir: settings.data_dir.clone(),
    };
    tokio::select! {
        error = syncing => bail!(
            "the hub does not know this link any more ({error}); move {} away to pair again",
            settings.data_dir.join("identity.json").display()
        ),
        () = runner.run() => Ok(()),
    }
}

fn start_live(
    settings: &Settings,
    identity: &Identity,
    client: &HubClient,
    boot_id: &str,
    reports: &Reports,
    status: &StatusFile,
    desired: watch::Receiver<Option<Desired>>,
) -> anyhow::Result<Live> {
    let pairing = identity.pairing.as_ref();
    let clock = FeedClock::system();
    let read = clock.clone();
    let buffer = LiveBuffer::start(BufferSettings {
        folder: settings.data_dir.clone(),
        owner: pairing
            .map(|pairing| pairing.token_prefix.clone())
            .unwrap_or_default(),
        quota_bytes: settings.live_buffer_bytes,
        keep_days: settings.live_buffer_days,
        patience: HUB_PATIENCE,
        clock: Arc::new(move || read.now_utc_ms()),
    })
    .context("cannot start the live buffer")?;
    let board = Board::default();
    let feeds = Feeds {
        around: Surroundings {
            vendor: vendor::vendor(),
            buffer: buffer.clone(),
            board: board.clone(),
            clock,
        },
        policy: settings.feeds.clone(),
        reports: reports.clone(),
        status: status.clone(),
        data_dir: settings.data_dir.clone(),
    };
    let upload = Upload {
        client: client.clone(),
        buffer: buffer.clone(),
        board,
        boot_id: boot_id.to_owned(),
        sent_until_utc_ms: None,
    };
    let (stop_feeds, stop_upload) = (CancellationToken::new(), CancellationToken::new());
    Ok(Live {
        buffer,
        feeds: tokio::spawn(feeds.run(desired, stop_feeds.clone())),
        upload: tokio::spawn(upload.run(stop_upload.clone())),
        stop_feeds,
        stop_upload,
    })
}

fn words_of(identity: &Identity) -> anyhow::Result<String> {
    Ok(key_words(&identity.key.public_base64())?.join(" "))
}

fn hub_address(settings: &Settings, identity: &Identity) -> anyhow::Result<HubAddress> {
    let paired = identity.pairing.as_ref().map(|pairing| &pairing.hub);
    let given = settings
        .hub
        .as_deref()
        .map(str::parse::<HubAddress>)
        .transpose()?;
    match (paired, given) {
        // An address given later wins: a Hub may move.
        (_, Some(given)) => Ok(given),
        (Some(paired), None) => Ok(paired.clone()),
        (None, None) => bail!("not paired yet: give the hub's address with --hub"),
    }
}

/// How the worker of this program's own is started.
pub(crate) fn worker_settings(settings: &Settings) -> anyhow::Result<WorkerSettings> {
    let program = std::env::current_exe().context("cannot find this program's own file")?;
    Ok(WorkerSettings {
        program,
        arguments: vec!["odbc-worker".into()],
        login_timeout: settings.login_timeout,
        stall_timeout: settings.stall_timeout,
        restart_backoff: floorwire_odbc::Backoff::default(),
    })
}

async fn describe(settings: &Settings, cms: &mut Cms) -> LinkDescription {
    let registered = cms.registered().await;
    if let Err(problem) = &registered {
        tracing::warn!(
            code = problem.code,
            detail = problem.detail,
            "cannot list the ODBC drivers of this host"
        );
    }
    let (drivers, data_sources) = registered
        .map(|registered| (registered.drivers, registered.data_sources))
        .unwrap_or_default();
    LinkDescription {
        name: settings.name.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        host: host_name(),
        operating_system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        drivers,
        data_sources,
        guard: Some(settings.guard),
    }
}

/// The PIN goes to the console, where a person at this server reads it, and not to the log.
#[allow(clippy::print_stdout)]
fn announce(created: &PairingCreated, words: &str) {
    println!("\n  Integration  {}", created.integration_name);
    println!("  PIN          {}   (valid for 5 minutes)", created.pin);
    println!("  Key words    {words}\n");
    println!("Enter the PIN on the integration's page and compare the key words.");
}
