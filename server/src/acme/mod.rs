//! Certificates by ACME (RFC 8555): ordered, proven over HTTP-01, kept, renewed at two thirds of their life.
//! A failure keeps the old certificate and is told to the log, the probes and the metrics.

mod account;
mod challenges;
mod error;
mod kept;
mod order;
mod revoke;

use std::{path::PathBuf, sync::Arc, time::Duration};

pub use self::{
    account::probe,
    challenges::Challenges,
    error::AcmeError,
    revoke::{Reason, revoke},
};
use crate::{
    clock::Clock,
    config::{AcmeConfig, Config},
    tls::{self, Certificate, Certificates},
};

/// Time between two looks at the clock.
const LOOK: Duration = Duration::from_secs(60);
/// Seconds between two orders for the same names, however they went: authorities count them, and a clock that is
/// wrong makes every certificate look old.
const AGAIN_SECONDS: i64 = 3600;
/// An order that takes longer is given up.
const WHOLE_ORDER: Duration = Duration::from_secs(300);
/// How often an order is begun for which the authority does not take its own nonces.
const BEGINNINGS: usize = 3;

/// The hosts that share a certificate, and how their orders went.
struct Name {
    id: String,
    hosts: Vec<String>,
    /// Not before this time again.
    again_at: i64,
}

/// Everything that orders need.
pub struct Acme {
    config: AcmeConfig,
    /// `server.certificate_policies`
    policies: Vec<String>,
    folder: PathBuf,
    names: Vec<Name>,
    challenges: Arc<Challenges>,
    certificates: Arc<Certificates>,
    clock: Clock,
}

impl Acme {
    /// Puts the certificates to use that are kept already; `None` where nothing is ordered.
    #[must_use]
    pub fn open(
        config: &Config,
        challenges: Arc<Challenges>,
        certificates: Arc<Certificates>,
        clock: Clock,
    ) -> Option<Self> {
        tls::choose_provider();
        let acme = config.server.acme.clone()?;
        let sites = config.sites.iter().filter(|site| site.tls.is_none());
        let names = sites.map(|site| Name {
            id: site.id(),
            hosts: site
                .hosts
                .iter()
                .map(|host| host.trim_end_matches('.').to_ascii_lowercase())
                .collect(),
            again_at: 0,
        });
        let folder = config.server.state.join("acme");
        let (names, policies) = (names.collect(), config.server.certificate_policies.clone());
        let acme = Self { config: acme, policies, folder, names, challenges, certificates, clock };
        for name in &acme.names {
            match kept::read(&acme.folder, &name.id) {
                Ok(Some(certificate)) => acme.certificates.set(&name.hosts, &Arc::new(certificate)),
                Ok(None) => {}
                Err(cause) => {
                    tracing::error!(site = name.id, %cause, "cannot use the kept certificate");
                }
            }
        }
        Some(acme)
    }

    /// Orders and renews for ever.
    pub async fn run(mut self) {
        loop {
            self.round().await;
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Orders what is missing or due. Tells how many orders succeeded and how many failed.
    pub async fn round(&mut self) -> [usize; 2] {
        let mut outcomes = [0, 0];
        let mut names = std::mem::take(&mut self.names);
        for name in &mut names {
            let now = self.clock.seconds();
            if now < name.again_at || !self.is_due(name, now) {
                continue;
            }
            name.again_at = now + AGAIN_SECONDS;
            match self.order(name).await {
                Ok(()) => outcomes[0] += 1,
                Err(cause) => {
                    outcomes[1] += 1;
                    tracing::error!(site = name.id, %cause, "no certificate from the authority; what there is is kept");
                }
            }
        }
        self.names = names;
        outcomes
    }

    fn is_due(&self, name: &Name, now: i64) -> bool {
        let used = name.hosts.first().and_then(|host| self.certificates.own(host));
        used.is_none_or(|used| {
            now >= used.renewal() || !name.hosts.iter().all(|host| used.covers(host))
        })
    }

    async fn order(&self, name: &Name) -> Result<(), AcmeError> {
        let made = tokio::time::timeout(WHOLE_ORDER, self.certificate(&name.hosts)).await;
        let pem = made.map_err(|_elapsed| AcmeError::TooLong)??;
        let certificate = Certificate::from_pem(pem.chain.as_bytes(), pem.key.as_bytes())?;
        if !name.hosts.iter().all(|host| certificate.covers(host)) {
            return Err(AcmeError::OtherNames);
        }
        if !certificate.has_policy_of(&self.policies) {
            return Err(AcmeError::Policies(certificate.policies.join(", ")));
        }
        kept::write(&self.folder, &name.id, &pem)?;
        self.certificates.set(&name.hosts, &Arc::new(certificate));
        tracing::info!(site = name.id, "certificate from the authority");
        Ok(())
    }

    async fn certificate(&self, hosts: &[String]) -> Result<Pem, AcmeError> {
        let place = async || {
            let account = account::open(&self.config, &self.folder).await?;
            order::certificate(&account, hosts, &self.challenges).await
        };
        for _beginning in 1..BEGINNINGS {
            match place().await {
                Err(AcmeError::Nonces) => {}
                decided => return decided,
            }
        }
        place().await
    }
}

/// A chain and its key.
struct Pem {
    chain: String,
    key: String,
}
