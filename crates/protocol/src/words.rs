//! Key words: a public key's fingerprint as four short words that read alike in all languages.
//!
//! 64 bits of SHA-256 over the key, 16 bits a word: consonant, vowel, consonant, vowel, consonant
//! (4 + 2 + 4 + 2 + 4 bits). Both sides compute them from the key itself; a person compares.

use crate::sealing::{SealingError, key_bytes};
use sha2::{Digest, Sha256};

const CONSONANTS: &[u8; 16] = b"bdfghjklmnprstvz";
const VOWELS: &[u8; 4] = b"aiou";

/// The key words of a public key in base64.
pub fn key_words(public_key_base64: &str) -> Result<Vec<String>, SealingError> {
    let digest = Sha256::digest(key_bytes(public_key_base64)?);
    Ok(digest[..8]
        .chunks_exact(2)
        .map(|pair| word(u16::from_be_bytes([pair[0], pair[1]])))
        .collect())
}

fn word(bits: u16) -> String {
    let consonant = |shift: u16| char::from(CONSONANTS[usize::from(bits >> shift & 0xf)]);
    let vowel = |shift: u16| char::from(VOWELS[usize::from(bits >> shift & 0x3)]);
    [
        consonant(12),
        vowel(10),
        consonant(6),
        vowel(4),
        consonant(0),
    ]
    .iter()
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sealing::LinkKey;

    #[test]
    fn words_are_stable_and_differ_by_key() {
        let fixed = key_words("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=").unwrap();
        assert_eq!(fixed.join(" "), "kinom lopot zodof rujul");
        let other = key_words(&LinkKey::generate().public_base64()).unwrap();
        assert_eq!(other.len(), 4);
        assert_ne!(other, fixed);
    }

    #[test]
    fn every_bit_shows() {
        let all: std::collections::HashSet<String> = (0..=u16::MAX).map(word).collect();
        assert_eq!(all.len(), 1 << 16);
    }
}
