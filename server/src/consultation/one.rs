//! One consultation: whose it is, what was brought to it, and the source of its exams.

use std::collections::{BTreeSet, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use reqwest::Url;

use super::{
    manifest::Manifest,
    patient::Identity,
    timeline::{Refused, Taken, Timeline},
    upstream::Consulted,
};
use crate::{
    import::Session,
    source::{Source, received::Received},
    store::random_name,
};

/// Hosts of a manifest that are told.
const MAX_HOSTS: usize = 8;

/// A timeline that its source reads too.
pub(super) type Shared = Arc<RwLock<Timeline>>;

/// Images of a consultation.
pub(super) struct Images {
    /// What handlers reach.
    pub(super) source: Arc<dyn Source>,
    /// The same, for what is told of its progress.
    pub(super) received: Arc<Received<Consulted>>,
}

/// Whose a consultation is.
#[derive(Default)]
struct Owner {
    /// The browser session that opened it.
    visitor: Option<String>,
    /// The login, while it lasts.
    login: Option<String>,
    /// The professional.
    subject: Option<String>,
    /// Where its images come from, on behalf of that login.
    images: Option<Arc<Images>>,
}

/// A consultation.
pub struct Consultation {
    /// Random name.
    pub(super) id: String,
    /// Its site.
    pub(super) site: Arc<str>,
    /// Unix seconds.
    pub(super) created: i64,
    pub(super) timeline: Shared,
    owner: Mutex<Owner>,
}

impl Consultation {
    /// For a patient who is known beforehand, or whoever the first manifest is about.
    pub(super) fn new(site: &Arc<str>, patient: Option<Identity>, created: i64) -> Self {
        let timeline = patient.map_or_else(Timeline::default, Timeline::of);
        Self {
            id: random_name(),
            site: Arc::clone(site),
            created,
            timeline: Arc::new(RwLock::new(timeline)),
            owner: Mutex::default(),
        }
    }

    fn owner(&self) -> MutexGuard<'_, Owner> {
        self.owner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives it to a browser session, once.
    pub(super) fn bind(&self, visitor: &str) -> bool {
        let mut owner = self.owner();
        let is_free = owner.visitor.is_none();
        if is_free {
            owner.visitor = Some(visitor.to_owned());
        }
        is_free
    }

    /// Whether it belongs to this browser session.
    #[must_use]
    pub fn is_of(&self, visitor: &str) -> bool {
        self.owner().visitor.as_deref() == Some(visitor)
    }

    /// Whether this professional may log in for it: its first one.
    #[must_use]
    pub fn may_be_of(&self, subject: &str) -> bool {
        self.owner().subject.as_deref().is_none_or(|known| known == subject)
    }

    /// Gives it to a login.
    pub(super) fn log_in(&self, login: &str, subject: &str, images: Option<Images>) {
        let mut owner = self.owner();
        owner.login = Some(login.to_owned());
        owner.subject = Some(subject.to_owned());
        if let Some(before) = std::mem::replace(&mut owner.images, images.map(Arc::new)) {
            before.received.close();
        }
    }

    /// Ends what is being received, and drops what was, whoever is still looking.
    pub(super) fn end(&self) {
        if let Some(images) = self.owner().images.take() {
            images.received.close();
        }
    }

    /// Where its images come from, once somebody has logged in for it.
    pub(super) fn images(&self) -> Option<Arc<Images>> {
        self.owner().images.clone()
    }

    /// The source of its exams.
    pub(super) fn source(&self) -> Option<Arc<dyn Source>> {
        self.images().map(|images| Arc::clone(&images.source))
    }

    /// The source of its exams for as long as this login has it, for whom it is lent to.
    pub(crate) fn lend(self: &Arc<Self>, login: &str) -> Session {
        let (one, login) = (Arc::clone(self), login.to_owned());
        Arc::new(move || {
            let owner = one.owner();
            let images = owner.images.as_ref().filter(|_| owner.login.as_deref() == Some(&login));
            images.map(|images| Arc::clone(&images.source))
        })
    }

    /// Hosts that the manifest of a study names for these series, sorted, separated by blanks.
    pub(crate) fn hosts(&self, study: &str, series: &HashSet<&str>) -> String {
        let timeline = self.timeline.read().unwrap_or_else(PoisonError::into_inner);
        let all = timeline.exam(study).map_or(&[][..], |exam| &exam.series);
        let chosen = all.iter().filter(|one| series.contains(one.listed.uid.as_str()));
        let addresses = chosen.flat_map(|one| &one.addresses);
        let hosts =
            addresses.filter_map(|address| Some(Url::parse(address).ok()?.domain()?.to_owned()));
        let hosts: BTreeSet<String> = hosts.collect();
        hosts.into_iter().take(MAX_HOSTS).collect::<Vec<_>>().join(" ")
    }

    /// How many objects of these series have come, and how many are listed.
    pub(crate) fn arrived(&self, study: &str, series: &HashSet<&str>) -> (usize, usize) {
        let progress = self.images().map(|images| images.received.progress(study));
        let chosen = progress.unwrap_or_default().into_iter();
        let chosen = chosen.filter(|one| series.contains(one.series_instance_uid.as_str()));
        chosen.fold((0, 0), |sum, one| (sum.0 + one.arrived, sum.1 + one.listed))
    }

    /// The login that has it.
    pub(super) fn login(&self) -> Option<String> {
        self.owner().login.clone()
    }

    /// Takes a manifest in.
    pub(super) fn add(&self, manifest: Manifest, most: usize) -> Result<Taken, Refused> {
        self.timeline.write().unwrap_or_else(PoisonError::into_inner).add(manifest, most)
    }

    /// What was brought so far.
    #[must_use]
    pub fn timeline(&self) -> Timeline {
        self.timeline.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Study Instance UIDs in the order they came.
    #[must_use]
    pub fn studies(&self) -> Vec<String> {
        self.timeline.read().unwrap_or_else(PoisonError::into_inner).studies().to_vec()
    }
}
