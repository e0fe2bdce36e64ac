//! A source without what was rejected (IHE IOCM): no route can list or serve it, because no handler ever
//! gets the source itself.
//!
//! Rejection notes come by import, or lie in the exam itself as the PACS keeps them; both count.
//! Where it cannot be found out what was rejected, nothing is shown.

use std::{collections::HashSet, sync::Arc, time::Duration};

use async_trait::async_trait;
use futures::{StreamExt, future, stream::BoxStream};
use quick_cache::sync::Cache;
use serde_json::Value;
use sqlx::SqlitePool;
use tokio::time::timeout;
use viewer_core::exam::{ExamSummary, Patient};

use super::{
    kos::{self, KeyObject},
    rejected,
};
use crate::{
    clock::Clock,
    source::{
        Beginning, BulkStream, ElementPath, EncodedFrame, ExamFacts, InstanceRef, InstanceStream,
        Scope, Source, SourceError, SourceHealth, VideoPart,
    },
};

/// Seconds for which imported notes are believed.
const IMPORTED_SECONDS: i64 = 2;
/// Seconds for which the notes in an exam are believed.
const STORED_SECONDS: i64 = 60;
/// How soon something must be there to be at hand.
const AT_HAND: Duration = Duration::from_millis(50);
/// Exams kept in memory.
const EXAMS: usize = 512;

/// Summaries kept in memory.
const SUMMARIES: usize = 32;

type Uids = Arc<HashSet<String>>;

/// A source without its rejected instances.
pub struct Screened {
    source: Arc<dyn Source>,
    site: Arc<str>,
    pool: SqlitePool,
    clock: Clock,
    /// By study and time.
    imported: Cache<(String, i64), Uids>,
    stored: Cache<(String, i64), Uids>,
    /// Summaries of exams with rejected instances, each with the summary and the instances it was made of.
    summaries: Cache<String, (Arc<ExamSummary>, Uids, Arc<ExamSummary>)>,
}

impl Screened {
    /// In front of the source of a site.
    #[must_use]
    pub fn new(source: Arc<dyn Source>, site: Arc<str>, pool: SqlitePool, clock: Clock) -> Self {
        Self {
            source,
            site,
            pool,
            clock,
            imported: Cache::new(EXAMS),
            stored: Cache::new(EXAMS),
            summaries: Cache::new(SUMMARIES),
        }
    }

    /// What must not be shown of a study.
    async fn rejected(&self, study: &str) -> Result<Uids, SourceError> {
        let imported = self.imported(study).await?;
        let stored = self.stored(study).await?;
        Ok(match (imported.is_empty(), stored.is_empty()) {
            (_, true) => imported,
            (true, _) => stored,
            _ => Arc::new(imported.union(&stored).cloned().collect()),
        })
    }

    async fn imported(&self, study: &str) -> Result<Uids, SourceError> {
        let key = (study.to_owned(), self.clock.seconds().div_euclid(IMPORTED_SECONDS));
        let found = self.imported.get_or_insert_async(&key, async {
            let found = rejected::of_study(&self.pool, &self.site, study).await;
            found.map(Arc::new).map_err(|cause| SourceError::Unavailable(cause.to_string()))
        });
        found.await
    }

    /// Asked once for many images at a time.
    async fn stored(&self, study: &str) -> Result<Uids, SourceError> {
        let key = (study.to_owned(), self.clock.seconds().div_euclid(STORED_SECONDS));
        let found = self.stored.get_or_insert_async(&key, async {
            let mut found = HashSet::new();
            for object in self.source.key_objects(study).await? {
                if let KeyObject::Rejection(rejection) = kos::read(&object) {
                    // The note itself is nothing to look at. A note about another exam says nothing here.
                    found.insert(rejection.note);
                    let of_study = rejection.instances.into_iter().filter(|(of, _)| of == study);
                    found.extend(of_study.map(|(_, instance)| instance));
                }
            }
            Ok(Arc::new(found))
        });
        found.await
    }

    /// Refuses a rejected instance like one that does not exist.
    async fn check(&self, at: &InstanceRef) -> Result<(), SourceError> {
        let rejected = self.rejected(&at.study).await?;
        if rejected.contains(&at.instance) { Err(SourceError::NotFound) } else { Ok(()) }
    }
}

#[async_trait]
impl Source for Screened {
    async fn facts(&self, study: &str) -> Result<Option<ExamFacts>, SourceError> {
        self.source.facts(study).await
    }

    async fn facts_by_accession(&self, accession: &str) -> Result<Vec<ExamFacts>, SourceError> {
        self.source.facts_by_accession(accession).await
    }

