//! The last good list, on disk: the network goes on without its publisher, and knows for how long it does.

use std::io::{self, ErrorKind};
use std::path::Path;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use time::OffsetDateTime;

use super::{Refusal, Signer, TrustList};
use crate::secret_file;

const LIST: &str = "list.xml";
const ABOUT: &str = "about.json";

/// Why what is on disk is not used.
#[derive(Debug, Error)]
pub enum KeptError {
    /// A file.
    #[error(transparent)]
    File(#[from] io::Error),
    /// What is known about the list.
    #[error("{ABOUT}: {0}")]
    About(#[from] serde_json::Error),
    /// The list itself.
    #[error("{LIST}: {0}")]
    List(#[from] Refusal),
}

/// A list that was accepted.
#[derive(Debug)]
pub struct Kept {
    /// The list.
    pub list: TrustList,
    /// When it was last known to be the newest, and held against every rule.
    pub confirmed: OffsetDateTime,
    pub(super) bytes: Vec<u8>,
    pub(super) etag: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct About {
    /// Unix time.
    confirmed: i64,
    etag: Option<String>,
}

impl Kept {
    /// What is in this folder; `None` where nothing ever was.
    pub(super) fn read(folder: &Path, signer: &Signer) -> Result<Option<Self>, KeptError> {
        let about = match std::fs::read(folder.join(ABOUT)) {
            Err(cause) if cause.kind() == ErrorKind::NotFound => return Ok(None),
            about => serde_json::from_slice::<About>(&about?)?,
        };
        let bytes = std::fs::read(folder.join(LIST))?;
        let list = TrustList::read(&bytes, signer)?;
        let confirmed = OffsetDateTime::from_unix_timestamp(about.confirmed);
        let confirmed = confirmed.unwrap_or(OffsetDateTime::UNIX_EPOCH);
        Ok(Some(Self { list, confirmed, bytes, etag: about.etag }))
    }

    /// The list first: with an old mark beside it, the next round merely downloads it again.
    pub(super) fn write(&self, folder: &Path) -> Result<(), KeptError> {
        let about = About { confirmed: self.confirmed.unix_timestamp(), etag: self.etag.clone() };
        secret_file::write(&folder.join(LIST), &self.bytes)?;
        secret_file::write(&folder.join(ABOUT), &serde_json::to_vec(&about)?)?;
        Ok(())
    }
}
