//! Keeps the list: asks for it once a day, takes it when it is good, remembers the last one that was.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use thiserror::Error;

use super::fetch::{FetchError, Fetched, Fetcher};
use super::guard::Guard;
use super::kept::{Kept, KeptError};
use super::{Age, Authorities, Refusal, Trust, TrustError, TrustList};
use crate::clock::Clock;
use crate::config::{Config, TrustListConfig};

const HOUR: Duration = Duration::from_secs(3600);

/// Why lists cannot be kept at all.
#[derive(Debug, Error)]
pub enum KeeperError {
    /// A file that the configuration names cannot be read.
    #[error("trust_list: {path}: {cause}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// A file that is not what it should be.
    #[error("trust_list: {path}: {cause}")]
    Trust {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        cause: TrustError,
    },
    /// A root that nobody could revoke anything below.
    #[error("trust_list.root_file: {0}: not every certificate in it is an authority's")]
    NoAuthority(PathBuf),
    /// The HTTPS client.
    #[error("trust_list: {0}")]
    Client(FetchError),
}

/// Why a round brought nothing.
#[derive(Debug, Error)]
pub enum RoundError {
    /// A list of revoked certificates, or another file.
    #[error(transparent)]
    Files(#[from] KeeperError),
    /// A download.
    #[error("{url}: {cause}")]
    Fetch {
        /// Of what.
        url: String,
        /// What happened.
        cause: FetchError,
    },
    /// Not a list of revoked certificates.
    #[error("{url}: {cause}")]
    Revoked {
        /// Where it came from.
        url: String,
        /// What is wrong.
        cause: TrustError,
    },
    /// The list is not accepted.
    #[error("refused: {0}")]
    Refused(#[from] Refusal),
    /// It cannot be kept.
    #[error("trust_list: {0}")]
    Keep(#[from] KeptError),
    /// No thread left, or shutting down.
    #[error("busy")]
    Busy,
}

/// The list of this server.
pub struct Keeper {
    config: TrustListConfig,
    folder: PathBuf,
    trust: Trust,
    guard: Guard,
    fetcher: Fetcher,
    clock: Clock,
    kept: RwLock<Option<Arc<Kept>>>,
}

impl std::fmt::Debug for Keeper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keeper").field("url", &self.config.url).finish_non_exhaustive()
    }
}

impl Keeper {
    /// What `[trust_list]` asks for, with the last good list if there is one; contacts nobody and writes nothing.
    ///
    /// # Errors
    /// [`KeeperError`].
    pub fn of(config: &Config, clock: Clock) -> Result<Option<Arc<Self>>, KeeperError> {
        let Some(list) = &config.trust_list else { return Ok(None) };
        let keeper = Self::open(list, &config.server.state, clock)?;
        Ok(Some(Arc::new(keeper)))
    }

    fn open(config: &TrustListConfig, state: &Path, clock: Clock) -> Result<Self, KeeperError> {
        let authorities = authorities(config)?;
        if !authorities.are_authorities() {
            return Err(KeeperError::NoAuthority(config.root_file.clone()));
        }
        let guard = Guard::new(&config.allowed_networks);
        let own = config.ca_file.as_deref().map(read).transpose()?;
        crate::tls::choose_provider();
        let fetcher = Fetcher::new(guard.clone(), own.as_deref()).map_err(KeeperError::Client)?;
        let (folder, signer) = (state.join("trust_list"), config.signer.signer());
        let kept = Kept::read(&folder, &signer).unwrap_or_else(|cause| {
            tracing::error!(%cause, "the kept list of DRIMboxes cannot be used");
            None
        });
        let trust = Trust { signer, authorities };
        let kept = RwLock::new(kept.map(Arc::new));
        Ok(Self { config: config.clone(), folder, trust, guard, fetcher, clock, kept })
    }

