//! A DRIMbox: the box of the French imaging network that stands before a PACS. Over WADO-RS it sends whole series or
//! instances and nothing else, no search and no metadata, so what an exam holds is taken from its manifest (see
//! [`Manifests`]), and the rest is [received](super::received).
//!
//! Every request goes to the configured address, made of UIDs that were checked. The addresses in a manifest are only
//! compared with it: a series that is said to lie elsewhere is not asked for. Where there is a list of the network's
//! boxes, even the configured address is asked only as long as it is in there, and only if its certificate is.

mod address;
mod client;
mod listed;
mod parts;
#[cfg(test)]
mod parts_tests;
mod remote;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use quick_cache::sync::Cache;
use thiserror::Error;

use super::received::{Listing, Sink, Upstream};
use super::{ExamFacts, Scope, SourceError, SourceHealth};
use crate::reports::{Manifest, Manifests};
use crate::secret_file::SecretFileError;
use crate::tls::CertificateError;
use crate::trust_list::Keeper;

use address::Allowed;
use client::Client;

pub use remote::{Bearer, Remote};

/// Manifests kept in memory.
const MANIFESTS: usize = 128;

/// How to reach a DRIMbox.
#[derive(Clone, Debug)]
pub struct DrimboxOptions {
    /// Name of the site, for logs.
    pub name: Arc<str>,
    /// Root of its WADO-RS service, e.g. `https://db1.349.mesimagesmedicales.fr/dicom-web-rs`.
    pub url: String,
    /// Hosts by which manifests may call it, beside that of `url`.
    pub manifest_hosts: Vec<String>,
    /// PEM: the only authorities that may sign its certificate.
    pub ca_file: PathBuf,
    /// PEM: our certificate, then its chain.
    pub certificate_file: PathBuf,
    /// PEM: the private key.
    pub key_file: PathBuf,
    /// What is sent as `Authorization`.
    pub token: Token,
    /// The list that says which boxes there are; without it this one is believed by its authority alone.
    pub listed: Option<Arc<Keeper>>,
    /// Time for a connection.
    pub connect_timeout: Duration,
    /// Time between two pieces of an answer.
    pub read_timeout: Duration,
}

/// The bearer token. Never printed.
#[derive(Clone, Default)]
pub enum Token {
    /// The certificate is enough.
    #[default]
    None,
    /// This one.
    Text(String),
    /// Whatever this file holds when a request is made: tokens are short-lived.
    File(PathBuf),
    /// That of the professional who looks.
    Bearer(Arc<dyn Bearer>),
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Text(_) => "Text",
            Self::File(_) => "File",
            Self::Bearer(_) => "Bearer",
        })
    }
}

