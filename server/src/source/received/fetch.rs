//! When something is asked for: once for each series, whoever asks and however often.

use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::object::{Held, apart};
use super::shelf::Shelf;
use super::study::{Cause, Series, State, Study};
use super::{MAX_STUDIES, Shared, Sink, Upstream};
use crate::source::{InstanceRef, Scope, SourceError};

/// Before a series whose stream was cut is asked for again.
const PAUSE: Duration = Duration::from_millis(200);

impl<U: Upstream> Shared<U> {
    pub(super) fn studies(&self) -> MutexGuard<'_, std::collections::HashMap<String, Arc<Study>>> {
        self.studies.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What has come of a study, by the current listing.
    pub(super) async fn study(&self, uid: &str) -> Result<Arc<Study>, SourceError> {
        let listing = self.upstream.listing(uid).await?.ok_or(SourceError::NotFound)?;
        let mut studies = self.studies();
        if self.store.is_closed() {
            return Err(SourceError::Unavailable("closed".to_owned()));
        }
        if let Some(study) = studies.get(uid)
            && study.listing.version == listing.version
        {
            study.touch();
            return Ok(Arc::clone(study));
        }
        let study = Arc::new(Study::new(uid, listing));
        if studies.insert(uid.to_owned(), Arc::clone(&study)).is_some() {
            // Another version: what it no longer lists must not stay.
            self.store.forget(uid);
        }
        if studies.len() > MAX_STUDIES {
            let oldest = studies.values().min_by_key(|study| study.last_used());
            if let Some(oldest) = oldest.map(|study| study.uid.clone()) {
                studies.remove(&oldest);
                self.store.forget(&oldest);
            }
        }
        Ok(study)
    }

    pub(super) fn drop_unused(&self, keep: Duration) {
        let now = Instant::now();
        self.studies().retain(|uid, study| {
            let is_idle = now.duration_since(study.last_used()) > keep && !study.is_receiving();
            if is_idle {
                self.store.forget(uid);
            }
            !is_idle
        });
        self.store.drop_old();
    }

    /// What can be read of an object. One that turns out to be damaged on disk is brought again, once.
    pub(super) async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        at: &InstanceRef,
        work: impl FnOnce(Arc<Held>) -> Result<T, SourceError> + Clone + Send + 'static,
    ) -> Result<T, SourceError> {
        let object = self.object(at).await?;
        match apart(&object, work.clone()).await {
            Err(_) if object.body().is_lost() => {}
            other => return other,
        }
        drop(object);
        apart(&self.object(at).await?, work).await
    }

    /// An object, as soon as it is here.
    pub(super) async fn object(
        self: &Arc<Self>,
        at: &InstanceRef,
    ) -> Result<Arc<Held>, SourceError> {
        let study = self.study(&at.study).await?;
        let series = study.series_of(at)?;
        if let Some(object) = self.store.get(at) {
            return Ok(object);
        }
        self.start(&study, series);
        let mut state = series.watch();
        loop {
            // In this order: what has ended has brought everything before, and what is recorded was stored before.
            let now = state.borrow_and_update().clone();
            let has_arrived = series.has_arrived(&at.instance);
            if let Some(object) = self.store.get(at) {
                return Ok(object);
            }
            if has_arrived {
                return self.bring_again(&study, series, at).await;
            }
            match now {
                State::Ended(_, Ok(())) => return Err(SourceError::NotFound),
                State::Ended(_, Err(cause)) => return Err(cause.into()),
                State::Idle | State::Running(_) => {}
            }
            let gone = |_| SourceError::Unavailable("no longer received".to_owned());
            state.changed().await.map_err(gone)?;
        }
    }

    /// Receives a series in the background, unless somebody does or did.
    pub(super) fn start(self: &Arc<Self>, study: &Arc<Study>, series: &Arc<Series>) {
        if !series.begin() {
            return;
        }
        let (shared, study) = (Arc::clone(self), Arc::clone(study));
        let mut task = Task { series: Arc::clone(series), is_done: false };
        tokio::spawn(async move {
            let abandoned = task.series.abandoned(shared.upstream.linger());
            // Dropping what brings the series ends it: the connection is closed.
            let result = tokio::select! {
                result = shared.bring(&study, &task.series) => result,
                () = abandoned => Err(Cause::Abandoned),
                () = task.series.stopped() => Err(Cause::Stopped),
            };
            if let Err(cause) = &result {
                tracing::warn!(site = %shared.name, ?cause, "a series did not come whole");
            }
            task.end(result);
        });
    }

    /// All of a series. A stream that is cut is asked for a second time; what has arrived is kept.
    async fn bring(&self, study: &Arc<Study>, series: &Arc<Series>) -> Result<(), Cause> {
        if series.is_complete() {
            return Ok(()); // It is of one object, which came by itself.
        }
        let gone = |_| Cause::Unavailable("shutting down".to_owned());
        let _turn = self.streams.acquire().await.map_err(gone)?;
        series.note_begin();
        let scope = Scope {
            study: study.uid.clone(),
            series: Some(series.listed.uid.clone()),
            instance: None,
        };
        let first = self.bring_once(study, series, &scope).await;
        if series.is_complete() {
            return Ok(());
        }
        match first {
            Err(Cause::Unavailable(cause)) => {
                tracing::warn!(site = %self.name, cause, "a series is asked for again");
                tokio::time::sleep(PAUSE).await;
                let second = self.bring_once(study, series, &scope).await;
                if series.is_complete() { Ok(()) } else { second }
            }
            other => other,
        }
    }

    async fn bring_once(
        &self,
        study: &Arc<Study>,
        series: &Arc<Series>,
        scope: &Scope,
    ) -> Result<(), Cause> {
        let shelf = Shelf {
            store: Arc::clone(&self.store),
            study: Arc::clone(study),
            series: Arc::clone(series),
            is_of_patient: self.upstream.patient_check(&study.uid),
        };
        let mut sink = Sink::new(&self.name, self.limits, shelf);
        let fetching = async {
            let fetched = self.upstream.fetch(scope, &mut sink).await;
            // What came before something went wrong stays.
            sink.finish().await.and(fetched)
        };
        let result = tokio::time::timeout(self.limits.series_time, fetching).await;
        sink.log();
        match result {
            Ok(Ok(())) if sink.was_too_large() => Err(Cause::TooLarge("object")),
            Ok(result) => result.map_err(Cause::from),
            Err(_elapsed) => Err(Cause::TooLarge("time for one series")),
        }
    }

    /// One object by itself: one that had to make room for others, or before these.
    pub(super) async fn bring_again(
        &self,
        study: &Arc<Study>,
        series: &Arc<Series>,
        at: &InstanceRef,
    ) -> Result<Arc<Held>, SourceError> {
        let _alone = series.again.lock().await;
        if let Some(object) = self.store.get(at) {
            return Ok(object);
        }
        let gone = |_| SourceError::Unavailable("shutting down".to_owned());
        let _turn = self.singles.acquire().await.map_err(gone)?;
        self.bring_once(study, series, &at.scope()).await?;
        let nothing = || SourceError::Unavailable("the object did not come again".to_owned());
        self.store.get(at).ok_or_else(nothing)
    }
}

/// Ends the series also where its task dies: nobody waits for what never comes.
struct Task {
    series: Arc<Series>,
    is_done: bool,
}

impl Task {
    fn end(&mut self, result: Result<(), Cause>) {
        self.is_done = true;
        self.series.end(result);
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        if !self.is_done {
            self.end(Err(Cause::Unavailable("receiving stopped".to_owned())));
        }
    }
}
