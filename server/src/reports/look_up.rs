//! Questions to the database about reports and exams.

use sqlx::{Row, SqlitePool, sqlite::SqliteRow};

use super::{
    facts::{AccessionNumber, Exam, Traits, Visibility},
    judge::{Known, KnownReport, MAX_REPLACEMENTS},
};
use crate::{link::Link, sites::Site};

/// Reports looked at for one exam.
const MAX_REPORTS: i64 = 64;

const REPORT: &str = "SELECT report.*, (SELECT json_group_array(study) FROM report_study
     WHERE report_study.site = report.site AND report_study.report = report.report) AS studies,
     (SELECT successor FROM report_successor
     WHERE report_successor.site = report.site AND replaced = report.report) AS successor FROM report";

/// Everything that concerns these studies by this link.
pub(super) async fn known(
    pool: &SqlitePool,
    site: &str,
    link: &Link,
    studies: &[String],
) -> Result<Known, sqlx::Error> {
    let mut known = Known::default();
    for study in studies {
        known.exams.extend(exam(pool, site, study).await?);
        for report in reports_about(pool, site, study).await? {
            add(&mut known, report);
        }
    }
    if let Some(id) = &link.report {
        add_named(pool, site, &id.id, &mut known).await?;
    }
    add_successors(pool, site, &mut known).await?;
    Ok(known)
}

fn add(known: &mut Known, report: KnownReport) {
    if !known.reports.iter().any(|other| other.report == report.report) {
        known.reports.push(report);
    }
}

async fn add_named(
    pool: &SqlitePool,
    site: &str,
    id: &str,
    known: &mut Known,
) -> Result<(), sqlx::Error> {
    if let Some(named) = report(pool, site, id).await? {
        add(known, named);
        return Ok(());
    }
    let successor: Option<String> = sqlx::query_scalar(
        "SELECT successor FROM report_successor WHERE site = ? AND replaced = ?",
    )
    .bind(site)
    .bind(id)
    .fetch_optional(pool)
    .await?;
    if let Some(successor) = successor {
        if let Some(found) = report(pool, site, &successor).await? {
            add(known, found);
        }
        known.replaced.push((id.to_owned(), successor));
    }
    Ok(())
}

async fn add_successors(
    pool: &SqlitePool,
    site: &str,
    known: &mut Known,
) -> Result<(), sqlx::Error> {
    for _ in 0..MAX_REPLACEMENTS {
        let is_missing = |id: &&String| !known.reports.iter().any(|other| other.report == **id);
        let missing: Vec<String> = known
            .reports
            .iter()
            .filter_map(|report| report.successor.as_ref())
            .filter(is_missing)
            .cloned()
            .collect();
        if missing.is_empty() {
            break;
        }
        for id in missing {
            if let Some(found) = report(pool, site, &id).await? {
                add(known, found);
            }
        }
    }
    Ok(())
}

/// One report.
pub(super) async fn report(
    pool: &SqlitePool,
    site: &str,
    id: &str,
) -> Result<Option<KnownReport>, sqlx::Error> {
    let query = format!("{REPORT} WHERE report.site = ? AND report.report = ?");
    let row = sqlx::query(&query).bind(site).bind(id).fetch_optional(pool).await?;
    row.as_ref().map(read_report).transpose()
}

/// The reports about a study, the latest first.
pub(super) async fn reports_about(
    pool: &SqlitePool,
    site: &str,
    study: &str,
) -> Result<Vec<KnownReport>, sqlx::Error> {
    let query = format!(
        "{REPORT} WHERE report.site = ?1 AND EXISTS (SELECT 1 FROM report_study
         WHERE report_study.site = ?1 AND report_study.report = report.report AND study = ?2)
         ORDER BY updated DESC, report LIMIT ?3"
    );
    let rows = sqlx::query(&query).bind(site).bind(study).bind(MAX_REPORTS).fetch_all(pool).await?;
    rows.iter().map(read_report).collect()
}

/// One exam.
pub(super) async fn exam(
    pool: &SqlitePool,
    site: &str,
    study: &str,
) -> Result<Option<Exam>, sqlx::Error> {
    let row = sqlx::query("SELECT * FROM exam_facts WHERE site = ? AND study = ?")
        .bind(site)
        .bind(study)
        .fetch_optional(pool)
        .await?;
    row.as_ref().map(read_exam).transpose()
}

/// The exams a link may mean that facts are known of. Which questions are asked depends on the link alone.
pub(super) async fn exams_of_link(
    pool: &SqlitePool,
    site: &Site,
    link: &Link,
) -> Result<Vec<Exam>, sqlx::Error> {
    let mut exams = Vec::new();
    for study in &link.studies {
        exams.extend(exam(pool, &site.id, study).await?);
    }
    if link.studies.is_empty() {
        let numbers =
            link.accession.iter().flat_map(|given| given.candidates(&site.accession_roots));
        for number in numbers {
            exams.extend(by_accession(pool, &site.id, &number).await?);
        }
    }
    exams.retain(|exam| {
        link.accession.as_ref().is_none_or(|given| {
            exam.accession.as_ref().is_none_or(|known| {
                given.matches(&known.number, known.root.as_deref(), &site.accession_roots)
            })
        })
    });
    Ok(exams)
}

/// Exams with this accession number.
pub(super) async fn by_accession(
    pool: &SqlitePool,
    site: &str,
    number: &str,
) -> Result<Vec<Exam>, sqlx::Error> {
    let rows = sqlx::query("SELECT * FROM exam_facts WHERE site = ? AND accession = ? LIMIT 16")
        .bind(site)
        .bind(number)
        .fetch_all(pool)
        .await?;
    rows.iter().map(read_exam).collect()
}

fn read_report(row: &SqliteRow) -> Result<KnownReport, sqlx::Error> {
    let studies: String = row.try_get("studies")?;
    Ok(KnownReport {
        report: row.try_get("report")?,
        version: row.try_get("version")?,
        studies: serde_json::from_str(&studies)
            .map_err(|cause| sqlx::Error::Decode(cause.into()))?,
        accession: read_accession(row)?,
        depublished: row.try_get::<Option<i64>, _>("depublished")?.is_some(),
        visibility: Visibility {
            masked_professional: row.try_get("masked_professional")?,
            invisible_patient: row.try_get("invisible_patient")?,
            invisible_representatives: row.try_get("invisible_representatives")?,
        },
        retention_end: row.try_get("retention_end")?,
        successor: row.try_get("successor")?,
    })
}

fn read_exam(row: &SqliteRow) -> Result<Exam, sqlx::Error> {
    Ok(Exam {
        study: row.try_get("study")?,
        accession: read_accession(row)?,
        traits: Traits {
            birth_name: row.try_get("birth_name")?,
            first_name: row.try_get("first_name")?,
            birth_date: row.try_get("birth_date")?,
            sex: row.try_get("sex")?,
            birth_place: row.try_get("birth_place")?,
        },
        retention_end: row.try_get("retention_end")?,
    })
}

fn read_accession(row: &SqliteRow) -> Result<Option<AccessionNumber>, sqlx::Error> {
    let (number, root): (Option<String>, _) =
        (row.try_get("accession")?, row.try_get("accession_root")?);
    Ok(number.map(|number| AccessionNumber { number, root }))
}
