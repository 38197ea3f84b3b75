//! Where logs go: standard error, one line per event. See docs/logging.md for levels and for what is never logged.

use crate::settings::LogFormat;
use anyhow::Context;
use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;

/// Statements of the database would hold names and values; only its warnings are ours to see.
const ALWAYS: &str = "sqlx=warn,hyper=warn,rustls=warn,h2=warn";

/// Installs the subscriber.
pub fn install(filter: &str, format: LogFormat) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(format!("{ALWAYS},{filter}")).with_context(|| {
        format!("log filter `{filter}` is not understood; write info, debug or info,module=debug")
    })?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    let installed = match format {
        LogFormat::Text => builder
            .with_ansi(std::io::stderr().is_terminal())
            .with_target(false)
            .try_init(),
        LogFormat::Json => builder
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .try_init(),
    };
    installed.map_err(|error| anyhow::anyhow!("logging cannot be set up: {error}"))
}
