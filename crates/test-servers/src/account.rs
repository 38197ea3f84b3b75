//! The account that a database server runs under.
//!
//! `initdb` and `mariadbd` refuse root. When the tests run as root the servers run as `nobody`, in
//! folders that are given to it; otherwise they run as whoever runs the tests.

use std::{
    fs::Permissions,
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::Path,
    process::Command,
};

use anyhow::{Context, Result};
use nix::unistd::{Uid, User, chown, geteuid};

/// Runs commands and owns folders for a server.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    /// `None` when no privileges have to be dropped.
    user: Option<User>,
}

impl Account {
    pub(crate) fn for_servers() -> Result<Self> {
        if geteuid() != Uid::from_raw(0) {
            return Ok(Self { user: None });
        }
        let user = User::from_name("nobody")
            .context("the account database cannot be read")?
            .context("there is no account nobody to run a database server under")?;
        Ok(Self { user: Some(user) })
    }

    /// Makes a command run under this account, with its home in the given folder.
    pub(crate) fn apply(&self, command: &mut Command, folder: &Path) {
        command
            .env("HOME", folder)
            .env("TMPDIR", folder)
            .current_dir(folder);
        if let Some(user) = &self.user {
            command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
        }
    }

    /// Gives a file or folder to the account, closed to others.
    pub(crate) fn own(&self, path: &Path, mode: u32) -> Result<()> {
        std::fs::set_permissions(path, Permissions::from_mode(mode))
            .with_context(|| format!("cannot set the mode of {}", path.display()))?;
        if let Some(user) = &self.user {
            chown(path, Some(user.uid), Some(user.gid))
                .with_context(|| format!("cannot give {} away", path.display()))?;
        }
        Ok(())
    }
}
