//! What was rejected (IHE IOCM) is nowhere: not in a list, not in the summary, not by any route, whether the
//! note was imported or lies in the exam itself.

use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use dicom_core::{DataElement, PrimitiveValue, VR, dicom_value};
use dicom_dictionary_std::tags;
use dicom_object::{FileMetaTableBuilder, InMemDicomObject};
use negatoscope_phantom::{SeriesKind, generate_videos};
use negatoscope_server::clock::Clock;
use negatoscope_server::reports::{self, ImportError, Reports, Screened};
use negatoscope_server::source::{InstanceRef, Scope, Source, SourceError};
use negatoscope_server::store::Store;
use tempfile::TempDir;

use crate::fake_pacs::{FakePacs, Quirks};
use crate::setup::{Opened, app, copy_tree, get, open_folder, phantoms};

const SITE: &str = "vi1.test";
const NOTE: &str = "1.2.250.1.99.1";

struct Stand {
    app: Router,
    source: Arc<dyn Source>,
    reports: Reports,
    _opened: Opened,
    _state: TempDir,
    _files: TempDir,
}

/// A copy of the phantom with more files beside it.
fn files(more: &[(&str, Vec<u8>)]) -> TempDir {
    let files = tempfile::tempdir().unwrap();
    copy_tree(phantoms().folder(), files.path());
    for (name, bytes) in more {
        std::fs::write(files.path().join(name), bytes).unwrap();
    }
    files
}

/// The routes over an archive of such a copy, as the server sets them up.
async fn stand(more: &[(&str, Vec<u8>)]) -> Stand {
    let files = files(more);
    let opened = open_folder(files.path()).await;
    let archive: Arc<dyn Source> = opened.archive.clone();
    screen(archive, files, opened).await
}

async fn screen(source: Arc<dyn Source>, files: TempDir, opened: Opened) -> Stand {
    let state = tempfile::tempdir().unwrap();
    let store = Store::open(state.path()).await.unwrap();
    let source: Arc<dyn Source> =
        Arc::new(Screened::new(source, SITE.into(), store.pool.clone(), Clock::system()));
    let app = app(Arc::clone(&source), &[&phantoms().exam.study_instance_uid]);
    let reports = Reports::new(store.pool);
    Stand { app, source, reports, _opened: opened, _state: state, _files: files }
}

/// A Key Object Selection document that names instances of a study.
fn note(title: &str, study: &str, series: &str, instances: &[&str]) -> Vec<u8> {
    let uid = |tag, uid: &str| DataElement::new(tag, VR::UI, PrimitiveValue::from(uid));
    let text = |tag, vr, text: &str| DataElement::new(tag, vr, PrimitiveValue::from(text));
    let sequence = |tag, items: Vec<InMemDicomObject>| {
        DataElement::new(tag, VR::SQ, dicom_core::value::DataSetSequence::from(items))
    };
    let reference = |instance: &&str| {
        InMemDicomObject::from_element_iter([
            uid(tags::REFERENCED_SOP_CLASS_UID, "1.2.840.10008.5.1.4.1.1.2"),
            uid(tags::REFERENCED_SOP_INSTANCE_UID, instance),
        ])
    };
    let in_series = InMemDicomObject::from_element_iter([
        uid(tags::SERIES_INSTANCE_UID, series),
        sequence(tags::REFERENCED_SOP_SEQUENCE, instances.iter().map(reference).collect()),
    ]);
    let evidence = InMemDicomObject::from_element_iter([
        uid(tags::STUDY_INSTANCE_UID, study),
        sequence(tags::REFERENCED_SERIES_SEQUENCE, vec![in_series]),
    ]);
    let code = InMemDicomObject::from_element_iter([
        text(tags::CODE_VALUE, VR::SH, title),
        text(tags::CODING_SCHEME_DESIGNATOR, VR::SH, "DCM"),
        text(tags::CODE_MEANING, VR::LO, "title"),
    ]);
    let class = "1.2.840.10008.5.1.4.1.1.88.59";
    let object = InMemDicomObject::from_element_iter([
        uid(tags::SOP_CLASS_UID, class),
        uid(tags::SOP_INSTANCE_UID, NOTE),
        uid(tags::STUDY_INSTANCE_UID, study),
        uid(tags::SERIES_INSTANCE_UID, "1.2.250.1.99"),
        text(tags::MODALITY, VR::CS, "KO"),
        DataElement::new(tags::INSTANCE_NUMBER, VR::IS, dicom_value!(Strs, ["1"])),
        sequence(tags::CONCEPT_NAME_CODE_SEQUENCE, vec![code]),
        sequence(tags::CURRENT_REQUESTED_PROCEDURE_EVIDENCE_SEQUENCE, vec![evidence]),
    ]);
    let meta = FileMetaTableBuilder::new()
        .media_storage_sop_class_uid(class)
        .media_storage_sop_instance_uid(NOTE)
        .transfer_syntax("1.2.840.10008.1.2.1");
    let mut bytes = Vec::new();
    object.with_meta(meta).unwrap().write_all(&mut bytes).unwrap();
    bytes
}

