//! Opens the source of a site as its configuration describes it.

pub mod dimse;
pub mod drimbox;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use thiserror::Error;

use crate::{
    config::{ArchiveConfig, PacsConfig, SiteConfig, SourceConfig},
    source::{
        Source,
        archive::{Archive, ArchiveError, ArchiveOptions, Bucket, Location},
        drimbox::DrimboxError,
        pacs::{Pacs, PacsAuth, PacsError, PacsOptions, secret},
    },
    store::StoreError,
    trust_list::Keeper,
};

const MIB: u64 = 1 << 20;

/// Why a source cannot be opened. The message names the site.
#[derive(Debug, Error)]
pub enum OpenError {
    /// An archive.
    #[error("site {site}: {cause}")]
    Archive {
        /// The site.
        site: String,
        /// What happened.
        cause: ArchiveError,
    },
    /// A PACS.
    #[error("site {site}: {cause}")]
    Pacs {
        /// The site.
        site: String,
        /// What happened.
        cause: PacsError,
    },
    /// A DRIMbox.
    #[error("site {site}: {cause}")]
    Drimbox {
        /// The site.
        site: String,
        /// What happened.
        cause: DrimboxError,
    },
    /// The database, for a source that knows its exams from there.
    #[error("site {site}: {cause}")]
    Database {
        /// The site.
        site: String,
        /// What happened.
        cause: StoreError,
    },
    /// A PACS over DIMSE.
    #[error("site {site}: {cause}")]
    Dimse {
        /// The site.
        site: String,
        /// What happened.
        cause: crate::source::dimse::OpenError,
    },
    /// A target of imports that is neither.
    #[error("site {site}: a target needs `dimse` or `pacs`")]
    NoTarget {
        /// The site.
        site: String,
    },
    /// A file that the configuration names.
    #[error("site {site}: cannot read {path}: {cause}")]
    File {
        /// The site.
        site: String,
        /// The file.
        path: PathBuf,
        /// What happened.
        cause: std::io::Error,
    },
}

/// Opens a source for serving: an archive keeps its index up to date from now on, and a DRIMbox is contacted as far as
/// the list has it, where there is one.
///
/// # Errors
/// [`OpenError`].
pub async fn serve(
    site: &SiteConfig,
    state: &Path,
    listed: Option<&Arc<Keeper>>,
) -> Result<Arc<dyn Source>, OpenError> {
    match &site.source {
        SourceConfig::Archive(config) => {
            let started = Archive::start(&archive_options(site, config, state)?).await;
            started
                .map(|archive| archive as Arc<dyn Source>)
                .map_err(|cause| archive_error(site, cause))
        }
        SourceConfig::Pacs(config) => Ok(open_pacs(site, config)?),
        SourceConfig::Dimse(config) => Ok(dimse::open(site, config, true).await?),
        SourceConfig::Drimbox(config) => Ok(drimbox::open(site, config, state, listed).await?),
    }
}

/// Opens a source to ask it about an exam once; `fresh` makes an archive look for new files first.
///
/// # Errors
/// [`OpenError`].
pub async fn ask(
    site: &SiteConfig,
    state: &Path,
    listed: Option<&Arc<Keeper>>,
    fresh: bool,
) -> Result<Arc<dyn Source>, OpenError> {
    match &site.source {
        SourceConfig::Archive(config) => {
            let options = archive_options(site, config, state)?;
            let archive =
                Archive::open(&options).await.map_err(|cause| archive_error(site, cause))?;
            if fresh {
                archive.scan().await.map_err(|cause| archive_error(site, cause))?;
            }
            Ok(archive)
        }
        SourceConfig::Pacs(config) => Ok(open_pacs(site, config)?),
        SourceConfig::Dimse(config) => Ok(dimse::open(site, config, false).await?),
        SourceConfig::Drimbox(config) => Ok(drimbox::open(site, config, state, listed).await?),
    }
}

/// Opens the index of a site's archive; `None` where its source is none.
///
/// # Errors
/// [`OpenError`].
pub async fn open_archive(
    site: &SiteConfig,
    state: &Path,
) -> Result<Option<Arc<Archive>>, OpenError> {
    let SourceConfig::Archive(config) = &site.source else { return Ok(None) };
    let options = archive_options(site, config, state)?;
    Archive::open(&options).await.map(Some).map_err(|cause| archive_error(site, cause))
}

fn archive_error(site: &SiteConfig, cause: ArchiveError) -> OpenError {
    OpenError::Archive { site: site.id(), cause }
}

fn archive_options(
    site: &SiteConfig,
    config: &ArchiveConfig,
    state: &Path,
) -> Result<ArchiveOptions, OpenError> {
    let location = match (&config.path, &config.bucket) {
        (Some(path), _) => Location::Folder(path.clone()),
        (None, bucket) => Location::Bucket(Bucket {
            url: bucket.clone().unwrap_or_default(),
            endpoint: config.bucket_endpoint.clone(),
            region: config.bucket_region.clone(),
            keys: Some((
                bucket_secret(site, &config.bucket_access_key_env)?,
                bucket_secret(site, &config.bucket_secret_key_env)?,
            )),
        }),
    };
    let folder = config.index.clone().unwrap_or_else(|| state.join("index").join(site.id()));
    let mut options = ArchiveOptions::new(&site.id(), location, folder);
    options.rescan = Duration::from_secs(config.rescan_seconds);
    options.max_file_bytes = config.max_file_mib.saturating_mul(MIB);
    Ok(options)
}

fn bucket_secret(site: &SiteConfig, variable: &str) -> Result<String, OpenError> {
    secret(Some(variable), None).map_err(|cause| OpenError::Pacs { site: site.id(), cause })
}

pub(crate) fn open_pacs(site: &SiteConfig, config: &PacsConfig) -> Result<Arc<Pacs>, OpenError> {
    let wrong = |cause| OpenError::Pacs { site: site.id(), cause };
    let mut options = PacsOptions::new(&site.id(), &config.url);
    options.auth = pacs_auth(config).map_err(wrong)?;
    options.trusted_certificates = certificates(site, config)?;
    options.connect_timeout = Duration::from_secs(config.connect_seconds);
    options.read_timeout = Duration::from_secs(config.read_seconds);
    options.max_requests = config.max_requests;
    options.summary_lifetime = Duration::from_secs(config.summary_seconds);
    options.max_object_bytes = config.max_object_mib.saturating_mul(MIB);
    options.cache_bytes = config.cache_mib.saturating_mul(MIB);
    Pacs::open(&options).map_err(wrong)
}

fn pacs_auth(config: &PacsConfig) -> Result<PacsAuth, PacsError> {
    if let Some(user) = &config.user {
        let password = secret(config.password_env.as_deref(), config.password_file.as_deref())?;
        return Ok(PacsAuth::Basic { user: user.clone(), password });
    }
    if config.token_env.is_some() || config.token_file.is_some() {
        let token = secret(config.token_env.as_deref(), config.token_file.as_deref())?;
        return Ok(PacsAuth::Bearer { token });
    }
    Ok(PacsAuth::None)
}

fn certificates(site: &SiteConfig, config: &PacsConfig) -> Result<Vec<Vec<u8>>, OpenError> {
    let Some(path) = &config.ca_file else { return Ok(Vec::new()) };
    let read = std::fs::read(path);
    let pem =
        read.map_err(|cause| OpenError::File { site: site.id(), path: path.clone(), cause })?;
    Ok(vec![pem])
}
