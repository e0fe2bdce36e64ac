//! Who may take exams away, how many at the same time, and what the page is told of it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Json,
    extract::Path,
    http::header,
    response::{IntoResponse, Response},
};
use serde_json::json;
use tokio::sync::Semaphore;

use super::{CopyPath, Turn};
use crate::{
    config::DownloadConfig, dicomweb::refusal::Refusal, reports::VisitorKind, session::Current,
};

/// Logins remembered before those that send nothing are forgotten.
const MANY_LOGINS: usize = 1000;

/// What a site allows, and the copies that are under way.
#[derive(Clone)]
pub struct Downloads {
    /// `[site.download]`
    pub config: DownloadConfig,
    all: Arc<Semaphore>,
    logins: Arc<Mutex<HashMap<Arc<str>, Arc<Semaphore>>>>,
}

impl Downloads {
    /// As configured.
    #[must_use]
    pub fn new(config: &DownloadConfig) -> Self {
        let at_once = usize::try_from(config.at_once).unwrap_or(usize::MAX);
        let all = Arc::new(Semaphore::new(at_once.min(Semaphore::MAX_PERMITS)));
        Self { config: config.clone(), all, logins: Arc::default() }
    }

    /// Whether somebody who was let in as `visitor` may have DICOM files.
    #[must_use]
    pub const fn allows(&self, visitor: VisitorKind) -> bool {
        self.config.allows(visitor)
    }

    /// The right to send one more copy to this login; `None` where too many are being sent.
    pub(super) fn turn(&self, login: &Arc<str>) -> Option<Turn> {
        let mut logins = self.logins.lock().unwrap_or_else(PoisonError::into_inner);
        if logins.len() >= MANY_LOGINS {
            logins.retain(|_, turns| Arc::strong_count(turns) > 1);
        }
        let new = || Arc::new(Semaphore::new(1));
        let own = Arc::clone(logins.entry(Arc::clone(login)).or_insert_with(new));
        let own = own.try_acquire_owned().ok()?;
        Some([own, Arc::clone(&self.all).try_acquire_owned().ok()?])
    }
}

/// `{"dicom": true, "anonymised": true}`
pub(super) async fn show(
    current: Current,
    Path(path): Path<CopyPath>,
) -> Result<Response, Refusal> {
    let (exam, _) = path.exam(&current)?;
    let downloads = &current.site.downloads;
    let dicom = downloads.allows(exam.visitor);
    let offer = json!({ "dicom": dicom, "anonymised": dicom && downloads.config.anonymised });
    Ok(([(header::CACHE_CONTROL, "private, no-store")], Json(offer)).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_copy_for_each_login_and_a_few_in_all() {
        let config = DownloadConfig { at_once: 2, ..DownloadConfig::default() };
        let downloads = Downloads::new(&config);
        let logins: Vec<Arc<str>> = ["a", "b", "c"].map(Arc::from).to_vec();
        let first = downloads.turn(&logins[0]).unwrap();
        assert!(downloads.turn(&logins[0]).is_none());
        let _second = downloads.turn(&logins[1]).unwrap();
        assert!(downloads.turn(&logins[2]).is_none());
        drop(first);
        assert!(downloads.turn(&logins[2]).is_some());
    }

    #[test]
    fn each_role_is_asked_about_by_itself() {
        let config = DownloadConfig { patients: false, ..DownloadConfig::default() };
        let downloads = Downloads::new(&config);
        let all = [VisitorKind::Patient, VisitorKind::Representative, VisitorKind::Professional];
        assert_eq!(all.map(|visitor| downloads.allows(visitor)), [false, false, true]);
    }
}
