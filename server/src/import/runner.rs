//! Carries one import out, from wherever it was left.
//!
//! In rounds: the target is asked what it has, what it lacks is sent, and it is asked again. Only what it names is confirmed.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use time::OffsetDateTime;
use time::macros::format_description;
use tokio::sync::watch;

use super::apply::Record;
use super::error::ImportError;
use super::job::{Job, Progress, State, Step};
use super::local::Local;
use super::lock::Lock;
use super::object::{Reconciled, reconcile};
use super::origin::Origin;
use super::queue::Queue;
use super::spool::{Session, Spool, sweep};
use super::target::{Outgoing, Sent, Target, Way};
use crate::audit::{Audit, Entry, Event};
use crate::clock::Clock;
use crate::source::{InstanceRef, Source, SourceError};

/// Pauses before the rounds after one in which nothing went forward; after the last of them the rest has failed.
pub const PAUSES: [Duration; 4] = [
    Duration::from_secs(2),
    Duration::from_secs(10),
    Duration::from_secs(30),
    Duration::from_secs(60),
];

/// What an import needs.
#[derive(Clone)]
pub struct Runner {
    /// The table.
    pub queue: Queue,
    /// The journal.
    pub audit: Audit,
    /// Time.
    pub clock: Clock,
    /// Where the site's own exams come from.
    pub source: Arc<dyn Source>,
    /// Where an exam comes from that only a manifest opened, as long as there is somebody who opened it.
    pub session: Option<Session>,
    /// Bytes that copies of such exams may take on this site.
    pub spool_bytes: u64,
    /// Where they go.
    pub target: Arc<Target>,
    /// Folder of the locks that keep two processes from carrying out the same import, and of the copies.
    pub locks: PathBuf,
    /// See [`PAUSES`].
    pub pauses: Vec<Duration>,
}

impl Runner {
    /// Carries it out to its end, unless another process does; how far it has come then.
    ///
    /// # Errors
    /// [`ImportError`] of our own machine (database, journal): the import goes on when it is called again.
    pub async fn run(&self, job: &Job) -> Result<Progress, ImportError> {
        let Some(_lock) = Lock::of(&self.locks, &job.id)? else {
            return self.queue.progress(job).await;
        };
        let job = &self.queue.get(&job.site, &job.id).await?;
        if let (State::Running, Some(local)) = (job.state, &job.local) {
            let origin = self.origin(job).await?;
            self.fetch_and_send((job, local), &origin).await?;
            self.end(job, &origin).await?;
            sweep(&self.queue, &self.locks).await?;
        }
        self.queue.progress(job).await
    }

    async fn origin(&self, job: &Job) -> Result<Origin, ImportError> {
        if job.whence.is_none() {
            return Ok(Origin::Own(Arc::clone(&self.source)));
        }
        let place = (self.locks.as_path(), self.spool_bytes);
        let spool = Spool::open((&self.queue, job), self.session.clone(), place).await?;
        Ok(spool.map_or(Origin::Nowhere, |spool| Origin::Elsewhere(Box::new(spool))))
    }

    /// Objects are sent while others still come.
    async fn fetch_and_send(
        &self,
        (job, local): (&Job, &Local),
        origin: &Origin,
    ) -> Result<(), ImportError> {
        let (is_over, all_came) = watch::channel(false);
        let fetching = async {
            origin.fetch(&self.pauses, &is_over).await?;
            std::future::pending::<Result<Infallible, ImportError>>().await
        };
        tokio::select! {
            sent = self.rounds((job, local), origin, all_came) => sent,
            Err(cause) = fetching => Err(cause),
        }
    }

    async fn rounds(
        &self,
        (job, local): (&Job, &Local),
        origin: &Origin,
        mut all_came: watch::Receiver<bool>,
    ) -> Result<(), ImportError> {
        let mut pauses = self.pauses.iter();
        let mut left = usize::MAX;
        loop {
            match self.round((job, local), origin).await {
                Ok(()) => {}
                Err(ImportError::OtherPatient) => {
                    return self
                        .queue
                        .move_all(job, Step::Waiting, Step::Failed, Some("other_patient"))
                        .await;
                }
                Err(cause @ (ImportError::Database(_) | ImportError::Io(_))) => return Err(cause),
                Err(cause) => {
                    tracing::warn!(%cause, site = job.site, "an import waits for its target");
                }
            }
            if !self.goes_on(job).await? {
                return Ok(());
            }
            let open = self.open(job).await?;
            if open == 0 {
                return Ok(());
            }
            if open < left {
                (left, pauses) = (open, self.pauses.iter());
            }
            match pauses.next() {
                Some(pause) => tokio::time::sleep(*pause).await,
                None if *all_came.borrow_and_update() => return Ok(()),
                // The target may be away for longer than this, but the session lasts only so long.
                None => drop(all_came.changed().await),
            }
        }
    }

