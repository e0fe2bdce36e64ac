//! Carries one import out, from wherever it was left.
//!
//! In rounds: the target is asked what it has, what it lacks is sent, and it is asked again. Only what it names is confirmed.

use std::collections::VecDeque;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use time::OffsetDateTime;
use time::macros::format_description;

use super::apply::Record;
use super::error::ImportError;
use super::job::{Job, Progress, State, Step};
use super::local::Local;
use super::object::{Reconciled, reconcile};
use super::queue::Queue;
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
    /// Where exams come from.
    pub source: Arc<dyn Source>,
    /// Where they go.
    pub target: Arc<Target>,
    /// Folder of the locks that keep two processes from carrying out the same import.
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
        let Some(_lock) = lock(&self.locks, &job.id)? else {
            return self.queue.progress(job).await;
        };
        let job = &self.queue.get(&job.site, &job.id).await?;
        if let (State::Running, Some(local)) = (job.state, &job.local) {
            self.rounds(job, local).await?;
            self.end(job).await?;
        }
        self.queue.progress(job).await
    }

    async fn rounds(&self, job: &Job, local: &Local) -> Result<(), ImportError> {
        let mut pauses = self.pauses.iter();
        let mut left = usize::MAX;
        loop {
            match self.round(job, local).await {
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
            let Some(pause) = pauses.next() else { return Ok(()) };
            tokio::time::sleep(*pause).await;
        }
    }

    /// One round; when it returns, what was sent has been asked for.
    async fn round(&self, job: &Job, local: &Local) -> Result<(), ImportError> {
        let others = self.target.patients_of(&job.study).await?;
        if others.iter().any(|id| *id != local.patient.id) {
            return Err(ImportError::OtherPatient);
        }
        self.queue.compare(job, &self.target.stored(&job.study).await?).await?;
        // What may have arrived in an earlier round, or before a crash, has not.
        self.queue.move_all(job, Step::Sending, Step::Waiting, None).await?;
        let waiting = self.queue.instances(job, Step::Waiting).await?;
        if waiting.is_empty() {
            return Ok(());
        }
        self.export_line(job, waiting.len() as u64).await?;
        self.send_all(job, local, waiting).await?;
        self.queue.compare(job, &self.target.stored(&job.study).await?).await
    }

    /// Several at a time, each lane one after the other.
    async fn send_all(
        &self,
        job: &Job,
        local: &Local,
        waiting: Vec<InstanceRef>,
    ) -> Result<(), ImportError> {
        let record = Record { at: date_time(job.created), source: job.site.clone() };
        let order = Order { job, local, record, waiting: Mutex::new(waiting.into()) };
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
            failures = if step == Step::Sending { failures + 1 } else { 0 };
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
        let object = reconcile(&*self.source, at, order.local, &order.record).await?;
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
    async fn end(&self, job: &Job) -> Result<(), ImportError> {
        let is_cancelled = !self.goes_on(job).await?;
        let unsent = if is_cancelled { "cancelled" } else { "unavailable" };
        self.queue.move_all(job, Step::Waiting, Step::Failed, Some(unsent)).await?;
        for step in [Step::Sending, Step::Sent] {
            self.queue.move_all(job, step, Step::Failed, Some(UNCONFIRMED)).await?;
        }
        let progress = self.queue.progress(job).await?;
        self.import_line(job, &progress).await?;
        let failed = progress.count(Step::Failed);
        let state = if failed == 0 { State::Done } else { State::Partial };
        self.queue.end(job, state, self.clock.seconds()).await?;
        Ok(())
    }

    /// Before the first byte of a round leaves.
    async fn export_line(&self, job: &Job, instances: u64) -> Result<(), ImportError> {
        let reason = format!("target={}", job.target);
        self.line(job, Event::Exported, &reason, instances).await
    }

    async fn import_line(&self, job: &Job, progress: &Progress) -> Result<(), ImportError> {
        let count = |step| progress.count(step);
        let (confirmed, failed) = (count(Step::Confirmed), count(Step::Failed));
        let duplicates = count(Step::Duplicate);
        let reason = format!(
            "target={} confirmed={confirmed} duplicates={duplicates} failed={failed}",
            job.target
        );
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

/// Why an instance has failed that may be there all the same.
pub(super) const UNCONFIRMED: &str = "unconfirmed";
/// Failures of a lane after which it gives up for this round.
const MAX_FAILURES: u32 = 3;

/// What is sent in one round.
struct Order<'a> {
    job: &'a Job,
    local: &'a Local,
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

/// Held as long as the file is open, and let go by the system whatever becomes of the process.
fn lock(folder: &Path, job: &str) -> std::io::Result<Option<File>> {
    std::fs::create_dir_all(folder)?;
    let file = File::create(folder.join(format!("{job}.lock")))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(std::fs::TryLockError::WouldBlock) => Ok(None),
        Err(std::fs::TryLockError::Error(cause)) => Err(cause),
    }
}
