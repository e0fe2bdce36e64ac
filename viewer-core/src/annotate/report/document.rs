//! The document around the measurements.

use std::collections::BTreeMap;

use super::content::{Code, code, coded, container, group, image_reference, uid};
use super::element::{DataSet, tag};
use super::{ReportEntry, ReportSource};
use crate::annotate::ImageFacts;
use crate::exam::{Patient, Study};

/// What kind of object is written.
pub(super) struct Document {
    pub(super) sop_class: &'static str,
    pub(super) modality: &'static str,
    pub(super) description: &'static str,
}

const COMPREHENSIVE_SR: Document = Document {
    sop_class: "1.2.840.10008.5.1.4.1.1.88.33",
    modality: "SR",
    description: "Measurements",
};
const EXPLICIT_LITTLE_ENDIAN: &str = "1.2.840.10008.1.2.1";
/// Of this program, as the writer of files (also the implementation class of its associations).
const IMPLEMENTATION_UID: &str = "2.25.35388248157340255191211155010423589750";
/// UIDs of measurements are counted from here.
const FIRST_TRACKED: u16 = 16;
const MANUFACTURER: &str = "Négatoscope";

/// A DICOM file with what was measured on images of one exam; `None` where nothing was.
#[must_use]
pub fn structured_report(source: &ReportSource<'_>) -> Option<Vec<u8>> {
    let whose = source.exam.of(source.of)?;
    let numbered = source.entries.iter().zip(FIRST_TRACKED..);
    let (groups, entries): (Vec<DataSet>, Vec<&ReportEntry>) =
        numbered.filter_map(|(entry, number)| Some((group(source, entry, number)?, entry))).unzip();
    if groups.is_empty() {
        return None;
    }
    let instance = source.uid(1);
    let step = DataSet::default().sequence(tag::PERFORMED_STEP, []);
    let data = head(source, whose, &COMPREHENSIVE_SR, &instance, step)
        .and(document(source, whose.1, &entries))
        .and(content(source, groups));
    Some(file(&COMPREHENSIVE_SR, &instance, data))
}

/// A data set as a file.
pub(super) fn file(document: &Document, instance: &str, data: DataSet) -> Vec<u8> {
    let mut file = vec![0; 128];
    file.extend(b"DICM");
    file.extend(meta(document, instance));
    file.extend(data.into_bytes());
    file
}

fn meta(document: &Document, instance: &str) -> Vec<u8> {
    let elements = DataSet::default()
        .bytes(tag::META_VERSION, &[0, 1])
        .text(tag::META_SOP_CLASS, "UI", document.sop_class)
        .text(tag::META_SOP_INSTANCE, "UI", instance)
        .text(tag::TRANSFER_SYNTAX, "UI", EXPLICIT_LITTLE_ENDIAN)
        .text(tag::IMPLEMENTATION, "UI", IMPLEMENTATION_UID)
        .into_bytes();
    let length = u32::try_from(elements.len()).unwrap_or(0);
    DataSet::default()
        .long(tag::META_LENGTH, length)
        .into_bytes()
        .into_iter()
        .chain(elements)
        .collect()
}

/// Groups 8 to 20: whose, of which study, when; `references` is what belongs at the end of group 8.
pub(super) fn head(
    source: &ReportSource<'_>,
    (patient, study): (&Patient, &Study),
    document: &Document,
    instance: &str,
    references: DataSet,
) -> DataSet {
    let [date, time] = source.date_time;
    let or_empty = |value: &Option<String>| value.clone().unwrap_or_default();
    let name = format!("{}^{}", component(&patient.birth_name), component(&patient.given_names));
    DataSet::default()
        .text(tag::CHARACTER_SET, "CS", "ISO_IR 192")
        .text(tag::SOP_CLASS, "UI", document.sop_class)
        .text(tag::SOP_INSTANCE, "UI", instance)
        .text(tag::STUDY_DATE, "DA", &or_empty(&study.date))
        .text(tag::CONTENT_DATE, "DA", date)
        .text(tag::STUDY_TIME, "TM", &or_empty(&study.time))
        .text(tag::CONTENT_TIME, "TM", time)
        .text(tag::ACCESSION_NUMBER, "SH", &study.accession_number)
        .text(tag::MODALITY, "CS", document.modality)
        .text(tag::MANUFACTURER, "LO", MANUFACTURER)
        .text(tag::REFERRING_PHYSICIAN, "PN", "")
        .text(tag::SERIES_DESCRIPTION, "LO", document.description)
        .and(references)
        .text(tag::PATIENT_NAME, "PN", &name)
        .text(tag::PATIENT_ID, "LO", &patient.patient_id)
        .text(tag::BIRTH_DATE, "DA", &or_empty(&patient.birth_date))
        .text(tag::SEX, "CS", &or_empty(&patient.sex))
        .text(tag::SOFTWARE, "LO", env!("CARGO_PKG_VERSION"))
        .text(tag::STUDY, "UI", &study.study_instance_uid)
        .text(tag::SERIES, "UI", &source.uid(2))
        .text(tag::STUDY_ID, "SH", "")
        .text(tag::SERIES_NUMBER, "IS", "1")
        .text(tag::INSTANCE_NUMBER, "IS", "1")
}

