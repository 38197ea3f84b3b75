//! `floorwire-hub serve`: starts the hub and ends it on a signal.

use crate::cli::ServeOptions;
use crate::logging;
use crate::settings::{self, Settings, masked};
use anyhow::Context;
use floorwire_avaya_cms::AvayaCms;
use floorwire_hub::{Hub, Vendors};
use floorwire_model::derivation::Vendor;
use std::io::Write;
use std::sync::Arc;
use tokio::signal::unix::{SignalKind, signal};

/// The sources this program can derive from.
fn vendors() -> Vendors {
    let avaya: Arc<dyn Vendor> = Arc::new(AvayaCms);
    Vendors::new([avaya])
}

/// Runs until SIGTERM or SIGINT; a second signal ends at once.
pub async fn run(options: Box<ServeOptions>) -> anyhow::Result<()> {
    let settings = settings::load(*options)?;
    logging::install(&settings.log, settings.log_format)?;
    log_settings(&settings);
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen for SIGINT")?;
    let listen = settings.config.listen;
    let running = Hub::start(settings.config, vendors()).await?;
    print_address(&running.url());
    if !running.state.config.is_public_https() && !listen.ip().is_loopback() {
        tracing::warn!(
            "the hub is reached without TLS: passwords and data cross the network in the clear; set tls-cert and tls-key, or a proxy with TLS and public-url"
        );
    }
    if running.state.config.clock_ahead_s != 0 {
        tracing::warn!(
            seconds = running.state.config.clock_ahead_s,
            "the hub's clock is not the machine's: this is a rehearsal, what is imported is stamped with its time"
        );
    }
    if let Some(url) = running.setup_url().await? {
        tracing::warn!(
            "nobody can sign in yet; open the set-up link on standard output, or add a user: floorwire-hub user add --account NAME --email ADDRESS --role owner"
        );
        print_setup(&url);
    }
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("told to end");
    tokio::select! {
        () = running.shutdown() => Ok(()),
        _ = terminate.recv() => anyhow::bail!("ended at once by a second signal"),
        _ = interrupt.recv() => anyhow::bail!("ended at once by a second signal"),
    }
}

/// The first line on standard output, for people and scripts that start the hub on port 0.
#[allow(clippy::print_stdout)]
fn print_address(url: &str) {
    println!("floorwire-hub listens on {url}");
}

/// The link that sets the hub up goes to the console alone: whoever has it becomes the owner.
fn print_setup(url: &str) {
    let mut out = std::io::stdout();
    let text = format!("set this hub up (once, within 24 hours): {url}\n");
    if out
        .write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .is_err()
    {
        tracing::warn!("standard output is closed, so the set-up link could not be shown");
    }
}

fn log_settings(settings: &Settings) {
    let config = &settings.config;
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        listen = %config.listen,
        public_url = config.public_url.as_ref().map(|url| masked(url.as_str())),
        data_dir = %config.data_dir.display(),
        database_url = config.database_url.as_deref().map(masked),
        nats_url = config.nats_url.as_deref().map(masked),
        tls = config.tls.is_some(),
        trusted_proxies = ?config.trusted_proxies,
        node_name = config.node_name,
        log = settings.log,
        log_format = ?settings.log_format,
        "floorwire hub starts"
    );
}
