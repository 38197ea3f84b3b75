//! Who this Link is: the only thing it cannot lose.
//!
//! One JSON file, readable by its owner only, written to a temporary file that is synced and renamed, so
//! that a crash leaves the old file or the new one. Losing it means pairing again.

use crate::hub_client::HubAddress;
use floorwire_protocol::sealing::{LinkKey, SealingError};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::io::Write;
use std::path::{Path, PathBuf};

const FILE_NAME: &str = "identity.json";

/// Why the identity cannot be read or written. Never contains its secrets.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// The data folder or the file.
    #[error(
        "cannot {what} {path}: {source}; check that the folder exists and belongs to this user"
    )]
    File {
        /// What was tried.
        what: &'static str,
        /// The path.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is damaged.
    #[error("{path} is damaged at line {line}; move it away and pair this link again")]
    Damaged {
        /// The path.
        path: PathBuf,
        /// Line of the damage.
        line: usize,
    },
    /// The key in it is not one.
    #[error("the key in {path} is damaged: {source}; move the file away and pair this link again")]
    Key {
        /// The path.
        path: PathBuf,
        /// Why.
        source: SealingError,
    },
    /// The system gave no randomness.
    #[error("the operating system gave no randomness: {0}")]
    Randomness(#[from] getrandom::Error),
}

/// The file's content.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stored {
    key: String,
    token: String,
    hub: Option<String>,
    token_prefix: Option<String>,
    integration_name: Option<String>,
}

/// The Link's identity.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The key to which secrets are sealed.
    pub key: LinkKey,
    /// The Link's part of its bearer token.
    token: SecretString,
    /// Set once paired.
    pub pairing: Option<Pairing>,
}

/// What pairing gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pairing {
    /// The Hub.
    pub hub: HubAddress,
    /// What goes before the token.
    pub token_prefix: String,
    /// The integration's name at that time.
    pub integration_name: String,
}

impl Identity {
    /// Reads the identity; makes and stores a new one where there is none.
    pub fn load_or_create(data_dir: &Path) -> Result<Self, IdentityError> {
        let file_error = |what, path: &Path, source| IdentityError::File {
            what,
            path: path.to_owned(),
            source,
        };
        std::fs::create_dir_all(data_dir)
            .map_err(|source| file_error("create", data_dir, source))?;
        if let Some(known) = Self::load(data_dir)? {
            return Ok(known);
        }
        let created = Self {
            key: LinkKey::generate(),
            token: random_secret()?,
            pairing: None,
        };
        created.store(data_dir)?;
        Ok(created)
    }

    /// Reads the identity, `None` where there is none.
    pub fn load(data_dir: &Path) -> Result<Option<Self>, IdentityError> {
        let path = data_dir.join(FILE_NAME);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(source) => {
                return Err(IdentityError::File {
                    what: "read",
                    path,
                    source,
                });
            }
        };
        let damaged = |line| IdentityError::Damaged {
            path: path.clone(),
            line,
        };
        let stored: Stored = serde_json::from_str(&text).map_err(|error| damaged(error.line()))?;
        let key =
            LinkKey::from_secret_base64(&stored.key).map_err(|source| IdentityError::Key {
                path: path.clone(),
                source,
            })?;
        let pairing = match (stored.hub, stored.token_prefix) {
            (Some(hub), Some(token_prefix)) => Some(Pairing {
                hub: hub.parse().map_err(|_| damaged(0))?,
                token_prefix,
                integration_name: stored.integration_name.unwrap_or_default(),
            }),
            _ => None,
        };
        Ok(Some(Self {
            key,
            token: stored.token.into(),
            pairing,
        }))
    }

    /// Writes the identity so that a crash leaves the old one or the new one.
    pub fn store(&self, data_dir: &Path) -> Result<(), IdentityError> {
        let path = data_dir.join(FILE_NAME);
        let pairing = self.pairing.as_ref();
        let stored = Stored {
            key: self.key.secret_base64(),
            token: self.token.expose_secret().to_owned(),
            hub: pairing.map(|pairing| pairing.hub.to_string()),
            token_prefix: pairing.map(|pairing| pairing.token_prefix.clone()),
            integration_name: pairing.map(|pairing| pairing.integration_name.clone()),
        };
        let written = serde_json::to_vec_pretty(&stored)
            .map_err(std::io::Error::other)
            .and_then(|bytes| write_private(data_dir, &path, &bytes));
        written.map_err(|source| IdentityError::File {
            what: "write",
            path,
            source,
        })
    }

    /// SHA-256 of the token, for pairing.
    pub fn token_sha256(&self) -> String {
        floorwire_protocol::encoding::sha256_hex(self.token.expose_secret().as_bytes())
    }

    /// The bearer token, once paired.
    pub fn bearer(&self) -> Option<SecretString> {
        let prefix = &self.pairing.as_ref()?.token_prefix;
        Some(format!("{prefix}{}", self.token.expose_secret()).into())
    }
}

/// 256 random bits in hexadecimal.
pub fn random_secret() -> Result<SecretString, getrandom::Error> {
    let mut bytes = [0u8; 32];
    getrandom::fill(&mut bytes)?;
    Ok(hex::encode(bytes).into())
}

/// Writes a file that only its owner may read, replacing the old one at once.
pub fn write_private(folder: &Path, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    // A temporary file is created readable by its owner only.
    let mut temporary = tempfile::NamedTempFile::new_in(folder)?;
    temporary.write_all(bytes)?;
    temporary.as_file().sync_all()?;
    temporary.persist(path).map_err(|error| error.error)?;
    std::fs::File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn an_identity_survives_and_is_private() {
        let folder = tempfile::tempdir().unwrap();
        let mut made = Identity::load_or_create(folder.path()).unwrap();
        assert!(made.bearer().is_none());
        made.pairing = Some(Pairing {
            hub: "http://127.0.0.1:8080".parse().unwrap(),
            token_prefix: "fwl_1_2_".into(),
            integration_name: "Avaya".into(),
        });
        made.store(folder.path()).unwrap();
        let read = Identity::load_or_create(folder.path()).unwrap();
        assert_eq!(read.pairing, made.pairing);
        assert_eq!(read.token_sha256(), made.token_sha256());
        assert!(
            read.bearer()
                .unwrap()
                .expose_secret()
                .starts_with("fwl_1_2_")
        );
        let mode = std::fs::metadata(folder.path().join(FILE_NAME))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(!format!("{read:?}").contains(read.token.expose_secret()));
    }

    #[test]
    fn a_damaged_file_is_named() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE_NAME), "{\n  \"key\": ").unwrap();
        let error = Identity::load(folder.path()).unwrap_err();
        assert!(error.to_string().contains("damaged at line 2"), "{error}");
    }
}
