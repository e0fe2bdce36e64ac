//! How a site's visitors prove who they are: `[site.identity]`.

use std::{collections::BTreeMap, path::PathBuf};

use serde::{Deserialize, Serialize};

/// `[site.identity]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct IdentityConfig {
    /// Offer the code printed on the report, with the birth date.
    pub access_code: bool,
    /// Seconds a provider may take to answer one request.
    pub answer_seconds: u64,
    /// `[site.identity.psc]`
    pub psc: Option<PscConfig>,
    /// `[site.identity.franceconnect]`
    pub franceconnect: Option<FranceConnectConfig>,
}

impl Default for IdentityConfig {
    fn default() -> Self {
        Self { access_code: true, answer_seconds: 5, psc: None, franceconnect: None }
    }
}

impl IdentityConfig {
    /// Every file named in here.
    pub(super) fn files(&mut self) -> Vec<Option<&mut PathBuf>> {
        let mut files = Vec::new();
        if let Some(psc) = &mut self.psc {
            files.push(psc.ca_file.as_mut());
            files.extend(psc.client.files());
        }
        if let Some(franceconnect) = &mut self.franceconnect {
            files.push(franceconnect.ca_file.as_mut());
            files.extend(franceconnect.client.files());
        }
        files
    }
}

/// `[site.identity.psc]`: Pro Santé Connect, for professionals.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PscConfig {
    /// Issuer, compared byte for byte with what the provider says of itself.
    #[serde(default = "defaults::psc_issuer")]
    pub issuer: String,
    /// Address of the discovery document; default: `/.well-known/wallet-openid-configuration` after the issuer.
    pub discovery: Option<String>,
    /// PEM file of the authorities that may sign the provider's certificate, beside the system's.
    pub ca_file: Option<PathBuf>,
    /// Lowest level of authentication accepted.
    #[serde(default = "defaults::eidas1")]
    pub min_acr: String,
    /// More parameters for the authorization request, e.g. `kc_idp_hint`.
    #[serde(default)]
    pub extra_parameters: BTreeMap<String, String>,
    /// Codes of the professions let in (TRE_G15: 10 physician, 60 nurse …); empty: all.
    #[serde(default)]
    pub professions: Vec<String>,
    /// Seconds between two questions whether the provider's session still lives; 0: never asked.
    #[serde(default)]
    pub heartbeat_seconds: u32,
    /// How ID token and user information are signed.
    #[serde(default = "defaults::rs256")]
    pub signing_algorithm: SigningAlgorithm,
    /// `[site.identity.psc.client]`
    pub client: ClientConfig,
}

/// `[site.identity.franceconnect]`: FranceConnect v2, for patients.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct FranceConnectConfig {
    /// Issuer, compared byte for byte with what the provider says of itself.
    #[serde(default = "defaults::franceconnect_issuer")]
    pub issuer: String,
    /// Address of the discovery document; default: `/.well-known/openid-configuration` after the issuer.
    pub discovery: Option<String>,
    /// PEM file of the authorities that may sign the provider's certificate, beside the system's.
    pub ca_file: Option<PathBuf>,
    /// Lowest level of authentication accepted.
    #[serde(default = "defaults::eidas2")]
    pub min_acr: String,
    /// More parameters for the authorization request, e.g. `idp_hint`.
    #[serde(default)]
    pub extra_parameters: BTreeMap<String, String>,
    /// How ID token and user information are signed.
    #[serde(default)]
    pub signing_algorithm: SigningAlgorithm,
    /// `[site.identity.franceconnect.client]`
    pub client: ClientConfig,
}

/// How this server proves to the provider who it is.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ClientConfig {
    /// Client identifier given by the provider.
    pub id: String,
    /// Method.
    pub auth: ClientAuthMethod,
    /// Name of the environment variable that holds the secret.
    pub secret_env: Option<String>,
    /// File that holds the secret.
    pub secret_file: Option<PathBuf>,
    /// PEM file of the private key (`private_key_jwt`, `tls_client_auth`).
    pub key_file: Option<PathBuf>,
    /// Identifier of the key, as the provider knows it (`private_key_jwt`).
    pub key_id: Option<String>,
    /// What the key signs with (`private_key_jwt`).
    #[serde(default)]
    pub key_algorithm: SigningAlgorithm,
    /// PEM file of the certificate and its chain (`tls_client_auth`).
    pub certificate_file: Option<PathBuf>,
}

impl ClientConfig {
    fn files(&mut self) -> [Option<&mut PathBuf>; 3] {
        [self.secret_file.as_mut(), self.key_file.as_mut(), self.certificate_file.as_mut()]
    }
}

/// Methods of client authentication (OpenID Connect Core 9, RFC 8705).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientAuthMethod {
    /// Secret in the `Authorization` header.
    ClientSecretBasic,
    /// Secret in the form.
    ClientSecretPost,
    /// An assertion signed with a private key.
    PrivateKeyJwt,
    /// Mutual TLS.
    TlsClientAuth,
}

/// Signature algorithms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub enum SigningAlgorithm {
    /// ECDSA on P-256.
    #[default]
    #[serde(rename = "ES256")]
    Es256,
    /// RSA PKCS #1 with SHA-256.
    #[serde(rename = "RS256")]
    Rs256,
}

mod defaults {
    pub(super) fn psc_issuer() -> String {
        "https://auth.esw.esante.gouv.fr/auth/realms/esante-wallet".to_owned()
    }
    pub(super) fn franceconnect_issuer() -> String {
        "https://auth.franceconnect.gouv.fr/api/v2".to_owned()
    }
    pub(super) const fn rs256() -> super::SigningAlgorithm {
        super::SigningAlgorithm::Rs256
    }
    pub(super) fn eidas1() -> String {
        "eidas1".to_owned()
    }
    pub(super) fn eidas2() -> String {
        "eidas2".to_owned()
    }
}
