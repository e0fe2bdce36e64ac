//! Questions to the index.

use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use viewer_core::dicom::PixelDataLayout;
use viewer_core::exam::Instance;

use super::ArchiveError;
use super::entry::Place;
use super::index::Index;
use super::packed::{pack, unpack};
use crate::source::{ExamFacts, InstanceRef, Scope};

/// Where the frames of one instance are.
#[derive(Debug)]
pub(super) struct FramePlace {
    pub place: Place,
    pub frame_syntax: String,
    /// `None`: no pixel data, or none that makes sense.
    pub layout: Option<PixelDataLayout>,
}

/// Where the file of one instance is.
#[derive(Debug)]
pub(super) struct FilePlace {
    pub place: Place,
    pub length: u64,
    pub transfer_syntax: String,
}

/// Order of instances within a study.
const ORDER: &str = "ORDER BY series_number IS NULL, series_number, series_uid, instance_number IS NULL, instance_number, sop_uid";
const IN_SCOPE: &str =
    "study_uid = ?1 AND (?2 IS NULL OR series_uid = ?2) AND (?3 IS NULL OR sop_uid = ?3)";
/// One instance by its key: the other form makes SQLite look at every instance of the series.
const IS_ONE: &str = "sop_uid = ?3 AND study_uid = ?1 AND series_uid = ?2";

impl Index {
    /// Facts of a study. Attributes that differ between its files count as unknown, so that they prove
    /// nothing to anybody.
    pub(super) async fn facts(&self, study: &str) -> Result<Option<ExamFacts>, ArchiveError> {
        let query = "SELECT study_uid, MIN(NULLIF(accession, '')) AS accession, MAX(NULLIF(accession, '')) AS other_accession,
             MIN(accession_issuer) AS issuer, MAX(accession_issuer) AS other_issuer,
             MIN(birth_date) AS birth_date, MAX(birth_date) AS other_birth_date
             FROM instance WHERE study_uid = ? GROUP BY study_uid";
        let row = sqlx::query(query).bind(study).fetch_optional(&self.pool).await?;
        Ok(row.map(|row| {
            let unless_mixed = |one: &str, other: &str| {
                let value: Option<String> = row.get(one);
                value.filter(|value| Some(value) == row.get::<Option<String>, _>(other).as_ref())
            };
            ExamFacts {
                study_instance_uid: row.get("study_uid"),
                accession_number: unless_mixed("accession", "other_accession").unwrap_or_default(),
                accession_issuer: unless_mixed("issuer", "other_issuer"),
                birth_date: unless_mixed("birth_date", "other_birth_date"),
            }
        }))
    }

    /// Studies with this accession number in at least one file.
    pub(super) async fn studies_by_accession(
        &self,
        accession: &str,
    ) -> Result<Vec<String>, ArchiveError> {
        let query =
            "SELECT DISTINCT study_uid FROM instance WHERE accession = ? ORDER BY study_uid";
        Ok(sqlx::query_scalar(query).bind(accession).fetch_all(&self.pool).await?)
    }

    /// The records of a study, for its summary.
    pub(super) async fn records(&self, study: &str) -> Result<Vec<Instance>, ArchiveError> {
        let query = format!("SELECT record FROM instance WHERE study_uid = ? {ORDER}");
        let blobs: Vec<Vec<u8>> =
            sqlx::query_scalar(&query).bind(study).fetch_all(&self.pool).await?;
        blobs.iter().map(|blob| unpack(blob)).collect()
    }

    /// The instances of a scope, in order.
    pub(super) async fn instances(&self, scope: &Scope) -> Result<Vec<InstanceRef>, ArchiveError> {
        let query =
            format!("SELECT study_uid, series_uid, sop_uid FROM instance WHERE {IN_SCOPE} {ORDER}");
        let rows = bind(&query, scope).fetch_all(&self.pool).await?;
        let instance = |row: &SqliteRow| InstanceRef {
            study: row.get("study_uid"),
            series: row.get("series_uid"),
            instance: row.get("sop_uid"),
        };
        Ok(rows.iter().map(instance).collect())
    }