    /// One round; when it returns, what was sent has been asked for.
    async fn round(
        &self,
        (job, local): (&Job, &Local),
        origin: &Origin,
    ) -> Result<(), ImportError> {
        let others = self.target.patients_of(&job.study).await?;
        if others.iter().any(|id| *id != local.patient.id) {
            return Err(ImportError::OtherPatient);
        }
        self.compare(job, origin).await?;
        // What may have arrived in an earlier round, or before a crash, has not.
        self.queue.move_all(job, Step::Sending, Step::Waiting, None).await?;
        let waiting = self.queue.instances(job, Step::Waiting).await?;
        if waiting.is_empty() {
            return Ok(());
        }
        self.export_line(job, waiting.len() as u64).await?;
        self.send_all((job, local), origin, waiting).await?;
        self.compare(job, origin).await
    }

    /// Asks the target what it has.
    async fn compare(&self, job: &Job, origin: &Origin) -> Result<(), ImportError> {
        self.queue.compare(job, &self.target.stored(&job.study).await?).await?;
        origin.tidy().await
    }

    /// Several at a time, each lane one after the other.
    async fn send_all(
        &self,
        (job, local): (&Job, &Local),
        origin: &Origin,
        waiting: Vec<InstanceRef>,
    ) -> Result<(), ImportError> {
        let record = Record { at: date_time(job.created), source: job.site.clone() };
        let order = Order { job, local, origin, record, waiting: Mutex::new(waiting.into()) };
        let lanes = (0..self.target.lanes).map(|_| self.lane(&order));
        for done in futures::future::join_all(lanes).await {
            done?;
        }
        Ok(())
    }

    async fn lane(&self, order: &Order<'_>) -> Result<(), ImportError> {
        let mut way = self.target.way();
        let mut failures = 0;
        while let Some(at) = order.next() {
            if !self.goes_on(order.job).await? {
                break;
            }
            self.queue.set(order.job, &at.instance, Step::Sending, None).await?;
            let sent = self.send(order, &at, &mut way).await;
            let (step, reason) = outcome(&sent);
            if let Err(cause) = &sent {
                tracing::warn!(%cause, site = order.job.site, "an object was not imported");
            }
            self.queue.set(order.job, &at.instance, step, reason.as_deref()).await?;
            // Others would fail alike: the next round begins after a pause.
            let is_open = matches!(step, Step::Sending | Step::Waiting);
            failures = if is_open { failures + 1 } else { 0 };
            if failures > MAX_FAILURES {
                break;
            }
        }
        way.release().await;
        Ok(())
    }

    async fn send(
        &self,
        order: &Order<'_>,
        at: &InstanceRef,
        way: &mut Way<'_>,
    ) -> Result<Sent, ImportError> {
        let object = order.origin.object(at).await?;
        let object = reconcile(object, at, order.local, &order.record).await?;
        let Reconciled { class, transfer_syntax, head, data_at, rest } = object;
        way.send(Outgoing {
            study: &at.study,
            class: &class,
            instance: &at.instance,
            transfer_syntax: &transfer_syntax,
            head,
            data_at,
            rest,
        })
        .await
    }

    async fn goes_on(&self, job: &Job) -> Result<bool, ImportError> {
        Ok(self.queue.get(&job.site, &job.id).await?.state == State::Running)
    }

    /// How many are neither there nor given up.
    async fn open(&self, job: &Job) -> Result<usize, ImportError> {
        let progress = self.queue.progress(job).await?;
        let open = [Step::Waiting, Step::Sending, Step::Sent].map(|step| progress.count(step));
        Ok(usize::try_from(open.iter().sum::<u64>()).unwrap_or(usize::MAX))
    }

