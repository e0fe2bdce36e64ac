//! The exams of one consultation as a system that sends whole objects: what a study holds is in its manifest, the objects
//! come from whichever of the network's boxes the manifest names.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::Duration,
};

use async_trait::async_trait;
use reqwest::Url;
use viewer_core::exam::Patient;

use super::{
    address::{self, Refused},
    manifest::Manifest,
    one::Shared,
    timeline::Timeline,
};
use crate::{
    config::ConsultationConfig,
    source::{
        ExamFacts, Scope, SourceError, SourceHealth,
        drimbox::{DrimboxOptions, Remote, Token},
        received::{Listing, PatientCheck, Sink, Upstream},
    },
    trust_list::{Keeper, Stranger},
};

/// Boxes spoken with by one consultation.
const MAX_BOXES: usize = 32;

/// What it takes to ask the network's boxes.
#[derive(Clone)]
pub struct Network {
    /// Name of the site, for logs.
    pub name: Arc<str>,
    /// `[site.consultation]`
    pub config: Arc<ConsultationConfig>,
    /// The list of trusted boxes.
    pub keeper: Arc<Keeper>,
    /// Of the professional who looks.
    pub token: Token,
}

/// The exams of one consultation.
pub struct Consulted {
    timeline: Shared,
    network: Network,
    boxes: Mutex<HashMap<Url, Arc<Remote>>>,
    /// By study, of the manifest that counted when it was asked for last.
    listings: Mutex<HashMap<String, Arc<Listing>>>,
}

impl Consulted {
    /// Of a timeline that stays as it is.
    #[must_use]
    pub fn of(timeline: Timeline, network: Network) -> Self {
        Self::new(Arc::new(RwLock::new(timeline)), network)
    }

    /// Nobody is contacted yet.
    pub(super) fn new(timeline: Shared, network: Network) -> Self {
        Self { timeline, network, boxes: Mutex::default(), listings: Mutex::default() }
    }

    fn exam(&self, study: &str) -> Option<Arc<Manifest>> {
        self.timeline.read().unwrap_or_else(PoisonError::into_inner).exam(study).cloned()
    }

    /// The box with this root, with which connections are kept.
    fn at(&self, root: Url) -> Result<Arc<Remote>, SourceError> {
        let mut boxes = self.boxes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = boxes.get(&root) {
            return Ok(Arc::clone(known));
        }
        if boxes.len() >= MAX_BOXES {
            return Err(SourceError::TooLarge("number of boxes"));
        }
        let opened = Remote::open(&self.options(&root));
        let opened = opened.map_err(|cause| SourceError::Unavailable(cause.to_string()))?;
        let opened = Arc::new(opened);
        boxes.insert(root, Arc::clone(&opened));
        Ok(opened)
    }

    /// Whether no box is asked because the list has not been renewed for too long.
    pub(super) fn is_list_too_old(&self) -> bool {
        matches!(self.network.keeper.check_age(), Err(Stranger::TooOld))
    }

    fn options(&self, root: &Url) -> DrimboxOptions {
        let Network { name, config, keeper, token } = &self.network;
        DrimboxOptions {
            name: Arc::clone(name),
            url: root.to_string(),
            manifest_hosts: Vec::new(),
            ca_file: config.ca_file.clone(),
            certificate_file: config.certificate_file.clone(),
            key_file: config.key_file.clone(),
            token: token.clone(),
            listed: Some(Arc::clone(keeper)),
            connect_timeout: Duration::from_secs(config.connect_seconds),
            read_timeout: Duration::from_secs(config.read_seconds),
        }
    }

    /// From one address: all of it, or what is missing of a series that came for the most part.
    async fn bring(
        &self,
        exam: &Manifest,
        address: &str,
        scope: &Scope,
        sink: &mut Sink,
    ) -> Result<(), SourceError> {
        let series = scope.series.as_deref().unwrap_or_default();
        let (keeper, ports) = (&self.network.keeper, &self.network.config.ports);
        let root = address::service(keeper, ports, address, (&scope.study, series));
        let root = root.map_err(|refused| {
            tracing::warn!(site = %self.network.name, %refused, "an address of a manifest is not asked");
            match refused {
                Refused::Stranger(cause @ (Stranger::TooOld | Stranger::NoList)) => no_good_list(&cause),
                _ => SourceError::Corrupt("the manifest names a server that may not be asked".to_owned()),
            }
        })?;
        let remote = self.at(root)?;
        let missing = sink.missing().await;
        let is_rest = scope.instance.is_none() && missing.len() * 2 < sink.listed();
        if !is_rest {
            return remote.bring(scope, &exam.kos, sink).await;
        }
        for instance in missing {
            keeper.check_age().map_err(|cause| no_good_list(&cause))?;
            let one = Scope { instance: Some(instance), ..scope.clone() };
            match remote.bring(&one, &exam.kos, sink).await {
                Ok(()) | Err(SourceError::NotFound) => {}
                Err(cause) => return Err(cause),
            }
        }
        Ok(())
    }
}

/// The list may come at any moment: worth asking again.
fn no_good_list(cause: &Stranger) -> SourceError {
    SourceError::Unavailable(cause.to_string())
}

#[async_trait]
impl Upstream for Consulted {
    /// Nobody is let in by what a manifest says.
    async fn facts(&self, _study: &str) -> Result<Option<ExamFacts>, SourceError> {
        Ok(None)
    }

    async fn facts_by_accession(&self, _accession: &str) -> Result<Vec<ExamFacts>, SourceError> {
        Ok(Vec::new())
    }

    async fn listing(&self, study: &str) -> Result<Option<Arc<Listing>>, SourceError> {
        let Some(exam) = self.exam(study) else { return Ok(None) };
        let mut listings = self.listings.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = listings.get(study).filter(|known| known.version == exam.kos) {
            return Ok(Some(Arc::clone(known)));
        }
        let series = exam.series.iter().map(|series| series.listed.clone()).collect();
        let listing = Arc::new(Listing { version: exam.kos.clone(), series });
        listings.insert(study.to_owned(), Arc::clone(&listing));
        Ok(Some(listing))
    }

    fn patient_check(&self, study: &str) -> Option<PatientCheck> {
        let exam = self.exam(study)?;
        Some(Arc::new(move |image: &Patient| exam.patient.may_be(image)))
    }

    /// Each address in the order of the manifest, until nothing is missing.
    async fn fetch(&self, scope: &Scope, sink: &mut Sink) -> Result<(), SourceError> {
        let exam = self.exam(&scope.study).ok_or(SourceError::NotFound)?;
        let listed =
            exam.series.iter().find(|series| Some(&series.listed.uid) == scope.series.as_ref());
        let listed = listed.ok_or(SourceError::NotFound)?;
        let nowhere = "the manifest names no server for a series".to_owned();
        let mut outcome = Err(SourceError::Corrupt(nowhere));
        for address in &listed.addresses {
            outcome = match self.bring(&exam, address, scope, sink).await {
                Ok(()) => Ok(()),
                // What another one has not does not undo what this one brought.
                Err(cause) => outcome.is_ok().then_some(()).ok_or(cause),
            };
            let has_all = match &scope.instance {
                Some(_) => outcome.is_ok(),
                None => sink.missing().await.is_empty(),
            };
            if has_all {
                return Ok(());
            }
        }
        outcome
    }

    async fn health(&self) -> SourceHealth {
        SourceHealth::Up
    }
}
