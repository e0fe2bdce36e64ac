//! The archive finds what is in a folder or bucket, whatever its names, and keeps up with changes.

use std::fs;
use std::sync::Arc;

use negatoscope_phantom::{SeriesKind, corrupt_copy, truncated_copy};
use negatoscope_server::source::archive::{Archive, Location, ScanReport};
use negatoscope_server::source::{InstanceRef, Scope, Source, SourceError, SourceHealth};
use object_store::memory::InMemory;
use object_store::path::Path as ObjectPath;
use object_store::{ObjectStore, ObjectStoreExt};

use crate::setup::{copy_tree, file_of, open, open_folder, options, phantoms, pixel_data};

fn study() -> &'static str {
    &phantoms().exam.study_instance_uid
}

fn whole_study() -> Scope {
    Scope { study: study().to_owned(), series: None, instance: None }
}

fn instance(kind: SeriesKind, number: usize) -> InstanceRef {
    let series = phantoms().exam.series(kind).unwrap();
    InstanceRef {
        study: study().to_owned(),
        series: series.series_instance_uid.clone(),
        instance: series.sop_instance_uids[number].clone(),
    }
}

fn instance_count() -> usize {
    phantoms().exam.series.iter().map(|series| series.files.len()).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_indexed_whole() {
    let opened = open_folder(phantoms().folder()).await;
    let exam = &phantoms().exam;
    let facts = opened.archive.facts(study()).await.unwrap().unwrap();
    assert_eq!(facts.accession_number, exam.accession_number);
    assert_eq!(facts.accession_issuer.as_deref(), Some(exam.accession_issuer.as_str()));
    assert_eq!(facts.birth_date.as_deref(), Some(exam.birth_date.as_str()));
    let by_accession = opened.archive.facts_by_accession(&exam.accession_number).await.unwrap();
    assert_eq!(by_accession, [facts]);
    assert_eq!(opened.archive.facts("1.2.3").await.unwrap(), None);
    let instances = opened.archive.instances(&whole_study()).await.unwrap();
    assert_eq!(instances.len(), instance_count());
    let summary = opened.archive.summary(study()).await.unwrap();
    assert_eq!(summary.patient.birth_name, exam.birth_name);
    assert_eq!(summary.patient.given_names, exam.given_name);
    assert_eq!(summary.series.len(), 6);
    assert_eq!(opened.archive.health().await, SourceHealth::Up);
}

#[tokio::test(flavor = "multi_thread")]
async fn until_the_first_scan_is_through_nothing_is_unknown() {
    let state = tempfile::tempdir().unwrap();
    let location = Location::Folder(phantoms().folder().to_owned());
    let archive = Archive::open(&options(location, state.path())).await.unwrap();
    assert_eq!(archive.health().await, SourceHealth::Indexing { done: 0, total: 0 });
    assert!(matches!(archive.facts(study()).await, Err(SourceError::Unavailable(_))));
    archive.scan().await.unwrap();
    assert!(archive.facts(study()).await.unwrap().is_some());
    assert_eq!(archive.facts("1.2.3").await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_scan_reads_only_what_changed() {
    let folder = tempfile::tempdir().unwrap();
    copy_tree(phantoms().folder(), folder.path());
    let opened = open_folder(folder.path()).await;
    let total = opened.archive.scan().await.unwrap().listed;
    let unchanged = ScanReport { listed: total, ..ScanReport::default() };
    assert_eq!(opened.archive.scan().await.unwrap(), unchanged);

    // The same index serves the next start.
    let location = Location::Folder(folder.path().to_owned());
    let again = Archive::open(&options(location, opened.state.path())).await.unwrap();
    assert_eq!(again.scan().await.unwrap(), unchanged);
    assert_eq!(again.instances(&whole_study()).await.unwrap().len(), instance_count());
}

#[tokio::test(flavor = "multi_thread")]
async fn files_come_and_go_without_restart() {
    let folder = tempfile::tempdir().unwrap();
    let opened = open_folder(folder.path()).await;
    let archive = &opened.archive;
    assert!(matches!(archive.summary(study()).await, Err(SourceError::NotFound)));

    fs::create_dir(folder.path().join("ä b")).unwrap();
    let first = folder.path().join("ä b/no extension # 1");
    fs::copy(file_of(SeriesKind::Ct, 0), &first).unwrap();
    assert_eq!(archive.scan().await.unwrap().read, 1);
    assert_eq!(archive.summary(study()).await.unwrap().series[0].images.len(), 1);

    fs::copy(file_of(SeriesKind::Ct, 1), folder.path().join("second.txt")).unwrap();
    archive.scan().await.unwrap();
    assert_eq!(archive.summary(study()).await.unwrap().series[0].images.len(), 2);

    fs::remove_file(&first).unwrap();
    let report = archive.scan().await.unwrap();
    assert_eq!((report.read, report.forgotten), (0, 1));
    assert_eq!(archive.summary(study()).await.unwrap().series[0].images.len(), 1);
    let gone = archive.frame(&instance(SeriesKind::Ct, 0), 1).await;
    assert!(matches!(gone, Err(SourceError::NotFound)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_background_scan_picks_up_new_files() {
    let folder = tempfile::tempdir().unwrap();
    let state = tempfile::tempdir().unwrap();
    let mut options = options(Location::Folder(folder.path().to_owned()), state.path());
    options.rescan = std::time::Duration::from_millis(50);
    let archive = Archive::start(&options).await.unwrap();
    fs::copy(file_of(SeriesKind::Cr, 0), folder.path().join("new")).unwrap();
    while archive.summary(study()).await.is_err() {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(archive.summary(study()).await.unwrap().series.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_still_being_written_is_read_again_when_it_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("arriving");
    let whole = fs::read(file_of(SeriesKind::Ct, 2)).unwrap();
    fs::write(&path, &whole[..whole.len() - 1000]).unwrap();
    let opened = open_folder(folder.path()).await;
    let at = instance(SeriesKind::Ct, 2);
    let cut = opened.archive.frame(&at, 1).await;
    assert!(matches!(cut, Err(SourceError::Corrupt(_))), "never a part of a frame");

    fs::write(&path, &whole).unwrap();
    opened.archive.scan().await.unwrap();
    let frame = opened.archive.frame(&at, 1).await.unwrap();
    assert_eq!(frame.bytes, pixel_data(&file_of(SeriesKind::Ct, 2))[0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_files_are_passed_over_and_broken_ones_break_nothing() {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(file_of(SeriesKind::Ct, 0), folder.path().join("good")).unwrap();
    fs::write(folder.path().join("notes.txt"), "no DICOM at all, but long enough to look").unwrap();
    fs::write(folder.path().join("empty"), "").unwrap();
    fs::write(folder.path().join("three"), "PK\x03").unwrap();
    let header = &fs::read(file_of(SeriesKind::Ct, 1)).unwrap()[..140];
    fs::write(folder.path().join("cut in the header"), header).unwrap();
    fs::write(folder.path().join("no zip"), "PK\x03\x04 but nothing behind it").unwrap();
    truncated_copy(&file_of(SeriesKind::Ct, 3), &folder.path().join("truncated")).unwrap();
    corrupt_copy(&file_of(SeriesKind::Us, 0), &folder.path().join("corrupt")).unwrap();
    let opened = open_folder(folder.path()).await;
    let broken = opened.archive.broken_files().await.unwrap();
    let names: Vec<_> = broken.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(names, ["cut in the header", "no zip"]);
    assert!(broken.iter().all(|(_, reason)| !reason.is_empty()));
    let good = opened.archive.frame(&instance(SeriesKind::Ct, 0), 1).await.unwrap();
    assert_eq!(good.bytes, pixel_data(&file_of(SeriesKind::Ct, 0))[0]);
    let truncated = opened.archive.frame(&instance(SeriesKind::Ct, 3), 1).await;
    assert!(matches!(truncated, Err(SourceError::Corrupt(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_files_with_one_uid_one_is_kept_until_it_goes() {
    let folder = tempfile::tempdir().unwrap();
    let copies = ["a", "b"].map(|name| folder.path().join(name));
    for copy in &copies {
        fs::copy(file_of(SeriesKind::Ct, 0), copy).unwrap();
    }
    let opened = open_folder(folder.path()).await;
    let at = instance(SeriesKind::Ct, 0);
    assert_eq!(opened.archive.instances(&whole_study()).await.unwrap(), std::slice::from_ref(&at));
    for copy in &copies {
        fs::remove_file(copy).unwrap();
        opened.archive.scan().await.unwrap();
        let left = copies.iter().any(|copy| copy.exists());
        assert_eq!(opened.archive.frame(&at, 1).await.is_ok(), left);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_is_away_forgets_nothing() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("mounted");
    copy_tree(phantoms().folder(), &folder);
    let opened = open_folder(&folder).await;
    fs::rename(&folder, parent.path().join("unmounted")).unwrap();
    assert!(opened.archive.scan().await.is_err());
    assert_eq!(opened.archive.health().await, SourceHealth::Down);
    assert_eq!(opened.archive.instances(&whole_study()).await.unwrap().len(), instance_count());
    fs::rename(parent.path().join("unmounted"), &folder).unwrap();
    assert_eq!(opened.archive.scan().await.unwrap().read, 0);
    assert_eq!(opened.archive.health().await, SourceHealth::Up);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_file_may_be_the_whole_archive() {
    let file = file_of(SeriesKind::Cr, 0);
    let opened = open_folder(&file).await;
    assert_eq!(
        opened.archive.instances(&whole_study()).await.unwrap(),
        [instance(SeriesKind::Cr, 0)]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_serves_the_same_frames() {
    let store = Arc::new(InMemory::new());
    let file = fs::read(file_of(SeriesKind::Us, 0)).unwrap();
    let path = ObjectPath::from("some/prefix/loop");
    store.put(&path, file.into()).await.unwrap();
    let opened = open(Location::Store(store.clone() as Arc<dyn ObjectStore>)).await;
    let at = instance(SeriesKind::Us, 0);
    let fragments = pixel_data(&file_of(SeriesKind::Us, 0));
    for (number, fragment) in (1..).zip(&fragments) {
        let frame = opened.archive.frame(&at, number).await.unwrap();
        assert_eq!(frame.transfer_syntax_uid, "1.2.840.10008.1.2.4.50");
        assert_eq!(&frame.bytes, fragment);
    }
    let beyond = u32::try_from(fragments.len()).unwrap() + 1;
    assert!(matches!(opened.archive.frame(&at, beyond).await, Err(SourceError::NotFound)));
    assert!(matches!(opened.archive.frame(&at, 0).await, Err(SourceError::NotFound)));

    // Written anew under the same name: the entity tag tells.
    store.put(&path, fs::read(file_of(SeriesKind::Cr, 0)).unwrap().into()).await.unwrap();
    opened.archive.scan().await.unwrap();
    assert_eq!(
        opened.archive.instances(&whole_study()).await.unwrap(),
        [instance(SeriesKind::Cr, 0)]
    );
}
