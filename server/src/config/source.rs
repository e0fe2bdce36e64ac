//! Where a site's exams come from: `[site.source.archive]` or `[site.source.pacs]`.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{DimseConfig, DrimboxConfig};

/// The source of one site; exactly one kind.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceConfig {
    /// A folder or bucket of DICOM files.
    Archive(ArchiveConfig),
    /// A PACS that speaks DICOMweb.
    Pacs(PacsConfig),
    /// A PACS that speaks DIMSE only.
    Dimse(DimseConfig),
    /// A DRIMbox.
    Drimbox(DrimboxConfig),
}

/// `[site.source.archive]`: a folder or a bucket; `path` or `bucket`, not both.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ArchiveConfig {
    /// Folder, DICOM file, ZIP or DICOMDIR medium.
    pub path: Option<PathBuf>,
    /// Bucket address `s3://name/prefix`.
    pub bucket: Option<String>,
    /// Address of an S3-compatible service other than Amazon's.
    pub bucket_endpoint: Option<String>,
    /// Region of the bucket.
    pub bucket_region: Option<String>,
    /// Name of the environment variable that holds the access key id.
    #[serde(default = "defaults::access_key_env")]
    pub bucket_access_key_env: String,
    /// Name of the environment variable that holds the secret key.
    #[serde(default = "defaults::secret_key_env")]
    pub bucket_secret_key_env: String,
    /// Where the index is kept; default: a folder of this site under the server's `state`.
    pub index: Option<PathBuf>,
    /// Seconds between two looks for new files; 0: only at start.
    #[serde(default = "defaults::rescan_seconds")]
    pub rescan_seconds: u64,
    /// Largest file read, MiB.
    #[serde(default = "defaults::max_file_mib")]
    pub max_file_mib: u64,
}

/// `[site.source.pacs]`: a PACS over DICOMweb (QIDO-RS and WADO-RS).
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PacsConfig {
    /// Base address, e.g. `https://pacs.example/dicom-web`.
    pub url: String,
    /// User of HTTP Basic authentication.
    pub user: Option<String>,
    /// Name of the environment variable that holds the password of `user`.
    pub password_env: Option<String>,
    /// File that holds the password of `user`.
    pub password_file: Option<PathBuf>,
    /// Name of the environment variable that holds a bearer token.
    pub token_env: Option<String>,
    /// File that holds a bearer token.
    pub token_file: Option<PathBuf>,
    /// PEM file with the certificate authorities that may sign the PACS's certificate.
    pub ca_file: Option<PathBuf>,
    /// Seconds to wait for a connection.
    #[serde(default = "defaults::connect_seconds")]
    pub connect_seconds: u64,
    /// Seconds to wait for the next bytes of an answer.
    #[serde(default = "defaults::read_seconds")]
    pub read_seconds: u64,
    /// Requests to the PACS at the same time.
    #[serde(default = "defaults::max_requests")]
    pub max_requests: usize,
    /// Seconds an exam summary is kept in memory.
    #[serde(default = "defaults::summary_seconds")]
    pub summary_seconds: u64,
    /// Largest single frame or metadata answer held in memory, MiB.
    #[serde(default = "defaults::max_object_mib")]
    pub max_object_mib: u64,
    /// Frames kept in memory for `summary_seconds`, MiB; 0: none.
    #[serde(default = "defaults::cache_mib")]
    pub cache_mib: u64,
}

mod defaults {
    pub(super) fn access_key_env() -> String {
        "AWS_ACCESS_KEY_ID".to_owned()
    }
    pub(super) fn secret_key_env() -> String {
        "AWS_SECRET_ACCESS_KEY".to_owned()
    }
    pub(super) const fn rescan_seconds() -> u64 {
        30
    }
    pub(super) const fn max_file_mib() -> u64 {
        4096
    }
    pub(super) const fn connect_seconds() -> u64 {
        5
    }
    pub(super) const fn read_seconds() -> u64 {
        30
    }
    pub(super) const fn max_requests() -> usize {
        16
    }
    pub(super) const fn summary_seconds() -> u64 {
        300
    }
    pub(super) const fn max_object_mib() -> u64 {
        256
    }
    pub(super) const fn cache_mib() -> u64 {
        128
    }
}
