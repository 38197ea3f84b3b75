#![doc = include_str!("../README.md")]

mod account;
mod client;
mod mariadb;
mod postgres;
mod process;
mod sqlite;

pub use self::{mariadb::MariaDb, postgres::Postgres, sqlite::SqliteCms};

/// A TCP port of 127.0.0.1 that nobody listens on right now.
///
/// Another process may take it before the caller does; a server that is started on it then fails
/// to start, and the caller takes another.
pub fn free_port() -> u16 {
    std::net::TcpListener::bind(("127.0.0.1", 0))
        .and_then(|listener| listener.local_addr())
        .map_or(0, |address| address.port())
}

/// A password that no other run uses, so that a test can search for it.
fn fresh_password() -> anyhow::Result<String> {
    use anyhow::Context as _;
    let random = std::fs::read_to_string("/proc/sys/kernel/random/uuid")
        .context("no random numbers for a password")?;
    Ok(format!("marked-{}", random.trim()))
}