    /// The metadata of one instance; `None` where it is unknown.
    pub(super) async fn metadata(
        &self,
        at: &InstanceRef,
    ) -> Result<Option<serde_json::Value>, ArchiveError> {
        let scope = at.scope();
        let query = format!("SELECT metadata FROM instance WHERE {IS_ONE}");
        let row = bind(&query, &scope).fetch_optional(&self.pool).await?;
        row.map(|row| unpack(row.get::<&[u8], _>("metadata"))).transpose()
    }

    /// The metadata of the objects of a study that have no pixel data.
    pub(super) async fn documents(
        &self,
        study: &str,
    ) -> Result<Vec<serde_json::Value>, ArchiveError> {
        let no_pixels = pack(&None::<PixelDataLayout>)?;
        let query =
            format!("SELECT metadata FROM instance WHERE study_uid = ? AND layout = ? {ORDER}");
        let blobs: Vec<Vec<u8>> =
            sqlx::query_scalar(&query).bind(study).bind(no_pixels).fetch_all(&self.pool).await?;
        blobs.iter().map(|blob| unpack(blob)).collect()
    }

    /// Where the frames of an instance are; `None` where it is unknown.
    pub(super) async fn frame_place(
        &self,
        at: &InstanceRef,
    ) -> Result<Option<FramePlace>, ArchiveError> {
        let scope = at.scope();
        let query =
            format!("SELECT pixel_place, frame_syntax, layout FROM instance WHERE {IS_ONE}");
        let Some(row) = bind(&query, &scope).fetch_optional(&self.pool).await? else {
            return Ok(None);
        };
        Ok(Some(FramePlace {
            place: place(&row, "pixel_place")?,
            frame_syntax: row.get("frame_syntax"),
            layout: unpack(row.get::<&[u8], _>("layout"))?,
        }))
    }

    /// Where the file of an instance is; `None` where it is unknown.
    pub(super) async fn file_place(
        &self,
        at: &InstanceRef,
    ) -> Result<Option<FilePlace>, ArchiveError> {
        let scope = at.scope();
        let query = format!("SELECT place, length, transfer_syntax FROM instance WHERE {IS_ONE}");
        let Some(row) = bind(&query, &scope).fetch_optional(&self.pool).await? else {
            return Ok(None);
        };
        Ok(Some(FilePlace {
            place: place(&row, "place")?,
            length: row.get::<i64, _>("length").cast_unsigned(),
            transfer_syntax: row.get("transfer_syntax"),
        }))
    }
}

type Query<'q> = sqlx::query::Query<'q, sqlx::Sqlite, sqlx::sqlite::SqliteArguments<'q>>;

fn bind<'q>(query: &'q str, scope: &'q Scope) -> Query<'q> {
    sqlx::query(query).bind(&scope.study).bind(&scope.series).bind(&scope.instance)
}

fn place(row: &SqliteRow, column: &str) -> Result<Place, ArchiveError> {
    let text: &str = row.get(column);
    Place::parse(text).ok_or_else(|| ArchiveError::Dicom("index entry without a place".to_owned()))
}

#[cfg(test)]
mod tests {
    use sqlx::sqlite::SqlitePoolOptions;

    use super::*;

    #[tokio::test]
    async fn one_instance_is_found_by_its_key_and_not_among_those_of_its_exam() {
        let pool = SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await;
        let pool = pool.unwrap();
        sqlx::raw_sql(include_str!("schema.sql")).execute(&pool).await.unwrap();
        let plan = format!("EXPLAIN QUERY PLAN SELECT layout FROM instance WHERE {IS_ONE}");
        let steps = sqlx::query(&plan).fetch_all(&pool).await.unwrap();
        let steps: Vec<String> = steps.iter().map(|row| row.get("detail")).collect();
        assert!(steps.len() == 1 && steps[0].ends_with("(sop_uid=?)"), "{steps:?}");
    }
}
