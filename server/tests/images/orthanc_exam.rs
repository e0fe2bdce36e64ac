//! A real Orthanc as the PACS of a site: the same exam as from the files.

use std::fs;
use std::path::{Path, PathBuf};

use dicom_core::{DataElement, VR, value::PixelFragmentSequence};
use dicom_dictionary_std::tags;
use negatoscope_phantom::SeriesKind;
use negatoscope_server::source::pacs::{Pacs, PacsOptions};
use negatoscope_server::source::{InstanceRef, Scope, Source, SourceError, SourceHealth};
use viewer_core::exam::ExamSummary;

use crate::orthanc::Orthanc;
use crate::setup::{app, file_of, get, instance_path, open_folder, overlay_data, phantoms};

const HTJ2K: &str = "1.2.840.10008.1.2.4.201";

fn pacs(orthanc: &Orthanc) -> std::sync::Arc<Pacs> {
    Pacs::open(&PacsOptions::new("vi1.test", &orthanc.url())).unwrap()
}

fn study() -> &'static str {
    &phantoms().exam.study_instance_uid
}

pub(crate) async fn instances(source: &dyn Source, study: &str) -> Vec<InstanceRef> {
    let scope = Scope { study: study.to_owned(), series: None, instance: None };
    let mut found = source.instances(&scope).await.unwrap();
    found.sort_by(|a, b| (&a.series, &a.instance).cmp(&(&b.series, &b.instance)));
    found
}

/// Orthanc does not say in which syntax an instance is stored; its frames do.
fn without_syntax(summary: &ExamSummary) -> ExamSummary {
    let mut summary = summary.clone();
    for format in summary.series.iter_mut().flat_map(|series| &mut series.formats) {
        format.transfer_syntax_uid.clear();
    }
    summary
}

