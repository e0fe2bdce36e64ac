//! What is no picture: as the same readers make it of the file itself, and damaged objects.

use std::fs::File;

use negatoscope_local::frames::FrameError;
use negatoscope_local::medium::Medium;
use negatoscope_phantom::SeriesKind;
use viewer_core::dicom::{read_part10, structured_report};
use viewer_core::exam::{Document, DocumentKind};

use crate::setup::{Packing, archive, contents, files_of, phantoms, read, read_files};

fn study() -> &'static str {
    &phantoms().documents.study_instance_uid
}

/// The documents of a kind, with the medium that has them.
fn found(kind: DocumentKind) -> (Medium, Vec<Document>) {
    let mut medium = read_files(&files_of(&phantoms().documents));
    let found = medium.documents(study());
    assert!(!found.is_cut);
    let of_kind = found.documents.into_iter().filter(|one| one.kind == kind).collect();
    (medium, of_kind)
}

#[test]
fn every_document_of_an_exam_is_listed_with_what_it_names() {
    let mut medium = read_files(&files_of(&phantoms().documents));
    let listed = medium.documents(study()).documents;
    let is_image = |kind: SeriesKind| matches!(kind, SeriesKind::Ct | SeriesKind::Us);
    let made = phantoms().documents.series.iter().filter(|series| !is_image(series.kind));
    assert_eq!(listed.len(), made.map(|series| series.files.len()).sum::<usize>());
    let (_, keys) = found(DocumentKind::KeyImages);
    let [keys] = &keys[..] else { panic!("one selection") };
    let ct = phantoms().documents.series(SeriesKind::Ct).unwrap();
    let named = &keys.key_images.as_ref().unwrap().images;
    assert!(!named.is_empty());
    assert!(named.iter().all(|image| ct.sop_instance_uids.contains(&image.sop_instance_uid)));
    assert!(medium.documents("1.2.3").documents.is_empty());
}

#[test]
fn a_report_is_what_its_file_says() {
    let (mut medium, reports) = found(DocumentKind::Report);
    let [report] = &reports[..] else { panic!("one report") };
    let file = &phantoms().documents.series(SeriesKind::Report).unwrap().files[0];
    let object = read_part10(File::open(file).unwrap()).unwrap().object;
    let expected = structured_report(&object).unwrap();
    assert!(!expected.items.is_empty());
    assert_eq!(medium.report(&report.instance).unwrap(), expected);
    assert!(matches!(medium.pdf(&report.instance), Err(FrameError::OtherKind)));
    assert!(matches!(medium.report("1.2.3"), Err(FrameError::Unknown)));
}

#[test]
fn a_presentation_comes_with_the_look_of_its_images() {
    let (mut medium, states) = found(DocumentKind::Presentation);
    assert!(states.len() > 1);
    for state in states {
        let presentation = medium.presentation(study(), &state.instance).unwrap();
        assert_eq!(Some(&presentation.state.images), state.images.as_ref());
        let named: Vec<&str> =
            presentation.state.images.iter().map(|one| one.sop_instance_uid.as_str()).collect();
        let looks = presentation.looks.iter().flat_map(|look| &look.images);
        let drawn: Vec<&str> = looks.map(|one| one.sop_instance_uid.as_str()).collect();
        assert!(!drawn.is_empty() && drawn.iter().all(|image| named.contains(image)));
    }
}

#[test]
fn a_pdf_is_given_as_it_is_also_from_an_archive() {
    let file = &phantoms().documents.series(SeriesKind::Pdf).unwrap().files;
    let [content] = &contents(file)[..] else { panic!("one document") };
    for packing in [Packing::Stored, Packing::Deflated] {
        let archive = archive(packing, &[("CR", content)]);
        let mut medium = read([("CD.zip".to_owned(), archive)]);
        let documents = medium.documents(study()).documents;
        let pdf = medium.pdf(&documents[0].instance).unwrap();
        assert!(pdf.starts_with(b"%PDF-"));
        assert!(content.windows(pdf.len()).any(|window| window == pdf));
    }
}

#[test]
fn what_says_pdf_and_is_none_is_not_given() {
    let file = &phantoms().documents.series(SeriesKind::Pdf).unwrap().files;
    let mut content = contents(file).remove(0);
    let at = content.windows(5).position(|window| window == b"%PDF-").unwrap();
    content[at..at + 5].copy_from_slice(b"<html");
    let mut medium = read([("CR".to_owned(), content)]);
    let documents = medium.documents(study()).documents;
    assert_eq!(documents[0].kind, DocumentKind::Pdf);
    assert!(matches!(medium.pdf(&documents[0].instance), Err(FrameError::OtherKind)));
}

#[test]
fn attributes_of_an_image_have_names_and_say_what_is_personal() {
    let mut medium = read_files(&files_of(&phantoms().documents));
    let ct = phantoms().documents.series(SeriesKind::Ct).unwrap();
    let rows = medium.attributes(&ct.sop_instance_uids[0]).unwrap();
    let of = |tag: &str| rows.iter().find(|row| row.tag == tag).unwrap();
    let name = of("00100010");
    assert_eq!((name.name.as_str(), name.personal), ("Patient Name", true));
    assert!(name.value.starts_with(&phantoms().documents.birth_name));
    assert_eq!(of("00020010").name, "Transfer Syntax UID");
    assert_eq!(of("7FE00010").value, "<…>");
    assert!(!of("00280010").personal);
    assert!(matches!(medium.attributes("1.2.3"), Err(FrameError::Unknown)));
}
