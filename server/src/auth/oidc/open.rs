//! Providers from the configuration.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use openidconnect::core::CoreJwsSigningAlgorithm;
use thiserror::Error;

use super::{
    Identity, Kind, Provider, Psc,
    client_auth::{ClientAuth, Signer},
    discovery::Discovery,
    http::Http,
};
use crate::config::{
    ClientAuthMethod, ClientConfig, FranceConnectConfig, IdentityConfig, PscConfig,
    SigningAlgorithm,
};

/// Why a provider cannot be used at all. The message names the key of the configuration.
#[derive(Debug, Error)]
pub enum OpenError {
    /// A file that cannot be read.
    #[error("identity.{provider}: cannot read {path}: {cause}")]
    File {
        /// Which provider.
        provider: &'static str,
        /// The file.
        path: PathBuf,
        /// What happened.
        cause: std::io::Error,
    },
    /// An environment variable that is not there, or a secret that is empty.
    #[error("identity.{provider}.client: {what}")]
    Secret {
        /// Which provider.
        provider: &'static str,
        /// What is missing.
        what: String,
    },
    /// A key that does not fit its algorithm.
    #[error("identity.{provider}.client.key_file: not a PEM key for {algorithm}")]
    Key {
        /// Which provider.
        provider: &'static str,
        /// What it was to sign with.
        algorithm: &'static str,
    },
    /// A certificate or the TLS set-up.
    #[error("identity.{provider}: certificates: {cause}")]
    Tls {
        /// Which provider.
        provider: &'static str,
        /// What happened.
        cause: String,
    },
}

/// Reads the keys and secrets of a site's providers. Contacts nobody.
///
/// # Errors
/// [`OpenError`].
pub fn open(config: &IdentityConfig) -> Result<Identity, OpenError> {
    let seconds = config.answer_seconds;
    let psc = config.psc.as_ref().map(|psc| open_psc(psc, seconds)).transpose()?;
    let franceconnect = config.franceconnect.as_ref();
    let franceconnect = franceconnect.map(|site| open_franceconnect(site, seconds)).transpose()?;
    Ok(Identity { access_code: config.access_code, psc, franceconnect })
}

/// What differs between the two.
struct Settings<'a> {
    kind: Kind,
    issuer: &'a str,
    discovery: String,
    ca_file: Option<&'a Path>,
    min_acr: &'a str,
    extra_parameters: &'a BTreeMap<String, String>,
    algorithm: SigningAlgorithm,
    scopes: &'static [&'static str],
    client: &'a ClientConfig,
    answer_seconds: u64,
}

fn open_psc(config: &PscConfig, answer_seconds: u64) -> Result<Psc, OpenError> {
    let default = || format!("{}/.well-known/wallet-openid-configuration", config.issuer);
    let settings = Settings {
        kind: Kind::Psc,
        issuer: &config.issuer,
        discovery: config.discovery.clone().unwrap_or_else(default),
        ca_file: config.ca_file.as_deref(),
        min_acr: &config.min_acr,
        extra_parameters: &config.extra_parameters,
        algorithm: config.signing_algorithm,
        scopes: &["scope_all"],
        client: &config.client,
        answer_seconds,
    };
    Ok(Psc {
        provider: settings.open()?,
        professions: config.professions.clone(),
        heartbeat_seconds: config.heartbeat_seconds,
    })
}

fn open_franceconnect(
    config: &FranceConnectConfig,
    answer_seconds: u64,
) -> Result<Arc<Provider>, OpenError> {
    let default = || format!("{}/.well-known/openid-configuration", config.issuer);
    let settings = Settings {
        kind: Kind::FranceConnect,
        issuer: &config.issuer,
        discovery: config.discovery.clone().unwrap_or_else(default),
        ca_file: config.ca_file.as_deref(),
        min_acr: &config.min_acr,
        extra_parameters: &config.extra_parameters,
        algorithm: config.signing_algorithm,
        scopes: &["identite_pivot"],
        client: &config.client,
        answer_seconds,
    };
    settings.open()
}

