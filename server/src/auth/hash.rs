//! Access codes are kept as Argon2id hashes.
//!
//! The salt is derived from this installation's random secret and the site, not drawn per code: the
//! code is looked up by its hash, so a try costs exactly one hash however many codes there are and
//! whatever the link names. A code has 95 random bits; that N codes share a salt makes guessing
//! against a stolen database N times cheaper, which leaves it far out of reach.
//!
//! Beside the hash stands a tag of [`TAG_BITS`] bits, by a quick hash. A wrong code whose tag no code of the site has
//! is wrong without the slow hash: who guesses by the thousand keeps nobody waiting. It leaves 75 bits to guess
//! for somebody who stole the database, and tells nothing to anybody else.

use std::sync::Arc;

use argon2::{Algorithm, Argon2, Params, Version};
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use super::code::AccessCode;
use crate::error::Failure;

/// Memory of one hash in KiB and passes over it: OWASP's first recommendation for Argon2id.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
/// Bytes of a hash.
const HASH_BYTES: usize = 32;

/// Bits of a tag.
const TAG_BITS: u32 = 20;

/// The hash of a code.
pub type CodeHash = [u8; HASH_BYTES];

/// Hashes codes, a bounded number at a time.
pub struct Hasher {
    secret: [u8; 32],
    turns: Arc<Semaphore>,
}

impl Hasher {
    /// For an installation; `parallel` hashes at a time.
    #[must_use]
    pub fn new(secret: [u8; 32], parallel: u32) -> Self {
        Self { secret, turns: Arc::new(Semaphore::new(parallel.max(1) as usize)) }
    }

    /// Hashes a code of a site, on a thread for long work.
    ///
    /// # Errors
    /// When the server is shutting down or out of memory.
    pub async fn hash(&self, site: &str, code: &AccessCode) -> Result<CodeHash, Failure> {
        let turn =
            Arc::clone(&self.turns).acquire_owned().await.map_err(|_closed| Failure::Busy)?;
        let (salt, symbols) = (self.salt(site), code.symbols());
        let hashed = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            argon2id(&symbols, &salt)
        });
        hashed.await.map_err(|_stopped| Failure::Busy)?.map_err(Failure::Hash)
    }

    /// What most wrong codes have not in common with any right one.
    #[must_use]
    pub fn tag(&self, site: &str, code: &AccessCode) -> i64 {
        let digest = self.digest(b"negatoscope access code tag\0", site);
        let digest = Sha256::new().chain_update(digest).chain_update(code.symbols()).finalize();
        let bits = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]);
        i64::from(bits >> (u32::BITS - TAG_BITS))
    }

    fn salt(&self, site: &str) -> [u8; 32] {
        self.digest(b"negatoscope access code\0", site)
    }

    fn digest(&self, purpose: &[u8], site: &str) -> [u8; 32] {
        Sha256::new()
            .chain_update(purpose)
            .chain_update(self.secret)
            .chain_update(site)
            .finalize()
            .into()
    }
}

fn argon2id(symbols: &str, salt: &[u8]) -> Result<CodeHash, argon2::Error> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, Some(HASH_BYTES))?;
    let mut hash = [0; HASH_BYTES];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into(
        symbols.as_bytes(),
        salt,
        &mut hash,
    )?;
    Ok(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_same_code_on_another_site_or_installation_is_another_hash() {
        let code = AccessCode::parse("0123-4567-89AB-CDEF-GHJT").unwrap();
        let hasher = Hasher::new([1; 32], 1);
        let here = hasher.hash("vi1.example", &code).await.unwrap();
        assert_eq!(hasher.hash("vi1.example", &code).await.unwrap(), here);
        assert_ne!(hasher.hash("vi2.example", &code).await.unwrap(), here);
        assert_ne!(Hasher::new([2; 32], 1).hash("vi1.example", &code).await.unwrap(), here);
    }

    #[test]
    fn tags_differ_by_code_site_and_installation() {
        let hasher = Hasher::new([1; 32], 1);
        let code = AccessCode::parse("0123-4567-89AB-CDEF-GHJT").unwrap();
        let here = hasher.tag("vi1.example", &code);
        assert!((0..1 << TAG_BITS).contains(&here));
        assert_eq!(hasher.tag("vi1.example", &code), here);
        assert_ne!(hasher.tag("vi2.example", &code), here);
        assert_ne!(Hasher::new([2; 32], 1).tag("vi1.example", &code), here);
        let others = (0..100).map(|_| hasher.tag("vi1.example", &AccessCode::random()));
        assert!(others.filter(|other| *other == here).count() < 3);
    }
}
