//! A hash for short texts that is the same in every run. It does not defend against chosen login IDs; the number of agents is bounded.

use super::snapshot::mixed;
use std::hash::{BuildHasherDefault, Hasher};

/// For maps by login ID.
pub type Hashing = BuildHasherDefault<Quick>;

/// The state of a hash.
#[derive(Clone, Copy, Debug, Default)]
pub struct Quick(u64);

impl Hasher for Quick {
    fn write(&mut self, bytes: &[u8]) {
        let mut words = bytes.chunks_exact(8);
        for word in &mut words {
            let mut own = [0_u8; 8];
            own.copy_from_slice(word);
            self.0 = mixed(self.0, u64::from_le_bytes(own));
        }
        let rest = words.remainder();
        if !rest.is_empty() {
            let word = rest
                .iter()
                .fold(rest.len() as u64, |word, byte| word << 8 | u64::from(*byte));
            self.0 = mixed(self.0, word);
        }
    }

    fn write_u8(&mut self, number: u8) {
        self.0 = mixed(self.0, u64::from(number));
    }

    fn finish(&self) -> u64 {
        // The upper bits are the best mixed; tables use the lower ones too.
        self.0 ^ (self.0 >> 32)
    }
}
