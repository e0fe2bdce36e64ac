//! Manifests as boxes write them: the accession number in the request, addresses by series, padded with line breaks.

use dicom_core::value::DataSetSequence;
use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_dictionary_std::tags;
use dicom_object::{FileMetaTableBuilder, InMemDicomObject};
use negatoscope_phantom::{Exam, SeriesFiles};

const KEY_OBJECT_SELECTION: &str = "1.2.840.10008.5.1.4.1.1.88.59";

/// A manifest of a whole exam, to be changed.
pub(crate) struct Manifest<'a> {
    pub(crate) exam: &'a Exam,
    pub(crate) kos: &'a str,
    pub(crate) number: u32,
    /// Root of the addresses, by position of the series; none where it is empty.
    pub(crate) addresses: Vec<String>,
    /// SOP Instance UIDs that it does not list.
    pub(crate) without: Vec<String>,
}

impl<'a> Manifest<'a> {
    pub(crate) fn new(exam: &'a Exam, kos: &'a str, address: &str) -> Self {
        let addresses = vec![address.to_owned(); exam.series.len()];
        Self { exam, kos, number: 1, addresses, without: Vec::new() }
    }

    /// As a DICOM file.
    pub(crate) fn write(&self) -> Vec<u8> {
        let exam = self.exam;
        let series = self.exam.series.iter().zip(&self.addresses);
        let evidence = vec![InMemDicomObject::from_element_iter([
            text(tags::STUDY_INSTANCE_UID, VR::UI, &exam.study_instance_uid),
            sequence(
                tags::REFERENCED_SERIES_SEQUENCE,
                series.map(|(series, address)| self.series(series, address)).collect(),
            ),
        ])];
        let object = InMemDicomObject::from_element_iter([
            text(tags::SOP_CLASS_UID, VR::UI, KEY_OBJECT_SELECTION),
            text(tags::SOP_INSTANCE_UID, VR::UI, self.kos),
            text(tags::STUDY_INSTANCE_UID, VR::UI, &exam.study_instance_uid),
            text(tags::SERIES_INSTANCE_UID, VR::UI, "1.2.250.1.98"),
            text(tags::MODALITY, VR::CS, "KO"),
            text(tags::INSTANCE_NUMBER, VR::IS, &self.number.to_string()),
            text(tags::ACCESSION_NUMBER, VR::SH, ""),
            text(tags::PATIENT_NAME, VR::PN, &format!("{}^{}", exam.birth_name, exam.given_name)),
            text(tags::PATIENT_ID, VR::LO, &exam.patient_id),
            text(tags::PATIENT_BIRTH_DATE, VR::DA, &exam.birth_date),
            text(tags::PATIENT_SEX, VR::CS, &exam.sex),
            text(tags::SPECIFIC_CHARACTER_SET, VR::CS, "ISO_IR 192"),
            sequence(tags::CONCEPT_NAME_CODE_SEQUENCE, vec![title()]),
            sequence(tags::REFERENCED_REQUEST_SEQUENCE, vec![self.request()]),
            sequence(tags::CURRENT_REQUESTED_PROCEDURE_EVIDENCE_SEQUENCE, evidence),
        ]);
        let meta = FileMetaTableBuilder::new()
            .media_storage_sop_class_uid(KEY_OBJECT_SELECTION)
            .media_storage_sop_instance_uid(self.kos)
            .transfer_syntax("1.2.840.10008.1.2.1");
        let mut bytes = Vec::new();
        object.with_meta(meta).unwrap().write_all(&mut bytes).unwrap();
        bytes
    }

    fn request(&self) -> InMemDicomObject {
        InMemDicomObject::from_element_iter([
            text(tags::STUDY_INSTANCE_UID, VR::UI, &self.exam.study_instance_uid),
            text(tags::ACCESSION_NUMBER, VR::SH, &self.exam.accession_number),
        ])
    }

    fn series(&self, series: &SeriesFiles, address: &str) -> InMemDicomObject {
        let listed = series.sop_instance_uids.iter().zip(&series.files).zip(1..);
        let listed = listed.filter(|((uid, _), _)| !self.without.contains(uid));
        let references = listed.map(|((uid, file), number)| {
            let object = dicom_object::open_file(file).unwrap();
            let class = object.meta().media_storage_sop_class_uid().to_owned();
            InMemDicomObject::from_element_iter([
                text(tags::REFERENCED_SOP_CLASS_UID, VR::UI, class.trim_end_matches('\0')),
                text(tags::REFERENCED_SOP_INSTANCE_UID, VR::UI, uid),
                text(tags::INSTANCE_NUMBER, VR::IS, &u32::to_string(&number)),
            ])
        });
        let mut item = InMemDicomObject::from_element_iter([
            text(tags::SERIES_INSTANCE_UID, VR::UI, &series.series_instance_uid),
            sequence(tags::REFERENCED_SOP_SEQUENCE, references.collect()),
        ]);
        if !address.is_empty() {
            let (study, series) = (&self.exam.study_instance_uid, &series.series_instance_uid);
            let address = format!("{address}/studies/{study}/series/{series}\n          ");
            item.put(text(tags::RETRIEVE_URL, VR::UR, &address));
        }
        item
    }
}

fn title() -> InMemDicomObject {
    InMemDicomObject::from_element_iter([
        text(tags::CODE_VALUE, VR::SH, "113030"),
        text(tags::CODING_SCHEME_DESIGNATOR, VR::SH, "DCM"),
        text(tags::CODE_MEANING, VR::LO, "Manifest"),
    ])
}

fn text(tag: Tag, vr: VR, text: &str) -> DataElement<InMemDicomObject> {
    DataElement::new(tag, vr, PrimitiveValue::from(text))
}

fn sequence(tag: Tag, items: Vec<InMemDicomObject>) -> DataElement<InMemDicomObject> {
    DataElement::new(tag, VR::SQ, DataSetSequence::from(items))
}
