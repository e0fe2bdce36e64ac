//! The form of a received object on disk: random salt, then pieces, each sealed by AES-256-GCM under a key of this object alone.
//!
//! That key comes from the one of an import or a consultation, the salt and what is sealed (HKDF-SHA256), so no two objects share
//! one and none can stand for another. A nonce counts the pieces and says which is the last, so none can be left out, added or moved.

mod file;

use std::io;
use std::path::Path;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};

pub(crate) use self::file::{Reader, Writer, sealed};

/// The key that the keys of files come from.
pub(crate) type Key = [u8; 32];

/// Bytes of an object that are sealed together.
pub(crate) const PIECE_BYTES: usize = 128 * 1024;
pub(crate) const SALT_BYTES: usize = 32;
/// What sealing adds to a piece.
pub(crate) const TAG_BYTES: usize = 16;

/// Bytes that a copy of an object with this length takes.
pub(crate) const fn sealed_bytes(length: u64) -> u64 {
    let pieces = length.div_ceil(PIECE_BYTES as u64);
    // An empty object has a piece, too.
    let pieces = if pieces == 0 { 1 } else { pieces };
    length + SALT_BYTES as u64 + pieces * TAG_BYTES as u64
}

/// Seals the pieces of one file, or opens them, in their order.
pub(crate) struct Sealing {
    key: LessSafeKey,
    count: u64,
}

impl Sealing {
    /// Of the file with this salt, which holds `what`.
    pub(crate) fn new(key: &Key, salt: &[u8; SALT_BYTES], what: &str) -> Result<Self, Unspecified> {
        let secret = Salt::new(HKDF_SHA256, salt).extract(key);
        let info = [what.as_bytes()];
        let key = UnboundKey::from(secret.expand(&info, &AES_256_GCM)?);
        Ok(Self { key: LessSafeKey::new(key), count: 0 })
    }

    pub(crate) fn seal(&mut self, piece: &mut Vec<u8>, is_last: bool) -> Result<(), Unspecified> {
        let nonce = self.nonce(is_last);
        self.key.seal_in_place_append_tag(nonce, Aad::empty(), piece)
    }

    /// Seals what lies behind `start`, and appends what that adds.
    fn seal_end(
        &mut self,
        all: &mut Vec<u8>,
        start: usize,
        is_last: bool,
    ) -> Result<(), Unspecified> {
        let nonce = self.nonce(is_last);
        let piece = all.get_mut(start..).unwrap_or_default();
        let tag = self.key.seal_in_place_separate_tag(nonce, Aad::empty(), piece)?;
        all.extend_from_slice(tag.as_ref());
        Ok(())
    }

    pub(crate) fn open(&mut self, piece: &mut Vec<u8>, is_last: bool) -> Result<(), Unspecified> {
        let nonce = self.nonce(is_last);
        self.open_with(nonce, piece)
    }

    /// The piece with this number, counted from 0.
    pub(crate) fn open_at(
        &self,
        (number, is_last): (u64, bool),
        piece: &mut Vec<u8>,
    ) -> Result<(), Unspecified> {
        self.open_with(nonce_of(number, is_last), piece)
    }

    fn open_with(&self, nonce: Nonce, piece: &mut Vec<u8>) -> Result<(), Unspecified> {
        let length = self.key.open_in_place(nonce, Aad::empty(), piece)?.len();
        piece.truncate(length);
        Ok(())
    }

    fn nonce(&mut self, is_last: bool) -> Nonce {
        let nonce = nonce_of(self.count, is_last);
        self.count += 1;
        nonce
    }
}

fn nonce_of(number: u64, is_last: bool) -> Nonce {
    let mut nonce = [0; NONCE_LEN];
    let (count, last) = nonce.split_at_mut(8);
    count.copy_from_slice(&number.to_be_bytes());
    last.fill(u8::from(is_last));
    Nonce::assume_unique_for_key(nonce)
}

/// Makes a folder that nobody else may look into.
#[cfg(unix)]
pub(crate) fn make_private(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// Makes a folder.
#[cfg(not(unix))]
pub(crate) fn make_private(folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: Key = [7; 32];
    const SALT: [u8; SALT_BYTES] = [9; SALT_BYTES];

    fn sealed(pieces: &[&[u8]]) -> Vec<Vec<u8>> {
        let mut sealing = Sealing::new(&KEY, &SALT, "1.2").unwrap();
        let seal = |(number, piece): (usize, &&[u8])| {
            let mut piece = piece.to_vec();
            sealing.seal(&mut piece, number + 1 == pieces.len()).unwrap();
            piece
        };
        pieces.iter().enumerate().map(seal).collect()
    }

    fn opened(key: &Key, what: &str, pieces: &[Vec<u8>]) -> Option<Vec<u8>> {
        let mut sealing = Sealing::new(key, &SALT, what).unwrap();
        let mut all = Vec::new();
        for (number, piece) in pieces.iter().enumerate() {
            let mut piece = piece.clone();
            sealing.open(&mut piece, number + 1 == pieces.len()).ok()?;
            all.extend(piece);
        }
        Some(all)
    }

    #[test]
    fn what_was_sealed_is_opened_and_nothing_else() {
        let good = sealed(&[b"one", b"two", b"three"]);
        assert_eq!(opened(&KEY, "1.2", &good).unwrap(), b"onetwothree");
        assert_eq!(opened(&[8; 32], "1.2", &good), None, "another key");
        assert_eq!(opened(&KEY, "1.3", &good), None, "another object");
        assert_eq!(opened(&KEY, "1.2", &good[..2]), None, "cut off");
        let [one, two, three] = good.try_into().unwrap();
        let moved = [two.clone(), one.clone(), three.clone()];
        assert_eq!(opened(&KEY, "1.2", &moved), None, "moved");
        let mut changed = [one, two, three];
        changed[1][0] ^= 1;
        assert_eq!(opened(&KEY, "1.2", &changed), None, "changed");
    }

    #[test]
    fn the_length_of_a_copy_is_known_before_it_is_written() {
        for length in [0, 1, PIECE_BYTES, PIECE_BYTES + 1] {
            let object = vec![0; length];
            let mut pieces: Vec<&[u8]> = object.chunks(PIECE_BYTES).collect();
            if pieces.is_empty() {
                pieces.push(&[]);
            }
            let bytes: usize = sealed(&pieces).iter().map(Vec::len).sum();
            assert_eq!((SALT_BYTES + bytes) as u64, sealed_bytes(length as u64));
        }
    }
}
