//! Where the archive's objects lie: a folder, a bucket, or memory (tests), all through `object_store`.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ClientOptions, ObjectStore, RetryConfig};

use super::ArchiveError;

/// Where an archive reads from.
#[derive(Clone, Debug)]
pub enum Location {
    /// A folder (read recursively), or one single file, which may be a ZIP or a DICOMDIR.
    Folder(PathBuf),
    /// A bucket that speaks S3.
    Bucket(Bucket),
    /// Any other object store.
    Store(Arc<dyn ObjectStore>),
}

/// An S3 bucket, with the keys in the environment (`AWS_ACCESS_KEY_ID`, …) unless given.
#[derive(Clone, Debug, Default)]
pub struct Bucket {
    /// `s3://bucket/prefix`.
    pub url: String,
    /// Endpoint of a store other than Amazon's, e.g. `https://s3.example.fr`.
    pub endpoint: Option<String>,
    /// Region.
    pub region: Option<String>,
    /// Access key and secret, where they do not come from the environment.
    pub keys: Option<(String, String)>,
}

/// A store with the part of it that is the archive.
#[derive(Clone, Debug)]
pub(super) struct Objects {
    pub store: Arc<dyn ObjectStore>,
    /// The same, where it is a folder.
    pub folder: Option<Arc<LocalFileSystem>>,
    /// Objects below this path only.
    pub prefix: Option<Path>,
    /// This one object only.
    pub only: Option<Path>,
}

impl Objects {
    /// Opens the store; a bucket is not contacted yet.
    ///
    /// # Errors
    /// [`ArchiveError::Location`] when the folder cannot be read or the bucket is badly described.
    pub(super) fn open(location: &Location) -> Result<Self, ArchiveError> {
        match location {
            Location::Folder(path) => Self::folder(path),
            Location::Bucket(bucket) => Self::bucket(bucket),
            Location::Store(store) => {
                Ok(Self { store: Arc::clone(store), folder: None, prefix: None, only: None })
            }
        }
    }

    fn folder(path: &std::path::Path) -> Result<Self, ArchiveError> {
        let path = path.canonicalize().map_err(ArchiveError::location)?;
        let is_medium = path.file_name().is_some_and(|name| name.eq_ignore_ascii_case("DICOMDIR"));
        let single = path.is_file();
        let root = if single { path.parent().unwrap_or(&path) } else { path.as_path() };
        let store = LocalFileSystem::new_with_prefix(root).map_err(ArchiveError::location)?;
        let store = Arc::new(store);
        let only = match path.file_name().and_then(|name| name.to_str()) {
            Some(name) if single && !is_medium => Some(Path::from_iter([name])),
            _ => None,
        };
        Ok(Self { folder: Some(Arc::clone(&store)), store, prefix: None, only })
    }

    fn bucket(bucket: &Bucket) -> Result<Self, ArchiveError> {
        let url = url::Url::parse(&bucket.url).map_err(ArchiveError::location)?;
        let retry = RetryConfig {
            max_retries: 3,
            retry_timeout: Duration::from_secs(15),
            ..RetryConfig::default()
        };
        let mut builder = AmazonS3Builder::from_env().with_url(&bucket.url).with_retry(retry);
        if let Some(endpoint) = &bucket.endpoint {
            let plain = endpoint.starts_with("http://");
            let options = ClientOptions::new().with_allow_http(plain);
            builder = builder.with_endpoint(endpoint).with_client_options(options);
        }
        if let Some(region) = &bucket.region {
            builder = builder.with_region(region);
        }
        if let Some((id, secret)) = &bucket.keys {
            builder = builder.with_access_key_id(id).with_secret_access_key(secret);
        }
        let store = builder.build().map_err(ArchiveError::location)?;
        let prefix = Path::from_url_path(url.path()).map_err(ArchiveError::location)?;
        let prefix = (!prefix.as_ref().is_empty()).then_some(prefix);
        Ok(Self { store: Arc::new(store), folder: None, prefix, only: None })
    }
}
