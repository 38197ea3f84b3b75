//! The command line.

use clap::{Args, Parser, Subcommand};
use floorwire_hub::auth::role::{Role, Scope};
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

/// Floorwire Hub: keeps what a contact centre's ACD knows, and shows it.
#[derive(Debug, Parser)]
#[command(name = "floorwire-hub", version, propagate_version = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the hub until it is told to end (SIGTERM, SIGINT)
    Serve(Box<ServeOptions>),
    /// Users
    User {
        /// What to do with them.
        #[command(subcommand)]
        command: UserCommand,
    },
    /// Personal access tokens
    Token {
        /// What to do with them.
        #[command(subcommand)]
        command: TokenCommand,
    },
}

/// What to do with users.
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Add a user, and the account where it is new. Without --password-stdin a password is made and printed once
    Add(AddUser),
}

/// What to do with tokens.
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Make a personal access token and print it once
    Create(CreateToken),
}

/// Where the data is; the same for all commands.
#[derive(Clone, Debug, Default, Args)]
pub struct StoreOptions {
    /// TOML file with settings; fields are named like the options. The commented default file is docs/floorwire-hub.toml
    #[arg(long, env = "FLOORWIRE_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Folder of the SQLite database; created when missing [default: ./floorwire-hub-data]
    #[arg(long, env = "FLOORWIRE_DATA_DIR", value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// PostgreSQL in place of SQLite: postgres://USER:PASSWORD@HOST/DATABASE. Better given by environment or file, since
    /// other users of the machine can see options
    #[arg(
        long,
        env = "FLOORWIRE_DATABASE_URL",
        value_name = "URL",
        hide_env_values = true
    )]
    pub database_url: Option<String>,
}

/// Options of `serve`.
#[derive(Clone, Debug, Default, Args)]
pub struct ServeOptions {
    /// Where the data is.
    #[command(flatten)]
    pub store: StoreOptions,
    /// Address and port to listen on [default: 127.0.0.1:8080]
    #[arg(long, env = "FLOORWIRE_LISTEN", value_name = "ADDR")]
    pub listen: Option<SocketAddr>,
    /// Address under which browsers and Links reach the hub, such as `https://floorwire.example.com`. With https, the session
    /// cookie is bound to TLS [default: what each request says]
    #[arg(long, env = "FLOORWIRE_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,
    /// NATS server of a hub with several nodes; not supported yet, and refused
    #[arg(
        long,
        env = "FLOORWIRE_NATS_URL",
        value_name = "URL",
        hide_env_values = true
    )]
    pub nats_url: Option<String>,
    /// Certificate chain, PEM; together with --tls-key
    #[arg(long, env = "FLOORWIRE_TLS_CERT", value_name = "FILE")]
    pub tls_cert: Option<PathBuf>,
    /// Private key, PEM
    #[arg(long, env = "FLOORWIRE_TLS_KEY", value_name = "FILE")]
    pub tls_key: Option<PathBuf>,
    /// Reverse proxy whose X-Forwarded-For is believed when sign-in attempts are counted; can be given several times
    #[arg(
        long = "trusted-proxy",
        env = "FLOORWIRE_TRUSTED_PROXIES",
        value_name = "IP",
        value_delimiter = ','
    )]
    pub trusted_proxies: Vec<IpAddr>,
    /// How this process calls itself in logs [default: the host name]
    #[arg(long, env = "FLOORWIRE_NODE_NAME", value_name = "NAME")]
    pub node_name: Option<String>,
    /// For rehearsals: how far the hub is ahead of the machine's clock, in seconds; negative: behind it
    #[arg(
        long,
        env = "FLOORWIRE_CLOCK_AHEAD_SECONDS",
        value_name = "SECONDS",
        default_value_t = 0,
        allow_hyphen_values = true,
        hide = true
    )]
    pub clock_ahead_seconds: i64,
    /// What to log: error, warn, info, debug, trace, or per module like info,floorwire_hub=debug [default: info]
    #[arg(long, env = "FLOORWIRE_LOG", value_name = "FILTER")]
    pub log: Option<String>,
    /// How to log: text or json [default: text]
    #[arg(long, env = "FLOORWIRE_LOG_FORMAT", value_name = "FORMAT")]
    pub log_format: Option<crate::settings::LogFormat>,
}

/// Options of `user add`.
#[derive(Debug, Args)]
pub struct AddUser {
    /// Where the data is.
    #[command(flatten)]
    pub store: StoreOptions,
    /// Name of the account; created when there is none
    #[arg(long, env = "FLOORWIRE_ACCOUNT", value_name = "NAME")]
    pub account: String,
    /// Address with which the user signs in
    #[arg(long, env = "FLOORWIRE_EMAIL", value_name = "ADDRESS")]
    pub email: String,
    /// owner, admin, planner, team-lead, viewer or auditor
    #[arg(
        long,
        env = "FLOORWIRE_ROLE",
        value_name = "ROLE",
        default_value = "viewer"
    )]
    pub role: Role,
    /// Read the password from standard input (first line)
    #[arg(long, env = "FLOORWIRE_PASSWORD_STDIN")]
    pub password_stdin: bool,
}

/// Options of `token create`.
#[derive(Debug, Args)]
pub struct CreateToken {
    /// Where the data is.
    #[command(flatten)]
    pub store: StoreOptions,
    /// Name of the account
    #[arg(long, env = "FLOORWIRE_ACCOUNT", value_name = "NAME")]
    pub account: String,
    /// User for whom the token acts
    #[arg(long, env = "FLOORWIRE_EMAIL", value_name = "ADDRESS")]
    pub email: String,
    /// What the token is for
    #[arg(long, env = "FLOORWIRE_TOKEN_NAME", value_name = "NAME")]
    pub name: String,
    /// all (what the user may do), read (what the user may see) or queues (queues and their figures)
    #[arg(
        long,
        env = "FLOORWIRE_TOKEN_SCOPE",
        value_name = "SCOPE",
        default_value = "all"
    )]
    pub scope: Scope,
    /// Day on which it ends (YYYY-MM-DD, UTC), or a number of days such as 90d [default: never]
    #[arg(long, env = "FLOORWIRE_TOKEN_EXPIRES", value_name = "DAY")]
    pub expires: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
