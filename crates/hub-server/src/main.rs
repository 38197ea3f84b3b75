//! `floorwire-hub`: the hub as a program. Reads options, environment and file, registers the vendors, starts and stops the
//! library's hub, and serves the operator's commands.
//!
//! Every option can also be given by environment (`FLOORWIRE_*`) or in the file named by `--config`; the option wins over
//! the environment, the environment over the file, the file over the default. Unknown fields of the file are refused. The
//! effective values are logged at start, passwords masked.
//!
//! Exit codes: 0 after an orderly end, 1 when something failed, 2 for wrong options.

mod cli;
mod commands;
mod logging;
mod serve;
mod settings;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    // Several parts of the tree bring a provider of their own; without a choice the first handshake would fail.
    if rustls::crypto::aws_lc_rs::default_provider()
        .install_default()
        .is_err()
    {
        return fail(&anyhow::anyhow!(
            "another TLS provider is installed already"
        ));
    }
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

fn run(cli: cli::Cli) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        match cli.command {
            cli::Command::Serve(options) => serve::run(options).await,
            cli::Command::User {
                command: cli::UserCommand::Add(options),
            } => commands::add_user(options).await,
            cli::Command::Token {
                command: cli::TokenCommand::Create(options),
            } => commands::create_token(options).await,
        }
    })
}

#[allow(clippy::print_stderr)]
fn fail(error: &anyhow::Error) -> ExitCode {
    eprintln!("floorwire-hub: {error:#}");
    ExitCode::FAILURE
}
