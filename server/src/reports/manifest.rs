//! The list of an exam's objects that a manifest (PS3.3 A.35.4, IHE XDS-I) is: series, instances, and where they can be
//! had.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::{Row, SqlitePool, SqliteTransaction};

use super::kos::{MAX_INSTANCES, items, text, uid};
use super::look_up;
use crate::{
    source::{ExamFacts, ListedInstance, ListedSeries, pack, unpack},
    store::{Store, StoreError},
};

/// A manifest of one exam.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Study Instance UID.
    pub study: String,
    /// SOP Instance UID of the manifest itself.
    pub kos: String,
    /// Its Instance Number, higher in later ones.
    pub number: Option<i32>,
    /// Series of the exam.
    pub series: Vec<ManifestSeries>,
}

/// A series of a manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestSeries {
    /// What it holds.
    pub listed: ListedSeries,
    /// Retrieve URL (0008,1190), without padding.
    pub address: Option<String>,
}

/// The manifests in a document, one for each study; none where it lists more than can be taken in.
pub(super) fn read(object: &Value) -> Vec<Manifest> {
    let Some(kos) = uid(object, "00080018") else { return Vec::new() };
    let number = integer(object, "00200013");
    let mut found: Vec<Manifest> = Vec::new();
    let mut count = 0;
    for evidence in items(object, "0040A375") {
        let Some(study) = uid(evidence, "0020000D") else { continue };
        let series: Vec<_> = items(evidence, "00081115").filter_map(series).collect();
        count += series.iter().map(|series| series.listed.instances.len()).sum::<usize>();
        match found.iter_mut().find(|manifest| manifest.study == study) {
            Some(manifest) => manifest.series.extend(series),
            None => found.push(Manifest { study, kos: kos.clone(), number, series }),
        }
    }
    if count > MAX_INSTANCES { Vec::new() } else { found }
}

fn series(item: &Value) -> Option<ManifestSeries> {
    let instances = items(item, "00081199").filter_map(|reference| {
        Some(ListedInstance {
            uid: uid(reference, "00081155")?,
            sop_class_uid: uid(reference, "00081150").unwrap_or_default(),
            number: integer(reference, "00200013"),
        })
    });
    let listed = ListedSeries {
        uid: uid(item, "0020000E")?,
        number: integer(item, "00200011"),
        modality: text(item, "00080060").unwrap_or_default().to_owned(),
        instances: instances.take(MAX_INSTANCES + 1).collect(),
    };
    Some(ManifestSeries { listed, address: text(item, "00081190").map(str::to_owned) })
}

/// DICOM JSON writes integer strings as numbers or as text.
pub(crate) fn integer(object: &Value, tag: &str) -> Option<i32> {
    let value = object.get(tag)?.get("Value")?.get(0)?;
    match value.as_i64() {
        Some(number) => i32::try_from(number).ok(),
        None => value.as_str()?.trim().parse().ok(),
    }
}

/// Takes a manifest in, unless a later one of the exam is known.
pub(super) async fn put(
    transaction: &mut SqliteTransaction<'_>,
    site: &str,
    manifest: &Manifest,
    now: i64,
) -> Result<(), sqlx::Error> {
    let content = pack(&manifest.series).map_err(|cause| sqlx::Error::Encode(cause.into()))?;
    sqlx::query(
        "INSERT INTO manifest (site, study, kos, number, content, updated) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (site, study) DO UPDATE SET
           kos = ?3, number = COALESCE(?4, number), content = ?5, updated = ?6
         WHERE ?4 IS NULL OR number IS NULL OR ?4 >= number",
    )
    .bind(site)
    .bind(&manifest.study)
    .bind(&manifest.kos)
    .bind(manifest.number)
    .bind(content)
    .bind(now)
    .execute(&mut **transaction)
    .await
    .map(drop)
}

/// The manifests of one site, for a source that knows its exams by them.
#[derive(Clone)]
pub struct Manifests {
    pool: SqlitePool,
    site: String,
}

impl Manifests {
    /// Over the server's database.
    #[must_use]
    pub const fn new(pool: SqlitePool, site: String) -> Self {
        Self { pool, site }
    }

    /// Over the database in the server's state folder.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn open(state: &std::path::Path, site: &str) -> Result<Self, StoreError> {
        Ok(Self::new(Store::open(state).await?.pool, site.to_owned()))
    }

    /// SOP Instance UID of the current manifest of a study.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn kos(&self, study: &str) -> Result<Option<String>, sqlx::Error> {
        sqlx::query_scalar("SELECT kos FROM manifest WHERE site = ? AND study = ?")
            .bind(&self.site)
            .bind(study)
            .fetch_optional(&self.pool)
            .await
    }

    /// The current manifest of a study.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn get(&self, study: &str) -> Result<Option<Manifest>, sqlx::Error> {
        let query = "SELECT kos, number, content FROM manifest WHERE site = ? AND study = ?";
        let found = sqlx::query(query).bind(&self.site).bind(study);
        let Some(row) = found.fetch_optional(&self.pool).await? else { return Ok(None) };
        let series = unpack(row.try_get("content")?);
        Ok(Some(Manifest {
            study: study.to_owned(),
            kos: row.try_get("kos")?,
            number: row.try_get("number")?,
            series: series.map_err(|cause| sqlx::Error::Decode(cause.into()))?,
        }))
    }

    /// What is known of a study that has a manifest.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn facts(&self, study: &str) -> Result<Option<ExamFacts>, sqlx::Error> {
        if self.kos(study).await?.is_none() {
            return Ok(None);
        }
        let known = look_up::exam(&self.pool, &self.site, study).await?;
        Ok(known.map(ExamFacts::from))
    }

    /// What is known of the studies with an accession number that have a manifest.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn facts_by_accession(&self, number: &str) -> Result<Vec<ExamFacts>, sqlx::Error> {
        let mut found = Vec::new();
        for exam in look_up::by_accession(&self.pool, &self.site, number.trim()).await? {
            if self.kos(&exam.study).await?.is_some() {
                found.push(exam.into());
            }
        }
        Ok(found)
    }
}
