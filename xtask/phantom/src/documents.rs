//! Objects without pictures, about the slices of a CT: key images, a report, a PDF, a saved presentation.

use std::path::Path;

use dicom_core::{PrimitiveValue, VR, dicom_value};
use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;

use crate::dataset::{EXPLICIT_LE, Identity, SeriesTexts, SeriesWriter, put, put_items};
use crate::error::PhantomError;
use crate::exam::{SeriesFiles, SeriesKind};
use crate::pdf;

/// Slices that are picked out, by their burnt-in numbers.
const KEY_SLICES: [usize; 3] = [1, 4, 6];
/// The slice that the report and the presentation are about.
const SLICE: usize = 4;
/// Value, scheme, meaning.
type Code<'a> = [&'a str; 3];

/// All of them, each a series of its own.
pub(crate) fn write(
    dir: &Path,
    identity: &Identity,
    ct: &SeriesFiles,
) -> Result<Vec<SeriesFiles>, PhantomError> {
    Ok(vec![
        key_images(dir, identity, ct)?,
        report(dir, identity, ct)?,
        pdf_document(dir, identity)?,
        presentation(dir, identity, ct)?,
    ])
}

/// One object in a series of its own.
pub(crate) fn series(
    dir: &Path,
    identity: &Identity,
    texts: SeriesTexts,
    fill: impl FnOnce(&mut InMemDicomObject),
) -> Result<SeriesFiles, PhantomError> {
    let writer = SeriesWriter::new(dir, identity, texts, 1)?;
    let mut object = writer.object(0);
    fill(&mut object);
    writer.write(0, object)?;
    Ok(writer.finish(0))
}

pub(crate) fn texts(kind: SeriesKind, number: u16, modality: &'static str) -> SeriesTexts {
    SeriesTexts {
        kind,
        number,
        modality,
        description: "",
        body_part: "CHEST",
        sop_class_uid: "",
        transfer_syntax_uid: EXPLICIT_LE,
        character_set: "ISO_IR 192",
        folder: "",
    }
}

fn key_images(
    dir: &Path,
    identity: &Identity,
    ct: &SeriesFiles,
) -> Result<SeriesFiles, PhantomError> {
    let texts = SeriesTexts {
        description: "Images clés",
        sop_class_uid: uids::KEY_OBJECT_SELECTION_DOCUMENT_STORAGE,
        folder: "images-cles",
        ..texts(SeriesKind::KeyImages, 10, "KO")
    };
    series(dir, identity, texts, |object| {
        put_root(object, ["113000", "DCM", "Of Interest"]);
        let description = "Nodule du lobe supérieur droit";
        let named = ["113012", "DCM", "Key Object Description"];
        let mut content = vec![item("CONTAINS", "TEXT", Some(named))];
        put(&mut content[0], tags::TEXT_VALUE, VR::UT, description);
        content.extend(KEY_SLICES.iter().map(|&slice| image_item(ct, slice)));
        put_items(object, tags::CONTENT_SEQUENCE, content);
        put_evidence(object, identity, ct, &KEY_SLICES);
    })
}

fn report(dir: &Path, identity: &Identity, ct: &SeriesFiles) -> Result<SeriesFiles, PhantomError> {
    let texts = SeriesTexts {
        description: "Compte rendu",
        sop_class_uid: uids::ENHANCED_SR_STORAGE,
        folder: "compte-rendu-sr",
        ..texts(SeriesKind::Report, 11, "SR")
    };
    series(dir, identity, texts, |object| {
        put_root(object, ["18748-4", "LN", "Diagnostic imaging report"]);
        put(object, tags::COMPLETION_FLAG, VR::CS, "COMPLETE");
        put(object, tags::VERIFICATION_FLAG, VR::CS, "UNVERIFIED");
        let mut findings = item("CONTAINS", "CONTAINER", Some(["121070", "DCM", "Findings"]));
        put(&mut findings, tags::CONTINUITY_OF_CONTENT, VR::CS, "SEPARATE");
        let mut text = item("CONTAINS", "TEXT", Some(["121071", "DCM", "Finding"]));
        put(
            &mut text,
            tags::TEXT_VALUE,
            VR::UT,
            "Nodule pulmonaire <b>du lobe supérieur</b> droit.",
        );
        put_items(
            &mut findings,
            tags::CONTENT_SEQUENCE,
            vec![text, length(), image_item(ct, SLICE)],
        );
        let mut conclusion = item("CONTAINS", "CODE", Some(["121077", "DCM", "Conclusion"]));
        let suspicious = code(["415684004", "SCT", "Suspected"]);
        put_items(&mut conclusion, tags::CONCEPT_CODE_SEQUENCE, vec![suspicious]);
        put_items(object, tags::CONTENT_SEQUENCE, vec![findings, conclusion]);
        put_evidence(object, identity, ct, &[SLICE]);
    })
}

