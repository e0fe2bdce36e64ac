//! Where received objects of consultations lie on disk: a folder for each site, which all its consultations share.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::registry::Consultations;
use crate::{
    config::ConsultationConfig,
    sites::Site,
    source::received::{Disk, Limits},
    state::AppState,
};

/// Below the server's state, where the configuration names no folder.
const FOLDER: &str = "consultations";

/// The disks that are open, by site.
#[derive(Default)]
pub(super) struct Disks(Mutex<HashMap<Arc<str>, Arc<Disk>>>);

impl Disks {
    fn lock(&self) -> MutexGuard<'_, HashMap<Arc<str>, Arc<Disk>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// That of a site; `None` where it has none, or where it cannot be used: objects are held in memory then.
    fn of(&self, site: &Site, config: &ConsultationConfig, state: &Path) -> Option<Arc<Disk>> {
        if config.disk_mib == 0 {
            return None;
        }
        let mut disks = self.lock();
        if let Some(open) = disks.get(&site.id) {
            return Some(Arc::clone(open));
        }
        let disk = Disk::open(&folder(config, state), config.disk_bytes(), config.disk_time());
        let disk = disk.inspect_err(|cause| {
            tracing::error!(%cause, site = %site.id, "exams of other centres are held in memory: no disk");
        });
        let disk = disk.ok()?;
        disks.insert(Arc::clone(&site.id), Arc::clone(&disk));
        Some(disk)
    }
}

fn folder(config: &ConsultationConfig, state: &Path) -> PathBuf {
    config.disk_folder.clone().unwrap_or_else(|| state.join(FOLDER))
}

/// The disk for a consultation that begins, and what receiving may take with it.
pub(super) fn for_one(
    state: &AppState,
    site: &Site,
    config: &ConsultationConfig,
) -> (Limits, Option<Arc<Disk>>) {
    let disk = state.consultations.disks.of(site, config, &state.store.folder);
    let limits = config.receive.limits();
    let keep = disk.as_ref().map_or(limits.keep, |_| config.disk_time().max(limits.keep));
    (Limits { keep, ..limits }, disk)
}

/// Removes what an earlier process left, also where nothing is to lie on a disk any more.
pub(super) fn begin(state: &AppState) {
    for site in state.sites.all() {
        let Some(config) = &site.consultation else { continue };
        let folder = folder(config, &state.store.folder);
        if config.disk_mib > 0 {
            state.consultations.disks.of(&site, config, &state.store.folder);
        } else if folder.exists()
            && let Err(cause) = Disk::open(&folder, 0, config.disk_time())
        {
            tracing::error!(%cause, site = %site.id, "cannot remove what consultations left on disk");
        }
    }
}

impl Consultations {
    /// Ends all, and removes what they hold on disk: the server stops.
    pub fn end_all(&self) {
        self.end_every();
        self.disks.lock().drain().for_each(|(_, disk)| disk.wipe());
    }
}
