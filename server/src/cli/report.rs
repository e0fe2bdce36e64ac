//! `negatoscope report`

use std::{io::Read, path::PathBuf};

use anyhow::Context;
use clap::Subcommand;

use super::{At, find_site};
use crate::{
    admin::Desk,
    audit::{Audit, LOCAL},
    clock::Clock,
    config::Config,
    link::is_uid,
    reports::{Change, Flags, MAX_IMPORT, Reports, parse_date, report_id},
    store::Store,
};

/// Arguments of `report`.
#[derive(Debug, clap::Args)]
pub(super) struct ReportCommand {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Take in what documents say of reports and exams.
    ///
    /// Known kinds, told apart by their content: CDA R2 documents; HL7 v2 messages (ORU^R01 and MDM with a
    /// report, OMI^O23 with an order); manifests and rejection notes in DICOM; and JSON:
    ///   {"report": "1.2.250.1.1^A12", "studies": ["1.2.3"], "accession": {"number": "ACN1", "root": "1.2"},
    ///    "visibility": {"masked_professional": false, "invisible_patient": true},
    ///    "retention_end": "2046-11-26", "replaces": ["1.2.250.1.1^A11"],
    ///    "patient": {"birth_name": "…", "first_name": "…", "birth_date": "YYYYMMDD", "sex": "F"}}
    #[command(verbatim_doc_comment)]
    Import(Import),
    /// Print what is known of a report, or of an exam and the reports about it, as JSON.
    Show(Show),
    /// Withdraw a report: its link opens nothing any more, and sessions lose the exam within seconds.
    Depublish(One),
    /// Publish a withdrawn report again.
    Publish(One),
    /// Change who may not see a report, or until when its images are kept.
    Set(Set),
    /// Forget a rejection note: its instances are shown again.
    Unreject(Unreject),
}

#[derive(Debug, clap::Args)]
struct Import {
    #[command(flatten)]
    at: At,
    /// Files; `-` reads standard input.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("what").required(true).args(["report", "study"])))]
struct Show {
    #[command(flatten)]
    at: At,
    /// Identifier of the report, in any of its forms.
    #[arg(long, value_name = "ID")]
    report: Option<String>,
    /// Study Instance UID.
    #[arg(long, value_name = "UID")]
    study: Option<String>,
}

#[derive(Debug, clap::Args)]
struct One {
    #[command(flatten)]
    at: At,
    /// Identifier of the report, in any of its forms.
    #[arg(long, value_name = "ID")]
    report: String,
}

#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("change").required(true).multiple(true)
    .args(["masked_professional", "invisible_patient", "invisible_representatives", "retention_end"])))]
struct Set {
    #[command(flatten)]
    one: One,
    /// Hidden from health professionals (MASQUE_PS).
    #[arg(long, value_name = "true|false")]
    masked_professional: Option<bool>,
    /// Hidden from the patient (INVISIBLE_PATIENT).
    #[arg(long, value_name = "true|false")]
    invisible_patient: Option<bool>,
    /// Hidden from those who act for the patient (INVISIBLE_REPRESENTANTS_LEGAUX).
    #[arg(long, value_name = "true|false")]
    invisible_representatives: Option<bool>,
    /// First day the images are no longer kept.
    #[arg(long, value_name = "YYYY-MM-DD")]
    retention_end: Option<String>,
}

#[derive(Debug, clap::Args)]
struct Unreject {
    #[command(flatten)]
    at: At,
    /// SOP Instance UID of the note.
    #[arg(long, value_name = "UID")]
    note: String,
}

pub(super) async fn run(command: &ReportCommand) -> anyhow::Result<()> {
    match &command.what {
        What::Import(import) => import.run().await,
        What::Show(show) => show.run().await,
        What::Depublish(one) => one.set_depublished(true).await,
        What::Publish(one) => one.set_depublished(false).await,
        What::Set(set) => set.run().await,
        What::Unreject(unreject) => unreject.run().await,
    }
}

/// What is known of the reports of a site, and its name.
async fn open(at: &At) -> anyhow::Result<(Desk, String)> {
    let config = at.config.load()?;
    let site = find_site(&config, &at.site)?.id();
    let store = Store::open(&config.server.state).await?;
    Ok((desk(&config, Reports::new(store.pool))?, site))
}

fn desk(config: &Config, reports: Reports) -> anyhow::Result<Desk> {
    let clock = Clock::system();
    let audit = Audit::open(&config.audit_folder(), clock.clone()).context("audit journal")?;
    Ok(Desk { reports, audit, clock, address: LOCAL, subject: "command line" })
}

impl Import {
    async fn run(&self) -> anyhow::Result<()> {
        let (desk, site) = open(&self.at).await?;
        for file in &self.files {
            let name = file.display();
            let bytes = read(file).with_context(|| format!("{name}"))?;
            let applied = desk.import(&site, bytes).await.with_context(|| format!("{name}"))?;
            println!("{}", serde_json::to_string(&applied)?);
        }
        Ok(())
    }
}

/// One byte more than is taken, so that what is too large is found out without reading all of it.
fn read(file: &PathBuf) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let limit = MAX_IMPORT as u64 + 1;
    if file.as_os_str() == "-" {
        std::io::stdin().lock().take(limit).read_to_end(&mut bytes)?;
    } else {
        std::fs::File::open(file)?.take(limit).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

impl Show {
    async fn run(&self) -> anyhow::Result<()> {
        let (desk, site) = open(&self.at).await?;
        let shown = match (&self.report, &self.study) {
            (Some(report), _) => {
                let found = desk.reports.get(&site, &report_id(report)?.id).await?;
                serde_json::to_value(found.context("no such report on this site")?)?
            }
            (None, study) => {
                let study = study.as_deref().unwrap_or_default();
                anyhow::ensure!(is_uid(study), "--study: not a UID");
                let exam = desk.reports.exam(&site, study).await?;
                let reports = desk.reports.about(&site, study).await?;
                anyhow::ensure!(
                    exam.is_some() || !reports.is_empty(),
                    "nothing is known of this exam on this site"
                );
                serde_json::json!({ "exam": exam, "reports": reports })
            }
        };
        println!("{}", serde_json::to_string_pretty(&shown)?);
        Ok(())
    }
}

impl One {
    async fn set_depublished(&self, depublished: bool) -> anyhow::Result<()> {
        let (desk, site) = open(&self.at).await?;
        desk.set_depublished(&site, &self.report, depublished).await?;
        println!("{}", if depublished { "withdrawn" } else { "published" });
        Ok(())
    }
}

impl Set {
    async fn run(&self) -> anyhow::Result<()> {
        let change = Change {
            flags: Flags {
                masked_professional: self.masked_professional,
                invisible_patient: self.invisible_patient,
                invisible_representatives: self.invisible_representatives,
            },
            retention_end: self.retention_end.as_deref().map(parse_date).transpose()?,
        };
        let (desk, site) = open(&self.one.at).await?;
        desk.change(&site, &self.one.report, &change).await?;
        println!("changed");
        Ok(())
    }
}

impl Unreject {
    async fn run(&self) -> anyhow::Result<()> {
        anyhow::ensure!(is_uid(&self.note), "--note: not a UID");
        let (desk, site) = open(&self.at).await?;
        let count = desk.forget_rejection(&site, &self.note).await?;
        println!("{count} instance(s) shown again");
        Ok(())
    }
}
