//! What an operator may list: the exams of an archive. Nothing of it is reachable from the network.

use serde::Serialize;
use sqlx::Row;

use super::{Archive, ArchiveError};

/// One exam of an archive, without the patient's name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ListedExam {
    /// Study Instance UID.
    pub study_instance_uid: String,
    /// Accession Number; empty where absent, or where files disagree.
    pub accession_number: String,
    /// Patient's birth date `YYYYMMDD`; `None` where absent, or where files disagree.
    pub birth_date: Option<String>,
    /// Series.
    pub series: i64,
    /// Instances, drawn or not.
    pub instances: i64,
}

impl Archive {
    /// The exams in the index, by Study Instance UID.
    ///
    /// # Errors
    /// When the index does not answer.
    pub async fn exams(&self) -> Result<Vec<ListedExam>, ArchiveError> {
        let query = "SELECT study_uid, COUNT(DISTINCT series_uid) AS series, COUNT(*) AS instances
             FROM instance GROUP BY study_uid ORDER BY study_uid";
        let mut exams = Vec::new();
        for row in sqlx::query(query).fetch_all(&self.index.pool).await? {
            let study: String = row.get("study_uid");
            let Some(facts) = self.index.facts(&study).await? else { continue };
            exams.push(ListedExam {
                study_instance_uid: study,
                accession_number: facts.accession_number,
                birth_date: facts.birth_date,
                series: row.get("series"),
                instances: row.get("instances"),
            });
        }
        Ok(exams)
    }
}
