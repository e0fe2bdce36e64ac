//! A PACS that speaks DICOMweb: QIDO-RS to find an exam, WADO-RS to fetch it.
//!
//! What a PACS says about its bytes is not believed until it fits them, see `frame_check`: a picture may
//! be missing, never wrong.

mod client;
mod facts;
mod frame_check;
mod frames;
mod json_objects;
mod kept;
mod metadata;
mod series;
mod serve;
mod single_part;
mod storing;

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Weak};
use std::time::Duration;

use quick_cache::sync::Cache;
use serde_json::Value;
use thiserror::Error;
use viewer_core::exam::ExamSummary;

use super::{EncodedFrame, InstanceRef};
use client::PacsClient;
use kept::Kept;
use series::{Instances, ListedSeries};
pub use storing::Stow;

/// Memory for summaries, and for the instances they were made of.
const METADATA_BYTES: u64 = 32 << 20;
/// Memory for documents, and for lists of series.
const LISTS_BYTES: u64 = 4 << 20;
/// How long lists of series and documents are believed: what opening one exam takes.
const LISTS_LIFETIME: Duration = Duration::from_secs(10);
/// Series remembered for not answering `transfer-syntax=*`.
const CACHED_SERIES: usize = 1024;

/// How to reach a PACS.
#[derive(Clone, Debug)]
pub struct PacsOptions {
    /// Name of the site, for logs.
    pub name: Arc<str>,
    /// Root of its DICOMweb service, e.g. `https://pacs.example.fr/dicom-web`.
    pub url: String,
    /// How to be let in.
    pub auth: PacsAuth,
    /// Certificates (PEM) trusted beside the system's.
    pub trusted_certificates: Vec<Vec<u8>>,
    /// Time for a connection.
    pub connect_timeout: Duration,
    /// Time between two pieces of an answer.
    pub read_timeout: Duration,
    /// Requests at once.
    pub max_requests: usize,
    /// How long a summary is believed.
    pub summary_lifetime: Duration,
    /// Most bytes of one answer held in memory (a frame, a list of studies).
    pub max_object_bytes: u64,
    /// Bytes of frames kept in memory for as long as a summary is believed.
    pub cache_bytes: u64,
}

impl PacsOptions {
    /// The usual time-outs and limits, without authentication.
    #[must_use]
    pub fn new(name: &str, url: &str) -> Self {
        Self {
            name: Arc::from(name),
            url: url.to_owned(),
            auth: PacsAuth::None,
            trusted_certificates: Vec::new(),
            connect_timeout: Duration::from_secs(5),
            read_timeout: Duration::from_secs(30),
            max_requests: 16,
            summary_lifetime: Duration::from_secs(300),
            max_object_bytes: 256 << 20,
            cache_bytes: 128 << 20,
        }
    }
}

/// Authentication towards the PACS. Never printed.
#[derive(Clone)]
pub enum PacsAuth {
    /// None.
    None,
    /// HTTP Basic (RFC 7617).
    Basic {
        /// User.
        user: String,
        /// Password.
        password: String,
    },
    /// A bearer token (RFC 6750).
    Bearer {
        /// The token.
        token: String,
    },
}

impl fmt::Debug for PacsAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Basic { .. } => "Basic",
            Self::Bearer { .. } => "Bearer",
        })
    }
}

/// A secret from the environment variable or file of this name, without the line end.
///
/// # Errors
/// [`PacsError::Secret`] with the name, never the content.
pub fn secret(variable: Option<&str>, file: Option<&Path>) -> Result<String, PacsError> {
    let found = match (variable, file) {
        (Some(variable), _) => {
            std::env::var(variable).map_err(|error| (variable.to_owned(), error.to_string()))
        }
        (None, Some(file)) => std::fs::read_to_string(file)
            .map_err(|error| (file.display().to_string(), error.to_string())),
        (None, None) => Ok(String::new()),
    };
    let text = found.map_err(|(name, cause)| PacsError::Secret { name, cause })?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// Why a PACS cannot be used at all.
#[derive(Debug, Error)]
pub enum PacsError {
    /// Its address makes no sense.
    #[error("address of the PACS: {0}")]
    Url(String),
    /// A certificate or the TLS set-up.
    #[error("HTTP client: {0}")]
    Client(String),
    /// A password or token that is not there.
    #[error("secret {name}: {cause}")]
    Secret {
        /// Variable or file.
        name: String,
        /// What happened.
        cause: String,
    },
}

impl PacsError {
    #[expect(clippy::needless_pass_by_value, reason = "used as a function for map_err")]
    fn client(error: reqwest::Error) -> Self {
        Self::Client(error.to_string())
    }
}

/// One site's PACS.
pub struct Pacs {
    name: Arc<str>,
    client: PacsClient,
    max_object_bytes: u64,
    /// By study.
    summaries: Kept<String, Arc<ExamSummary>>,
    /// Of the first series of each.
    beginnings: Kept<String, Arc<ExamSummary>>,
    listed: Kept<String, Arc<[ListedSeries]>>,
    /// By study and series.
    instances: Kept<(String, String), Instances>,
    documents: Kept<(String, String), Arc<[Value]>>,
    /// By instance and number.
    frames: Kept<(InstanceRef, u32), EncodedFrame>,
    /// Series for which the PACS fails when asked for any transfer syntax.
    refuses_any_syntax: Cache<String, ()>,
}

impl Pacs {
    /// Prepares the client; the PACS is not contacted yet.
    ///
    /// # Errors
    /// [`PacsError`] for an unusable address or certificate.
    pub fn open(options: &PacsOptions) -> Result<Arc<Self>, PacsError> {
        let lifetime = options.summary_lifetime;
        let pacs = Arc::new(Self {
            name: Arc::clone(&options.name),
            client: PacsClient::new(options)?,
            max_object_bytes: options.max_object_bytes,
            summaries: Kept::new(METADATA_BYTES, lifetime),
            beginnings: Kept::new(METADATA_BYTES, lifetime),
            listed: Kept::new(LISTS_BYTES, LISTS_LIFETIME.min(lifetime)),
            instances: Kept::new(METADATA_BYTES, lifetime),
            documents: Kept::new(LISTS_BYTES, LISTS_LIFETIME.min(lifetime)),
            frames: Kept::new(options.cache_bytes, lifetime),
            refuses_any_syntax: Cache::new(CACHED_SERIES),
        });
        tokio::spawn(drop_old(Arc::downgrade(&pacs), lifetime));
        Ok(pacs)
    }
}

/// Pictures do not stay in memory when nobody may be served from it any more.
async fn drop_old(pacs: Weak<Pacs>, lifetime: Duration) {
    let pause = lifetime.clamp(Duration::from_secs(1), Duration::from_secs(30));
    loop {
        tokio::time::sleep(pause).await;
        let Some(pacs) = pacs.upgrade() else { return };
        pacs.frames.drop_old();
        pacs.instances.drop_old();
        pacs.documents.drop_old();
    }
}
