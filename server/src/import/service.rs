//! Imports of the server: which targets a site has, who may, and what is under way.

use std::collections::HashSet;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sqlx::SqlitePool;
use tokio::sync::Semaphore;

use super::error::{ImportError, Invalid};
use super::job::{Job, State};
use super::lock;
use super::queue::Queue;
use super::runner::{PAUSES, Runner};
use super::spool::{Session, sweep};
use super::target::Target;
use crate::config::{ImportConfig, SiteConfig};
use crate::reports::VisitorKind;
use crate::session::OpenedExam;
use crate::sites::Site;
use crate::sources::OpenError;
use crate::state::AppState;

/// How often imports are looked for that nobody carries out: of before a restart, or put in by a command.
const ROUND: Duration = Duration::from_secs(20);
/// The way in by which a profession is known.
const PROVEN: &str = "psc";
/// Folder of the locks and of copies, below the server's state.
pub(crate) const LOCKS: &str = "imports";

/// What a site imports into.
pub struct SiteImports {
    config: ImportConfig,
    targets: Vec<Arc<Target>>,
    turns: Semaphore,
    under_way: Mutex<HashSet<String>>,
}

/// Opens the targets of a site; contacts nobody.
///
/// # Errors
/// [`OpenError`]
pub async fn open(site: &SiteConfig) -> Result<Option<SiteImports>, OpenError> {
    let Some(config) = &site.import else { return Ok(None) };
    let mut targets = Vec::new();
    for target in &config.targets {
        targets.push(Arc::new(Target::open(site, target).await?));
    }
    let at_once = usize::try_from(config.at_once).unwrap_or(1);
    let turns = Semaphore::new(at_once.min(Semaphore::MAX_PERMITS));
    Ok(Some(SiteImports { config: config.clone(), targets, turns, under_way: Mutex::default() }))
}

/// Which targets of a site do not answer, one sentence each.
pub async fn unreachable(site: &SiteConfig) -> Vec<String> {
    let mut problems = Vec::new();
    // What cannot be opened is told without asking anybody.
    let Ok(Some(imports)) = open(site).await else { return problems };
    for target in &imports.targets {
        if let Some(cause) = target.unreachable().await {
            problems.push(format!("site {}: import.target {}: {cause}", site.id(), target.name));
        }
    }
    problems
}

impl SiteImports {
    /// Names of the targets.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        self.targets.iter().map(|target| target.name.as_str()).collect()
    }

    /// The target with this name.
    ///
    /// # Errors
    /// [`Invalid::Target`]
    pub fn target(&self, name: &str) -> Result<&Arc<Target>, Invalid> {
        self.targets.iter().find(|target| target.name == name).ok_or(Invalid::Target)
    }

    /// Whether whoever opened this exam may import: a professional, proven to be one, of a profession that may.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn allows(
        &self,
        pool: &SqlitePool,
        login: &str,
        exam: &OpenedExam,
    ) -> Result<bool, sqlx::Error> {
        if exam.visitor != VisitorKind::Professional || exam.way != PROVEN {
            return Ok(false);
        }
        let profession: Option<String> = sqlx::query_scalar(
            "SELECT profession FROM login_profession WHERE login = ? AND number = ?",
        )
        .bind(login)
        .bind(exam.number)
        .fetch_optional(pool)
        .await?;
        Ok(profession.is_some_and(|profession| self.config.professions.contains(&profession)))
    }

    /// Bytes that copies of exams of other centres may take.
    #[must_use]
    pub const fn spool_bytes(&self) -> u64 {
        self.config.spool_bytes()
    }

    /// Whoever has it carries the import out in this process, and nobody else. `None` where somebody does.
    pub(super) fn begin(self: &Arc<Self>, job: &str) -> Option<UnderWay> {
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        let is_first = under_way.insert(job.to_owned());
        is_first.then(|| UnderWay { imports: Arc::clone(self), job: job.to_owned() })
    }
}

/// An import that is carried out in this process, until dropped.
pub(super) struct UnderWay {
    imports: Arc<SiteImports>,
    job: String,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let under_way = self.imports.under_way.lock();
        under_way.unwrap_or_else(PoisonError::into_inner).remove(&self.job);
    }
}