impl Settings<'_> {
    fn open(self) -> Result<Arc<Provider>, OpenError> {
        let authorities = self.ca_file.map(|path| self.read(path)).transpose()?;
        let is_mutual = self.client.auth == ClientAuthMethod::TlsClientAuth;
        let identity = if is_mutual { Some(self.tls_identity()?) } else { None };
        let https_only = self.issuer.starts_with("https://");
        let time = Duration::from_secs(self.answer_seconds);
        let http = Http::new(authorities.as_deref(), identity.as_deref(), https_only, time)
            .map_err(|cause| OpenError::Tls { provider: self.name(), cause: cause.to_string() })?;
        let auth = self.client_auth()?;
        Ok(Arc::new(Provider {
            kind: self.kind,
            issuer: self.issuer.to_owned(),
            client_id: self.client.id.clone(),
            auth,
            scopes: self.scopes,
            min_acr: self.min_acr.to_owned(),
            extra_parameters: self.extra_parameters.clone(),
            algorithm: match self.algorithm {
                SigningAlgorithm::Es256 => CoreJwsSigningAlgorithm::EcdsaP256Sha256,
                SigningAlgorithm::Rs256 => CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
            },
            signed_userinfo: self.kind == Kind::FranceConnect,
            http,
            discovery: Discovery::new(self.issuer, self.discovery, is_mutual),
            renewing: tokio::sync::Mutex::default(),
        }))
    }

    const fn name(&self) -> &'static str {
        self.kind.name()
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>, OpenError> {
        let provider = self.name();
        std::fs::read(path).map_err(|cause| OpenError::File {
            provider,
            path: path.to_owned(),
            cause,
        })
    }

    fn client_auth(&self) -> Result<ClientAuth, OpenError> {
        match self.client.auth {
            ClientAuthMethod::ClientSecretBasic => {
                Ok(ClientAuth::Secret { secret: self.secret()?, in_header: true })
            }
            ClientAuthMethod::ClientSecretPost => {
                Ok(ClientAuth::Secret { secret: self.secret()?, in_header: false })
            }
            ClientAuthMethod::TlsClientAuth => Ok(ClientAuth::MutualTls),
            ClientAuthMethod::PrivateKeyJwt => {
                let (algorithm, id) = (self.client.key_algorithm, self.client.key_id.clone());
                let signer = Signer::new(&self.key()?, algorithm, id);
                let name = if algorithm == SigningAlgorithm::Es256 { "ES256" } else { "RS256" };
                let wrong = |_cause| OpenError::Key { provider: self.name(), algorithm: name };
                Ok(ClientAuth::Assertion(Box::new(signer.map_err(wrong)?)))
            }
        }
    }

    fn key(&self) -> Result<Vec<u8>, OpenError> {
        self.read(self.client.key_file.as_deref().unwrap_or(Path::new("")))
    }

    /// Key and certificates in one PEM text.
    fn tls_identity(&self) -> Result<Vec<u8>, OpenError> {
        let mut pem = self.key()?;
        pem.push(b'\n');
        pem.extend(self.read(self.client.certificate_file.as_deref().unwrap_or(Path::new("")))?);
        Ok(pem)
    }

    fn secret(&self) -> Result<String, OpenError> {
        let missing = |what: String| OpenError::Secret { provider: self.name(), what };
        let text = match (&self.client.secret_env, &self.client.secret_file) {
            (Some(variable), _) => std::env::var(variable).map_err(|_cause| {
                missing(format!("the environment variable {variable} is not set"))
            })?,
            (None, Some(path)) => String::from_utf8(self.read(path)?)
                .map_err(|_cause| missing("secret_file is not text".to_owned()))?,
            (None, None) => String::new(),
        };
        let text = text.trim_end_matches(['\r', '\n']).to_owned();
        if text.is_empty() { Err(missing("the secret is empty".to_owned())) } else { Ok(text) }
    }
}
