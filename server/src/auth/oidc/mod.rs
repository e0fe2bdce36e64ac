//! OpenID Connect: Pro Santé Connect for professionals, FranceConnect for patients.
//!
//! Authorization code flow with PKCE. Everything between the browser's leaving and its coming back lies on
//! the server ([`pending`]); tokens never reach the browser. [`Provider::begin`] makes the address to go to,
//! [`Provider::finish`] turns what comes back into a [`Proof`]. What the proof is worth for an exam is said by
//! [`psc`] and [`franceconnect`].

pub mod bearer;
mod client_auth;
mod discovery;
mod exchange;
mod fault;
pub mod franceconnect;
pub mod heartbeat;
mod http;
mod introspect;
mod logout;
mod open;
pub mod pending;
pub mod psc;
mod request;
pub mod tokens;
mod userinfo;
mod verify;

use std::{collections::BTreeMap, sync::Arc};

use openidconnect::core::CoreJwsSigningAlgorithm;
use serde::{Deserialize, Serialize};

use self::{client_auth::ClientAuth, discovery::Discovery, http::Http};
pub use self::{
    exchange::{Proof, Returned, Tokens},
    fault::{Fault, ProviderError},
    introspect::Holder,
    open::{OpenError, open},
    request::Departure,
};
use crate::reports::VisitorKind;

/// The identity providers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Pro Santé Connect.
    Psc,
    /// FranceConnect.
    FranceConnect,
}

impl Kind {
    /// Its name in addresses, in the database and in the audit.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Psc => "psc",
            Self::FranceConnect => "franceconnect",
        }
    }

    /// As whom it lets people in.
    #[must_use]
    pub const fn visitor(self) -> VisitorKind {
        match self {
            Self::Psc => VisitorKind::Professional,
            Self::FranceConnect => VisitorKind::Patient,
        }
    }

    /// The provider of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Psc, Self::FranceConnect].into_iter().find(|kind| kind.name() == name)
    }
}

/// The ways a site's visitors may log in.
#[derive(Clone)]
pub struct Identity {
    /// Access code and birth date.
    pub access_code: bool,
    /// Pro Santé Connect.
    pub psc: Option<Psc>,
    /// FranceConnect.
    pub franceconnect: Option<Arc<Provider>>,
}

impl Default for Identity {
    fn default() -> Self {
        Self { access_code: true, psc: None, franceconnect: None }
    }
}

impl Identity {
    /// The provider of a kind, where this site has it.
    #[must_use]
    pub fn provider(&self, kind: Kind) -> Option<&Arc<Provider>> {
        match kind {
            Kind::Psc => self.psc.as_ref().map(|psc| &psc.provider),
            Kind::FranceConnect => self.franceconnect.as_ref(),
        }
    }
}

/// Pro Santé Connect with what this site asks of professionals.
#[derive(Clone)]
pub struct Psc {
    /// The provider.
    pub provider: Arc<Provider>,
    /// Codes of the professions let in; empty: all.
    pub professions: Vec<String>,
    /// Seconds between two questions whether the session there still lives; 0: never asked.
    pub heartbeat_seconds: u32,
}

/// One identity provider as one site's client sees it.
pub struct Provider {
    kind: Kind,
    issuer: String,
    client_id: String,
    auth: ClientAuth,
    scopes: &'static [&'static str],
    min_acr: String,
    extra_parameters: BTreeMap<String, String>,
    algorithm: CoreJwsSigningAlgorithm,
    /// Whether the user information must be a signed token.
    signed_userinfo: bool,
    http: Http,
    discovery: Discovery,
    /// Held while a refresh token is being used: the next one may be the only good one.
    renewing: tokio::sync::Mutex<()>,
}

impl Provider {
    /// Which one.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// Lowest level of authentication accepted.
    #[must_use]
    pub fn min_acr(&self) -> &str {
        &self.min_acr
    }

    /// Whether the provider's description can be had and names the configured issuer.
    ///
    /// # Errors
    /// [`ProviderError`] when it cannot be reached or says to be somebody else.
    pub async fn probe(&self, now: i64) -> Result<(), ProviderError> {
        self.discovery.current(&self.http, now).await.map(drop)
    }
}
