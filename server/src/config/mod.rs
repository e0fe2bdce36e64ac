//! The configuration file: TOML, every key documented in `negatoscope.example.toml`, unknown keys refused.

mod certificates;
mod check;
mod consultation;
mod dimse;
mod download;
mod drimbox;
mod identity;
mod identity_check;
mod import;
mod interbox;
mod receive;
mod settings;
mod source;
mod trust_list;
mod unsafe_settings;

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::reports::ReportPolicy;

pub use self::{
    certificates::{AcmeConfig, ValidationConfig},
    consultation::ConsultationConfig,
    dimse::{DimseConfig, DimseTlsConfig, RetrieveWay},
    download::DownloadConfig,
    drimbox::DrimboxConfig,
    identity::{
        ClientAuthMethod, ClientConfig, FranceConnectConfig, IdentityConfig, PscConfig,
        SigningAlgorithm,
    },
    import::{ImportConfig, TargetConfig},
    interbox::{InterboxConfig, SiteInterboxConfig},
    receive::ReceiveConfig,
    settings::{
        AccessCodeConfig, AdminConfig, AuditConfig, LogConfig, LogFormat, LogLevel, SessionConfig,
        SyslogConfig,
    },
    source::{ArchiveConfig, PacsConfig, SourceConfig},
    trust_list::{SignerConfig, TrustListConfig},
};

/// The whole file.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// `[server]`
    pub server: ServerConfig,
    /// `[log]`
    #[serde(default)]
    pub log: LogConfig,
    /// `[audit]`
    #[serde(default)]
    pub audit: AuditConfig,
    /// `[admin]`; without it there is no such interface.
    pub admin: Option<AdminConfig>,
    /// `[session]`
    #[serde(default)]
    pub session: SessionConfig,
    /// `[access_code]`
    #[serde(default)]
    pub access_code: AccessCodeConfig,
    /// `[trust_list]`; without it every configured DRIMbox is contacted.
    pub trust_list: Option<TrustListConfig>,
    /// `[interbox]`; without it no box of another centre is answered.
    pub interbox: Option<InterboxConfig>,
    /// `[[site]]`, at least one.
    #[serde(rename = "site")]
    pub sites: Vec<SiteConfig>,
}

/// `[server]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ServerConfig {
    /// Address and port to listen on.
    #[serde(default = "default_listen")]
    pub listen: SocketAddr,
    /// Folder of the database and, by default, of the indexes.
    pub state: PathBuf,
    /// Folder of the built viewer, with its `manifest.json`.
    pub assets: PathBuf,
    /// Addresses whose `X-Forwarded-*` headers are believed.
    #[serde(default)]
    pub trusted_proxies: Vec<IpNet>,
    /// Seconds a request may take until its answer starts.
    #[serde(default = "default_request_seconds")]
    pub request_seconds: u64,
    /// Connections of visitors at the same time.
    #[serde(default = "default_connections")]
    pub connections: u32,
    /// Connections of one address (of IPv6: /64) that is none of the trusted proxies.
    #[serde(default = "default_connections_per_address")]
    pub connections_per_address: u32,
    /// Policies (OIDs) of which every certificate must have one; any will do where none is named.
    #[serde(default)]
    pub certificate_policies: Vec<String>,
    /// `[server.tls]`: the certificate of every site that has none of its own.
    pub tls: Option<TlsConfig>,
    /// `[server.acme]`: certificates for sites that have no files of their own.
    pub acme: Option<AcmeConfig>,
    /// `[server.validation]`: what authorities ask for over plain HTTP.
    pub validation: Option<ValidationConfig>,
}

/// A certificate in files: `[server.tls]`, `[site.tls]`, `[admin.tls]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TlsConfig {
    /// PEM file: certificate, then its chain.
    pub certificate: PathBuf,
    /// PEM file: private key.
    pub key: PathBuf,
}

