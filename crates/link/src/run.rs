//! `floorwire-link run`: pair if needed, then follow the Hub until told to stop.

use crate::cms::{Cms, Limits};
use crate::guard::Guard;
use crate::hub_client::{HubAddress, HubClient};
use crate::identity::{Identity, random_secret};
use crate::options::{Settings, host_name};
use crate::pairing::pair;
use crate::runner::{Runner, upload_places};
use crate::status_file::{Status, StatusFile};
use crate::sync::{self, Reports};
use anyhow::{Context, bail};
use floorwire_odbc::{Supervisor, WorkerSettings};
use floorwire_protocol::messages::{LinkDescription, PairingCreated};
use floorwire_protocol::words::key_words;
use secrecy::ExposeSecret;
use std::time::Duration;
use tokio::sync::watch;

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
    let outcome = tokio::select! {
        outcome = follow(&settings, &mut identity, hub, link, &mut cms, Reports::new(guard), status) => outcome,
        () = &mut stop => Ok(()),
    };
    if tokio::time::timeout(DRAIN_LIMIT, cms.stop()).await.is_err() {
        tracing::warn!("odbc worker did not end in time");
    }
    outcome
}

async fn follow(
    settings: &Settings,
    identity: &mut Identity,
    hub: HubAddress,
    link: LinkDescription,
    cms: &mut Cms,
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
