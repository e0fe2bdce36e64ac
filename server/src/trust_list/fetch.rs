//! Downloads: the list over HTTPS from its one address, lists of revoked certificates from theirs. No redirect is
//! followed, no proxy of the environment asked, and nothing is contacted that [`Guard`] does not permit.

use std::time::Duration;

use reqwest::header::{ETAG, IF_NONE_MATCH};
use reqwest::{Certificate, Client, StatusCode, Url, redirect::Policy};
use thiserror::Error;

use super::guard::{Guard, NoAddress};
use crate::error::transport_words;

const CONNECT_TIME: Duration = Duration::from_secs(5);
const WHOLE_TIME: Duration = Duration::from_secs(60);
/// The list's own limit is smaller; lists of revoked certificates of the whole country have some MiB.
const MAX_BYTES: usize = 16 << 20;

/// Why a download failed. Addresses are the operator's own: they are told by whoever knows which it was.
#[derive(Debug, Error)]
pub enum FetchError {
    /// Not an address that may be asked.
    #[error("not an https address")]
    Url,
    /// Not an address that may be contacted.
    #[error(transparent)]
    Address(#[from] NoAddress),
    /// Network or TLS.
    #[error("{0}")]
    Transport(String),
    /// Somebody points elsewhere.
    #[error("it answered {0}; redirects are not followed")]
    Redirect(StatusCode),
    /// Something else than the file.
    #[error("it answered {0}")]
    Status(StatusCode),
    /// Larger than anything that is expected.
    #[error("its answer is larger than {MAX_BYTES} bytes")]
    TooLarge,
}

impl From<reqwest::Error> for FetchError {
    fn from(error: reqwest::Error) -> Self {
        Self::Transport(transport_words(error))
    }
}

/// What came.
#[derive(Debug)]
pub(super) enum Fetched {
    /// The same as last time.
    Unchanged,
    /// Another one, with the mark to ask by next time.
    New { bytes: Vec<u8>, etag: Option<String> },
}

/// How files are downloaded.
#[derive(Debug)]
pub(super) struct Fetcher {
    client: Client,
    guard: Guard,
}

impl Fetcher {
    /// `authorities`: PEM, beside the system's.
    pub(super) fn new(guard: Guard, authorities: Option<&[u8]>) -> Result<Self, FetchError> {
        let mut builder = Client::builder()
            .connect_timeout(CONNECT_TIME)
            .timeout(WHOLE_TIME)
            .redirect(Policy::none())
            .no_proxy()
            .dns_resolver(guard.clone());
        for certificate in Certificate::from_pem_bundle(authorities.unwrap_or_default())? {
            builder = builder.add_root_certificate(certificate);
        }
        Ok(Self { client: builder.build()?, guard })
    }

    /// The list, unless it still has this mark.
    pub(super) async fn list(&self, url: &str, etag: Option<&str>) -> Result<Fetched, FetchError> {
        let url = Url::parse(url).map_err(|_details| FetchError::Url)?;
        if url.scheme() != "https" {
            return Err(FetchError::Url);
        }
        self.get(url, etag).await
    }

    /// A list of revoked certificates: signed by its authority, and published without encryption.
    pub(super) async fn revoked(&self, url: &str) -> Result<Vec<u8>, FetchError> {
        let url = Url::parse(url).map_err(|_details| FetchError::Url)?;
        match self.get(url, None).await? {
            Fetched::New { bytes, .. } => Ok(bytes),
            Fetched::Unchanged => Err(FetchError::Status(StatusCode::NOT_MODIFIED)),
        }
    }

    async fn get(&self, url: Url, etag: Option<&str>) -> Result<Fetched, FetchError> {
        self.guard.check(&url)?;
        let mut request = self.client.get(url);
        if let Some(etag) = etag {
            request = request.header(IF_NONE_MATCH, etag);
        }
        let mut answer = request.send().await?;
        match answer.status() {
            StatusCode::OK => {}
            StatusCode::NOT_MODIFIED if etag.is_some() => return Ok(Fetched::Unchanged),
            status if status.is_redirection() => return Err(FetchError::Redirect(status)),
            status => return Err(FetchError::Status(status)),
        }
        let etag = answer.headers().get(ETAG).and_then(|etag| etag.to_str().ok());
        let etag = etag.map(str::to_owned);
        let mut bytes = Vec::new();
        while let Some(piece) = answer.chunk().await? {
            if bytes.len() + piece.len() > MAX_BYTES {
                return Err(FetchError::TooLarge);
            }
            bytes.extend_from_slice(&piece);
        }
        Ok(Fetched::New { bytes, etag })
    }
}