/// `[[site]]`: one name printed in reports, with its own source.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SiteConfig {
    /// Host names without port; the first one names the site in logs and in the database.
    pub hosts: Vec<String>,
    /// Name of the centre, shown to visitors.
    pub name: String,
    /// How to reach the centre, shown to visitors.
    pub contact: String,
    /// Picture of the centre's logo: SVG, PNG or JPEG.
    pub logo: Option<PathBuf>,
    /// Beginning of the site's links; default: `https://` and the first host.
    pub public_url: Option<String>,
    /// Roots (OIDs) of the accession numbers of this site.
    #[serde(default)]
    pub accession_roots: Vec<String>,
    /// Whether exams are opened of which no report is known.
    #[serde(default)]
    pub reports: ReportPolicy,
    /// Whether an exam is got ready when its link is clicked, before anybody is let in.
    #[serde(default = "default_prepare")]
    pub prepare: bool,
    /// `[site.download]`: who may take exams away.
    #[serde(default)]
    pub download: DownloadConfig,
    /// `[site.import]`: who may import exams into local PACS.
    pub import: Option<ImportConfig>,
    /// `[site.tls]`: this site's own certificate.
    pub tls: Option<TlsConfig>,
    /// `[site.identity]`: the ways to log in.
    #[serde(default)]
    pub identity: IdentityConfig,
    /// `[site.consultation]`: exams of other centres, by their manifests.
    pub consultation: Option<ConsultationConfig>,
    /// `[site.interbox]`: this site's exams for other centres.
    pub interbox: Option<SiteInterboxConfig>,
    /// `[site.source.archive]` or `[site.source.pacs]`.
    pub source: SourceConfig,
}

impl SiteConfig {
    /// The first host in lower case: what the site is called in logs and in the database.
    #[must_use]
    pub fn id(&self) -> String {
        self.hosts
            .first()
            .map(|host| host.trim_end_matches('.').to_ascii_lowercase())
            .unwrap_or_default()
    }

    /// Beginning of the site's links, without trailing slash.
    #[must_use]
    pub fn link_base(&self) -> String {
        match &self.public_url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => format!("https://{}", self.id()),
        }
    }
}

fn default_listen() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 8080))
}

const fn default_request_seconds() -> u64 {
    30
}

const fn default_prepare() -> bool {
    true
}

const fn default_connections() -> u32 {
    4096
}

const fn default_connections_per_address() -> u32 {
    1024
}

/// Line and key of a mistake.
fn place_of(text: &str, cause: &toml::de::Error) -> String {
    let before = cause.span().and_then(|place| text.get(..place.start)).unwrap_or_default();
    let number = before.matches('\n').count();
    let key = text.lines().nth(number).and_then(|line| line.split_once('='));
    let key = key.map(|(key, _)| format!(", {}", key.trim()));
    format!("line {}{}", number + 1, key.unwrap_or_default())
}

/// `invalid type: string "…", expected a boolean`
fn without_values(message: &str) -> String {
    let variant = message.strip_prefix("unknown variant `");
    if let Some((_value, expected)) = variant.and_then(|rest| rest.split_once("`, ")) {
        return format!("unknown value, {expected}");
    }
    let parts = message.split('"').enumerate();
    parts.map(|(index, part)| if index % 2 == 0 { part } else { "\"…\"" }).collect()
}

/// Why a configuration is refused. The message names the key and the place.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {path}: {cause}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// Not TOML, an unknown key, a missing key or a value of the wrong kind.
    #[error("{path}: {place}: {reason}")]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Line and key.
        place: String,
        /// What is wrong, without any value: somebody may have written a secret there.
        reason: String,
    },
    /// A value that makes no sense.
    #[error("{path}: {key}: {reason}")]
    Value {
        /// The file.
        path: PathBuf,
        /// The key, e.g. `site[2].hosts`.
        key: String,
        /// What is wrong and what is expected.
        reason: String,
    },
}