/// A part of a person's name: what would divide it is left out.
fn component(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, '^' | '=' | '\\') && !c.is_control()).collect()
}

/// What comes between the identification and the content, by ascending tags around the root's own.
fn document(source: &ReportSource<'_>, study: &Study, entries: &[&ReportEntry]) -> DataSet {
    let root: Code = ["126000", "DCM", "Imaging Measurement Report"];
    DataSet::default()
        .text(tag::VALUE_TYPE, "CS", "CONTAINER")
        .sequence(tag::CONCEPT_NAME, [code(root)])
        .text(tag::CONTINUITY, "CS", "SEPARATE")
        .sequence(tag::PROCEDURE_CODE, [])
        .sequence(tag::EVIDENCE, [evidence(source, study, entries)])
        .text(tag::COMPLETION, "CS", "PARTIAL")
        .text(tag::VERIFICATION, "CS", "UNVERIFIED")
}

/// The images that were measured, each once, by their series.
fn evidence(source: &ReportSource<'_>, study: &Study, entries: &[&ReportEntry]) -> DataSet {
    let mut series: BTreeMap<&str, BTreeMap<&str, DataSet>> = BTreeMap::new();
    for entry in entries {
        let annotation = &entry.annotation;
        let found = ImageFacts::find(source.exam, &annotation.sop_instance_uid, annotation.frame);
        if let Some(facts) = found {
            let images = series.entry(&facts.series.series_instance_uid).or_default();
            images.insert(&facts.image.sop_instance_uid, image_reference(&facts, false));
        }
    }
    let series = series.into_iter().map(|(series, images)| {
        DataSet::default().sequence(tag::REFERENCED_SOP, images.into_values()).text(
            tag::SERIES,
            "UI",
            series,
        )
    });
    DataSet::default().sequence(tag::REFERENCED_SERIES, series).text(
        tag::STUDY,
        "UI",
        &study.study_instance_uid,
    )
}

fn content(source: &ReportSource<'_>, groups: Vec<DataSet>) -> DataSet {
    let language: Code = match source.language {
        "fr" => ["fr", "RFC5646", "French"],
        _ => ["en", "RFC5646", "English"],
    };
    let device = source.uid(3);
    let items = vec![
        coded(
            "HAS CONCEPT MOD",
            ["121049", "DCM", "Language of Content Item and Descendants"],
            language,
        ),
        coded("HAS OBS CONTEXT", ["121005", "DCM", "Observer Type"], ["121007", "DCM", "Device"]),
        uid("HAS OBS CONTEXT", ["121012", "DCM", "Device Observer UID"], &device),
        coded(
            "HAS CONCEPT MOD",
            ["121058", "DCM", "Procedure reported"],
            ["363679005", "SCT", "Imaging procedure"],
        ),
        container(["126010", "DCM", "Imaging Measurements"], "", groups),
    ];
    let of_template = DataSet::default().text(tag::MAPPING_RESOURCE, "CS", "DCMR").text(
        tag::TEMPLATE,
        "CS",
        "1500",
    );
    DataSet::default().sequence(tag::CONTENT_TEMPLATE, [of_template]).sequence(tag::CONTENT, items)
}
