//! `[site.source.drimbox]`

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::ReceiveConfig;

/// A DRIMbox over its WADO-RS service, for exams whose manifests were imported.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct DrimboxConfig {
    /// Root of the service, e.g. `https://db1.349.mesimagesmedicales.fr/dicom-web-rs`.
    pub url: String,
    /// Hosts by which manifests may call it, beside that of `url`; with `:port` where it is not 443.
    #[serde(default)]
    pub manifest_hosts: Vec<String>,
    /// PEM file of the authorities that may sign its certificate: these and no others.
    pub ca_file: PathBuf,
    /// PEM file of our certificate, then its chain.
    pub certificate_file: PathBuf,
    /// PEM file of the private key.
    pub key_file: PathBuf,
    /// Name of the environment variable that holds the bearer token.
    pub token_env: Option<String>,
    /// File that holds the bearer token, read at every request.
    pub token_file: Option<PathBuf>,
    /// Seconds to wait for a connection.
    #[serde(default = "defaults::connect_seconds")]
    pub connect_seconds: u64,
    /// Seconds to wait for the next bytes of an answer.
    #[serde(default = "defaults::read_seconds")]
    pub read_seconds: u64,
    /// `[site.source.drimbox.receive]`
    #[serde(default)]
    pub receive: ReceiveConfig,
}

impl DrimboxConfig {
    /// Every file named in here.
    pub(super) fn files(&mut self) -> Vec<&mut PathBuf> {
        let own = [&mut self.ca_file, &mut self.certificate_file, &mut self.key_file];
        own.into_iter().chain(self.token_file.as_mut()).collect()
    }
}

mod defaults {
    pub(super) const fn connect_seconds() -> u64 {
        5
    }
    pub(super) const fn read_seconds() -> u64 {
        30
    }
}
