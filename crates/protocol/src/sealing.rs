//! Secrets that only one Link can read: libsodium's sealed boxes (X25519, XSalsa20-Poly1305).
//!
//! The browser seals to the Link's public key; the Hub stores and forwards the box and cannot open it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use crypto_box::aead::OsRng;
use crypto_box::{PublicKey, SecretKey};

/// Why a secret cannot be sealed or opened. Never contains any part of the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealingError {
    /// Not a key.
    #[error("key is not base64 of 32 bytes")]
    NotAKey,
    /// Not a sealed box.
    #[error("sealed text is not base64")]
    NotBase64,
    /// Sealed to another key, or damaged.
    #[error("sealed text was made for another link or is damaged; enter the password again")]
    CannotOpen,
    /// Opened, but not text.
    #[error("sealed text is not utf-8")]
    NotText,
    /// The operating system gave no randomness or the text cannot be sealed.
    #[error("text cannot be sealed")]
    CannotSeal,
}

/// A Link's key pair. `Debug` shows nothing of the secret half.
#[derive(Clone)]
pub struct LinkKey(SecretKey);

impl std::fmt::Debug for LinkKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "LinkKey({})", self.public_base64())
    }
}

impl LinkKey {
    /// A new random key.
    pub fn generate() -> Self {
        Self(SecretKey::generate(&mut OsRng))
    }

    /// From its 32 secret bytes in base64, as [`Self::secret_base64`] gave them.
    pub fn from_secret_base64(text: &str) -> Result<Self, SealingError> {
        Ok(Self(SecretKey::from(key_bytes(text)?)))
    }

    /// The secret half, for the Link's own protected file only.
    pub fn secret_base64(&self) -> String {
        BASE64.encode(self.0.to_bytes())
    }

    /// The public half.
    pub fn public_base64(&self) -> String {
        BASE64.encode(self.0.public_key().as_bytes())
    }

    /// Opens a sealed text.
    pub fn open(&self, sealed_base64: &str) -> Result<String, SealingError> {
        let sealed = BASE64
            .decode(sealed_base64.trim())
            .map_err(|_| SealingError::NotBase64)?;
        let opened = self
            .0
            .unseal(&sealed)
            .map_err(|_| SealingError::CannotOpen)?;
        String::from_utf8(opened).map_err(|_| SealingError::NotText)
    }
}

/// Seals a text to a Link's public key (base64); the answer is base64.
pub fn seal(public_key_base64: &str, text: &str) -> Result<String, SealingError> {
    let key = PublicKey::from(key_bytes(public_key_base64)?);
    let sealed = key
        .seal(&mut OsRng, text.as_bytes())
        .map_err(|_| SealingError::CannotSeal)?;
    Ok(BASE64.encode(sealed))
}

/// The 32 bytes of a key in base64.
pub fn key_bytes(text: &str) -> Result<[u8; 32], SealingError> {
    let bytes = BASE64
        .decode(text.trim())
        .map_err(|_| SealingError::NotAKey)?;
    bytes.try_into().map_err(|_| SealingError::NotAKey)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_key_it_was_sealed_to_opens_it() {
        let key = LinkKey::generate();
        let sealed = seal(&key.public_base64(), "PWD=s3cret;").unwrap();
        let restored = LinkKey::from_secret_base64(&key.secret_base64()).unwrap();
        assert_eq!(restored.open(&sealed).unwrap(), "PWD=s3cret;");
        assert_eq!(
            LinkKey::generate().open(&sealed),
            Err(SealingError::CannotOpen)
        );
        assert_eq!(key.open("AAAA"), Err(SealingError::CannotOpen));
        assert_eq!(key.open("not base64!"), Err(SealingError::NotBase64));
        assert!(!format!("{key:?}").contains(&key.secret_base64()));
    }

    #[test]
    fn keys_are_checked() {
        assert_eq!(seal("AAAA", "x"), Err(SealingError::NotAKey));
        assert_eq!(key_bytes("?"), Err(SealingError::NotAKey));
    }
}