/// 12.5 mm.
fn length() -> InMemDicomObject {
    let mut item = item("CONTAINS", "NUM", Some(["410668003", "SCT", "Length"]));
    let mut measured = InMemDicomObject::new_empty();
    put(&mut measured, tags::NUMERIC_VALUE, VR::DS, "12.5");
    let unit = code(["mm", "UCUM", "mm"]);
    put_items(&mut measured, tags::MEASUREMENT_UNITS_CODE_SEQUENCE, vec![unit]);
    put_items(&mut item, tags::MEASURED_VALUE_SEQUENCE, vec![measured]);
    item
}

fn pdf_document(dir: &Path, identity: &Identity) -> Result<SeriesFiles, PhantomError> {
    let texts = SeriesTexts {
        description: "Compte rendu PDF",
        sop_class_uid: uids::ENCAPSULATED_PDF_STORAGE,
        folder: "compte-rendu-pdf",
        ..texts(SeriesKind::Pdf, 12, "DOC")
    };
    series(dir, identity, texts, |object| {
        let mut bytes = pdf::page("Compte rendu (fantome)");
        let length = bytes.len() as u32;
        bytes.resize(bytes.len().next_multiple_of(2), 0);
        put(object, tags::CONVERSION_TYPE, VR::CS, "WSD");
        put(object, tags::BURNED_IN_ANNOTATION, VR::CS, "YES");
        put(object, tags::DOCUMENT_TITLE, VR::ST, "Compte rendu de scanner");
        put(object, tags::ACQUISITION_DATE_TIME, VR::DT, format!("{}093000", identity.study_date));
        put_items(object, tags::CONCEPT_NAME_CODE_SEQUENCE, Vec::new());
        put(object, tags::MIME_TYPE_OF_ENCAPSULATED_DOCUMENT, VR::LO, "application/pdf");
        put(object, tags::ENCAPSULATED_DOCUMENT, VR::OB, PrimitiveValue::from(bytes));
        put(object, tags::ENCAPSULATED_DOCUMENT_LENGTH, VR::UL, PrimitiveValue::from(length));
    })
}

/// Turned and mirrored, with a window, an area, a shutter, and things drawn in both units.
fn presentation(
    dir: &Path,
    identity: &Identity,
    ct: &SeriesFiles,
) -> Result<SeriesFiles, PhantomError> {
    let texts = SeriesTexts {
        description: "Présentation",
        sop_class_uid: uids::GRAYSCALE_SOFTCOPY_PRESENTATION_STATE_STORAGE,
        folder: "presentation",
        ..texts(SeriesKind::Presentation, 13, "PR")
    };
    series(dir, identity, texts, |object| {
        put_identification(object, identity, ["NODULE", "Nodule entouré"]);
        let mut referenced = InMemDicomObject::new_empty();
        put_items(&mut referenced, tags::REFERENCED_IMAGE_SEQUENCE, vec![reference(ct, SLICE)]);
        put(&mut referenced, tags::SERIES_INSTANCE_UID, VR::UI, ct.series_instance_uid.clone());
        put_items(object, tags::REFERENCED_SERIES_SEQUENCE, vec![referenced]);
        put_look(object);
        put_graphics(object);
    })
}

/// Label and description, when and by whom.
pub(crate) fn put_identification(
    object: &mut InMemDicomObject,
    identity: &Identity,
    [label, description]: [&str; 2],
) {
    put(object, tags::PRESENTATION_CREATION_DATE, VR::DA, identity.study_date);
    put(object, tags::PRESENTATION_CREATION_TIME, VR::TM, "101500");
    put(object, tags::CONTENT_LABEL, VR::CS, label);
    put(object, tags::CONTENT_DESCRIPTION, VR::LO, description);
    put(object, tags::CONTENT_CREATOR_NAME, VR::PN, "MARTIN^Anne");
}

