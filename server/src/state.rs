//! What every handler shares.

use std::{
    ops::Deref,
    path::Path,
    sync::{Arc, OnceLock},
};

use ipnet::IpNet;
use quick_cache::sync::Cache;

use crate::{
    assets::Assets,
    audit::Audit,
    auth::{AccessCodeProvider, AddressLimit, Hasher, IdentityProvider},
    clock::Clock,
    config::{AccessCodeConfig, Config, SessionConfig},
    consultation::Consultations,
    entry::prepare::Preparation,
    health::HealthCache,
    metrics::Metrics,
    reports::{Reports, Screened},
    session::Limits,
    sites::{Site, Sites},
    source::Source,
    store::{Store, StoreError},
    tls::Certificates,
    trust_list::Keeper,
};

/// Seconds over which opened links are counted per address.
const LINK_WINDOW_SECONDS: i64 = 600;

/// Exports remembered.
const EXPORTS: usize = 4096;

/// What every handler shares; cheap to clone.
#[derive(Clone)]
pub struct AppState(Arc<Shared>);

/// The fields of [`AppState`].
pub struct Shared {
    /// Sites by host.
    pub sites: Sites,
    /// Whether this server encrypts by itself.
    pub tls: bool,
    /// Certificates by host.
    pub certificates: Arc<Certificates>,
    /// Whose `X-Forwarded-*` headers are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Seconds until an answer must start.
    pub request_seconds: u64,
    /// Database.
    pub store: Store,
    /// Time.
    pub clock: Clock,
    /// Journal.
    pub audit: Audit,
    /// Days the journal is kept.
    pub retention_days: u32,
    /// What sites know of their reports.
    pub reports: Reports,
    /// Files of the viewer.
    pub assets: Assets,
    /// Ways to log in, in the order shown.
    pub providers: Vec<Arc<dyn IdentityProvider>>,
    /// How long logins last.
    pub limits: Limits,
    /// `[session]`
    pub session: SessionConfig,
    /// `[access_code]`
    pub access_code: AccessCodeConfig,
    /// Wrong tries per address.
    pub tries: AddressLimit,
    /// Links opened per address.
    pub links: AddressLimit,
    /// Exams that are got ready before their visitors are let in.
    pub(crate) preparation: Preparation,
    /// Exports written down: session and study → when.
    pub exports: Cache<String, i64>,
    /// Answers to probes.
    pub health: HealthCache,
    /// What is counted.
    pub metrics: Metrics,
    /// Exams of other centres that professionals brought.
    pub consultations: Consultations,
    /// The list of DRIMboxes, where the configuration asks for one.
    pub trust_list: OnceLock<Arc<Keeper>>,
}

/// What [`AppState::new`] is made of, beside the configuration.
pub struct Parts {
    /// Sites with their sources opened.
    pub sites: Sites,
    /// Files of the viewer.
    pub assets: Assets,
    /// Journal.
    pub audit: Audit,
    /// Time.
    pub clock: Clock,
}

impl AppState {
    /// Opens the database and puts everything together.
    ///
    /// # Errors
    /// When the database cannot be opened.
    pub async fn new(config: &Config, parts: Parts) -> Result<Self, StoreError> {
        let store = Store::open(Path::new(&config.server.state)).await?;
        let (session, code) = (config.session.clone(), config.access_code.clone());
        let hasher = Arc::new(Hasher::new(store.secret, code.parallel_checks));
        let reports = Reports::new(store.pool.clone());
        let provider = AccessCodeProvider::new(
            store.clone(),
            reports.clone(),
            hasher,
            parts.clock.clone(),
            &code,
        );
        let screen = |site: &Site| -> Arc<dyn Source> {
            let (source, pool) = (Arc::clone(&site.source), store.pool.clone());
            Arc::new(Screened::new(source, Arc::clone(&site.id), pool, parts.clock.clone()))
        };
        let metrics = Metrics::new(parts.audit.events());
        Ok(Self(Arc::new(Shared {
            sites: parts.sites.map_sources(screen),
            tls: config.encrypts(),
            certificates: Arc::default(),
            trusted_proxies: config.server.trusted_proxies.clone(),
            request_seconds: config.server.request_seconds,
            store,
            clock: parts.clock,
            audit: parts.audit,
            reports,
            retention_days: config.audit.retention_days,
            assets: parts.assets,
            providers: vec![Arc::new(provider)],
            limits: Limits::new(&session),
            tries: AddressLimit::new(code.tries_per_address, i64::from(code.address_minutes) * 60),
            links: AddressLimit::new(session.links_per_address, LINK_WINDOW_SECONDS),
            session,
            access_code: code,
            preparation: Preparation::default(),
            exports: Cache::new(EXPORTS),
            health: HealthCache::default(),
            metrics,
            consultations: Consultations::default(),
            trust_list: OnceLock::new(),
        })))
    }
}

impl Deref for AppState {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}
