//! Writing facts down.

use serde::Serialize;
use sqlx::{SqlitePool, SqliteTransaction};

use super::{
    facts::{Change, Exam, Facts, Report},
    judge::is_newer,
    manifest, rejected,
};

/// What came of facts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Applied {
    /// The report that was taken in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub report: Option<String>,
    /// A later version of the report is known: this one changes nothing.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub outdated: bool,
    /// The report that was withdrawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<String>,
    /// Exams of which something was learnt.
    pub studies: Vec<String>,
    /// Instances that are no longer shown.
    pub rejected: u64,
}

/// Takes facts in, all or nothing.
pub(super) async fn apply(
    pool: &SqlitePool,
    site: &str,
    facts: &Facts,
    now: i64,
) -> Result<Applied, sqlx::Error> {
    let mut applied = Applied::default();
    // The lock is taken first: reading and then writing would fail where somebody else writes between.
    let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
    for exam in &facts.exams {
        put_exam(&mut transaction, site, exam, now).await?;
        applied.studies.push(exam.study.clone());
    }
    for manifest in &facts.manifests {
        manifest::put(&mut transaction, site, manifest, now).await?;
    }
    if let Some(report) = &facts.report {
        applied.outdated = !put_report(&mut transaction, site, report, now).await?;
        applied.report = Some(report.id.id.clone());
    }
    if let Some(id) = &facts.withdrawn {
        withdraw(&mut transaction, site, &id.id, now).await?;
        applied.withdrawn = Some(id.id.clone());
    }
    if let Some(rejection) = &facts.rejection {
        applied.rejected = rejected::put(&mut transaction, site, rejection).await?;
    }
    transaction.commit().await?;
    Ok(applied)
}

/// What is not said stays as it was.
async fn put_exam(
    transaction: &mut SqliteTransaction<'_>,
    site: &str,
    exam: &Exam,
    now: i64,
) -> Result<(), sqlx::Error> {
    let (accession, traits) = (exam.accession.as_ref(), &exam.traits);
    sqlx::query(
        "INSERT INTO exam_facts (site, study, accession, accession_root, birth_name, first_name,
           birth_date, sex, birth_place, retention_end, updated)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
         ON CONFLICT (site, study) DO UPDATE SET
           accession = COALESCE(?3, accession),
           accession_root = CASE WHEN ?3 IS NULL THEN accession_root ELSE COALESCE(?4, accession_root) END,
           birth_name = COALESCE(?5, birth_name), first_name = COALESCE(?6, first_name),
           birth_date = COALESCE(?7, birth_date), sex = COALESCE(?8, sex),
           birth_place = COALESCE(?9, birth_place), retention_end = COALESCE(?10, retention_end),
           updated = ?11",
    )
    .bind(site)
    .bind(&exam.study)
    .bind(accession.map(|known| &known.number))
    .bind(accession.and_then(|known| known.root.as_ref()))
    .bind(&traits.birth_name)
    .bind(&traits.first_name)
    .bind(&traits.birth_date)
    .bind(&traits.sex)
    .bind(&traits.birth_place)
    .bind(exam.retention_end)
    .bind(now)
    .execute(&mut **transaction)
    .await
    .map(drop)
}

/// `false` where a later version is known. The same version again does not publish what was withdrawn.
async fn put_report(
    transaction: &mut SqliteTransaction<'_>,
    site: &str,
    report: &Report,
    now: i64,
) -> Result<bool, sqlx::Error> {
    let known: Option<Option<String>> =
        sqlx::query_scalar("SELECT version FROM report WHERE site = ? AND report = ?")
            .bind(site)
            .bind(&report.id.id)
            .fetch_optional(&mut **transaction)
            .await?;
    let known = known.flatten();
    if is_newer(known.as_deref(), report.id.version.as_deref()) {
        return Ok(false);
    }
    let publishes = is_newer(report.id.version.as_deref(), known.as_deref());
    upsert(transaction, site, report, publishes, now).await?;
    put_studies(transaction, site, report).await?;
    for replaced in report.replaces.iter().filter(|replaced| replaced.id != report.id.id) {
        sqlx::query(
            "INSERT OR REPLACE INTO report_successor (site, replaced, successor) VALUES (?, ?, ?)",
        )
        .bind(site)
        .bind(&replaced.id)
        .bind(&report.id.id)
        .execute(&mut **transaction)
        .await?;
    }
    Ok(true)
}