#[tokio::test(flavor = "multi_thread")]
async fn the_phantom_comes_back_from_orthanc_as_it_is_in_its_files() {
    let Some(orthanc) = Orthanc::start().await else { return };
    for file in phantoms().exam.series.iter().flat_map(|series| &series.files) {
        orthanc.store(file).await;
    }
    let archive = open_folder(phantoms().folder()).await.archive;
    let pacs = pacs(&orthanc);
    assert_eq!(pacs.health().await, SourceHealth::Up);
    // Orthanc leaves the issuer of the accession number out of its answers to searches.
    let mut facts = archive.facts(study()).await.unwrap().unwrap();
    facts.accession_issuer = None;
    let accession = &facts.accession_number;
    assert_eq!(pacs.facts_by_accession(accession).await.unwrap(), [facts.clone()]);
    assert_eq!(pacs.facts(study()).await.unwrap(), Some(facts));
    assert_eq!(pacs.facts("1.2.3").await.unwrap(), None);
    let (found, expected) =
        (pacs.summary(study()).await.unwrap(), archive.summary(study()).await.unwrap());
    assert_eq!(without_syntax(&found), without_syntax(&expected));
    assert_eq!(instances(&*pacs, study()).await, instances(&*archive, study()).await);
    for group in [0x6000, 0x6002] {
        let expected = overlay_data(&*archive, group).await;
        assert_eq!(overlay_data(&*pacs, group).await, expected);
    }
    for at in instances(&*archive, study()).await {
        for frame in 1.. {
            let expected = match archive.frame(&at, frame).await {
                Err(SourceError::NotFound) => break,
                expected => expected.unwrap(),
            };
            let found = pacs.frame(&at, frame).await.unwrap();
            assert_eq!(found.transfer_syntax_uid, expected.transfer_syntax_uid);
            assert!(found.bytes == expected.bytes);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_routes_work_over_orthanc() {
    let Some(orthanc) = Orthanc::start().await else { return };
    for kind in [SeriesKind::Mr, SeriesKind::Us] {
        orthanc.store(&file_of(kind, 0)).await;
    }
    let app = app(pacs(&orthanc), &[study()]);
    let (mr, us) = (instance_path(SeriesKind::Mr, 0), instance_path(SeriesKind::Us, 0));
    let file = get(&app, &mr, "application/dicom").await;
    assert_eq!(file.content_type(), "application/dicom; transfer-syntax=1.2.840.10008.1.2.5");
    assert!(file.body == fs::read(file_of(SeriesKind::Mr, 0)).unwrap());
    let archive = open_folder(phantoms().folder()).await.archive;
    let own = crate::setup::app(archive, &[study()]);
    for path in
        [format!("{mr}/rendered"), format!("{us}/frames/3/rendered"), format!("{mr}/thumbnail")]
    {
        let (found, expected) =
            (get(&app, &path, "image/png").await, get(&own, &path, "image/png").await);
        assert_eq!(found.status, 200, "{path}");
        assert!(found.body == expected.body, "{path}");
    }
    let metadata = get(&app, &format!("{us}/metadata"), "*/*").await;
    assert!(
        !String::from_utf8_lossy(&metadata.body).contains("dicom-web"),
        "no address of Orthanc"
    );
    assert_eq!(get(&app, &format!("{mr}/frames/2"), "*/*").await.status, 404);
}

/// Orthanc 1.10 does not know HTJ2K: 500 when asked for it as stored, and labelled as native samples
/// otherwise. The codestream here is a header only: nothing on the way decodes it.
#[tokio::test(flavor = "multi_thread")]
async fn htj2k_is_called_by_its_name() {
    let Some(orthanc) = Orthanc::start().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("htj2k");
    let mut codestream = vec![0xFF, 0x4F, 0xFF, 0x51, 0, 41];
    codestream.extend([0; 39]);
    codestream.extend([0xFF, 0x50, 0, 8, 0, 2, 0, 0, 0, 0, 0]);
    let mut object = dicom_object::open_file(file_of(SeriesKind::Ct, 0)).unwrap();
    let fragments = PixelFragmentSequence::new(vec![], vec![codestream.clone()]);
    object.put(DataElement::new(tags::PIXEL_DATA, VR::OB, fragments));
    object.meta_mut().transfer_syntax = HTJ2K.to_owned();
    object.write_to_file(&file).unwrap();
    orthanc.store(&file).await;
    let at = instances(&*open_folder(folder.path()).await.archive, study()).await.remove(0);
    let frame = pacs(&orthanc).frame(&at, 1).await.unwrap();
    let syntax = viewer_core::codec::transfer_syntax(&frame.transfer_syntax_uid).unwrap();
    assert_eq!(syntax.family, viewer_core::codec::Family::Htj2k);
    assert_eq!(frame.bytes, codestream);
}

/// Every file of the shared data that Orthanc takes: what the PACS delivers is what the file holds, or an
/// error.
#[tokio::test(flavor = "multi_thread")]
async fn files_of_many_encodings_are_the_same_from_orthanc() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/transfer-syntax");
    if !shared.is_dir() {
        println!("skipped: no ../shared");
        return;
    }
    let Some(orthanc) = Orthanc::start().await else { return };
    let mut compared = 0;
    for file in files_below(&shared) {
        let archive = open_folder(&file).await.archive;
        let Some((study, at)) = only_instance(&file, &*archive).await else { continue };
        let Ok(expected) = archive.frame(&at, 1).await else { continue };
        orthanc.store(&file).await;
        // Several files are encodings of one image: Orthanc holds the last one only.
        match pacs(&orthanc).frame(&at, 1).await {
            Ok(found) => {
                let family =
                    |uid: &str| viewer_core::codec::transfer_syntax(uid).map(|row| row.family);
                assert_eq!(
                    family(&found.transfer_syntax_uid),
                    family(&expected.transfer_syntax_uid)
                );
                assert!(found.bytes == expected.bytes, "{}", file.display());
                compared += 1;
            }
            Err(error) => println!("{study}: {}: {error}", file.display()),
        }
    }
    assert!(compared >= 20, "{compared} files");
}

pub(crate) async fn only_instance(
    file: &Path,
    archive: &dyn Source,
) -> Option<(String, InstanceRef)> {
    let object =
        dicom_object::OpenFileOptions::new().read_until(tags::PIXEL_DATA).open_file(file).ok()?;
    let uid = object.get(tags::STUDY_INSTANCE_UID)?.to_str().ok()?;
    let study = uid.trim_end_matches(['\0', ' ']).to_owned();
    let scope = Scope { study: study.clone(), series: None, instance: None };
    let at = archive.instances(&scope).await.ok()?.pop()?;
    Some((study, at))
}

pub(crate) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_below(&path));
        } else if path.extension().is_some_and(|extension| extension == "dcm") {
            found.push(path);
        }
    }
    found.sort();
    found
}
