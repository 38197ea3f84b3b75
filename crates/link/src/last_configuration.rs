//! The configuration the Hub gave last, for `floorwire-link doctor`.
//!
//! One JSON file, readable by its owner only, replaced as a whole. Secrets in it are sealed to the Link's key, as they came.
//! The running Link does not read it: what counts is what the Hub says.

use crate::identity::write_private;
use floorwire_protocol::messages::LinkConfiguration;
use std::path::Path;

const FILE_NAME: &str = "configuration.json";

/// Writes it. A full disk is logged and stops nothing: the file is for people.
pub fn store(folder: &Path, configuration: &LinkConfiguration) {
    let written = serde_json::to_vec_pretty(configuration)
        .map_err(std::io::Error::other)
        .and_then(|bytes| write_private(folder, &folder.join(FILE_NAME), &bytes));
    if let Err(error) = written {
        tracing::warn!(%error, folder = %folder.display(), "cannot write the last configuration");
    }
}

/// Reads it; `None` where there is none.
pub fn load(folder: &Path) -> std::io::Result<Option<LinkConfiguration>> {
    match std::fs::read(folder.join(FILE_NAME)) {
        Ok(bytes) => serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(std::io::Error::other),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use floorwire_model::agents::scope::AgentScope;

    #[test]
    fn what_was_stored_is_loaded() {
        let folder = tempfile::tempdir().unwrap();
        assert!(load(folder.path()).unwrap().is_none());
        let configuration = LinkConfiguration {
            version: 3,
            connection_open: "DSN=A;PWD={sealed}".into(),
            connection_sealed: "c2VhbGVk".into(),
            agent_scope: AgentScope::All,
            realtime: None,
        };
        store(folder.path(), &configuration);
        assert_eq!(load(folder.path()).unwrap(), Some(configuration));
    }
}