impl Config {
    /// Reads and checks a file. Relative paths in it are taken from the file's folder.
    ///
    /// # Errors
    /// [`ConfigError`], naming the key and where it is.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|cause| ConfigError::Unreadable { path: path.to_owned(), cause })?;
        Self::parse(&text, path)
    }

    /// Reads and checks the text of the file `path`.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
        let mut config: Self = toml::from_str(text).map_err(|cause| ConfigError::Syntax {
            path: path.to_owned(),
            place: place_of(text, &cause),
            reason: without_values(cause.message()),
        })?;
        check::check(&config).map_err(|(key, reason)| ConfigError::Value {
            path: path.to_owned(),
            key,
            reason,
        })?;
        config.resolve_paths(path.parent().unwrap_or(Path::new(".")));
        Ok(config)
    }

    /// Whether this server encrypts by itself; else it speaks plain HTTP, behind a proxy or on loopback.
    #[must_use]
    pub fn encrypts(&self) -> bool {
        let server = &self.server;
        server.tls.is_some()
            || server.acme.is_some()
            || self.sites.iter().any(|site| site.tls.is_some())
    }

    /// Folder of the audit journal.
    #[must_use]
    pub fn audit_folder(&self) -> PathBuf {
        self.audit.folder.clone().unwrap_or_else(|| self.server.state.join("audit"))
    }

    fn resolve_paths(&mut self, folder: &Path) {
        let resolve = |path: &mut PathBuf| *path = folder.join(&*path);
        resolve(&mut self.server.state);
        resolve(&mut self.server.assets);
        let admin = self.admin.iter_mut().filter_map(|admin| admin.tls.as_mut());
        let sites = self.sites.iter_mut().flat_map(|site| {
            let of_box = site.interbox.as_mut().map(|interbox| &mut interbox.tls);
            site.tls.as_mut().into_iter().chain(of_box)
        });
        for tls in self.server.tls.iter_mut().chain(admin).chain(sites) {
            resolve(&mut tls.certificate);
            resolve(&mut tls.key);
        }
        if let Some(acme) = &mut self.server.acme {
            let files = [&mut acme.hmac_key_file, &mut acme.ca_file];
            files.into_iter().flatten().for_each(resolve);
        }
        let validation = self.server.validation.iter_mut();
        validation.filter_map(|validation| validation.folder.as_mut()).for_each(resolve);
        self.audit.folder.iter_mut().for_each(resolve);
        if let Some(admin) = &mut self.admin {
            resolve(&mut admin.token_file);
        }
        if let Some(syslog) = &mut self.audit.syslog {
            resolve(&mut syslog.ca_file);
            let own = [&mut syslog.certificate, &mut syslog.key];
            own.into_iter().flatten().for_each(resolve);
        }
        self.trust_list.iter_mut().flat_map(TrustListConfig::files).for_each(resolve);
        self.interbox.iter_mut().map(|interbox| &mut interbox.ca_file).for_each(resolve);
        for site in &mut self.sites {
            site.logo.iter_mut().for_each(resolve);
            site.identity.files().into_iter().flatten().for_each(resolve);
            site.consultation.iter_mut().flat_map(ConsultationConfig::files).for_each(resolve);
            site.import.iter_mut().flat_map(ImportConfig::files_mut).for_each(resolve);
            match &mut site.source {
                SourceConfig::Archive(archive) => {
                    archive.path.iter_mut().for_each(resolve);
                    archive.index.iter_mut().for_each(resolve);
                }
                SourceConfig::Pacs(pacs) => {
                    let files = [&mut pacs.ca_file, &mut pacs.password_file, &mut pacs.token_file];
                    files.into_iter().flatten().for_each(resolve);
                }
                SourceConfig::Dimse(dimse) => dimse.files_mut().for_each(resolve),
                SourceConfig::Drimbox(drimbox) => drimbox.files().into_iter().for_each(resolve),
            }
        }
    }
}

#[cfg(test)]
mod identity_tests;
#[cfg(test)]
mod tests;