    /// The last good list.
    #[must_use]
    pub fn kept(&self) -> Option<Arc<Kept>> {
        self.kept.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How old it is.
    #[must_use]
    pub fn age(&self) -> Age {
        Age::of(self.kept().as_deref(), self.clock.now())
    }

    /// Which addresses may be contacted.
    pub(crate) const fn guard(&self) -> &Guard {
        &self.guard
    }

    /// Asks for the list and takes it where it is good; whatever happens, the last good one stays.
    ///
    /// # Errors
    /// [`RoundError`].
    pub async fn round(&self) -> Result<Arc<Kept>, RoundError> {
        let revoked = self.revoked().await?;
        let url = &self.config.url;
        let last = self.kept();
        let etag = last.as_ref().and_then(|kept| kept.etag.as_deref());
        let fetched = self.fetcher.list(url, etag).await;
        let fetched = fetched.map_err(|cause| RoundError::Fetch { url: url.clone(), cause })?;
        // The same list is judged anew: its signer may have been revoked since.
        let (bytes, etag) = match (fetched, &last) {
            (Fetched::New { bytes, etag }, _) => (bytes, etag),
            (Fetched::Unchanged, Some(last)) => (last.bytes.clone(), last.etag.clone()),
            (Fetched::Unchanged, None) => return Err(RoundError::Busy),
        };
        let (trust, now) = (Trust { authorities: revoked, ..self.trust.clone() }, self.clock.now());
        let judged = tokio::task::spawn_blocking(move || {
            let previous = last.as_ref().map(|last| &last.list);
            let list = TrustList::verify(&bytes, &trust, now, previous)?;
            Ok::<_, Refusal>(Kept { list, confirmed: now, bytes, etag })
        });
        let kept = Arc::new(judged.await.map_err(|_stopped| RoundError::Busy)??);
        kept.write(&self.folder)?;
        *self.kept.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&kept));
        Ok(kept)
    }

    /// The authorities, with what they have revoked by now.
    async fn revoked(&self) -> Result<Authorities, RoundError> {
        let mut lists = Vec::new();
        for path in &self.config.crl_files {
            lists.push(read(path)?);
        }
        for url in &self.config.crl_urls {
            let fetched = self.fetcher.revoked(url).await;
            let bytes = fetched.map_err(|cause| RoundError::Fetch { url: url.clone(), cause })?;
            Authorities::default()
                .with_revoked(std::slice::from_ref(&bytes))
                .map_err(|cause| RoundError::Revoked { url: url.clone(), cause })?;
            lists.push(bytes);
        }
        let all = self.trust.authorities.clone().with_revoked(&lists);
        all.map_err(|cause| RoundError::Revoked { url: "crl_files".to_owned(), cause })
    }

    /// Asks for ever: about once a day, sooner after a failure.
    pub async fn run(self: Arc<Self>) {
        tokio::time::sleep(self.rest()).await;
        loop {
            let pause = match self.round().await {
                Ok(kept) => {
                    tracing::info!(
                        boxes = kept.list.domains.len(),
                        "the list of DRIMboxes is the newest"
                    );
                    self.rest()
                }
                Err(cause) => {
                    tracing::warn!(%cause, "no new list of DRIMboxes; the last good one is kept");
                    jittered(HOUR / 2, HOUR / 2)
                }
            };
            self.age().tell();
            tokio::time::sleep(pause).await;
        }
    }

    /// Until the next round: a day after the last good one, less up to two hours, so that not everybody asks at once.
    fn rest(&self) -> Duration {
        let Some(kept) = self.kept() else { return Duration::ZERO };
        let since = self.clock.now() - kept.confirmed;
        let since = Duration::try_from(since).unwrap_or_default();
        jittered((22 * HOUR).saturating_sub(since), 2 * HOUR)
    }
}

fn jittered(least: Duration, more: Duration) -> Duration {
    least + more.mul_f64(rand::random::<f64>())
}

fn authorities(config: &TrustListConfig) -> Result<Authorities, KeeperError> {
    let trust = |path: &Path| {
        let path = path.to_owned();
        move |cause| KeeperError::Trust { path, cause }
    };
    let mut between = Vec::new();
    for path in &config.intermediate_files {
        let pem = read(path)?;
        Authorities::new(&pem, &[]).map_err(trust(path))?;
        between.push(pem);
    }
    let between: Vec<&[u8]> = between.iter().map(Vec::as_slice).collect();
    Authorities::new(&read(&config.root_file)?, &between).map_err(trust(&config.root_file))
}

fn read(path: &Path) -> Result<Vec<u8>, KeeperError> {
    std::fs::read(path).map_err(|cause| KeeperError::File { path: path.to_owned(), cause })
}
