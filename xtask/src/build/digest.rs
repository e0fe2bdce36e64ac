//! Names by content.

use sha2::{Digest as _, Sha256};

/// SHA-256 of `bytes`, 64 hexadecimal digits.
pub(crate) fn hex_digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// SHA-256 over several parts; where one ends matters.
pub(crate) fn hex_digest_of(parts: &[&[u8]]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digest_of_the_empty_text() {
        let expected = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(hex_digest(b""), expected);
    }

    #[test]
    fn parts_cannot_be_shifted() {
        assert_ne!(hex_digest_of(&[b"ab", b"c"]), hex_digest_of(&[b"a", b"bc"]));
    }
}