/// Notes in which profession an exam was opened; an earlier one of the same visit counts no more.
///
/// # Errors
/// When the database fails.
pub async fn remember_profession(
    pool: &SqlitePool,
    login: &str,
    number: u32,
    profession: Option<&str>,
) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM login_profession WHERE login = ? AND number = ?")
        .bind(login)
        .bind(number)
        .execute(pool)
        .await?;
    let Some(profession) = profession else { return Ok(()) };
    sqlx::query("INSERT INTO login_profession (login, number, profession) VALUES (?, ?, ?)")
        .bind(login)
        .bind(number)
        .bind(profession)
        .execute(pool)
        .await
        .map(drop)
}

/// Carries out what is not carried out yet, for ever.
pub async fn keep_running(state: AppState) {
    loop {
        if let Err(cause) = run_all(&state).await {
            tracing::error!(%cause, "cannot look for imports");
        }
        tokio::time::sleep(ROUND).await;
    }
}

/// Begins every import that goes on and is not under way; those of exams of other centres have what is here of them.
///
/// # Errors
/// When the database fails.
pub async fn run_all(state: &AppState) -> Result<(), ImportError> {
    for job in Queue::new(state.store.pool.clone()).running().await? {
        let Some(site) = state.sites.by_id(&job.site) else { continue };
        let Some(imports) = &site.imports else { continue };
        if let Some(under_way) = imports.begin(&job.id) {
            carry_out(state, site, (job, under_way), None);
        }
    }
    Ok(())
}

/// Carries out an import in the background.
pub(super) fn carry_out(
    state: &AppState,
    site: &Arc<Site>,
    (job, under_way): (Job, UnderWay),
    session: Option<Session>,
) {
    let imports = Arc::clone(&under_way.imports);
    let Ok(target) = imports.target(&job.target).map(Arc::clone) else {
        return tracing::error!(site = %site.id, "an import is for a target that is not configured any more");
    };
    let runner = Runner {
        queue: Queue::new(state.store.pool.clone()),
        audit: state.audit.clone(),
        clock: state.clock.clone(),
        source: Arc::clone(&site.source),
        session,
        spool_bytes: imports.spool_bytes(),
        target,
        locks: state.store.folder.join(LOCKS),
        pauses: PAUSES.to_vec(),
    };
    tokio::spawn(async move {
        let _until_the_end = under_way;
        let _turn = imports.turns.acquire().await;
        match runner.run(&job).await {
            Ok(progress) => tracing::info!(site = job.site, state = ?progress.state, "import"),
            Err(cause) => {
                tracing::error!(%cause, site = job.site, "an import is taken up again later");
            }
        }
    });
}

/// Stops an import; what the target has stays there. `false` where it had ended.
///
/// # Errors
/// When the database fails.
pub async fn cancel(queue: &Queue, job: &Job, now: i64) -> Result<bool, ImportError> {
    queue.end(job, State::Cancelled, now).await
}

/// Takes up an import of which something failed, or that was stopped. `false` where there is nothing to take up.
///
/// # Errors
/// [`ImportError::Busy`] where another one of the same study is under way.
pub async fn take_up(queue: &Queue, job: &Job, now: i64) -> Result<bool, ImportError> {
    if !matches!(job.state, State::Partial | State::Cancelled) || job.local.is_none() {
        return Ok(false);
    }
    queue.take_up(job, now).await?;
    Ok(true)
}

/// Forgets imports that ended long ago, and copies that are too old or of imports that are no more.
///
/// # Errors
/// When the database fails.
pub async fn prune(state: &AppState, now: i64) -> Result<(), ImportError> {
    let queue = Queue::new(state.store.pool.clone());
    for import in queue.keyed().await? {
        let imports = state.sites.by_id(&import.site).and_then(|site| site.imports.clone());
        let hours = imports.map_or(0, |imports| imports.config.spool_hours);
        if import.updated < now - i64::from(hours) * 3600 {
            queue.forget_key(&import.id).await?;
        }
    }
    for site in state.sites.all() {
        let Some(imports) = &site.imports else { continue };
        let before = now - i64::from(imports.config.keep_days) * 86_400;
        queue.prune(&site.id, before).await?;
    }
    let folder = state.store.folder.join(LOCKS);
    lock::sweep(&folder)?;
    sweep(&queue, &folder).await
}

/// Removes copies that belong to no import that goes on, or may.
///
/// # Errors
/// When the database fails.
pub async fn tidy(queue: &Queue, state: &Path) -> Result<(), ImportError> {
    sweep(queue, &state.join(LOCKS)).await
}