/// Series and instances of the phantom's CT.
fn ct() -> (String, String, Vec<String>) {
    let exam = &phantoms().exam;
    let series = exam.series(SeriesKind::Ct).unwrap();
    let instances = series.sop_instance_uids.clone();
    (exam.study_instance_uid.clone(), series.series_instance_uid.clone(), instances)
}

/// Every route that could show one of these instances.
async fn check_gone(stand: &Stand, gone: &[String], kept: usize) {
    let (study, series, _) = ct();
    let app = &stand.app;
    let root = format!("/dicomweb/studies/{study}");
    for instance in gone {
        let instance = format!("{root}/series/{series}/instances/{instance}");
        for end in [
            "",
            "/metadata",
            "/attributes",
            "/frames/1",
            "/frames/1/rendered",
            "/rendered",
            "/thumbnail",
            "/bulkdata/7FE00010",
        ] {
            let answer = get(app, &format!("{instance}{end}"), "*/*").await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{end}");
        }
    }
    let lists = [
        "/api/examen/1".to_owned(),
        "/dicomweb/instances".to_owned(),
        format!("{root}/instances"),
        format!("{root}/series/{series}/instances"),
        format!("{root}/metadata"),
        format!("{root}/series/{series}/metadata"),
        format!("{root}/series"),
        "/dicomweb/studies".to_owned(),
        root.clone(),
        format!("{root}/series/{series}"),
    ];
    for path in lists {
        let answer = get(app, &path, "*/*").await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        for instance in gone {
            let found =
                answer.body.windows(instance.len()).any(|bytes| bytes == instance.as_bytes());
            assert!(!found, "{path} speaks of {instance}");
        }
    }
    let listed = get(app, &format!("{root}/series/{series}/instances"), "*/*").await.json();
    assert_eq!(listed.as_array().unwrap().len(), kept);
    let summary = get(app, "/api/examen/1", "*/*").await.json();
    let of_series = |stack: &&serde_json::Value| stack["series_instance_uid"] == series.as_str();
    let images: usize = summary["series"]
        .as_array()
        .unwrap()
        .iter()
        .filter(of_series)
        .map(|stack| stack["images"].as_array().unwrap().len())
        .sum();
    assert_eq!(images, kept);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_imported_note_hides_what_it_names_until_it_is_forgotten() {
    let stand = stand(&[]).await;
    let (study, series, instances) = ct();
    let gone: Vec<&str> = instances[1..3].iter().map(String::as_str).collect();
    let document = note("113037", &study, &series, &gone);
    let (_, facts) = reports::parse(&document).unwrap();
    let applied = stand.reports.apply(SITE, &facts, 1).await.unwrap();
    assert_eq!(applied.rejected, 2);
    check_gone(&stand, &instances[1..3], instances.len() - 2).await;
    assert_eq!(stand.reports.forget_rejection("vi2.test", NOTE).await.unwrap(), 0);
    assert_eq!(stand.reports.forget_rejection(SITE, NOTE).await.unwrap(), 2);
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    check_gone(&stand, &[], instances.len()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejected_video_is_not_streamed() {
    let files = tempfile::tempdir().unwrap();
    let videos = generate_videos(files.path()).unwrap();
    let opened = open_folder(files.path()).await;
    let stand = screen(opened.archive.clone(), files, opened).await;
    let (study, series) = (videos.study_instance_uid.clone(), &videos.series[0]);
    let app = app(Arc::clone(&stand.source), &[&study]);
    let (uid, instance) = (&series.series_instance_uid, &series.sop_instance_uids[0]);
    let path =
        format!("/dicomweb/studies/{study}/series/{uid}/instances/{instance}/bulkdata/7FE00010");
    assert_eq!(get(&app, &path, "video/*").await.status, StatusCode::OK);
    let (_, facts) = reports::parse(&note("113001", &study, uid, &[instance])).unwrap();
    stand.reports.apply(SITE, &facts, 1).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    assert_eq!(get(&app, &path, "video/*").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_note_in_the_exam_itself_hides_what_it_names_and_itself() {
    let (study, series, instances) = ct();
    let other = &phantoms().other;
    let theirs = &other.series[0];
    let about_another = note(
        "113001",
        &other.study_instance_uid,
        &theirs.series_instance_uid,
        &[&theirs.sop_instance_uids[0]],
    );
    let about_this = note("113039", &study, &series, &[&instances[0]]);
    // Filed under this exam, naming an instance of another patient's: that is not its business.
    let mut foreign = dicom_object::from_reader(&about_another[..]).unwrap();
    foreign.put(DataElement::new(
        tags::STUDY_INSTANCE_UID,
        VR::UI,
        PrimitiveValue::from(study.as_str()),
    ));
    let new_uid = PrimitiveValue::from("1.2.250.1.99.2");
    foreign.put(DataElement::new(tags::SOP_INSTANCE_UID, VR::UI, new_uid));
    let mut misfiled = Vec::new();
    foreign.write_all(&mut misfiled).unwrap();
    let stand = stand(&[("note.dcm", about_this), ("misfiled.dcm", misfiled)]).await;
    check_gone(&stand, &instances[..1], instances.len() - 1).await;
    let summary = get(&stand.app, "/api/examen/1", "*/*").await;
    assert!(!summary.body.windows(NOTE.len()).any(|bytes| bytes == NOTE.as_bytes()));
    let not_theirs = InstanceRef {
        study: other.study_instance_uid.clone(),
        series: theirs.series_instance_uid.clone(),
        instance: theirs.sop_instance_uids[0].clone(),
    };
    assert!(stand.source.frame(&not_theirs, 1).await.is_ok(), "a note hides its own exam only");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_note_in_a_pacs_hides_what_it_names_and_a_pacs_that_fails_shows_nothing() {
    let (study, series, instances) = ct();
    let files = files(&[("note.dcm", note("113001", &study, &series, &[&instances[2]]))]);
    let pacs = FakePacs::over(files.path(), Quirks::default()).await;
    let opened = open_folder(files.path()).await;
    let stand = screen(pacs.open(), files, opened).await;
    check_gone(&stand, &instances[2..3], instances.len() - 1).await;

    let files = self::files(&[]);
    let silent = FakePacs::over(files.path(), Quirks { busy: usize::MAX, ..Quirks::default() });
    let (silent, opened) = (silent.await, open_folder(files.path()).await);
    let stand = screen(silent.open(), files, opened).await;
    let at = InstanceRef { study, series, instance: instances[0].clone() };
    assert!(matches!(stand.source.frame(&at, 1).await, Err(SourceError::Unavailable(_))));
    let asked = silent.requests();
    assert!(asked.iter().all(|(path, _)| !path.contains("frames")), "{asked:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_series_or_exam_that_was_rejected_whole_is_unknown() {
    let stand = stand(&[]).await;
    let (study, series, instances) = ct();
    let all: Vec<&str> = instances.iter().map(String::as_str).collect();
    let (_, facts) = reports::parse(&note("113001", &study, &series, &all)).unwrap();
    stand.reports.apply(SITE, &facts, 1).await.unwrap();
    let root = format!("/dicomweb/studies/{study}");
    for path in ["", "/metadata", "/thumbnail"] {
        let path = format!("{root}/series/{series}{path}");
        assert_eq!(get(&stand.app, &path, "*/*").await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let summary = get(&stand.app, "/api/examen/1", "*/*").await;
    assert!(!summary.body.windows(series.len()).any(|bytes| bytes == series.as_bytes()));
    let rest: Vec<&str> = phantoms()
        .exam
        .series
        .iter()
        .flat_map(|series| series.sop_instance_uids.iter().map(String::as_str))
        .collect();
    let (_, facts) = reports::parse(&note("113038", &study, &series, &rest)).unwrap();
    stand.reports.apply(SITE, &facts, 1).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    let summary = get(&stand.app, "/api/examen/1", "*/*").await;
    assert_eq!(summary.status, StatusCode::NOT_FOUND);
    let scope = Scope { study, series: None, instance: None };
    let found = stand.source.instances(&scope).await;
    assert!(matches!(found, Err(SourceError::NotFound)));
}

#[test]
fn key_images_and_other_objects_are_no_facts() {
    let (study, series, instances) = ct();
    let key_images = note("113000", &study, &series, &[&instances[0]]);
    assert!(reports::parse(&key_images).is_err());
    let image = std::fs::read(&phantoms().exam.series(SeriesKind::Ct).unwrap().files[0]).unwrap();
    assert!(reports::parse(&image).is_err());
    let manifest = note("113030", &study, &series, &[&instances[0]]);
    let (source, facts) = reports::parse(&manifest).unwrap();
    assert_eq!((source.name(), facts.exams[0].study.as_str()), ("dicom", study.as_str()));
    for length in [132, 200, manifest.len() / 2] {
        // Cut off: refused, or what is left of it says nothing that is not in it.
        if let Ok((_, facts)) = reports::parse(&manifest[..length]) {
            assert!(facts.exams.iter().all(|exam| exam.study == study), "{length}");
        }
    }
}

/// The manifests of other makers that lie in the shared test data, where that is there.
#[test]
fn real_manifests_are_read() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    if !shared.is_dir() {
        println!("skipped: no ../shared");
        return;
    }
    let manifest = std::fs::read(shared.join("kos/MADO_KOS_A.dcm")).unwrap();
    let (_, facts) = reports::parse(&manifest).unwrap();
    assert_eq!(facts.exams.len(), 1);
    assert!(facts.exams[0].traits.birth_name.is_some(), "{:?}", facts.exams);
    let key_images =
        std::fs::read(shared.join("series/ct-jpegll-20-with-kos/Series_B_2/KIN_B2.dcm")).unwrap();
    assert!(matches!(reports::parse(&key_images), Err(ImportError::NoFacts)));
}