/// Why a DRIMbox cannot be used at all.
#[derive(Debug, Error)]
pub enum DrimboxError {
    /// Its address makes no sense.
    #[error("source.drimbox.url: {0}")]
    Url(&'static str),
    /// The authorities.
    #[error("source.drimbox.ca_file: {0}")]
    Authorities(String),
    /// Our certificate and key.
    #[error("source.drimbox.certificate_file and key_file: {0}")]
    Certificate(#[from] CertificateError),
    /// Our certificate is not yet or no longer good.
    #[error("source.drimbox.certificate_file: the certificate does not count today")]
    Expired,
    /// The key's or the token's file.
    #[error("source.drimbox: {0}")]
    Secret(#[from] SecretFileError),
    /// The environment variable of the token.
    #[error("source.drimbox.token_env: {0}")]
    Variable(std::env::VarError),
    /// The TLS set-up.
    #[error("source.drimbox: {0}")]
    Client(String),
}

/// One site's DRIMbox.
pub struct Drimbox {
    name: Arc<str>,
    client: Client,
    allowed: Allowed,
    manifests: Manifests,
    known: Cache<String, Arc<Known>>,
}

/// A manifest as it is used.
struct Known {
    kos: String,
    listing: Arc<Listing>,
    /// Series → address.
    addresses: HashMap<String, String>,
}

impl Known {
    fn new(manifest: Manifest) -> Self {
        let addresses = manifest
            .series
            .iter()
            .filter_map(|series| Some((series.listed.uid.clone(), series.address.clone()?)));
        let addresses = addresses.collect();
        let series = manifest.series.into_iter().map(|series| series.listed).collect();
        let listing = Listing { version: manifest.kos.clone(), series };
        Self { kos: manifest.kos, listing: Arc::new(listing), addresses }
    }
}

impl Drimbox {
    /// Prepares the client; the DRIMbox is not contacted yet.
    ///
    /// # Errors
    /// [`DrimboxError`] for what it cannot work with.
    pub fn open(options: &DrimboxOptions, manifests: Manifests) -> Result<Self, DrimboxError> {
        let client = Client::new(options)?;
        Ok(Self {
            name: Arc::clone(&options.name),
            allowed: Allowed::new(client.base(), &options.manifest_hosts),
            client,
            manifests,
            known: Cache::new(MANIFESTS),
        })
    }

    /// The current manifest of a study.
    async fn known(&self, study: &str) -> Result<Option<Arc<Known>>, SourceError> {
        let Some(kos) = self.manifests.kos(study).await? else { return Ok(None) };
        if let Some(known) = self.known.get(study).filter(|known| known.kos == kos) {
            return Ok(Some(known));
        }
        let Some(manifest) = self.manifests.get(study).await? else { return Ok(None) };
        let known = Arc::new(Known::new(manifest));
        self.known.insert(study.to_owned(), Arc::clone(&known));
        Ok(Some(known))
    }

    /// Whether the manifest means this box.
    fn check_address(&self, known: &Known, scope: &Scope) -> Result<(), SourceError> {
        let series = scope.series.as_deref().unwrap_or_default();
        let address = known.addresses.get(series);
        let is_here = address.is_none_or(|url| self.allowed.is_series(url, &scope.study, series));
        if is_here {
            return Ok(());
        }
        tracing::warn!(site = %self.name, "the manifest names another server for a series: not asked");
        Err(SourceError::Corrupt("the manifest names another server".to_owned()))
    }
}

/// Whether the files of these options can be used at this Unix time.
///
/// # Errors
/// [`DrimboxError`].
pub fn check_files(options: &DrimboxOptions, now: i64) -> Result<(), DrimboxError> {
    let certificate = client::certificate(options)?;
    Client::new(options)?;
    let counts = (certificate.not_before..certificate.not_after).contains(&now);
    if counts { Ok(()) } else { Err(DrimboxError::Expired) }
}

/// Asks a box whether it is there and lets us in.
///
/// # Errors
/// [`DrimboxError`] where nobody can be asked; inside, why it does not.
pub async fn probe_box(options: &DrimboxOptions) -> Result<Result<(), SourceError>, DrimboxError> {
    Ok(Client::new(options)?.probe().await)
}

impl From<sqlx::Error> for SourceError {
    fn from(error: sqlx::Error) -> Self {
        Self::Unavailable(format!("database: {error}"))
    }
}

#[async_trait]
impl Upstream for Drimbox {
    async fn facts(&self, study: &str) -> Result<Option<ExamFacts>, SourceError> {
        Ok(self.manifests.facts(study).await?)
    }

    async fn facts_by_accession(&self, accession: &str) -> Result<Vec<ExamFacts>, SourceError> {
        Ok(self.manifests.facts_by_accession(accession).await?)
    }

    async fn listing(&self, study: &str) -> Result<Option<Arc<Listing>>, SourceError> {
        Ok(self.known(study).await?.map(|known| Arc::clone(&known.listing)))
    }

    async fn fetch(&self, scope: &Scope, sink: &mut Sink) -> Result<(), SourceError> {
        let known = self.known(&scope.study).await?.ok_or(SourceError::NotFound)?;
        self.check_address(&known, scope)?;
        remote::bring(&self.client, scope, &known.kos, sink).await
    }

    async fn health(&self) -> SourceHealth {
        match self.client.probe().await {
            Ok(()) => SourceHealth::Up,
            Err(error) => {
                tracing::warn!(site = %self.name, %error, "the DRIMbox does not answer");
                SourceHealth::Down
            }
        }
    }
}
