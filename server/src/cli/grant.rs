//! `negatoscope grant`

use std::sync::Arc;

use anyhow::Context;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::Serialize;
use time::{Date, Duration, OffsetDateTime, macros::format_description};

use super::{ConfigFile, find_site};
use crate::{
    audit::{Audit, Entry, Event, LOCAL},
    auth::{
        Hasher,
        code::AccessCode,
        codes::{self, NewCode},
    },
    clock::Clock,
    config::{Config, SiteConfig},
    link::is_uid,
    source::{ExamFacts, Source, SourceError},
    sources,
    store::{Store, random_name},
    trust_list::Keeper,
};

/// What must be escaped in a query value.
const QUERY: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'%').add(b'&').add(b'+').add(b'<').add(b'>');

/// Arguments of `grant`.
///
/// Prints the code, in groups of four, and the link for the report. The code is kept as a hash only:
/// it cannot be shown a second time. Works while the server runs.
#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("exam").required(true).args(["study", "accession"])))]
pub(super) struct Grant {
    #[command(flatten)]
    config: ConfigFile,
    /// Host name of the site.
    #[arg(long, value_name = "HOST")]
    site: String,
    /// Study Instance UID of the exam.
    #[arg(long, value_name = "UID")]
    study: Option<String>,
    /// Accession number of the exam, without root.
    #[arg(long, value_name = "NUMBER")]
    accession: Option<String>,
    /// Days the code is good for; default: access_code.days of the configuration.
    #[arg(long, value_name = "N")]
    days: Option<u32>,
    /// Birth date of the patient, only where the images have none (or are not there yet).
    #[arg(long, value_name = "YYYYMMDD")]
    birth_date: Option<String>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// What is printed.
#[derive(Serialize)]
struct Granted {
    code: String,
    link: String,
    id: String,
    expires: String,
    studies: Vec<String>,
}

pub(super) async fn run(command: &Grant) -> anyhow::Result<()> {
    let config = command.config.load()?;
    let site = find_site(&config, &command.site)?;
    command.check()?;
    let exams = command.find_exams(&config, site).await?;
    let birth_date = command.birth_date_to_keep(&exams)?;
    let granted = keep(&config, site, command, &exams, birth_date).await?;
    if command.json {
        println!("{}", serde_json::to_string(&granted)?);
    } else {
        println!("Access code:  {}", granted.code);
        println!("Report link:  {}", granted.link);
        println!("Valid until:  {}", granted.expires);
        println!(
            "Identifier:   {}   (in the audit, and for `negatoscope revoke --id`)",
            granted.id
        );
    }
    Ok(())
}

impl Grant {
    fn check(&self) -> anyhow::Result<()> {
        if let Some(study) = &self.study {
            anyhow::ensure!(
                is_uid(study),
                "--study: not a UID (digits and dots, at most 64 characters)"
            );
        }
        if let Some(date) = &self.birth_date {
            let parsed = Date::parse(date, format_description!("[year][month][day]"));
            anyhow::ensure!(parsed.is_ok(), "--birth-date: not a date of the form YYYYMMDD");
        }
        anyhow::ensure!(self.days != Some(0), "--days: must be at least 1");
        Ok(())
    }

    /// Asks the source; an archive that does not know the exam looks for new files first.
    async fn find_exams(
        &self,
        config: &Config,
        site: &SiteConfig,
    ) -> anyhow::Result<Vec<ExamFacts>> {
        let listed = Keeper::of(config, Clock::system())?;
        let ask = |fresh| sources::ask(site, &config.server.state, listed.as_ref(), fresh);
        let source = ask(false).await?;
        let mut found = match self.facts(&source).await {
            // An index that is not complete cannot say that an exam is unknown.
            Err(SourceError::Unavailable(_)) => Vec::new(),
            other => other?,
        };
        if found.is_empty() {
            let source = ask(true).await?;
            found = self.facts(&source).await?;
        }
        if !found.is_empty() {
            return Ok(found);
        }
        let study = self.study.clone().context("no exam with this accession number")?;
        anyhow::ensure!(
            self.birth_date.is_some(),
            "the source does not know this exam; pass --birth-date to make a code for an exam that is still to come"
        );
        Ok(vec![ExamFacts {
            study_instance_uid: study,
            accession_number: String::new(),
            accession_issuer: None,
            birth_date: None,
        }])
    }

