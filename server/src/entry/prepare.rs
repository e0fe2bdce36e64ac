//! Gets an exam ready while the visitor who clicked its link still types the code.
//!
//! The answer to the click has been sent before anything here begins, and what comes of it is told nobody: neither the
//! card nor the time it takes depends on it. Who clicks may be anybody, so it is little work, and seldom: one exam at
//! a time for each site with a pause after it, a few that wait, and a few clicks of each address.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rand::Rng;
use tokio::sync::Semaphore;

use crate::{
    auth::AddressLimit,
    client::Client,
    link::Link,
    reports::{Case, Verdict, VisitorKind},
    sites::Site,
    source::SourceError,
    state::AppState,
};

/// Clicks of one address that are followed up, and the seconds over which they are counted.
const CLICKS: u32 = 12;
const CLICKS_SECONDS: i64 = 600;
/// Exams of a site that wait for their turn; others are not prepared.
const WAITING: usize = 8;
/// At most so long after the click it begins, by chance: whoever clicks cannot tell when to look for it.
const LATEST: Duration = Duration::from_millis(500);
/// Between two exams of a site.
const PAUSE: Duration = Duration::from_millis(250);
/// Time for one exam.
const PATIENCE: Duration = Duration::from_secs(30);
/// Studies of one link.
const STUDIES: usize = 2;

/// Whose turn it is.
pub(crate) struct Preparation {
    clicks: AddressLimit,
    sites: Mutex<HashMap<Arc<str>, Turns>>,
}

#[derive(Clone)]
struct Turns {
    places: Arc<Semaphore>,
    turn: Arc<Semaphore>,
}

impl Default for Preparation {
    fn default() -> Self {
        Self { clicks: AddressLimit::new(CLICKS, CLICKS_SECONDS), sites: Mutex::default() }
    }
}

impl Preparation {
    fn turns(&self, site: &Site) -> Turns {
        let mut sites = self.sites.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Turns {
            places: Arc::new(Semaphore::new(WAITING)),
            turn: Arc::new(Semaphore::new(1)),
        };
        sites.entry(Arc::clone(&site.id)).or_insert_with(new).clone()
    }
}

/// Begins soon, and returns at once.
pub(super) fn begin(state: &AppState, site: &Arc<Site>, client: &Client, link: &Link) {
    if !site.prepares || !site.source.can_prepare() {
        return;
    }
    let turns = state.preparation.turns(site);
    let Ok(place) = turns.places.try_acquire_owned() else { return };
    let now = state.clock.seconds();
    if state.preparation.clicks.count(client.neighbourhood(), now).is_err() {
        return;
    }
    let (state, site, link) = (state.clone(), Arc::clone(site), link.clone());
    let wait = LATEST.mul_f64(rand::rng().random());
    tokio::spawn(async move {
        tokio::time::sleep(wait).await;
        let Ok(turn) = turns.turn.acquire_owned().await else { return };
        let done = tokio::time::timeout(PATIENCE, prepare(&state, &site, &link)).await;
        if let Ok(Err(cause)) = done {
            tracing::debug!(site = %site.id, %cause, "an exam was not prepared");
        }
        tokio::time::sleep(PAUSE).await;
        drop((turn, place));
    });
}

/// What the link means, where a patient who proves to be the right one would be let in.
async fn prepare(state: &AppState, site: &Site, link: &Link) -> Result<(), SourceError> {
    let unavailable = |cause: sqlx::Error| SourceError::Unavailable(cause.to_string());
    let now = state.clock.seconds();
    let exams = state.reports.find_exams(site, link, now).await.map_err(unavailable)??;
    let studies: Vec<String> = exams.into_iter().map(|exam| exam.study_instance_uid).collect();
    if studies.is_empty() {
        return Ok(());
    }
    let case = Case { link, visitor: VisitorKind::Patient, studies: &studies };
    let Verdict::Open(open) = state.reports.judge(site, &case, now).await.map_err(unavailable)?
    else {
        return Ok(());
    };
    for study in open.iter().take(STUDIES) {
        site.source.prepare(study).await?;
    }
    Ok(())
}
