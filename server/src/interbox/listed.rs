//! What the current manifest of an exam lists: nothing else of the exam is sent.

use std::{collections::HashSet, sync::Arc};

use quick_cache::sync::Cache;

use super::refused::Refused;
use crate::{reports::Manifests, sites::Site, source::Scope, store::Store};

/// Manifests kept in memory.
const MANIFESTS: usize = 64;

/// Series and instance UIDs of one manifest.
pub(super) struct OfManifest(HashSet<(String, String)>);

impl OfManifest {
    /// Whether it lists this instance.
    pub(super) fn has(&self, series: &str, instance: &str) -> bool {
        self.0.contains(&(series.to_owned(), instance.to_owned()))
    }

    /// Whether it lists anything of this part of the exam.
    pub(super) fn has_any_of(&self, scope: &Scope) -> bool {
        match (&scope.series, &scope.instance) {
            (Some(series), Some(instance)) => self.has(series, instance),
            (Some(series), None) => self.0.iter().any(|(listed, _)| listed == series),
            (None, _) => !self.0.is_empty(),
        }
    }
}

/// By site, and by the UID of the manifest, of which there is no second version.
pub(super) struct Listed(Cache<(Arc<str>, String), Arc<OfManifest>>);

impl Default for Listed {
    fn default() -> Self {
        Self(Cache::new(MANIFESTS))
    }
}

impl Listed {
    /// What the manifest `kos` lists, where it is the current one of the study.
    pub(super) async fn under(
        &self,
        store: &Store,
        site: &Site,
        (study, kos): (&str, &str),
    ) -> Result<Arc<OfManifest>, Refused> {
        let manifests = Manifests::new(store.pool.clone(), site.id.to_string());
        if manifests.kos(study).await?.as_deref() != Some(kos) {
            return Err(Refused::NotFound);
        }
        let key = (Arc::clone(&site.id), format!("{study} {kos}"));
        let read = self.0.get_or_insert_async(&key, async {
            let manifest = manifests.get(study).await?.ok_or(Refused::NotFound)?;
            let pairs = manifest.series.into_iter().flat_map(|series| {
                let uid = series.listed.uid;
                series.listed.instances.into_iter().map(move |one| (uid.clone(), one.uid))
            });
            Ok::<_, Refused>(Arc::new(OfManifest(pairs.collect())))
        });
        read.await
    }
}
