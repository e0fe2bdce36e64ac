//! Which certificate is served for which name.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use rustls::{
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};

use super::Certificate;

/// Certificates by host name, with one for every other name; asked once for each new connection, so that
/// changing them leaves open connections alone.
#[derive(Debug, Default)]
pub struct Certificates(RwLock<Held>);

#[derive(Debug, Default)]
struct Held {
    by_host: HashMap<String, Arc<Certificate>>,
    for_others: Option<Arc<Certificate>>,
}

impl Certificates {
    /// Serves a certificate for these hosts from now on.
    pub fn set(&self, hosts: &[String], certificate: &Arc<Certificate>) {
        let mut held = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for host in hosts {
            held.by_host.insert(normal(host), Arc::clone(certificate));
        }
    }

    /// Serves a certificate for every name that has none of its own.
    pub fn set_for_others(&self, certificate: &Arc<Certificate>) {
        let mut held = self.0.write().unwrap_or_else(PoisonError::into_inner);
        held.for_others = Some(Arc::clone(certificate));
    }

    /// What is served for a host; `None`: the connection is refused.
    #[must_use]
    pub fn of(&self, host: &str) -> Option<Arc<Certificate>> {
        let held = self.0.read().unwrap_or_else(PoisonError::into_inner);
        held.by_host.get(&normal(host)).or(held.for_others.as_ref()).map(Arc::clone)
    }

    /// What was set for this very host.
    #[must_use]
    pub fn own(&self, host: &str) -> Option<Arc<Certificate>> {
        let held = self.0.read().unwrap_or_else(PoisonError::into_inner);
        held.by_host.get(&normal(host)).map(Arc::clone)
    }
}

fn normal(host: &str) -> String {
    host.trim_end_matches('.').to_ascii_lowercase()
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let certificate = self.of(hello.server_name().unwrap_or_default())?;
        Some(Arc::clone(&certificate.key))
    }
}
