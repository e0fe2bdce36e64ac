//! `[interbox]` and `[site.interbox]`

use std::{net::SocketAddr, path::PathBuf};

use serde::{Deserialize, Serialize};

use super::TlsConfig;

/// The listener for the boxes of other centres. Needs `[trust_list]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct InterboxConfig {
    /// Address and port to listen on.
    pub listen: SocketAddr,
    /// PEM file of the authorities that may sign the certificate of a box: these and no others.
    pub ca_file: PathBuf,
    /// Answers with images at the same time, over all sites and boxes.
    #[serde(default = "default_streams")]
    pub streams: usize,
}

/// This site's exams for the boxes of other centres.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SiteInterboxConfig {
    /// Names of the site's box (`dbN`), without port: none of them a name for visitors.
    pub hosts: Vec<String>,
    /// `[site.interbox.tls]`: the box's certificate for these names.
    pub tls: TlsConfig,
}

const fn default_streams() -> usize {
    32
}

impl InterboxConfig {
    pub(super) fn problem(&self) -> Option<(String, String)> {
        let is_wrong = !(1..=1024).contains(&self.streams);
        is_wrong.then(|| ("interbox.streams".to_owned(), "must be between 1 and 1024".to_owned()))
    }
}