    /// What is not there has failed; the journal says what became of all.
    async fn end(&self, job: &Job, origin: &Origin) -> Result<(), ImportError> {
        if self.goes_on(job).await? {
            self.queue.give_up(job, "unavailable").await?;
        } else {
            self.queue.move_all(job, Step::Waiting, Step::Failed, Some("cancelled")).await?;
        }
        for step in [Step::Sending, Step::Sent] {
            self.queue.move_all(job, step, Step::Failed, Some(UNCONFIRMED)).await?;
        }
        let progress = self.queue.progress(job).await?;
        self.import_line(job, &progress).await?;
        let failed = progress.count(Step::Failed);
        let state = if failed == 0 { State::Done } else { State::Partial };
        self.queue.end(job, state, self.clock.seconds()).await?;
        origin.end().await
    }

    /// Before the first byte of a round leaves.
    async fn export_line(&self, job: &Job, instances: u64) -> Result<(), ImportError> {
        self.line(job, Event::Exported, &ways(job), instances).await
    }

    async fn import_line(&self, job: &Job, progress: &Progress) -> Result<(), ImportError> {
        let count = |step| progress.count(step);
        let (confirmed, failed) = (count(Step::Confirmed), count(Step::Failed));
        let duplicates = count(Step::Duplicate);
        let ways = ways(job);
        let reason =
            format!("{ways} confirmed={confirmed} duplicates={duplicates} failed={failed}");
        self.line(job, Event::Imported, &reason, confirmed).await
    }

    async fn line(
        &self,
        job: &Job,
        event: Event,
        reason: &str,
        instances: u64,
    ) -> Result<(), ImportError> {
        let line = Entry {
            way: job.who.way.as_deref(),
            subject: Some(&job.who.subject),
            session: job.who.session.as_deref(),
            studies: std::slice::from_ref(&job.study),
            reason: Some(reason),
            instances: Some(instances),
            ..Entry::new(event, &job.site, job.who.address)
        };
        Ok(self.audit.record(&line).await?)
    }
}

/// Where to, and whence where that is not the site's own source.
fn ways(job: &Job) -> String {
    let whence = job.whence.as_ref().map(|whence| format!(" whence={whence}"));
    format!("target={}{}", job.target, whence.unwrap_or_default())
}

/// Why an instance has failed that may be there all the same.
pub(super) const UNCONFIRMED: &str = "unconfirmed";
/// Failures of a lane after which it gives up for this round.
const MAX_FAILURES: u32 = 3;

/// What is sent in one round.
struct Order<'a> {
    job: &'a Job,
    local: &'a Local,
    origin: &'a Origin,
    record: Record,
    waiting: Mutex<VecDeque<InstanceRef>>,
}

impl Order<'_> {
    fn next(&self) -> Option<InstanceRef> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }
}

/// What is written down of an instance. One that may have arrived all the same stays `sending`: the target is asked.
fn outcome(sent: &Result<Sent, ImportError>) -> (Step, Option<String>) {
    let failed = |reason: &str| (Step::Failed, Some(reason.to_owned()));
    match sent {
        Ok(Sent::Taken) => (Step::Sent, None),
        Ok(Sent::Refused(status @ (0xA700..=0xA7FF | 0x0110))) => {
            failed(&format!("no_room_{status:04X}"))
        }
        Ok(Sent::Refused(status)) => failed(&format!("refused_{status:04X}")),
        Ok(Sent::NotTaken) => failed("not_taken"),
        // Nothing was sent.
        Err(ImportError::Unfetched(_)) => (Step::Waiting, Some("source_unavailable".to_owned())),
        Err(ImportError::SessionEnded) => failed("session_ended"),
        Err(ImportError::Undelivered(_)) => failed("undelivered"),
        Err(ImportError::Object(_)) => failed("unreadable"),
        Err(ImportError::Source(SourceError::NotFound)) => failed("missing"),
        Err(ImportError::Source(SourceError::Corrupt(_))) => failed("unreadable"),
        Err(ImportError::Source(SourceError::TooLarge(_))) => failed("too_large"),
        Err(_) => (Step::Sending, None),
    }
}

/// DT in UTC.
fn date_time(seconds: i64) -> String {
    let format = format_description!("[year][month][day][hour][minute][second]+0000");
    let at = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    at.format(format).unwrap_or_default()
}
