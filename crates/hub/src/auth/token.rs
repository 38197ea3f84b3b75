//! Random tokens: `<prefix><account id>_<43 characters of base64url>`, 256 bits of randomness.
//!
//! The account id in front lets every look-up begin with the account. A token is shown or sent once; the database keeps
//! [`hash`] of the whole text. A plain SHA-256 is enough, because a random 256-bit text cannot be guessed.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use floorwire_model::ids::AccountId;
use sha2::{Digest, Sha256};

/// Prefix of session tokens.
pub const SESSION: &str = "fws_";
/// Prefix of personal access tokens.
pub const ACCESS: &str = "fwp_";
/// Prefix of the tokens of links that work once.
pub const LINK: &str = "fwo_";
/// How much of a hash names a session, a token or a link in the interface: 128 bits, from which nothing can be guessed.
pub const ID_LENGTH: usize = 32;

/// The operating system gave no randomness.
#[derive(Debug, thiserror::Error)]
#[error("the operating system gives no randomness; check /dev/urandom")]
pub struct NoRandomness(#[source] getrandom::Error);

/// A new token.
pub fn generate(prefix: &str, account: AccountId) -> Result<String, NoRandomness> {
    let mut random = [0_u8; 32];
    getrandom::fill(&mut random).map_err(NoRandomness)?;
    Ok(format!(
        "{prefix}{account}_{}",
        URL_SAFE_NO_PAD.encode(random)
    ))
}

/// The account a token says it belongs to; `None` when the text does not have the form of a token.
pub fn account_of(prefix: &str, token: &str) -> Option<AccountId> {
    let (account, random) = token.strip_prefix(prefix)?.split_once('_')?;
    let plain_number = account.len() <= 19 && account.bytes().all(|byte| byte.is_ascii_digit());
    if random.len() != 43 || !plain_number {
        return None;
    }
    account.parse().ok().map(AccountId)
}

/// What the database keeps: SHA-256 in hexadecimal.
pub fn hash(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

/// What names the thing behind a hash in the interface.
pub fn id_of(hash: &str) -> &str {
    hash.get(..ID_LENGTH).unwrap_or(hash)
}

/// Whether a text can be such a name.
pub fn is_id(text: &str) -> bool {
    text.len() == ID_LENGTH && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_names_its_account_and_nothing_else_passes() {
        let token = generate(ACCESS, AccountId(17)).unwrap();
        assert_eq!(account_of(ACCESS, &token), Some(AccountId(17)));
        assert_eq!(account_of(SESSION, &token), None);
        assert_eq!(hash(&token).len(), 64);
        assert_ne!(token, generate(ACCESS, AccountId(17)).unwrap());
        for wrong in [
            "",
            "fwp_",
            "fwp_17",
            "fwp_17_",
            "fwp_-1_abc",
            "fwp_99999999999999999999_x",
        ] {
            assert_eq!(account_of(ACCESS, wrong), None, "{wrong}");
        }
    }
}
