//! ZIPs, media with a DICOMDIR, deflated data sets: what has to be unpacked, and what must not be.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use dicom_core::{DataElement, PrimitiveValue, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::{FileMetaTableBuilder, InMemDicomObject};
use negatoscope_phantom::SeriesKind;
use negatoscope_server::source::archive::{Archive, Location, ZipLimits};
use negatoscope_server::source::{InstanceRef, Scope, Source};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::setup::{file_of, open_folder, options, phantoms, pixel_data};

fn scope() -> Scope {
    Scope { study: phantoms().exam.study_instance_uid.clone(), series: None, instance: None }
}

fn write_zip(path: &Path, entries: &[(&str, &[u8])]) {
    let mut zip = ZipWriter::new(File::create(path).unwrap());
    for (name, content) in entries {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap();
}

fn at(kind: SeriesKind, number: usize) -> InstanceRef {
    let series = phantoms().exam.series(kind).unwrap();
    InstanceRef {
        study: phantoms().exam.study_instance_uid.clone(),
        series: series.series_instance_uid.clone(),
        instance: series.sop_instance_uids[number].clone(),
    }
}

/// Every file below a folder, as paths relative to it.
fn files_below(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            found.extend(files_below(&path).into_iter().map(|file| format!("{name}/{file}")));
        } else {
            found.push(path.file_name().unwrap().to_string_lossy().into_owned());
        }
    }
    found.sort();
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zip_is_read_like_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let ct: Vec<Vec<u8>> = (0..3).map(|n| fs::read(file_of(SeriesKind::Ct, n)).unwrap()).collect();
    let zip = folder.path().join("exam.zip");
    write_zip(
        &zip,
        &[("a/1", &ct[0]), ("readme.txt", b"text"), ("a/b/2.dcm", &ct[1]), ("DICOMDIR", b"x")],
    );
    let opened = open_folder(folder.path()).await;
    let found = opened.archive.instances(&scope()).await.unwrap();
    assert_eq!(found.len(), 2);
    assert!((0..2).all(|number| found.contains(&at(SeriesKind::Ct, number))));
    let frame = opened.archive.frame(&at(SeriesKind::Ct, 1), 1).await.unwrap();
    assert_eq!(frame.bytes, pixel_data(&file_of(SeriesKind::Ct, 1))[0]);
    assert_eq!(files_below(&opened.state.path().join("unpacked")).len(), 2, "only DICOM is kept");

    // Written anew: the old entries go away, the new ones come.
    write_zip(&zip, &[("only", &ct[2])]);
    opened.archive.scan().await.unwrap();
    assert_eq!(opened.archive.instances(&scope()).await.unwrap(), [at(SeriesKind::Ct, 2)]);
    assert_eq!(files_below(&opened.state.path().join("unpacked")).len(), 1);
    fs::remove_file(&zip).unwrap();
    opened.archive.scan().await.unwrap();
    assert!(files_below(&opened.state.path().join("unpacked")).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn names_in_a_zip_never_become_paths() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("dicom");
    fs::create_dir(&folder).unwrap();
    let ct: Vec<Vec<u8>> = (0..3).map(|n| fs::read(file_of(SeriesKind::Ct, n)).unwrap()).collect();
    let absolute = parent.path().join("absolute").to_string_lossy().into_owned();
    write_zip(
        &folder.join("slip.zip"),
        &[("../../../../slip", &ct[0]), (&absolute, &ct[1]), ("good/../fine", &ct[2])],
    );
    let state = parent.path().join("state");
    let archive = Archive::open(&options(Location::Folder(folder), &state)).await.unwrap();
    archive.scan().await.unwrap();
    let outside: Vec<String> = files_below(parent.path())
        .into_iter()
        .filter(|file| {
            !file.starts_with("state/index.sqlite") && !file.starts_with("state/unpacked/")
        })
        .collect();
    assert_eq!(outside, ["dicom/slip.zip"]);
    let found = archive.instances(&scope()).await.unwrap();
    assert!(found.contains(&at(SeriesKind::Ct, 2)) && !found.contains(&at(SeriesKind::Ct, 0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bomb_is_left_out_and_its_neighbours_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let ct = fs::read(file_of(SeriesKind::Ct, 0)).unwrap();
    // 40 MB of zeros behind a DICOM prefix: about 1000 to 1.
    let mut bomb = ct.clone();
    bomb.resize(40 << 20, 0);
    write_zip(&folder.path().join("bomb.zip"), &[("bomb", &bomb), ("good", &ct)]);
    let opened = open_folder(folder.path()).await;
    assert_eq!(opened.archive.instances(&scope()).await.unwrap(), [at(SeriesKind::Ct, 0)]);
    let unpacked = opened.state.path().join("unpacked");
    let kept: u64 = files_below(&unpacked)
        .iter()
        .map(|file| fs::metadata(unpacked.join(file)).unwrap().len())
        .sum();
    assert_eq!(kept, ct.len() as u64);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zip_stops_at_its_limits() {
    let folder = tempfile::tempdir().unwrap();
    let ct: Vec<Vec<u8>> = (0..3).map(|n| fs::read(file_of(SeriesKind::Ct, n)).unwrap()).collect();
    write_zip(&folder.path().join("three.zip"), &[("0", &ct[0]), ("1", &ct[1]), ("2", &ct[2])]);
    let bytes = ct[0].len() as u64;
    for limits in [
        ZipLimits { entries: 2, ..ZipLimits::default() },
        ZipLimits { total_bytes: 2 * bytes + bytes / 2, ..ZipLimits::default() },
    ] {
        let state = tempfile::tempdir().unwrap();
        let mut options = options(Location::Folder(folder.path().to_owned()), state.path());
        options.zip_limits = limits;
        let archive = Archive::open(&options).await.unwrap();
        archive.scan().await.unwrap();
        assert_eq!(archive.instances(&scope()).await.unwrap().len(), 2, "{limits:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_of_another_version_is_made_anew_with_all_it_unpacked() {
    let folder = tempfile::tempdir().unwrap();
    let ct = fs::read(file_of(SeriesKind::Ct, 0)).unwrap();
    write_zip(&folder.path().join("exam.zip"), &[("a", &ct)]);
    let opened = open_folder(folder.path()).await;
    let state = opened.state.path();
    let index = sqlx::sqlite::SqliteConnectOptions::new().filename(state.join("index.sqlite"));
    let pool = sqlx::SqlitePool::connect_with(index).await.unwrap();
    sqlx::query("PRAGMA user_version = 999").execute(&pool).await.unwrap();
    pool.close().await;
    fs::create_dir(state.join("unpacked/12345")).unwrap();
    let location = Location::Folder(folder.path().to_owned());
    let again = Archive::open(&options(location, state)).await.unwrap();
    assert!(files_below(&state.join("unpacked")).is_empty());
    assert_eq!(again.scan().await.unwrap().read, 1);
    assert_eq!(again.instances(&scope()).await.unwrap(), [at(SeriesKind::Ct, 0)]);
    assert_eq!(files_below(&state.join("unpacked")).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_medium_is_read_by_its_dicomdir_or_its_folder() {
    let medium = tempfile::tempdir().unwrap();
    fs::create_dir_all(medium.path().join("DICOM/S1")).unwrap();
    for number in 0..3 {
        let name = format!("DICOM/S1/I{number:06}");
        fs::copy(file_of(SeriesKind::Ct, number), medium.path().join(name)).unwrap();
    }
    let directory = InMemDicomObject::from_element_iter([
        DataElement::new(tags::FILE_SET_ID, VR::CS, PrimitiveValue::from("PHANTOM")),
        DataElement::new(tags::FILE_SET_CONSISTENCY_FLAG, VR::US, PrimitiveValue::from(0_u16)),
    ]);
    let meta = FileMetaTableBuilder::new()
        .transfer_syntax(uids::EXPLICIT_VR_LITTLE_ENDIAN)
        .media_storage_sop_class_uid(uids::MEDIA_STORAGE_DIRECTORY_STORAGE)
        .media_storage_sop_instance_uid("2.25.1");
    let file = directory.with_meta(meta).unwrap();
    file.write_to_file(medium.path().join("DICOMDIR")).unwrap();
    for location in [medium.path().to_owned(), medium.path().join("DICOMDIR")] {
        let opened = open_folder(&location).await;
        assert_eq!(opened.archive.instances(&scope()).await.unwrap().len(), 3);
        assert!(
            opened.archive.broken_files().await.unwrap().is_empty(),
            "a DICOMDIR is not broken"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn frames_of_a_deflated_data_set_are_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let source = file_of(SeriesKind::Ct, 0);
    fs::write(folder.path().join("deflated"), deflated(&source)).unwrap();
    let opened = open_folder(folder.path()).await;
    let frame = opened.archive.frame(&at(SeriesKind::Ct, 0), 1).await.unwrap();
    assert_eq!(frame.transfer_syntax_uid, "1.2.840.10008.1.2.1");
    assert_eq!(frame.bytes, pixel_data(&source)[0]);
    let file = opened.archive.instance(&at(SeriesKind::Ct, 0)).await.unwrap();
    assert_eq!(file.transfer_syntax_uid, "1.2.840.10008.1.2.1.99");
}

/// The same file with its data set deflated (PS3.5 A.5).
fn deflated(source: &Path) -> Vec<u8> {
    let object = dicom_object::open_file(source).unwrap();
    let mut data_set = Vec::new();
    let explicit = dicom_encoding::TransferSyntaxIndex::get(
        &dicom_transfer_syntax_registry::TransferSyntaxRegistry,
        uids::EXPLICIT_VR_LITTLE_ENDIAN,
    );
    object.write_dataset_with_ts(&mut data_set, explicit.unwrap()).unwrap();
    let mut meta = object.meta().clone();
    meta.transfer_syntax = "1.2.840.10008.1.2.1.99".to_owned();
    meta.update_information_group_length();
    let mut file = vec![0; 128];
    file.extend(b"DICM");
    meta.write(&mut file).unwrap();
    let mut encoder = flate2::write::DeflateEncoder::new(file, flate2::Compression::default());
    encoder.write_all(&data_set).unwrap();
    encoder.finish().unwrap()
}
