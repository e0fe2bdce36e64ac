//! Which exams of a site a link means.

use crate::{
    link::{Link, MAX_STUDIES},
    sites::Site,
    source::{ExamFacts, SourceError},
};

/// The exams a link names that exist on this site and do not contradict the link. Which questions the
/// source is asked depends on the link alone.
///
/// # Errors
/// When the source does not answer.
pub(crate) async fn find_exams(site: &Site, link: &Link) -> Result<Vec<ExamFacts>, SourceError> {
    let mut found: Vec<ExamFacts> = Vec::new();
    if link.studies.is_empty() {
        let candidates =
            link.accession.iter().flat_map(|accession| accession.candidates(&site.accession_roots));
        for candidate in candidates {
            found.extend(site.source.facts_by_accession(&candidate).await?);
        }
    } else {
        for study in &link.studies {
            found.extend(site.source.facts(study).await?);
        }
    }
    let mut exams: Vec<ExamFacts> = Vec::new();
    for facts in found {
        let is_new = exams.iter().all(|exam| exam.study_instance_uid != facts.study_instance_uid);
        if is_new && exams.len() < MAX_STUDIES && agrees(site, link, &facts) {
            exams.push(facts);
        }
    }
    Ok(exams)
}

fn agrees(site: &Site, link: &Link, facts: &ExamFacts) -> bool {
    let issuer = facts.accession_issuer.as_deref();
    link.accession.as_ref().is_none_or(|accession| {
        accession.matches(&facts.accession_number, issuer, &site.accession_roots)
    })
}