    async fn facts(&self, source: &Arc<dyn Source>) -> Result<Vec<ExamFacts>, SourceError> {
        Ok(match (&self.study, &self.accession) {
            (Some(study), _) => source.facts(study).await?.into_iter().collect(),
            (None, accession) => {
                source.facts_by_accession(accession.as_deref().unwrap_or_default()).await?
            }
        })
    }

    /// The birth date of the command line where the images have none.
    fn birth_date_to_keep(&self, exams: &[ExamFacts]) -> anyhow::Result<Option<String>> {
        for known in exams.iter().filter_map(|exam| exam.birth_date.as_ref()) {
            let agrees = self.birth_date.as_ref().is_none_or(|given| given == known);
            anyhow::ensure!(
                agrees,
                "--birth-date: the images say otherwise; leave it out, or correct them"
            );
        }
        let is_missing = exams.iter().any(|exam| exam.birth_date.is_none());
        anyhow::ensure!(
            !is_missing || self.birth_date.is_some(),
            "the images hold no birth date of the patient: pass --birth-date YYYYMMDD"
        );
        Ok(if is_missing { self.birth_date.clone() } else { None })
    }
}

async fn keep(
    config: &Config,
    site: &SiteConfig,
    command: &Grant,
    exams: &[ExamFacts],
    birth_date: Option<String>,
) -> anyhow::Result<Granted> {
    let store = Store::open(&config.server.state).await?;
    let code = AccessCode::random();
    let hasher = Hasher::new(store.secret, 1);
    let hash = hasher.hash(&site.id(), &code).await?;
    let created = OffsetDateTime::now_utc();
    let expires = created + Duration::days(command.days.unwrap_or(config.access_code.days).into());
    let studies: Vec<String> = exams.iter().map(|exam| exam.study_instance_uid.clone()).collect();
    let new = NewCode {
        site: site.id(),
        hash,
        tag: hasher.tag(&site.id(), &code),
        studies: studies.clone(),
        birth_date,
        created: created.unix_timestamp(),
        expires: expires.unix_timestamp(),
    };
    // Before the code is worth anything: what leaves no trace does not happen.
    let audit = Audit::open(&config.audit_folder(), Clock::system()).context("audit journal")?;
    let id = random_name();
    let entry = Entry {
        subject: Some(&id),
        studies: &studies,
        ..Entry::new(Event::CodeGranted, &new.site, LOCAL)
    };
    audit.write(&entry).context("audit journal")?;
    codes::insert_as(&store.pool, &id, &new).await?;
    Ok(Granted {
        code: code.printed(),
        link: report_link(site, exams),
        id,
        expires: expires.date().to_string(),
        studies,
    })
}

/// The link as the CI-SIS writes it: studies, and the accession number as root.extension.
fn report_link(site: &SiteConfig, exams: &[ExamFacts]) -> String {
    let studies: Vec<&str> = exams.iter().map(|exam| exam.study_instance_uid.as_str()).collect();
    let base = site.link_base();
    let mut link =
        format!("{base}/IHEInvokeImageDisplay?requestType=STUDY&studyUID={}", studies.join(","));
    let numbers: Vec<String> = exams.iter().map(printed_accession).collect();
    if let [number, others @ ..] = numbers.as_slice()
        && !number.is_empty()
        && others.iter().all(|other| other == number)
    {
        link.push_str("&Accessionnumber=");
        link.extend(utf8_percent_encode(number, QUERY));
    }
    link
}

fn printed_accession(exam: &ExamFacts) -> String {
    match &exam.accession_issuer {
        Some(root) if is_uid(root) && !exam.accession_number.is_empty() => {
            format!("{root}.{}", exam.accession_number)
        }
        _ => exam.accession_number.clone(),
    }
}
