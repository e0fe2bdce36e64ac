//! Where certificates come from, beside files.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use serde::{Deserialize, Serialize};

/// `[server.acme]`: an authority that gives certificates by ACME (RFC 8555), proven over HTTP-01.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AcmeConfig {
    /// Address of its directory.
    pub directory: String,
    /// E-mail address it may write to.
    pub contact: Option<String>,
    /// Whether the operator agrees to its terms.
    pub agree_to_terms: bool,
    /// External account binding: the identifier of the key.
    pub key_id: Option<String>,
    /// External account binding: file with the key as the authority gives it (base64url).
    pub hmac_key_file: Option<PathBuf>,
    /// PEM file of the authority that signed its HTTPS certificate, where the system does not know it.
    pub ca_file: Option<PathBuf>,
}

/// `[server.validation]`: a listener without encryption that answers certificate authorities only.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct ValidationConfig {
    /// Address and port; authorities ask on port 80.
    pub listen: SocketAddr,
    /// Folder with the files of `/.well-known/pki-validation/`.
    pub folder: Option<PathBuf>,
    /// Hours after which a file in `folder` is deleted.
    pub keep_hours: u32,
}

impl Default for ValidationConfig {
    fn default() -> Self {
        Self { listen: (Ipv4Addr::UNSPECIFIED, 80).into(), folder: None, keep_hours: 72 }
    }
}
