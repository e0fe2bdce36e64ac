//! What an operator lists of an archive.

use crate::setup::{open_folder, phantoms};

#[tokio::test(flavor = "multi_thread")]
async fn every_exam_is_listed_with_its_counts() {
    let opened = open_folder(phantoms().folder()).await;
    let exams = opened.archive.exams().await.unwrap();
    let exam = &phantoms().exam;
    let listed =
        exams.iter().find(|listed| listed.study_instance_uid == exam.study_instance_uid).unwrap();
    assert_eq!(listed.accession_number, exam.accession_number);
    assert_eq!(listed.birth_date.as_deref(), Some(exam.birth_date.as_str()));
    assert_eq!(listed.series, 6);
    let files: usize = exam.series.iter().map(|series| series.files.len()).sum();
    assert_eq!(listed.instances, i64::try_from(files).unwrap());
}