fn put_look(object: &mut InMemDicomObject) {
    let mut window = InMemDicomObject::new_empty();
    put(&mut window, tags::WINDOW_CENTER, VR::DS, "50");
    put(&mut window, tags::WINDOW_WIDTH, VR::DS, "350");
    put_items(object, tags::SOFTCOPY_VOILUT_SEQUENCE, vec![window]);
    put(object, tags::RESCALE_INTERCEPT, VR::DS, "-1024");
    put(object, tags::RESCALE_SLOPE, VR::DS, "1");
    put(object, tags::RESCALE_TYPE, VR::LO, "HU");
    put(object, tags::PRESENTATION_LUT_SHAPE, VR::CS, "INVERSE");
    put(object, tags::IMAGE_ROTATION, VR::US, dicom_value!(U16, [90]));
    put(object, tags::IMAGE_HORIZONTAL_FLIP, VR::CS, "Y");
    let mut area = InMemDicomObject::new_empty();
    let corner = |x: i32, y: i32| PrimitiveValue::I32([x, y].as_slice().into());
    put(&mut area, tags::DISPLAYED_AREA_TOP_LEFT_HAND_CORNER, VR::SL, corner(9, 9));
    put(&mut area, tags::DISPLAYED_AREA_BOTTOM_RIGHT_HAND_CORNER, VR::SL, corner(56, 56));
    put(&mut area, tags::PRESENTATION_SIZE_MODE, VR::CS, "SCALE TO FIT");
    put(&mut area, tags::PRESENTATION_PIXEL_ASPECT_RATIO, VR::IS, strings(["1", "1"]));
    put_items(object, tags::DISPLAYED_AREA_SELECTION_SEQUENCE, vec![area]);
    put(object, tags::SHUTTER_SHAPE, VR::CS, "RECTANGULAR");
    put(object, tags::SHUTTER_LEFT_VERTICAL_EDGE, VR::IS, "5");
    put(object, tags::SHUTTER_RIGHT_VERTICAL_EDGE, VR::IS, "60");
    put(object, tags::SHUTTER_UPPER_HORIZONTAL_EDGE, VR::IS, "5");
    put(object, tags::SHUTTER_LOWER_HORIZONTAL_EDGE, VR::IS, "60");
    put(object, tags::SHUTTER_PRESENTATION_VALUE, VR::US, dicom_value!(U16, [0]));
}

/// One graphic on a layer of its own.
pub(crate) fn put_graphic(object: &mut InMemDicomObject, graphic: InMemDicomObject) {
    put_layer(object);
    let mut annotation = InMemDicomObject::new_empty();
    put(&mut annotation, tags::GRAPHIC_LAYER, VR::CS, "LESION");
    put_items(&mut annotation, tags::GRAPHIC_OBJECT_SEQUENCE, vec![graphic]);
    put_items(object, tags::GRAPHIC_ANNOTATION_SEQUENCE, vec![annotation]);
}

fn put_layer(object: &mut InMemDicomObject) {
    let mut layer = InMemDicomObject::new_empty();
    put(&mut layer, tags::GRAPHIC_LAYER, VR::CS, "LESION");
    put(&mut layer, tags::GRAPHIC_LAYER_ORDER, VR::IS, "1");
    put_items(object, tags::GRAPHIC_LAYER_SEQUENCE, vec![layer]);
}

fn put_graphics(object: &mut InMemDicomObject) {
    put_layer(object);
    let mut annotation = InMemDicomObject::new_empty();
    put(&mut annotation, tags::GRAPHIC_LAYER, VR::CS, "LESION");
    let circle = graphic("CIRCLE", "PIXEL", &[32.5, 32.5, 40.5, 32.5]);
    let line = graphic("POLYLINE", "DISPLAY", &[0.1, 0.9, 0.3, 0.9]);
    put_items(&mut annotation, tags::GRAPHIC_OBJECT_SEQUENCE, vec![circle, line]);
    let mut text = InMemDicomObject::new_empty();
    put(&mut text, tags::ANCHOR_POINT_ANNOTATION_UNITS, VR::CS, "PIXEL");
    put(&mut text, tags::UNFORMATTED_TEXT_VALUE, VR::ST, "Nodule 12,5 mm");
    let anchor = PrimitiveValue::F32([44.5_f32, 24.5].as_slice().into());
    put(&mut text, tags::ANCHOR_POINT, VR::FL, anchor);
    put(&mut text, tags::ANCHOR_POINT_VISIBILITY, VR::CS, "Y");
    put_items(&mut annotation, tags::TEXT_OBJECT_SEQUENCE, vec![text]);
    put_items(object, tags::GRAPHIC_ANNOTATION_SEQUENCE, vec![annotation]);
}

