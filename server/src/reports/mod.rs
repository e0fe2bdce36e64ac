//! What a site knows of its reports: which exams they are about, which took the place of which, who may
//! not see them, until when images are kept, and which instances were rejected.
//!
//! Facts come from the RIS (CDA documents, HL7 v2 messages, manifests and rejection notes in DICOM, or
//! plain JSON), by `negatoscope report import` or the administration's HTTP interface. Whether a
//! link opens an exam is judged at login and again at every use of a session ([`Reports::judge`]).

mod cda;
mod facts;
mod hl7;
mod hl7_report;
mod import;
mod judge;
pub(crate) mod kos;
mod look_up;
pub(crate) mod manifest;
mod rejected;
mod screen;
mod store;

use std::sync::Arc;

use quick_cache::sync::Cache;
use sqlx::SqlitePool;

pub use self::{
    facts::{
        AccessionNumber, Change, Exam, Facts, Flags, Report, ReportPolicy, Traits, Visibility,
        VisitorKind,
    },
    import::{ImportError, MAX_IMPORT, Source as ImportSource, parse, parse_date, report_id},
    judge::{Case, Closure, Known, KnownReport, Verdict, Why, judge},
    kos::Rejection,
    manifest::{Manifest, ManifestSeries, Manifests},
    screen::Screened,
    store::Applied,
};
use crate::{
    link::Link,
    linked_exams,
    sites::Site,
    source::{ExamFacts, SourceError},
};

/// Seconds a judgement is believed: what an operator changes in another process counts after that.
pub const JUDGED_SECONDS: i64 = 2;
/// Judgements kept in memory.
const JUDGEMENTS: usize = 4096;

/// The facts of all sites; cheap to clone.
#[derive(Clone)]
pub struct Reports {
    pool: SqlitePool,
    judged: Arc<Cache<String, (i64, Verdict)>>,
}

impl Reports {
    /// Over the server's database.
    #[must_use]
    pub fn new(pool: SqlitePool) -> Self {
        Self { pool, judged: Arc::new(Cache::new(JUDGEMENTS)) }
    }

    /// Whether a visitor may see these studies now, by this link.
    ///
    /// # Errors
    /// When the database fails; nothing is open then.
    pub async fn judge(
        &self,
        site: &Site,
        case: &Case<'_>,
        now: i64,
    ) -> Result<Verdict, sqlx::Error> {
        let key = key(site, case)?;
        if let Some((at, verdict)) = self.judged.get(&key)
            && (0..JUDGED_SECONDS).contains(&(now - at))
        {
            return Ok(verdict);
        }
        let known = look_up::known(&self.pool, &site.id, case.link, case.studies).await?;
        let verdict = judge(site.reports, &site.accession_roots, case, &known, now);
        self.judged.insert(key, (now, verdict.clone()));
        Ok(verdict)
    }

    /// The exams a link means: those of the source, and those whose images are gone because their
    /// retention is over, so that the right person reads that and no riddle.
    ///
    /// # Errors
    /// When the database fails. What the source says is passed on.
    pub async fn find_exams(
        &self,
        site: &Site,
        link: &Link,
        now: i64,
    ) -> Result<Result<Vec<ExamFacts>, SourceError>, sqlx::Error> {
        let found = linked_exams::find_exams(site, link).await;
        let candidates = look_up::exams_of_link(&self.pool, site, link).await?;
        let Ok(mut exams) = found else { return Ok(found) };
        for exam in candidates {
            if let Some(known) = exams.iter_mut().find(|e| e.study_instance_uid == exam.study) {
                known.birth_date = known.birth_date.take().or(exam.traits.birth_date);
                continue;
            }
            let studies = [exam.study.clone()];
            let case = Case { link, visitor: VisitorKind::Patient, studies: &studies };
            if self.judge(site, &case, now).await? == Verdict::Closed(Closure::RetentionOver) {
                exams.push(exam.into());
            }
        }
        Ok(Ok(exams))
    }

    /// Finds the exams of a report that names them by accession number only; `false` where it names none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn complete(&self, site: &str, facts: &mut Facts) -> Result<bool, sqlx::Error> {
        let Some(report) = &mut facts.report else { return Ok(true) };
        if let (true, Some(given)) = (report.studies.is_empty(), &report.accession) {
            for exam in look_up::by_accession(&self.pool, site, &given.number).await? {
                let root = exam.accession.and_then(|known| known.root);
                let is_another = root.is_some() && given.root.is_some() && root != given.root;
                if !is_another {
                    report.studies.push(exam.study);
                }
            }
        }
        Ok(!report.studies.is_empty())
    }

    /// Takes facts in, all or nothing.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn apply(&self, site: &str, facts: &Facts, now: i64) -> Result<Applied, sqlx::Error> {
        let done = store::apply(&self.pool, site, facts, now).await;
        self.judged.clear();
        done
    }

    /// Withdraws a report (`true`) or publishes it again; `false` where it is unknown.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_depublished(
        &self,
        site: &str,
        report: &str,
        depublished: bool,
        now: i64,
    ) -> Result<bool, sqlx::Error> {
        let done = store::set_depublished(&self.pool, site, report, depublished, now).await;
        self.judged.clear();
        done
    }

    /// Changes who may not see a report, and until when its images are kept; `false` where it is unknown.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_visibility(
        &self,
        site: &str,
        report: &str,
        change: &Change,
        now: i64,
    ) -> Result<bool, sqlx::Error> {
        let done = store::change(&self.pool, site, report, change, now).await;
        self.judged.clear();
        done
    }

    /// One report.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn get(&self, site: &str, report: &str) -> Result<Option<KnownReport>, sqlx::Error> {
        look_up::report(&self.pool, site, report).await
    }

    /// The reports about a study.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn about(&self, site: &str, study: &str) -> Result<Vec<KnownReport>, sqlx::Error> {
        look_up::reports_about(&self.pool, site, study).await
    }

    /// What is known of an exam, with the traits its patient is told by.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn exam(&self, site: &str, study: &str) -> Result<Option<Exam>, sqlx::Error> {
        look_up::exam(&self.pool, site, study).await
    }

    /// Forgets a rejection note; tells how many instances it named.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_rejection(&self, site: &str, note: &str) -> Result<u64, sqlx::Error> {
        rejected::forget(&self.pool, site, note).await
    }
}

fn key(site: &Site, case: &Case<'_>) -> Result<String, sqlx::Error> {
    serde_json::to_string(&(&*site.id, case.visitor, case.link, case.studies))
        .map_err(|cause| sqlx::Error::Encode(cause.into()))
}
