//! The form of a line: a JSON object that begins with its number and the hash of the line before, and
//! ends with its own hash, taken over all bytes in front of that.
//!
//! ```text
//! {"seq":2,"prev":"<hash of line 1>","time":"…","event":"login",…,"hash":"<SHA-256 of {"seq":2,…>"}
//! ```
//! Bytes are hashed as they lie there, so nothing depends on how JSON is written.

use serde::Serialize;
use sha2::{Digest, Sha256};
use thiserror::Error;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::entry::{Entry, Record};

/// The longest line written or read, in bytes.
pub(super) const MAX_LINE: usize = 64 * 1024;

const HASH_KEY: &[u8] = br#","hash":""#;
const HASH_DIGITS: usize = 64;
const END: &[u8] = b"\"}";

/// Number and hash of a line: the place the next one continues from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Number of the line; 0 before the first.
    pub seq: u64,
    /// Its hash in hexadecimal.
    pub hash: String,
}

impl Head {
    /// Before the first line.
    pub(super) fn start() -> Self {
        Self { seq: 0, hash: "0".repeat(HASH_DIGITS) }
    }

    /// `number:hash`, as it is printed.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (seq, hash) = text.split_once(':')?;
        let is_hash =
            hash.len() == HASH_DIGITS && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        Some(Self { seq: seq.parse().ok().filter(|_| is_hash)?, hash: hash.to_ascii_lowercase() })
    }
}

impl std::fmt::Display for Head {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}:{}", self.seq, self.hash)
    }
}

/// Why a line is not one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum LineError {
    /// Longer than any line is.
    #[error("longer than any line of a journal")]
    TooLong,
    /// No hash at its end.
    #[error("does not end with its hash")]
    NoHash,
    /// Its hash is another one.
    #[error("its content does not have the hash it states")]
    Changed,
    /// Not the fields of a line.
    #[error("not a line of a journal")]
    Syntax,
}

#[derive(Serialize)]
struct Body<'a> {
    seq: u64,
    prev: &'a str,
    time: String,
    #[serde(flatten)]
    entry: &'a Entry<'a>,
}

/// The line that comes after `head`, with its line break; and the head it makes. JSON escapes line
/// breaks, so no value can forge a line.
pub(super) fn write(
    head: &Head,
    now: OffsetDateTime,
    entry: &Entry<'_>,
) -> std::io::Result<(Vec<u8>, Head)> {
    let time = now.format(&Rfc3339).map_err(std::io::Error::other)?;
    let body = Body { seq: head.seq + 1, prev: &head.hash, time, entry };
    let mut bytes = serde_json::to_vec(&body)?;
    bytes.pop();
    let hash = digest(&bytes);
    bytes.extend_from_slice(HASH_KEY);
    bytes.extend_from_slice(hash.as_bytes());
    bytes.extend_from_slice(END);
    bytes.push(b'\n');
    if bytes.len() > MAX_LINE {
        return Err(std::io::Error::other("an audit line would be too long"));
    }
    Ok((bytes, Head { seq: head.seq + 1, hash }))
}

/// Reads a line without its line break and checks its hash.
pub(super) fn read(line: &[u8]) -> Result<Record, LineError> {
    if line.len() > MAX_LINE {
        return Err(LineError::TooLong);
    }
    let rest = line.strip_suffix(END).ok_or(LineError::NoHash)?;
    let split = rest.len().checked_sub(HASH_DIGITS).ok_or(LineError::NoHash)?;
    let (rest, hash) = rest.split_at(split);
    let content = rest.strip_suffix(HASH_KEY).ok_or(LineError::NoHash)?;
    if digest(content).as_bytes() != hash {
        return Err(LineError::Changed);
    }
    serde_json::from_slice(line).map_err(|_other_fields| LineError::Syntax)
}

impl Record {
    /// Where the line after this one continues.
    pub(super) fn head(&self) -> Head {
        Head { seq: self.seq, hash: self.hash.clone() }
    }
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