pub(crate) fn graphic(kind: &str, units: &str, points: &[f32]) -> InMemDicomObject {
    let mut object = InMemDicomObject::new_empty();
    put(&mut object, tags::GRAPHIC_ANNOTATION_UNITS, VR::CS, units);
    put(&mut object, tags::GRAPHIC_DIMENSIONS, VR::US, dicom_value!(U16, [2]));
    let count = (points.len() / 2) as u16;
    put(&mut object, tags::NUMBER_OF_GRAPHIC_POINTS, VR::US, PrimitiveValue::from(count));
    put(&mut object, tags::GRAPHIC_DATA, VR::FL, PrimitiveValue::F32(points.into()));
    put(&mut object, tags::GRAPHIC_TYPE, VR::CS, kind);
    put(&mut object, tags::GRAPHIC_FILLED, VR::CS, "N");
    object
}

// What structured documents share

fn put_root(object: &mut InMemDicomObject, title: Code<'_>) {
    put(object, tags::VALUE_TYPE, VR::CS, "CONTAINER");
    put_items(object, tags::CONCEPT_NAME_CODE_SEQUENCE, vec![code(title)]);
    put(object, tags::CONTINUITY_OF_CONTENT, VR::CS, "SEPARATE");
    put_items(object, tags::PERFORMED_PROCEDURE_CODE_SEQUENCE, Vec::new());
    put_items(object, tags::REFERENCED_PERFORMED_PROCEDURE_STEP_SEQUENCE, Vec::new());
}

fn code([value, scheme, meaning]: Code<'_>) -> InMemDicomObject {
    let mut object = InMemDicomObject::new_empty();
    put(&mut object, tags::CODE_VALUE, VR::SH, value);
    put(&mut object, tags::CODING_SCHEME_DESIGNATOR, VR::SH, scheme);
    put(&mut object, tags::CODE_MEANING, VR::LO, meaning);
    object
}

fn item(relationship: &str, value_type: &str, name: Option<Code<'_>>) -> InMemDicomObject {
    let mut object = InMemDicomObject::new_empty();
    put(&mut object, tags::RELATIONSHIP_TYPE, VR::CS, relationship);
    put(&mut object, tags::VALUE_TYPE, VR::CS, value_type);
    if let Some(name) = name {
        put_items(&mut object, tags::CONCEPT_NAME_CODE_SEQUENCE, vec![code(name)]);
    }
    object
}

fn image_item(ct: &SeriesFiles, slice: usize) -> InMemDicomObject {
    let mut object = item("CONTAINS", "IMAGE", None);
    put_items(&mut object, tags::REFERENCED_SOP_SEQUENCE, vec![reference(ct, slice)]);
    object
}

pub(crate) fn reference(ct: &SeriesFiles, slice: usize) -> InMemDicomObject {
    let mut object = InMemDicomObject::new_empty();
    let uid = ct.sop_instance_uids.get(slice).cloned().unwrap_or_default();
    put(&mut object, tags::REFERENCED_SOP_CLASS_UID, VR::UI, uids::CT_IMAGE_STORAGE);
    put(&mut object, tags::REFERENCED_SOP_INSTANCE_UID, VR::UI, uid);
    object
}

fn put_evidence(
    object: &mut InMemDicomObject,
    identity: &Identity,
    ct: &SeriesFiles,
    slices: &[usize],
) {
    let mut series = InMemDicomObject::new_empty();
    let references = slices.iter().map(|&slice| reference(ct, slice)).collect();
    put_items(&mut series, tags::REFERENCED_SOP_SEQUENCE, references);
    put(&mut series, tags::SERIES_INSTANCE_UID, VR::UI, ct.series_instance_uid.clone());
    let mut study = InMemDicomObject::new_empty();
    put_items(&mut study, tags::REFERENCED_SERIES_SEQUENCE, vec![series]);
    put(&mut study, tags::STUDY_INSTANCE_UID, VR::UI, identity.study_instance_uid());
    put_items(object, tags::CURRENT_REQUESTED_PROCEDURE_EVIDENCE_SEQUENCE, vec![study]);
}

fn strings<const N: usize>(texts: [&str; N]) -> PrimitiveValue {
    PrimitiveValue::Strs(texts.map(String::from).to_vec().into())
}