    async fn summary(&self, study: &str) -> Result<Arc<ExamSummary>, SourceError> {
        let rejected = self.rejected(study).await?;
        let whole = self.source.summary(study).await?;
        if rejected.is_empty() {
            return Ok(whole);
        }
        if let Some((of, without, made)) = self.summaries.get(study)
            && Arc::ptr_eq(&of, &whole)
            && without == rejected
        {
            return Ok(made);
        }
        let made = self.source.summary_without(study, &rejected).await?;
        self.summaries.insert(study.to_owned(), (whole, rejected, Arc::clone(&made)));
        Ok(made)
    }

    async fn beginning(&self, study: &str) -> Result<Beginning, SourceError> {
        if self.rejected(study).await?.is_empty() {
            return self.source.beginning(study).await;
        }
        self.summary(study).await.map(Beginning::whole)
    }

    async fn summary_of(&self, scope: &Scope) -> Result<Arc<ExamSummary>, SourceError> {
        if self.rejected(&scope.study).await?.is_empty() {
            return self.source.summary_of(scope).await;
        }
        self.summary(&scope.study).await
    }

    /// Where something was rejected, the whole is waited for.
    async fn first_arrival(
        &self,
        study: &str,
        but_of: &HashSet<String>,
    ) -> Result<Option<InstanceRef>, SourceError> {
        if self.rejected(study).await?.is_empty() {
            return self.source.first_arrival(study, but_of).await;
        }
        Ok(None)
    }

    async fn summary_at_hand(&self, study: &str) -> Option<Arc<ExamSummary>> {
        self.source.summary_at_hand(study).await?;
        // What was rejected is asked for anew, but not waited for.
        timeout(AT_HAND, self.summary(study)).await.ok()?.ok()
    }

    fn can_prepare(&self) -> bool {
        self.source.can_prepare()
    }

    async fn prepare(&self, study: &str) -> Result<(), SourceError> {
        self.source.prepare(study).await?;
        self.rejected(study).await.map(drop)
    }

    async fn known_patient(&self, study: &str) -> Result<Option<Patient>, SourceError> {
        self.source.known_patient(study).await
    }

    async fn summary_without(
        &self,
        study: &str,
        left_out: &HashSet<String>,
    ) -> Result<Arc<ExamSummary>, SourceError> {
        let mut all = HashSet::clone(&*self.rejected(study).await?);
        all.extend(left_out.iter().cloned());
        self.source.summary_without(study, &all).await
    }

    async fn key_objects(&self, study: &str) -> Result<Vec<Value>, SourceError> {
        self.source.key_objects(study).await
    }

    async fn metadata(
        &self,
        scope: &Scope,
    ) -> Result<BoxStream<'static, Result<Value, SourceError>>, SourceError> {
        let rejected = self.rejected(&scope.study).await?;
        if scope.instance.as_ref().is_some_and(|instance| rejected.contains(instance)) {
            return Err(SourceError::NotFound);
        }
        if !rejected.is_empty() {
            // A series of which nothing is left is unknown, not empty.
            self.instances(scope).await?;
        }
        let objects = self.source.metadata(scope).await?;
        let is_shown = move |object: &Result<Value, SourceError>| {
            let instance = object.as_ref().ok().and_then(|object| kos::text(object, "00080018"));
            future::ready(instance.is_none_or(|instance| !rejected.contains(instance)))
        };
        Ok(objects.filter(is_shown).boxed())
    }

    async fn instances(&self, scope: &Scope) -> Result<Vec<InstanceRef>, SourceError> {
        let rejected = self.rejected(&scope.study).await?;
        let mut instances = self.source.instances(scope).await?;
        let were_some = !instances.is_empty();
        instances.retain(|at| !rejected.contains(&at.instance));
        if were_some && instances.is_empty() { Err(SourceError::NotFound) } else { Ok(instances) }
    }

    async fn frame(&self, at: &InstanceRef, frame: u32) -> Result<EncodedFrame, SourceError> {
        self.check(at).await?;
        self.source.frame(at, frame).await
    }

    async fn instance(&self, at: &InstanceRef) -> Result<InstanceStream, SourceError> {
        self.check(at).await?;
        self.source.instance(at).await
    }

    async fn bulk(
        &self,
        at: &InstanceRef,
        element: &ElementPath,
    ) -> Result<BulkStream, SourceError> {
        self.check(at).await?;
        self.source.bulk(at, element).await
    }

    async fn video(
        &self,
        at: &InstanceRef,
        start: u64,
        end: Option<u64>,
    ) -> Result<VideoPart, SourceError> {
        self.check(at).await?;
        self.source.video(at, start, end).await
    }

    async fn health(&self) -> SourceHealth {
        self.source.health().await
    }
}