async fn upsert(
    transaction: &mut SqliteTransaction<'_>,
    site: &str,
    report: &Report,
    publishes: bool,
    now: i64,
) -> Result<(), sqlx::Error> {
    let accession = report.accession.as_ref();
    sqlx::query(
        "INSERT INTO report (site, report, version, accession, accession_root, masked_professional,
           invisible_patient, invisible_representatives, retention_end, updated)
         VALUES (?1, ?2, ?3, ?4, ?5, COALESCE(?6, 0), COALESCE(?7, 0), COALESCE(?8, 0), ?9, ?10)
         ON CONFLICT (site, report) DO UPDATE SET
           version = COALESCE(?3, version), accession = COALESCE(?4, accession),
           accession_root = CASE WHEN ?4 IS NULL THEN accession_root ELSE COALESCE(?5, accession_root) END,
           masked_professional = COALESCE(?6, masked_professional),
           invisible_patient = COALESCE(?7, invisible_patient),
           invisible_representatives = COALESCE(?8, invisible_representatives),
           retention_end = COALESCE(?9, retention_end), updated = ?10,
           depublished = CASE WHEN ?11 THEN NULL ELSE depublished END",
    )
    .bind(site)
    .bind(&report.id.id)
    .bind(&report.id.version)
    .bind(accession.map(|known| &known.number))
    .bind(accession.and_then(|known| known.root.as_ref()))
    .bind(report.flags.masked_professional)
    .bind(report.flags.invisible_patient)
    .bind(report.flags.invisible_representatives)
    .bind(report.retention_end)
    .bind(now)
    .bind(publishes)
    .execute(&mut **transaction)
    .await
    .map(drop)
}

async fn put_studies(
    transaction: &mut SqliteTransaction<'_>,
    site: &str,
    report: &Report,
) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM report_study WHERE site = ? AND report = ?")
        .bind(site)
        .bind(&report.id.id)
        .execute(&mut **transaction)
        .await?;
    for study in &report.studies {
        sqlx::query("INSERT OR IGNORE INTO report_study (site, report, study) VALUES (?, ?, ?)")
            .bind(site)
            .bind(&report.id.id)
            .bind(study)
            .execute(&mut **transaction)
            .await?;
    }
    Ok(())
}

/// A report that is withdrawn before it was ever heard of is remembered as withdrawn.
async fn withdraw(
    transaction: &mut SqliteTransaction<'_>,
    site: &str,
    report: &str,
    now: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO report (site, report, depublished, updated) VALUES (?1, ?2, ?3, ?3)
         ON CONFLICT (site, report) DO UPDATE SET depublished = ?3, updated = ?3",
    )
    .bind(site)
    .bind(report)
    .bind(now)
    .execute(&mut **transaction)
    .await
    .map(drop)
}

/// Withdraws or publishes a report that is known.
pub(super) async fn set_depublished(
    pool: &SqlitePool,
    site: &str,
    report: &str,
    depublished: bool,
    now: i64,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(
        "UPDATE report SET depublished = CASE WHEN ?1 THEN ?2 END, updated = ?2
         WHERE site = ?3 AND report = ?4",
    )
    .bind(depublished)
    .bind(now)
    .bind(site)
    .bind(report)
    .execute(pool)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Changes a report that is known.
pub(super) async fn change(
    pool: &SqlitePool,
    site: &str,
    report: &str,
    change: &Change,
    now: i64,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(
        "UPDATE report SET masked_professional = COALESCE(?1, masked_professional),
           invisible_patient = COALESCE(?2, invisible_patient),
           invisible_representatives = COALESCE(?3, invisible_representatives),
           retention_end = COALESCE(?4, retention_end), updated = ?5
         WHERE site = ?6 AND report = ?7",
    )
    .bind(change.flags.masked_professional)
    .bind(change.flags.invisible_patient)
    .bind(change.flags.invisible_representatives)
    .bind(change.retention_end)
    .bind(now)
    .bind(site)
    .bind(report)
    .execute(pool)
    .await?;
    Ok(done.rows_affected() > 0)
}
