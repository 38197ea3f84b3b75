//! Passwords: Argon2id, PHC strings, on the blocking pool.
//!
//! One computation takes 19 MiB and some tens of milliseconds, so at most [`AT_ONCE`] run at a time; further ones wait.
//! A sign-in for an address nobody has costs the same as one with a wrong password.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// How many hashes are computed at once.
pub const AT_ONCE: usize = 2;
/// Fewest characters of a new password.
pub const SHORTEST: usize = 10;
/// Most bytes of a password; longer ones are refused before hashing.
pub const LONGEST: usize = 1024;

/// Why a password could not be hashed or checked.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// Too short.
    #[error("the password has fewer than {SHORTEST} characters; choose a longer one")]
    TooShort,
    /// Too long.
    #[error("the password has more than {LONGEST} bytes; choose a shorter one")]
    TooLong,
    /// The hash function failed.
    #[error("the password cannot be hashed: {0}")]
    Hash(String),
    /// The work was cancelled, which happens only while the program ends.
    #[error("password work was cancelled")]
    Cancelled,
}

/// Hashes and checks passwords.
#[derive(Clone, Debug)]
pub struct Passwords {
    permits: Arc<Semaphore>,
    of_nobody: Arc<str>,
}

impl Passwords {
    /// Computes the hash that stands in for users who do not exist.
    pub async fn new() -> Result<Self, PasswordError> {
        let permits = Arc::new(Semaphore::new(AT_ONCE));
        let of_nobody = blocking(|| compute("nobody has this password")).await??;
        Ok(Self {
            permits,
            of_nobody: of_nobody.into(),
        })
    }

    /// The PHC string of a new password.
    pub async fn hash(&self, password: String) -> Result<String, PasswordError> {
        if password.chars().count() < SHORTEST {
            return Err(PasswordError::TooShort);
        }
        if password.len() > LONGEST {
            return Err(PasswordError::TooLong);
        }
        let _permit = self
            .permits
            .acquire()
            .await
            .map_err(|_| PasswordError::Cancelled)?;
        blocking(move || compute(&password)).await?
    }

    /// True when the password belongs to the PHC string. `None` stands for nobody: the work is done, the answer is no.
    pub async fn verify(
        &self,
        password: String,
        stored: Option<String>,
    ) -> Result<bool, PasswordError> {
        if password.len() > LONGEST {
            return Ok(false);
        }
        let exists = stored.is_some();
        let stored = stored.unwrap_or_else(|| self.of_nobody.to_string());
        let _permit = self
            .permits
            .acquire()
            .await
            .map_err(|_| PasswordError::Cancelled)?;
        let fits = blocking(move || {
            let parsed = PasswordHash::new(&stored)
                .map_err(|error| PasswordError::Hash(error.to_string()))?;
            Ok(Argon2::default()
                .verify_password(password.as_bytes(), &parsed)
                .is_ok())
        })
        .await??;
        Ok(fits && exists)
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, PasswordError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| PasswordError::Cancelled)
}

fn compute(password: &str) -> Result<String, PasswordError> {
    let hash = Argon2::default().hash_password(password.as_bytes());
    hash.map(|hash| hash.to_string())
        .map_err(|error| PasswordError::Hash(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_fits_and_nobody_never_does() {
        let passwords = Passwords::new().await.unwrap();
        let stored = passwords.hash("correct horse".to_owned()).await.unwrap();
        assert!(stored.starts_with("$argon2id$"));
        assert!(
            passwords
                .verify("correct horse".to_owned(), Some(stored.clone()))
                .await
                .unwrap()
        );
        assert!(
            !passwords
                .verify("correct house".to_owned(), Some(stored))
                .await
                .unwrap()
        );
        assert!(
            !passwords
                .verify("nobody has this password".to_owned(), None)
                .await
                .unwrap()
        );
        assert!(matches!(
            passwords.hash("short".to_owned()).await,
            Err(PasswordError::TooShort)
        ));
        assert!(matches!(
            passwords.hash("x".repeat(2000)).await,
            Err(PasswordError::TooLong)
        ));
    }
}
