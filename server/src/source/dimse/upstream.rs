//! The PACS as what the exams of a site are received from.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use quick_cache::sync::Cache;
use viewer_core::exam::Patient;

use super::client::Client;
use super::error::DimseError;
use super::retrieve::{Retriever, Taking, Wanted};
use super::{DimseOptions, OpenError};
use crate::source::received::{Listing, Sink, Upstream};
use crate::source::{ExamFacts, Scope, SourceError, SourceHealth, is_uid};

/// Listings kept in memory.
const CACHED_LISTINGS: usize = 64;

/// A PACS over DIMSE.
pub struct Dimse {
    name: Arc<str>,
    pub(super) client: Arc<Client>,
    retriever: Retriever,
    pub(super) max_instances: usize,
    listing_lifetime: Duration,
    linger: Duration,
    listings: Cache<String, (Instant, Arc<Listing>)>,
}

impl Dimse {
    /// Prepares the client; the PACS is not contacted yet. With `serves`, the port for C-MOVE is opened:
    /// whoever only asks about an exam needs none.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn open(options: &DimseOptions, serves: bool) -> Result<Self, OpenError> {
        let client = Arc::new(Client::new(options)?);
        Ok(Self {
            name: Arc::clone(&options.name),
            retriever: Retriever::open(options, Arc::clone(&client), serves).await?,
            client,
            max_instances: options.max_instances,
            listing_lifetime: options.listing_lifetime,
            linger: options.linger,
            listings: Cache::new(CACHED_LISTINGS),
        })
    }

    /// Where objects of a C-MOVE are taken.
    #[must_use]
    pub fn listens_on(&self) -> Option<std::net::SocketAddr> {
        self.retriever.listens_on()
    }

    /// C-ECHO.
    ///
    /// # Errors
    /// [`DimseError`], in words.
    pub async fn echo(&self) -> Result<(), DimseError> {
        self.client.echo().await
    }
}

#[async_trait]
impl Upstream for Dimse {
    async fn facts(&self, study: &str) -> Result<Option<ExamFacts>, SourceError> {
        if !is_uid(study) {
            return Ok(None);
        }
        Ok(self.client.study_facts(study).await?)
    }

    async fn facts_by_accession(&self, accession: &str) -> Result<Vec<ExamFacts>, SourceError> {
        let accession = accession.trim();
        // These would be wildcards or lists to the PACS, an empty value matches everything, and the
        // default character set has ASCII only.
        let is_plain = accession.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        if accession.is_empty() || !is_plain || accession.contains(['*', '?', '\\']) {
            return Ok(Vec::new());
        }
        Ok(self.client.accession_facts(accession).await?)
    }

    async fn patient(&self, study: &str) -> Result<Patient, SourceError> {
        if !is_uid(study) {
            return Ok(Patient::default());
        }
        Ok(self.client.patient(study).await?)
    }

    async fn listing(&self, study: &str) -> Result<Option<Arc<Listing>>, SourceError> {
        if !is_uid(study) {
            return Ok(None);
        }
        if self.listings.get(study).is_some_and(|(made, _)| made.elapsed() > self.listing_lifetime)
        {
            self.listings.remove(study);
        }
        let asked = self.listings.get_or_insert_async(study, async {
            let listed = self.client.list(study, self.max_instances).await?;
            let listed = listed.ok_or(SourceError::NotFound)?;
            Ok((Instant::now(), Arc::new(listed)))
        });
        match asked.await {
            Ok((_, listing)) => Ok(Some(listing)),
            Err(SourceError::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn fetch(&self, scope: &Scope, sink: &mut Sink) -> Result<(), SourceError> {
        let listing = self.listing(&scope.study).await?.ok_or(SourceError::NotFound)?;
        let series_uid = scope.series.as_deref().ok_or(SourceError::NotFound)?;
        let series = listing.series.iter().find(|series| series.uid == series_uid);
        let series = series.ok_or(SourceError::NotFound)?;
        let instances = match &scope.instance {
            Some(instance) => HashSet::from([instance.clone()]),
            None => sink.missing().await,
        };
        let mut wanted = Wanted { study: &scope.study, series: series_uid, instances };
        let mut taking = Taking { sink: &mut *sink, wanted: &wanted.instances };
        self.retriever.bring(&wanted, series, &mut taking).await?;
        // What did not come with the rest is asked for by name, once.
        let missing = if scope.instance.is_none() { sink.missing().await } else { HashSet::new() };
        if missing.is_empty() || missing.len() == series.instances.len() {
            return Ok(());
        }
        wanted.instances = missing;
        let mut taking = Taking { sink: &mut *sink, wanted: &wanted.instances };
        Ok(self.retriever.bring(&wanted, series, &mut taking).await?)
    }

    fn linger(&self) -> Duration {
        self.linger
    }

    async fn health(&self) -> SourceHealth {
        match self.client.echo().await {
            Ok(()) => SourceHealth::Up,
            Err(error) => {
                tracing::warn!(site = %self.name, %error, "the PACS does not answer");
                SourceHealth::Down
            }
        }
    }
}
