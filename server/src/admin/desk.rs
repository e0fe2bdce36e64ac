//! What an operator or a RIS does with reports, on the command line or over HTTP: written down first,
//! then done.

use std::net::IpAddr;

use thiserror::Error;

use crate::{
    audit::{Audit, Entry, Event},
    clock::Clock,
    reports::{self, Applied, Change, Facts, ImportError, Reports},
};

/// Why something is not done.
#[derive(Debug, Error)]
pub enum DeskError {
    /// The document cannot be taken in.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// No such report or note on this site.
    #[error("unknown on this site")]
    Unknown,
    /// The journal.
    #[error("audit: {0}")]
    Audit(std::io::Error),
    /// The database.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// A thread died.
    #[error("reading stopped: {0}")]
    Task(#[from] tokio::task::JoinError),
}

/// Does it and writes it down.
pub struct Desk {
    /// The facts.
    pub reports: Reports,
    /// The journal.
    pub audit: Audit,
    /// Time.
    pub clock: Clock,
    /// Who asks.
    pub address: IpAddr,
    /// As the journal calls them.
    pub subject: &'static str,
}

impl Desk {
    /// Takes a document in.
    ///
    /// # Errors
    /// [`DeskError`]; nothing was taken in then.
    pub async fn import(&self, site: &str, bytes: Vec<u8>) -> Result<Applied, DeskError> {
        let (source, mut facts) =
            tokio::task::spawn_blocking(move || reports::parse(&bytes)).await??;
        if !self.reports.complete(site, &mut facts).await? {
            return Err(ImportError::NoExam.into());
        }
        self.write_import(site, source.name(), &facts)?;
        Ok(self.reports.apply(site, &facts, self.clock.seconds()).await?)
    }

    fn write_import(&self, site: &str, source: &str, facts: &Facts) -> Result<(), DeskError> {
        let mut studies: Vec<String> = facts.exams.iter().map(|exam| exam.study.clone()).collect();
        let of_report = facts.report.iter().flat_map(|report| &report.studies);
        studies.extend(of_report.cloned());
        studies.sort_unstable();
        studies.dedup();
        let rejected = facts.rejection.iter().flat_map(|note| &note.instances);
        for (study, _) in rejected {
            if !studies.contains(study) && studies.len() < crate::link::MAX_STUDIES {
                studies.push(study.clone());
            }
        }
        let (event, reason) = match (&facts.withdrawn, &facts.rejection) {
            (Some(_), _) => (Event::ReportChanged, "depublished"),
            (None, Some(_)) => (Event::FactsImported, "rejection"),
            (None, None) => (Event::FactsImported, source),
        };
        let report = facts.report.as_ref().map(|report| report.id.id.as_str());
        let report = report.or(facts.withdrawn.as_ref().map(|id| id.id.as_str()));
        let entry = Entry { studies: &studies, report, ..self.entry(event, site, reason) };
        self.audit.write(&entry).map_err(DeskError::Audit)
    }

    /// Withdraws a report or publishes it again.
    ///
    /// # Errors
    /// [`DeskError`].
    pub async fn set_depublished(
        &self,
        site: &str,
        report: &str,
        depublished: bool,
    ) -> Result<(), DeskError> {
        let id = self.known(site, report).await?;
        let reason = if depublished { "depublished" } else { "published" };
        self.write_change(site, &id, reason)?;
        let now = self.clock.seconds();
        found(self.reports.set_depublished(site, &id, depublished, now).await?)
    }

    /// Changes who may not see a report, or until when its images are kept.
    ///
    /// # Errors
    /// [`DeskError`].
    pub async fn change(&self, site: &str, report: &str, change: &Change) -> Result<(), DeskError> {
        let id = self.known(site, report).await?;
        let mut reasons = Vec::new();
        for (name, flag) in [
            ("masked_professional", change.flags.masked_professional),
            ("invisible_patient", change.flags.invisible_patient),
            ("invisible_representatives", change.flags.invisible_representatives),
        ] {
            reasons.extend(flag.map(|flag| format!("{name}={flag}")));
        }
        reasons.extend(change.retention_end.map(|_| "retention_end".to_owned()));
        self.write_change(site, &id, &reasons.join(" "))?;
        found(self.reports.set_visibility(site, &id, change, self.clock.seconds()).await?)
    }

    /// Forgets a rejection note: its instances are shown again. Tells how many.
    ///
    /// # Errors
    /// [`DeskError`].
    pub async fn forget_rejection(&self, site: &str, note: &str) -> Result<u64, DeskError> {
        self.write_change(site, note, "rejection_forgotten")?;
        let count = self.reports.forget_rejection(site, note).await?;
        found(count > 0)?;
        Ok(count)
    }

    /// The one form of an identifier, if the report is known.
    async fn known(&self, site: &str, report: &str) -> Result<String, DeskError> {
        let id = reports::report_id(report)?.id;
        found(self.reports.get(site, &id).await?.is_some())?;
        Ok(id)
    }

    fn write_change(&self, site: &str, report: &str, reason: &str) -> Result<(), DeskError> {
        let entry =
            Entry { report: Some(report), ..self.entry(Event::ReportChanged, site, reason) };
        self.audit.write(&entry).map_err(DeskError::Audit)
    }

    fn entry<'a>(&self, event: Event, site: &'a str, reason: &'a str) -> Entry<'a> {
        Entry {
            subject: Some(self.subject),
            reason: Some(reason),
            ..Entry::new(event, site, self.address)
        }
    }
}

const fn found(found: bool) -> Result<(), DeskError> {
    if found { Ok(()) } else { Err(DeskError::Unknown) }
}
